//! What is a request: methods, media types, bodies and their members.

use reqwest::{
    Body, Method,
    header::{ACCEPT, CONTENT_TYPE},
};
use serde_json::{Value, json};

use super::{GRAPHQL, JSON, assert_well_formed, body, empty};
use crate::api::Reply;

const BODY_BYTES_MAX: usize = 256 * 1_024;

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
        format!("{{\"query\":{query:?},\"more\":1,\"more\":2}}"),
        format!("{{\"query\":{query:?},\"variables\":{{\"a\":{{\"b\":1,\"b\":1}}}}}}"),
        format!(
            "{{\"query\":{query:?},\"variables\":{{\"a\":{}1{}}}}}",
            "[".repeat(33),
            "]".repeat(33)
        ),
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
async fn variables_are_bounded_in_bytes_and_in_depth() {
    let (_db, _hub, wire) = empty().await;
    let ask = async |variables: Value| {
        let request = json!({ "query": "{ __typename }", "variables": variables });
        Reply::to(wire.post().body(request.to_string())).await
    };
    let nested = |levels: usize| (0..levels).fold(json!(1), |inner, _| json!([inner]));
    assert!(!ask(json!({ "a": nested(31) })).await.is_refusal());
    assert!(ask(json!({ "a": nested(33) })).await.is_refusal());
    let long = |bytes: usize| json!({ "a": ["x".repeat(bytes)] });
    assert!(!ask(long(65_000)).await.is_refusal());
    let reply = ask(long(66_000)).await;
    assert_eq!(reply.code(), "LIMITED");
    assert!(
        reply.is_refusal() && reply.text.len() < 500,
        "{}",
        reply.text
    );
}

#[tokio::test]
async fn an_address_has_an_end() {
    let (_db, _hub, wire) = empty().await;
    for (length, status) in [(8_000, 405), (8_300, 414)] {
        let path = format!("/graphql?query={}", "x".repeat(length));
        let reply = Reply::to(wire.request(Method::GET, &path)).await;
        assert_eq!(reply.status, status);
        assert!(
            reply.is_refusal() && reply.text.len() < 500,
            "{}",
            reply.text
        );
        assert_well_formed(&reply);
    }
}
