//! What an answer is: its data, its status, the order of its keys.

use std::collections::BTreeSet;

use reqwest::header::ACCEPT;
use serde_json::json;

use super::{GRAPHQL, JSON, assert_well_formed, body, empty, with_one_record};
use crate::api::{Reply, Wire};
use crate::support::Db;

#[tokio::test]
async fn a_document_that_is_refused_has_no_data_and_a_status_by_media_type() {
    let (_db, hub, wire) = empty().await;
    let token = hub.everything();
    let code = "query ($code: String!) { division(code: $code) { name } }";
    let day = "query ($day: Date) { creditRecords(filter: { identifiedOn: { eq: $day } }) { totalCount } }";
    let size = "query ($first: Int) { agencies(first: $first) { totalCount } }";
    let kind = "query ($kind: [AgencyKind!]) { agencies(filter: { kind: $kind }) { totalCount } }";
    let documents = [
        ("no text", "", json!({}), "INVALID"),
        ("a comment", "# nothing", json!({}), "INVALID"),
        (
            "no closing bracket",
            "{ viewer { role }",
            json!({}),
            "INVALID",
        ),
        ("no selection", "{ viewer { } }", json!({}), "INVALID"),
        ("a schema", "type Query { a: Int }", json!({}), "INVALID"),
        ("an unknown field", "{ nonsense }", json!({}), "INVALID"),
        (
            "an unknown field below",
            "{ viewer { role nonsense } }",
            json!({}),
            "INVALID",
        ),
        (
            "an unknown argument",
            "{ sources(x: 1) { key } }",
            json!({}),
            "INVALID",
        ),
        (
            "a missing argument",
            "{ node { id } }",
            json!({}),
            "INVALID",
        ),
        (
            "a literal of the wrong type",
            "{ agencies(first: \"x\") { totalCount } }",
            json!({}),
            "INVALID",
        ),
        (
            "a null that may not be",
            "{ node(id: null) { id } }",
            json!({}),
            "INVALID",
        ),
        (
            "a leaf with a selection",
            "{ viewer { role { x } } }",
            json!({}),
            "INVALID",
        ),
        ("an object without one", "{ viewer }", json!({}), "INVALID"),
        (
            "a fragment in a circle",
            "{ ...F } fragment F on Query { ...F }",
            json!({}),
            "INVALID",
        ),
        ("an unknown fragment", "{ ...F }", json!({}), "INVALID"),
        (
            "an unknown type",
            "{ ... on Nonsense { id } }",
            json!({}),
            "INVALID",
        ),
        (
            "a fragment that fits nothing",
            "{ viewer { ... on Agency { name } } }",
            json!({}),
            "INVALID",
        ),
        (
            "an unknown directive",
            "{ __typename @nonsense }",
            json!({}),
            "INVALID",
        ),
        (
            "one argument twice",
            "{ agencies(first: 1, first: 2) { totalCount } }",
            json!({}),
            "INVALID",
        ),
        (
            "one key with two meanings",
            "{ a: viewer { role } a: __typename }",
            json!({}),
            "INVALID",
        ),
        (
            "an unknown variable",
            "{ division(code: $code) { name } }",
            json!({}),
            "INVALID",
        ),
        ("a variable that is not given", code, json!({}), "INVALID"),
        (
            "a variable that is null",
            code,
            json!({ "code": null }),
            "INVALID",
        ),
        (
            "a variable of another type",
            code,
            json!({ "code": 17 }),
            "INVALID",
        ),
        (
            "a variable that is a list",
            code,
            json!({ "code": ["440600"] }),
            "INVALID",
        ),
        (
            "a day that is none",
            day,
            json!({ "day": "2026-02-30" }),
            "INVALID",
        ),
        (
            "a day that is a number",
            day,
            json!({ "day": 20_260_101 }),
            "INVALID",
        ),
        (
            "a number that is none",
            size,
            json!({ "first": "20" }),
            "INVALID",
        ),
        (
            "a number with a fraction",
            size,
            json!({ "first": 2.5 }),
            "INVALID",
        ),
        (
            "a number that is too great",
            size,
            json!({ "first": 3_000_000_000_u32 }),
            "INVALID",
        ),
        (
            "a value of no enum",
            kind,
            json!({ "kind": ["CASTLE"] }),
            "INVALID",
        ),
        (
            "a mutation",
            "mutation { viewer { role } }",
            json!({}),
            "INVALID",
        ),
        (
            "too much",
            "{ agencies(first: 200) { edges { node { creditRecords(first: 200) { edges { node { id } } } } } } }",
            json!({}),
            "LIMITED",
        ),
    ];
    let mut wrong = Vec::new();
    for (media, status) in [(JSON, 200), (GRAPHQL, 400)] {
        for (what, query, variables, code) in &documents {
            let request = json!({ "query": query, "variables": variables });
            let request = wire
                .post()
                .header(ACCEPT, media)
                .bearer_auth(&token)
                .body(request.to_string());
            let reply = Reply::to(request).await;
            let codes: BTreeSet<String> = reply.codes().into_iter().collect();
            if reply.status != status
                || !reply.is_refusal()
                || codes != BTreeSet::from([(*code).to_owned()])
            {
                wrong.push(format!("{what}, {media}: {} {}", reply.status, reply.text));
            }
            assert_well_formed(&reply);
        }
        // What a role may not read is refused likewise.
        let reply = Reply::to(
            wire.post()
                .header(ACCEPT, media)
                .body(body("{ mentions { totalCount } }")),
        )
        .await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (status, "FORBIDDEN"),
            "{}",
            reply.text
        );
        assert!(reply.is_refusal(), "{}", reply.text);
    }
    assert!(wrong.is_empty(), "{} {wrong:#?}", wrong.len());
}

