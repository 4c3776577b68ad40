//! `graphql-transport-ws` by its table of rules.

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::{ENDLESS, Socket, hub, list, soon};
use crate::api::{Wire, text};

const PROTOCOL: (&str, &str) = ("sec-websocket-protocol", "graphql-transport-ws");

fn closed(code: u16, reason: &str) -> (u16, String) {
    (code, reason.to_owned())
}

#[tokio::test]
async fn only_the_one_protocol_is_spoken_and_only_to_pages_of_our_own() {
    let (_db, hub, wire) = hub(|config| {
        let origin = "https://console.example".to_owned();
        config.server.origins = vec![zhengxin::config::Origin(origin)];
    })
    .await;
    let own = wire.base.clone();
    let elsewhere = ("origin", "https://elsewhere.example");
    for (headers, refused) in [
        (vec![], Some(400)),
        (vec![("sec-websocket-protocol", "graphql-ws")], Some(400)),
        (vec![PROTOCOL, elsewhere], Some(403)),
        (vec![PROTOCOL, ("origin", "null")], Some(403)),
        (vec![PROTOCOL, ("sec-fetch-site", "cross-site")], Some(403)),
        (vec![PROTOCOL, ("origin", own.as_str())], None),
        (vec![PROTOCOL, ("origin", "https://console.example")], None),
        (
            vec![("sec-websocket-protocol", "graphql-ws, graphql-transport-ws")],
            None,
        ),
    ] {
        let opened = Socket::with(&wire, &headers).await;
        assert_eq!(opened.err(), refused, "{headers:?}");
    }
    // A token in the address is none.
    let mut socket = Socket::let_in(&wire, Some(&hub.everything())).await;
    socket.is_silent().await;
}

#[tokio::test]
async fn a_socket_says_in_time_and_once_who_it_is_for() {
    let (_db, hub, wire) = hub(soon).await;
    let token = hub.everything();
    let mut socket = Socket::open(&wire).await;
    assert_eq!(
        socket.closed().await,
        closed(4408, "Connection initialisation timeout")
    );
    let mut socket = Socket::let_in(&wire, Some(&token)).await;
    socket.init(Some(&token)).await;
    assert_eq!(
        socket.closed().await,
        closed(4429, "Too many initialisation requests")
    );
    let mut socket = Socket::open(&wire).await;
    socket.subscribe("1", "{ __typename }").await;
    assert_eq!(socket.closed().await, closed(4401, "Unauthorized"));
    for payload in [
        json!({ "authorization": "Bearer x.y.z" }),
        json!({ "authorization": format!("Basic {token}") }),
        json!({ "authorization": 17 }),
    ] {
        let mut socket = Socket::open(&wire).await;
        socket
            .say(&json!({ "type": "connection_init", "payload": payload }))
            .await;
        assert_eq!(
            socket.closed().await,
            closed(4403, "Forbidden"),
            "{payload}"
        );
    }
    // Who says nothing is the public; a header does where the first message can't.
    let role = async |mut socket: Socket| {
        socket.subscribe("1", "{ viewer { role } }").await;
        text(&socket.message().await["payload"]["data"]["viewer"]["role"]).to_owned()
    };
    assert_eq!(role(Socket::let_in(&wire, None).await).await, "PUBLIC");
    let bearer = format!("Bearer {token}");
    let headers = [PROTOCOL, ("authorization", &bearer)];
    let mut socket = Socket::with(&wire, &headers).await.expect("it is let in");
    socket.init(None).await;
    assert_eq!(socket.message().await, json!({ "type": "connection_ack" }));
    assert_eq!(role(socket).await, "GOVERNMENT");
    // Two tokens are none.
    let headers = [
        PROTOCOL,
        ("authorization", &bearer),
        ("authorization", &bearer),
    ];
    let mut socket = Socket::with(&wire, &headers).await.expect("it is let in");
    socket.init(None).await;
    assert_eq!(socket.closed().await, closed(4403, "Forbidden"));
}

