//! A record whose body is not told any more is taken back from the platform, and told again when it is.

use zhengxin::config::{Channel, Place};

use super::{COURT, deliver, hub_with, listing, round, told};
use crate::support::{Db, Hub, made};

/// A register in which one body more bears the name that all listings give, or does not.
async fn register(hub: &Hub, is_shared: bool) {
    let other = if is_shared {
        "佛山市样例局"
    } else {
        "佛山市他样局"
    };
    let register = made::register(&[
        made::body(1, "佛山市样例局", "440600"),
        made::body(2, "佛山市禅城区样例局", "440604"),
        made::body(3, other, "440600"),
    ]);
    let report = hub
        .ingest("agency_register", &[("register.csv", &register)], |_| {})
        .await;
    assert!(
        report.change.is_some() && report.warnings.is_empty(),
        "{report:#?}"
    );
}

#[tokio::test]
async fn a_platform_hears_when_it_is_not_told_any_more_who_is_meant() {
    let db = Db::sqlite();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let place = Place {
        folder: Some(folder.path().to_owned()),
        ..Place::default()
    };
    let hub = hub_with(&db, Channel::Package, place, &[]).await;
    deliver(&hub, "2026-11-20", &[listing(1)]).await;
    assert_eq!(round(&hub).await.sent, 1);

    hub.it_is("2026-11-21");
    register(&hub, true).await;
    assert_eq!(hub.mentions().await, ["佛山市样例局 AMBIGUOUS"]);
    assert!(hub.records().await.is_empty());
    assert!(
        Hub::on(&db).await.records().await.is_empty(),
        "nor does who starts later see it"
    );
    assert_eq!(round(&hub).await.sent, 1);
    assert_eq!(told(&hub).await, ["v1 SENT INSERT", "v2 SENT DELETE"]);

    hub.it_is("2026-11-22");
    register(&hub, false).await;
    assert_eq!(hub.records().await, ["佛山市样例局 ACTIVE 2025-03-04 -"]);
    assert_eq!(round(&hub).await.sent, 1);
    assert_eq!(
        told(&hub).await,
        ["v1 SENT INSERT", "v2 SENT DELETE", "v3 SENT INSERT"]
    );
    let again = hub
        .ingest(
            COURT,
            &[("l.jsonl", &made::court_jsonl(&[listing(1)]))],
            |_| {},
        )
        .await;
    assert_eq!(again.counts.unchanged, 1, "{again:#?}");
}
