//! Which versions of a record go out, and as what.

use domain::outbox::OutboxState;
use zhengxin::{config::Channel, store::NewRun};

use super::{
    super::{
        COURT, LAYOUT, deliver, hub_with, listing, outbox, platform::Platform, round, states, told,
    },
    hub_and_platform,
};
use crate::support::{Db, Hub, count, made, moment, on_both};

#[tokio::test]
async fn each_version_is_sent_once_and_its_receipt_kept() {
    on_both(async |db| {
        let (hub, platform) = hub_and_platform(&db).await;
        deliver(&hub, "2026-11-20", &[listing(1), listing(2)]).await;
        assert_eq!(states(&hub).await, [OutboxState::Pending; 2]);

        let report = round(&hub).await;
        assert_eq!(
            (report.accepted, report.troubles.len()),
            (2, 0),
            "{report:#?}"
        );
        let entries = outbox(&hub).await;
        for entry in &entries {
            assert_eq!(entry.state, OutboxState::Accepted, "{entry:#?}");
            assert_eq!(entry.receipt, Some(format!("HZ-{}", entry.number)));
            assert!(
                entry.sent_at.is_some() && entry.settled_at.is_some(),
                "{entry:#?}"
            );
        }
        let rows = platform.rows();
        let row = &rows[&entries[0].number.to_string()];
        assert_eq!(row["opt_type"], "I", "{row:#}");
        assert_eq!(row["jgmc"], "佛山市样例局");
        assert_eq!(row["tyshxydm"], made::uscc("11", "440600", 1).as_str());
        assert_eq!(row["jllx"], "失信被执行人");
        assert_eq!(
            (&row["jlzt"], &row["rdrq"]),
            (&"有效".into(), &"2025-03-04".into())
        );
        assert_eq!(row["rdbm"], "佛山市禅城区人民法院");
        assert_eq!(row["cd_time"], "2026-11-20 09:00:00");
        assert!(row["sxdj"].is_null(), "{row:#}");

        // Neither another round nor the same list again sends anything.
        deliver(&hub, "2026-11-21", &[listing(1), listing(2)]).await;
        assert_eq!(
            round(&hub).await,
            zhengxin::outbound::RoundReport::default()
        );
        assert_eq!(platform.messages(), 2);
    })
    .await;
}

