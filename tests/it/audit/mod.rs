//! The audit log: what becomes durable, what is told of it, and that nobody changes it unseen.

mod commands;
mod killed;
mod lag;
mod log;
mod tamper;
mod told;

use domain::{
    audit::{Action, EntryId},
    revocation::{Revocation, Revoked},
    viewer::{Role, Viewer},
};
use sea_orm::{ConnectOptions, Database, DatabaseConnection};
use zhengxin::{
    app::{open_audit, open_store},
    audit::{Audit, Draft},
    clock::Clock,
    config::Config,
    store::Store,
};

use crate::support::{Db, moment};

/// The log of a fresh database, and its store.
async fn audit_on(db: &Db, change: impl FnOnce(&mut Config)) -> (Audit, Store) {
    let mut config = Config::default();
    config.database.data = db.folder().to_owned();
    config.database.url = Some(db.url());
    change(&mut config);
    let store = open_store(&config).await.expect("it opens");
    let clock = Clock::of(|| moment("2026-11-20"));
    let audit = open_audit(&config, store.clone(), clock).expect("there is a key");
    (audit, store)
}

/// The same log as a process sees it on another day.
fn on_day(db: &Db, store: &Store, day: &'static str) -> Audit {
    let mut config = Config::default();
    config.database.data = db.folder().to_owned();
    config.database.url = Some(db.url());
    let clock = Clock::of(move || moment(day));
    open_audit(&config, store.clone(), clock).expect("there is a key")
}

/// Somebody with the log's file in his hands.
async fn hand(db: &Db) -> DatabaseConnection {
    let url = match db {
        Db::Sqlite(folder) => format!("sqlite://{}", folder.path().join("audit.db").display()),
        Db::Postgres(url, _) => url.clone(),
    };
    let mut options = ConnectOptions::new(url);
    options
        .min_connections(1)
        .max_connections(1)
        .sqlx_logging(false);
    let hand = Database::connect(options).await;
    hand.expect("the database opens")
}

/// The n-th of some made-up entries.
fn draft(n: usize) -> Draft {
    let viewer = Viewer {
        issuer: Some("https://issuer.example".to_owned()),
        subject: format!("u-{}", n % 7),
        role: Role::Authority,
        divisions: vec!["440100".parse().expect("a division")],
        ..Viewer::public()
    };
    Draft {
        agencies: vec![n as i64 % 3, 100 + n as i64 % 5],
        purpose: Some("sanction".to_owned()),
        request: format!("{n:016x}"),
        ..Draft::by(&viewer, Action::Read, format!("Clue.content {n}"))
    }
}

/// A change that carries the n-th entry.
async fn change(audit: &Audit, store: &Store, n: usize) {
    let (store, own) = audit.accompany(store, draft(n)).expect("it can be kept");
    let at = moment("2026-11-20");
    let revocation = Revocation {
        what: Revoked::Token(n.to_string()),
        at,
        by: "test".to_owned(),
        reason: None,
    };
    store.revoke(&revocation, at).await.expect("it is revoked");
    assert!(own.is_durable());
}

/// Writes so many entries down, as many at once as there are, and puts them into the log.
async fn write(audit: &Audit, count: usize) -> Vec<EntryId> {
    let writes = (0..count).map(|n| {
        let payload = (n % 4 == 0).then(|| format!("{{\"n\":{n}}}").into_bytes());
        audit.record(draft(n), payload)
    });
    let written = futures_util::future::join_all(writes).await;
    let ids = written
        .into_iter()
        .map(|id| id.expect("it is durable"))
        .collect();
    audit.integrate().await.expect("it is put together");
    ids
}
