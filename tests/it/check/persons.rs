//! Persons: told by number and name for a purpose that the table names, and nothing of them is kept.

use domain::viewer::Role;
use serde_json::{Value, json};

use super::Scene;
use crate::support::{Db, Hub, made, on_both, rows};

const NUMBER: &str = "000000199001010018";
const OTHER: &str = "000000199001020013";
const NAME: &str = "甲某乙";

async fn scene(db: &Db) -> Scene {
    let scene = Scene::on(db).await;
    let post = rows::post(NAME, NUMBER, scene.elsewhere.as_str(), "样例局长");
    scene
        .hub
        .ingest(
            "official_register",
            &[("p.csv", &rows::file(&[post]))],
            |_| {},
        )
        .await;
    let list = made::court_jsonl(&[made::listing(9, NAME).code(NUMBER)]);
    let report = scene
        .hub
        .ingest("court_debtors", &[("c.jsonl", &list)], |order| {
            order.partial = true
        })
        .await;
    assert_eq!(report.counts.stored, 1, "{report:#?}");
    scene
}

async fn ask(scene: &Scene, token: &str, purpose: &str, name: &str, number: &str) -> Value {
    let query = "query ($input: SanctionCheckInput!, $purpose: String!) { sanctionCheck(input: $input, purpose: $purpose) \
         { id verdict answer official { maskedName } records { official { maskedName } } resolution { outcome steps } } }";
    let variables =
        json!({ "input": { "personName": name, "identityNumber": number }, "purpose": purpose });
    scene.hub.query_with(Some(token), query, &variables).await
}

#[tokio::test]
async fn where_no_key_digests_numbers_a_person_is_refused_and_that_is_written_down() {
    on_both(async |db| {
        let scene = Scene::of(Hub::on(&db).await).await;
        let token = scene.court();
        let told = ask(&scene, &token, "sanction", NAME, NUMBER).await;
        assert_eq!(told["errors"][0]["extensions"]["code"], "UNAVAILABLE", "{told}");
        scene.hub.app.audit.integrate().await.expect("it is put together");
        let auditor = scene.hub.token(Role::Auditor, &["440000"], None);
        let query = "{ auditEntries(filter: { action: CHECK }, first: 2) \
             { edges { node { outcome role object purpose } } } }";
        let told = scene.hub.data(Some(&auditor), query).await;
        let expected = json!([{ "node": { "outcome": "DENIED", "role": "COURT", "object": "a person", "purpose": "sanction" } }]);
        assert_eq!(told["auditEntries"]["edges"], expected);
    })
    .await;
}

