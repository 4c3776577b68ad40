//! GraphQL over server-sent events.

use std::time::Duration;

use reqwest::{
    RequestBuilder, Response,
    header::{ACCEPT, HeaderMap},
};
use serde_json::{Value, json};

use super::{ENDLESS, hub, list, lively};
use crate::api::{Reply, Wire, text};

const EVENTS: &str = "text/event-stream";
/// Longer than anything takes that is not wrong.
const PATIENCE: Duration = Duration::from_secs(30);

/// A stream of events.
pub(in crate::api) struct Events {
    response: Response,
    read: String,
}

/// One event: its kind, its id, its data.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::api) struct Event {
    pub(in crate::api) kind: String,
    pub(in crate::api) id: String,
    pub(in crate::api) data: Value,
}

impl Events {
    /// Asks for them.
    pub(in crate::api) async fn of(wire: &Wire, token: Option<&str>, body: &Value) -> Self {
        Self::to(request(wire, token, body)).await
    }

    async fn to(request: RequestBuilder) -> Self {
        let response = request.send().await.expect("the hub answers");
        assert_eq!(response.status(), 200);
        Self {
            response,
            read: String::new(),
        }
    }

    fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// What comes up to the next empty line; nothing at the end.
    async fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.read.split_once("\n\n") {
                let block = block.to_owned();
                self.read = rest.to_owned();
                return Some(block);
            }
            let chunk = tokio::time::timeout(PATIENCE, self.response.chunk()).await;
            let chunk = chunk
                .expect("something comes in time")
                .expect("it comes whole")?;
            self.read += std::str::from_utf8(&chunk).expect("text");
        }
    }

    /// The next event, comments left out.
    pub(in crate::api) async fn next(&mut self) -> Option<Event> {
        loop {
            let block = self.block().await?;
            if block == ":" {
                continue;
            }
            let field = |name: &str| {
                let mut lines = block.lines();
                let line = lines.find_map(|line| line.strip_prefix(name));
                line.map(|value| value.strip_prefix(' ').unwrap_or(value).to_owned())
            };
            let data = field("data:").expect("an event has data");
            return Some(Event {
                kind: field("event:").expect("an event has a kind"),
                id: field("id:").unwrap_or_default(),
                data: match data.as_str() {
                    "" => Value::Null,
                    data => serde_json::from_str(data).expect("JSON"),
                },
            });
        }
    }
}

fn request(wire: &Wire, token: Option<&str>, body: &Value) -> RequestBuilder {
    let request = wire.post().header(ACCEPT, EVENTS).body(body.to_string());
    match token {
        Some(token) => request.bearer_auth(token),
        None => request,
    }
}

fn complete() -> Event {
    Event {
        kind: "complete".to_owned(),
        id: String::new(),
        data: Value::Null,
    }
}