#[tokio::test]
async fn an_executed_document_has_data_even_where_a_part_fails() {
    let (_db, _hub, wire) = empty().await;
    for media in [JSON, GRAPHQL] {
        let query = "{ viewer { role } bad: agencies(first: 201) { totalCount } good: agencies { totalCount } }";
        let reply = Reply::to(wire.post().header(ACCEPT, media).body(body(query))).await;
        assert_eq!(reply.status, 200);
        let json = reply.json();
        let data =
            json!({ "viewer": { "role": "PUBLIC" }, "bad": null, "good": { "totalCount": 0 } });
        assert_eq!(json["data"], data, "{}", reply.text);
        assert_eq!(json["errors"][0]["path"], json!(["bad"]));
        assert_eq!(reply.code(), "INVALID");
        assert_well_formed(&reply);

        let reply = Reply::to(
            wire.post()
                .header(ACCEPT, media)
                .body(body("{ agencies(first: 201) { totalCount } }")),
        )
        .await;
        assert_eq!(reply.status, 200);
        assert_eq!(
            reply.json()["data"],
            json!({ "agencies": null }),
            "{}",
            reply.text
        );
    }
    // What is not there is null, and no error.
    let query = "{ division(code: \"999999\") { name } node(id: \"agc_440000_17\") { id } agency(uscc: \"11440600007039565U\") { name } odd: division(code: \"x\") { name } }";
    let reply = wire.ask(None, query).await;
    assert_eq!(
        reply.json()["data"],
        json!({ "division": null, "node": null, "agency": null, "odd": null })
    );
    assert!(reply.codes().is_empty(), "{}", reply.text);
}

#[tokio::test]
async fn an_answer_tells_at_most_five_errors() {
    let (_db, _hub, wire) = empty().await;
    let failing: String = (0..9)
        .map(|n| format!("a{n}: agencies(first: -1) {{ totalCount }} "))
        .collect();
    let reply = wire.ask(None, &format!("{{ {failing} }}")).await;
    assert_eq!(reply.codes(), ["INVALID"; 5], "{}", reply.text);
    let unknown: String = (0..9).map(|n| format!("nonsense{n} ")).collect();
    let reply = wire.ask(None, &format!("{{ {unknown} }}")).await;
    assert!((1..=5).contains(&reply.codes().len()), "{}", reply.text);
}

#[tokio::test]
async fn keys_come_in_the_order_of_the_query() {
    let (_db, _hub, wire) = empty().await;
    let in_order = |reply: &Reply, keys: &[&str]| {
        let places: Vec<Option<usize>> = keys
            .iter()
            .map(|key| reply.text.find(&format!("\"{key}\":")))
            .collect();
        assert!(
            places.iter().all(Option::is_some) && places.is_sorted(),
            "{keys:?} {}",
            reply.text
        );
    };
    let query = "{ z: __typename y: viewer { subject c: role b: __typename } x: sources { title key } a: __typename }";
    in_order(
        &wire.ask(None, query).await,
        &["z", "y", "subject", "c", "b", "x", "title", "key", "a"],
    );
    let query = "{ a: __typename x: sources { key title } y: viewer { b: __typename c: role subject } z: __typename }";
    in_order(
        &wire.ask(None, query).await,
        &["a", "x", "key", "title", "y", "b", "c", "subject", "z"],
    );
    let query = "{ q: __typename ...F p: __typename } fragment F on Query { o: __typename ... on Query { n: __typename } }";
    in_order(&wire.ask(None, query).await, &["q", "o", "n", "p"]);
    let reply = wire
        .ask(None, "{ agencies(first: -1) { totalCount } }")
        .await;
    in_order(&reply, &["data", "errors"]);
}

#[tokio::test]
async fn the_same_question_gets_the_same_bytes() {
    let db = Db::sqlite();
    let hub = with_one_record(&db).await;
    let (wire, token) = (Wire::to(&hub).await, hub.everything());
    let query = "{ agencies { totalCount edges { cursor node { id name uscc creditRecords { edges { node { id caseNumber evidence { digest } } } } } } } }";
    let first = wire.ask(Some(&token), query).await;
    for _ in 0..5 {
        assert_eq!(wire.ask(Some(&token), query).await.text, first.text);
    }
}
