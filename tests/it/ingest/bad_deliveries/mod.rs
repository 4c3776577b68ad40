//! Deliveries that are bad as a whole: nothing is stored, and the report says why.

mod content;
mod cut_off;
mod layout;

use domain::run::RunCounts;

use super::{COURT, done, hub_with_town, refused};
use crate::support::{Db, Hub, leftovers, made, state};

/// Six listings, with names and duties that are all beyond ASCII.
fn listings() -> Vec<made::Listing> {
    (1..=6)
        .map(|id| made::listing(id, "佛山市禅城区样例局"))
        .collect()
}

/// A hub that knows the town and two listings of another time, which must still stand afterwards.
async fn hub_with_list(db: &Db) -> Hub {
    let hub = hub_with_town(db).await;
    let old = [
        made::listing(1, "佛山市禅城区样例局").duty("旧"),
        made::listing(90, "佛山市样例局"),
    ];
    let report = hub
        .ingest(COURT, &[("old.jsonl", &made::court_jsonl(&old))], |_| {})
        .await;
    done(
        &report,
        RunCounts {
            received: 2,
            stored: 2,
            ..RunCounts::default()
        },
    );
    hub.it_is("2026-11-21");
    hub
}

/// Brings a file in that must be refused, and leave the state as it was.
async fn is_refused(hub: &Hub, source: &str, name: &str, bytes: &[u8], says: &[&str]) {
    let before = state(hub).await;
    let report = hub.ingest(source, &[(name, bytes)], |_| {}).await;
    refused(&report, says);
    assert_eq!(state(hub).await, before, "{name} left something");
    assert_eq!(leftovers(hub).await, "", "{name} left something");
}
