//! Keys that an issuer publishes: when they are fetched, and what holds when they can't be.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use axum::{body::Body, http::StatusCode, response::Response};
use futures_util::future::join_all;
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};
use zhengxin::auth::Refused;

use super::{
    but,
    signers::{ED25519, P256, RS256, RSA, RSA_OTHER, Signer, believing, jwk},
};
use crate::support::{Db, Hub, Outside};

/// A server of keys whose answers a test chooses.
struct Publisher {
    outside: Outside,
    says: Arc<Mutex<Vec<u8>>>,
    is_down: Arc<AtomicBool>,
}

impl Publisher {
    async fn of(set: &Value) -> Self {
        let says = Arc::new(Mutex::new(set.to_string().into_bytes()));
        let is_down = Arc::new(AtomicBool::new(false));
        let (told, down) = (Arc::clone(&says), Arc::clone(&is_down));
        let outside = Outside::answering(move |_| {
            let mut response = Response::new(Body::from(told.lock().expect("no panic").clone()));
            if down.load(Ordering::SeqCst) {
                *response.status_mut() = StatusCode::BAD_GATEWAY;
            }
            response
        })
        .await;
        Self {
            outside,
            says,
            is_down,
        }
    }

    fn says(&self, bytes: impl Into<Vec<u8>>) {
        *self.says.lock().expect("no panic") = bytes.into();
    }

    fn is_down(&self, down: bool) {
        self.is_down.store(down, Ordering::SeqCst);
    }

    async fn hub(&self, db: &Db) -> Hub {
        let (url, folder) = (self.outside.url.clone(), db.folder().to_owned());
        Hub::with(db, |config| believing(&mut config.auth, url, &folder)).await
    }
}

fn set(keys: &[(&str, (&str, &str), Algorithm)]) -> Value {
    let jwk = |(id, key, algorithm): &(&str, (&str, &str), Algorithm)| {
        jwk(*key, *algorithm, id, &json!({}))
    };
    json!({ "keys": keys.iter().map(jwk).collect::<Vec<_>>() })
}

async fn verdict(hub: &Hub, signer: &Signer) -> Result<(), Refused> {
    // Its times are those of the hub's clock now.
    let now = hub.app.clock.now().timestamp();
    let mut claims = signer.claims();
    for (name, at) in [("exp", now + 600), ("nbf", now), ("iat", now)] {
        claims = but(claims, name, Some(at.into()));
    }
    let header = format!("Bearer {}", signer.with(&claims));
    hub.app.auth.session(Some(&header)).await.map(drop)
}

const NEW: Signer = Signer {
    key_id: Some("new"),
    key: RSA_OTHER.0,
    ..RS256
};
const OLD_SET: &[(&str, (&str, &str), Algorithm)] = &[("rsa", RSA, Algorithm::RS256)];
const BOTH: &[(&str, (&str, &str), Algorithm)] = &[
    ("rsa", RSA, Algorithm::RS256),
    ("new", RSA_OTHER, Algorithm::RS256),
];
const NEW_SET: &[(&str, (&str, &str), Algorithm)] = &[("new", RSA_OTHER, Algorithm::RS256)];

