//! Following the register: rows that its changes concern are resolved anew from what is kept of
//! them, and nothing else moves.

mod followed;
mod interrupted;
mod looked_at;

use domain::run::{RunCounts, RunState};
use zhengxin::{
    ingest::Followed,
    store::{Delivery, NewRun},
};

use super::{COURT, REGISTER};
use crate::support::{
    Db, Hub, count,
    made::{self, Body},
    moment,
};

const CHANCHENG: &str = "佛山市禅城区样例局";

const NANHAI: &str = "佛山市南海区样例局";

fn chancheng() -> Body {
    made::body(2, CHANCHENG, "440604")
}

fn nanhai() -> Body {
    made::body(3, NANHAI, "440605")
}

async fn bring_register(hub: &Hub, bodies: &[Body]) -> zhengxin::ingest::Report {
    let register = made::register(bodies);
    let report = hub
        .ingest(REGISTER, &[("register.csv", &register)], |_| {})
        .await;
    assert!(report.change.is_some(), "{report:#?}");
    report
}

async fn bring_list(hub: &Hub, names: &[&str]) {
    let listing = |(at, name): (usize, &&str)| made::listing(at as i64 + 1, name);
    let list: Vec<_> = names.iter().enumerate().map(listing).collect();
    let report = hub
        .ingest(COURT, &[("list.jsonl", &made::court_jsonl(&list))], |_| {})
        .await;
    assert!(report.change.is_some(), "{report:#?}");
}

/// Holds a source as a delivery of another process does.
async fn hold(db: &Db, source: &str) -> Delivery {
    let new = NewRun {
        reread_of: None,
        source: source.to_owned(),
        feed: "default".to_owned(),
        is_full: false,
        data_as_of: moment("2026-11-20"),
        started_at: moment("2026-11-20"),
        place: None,
        files: Vec::new(),
    };
    let other = Hub::on(db).await;
    let delivery = other.app.store.begin_delivery(&new).await;
    delivery.expect("nobody else holds it")
}

async fn let_go(delivery: Delivery) {
    delivery
        .take_back(
            RunState::Failed,
            RunCounts::default(),
            "given up",
            moment("2026-11-20"),
        )
        .await
        .expect("the database answers");
}

async fn follow(hub: &Hub) -> Followed {
    let followed = hub.ingest.follow_register().await;
    followed.expect("the database answers")
}

/// How many resolutions were published.
async fn published(hub: &Hub) -> i64 {
    let sql = "SELECT COUNT(*) FROM change WHERE cause = 'resolution' AND seq IS NOT NULL";
    count(hub, sql).await
}
