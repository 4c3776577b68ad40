//! Pages: what they cost, and those that are impossible.

use serde_json::{Value, json};

use super::hub;
use crate::api::text;
use crate::support::made;

#[tokio::test]
async fn what_a_page_costs_is_known_however_its_size_is_written() {
    let (_db, _hub, wire, token) = hub().await;
    let query = |head: &str, outer: &str, inner: &str| {
        format!(
            "{head} {{ agencies({outer}) {{ edges {{ node {{ creditRecords({inner}) {{ edges {{ node {{ agency {{ id }} }} }} }} }} }} }} }}"
        )
    };
    let both = "query ($a: Int, $b: Int)";
    let mut accepted = Vec::new();
    for (what, query, variables) in [
        ("literals", query("", "first: 200", "first: 200"), json!({})),
        ("last", query("", "last: 200", "first: 200"), json!({})),
        (
            "variables",
            query(both, "first: $a", "first: $b"),
            json!({ "a": 200, "b": 200 }),
        ),
        (
            "one variable",
            query("query ($a: Int)", "first: $a", "first: $a"),
            json!({ "a": 200 }),
        ),
        (
            "variables of last",
            query(both, "last: $a", "first: $b"),
            json!({ "a": 200, "b": 200 }),
        ),
        (
            "defaults",
            query(
                "query ($a: Int = 200, $b: Int = 200)",
                "first: $a",
                "first: $b",
            ),
            json!({}),
        ),
        (
            "a default and a variable",
            query("query ($a: Int = 200, $b: Int)", "first: $a", "first: $b"),
            json!({ "b": 200 }),
        ),
        (
            "a variable before its default",
            query("query ($a: Int = 1, $b: Int = 1)", "first: $a", "first: $b"),
            json!({ "a": 200, "b": 200 }),
        ),
        (
            "more than a page can have",
            query(both, "first: $a", "first: $b"),
            json!({ "a": 2_000_000_000, "b": 200 }),
        ),
    ] {
        let reply = wire.ask_with(Some(&token), &query, &variables).await;
        if !reply.is_refusal() || reply.codes() != ["LIMITED"] {
            accepted.push(format!("{what}: {}", reply.text));
        }
    }
    assert!(accepted.is_empty(), "{accepted:#?}");
    for (what, query, variables) in [
        ("literals", query("", "first: 20", "first: 20"), json!({})),
        (
            "variables",
            query(both, "first: $a", "first: $b"),
            json!({ "a": 20, "b": 20 }),
        ),
        (
            "null",
            query(both, "first: $a", "first: $b"),
            json!({ "a": null, "b": null }),
        ),
        ("absent", query(both, "first: $a", "first: $b"), json!({})),
        (
            "small defaults",
            query(
                "query ($a: Int = 20, $b: Int = 20)",
                "first: $a",
                "first: $b",
            ),
            json!({}),
        ),
    ] {
        let reply = wire.ask_with(Some(&token), &query, &variables).await;
        assert!(reply.codes().is_empty(), "{what}: {}", reply.text);
    }
}

/// Every field that has pages: a query with a hole for its arguments, and where its answer lies.
const PAGES: [(&str, &str); 7] = [
    ("{ agencies# { totalCount edges { cursor } } }", "/agencies"),
    ("{ mentions# { totalCount edges { cursor } } }", "/mentions"),
    (
        "{ creditRecords# { totalCount edges { cursor } } }",
        "/creditRecords",
    ),
    (
        "{ division(code: \"440600\") { agencies# { totalCount edges { cursor } } } }",
        "/division/agencies",
    ),
    (
        "{ agency(uscc: \"USCC\") { subordinates# { totalCount edges { cursor } } } }",
        "/agency/subordinates",
    ),
    (
        "{ agency(uscc: \"USCC\") { creditRecords# { totalCount edges { cursor } } } }",
        "/agency/creditRecords",
    ),
    (
        "{ sources { runs# { totalCount edges { cursor } } } }",
        "/sources/0/runs",
    ),
];

