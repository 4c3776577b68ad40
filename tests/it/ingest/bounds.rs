//! Deliveries outside their source's bounds are held until somebody lets them in; dry runs.

use domain::run::{RunCounts, RunState};
use zhengxin::ingest::Report;

use super::{ARREARS, COURT, done, hub_with_town};
use crate::support::{
    Db, Hub, leftovers,
    made::{self, Listing},
    on_both,
    rows::{self, Row, complaint, established},
    state, zhengxin,
};

fn listings(ids: std::ops::RangeInclusive<i64>) -> Vec<Listing> {
    ids.map(|id| made::listing(id, "佛山市禅城区样例局"))
        .collect()
}

/// A hub whose court lists sixty debts of one bureau.
async fn hub_with_sixty(db: &Db) -> Hub {
    let hub = hub_with_town(db).await;
    // Before the binary's clock, whatever that says.
    hub.it_is("2025-06-01");
    let list = made::court_jsonl(&listings(1..=60));
    let report = hub.ingest(COURT, &[("list.jsonl", &list)], |_| {}).await;
    done(
        &report,
        RunCounts {
            received: 60,
            stored: 60,
            ..RunCounts::default()
        },
    );
    hub.it_is("2025-06-02");
    hub
}

async fn deliver(hub: &Hub, ids: std::ops::RangeInclusive<i64>) -> Report {
    hub.ingest(
        COURT,
        &[("list.jsonl", &made::court_jsonl(&listings(ids)))],
        |_| {},
    )
    .await
}

#[track_caller]
fn is_held(report: &Report) {
    assert_eq!(
        (report.outcome, report.change),
        (Some(RunState::Held), None),
        "{report:#?}"
    );
    let says = report.message.as_deref().unwrap_or_default();
    assert!(
        says.contains(&format!("--approve {}", report.run)),
        "{says}"
    );
}

#[tokio::test]
async fn a_first_small_delivery_goes_in() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let report = deliver(&hub, 1..=1).await;
        done(
            &report,
            RunCounts {
                received: 1,
                stored: 1,
                ..RunCounts::default()
            },
        );
    })
    .await;
}

#[tokio::test]
async fn far_fewer_rows_than_before_are_held_and_invisible() {
    on_both(async |db| {
        let hub = hub_with_sixty(&db).await;
        let (before, told) = (state(&hub).await, hub.told().await);
        let report = deliver(&hub, 1..=20).await;
        is_held(&report);
        let says = report.message.as_deref().unwrap_or_default();
        assert!(says.contains("20") && says.contains("60"), "{says}");
        assert_eq!(state(&hub).await, before);
        assert_eq!(leftovers(&hub).await, "");
        assert_eq!(hub.told().await, told);
        assert_eq!(Hub::on(&db).await.told().await, told);
    })
    .await;
}

#[tokio::test]
async fn far_more_withdrawals_than_usual_are_held() {
    on_both(async |db| {
        let hub = hub_with_sixty(&db).await;
        let before = state(&hub).await;
        // As many rows as before, a third of them others.
        let report = deliver(&hub, 21..=80).await;
        is_held(&report);
        assert!(
            report
                .message
                .as_deref()
                .is_some_and(|says| says.contains("20 of")),
            "{report:#?}"
        );
        assert_eq!(state(&hub).await, before);
        assert_eq!(leftovers(&hub).await, "");
    })
    .await;
}

#[tokio::test]
async fn new_rows_make_up_for_none_that_goes() {
    on_both(async |db| {
        let hub = hub_with_sixty(&db).await;
        let before = state(&hub).await;
        // All ids are others, and the list has grown by much more than it had.
        let report = deliver(&hub, 1_001..=2_300).await;
        is_held(&report);
        let says = report.message.as_deref().unwrap_or_default();
        assert!(says.contains("60 of 60 listed rows are missing"), "{says}");
        assert_eq!(state(&hub).await, before);
        assert_eq!(leftovers(&hub).await, "");
    })
    .await;
}

