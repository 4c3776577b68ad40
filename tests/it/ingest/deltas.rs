//! Rows that say of themselves that something is listed no longer: `opt_type` D, `delist` marks and
//! states; in whatever order, batches and deliveries they come.

use domain::run::{RunCounts, RunState};
use serde_json::json;

use super::{ARREARS, COURT, PLATFORM, done, hub_with_town, same_state::same};
use crate::support::{
    Db, Hub, count, leftovers, made, moment, on_both,
    rows::{self, Row, breach, complaint, established},
    state,
};

const BUREAU: &str = "佛山市禅城区样例局";

/// Brings rows in as of a day.
async fn bring(hub: &Hub, source: &str, day: &str, rows: &[Row]) -> zhengxin::ingest::Report {
    hub.ingest(source, &[("rows.csv", &rows::file(rows))], |order| {
        order.as_of = Some(moment(day));
    })
    .await
}

fn ended(n: u32) -> Row {
    breach(n, BUREAU).with("opt_type", "D")
}

#[tokio::test]
async fn an_operation_that_deletes_delists_with_the_day_of_the_delivery() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let two = [breach(1, BUREAU), breach(2, BUREAU)];
        bring(&hub, PLATFORM, "2026-11-10", &two).await;
        let known = state(&hub).await;
        let report = bring(&hub, PLATFORM, "2026-11-12", &[ended(1), ended(77)]).await;
        done(
            &report,
            RunCounts {
                received: 2,
                unchanged: 1,
                withdrawn: 1,
                ..RunCounts::default()
            },
        );
        assert_eq!(
            hub.records().await,
            [
                "佛山市禅城区样例局 ACTIVE 2026-05-06 -",
                "佛山市禅城区样例局 DELISTED 2026-05-06 2026-11-12",
            ]
        );
        assert_eq!(
            count(
                &hub,
                "SELECT COUNT(*) FROM evidence WHERE source_key = 'SX77'"
            )
            .await,
            0
        );
        let after = state(&hub).await;
        assert_ne!(after, known);

        let report = bring(&hub, PLATFORM, "2026-11-13", &[ended(1)]).await;
        done(
            &report,
            RunCounts {
                received: 1,
                unchanged: 1,
                ..RunCounts::default()
            },
        );
        assert_eq!(state(&hub).await, after, "it ends once");
        assert_eq!(Hub::on(&db).await.told().await, hub.told().await);
        assert_eq!(leftovers(&hub).await, "");
    })
    .await;
}

#[tokio::test]
async fn a_state_that_says_so_ends_a_record_as_an_operation_does() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        bring(&hub, PLATFORM, "2026-11-10", &[breach(1, BUREAU)]).await;
        let repaired = breach(1, BUREAU).with("opt_type", "U").with("zt", "修复");
        let report = bring(&hub, PLATFORM, "2026-11-12", &[repaired]).await;
        done(
            &report,
            RunCounts {
                received: 1,
                withdrawn: 1,
                ..RunCounts::default()
            },
        );
        assert_eq!(
            hub.records().await,
            ["佛山市禅城区样例局 DELISTED 2026-05-06 2026-11-12"]
        );
    })
    .await;
}

#[tokio::test]
async fn test_rows_are_counted_and_say_nothing() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        bring(&hub, PLATFORM, "2026-11-10", &[breach(1, BUREAU)]).await;
        let known = state(&hub).await;
        let test = [
            breach(2, BUREAU).with("env_flag", "1"),
            ended(1).with("env_flag", "1"),
            breach(3, BUREAU).with("env_flag", "test"),
        ];
        let report = bring(&hub, PLATFORM, "2026-11-12", &test).await;
        done(
            &report,
            RunCounts {
                received: 3,
                out_of_scope: 3,
                ..RunCounts::default()
            },
        );
        assert_eq!(state(&hub).await, known);
    })
    .await;
}

