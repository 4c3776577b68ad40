//! Decisions about whom a text means, over the API: who may take them, what hangs on them, and how
//! they are undone.

mod judgements;
mod reach;
mod rows_moved;

use domain::viewer::Role;
use serde_json::{Value, json};

use super::{Wire, nodes, text};
use crate::support::{Db, Hub, count, made};

const DECIDE: &str = "mutation ($input: DecideMentionInput!) { decideMention(input: $input) { __typename \
     ... on DecideMentionSuccess { mentionId mention { id version resolution { outcome candidates { agency { name } } } } \
       decision { judgement agency { name } by role reason at version mentionId text code source { key } reach { code } } } \
     ... on Refusal { code } ... on VersionConflict { current } } }";

const UNDO: &str = "mutation ($input: UndoMentionDecisionInput!) { undoMentionDecision(input: $input) { __typename \
     ... on UndoMentionDecisionSuccess { mentionId mention { id resolution { outcome } } } \
     ... on Refusal { code } ... on VersionConflict { current } } }";

const QUEUE: &str = "{ mentions(first: 10) { edges { node { id version text division { code } source { key } \
     resolution { outcome steps candidates { agency { id name } } } decision { judgement reason version } \
     context { name text } } } } }";

/// A bureau of the city, two of one of its districts that bear the same second name, and one of
/// another district.
fn town() -> Vec<made::Body> {
    vec![
        made::body(1, "佛山市样例局", "440600"),
        made::body(2, CHANCHENG, "440604").alias(SHARED),
        made::body(3, "佛山市禅城区别样局", "440604").alias(SHARED),
        made::body(4, NANHAI, "440605"),
    ]
}

const SHARED: &str = "样例共用局";

const CHANCHENG: &str = "佛山市禅城区样例局";

const NANHAI: &str = "佛山市南海区样例局";

/// A served hub that knows the town and two listings of whom nobody can tell.
async fn hub_with_queue(db: &Db) -> (Hub, Wire) {
    let hub = Hub::on(db).await;
    hub.it_is("2026-11-17");
    let register = made::register(&town());
    hub.ingest("agency_register", &[("a.csv", &register)], |_| {})
        .await;
    hub.it_is("2026-11-18");
    let list = made::court_jsonl(&[
        made::listing(1, SHARED),
        made::listing(2, SHARED),
        made::listing(3, CHANCHENG),
    ]);
    hub.ingest("court_debtors", &[("c.jsonl", &list)], |_| {})
        .await;
    hub.it_is("2026-11-20");
    let wire = Wire::to(&hub).await;
    (hub, wire)
}

async fn queue(hub: &Hub, wire: &Wire) -> Vec<Value> {
    let operator = hub.token(Role::Operator, &[], None);
    let data = wire.data(Some(&operator), QUEUE).await;
    nodes(&data["mentions"]).cloned().collect()
}

/// A decision on a mention as it stands in the queue.
fn on(mention: &Value, judgement: &str) -> Value {
    json!({
        "key": format!("{judgement} of {}", text(&mention["id"])),
        "mentionId": mention["id"],
        "version": mention["version"],
        "judgement": judgement,
        "reason": "看过卷宗",
    })
}

fn with(mut input: Value, name: &str, value: impl Into<Value>) -> Value {
    input[name] = value.into();
    input
}

fn code_of(n: usize) -> String {
    town()[n - 1].uscc.to_string()
}

async fn decide(wire: &Wire, token: &str, input: &Value) -> Value {
    let reply = wire
        .ask_with(Some(token), DECIDE, &json!({ "input": input }))
        .await;
    assert!(reply.codes().is_empty(), "{}", reply.text);
    reply.json()["data"]["decideMention"].clone()
}

async fn undo(wire: &Wire, token: &str, input: &Value) -> Value {
    let reply = wire
        .ask_with(Some(token), UNDO, &json!({ "input": input }))
        .await;
    assert!(reply.codes().is_empty(), "{}", reply.text);
    reply.json()["data"]["undoMentionDecision"].clone()
}

async fn resolutions(hub: &Hub) -> i64 {
    let sql = "SELECT COUNT(*) FROM change WHERE cause = 'resolution' AND seq IS NOT NULL";
    count(hub, sql).await
}