#[tokio::test]
async fn a_query_is_one_event_and_the_end() {
    let (_db, hub, wire) = hub(|_| {}).await;
    let body = json!({ "query": "{ viewer { role } }" });
    let mut events = Events::of(&wire, Some(&hub.everything()), &body).await;
    let header = |name: &str| {
        let value = events.headers().get(name);
        value
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_owned()
    };
    for (name, value) in [
        ("content-type", "text/event-stream; charset=utf-8"),
        ("cache-control", "no-store"),
        ("x-accel-buffering", "no"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(header(name), value, "{name}");
    }
    let next = events.next().await.expect("an event");
    assert_eq!(next.kind, "next");
    assert_eq!(
        next.data["data"],
        json!({ "viewer": { "role": "GOVERNMENT" } })
    );
    assert!(next.data["extensions"]["version"].is_i64());
    assert_eq!(events.next().await, Some(complete()));
    assert_eq!(events.next().await, None, "the body ends");
}

#[tokio::test]
async fn what_is_wrong_with_a_document_is_told_as_an_event() {
    let (_db, hub, wire) = hub(|_| {}).await;
    let token = hub.everything();
    for (query, code) in [
        ("{", "INVALID"),
        ("{ nonsense }", "INVALID"),
        ("subscription { nonsense }", "INVALID"),
        (
            "subscription { creditRecordChanged(after: 1) { cursor } }",
            "INVALID",
        ),
        ("subscription { __typename }", "INVALID"),
        (
            "subscription { a: creditRecordChanged { cursor } b: creditRecordChanged { cursor } }",
            "INVALID",
        ),
        (
            "subscription { creditRecordChanged(filter: { not: { amount: { eq: \"x\" } } }) { cursor } }",
            "INVALID",
        ),
    ] {
        let mut events = Events::of(&wire, Some(&token), &json!({ "query": query })).await;
        let next = events.next().await.expect("an event");
        assert_eq!(next.kind, "next", "{query}");
        assert!(next.data.get("data").is_none(), "{query}: {}", next.data);
        assert_eq!(
            next.data["errors"][0]["extensions"]["code"], code,
            "{query}"
        );
        assert_eq!(events.next().await, Some(complete()), "{query}");
        assert_eq!(events.next().await, None, "{query}");
    }
}

#[tokio::test]
async fn what_is_no_matter_of_graphql_is_plain_http() {
    let (_db, hub, wire) = hub(|_| {}).await;
    let token = hub.everything();
    let endless = json!({ "query": ENDLESS });
    for (request, status) in [
        (request(&wire, Some("x.y.z"), &endless), 401),
        (request(&wire, Some(&token), &json!([endless.clone()])), 400),
        (request(&wire, Some(&token), &json!({ "query": 1 })), 400),
        (
            request(&wire, Some(&token), &endless).header("origin", "https://elsewhere.example"),
            403,
        ),
        // A subscription needs the type; by a wildcard nobody asks for a stream.
        (wire.post().body(endless.to_string()), 406),
        (
            wire.post().header(ACCEPT, "*/*").body(endless.to_string()),
            406,
        ),
    ] {
        let reply = Reply::to(request).await;
        assert_eq!(reply.status, status, "{}", reply.text);
        assert!(reply.is_refusal(), "{}", reply.text);
    }
    // Browsers list it beside others on ordinary queries.
    let plain = wire
        .post()
        .header(ACCEPT, "application/json, text/event-stream")
        .body(json!({ "query": "{ __typename }" }).to_string());
    let reply = Reply::to(plain).await;
    assert_eq!(
        reply.header("content-type"),
        "application/json; charset=utf-8"
    );
}

#[tokio::test]
async fn a_stream_tells_of_changes_and_shows_that_it_lives() {
    let (_db, hub, wire) = hub(lively).await;
    let token = hub.everything();
    let mut events = Events::of(&wire, Some(&token), &json!({ "query": ENDLESS })).await;
    assert_eq!(
        events.block().await.as_deref(),
        Some(":"),
        "nothing happens yet"
    );
    list(&hub, 2).await;
    let first = events.next().await.expect("an event");
    let change = &first.data["data"]["creditRecordChanged"];
    assert_eq!(
        (&change["change"], &change["cause"]),
        (&json!("ADDED"), &json!("SOURCE"))
    );
    assert_eq!(first.id, text(&change["cursor"]));
    let second = events.next().await.expect("an event");
    // A client that comes back says so in a header, whatever stands in its document.
    let query = ENDLESS.replace("Changed", "Changed(after: \"0\")");
    let again = request(&wire, Some(&token), &json!({ "query": query }));
    let mut again = Events::to(again.header("last-event-id", &first.id)).await;
    assert_eq!(again.next().await, Some(second));
}

#[tokio::test]
async fn a_stream_ends_with_its_token_and_with_the_hub() {
    let (_db, hub, wire) = hub(lively).await;
    let token = hub.everything();
    let mut events = Events::of(&wire, Some(&token), &json!({ "query": ENDLESS })).await;
    assert_eq!(events.block().await.as_deref(), Some(":"));
    hub.later(3_600);
    let last = events.next().await.expect("an event");
    assert_eq!(last.kind, "next");
    assert_eq!(
        last.data["errors"][0]["extensions"]["code"],
        "UNAUTHENTICATED"
    );
    assert_eq!(events.next().await, Some(complete()));
    assert_eq!(events.next().await, None);

    let token = hub.everything();
    let mut events = Events::of(&wire, Some(&token), &json!({ "query": ENDLESS })).await;
    assert_eq!(events.block().await.as_deref(), Some(":"));
    hub.app.stopping.cancel();
    assert_eq!(events.next().await, Some(complete()));
    assert_eq!(events.next().await, None);
}

#[tokio::test]
async fn a_subject_has_so_many_streams_and_each_that_ends_makes_room() {
    let (_db, hub, wire) = hub(lively).await;
    let token = hub.everything();
    let body = json!({ "query": ENDLESS });
    let mut open = Vec::new();
    for _ in 0..4 {
        open.push(Events::of(&wire, Some(&token), &body).await);
    }
    let reply = Reply::to(request(&wire, Some(&token), &body)).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (429, "LIMITED"),
        "{}",
        reply.text
    );
    // Others are not held up by it, and the public has no name to be counted by.
    let other = super::token_of(&hub, "another", 60);
    let mut others = Events::of(&wire, Some(&other), &body).await;
    assert_eq!(others.block().await.as_deref(), Some(":"));
    for _ in 0..6 {
        let mut public = Events::of(&wire, None, &body).await;
        assert_eq!(public.block().await.as_deref(), Some(":"));
    }
    // That a client is gone is noticed by what is sent to it.
    drop(open.pop());
    let room = async {
        loop {
            let response = request(&wire, Some(&token), &body).send().await;
            if response.expect("the hub answers").status() == 200 {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, room)
        .await
        .expect("there is room again");
}
