//! One change of the stored log by somebody who has the database in his hands.

use std::fmt::Write as _;

use rand_chacha::rand_core::RngCore;
use sea_orm::DbBackend;
use zhengxin::store::LoggedEntry;

use super::{ENTRIES, STATED, Victim, WITNESSED};

/// What one mutation did: its statements, the places of which one must be named, and whether it needs a
/// checkpoint that was kept elsewhere to be found.
pub(super) struct Mutation {
    pub(super) what: String,
    pub(super) sql: Vec<String>,
    pub(super) named: std::ops::RangeInclusive<i64>,
    pub(super) needs_outside: bool,
}

impl Victim {
    pub(super) fn below(&mut self, end: i64) -> i64 {
        (self.luck.next_u64() % end as u64) as i64
    }

    /// Bytes as SQL writes them, with one bit of them flipped, or one byte too many or too few.
    fn spoilt(&mut self, bytes: &[u8]) -> String {
        let mut bytes = bytes.to_vec();
        match self.below(8) {
            0 => bytes.push(0),
            1 => drop(bytes.pop()),
            _ => {
                let at = self.below(bytes.len() as i64) as usize;
                bytes[at] ^= 1 << self.below(8);
            }
        }
        self.bytes(&bytes)
    }

    pub(super) fn bytes(&self, bytes: &[u8]) -> String {
        let hex = bytes.iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        match self.hand.get_database_backend() {
            DbBackend::Postgres => format!("'\\x{hex}'::bytea"),
            _ => format!("x'{hex}'"),
        }
    }

