//! Orders, cursors and viewers at once know only what each may see.

use std::{collections::BTreeSet, sync::Arc};

use domain::viewer::Role;
use serde_json::Value;

use super::{ask_all, assert_no_leak};
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
async fn a_cursor_of_another_viewer_is_a_position_and_no_right() {
    let province = Province::new().await;
    let all = province.asker(Role::Government, &["100000"], None);
    let all = province.stating(all, "supervision");
    let operator = province.asker(Role::Operator, &[], None);
    let cursors = async |asker: &Asker, list: &str| {
        let query = format!("{{ {list}(first: 200) {{ edges {{ cursor node {{ id }} }} }} }}");
        let mut data = asker.wire.data(asker.token.as_deref(), &query).await;
        let edges = data[list]["edges"].take();
        let edges = edges.as_array().cloned().unwrap_or_default();
        let edge = |edge: &Value| {
            (
                text(&edge["cursor"]).to_owned(),
                text(&edge["node"]["id"]).to_owned(),
            )
        };
        edges.iter().map(edge).collect::<Vec<_>>()
    };
    let lists = [
        ("agencies", cursors(&all, "agencies").await),
        ("creditRecords", cursors(&all, "creditRecords").await),
        ("mentions", cursors(&operator, "mentions").await),
        ("clues", cursors(&all, "clues").await),
    ];
    for asker in province.askers().iter().step_by(3) {
        let sight = province.sight(asker);
        let seen: BTreeSet<&str> = sight
            .bodies
            .iter()
            .map(|at| province.bodies[*at].id.as_str())
            .chain(
                sight
                    .records
                    .iter()
                    .map(|at| province.records[*at].id.as_str()),
            )
            .chain(
                sight
                    .mentions
                    .iter()
                    .map(|at| province.mentions[*at].id.as_str()),
            )
            .chain(sight.clues.iter().map(|at| province.clues[*at].id.as_str()))
            .collect();
        for (list, edges) in &lists {
            if !province.table.may_read(asker.role, "Query", list) {
                continue;
            }
            let ids: Vec<&str> = edges.iter().map(|(_, id)| id.as_str()).collect();
            let visible = |ids: &[&str]| {
                ids.iter()
                    .copied()
                    .filter(|id| seen.contains(id))
                    .map(str::to_owned)
                    .collect::<Vec<_>>()
            };
            let mut fields = Vec::new();
            for (cursor, _) in edges {
                let page =
                    "edges { node { id } } pageInfo { hasNextPage hasPreviousPage } totalCount";
                fields.push(format!(
                    "{list}(first: 200, after: \"{cursor}\") {{ {page} }}"
                ));
                fields.push(format!(
                    "{list}(last: 1, before: \"{cursor}\") {{ {page} }}"
                ));
            }
            let mut answers = Vec::new();
            for some in fields.chunks(4) {
                let (some, text) = ask_all(&asker.wire, asker.token.as_deref(), some).await;
                assert_no_leak(asker, &sight, "a cursor of another viewer", &text);
                answers.extend(some);
            }
            for (at, answers) in answers.chunks(2).enumerate() {
                let (before, after) = (visible(&ids[..at]), visible(&ids[at + 1..]));
                let is_seen = seen.contains(ids[at]);
                assert_eq!(each(&answers[0], "id"), after, "{asker}: {list} after {at}");
                let info = &answers[0]["pageInfo"];
                assert_eq!(info["hasNextPage"], false);
                assert_eq!(
                    info["hasPreviousPage"],
                    is_seen || !before.is_empty(),
                    "{asker}: {list} after {at}"
                );
                let last: Vec<&str> = before.last().map(String::as_str).into_iter().collect();
                assert_eq!(each(&answers[1], "id"), last, "{asker}: {list} before {at}");
                let info = &answers[1]["pageInfo"];
                assert_eq!(
                    info["hasPreviousPage"],
                    before.len() > 1,
                    "{asker}: {list} before {at}"
                );
                assert_eq!(
                    info["hasNextPage"],
                    is_seen || !after.is_empty(),
                    "{asker}: {list} before {at}"
                );
                assert_eq!(answers[0]["totalCount"], visible(&ids).len());
            }
        }
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
