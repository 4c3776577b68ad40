//! Allegations: which rows are clues, which are established, and what a row was before.

use domain::run::{RunCounts, RunState};

use super::{ARREARS, HOTLINE, done, hub_with_town, refused};
use crate::support::{
    CatalogueCopy, Db, Hub, anywhere, count, leftovers, moment, on_both,
    rows::{self, Row, complaint, established, order},
    state,
};

const BUREAU: &str = "佛山市禅城区样例局";

/// Brings rows in, on a day.
async fn bring(hub: &Hub, source: &str, day: &str, rows: &[Row]) -> zhengxin::ingest::Report {
    hub.it_is(day);
    hub.ingest(source, &[("rows.csv", &rows::file(rows))], |_| {})
        .await
}

/// What the state's lines of one kind begin with, numbers left out: `clue v1 RECEIVED`.
async fn facts(hub: &Hub, kind: &str) -> Vec<String> {
    let state = state(hub).await;
    let lines = state.lines().filter(|line| line.starts_with(kind));
    lines
        .map(|line| {
            let words: Vec<_> = line.split(' ').collect();
            format!("{kind} {} {}", words[2], words[3])
        })
        .collect()
}

#[tokio::test]
async fn a_category_decides_whether_a_row_is_a_clue() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let orders = [
            order(1, BUREAU, "招商引资"),
            order(2, BUREAU, "市政设施"),
            order(3, "", "拖欠账款"),
            order(4, "佛山市禅城区不存局", "政务诚信"),
        ];
        let report = bring(&hub, HOTLINE, "2026-11-20", &orders).await;
        let counts = RunCounts {
            received: 4,
            stored: 2,
            unresolved: 1,
            out_of_scope: 1,
            ..RunCounts::default()
        };
        done(&report, counts);
        assert_eq!(facts(&hub, "clue").await, ["clue v1 RECEIVED"; 2]);
        assert_eq!(facts(&hub, "mention").await.len(), 1);
        // Who called is kept nowhere, also not inside what he said; nor is what is only counted.
        for trace in ["甲某诉", "10000000001", "13000000000", "乙某派", "BJ2"] {
            let found = anywhere(&hub, trace).await;
            assert_eq!(found, Vec::<String>::new(), "{trace} was kept");
        }
        assert_eq!(
            count(&hub, "SELECT COUNT(*) FROM clue WHERE agencies = ''").await,
            1
        );
    })
    .await;
}

#[tokio::test]
async fn a_category_that_is_not_named_rejects_the_row_where_nothing_else_is_said() {
    let db = Db::sqlite();
    let copy = CatalogueCopy::make();
    copy.spoil(
        "sources/hotline.toml",
        "other = \"count\"",
        "count = [\"市政设施\"]",
    );
    let hub = Hub::with(&db, |config| {
        config.catalogue.dir = Some(copy.path().to_owned());
    })
    .await;
    super::bring_town(&hub).await;
    let orders = [
        order(1, BUREAU, "招商引资"),
        order(2, BUREAU, "市政设施"),
        order(3, BUREAU, "从未听过的大类"),
    ];
    let report = bring(&hub, HOTLINE, "2026-11-20", &orders).await;
    assert_eq!(report.outcome, Some(RunState::Partly), "{report:#?}");
    assert_eq!((report.counts.stored, report.counts.out_of_scope), (1, 1));
    let reject = &report.rejects[0];
    assert_eq!(
        (reject.line, reject.column.as_deref()),
        (4, Some("事项大类"))
    );
    assert!(reject.reason.contains("从未听过的大类") && reject.reason.contains("市政设施"));
}

