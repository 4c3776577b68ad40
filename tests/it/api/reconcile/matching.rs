//! Queries: whom a text means, and when that may be taken as a match.

use domain::viewer::Role;
use serde_json::{Value, json};

use super::{SCHOOL, Town, WATER, each};

/// Each candidate's code and whether it is a match.
fn told(candidates: &[Value]) -> Vec<(&str, bool)> {
    each(candidates, "id")
        .into_iter()
        .zip(candidates.iter().map(|one| one["match"] == true))
        .collect()
}

#[tokio::test]
async fn only_what_is_settled_is_a_match() {
    let town = Town::new().await;
    let token = town.hub.token(Role::Government, &["440000"], None);
    let client = town.with(&token);
    let water = town.code(1);
    let namesakes = [(town.code(2), false), (town.code(3), false)];
    for (query, outcome, expected) in [
        (water, "EXACT_CODE", vec![(water, true)]),
        (&water[8..17], "EXACT_CODE", vec![(water, true)]),
        (WATER, "EXACT_NAME", vec![(water, true)]),
        (" 佛山市 禅城区水务局", "EXACT_NAME", vec![(water, true)]),
        ("佛山市禅城区水利局", "ALIAS", vec![(water, true)]),
        ("政务服务中心", "AMBIGUOUS", namesakes.to_vec()),
        ("佛山市禅城区某某局", "", vec![]),
        ("  ", "", vec![]),
    ] {
        let candidates = client.match_one(&json!({ "query": query })).await;
        let mut found = told(&candidates);
        found.sort_unstable();
        let mut expected = expected;
        expected.sort_unstable();
        assert_eq!(found, expected, "{query}");
        for candidate in &candidates {
            let feature = json!({ "id": format!("outcome_{outcome}"), "value": true });
            assert_eq!(candidate["features"][0], feature, "{query}");
            assert_eq!(candidate["features"][1]["id"], "tier");
        }
    }
    let candidates = client.match_one(&json!({ "query": WATER })).await;
    assert_eq!(candidates[0]["name"], WATER);
    assert_eq!(candidates[0]["score"], 0.95);
    assert_eq!(
        each(candidates[0]["type"].as_array().expect("a list"), "id"),
        ["ORGAN", "Agency"]
    );
    let described = candidates[0]["description"].as_str().expect("a text");
    assert!(described.starts_with("广东省佛山市禅城区"), "{described}");
}