#[tokio::test]
async fn an_official_is_told_by_number_and_name_and_nobody_by_less() {
    on_both(async |db| {
        let scene = scene(&db).await;
        let token = scene.court();
        let found = ask(&scene, &token, "sanction", NAME, NUMBER).await;
        let check = &found["data"]["sanctionCheck"];
        assert_eq!(check["verdict"], "LISTED", "{found:#}");
        assert_eq!(check["official"]["maskedName"], "甲**");
        assert_eq!(check["records"][0]["official"]["maskedName"], "甲**");
        assert!(
            !found.to_string().contains(NUMBER) && !found.to_string().contains(NAME),
            "{found}"
        );
        for (name, number, verdict) in [
            ("丙某丁", NUMBER, "AMBIGUOUS"),
            (NAME, OTHER, "UNKNOWN_SUBJECT"),
            (NAME, "000000199001010019", "UNKNOWN_SUBJECT"),
            (NAME, "", "UNKNOWN_SUBJECT"),
            (NAME, "０００００0 1990 0101 0018", "LISTED"),
        ] {
            let told = ask(&scene, &token, "sanction", name, number).await;
            assert_eq!(
                told["data"]["sanctionCheck"]["verdict"], verdict,
                "{told:#}"
            );
        }
        // Of whom a number told that he is an official, his body hears who asked.
        scene
            .hub
            .app
            .audit
            .integrate()
            .await
            .expect("it is put together");
        let auditor = scene.hub.token(Role::Auditor, &[], None);
        let query =
            "{ auditEntries(first: 6, filter: { action: CHECK }) { edges { node { agencies } } } }";
        let data = scene.hub.data(Some(&auditor), query).await;
        let edges = data["auditEntries"]["edges"]
            .as_array()
            .expect("a list")
            .iter();
        let about = edges.map(|edge| edge["node"]["agencies"].as_array().map_or(0, Vec::len));
        let mut about: Vec<usize> = about.collect();
        about.sort_unstable();
        assert_eq!(about, [0, 0, 0, 1, 1, 1], "told, doubted, and told again");
        let refused = ask(&scene, &token, "好奇", NAME, NUMBER).await;
        assert_eq!(
            refused["errors"][0]["extensions"]["code"], "INVALID",
            "{refused}"
        );
        // For a government of another city he is nobody.
        let stranger = scene.hub.token(Role::Government, &["440600"], None);
        let told = ask(&scene, &stranger, "sanction", NAME, NUMBER).await;
        let check = &told["data"]["sanctionCheck"];
        assert_eq!(
            (&check["verdict"], &check["official"]),
            (&json!("UNKNOWN_SUBJECT"), &Value::Null),
            "{told:#}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_receipt_of_a_person_is_told_for_a_purpose_and_written_down() {
    on_both(async |db| {
        let scene = scene(&db).await;
        let (hub, token) = (&scene.hub, scene.court());
        let found = ask(&scene, &token, "sanction", NAME, NUMBER).await;
        let id = &found["data"]["sanctionCheck"]["id"];
        let query = format!("{{ sanctionCheckReceipt(id: {id}) {{ verdict answer official {{ maskedName }} }} }}");
        // Without a purpose of the table, and for one that opens nothing of him, there is no person.
        for purpose in [None, Some("appointment")] {
            let told = match purpose {
                None => hub.query(Some(&token), &query).await,
                Some(purpose) => hub.query_for(Some(&token), purpose, &query).await,
            };
            hub.later(1);
            assert_eq!(told["errors"][0]["extensions"]["code"], "INVALID", "{told}");
            assert!(!told.to_string().contains("甲"), "{told}");
        }
        let told = hub.query_for(Some(&token), "sanction", &query).await;
        let receipt = &told["data"]["sanctionCheckReceipt"];
        assert_eq!((&receipt["verdict"], &receipt["official"]["maskedName"]), (&json!("LISTED"), &json!("甲**")), "{told}");
        hub.later(1);
        // Of a body no purpose need be stated; its own is written down.
        let body = scene.check(&super::name(super::LISTED)).await;
        assert_eq!(scene.receipt(&token, &body["id"]).await["verdict"], "LISTED");
        hub.app.audit.integrate().await.expect("it is put together");
        let auditor = hub.token(Role::Auditor, &[], None);
        let query = "{ auditEntries(first: 9, filter: { action: READ }) { edges { node { object outcome purpose reference role agencies } } } }";
        let data = hub.data(Some(&auditor), query).await;
        let edges = data["auditEntries"]["edges"].as_array().cloned().unwrap_or_default();
        let reads: Vec<&Value> = edges
            .iter()
            .map(|edge| &edge["node"])
            .filter(|node| node["object"].as_str().is_some_and(|object| object.contains("Query.sanctionCheckReceipt")))
            .collect();
        let told = |read: &Value| {
            let bodies = read["agencies"].as_array().map_or(0, Vec::len);
            (read["purpose"].clone(), read["reference"].clone(), bodies)
        };
        // The newest first; what was refused told nothing, and is written down like all that is asked.
        assert_eq!(told(reads[0]), (json!("联合惩戒"), json!("样函1号"), 1), "{reads:#?}");
        assert_eq!(told(reads[1]), (json!("sanction"), Value::Null, 1), "{reads:#?}");
        assert_eq!(reads.len(), 4, "{reads:#?}");
        let outcomes: Vec<&Value> = reads.iter().map(|read| &read["outcome"]).collect();
        assert_eq!(outcomes, ["ALLOWED", "ALLOWED", "DENIED", "DENIED"], "{reads:#?}");
    })
    .await;
}

#[tokio::test]
async fn numbers_of_persons_are_kept_nowhere_wherever_they_are_written() {
    on_both(async |db| {
        let scene = scene(&db).await;
        let token = scene.court();
        let number = "11010519491231002X";
        let query = "query ($input: SanctionCheckInput!, $for: String!) \
             { sanctionCheck(input: $input, purpose: $for, reference: $for) { id answer notice purpose reference } }";
        let text = format!("关于{number}与13900000000");
        for key in ["uscc", "orgCode", "name", "division", "caseNumber"] {
            for written in [number, text.as_str(), "110105-19491231-002X"] {
                let variables = json!({ "input": { key: written }, "for": text });
                let told = scene.hub.query_with(Some(&token), query, &variables).await;
                let check = &told["data"]["sanctionCheck"];
                let receipt = scene.receipt(&token, &check["id"]).await;
                for said in [told.to_string(), receipt.to_string()] {
                    for hidden in [number, "13900000000", "19491231"] {
                        assert!(!said.contains(hidden), "{key}: {said}");
                    }
                }
            }
        }
        scene.hub.app.audit.integrate().await.expect("it is put together");
        let auditor = scene.hub.token(Role::Auditor, &[], None);
        let entries = "{ auditEntries(first: 50) { edges { node { action object purpose reference } } } }";
        let entries = scene.hub.data(Some(&auditor), entries).await.to_string();
        assert!(entries.contains("CHECK") && !entries.contains(number) && !entries.contains("13900000000"));
        let both = json!({ "input": { "name": "x", "personName": NAME }, "for": "sanction" });
        let refused = scene.hub.query_with(Some(&token), query, &both).await;
        assert_eq!(refused["errors"][0]["extensions"]["code"], "INVALID", "{refused}");
    })
    .await;
}
