//! What is believed of a token, what is not, and how that is said.

use std::collections::BTreeSet;

use domain::viewer::Role;
use jsonwebtoken::Algorithm;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use serde_json::{Value, json};

use super::{
    Vectors,
    algorithms::{algorithms, types},
    but, claims,
    claims::{claims_of_all_types, times},
    header, now,
    shapes::shapes,
    signed, signed_raw, with_claims,
};
use crate::api::{Reply, Wire, known_roles, text};
use crate::support::{Db, Hub, KEY, made};

const QUERY: &str = "{ viewer { subject role divisions { code } agency { uscc } scopes } }";

async fn present(wire: &Wire, headers: &[Vec<u8>], query: &str) -> Reply {
    let mut request = wire.post().body(json!({ "query": query }).to_string());
    for value in headers {
        request = request.header(
            AUTHORIZATION,
            HeaderValue::from_bytes(value).expect("a header takes it"),
        );
    }
    Reply::to(request).await
}

async fn present_token(wire: &Wire, token: &str) -> Reply {
    present(wire, &[format!("Bearer {token}").into_bytes()], QUERY).await
}

/// The body without its trace id, and the trace id.
fn without_trace(reply: &Reply) -> (Value, String) {
    let mut json = reply.json();
    let trace = json["errors"][0]["extensions"]["traceId"].take();
    (json, text(&trace).to_owned())
}

#[tokio::test]
async fn a_token_that_does_not_verify_is_refused_always_alike() {
    let db = Db::sqlite();
    let hub = Hub::on(&db).await;
    let wire = Wire::to(&hub).await;
    let mut vectors = Vectors::default();
    algorithms(&mut vectors);
    types(&mut vectors);
    claims_of_all_types(&mut vectors);
    times(&mut vectors);
    shapes(&mut vectors);
    assert!(vectors.0.len() >= 120, "{}", vectors.0.len());

    let wanted = json!({ "errors": [{
        "message": "unauthenticated",
        "extensions": { "code": "UNAUTHENTICATED", "traceId": null },
    }], "extensions": { "version": 0 } });
    let mut traces = BTreeSet::new();
    let mut wrong = Vec::new();
    for vector in &vectors.0 {
        let reply = present(&wire, &vector.headers, QUERY).await;
        if reply.status != 401 {
            wrong.push(format!("{}: {} {}", vector.what, reply.status, reply.text));
            continue;
        }
        let (body, trace) = without_trace(&reply);
        if body != wanted || reply.header("www-authenticate") != "Bearer" {
            wrong.push(format!("{}: {}", vector.what, reply.text));
        }
        assert!(
            traces.insert(trace),
            "{}: a trace id comes back",
            vector.what
        );
    }
    assert!(
        wrong.is_empty(),
        "{} of {}: {wrong:#?}",
        wrong.len(),
        vectors.0.len()
    );
}

#[tokio::test]
async fn what_is_asked_does_not_change_the_refusal() {
    let db = Db::sqlite();
    let hub = Hub::on(&db).await;
    let wire = Wire::to(&hub).await;
    let expired = with_claims(&but(claims(), "exp", Some((now() - 600).into())));
    let headers = [format!("Bearer {expired}").into_bytes()];
    let mut bodies = Vec::new();
    for query in [
        QUERY,
        "{ __typename }",
        "{ sources { key } }",
        "{",
        "{ nonsense }",
        "{ mentions { totalCount } }",
    ] {
        let reply = present(&wire, &headers, query).await;
        assert_eq!(reply.status, 401, "{query}: {}", reply.text);
        bodies.push(without_trace(&reply).0);
    }
    assert!(
        bodies.windows(2).all(|pair| pair[0] == pair[1]),
        "{bodies:#?}"
    );
}

#[tokio::test]
async fn good_tokens_are_believed() {
    let db = Db::sqlite();
    let hub = Hub::on(&db).await;
    let wire = Wire::to(&hub).await;
    let now = now();
    let with = |key: &str, value: Value| with_claims(&but(claims(), key, Some(value)));
    let without = |key: &str| with_claims(&but(claims(), key, None));
    let nearly = but(claims(), "iat", Some((now - 600).into()));
    for (what, token) in [
        ("plain", with_claims(&claims())),
        (
            "expired within the leeway",
            with_claims(&but(nearly, "exp", Some((now - 9).into()))),
        ),
        (
            "not valid yet, within the leeway",
            with("nbf", (now + 10).into()),
        ),
        (
            "issued in the future, within the leeway",
            with("iat", (now + 10).into()),
        ),
        (
            "a life of exactly twelve hours",
            with("exp", (now + 43_200).into()),
        ),
        ("a further claim", with("tenant", "x".into())),
        ("no divisions", without("divisions")),
        ("an empty list of divisions", with("divisions", json!([]))),
        ("no scope", without("scope")),
        ("an empty scope", with("scope", "".into())),
        (
            "several scopes",
            with("scope", "adhoc  unmask totals".into()),
        ),
        (
            "a further header",
            signed(&but(header(), "kid", Some("local".into())), &claims()),
        ),
    ] {
        let reply = present_token(&wire, &token).await;
        assert_eq!(reply.status, 200, "{what}: {}", reply.text);
        assert_eq!(
            reply.json()["data"]["viewer"]["role"],
            "GOVERNMENT",
            "{what}"
        );
    }
    for role in known_roles() {
        let reply = present_token(&wire, &with("role", role.as_str().into())).await;
        assert_eq!(reply.json()["data"]["viewer"]["role"], role.as_str());
    }
    let token = with_claims(&claims());
    for scheme in ["Bearer", "bearer", "BEARER", "bEaReR"] {
        let headers = [format!("{scheme} {token}").into_bytes()];
        assert_eq!(
            present(&wire, &headers, QUERY).await.status,
            200,
            "{scheme}"
        );
    }
}

