//! What is believed of a token, what is not, and how that is said.

use std::collections::{BTreeMap, BTreeSet};

use axum::{body::Body, response::Response};
use domain::viewer::Role;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use serde_json::{Value, json};

use super::{
    Vectors, Verdict,
    algorithms::{algorithms, references, secrets, signatures, types},
    but,
    claims::{claims_of_all_types, times},
    confusion::{key_ids, public_keys_as_secrets, right_keys, wrong_keys},
    now,
    shapes::{no_tokens, shapes},
    signers::{EDDSA, ES256, LOCAL, RS256, Signer, believing, published, raw},
    spellings::{left_over_bits, other_json, spellings},
};
use crate::api::{Reply, Wire, known_roles, text};
use crate::support::{Db, Hub, KEY, Outside, made};

pub(super) const QUERY: &str =
    "{ viewer { subject role divisions { code } agency { uscc } scopes } }";

async fn present(wire: &Wire, headers: &[HeaderValue], query: &str) -> Reply {
    let mut request = wire.post().body(json!({ "query": query }).to_string());
    for value in headers {
        request = request.header(AUTHORIZATION, value);
    }
    Reply::to(request).await
}

pub(super) async fn present_token(wire: &Wire, token: &str) -> Reply {
    let header = HeaderValue::from_str(&format!("Bearer {token}")).expect("a header takes it");
    present(wire, &[header], QUERY).await
}

/// The body without its trace id, and the trace id.
fn without_trace(reply: &Reply) -> (Value, String) {
    let mut json = reply.json();
    let trace = json["errors"][0]["extensions"]["traceId"].take();
    (json, text(&trace).to_owned())
}

/// All tokens of the table.
fn table() -> Vectors {
    let mut vectors = Vectors::default();
    for signer in [LOCAL, RS256, EDDSA] {
        claims_of_all_types(&mut vectors, &signer);
        times(&mut vectors, &signer);
        shapes(&mut vectors, &signer);
        spellings(&mut vectors, &signer);
    }
    for signer in [LOCAL, RS256, ES256, EDDSA] {
        algorithms(&mut vectors, &signer);
        types(&mut vectors, &signer);
        signatures(&mut vectors, &signer);
        references(&mut vectors, &signer);
        good_ones(&mut vectors, &signer);
    }
    no_tokens(&mut vectors, &LOCAL);
    secrets(&mut vectors);
    right_keys(&mut vectors);
    wrong_keys(&mut vectors);
    public_keys_as_secrets(&mut vectors);
    key_ids(&mut vectors);
    left_over_bits(&mut vectors);
    other_json(&mut vectors);
    vectors
}

fn good_ones(vectors: &mut Vectors, signer: &Signer) {
    let now = now();
    let with = |key: &str, value: Value| signer.with(&but(signer.claims(), key, Some(value)));
    let without = |key: &str| signer.with(&but(signer.claims(), key, None));
    let nearly = but(signer.claims(), "iat", Some((now - 600).into()));
    let whole_life = (now + signer.life_s_max).into();
    for (what, token) in [
        ("plain", signer.good()),
        (
            "expired within the leeway",
            signer.with(&but(nearly, "exp", Some((now - 9).into()))),
        ),
        (
            "not valid yet, within the leeway",
            with("nbf", (now + 10).into()),
        ),
        (
            "issued in the future, within the leeway",
            with("iat", (now + 10).into()),
        ),
        ("as long a life as may be", with("exp", whole_life)),
        ("a further claim", with("tenant", "x".into())),
        (
            "a further claim of any type",
            with("tenant", json!([null, { "a": 1.5 }])),
        ),
        ("no divisions", without("divisions")),
        ("an empty list of divisions", with("divisions", json!([]))),
        ("no scope", without("scope")),
        ("an empty scope", with("scope", "".into())),
        (
            "several scopes",
            with("scope", "adhoc  unmask totals".into()),
        ),
        ("the longest subject", with("sub", "字".repeat(255).into())),
    ] {
        vectors.accept(format!("{}: {what}", signer.name), &token);
    }
}

/// A hub that believes the local key and both issuers, and the server of the first one's keys.
pub(super) async fn believer(db: &Db) -> (Hub, Outside) {
    let set = published().to_string();
    let outside = Outside::answering(move |_| Response::new(Body::from(set.clone()))).await;
    let url = format!("{}/jwks", outside.url);
    let folder = db.folder().to_owned();
    let hub = Hub::with(db, |config| believing(&mut config.auth, url, &folder)).await;
    (hub, outside)
}