#[tokio::test]
async fn a_clue_that_is_established_later_becomes_a_record_and_goes_back_when_disputed() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        bring(&hub, ARREARS, "2026-11-20", &[complaint(1, BUREAU)]).await;
        assert_eq!(facts(&hub, "clue").await, ["clue v1 RECEIVED"]);
        assert_eq!(hub.records().await, Vec::<String>::new());

        let report = bring(&hub, ARREARS, "2026-11-21", &[established(1, BUREAU)]).await;
        done(&report, RunCounts { received: 1, stored: 1, ..RunCounts::default() });
        assert_eq!(facts(&hub, "clue").await, ["clue v2 CONFIRMED"]);
        assert_eq!(hub.records().await, ["佛山市禅城区样例局 ACTIVE 2026-10-09 -"]);
        let same_row = "SELECT COUNT(DISTINCT row_id) FROM \
                        (SELECT row_id FROM clue UNION ALL SELECT row_id FROM credit_record) AS told";
        assert_eq!(count(&hub, same_row).await, 1, "they are of one row");
        assert_eq!(Hub::on(&db).await.told().await, hub.told().await);

        let disputed = established(1, BUREAU).with("是否存在分歧", "是");
        bring(&hub, ARREARS, "2026-11-22", &[disputed]).await;
        assert_eq!(facts(&hub, "clue").await, ["clue v3 RECEIVED"]);
        assert_eq!(hub.records().await, Vec::<String>::new(), "it is established no longer");

        bring(&hub, ARREARS, "2026-11-23", &[established(1, BUREAU)]).await;
        assert_eq!(facts(&hub, "clue").await, ["clue v4 CONFIRMED"]);
        assert_eq!(facts(&hub, "record").await, ["record v2 ACTIVE"]);
        assert_eq!(leftovers(&hub).await, "");
    })
    .await;
}

#[tokio::test]
async fn a_record_that_never_was_a_clue_becomes_one_when_disputed() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        bring(&hub, ARREARS, "2026-11-20", &[established(1, BUREAU)]).await;
        assert_eq!(facts(&hub, "clue").await, Vec::<String>::new());
        assert_eq!(hub.records().await.len(), 1);
        let in_court = established(1, BUREAU).with("是否进入诉讼仲裁", "是");
        bring(&hub, ARREARS, "2026-11-21", &[in_court]).await;
        assert_eq!(facts(&hub, "clue").await, ["clue v1 RECEIVED"]);
        assert_eq!(hub.records().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn only_the_words_that_establish_a_debt_do() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let results = ["不属实", "部分属实", "", "属实", "责令限期支付"];
        let complaints: Vec<_> = (1..)
            .zip(results)
            .map(|(n, result)| established(n, BUREAU).with("处理结果", result))
            .collect();
        let report = bring(&hub, ARREARS, "2026-11-20", &complaints).await;
        done(
            &report,
            RunCounts {
                received: 5,
                stored: 5,
                ..RunCounts::default()
            },
        );
        assert_eq!(facts(&hub, "clue").await.len(), 3);
        assert_eq!(hub.records().await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_complaint_that_is_listed_no_longer_stays_and_a_record_is_delisted() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let three = [
            complaint(1, BUREAU),
            established(2, BUREAU),
            complaint(3, "佛山市样例局"),
        ];
        bring(&hub, ARREARS, "2026-11-20", &three).await;
        let report = bring(&hub, ARREARS, "2026-11-21", &three[2..]).await;
        done(
            &report,
            RunCounts {
                received: 1,
                unchanged: 1,
                withdrawn: 2,
                ..RunCounts::default()
            },
        );
        assert_eq!(
            facts(&hub, "clue").await,
            ["clue v1 RECEIVED"; 2],
            "it was alleged"
        );
        assert_eq!(
            hub.records().await,
            ["佛山市禅城区样例局 DELISTED 2026-10-09 2026-11-21"]
        );
    })
    .await;
}

#[tokio::test]
async fn values_that_are_no_words_and_days_to_come_reject_the_row() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let complaints = [
            complaint(1, BUREAU),
            complaint(2, BUREAU).with("是否存在分歧", "也许"),
            complaint(3, BUREAU).with("是否进入诉讼仲裁", ""),
            established(4, BUREAU).with("办结日期", "2026-11-22"),
            complaint(5, BUREAU).with("受理日期", "2026-12-01"),
            // Today is no day to come.
            established(6, BUREAU).with("办结日期", "2026-11-20"),
        ];
        let report = bring(&hub, ARREARS, "2026-11-20", &complaints).await;
        let rejects: Vec<_> = report
            .rejects
            .iter()
            .map(|reject| (reject.line, reject.column.as_deref().unwrap_or_default()))
            .collect();
        let expected = [
            (3, "是否存在分歧"),
            (4, "是否进入诉讼仲裁"),
            (5, "办结日期"),
            (6, "受理日期"),
        ];
        assert_eq!(rejects, expected, "{report:#?}");
        assert!(report.rejects[0].reason.contains("是, 否"), "{report:#?}");
        assert!(
            report.rejects[2].reason.contains("lies in the future"),
            "{report:#?}"
        );
        assert_eq!(report.counts.stored, 2);
    })
    .await;
}

