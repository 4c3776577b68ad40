//! Pages, orders, totals and cursors.

use std::collections::BTreeSet;

use serde_json::json;

use super::{BODIES, World, sorted};
use crate::api::{Wire, each, nodes, quoted, text};
use crate::support::{Db, Hub, made, on_both};

/// Goes through a list page by page, forwards and backwards; the ids in the order of the list.
async fn through(
    world: &World,
    list: &str,
    arguments: &str,
    size: usize,
    forwards: bool,
) -> Vec<String> {
    let (mut ids, mut cursor): (Vec<String>, Option<String>) = (Vec::new(), None);
    for page in 0.. {
        assert!(page < 100, "{list}({arguments}) by {size} does not end");
        let from = match (&cursor, forwards) {
            (None, _) => String::new(),
            (Some(cursor), true) => format!(", after: \"{cursor}\""),
            (Some(cursor), false) => format!(", before: \"{cursor}\""),
        };
        let direction = if forwards { "first" } else { "last" };
        let query = format!(
            "{{ {list}({arguments}{direction}: {size}{from}) {{ totalCount pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} edges {{ cursor node {{ id }} }} }} }}"
        );
        let data = world.data(&query).await;
        let info = &data[list]["pageInfo"];
        let some: Vec<String> = each(&data[list], "id")
            .into_iter()
            .map(str::to_owned)
            .collect();
        let edges = data[list]["edges"].as_array().expect("a list");
        assert!(!some.is_empty() && some.len() <= size, "{query}: {data}");
        assert_eq!(
            edges.first().map(|edge| &edge["cursor"]),
            Some(&info["startCursor"])
        );
        assert_eq!(
            edges.last().map(|edge| &edge["cursor"]),
            Some(&info["endCursor"])
        );
        let (more, back) = if forwards {
            ("hasNextPage", "hasPreviousPage")
        } else {
            ("hasPreviousPage", "hasNextPage")
        };
        assert_eq!(info[back], page > 0, "{query}: {data}");
        let is_last =
            ids.len() + some.len() == data[list]["totalCount"].as_u64().expect("a number") as usize;
        assert_eq!(info[more], !is_last, "{query}: {data}");
        ids = if forwards {
            [ids, some].concat()
        } else {
            [some, ids].concat()
        };
        if is_last {
            break;
        }
        let end = if forwards { "endCursor" } else { "startCursor" };
        cursor = Some(text(&info[end]).to_owned());
    }
    ids
}

#[tokio::test]
async fn pages_go_through_every_row_once_in_every_order_and_both_directions() {
    let world = World::new().await;
    let mut lists = vec![
        ("agencies", String::new()),
        (
            "agencies",
            "filter: { not: { kind: [INSTITUTION] } }, ".to_owned(),
        ),
        ("creditRecords", String::new()),
        (
            "creditRecords",
            "filter: { or: [{ amount: { gt: \"0\" } }, { tier: [GENERAL] }] }, ".to_owned(),
        ),
    ];
    for direction in ["ASC", "DESC"] {
        for (list, fields) in [
            ("agencies", ["NAME", "DIVISION", "ACTIVE_RECORDS"]),
            ("creditRecords", ["IDENTIFIED_ON", "AMOUNT", "TIER"]),
        ] {
            for field in fields {
                lists.push((
                    list,
                    format!("orderBy: [{{ field: {field}, direction: {direction} }}], "),
                ));
                let other =
                    fields[(fields.iter().position(|known| *known == field).unwrap_or(0) + 1) % 3];
                lists.push((list, format!("orderBy: [{{ field: {field}, direction: {direction} }}, {{ field: {other}, direction: DESC }}], ")));
            }
        }
    }
    for (list, arguments) in &lists {
        let whole = world
            .data(&format!(
                "{{ {list}({arguments}first: 200) {{ edges {{ node {{ id }} }} }} }}"
            ))
            .await;
        let whole: Vec<String> = each(&whole[*list], "id")
            .into_iter()
            .map(str::to_owned)
            .collect();
        assert_eq!(whole.iter().collect::<BTreeSet<_>>().len(), whole.len());
        for size in [1, 2, 3, 7, 200] {
            for forwards in [true, false] {
                let ids = through(&world, list, arguments, size, forwards).await;
                assert_eq!(
                    ids, whole,
                    "{list}({arguments}) by {size}, forwards {forwards}"
                );
            }
        }
    }
}

