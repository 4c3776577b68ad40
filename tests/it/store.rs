//! The store: its schema on both databases, and what outlives whom.

use std::collections::HashSet;

use domain::run::RunCounts;
use sea_orm::{ConnectOptions, ConnectionTrait, DbBackend, Statement};
use zhengxin::store::{Closing, Error, NewRun, Store};

use crate::support::{Db, Hub, count, made, moment, on_both, state, zhengxin};

/// Tables with their columns and whether these may be empty.
async fn columns(db: &Db) -> Vec<(String, String, bool)> {
    Store::open(&db.url())
        .await
        .expect("it opens")
        .migrate()
        .await
        .expect("it is empty");
    let connection = db.connect().await;
    let sql = match connection.get_database_backend() {
        DbBackend::Postgres => {
            "SELECT table_name, column_name, CASE is_nullable WHEN 'YES' THEN 1 ELSE 0 END::bigint \
             FROM information_schema.columns WHERE table_schema = current_schema()"
        }
        _ => {
            "SELECT m.name, p.name, CASE WHEN p.\"notnull\" = 0 AND p.pk = 0 THEN 1 ELSE 0 END \
             FROM sqlite_master m JOIN pragma_table_info(m.name) p \
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'"
        }
    };
    let rows = connection
        .query_all_raw(Statement::from_string(
            connection.get_database_backend(),
            sql,
        ))
        .await;
    let mut columns: Vec<_> = rows
        .expect("a catalogue")
        .iter()
        .map(|row| {
            let text = |at: usize| row.try_get_by_index::<String>(at).expect("a name");
            (
                text(0),
                text(1),
                row.try_get_by_index::<i64>(2).expect("a number") == 1,
            )
        })
        .filter(|(table, ..)| table != "seaql_migrations")
        .collect();
    columns.sort();
    columns
}

#[tokio::test]
async fn the_schema_is_the_same_on_both_databases() {
    let sqlite = columns(&Db::sqlite()).await;
    assert!(sqlite.len() > 80, "{sqlite:#?}");
    if let Some(postgres) = Db::postgres() {
        assert_eq!(columns(&postgres).await, sqlite);
    }
}

