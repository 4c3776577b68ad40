//! A subscriber's server, which checks signatures and remembers what it was told.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use aws_lc_rs::hmac;
use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;

/// What it does with the next message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Does {
    Status(u16),
    /// 503, and when to come again in seconds.
    Later(u32),
    /// Sends elsewhere.
    Redirect(String),
    /// Says 200 and never ends saying it.
    BreakOff,
    /// Takes it and never answers.
    Hang,
}

/// A message that came.
#[derive(Debug, Clone)]
pub(crate) struct Got {
    pub(crate) id: String,
    pub(crate) timestamp: i64,
    signatures: Vec<String>,
    pub(crate) raw: Bytes,
    pub(crate) body: Value,
}

impl Got {
    /// Whether one of its signatures is by this secret, as the specification has it checked.
    pub(crate) fn is_signed_by(&self, secret: &str) -> bool {
        let secret = secret.strip_prefix("whsec_").expect("a secret");
        let key = STANDARD.decode(secret).expect("base64");
        let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
        let head = format!("{}.{}.", self.id, self.timestamp);
        let content = [head.as_bytes(), &self.raw].concat();
        self.signatures.iter().any(|signature| {
            let tag = signature.strip_prefix("v1,").expect("version 1");
            let tag = STANDARD.decode(tag).expect("base64");
            hmac::verify(&key, &content, &tag).is_ok()
        })
    }

    pub(crate) fn signatures(&self) -> usize {
        self.signatures.len()
    }
}

#[derive(Default)]
struct Known {
    got: Vec<Got>,
    does: VecDeque<Does>,
}

#[derive(Clone, Default)]
pub(crate) struct Receiver {
    known: Arc<Mutex<Known>>,
    pub(crate) url: String,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let mut receiver = Self::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        receiver.url = format!("http://{address}/hooks");
        let router = Router::new().fallback(take).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        receiver
    }

    /// What it does with the next messages; with later ones it does what it should.
    pub(crate) fn does(&self, does: impl IntoIterator<Item = Does>) {
        self.known().does.extend(does);
    }

    pub(crate) fn got(&self) -> Vec<Got> {
        self.known().got.clone()
    }

    /// `type vVERSION LEVEL STATE agency` of each message.
    pub(crate) fn told(&self) -> Vec<String> {
        let line = |got: &Got| {
            let data = &got.body["data"];
            let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
            format!(
                "{} v{} {} {} {}",
                text(&got.body["type"]),
                data["version"],
                text(&data["level"]),
                text(&data["state"]),
                text(&data["agency"]["name"])
            )
        };
        self.got().iter().map(line).collect()
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().expect("no test panics inside")
    }
}

async fn take(State(receiver): State<Receiver>, headers: HeaderMap, raw: Bytes) -> Response {
    let header = |name: &str| {
        let value = headers.get(name).expect("the specification's header");
        value.to_str().expect("ASCII").to_owned()
    };
    assert_eq!(header("content-type"), "application/json");
    let got = Got {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp").parse().expect("seconds"),
        signatures: header("webhook-signature")
            .split(' ')
            .map(str::to_owned)
            .collect(),
        body: serde_json::from_slice(&raw).expect("it is JSON"),
        raw,
    };
    let does = {
        let mut known = receiver.known();
        known.got.push(got);
        known.does.pop_front().unwrap_or(Does::Status(204))
    };
    let status = |status| StatusCode::from_u16(status).expect("a status");
    match does {
        Does::Status(code) => status(code).into_response(),
        Does::Later(seconds) => {
            (status(503), [("retry-after", seconds.to_string())]).into_response()
        }
        Does::Redirect(to) => (status(307), [("location", to)]).into_response(),
        Does::BreakOff => {
            let begun = futures_util::stream::iter([Ok(Bytes::from_static(b"thank"))]);
            // The head must be out before it breaks.
            let broken = futures_util::stream::once(async {
                tokio::time::sleep(std::time::Duration::from_millis(200)).await;
                Err(std::io::Error::other("it breaks"))
            });
            let cut = futures_util::StreamExt::chain(begun, broken);
            Response::new(Body::from_stream(cut))
        }
        Does::Hang => std::future::pending().await,
    }
}