#[tokio::test]
async fn impossible_pages_are_errors_of_their_field() {
    let (_db, _hub, wire, token) = hub().await;
    let uscc = made::uscc("11", "440604", 1);
    let has_last = |at: &str| matches!(at, "/agencies" | "/mentions" | "/creditRecords");
    let mut wrong = Vec::new();
    for (query, at) in PAGES {
        let query = query.replace("USCC", uscc.as_str());
        for (arguments, for_all) in [
            ("(first: 201)", true),
            ("(first: -1)", true),
            ("(first: 2147483647)", true),
            ("(first: -2147483648)", true),
            ("(after: \"\")", true),
            ("(after: \"x\")", true),
            ("(after: \"run:x\")", true),
            ("(after: \"e30\")", true),
            ("(after: \"eyJvIjoiIiwiayI6W10sImkiOjB9\")", true),
            ("(last: 201)", false),
            ("(last: -1)", false),
            ("(first: 1, last: 1)", false),
            ("(first: 0, last: 0)", false),
            ("(before: \"x\")", false),
        ] {
            if !for_all && !has_last(at) {
                continue;
            }
            let reply = wire.ask(Some(&token), &query.replace('#', arguments)).await;
            let json = reply.json();
            let is_null = json["data"].pointer(at).is_some_and(Value::is_null);
            let is_invalid =
                !reply.codes().is_empty() && reply.codes().iter().all(|code| code == "INVALID");
            if reply.status != 200 || !is_null || !is_invalid {
                wrong.push(format!("{at}{arguments}: {} {}", reply.status, reply.text));
            }
        }
        for (arguments, for_all) in [
            ("", true),
            ("(first: 0)", true),
            ("(first: 200)", true),
            ("(first: null, after: null)", true),
            ("(last: 200)", false),
            ("(last: 0)", false),
            ("(first: 1, last: null)", false),
        ] {
            if for_all || has_last(at) {
                let data = wire
                    .data(Some(&token), &query.replace('#', arguments))
                    .await;
                assert!(
                    data.pointer(at).is_some_and(Value::is_object),
                    "{at}{arguments}: {data}"
                );
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn a_cursor_of_another_list_or_order_is_refused() {
    let (_db, _hub, wire, token) = hub().await;
    let cursor = async |query: &str, at: &str| {
        let data = wire.data(Some(&token), query).await;
        text(data.pointer(at).expect("a cursor")).to_owned()
    };
    let agency = cursor(
        "{ agencies { edges { cursor } } }",
        "/agencies/edges/0/cursor",
    )
    .await;
    let record = cursor(
        "{ creditRecords { edges { cursor } } }",
        "/creditRecords/edges/0/cursor",
    )
    .await;
    let run = cursor(
        "{ sources { runs { edges { cursor } } } }",
        "/sources/0/runs/edges/0/cursor",
    )
    .await;
    let by_name = "orderBy: [{ field: NAME, direction: ASC }]";
    let named = cursor(
        &format!("{{ agencies({by_name}) {{ edges {{ cursor }} }} }}"),
        "/agencies/edges/0/cursor",
    )
    .await;
    let mut accepted = Vec::new();
    for (what, query) in [
        (
            "a record's among agencies",
            format!("{{ agencies(after: \"{record}\") {{ totalCount }} }}"),
        ),
        (
            "an agency's among records",
            format!("{{ creditRecords(after: \"{agency}\") {{ totalCount }} }}"),
        ),
        (
            "an agency's among mentions",
            format!("{{ mentions(after: \"{agency}\") {{ totalCount }} }}"),
        ),
        (
            "a run's among agencies",
            format!("{{ agencies(after: \"{run}\") {{ totalCount }} }}"),
        ),
        (
            "an agency's among runs",
            format!("{{ sources {{ runs(after: \"{agency}\") {{ totalCount }} }} }}"),
        ),
        (
            "by name in the order of divisions",
            format!("{{ agencies(after: \"{named}\") {{ totalCount }} }}"),
        ),
        (
            "by division in the order of names",
            format!("{{ agencies({by_name}, after: \"{agency}\") {{ totalCount }} }}"),
        ),
        (
            "the other way round",
            format!(
                "{{ agencies(orderBy: [{{ field: NAME, direction: DESC }}], before: \"{named}\") {{ totalCount }} }}"
            ),
        ),
        (
            "damaged",
            format!(
                "{{ agencies(after: \"{}\") {{ totalCount }} }}",
                &agency[..agency.len() - 2]
            ),
        ),
        (
            "with more",
            format!("{{ agencies(after: \"{agency}AAAA\") {{ totalCount }} }}"),
        ),
        (
            "a long one",
            format!(
                "{{ agencies(after: \"{}\") {{ totalCount }} }}",
                agency.repeat(100)
            ),
        ),
    ] {
        let reply = wire.ask(Some(&token), &query).await;
        let codes = reply.codes();
        if codes.is_empty() || codes.iter().any(|code| code != "INVALID") {
            accepted.push(format!("{what}: {}", reply.text));
        }
    }
    assert!(accepted.is_empty(), "{accepted:#?}");
    wire.data(
        Some(&token),
        &format!("{{ agencies({by_name}, after: \"{named}\") {{ totalCount }} }}"),
    )
    .await;
}