#[tokio::test]
async fn properties_narrow_and_what_disagrees_is_no_match() {
    let town = Town::new().await;
    let token = town.hub.token(Role::Government, &["440000"], None);
    let client = town.with(&token);
    let (water, here, there) = (town.code(1), town.code(2), town.code(3));
    let centre = "政务服务中心";
    for (query, properties, expected) in [
        // The division tells which of two namesakes is meant, a matched cell as well as a text.
        (
            centre,
            json!([{ "pid": "division", "v": "440604" }]),
            vec![(here, true)],
        ),
        (
            centre,
            json!([{ "pid": "division", "v": { "id": "440606", "name": "顺德区" } }]),
            vec![(there, true)],
        ),
        (
            centre,
            json!([{ "pid": "division", "v": ["440606", "440606", ""] }]),
            vec![(there, true)],
        ),
        // One that is none, or that is elsewhere, prevents a match even where a code is given.
        (
            WATER,
            json!([{ "pid": "division", "v": "禅城" }]),
            vec![(water, false)],
        ),
        (
            water,
            json!([{ "pid": "division", "v": "440606" }]),
            vec![(water, false)],
        ),
        (
            water,
            json!([{ "pid": "division", "v": "440600" }]),
            vec![(water, true)],
        ),
        // Codes: agreeing, somebody else's, broken, none.
        (
            WATER,
            json!([{ "pid": "uscc", "v": water }]),
            vec![(water, true)],
        ),
        (
            WATER,
            json!([{ "pid": "orgCode", "v": &water[8..17] }]),
            vec![(water, true)],
        ),
        (
            centre,
            json!([{ "pid": "uscc", "v": there }]),
            vec![(there, true)],
        ),
        (
            water,
            json!([{ "pid": "uscc", "v": here }]),
            vec![(water, false)],
        ),
        (
            water,
            json!([{ "pid": "orgCode", "v": &here[8..17] }]),
            vec![(water, false), (here, false)],
        ),
        (
            WATER,
            json!([{ "pid": "uscc", "v": "无" }]),
            vec![(water, true)],
        ),
        (
            WATER,
            json!([{ "pid": "uscc", "v": "" }, { "pid": "division", "v": null }]),
            vec![(water, true)],
        ),
        // What the resolver does not take is compared.
        (
            WATER,
            json!([{ "pid": "kind", "v": "ORGAN" }]),
            vec![(water, true)],
        ),
        (
            WATER,
            json!([{ "pid": "kind", "v": "INSTITUTION" }]),
            vec![(water, false)],
        ),
        (
            WATER,
            json!([{ "pid": "superior", "v": town.code(0) }]),
            vec![(water, true)],
        ),
        (
            WATER,
            json!([{ "pid": "superiorName", "v": "佛山市禅城区人民政府" }]),
            vec![(water, true)],
        ),
        (
            WATER,
            json!([{ "pid": "superior", "v": "别的机关" }]),
            vec![(water, false)],
        ),
        (
            WATER,
            json!([{ "pid": "establishedOn", "v": "2000-01-02" }]),
            vec![(water, true)],
        ),
        (
            WATER,
            json!([{ "pid": "establishedOn", "v": 2000 }]),
            vec![(water, false)],
        ),
        (
            WATER,
            json!([{ "pid": "formerNames", "v": ["别名", "佛山市禅城区水利局"] }]),
            vec![(water, true)],
        ),
    ] {
        let asked = json!({ "query": query, "properties": properties });
        let candidates = client.match_one(&asked).await;
        assert_eq!(told(&candidates), expected, "{asked}");
    }
    // A code and a name that disagree are a conflict.
    let asked = json!({ "query": WATER, "properties": [{ "pid": "uscc", "v": here }] });
    let candidates = client.match_one(&asked).await;
    assert_eq!(candidates.len(), 2, "{candidates:?}");
    assert!(
        candidates.iter().all(|one| one["match"] == false),
        "{candidates:?}"
    );
    assert_eq!(candidates[0]["features"][0]["id"], "outcome_CONFLICT");
    // Without a query, properties alone tell whom.
    let asked = json!({ "properties": [{ "pid": "uscc", "v": water }] });
    assert_eq!(told(&client.match_one(&asked).await), [(water, true)]);
}

#[tokio::test]
async fn types_and_limits_are_heeded() {
    let town = Town::new().await;
    let token = town.hub.token(Role::Government, &["440000"], None);
    let client = town.with(&token);
    let school = town.code(4);
    for (types, strictness, expected) in [
        (json!("Agency"), None, vec![(school, true)]),
        (json!("INSTITUTION"), None, vec![(school, true)]),
        (json!("ORGAN"), None, vec![]),
        (
            json!(["ORGAN", "INSTITUTION"]),
            Some("any"),
            vec![(school, true)],
        ),
        (json!(["ORGAN", "INSTITUTION"]), Some("all"), vec![]),
        (
            json!(["Agency", "INSTITUTION"]),
            Some("all"),
            vec![(school, true)],
        ),
        (json!(["ORGAN"]), Some("should"), vec![(school, false)]),
        (json!([]), None, vec![(school, true)]),
    ] {
        let mut asked = json!({ "query": SCHOOL, "type": types });
        if let Some(strictness) = strictness {
            asked["type_strict"] = json!(strictness);
        }
        assert_eq!(told(&client.match_one(&asked).await), expected, "{asked}");
    }
    let asked = json!({ "query": "政务服务中心", "limit": 1 });
    assert_eq!(client.match_one(&asked).await.len(), 1);
    // A type that leaves one of two namesakes does not make it the one that is meant.
    let asked = json!({ "query": "政务服务中心", "type": "ORGAN", "limit": 5.0 });
    let candidates = client.match_one(&asked).await;
    assert!(candidates.iter().all(|one| one["match"] == false));
    // Each query by itself, under the key that it came with.
    let answer = client
        .match_all(&json!({ "0": { "query": WATER }, "乙": { "query": "没有" } }))
        .await;
    assert_eq!(answer["0"]["result"][0]["id"], town.code(1));
    assert_eq!(answer["乙"]["result"], json!([]));
}
