//! What bounds sockets: tokens, signs of life, numbers of messages, operations and sockets, and the
//! hub's own end.

use std::time::Duration;

use serde_json::json;

use super::{ENDLESS, Socket, hub, list, lively, socket::Heard, soon, token_of};
use crate::api::text;

#[tokio::test]
async fn a_socket_does_not_outlive_its_token() {
    let (_db, hub, wire) = hub(soon).await;
    let mut idle = Socket::let_in(&wire, Some(&token_of(&hub, "short", 1))).await;
    let mut busy = Socket::let_in(&wire, Some(&token_of(&hub, "short", 1))).await;
    let mut long = Socket::let_in(&wire, Some(&token_of(&hub, "long", 60))).await;
    let mut public = Socket::let_in(&wire, None).await;
    busy.subscribe("1", ENDLESS).await;
    busy.is_silent().await;
    hub.later(59);
    idle.is_silent().await;
    hub.later(1);
    assert_eq!(idle.closed().await, (4403, "Forbidden".to_owned()));
    // What ran on it may hear of it before.
    match busy.hear().await {
        Heard::Closed(code, _) => assert_eq!(code, 4403),
        Heard::Message(error) => {
            assert_eq!(error["payload"][0]["extensions"]["code"], "UNAUTHENTICATED");
            assert_eq!(busy.closed().await.0, 4403);
        }
        Heard::Gone => panic!("without a word"),
    }
    long.is_silent().await;
    public.is_silent().await;
}

#[tokio::test]
async fn there_are_so_many_operations_messages_and_sockets_and_no_more() {
    let (_db, hub, wire) = hub(soon).await;
    let token = hub.everything();
    let mut socket = Socket::let_in(&wire, Some(&token)).await;
    for id in ["1", "2", "3", "4"] {
        socket.subscribe(id, ENDLESS).await;
    }
    let error = socket.message().await;
    assert_eq!((text(&error["type"]), text(&error["id"])), ("error", "4"));
    assert_eq!(error["payload"][0]["extensions"]["code"], "LIMITED");
    socket.say(&json!({ "id": "2", "type": "complete" })).await;
    socket.subscribe("4", ENDLESS).await;
    socket.is_silent().await;

    let mut others = Vec::new();
    for _ in 0..3 {
        others.push(Socket::let_in(&wire, Some(&token)).await);
    }
    let mut fifth = Socket::open(&wire).await;
    fifth.init(Some(&token)).await;
    assert_eq!(
        fifth.closed().await,
        (1013, "Too many connections".to_owned())
    );
    let mut other = Socket::let_in(&wire, Some(&token_of(&hub, "another", 60))).await;
    other.is_silent().await;

    // What was said so far counts, too.
    let mut chatty = others.pop().expect("there are some");
    let mut answered = 0;
    let end = loop {
        chatty.say(&json!({ "type": "ping" })).await;
        match chatty.hear().await {
            Heard::Message(_) => answered += 1,
            end => break end,
        }
        assert!(answered <= 60, "nobody stops it");
    };
    assert!(answered >= 30, "{answered}");
    assert!(matches!(end, Heard::Closed(1008, _)), "{end:?}");
}

#[tokio::test]
async fn a_socket_that_gives_no_sign_of_life_makes_room() {
    let (_db, hub, wire) = hub(|config| {
        lively(config);
        config.server.streams.per_subject = 1;
    })
    .await;
    let token = hub.everything();
    // Signs of life are given by who reads, and nobody reads here.
    let mut silent = Socket::let_in(&wire, Some(&token)).await;
    let next = loop {
        let mut next = Socket::open(&wire).await;
        next.init(Some(&token)).await;
        match next.hear().await {
            Heard::Message(_) => break next,
            full => assert!(matches!(full, Heard::Closed(1013, _)), "{full:?}"),
        }
    };
    assert!(matches!(silent.hear().await, Heard::Gone));
    drop(next);
}

#[tokio::test]
async fn who_takes_nothing_is_dropped_and_holds_up_nobody() {
    let (_db, hub, wire) = hub(|config| {
        let streams = &mut config.server.streams;
        streams.write = Duration::from_millis(500);
        streams.per_subject = 1;
    })
    .await;
    let token = hub.everything();
    let mut slow = Socket::narrow(&wire).await;
    slow.init(Some(&token)).await;
    assert_eq!(slow.message().await["type"], "connection_ack");
    // Some megabytes, more than lie between two programs.
    let schema = "__schema { types { name description fields { name description } } }";
    let schemas: String = (0..8).map(|n| format!("a{n}: {schema} ")).collect();
    for id in 0..30 {
        slow.subscribe(&id.to_string(), &format!("{{ {schemas} }}"))
            .await;
    }
    let mut other = Socket::let_in(&wire, Some(&token_of(&hub, "another", 60))).await;
    other.subscribe("1", ENDLESS).await;
    // A stream begins where the hub hears of it: what comes before is none of its.
    other.is_silent().await;
    list(&hub, 5).await;
    for _ in 0..5 {
        assert_eq!(other.message().await["type"], "next");
    }
    // Its place is free again once it is dropped.
    loop {
        let mut next = Socket::open(&wire).await;
        next.init(Some(&token)).await;
        match next.hear().await {
            Heard::Message(_) => break,
            full => assert!(matches!(full, Heard::Closed(1013, _)), "{full:?}"),
        }
    }
    other.is_silent().await;
}

#[tokio::test]
async fn all_streams_end_with_the_hub() {
    let (_db, hub, wire) = hub(|_| {}).await;
    let mut waiting = Socket::open(&wire).await;
    let mut socket = Socket::let_in(&wire, Some(&hub.everything())).await;
    for id in ["1", "2"] {
        socket.subscribe(id, ENDLESS).await;
    }
    socket.is_silent().await;
    list(&hub, 1).await;
    for _ in 0..2 {
        assert_eq!(socket.message().await["type"], "next");
    }
    hub.app.stopping.cancel();
    let mut ended = Vec::new();
    let end = loop {
        match socket.hear().await {
            Heard::Message(message) => {
                assert_eq!(message["type"], "complete");
                ended.push(text(&message["id"]).to_owned());
            }
            end => break end,
        }
    };
    ended.sort();
    assert_eq!(ended, ["1", "2"]);
    assert!(matches!(end, Heard::Closed(1001, _)), "{end:?}");
    assert_eq!(waiting.closed().await.0, 1001);
}
