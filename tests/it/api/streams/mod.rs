//! Operations whose answers come one after another: over sockets and over events.

mod bounds;
mod events;
mod protocol;
mod socket;

use std::{num::NonZeroU32, time::Duration};

use domain::viewer::{Role, Scope};
use zhengxin::{auth::Grant, config::Config};

use crate::api::Wire;
use crate::support::{Db, Hub, made};

pub(super) use events::Events;
pub(super) use socket::Socket;

/// A stream that goes on for ever.
pub(super) const ENDLESS: &str =
    "subscription { creditRecordChanged { cursor recordId change cause } }";

/// A hub whose bounds a test does not have to wait for.
fn soon(config: &mut Config) {
    let streams = &mut config.server.streams;
    streams.init = Duration::from_secs(2);
    streams.recheck = Duration::from_millis(50);
    streams.messages_per_minute = NonZeroU32::new(40).expect("it is not zero");
    streams.operations_per_socket = 3;
    streams.per_subject = 4;
}

/// The same, and signs of life come often.
fn lively(config: &mut Config) {
    soon(config);
    config.server.streams.ping = Duration::from_millis(200);
}

/// A hub with one body and no records yet.
async fn hub(change: impl FnOnce(&mut Config)) -> (Db, Hub, Wire) {
    let db = Db::sqlite();
    let hub = Hub::with(&db, change).await;
    let register = made::register(&[made::body(1, "佛山市禅城区水务局", "440604")]);
    hub.ingest("agency_register", &[("a.csv", &register)], |_| {})
        .await;
    let wire = Wire::to(&hub).await;
    (db, hub, wire)
}

/// So many listings of that body.
async fn list(hub: &Hub, count: i64) {
    let code = made::uscc("11", "440604", 1);
    let listings: Vec<_> = (1..=count)
        .map(|id| made::listing(id, "佛山市禅城区水务局").code(code))
        .collect();
    hub.ingest(
        "court_debtors",
        &[("b.jsonl", &made::court_jsonl(&listings))],
        |_| {},
    )
    .await;
}

/// A token of somebody who has no other.
fn token_of(hub: &Hub, subject: &str, minutes: i64) -> String {
    let grant = Grant {
        subject: subject.to_owned(),
        role: Role::Government,
        divisions: vec!["440000".parse().expect("a code")],
        agency: None,
        scopes: vec![Scope::Adhoc],
        minutes,
    };
    hub.app.auth.issue(&grant).expect("the hub has a key")
}
