//! The door itself: methods, media types, bounds, origins.

use domain::viewer::Role;
use reqwest::Method;
use serde_json::{Value, json};

use super::{Reply, SERVICE, Town, WATER, shape};
use crate::{
    api::Wire,
    support::{Db, Hub},
};

const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test]
async fn the_manifest_is_everybodys_and_names_the_address_that_was_asked() {
    let town = Town::new().await;
    let manifest = |host: &'static str, proto: Option<&'static str>| {
        let mut request = town.wire.request(Method::GET, SERVICE).header("host", host);
        if let Some(proto) = proto {
            request = request.header("x-forwarded-proto", proto);
        }
        Reply::to(request)
    };
    for (host, proto, base) in [
        ("hub.example:8080", None, "http://hub.example:8080"),
        ("hub.example", Some("https"), "https://hub.example"),
        ("hub.example", Some("javascript"), "http://hub.example"),
        ("[::1]:80", None, "http://[::1]:80"),
    ] {
        let reply = manifest(host, proto).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        assert_eq!(reply.header("cache-control"), "no-store");
        let manifest = reply.json();
        shape::assert_manifest(&manifest);
        assert_eq!(manifest["batchSize"], 50);
        assert_eq!(manifest["scoreRange"], json!({ "min": 0, "max": 1 }));
        assert_eq!(manifest["suggest"]["entity"]["service_url"], base);
        let preview = format!("{base}/reconcile/preview?id={{{{id}}}}");
        assert_eq!(manifest["preview"]["url"], preview.as_str());
    }
    // A proxy that is in between is named instead of the address behind it.
    let request = town
        .wire
        .request(Method::GET, SERVICE)
        .header("x-forwarded-host", "127.0.0.1:8090");
    let manifest_there = Reply::to(request).await.json();
    let there = &manifest_there["suggest"]["type"]["service_url"];
    assert_eq!(there, "http://127.0.0.1:8090");
    let reply = manifest("user:word@hub.example", None).await;
    assert!(!reply.text.contains("word"), "{}", reply.text);
    let reply = manifest("a b\"<", None).await;
    assert_eq!((reply.status, reply.code().as_str()), (400, "INVALID"));
}

#[tokio::test]
async fn what_does_not_fit_is_refused_with_a_clear_sentence() {
    let town = Town::new().await;
    let token = town.hub.token(Role::Government, &["440000"], None);
    let client = town.with(&token);
    let batch = |count: usize| -> String {
        let query = |n| (format!("q{n}"), json!({ "query": WATER }));
        Value::Object((0..count).map(query).collect()).to_string()
    };
    let long = "长".repeat(201);
    let one = |query: Value| json!({ "q": query }).to_string();
    let wrong = [
        (batch(51), 413, "at most 50 queries"),
        ("{".to_owned(), 400, "line 1, column"),
        ("[]".to_owned(), 400, "a batch of queries"),
        (one(json!("x")), 400, "a batch of queries"),
        (one(json!({})), 400, "one of query and properties"),
        (one(json!({ "query": 7 })), 400, "a batch of queries"),
        (
            one(json!({ "query": long })),
            400,
            "query \"q\": a text has more than 200",
        ),
        (
            one(json!({ "query": "a", "limit": 0 })),
            400,
            "limit is no positive number",
        ),
        (
            one(json!({ "query": "a", "type_strict": "SECRET" })),
            400,
            "a batch of queries",
        ),
        (
            one(json!({ "properties": [{ "pid": "SECRET", "v": 1 }] })),
            400,
            "unknown property",
        ),
        (
            one(json!({ "properties": [{ "pid": "uscc", "v": [[1]] }] })),
            400,
            "list of lists",
        ),
        (
            one(json!({ "properties": [{ "pid": "uscc", "v": { "name": "a" } }] })),
            400,
            "without id",
        ),
        (
            one(json!({ "properties": [{ "pid": "uscc", "v": vec![1; 21] }] })),
            400,
            "20 values",
        ),
        (
            one(json!({ "properties": vec![json!({ "pid": "uscc", "v": 1 }); 21] })),
            400,
            "20 properties",
        ),
    ];
    for (queries, status, sentence) in &wrong {
        for reply in [
            client.post(&[("queries", queries)]).await,
            client.get(SERVICE, &[("queries", queries)]).await,
        ] {
            let code = if *status == 413 { "LIMITED" } else { "INVALID" };
            assert_eq!(
                (reply.status, reply.code().as_str()),
                (*status, code),
                "{queries}"
            );
            assert!(
                reply.text.contains(sentence.replace('"', "\\\"").as_str()),
                "{}",
                reply.text
            );
            assert!(!reply.text.contains("SECRET"), "{}", reply.text);
        }
    }
    assert_eq!(client.post(&[("queries", &batch(50))]).await.status, 200);
    for fields in [
        vec![("callback", "f")],
        vec![("queries", "{}"), ("callback", "f")],
        vec![("queries", "{}"), ("extend", "{}")],
        vec![("queries", "{}"), ("queries", "{}")],
    ] {
        let reply = client.get(SERVICE, &fields).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (400, "INVALID"),
            "{fields:?}"
        );
    }
    assert_eq!(client.post(&[("query", "x")]).await.status, 400);
}

