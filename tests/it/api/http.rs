//! GraphQL over HTTP: methods, media types, statuses, and errors that tell nothing of the inside.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use domain::viewer::Role;
use reqwest::{
    Body, Method,
    header::{ACCEPT, CONTENT_TYPE, IF_NONE_MATCH},
};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use zhengxin::{app::App, clock::Clock, config::Config};

use super::{Reply, Wire, nodes, text};
use crate::support::{Db, Hub, TODAY, made, moment, on_both};

const JSON: &str = "application/json";
const GRAPHQL: &str = "application/graphql-response+json";
const BODY_BYTES_MAX: usize = 256 * 1_024;

/// A hub without data; its database goes when the first of the three does.
async fn empty() -> (Db, Hub, Wire) {
    let db = Db::sqlite();
    let hub = Hub::on(&db).await;
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

#[tokio::test]
async fn only_post_is_served_and_other_methods_are_told_so() {
    let (_db, _hub, wire) = empty().await;
    for method in ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "QUERY"] {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        for path in ["/graphql", "/graphql?query=%7B__typename%7D"] {
            let request = wire
                .request(method.clone(), path)
                .header(CONTENT_TYPE, JSON)
                .body(body("{ __typename }"));
            let reply = Reply::to(request).await;
            assert_eq!(
                (reply.status, reply.header("allow")),
                (405, "POST"),
                "{method} {path}"
            );
            assert_eq!(reply.code(), "INVALID");
            assert!(reply.is_refusal(), "{}", reply.text);
            assert_well_formed(&reply);
        }
    }
    let reply = Reply::to(wire.request(Method::HEAD, "/graphql")).await;
    assert_eq!(
        (reply.status, reply.header("allow"), reply.text.as_str()),
        (405, "POST", "")
    );
}

#[tokio::test]
async fn only_json_in_utf_8_is_read() {
    let (_db, _hub, wire) = empty().await;
    let send = async |content_type: Option<&str>| {
        let mut request = wire
            .request(Method::POST, "/graphql")
            .body(body("{ __typename }"));
        if let Some(content_type) = content_type {
            request = request.header(CONTENT_TYPE, content_type);
        }
        Reply::to(request).await
    };
    for bad in [
        None,
        Some(""),
        Some("text/plain"),
        Some("text/plain; charset=utf-8"),
        Some("application/x-www-form-urlencoded"),
        Some("multipart/form-data; boundary=x"),
        Some("application/graphql"),
        Some("application/graphql-response+json"),
        Some("application/jsonp"),
        Some("application/json+x"),
        Some("application/json, text/plain"),
        Some("application/json; charset=gb18030"),
        Some("application/json; charset=utf-16"),
        Some("application/json; q=x; charset=latin1"),
        Some("*/*"),
    ] {
        let reply = send(bad).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (415, "INVALID"),
            "{bad:?}"
        );
        assert!(reply.is_refusal());
        assert_well_formed(&reply);
    }
    for good in [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        "application/json; CHARSET=\"utf-8\"",
        "application/json; odata=verbose",
    ] {
        let reply = send(Some(good)).await;
        assert_eq!(reply.status, 200, "{good}: {}", reply.text);
    }
}

