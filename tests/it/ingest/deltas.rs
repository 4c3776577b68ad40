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
        let marks = "SELECT COUNT(*) FROM evidence WHERE source_key = 'SX77' AND is_end \
                     AND change_withdrawn = change_from AND content = '{}'";
        assert_eq!(
            count(&hub, marks).await,
            1,
            "an end of nothing leaves its mark"
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

/// How many rows part two batches.
const FILLER: std::ops::Range<u32> = 1_000..2_100;

/// Rows of one key: what is known before, and two words of one delivery on it.
type Story = (Option<Row>, Row, Row);

/// The state after the second words alone, after both in one batch, and after each in a batch of its
/// own: these must be the same.
async fn same_however(db: &Db, source: &str, stories: &[Story], filler: Vec<Row>) -> String {
    let before: Vec<_> = stories.iter().filter_map(|(row, ..)| row.clone()).collect();
    let first: Vec<_> = stories.iter().map(|(_, row, _)| row.clone()).collect();
    let second: Vec<_> = stories.iter().map(|(.., row)| row.clone()).collect();
    let alone = [filler.as_slice(), &second].concat();
    let together = [filler.as_slice(), &first, &second].concat();
    let apart = [first.as_slice(), &filler, &second].concat();
    let mut states: Vec<String> = Vec::new();
    for delivery in [alone, together, apart] {
        let db = db.another();
        let hub = hub_with_town(&db).await;
        bring(&hub, source, "2026-11-10", &before).await;
        let report = bring(&hub, source, "2026-11-12", &delivery).await;
        assert!(report.change.is_some(), "{report:#?}");
        assert_eq!(leftovers(&hub).await, "");
        let told = hub.told().await;
        let fresh = Hub::on(&db).await.told().await;
        assert_eq!(fresh, told, "a hub that starts now knows the same");
        states.push(state(&hub).await);
    }
    same(&states[0], &states[1], "all in one batch");
    same(&states[0], &states[2], "in several batches");
    states.remove(0)
}

#[tokio::test]
async fn operations_on_one_row_end_the_same_wherever_the_batches_part() {
    on_both(async |db| {
        let changed = |n| breach(n, BUREAU).with("sxxw", "另一种说法");
        let new = |n| breach(n, BUREAU);
        let stories = [
            (None, new(1), ended(1)),
            (None, ended(2), new(2)),
            (Some(new(3)), ended(3), new(3)),
            (Some(new(4)), ended(4), changed(4)),
            (Some(new(5)), changed(5), ended(5)),
            (Some(new(6)), changed(6), new(6)),
            (Some(changed(7)), new(7), changed(7)),
        ];
        let filler = FILLER.map(|n| breach(n, "佛山市南海区样例局")).collect();
        let known = same_however(&db, PLATFORM, &stories, filler).await;
        let bureau = made::uscc("11", "440604", 2);
        let records = |status: &str| {
            let ours = known.lines().filter(|line| {
                line.starts_with("record")
                    && line.contains(bureau.as_str())
                    && line.contains(status)
            });
            ours.count()
        };
        assert_eq!((records("ACTIVE"), records("DELISTED")), (5, 1), "{known}");
    })
    .await;
}

#[tokio::test]
async fn words_on_one_complaint_end_the_same_wherever_the_batches_part() {
    on_both(async |db| {
        let alleged = |n| complaint(n, BUREAU);
        let proven = |n| established(n, BUREAU);
        let other = |n| complaint(n, BUREAU).with("项目名称", "另一种说法");
        let stories = [
            (Some(alleged(1)), proven(1), alleged(1)),
            (Some(alleged(2)), other(2), proven(2)),
            (Some(alleged(3)), proven(3), proven(3)),
            (Some(proven(4)), alleged(4), proven(4)),
            (Some(proven(5)), proven(5), alleged(5)),
            (
                Some(alleged(6)),
                complaint(6, "佛山市禅城区不存局"),
                proven(6),
            ),
            (None, alleged(7), proven(7)),
            (None, proven(8), alleged(8)),
        ];
        let filler = FILLER.map(|n| complaint(n, "佛山市南海区样例局")).collect();
        let known = same_however(&db, ARREARS, &stories, filler).await;
        let confirmed = known
            .lines()
            .filter(|line| line.contains("CONFIRMED"))
            .count();
        assert_eq!(confirmed, 3, "{known}");
        let records = known
            .lines()
            .filter(|line| line.starts_with("record"))
            .count();
        assert_eq!(records, 5, "{known}");
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
                stored: 1,
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

/// A word on a row, on its day.
type Word = (&'static str, fn(u32) -> Row);

fn told_on_10(n: u32) -> Row {
    breach(n, BUREAU).with("rdwh", "样认〔2026〕1号")
}

fn corrected(n: u32) -> Row {
    told_on_10(n).with("je", "200000").with("opt_type", "U")
}

fn untold(n: u32) -> Row {
    told_on_10(n).with("ztmc", "佛山市禅城区不存局")
}

fn deleted(n: u32) -> Row {
    corrected(n).with("opt_type", "D")
}

/// All orders of the first `n` numbers.
fn orders(n: usize) -> Vec<Vec<usize>> {
    let Some(last) = n.checked_sub(1) else {
        return vec![Vec::new()];
    };
    let shorter = orders(last);
    let with_last = |at: usize| {
        shorter.iter().map(move |order| {
            let mut order = order.clone();
            order.insert(at, last);
            order
        })
    };
    (0..n).flat_map(with_last).collect()
}

/// What comes of these words on a row, whose deliveries come in every order: each order has a row of
/// its own.
async fn endings(db: &Db, words: &[Word]) -> std::collections::BTreeSet<String> {
    let db = db.another();
    let hub = hub_with_town(&db).await;
    let orders = orders(words.len());
    for step in 0..words.len() {
        for (at, (day, row)) in words.iter().enumerate() {
            let now = orders
                .iter()
                .zip(1..)
                .filter(|(order, _)| order[step] == at);
            let rows: Vec<Row> = now.map(|(_, n)| row(n)).collect();
            let report = bring(&hub, PLATFORM, day, &rows).await;
            assert!(report.change.is_some(), "{report:#?}");
        }
    }
    assert_eq!(leftovers(&hub).await, "");
    let known = state(&hub).await;
    let records: Vec<&str> = known
        .lines()
        .filter_map(|line| line.strip_prefix("record "))
        .collect();
    let listed = known.lines().filter(|line| line.contains("\"SX"));
    let listed = listed.filter(|line| line.starts_with("evidence")).count();
    let mentions = known
        .lines()
        .filter(|line| line.starts_with("mention"))
        .count();
    for count in [records.len(), listed, mentions] {
        assert!(
            count == 0 || count == orders.len(),
            "not in every order: {known}"
        );
    }
    // Its number, and how often it changed on the way, are each row's own.
    let what = |line: &str| line.splitn(3, ' ').nth(2).unwrap_or_default().to_owned();
    let mut endings: std::collections::BTreeSet<String> =
        records.iter().map(|line| what(line)).collect();
    endings.insert(format!("{} listed", listed / orders.len()));
    endings
}

#[tokio::test]
async fn words_on_a_row_come_to_the_same_in_whatever_order_they_are_delivered() {
    on_both(async |db| {
        let cases: [(&[Word], usize, &[&str]); 7] = [
            (
                &[("2026-11-10", told_on_10), ("2026-11-12", deleted)],
                0,
                &["DELISTED", "2026-11-12", "Some(10000000)"],
            ),
            (
                &[
                    ("2026-11-10", told_on_10),
                    ("2026-11-11", corrected),
                    ("2026-11-12", deleted),
                ],
                0,
                &["DELISTED", "2026-11-12", "Some(20000000)"],
            ),
            (
                &[
                    ("2026-11-10", told_on_10),
                    ("2026-11-12", deleted),
                    ("2026-11-13", corrected),
                ],
                1,
                &["ACTIVE", "Some(20000000)"],
            ),
            (
                &[
                    ("2026-11-10", told_on_10),
                    ("2026-11-12", deleted),
                    ("2026-11-14", deleted),
                ],
                0,
                &["DELISTED", "2026-11-12"],
            ),
            (
                &[
                    ("2026-11-10", told_on_10),
                    ("2026-11-12", deleted),
                    ("2026-11-13", corrected),
                    ("2026-11-14", deleted),
                ],
                0,
                &["DELISTED", "2026-11-14", "Some(20000000)"],
            ),
            (
                &[
                    ("2026-11-10", untold),
                    ("2026-11-11", corrected),
                    ("2026-11-12", deleted),
                ],
                0,
                &["DELISTED", "2026-11-12", "Some(20000000)"],
            ),
            (
                &[
                    ("2026-11-10", told_on_10),
                    ("2026-11-11", untold),
                    ("2026-11-12", deleted),
                ],
                0,
                &[],
            ),
        ];
        for (words, listed, says) in cases {
            let mut endings = endings(&db, words).await;
            assert!(endings.remove(&format!("{listed} listed")), "{endings:#?}");
            assert_eq!(endings.len(), usize::from(!says.is_empty()), "{endings:#?}");
            for part in says {
                assert!(
                    endings.iter().all(|ending| ending.contains(part)),
                    "{part}: {endings:#?}"
                );
            }
        }
    })
    .await;
}

#[tokio::test]
async fn an_end_is_kept_whole_or_not_at_all_and_of_nobody_who_is_none_of_ours() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let marks = "SELECT COUNT(*) FROM evidence WHERE is_end";
        let person = ended(5).with("ztmc", "样例贸易有限公司");
        bring(&hub, PLATFORM, "2026-11-12", &[person]).await;
        assert_eq!(count(&hub, marks).await, 0);

        let tried = hub
            .ingest(
                PLATFORM,
                &[("rows.csv", &rows::file(&[ended(1)]))],
                |order| {
                    order.as_of = Some(moment("2026-11-12"));
                    order.dry_run = true;
                },
            )
            .await;
        assert!(tried.change.is_none(), "{tried:#?}");
        assert_eq!(
            count(&hub, marks).await,
            0,
            "what was only tried leaves nothing"
        );

        // A quiet table's last rows are read with every run: that leaves no mark each time.
        for day in 12..20 {
            bring(&hub, PLATFORM, &format!("2026-11-{day}"), &[ended(1)]).await;
        }
        assert_eq!(
            count(&hub, marks).await,
            2,
            "the first end and the last one"
        );
        bring(&hub, PLATFORM, "2026-11-18", &[breach(1, BUREAU)]).await;
        assert_eq!(
            hub.records().await,
            ["佛山市禅城区样例局 DELISTED 2026-05-06 2026-11-19"]
        );
        bring(&hub, PLATFORM, "2026-11-20", &[breach(1, BUREAU)]).await;
        assert_eq!(
            hub.records().await,
            ["佛山市禅城区样例局 ACTIVE 2026-05-06 -"]
        );
        let query = "{ creditRecords(first: 1) { edges { node { evidence { id } } } } }";
        let data = hub.data(Some(&hub.everything()), query).await;
        let evidence = &data["creditRecords"]["edges"][0]["node"]["evidence"];
        assert_eq!(
            evidence.as_array().map(Vec::len),
            Some(2),
            "marks are no contents: {data:#}"
        );
    })
    .await;
}
