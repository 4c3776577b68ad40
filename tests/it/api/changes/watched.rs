//! `watchListChanged`: what becomes of watched subjects, live and after a cursor, across processes.

use domain::viewer::{Role, Scope};
use serde_json::{Value, json};
use zhengxin::auth::Grant;

use super::{CHANCHENG, NANHAI, XIANGZHOU, bodies, court, hub_on, listing, register};
use crate::api::{
    Wire,
    streams::{Events, Socket},
    text,
};
use crate::support::{Hub, made, on_both};

pub(super) fn token(hub: &Hub, role: Role, division: &str) -> String {
    let grant = Grant {
        subject: "watcher".to_owned(),
        role,
        divisions: vec![division.parse().expect("a code")],
        agency: None,
        scopes: vec![Scope::Adhoc],
        minutes: 600,
    };
    hub.app.auth.issue(&grant).expect("the hub has a key")
}

/// A list with these subjects, as far as they may be watched.
pub(super) async fn list(wire: &Wire, token: &str, key: &str, names: &[&str]) -> String {
    let made = format!(
        r#"mutation {{ createWatchList(input: {{ key: "{key}", title: "x", purpose: "执行协助" }}) {{ ... on WatchListSuccess {{ list {{ id }} }} }} }}"#
    );
    let data = wire.data(Some(token), &made).await;
    let list = text(&data["createWatchList"]["list"]["id"]).to_owned();
    add(wire, token, &list, names).await;
    list
}

async fn add(wire: &Wire, token: &str, list: &str, names: &[&str]) {
    let subjects: Vec<Value> = names.iter().map(|name| json!({ "name": name })).collect();
    let mutation = "mutation ($input: AddWatchSubjectsInput!) { addWatchSubjects(input: $input) { \
         ... on WatchListSuccess { count } ... on Refusal { code } } }";
    let input = json!({ "key": format!("{list} {names:?}"), "listId": list, "subjects": subjects });
    let reply = wire
        .ask_with(Some(token), mutation, &json!({ "input": input }))
        .await;
    let done = &reply.json()["data"]["addWatchSubjects"]["count"];
    assert_eq!(done, &json!(names.len()), "{}", reply.text);
}

pub(super) async fn follow(wire: &Wire, token: &str, list: &str, after: Option<&str>) -> Events {
    let query = "subscription ($list: ID!, $after: String) { watchListChanged(list: $list, after: $after) { \
         cursor kind cause subject { name } about { name } record { agency { name } } } }";
    let body = json!({ "query": query, "variables": { "list": list, "after": after } });
    Events::of(wire, Some(token), &body).await
}

/// The next one's cursor, and `KIND CAUSE subject`.
pub(super) async fn next(events: &mut Events) -> (String, String) {
    let event = events.next().await.expect("the stream goes on");
    assert_eq!(event.kind, "next", "{event:?}");
    assert!(event.data.get("errors").is_none(), "{event:?}");
    let change = &event.data["data"]["watchListChanged"];
    assert_eq!(event.id, text(&change["cursor"]));
    let what = [
        &change["kind"],
        &change["cause"],
        &change["subject"]["name"],
    ];
    (event.id, what.map(text).join(" "))
}

/// The reason for which nothing more is told.
async fn ended(events: &mut Events) -> String {
    let event = events.next().await.expect("an event");
    text(&event.data["errors"][0]["extensions"]["reason"]).to_owned()
}

