//! Orders, cursors and viewers at once know only what each may see.

use std::sync::Arc;

use domain::viewer::Role;
use serde_json::Value;

use super::assert_no_leak;
use crate::api::{
    each, nodes,
    province::{Asker, Province},
    text,
};

/// The number in a node's id, by which ties are broken.
fn number(id: &str) -> i64 {
    id.rsplit('_')
        .next()
        .and_then(|number| number.parse().ok())
        .expect("an id ends with a number")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_knows_only_what_its_viewer_may_see() {
    let province = Province::new().await;
    for asker in province.askers() {
        let sight = province.sight(&asker);
        let active = |at: usize| {
            let seen = sight
                .records
                .iter()
                .map(|record| &province.records[*record]);
            seen.filter(|record| record.agency == at && record.is_active)
                .count()
        };
        for field in ["NAME", "DIVISION", "ACTIVE_RECORDS"] {
            for direction in ["ASC", "DESC"] {
                let query = format!(
                    "{{ agencies(orderBy: [{{ field: {field}, direction: {direction} }}], first: 200) {{ edges {{ node {{ uscc }} }} }} }}"
                );
                let reply = asker.wire.ask(asker.token.as_deref(), &query).await;
                assert_no_leak(&asker, &sight, &query, &reply.text);
                let mut wanted: Vec<usize> = sight.bodies.iter().copied().collect();
                wanted.sort_by(|a, b| {
                    let (one, other) = (&province.bodies[*a], &province.bodies[*b]);
                    let order = match field {
                        "NAME" => one.name.cmp(&other.name),
                        "DIVISION" => one.division.cmp(other.division),
                        _ => active(*a).cmp(&active(*b)),
                    };
                    let order = if direction == "DESC" {
                        order.reverse()
                    } else {
                        order
                    };
                    order.then(number(&one.id).cmp(&number(&other.id)))
                });
                let wanted: Vec<&str> = wanted
                    .iter()
                    .map(|at| province.bodies[*at].uscc.as_str())
                    .collect();
                let json = reply.json();
                assert_eq!(
                    each(&json["data"]["agencies"], "uscc"),
                    wanted,
                    "{asker} by {field} {direction}"
                );
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cursor_is_good_for_those_who_see_the_same_in_the_same_list() {
    let province = Province::new().await;
    let all = province.asker(Role::Government, &["100000"], None);
    let operator = province.asker(Role::Operator, &[], None);
    let lists = [
        ("agencies", &all),
        ("creditRecords", &all),
        ("mentions", &operator),
        ("clues", &all),
    ];
    for (list, owner) in lists {
        let query = format!("{{ {list}(first: 3) {{ edges {{ cursor node {{ id }} }} }} }}");
        let data = owner.wire.data(owner.token.as_deref(), &query).await;
        let cursor = text(&data[list]["edges"][1]["cursor"]).to_owned();
        let third = text(&data[list]["edges"][2]["node"]["id"]).to_owned();
        let next =
            format!("{{ {list}(first: 1, after: \"{cursor}\") {{ edges {{ node {{ id }} }} }} }}");
        // Another token of the same scope goes on where this one stopped.
        let again = province.asker(owner.role, &owner.areas, None);
        let data = again.wire.data(again.token.as_deref(), &next).await;
        assert_eq!(each(&data[list], "id"), [third]);
        for asker in province.askers().iter().step_by(3) {
            let is_same = asker.role == owner.role && asker.areas == owner.areas;
            if is_same || !province.table.may_read(asker.role, "Query", list) {
                continue;
            }
            let sight = province.sight(asker);
            for at in ["after", "before"] {
                let query = next.replace("after", at);
                let reply = asker.wire.ask(asker.token.as_deref(), &query).await;
                assert_no_leak(asker, &sight, &query, &reply.text);
                assert_eq!(reply.code(), "INVALID", "{asker}: {query}");
            }
        }
    }
    // Nor is it good for another filter, order or owner of the list.
    let token = all.token.as_deref();
    let first = "{ agencies(first: 1) { edges { cursor } } }";
    let data = all.wire.data(token, first).await;
    let cursor = text(&data["agencies"]["edges"][0]["cursor"]).to_owned();
    for arguments in [
        "filter: { active: true }, ",
        "orderBy: [{ field: NAME, direction: ASC }], ",
        "asOf: \"2020-01-01\", ",
    ] {
        let query = format!("{{ agencies({arguments}after: \"{cursor}\") {{ totalCount }} }}");
        assert_eq!(
            all.wire.ask(token, &query).await.code(),
            "INVALID",
            "{query}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn viewers_who_ask_at_once_do_not_get_each_others_rows() {
    let province = Arc::new(Province::new().await);
    let query = "{ agencies(first: 40) { totalCount edges { node { uscc name creditRecords(first: 5) { edges { node { id caseNumber evidence { id digest } } } } } } } \
         creditRecords(first: 60) { totalCount edges { node { id evidence { id digest receivedAt source { key } } } } } }";
    // In an order that puts different viewers side by side, some at a time.
    let askers: Vec<Asker> = (0..6).flat_map(|_| province.askers()).collect();
    for some in askers.chunks(16) {
        let mut asked = tokio::task::JoinSet::new();
        for asker in some.iter().cloned() {
            asked.spawn(async move {
                let reply = asker.wire.ask(asker.token.as_deref(), query).await;
                (asker, reply)
            });
        }
        for (asker, reply) in asked.join_all().await {
            let sight = province.sight(&asker);
            assert!(reply.codes().is_empty(), "{asker}: {}", reply.text);
            assert_no_leak(&asker, &sight, query, &reply.text);
            let data = &reply.json()["data"];
            assert_eq!(
                data["agencies"]["totalCount"],
                sight.bodies.len(),
                "{asker}"
            );
            assert_eq!(
                data["creditRecords"]["totalCount"],
                sight.records.len(),
                "{asker}"
            );
            let has_evidence = |node: &&Value| {
                node["evidence"]
                    .as_array()
                    .is_some_and(|all| !all.is_empty())
            };
            let evidenced = nodes(&data["creditRecords"]).filter(has_evidence);
            assert_eq!(evidenced.count(), sight.records.len(), "{asker}");
        }
    }
}
