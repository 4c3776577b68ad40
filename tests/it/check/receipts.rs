//! Receipts: the same answer again, whatever has happened since, and whoever may ask for it.

use domain::viewer::Role;
use serde_json::{Value, json};

use super::{ELSEWHERE, GONE, HEIR, LISTED, SOUND, Scene, name};
use crate::support::{made, on_both};

#[tokio::test]
async fn a_receipt_gives_the_same_answer_after_all_has_changed() {
    on_both(async |db| {
        let scene = Scene::on(&db).await;
        let first = scene.check(&name(LISTED)).await;
        // Those of another area, of a predecessor, of several and of nobody as well.
        for input in [
            name(LISTED),
            name(ELSEWHERE),
            name(HEIR),
            name("水务局"),
            name("佛山市不存局"),
            String::new(),
        ] {
            let told = scene.check(&input).await;
            assert_eq!(
                scene.receipt(&scene.court(), &told["id"]).await,
                told,
                "{input}"
            );
        }
        // The listing is removed, and the answer is another one.
        scene.hub.it_is("2026-04-21");
        let list = made::court_jsonl(&[made::listing(2, GONE), made::listing(3, ELSEWHERE)]);
        scene
            .hub
            .ingest("court_debtors", &[("c.jsonl", &list)], |_| {})
            .await;
        let now = scene.check(&name(LISTED)).await;
        assert_eq!(now["verdict"], "CLEAR");
        assert_ne!(now["dataVersion"], first["dataVersion"]);
        assert_eq!(scene.receipt(&scene.court(), &first["id"]).await, first);
        // Asked again of the same data it has the same bytes and another id.
        let again = scene.check(&name(LISTED)).await;
        assert_eq!(
            (&again["answer"], &again["answerDigest"]),
            (&now["answer"], &now["answerDigest"])
        );
        assert_ne!(again["id"], now["id"]);
    })
    .await;
}

#[tokio::test]
async fn a_receipt_is_for_who_asked_and_for_nobody_else() {
    on_both(async |db| {
        let scene = Scene::on(&db).await;
        let check = scene.check(&name(SOUND)).await;
        let hub = &scene.hub;
        for (token, may) in [
            (hub.token(Role::Court, &["440600"], None), true),
            (hub.token(Role::Court, &["440100"], None), false),
            (hub.token(Role::Authority, &["440600"], None), false),
        ] {
            let told = scene.receipt(&token, &check["id"]).await;
            assert_eq!(!told.is_null(), may, "{told}");
        }
        for unknown in [
            json!("chk_440000_00000000-0000-7000-8000-000000000000-0"),
            json!("chk_1"),
            json!("x"),
        ] {
            assert_eq!(scene.receipt(&scene.court(), &unknown).await, Value::Null);
        }
        let beyond = check["id"].as_str().map(|id| id.replace("-0", "-7"));
        assert_eq!(
            scene.receipt(&scene.court(), &json!(beyond)).await,
            Value::Null
        );
    })
    .await;
}

#[tokio::test]
async fn whoever_asks_for_a_receipt_that_is_not_his_is_denied_whatever_he_asks_beside_it() {
    on_both(async |db| {
        let scene = Scene::on(&db).await;
        let check = scene.check(&name(LISTED)).await;
        let id = check["id"].as_str().expect("an id");
        let (own, stranger) = (scene.court(), scene.hub.token(Role::Court, &["441900"], None));
        let receipt = format!(r#"sanctionCheckReceipt(id: "{id}") {{ verdict }}"#);
        for (token, query, outcome) in [
            (&own, format!("{{ {receipt} }}"), "ALLOWED"),
            (&own, format!(r#"{{ {receipt} other: sanctionCheckReceipt(id: "x") {{ verdict }} }}"#), "DENIED"),
            (&stranger, format!("{{ __typename {receipt} }}"), "DENIED"),
            (&stranger, format!("{{ viewer {{ role }} {receipt} }}"), "DENIED"),
        ] {
            let told = scene.hub.query(Some(token), &query).await;
            assert!(told["errors"].is_null(), "{told}");
            scene.hub.app.audit.integrate().await.expect("it is put together");
            let auditor = scene.hub.token(Role::Auditor, &[], None);
            let last = "{ auditEntries(first: 1, filter: { action: READ }) { edges { node { outcome object } } } }";
            let last = scene.hub.data(Some(&auditor), last).await;
            let last = &last["auditEntries"]["edges"][0]["node"];
            assert_eq!(last["outcome"], outcome, "{query}: {last}");
            assert!(last["object"].as_str().is_some_and(|of| of.contains("sanctionCheckReceipt")), "{last}");
            scene.hub.later(1);
        }
    })
    .await;
}

#[tokio::test]
async fn a_check_has_its_entry_in_the_audit_log() {
    on_both(async |db| {
        let scene = Scene::on(&db).await;
        scene.check(&name(LISTED)).await;
        scene.hub.app.audit.integrate().await.expect("it is put together");
        let token = scene.hub.token(Role::Auditor, &[], None);
        let query = "{ auditEntries(first: 5) { edges { node { action outcome role purpose reference object } } } }";
        let entries = scene.hub.data(Some(&token), query).await;
        let checks: Vec<&Value> = entries["auditEntries"]["edges"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|edge| &edge["node"])
            .filter(|entry| entry["action"] == "CHECK")
            .collect();
        assert_eq!(
            checks,
            [&json!({ "action": "CHECK", "outcome": "ALLOWED", "role": "COURT", "purpose": "联合惩戒",
                "reference": "样函1号", "object": "LISTED 1" })]
        );
    })
    .await;
}
