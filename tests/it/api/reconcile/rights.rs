//! Who may ask what: tokens, and the fields that `access.toml` gives to roles.

use domain::viewer::Role;
use serde_json::json;

use super::{Client, SERVICE, Town, WATER};
use crate::{
    api::{Wire, catalogue_with, known_roles},
    support::{Db, Hub},
};

#[tokio::test]
async fn a_bad_token_is_refused_everywhere_and_the_public_may_not_resolve() {
    let town = Town::new().await;
    let queries = json!({ "q": { "query": WATER } }).to_string();
    let extend = json!({ "ids": [town.code(1)], "properties": [{ "id": "name" }] }).to_string();
    let asked: [(&str, Vec<(&str, &str)>); 8] = [
        (SERVICE, vec![]),
        (SERVICE, vec![("queries", queries.as_str())]),
        (SERVICE, vec![("extend", extend.as_str())]),
        ("/reconcile/suggest/entity", vec![("prefix", "佛")]),
        ("/reconcile/suggest/type", vec![]),
        ("/reconcile/suggest/property", vec![]),
        ("/reconcile/properties", vec![]),
        ("/reconcile/preview", vec![("id", town.code(1))]),
    ];
    for (path, fields) in &asked {
        let reply = town.with("no token").get(path, fields).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (401, "UNAUTHENTICATED")
        );
        assert_eq!(reply.header("www-authenticate"), "Bearer");
    }
    for fields in [&asked[1].1[..]] {
        let public = town.as_public();
        for reply in [public.get(SERVICE, fields).await, public.post(fields).await] {
            assert_eq!(
                (reply.status, reply.code().as_str()),
                (401, "UNAUTHENTICATED")
            );
            assert_eq!(reply.header("www-authenticate"), "Bearer");
        }
    }
    for role in known_roles() {
        let token = town.hub.token(role, &["440000"], None);
        for (path, fields) in &asked[..7] {
            let reply = town.with(&token).get(path, fields).await;
            assert_eq!(reply.status, 200, "{role} {path}: {}", reply.text);
        }
    }
}

#[tokio::test]
async fn what_a_role_may_not_read_is_forbidden_or_not_proposed() {
    let db = Db::sqlite();
    let catalogue = db.folder().join("catalogue");
    let changes = [
        (
            "access.toml",
            "resolve = \"known\"",
            "resolve = \"officials\"",
        ),
        (
            "access.toml",
            "formerNames = \"everyone\"",
            "formerNames = \"officials\"",
        ),
        (
            "access.toml",
            "subordinates = \"everyone\"",
            "subordinates = \"officials\"",
        ),
    ];
    catalogue_with(&catalogue, &changes);
    let hub = Hub::with(&db, |config| config.catalogue.dir = Some(catalogue)).await;
    let wire = Wire::to(&hub).await;
    let queries = json!({ "q": { "query": WATER } }).to_string();
    let hint = json!([{ "pid": "formerNames", "v": "某" }]);
    let hinted = json!({ "q": { "query": WATER, "properties": hint } }).to_string();
    let extend = json!({ "ids": [], "properties": [{ "id": "formerNames" }] }).to_string();
    for (role, status) in [(Role::Assessor, 403), (Role::Court, 200)] {
        let token = hub.token(role, &["440000"], None);
        let client = Client {
            wire: &wire,
            token: Some(&token),
        };
        for field in [
            ("queries", &*queries),
            ("queries", &hinted),
            ("extend", &extend),
        ] {
            let reply = client.post(&[field]).await;
            assert_eq!(reply.status, status, "{role} {field:?}: {}", reply.text);
            if status == 403 {
                assert_eq!(reply.code(), "FORBIDDEN");
            }
        }
        for path in ["/reconcile/properties", "/reconcile/suggest/property"] {
            let reply = client.get(path, &[]).await;
            assert_eq!(
                reply.text.contains("formerNames"),
                status == 200,
                "{}",
                reply.text
            );
        }
        // A meaning is not told by the way of suggestions either.
        let reply = client
            .get("/reconcile/suggest/entity", &[("prefix", WATER)])
            .await;
        assert_eq!(reply.status, 200, "{}", reply.text);
    }
}