#[tokio::test]
async fn one_unknown_member_or_type_leaves_the_rest_of_a_batch_as_it_is() {
    let town = Town::new().await;
    let token = town.hub.token(Role::Government, &["440000"], None);
    let client = town.with(&token);
    let plain = json!({ "query": WATER });
    let with = |member: &str, value: Value| {
        let mut query = plain.clone();
        query[member] = value;
        query
    };
    let hint = json!([{ "pid": "division", "v": "440000", "match_qualifier": "Exact" }]);
    let queries = json!({
        "plain": plain,
        "member": with("lang", json!("zh")),
        "hint": with("properties", hint),
        "unknown": with("type", json!("Q43229")),
        "one of two": with("type", json!(["Q43229", "Agency"])),
        "wish": { "query": WATER, "type": "Q43229", "type_strict": "should" },
    });
    let reply = client.post(&[("queries", &queries.to_string())]).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let answer = reply.json();
    shape::assert_results(&answer);
    let found = |key: &str| answer[key]["result"].as_array().expect("a list").clone();
    assert!(!found("plain").is_empty(), "{answer}");
    assert_eq!(found("member"), found("plain"));
    assert_eq!(found("one of two"), found("plain"));
    assert_eq!(found("hint").len(), found("plain").len());
    assert_eq!(found("unknown"), Vec::<Value>::new());
    assert_eq!(found("wish").len(), found("plain").len());
    assert!(found("wish").iter().all(|body| body["match"] == false));
}

#[tokio::test]
async fn methods_media_types_and_bodies_are_bounded() {
    let town = Town::new().await;
    let token = town.hub.token(Role::Government, &["440000"], None);
    let client = town.with(&token);
    for (path, methods, allow) in [
        (SERVICE, &["PUT", "DELETE", "PATCH"][..], "GET, HEAD, POST"),
        ("/reconcile/preview", &["POST", "PUT"], "GET, HEAD"),
        (
            "/reconcile/suggest/entity",
            &["POST", "DELETE"],
            "GET, HEAD",
        ),
    ] {
        for method in methods {
            let method = Method::from_bytes(method.as_bytes()).expect("a method");
            let reply = Reply::to(client.request(method, path)).await;
            assert_eq!((reply.status, reply.header("allow")), (405, allow));
        }
    }
    let head = Reply::to(client.request(Method::HEAD, SERVICE)).await;
    assert_eq!((head.status, head.text.as_str()), (200, ""));
    for kind in [
        "application/json",
        "",
        "application/x-www-form-urlencoded; charset=gbk",
    ] {
        let request = client
            .request(Method::POST, SERVICE)
            .header("content-type", kind)
            .body("queries=%7B%7D");
        let reply = Reply::to(request).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (415, "INVALID"),
            "{kind}"
        );
    }
    for (bytes, status) in [(256 * 1_024 + 1, 413), (256 * 1_024, 400)] {
        let request = client
            .request(Method::POST, SERVICE)
            .header("content-type", FORM)
            .body("a".repeat(bytes));
        assert_eq!(Reply::to(request).await.status, status);
    }
    let request = client
        .request(Method::GET, SERVICE)
        .header("x-min-version", "a");
    assert_eq!(Reply::to(request).await.status, 400);
}

#[tokio::test]
async fn only_pages_of_configured_origins_may_ask_from_a_browser() {
    let db = Db::sqlite();
    let hub = Hub::on(&db).await;
    let wire = Wire::to(&hub).await;
    for (origin, allowed) in [
        ("http://127.0.0.1:3333", "http://127.0.0.1:3333"),
        ("http://localhost:3333", "http://localhost:3333"),
        ("http://127.0.0.1:3334", ""),
        ("https://evil.example", ""),
        ("null", ""),
    ] {
        for path in [SERVICE, "/reconcile/suggest/type"] {
            let request = wire.request(Method::GET, path).header("origin", origin);
            let reply = Reply::to(request).await;
            assert_eq!(reply.header("access-control-allow-origin"), allowed);
            assert_eq!(reply.header("access-control-allow-credentials"), "");
            let request = wire
                .request(Method::OPTIONS, path)
                .header("origin", origin)
                .header("access-control-request-method", "POST")
                .header("access-control-request-headers", "authorization");
            let reply = Reply::to(request).await;
            assert_eq!(reply.header("access-control-allow-origin"), allowed);
        }
        let request = wire
            .request(Method::OPTIONS, "/graphql")
            .header("origin", origin);
        let reply = Reply::to(request).await;
        assert_eq!(reply.header("access-control-allow-origin"), "");
    }
}
