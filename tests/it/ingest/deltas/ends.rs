//! Rows that end by their own word.

use domain::run::{RunCounts, RunState};
use serde_json::json;

use super::{
    super::{COURT, PLATFORM, done, hub_with_town},
    BUREAU, bring, ended,
};
use crate::support::{
    Hub, count, leftovers, made, moment, on_both,
    rows::{self, breach},
    state,
};

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
