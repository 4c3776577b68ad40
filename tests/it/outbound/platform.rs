//! A platform's service on this machine, which remembers what it was told.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};
use zhengxin::config::Place;

const SECRET: &str = "a secret of the platform";

/// What it does with the next message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Does {
    Accept,
    Refuse,
    NotNow,
    /// Takes it in and breaks the connection.
    AcceptAndBreak,
    /// Breaks the connection without taking it in.
    Break,
    /// Takes it in and never answers.
    AcceptAndHang,
    Status(u16),
}

#[derive(Default)]
struct Known {
    /// Rows by their numbers, as they were first taken in.
    rows: BTreeMap<String, Value>,
    /// The numbers of all messages that came, in their order.
    messages: Vec<String>,
    /// The numbers that were asked for.
    asked: Vec<String>,
    does: VecDeque<Does>,
    /// It counts a second message with a number that it holds.
    twice: Vec<String>,
}

#[derive(Clone, Default)]
pub(super) struct Platform {
    known: Arc<Mutex<Known>>,
    url: String,
}

impl Platform {
    pub(super) async fn start() -> Self {
        let mut platform = Self::default();
        let router = Router::new()
            .route("/gateway/zwsx/records", post(take))
            .route("/gateway/zwsx/records/status", get(tell))
            .with_state(platform.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a free port");
        platform.url = format!(
            "http://{}/gateway",
            listener.local_addr().expect("it is bound")
        );
        tokio::spawn(async move { axum::serve(listener, router).await });
        platform
    }

    pub(super) fn place(&self) -> Place {
        Place {
            url: Some(self.url.clone()),
            secret: Some(SECRET.to_owned()),
            allow: vec!["127.0.0.0/8".to_owned()],
            ..Place::default()
        }
    }

    /// What it does with the next messages; with later ones it does what it should.
    pub(super) fn does(&self, does: &[Does]) {
        self.known().does.extend(does);
    }

    /// The rows that it holds, by number.
    pub(super) fn rows(&self) -> BTreeMap<String, Value> {
        self.known().rows.clone()
    }

    /// How many messages came.
    pub(super) fn messages(&self) -> usize {
        self.known().messages.len()
    }

    /// How often it was asked about a message.
    pub(super) fn asked(&self) -> usize {
        self.known().asked.len()
    }

    /// Numbers that came again after they were taken in.
    pub(super) fn twice(&self) -> Vec<String> {
        self.known().twice.clone()
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().expect("no test panics inside")
    }
}

fn is_ours(headers: &HeaderMap) -> bool {
    headers
        .get("authorization")
        .and_then(|value| value.to_str().ok())
        == Some(&format!("Bearer {SECRET}"))
}

fn broken() -> Response {
    let cut = futures_util::stream::iter([
        Ok(Bytes::from_static(b"{\"code\":")),
        Err(std::io::Error::other("it breaks")),
    ]);
    Response::new(Body::from_stream(cut))
}

async fn take(State(platform): State<Platform>, headers: HeaderMap, body: Bytes) -> Response {
    if !is_ours(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let body: Value = serde_json::from_slice(&body).expect("it is JSON");
    let row = body["data"].clone();
    let number = row["xxbh"]
        .as_str()
        .expect("each row has its number")
        .to_owned();
    let does = {
        let mut known = platform.known();
        known.messages.push(number.clone());
        let does = known.does.pop_front().unwrap_or(Does::Accept);
        if matches!(
            does,
            Does::Accept | Does::AcceptAndBreak | Does::AcceptAndHang
        ) {
            if known.rows.contains_key(&number) {
                known.twice.push(number.clone());
            } else {
                known.rows.insert(number.clone(), row);
            }
        }
        does
    };
    match does {
        Does::Accept => receipt(&number),
        Does::Refuse => answer(json!({ "code": 422, "message": "信用代码不存在 13800138000" })),
        Does::NotNow => answer(json!({ "code": "9999", "message": "系统繁忙" })),
        Does::AcceptAndBreak | Does::Break => broken(),
        Does::AcceptAndHang => std::future::pending().await,
        Does::Status(status) => StatusCode::from_u16(status)
            .expect("a status")
            .into_response(),
    }
}

fn receipt(number: &str) -> Response {
    answer(json!({ "code": 200, "message": "ok", "data": { "hzbh": format!("HZ-{number}") } }))
}

async fn tell(
    State(platform): State<Platform>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    if !is_ours(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let query = query.unwrap_or_default();
    let number = query.strip_prefix("xxbh=").expect("it asks by the number");
    let mut known = platform.known();
    known.asked.push(number.to_owned());
    if known.rows.contains_key(number) {
        receipt(number)
    } else {
        answer(json!({ "code": 404, "message": "查无此报文" }))
    }
}

fn answer(body: Value) -> Response {
    let mut answer = Response::new(Body::from(body.to_string()));
    let json = axum::http::HeaderValue::from_static("application/json");
    answer.headers_mut().insert("content-type", json);
    answer
}
