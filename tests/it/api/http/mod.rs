//! GraphQL over HTTP: methods, media types, statuses, and errors that tell nothing of the inside.

mod answers;
mod cancelled;
mod errors;
mod get;
mod origins;
mod requests;
mod scanner;
mod statuses;
mod versions;

use std::collections::BTreeSet;

use serde_json::json;
use zhengxin::config::Config;

use crate::api::{Reply, Wire, text};
use crate::support::{Db, Hub, made};

const JSON: &str = "application/json";

const GRAPHQL: &str = "application/graphql-response+json";

/// A hub without data; its database goes when the first of the three does.
async fn empty() -> (Db, Hub, Wire) {
    let db = Db::sqlite();
    let hub = Hub::on(&db).await;
    let wire = Wire::to(&hub).await;
    (db, hub, wire)
}

/// The same with a configuration of its own.
async fn empty_with(change: impl FnOnce(&mut Config)) -> (Db, Hub, Wire) {
    let db = Db::sqlite();
    let hub = Hub::with(&db, change).await;
    let wire = Wire::to(&hub).await;
    (db, hub, wire)
}

/// A hub with one body and one listing of it.
async fn with_one_record(db: &Db) -> Hub {
    let hub = Hub::on(db).await;
    let body = made::body(1, "佛山市禅城区水务局", "440604");
    let listing = made::listing(1, "佛山市禅城区水务局").code(body.uscc);
    hub.ingest(
        "agency_register",
        &[("a.csv", &made::register(&[body]))],
        |_| {},
    )
    .await;
    hub.ingest(
        "court_debtors",
        &[("b.jsonl", &made::court_jsonl(&[listing]))],
        |_| {},
    )
    .await;
    hub
}

fn body(query: &str) -> String {
    json!({ "query": query }).to_string()
}

/// Each error has a message, a code of the contract and a trace id, and nothing that is not known.
fn assert_well_formed(reply: &Reply) {
    let json = reply.json();
    for error in json["errors"].as_array().into_iter().flatten() {
        let told: BTreeSet<&str> = error
            .as_object()
            .expect("an object")
            .keys()
            .map(String::as_str)
            .collect();
        assert!(
            told.is_subset(&BTreeSet::from([
                "message",
                "locations",
                "path",
                "extensions"
            ])),
            "{}",
            reply.text
        );
        assert!(!text(&error["message"]).is_empty(), "{}", reply.text);
        let extensions = error["extensions"].as_object().expect("an object");
        let told: BTreeSet<&str> = extensions.keys().map(String::as_str).collect();
        assert!(
            told.is_subset(&BTreeSet::from(["code", "traceId", "reason"])),
            "{}",
            reply.text
        );
        let codes = [
            "UNAUTHENTICATED",
            "FORBIDDEN",
            "NOT_FOUND",
            "INVALID",
            "CONFLICT",
            "LIMITED",
            "UNAVAILABLE",
            "INTERNAL",
        ];
        assert!(codes.contains(&text(&extensions["code"])), "{}", reply.text);
        assert!(
            !text(&extensions["traceId"]).is_empty(),
            "no trace id: {}",
            reply.text
        );
    }
}
