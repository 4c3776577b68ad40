//! Data extension: properties of matched bodies.

use domain::viewer::Role;
use serde_json::json;

use super::{Town, WATER};
use crate::support::made;

#[tokio::test]
async fn properties_are_told_as_texts_days_and_bodies() {
    let town = Town::new().await;
    let token = town.hub.token(Role::Government, &["440604"], None);
    let client = town.with(&token);
    let water = town.code(1);
    let wanted = [
        "uscc",
        "orgCode",
        "name",
        "formerNames",
        "aliases",
        "kind",
        "division",
        "divisionName",
        "establishedOn",
        "abolishedOn",
        "superior",
        "superiorName",
        "competentDepartments",
        "successors",
    ];
    let answer = client.extend(&[water], &wanted).await;
    assert_eq!(
        answer["rows"][water],
        json!({
            "uscc": [{ "str": water }],
            "orgCode": [{ "str": &water[8..17] }],
            "name": [{ "str": WATER }],
            "formerNames": [{ "str": "佛山市禅城区水利局" }],
            "aliases": [{ "str": "禅城区河长制办公室" }],
            "kind": [{ "str": "ORGAN" }],
            "division": [{ "str": "440604" }],
            "divisionName": [{ "str": "广东省佛山市禅城区" }],
            "establishedOn": [{ "date": "2000-01-02T00:00:00Z" }],
            "abolishedOn": [],
            "superior": [{ "id": town.code(0), "name": "佛山市禅城区人民政府" }],
            "superiorName": [{ "str": "佛山市禅城区人民政府" }],
            "competentDepartments": [],
            "successors": [],
        })
    );
    let told: Vec<&str> = answer["meta"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|property| property["id"].as_str())
        .collect();
    assert_eq!(told, wanted);
    assert_eq!(answer["meta"][10]["type"]["id"], "Agency");
    assert!(answer["meta"][0].get("type").is_none());
}

#[tokio::test]
async fn a_hidden_body_is_like_one_that_does_not_exist() {
    let town = Town::new().await;
    let token = town.hub.token(Role::Government, &["440606"], None);
    let client = town.with(&token);
    let unknown = made::uscc("11", "440604", 99);
    let ids = [town.code(1), unknown.as_str(), "无", town.code(3)];
    let answer = client.extend(&ids, &["name", "superior"]).await;
    for id in &ids[..3] {
        assert_eq!(answer["rows"][*id], json!({ "name": [], "superior": [] }));
    }
    assert_eq!(answer["rows"][ids[3]]["name"][0]["str"], "政务服务中心");
    // What stands in a seen body and is hidden itself: its name, not the body.
    let own = town
        .hub
        .token(Role::Agency, &[], Some(&town.bodies[1].uscc));
    let answer = town
        .with(&own)
        .extend(&[town.code(1)], &["superior", "superiorName"])
        .await;
    let row = &answer["rows"][town.code(1)];
    assert_eq!(row["superior"], json!([]));
    assert_eq!(row["superiorName"][0]["str"], "佛山市禅城区人民政府");
}

#[tokio::test]
async fn what_is_too_much_or_unknown_is_refused() {
    let town = Town::new().await;
    let token = town.hub.token(Role::Government, &["440604"], None);
    let client = town.with(&token);
    let many: Vec<String> = (0..201).map(|n| n.to_string()).collect();
    let property = json!({ "id": "name" });
    for (query, status, code) in [
        (
            json!({ "ids": many, "properties": [property] }),
            413,
            "LIMITED",
        ),
        (
            json!({ "ids": [], "properties": vec![&property; 15] }),
            413,
            "LIMITED",
        ),
        (
            json!({ "ids": [], "properties": [{ "id": "P31" }] }),
            400,
            "INVALID",
        ),
        (json!({ "ids": [7], "properties": [] }), 400, "INVALID"),
        (json!({ "ids": [] }), 400, "INVALID"),
        (json!([]), 400, "INVALID"),
    ] {
        let reply = client.post(&[("extend", &query.to_string())]).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (status, code),
            "{}",
            reply.text
        );
        assert!(!reply.text.contains("P31"), "{}", reply.text);
    }
    let settings = json!({
        "ids": many[..200],
        "properties": [{ "id": "name", "settings": { "limit": 1 } }],
    });
    let reply = client.post(&[("extend", &settings.to_string())]).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
}
