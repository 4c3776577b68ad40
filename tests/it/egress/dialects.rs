//! Dialects of signing against servers that verify every signature.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicUsize, Ordering},
    },
};

use aws_lc_rs::hmac;
use axum::{
    body::Body,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use reqwest::{Method, Url};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use zhengxin::{
    clock::Clock,
    config::Place,
    egress::{Cryptography, Dialect, Egress, Error, Mode, Service, Software},
};

use super::{place, quick};
use crate::support::{Asked, Outside};

/// What must never be told.
const SECRET: &str = "made-up secret 1";
const START_S: i64 = 1_700_000_000;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn clock() -> (Clock, Arc<AtomicI64>) {
    let now = Arc::new(AtomicI64::new(START_S));
    let told = Arc::clone(&now);
    let now_of = move || {
        let moment: Option<DateTime<Utc>> =
            DateTime::from_timestamp(told.load(Ordering::SeqCst), 0);
        moment.expect("a moment of our time")
    };
    (Clock::of(now_of), now)
}

fn with(url: &str, extra: &[(&str, &str)]) -> Place {
    let extra = extra.iter();
    Place {
        user: Some("made-up-user".to_owned()),
        secret: Some(SECRET.to_owned()),
        extra: BTreeMap::from_iter(extra.map(|(key, said)| ((*key).into(), (*said).into()))),
        ..place(url)
    }
}

fn service(place: &Place, dialect: Dialect, clock: &Clock) -> Result<Service, Error> {
    let door = Egress::with(quick()).door(place)?;
    Service::new(door, dialect, place, clock.clone())
}

async fn call(service: &Service, url: &str, body: Option<Value>) -> Result<Value, Error> {
    let url = Url::parse(url).expect("an address");
    let method = if body.is_some() {
        Method::POST
    } else {
        Method::GET
    };
    let is_discreet = |told: &str| !told.contains("made-up s") && !told.contains("another made-up");
    let told = format!("{service:?}");
    assert!(is_discreet(&told), "{told}");
    let answer = service.call(method, url, body).await;
    if let Err(error) = &answer {
        let told = format!("{error} {error:?}");
        assert!(is_discreet(&told), "{told}");
    }
    answer.map(|answer| serde_json::from_slice(&answer.body).expect("a document"))
}

fn refused() -> Response<Body> {
    StatusCode::FORBIDDEN.into_response()
}

#[tokio::test]
async fn a_bearer_token_goes_along_where_there_is_one() {
    let server = Outside::answering(|asked| {
        json!(asked.header("authorization"))
            .to_string()
            .into_response()
    })
    .await;
    let (clock, _) = clock();
    for (secret, sent) in [
        (Some(SECRET.to_owned()), "Bearer made-up secret 1"),
        (None, ""),
    ] {
        let place = Place {
            secret,
            ..with(&server.url, &[])
        };
        let service = service(&place, Dialect::Bearer, &clock).expect("all is said");
        assert_eq!(
            call(&service, &server.url, None).await.expect("well"),
            json!(sent)
        );
    }
}

#[tokio::test]
async fn the_tif_gateway_lets_in_what_is_signed_anew_each_time() {
    let nonces = Arc::new(std::sync::Mutex::new(std::collections::HashSet::new()));
    let server = Outside::answering(move |asked| {
        let (timestamp, nonce) = (asked.header("x-tif-timestamp"), asked.header("x-tif-nonce"));
        let signed = format!("{timestamp}{SECRET}{nonce}{timestamp}");
        let is_signed = asked.header("x-tif-signature") == hex(&Sha256::digest(signed))
            && asked.header("x-tif-paasid") == "made-up-user"
            && asked.header("x-tif-serviceId") == "made-up-service"
            && timestamp == START_S.to_string();
        if !is_signed || !nonces.lock().expect("nobody panics").insert(nonce) {
            return refused();
        }
        match asked.before {
            0 => StatusCode::BAD_GATEWAY.into_response(),
            _ => "[1]".into_response(),
        }
    })
    .await;
    let (clock, now) = clock();
    let place = with(&server.url, &[("service_id", "made-up-service")]);
    let service = service(&place, Dialect::Tif, &clock).expect("all is said");
    let answer = call(&service, &server.url, None).await;
    assert_eq!(answer.expect("it is signed"), json!([1]));
    assert_eq!(server.asked(), 2, "the second try had a nonce of its own");
    now.fetch_add(1, Ordering::SeqCst);
    let error = call(&service, &server.url, None).await;
    assert!(
        matches!(error, Err(Error::Status { status: 403, .. })),
        "{error:?}"
    );
}

/// What the exchange's handshake gives, and the same encrypted with [`SECRET`] by
/// `openssl enc -aes-128-ecb`.
const SESSION: &str = "made-up session secret";
const PACKED_SESSION: &str = "+YYgYiAk/EPWN4Durl5SQJT4+pM7rlPxFukp2x4llV4=";

/// The national exchange, with what it counts.
async fn exchange(
    packed: &str,
    refused_calls: usize,
    refusal: fn() -> Response<Body>,
) -> (Outside, Arc<AtomicUsize>) {
    let (handshakes, packed) = (Arc::new(AtomicUsize::new(0)), packed.to_owned());
    let (counter, refusals) = (Arc::clone(&handshakes), Arc::new(AtomicUsize::new(0)));
    let is_signed = |key: &str, four: &dyn Fn(&str) -> String| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
        let (sid, rid, rtime) = (
            four("gjgxjhpt_sid"),
            four("gjgxjhpt_rid"),
            four("gjgxjhpt_rtime"),
        );
        let tag = hmac::sign(&key, format!("{sid}{rid}{rtime}").as_bytes());
        four("gjgxjhpt_sign") == STANDARD.encode(tag) && rid == "made-up-user" && sid == "s_demo"
    };
    let server = Outside::answering(move |asked: Asked| {
        if asked.head.uri.path() == "/handshake" {
            let body: Value = serde_json::from_slice(&asked.body).expect("a document");
            let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
            if !is_signed(SECRET, &text) {
                return r#"{"code":7,"message":"签名错误 99900011122","data":null}"#
                    .into_response();
            }
            counter.fetch_add(1, Ordering::SeqCst);
            let rtime: i64 = text("gjgxjhpt_rtime").parse().expect("a number");
            let data = json!({"secret": packed, "secretEndTime": rtime + 600_000});
            return json!({"code": 0, "message": "", "data": data})
                .to_string()
                .into_response();
        }
        let is_well = is_signed(SESSION, &|name| asked.header(name))
            && asked.header("x-forwarded-for") == "203.0.113.9";
        if !is_well {
            return StatusCode::NOT_ACCEPTABLE.into_response();
        }
        if refusals.fetch_add(1, Ordering::SeqCst) < refused_calls {
            return refusal();
        }
        r#"{"code":0,"data":{"total":0,"list":[]}}"#.into_response()
    })
    .await;
    (server, handshakes)
}

