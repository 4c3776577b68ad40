//! Somebody with the database in his hands: whatever he changes in the stored log is found, and the
//! first bad entry is named.

use std::fmt::Write as _;

use domain::audit::{Checkpoint, Frontier, HashKind, ZERO};
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore, SeedableRng},
};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend};
use zhengxin::{
    audit::{Audit, Fault, Verified},
    store::{LoggedEntry, Store},
};

use super::{audit_on, write};
use crate::support::{Db, on_both};

const ENTRIES: i64 = 24;
/// After so many entries each a checkpoint was signed.
const STATED: [i64; 3] = [8, 16, 24];
const TABLES: [&str; 6] = [
    "audit_entry",
    "audit_object",
    "audit_node",
    "audit_head",
    "audit_checkpoint",
    "audit_payload",
];

/// A stored log, the hand that changes it, and what it was.
struct Victim {
    audit: Audit,
    store: Store,
    hand: DatabaseConnection,
    rows: Vec<LoggedEntry>,
    outside: Checkpoint,
    luck: ChaCha8Rng,
}

/// What one mutation did: its statements, the places of which one must be named, and whether it needs a
/// checkpoint that was kept elsewhere to be found.
struct Mutation {
    what: String,
    sql: Vec<String>,
    named: std::ops::RangeInclusive<i64>,
    needs_outside: bool,
}

impl Victim {
    async fn on(db: &Db, seed: u64) -> Self {
        let (audit, store) = audit_on(db, |_| {}).await;
        for _ in STATED {
            write(&audit, 8).await;
            audit.checkpoint(true).await.expect("it is sound");
        }
        let note = audit
            .last_checkpoint()
            .await
            .expect("it is read")
            .expect("there is one");
        let url = match db {
            Db::Sqlite(folder) => format!("sqlite://{}", folder.path().join("audit.db").display()),
            Db::Postgres(url, _) => url.clone(),
        };
        let mut options = ConnectOptions::new(url);
        options
            .min_connections(1)
            .max_connections(1)
            .sqlx_logging(false);
        let hand = Database::connect(options)
            .await
            .expect("the database opens");
        let victim = Self {
            rows: store.list_audit(0, 1_000).await.expect("it is read"),
            outside: Checkpoint::parse(&note.body).expect("a checkpoint"),
            audit,
            store,
            hand,
            luck: ChaCha8Rng::seed_from_u64(seed),
        };
        if victim.hand.get_database_backend() != DbBackend::Postgres {
            victim.run(&["PRAGMA synchronous = OFF".to_owned()]).await;
        }
        let save =
            TABLES.map(|table| format!("CREATE TEMP TABLE saved_{table} AS SELECT * FROM {table}"));
        victim.run(&save).await;
        victim
    }

    async fn run(&self, sql: &[String]) {
        for one in sql {
            let ran = self.hand.execute_unprepared(one).await;
            ran.unwrap_or_else(|error| panic!("{one}: {error}"));
        }
    }

    /// Puts the tables back that these statements touched.
    async fn restore(&self, sql: &[String]) {
        let mut all = String::from("BEGIN;");
        for table in TABLES
            .iter()
            .filter(|table| sql.iter().any(|one| one.contains(*table)))
        {
            let _ = write!(
                all,
                "DELETE FROM {table}; INSERT INTO {table} SELECT * FROM saved_{table};"
            );
        }
        self.run(&[all + "COMMIT;"]).await;
    }

    async fn verify(&self, outside: bool) -> Result<Verified, Fault> {
        let outside = outside.then_some(&self.outside);
        self.audit.verify(outside).await.expect("it is read")
    }