#[tokio::test]
async fn a_mark_on_a_pulled_row_delists_it() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let list = [
            made::listing(1, BUREAU),
            made::listing(2, BUREAU),
            made::listing(3, "佛山市禅城区不存局"),
        ];
        hub.ingest(
            COURT,
            &[("list.jsonl", &made::court_jsonl(&list))],
            |order| {
                order.as_of = Some(moment("2026-11-10"));
            },
        )
        .await;
        let marked = |listing: &made::Listing, mark: &str| {
            let mut row = listing.detail();
            row["delist"] = json!(mark);
            row
        };
        let page = json!({ "code": 0, "data": { "total": 3, "list": [
            marked(&list[0], "1"), marked(&list[1], "0"), marked(&list[2], "Y"),
        ] } });
        let report = hub
            .ingest(
                COURT,
                &[("page.json", page.to_string().as_bytes())],
                |order| {
                    order.as_of = Some(moment("2026-11-12"));
                    order.partial = true;
                },
            )
            .await;
        done(
            &report,
            RunCounts {
                received: 3,
                unchanged: 1,
                withdrawn: 2,
                ..RunCounts::default()
            },
        );
        assert_eq!(
            hub.records().await,
            [
                "佛山市禅城区样例局 ACTIVE 2025-03-04 -",
                "佛山市禅城区样例局 DELISTED 2025-03-04 2026-11-12",
            ]
        );
        assert_eq!(hub.mentions().await, Vec::<String>::new());
    })
    .await;
}

/// Rows, enough that what stands before them and what stands behind are in different batches.
fn many() -> Vec<Row> {
    (1_000..2_100)
        .map(|n| breach(n, "佛山市南海区样例局"))
        .collect()
}

/// The state after `before`, and then the last of `rows` alone, all of them in one batch, or each
/// in a batch of its own; these must be the same.
async fn same_however(
    db: &Db,
    source: &str,
    before: &[Row],
    rows: &[Row],
    filler: &[Row],
) -> String {
    let last = rows.last().expect("there are rows").clone();
    let together = [filler, rows].concat();
    let mut apart = Vec::new();
    for row in rows {
        apart.push(row.clone());
        apart.extend_from_slice(filler);
    }
    let alone = [filler, &[last]].concat();
    let mut states: Vec<String> = Vec::new();
    for delivery in [&alone, &together, &apart] {
        let db = db.another();
        let hub = hub_with_town(&db).await;
        if !before.is_empty() {
            bring(&hub, source, "2026-11-10", before).await;
        }
        let report = bring(&hub, source, "2026-11-12", delivery).await;
        assert!(report.change.is_some(), "{report:#?}");
        assert_eq!(leftovers(&hub).await, "");
        let told = hub.told().await;
        assert_eq!(
            Hub::on(&db).await.told().await,
            told,
            "a hub that starts now knows the same"
        );
        states.push(state(&hub).await);
    }
    same(&states[0], &states[1], "all in one batch");
    same(&states[0], &states[2], "in several batches");
    states.remove(0)
}

#[tokio::test]
async fn operations_on_one_row_end_the_same_wherever_the_batches_part() {
    on_both(async |db| {
        let filler = many();
        let (new, end) = (breach(1, BUREAU), ended(1));
        let changed = breach(1, BUREAU)
            .with("opt_type", "U")
            .with("sxxw", "另一种说法");
        let nothing: &[Row] = &[];
        let listed = std::slice::from_ref(&new);
        for (before, rows, stays) in [
            (nothing, [new.clone(), end.clone()], ""),
            (nothing, [end.clone(), new.clone()], "ACTIVE"),
            (listed, [end.clone(), new.clone()], "ACTIVE"),
            (listed, [end.clone(), changed.clone()], "ACTIVE"),
            (listed, [changed.clone(), end.clone()], "DELISTED"),
            (listed, [changed.clone(), new.clone()], "ACTIVE"),
        ] {
            let known = same_however(&db, PLATFORM, before, &rows, &filler).await;
            let bureau = made::uscc("11", "440604", 2);
            let record = known
                .lines()
                .find(|line| line.starts_with("record") && line.contains(bureau.as_str()));
            match (record, stays) {
                (None, "") => {}
                (Some(line), stays) if !stays.is_empty() => assert!(line.contains(stays), "{line}"),
                (record, stays) => panic!("expected {stays:?}, found {record:?}"),
            }
        }
    })
    .await;
}

