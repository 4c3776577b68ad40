//! Layouts that changed: a column that is gone stops the delivery, whatever was made of it, and a word
//! that nobody knows is no other word.

use std::{collections::BTreeMap, fmt::Write as _};

use domain::run::{RunCounts, RunState};
use serde_json::{Value, json};
use zhengxin::ingest::Report;

use super::{ARREARS, COURT, HOTLINE, PLATFORM, done, hub_with_town, refused};
use crate::support::{
    CatalogueCopy, Db, Hub, leftovers, made, on_both,
    rows::{self, Row, breach, complaint, established, order},
    state,
};

const BUREAU: &str = "佛山市禅城区样例局";

async fn bring(hub: &Hub, source: &str, day: &str, rows: &[Row]) -> Report {
    hub.it_is(day);
    hub.ingest(source, &[("rows.csv", &rows::file(rows))], |_| {})
        .await
}

/// Rows as objects, each with the members that `keep` leaves it.
fn objects(rows: &[Row], keep: impl Fn(usize, &str) -> bool) -> Vec<Value> {
    let members = |(at, row): (usize, &Row)| -> Value {
        let filled: BTreeMap<_, _> = row.filled().into_iter().collect();
        let headings = row.headings().into_iter();
        let kept = headings.filter(|heading| keep(at, heading));
        let members = kept.map(|heading| (heading.to_owned(), json!(filled.get(heading))));
        Value::Object(members.collect())
    };
    rows.iter().enumerate().map(members).collect()
}

fn lines(objects: &[Value]) -> Vec<u8> {
    let mut lines = String::new();
    for object in objects {
        let _ = writeln!(lines, "{object}");
    }
    lines.into_bytes()
}

#[tokio::test]
async fn a_file_without_a_column_that_decides_ends_no_record() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let row = established(1, BUREAU);
        bring(&hub, ARREARS, "2026-11-20", std::slice::from_ref(&row)).await;
        let known = state(&hub).await;
        for column in ["是否存在分歧", "是否进入诉讼仲裁", "处理结果"] {
            let less = row.clone().without(column).with("备注", "否");
            let report = bring(&hub, ARREARS, "2026-11-21", &[less]).await;
            refused(
                &report,
                &["rows.csv, line 1", "lacks the column(s)", column],
            );
            assert_eq!(state(&hub).await, known, "{column}");
        }
        assert_eq!(leftovers(&hub).await, "");
    })
    .await;
}

#[tokio::test]
async fn a_column_that_no_row_of_a_file_without_headings_has_refuses_it() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let rows = [established(1, BUREAU), complaint(2, BUREAU)];
        bring(&hub, ARREARS, "2026-11-20", &rows).await;
        let known = state(&hub).await;
        // A condition's, a code's, and a day's column; none is required of each row.
        for column in ["处理结果", "债务人统一社会信用代码", "办结日期"] {
            let less = objects(&rows, |_, heading| heading != column);
            let page = json!({ "code": 0, "data": { "total": 2, "list": less } });
            for (name, bytes) in [
                ("page.json", page.to_string().into_bytes()),
                ("lines.jsonl", lines(&less)),
            ] {
                hub.it_is("2026-11-21");
                let report = hub.ingest(ARREARS, &[(name, &bytes)], |_| {}).await;
                refused(&report, &[name, "lacks the column(s)", column]);
                assert_eq!(state(&hub).await, known, "{column}");
            }
        }
        // Whoever leaves out what is empty has it in another row.
        let some = objects(&rows, |at, heading| at == 0 || heading != "处理结果");
        let report = hub
            .ingest(ARREARS, &[("lines.jsonl", &lines(&some))], |_| {})
            .await;
        assert_eq!(report.outcome, Some(RunState::Done), "{report:#?}");
        // So has a page of which nobody has anything there, if another one has.
        let report = hub
            .ingest(
                ARREARS,
                &[
                    ("a.jsonl", &lines(&some[..1])),
                    ("b.jsonl", &lines(&some[1..])),
                ],
                |_| {},
            )
            .await;
        assert_eq!(report.outcome, Some(RunState::Done), "{report:#?}");
        // What decides about a row may not be left out of it.
        let some = objects(&rows, |at, heading| at == 0 || heading != "是否存在分歧");
        let report = hub
            .ingest(ARREARS, &[("lines.jsonl", &lines(&some))], |_| {})
            .await;
        assert_eq!(report.outcome, Some(RunState::Partly), "{report:#?}");
        assert_eq!(report.rejects[0].column.as_deref(), Some("是否存在分歧"));
    })
    .await;
}

