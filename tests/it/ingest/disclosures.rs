//! 双公示: what a decision says about the body that made it, in time, late, revoked or just there.

use domain::run::RunCounts;

use super::{PLATFORM, done, hub_with_town};
use crate::support::{
    Hub, anywhere, leftovers, on_both,
    rows::{self, Row, licence, penalty, penalty_2017},
    state,
};

const BUREAU: &str = "佛山市禅城区样例局";

async fn bring(hub: &Hub, day: &str, rows: &[Row]) -> zhengxin::ingest::Report {
    hub.it_is(day);
    hub.ingest(PLATFORM, &[("rows.csv", &rows::file(rows))], |_| {})
        .await
}

/// The indicators, as `v1 disclosure.late 2026-03-02 to 2026-03-19 is 6`, sorted.
async fn indicators(hub: &Hub) -> Vec<String> {
    let state = state(hub).await;
    let lines = state.lines().filter(|line| line.starts_with("indicator"));
    let mut told: Vec<String> = lines
        .map(|line| {
            let words: Vec<_> = line.split(' ').collect();
            format!("{} {} {}", words[2], words[3], words[7..].join(" "))
        })
        .collect();
    told.sort();
    told
}

#[tokio::test]
async fn a_decision_is_in_time_late_revoked_or_just_public() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let decisions = [
            // 2026-03-02 is a Monday: the seventh working day behind it is Wednesday, the 11th.
            penalty(1, BUREAU, "2026-03-11 23:59:59"),
            penalty(2, BUREAU, "2026-03-12"),
            penalty(3, BUREAU, "2026-03-02"),
            penalty(4, BUREAU, ""),
            penalty(5, BUREAU, "2026-03-05").with("CF_ZT", "1"),
        ];
        let report = bring(&hub, "2026-11-20", &decisions).await;
        done(
            &report,
            RunCounts {
                received: 5,
                stored: 5,
                ..RunCounts::default()
            },
        );
        assert_eq!(
            indicators(&hub).await,
            [
                "v1 disclosure.in_time 2026-03-02 to 2026-03-02 is 0",
                "v1 disclosure.in_time 2026-03-02 to 2026-03-11 is 7",
                "v1 disclosure.late 2026-03-02 to 2026-03-12 is 1",
                "v1 disclosure.published 2026-03-02 to 2026-03-02 is 1",
                "v1 disclosure.revoked 2026-03-02 to 2026-03-05 is 1",
            ]
        );
        // The party that was punished is none of ours.
        for trace in ["样例贸易有限公司", "甲某罚"] {
            assert_eq!(anywhere(&hub, trace).await, Vec::<String>::new(), "{trace}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_decision_that_is_said_otherwise_later_is_the_same_indicator_and_its_end_ends_it() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        bring(&hub, "2026-11-20", &[penalty(1, BUREAU, "")]).await;
        bring(&hub, "2026-11-21", &[penalty(1, BUREAU, "2026-03-05")]).await;
        let in_time = "v2 disclosure.in_time 2026-03-02 to 2026-03-05 is 3";
        assert_eq!(indicators(&hub).await, [in_time]);
        let known = state(&hub).await;
        let report = bring(
            &hub,
            "2026-11-22",
            &[penalty(1, BUREAU, "2026-03-05").with("opt_type", "U")],
        )
        .await;
        done(
            &report,
            RunCounts {
                received: 1,
                unchanged: 1,
                ..RunCounts::default()
            },
        );
        assert_eq!(
            state(&hub).await,
            known,
            "the operation itself says nothing about the decision"
        );

        let end = penalty(1, BUREAU, "2026-03-05").with("opt_type", "D");
        let report = bring(&hub, "2026-11-23", &[end]).await;
        done(
            &report,
            RunCounts {
                received: 1,
                withdrawn: 1,
                ..RunCounts::default()
            },
        );
        assert_eq!(indicators(&hub).await, Vec::<String>::new());
        assert!(
            !state(&hub).await.contains("样罚〔2026〕1号"),
            "its evidence ended, too"
        );

        bring(&hub, "2026-11-24", &[penalty(1, BUREAU, "2026-03-05")]).await;
        assert_eq!(
            indicators(&hub).await,
            ["v3 disclosure.in_time 2026-03-02 to 2026-03-05 is 3"]
        );
        assert_eq!(leftovers(&hub).await, "");
    })
    .await;
}

#[tokio::test]
async fn a_licence_and_a_penalty_of_one_number_stay_apart() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        bring(&hub, "2026-11-20", &[penalty(1, BUREAU, "2026-03-05")]).await;
        // Organs count both from one, and some by the same words.
        let same = licence("样罚〔2026〕1号", BUREAU, "2026-03-20");
        let report = bring(&hub, "2026-11-20", std::slice::from_ref(&same)).await;
        done(
            &report,
            RunCounts {
                received: 1,
                stored: 1,
                ..RunCounts::default()
            },
        );
        let (punished, licensed) = (
            "v1 disclosure.in_time 2026-03-02 to 2026-03-05 is 3",
            "v1 disclosure.late 2026-03-02 to 2026-03-20 is 7",
        );
        assert_eq!(indicators(&hub).await, [punished, licensed]);
        bring(&hub, "2026-11-21", &[same.with("opt_type", "D")]).await;
        assert_eq!(indicators(&hub).await, [punished]);
    })
    .await;
}

#[tokio::test]
async fn both_generations_of_columns_tell_of_the_same_decision() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        bring(&hub, "2026-11-20", &[penalty_2017(1, BUREAU, "")]).await;
        bring(&hub, "2026-11-21", &[penalty(1, BUREAU, "2026-03-05")]).await;
        let in_time = "v2 disclosure.in_time 2026-03-02 to 2026-03-05 is 3";
        assert_eq!(indicators(&hub).await, [in_time]);
    })
    .await;
}

#[tokio::test]
async fn decisions_and_reports_of_days_to_come_and_unknown_states_are_rejected() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let decisions = [
            penalty(1, BUREAU, "2026-11-22"),
            penalty(2, BUREAU, "2026-11-20").with("CF_JDRQ", "2026-11-22"),
            penalty(3, BUREAU, "2026-03-05").with("CF_ZT", "7"),
            // What is not ours is not read, however wrong it is.
            penalty(4, BUREAU, "2026-03-05")
                .with("CF_ZT", "7")
                .with("env_flag", "1"),
        ];
        let report = bring(&hub, "2026-11-20", &decisions).await;
        let rejects: Vec<_> = report
            .rejects
            .iter()
            .map(|reject| (reject.line, reject.column.as_deref().unwrap_or_default()))
            .collect();
        assert_eq!(
            rejects,
            [(2, "collecttime"), (3, "CF_JDRQ"), (4, "CF_ZT")],
            "{report:#?}"
        );
        assert_eq!(report.counts.out_of_scope, 1, "{report:#?}");
        assert_eq!(indicators(&hub).await, Vec::<String>::new());
    })
    .await;
}