fn exchange_place(url: &str, secret: &str) -> Place {
    let extra = [
        ("sid", "s_demo"),
        ("handshake", "/handshake"),
        ("forwarded_for", "203.0.113.9"),
    ];
    Place {
        secret: Some(secret.to_owned()),
        ..with(&format!("{url}/base/"), &extra)
    }
}

#[tokio::test]
async fn the_national_exchange_shakes_hands_once_while_its_secret_is_good() {
    let (server, handshakes) = exchange(PACKED_SESSION, 0, refused).await;
    let (clock, now) = clock();
    let place = exchange_place(&server.url, SECRET);
    let service = service(&place, Dialect::NationalExchange, &clock).expect("all is said");
    let url = format!("{}/base/list", server.url);
    let both = tokio::join!(
        call(&service, &url, None),
        call(&service, &url, Some(json!({"page": 1})))
    );
    both.0.expect("it is signed");
    both.1.expect("it is signed");
    assert_eq!(handshakes.load(Ordering::SeqCst), 1);
    now.fetch_add(539, Ordering::SeqCst);
    call(&service, &url, None)
        .await
        .expect("it is good for one more second");
    assert_eq!(handshakes.load(Ordering::SeqCst), 1);
    now.fetch_add(1, Ordering::SeqCst);
    call(&service, &url, None).await.expect("it is renewed");
    assert_eq!(handshakes.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_secret_that_is_refused_is_renewed_once() {
    let by_code: fn() -> Response<Body> =
        || r#"{"code":"401","message":"密钥失效"}"#.into_response();
    for refusal in [refused, by_code] {
        for (refused_calls, calls, is_well) in [(1, 2, true), (9, 2, false)] {
            let (server, handshakes) = exchange(PACKED_SESSION, refused_calls, refusal).await;
            let (clock, _) = clock();
            let place = exchange_place(&server.url, SECRET);
            let service = service(&place, Dialect::NationalExchange, &clock).expect("all is said");
            let answer = call(&service, &format!("{}/list", server.url), None).await;
            assert_eq!(answer.is_ok_and(|answer| answer["code"] == 0), is_well);
            assert_eq!(handshakes.load(Ordering::SeqCst), 2);
            assert_eq!(server.asked(), 2 + calls);
        }
    }
}

#[tokio::test]
async fn a_handshake_that_fails_is_told_without_its_secrets() {
    let (clock, _) = clock();
    for (packed, secret, says) in [
        (PACKED_SESSION, "another made-up!", "code 7 (签名错误 ***)"),
        ("c2l4dGVlbiBsZXR0ZXJzIQ==", SECRET, "does not fit"),
        ("%%%", SECRET, "secret_as"),
    ] {
        let (server, _) = exchange(packed, 0, refused).await;
        let place = exchange_place(&server.url, secret);
        let service = service(&place, Dialect::NationalExchange, &clock).expect("all is said");
        let error = call(&service, &format!("{}/list", server.url), None).await;
        let error = error.expect_err("there is no secret").to_string();
        assert!(error.contains(says), "{error}");
    }
}

fn unpadded(mut blocks: Vec<u8>) -> Vec<u8> {
    let padding = usize::from(*blocks.last().expect("there are blocks"));
    blocks.truncate(blocks.len() - padding);
    blocks
}

fn padded(text: &str) -> Vec<u8> {
    let mut blocks = text.as_bytes().to_vec();
    let padding = 16 - blocks.len() % 16;
    blocks.resize(blocks.len() + padding, padding as u8);
    blocks
}

#[tokio::test]
async fn a_body_goes_and_comes_encrypted_and_bears_a_token() {
    let key: &[u8; 16] = b"made-up sm4 key!";
    let server = Outside::answering(move |asked| {
        let body: Value = serde_json::from_slice(&asked.body).expect("a document");
        let head = |name: &str| {
            body["requestHeader"][name]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        };
        let packed = body["requestBody"].as_str().expect("it is packed");
        let mut blocks = STANDARD.decode(packed).expect("base64");
        Software
            .sm4_decrypt(key, Mode::Ecb, &mut blocks)
            .expect("whole blocks");
        let plain = String::from_utf8(unpadded(blocks)).expect("text");
        let signed = format!("made-up-user{}{SECRET}{plain}", head("timestamp"));
        let is_signed = head("token") == hex(&Software.sm3(signed.as_bytes()))
            && head("timestamp") == "1700000000000"
            && (head("signType"), head("encryption")) == ("SM3".to_owned(), "SM4".to_owned())
            && head("requestId").len() == 32;
        if !is_signed {
            return refused();
        }
        let plain: Value = serde_json::from_str(&plain).expect("a document");
        let data = match plain["pageNo"].as_i64() {
            Some(1) => {
                let mut blocks = padded(r#"{"total":1,"list":[{"id":7}]}"#);
                Software
                    .sm4_encrypt(key, Mode::Ecb, &mut blocks)
                    .expect("whole blocks");
                json!(STANDARD.encode(blocks))
            }
            Some(2) => json!(null),
            _ => json!("bm90IHBhY2tlZA=="),
        };
        json!({"code": "0000", "msg": "", "data": data})
            .to_string()
            .into_response()
    })
    .await;
    let (clock, _) = clock();
    let place = with(&server.url, &[("cipher_key", "made-up sm4 key!")]);
    let service = service(&place, Dialect::Sm3Sm4, &clock).expect("all is said");
    let answer = call(&service, &server.url, Some(json!({"pageNo": 1}))).await;
    assert_eq!(
        answer.expect("it is signed"),
        json!({"code": "0000", "msg": "", "data": {"total": 1, "list": [{"id": 7}]}})
    );
    let answer = call(&service, &server.url, Some(json!({"pageNo": 2}))).await;
    assert_eq!(answer.expect("it is signed")["data"], json!(null));
    for body in [Some(json!({"pageNo": 3})), None] {
        let error = call(&service, &server.url, body).await;
        assert!(matches!(error, Err(Error::Signing { .. })), "{error:?}");
    }
}

#[tokio::test]
async fn what_a_dialect_needs_or_does_not_know_is_told_by_its_key() {
    let (clock, _) = clock();
    let url = "http://127.0.0.1:1/";
    let nobody = |extra| Place {
        user: None,
        ..with(url, extra)
    };
    for (place, dialect, says) in [
        (
            with(url, &[("cypher", "x")]),
            Dialect::Sm3Sm4,
            "extra.cypher",
        ),
        (with(url, &[]), Dialect::Sm3Sm4, "extra.cipher_key"),
        (
            with(url, &[("cipher_key", "short")]),
            Dialect::Sm3Sm4,
            "length",
        ),
        (with(url, &[]), Dialect::NationalExchange, "extra.handshake"),
        (
            with(url, &[("handshake", "/h")]),
            Dialect::NationalExchange,
            "extra.sid",
        ),
        (
            with(url, &[("letters", "Lower")]),
            Dialect::Tif,
            "extra.letters",
        ),
        (nobody(&[]), Dialect::Tif, "key user"),
        (
            with(url, &[("letters", "lower")]),
            Dialect::Bearer,
            "extra.letters",
        ),
    ] {
        let error = service(&place, dialect, &clock)
            .expect_err("it can't be")
            .to_string();
        assert!(
            error.contains(says) && !error.contains("made-up"),
            "{says}: {error}"
        );
    }
}