#[tokio::test]
async fn without_a_durable_entry_a_stream_tells_nothing() {
    on_both(async |db| {
        let hub = hub_on(&db).await;
        let wire = Wire::to(&hub).await;
        register(&hub, &bodies()).await;
        let watcher = token(&hub, Role::Court, "440600");
        let own = list(&wire, &watcher, "1", &[CHANCHENG]).await;
        let start = hub.app.live.now().seq().to_string();
        let mut events = follow(&wire, &watcher, &own, None).await;
        let mut socket = Socket::let_in(&wire, Some(&watcher)).await;
        let query = format!(r#"subscription {{ watchListChanged(list: "{own}", after: "{start}") {{ kind subject {{ name }} }} }}"#);
        socket.subscribe("1", &query).await;
        // On SQLite the log has a file once somebody looked for it.
        hub.app.audit.integrate().await.expect("it is put together");
        db.audit_log(false).await;
        court(&hub, &[listing(1, 1)]).await;
        let event = events.next().await.expect("an event");
        let told = [event.data.to_string(), socket.message().await.to_string()];
        for told in told {
            assert!(told.contains("AUDIT_UNAVAILABLE") && !told.contains(CHANCHENG) && !told.contains("RECORD_ADDED"), "{told}");
        }
        // Nothing is lost by it: whoever comes back is told.
        db.audit_log(true).await;
        let mut events = follow(&wire, &watcher, &own, Some(&start)).await;
        assert_eq!(next(&mut events).await.1, format!("RECORD_ADDED SOURCE {CHANCHENG}"));
    })
    .await;
}

#[tokio::test]
async fn live_and_afterwards_the_same_is_told_and_of_others_nothing() {
    on_both(async |db| {
        let writer = hub_on(&db).await;
        let writing = Wire::to(&writer).await;
        register(&writer, &bodies()).await;
        let watcher = token(&writer, Role::Court, "440600");
        let own = list(&writing, &watcher, "1", &[CHANCHENG, XIANGZHOU]).await;
        // Another process tells it.
        let reader = hub_on(&db).await;
        let reading = Wire::to(&reader).await;
        let start = reader.app.live.now().seq().to_string();
        let mut live = follow(&reading, &watcher, &own, None).await;
        court(&writer, &[listing(1, 1), listing(2, 3)]).await;
        let first = next(&mut live).await;
        assert_eq!(first.1, format!("RECORD_ADDED SOURCE {CHANCHENG}"));
        // One who is taken in while the stream is open is told of from then on.
        add(&writing, &watcher, &own, &[NANHAI]).await;
        court(&writer, &[listing(1, 1), listing(2, 3).published("2025年03月05日"), listing(3, 4)]).await;
        let mut told = vec![first];
        told.push(next(&mut live).await);
        told.push(next(&mut live).await);
        let mut kinds: Vec<&str> = told[1..].iter().map(|told| told.1.as_str()).collect();
        kinds.sort_unstable();
        let wanted = [
            format!("RECORD_ADDED SOURCE {XIANGZHOU}"),
            format!("RECORD_CHANGED SOURCE {NANHAI}"),
        ];
        assert_eq!(kinds, wanted);

        // Whoever comes back, to a process that was not there, is told the rest: no gap, nothing twice.
        let afresh = hub_on(&db).await;
        let fresh = Wire::to(&afresh).await;
        let mut after = start;
        for one in &told {
            let mut events = follow(&fresh, &watcher, &own, Some(&after)).await;
            assert_eq!(&next(&mut events).await, one);
            after.clone_from(&one.0);
        }
        // The page says the same, and its end goes on as a stream.
        let query = format!(r#"{{ watchChanges(list: "{own}") {{ upTo changes {{ cursor }} }} }}"#);
        let data = fresh.data(Some(&watcher), &query).await;
        let cursors: Vec<&str> = data["watchChanges"]["changes"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|change| text(&change["cursor"]))
            .collect();
        assert_eq!(cursors, told.iter().map(|told| told.0.as_str()).collect::<Vec<_>>());
        let up_to = text(&data["watchChanges"]["upTo"]).to_owned();
        let mut on = follow(&fresh, &watcher, &own, Some(&up_to)).await;
        court(&writer, &[listing(3, 4)]).await;
        let (mut here, mut there) = (Vec::new(), Vec::new());
        for _ in 0..2 {
            here.push(next(&mut live).await);
            there.push(next(&mut on).await);
        }
        assert_eq!(here, there);
        assert!(here.iter().all(|one| one.1.starts_with("RECORD_ENDED SOURCE")), "{here:#?}");
        // With the list the stream is over.
        let end = format!(r#"mutation {{ endWatchList(input: {{ key: "e", listId: "{own}" }}) {{ __typename }} }}"#);
        writing.data(Some(&watcher), &end).await;
        court(&writer, &[listing(1, 1), listing(3, 4)]).await;
        assert_eq!(ended(&mut live).await, "WATCH_LIST_ENDED");
    })
    .await;
}

#[tokio::test]
async fn a_stream_is_for_the_lists_client_and_falls_silent_with_his_right() {
    on_both(async |db| {
        let hub = hub_on(&db).await;
        let wire = Wire::to(&hub).await;
        register(&hub, &bodies()).await;
        let city = token(&hub, Role::Government, "440600");
        let own = list(&wire, &city, "1", &[CHANCHENG, NANHAI]).await;
        for (role, division) in [(Role::Court, "440600"), (Role::Government, "440000")] {
            let other = token(&hub, role, division);
            let mut events = follow(&wire, &other, &own, None).await;
            let event = events.next().await.expect("an event");
            let code = &event.data["errors"][0]["extensions"]["code"];
            assert_eq!(code, "INVALID", "{}", event.data);
        }
        let mut live = follow(&wire, &city, &own, None).await;
        court(&hub, &[listing(1, 1)]).await;
        assert_eq!(
            next(&mut live).await.1,
            format!("RECORD_ADDED SOURCE {CHANCHENG}")
        );
        // It moves to another city: what becomes of it there is nothing to this one.
        let mut moved = bodies();
        moved[0] = moved[0].clone().with("行政区划代码", "440402");
        register(&hub, &moved).await;
        court(&hub, &[listing(1, 1).published("2025年03月05日")]).await;
        court(&hub, &[listing(1, 1), made::listing(2, NANHAI)]).await;
        assert_eq!(
            next(&mut live).await.1,
            format!("RECORD_ADDED SOURCE {NANHAI}")
        );
    })
    .await;
}