#[tokio::test]
async fn later_changes_go_out_as_changes_of_what_the_platform_holds() {
    on_both(async |db| {
        let (hub, platform) = hub_and_platform(&db).await;
        deliver(&hub, "2026-11-20", &[listing(1), listing(2)]).await;
        round(&hub).await;
        // One is corrected, one is taken off the list, one is new and gone before anything is sent.
        let corrected = listing(1).published("2025年03月05日");
        deliver(
            &hub,
            "2026-11-21",
            &[corrected.clone(), listing(2), listing(3)],
        )
        .await;
        deliver(&hub, "2026-11-22", &[corrected]).await;
        let report = round(&hub).await;
        assert_eq!((report.accepted, report.cancelled), (2, 1), "{report:#?}");
        assert_eq!(
            told(&hub)
                .await
                .iter()
                .filter(|line| line.starts_with("v2"))
                .collect::<Vec<_>>(),
            [
                "v2 ACCEPTED UPDATE",
                "v2 ACCEPTED UPDATE",
                "v2 CANCELLED - it ended before the platform ever held it",
            ]
            .iter()
            .collect::<Vec<_>>()
        );
        let rows = platform.rows();
        let mut sent: Vec<_> = rows
            .values()
            .map(|row| {
                ["opt_type", "jlzt", "rdrq", "zzrq"]
                    .map(|name| row[name].as_str().unwrap_or("-"))
                    .join(" ")
            })
            .collect();
        sent.sort();
        assert_eq!(
            sent,
            [
                "I 有效 2025-03-04 -",
                "I 有效 2025-03-04 -",
                "U 已移出 2025-03-04 2026-11-22",
                "U 有效 2025-03-05 -",
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn a_version_that_waits_gives_way_to_a_newer_one() {
    on_both(async |db| {
        let (hub, platform) = hub_and_platform(&db).await;
        deliver(&hub, "2026-11-20", &[listing(1)]).await;
        deliver(&hub, "2026-11-21", &[listing(1).published("2025-05-05")]).await;
        round(&hub).await;
        assert_eq!(
            told(&hub).await,
            [
                "v1 CANCELLED - a newer version came first",
                "v2 ACCEPTED INSERT"
            ]
        );
        assert_eq!(platform.messages(), 1);
    })
    .await;
}

#[tokio::test]
async fn what_is_not_closed_or_taken_back_leaves_nothing_to_send() {
    on_both(async |db| {
        let (hub, platform) = hub_and_platform(&db).await;
        let many: Vec<_> = (1..=20).map(listing).collect();
        deliver(&hub, "2026-11-20", &many).await;
        let rows = outbox(&hub).await.len();
        assert_eq!(rows, 20);
        // Held, because it withdraws too much; and only tried.
        for (held, dry_run) in [(true, false), (false, true)] {
            let list = made::court_jsonl(if held { &many[..2] } else { &many[..19] });
            let report = hub
                .ingest(COURT, &[("list.jsonl", &list)], |order| {
                    order.as_of = Some(moment("2026-11-20"));
                    order.dry_run = dry_run;
                })
                .await;
            assert_eq!(report.change, None, "{report:#?}");
            assert_eq!(outbox(&hub).await.len(), rows);
        }
        // One that is being written.
        let run = NewRun {
 reread_of: None,
            source: COURT.to_owned(),
            feed: "default".to_owned(),
            is_full: false,
            data_as_of: moment("2026-11-20"),
            started_at: moment("2026-11-20"),
            place: None,
files: Vec::new(),
        };
        let delivery = hub.app.store.begin_delivery(&run).await.expect("it begins");
        let ids = hub.app.store.list_outbox(None, None, 1).await.expect("it answers");
        delivery
            .withdraw(&rows_of(&hub, ids[0].number.record_id).await)
            .await
            .expect("it is written");
        let staged = "SELECT COUNT(*) FROM credit_record WHERE change_from IN (SELECT id FROM change WHERE seq IS NULL)";
        assert_eq!(count(&hub, staged).await, 1);
        assert_eq!(outbox(&hub).await.len(), rows);
        assert_eq!(round(&hub).await.accepted, 20);
        assert_eq!(platform.messages(), 20);
        drop(delivery);
    })
    .await;
}

async fn rows_of(hub: &Hub, record: i64) -> Vec<i64> {
    let sql = format!("SELECT MAX(row_id) FROM credit_record WHERE id = {record}");
    vec![count(hub, &sql).await]
}

#[tokio::test]
async fn nothing_is_sent_back_to_where_it_came_from() {
    let db = Db::sqlite();
    let platform = Platform::start().await;
    let excluded = [(
        LAYOUT,
        r#"sources_excluded = ["credit_platform"]"#,
        r#"sources_excluded = ["credit_platform", "court_debtors"]"#,
    )];
    let hub = hub_with(&db, Channel::Service, platform.place(), &excluded).await;
    deliver(&hub, "2026-11-20", &[listing(1)]).await;
    assert_eq!(outbox(&hub).await, []);
    // And the shipped layout takes no listings at all.
    let db = db.another();
    let hub = Hub::on(&db).await;
    let register = made::register(&[made::body(1, "佛山市样例局", "440600")]);
    hub.ingest("agency_register", &[("register.csv", &register)], |_| {})
        .await;
    deliver(&hub, "2026-11-20", &[listing(1)]).await;
    assert_eq!(hub.records().await.len(), 1);
    assert_eq!(outbox(&hub).await, []);
}
