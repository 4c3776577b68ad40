//! Bombs are refused, what is just in bounds is answered, and what clients send passes.

use domain::viewer::Role;
use serde_json::{Value, json};

use super::{
    bombs::{fragment_bombs, other_bombs},
    fragments, hub, times,
};
use crate::api::Reply;

fn is_refused(reply: &Reply) -> bool {
    let codes = reply.codes();
    reply.is_refusal()
        && codes
            .iter()
            .all(|code| code == "LIMITED" || code == "INVALID")
}

#[tokio::test]
async fn bombs_are_refused_whatever_their_shape() {
    let (_db, hub, wire, token) = hub().await;
    let bombs = [fragment_bombs(), other_bombs()].concat();
    assert!(fragment_bombs().len() >= 200, "{}", fragment_bombs().len());
    let mut accepted = Vec::new();
    for (what, query) in &bombs {
        let reply = wire.ask(Some(&token), query).await;
        if !is_refused(&reply) {
            let told: String = reply.text.chars().take(200).collect();
            accepted.push(format!("{what}: {told}"));
        }
        assert!(
            reply.text.len() < 4_096,
            "{what}: a refusal is short: {}",
            reply.text.len()
        );
    }
    assert!(
        accepted.is_empty(),
        "{} of {} accepted: {accepted:#?}",
        accepted.len(),
        bombs.len()
    );
    // The public has no more rights.
    for (what, query) in bombs.iter().step_by(10) {
        let reply = wire.ask(None, query).await;
        assert!(reply.is_refusal(), "{what}: {}", reply.text);
    }
    let reply = wire
        .ask(Some(&hub.everything()), "{ agencies { totalCount } }")
        .await;
    assert_eq!(
        reply.json()["data"]["agencies"]["totalCount"],
        2,
        "the hub goes on: {}",
        reply.text
    );
}

#[tokio::test]
async fn many_bombs_at_once_do_not_keep_others_waiting_for_ever() {
    let (_db, _hub, wire, token) = hub().await;
    let bomb = format!(
        "{{ ...f0 }}{}",
        fragments(8, 20, "Query", ("... { ", " }"), "viewer { role }")
    );
    let mut asked = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let (wire, token, bomb) = (wire.clone(), token.clone(), bomb.clone());
        asked.spawn(async move { wire.ask(Some(&token), &bomb).await });
    }
    assert_eq!(
        wire.data(None, "{ viewer { role } }").await["viewer"]["role"],
        "PUBLIC"
    );
    for reply in asked.join_all().await {
        assert!(is_refused(&reply), "{}", reply.text);
    }
}

#[tokio::test]
async fn what_is_just_in_bounds_is_answered_and_one_more_is_not() {
    let (_db, _hub, wire, token) = hub().await;
    type Make = fn(usize) -> String;
    let bounds: [(&str, usize, Make); 9] = [
        ("aliases", 15, |n| {
            format!("{{ viewer {{ {} }} }}", times(n, "a#: role "))
        }),
        ("root fields", 10, |n| {
            format!("{{ {} }}", times(n, "viewer { role } "))
        }),
        ("operations", 10, |n| {
            format!(
                "{}{}",
                times(n - 1, "query q# { viewer { role } } "),
                "query q { __typename }"
            )
        }),
        ("fragments", 50, |n| {
            let all = times(n - 1, " ...f# ");
            format!(
                "{{ viewer {{ ...F }} }} fragment F on Viewer {{ {all} }}{}",
                times(n - 1, " fragment f# on Viewer { role }")
            )
        }),
        ("variables", 100, |n| {
            let used = times(n, "$v# ");
            format!(
                "query ({}) {{ agencies(filter: {{ uscc: {{ in: [{used}] }} }}) {{ totalCount }} }}",
                times(n, "$v#: String! = \"x\" ")
            )
        }),
        ("directives", 20, |n| {
            format!(
                "{{ viewer {{ {} }} }}",
                "role @include(if: true) ".repeat(n)
            )
        }),
        ("fields", 1_000, |n| {
            format!("{{ viewer {{ {} }} }}", "role ".repeat(n - 1))
        }),
        ("bytes", 16_384, |n| {
            format!("{{ __typename }}{}", " ".repeat(n - "{ __typename }".len()))
        }),
        ("rows", 192, |n| {
            format!(
                "{{ agencies(first: {n}) {{ edges {{ node {{ {} }} }} }} }}",
                "superior { id } ".repeat(24)
            )
        }),
    ];
    for (what, most, make) in bounds {
        let operation = if what == "operations" {
            json!("q")
        } else {
            Value::Null
        };
        let ask = async |count: usize| {
            let request = json!({ "query": make(count), "operationName": operation });
            Reply::to(wire.post().bearer_auth(&token).body(request.to_string())).await
        };
        let reply = ask(most).await;
        assert!(
            reply.codes().is_empty(),
            "{what}: {most} must pass: {}",
            reply.text
        );
        let reply = ask(most + 1).await;
        assert!(
            is_refused(&reply),
            "{what}: {} must not pass: {}",
            most + 1,
            reply.text
        );
    }
}