    fn below(&mut self, end: i64) -> i64 {
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

    fn bytes(&self, bytes: &[u8]) -> String {
        let hex = bytes.iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        match self.hand.get_database_backend() {
            DbBackend::Postgres => format!("'\\x{hex}'::bytea"),
            _ => format!("x'{hex}'"),
        }
    }

    fn mutation(&mut self) -> Mutation {
        let at = self.below(ENTRIES);
        let row = self.rows[at as usize].clone();
        let of = |what: &str, sql: Vec<String>| Mutation {
            what: format!("{what} at {at}"),
            sql,
            named: at..=at,
            needs_outside: false,
        };
        let set = |what: &str| vec![format!("UPDATE audit_entry SET {what} WHERE seq = {at}")];
        match self.below(22) {
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
            16 => {
                let commits = |row: &&LoggedEntry| {
                    let entry = domain::audit::Entry::decode(&row.record);
                    entry.is_ok_and(|entry| entry.commitment.is_some())
                };
                let at = self.rows.iter().filter(commits).nth(at as usize % 6);
                let at = at.expect("two of eight commit to something").seq;
                let sql = format!(
                    "UPDATE audit_payload SET payload = {} WHERE id = {}",
                    self.bytes(b"{}"),
                    self.bytes(&self.rows[at as usize].id)
                );
                Mutation {
                    what: format!("payload at {at}"),
                    sql: vec![sql],
                    named: at..=at,
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
            18 => of(
                "the end is gone",
                vec![format!("DELETE FROM audit_entry WHERE seq >= {at}")],
            ),
            19 => {
                let mut mutation = self.rolled_back(at);
                mutation
                    .sql
                    .push(format!("DELETE FROM audit_checkpoint WHERE size > {at}"));
                mutation.needs_outside = true;
                mutation.what = format!("rolled back to {at}");
                mutation
            }
            20 => self.rolled_back(at),
            _ => self.rewritten(at),
        }
    }

    /// Two entries in each other's places.
    fn swapped(&mut self, at: i64) -> Mutation {
        let other = (at + 1 + self.below(ENTRIES - 1)) % ENTRIES;
        let (first, last) = (at.min(other), at.max(other));
        let moves = [(first, -1_i64), (last, first), (-1, last)];
        let sql =
            moves.map(|(from, to)| format!("UPDATE audit_entry SET seq = {to} WHERE seq = {from}"));
        Mutation {
            what: format!("{first} and {last} swapped"),
            sql: sql.into(),
            named: first..=first,
            needs_outside: false,
        }
    }

    /// A foreign entry in this place, well made and well chained, and all others one place on.
    fn inserted(&mut self, at: i64) -> Mutation {
        let mut entry =
            domain::audit::Entry::decode(&self.rows[at as usize].record).expect("a record");
        entry.id.0[15] ^= 0xff;
        entry.agencies.clear();
        let record = entry.encode();
        let kind = HashKind::Sha256;
        let leaf = kind.leaf(&record);
        let before = match at {
            0 => ZERO,
            _ => self.rows[at as usize - 1]
                .chain
                .clone()
                .try_into()
                .expect("a link"),
        };
        let chain = kind.chain(&before, &leaf);
        let [id, record, leaf, chain] =
            [&entry.id.0[..], &record, &leaf, &chain].map(|bytes| self.bytes(bytes));
        let sql = vec![
            format!("UPDATE audit_entry SET seq = -seq - 1 WHERE seq >= {at}"),
            "UPDATE audit_entry SET seq = -seq WHERE seq < 0".to_owned(),
            format!("UPDATE audit_object SET seq = -seq - 1 WHERE seq >= {at}"),
            "UPDATE audit_object SET seq = -seq WHERE seq < 0".to_owned(),
            format!(
                "INSERT INTO audit_entry (seq, id, record, leaf, chain, at, subject, issuer, role, action, outcome) \
                 SELECT {at}, {id}, {record}, {leaf}, {chain}, at, subject, issuer, role, action, outcome \
                 FROM saved_audit_entry WHERE seq = {at}"
            ),
        ];
        // It is as good as any by itself; who comes behind it does not follow it, or the next checkpoint
        // states another log than the last one did.
        let first = if at % 8 == 7 { at - 7 } else { at };
        Mutation {
            what: format!("inserted at {at}"),
            sql,
            named: first..=at + 1,
            needs_outside: false,
        }
    }

    /// The log as it was when it had so many entries, its head with it.
    fn rolled_back(&self, size: i64) -> Mutation {
        let (mut frontier, mut chain) = (Frontier::default(), ZERO);
        for row in &self.rows[..size as usize] {
            let leaf = HashKind::Sha256.leaf(&row.record);
            chain = HashKind::Sha256.chain(&chain, &leaf);
            frontier.push(HashKind::Sha256, leaf, |_, _, _| {});
        }
        let sql = vec![
            format!("DELETE FROM audit_entry WHERE seq >= {size}"),
            format!("DELETE FROM audit_object WHERE seq >= {size}"),
            self.head(&frontier, &chain),
        ];
        Mutation {
            what: format!("its head, too, at {size}"),
            sql,
            named: size..=size,
            needs_outside: false,
        }
    }

    fn head(&self, frontier: &Frontier, chain: &[u8; 32]) -> String {
        format!(
            "UPDATE audit_head SET size = {}, chain = {}, peaks = {}",
            frontier.size(),
            self.bytes(chain),
            self.bytes(&frontier.peaks().concat())
        )
    }

    /// Another entry, and all hashes behind it made anew: only checkpoints tell.
    fn rewritten(&mut self, at: i64) -> Mutation {
        let (mut frontier, mut chain, mut sql) = (Frontier::default(), ZERO, Vec::new());
        for (place, row) in (0..).zip(&self.rows) {
            let mut record = row.record.clone();
            if place == at {
                let mut entry = domain::audit::Entry::decode(&record).expect("a record");
                entry.object.push('!');
                record = entry.encode();
            }
            let leaf = HashKind::Sha256.leaf(&record);
            chain = HashKind::Sha256.chain(&chain, &leaf);
            frontier.push(HashKind::Sha256, leaf, |_, _, _| {});
            let [record, leaf, link] = [&record[..], &leaf, &chain].map(|bytes| self.bytes(bytes));
            if place >= at {
                sql.push(format!(
                    "UPDATE audit_entry SET record = {record}, leaf = {leaf}, chain = {link} WHERE seq = {place}"
                ));
            }
        }
        sql.push(self.head(&frontier, &chain));
        // Which of those since the last good checkpoint it was, nobody can know.
        let last = at - at % 8;
        Mutation {
            what: format!("rewritten from {at} on"),
            sql,
            named: last..=last,
            needs_outside: false,
        }
    }

    /// Mutates, verifies and restores so many times; returns how often each kind came.
    async fn suffer(&mut self, times: usize) {
        for n in 0..times {
            let Mutation {
                what,
                sql,
                named,
                needs_outside,
            } = self.mutation();
            self.run(&[format!("BEGIN; {}; COMMIT;", sql.join("; "))])
                .await;
            match self.verify(needs_outside).await {
                Ok(_) => panic!("mutation {n} was not found: {what}\n{sql:#?}"),
                Err(fault) => assert!(
                    named.contains(&fault.seq),
                    "mutation {n}, {what}: expected {named:?}, named {fault}\n{sql:#?}"
                ),
            }
            self.restore(&sql).await;
            if n % 100 == 0 {
                self.verify(true).await.expect("an honest log is sound");
            }
        }
        self.verify(true).await.expect("an honest log is sound");
        assert_eq!(
            self.store.list_audit(0, 1_000).await.expect("it is read"),
            self.rows
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_changed_in_the_stored_log_is_found() {
    let db = Db::sqlite();
    Victim::on(&db, 1).await.suffer(10_000).await;
    if let Some(db) = Db::postgres() {
        Victim::on(&db, 2).await.suffer(200).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_of_the_tree_and_what_stands_behind_the_end_are_verified_too() {
    on_both(async |db| {
        let (audit, _) = audit_on(&db, |_| {}).await;
        write(&audit, 600).await;
        let url = match &db {
            Db::Sqlite(folder) => format!("sqlite://{}", folder.path().join("audit.db").display()),
            Db::Postgres(url, _) => url.clone(),
        };
        let hand = Database::connect(url).await.expect("the database opens");
        let fault = async || {
            audit
                .verify(None)
                .await
                .expect("it is read")
                .map(|_| ())
                .expect_err("it is bad")
        };
        let run = async |sql: &str| {
            hand.execute_unprepared(sql).await.expect("it runs");
        };
        run("UPDATE audit_node SET place = 2 WHERE place = 1").await;
        assert_eq!(fault().await.seq, 256);
        run("UPDATE audit_node SET place = 1 WHERE place = 2").await;
        assert_eq!(
            audit
                .verify(None)
                .await
                .expect("it is read")
                .expect("it is sound")
                .entries,
            600
        );
        run("INSERT INTO audit_node SELECT level, 9, hash FROM audit_node WHERE place = 0").await;
        assert_eq!(fault().await.seq, 600);
        run("DELETE FROM audit_node WHERE place = 9").await;
        run("INSERT INTO audit_object (agency_id, seq) VALUES (1, 600)").await;
        assert!(fault().await.reason.contains("behind the log's end"));
        run("DELETE FROM audit_object WHERE seq = 600").await;
        run("DELETE FROM audit_head").await;
        assert_eq!(fault().await.seq, 0, "all of it stands behind the end");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_signed_that_is_not_what_was_hashed() {
    on_both(async |db| {
        let (audit, _) = audit_on(&db, |_| {}).await;
        write(&audit, 20).await;
        audit.checkpoint(true).await.expect("it is sound").expect("it grew");
        write(&audit, 20).await;
        let url = match &db {
            Db::Sqlite(folder) => format!("sqlite://{}", folder.path().join("audit.db").display()),
            Db::Postgres(url, _) => url.clone(),
        };
        let hand = Database::connect(url).await.expect("the database opens");
        let sql = "UPDATE audit_entry SET record = (SELECT record FROM audit_entry WHERE seq = 3) WHERE seq = 31";
        hand.execute_unprepared(sql).await.expect("it runs");
        let refused = audit.checkpoint(true).await.expect_err("it is another log");
        assert!(refused.to_string().contains("entry 31"), "{refused}");
        let note = audit.last_checkpoint().await.expect("it is read").expect("there is one");
        assert_eq!(Checkpoint::parse(&note.body).expect("a checkpoint").size, 20);
    })
    .await;
}
