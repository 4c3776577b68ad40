//! A delivery that lost its hold on the source without noticing, and was taken back by the next one,
//! can write no more.

use zhengxin::{
    failpoint::{self, Failure, Plan},
    ingest::{Error, From, Order},
    store,
};

use super::{COURT, hub_with_town};
use crate::support::{Db, Hub, leftovers, made, state};

const UNKNOWN: &str = "佛山市禅城区不存局";

/// Cuts the connection that holds a source.
async fn lose_hold(hub: &Hub) {
    let db = hub.database().await;
    let sql = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND \
               database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    sea_orm::ConnectionTrait::execute_unprepared(&db, sql)
        .await
        .expect("it is ours");
    db.close().await.expect("it closes");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_lost_his_hold_can_write_no_more() {
    let Some(db) = Db::postgres().filter(|_| failpoint::ENABLED) else {
        return;
    };
    for point in ["stage.staged", "close"] {
        let db = db.another();
        let (hub, other) = (hub_with_town(&db).await, Hub::on(&db).await);
        let listings = [1, 2, 3].map(|id| made::listing(id, UNKNOWN));
        let all = made::court_platform_jsonl(&listings);
        hub.ingest(COURT, &[("all.jsonl", &all)], |_| {}).await;
        let known = state(&hub).await;
        hub.later(60);
        other.later(60);

        // One that would withdraw a listing stands still, and loses its hold.
        let less = made::court_platform_jsonl(&listings[..2]);
        let order = Order {
            source: COURT.to_owned(),
            feed: None,
            from: From::Files(vec![db.file("less.jsonl", &less)]),
            as_of: None,
            partial: false,
            dry_run: false,
        };
        let plan = Plan::of(vec![(point, 1, Failure::Pause)]);
        let slow = failpoint::with(&plan, hub.ingest.run(&order, &|_| {}));
        let next = async {
            plan.until_paused().await;
            lose_hold(&other).await;
            let report = other
                .ingest(COURT, &[("all.jsonl", &all)], |order| order.partial = true)
                .await;
            plan.go_on();
            report
        };
        let (slow, next) = tokio::join!(slow, next);
        assert!(next.change.is_some(), "{point}: {next:#?}");
        let slow = slow.expect("nobody gave it up");
        assert!(
            matches!(slow, Err(Error::Store(store::Error::Lost))),
            "{point}: {slow:#?}"
        );
        assert_eq!(leftovers(&hub).await, "", "{point}");
        assert_eq!(state(&Hub::on(&db).await).await, known, "{point}");
    }
}
