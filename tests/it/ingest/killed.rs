//! The binary, killed in the middle of its work and started again.

use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};

use super::{COURT, REGISTER, town};
use crate::support::{Db, Hub, Ran, leftovers, made, moment, on_both, state, zhengxin};

/// Two batches and a bit.
const ROWS: i64 = 2_600;

fn listings(changed: bool) -> Vec<made::Listing> {
    (1..=ROWS)
        // Within the bounds, some are listed no more.
        .filter(|id| !changed || id % 50 != 0)
        .map(|id| {
            let listing = made::listing(
                id,
                if id % 3 == 0 {
                    "佛山市禅城区不存局"
                } else {
                    "佛山市禅城区样例局"
                },
            );
            if changed {
                listing.published("2025-05-05").duty("另一种说法")
            } else {
                listing
            }
        })
        .collect()
}

/// A hub that knows the town and a long list, on which the next list ends everything.
async fn hub_with_list(db: &Db) -> Hub {
    let hub = Hub::on(db).await;
    let report = hub
        .ingest(
            REGISTER,
            &[("register.csv", &made::register(&town()))],
            |_| {},
        )
        .await;
    assert!(report.change.is_some(), "{report:#?}");
    let report = hub
        .ingest(
            COURT,
            &[("before.jsonl", &made::court_jsonl(&listings(false)))],
            // Before the binary's clock, whatever that says.
            |order| order.as_of = Some(moment("2025-06-01")),
        )
        .await;
    assert!(report.change.is_some(), "{report:#?}");
    hub
}

async fn number(db: &DatabaseConnection, sql: &str) -> i64 {
    let row = db
        .query_one_raw(Statement::from_string(db.get_database_backend(), sql))
        .await;
    row.expect("the database answers")
        .expect("a count")
        .try_get_by_index(0)
        .expect("a number")
}

/// Brings it in to its end; who was killed may still hold its place for a moment.
fn bring_in(arguments: &[String]) -> Ran {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let ran = zhengxin(arguments).run();
        if ran.code == Some(0) || !ran.err.contains("another process") || Instant::now() > deadline
        {
            return ran.ended(0);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ingest_that_is_killed_and_repeated_ends_as_one_that_never_was() {
    on_both(async |db| {
        let expected = {
            let db = db.another();
            let hub = hub_with_list(&db).await;
            let report = hub
                .ingest(COURT, &[("after.jsonl", &made::court_jsonl(&listings(true)))], |order| {
                    order.as_of = Some(moment("2025-06-25"));
                })
                .await;
            assert!(report.change.is_some() && report.counts.withdrawn == ROWS / 50, "{report:#?}");
            (state(&hub).await, hub.told().await)
        };

        let hub = hub_with_list(&db).await;
        let before = (state(&hub).await, hub.told().await);
        let file = db.file("after.jsonl", &made::court_jsonl(&listings(true)));
        let arguments = [
            "ingest", COURT, "--as-of", "2025-06-25", "--database-url", &db.url(), "--data",
            &db.folder().display().to_string(), "--file", &file.display().to_string(),
        ]
        .map(str::to_owned);

        let watch = db.connect().await;
        let staged = "SELECT COUNT(*) FROM evidence WHERE change_from IN (SELECT id FROM change WHERE seq IS NULL AND closed_at IS NULL)";
        let ended = "SELECT COUNT(*) FROM evidence WHERE change_withdrawn IN (SELECT id FROM change WHERE seq IS NULL AND closed_at IS NULL)";
        let running = "SELECT COUNT(*) FROM run WHERE state = 'RUNNING'";
        let runs = "SELECT COUNT(*) FROM run";
        let mut interrupted = 0;
        // As soon as it has begun; in the first batch; later; while the next one takes it back; at the withdrawals.
        for (moment, at_least) in [(running, 1), (staged, 1), (staged, 1_500), (ended, ROWS), (staged, ROWS - 200)] {
            let known = number(&watch, runs).await;
            let mut process = zhengxin(&arguments).start();
            let deadline = Instant::now() + Duration::from_secs(120);
            // What the one before left does not count: it is a run of its own that is waited for.
            while process.is_alive()
                && !(number(&watch, runs).await > known && number(&watch, moment).await >= at_least)
            {
                assert!(Instant::now() < deadline, "it does not come to {at_least} of {moment}");
            }
            process.kill();
            interrupted += number(&watch, running).await;
            if number(&watch, "SELECT COUNT(*) FROM change WHERE seq = 3").await == 0 {
                assert_eq!(state(&hub).await, before.0, "nothing of it is known");
                assert_eq!(Hub::on(&db).await.told().await, before.1, "nothing of it is seen");
            }
        }
        assert!(interrupted >= 3, "only {interrupted} were caught in the middle of their work");

        bring_in(&arguments);
        assert_eq!(number(&watch, running).await, 0);
        watch.close().await.expect("it closes");
        assert_eq!(leftovers(&hub).await, "");
        assert!(state(&hub).await == expected.0, "the state is another one");
        hub.app.live.catch_up().await.expect("the database answers");
        assert!(hub.told().await == expected.1, "clients see something else");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_who_takes_back_and_is_killed_is_taken_back_too() {
    on_both(async |db| {
        let hub = Hub::on(&db).await;
        hub.ingest(
            REGISTER,
            &[("register.csv", &made::register(&town()))],
            |_| {},
        )
        .await;
        let file = db.file("list.jsonl", &made::court_jsonl(&listings(false)));
        let small = db.file("small.jsonl", &made::court_jsonl(&listings(false)[..50]));
        let arguments = |file: &std::path::Path| {
            [
                "ingest",
                COURT,
                "--as-of",
                "2025-06-25",
                "--database-url",
                &db.url(),
                "--data",
                &db.folder().display().to_string(),
                "--file",
                &file.display().to_string(),
            ]
            .map(str::to_owned)
        };
        let watch = db.connect().await;
        let staged = "SELECT COUNT(*) FROM evidence WHERE source = 'court_debtors'";
        let wait = async |process: &mut crate::support::Running,
                          is_so: &(dyn Fn(i64) -> bool + Sync)| {
            let deadline = Instant::now() + Duration::from_secs(120);
            while process.is_alive() && !is_so(number(&watch, staged).await) {
                assert!(Instant::now() < deadline, "it does not come to that");
            }
        };
        let mut process = zhengxin(arguments(&file)).start();
        wait(&mut process, &|rows| rows >= ROWS / 2).await;
        process.kill();
        let left = number(&watch, staged).await;
        assert!((ROWS / 2..ROWS).contains(&left), "{left}");
        // The next one deletes batch by batch before it writes, and is killed at that.
        let deadline = Instant::now() + Duration::from_secs(60);
        while number(&watch, staged).await == left {
            assert!(Instant::now() < deadline, "nothing is taken back");
            let mut process = zhengxin(arguments(&small)).start();
            wait(&mut process, &|rows| rows < left).await;
            process.kill();
        }
        bring_in(&arguments(&small));
        watch.close().await.expect("it closes");
        assert_eq!(leftovers(&hub).await, "");

        let db = db.another();
        let clean = Hub::on(&db).await;
        clean
            .ingest(
                REGISTER,
                &[("register.csv", &made::register(&town()))],
                |_| {},
            )
            .await;
        clean
            .ingest(
                COURT,
                &[("small.jsonl", &made::court_jsonl(&listings(false)[..50]))],
                |_| {},
            )
            .await;
        assert!(
            state(&hub).await == state(&clean).await,
            "the state is another one"
        );
    })
    .await;
}