#[tokio::test]
async fn a_new_key_is_believed_at_once_and_an_old_one_no_longer_than_it_is_published() {
    let db = Db::sqlite();
    let publisher = Publisher::of(&set(OLD_SET)).await;
    let hub = publisher.hub(&db).await;
    assert_eq!(
        publisher.outside.asked(),
        0,
        "nothing is fetched before its time"
    );
    assert_eq!(
        verdict(&hub, &RS256).await,
        Ok(()),
        "the first token has the keys fetched"
    );
    assert_eq!(publisher.outside.asked(), 1);

    hub.later(11);
    publisher.says(set(BOTH).to_string());
    assert_eq!(
        verdict(&hub, &NEW).await,
        Ok(()),
        "its key was unknown a moment ago"
    );
    assert_eq!(verdict(&hub, &RS256).await, Ok(()));
    assert_eq!(publisher.outside.asked(), 2);

    publisher.says(set(NEW_SET).to_string());
    hub.later(14 * 60);
    hub.app.auth.keep_keys_fresh().await;
    assert_eq!(publisher.outside.asked(), 2, "it is not due yet");
    assert_eq!(verdict(&hub, &RS256).await, Ok(()));
    hub.later(60);
    hub.app.auth.keep_keys_fresh().await;
    assert_eq!(publisher.outside.asked(), 3);
    assert_eq!(verdict(&hub, &RS256).await, Err(Refused::Key));
    assert_eq!(verdict(&hub, &NEW).await, Ok(()));
    assert_eq!(publisher.outside.asked(), 3, "that was fetched just now");
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_unknown_keys_have_the_set_fetched_once_in_ten_seconds() {
    for keys in [set(OLD_SET), json!({ "keys": [] })] {
        let db = Db::sqlite();
        let publisher = Publisher::of(&keys).await;
        let hub = Arc::new(publisher.hub(&db).await);
        let flood = async |round: usize| {
            let good = RS256.good();
            let (_, rest) = good.split_once('.').expect("three parts");
            let floods = (0..50).map(|flood| {
                let (hub, rest) = (Arc::clone(&hub), rest.to_owned());
                tokio::spawn(async move {
                    for n in 0..200 {
                        let id = format!("{round}-{flood}-{n}");
                        let header = but(RS256.header(), "kid", Some(id.into()));
                        let header = super::signers::encoded(&header.to_string());
                        let token = format!("Bearer {header}.{rest}");
                        let refused = hub.app.auth.session(Some(&token)).await.err();
                        assert_eq!(refused, Some(Refused::Key));
                    }
                })
            });
            for done in join_all(floods).await {
                done.expect("no panic");
            }
        };
        flood(1).await;
        assert_eq!(publisher.outside.asked(), 1);
        hub.later(9);
        flood(2).await;
        assert_eq!(publisher.outside.asked(), 1, "not ten seconds have passed");
        hub.later(1);
        flood(3).await;
        assert_eq!(publisher.outside.asked(), 2);
        publisher.is_down(true);
        hub.later(10);
        flood(4).await;
        assert_eq!(
            publisher.outside.asked(),
            3,
            "one that fails counts like one that does not"
        );
    }
}

#[tokio::test]
async fn keys_are_believed_for_a_day_when_their_publisher_does_not_answer() {
    let db = Db::sqlite();
    let publisher = Publisher::of(&set(OLD_SET)).await;
    let hub = publisher.hub(&db).await;
    hub.app.auth.keep_keys_fresh().await;
    assert_eq!(verdict(&hub, &RS256).await, Ok(()));
    publisher.is_down(true);
    for hour in 1..=24 {
        hub.later(3_600);
        hub.app.auth.keep_keys_fresh().await;
        assert_eq!(publisher.outside.asked(), 1 + hour);
        assert_eq!(verdict(&hub, &RS256).await, Ok(()), "hour {hour}");
    }
    hub.app.auth.keep_keys_fresh().await;
    assert_eq!(publisher.outside.asked(), 25, "it is spared for a minute");
    hub.later(1);
    assert_eq!(
        verdict(&hub, &RS256).await,
        Err(Refused::Key),
        "a day is over"
    );
    publisher.is_down(false);
    assert_eq!(
        verdict(&hub, &RS256).await,
        Err(Refused::Key),
        "within ten seconds"
    );
    hub.later(10);
    assert_eq!(verdict(&hub, &RS256).await, Ok(()), "and it is back");
}

#[tokio::test]
async fn a_set_that_is_none_changes_nothing() {
    let db = Db::sqlite();
    let publisher = Publisher::of(&set(OLD_SET)).await;
    let hub = publisher.hub(&db).await;
    assert_eq!(verdict(&hub, &RS256).await, Ok(()));
    let many: Vec<_> = (0..51)
        .map(|n| jwk(P256, Algorithm::ES256, &n.to_string(), &json!({})))
        .collect();
    for nonsense in [
        String::new(),
        "<html>".to_owned(),
        "[]".to_owned(),
        "{}".to_owned(),
        "{\"keys\":{}}".to_owned(),
        "{\"keys\":[1]}".to_owned(),
        json!({ "keys": many }).to_string(),
        format!("{{\"keys\":[{}]}}", " ".repeat(300_000)),
    ] {
        publisher.says(nonsense.clone());
        hub.later(15 * 60);
        let before = publisher.outside.asked();
        hub.app.auth.keep_keys_fresh().await;
        assert_eq!(publisher.outside.asked(), before + 1);
        assert_eq!(verdict(&hub, &RS256).await, Ok(()), "{nonsense:.40}");
    }
    let fifty = &many[..49];
    let rsa = jwk(RSA, Algorithm::RS256, "rsa", &json!({}));
    let keys = [&[rsa][..], fifty].concat();
    publisher.says(json!({ "keys": keys }).to_string());
    hub.later(15 * 60);
    hub.app.auth.keep_keys_fresh().await;
    let last = Signer {
        key_id: Some("48"),
        algorithm: Algorithm::ES256,
        key: P256.0,
        ..RS256
    };
    assert_eq!(verdict(&hub, &last).await, Ok(()));
    // An empty set is one: its publisher has withdrawn all keys.
    publisher.says("{\"keys\":[]}");
    hub.later(15 * 60);
    hub.app.auth.keep_keys_fresh().await;
    assert_eq!(verdict(&hub, &RS256).await, Err(Refused::Key));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Publisher::of(&set(&[("ed25519", ED25519, Algorithm::EdDSA)])).await;
    let to = elsewhere.outside.url.clone();
    let outside = Outside::answering(move |_| {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::FOUND;
        let to = to.parse().expect("an address");
        response.headers_mut().insert("location", to);
        response
    })
    .await;
    let db = Db::sqlite();
    let (url, folder) = (outside.url.clone(), db.folder().to_owned());
    let hub = Hub::with(&db, |config| believing(&mut config.auth, url, &folder)).await;
    let signer = Signer {
        key_id: Some("ed25519"),
        algorithm: Algorithm::EdDSA,
        key: ED25519.0,
        ..RS256
    };
    assert_eq!(verdict(&hub, &signer).await, Err(Refused::Key));
    assert_eq!((outside.asked(), elsewhere.outside.asked()), (1, 0));
}