#[tokio::test]
async fn lists_come_in_the_order_that_is_asked_for() {
    let world = World::new().await;
    let order = async |list: &str, order: &str| {
        let data = world.data(&format!("{{ {list}(orderBy: [{order}]) {{ edges {{ node {{ ... on Agency {{ uscc }} ... on CreditRecord {{ caseNumber }} }} }} }} }}")
            .replace(if list == "agencies" { "... on CreditRecord { caseNumber }" } else { "... on Agency { uscc }" }, "")).await;
        if list == "agencies" {
            World::letters(&data[list])
        } else {
            World::digits(&data[list])
        }
    };
    let by = |field: &str, direction: &str| format!("{{ field: {field}, direction: {direction} }}");
    // Records: by day and then by amount there are no ties.
    let day_amount = format!("{}, {}", by("IDENTIFIED_ON", "ASC"), by("AMOUNT", "ASC"));
    assert_eq!(order("creditRecords", &day_amount).await, "3176425");
    let day_amount = format!("{}, {}", by("IDENTIFIED_ON", "DESC"), by("AMOUNT", "DESC"));
    assert_eq!(order("creditRecords", &day_amount).await, "5246713");
    let amount = format!("{}, {}", by("AMOUNT", "DESC"), by("IDENTIFIED_ON", "ASC"));
    assert_eq!(order("creditRecords", &amount).await, "5217364");
    let tier = format!(
        "{}, {}, {}",
        by("TIER", "ASC"),
        by("AMOUNT", "ASC"),
        by("IDENTIFIED_ON", "ASC")
    );
    assert_eq!(order("creditRecords", &tier).await, "6437125");
    let default = world
        .data("{ creditRecords { edges { node { caseNumber identifiedOn } } } }")
        .await;
    let days = each(&default["creditRecords"], "identifiedOn");
    assert!(days.is_sorted_by(|a, b| a >= b), "newest first: {days:?}");

    let counts = order(
        "agencies",
        &format!("{}, {}", by("ACTIVE_RECORDS", "DESC"), by("NAME", "ASC")),
    )
    .await;
    assert_eq!(
        &counts[..1],
        "C",
        "the one with two records that hold: {counts}"
    );
    assert_eq!(sorted(&counts[1..5]), "BEFG", "{counts}");
    let divisions = order(
        "agencies",
        &format!("{}, {}", by("DIVISION", "ASC"), by("NAME", "ASC")),
    )
    .await;
    assert_eq!(divisions, "AOBIJKCMLDENFHG");
    let names = order(
        "agencies",
        &format!("{}, {}", by("NAME", "ASC"), by("DIVISION", "ASC")),
    )
    .await;
    let mut wanted: Vec<_> = BODIES.iter().map(|body| (body.3, body.2, body.0)).collect();
    wanted.sort_unstable();
    assert_eq!(names, wanted.iter().map(|body| body.2).collect::<String>());
    let names = order(
        "agencies",
        &format!("{}, {}", by("NAME", "DESC"), by("DIVISION", "ASC")),
    )
    .await;
    wanted.sort_by(|a, b| b.0.cmp(a.0).then(a.1.cmp(b.1)));
    assert_eq!(names, wanted.iter().map(|body| body.2).collect::<String>());

    let data = world
        .data("{ agencies { edges { node { division { code } } } } }")
        .await;
    let codes: Vec<&str> = nodes(&data["agencies"])
        .map(|node| text(&node["division"]["code"]))
        .collect();
    assert!(
        codes.is_sorted(),
        "in the order of the division tree by default: {codes:?}"
    );
}

#[tokio::test]
async fn totals_are_told_however_they_are_asked() {
    let world = World::new().await;
    for query in [
        "{ agencies { totalCount } }",
        "{ agencies(first: 0) { n: totalCount } }",
        "{ agencies { ...F } } fragment F on AgencyConnection { totalCount }",
        "{ agencies { ... { ... on AgencyConnection { totalCount } } } }",
        "{ a: agencies { edges { cursor } totalCount } }",
        "{ agencies { edges { cursor } } agencies { totalCount } }",
        "{ agencies { totalCount @include(if: true) } }",
        "query ($yes: Boolean!) { agencies { totalCount @include(if: $yes) } }",
        "{ ...F } fragment F on Query { agencies(last: 1) { totalCount } }",
    ] {
        let reply = world
            .wire
            .ask_with(Some(&world.token), query, &json!({ "yes": true }))
            .await;
        let json = reply.json();
        let list = json["data"]
            .as_object()
            .and_then(|data| data.values().next())
            .cloned()
            .unwrap_or_default();
        let total = list.get("totalCount").or_else(|| list.get("n"));
        assert_eq!(total, Some(&json!(BODIES.len())), "{query}: {}", reply.text);
    }
}