#[tokio::test]
async fn the_embedded_database_is_set_up_to_be_durable() {
    let db = Db::sqlite();
    let store = Store::open(&db.url()).await.expect("it opens");
    let settings = store.settings().await.expect("it answers");
    assert_eq!(settings.len(), 4, "{settings:?}");
    assert!(
        settings.iter().all(|(_, _, is_good)| *is_good),
        "{settings:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn several_processes_may_bring_the_schema_up_to_date_at_once() {
    on_both(async |db| {
        for _ in 0..3 {
            let db = db.another();
            let (url, data) = (db.url(), db.folder().display().to_string());
            let migrate = || {
                let program = zhengxin(["migrate", "--database-url", &url, "--data", &data]);
                std::thread::spawn(|| program.run())
            };
            let running: Vec<_> = (0..4).map(|_| migrate()).collect();
            for ran in running {
                ran.join().expect("it ran").ended(0);
            }
        }
    })
    .await;
}

/// SQLite refuses at once to turn a file to its write-ahead log while somebody else is writing it.
#[tokio::test]
async fn a_file_that_another_process_holds_is_waited_for() {
    let db = Db::sqlite();
    let file = db.folder().join("zhengxin.db");
    let mut options = ConnectOptions::new(format!("sqlite://{}?mode=rwc", file.display()));
    options.max_connections(1);
    let holder = sea_orm::Database::connect(options).await.expect("it opens");
    let run = async |sql| holder.execute_unprepared(sql).await.expect("it runs");
    run("BEGIN IMMEDIATE").await;

    let url = db.url();
    let mut opening = std::pin::pin!(Store::open(&url));
    let patience = std::time::Duration::from_millis(200);
    let early = tokio::time::timeout(patience, &mut opening).await;
    assert!(early.is_err(), "it waits: {:?}", early.map(|_| ()));

    run("COMMIT").await;
    let store = opening.await.expect("it opens when the other has ended");
    store.migrate().await.expect("it is empty");
}

#[tokio::test]
async fn an_address_of_no_known_kind_is_refused_without_its_password() {
    for url in ["mysql://hub:geheim@localhost/zhengxin", "zhengxin.db"] {
        let Err(error) = Store::open(url).await else {
            panic!("{url} is no address of ours")
        };
        assert!(matches!(error, Error::Address { .. }), "{error:?}");
        assert!(
            !format!("{error} {error:?}").contains("geheim"),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn a_run_that_was_interrupted_is_told_as_failed_by_the_one_after_it() {
    on_both(async |db| {
        let hub = Hub::on(&db).await;
        let run = NewRun {
            reread_of: None,
            source: "court_debtors".to_owned(),
            feed: "default".to_owned(),
            is_full: true,
            data_as_of: moment("2026-11-20"),
            started_at: moment("2026-11-20"),
            place: None,
            files: Vec::new(),
        };
        let delivery = hub.app.store.begin_delivery(&run).await.expect("it begins");
        let interrupted = delivery.run_id;
        drop(delivery);
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
        // PostgreSQL notices that a session is gone a moment later.
        let next = loop {
            match hub.app.store.begin_delivery(&run).await {
                Ok(delivery) => break delivery,
                Err(error) => assert!(std::time::Instant::now() < deadline, "{error}"),
            }
        };
        next.close(
            Closing {
                counts: RunCounts::default(),
                covers: &[],
                seen: &HashSet::new(),
                checkpoints: &Default::default(),
            },
            moment("2026-11-20"),
        )
        .await
        .expect("it closes");
        let query =
            "{ sources { key runs { totalCount edges { node { state message endedAt } } } } }";
        let data = hub
            .data(
                Some(&hub.token(domain::viewer::Role::Operator, &[], None)),
                query,
            )
            .await;
        let sources = data["sources"].as_array().expect("sources");
        let court = sources
            .iter()
            .find(|source| source["key"] == "court_debtors")
            .expect("it is described");
        let states: Vec<_> = court["runs"]["edges"]
            .as_array()
            .expect("runs")
            .iter()
            .map(|edge| &edge["node"])
            .collect();
        assert_eq!(states.len(), 2, "{court:#}");
        assert_eq!(
            (states[0]["state"].as_str(), states[1]["state"].as_str()),
            (Some("DONE"), Some("FAILED"))
        );
        assert!(
            states[1]["message"]
                .as_str()
                .is_some_and(|why| why.contains("interrupted")),
            "{court:#}"
        );
        let sql =
            format!("SELECT COUNT(*) FROM run WHERE id = {interrupted} AND ended_at IS NOT NULL");
        assert_eq!(count(&hub, &sql).await, 1);
    })
    .await;
}

/// A delivery that is killed after it was closed and before it noted what it saw is a delivery like
/// any other: what it listed is listed, whatever an older one says afterwards.
#[tokio::test]
async fn what_a_closed_delivery_listed_stands_against_an_older_one_even_if_its_seeing_was_not_noted()
 {
    on_both(async |db| {
        let hub = Hub::on(&db).await;
        hub.ingest(
            "agency_register",
            &[(
                "register.csv",
                &made::register(&[made::body(1, "佛山市样例局", "440600")]),
            )],
            |_| {},
        )
        .await;
        let listing = made::listing(1, "佛山市样例局");
        let deliver = async |day: &str, listing: &made::Listing| {
            let list = made::court_jsonl(std::slice::from_ref(listing));
            let report = hub
                .ingest("court_debtors", &[("list.jsonl", &list)], |order| {
                    order.as_of = Some(moment(day))
                })
                .await;
            assert!(report.change.is_some(), "{report:#?}");
        };
        deliver("2026-11-01", &listing).await;
        // The newest one lists it as before, and ends between closing and noting.
        let run = NewRun {
            reread_of: None,
            source: "court_debtors".to_owned(),
            feed: "default".to_owned(),
            is_full: true,
            data_as_of: moment("2026-11-10"),
            started_at: moment("2026-11-20"),
            place: None,
            files: Vec::new(),
        };
        let newest = hub.app.store.begin_delivery(&run).await.expect("it begins");
        let covers = ["credit_record".to_owned()];
        let counts = RunCounts {
            received: 1,
            unchanged: 1,
            ..RunCounts::default()
        };
        newest
            .close(
                Closing {
                    counts,
                    covers: &covers,
                    seen: &HashSet::new(),
                    checkpoints: &Default::default(),
                },
                moment("2026-11-20"),
            )
            .await
            .expect("it closes");
        let before = state(&hub).await;
        assert!(before.contains("ACTIVE"), "{before}");
        // One of a day between them says the same, and otherwise.
        deliver("2026-11-05", &listing).await;
        assert_eq!(state(&hub).await, before);
        deliver("2026-11-05", &listing.published("2020-01-01")).await;
        assert_eq!(state(&hub).await, before);
    })
    .await;
}