#[tokio::test]
async fn a_client_gets_the_media_type_that_it_ranks_highest() {
    let (_db, _hub, wire) = empty().await;
    for (accept, wanted) in [
        (None, Some(JSON)),
        (Some("*/*"), Some(JSON)),
        (Some("application/*"), Some(JSON)),
        (Some("application/json"), Some(JSON)),
        (Some("APPLICATION/JSON"), Some(JSON)),
        (Some("application/json; charset=utf-8"), Some(JSON)),
        (Some(GRAPHQL), Some(GRAPHQL)),
        (
            Some(
                "application/graphql-response+json; charset=utf-8, application/json; charset=utf-8",
            ),
            Some(GRAPHQL),
        ),
        (
            Some("application/json, application/graphql-response+json"),
            Some(GRAPHQL),
        ),
        (
            Some("application/graphql-response+json;q=0.4, application/json;q=0.5"),
            Some(JSON),
        ),
        (
            Some("application/graphql-response+json;q=0.5, */*;q=0.1"),
            Some(GRAPHQL),
        ),
        (
            Some("text/html, application/xhtml+xml, */*;q=0.8"),
            Some(JSON),
        ),
        (Some("application/json;q=0, */*"), Some(GRAPHQL)),
        (Some("text/html"), None),
        (Some("text/*"), None),
        (Some("application/xml, text/plain;q=0.5"), None),
        (Some("application/json;q=0"), None),
        (Some("*/*;q=0"), None),
    ] {
        let mut request = wire.post().body(body("{ __typename }"));
        if let Some(accept) = accept {
            request = request.header(ACCEPT, accept);
        }
        let reply = Reply::to(request).await;
        match wanted {
            Some(media) => {
                assert_eq!(reply.status, 200, "{accept:?}");
                assert_eq!(
                    reply.header("content-type"),
                    format!("{media}; charset=utf-8"),
                    "{accept:?}"
                );
            }
            None => {
                assert_eq!(
                    (reply.status, reply.code().as_str()),
                    (406, "INVALID"),
                    "{accept:?}"
                );
                assert!(reply.is_refusal());
                assert_well_formed(&reply);
            }
        }
        assert_eq!(reply.header("vary").to_lowercase(), "accept");
        assert_eq!(reply.header("cache-control"), "no-store");
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
    }
}