    pub(super) fn mutation(&mut self) -> Mutation {
        let is_postgres = self.hand.get_database_backend() == DbBackend::Postgres;
        let at = self.below(ENTRIES);
        let row = self.rows[at as usize].clone();
        let of = |what: &str, sql: Vec<String>| Mutation {
            what: format!("{what} at {at}"),
            sql,
            named: at..=at,
            needs_outside: false,
        };
        let set = |what: &str| vec![format!("UPDATE audit_entry SET {what} WHERE seq = {at}")];
        match self.below(32) {
            0..=4 => {
                let record = self.spoilt(&row.record);
                of("record", set(&format!("record = {record}")))
            }
            5 => {
                let leaf = self.spoilt(&row.leaf);
                of("leaf", set(&format!("leaf = {leaf}")))
            }
            6 => {
                let chain = self.spoilt(&row.chain);
                of("link", set(&format!("chain = {chain}")))
            }
            7 => {
                let id = self.spoilt(&row.id);
                of("id", set(&format!("id = {id}")))
            }
            8 => {
                let columns = ["subject", "issuer", "role", "action", "outcome"];
                let column = columns[self.below(5) as usize];
                of(column, set(&format!("{column} = 'another'")))
            }
            9 => of("time", set("at = '2020-01-01 00:00:00+00:00'")),
            10 => of(
                "deleted",
                vec![format!("DELETE FROM audit_entry WHERE seq = {at}")],
            ),
            11 => self.swapped(at),
            12 => self.inserted(at),
            13 => of(
                "another body",
                vec![format!(
                    "UPDATE audit_object SET agency_id = -agency_id - 1 WHERE seq = {at}"
                )],
            ),
            14 => of(
                "one body more",
                vec![format!(
                    "INSERT INTO audit_object (agency_id, seq) VALUES (-9, {at})"
                )],
            ),
            15 => of(
                "no body",
                vec![format!("DELETE FROM audit_object WHERE seq = {at}")],
            ),
            16 => self.payload(at, "is another", "UPDATE audit_payload SET payload = x"),
            22 => self.payload(at, "is gone", "DELETE FROM audit_payload"),
            23 => self.payload(at, "has another salt", "UPDATE audit_payload SET salt = x"),
            24 => self.payload(at, "is of another", "UPDATE audit_payload SET id = x"),
            25 => {
                let bytes = self.bytes(b"nobody's id here");
                let sql = "INSERT INTO audit_payload (id, salt, payload) VALUES";
                self.behind(
                    "a payload of nobody",
                    format!("{sql} ({bytes}, {bytes}, {bytes})"),
                )
            }
            // On SQLite nobody waits in this file, unless somebody put him there.
            26 if !is_postgres => {
                let bytes = self.bytes(b"nobody's id here");
                let sql =
                    format!("INSERT INTO audit_pending (id, record) VALUES ({bytes}, {bytes})");
                self.behind("who waits is nobody", sql)
            }
            27 if !is_postgres => {
                let bytes = self.bytes(&[7; 16]);
                let sql = "INSERT INTO audit_pending (id, record)";
                let sql = format!("{sql} SELECT {bytes}, record FROM audit_entry WHERE seq = {at}");
                self.behind("who is in the log waits under another id", sql)
            }
            26 => {
                let own = "SELECT id FROM audit_payload";
                let sql = format!("DELETE FROM audit_pending WHERE id IN ({own})");
                self.behind("who waits is gone, and his payload is not", sql)
            }
            27 => {
                let bytes = self.bytes(&[7; 16]);
                let first = "SELECT id FROM audit_pending ORDER BY id LIMIT 1";
                let sql = format!("UPDATE audit_pending SET id = {bytes} WHERE id = ({first})");
                self.behind("who waits bears another id", sql)
            }
            28 => {
                let sql =
                    "UPDATE audit_witnessed SET note = replace(note, 'time 2026', 'time 2025')";
                Mutation {
                    what: "what a witness signed".to_owned(),
                    sql: vec![sql.to_owned()],
                    named: WITNESSED..=WITNESSED,
                    needs_outside: false,
                }
            }
            29 => {
                let size = [WITNESSED - 1, WITNESSED + 1, ENTRIES + 9][self.below(3) as usize];
                Mutation {
                    what: format!("a witness signed of {size}"),
                    sql: vec![format!("UPDATE audit_witnessed SET size = {size}")],
                    named: size.min(ENTRIES)..=size.min(ENTRIES),
                    needs_outside: false,
                }
            }
            17 => {
                let stated = STATED[self.below(3) as usize];
                let sql = format!(
                    "UPDATE audit_checkpoint SET note = replace(note, 'time 2026', 'time 2025') WHERE size = {stated}"
                );
                Mutation {
                    what: format!("checkpoint {stated}"),
                    sql: vec![sql],
                    named: stated..=stated,
                    needs_outside: false,
                }
            }
            30 => {
                let stated = STATED[self.below(3) as usize];
                let at = "'2020-01-01 00:00:00+00:00'";
                Mutation {
                    what: format!("the time of checkpoint {stated}"),
                    sql: vec![format!(
                        "UPDATE audit_checkpoint SET at = {at} WHERE size = {stated}"
                    )],
                    named: stated..=stated,
                    needs_outside: false,
                }
            }
            // Those before it are stated by it, too.
            31 => {
                let sql = format!("DELETE FROM audit_checkpoint WHERE size = {ENTRIES}");
                self.behind("the last checkpoint is gone", sql)
            }
            18 => of(
                "the end is gone",
                vec![format!("DELETE FROM audit_entry WHERE seq >= {at}")],
            ),
            19 => {
                let mut mutation = self.rolled_back(at);
                mutation
                    .sql
                    .push(format!("DELETE FROM audit_checkpoint WHERE size > {at}"));
                // Either shows it: what is kept elsewhere, and what is kept beside the key.
                mutation.needs_outside = self.below(2) == 0;
                mutation.what = format!("rolled back to {at}");
                mutation
            }
            20 => self.rolled_back(at),
            _ => self.rewritten(at),
        }
    }

    /// Something about the payload of an entry that has one; `x` stands for sixteen other bytes.
    fn payload(&self, at: i64, what: &str, sql: &str) -> Mutation {
        let commits = |row: &&LoggedEntry| {
            let entry = domain::audit::Entry::decode(&row.record);
            entry.is_ok_and(|entry| entry.commitment.is_some())
        };
        let row = self.rows.iter().filter(commits).nth(at as usize % 6);
        let row = row.expect("two of eight commit to something");
        let sql = sql.replace("= x", &format!("= {}", self.bytes(b"sixteen bytes, x")));
        let id = self.bytes(&row.id);
        Mutation {
            what: format!("the payload at {} {what}", row.seq),
            sql: vec![format!("{sql} WHERE id = {id}")],
            named: row.seq..=row.seq,
            needs_outside: false,
        }
    }

    /// Something behind the log's end.
    fn behind(&self, what: &str, sql: String) -> Mutation {
        Mutation {
            what: what.to_owned(),
            sql: vec![sql],
            named: ENTRIES..=ENTRIES,
            needs_outside: false,
        }
    }
}
