//! Queries by GET, where it is switched on.

use reqwest::{Method, header::ACCEPT};

use super::{GRAPHQL, JSON, assert_well_formed, empty_with};
use crate::api::{Reply, Wire};

async fn get(wire: &Wire, method: Method, query: &str, media: &str) -> Reply {
    let path = format!("/graphql?{query}");
    Reply::to(wire.request(method, &path).header(ACCEPT, media)).await
}

fn encoded(parameters: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(parameters)
        .finish()
}

const NAMED: &str =
    "query A($code: String!) { division(code: $code) { name } } query null { __typename }";

#[tokio::test]
async fn a_query_is_served_by_get_with_its_parameters() {
    let (_db, _hub, wire) = empty_with(|config| config.server.get = true).await;
    for (parameters, expected) in [
        (
            vec![
                ("query", "{ __typename }"),
                ("variables", ""),
                ("operationName", ""),
            ],
            r#"{"__typename":"Query"}"#,
        ),
        (
            vec![
                ("query", "{ __typename }"),
                ("variables", "null"),
                ("extensions", "{}"),
                ("more", "1"),
            ],
            r#"{"__typename":"Query"}"#,
        ),
        (
            vec![
                ("query", NAMED),
                ("variables", r#"{"code":"440600"}"#),
                ("operationName", "A"),
            ],
            r#"{"division":{"name":"佛山市"}}"#,
        ),
    ] {
        for media in [JSON, GRAPHQL] {
            let reply = get(&wire, Method::GET, &encoded(&parameters), media).await;
            assert_eq!(reply.status, 200, "{parameters:?}: {}", reply.text);
            assert!(reply.text.contains(expected), "{}", reply.text);
            assert_eq!(
                reply.header("content-type"),
                format!("{media}; charset=utf-8")
            );
            assert_eq!(reply.header("cache-control"), "no-store");
        }
    }
    let head = get(
        &wire,
        Method::HEAD,
        &encoded(&[("query", "{ __typename }")]),
        JSON,
    )
    .await;
    assert_eq!((head.status, head.text.as_str()), (200, ""));
    assert_eq!(
        head.header("content-type"),
        "application/json; charset=utf-8"
    );
}

#[tokio::test]
async fn what_is_no_query_is_not_served_by_get() {
    let (_db, _hub, wire) = empty_with(|config| config.server.get = true).await;
    let twice = "query=%7B__typename%7D&query=%7B__typename%7D".to_owned();
    for (query, statuses) in [
        (String::new(), [400, 400]),
        ("query=".to_owned(), [400, 400]),
        (twice, [400, 400]),
        (
            encoded(&[("query", "{ __typename }"), ("variables", "[]")]),
            [400, 400],
        ),
        (
            encoded(&[("query", "{ __typename }"), ("variables", "{")]),
            [400, 400],
        ),
        (
            encoded(&[("query", "{ __typename }"), ("extensions", "17")]),
            [400, 400],
        ),
        (
            encoded(&[
                ("query", "{ __typename }"),
                ("variables", r#"{"a":1,"a":2}"#),
            ]),
            [400, 400],
        ),
        (encoded(&[("query", "{")]), [200, 400]),
        (encoded(&[("query", "{ nonsense }")]), [200, 400]),
        (
            encoded(&[("query", NAMED), ("operationName", "B")]),
            [200, 400],
        ),
    ] {
        for (media, status) in [JSON, GRAPHQL].into_iter().zip(statuses) {
            let reply = get(&wire, Method::GET, &query, media).await;
            assert_eq!(reply.status, status, "{query}: {}", reply.text);
            assert!(reply.is_refusal(), "{}", reply.text);
            assert_well_formed(&reply);
        }
    }
    let mutation = "mutation { approveRun(input: { key: \"1\", runId: \"x\" }) { __typename } }";
    let subscription = "subscription { creditRecordChanged { cursor } }";
    for query in [mutation, subscription] {
        for method in [Method::GET, Method::HEAD] {
            let reply = get(&wire, method, &encoded(&[("query", query)]), JSON).await;
            // What this role may not do at all is told as such.
            let refused = [(405, "POST"), (200, "")];
            assert!(
                refused.contains(&(reply.status, reply.header("allow"))),
                "{query}"
            );
            assert!(!reply.text.contains("\"data\""), "{}", reply.text);
        }
    }
    let reply = get(
        &wire,
        Method::GET,
        &encoded(&[("query", subscription)]),
        "text/event-stream",
    )
    .await;
    assert_eq!((reply.status, reply.header("allow")), (405, "POST"));
    let reply = get(
        &wire,
        Method::PUT,
        &encoded(&[("query", "{ __typename }")]),
        JSON,
    )
    .await;
    assert_eq!(
        (reply.status, reply.header("allow")),
        (405, "GET, HEAD, POST")
    );
}