#[tokio::test]
async fn what_is_missing_and_what_is_marked_as_gone_are_measured_together() {
    on_both(async |db| {
        let hub = hub_with_sixty(&db).await;
        let before = state(&hub).await;
        // Ten are marked and eight are missing: either alone is within the slack.
        let rows = listings(1..=52).into_iter().map(|listing| {
            let mut row = listing.detail();
            row["delist"] = u8::from(listing.id <= 10).into();
            format!("{row}\n")
        });
        let list = rows.collect::<String>().into_bytes();
        let report = hub.ingest(COURT, &[("list.jsonl", &list)], |_| {}).await;
        is_held(&report);
        let says = report.message.as_deref().unwrap_or_default();
        assert!(
            says.contains("18 of 60 listed rows are missing, ended"),
            "{says}"
        );
        assert_eq!(state(&hub).await, before);
        assert_eq!(leftovers(&hub).await, "");
    })
    .await;
}

#[tokio::test]
async fn records_that_are_all_disputed_at_once_are_held() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let all = |told: fn(u32, &str) -> Row| -> Vec<Row> {
            (1..=30).map(|n| told(n, "佛山市禅城区样例局")).collect()
        };
        let bring = async |rows: Vec<Row>| {
            let file = rows::file(&rows);
            hub.ingest(ARREARS, &[("rows.csv", &file)], |_| {}).await
        };
        bring(all(established)).await;
        let before = state(&hub).await;
        let mut told = all(complaint);
        let report = bring(told.clone()).await;
        is_held(&report);
        let says = report.message.as_deref().unwrap_or_default();
        assert!(says.contains("30 of 30 listed rows"), "{says}");
        assert_eq!(state(&hub).await, before);
        // Ten of them are within the slack.
        told.splice(10.., all(established).drain(10..));
        let report = bring(told).await;
        assert_eq!(report.counts.stored, 10, "{report:#?}");
        assert_eq!(hub.records().await.len(), 20);
    })
    .await;
}

#[tokio::test]
async fn a_little_less_than_before_goes_in() {
    on_both(async |db| {
        let hub = hub_with_sixty(&db).await;
        let report = deliver(&hub, 1..=50).await;
        done(
            &report,
            RunCounts {
                received: 50,
                unchanged: 50,
                withdrawn: 10,
                ..RunCounts::default()
            },
        );
    })
    .await;
}

#[tokio::test]
async fn a_partial_delivery_has_no_bounds() {
    on_both(async |db| {
        let hub = hub_with_sixty(&db).await;
        let list = made::court_jsonl(&listings(1..=1));
        let report = hub
            .ingest(COURT, &[("list.jsonl", &list)], |order| {
                order.partial = true
            })
            .await;
        done(
            &report,
            RunCounts {
                received: 1,
                unchanged: 1,
                ..RunCounts::default()
            },
        );
    })
    .await;
}

#[tokio::test]
async fn a_held_delivery_is_let_in_once_from_its_kept_bytes() {
    on_both(async |db| {
        let hub = hub_with_sixty(&db).await;
        let held = deliver(&hub, 1..=20).await;
        is_held(&held);
        // The files are gone; what was landed is read. Of when it speaks is what it said then.
        hub.it_is("2025-06-04");
        let report = hub.approve(COURT, held.run).await.expect("it is held");
        done(
            &report,
            RunCounts {
                received: 20,
                unchanged: 20,
                withdrawn: 40,
                ..RunCounts::default()
            },
        );
        let delisted = "佛山市禅城区样例局 DELISTED 2025-03-04 2025-06-02";
        assert_eq!(
            hub.records()
                .await
                .iter()
                .filter(|record| *record == delisted)
                .count(),
            40
        );

        let after = state(&hub).await;
        let error = hub
            .approve(COURT, held.run)
            .await
            .expect_err("it is held no more");
        assert!(error.to_string().contains(&held.run.to_string()), "{error}");
        let error = hub
            .approve(COURT, report.run)
            .await
            .expect_err("it never was held");
        assert!(error.to_string().contains("held"), "{error}");
        let error = hub
            .approve("agency_register", held.run)
            .await
            .expect_err("it is another source's");
        assert!(error.to_string().contains("held"), "{error}");
        assert_eq!(state(&hub).await, after);
    })
    .await;
}