#[tokio::test]
async fn what_is_no_message_closes_the_socket() {
    let (_db, hub, wire) = hub(|_| {}).await;
    let token = hub.everything();
    for wrong in [
        Message::text(""),
        Message::text("{"),
        Message::text("[]"),
        Message::text(r#"{"type":"start","id":"1","payload":{"query":"{ __typename }"}}"#),
        Message::text(r#"{"type":"next","id":"1","payload":{}}"#),
        Message::text(r#"{"type":"subscribe","id":"1"}"#),
        Message::text(r#"{"type":"subscribe","payload":{"query":"{ __typename }"}}"#),
        Message::text(r#"{"type":"subscribe","id":"","payload":{"query":"{ __typename }"}}"#),
        Message::text(r#"{"type":"subscribe","id":"1","payload":{}}"#),
        Message::text(r#"{"type":"subscribe","id":"1","payload":{"query":17}}"#),
        Message::text(r#"{"type":"complete"}"#),
        Message::text(r#"{"type":"ping","type":"ping"}"#),
        Message::binary(r#"{"type":"ping"}"#),
    ] {
        let mut socket = Socket::let_in(&wire, Some(&token)).await;
        socket.send(wrong.clone()).await;
        assert_eq!(
            socket.closed().await,
            closed(4400, "Invalid message"),
            "{wrong}"
        );
    }
    let mut socket = Socket::let_in(&wire, Some(&token)).await;
    let big = json!({ "type": "ping", "payload": { "a": "x".repeat(64 * 1_024) } });
    socket.say(&big).await;
    assert_eq!(socket.closed().await, closed(1009, "Message too big"));
}

#[tokio::test]
async fn a_sign_of_life_is_given_at_any_time() {
    let (_db, hub, wire) = hub(|_| {}).await;
    let mut socket = Socket::open(&wire).await;
    socket.is_silent().await;
    socket.init(Some(&hub.everything())).await;
    assert_eq!(socket.message().await, json!({ "type": "connection_ack" }));
    let payload = json!({ "a": [1] });
    socket
        .say(&json!({ "type": "ping", "payload": payload }))
        .await;
    assert_eq!(
        socket.message().await,
        json!({ "type": "pong", "payload": payload })
    );
    socket.say(&json!({ "type": "pong" })).await;
    socket.is_silent().await;
}

#[tokio::test]
async fn an_operation_has_its_results_and_its_end_or_one_error() {
    let (_db, hub, wire) = hub(|_| {}).await;
    let mut socket = Socket::let_in(&wire, Some(&hub.everything())).await;
    let variables = json!({ "first": 1 });
    let query = "query Q($first: Int) { agencies(first: $first) { edges { node { name } } } } query R { __typename }";
    let payload =
        json!({ "query": query, "operationName": "Q", "variables": variables, "extensions": null });
    for id in ["1", "信", "1"] {
        socket
            .say(&json!({ "id": id, "type": "subscribe", "payload": payload }))
            .await;
        let next = socket.message().await;
        assert_eq!((text(&next["type"]), text(&next["id"])), ("next", id));
        let names = &next["payload"]["data"]["agencies"]["edges"];
        assert_eq!(
            names,
            &json!([{ "node": { "name": "佛山市禅城区水务局" } }])
        );
        assert!(next["payload"]["extensions"]["version"].is_i64());
        assert_eq!(
            socket.message().await,
            json!({ "id": id, "type": "complete" })
        );
    }
    // What fails in part is a result.
    socket
        .subscribe("1", "{ agencies(first: -1) { totalCount } }")
        .await;
    let next = socket.message().await;
    assert_eq!(next["type"], "next");
    assert_eq!(next["payload"]["data"], json!({ "agencies": null }));
    assert_eq!(
        next["payload"]["errors"][0]["extensions"]["code"],
        "INVALID"
    );
    assert_eq!(socket.message().await["type"], "complete");
    for (query, code, reason) in [
        ("{", "INVALID", Value::Null),
        ("{ nonsense }", "INVALID", Value::Null),
        ("subscription { nonsense }", "INVALID", Value::Null),
        ("subscription { a: __typename }", "INVALID", Value::Null),
        (
            "query A { __typename } query B { __typename }",
            "INVALID",
            Value::Null,
        ),
        (
            "{ agencies { nonsense @a @b @c @d @e @f } }",
            "INVALID",
            Value::Null,
        ),
        (
            "subscription { creditRecordChanged(after: \"x\") { cursor } }",
            "INVALID",
            json!("CURSOR_INVALID"),
        ),
    ] {
        socket.subscribe("1", query).await;
        let error = socket.message().await;
        assert_eq!(
            (text(&error["type"]), text(&error["id"])),
            ("error", "1"),
            "{query}"
        );
        let errors = error["payload"].as_array().expect("a list");
        assert!(!errors.is_empty() && errors.len() <= 5, "{error}");
        let extensions = &errors[0]["extensions"];
        assert_eq!(extensions["code"], code, "{error}");
        assert_eq!(extensions["reason"], reason, "{error}");
        assert!(!text(&extensions["traceId"]).is_empty(), "{error}");
    }
    // And nothing follows any of them.
    socket.is_silent().await;
}

#[tokio::test]
async fn ids_are_one_space_and_free_again_once_they_are_over() {
    let (_db, hub, wire) = hub(|_| {}).await;
    let token = hub.everything();
    for (id, second) in [
        ("7", ENDLESS),
        ("7", "{ __typename }"),
        (&"长".repeat(300), ENDLESS),
    ] {
        let mut socket = Socket::let_in(&wire, Some(&token)).await;
        socket.subscribe(id, ENDLESS).await;
        socket.subscribe(id, second).await;
        let (code, reason) = socket.closed().await;
        assert_eq!(code, 4409);
        assert!(reason.len() <= 123, "{reason}");
        assert!(reason.starts_with("Subscriber for ") && reason.ends_with(" already exists"));
    }
    let mut socket = Socket::let_in(&wire, Some(&token)).await;
    socket.subscribe("7", ENDLESS).await;
    socket.say(&json!({ "id": "7", "type": "complete" })).await;
    socket.say(&json!({ "id": "7", "type": "complete" })).await;
    socket
        .say(&json!({ "id": "nobody", "type": "complete" }))
        .await;
    // Once the hub has heard so, nothing that happens is a matter of the one that is over, and no end
    // is echoed.
    socket.is_silent().await;
    list(&hub, 3).await;
    socket.is_silent().await;
    socket.subscribe("7", "{ __typename }").await;
    assert_eq!(socket.message().await["type"], "next");
    assert_eq!(socket.message().await["type"], "complete");
}

#[tokio::test]
async fn several_streams_go_on_beside_each_other() {
    let (_db, hub, wire) = hub(|_| {}).await;
    let mut socket = Socket::let_in(&wire, Some(&hub.everything())).await;
    for id in ["a", "b", "c"] {
        socket.subscribe(id, "subscription { ...S } fragment S on Subscription { creditRecordChanged(after: \"1\") { cursor } }").await;
    }
    // More than wait in a queue, so that none is through before the others had a turn.
    list(&hub, 150).await;
    let mut heard: Vec<(String, String)> = Vec::new();
    for _ in 0..450 {
        let next = socket.message().await;
        assert_eq!(next["type"], "next", "{next}");
        let cursor = &next["payload"]["data"]["creditRecordChanged"]["cursor"];
        heard.push((text(&next["id"]).to_owned(), text(cursor).to_owned()));
    }
    let of = |id: &str| -> Vec<&String> {
        let all = heard.iter().filter(|(of, _)| of == id);
        all.map(|(_, cursor)| cursor).collect()
    };
    assert_eq!(of("a").len(), 150);
    assert_eq!(of("a"), of("b"));
    assert_eq!(of("a"), of("c"));
    // Each has its turn: none waits for the end of another.
    let first_end = heard.iter().rposition(|(id, _)| id == "a");
    let last_begin = heard.iter().position(|(id, _)| id == "c");
    assert!(last_begin < first_end, "{heard:?}");
    ended(&wire, socket).await;
}

/// A socket that its client closes is closed by the hub, too.
async fn ended(_wire: &Wire, mut socket: Socket) {
    socket.send(Message::Close(None)).await;
    assert!(matches!(socket.hear().await, super::socket::Heard::Gone));
}
