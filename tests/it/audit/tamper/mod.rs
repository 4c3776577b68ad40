//! Somebody with the database in his hands: whatever he changes in the stored log is found, and the
//! first bad entry is named.

mod beside;
mod growing;
mod mutation;
mod rewriting;
mod signed;

use std::fmt::Write as _;

use domain::audit::Checkpoint;
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend};
use zhengxin::{
    audit::{Audit, Fault, Verified},
    store::{LoggedEntry, Store},
};

use super::{
    audit_on, draft, hand,
    lag::{WITNESS, witness},
    write,
};
use crate::support::Db;
use mutation::Mutation;

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
/// So many more wait for their places, the first of which commits to something: on PostgreSQL, as on SQLite who waits
/// stands in the file of the changes.
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
        let hand = hand(db).await;
        let waiting = match hand.get_database_backend() {
            DbBackend::Postgres => WAITING,
            _ => 0,
        };
        for n in 0..waiting {
            let payload = (n == 0).then(|| b"{\"n\":0}".to_vec());
            audit
                .record(draft(n), payload)
                .await
                .expect("it is durable");
        }
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
