//! What leaves: each version of a record once, over each channel, whatever happens in between.

mod layouts;
mod measures;
mod officials;
mod package;
mod platform;
mod resolution;
mod service;
mod table;

use domain::outbox::OutboxState;
use zhengxin::{
    config::{Channel, Outbound, Place},
    outbound::RoundReport,
    store::OutboxEntry,
};

pub(crate) use measures::last_row;

use crate::{
    api::catalogue_with,
    support::{Db, Hub, made, moment},
};

const KEY: &str = "credit_platform";
const LAYOUT: &str = "outbound/credit_platform.toml";
const COURT: &str = "court_debtors";

/// Lets court listings out, of which there are some here, instead of what the shipped layout takes.
const LISTINGS: [(&str, &str, &str); 2] = [
    (
        LAYOUT,
        r#"kinds = ["BREACH", "ARREARS"]"#,
        r#"kinds = ["JUDGMENT_DEBTOR"]"#,
    ),
    (
        LAYOUT,
        r#"ARREARS = "拖欠中小企业账款" }"#,
        r#"ARREARS = "拖欠中小企业账款", JUDGMENT_DEBTOR = "失信被执行人" }"#,
    ),
];

/// A hub that tells a platform of court listings, with some more changes to the catalogue.
async fn hub_with(db: &Db, channel: Channel, place: Place, changes: &[(&str, &str, &str)]) -> Hub {
    let folder = db.folder().join("catalogue");
    if !folder.exists() {
        catalogue_with(&folder, &[&LISTINGS[..], changes].concat());
    }
    let key = db.file(
        "person.key",
        b"a key for the numbers of made-up persons alone",
    );
    let hub = Hub::with(db, |config| {
        config.catalogue.dir = Some(folder);
        config.hub.person_key_file = Some(key);
        let outbound = Outbound {
            channel: Some(channel),
            place,
        };
        config.outbound.insert(KEY.to_owned(), outbound);
    })
    .await;
    let register = made::register(&[
        made::body(1, "佛山市样例局", "440600"),
        made::body(2, "佛山市禅城区样例局", "440604"),
    ]);
    hub.ingest("agency_register", &[("register.csv", &register)], |_| {})
        .await;
    hub
}

fn listing(id: i64) -> made::Listing {
    made::listing(id, "佛山市样例局")
}

/// Brings a full list in.
async fn deliver(hub: &Hub, day: &str, listings: &[made::Listing]) {
    hub.it_is(day);
    let list = made::court_jsonl(listings);
    let report = hub
        .ingest(COURT, &[("list.jsonl", &list)], |order| {
            order.as_of = Some(moment(day));
        })
        .await;
    assert!(report.change.is_some(), "{report:#?}");
}

pub(crate) async fn round(hub: &Hub) -> RoundReport {
    hub.app
        .outbound()
        .expect("it is configured")
        .round()
        .await
        .expect("the database answers")
}

/// The outbox, the oldest first.
async fn outbox(hub: &Hub) -> Vec<OutboxEntry> {
    let mut entries = hub
        .app
        .store
        .list_outbox(None, None, 10_000)
        .await
        .expect("the database answers");
    entries.reverse();
    entries
}

/// `version STATE OPERATION reason` of each row, the oldest first.
async fn told(hub: &Hub) -> Vec<String> {
    let line = |entry: OutboxEntry| {
        format!(
            "v{} {} {} {}",
            entry.number.version,
            entry.state,
            entry.operation.map_or("-", |operation| operation.as_str()),
            entry.reason.unwrap_or_default()
        )
    };
    let lines: Vec<String> = outbox(hub).await.into_iter().map(line).collect();
    lines.iter().map(|line| line.trim().to_owned()).collect()
}

async fn states(hub: &Hub) -> Vec<OutboxState> {
    outbox(hub).await.iter().map(|entry| entry.state).collect()
}

/// Changes the tables as whoever was killed would have left them.
async fn tamper(hub: &Hub, sql: &str) {
    use sea_orm::ConnectionTrait;
    let db = hub.database().await;
    let done = db.execute_unprepared(sql).await.expect("the query is good");
    assert!(done.rows_affected() > 0, "{sql} changes nothing");
    db.close().await.expect("it closes");
}