#[tokio::test]
async fn words_on_one_complaint_end_the_same_wherever_the_batches_part() {
    on_both(async |db| {
        let filler: Vec<Row> = (1_000..2_100)
            .map(|n| complaint(n, "佛山市南海区样例局"))
            .collect();
        let (alleged, true_one) = (complaint(1, BUREAU), established(1, BUREAU));
        let other = complaint(1, BUREAU).with("项目名称", "另一种说法");
        let nothing: &[Row] = &[];
        let listed = std::slice::from_ref(&alleged);
        let recorded = std::slice::from_ref(&true_one);
        for (before, rows) in [
            (nothing, [alleged.clone(), true_one.clone()]),
            (nothing, [true_one.clone(), alleged.clone()]),
            (listed, [true_one.clone(), alleged.clone()]),
            (listed, [other.clone(), true_one.clone()]),
            (recorded, [alleged.clone(), true_one.clone()]),
        ] {
            same_however(&db, ARREARS, before, &rows, &filler).await;
        }
    })
    .await;
}

#[tokio::test]
async fn an_older_delivery_overrides_neither_a_row_nor_its_end() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let changed = breach(1, BUREAU).with("sxxw", "另一种说法");
        bring(&hub, PLATFORM, "2026-11-10", &[changed, breach(2, BUREAU)]).await;
        let known = state(&hub).await;
        let older = [breach(1, BUREAU), ended(2)];
        let report = bring(&hub, PLATFORM, "2026-11-09", &older).await;
        done(
            &report,
            RunCounts {
                received: 2,
                unchanged: 2,
                ..RunCounts::default()
            },
        );
        assert_eq!(state(&hub).await, known);

        bring(&hub, PLATFORM, "2026-11-14", &[ended(1)]).await;
        let ended = state(&hub).await;
        let late = [breach(1, BUREAU).with("sxxw", "第三种说法")];
        let report = bring(&hub, PLATFORM, "2026-11-12", &late).await;
        done(
            &report,
            RunCounts {
                received: 1,
                unchanged: 1,
                ..RunCounts::default()
            },
        );
        same(
            &ended,
            &state(&hub).await,
            "what was said before the end does not undo it",
        );
        bring(&hub, PLATFORM, "2026-11-15", &late).await;
        assert_eq!(
            hub.records().await,
            vec!["佛山市禅城区样例局 ACTIVE 2026-05-06 -"; 2],
            "what is said after it does"
        );
    })
    .await;
}

#[tokio::test]
async fn marks_that_end_more_than_their_share_hold_the_delivery() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let all: Vec<_> = (1..=60).map(|n| breach(n, BUREAU)).collect();
        bring(&hub, PLATFORM, "2026-11-10", &all).await;
        let known = state(&hub).await;
        let most: Vec<_> = (1..=51).map(ended).collect();
        let report = bring(&hub, PLATFORM, "2026-11-12", &most).await;
        assert_eq!(report.outcome, Some(RunState::Held), "{report:#?}");
        let message = report.message.as_deref().unwrap_or_default();
        assert!(
            message.contains("51 of 60 listed rows are ended"),
            "{message}"
        );
        assert_eq!(state(&hub).await, known);
        let report = hub
            .approve(PLATFORM, report.run)
            .await
            .expect("it can be tried");
        assert_eq!(report.counts.withdrawn, 51, "{report:#?}");
        assert_eq!(hub.records().await.len(), 60);
    })
    .await;
}
