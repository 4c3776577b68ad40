//! The query guard over HTTP: what is too much is refused, whatever its shape, and what is in bounds
//! is answered.

use std::fmt::Write;

use domain::viewer::Role;
use serde_json::{Value, json};

use super::{Reply, Wire, text};
use crate::support::{Db, Hub, made};

/// A hub with some bodies, and a token that reads all of it.
async fn hub() -> (Db, Hub, Wire, String) {
    let db = Db::sqlite();
    let hub = Hub::on(&db).await;
    let head = made::body(1, "佛山市禅城区人民政府", "440604");
    let bureau = made::body(2, "佛山市禅城区水务局", "440604").superior(&head.uscc);
    let listing = made::listing(1, "佛山市禅城区水务局").code(bureau.uscc);
    hub.ingest(
        "agency_register",
        &[("a.csv", &made::register(&[head, bureau]))],
        |_| {},
    )
    .await;
    hub.ingest(
        "court_debtors",
        &[("b.jsonl", &made::court_jsonl(&[listing]))],
        |_| {},
    )
    .await;
    let wire = Wire::to(&hub).await;
    let token = hub.everything();
    (db, hub, wire, token)
}

fn is_refused(reply: &Reply) -> bool {
    let codes = reply.codes();
    reply.is_refusal()
        && codes
            .iter()
            .all(|code| code == "LIMITED" || code == "INVALID")
}

/// A text repeated with a number in place of `#`.
fn times(count: usize, part: &str) -> String {
    (0..count)
        .map(|n| part.replace('#', &n.to_string()))
        .collect()
}

/// Fragments that each spread the next one several times, in a shell around each spread.
fn fragments(wide: usize, deep: usize, on: &str, shell: (&str, &str), leaf: &str) -> String {
    let mut text = String::new();
    for at in 0..deep {
        let spread = format!("{}...f{}{} ", shell.0, at + 1, shell.1);
        let _ = write!(
            text,
            " fragment f{at} on {on} {{ {} }}",
            spread.repeat(wide)
        );
    }
    let _ = write!(text, " fragment f{deep} on {on} {{ {leaf} }}");
    text
}

/// Fragments in fragments, of all shapes. Every one would be big if it were expanded, or has no end.
fn fragment_bombs() -> Vec<(String, String)> {
    let mut bombs = Vec::new();
    let mut bomb = |what: String, query: String| bombs.push((what, query));
    let agency = "agency(uscc: \"11440600007039565U\")";
    let shapes = [
        (
            "plain",
            "Query",
            "{ ...f0 }".to_owned(),
            ("", ""),
            "a: __typename viewer { role }",
        ),
        (
            "inline",
            "Query",
            "{ ...f0 }".to_owned(),
            ("... on Query { ", " }"),
            "viewer { role }",
        ),
        (
            "bare inline",
            "Query",
            "{ ...f0 }".to_owned(),
            ("... { ", " }"),
            "viewer { role }",
        ),
        (
            "directives",
            "Query",
            "{ ...f0 }".to_owned(),
            ("... @include(if: true) { ", " }"),
            "viewer { role }",
        ),
        (
            "below an agency",
            "Agency",
            format!("{{ {agency} {{ ...f0 }} }}"),
            ("", ""),
            "id name",
        ),
        (
            "through superiors",
            "Agency",
            format!("{{ {agency} {{ ...f0 }} }}"),
            ("superior { ", " }"),
            "id",
        ),
        (
            "through pages",
            "Agency",
            format!("{{ {agency} {{ ...f0 }} }}"),
            ("subordinates { edges { node { ", " } } }"),
            "id",
        ),
        (
            "below a node",
            "Node",
            "{ node(id: \"x\") { ...f0 } }".to_owned(),
            ("", ""),
            "id ... on Agency { name }",
        ),
        (
            "through parents",
            "Division",
            "{ division(code: \"440604\") { ...f0 } }".to_owned(),
            ("parent { ", " }"),
            "code",
        ),
        (
            "through children",
            "Division",
            "{ division(code: \"440604\") { ...f0 } }".to_owned(),
            ("children { ", " }"),
            "code",
        ),
        (
            "introspection",
            "__Type",
            "{ __type(name: \"Query\") { ...f0 } }".to_owned(),
            ("ofType { ", " }"),
            "name",
        ),
        (
            "introspection in lists",
            "__Type",
            "{ __type(name: \"Query\") { ...f0 } }".to_owned(),
            ("fields { type { ", " } }"),
            "name",
        ),
    ];
    for (shape, on, query, shell, leaf) in &shapes {
        for (wide, deep) in [
            (8, 9),
            (2, 13),
            (2, 20),
            (2, 40),
            (3, 9),
            (3, 25),
            (4, 12),
            (5, 7),
            (6, 48),
            (7, 20),
            (9, 30),
            (10, 5),
            (10, 9),
            (12, 6),
            (16, 4),
            (20, 10),
            (30, 30),
            (40, 20),
            (1, 49),
        ] {
            let text = format!("{query}{}", fragments(wide, deep, on, *shell, leaf));
            // A lone spread in each fragment is deep and not big.
            if wide > 1 || !shell.0.is_empty() {
                bomb(format!("{shape}, {wide} wide, {deep} deep"), text);
            }
        }
    }
    for length in [1, 2, 3, 10, 49] {
        let circle: String = (0..length)
            .map(|at| format!(" fragment f{at} on Query {{ ...f{} }}", (at + 1) % length))
            .collect();
        bomb(
            format!("a circle of {length}"),
            format!("{{ ...f0 }}{circle}"),
        );
        bomb(
            format!("a circle of {length}, entered twice"),
            format!("{{ ...f0 ...f0 }}{circle}"),
        );
        let inner: String = (0..length)
            .map(|at| {
                format!(
                    " fragment f{at} on Division {{ parent {{ ...f{} }} children {{ ...f{} }} }}",
                    (at + 1) % length,
                    (at + 1) % length
                )
            })
            .collect();
        bomb(
            format!("a circle of {length} through fields"),
            format!("{{ division(code: \"1\") {{ ...f0 }} }}{inner}"),
        );
        let unused = format!("{{ __typename }}{circle}");
        bomb(format!("a circle of {length} that nobody enters"), unused);
    }
    bombs
}

