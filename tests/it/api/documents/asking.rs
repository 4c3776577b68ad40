//! Asking by name, and who may ask otherwise.

use domain::viewer::{Role, Scope};
use serde_json::{Value, json};
use zhengxin::auth::Grant;

use super::{by_name, compiled_in, digest, name, reason, send};
use crate::{
    api::Wire,
    support::{Db, Hub, made},
};

async fn hub() -> (Db, Hub, Wire) {
    let db = Db::sqlite();
    let hub = Hub::on(&db).await;
    let body = made::body(1, "佛山市禅城区水务局", "440604");
    let listing = made::listing(1, "佛山市禅城区水务局").code(body.uscc);
    hub.ingest(
        "agency_register",
        &[("a.csv", &made::register(&[body]))],
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
    (db, hub, wire)
}

#[tokio::test]
async fn one_document_has_one_answer_however_it_is_named() {
    let (_db, hub, wire) = hub().await;
    let token = hub.everything();
    let text = compiled_in("agency-credit.graphql");
    let variables = json!({ "uscc": made::uscc("11", "440604", 1).as_str() });
    let older = json!({ "persistedQuery": { "version": 1, "sha256Hash": digest(&text) } });
    let of_text = json!({ "query": text, "variables": variables });
    let expected = send(&wire, Some(&token), &of_text).await;
    assert_eq!(
        expected.json()["data"]["agency"]["creditRecords"]["totalCount"],
        1,
        "{}",
        expected.text
    );
    for body in [
        json!({ "documentId": name(&text), "variables": variables }),
        json!({ "documentId": name(&text), "query": text, "variables": variables }),
        json!({ "extensions": older, "variables": variables }),
        json!({ "extensions": older, "documentId": name(&text), "variables": variables }),
        json!({ "extensions": { "persistedQuery": { "sha256Hash": digest(&text) } }, "variables": variables }),
        json!({ "documentId": name(&text), "extensions": { "persistedQuery": null, "other": 1 },
                "operationName": "AgencyCredit", "variables": variables }),
    ] {
        let reply = send(&wire, Some(&token), &body).await;
        assert_eq!(reply.json(), expected.json(), "{body}");
    }
    // Variables are judged at each request, and so is who asks.
    let reply = by_name(&wire, Some(&token), &text, &json!({})).await;
    assert_eq!(reply.code(), "INVALID", "{}", reply.text);
    let queue = compiled_in("review-queue.graphql");
    let reply = by_name(&wire, None, &queue, &json!({})).await;
    assert_eq!(reply.code(), "FORBIDDEN", "{}", reply.text);
}

#[tokio::test]
async fn those_that_are_compiled_in_answer() {
    let (_db, hub, wire) = hub().await;
    let token = hub.token(Role::Authority, &["440000"], None);
    let uscc = made::uscc("11", "440604", 1);
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("documents");
    let files = std::fs::read_dir(folder).expect("the repository has it");
    let mut asked = 0;
    for file in files {
        let file = file.expect("it can be read").file_name();
        let text = compiled_in(&file.to_string_lossy());
        let variables = json!({ "uscc": uscc.as_str(), "first": 5 });
        let reply = by_name(&wire, Some(&token), &text, &variables).await;
        let json = reply.json();
        assert!(json.get("errors").is_none(), "{file:?}: {}", reply.text);
        let data = json["data"].as_object().expect("there is data");
        assert!(
            data.values().all(|value| !value.is_null()),
            "{file:?}: {}",
            reply.text
        );
        asked += 1;
    }
    assert!(asked >= 5, "{asked}");
}

#[tokio::test]
async fn a_name_that_is_not_known_is_said_to_be_so_and_no_more() {
    let (_db, hub, wire) = hub().await;
    let token = hub.everything();
    let text = compiled_in("viewer.graphql");
    let known = digest(&text);
    for named in [
        format!("sha256:{}", "0".repeat(64)),
        format!("sha256:{}", known.to_uppercase()),
        format!("sha256:{}", &known[1..]),
        format!("sha256:{known}0"),
        format!("sha256: {known}"),
        format!("SHA256:{known}"),
        format!("md5:{known}"),
        known.clone(),
        "sha256:".to_owned(),
        String::new(),
        "x-mark me".to_owned(),
        "信".repeat(64),
    ] {
        let reply = send(&wire, Some(&token), &json!({ "documentId": named })).await;
        assert_eq!(reply.status, 200, "{named}");
        assert_eq!(
            (reply.code().as_str(), reason(&reply).as_str()),
            ("INVALID", "PERSISTED_DOCUMENT_NOT_FOUND"),
            "{named}"
        );
        assert!(reply.is_refusal());
        assert!(
            named.len() < 10 || !reply.text.contains(&named),
            "nothing is repeated: {}",
            reply.text
        );
    }
    // What contradicts itself is another mistake.
    let other = compiled_in("review-queue.graphql");
    let older = |hash: Value| json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } });
    for body in [
        json!({ "documentId": name(&text), "query": "{ viewer { role } }" }),
        json!({ "documentId": "x", "query": text }),
        json!({ "documentId": name(&text), "extensions": older(digest(&other).into()) }),
        json!({ "extensions": older(digest(&other).into()), "query": text }),
        json!({ "extensions": older(1.into()) }),
        json!({ "extensions": { "persistedQuery": { "version": 2, "sha256Hash": known } } }),
        json!({ "extensions": { "persistedQuery": [] } }),
        json!({ "documentId": 1 }),
        json!({ "documentId": [name(&text)] }),
    ] {
        let reply = send(&wire, Some(&token), &body).await;
        assert_eq!(reply.status, 400, "{body}");
        assert_eq!(
            (reply.code().as_str(), reason(&reply).as_str()),
            ("INVALID", ""),
            "{body}"
        );
    }
}

