//! The change log: what is staged is nobody's to see, what is closed has a number, in order.

use std::collections::HashSet;

use domain::run::RunCounts;
use entities::change;
use sea_orm::{EntityTrait, QueryOrder};
use zhengxin::{
    ingest::Error,
    store::{self, Closing, Fact, HashedFact, NewRun, StagedRow},
};

use super::{COURT, REGISTER, done, hub_with_town, town};
use crate::support::{Hub, count, made, moment, on_both};

fn new_run(source: &str) -> NewRun {
    NewRun {
        reread_of: None,
        source: source.to_owned(),
        feed: "default".to_owned(),
        is_full: false,
        data_as_of: moment("2026-11-21"),
        started_at: moment("2026-11-21"),
        place: None,
        files: Vec::new(),
    }
}

/// The closed changes as `(number, id)`, by number.
async fn log(hub: &Hub) -> Vec<(i64, i64)> {
    let db = hub.database().await;
    let rows = change::Entity::find()
        .order_by_asc(change::Column::Seq)
        .all(&db)
        .await
        .expect("a table");
    db.close().await.expect("it closes");
    rows.into_iter()
        .filter_map(|row| Some((row.seq?, row.id)))
        .collect()
}

#[tokio::test]
async fn each_closed_delivery_is_one_number_and_no_other_run_is_any() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let list = |ids: std::ops::Range<i64>| {
            made::court_jsonl(
                &ids.map(|id| made::listing(id, "佛山市禅城区样例局"))
                    .collect::<Vec<_>>(),
            )
        };
        let mut numbers = vec![1];
        for (bytes, dry_run) in [
            (list(1..31), false),
            (list(1..3), false),     // held
            (list(1..31), true),     // tried
            (b"[{".to_vec(), false), // refused
            (list(1..31), false),    // nothing new, and still a delivery
            (list(2..32), false),
        ] {
            let report = hub
                .ingest(COURT, &[("list.jsonl", &bytes)], |order| {
                    order.dry_run = dry_run
                })
                .await;
            numbers.extend(report.change);
        }
        assert_eq!(numbers, [1, 2, 3, 4]);
        assert_eq!(
            log(&hub)
                .await
                .iter()
                .map(|(seq, _)| *seq)
                .collect::<Vec<_>>(),
            numbers
        );
        assert_eq!(
            count(&hub, "SELECT COUNT(*) FROM run WHERE state = 'RUNNING'").await,
            0
        );
        assert_eq!(hub.app.live.now().seq(), 4);
        let answer = hub.query(None, "{ sources { key } }").await;
        assert_eq!(answer["extensions"]["version"], 4, "{answer:#}");
    })
    .await;
}

#[tokio::test]
async fn what_is_staged_is_not_seen_elsewhere_before_it_is_closed_and_is_after() {
    on_both(async |db| {
        let writer = hub_with_town(&db).await;
        let reader = Hub::on(&db).await;
        let before = reader.told().await;

        let row = StagedRow {
            row_id: 4_711,
            source_key: "4711".to_owned(),
            location: "list.jsonl:1".to_owned(),
            digest: "00".repeat(32),
            content: "{}".to_owned(),
            fact: Some(HashedFact::from(Fact::Agency(domain::agency::Agency {
                uscc: town()[1].uscc,
                kind: domain::agency::AgencyKind::Organ,
                name: "佛山市禅城区新样局".to_owned(),
                division: "440604".parse().expect("a division"),
                established_on: None,
                abolished_on: None,
                superior: None,
                competent: Vec::new(),
                names: Vec::new(),
            }))),
            form: String::new(),
            subject: None,
            keeps_end: false,
        };
        let mut delivery = writer
            .app
            .store
            .begin_delivery(&new_run(REGISTER))
            .await
            .expect("it begins");
        delivery
            .stage("agency", vec![row])
            .await
            .expect("it is staged");
        reader
            .app
            .live
            .catch_up()
            .await
            .expect("the database answers");
        assert_eq!(reader.told().await, before);
        assert_eq!(
            Hub::on(&db).await.told().await,
            before,
            "nor by one that starts in the middle"
        );

        let seq = delivery
            .close(
                Closing {
                    counts: RunCounts {
                        received: 1,
                        stored: 1,
                        ..RunCounts::default()
                    },
                    covers: &[],
                    seen: &HashSet::from([4_711]),
                    checkpoints: &Default::default(),
                },
                moment("2026-11-21"),
            )
            .await
            .expect("it closes");
        // The reader follows the log by itself, as a server does.
        reader
            .app
            .live
            .at_least(seq, std::time::Duration::from_secs(30))
            .await
            .expect("the change is followed within half a minute");
        let after = reader.told().await;
        assert!(
            after.contains("佛山市禅城区新样局")
                && !after.contains("佛山市禅城区样例局\",\"superiorName"),
            "{after}"
        );
        assert_eq!(Hub::on(&db).await.told().await, after);
    })
    .await;
}