/// What else is too much.
fn other_bombs() -> Vec<(String, String)> {
    let mut bombs = Vec::new();
    let mut bomb = |what: String, query: String| bombs.push((what, query));
    let agency = "agency(uscc: \"11440600007039565U\")";
    for count in [16, 50, 200, 400] {
        bomb(
            format!("{count} aliases of a leaf"),
            format!("{{ {} }}", times(count, "a#: __typename ")),
        );
        bomb(
            format!("{count} aliases below"),
            format!("{{ viewer {{ {} }} }}", times(count, "a#: role ")),
        );
        bomb(
            format!("{count} aliases of a page"),
            format!(
                "{{ viewer {{ {} }} }}",
                times(count, "a#: divisions { code } ")
            ),
        );
        bomb(
            format!("{count} inline fragments with aliases"),
            format!("{{ viewer {{ {} }} }}", times(count, "... { a#: role } ")),
        );
        let spread = times(count.min(45), "...g# ");
        let each = times(
            count.min(45),
            " fragment g# on Viewer { a#: role b#: subject }",
        );
        bomb(
            format!("{count} aliases in fragments"),
            format!("{{ viewer {{ {spread} }} }}{each}"),
        );
    }
    for count in [11, 50, 500] {
        bomb(
            format!("{count} root fields"),
            format!("{{ {} }}", "sources { key } ".repeat(count)),
        );
        bomb(
            format!("{count} spreads at the root"),
            format!(
                "{{ {} }} fragment F on Query {{ viewer {{ role }} }}",
                "...F ".repeat(count)
            ),
        );
    }
    // More root fields than may be, behind fragments.
    let fields = times(14, "a#: sources { key } ");
    bomb(
        "root fields in a fragment".to_owned(),
        format!("{{ ...F }} fragment F on Query {{ {fields} }}"),
    );
    bomb(
        "root fields in an inline fragment".to_owned(),
        format!("{{ ... on Query {{ {fields} }} }}"),
    );
    for count in [6, 20, 300] {
        let directives = "@include(if: true) ".repeat(count);
        bomb(
            format!("{count} directives on a field"),
            format!("{{ __typename {directives} }}"),
        );
        bomb(
            format!("{count} directives on a spread"),
            format!("{{ ...F {directives} }} fragment F on Query {{ __typename }}"),
        );
        bomb(
            format!("{count} directives on an inline fragment"),
            format!("{{ ... {directives} {{ __typename }} }}"),
        );
        bomb(
            format!("{count} unknown directives"),
            format!("{{ __typename {} }}", times(count, "@d# ")),
        );
    }
    for count in [21, 100, 300] {
        bomb(
            format!("{count} directives in all"),
            format!(
                "{{ viewer {{ {} }} }}",
                "role @include(if: true) ".repeat(count)
            ),
        );
    }
    for levels in [13, 16, 20, 31, 32, 100, 1_000, 5_000] {
        bomb(
            format!("{levels} parents"),
            format!(
                "{{ division(code: \"440604\") {}code{} }}",
                "{ parent ".repeat(levels),
                " }".repeat(levels)
            )
            .replace("parent code", "parent { code }"),
        );
        bomb(
            format!("{levels} superiors"),
            format!(
                "{{ {agency} {{ {} id {} }} }}",
                "superior { ".repeat(levels),
                "} ".repeat(levels)
            ),
        );
        bomb(
            format!("{levels} inline fragments"),
            format!(
                "{{ {} __typename {} }}",
                "... { ".repeat(levels),
                "} ".repeat(levels)
            ),
        );
        let list = format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        if levels > 31 {
            bomb(
                format!("{levels} lists"),
                format!("{{ agencies(orderBy: {list}) {{ totalCount }} }}"),
            );
            let object = format!("{}{}", "{ not: ".repeat(levels), "}".repeat(levels));
            bomb(
                format!("{levels} filters"),
                format!("{{ agencies(filter: {object}) {{ totalCount }} }}"),
            );
        }
    }
    for size in [17_000, 100_000, 200_000] {
        bomb(
            format!("a comment of {size}"),
            format!("#{}\n{{ __typename }}", "x".repeat(size)),
        );
        bomb(
            format!("a name of {size}"),
            format!("{{ {} }}", "x".repeat(size)),
        );
        bomb(
            format!("a string of {size}"),
            format!("{{ division(code: \"{}\") {{ code }} }}", "1".repeat(size)),
        );
        bomb(
            format!("{size} spaces"),
            format!("{{ {} __typename }}", " ".repeat(size)),
        );
        bomb(
            format!("{size} commas"),
            format!("{{ {} __typename }}", ",".repeat(size)),
        );
    }
    bomb("tokens".to_owned(), format!("{{ {} }}", "a ".repeat(2_500)));
    bomb(
        "tokens of a list".to_owned(),
        format!(
            "{{ agencies(filter: {{ kind: [{}] }}) {{ totalCount }} }}",
            "ORGAN ".repeat(2_100)
        ),
    );
    bomb(
        "tokens without spaces".to_owned(),
        format!(
            "{{ agencies(filter: {{ kind: [{}] }}) {{ totalCount }} }}",
            "1,".repeat(2_100)
        ),
    );
    bomb("brackets only".to_owned(), "{".repeat(10_000));
    bomb("closing brackets only".to_owned(), "}".repeat(10_000));
    bomb("strings that do not end".to_owned(), "\"".repeat(9_999));
    bomb(
        "block strings that do not end".to_owned(),
        "\"\"\"".repeat(3_333),
    );
    bomb(
        "the same field over and over".to_owned(),
        format!("{{ viewer {{ {} }} }}", "role ".repeat(1_100)),
    );
    bomb(
        "operations".to_owned(),
        times(11, "query q# { __typename } "),
    );
    bomb(
        "many operations".to_owned(),
        times(200, "query q# { __typename } "),
    );
    bomb(
        "fragments".to_owned(),
        format!(
            "{{ {} }}{}",
            times(9, "...f# "),
            times(51, " fragment f# on Query { __typename }")
        ),
    );
    bomb(
        "fragments that nobody spreads".to_owned(),
        format!(
            "{{ __typename }}{}",
            times(51, " fragment f# on Query { __typename }")
        ),
    );
    bomb(
        "variables".to_owned(),
        format!("query ({}) {{ __typename }}", times(101, "$v#: Int ")),
    );
    bomb(
        "a bomb in the operation that is not asked".to_owned(),
        format!(
            "query q {{ __typename }} query b {{ ...f0 }}{}",
            fragments(8, 9, "Query", ("", ""), "viewer { role }")
        ),
    );
    for (first, inner) in [
        ("200", "200"),
        ("200", "100"),
        ("100", "200"),
        ("2000000000", "2000000000"),
        ("200", "30"),
    ] {
        bomb(
            format!("pages of {first} and {inner}"),
            format!(
                "{{ agencies(first: {first}) {{ edges {{ node {{ creditRecords(first: {inner}) {{ edges {{ node {{ id agency {{ id }} }} }} }} }} }} }} }}"
            ),
        );
        bomb(
            format!("pages of {first} and {inner} in fragments"),
            format!(
                "{{ ...A }} fragment A on Query {{ agencies(first: {first}) {{ edges {{ node {{ ...B }} }} }} }} fragment B on Agency {{ subordinates(first: {inner}) {{ edges {{ node {{ id superior {{ id }} }} }} }} }}"
            ),
        );
    }
    bomb(
        "children of children of children of children".to_owned(),
        "{ division(code: \"100000\") { children { children { children { children { code } } } } } }".to_owned(),
    );
    bomb(
        "pages of default size in pages".to_owned(),
        "{ agencies { edges { node { subordinates { edges { node { creditRecords { edges { node { evidence { id source { id } } } } } } } } } } } }".to_owned(),
    );
    bombs
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
            json!({ "f": { "or": many(20, name.clone()) } }),
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
        (json!({}), false),
        (json!({ "division": "440600" }), false),
        (json!({ "name": null }), false),
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