#[tokio::test]
async fn a_word_that_nobody_knows_lists_nothing_and_letters_may_be_small() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let all = [1, 2, 3].map(|n| breach(n, BUREAU));
        bring(&hub, PLATFORM, "2026-11-20", &all).await;
        let changed = [
            breach(1, BUREAU).with("zt", "已修复"),
            breach(2, BUREAU).with("opt_type", "X"),
            breach(3, BUREAU).with("opt_type", "d"),
            breach(4, BUREAU).with("zt", "待核"),
        ];
        let report = bring(&hub, PLATFORM, "2026-11-21", &changed).await;
        assert_eq!(report.outcome, Some(RunState::Partly), "{report:#?}");
        let rejects = report.rejects.iter();
        let rejects: Vec<_> = rejects
            .map(|reject| (reject.line, reject.column.as_deref().unwrap_or_default()))
            .collect();
        assert_eq!(rejects, [(2, "zt"), (3, "opt_type"), (5, "zt")]);
        assert_eq!(report.counts.withdrawn, 1, "{report:#?}");

        let mut listed = made::listing(1, BUREAU).detail();
        hub.ingest(COURT, &[("a.jsonl", &lines(&[listed.clone()]))], |_| {})
            .await;
        listed["delist"] = "gone".into();
        let report = hub
            .ingest(COURT, &[("b.jsonl", &lines(&[listed.clone()]))], |_| {})
            .await;
        assert_eq!(report.rejects[0].column.as_deref(), Some("delist"));
        listed["delist"] = "TRUE".into();
        let report = hub
            .ingest(COURT, &[("c.jsonl", &lines(&[listed]))], |_| {})
            .await;
        assert_eq!(report.counts.withdrawn, 1, "{report:#?}");
    })
    .await;
}

#[tokio::test]
async fn pages_that_are_each_too_small_to_tell_are_told_together() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        bring(&hub, HOTLINE, "2026-11-20", &[order(1, BUREAU, "招商引资")]).await;
        let known = state(&hub).await;
        let page = |first: u32, bad: bool| {
            let rows = (first..first + 7).map(|n| {
                let row = order(n, BUREAU, "招商引资");
                if bad {
                    row.with("派发时间", "若干")
                } else {
                    row
                }
            });
            rows::file(&rows.collect::<Vec<_>>())
        };
        let bad = [page(10, true), page(20, true), page(30, true)];
        let good = [page(40, false), page(50, false), page(60, false)];
        let files = |pages: Vec<&'_ Vec<u8>>| -> Vec<(&'static str, Vec<u8>)> {
            let names = ["1.csv", "2.csv", "3.csv", "4.csv", "5.csv", "6.csv"];
            names.into_iter().zip(pages.into_iter().cloned()).collect()
        };
        let bring = async |files: Vec<(&'static str, Vec<u8>)>| {
            let files: Vec<_> = files
                .iter()
                .map(|(name, bytes)| (*name, &bytes[..]))
                .collect();
            hub.ingest(HOTLINE, &files, |_| {}).await
        };
        let report = bring(files(bad.iter().collect())).await;
        refused(
            &report,
            &["hotline orders", "column 派发时间", "21 of 21 rows"],
        );
        assert_eq!(state(&hub).await, known);
        assert_eq!(leftovers(&hub).await, "");
        let report = bring(files(bad.iter().chain(&good).collect())).await;
        let counts = RunCounts {
            received: 42,
            stored: 21,
            rejected: 21,
            ..RunCounts::default()
        };
        assert_eq!(report.counts, counts, "no more than half: {report:#?}");
    })
    .await;
}

#[tokio::test]
async fn a_column_that_is_said_to_be_optional_may_be_missing() {
    let db = Db::sqlite();
    let copy = CatalogueCopy::make();
    copy.spoil(
        "sources/arrears.toml",
        "closed = {",
        "optional = [\"是否存在分歧\"]\nclosed = {",
    );
    let hub = Hub::with(&db, |config| {
        config.catalogue.dir = Some(copy.path().to_owned());
    })
    .await;
    super::bring_town(&hub).await;
    let less = established(1, BUREAU).without("是否存在分歧");
    let report = bring(&hub, ARREARS, "2026-11-20", &[less]).await;
    let counts = RunCounts {
        received: 1,
        stored: 1,
        ..RunCounts::default()
    };
    done(&report, counts);
    assert_eq!(hub.records().await, Vec::<String>::new(), "nobody said so");
}

#[tokio::test]
async fn a_delivery_that_has_all_it_needs_goes_in_without_headings() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let rows = [complaint(1, BUREAU), complaint(2, BUREAU)];
        let whole = objects(&rows, |_, _| true);
        hub.it_is("2026-11-20");
        let report = hub
            .ingest(ARREARS, &[("lines.jsonl", &lines(&whole))], |_| {})
            .await;
        let counts = RunCounts {
            received: 2,
            stored: 2,
            ..RunCounts::default()
        };
        done(&report, counts);
    })
    .await;
}