#[tokio::test]
async fn a_viewer_is_what_his_token_says() {
    let db = Db::sqlite();
    let hub = Hub::on(&db).await;
    let body = made::body(1, "佛山市禅城区发展和改革局", "440604");
    hub.ingest(
        "agency_register",
        &[("a.csv", &made::register(std::slice::from_ref(&body)))],
        |_| {},
    )
    .await;
    let wire = Wire::to(&hub).await;
    let claims = json!({
        "iss": "zhengxin", "aud": "zhengxin", "sub": "某单位经办人", "jti": "1",
        "exp": now() + 60, "nbf": now(), "iat": now(),
        "role": "AGENCY", "divisions": ["440604", "441900003"], "agency": body.uscc.as_str(),
        "scope": "adhoc totals",
    });
    let reply = present_token(&wire, &with_claims(&claims)).await;
    let wanted = json!({
        "subject": "某单位经办人", "role": "AGENCY",
        "divisions": [{ "code": "440604" }, { "code": "441900003" }],
        "agency": { "uscc": body.uscc.as_str() }, "scopes": ["adhoc", "totals"],
    });
    assert_eq!(reply.json()["data"]["viewer"], wanted, "{}", reply.text);
}

#[tokio::test]
async fn without_a_token_one_is_the_public_and_a_token_elsewhere_is_none() {
    let db = Db::sqlite();
    let hub = Hub::on(&db).await;
    let wire = Wire::to(&hub).await;
    let token = with_claims(&claims());
    let body = json!({ "query": QUERY, "extensions": { "authorization": format!("Bearer {token}") }, "token": token });
    for request in [
        wire.post(),
        wire.post().query(&[("access_token", &token)]),
        wire.post()
            .header("X-Authorization", format!("Bearer {token}")),
        wire.post()
            .header("Proxy-Authorization", format!("Bearer {token}")),
        wire.post().header(
            "Cookie",
            format!("access_token={token}; Authorization=Bearer {token}"),
        ),
    ] {
        let reply = Reply::to(request.body(body.to_string())).await;
        let viewer = json!({ "subject": "anonymous", "role": "PUBLIC", "divisions": [], "agency": null, "scopes": [] });
        assert_eq!(reply.json()["data"]["viewer"], viewer, "{}", reply.text);
    }
}

#[tokio::test]
async fn a_token_ends_with_its_time() {
    let db = Db::sqlite();
    let hub = Hub::on(&db).await;
    let wire = Wire::to(&hub).await;
    let token = hub.token(Role::Court, &["440600"], None);
    assert_eq!(present_token(&wire, &token).await.status, 200);
    hub.it_is("2026-11-21");
    assert_eq!(present_token(&wire, &token).await.status, 401);
    hub.it_is("2026-11-19");
    assert_eq!(
        present_token(&wire, &token).await.status,
        401,
        "not yet issued"
    );
}

#[tokio::test]
async fn a_hub_without_a_key_believes_nobody() {
    let db = Db::sqlite();
    let hub = Hub::with(&db, |config| config.auth.local = None).await;
    let wire = Wire::to(&hub).await;
    for key in [KEY, "", "secret"] {
        let token = signed_raw(
            &header().to_string(),
            &claims().to_string(),
            key.as_bytes(),
            Algorithm::HS256,
        );
        assert_eq!(present_token(&wire, &token).await.status, 401);
    }
    assert_eq!(wire.data(None, QUERY).await["viewer"]["role"], "PUBLIC");
}

#[tokio::test]
async fn a_token_of_another_hub_is_not_believed() {
    let db = Db::sqlite();
    let ours = Hub::with(&db, |config| {
        config.auth.issuer = "ours".to_owned();
        config.auth.audience = "ours".to_owned();
    })
    .await;
    let another = db.another();
    let theirs = Hub::on(&another).await;
    let wire = Wire::to(&ours).await;
    let token = ours.token(Role::Court, &["440600"], None);
    assert_eq!(present_token(&wire, &token).await.status, 200);
    let token = theirs.token(Role::Court, &["440600"], None);
    assert_eq!(present_token(&wire, &token).await.status, 401);
}