#[tokio::test]
async fn numbers_come_in_the_order_of_closing_not_of_beginning() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let first = hub
            .app
            .store
            .begin_delivery(&new_run(REGISTER))
            .await
            .expect("it begins");
        let second = hub
            .app
            .store
            .begin_delivery(&new_run(COURT))
            .await
            .expect("another source may come meanwhile");
        let nothing = RunCounts::default();
        let none = HashSet::new();
        assert_eq!(
            second
                .close(
                    Closing {
                        counts: nothing,
                        covers: &[],
                        seen: &none,
                        checkpoints: &Default::default()
                    },
                    moment("2026-11-21")
                )
                .await
                .expect("it closes"),
            2
        );
        assert_eq!(
            first
                .close(
                    Closing {
                        counts: nothing,
                        covers: &[],
                        seen: &none,
                        checkpoints: &Default::default()
                    },
                    moment("2026-11-21")
                )
                .await
                .expect("it closes"),
            3
        );
        let ids: Vec<_> = log(&hub).await.into_iter().map(|(_, id)| id).collect();
        assert!(ids[2] < ids[1], "{ids:?}");
    })
    .await;
}

#[tokio::test]
async fn two_sources_at_once_are_two_numbers_and_both_are_seen() {
    on_both(async |db| {
        let register = hub_with_town(&db).await;
        let court = Hub::on(&db).await;
        let rows = town();
        let list = made::court_jsonl(&[
            made::listing(1, "佛山市禅城区样例局"),
            made::listing(2, "佛山市样例局"),
        ]);
        let bytes = made::register(&rows);
        for round in 0..5 {
            let day = format!("2026-12-0{}", round + 1);
            register.it_is(&day);
            court.it_is(&day);
            let (files, lists) = (
                [("register.csv", bytes.as_slice())],
                [("list.jsonl", list.as_slice())],
            );
            let (one, two) = tokio::join!(
                register.ingest(REGISTER, &files, |_| {}),
                court.ingest(COURT, &lists, |_| {})
            );
            let mut numbers = [one.change, two.change];
            numbers.sort_unstable();
            assert_eq!(
                numbers,
                [Some(2 + 2 * round), Some(3 + 2 * round)],
                "{one:#?} {two:#?}"
            );
        }
        register
            .app
            .live
            .catch_up()
            .await
            .expect("the database answers");
        court
            .app
            .live
            .catch_up()
            .await
            .expect("the database answers");
        assert_eq!(register.told().await, court.told().await);
        assert_eq!(register.records().await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn one_source_is_brought_in_by_one_at_a_time() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let other = Hub::on(&db).await;
        let delivery = hub
            .app
            .store
            .begin_delivery(&new_run(COURT))
            .await
            .expect("it begins");
        let list = made::court_jsonl(&[made::listing(1, "佛山市禅城区样例局")]);
        let error = other
            .try_ingest(COURT, &[("list.jsonl", &list)], |_| {})
            .await
            .expect_err("it is busy");
        assert!(
            matches!(error, Error::Store(store::Error::Busy { .. })),
            "{error:?}"
        );
        assert!(error.to_string().contains(COURT), "{error}");
        delivery
            .take_back(
                domain::run::RunState::Failed,
                RunCounts::default(),
                "given up",
                moment("2026-11-21"),
            )
            .await
            .expect("it is taken back");
        // PostgreSQL notices that a session is gone a moment later.
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
        let report = loop {
            match other
                .try_ingest(COURT, &[("list.jsonl", &list)], |_| {})
                .await
            {
                Ok(report) => break report,
                Err(error) => assert!(std::time::Instant::now() < deadline, "{error}"),
            }
        };
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
async fn one_who_starts_while_a_delivery_ends_versions_knows_them_as_they_stand() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let list = made::court_jsonl(&[
            made::listing(1, "佛山市禅城区样例局"),
            made::listing(2, "佛山市禅城区不存局"),
        ]);
        hub.ingest(COURT, &[("list.jsonl", &list)], |_| {}).await;
        let before = hub.told().await;
        let delivery = hub
            .app
            .store
            .begin_delivery(&NewRun {
                is_full: true,
                ..new_run(COURT)
            })
            .await
            .expect("it begins");
        let missing = delivery
            .list_missing(&["credit_record".to_owned()], &HashSet::new())
            .await
            .expect("the database answers");
        assert_eq!(missing.len(), 2);
        delivery.withdraw(&missing).await.expect("it is staged");
        let starting = Hub::on(&db).await;
        assert_eq!(starting.told().await, before);
        delivery
            .close(
                Closing {
                    counts: RunCounts::default(),
                    covers: &[],
                    seen: &HashSet::new(),
                    checkpoints: &Default::default(),
                },
                moment("2026-11-21"),
            )
            .await
            .expect("it closes");
        starting
            .app
            .live
            .catch_up()
            .await
            .expect("the database answers");
        assert_eq!(starting.told().await, Hub::on(&db).await.told().await);
        assert_eq!(starting.mentions().await, Vec::<String>::new());
        assert_eq!(
            starting.records().await,
            ["佛山市禅城区样例局 DELISTED 2025-03-04 2026-11-21"]
        );
    })
    .await;
}
