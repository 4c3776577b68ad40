//! What a feed stops listing, lists again, and what older or partial deliveries may say about that.

use domain::run::{RunCounts, RunState};

use super::{COURT, REGISTER, done, hub_with_town, town};
use crate::support::{
    Db, Hub, count, evidence_of, leftovers,
    made::{self, Listing},
    moment, on_both, state,
};

fn bureau(id: i64) -> Listing {
    made::listing(id, "佛山市禅城区样例局")
}

fn city(id: i64) -> Listing {
    made::listing(id, "佛山市样例局")
}

/// A hub whose court lists two bodies and one that it can't tell.
async fn hub_with_list(db: &Db) -> Hub {
    let hub = hub_with_town(db).await;
    let list = made::court_jsonl(&[bureau(1), city(2), made::listing(3, "佛山市禅城区不存局")]);
    let report = hub.ingest(COURT, &[("list.jsonl", &list)], |_| {}).await;
    done(
        &report,
        RunCounts {
            received: 3,
            stored: 2,
            unresolved: 1,
            ..RunCounts::default()
        },
    );
    hub.it_is("2026-11-30");
    hub
}

async fn deliver(
    hub: &Hub,
    day: &str,
    listings: &[Listing],
    partial: bool,
) -> zhengxin::ingest::Report {
    hub.ingest(
        COURT,
        &[("list.jsonl", &made::court_jsonl(listings))],
        |order| {
            order.as_of = Some(moment(day));
            order.partial = partial;
        },
    )
    .await
}

#[tokio::test]
async fn what_a_full_delivery_lacks_is_delisted_and_never_deleted() {
    on_both(async |db| {
        let hub = hub_with_list(&db).await;
        let report = deliver(&hub, "2026-11-25", &[city(2)], false).await;
        done(&report, RunCounts { received: 1, unchanged: 1, withdrawn: 2, ..RunCounts::default() });
        assert_eq!(
            hub.records().await,
            ["佛山市样例局 ACTIVE 2025-03-04 -", "佛山市禅城区样例局 DELISTED 2025-03-04 2026-11-25"]
        );
        assert_eq!(hub.mentions().await, Vec::<String>::new(), "what could not be told is listed no more");
        // What was known stands in the tables, as it was and as it is.
        assert_eq!(count(&hub, "SELECT COUNT(*) FROM credit_record").await, 3);
        assert_eq!(count(&hub, "SELECT COUNT(*) FROM mention").await, 1);
        assert_eq!(count(&hub, "SELECT COUNT(*) FROM evidence WHERE source = 'court_debtors'").await, 3);
        let query = "{ creditRecords(filter: { status: [DELISTED] }) { edges { node { version evidence { withdrawnAt } } } } }";
        let data = hub.data(Some(&hub.everything()), query).await;
        let node = &data["creditRecords"]["edges"][0]["node"];
        assert_eq!(node["version"], 2);
        assert_eq!(node["evidence"][0]["withdrawnAt"], "2026-11-30T09:00:00+08:00");
        assert_eq!(Hub::on(&db).await.told().await, hub.told().await);
    })
    .await;
}

#[tokio::test]
async fn what_is_listed_again_is_active_again() {
    on_both(async |db| {
        let hub = hub_with_list(&db).await;
        let before = state(&hub).await;
        deliver(&hub, "2026-11-25", &[city(2)], false).await;
        for (day, partial) in [("2026-11-26", false), ("2026-11-28", true)] {
            let again = [bureau(1), city(2), made::listing(3, "佛山市禅城区不存局")];
            let report = deliver(&hub, day, &again, partial).await;
            assert_eq!(report.outcome, Some(RunState::Done), "{report:#?}");
            assert_eq!(report.counts.unresolved, 1, "{report:#?}");
            assert_eq!(
                hub.records().await,
                ["佛山市样例局 ACTIVE 2025-03-04 -", "佛山市禅城区样例局 ACTIVE 2025-03-04 -"]
            );
            assert_eq!(hub.mentions().await, ["佛山市禅城区不存局 NONE"]);
            assert_eq!(state(&hub).await.lines().count(), before.lines().count());
            deliver(&hub, "2026-11-27", &[city(2)], false).await;
        }
        assert_eq!(Hub::on(&db).await.told().await, hub.told().await);
        let twice = "SELECT COUNT(*) FROM (SELECT id, version FROM credit_record GROUP BY id, version HAVING COUNT(*) > 1) AS twice";
        assert_eq!(count(&hub, twice).await, 0, "each version has a number of its own");
    })
    .await;
}

