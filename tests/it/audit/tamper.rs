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

use super::{
    audit_on, draft,
    lag::{WITNESS, witness},
    on_day, write,
};
use crate::support::{Db, on_both};

const ENTRIES: i64 = 24;
/// After so many entries each a checkpoint was signed.
const STATED: [i64; 3] = [8, 16, 24];
const TABLES: [&str; 8] = [
    "audit_entry",
    "audit_object",
    "audit_node",
    "audit_head",
    "audit_checkpoint",
    "audit_payload",
    "audit_pending",
    "audit_witnessed",
];
/// Of this many entries a witness signed a checkpoint.
const WITNESSED: i64 = 16;
/// So many more wait for their places, the first of which commits to something.
const WAITING: usize = 2;

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
        let (key, public) = witness(db);
        let (audit, store) = audit_on(db, |config| config.audit.keys = vec![public]).await;
        let last = async || {
            let note = audit.last_checkpoint().await.expect("it is read");
            note.expect("there is one")
        };
        for stated in STATED {
            write(&audit, 8).await;
            audit.checkpoint(true).await.expect("it is sound");
            if stated == WITNESSED {
                let cosigned = key.sign(WITNESS, last().await);
                let taken = audit.take_cosigned(&cosigned).await;
                assert_eq!(taken.expect("it is this log"), WITNESSED as u64);
            }
        }
        let note = last().await;
        for n in 0..WAITING {
            let payload = (n == 0).then(|| b"{\"n\":0}".to_vec());
            audit
                .record(draft(n), payload)
                .await
                .expect("it is durable");
        }
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
        match self.below(30) {
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

#[tokio::test(flavor = "multi_thread")]
async fn what_an_entry_commits_to_is_missed_until_its_time_is_over() {
    on_both(async |db| {
        let (audit, store) = audit_on(&db, |_| {}).await;
        let written = write(&audit, 8).await;
        // 1,830 days after 2026-11-20 it need be kept no longer.
        let [last, over] = ["2031-11-24", "2031-11-25"].map(|day| on_day(&db, &store, day));
        // The first and the fifth that were written commit to something; which is the first in the log, chance says.
        let rows = store.list_audit(0, 8).await.expect("it is read");
        let place = |at: usize| rows.iter().position(|row| row.id == written[at].0);
        let mut places = [0, 4].map(|at| place(at).expect("it is in the log") as i64);
        places.sort_unstable();
        let [first, second] = places;
        let told = async |audit: &Audit| audit.verify(None).await.expect("it is read");
        let hand = match &db {
            Db::Sqlite(folder) => format!("sqlite://{}", folder.path().join("audit.db").display()),
            Db::Postgres(url, _) => url.clone(),
        };
        let hand = Database::connect(hand).await.expect("the database opens");
        let sql = format!(
            "DELETE FROM audit_payload WHERE id = (SELECT id FROM audit_entry WHERE seq = {second})"
        );
        hand.execute_unprepared(&sql).await.expect("it runs");
        for audit in [&audit, &last] {
            let fault = told(audit).await.expect_err("it is missing");
            let expected = (second, "its payload is missing before its time");
            assert_eq!((fault.seq, &*fault.reason), expected);
        }
        told(&over).await.expect("its time is over");
        // So it is when the hub itself erases what is over.
        assert_eq!(over.erase().await.expect("it is erased"), 1);
        told(&over).await.expect("its time is over");
        let fault = told(&audit).await.expect_err("the other is missing, too");
        assert_eq!(fault.seq, first);
    })
    .await;
}
