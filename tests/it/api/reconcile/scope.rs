//! A hidden body appears in no answer, by any path, to anybody.

use std::collections::BTreeSet;

use domain::viewer::Role;
use serde_json::{Value, json};

use super::{Client, SERVICE, each, shape};
use crate::api::province::{Asker, GONE, HEIR, NAMESAKES, Province, Sight};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_told_of_a_body_that_he_may_not_see() {
    let province = Province::new().await;
    for asker in province.askers() {
        let sight = province.sight(&asker);
        let client = Client {
            wire: &province.wire,
            token: asker.token.as_deref(),
        };
        let seen: BTreeSet<&str> = sight
            .bodies
            .iter()
            .map(|at| province.bodies[*at].uscc.as_str())
            .collect();
        if asker.role != Role::Public {
            matching(&province, &client, &asker, &sight).await;
        }
        extending(&province, &client, &asker, &sight, &seen).await;
        suggesting(&province, &client, &asker, &sight, &seen).await;
        previewing(&province, &client, &asker, &sight).await;
    }
}

/// By code, by name, by both former and second name.
async fn matching(province: &Province, client: &Client<'_>, asker: &Asker, sight: &Sight) {
    for (at, body) in province.bodies.iter().enumerate() {
        let queries = json!({
            "code": { "query": body.uscc.as_str() },
            "name": { "query": body.name },
            "former": { "query": format!("曾用名F{at:02}Z处") },
            "alias": { "query": format!("别名A{at:02}Z办") },
        });
        let answer = client.match_all(&queries).await;
        for (key, result) in answer.as_object().expect("an object") {
            let found = result["result"].as_array().expect("a list");
            let mut expected: Vec<&str> = match key.as_str() {
                "name" if NAMESAKES.contains(&at) => NAMESAKES
                    .iter()
                    .filter(|at| sight.bodies.contains(at))
                    .map(|at| province.bodies[*at].uscc.as_str())
                    .collect(),
                key => {
                    // Its own code and name lead from a body that is gone to the one after it.
                    let meant = if at == GONE && ["code", "name"].contains(&key) {
                        HEIR
                    } else {
                        at
                    };
                    let meant = sight.bodies.contains(&meant).then_some(meant);
                    let uscc = |at: usize| province.bodies[at].uscc.as_str();
                    meant.map(uscc).into_iter().collect()
                }
            };
            let mut told = each(found, "id");
            told.sort_unstable();
            expected.sort_unstable();
            assert_eq!(told, expected, "{asker}: {key} of {}", body.name);
            // Of two namesakes the one that is seen is not thereby the one that is meant.
            if key == "name" && NAMESAKES.contains(&at) {
                assert!(found.iter().all(|one| one["match"] == false), "{asker}");
            }
        }
        assert_no_leak(asker, sight, &answer);
    }
}

async fn extending(
    province: &Province,
    client: &Client<'_>,
    asker: &Asker,
    sight: &Sight,
    seen: &BTreeSet<&str>,
) {
    let ids: Vec<&str> = province
        .bodies
        .iter()
        .map(|body| body.uscc.as_str())
        .collect();
    let proposed = client.get("/reconcile/properties", &[]).await.json();
    let properties = proposed["properties"].as_array().expect("a list");
    let answer = client.extend(&ids, &each(properties, "id")).await;
    let rows = answer["rows"].as_object().expect("an object");
    for (id, row) in rows {
        let is_told = row["name"] != json!([]);
        assert_eq!(is_told, seen.contains(id.as_str()), "{asker}: {id}");
        let bodies = ["superior", "competentDepartments", "successors"];
        for value in bodies.iter().flat_map(|id| row[*id].as_array()).flatten() {
            let id = value["id"].as_str().expect("a body");
            assert!(seen.contains(id), "{asker}: {id}");
        }
    }
    assert_no_leak(
        asker,
        sight,
        &json!([answer["meta"], rows.values().collect::<Vec<_>>()]),
    );
}

async fn suggesting(
    province: &Province,
    client: &Client<'_>,
    asker: &Asker,
    sight: &Sight,
    seen: &BTreeSet<&str>,
) {
    // All of them, page by page.
    let mut told = BTreeSet::new();
    for cursor in ["0", "20", "40"] {
        let fields = [("prefix", ""), ("cursor", cursor)];
        let reply = client.get("/reconcile/suggest/entity", &fields).await;
        let answer = reply.json();
        shape::assert_suggestions(&answer);
        let page = answer["result"].as_array().expect("a list");
        for id in each(page, "id") {
            assert!(told.insert(id.to_owned()), "{asker}: {id} twice");
        }
        assert_no_leak(asker, sight, &answer);
    }
    let told: BTreeSet<&str> = told.iter().map(String::as_str).collect();
    assert_eq!(&told, seen, "{asker}");
    for (at, body) in province.bodies.iter().enumerate() {
        let is_seen = sight.bodies.contains(&at);
        for text in [body.uscc.as_str(), &body.name] {
            let suggested = client.suggest(text).await;
            let is_told = each(&suggested, "id").contains(&body.uscc.as_str());
            assert_eq!(is_told, is_seen, "{asker}: {text}");
            assert_no_leak(asker, sight, &json!(suggested));
        }
    }
}

async fn previewing(province: &Province, client: &Client<'_>, asker: &Asker, sight: &Sight) {
    for (at, body) in province.bodies.iter().enumerate() {
        let fields = [("id", body.uscc.as_str())];
        let page = client.get("/reconcile/preview", &fields).await;
        let expected = if sight.bodies.contains(&at) { 200 } else { 404 };
        assert_eq!(page.status, expected, "{asker}: {}", body.name);
        assert_no_leak(asker, sight, &Value::String(page.text));
    }
    // What is asked for stands in no refusal.
    let queries = json!({ "q": { "query": province.bodies[0].name, "limit": 0 } }).to_string();
    let reply = client.get(SERVICE, &[("queries", &queries)]).await;
    assert!(!reply.text.contains(&province.bodies[0].name));
}

fn assert_no_leak(asker: &Asker, sight: &Sight, answer: &Value) {
    let text = answer.to_string();
    assert_eq!(sight.leaks(&text), [""; 0], "{asker}: {text}");
}