#[tokio::test]
async fn a_partial_delivery_withdraws_nothing() {
    on_both(async |db| {
        let hub = hub_with_list(&db).await;
        let report = deliver(&hub, "2026-11-25", &[bureau(9)], true).await;
        done(
            &report,
            RunCounts {
                received: 1,
                stored: 1,
                ..RunCounts::default()
            },
        );
        assert_eq!(
            hub.records()
                .await
                .iter()
                .filter(|record| record.contains("ACTIVE"))
                .count(),
            3
        );
        assert_eq!(hub.mentions().await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_feed_withdraws_only_what_it_listed_itself() {
    on_both(async |db| {
        let hub = hub_with_list(&db).await;
        let list = made::court_jsonl(&[made::listing(1, "佛山市南海区样例局")]);
        let report = hub
            .ingest(COURT, &[("list.jsonl", &list)], |order| {
                order.feed = Some("nanhai".to_owned());
                order.as_of = Some(moment("2026-11-25"));
            })
            .await;
        done(
            &report,
            RunCounts {
                received: 1,
                stored: 1,
                ..RunCounts::default()
            },
        );
        assert_eq!(
            hub.records().await,
            [
                "佛山市南海区样例局 ACTIVE 2025-03-04 -",
                "佛山市样例局 ACTIVE 2025-03-04 -",
                "佛山市禅城区样例局 ACTIVE 2025-03-04 -",
            ],
            "the same number in another feed is another listing"
        );
    })
    .await;
}

#[tokio::test]
async fn an_older_full_delivery_neither_withdraws_nor_overrides() {
    on_both(async |db| {
        let hub = hub_with_list(&db).await;
        let before = state(&hub).await;
        // Of the day before: one listing said otherwise, two were missing, one is known from it alone.
        let older = [bureau(1).published("2020-01-01").duty("旧"), city(7)];
        let report = deliver(&hub, "2026-11-19", &older, false).await;
        assert_eq!(
            (report.outcome, report.counts.withdrawn),
            (Some(RunState::Done), 0),
            "{report:#?}"
        );
        assert!(
            report
                .warnings
                .iter()
                .any(|warning| warning.contains("newer")),
            "{report:#?}"
        );
        assert_eq!(
            hub.records().await,
            [
                "佛山市样例局 ACTIVE 2025-03-04 -",
                // What the newest list lacks was listed once, and is not now.
                "佛山市样例局 DELISTED 2025-03-04 2026-11-20",
                "佛山市禅城区样例局 ACTIVE 2025-03-04 -",
            ]
        );
        let after = state(&hub).await;
        assert!(
            before.lines().all(|line| after.contains(line)),
            "{before}\n\n{after}"
        );
        assert_eq!(hub.mentions().await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn an_older_delivery_that_comes_twice_changes_nothing_the_second_time() {
    on_both(async |db| {
        let hub = hub_with_list(&db).await;
        let older = [bureau(1).duty("旧"), city(7)];
        deliver(&hub, "2026-11-19", &older, false).await;
        let (before, evidence) = (state(&hub).await, evidence_of(&hub, "7").await.len());
        let report = deliver(&hub, "2026-11-19", &older, false).await;
        assert_eq!(
            report.counts,
            RunCounts {
                received: 2,
                unchanged: 2,
                ..RunCounts::default()
            },
            "{report:#?}"
        );
        assert_eq!(state(&hub).await, before);
        assert_eq!(
            evidence_of(&hub, "7").await.len(),
            evidence,
            "nothing new was said"
        );
    })
    .await;
}

#[tokio::test]
async fn a_full_delivery_does_not_withdraw_what_a_newer_partial_one_listed() {
    on_both(async |db| {
        let hub = hub_with_list(&db).await;
        deliver(&hub, "2026-11-27", &[bureau(9)], true).await;
        // Of a day before that: it could not know of the listing.
        let all = [bureau(1), city(2), made::listing(3, "佛山市禅城区不存局")];
        deliver(&hub, "2026-11-25", &all, false).await;
        let listed = hub.records().await;
        assert_eq!(
            listed
                .iter()
                .filter(|record| record.contains("ACTIVE"))
                .count(),
            3,
            "{listed:#?}"
        );
    })
    .await;
}

#[tokio::test]
async fn the_listing_of_a_rejected_row_is_not_withdrawn() {
    on_both(async |db| {
        let hub = hub_with_list(&db).await;
        let report = deliver(
            &hub,
            "2026-11-25",
            &[bureau(1).published("2025-02-30"), city(2)],
            false,
        )
        .await;
        assert_eq!(report.outcome, Some(RunState::Partly), "{report:#?}");
        assert_eq!(
            report.counts.withdrawn, 1,
            "the mention, which nobody names: {report:#?}"
        );
        assert_eq!(
            hub.records().await,
            [
                "佛山市样例局 ACTIVE 2025-03-04 -",
                "佛山市禅城区样例局 ACTIVE 2025-03-04 -"
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn nothing_is_withdrawn_where_a_row_can_not_be_told_apart() {
    on_both(async |db| {
        let hub = hub_with_list(&db).await;
        let before = state(&hub).await;
        for bad in [
            "{\"iname\": \"佛山市禅城区样例局\", \"id\": \n",
            "{\"iname\":\"佛山市禅城区样例局\",\"caseCode\":\"x\"}\n",
        ] {
            let list = [
                made::court_jsonl(&[city(2)]),
                bad.as_bytes().to_vec(),
                b"\n".to_vec(),
            ]
            .concat();
            let report = hub
                .ingest(COURT, &[("list.jsonl", &list)], |order| {
                    order.as_of = Some(moment("2026-11-25"))
                })
                .await;
            assert_eq!(
                (report.outcome, report.counts.withdrawn),
                (Some(RunState::Partly), 0),
                "{report:#?}"
            );
            assert!(
                report
                    .warnings
                    .iter()
                    .any(|warning| warning.contains("withdrawn")),
                "{report:#?}"
            );
            assert_eq!(state(&hub).await, before);
        }
    })
    .await;
}

#[tokio::test]
async fn a_full_delivery_of_nothing_withdraws_all_that_it_lacks() {
    on_both(async |db| {
        for (name, nothing) in [
            ("page.json", made::court_page(&[], 0)),
            ("list.csv", made::court_platform(&[])),
        ] {
            let db = db.another();
            let hub = hub_with_list(&db).await;
            let report = hub
                .ingest(COURT, &[(name, &nothing)], |order| {
                    order.as_of = Some(moment("2026-11-25"))
                })
                .await;
            done(
                &report,
                RunCounts {
                    withdrawn: 3,
                    ..RunCounts::default()
                },
            );
            assert_eq!(
                hub.records().await,
                [
                    "佛山市样例局 DELISTED 2025-03-04 2026-11-25",
                    "佛山市禅城区样例局 DELISTED 2025-03-04 2026-11-25",
                ],
                "{name}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_body_that_the_register_lacks_is_not_abolished_by_that() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        hub.it_is("2026-11-25");
        let report = hub
            .ingest(
                REGISTER,
                &[("register.csv", &made::register(&town()[..3]))],
                |_| {},
            )
            .await;
        done(
            &report,
            RunCounts {
                received: 3,
                unchanged: 3,
                withdrawn: 1,
                ..RunCounts::default()
            },
        );
        let query = format!(
            "{{ agency(uscc: \"{}\") {{ name abolishedOn }} }}",
            town()[3].uscc
        );
        let data = hub.data(Some(&hub.everything()), &query).await;
        assert_eq!(data["agency"]["name"], "佛山市禅城区样例中心");
        assert_eq!(data["agency"]["abolishedOn"], serde_json::json!(null));
    })
    .await;
}

#[tokio::test]
async fn a_listing_that_says_something_new_keeps_what_it_said_before() {
    on_both(async |db| {
        let hub = hub_with_list(&db).await;
        hub.it_is("2026-11-25");
        let report = deliver(&hub, "2026-11-25", &[bureau(1).duty("新的义务")], true).await;
        done(
            &report,
            RunCounts {
                received: 1,
                stored: 1,
                ..RunCounts::default()
            },
        );
        let told = evidence_of(&hub, "1").await;
        assert_eq!(told.len(), 2, "{told:#?}");
        assert!(
            told[0].content.contains("支付工程款第1笔") && told[0].change_withdrawn.is_some(),
            "{told:#?}"
        );
        assert!(
            told[1].content.contains("新的义务") && told[1].change_withdrawn.is_none(),
            "{told:#?}"
        );
        // Only the duty changed, which is no part of the record.
        let query = "{ creditRecords { edges { node { version agency { name } } } } }";
        let data = hub.data(Some(&hub.everything()), query).await;
        let edges = data["creditRecords"]["edges"].as_array().expect("edges");
        assert!(
            edges.iter().all(|edge| edge["node"]["version"] == 1),
            "{data:#}"
        );
    })
    .await;
}

#[tokio::test]
async fn an_older_list_that_names_a_row_twice_does_not_list_it() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let newest = made::court_jsonl(&[bureau(1)]);
        hub.ingest(COURT, &[("new.jsonl", &newest)], |order| {
            order.as_of = Some(moment("2026-11-12"));
        })
        .await;
        // The two words on it stand in batches of their own.
        let older: Vec<_> = [2].into_iter().chain(1_000..2_100).chain([2]).collect();
        let older: Vec<_> = older.into_iter().map(bureau).collect();
        let report = hub
            .ingest(
                COURT,
                &[("old.jsonl", &made::court_jsonl(&older))],
                |order| {
                    order.as_of = Some(moment("2026-11-10"));
                },
            )
            .await;
        assert!(report.change.is_some(), "{report:#?}");
        let listed = "SELECT COUNT(*) FROM evidence WHERE source = 'court_debtors' \
                      AND change_withdrawn IS NULL";
        assert_eq!(count(&hub, listed).await, 1);
        let delisted = "SELECT COUNT(*) FROM credit_record WHERE status = 'DELISTED'";
        assert_eq!(count(&hub, delisted).await, 1_101);
        assert_eq!(leftovers(&hub).await, "");
    })
    .await;
}