#[tokio::test]
async fn a_held_delivery_ends_in_the_same_state_as_one_that_was_never_held() {
    on_both(async |db| {
        let one = hub_with_sixty(&db).await;
        let held = deliver(&one, 1..=20).await;
        one.approve(COURT, held.run).await.expect("it is held");

        // On the other one the listings leave little by little, within the bounds.
        let db = db.another();
        let two = hub_with_sixty(&db).await;
        for last in [50, 40, 30, 20] {
            let report = deliver(&two, 1..=last).await;
            assert_eq!(report.outcome, Some(RunState::Done), "{report:#?}");
        }
        assert_eq!(state(&one).await, state(&two).await);
    })
    .await;
}

#[tokio::test]
async fn a_dry_run_stores_nothing_and_can_not_be_let_in() {
    on_both(async |db| {
        let hub = hub_with_sixty(&db).await;
        let (before, told) = (state(&hub).await, hub.told().await);
        let list = made::court_jsonl(&listings(3..=70));
        let report = hub
            .ingest(COURT, &[("list.jsonl", &list)], |order| {
                order.dry_run = true
            })
            .await;
        assert_eq!(
            (report.outcome, report.change),
            (Some(RunState::Done), None),
            "{report:#?}"
        );
        let says = report.message.as_deref().unwrap_or_default();
        assert!(says.contains("dry run"), "{says}");
        assert_eq!(
            report.counts,
            RunCounts {
                received: 68,
                stored: 10,
                unchanged: 58,
                withdrawn: 2,
                ..RunCounts::default()
            },
            "it says what would be"
        );
        let few = made::court_jsonl(&listings(1..=5));
        let tried = hub
            .ingest(COURT, &[("list.jsonl", &few)], |order| order.dry_run = true)
            .await;
        assert_eq!(
            (tried.outcome, tried.change),
            (Some(RunState::Held), None),
            "{tried:#?}"
        );
        hub.approve(COURT, tried.run)
            .await
            .expect_err("what was only tried is not held");
        assert_eq!(state(&hub).await, before);
        assert_eq!(leftovers(&hub).await, "");
        assert_eq!(hub.told().await, told);
    })
    .await;
}

#[tokio::test]
async fn the_command_line_ends_with_6_and_lets_a_held_run_in() {
    on_both(async |db| {
        let hub = hub_with_sixty(&db).await;
        let before = state(&hub).await;
        let file = db
            .file("few.jsonl", &made::court_jsonl(&listings(1..=20)))
            .display()
            .to_string();
        let (url, data) = (db.url(), db.folder().display().to_string());
        let place = ["--database-url", &url, "--data", &data, "-o", "json"];
        let call = |arguments: &[&str]| {
            zhengxin(["ingest", COURT].iter().chain(arguments).chain(&place)).run()
        };

        let ran = call(&["--file", &file, "--dry-run"]);
        assert_eq!(ran.json()["state"], "HELD", "{ran:#?}");
        assert_eq!(state(&hub).await, before);

        let held = call(&["--file", &file]).ended(6).json();
        assert_eq!(held["state"], "HELD");
        assert_eq!(state(&hub).await, before);

        let run = held["run"].to_string();
        let report = call(&["--approve", &run]).ended(0).json();
        assert_eq!(report["withdrawn"], 40, "{report:#}");
        assert_ne!(state(&hub).await, before);
        let after = state(&hub).await;
        let said = call(&["--approve", &run]).refused(1);
        assert!(said.contains(&run), "{said}");
        call(&["--approve", &run, "--file", &file]).ended(2);
        call(&["--approve", "999"]).refused(1);
        assert_eq!(state(&hub).await, after);
    })
    .await;
}