#[tokio::test]
async fn nobody_makes_a_document_trusted_by_sending_it() {
    let (_db, hub, wire) = hub().await;
    let token = hub.everything();
    let text = "{ viewer { role } }";
    let older = json!({ "persistedQuery": { "version": 1, "sha256Hash": digest(text) } });
    for body in [
        json!({ "query": text }),
        json!({ "query": text, "extensions": older }),
        json!({ "query": text, "documentId": name(text) }),
    ] {
        for _ in 0..2 {
            let reply = send(&wire, Some(&token), &body).await;
            assert_eq!(reply.json()["data"]["viewer"]["role"], "GOVERNMENT");
        }
        let reply = by_name(&wire, Some(&token), text, &json!({})).await;
        assert_eq!(reason(&reply), "PERSISTED_DOCUMENT_NOT_FOUND");
    }
    // A document that is kept is still judged by who asks for it.
    let text = "{ mentions { totalCount } }";
    assert_eq!(
        wire.data(Some(&token), text).await["mentions"]["totalCount"],
        0
    );
    assert_eq!(wire.ask(None, text).await.code(), "FORBIDDEN");
    // And by what is asked with it.
    let text = "query ($n: Int) { agencies(first: $n) { edges { node { division { agencies(first: $n) { edges { node { id } } } } } } } }";
    for (first, code) in [(1, None), (200, Some("LIMITED")), (2, None)] {
        let reply = wire
            .ask_with(Some(&token), text, &json!({ "n": first }))
            .await;
        let codes = reply.codes();
        assert_eq!(codes.first().map(String::as_str), code, "{}", reply.text);
    }
}

#[tokio::test]
async fn who_is_on_the_list_asks_for_trusted_documents_only() {
    let db = Db::sqlite();
    let hub = Hub::with(&db, |config| {
        config.documents.allow_list = vec![Role::Public, Role::Court];
    })
    .await;
    let wire = Wire::to(&hub).await;
    let token = |role, scopes: &[Scope]| {
        let grant = Grant {
            subject: "test".to_owned(),
            role,
            divisions: vec!["440000".parse().expect("a code")],
            agency: None,
            scopes: scopes.to_vec(),
            minutes: 60,
        };
        Some(hub.app.auth.issue(&grant).expect("the hub has a key"))
    };
    let trusted = compiled_in("viewer.graphql");
    for (who, may_send_others) in [
        (None, false),
        (token(Role::Court, &[]), false),
        (token(Role::Court, &[Scope::Gateway, Scope::Totals]), false),
        (token(Role::Court, &[Scope::Adhoc]), true),
        (token(Role::Government, &[]), true),
    ] {
        let who = who.as_deref();
        let reply = by_name(&wire, who, &trusted, &json!({})).await;
        assert!(
            reply.json()["data"]["viewer"]["role"].is_string(),
            "{}",
            reply.text
        );
        // Its text is as good as its name.
        let by_text = wire.ask(who, &trusted).await;
        assert_eq!(by_text.json(), reply.json());
        for other in [
            "{ viewer { role } }",
            "{ __typename }",
            "{ __schema { queryType { name } } }",
            &format!("{trusted} "),
        ] {
            let reply = wire.ask(who, other).await;
            let is_refused = reason(&reply) == "DOCUMENT_NOT_TRUSTED";
            assert_eq!(is_refused, !may_send_others, "{other}: {}", reply.text);
            assert!(!is_refused || reply.is_refusal() && reply.code() == "FORBIDDEN");
        }
    }
}
