//! Filters and texts are bounded however they are sent.

use serde_json::{Value, json};

use super::hub;
use crate::api::Reply;

#[tokio::test]
async fn filters_are_bounded_however_they_are_sent() {
    let (_db, _hub, wire, token) = hub().await;
    let agencies = "query ($f: AgencyFilter, $o: [AgencyOrder!]) { agencies(filter: $f, orderBy: $o) { totalCount } }";
    let records = "query ($f: CreditRecordFilter) { creditRecords(filter: $f) { totalCount } }";
    let mentions = "query ($f: MentionFilter) { mentions(filter: $f) { totalCount } }";
    let many = |count: usize, value: Value| Value::from(vec![value; count]);
    let name = json!({ "name": { "contains": "x" } });
    let deep = |levels: usize, key: &str| {
        let wrap = |inner: Value| {
            if key == "not" {
                json!({ key: inner })
            } else {
                json!({ key: [inner] })
            }
        };
        (0..levels).fold(json!({}), |inner, _| wrap(inner))
    };
    let mut accepted = Vec::new();
    for (what, query, variables) in [
        (
            "codes",
            agencies,
            json!({ "f": { "uscc": { "in": many(501, "x".into()) } } }),
        ),
        (
            "names",
            agencies,
            json!({ "f": { "name": { "in": many(501, "x".into()) } } }),
        ),
        (
            "kinds",
            agencies,
            json!({ "f": { "kind": many(501, "ORGAN".into()) } }),
        ),
        (
            "divisions",
            agencies,
            json!({ "f": { "division": { "in": many(501, "440600".into()) } } }),
        ),
        (
            "order fields",
            agencies,
            json!({ "o": many(6, json!({ "field": "NAME", "direction": "ASC" })) }),
        ),
        (
            "statuses",
            records,
            json!({ "f": { "status": many(501, "ACTIVE".into()) } }),
        ),
        (
            "sources",
            records,
            json!({ "f": { "source": { "in": many(501, "x".into()) } } }),
        ),
        (
            "outcomes",
            mentions,
            json!({ "f": { "outcome": many(501, "NONE".into()) } }),
        ),
        (
            "alternatives",
            agencies,
            json!({ "f": { "or": many(6_000, name.clone()) } }),
        ),
        (
            "parts",
            agencies,
            json!({ "f": { "and": many(6_000, name.clone()) } }),
        ),
        (
            "parts of parts",
            agencies,
            json!({ "f": { "and": many(70, json!({ "or": many(70, name.clone()) })) } }),
        ),
        (
            "alternatives of records",
            records,
            json!({ "f": { "or": many(6_000, json!({ "agency": {} })) } }),
        ),
        (
            "alternatives of mentions",
            mentions,
            json!({ "f": { "or": many(6_000, json!({ "source": { "eq": "x" } })) } }),
        ),
    ] {
        let reply = wire.ask_with(Some(&token), query, &variables).await;
        let codes = reply.codes();
        if codes.is_empty()
            || codes
                .iter()
                .any(|code| code != "INVALID" && code != "LIMITED")
        {
            let told: String = reply.text.chars().take(200).collect();
            accepted.push(format!("{what}: {told}"));
        }
    }
    assert!(accepted.is_empty(), "{accepted:#?}");
    for (what, query, variables) in [
        (
            "codes",
            agencies,
            json!({ "f": { "uscc": { "in": many(200, "x".into()) } } }),
        ),
        (
            "kinds",
            agencies,
            json!({ "f": { "kind": many(200, "ORGAN".into()) } }),
        ),
        (
            "order fields",
            agencies,
            json!({ "o": many(5, json!({ "field": "NAME", "direction": "ASC" })) }),
        ),
        (
            "alternatives",
            agencies,
            json!({ "f": { "or": many(14, name.clone()) } }),
        ),
        (
            "a filter in a filter",
            agencies,
            json!({ "f": deep(20, "not") }),
        ),
    ] {
        let reply = wire.ask_with(Some(&token), query, &variables).await;
        assert!(reply.codes().is_empty(), "{what}: {}", reply.text);
    }
    // However deep it nests, the hub answers or refuses, and lives.
    for levels in [50, 100, 120, 1_000, 10_000] {
        for key in ["not", "and", "or"] {
            let mut filter = "{}".to_owned();
            for _ in 0..levels {
                filter = if key == "not" {
                    format!("{{\"not\":{filter}}}")
                } else {
                    format!("{{\"{key}\":[{filter}]}}")
                };
            }
            let body = format!(
                "{{\"query\":{},\"variables\":{{\"f\":{filter}}}}}",
                Value::from(agencies)
            );
            let reply = Reply::to(wire.post().bearer_auth(&token).body(body)).await;
            assert!(
                matches!(reply.status, 200 | 400),
                "{levels} {key}: {} {}",
                reply.status,
                reply.text
            );
        }
    }
    wire.data(Some(&token), "{ agencies { totalCount } }").await;
}

#[tokio::test]
async fn texts_to_resolve_are_bounded() {
    let (_db, _hub, wire, token) = hub().await;
    let query = "query ($i: ResolveInput!) { resolve(input: $i) { outcome } }";
    for (input, is_good) in [
        (json!({}), true),
        (json!({ "division": "440600" }), true),
        (json!({ "name": null }), true),
        (json!({ "name": "局".repeat(201) }), false),
        (json!({ "uscc": "1".repeat(201) }), false),
        (json!({ "orgCode": "1".repeat(201) }), false),
        (json!({ "name": "水务局", "division": "4406" }), false),
        (json!({ "name": "局".repeat(200) }), true),
        (json!({ "name": "" }), true),
        (json!({ "uscc": "not a code" }), true),
    ] {
        let reply = wire
            .ask_with(Some(&token), query, &json!({ "i": input }))
            .await;
        if is_good {
            assert_eq!(
                reply.json()["data"]["resolve"]["outcome"],
                "NONE",
                "{input}: {}",
                reply.text
            );
        } else {
            assert_eq!(reply.codes(), ["INVALID"], "{input}: {}", reply.text);
            assert_eq!(reply.json()["data"], json!({ "resolve": null }));
        }
    }
}