#[tokio::test]
async fn the_table_of_tokens_is_played_without_a_wrong_verdict() {
    let db = Db::sqlite();
    let (hub, outside) = believer(&db).await;
    let wire = Wire::to(&hub).await;
    let Vectors(table) = table();
    let mut names = BTreeSet::new();
    for vector in &table {
        assert!(
            names.insert(&vector.what),
            "{}: is there twice",
            vector.what
        );
    }
    let mut counts = BTreeMap::from([(true, 0), (false, 0)]);
    let refusal = json!({ "errors": [{
        "message": "unauthenticated",
        "extensions": { "code": "UNAUTHENTICATED", "traceId": null },
    }], "extensions": { "version": 0 } });
    let mut traces = BTreeSet::new();
    let mut wrong = Vec::new();
    for vector in &table {
        let what = &vector.what;
        *counts
            .entry(vector.verdict == Verdict::Accepted)
            .or_default() += 1;
        // What no header can hold is shown to the reader of tokens alone.
        let headers = vector
            .headers
            .iter()
            .map(|value| HeaderValue::from_bytes(value));
        if let Ok(headers) = headers.collect::<Result<Vec<_>, _>>() {
            let reply = present(&wire, &headers, QUERY).await;
            let is_right = match vector.verdict {
                Verdict::Accepted => {
                    let viewer = &reply.json()["data"]["viewer"];
                    reply.status == 200 && viewer["role"] == "GOVERNMENT"
                }
                Verdict::Refused(_) | Verdict::RefusedAtDoor => {
                    let (body, trace) = without_trace(&reply);
                    assert!(traces.insert(trace), "{what}: a trace id comes back");
                    let challenge = reply.header("www-authenticate");
                    reply.status == 401 && body == refusal && challenge == "Bearer"
                }
            };
            if !is_right {
                wrong.push(format!("{what}: {} {}", reply.status, reply.text));
            }
        }
        if let ([header], Verdict::Accepted | Verdict::Refused(_)) =
            (&vector.headers[..], vector.verdict)
        {
            let header = std::str::from_utf8(header).expect("a text");
            let why = hub.app.auth.session(Some(header)).await.err();
            let expected = match vector.verdict {
                Verdict::Refused(why) => Some(why),
                _ => None,
            };
            if why != expected {
                wrong.push(format!("{what}: {why:?} instead of {expected:?}"));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {}: {wrong:#?}",
        wrong.len(),
        table.len()
    );
    assert!(counts[&true] >= 50 && counts[&false] >= 1_000, "{counts:?}");
    // The clock stood still: whatever keys were named, the set was fetched once.
    assert_eq!(outside.asked(), 1);
}

#[tokio::test]
async fn what_is_asked_does_not_change_the_refusal() {
    let db = Db::sqlite();
    let hub = Hub::on(&db).await;
    let wire = Wire::to(&hub).await;
    let expired = LOCAL.with(&but(LOCAL.claims(), "exp", Some((now() - 600).into())));
    let header = HeaderValue::from_str(&format!("Bearer {expired}")).expect("a header");
    let mut bodies = Vec::new();
    for query in [
        QUERY,
        "{ __typename }",
        "{ sources { key } }",
        "{",
        "{ nonsense }",
        "{ mentions { totalCount } }",
    ] {
        let reply = present(&wire, std::slice::from_ref(&header), query).await;
        assert_eq!(reply.status, 401, "{query}: {}", reply.text);
        bodies.push(without_trace(&reply).0);
    }
    assert!(
        bodies.windows(2).all(|pair| pair[0] == pair[1]),
        "{bodies:#?}"
    );
}

#[tokio::test]
async fn good_tokens_are_believed_in_every_role_and_spelling_of_the_scheme() {
    let db = Db::sqlite();
    let (hub, _outside) = believer(&db).await;
    let wire = Wire::to(&hub).await;
    for signer in [LOCAL, RS256] {
        for role in known_roles() {
            let claims = but(signer.claims(), "role", Some(role.as_str().into()));
            let reply = present_token(&wire, &signer.with(&claims)).await;
            assert_eq!(reply.json()["data"]["viewer"]["role"], role.as_str());
        }
    }
    let court = but(EDDSA.claims(), "role", Some("法院".into()));
    let reply = present_token(&wire, &EDDSA.with(&court)).await;
    assert_eq!(reply.json()["data"]["viewer"]["role"], "COURT");
    let token = LOCAL.good();
    for scheme in ["Bearer", "bearer", "BEARER", "bEaReR"] {
        let header = HeaderValue::from_str(&format!("{scheme} {token}")).expect("a header");
        let reply = present(&wire, &[header], QUERY).await;
        assert_eq!(reply.status, 200, "{scheme}");
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
    let reply = present_token(&wire, &LOCAL.with(&claims)).await;
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
    let token = LOCAL.good();
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
        let key = jsonwebtoken::EncodingKey::from_secret(key.as_bytes());
        let (header, claims) = (LOCAL.header().to_string(), LOCAL.claims().to_string());
        let token = raw(&header, &claims, &key, LOCAL.algorithm);
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