#[tokio::test]
async fn several_accept_lines_are_one_list() {
    let (_db, _hub, wire) = empty().await;
    let request = wire
        .post()
        .header(ACCEPT, "text/html")
        .header(ACCEPT, GRAPHQL)
        .body(body("{ __typename }"));
    let reply = Reply::to(request).await;
    assert_eq!(
        (reply.status, reply.header("content-type")),
        (200, "application/graphql-response+json; charset=utf-8")
    );
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_as_a_graphql_answer() {
    let (_db, _hub, wire) = empty().await;
    let query = body("{ __typename }");
    let padded = |bytes: usize| format!("{query}{}", " ".repeat(bytes - query.len()));
    let reply = Reply::to(wire.post().body(padded(BODY_BYTES_MAX))).await;
    assert_eq!(reply.status, 200, "{}", reply.text);

    let chunks = |bytes: usize| {
        let text = padded(bytes).into_bytes();
        let chunks: Vec<Result<Vec<u8>, std::io::Error>> =
            text.chunks(4_096).map(|chunk| Ok(chunk.to_vec())).collect();
        Body::wrap_stream(futures_util::stream::iter(chunks))
    };
    let reply = Reply::to(wire.post().body(chunks(BODY_BYTES_MAX))).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    for (how, body) in [
        ("in chunks", chunks(BODY_BYTES_MAX + 1)),
        (
            "of a length told before",
            Body::from(padded(BODY_BYTES_MAX + 1)),
        ),
    ] {
        let reply = Reply::to(wire.post().body(body)).await;
        assert_eq!(reply.status, 413, "{how}: {}", reply.text);
        assert!(
            reply.header("content-type").starts_with(JSON),
            "{how}: {:?} {}",
            reply.headers,
            reply.text
        );
        assert_eq!(reply.code(), "LIMITED", "{how}");
        assert!(reply.is_refusal(), "{how}: {}", reply.text);
        assert_well_formed(&reply);
    }
}

#[tokio::test]
async fn what_is_no_request_is_bad() {
    let (_db, _hub, wire) = empty().await;
    let query = "{ __typename }";
    let texts = [
        String::new(),
        " ".to_owned(),
        "null".to_owned(),
        "17".to_owned(),
        "true".to_owned(),
        query.to_owned(),
        Value::from(query).to_string(),
        "[]".to_owned(),
        format!("[{}]", body(query)),
        format!("[{0},{0}]", body(query)),
        "{".to_owned(),
        "{}".to_owned(),
        "{\"query\":}".to_owned(),
        "{'query': '{ __typename }'}".to_owned(),
        format!("{} {{}}", body(query)),
        format!("\u{feff}{}", body(query)),
        json!({ "query": null }).to_string(),
        json!({ "query": 17 }).to_string(),
        json!({ "query": [query] }).to_string(),
        json!({ "query": { "a": query } }).to_string(),
        json!({ "Query": query }).to_string(),
        json!({ "query": query, "variables": [] }).to_string(),
        json!({ "query": query, "variables": "{}" }).to_string(),
        json!({ "query": query, "variables": 17 }).to_string(),
        json!({ "query": query, "operationName": 17 }).to_string(),
        json!({ "query": query, "operationName": {} }).to_string(),
        json!({ "query": query, "extensions": [] }).to_string(),
        json!({ "query": query, "extensions": "x" }).to_string(),
        format!("{{\"query\":{0:?},\"query\":{0:?}}}", query),
        format!(
            "{{\"query\":\"{{ __typename }}\",\"variables\":{}}}",
            "[".repeat(1_000)
        ),
    ];
    let mut wrong = Vec::new();
    for media in [JSON, GRAPHQL] {
        for text in &texts {
            let reply = Reply::to(wire.post().header(ACCEPT, media).body(text.clone())).await;
            if reply.status != 400 || !reply.is_refusal() || reply.codes() != ["INVALID"] {
                wrong.push(format!("{text}: {} {}", reply.status, reply.text));
                continue;
            }
            assert_eq!(
                reply.header("content-type"),
                format!("{media}; charset=utf-8")
            );
            assert_well_formed(&reply);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let reply = Reply::to(
        wire.post()
            .body(b"{\"query\":\"{ __typename \xFF}\"}".to_vec()),
    )
    .await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (400, "INVALID"),
        "bytes that are no text"
    );
}

#[tokio::test]
async fn unknown_members_are_ignored_and_null_means_absent() {
    let (_db, _hub, wire) = empty().await;
    for request in [
        json!({ "query": "{ __typename }", "id": 17, "batch": [], "Variables": [] }),
        json!({ "query": "{ __typename }", "variables": null }),
        json!({ "query": "{ __typename }", "operationName": null }),
        json!({ "query": "{ __typename }", "extensions": null }),
        json!({ "query": "{ __typename }", "extensions": { "x": 1 } }),
        json!({ "query": "{ __typename }", "variables": { "unused": [1, { "deep": null }] } }),
        json!({ "query": "query Q { __typename }", "operationName": "Q" }),
        json!({ "query": "query Q { __typename }" }),
    ] {
        let reply = Reply::to(wire.post().body(request.to_string())).await;
        assert_eq!(reply.status, 200, "{request}: {}", reply.text);
        assert_eq!(
            reply.json()["data"],
            json!({ "__typename": "Query" }),
            "{request}"
        );
    }
}

#[tokio::test]
async fn the_named_operation_is_executed() {
    let (_db, _hub, wire) = empty().await;
    let query = "query A { a: __typename } query B { b: __typename } fragment F on Query { __typename } query C { ...F }";
    let ask = async |name: Value| {
        let request = json!({ "query": query, "operationName": name });
        Reply::to(wire.post().body(request.to_string())).await
    };
    for (name, data) in [
        ("A", json!({ "a": "Query" })),
        ("B", json!({ "b": "Query" })),
        ("C", json!({ "__typename": "Query" })),
    ] {
        assert_eq!(ask(name.into()).await.json()["data"], data);
    }
    for name in [json!(null), json!(""), json!("D"), json!("a"), json!("F")] {
        let reply = ask(name.clone()).await;
        assert!(reply.is_refusal(), "{name}: {}", reply.text);
        assert_eq!(reply.code(), "INVALID", "{name}");
        assert_well_formed(&reply);
    }
}

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
            "a subscription",
            "subscription { viewer { role } }",
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

#[tokio::test]
async fn every_answer_says_its_version_and_a_client_may_demand_one() {
    on_both(async |db| {
        let hub = with_one_record(&db).await;
        let wire = Wire::to(&hub).await;
        let version = |reply: &Reply| reply.json()["extensions"]["version"].as_i64();
        let first = version(&wire.ask(None, "{ __typename }").await).expect("a number");
        assert_eq!(first, hub.app.live.now().seq());
        // An answer with errors was read from a version, too.
        assert_eq!(
            version(
                &wire
                    .ask(None, "{ agencies(first: -1) { totalCount } }")
                    .await
            ),
            Some(first)
        );

        let demand = async |wanted: &str| {
            let query = "{ agencies { totalCount } }";
            let request = wire
                .post()
                .bearer_auth(hub.everything())
                .header("X-Min-Version", wanted)
                .body(body(query));
            Reply::to(request).await
        };
        for met in [first, first - 1, 0] {
            let reply = demand(&met.to_string()).await;
            assert_eq!(
                (reply.status, version(&reply)),
                (200, Some(first)),
                "{}",
                reply.text
            );
        }
        // Another process writes; who demands its version gets it.
        let other = Hub::on(&db).await;
        let bodies = [
            made::body(1, "佛山市禅城区水务局", "440604"),
            made::body(2, "佛山市禅城区民政局", "440604"),
        ];
        let report = other
            .ingest(
                "agency_register",
                &[("a.csv", &made::register(&bodies))],
                |_| {},
            )
            .await;
        let change = report.change.expect("it was stored");
        assert!(change > first);
        let reply = demand(&change.to_string()).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        assert!(version(&reply) >= Some(change), "{}", reply.text);
        assert_eq!(reply.json()["data"]["agencies"]["totalCount"], 2);

        let began = Instant::now();
        let reply = demand(&(change + 1_000).to_string()).await;
        let waited = began.elapsed();
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (503, "UNAVAILABLE"),
            "{}",
            reply.text
        );
        assert!(reply.is_refusal());
        assert_well_formed(&reply);
        assert!(
            waited >= Duration::from_millis(1_900),
            "it waits for it: {waited:?}"
        );
        assert!(
            waited < Duration::from_secs(20),
            "but not for long: {waited:?}"
        );
        for odd in [
            "",
            "x",
            "1.5",
            "0x10",
            "1 2",
            "1,2",
            "99999999999999999999",
            "latest",
            "\"1\"",
        ] {
            let reply = demand(odd).await;
            assert_eq!(
                (reply.status, reply.code().as_str()),
                (400, "INVALID"),
                "{odd:?}: {}",
                reply.text
            );
            assert!(reply.is_refusal());
            assert_well_formed(&reply);
        }
    })
    .await;
}

#[tokio::test]
async fn every_error_has_a_trace_id_of_its_own_request() {
    let (_db, _hub, wire) = empty().await;
    let mut traces = BTreeSet::new();
    for query in [
        "{",
        "{ nonsense }",
        "{ mentions { totalCount } }",
        "{ agencies(first: -1) { totalCount } }",
    ] {
        for _ in 0..3 {
            let json = wire.ask(None, query).await.json();
            let trace = text(&json["errors"][0]["extensions"]["traceId"]).to_owned();
            assert!(trace.len() >= 16, "{json}");
            assert!(traces.insert(trace), "{json}");
        }
    }
    let twice = "{ a: agencies(first: -1) { totalCount } b: agencies(last: -1) { totalCount } }";
    let json = wire.ask(None, twice).await.json();
    let trace = |at: usize| json["errors"][at]["extensions"]["traceId"].clone();
    assert_eq!(trace(0), trace(1));
}

/// A text that stands nowhere else.
const MARK: &str = "Qx7Secret";

/// The errors of an answer that repeat the mark. Their paths have the keys of the answer, as the
/// specification wants it.
fn echoes(what: &str, reply: &Reply) -> Vec<String> {
    let json = reply.json();
    let errors = json["errors"].as_array().cloned().unwrap_or_default();
    errors
        .iter()
        .map(|error| {
            format!(
                "{what}: {} {}",
                error["message"], error["extensions"]["reason"]
            )
        })
        .filter(|told| {
            told.to_lowercase()
                .replace(&what.to_lowercase(), "")
                .contains(&MARK.to_lowercase())
        })
        .collect()
}

#[tokio::test]
async fn errors_do_not_repeat_values_that_were_given() {
    let (_db, hub, wire) = empty().await;
    let token = hub.everything();
    let mut wrong = Vec::new();
    for query in [
        "{ agency(uscc: \"MARK\") { name } }",
        "{ agency(uscc: \"11440600MARK39565U\") { name } }",
        "{ agencies(first: \"MARK\") { totalCount } }",
        "{ agencies(after: \"MARK\") { totalCount } }",
        "{ agencies(filter: { division: { eq: \"MARK\" } }) { totalCount } }",
        "{ agencies(filter: { division: { within: \"MARK\" } }) { totalCount } }",
        "{ mentions(filter: { division: { in: [\"MARK\"] } }) { totalCount } }",
        "{ creditRecords(filter: { identifiedOn: { eq: \"MARK\" } }) { totalCount } }",
        "{ creditRecords(filter: { amount: { eq: \"MARK\" } }) { totalCount } }",
        "{ resolve(input: { name: \"x\", division: \"MARK\" }) { outcome } }",
        "{ sources { runs(after: \"MARK\") { totalCount } } }",
        "{ __typename @skip(if: \"MARK\") }",
        "query ($a: Int = \"MARK\") { agencies(first: $a) { totalCount } }",
        "{ division(code: \"MARK\" { code } }",
        "{ \"MARK\" }",
        "{ __type(name: \"MARK\" }",
        "# MARK\n{",
    ] {
        let query = query.replace("MARK", MARK);
        wrong.extend(echoes(&query, &wire.ask(Some(&token), &query).await));
    }
    for (query, value) in [
        (
            "query ($a: Date) { creditRecords(filter: { identifiedOn: { eq: $a } }) { totalCount } }",
            json!(MARK),
        ),
        (
            "query ($a: Decimal) { creditRecords(filter: { amount: { eq: $a } }) { totalCount } }",
            json!(MARK),
        ),
        (
            "query ($a: Uscc!) { agency(uscc: $a) { name } }",
            json!(MARK),
        ),
        (
            "query ($a: Int) { agencies(first: $a) { totalCount } }",
            json!(MARK),
        ),
        (
            "query ($a: [AgencyKind!]) { agencies(filter: { kind: $a }) { totalCount } }",
            json!([MARK]),
        ),
        (
            "query ($a: AgencyFilter) { agencies(filter: $a) { totalCount } }",
            json!({ "uscc": MARK }),
        ),
        (
            "query ($a: String) { agencies(filter: { division: { eq: $a } }) { totalCount } }",
            json!(MARK),
        ),
        (
            "query ($a: ID!) { node(id: $a) { id } }",
            json!({ "id": MARK }),
        ),
        (
            "query ($a: ResolveInput!) { resolve(input: $a) { outcome } }",
            json!({ "name": "x", "division": MARK }),
        ),
    ] {
        wrong.extend(echoes(
            query,
            &wire
                .ask_with(Some(&token), query, &json!({ "a": value }))
                .await,
        ));
    }
    assert!(wrong.is_empty(), "{} {wrong:#?}", wrong.len());
}

#[tokio::test]
async fn errors_do_not_repeat_names_that_are_not_ours() {
    let (_db, hub, wire) = empty().await;
    let token = hub.everything();
    let mut wrong = Vec::new();
    for query in [
        "{ MARK }",
        "{ viewer { MARK } }",
        "{ MARK: nonsense }",
        "{ division(MARK: 1) { code } }",
        "{ division(code: MARK) { code } }",
        "{ agencies(first: MARK) { totalCount } }",
        "{ agencies(filter: { MARK: 1 }) { totalCount } }",
        "{ agencies(filter: { kind: [MARK] }) { totalCount } }",
        "{ agencies(orderBy: [{ field: MARK, direction: ASC }]) { totalCount } }",
        "{ resolve(input: { MARK: \"x\" }) { outcome } }",
        "{ ...MARK }",
        "{ ...MARK } fragment MARK on Query { ...MARK }",
        "{ __typename } fragment MARK on Query { __typename }",
        "{ __typename ...F } fragment F on MARK { id }",
        "{ ... on MARK { id } }",
        "{ __typename @MARK }",
        "{ __typename @skip(MARK: true) }",
        "query ($MARK: Int) { __typename }",
        "query ($a: MARK) { division(code: $a) { code } }",
        "{ agencies(first: $MARK) { totalCount } }",
        "query A { __typename } query MARK { __typename } query MARK { __typename }",
        "MARK",
        "MARK { __typename }",
        "{ MARK ( }",
    ] {
        let query = query.replace("MARK", MARK);
        wrong.extend(echoes(&query, &wire.ask(Some(&token), &query).await));
    }
    let query = "query ($a: AgencyFilter) { agencies(filter: $a) { totalCount } }";
    wrong.extend(echoes(
        query,
        &wire
            .ask_with(Some(&token), query, &json!({ "a": { MARK: 1 } }))
            .await,
    ));
    let request = json!({ "query": "query A { __typename }", "operationName": MARK }).to_string();
    wrong.extend(echoes(
        "operationName",
        &Reply::to(wire.post().body(request)).await,
    ));
    let request = format!("{{ \"query\": \"{{ __typename }}\", \"{MARK}\": ");
    wrong.extend(echoes(
        "a body cut off",
        &Reply::to(wire.post().body(request)).await,
    ));
    assert!(wrong.is_empty(), "{} {wrong:#?}", wrong.len());
}

#[tokio::test]
async fn nothing_is_suggested_and_nothing_is_told_of_the_inside() {
    let (_db, hub, wire) = empty().await;
    let token = hub.everything();
    for query in [
        "{ viewr { role } }",
        "{ viewer { rol } }",
        "{ agencyes { totalCount } }",
        "{ agency(usc: \"x\") { name } }",
        "{ agencies(filter: { nam: { eq: \"x\" } }) { totalCount } }",
        "{ agencies(filter: { kind: [ORGANS] }) { totalCount } }",
        "{ ... on Agenc { name } }",
        "{ agencies(first: 1.5) { totalCount } }",
        "{",
    ] {
        let reply = wire.ask(Some(&token), query).await;
        assert!(reply.is_refusal(), "{query}: {}", reply.text);
        let told = reply.text.to_lowercase();
        for inner in [
            "did you mean",
            "src/",
            ".rs",
            "::",
            "async",
            "panic",
            "expected one of",
            "i32",
            "sqlx",
            "pest",
        ] {
            assert!(!told.contains(inner), "{query}: {inner}: {}", reply.text);
        }
    }
}

#[tokio::test]
async fn a_failing_database_is_unavailable_and_resident_fields_go_on() {
    on_both(async |db| {
        let hub = with_one_record(&db).await;
        let (wire, token) = (Wire::to(&hub).await, hub.everything());
        let query = "{ whole: creditRecords { totalCount edges { node { caseNumber agency { name } } } } \
             part: creditRecords { edges { node { caseNumber evidence { digest } } } } }";
        let before = wire.data(Some(&token), query).await;
        assert_eq!(nodes(&before["part"]).count(), 1, "{before}");

        let evidence = {
            let query = "{ creditRecords { edges { node { evidence { id } } } } }";
            let data = wire.data(Some(&token), query).await;
            text(&data["creditRecords"]["edges"][0]["node"]["evidence"][0]["id"]).to_owned()
        };
        let database = db.connect().await;
        for table in ["evidence", "source"] {
            database.execute_unprepared(&format!("DROP TABLE {table}")).await.expect("the table goes");
        }
        database.close().await.expect("it closes");

        let told_nothing = |reply: &Reply| {
            assert_eq!(reply.status, 200);
            let codes: BTreeSet<String> = reply.codes().into_iter().collect();
            assert_eq!(codes, BTreeSet::from(["UNAVAILABLE".to_owned()]), "{}", reply.text);
            assert_well_formed(reply);
            let told = reply.json()["errors"][0]["message"].to_string().to_lowercase();
            for inner in ["table", "relation", "sql", "select", "column", "query", "code:", "/", "\\\\"] {
                // The two languages of a message are parted by a stroke with spaces.
                assert!(!told.replace(" / ", " ").contains(inner), "{inner}: {}", reply.text);
            }
        };
        let reply = wire.ask(Some(&token), query).await;
        told_nothing(&reply);
        assert_eq!(reply.json()["data"]["whole"], before["whole"]);
        assert_eq!(reply.json()["data"]["part"], Value::Null);
        let reply = wire.ask(Some(&token), &format!("{{ node(id: \"{evidence}\") {{ id }} __typename }}")).await;
        told_nothing(&reply);
        assert_eq!(reply.json()["data"], json!({ "node": null, "__typename": "Query" }));
        let reply = wire.ask(Some(&token), "{ bad: sources { key stale } good: sources { key } }").await;
        told_nothing(&reply);
        assert_eq!(reply.json()["data"]["bad"], Value::Null);
        assert_eq!(reply.json()["data"]["good"].as_array().map(Vec::len), Some(9));
        let query = "{ agencies { totalCount edges { node { name creditRecords { totalCount } } } } resolve(input: { name: \"佛山市禅城区水务局\" }) { outcome } }";
        let data = wire.data(Some(&token), query).await;
        assert_eq!((&data["agencies"]["totalCount"], &data["resolve"]["outcome"]), (&json!(1), &json!("EXACT_NAME")));
    })
    .await;
}

#[tokio::test]
async fn a_panic_is_an_internal_error_and_the_hub_lives_on() {
    let db = Db::sqlite();
    // Sources with data: whether they are stale is asked of the clock.
    drop(with_one_record(&db).await);
    // Readings of the clock that go well before one that does not; never, where it is negative.
    let left = Arc::new(AtomicI64::new(-1));
    let told = Arc::clone(&left);
    let clock = Clock::of(move || {
        assert!(
            told.fetch_sub(1, Ordering::SeqCst) != 0,
            "the clock at /inner/clock.rs is out of order"
        );
        moment(TODAY)
    });
    let mut config = Config::default();
    config.database.data = db.folder().to_owned();
    config.database.url = Some(db.url());
    let app = App::start(config, clock).await.expect("the hub starts");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port");
    let wire = Wire::at(format!(
        "http://{}",
        listener.local_addr().expect("it is bound")
    ));
    tokio::spawn(async move { axum::serve(listener, zhengxin::api::router(app)).await });

    let query = "{ viewer { role } sources { key stale } }";
    for media in [JSON, GRAPHQL] {
        // Before the execution, and inside a resolver.
        for readings in [0, 1] {
            left.store(readings, Ordering::SeqCst);
            let reply = Reply::to(wire.post().header(ACCEPT, media).body(body(query))).await;
            left.store(-1, Ordering::SeqCst);
            assert_eq!(
                (reply.status, reply.code().as_str()),
                (500, "INTERNAL"),
                "{readings}: {}",
                reply.text
            );
            assert!(reply.is_refusal());
            assert!(
                !reply.text.contains("clock") && !reply.text.contains("inner/"),
                "{}",
                reply.text
            );
            assert_well_formed(&reply);
        }
    }
    let data = wire.data(None, query).await;
    assert_eq!(data["sources"].as_array().map(Vec::len), Some(9));
}

#[tokio::test]
async fn it_says_that_it_lives_and_that_it_is_ready() {
    on_both(async |db| {
        let hub = Hub::on(&db).await;
        let wire = Wire::to(&hub).await;
        let get = async |path: &str| Reply::to(wire.request(Method::GET, path)).await;
        assert_eq!(get("/healthz").await.status, 200);
        assert_eq!(get("/readyz").await.status, 200);
        assert_eq!(get("/nowhere").await.status, 404);
        assert_eq!(
            Reply::to(wire.request(Method::POST, "/healthz"))
                .await
                .status,
            405
        );

        let database = db.connect().await;
        database
            .execute_unprepared("DROP TABLE seaql_migrations")
            .await
            .expect("the table goes");
        database.close().await.expect("it closes");
        assert_eq!(get("/healthz").await.status, 200, "it lives");
        let reply = get("/readyz").await;
        assert_eq!(reply.status, 503, "but is not ready: {}", reply.text);
        for inner in ["table", "sql", "seaql", "relation", "migrate"] {
            assert!(!reply.text.to_lowercase().contains(inner), "{}", reply.text);
        }
    })
    .await;
}

#[tokio::test]
async fn the_schema_is_served_once_and_then_known() {
    let (_db, _hub, wire) = empty().await;
    let reply = Reply::to(wire.request(Method::GET, "/schema.graphql")).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.text, zhengxin::api::graphql::sdl());
    let tag = reply.header("etag").to_owned();
    assert!(
        tag.len() > 10 && tag.starts_with('"') && tag.ends_with('"'),
        "{tag}"
    );

    let ask = async |known: &str| {
        Reply::to(
            wire.request(Method::GET, "/schema.graphql")
                .header(IF_NONE_MATCH, known),
        )
        .await
    };
    let reply = ask(&tag).await;
    assert_eq!(
        (reply.status, reply.text.as_str(), reply.header("etag")),
        (304, "", tag.as_str())
    );
    let reply = ask("\"another\"").await;
    assert_eq!((reply.status, reply.header("etag")), (200, tag.as_str()));
    for (role, token) in [(Role::Public, None), (Role::Court, Some("x"))] {
        let mut request = wire.request(Method::GET, "/schema.graphql");
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        assert_eq!(
            Reply::to(request).await.status,
            200,
            "the contract is public: {role}"
        );
    }
}
