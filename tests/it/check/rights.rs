//! Whom a check reaches, and what can't be reached through it.

use domain::viewer::Role;
use serde_json::json;

use super::{ELSEWHERE, GONE, HEIR, LISTED, Scene, name};
use crate::support::on_both;

#[tokio::test]
async fn each_role_reaches_what_its_rule_says() {
    on_both(async |db| {
        let scene = Scene::on(&db).await;
        let hub = &scene.hub;
        for (token, here, there) in [
            (
                hub.token(Role::Court, &["440600"], None),
                "LISTED",
                "LISTED",
            ),
            (
                hub.token(Role::Authority, &["440600"], None),
                "LISTED",
                "LISTED",
            ),
            (
                hub.token(Role::Government, &["440600"], None),
                "LISTED",
                "NOT_COVERED",
            ),
            (
                hub.token(Role::Agency, &["440600"], Some(&scene.listed)),
                "LISTED",
                "NOT_COVERED",
            ),
            (
                hub.token(Role::Agency, &["441900"], Some(&scene.elsewhere)),
                "NOT_COVERED",
                "LISTED",
            ),
        ] {
            for (subject, verdict) in [(LISTED, here), (ELSEWHERE, there)] {
                let check = scene.check_by(&token, &name(subject)).await;
                assert_eq!(check["verdict"], verdict, "{check}");
                let is_told = verdict == "LISTED";
                assert_eq!(!check["resolution"]["agency"].is_null(), is_told, "{check}");
                assert_eq!(
                    !check["records"].as_array().is_none_or(Vec::is_empty),
                    is_told
                );
            }
        }
        let query = r#"{ sanctionCheck(input: { name: "x" }, purpose: "x") { verdict } }"#;
        for role in [
            Role::Congress,
            Role::Assessor,
            Role::Operator,
            Role::Security,
            Role::Auditor,
        ] {
            let refused = hub
                .query(Some(&hub.token(role, &["440600"], None)), query)
                .await;
            assert_eq!(
                refused["errors"][0]["extensions"]["code"], "FORBIDDEN",
                "{role}"
            );
        }
        assert_eq!(
            hub.query(None, query).await["errors"][0]["extensions"]["code"],
            "FORBIDDEN"
        );
    })
    .await;
}

#[tokio::test]
async fn what_lies_behind_a_subject_of_another_area_stays_hidden() {
    on_both(async |db| {
        let scene = Scene::on(&db).await;
        let query = format!(
            r#"{{ sanctionCheck(input: {{ {} }}, purpose: "x") {{ resolution {{ agency {{
                 name clues {{ totalCount }} creditRecords {{ totalCount }} warnings {{ totalCount }}
                 division {{ agencies {{ edges {{ node {{ name }} }} }} }} }} }} }}
               agencies(filter: {{ name: {{ eq: "{ELSEWHERE}" }} }}) {{ totalCount }} }}"#,
            name(ELSEWHERE)
        );
        let token = scene.hub.token(Role::Authority, &["440600"], None);
        let data = scene.hub.data(Some(&token), &query).await;
        let body = &data["sanctionCheck"]["resolution"]["agency"];
        assert_eq!(
            (&body["name"], &body["creditRecords"]["totalCount"], &body["clues"]["totalCount"]),
            (&json!(ELSEWHERE), &json!(1), &json!(0))
        );
        assert_eq!(body["warnings"]["totalCount"], 0);
        // By any other way it does not exist for him.
        assert_eq!(data["agencies"]["totalCount"], 0);
        // What is only a candidate is told by its name.
        let twins = scene.hub.token(Role::Court, &["441900"], None);
        let query = format!(
            r#"{{ sanctionCheck(input: {{ {} }}, purpose: "x") {{ resolution {{ candidates {{ agency {{
                 name cases {{ totalCount }} superior {{ name }} creditRecords {{ totalCount }} }} }} }} }} }}"#,
            name("水务局")
        );
        let told = scene.hub.data(Some(&twins), &query).await;
        let candidates = &told["sanctionCheck"]["resolution"]["candidates"];
        let names: Vec<_> = candidates.as_array().into_iter().flatten().collect();
        assert_eq!(names.len(), 2, "{told}");
        for one in names {
            assert_eq!(one["agency"]["cases"]["totalCount"], 0, "{one}");
            assert_eq!(one["agency"]["superior"], serde_json::Value::Null);
        }
    })
    .await;
}

#[tokio::test]
async fn a_body_is_told_what_it_inherits_and_of_others_nothing() {
    on_both(async |db| {
        let scene = Scene::on(&db).await;
        let heir = scene
            .hub
            .token(Role::Agency, &["440600"], Some(&scene.heir));
        let own = scene.check_by(&heir, &name(HEIR)).await;
        assert_eq!(
            (&own["verdict"], &own["inherited"][0]["agency"]["name"]),
            (&json!("POSSIBLE"), &json!(GONE))
        );
        // Who looked at the predecessor is not for the heir.
        let query = format!(
            r#"{{ sanctionCheck(input: {{ {} }}, purpose: "x") {{ inherited {{ agency {{ name accesses {{ totalCount }} }} }} }} }}"#,
            name(HEIR)
        );
        let told = scene.hub.data(Some(&heir), &query).await;
        let expected = json!({ "name": GONE, "accesses": null });
        assert_eq!(told["sanctionCheck"]["inherited"][0]["agency"], expected);
        // Whose listing a number is, is for those who may check him.
        let listing = format!("caseNumber: \"{}\"", super::CASE);
        let other = scene.check_by(&heir, &listing).await;
        assert_eq!(other["verdict"], "UNKNOWN_SUBJECT");
        let none = scene
            .check_by(&heir, "caseNumber: \"（2020）粤0604执1号\"")
            .await;
        let steps = |check: &serde_json::Value| {
            check["resolution"]["steps"][0]
                .to_string()
                .replace("2025", "2020")
        };
        assert!(steps(&other).contains("no listing"), "{other}");
        assert!(steps(&none).contains("no listing"), "{none}");
    })
    .await;
}