#[tokio::test]
async fn a_cursor_that_was_given_is_taken_back_however_long_what_it_holds() {
    let db = Db::sqlite();
    let hub = Hub::on(&db).await;
    let long: Vec<made::Body> = (1..=6)
        .map(|n| {
            made::body(
                n,
                &format!("佛山市{}{n}局", "\u{20BB7}".repeat(150)),
                "440600",
            )
        })
        .collect();
    hub.ingest(
        "agency_register",
        &[("a.csv", &made::register(&long))],
        |_| {},
    )
    .await;
    let wire = Wire::to(&hub).await;
    let token = hub.everything();
    let fields = ["NAME", "DIVISION", "ACTIVE_RECORDS", "NAME", "NAME"];
    for count in 1..=5 {
        let order: String = fields[..count]
            .iter()
            .map(|field| format!("{{ field: {field}, direction: ASC }} "))
            .collect();
        let (mut seen, mut after) = (0, String::new());
        for _ in 0..6 {
            let query = format!(
                "{{ agencies(first: 1, orderBy: [{order}]{after}) {{ edges {{ cursor node {{ name }} }} }} }}"
            );
            let reply = wire.ask(Some(&token), &query).await;
            assert!(reply.codes().is_empty(), "{count} fields: {}", reply.text);
            let edge = &reply.json()["data"]["agencies"]["edges"][0];
            seen += usize::from(edge.is_object());
            after = format!(", after: {}", quoted(text(&edge["cursor"])));
        }
        assert_eq!(seen, 6);
    }
}

#[tokio::test]
async fn pages_are_stable_while_rows_come_in() {
    on_both(async |db| {
        let hub = Hub::on(&db).await;
        let bodies = |numbers: std::ops::Range<u32>| -> Vec<made::Body> {
            let divisions = ["440100", "440600", "440604", "441900"];
            numbers.map(|n| made::body(n, &format!("第{:03}局", n * 37 % 101), divisions[n as usize % 4])).collect()
        };
        let listings = |numbers: std::ops::Range<u32>| -> Vec<made::Listing> {
            let listing = |n: u32| {
                let body = made::uscc("11", ["440100", "440600", "440604", "441900"][n as usize % 4], n);
                made::listing(i64::from(n), "名单").code(body).published(&format!("2025-{:02}-{:02}", 1 + n % 12, 1 + n % 28))
            };
            numbers.map(listing).collect()
        };
        let bring = async |numbers: std::ops::Range<u32>| {
            let partial = |order: &mut zhengxin::ingest::Order| order.partial = true;
            let (register, court) = (made::register(&bodies(numbers.clone())), made::court_jsonl(&listings(numbers)));
            hub.ingest("agency_register", &[("a.csv", &register)], partial).await;
            hub.ingest("court_debtors", &[("b.jsonl", &court)], partial).await;
        };
        bring(1..31).await;
        let wire = Wire::to(&hub).await;
        let token = hub.everything();
        let mut next = 31;
        for (list, order) in [
            ("agencies", ""),
            ("agencies", "orderBy: [{ field: NAME, direction: ASC }], "),
            ("agencies", "orderBy: [{ field: DIVISION, direction: DESC }], "),
            ("creditRecords", ""),
            ("creditRecords", "orderBy: [{ field: IDENTIFIED_ON, direction: ASC }], "),
        ] {
            let whole = wire.data(Some(&token), &format!("{{ {list}({order}first: 200) {{ edges {{ node {{ id }} }} }} }}")).await;
            let whole: Vec<String> = each(&whole[list], "id").into_iter().map(str::to_owned).collect();
            let (mut ids, mut after, mut more) = (Vec::new(), String::new(), true);
            while more {
                let query = format!("{{ {list}({order}first: 11{after}) {{ pageInfo {{ hasNextPage endCursor }} edges {{ node {{ id }} }} }} }}");
                let data = wire.data(Some(&token), &query).await;
                ids.extend(each(&data[list], "id").into_iter().map(str::to_owned));
                more = data[list]["pageInfo"]["hasNextPage"] == true;
                after = format!(", after: \"{}\"", text(&data[list]["pageInfo"]["endCursor"]));
                if next < 60 {
                    bring(next..next + 2).await;
                    next += 2;
                }
            }
            let told: BTreeSet<&String> = ids.iter().collect();
            assert_eq!(told.len(), ids.len(), "{list}({order}): a row came twice");
            let known: Vec<&String> = ids.iter().filter(|id| whole.contains(id)).collect();
            assert_eq!(known, whole.iter().collect::<Vec<_>>(), "{list}({order}): a row was left out or moved");
        }
    })
    .await;
}