#[tokio::test]
async fn a_column_with_another_type_refuses_the_delivery_and_a_few_bad_cells_do_not() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        bring(&hub, ARREARS, "2026-11-20", &[complaint(1, BUREAU)]).await;
        let known = state(&hub).await;
        let many = |bad: u32, good: u32| -> Vec<Row> {
            let row = |n| complaint(n, BUREAU);
            let bad = (1..=bad).map(|n| row(n).with("拖欠金额", "若干"));
            bad.chain((101..=100 + good).map(row)).collect()
        };
        for (bad, good, says) in [(20, 0, "20 of 20 rows"), (20, 19, "20 of 39 rows")] {
            let report = bring(&hub, ARREARS, "2026-11-21", &many(bad, good)).await;
            refused(&report, &["rows.csv", "column 拖欠金额", says]);
            assert_eq!(state(&hub).await, known, "{says}");
            assert_eq!(leftovers(&hub).await, "");
        }
        // Too few to tell, and no more bad rows than good ones.
        for (bad, good) in [(19, 0), (20, 20)] {
            let report = bring(&hub, ARREARS, "2026-11-21", &many(bad, good)).await;
            assert_eq!(report.outcome, Some(RunState::Partly), "{report:#?}");
            assert_eq!(report.counts.rejected, i64::from(bad));
        }
    })
    .await;
}

#[tokio::test]
async fn an_unknown_column_is_told_and_not_kept() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let with_more = order(1, BUREAU, "招商引资").with("家庭住址", "样例路一号");
        let report = bring(&hub, HOTLINE, "2026-11-20", &[with_more]).await;
        assert_eq!(report.outcome, Some(RunState::Done), "{report:#?}");
        let told = "rows.csv: column \"家庭住址\" is unknown and was not kept";
        assert_eq!(report.warnings, [told]);
        assert_eq!(anywhere(&hub, "样例路一号").await, Vec::<String>::new());
        // One that every export lacks is a layout that changed.
        let less = order(2, BUREAU, "招商引资").without("诉求内容");
        let report = bring(&hub, HOTLINE, "2026-11-20", &[less]).await;
        refused(
            &report,
            &["rows.csv, line 1", "lacks the column(s) 诉求内容"],
        );
    })
    .await;
}

#[tokio::test]
async fn a_dry_run_tells_what_would_happen_and_stores_nothing() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        bring(
            &hub,
            ARREARS,
            "2026-11-20",
            &[complaint(1, BUREAU), complaint(2, BUREAU)],
        )
        .await;
        let (known, told) = (state(&hub).await, hub.told().await);
        let next = [
            established(1, BUREAU),
            complaint(3, BUREAU).with("拖欠金额", "若干"),
        ];
        let report = hub
            .ingest(ARREARS, &[("rows.csv", &rows::file(&next))], |order| {
                order.dry_run = true;
                order.as_of = Some(moment("2026-11-20"));
            })
            .await;
        let counts = RunCounts {
            received: 2,
            stored: 1,
            rejected: 1,
            withdrawn: 1,
            ..RunCounts::default()
        };
        assert_eq!(
            (report.counts, report.change),
            (counts, None),
            "{report:#?}"
        );
        assert_eq!(report.outcome, Some(RunState::Partly), "{report:#?}");
        assert_eq!(report.rejects[0].column.as_deref(), Some("拖欠金额"));
        assert!(report.message.is_some_and(|said| said.contains("dry run")));
        assert_eq!(state(&hub).await, known);
        assert_eq!(hub.told().await, told);
        assert_eq!(leftovers(&hub).await, "");
    })
    .await;
}