#[tokio::test]
async fn the_queries_that_clients_really_send_pass() {
    let (_db, hub, wire, token) = hub().await;
    let of_type = |levels: usize| "ofType { kind name ".repeat(levels) + &"}".repeat(levels);
    let reference = format!("kind name {}", of_type(7));
    let argument = format!("name description type {{ {reference} }} defaultValue");
    let introspection = format!(
        "query IntrospectionQuery {{ __schema {{ queryType {{ name }} mutationType {{ name }} subscriptionType {{ name }} \
         types {{ kind name description fields(includeDeprecated: true) {{ name description args {{ {argument} }} \
         type {{ {reference} }} isDeprecated deprecationReason }} inputFields {{ {argument} }} interfaces {{ {reference} }} \
         enumValues(includeDeprecated: true) {{ name description isDeprecated deprecationReason }} possibleTypes {{ {reference} }} }} \
         directives {{ name description locations args {{ {argument} }} }} }} }}"
    );
    let data = wire.data(Some(&token), &introspection).await;
    assert!(
        data["__schema"]["types"]
            .as_array()
            .is_some_and(|types| types.len() > 40)
    );
    let record = "id version kind tier status amount identifiedOn identifiedBy caseNumber endedOn catalogueItem { code title legalBasis }";
    let page = "totalCount pageInfo { hasNextPage endCursor }";
    for query in [
        format!("{{ agencies(first: 200) {{ {page} edges {{ cursor node {{ id uscc name kind division {{ code fullName }} superior {{ id name }} }} }} }} }}"),
        format!("{{ agencies(first: 20) {{ {page} edges {{ node {{ name creditRecords(first: 20) {{ {page} edges {{ node {{ {record} }} }} }} }} }} }} }}"),
        format!("{{ creditRecords(first: 200) {{ {page} edges {{ node {{ {record} agency {{ uscc name }} evidence {{ digest receivedAt source {{ key }} }} }} }} }} }}"),
        "{ division(code: \"440600\") { children { code name children { code name } } } }".to_owned(),
        "{ sources { key title stale runs(first: 20) { edges { node { state received rejected message } } } } }".to_owned(),
        format!("{{ mentions(first: 100) {{ {page} edges {{ node {{ text resolution {{ outcome candidates {{ score agency {{ name }} }} }} }} }} }} }}"),
    ] {
        wire.data(Some(&token), &query).await;
    }
    // Introspection is for those who have a token.
    let reply = wire.ask(None, &introspection).await;
    assert_eq!(reply.code(), "FORBIDDEN");
    wire.data(Some(&hub.token(Role::Security, &[], None)), &introspection)
        .await;
}
