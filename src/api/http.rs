//! `/graphql` over HTTP: from a request to a guarded, scoped execution and back.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use async_graphql::parser::types::OperationType;
use axum::{
    body::Body,
    extract::{
        ConnectInfo, Extension, State,
        ws::{WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    },
    http::{HeaderMap, HeaderName, Method, Response, StatusCode, Uri, header},
};

use crate::telemetry;

use super::{
    Door,
    accept::{self, Accepted, Media},
    asked::Asked,
    graphql::Code,
    origin,
    refusal::{No, Stage},
    request::{answered, caller, check_content_type, read_body, wanted_version},
    respond::{Seen, answer, refusal},
    sse, websocket,
};

/// Bytes of an address.
const ADDRESS_BYTES_MAX: usize = 8 * 1_024;

static LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// A request without its body.
struct Head {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    /// From which address it came.
    peer: Option<IpAddr>,
}

pub(super) async fn graphql(
    State(door): State<Arc<Door>>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
    body: Body,
) -> Response<Body> {
    let trace = telemetry::trace_id();
    let seen = Seen {
        version: door.app.live.now().seq(),
        profile: door.app.config.server.status_profile,
        trace: &trace,
    };
    let head = Head {
        method,
        uri,
        headers,
        peer: peer.map(|Extension(ConnectInfo(peer))| peer.ip()),
    };
    if head.wants_socket() {
        let served = async {
            origin::check(&head.headers, &door.app.config.server.origins)?;
            websocket::serve(&door, &head.headers, head.peer, upgrade)
        };
        return answered(served, Media::Json, "", seen).await;
    }
    let Some(accepted) = accept::choose(head.accept().as_deref()) else {
        let no = not_acceptable(
            "expected Accept: application/json, application/graphql-response+json or text/event-stream",
        );
        return refusal(&no, Media::Json, seen);
    };
    let allow = match (door.app.config.server.get, &head.method) {
        (false, _) => "POST",
        // It was served, but for what it asked.
        (true, &Method::GET | &Method::HEAD) => "POST",
        (true, _) => "GET, HEAD, POST",
    };
    let served = serve(&door, &head, body, accepted, seen);
    answered(served, accepted.answer.unwrap_or(Media::Json), allow, seen).await
}

async fn serve(
    door: &Arc<Door>,
    head: &Head,
    body: Body,
    accepted: Accepted,
    seen: Seen<'_>,
) -> Result<Response<Body>, No> {
    let config = &door.app.config.server;
    let address = head.uri.path_and_query();
    if address.is_some_and(|address| address.as_str().len() > ADDRESS_BYTES_MAX) {
        let message = format!("the address has more than {ADDRESS_BYTES_MAX} bytes");
        let status = StatusCode::URI_TOO_LONG;
        return Err(No::http(status, Code::Limited, message));
    }
    let is_post = head.method == Method::POST;
    let is_served = match head.method {
        Method::POST => true,
        Method::GET | Method::HEAD => config.get,
        _ => false,
    };
    if !is_served {
        return Err(not_allowed("this method is not served"));
    }
    origin::check(&head.headers, &config.origins)?;
    if is_post {
        check_content_type(&head.headers, "application/json")?;
    }
    let caller = caller(door, head.peer, &head.headers, seen.trace).await?;
    let asked = match is_post {
        true => Asked::from_json(&read_body(body).await?)?,
        false => Asked::from_address(head.uri.query().unwrap_or_default())?,
    };
    let prepared = match door.admit(asked, &caller).await {
        Ok(prepared) => prepared,
        // What is wrong with the document is told as an event where events are wanted.
        Err(no) if accepted.prefers_stream && no.stage != Stage::NotWellFormed => {
            return Ok(sse::refused(&no, seen));
        }
        Err(no) => return Err(no),
    };
    let is_subscription = prepared.kind() == OperationType::Subscription;
    if prepared.kind() != OperationType::Query && !is_post {
        return Err(not_allowed("only queries are served by GET"));
    }
    if is_subscription && !accepted.stream {
        return Err(not_acceptable(
            "a subscription needs Accept: text/event-stream",
        ));
    }
    let graph = wanted_version(door, &head.headers).await?;
    match accepted.answer {
        Some(media) if !is_subscription && !accepted.prefers_stream => {
            let executed = door.execute(&prepared, &caller, &graph).await?;
            Ok(answer(media, executed, seen.profile))
        }
        _ => {
            let lease = door.lease(&caller.session)?;
            let resumed = head.text(&LAST_EVENT_ID);
            let running = door.start(prepared, caller, graph, resumed);
            let ping = config.streams.ping;
            Ok(sse::events(running, lease, ping, sse::fault(seen)))
        }
    }
}

impl Head {
    fn wants_socket(&self) -> bool {
        let upgrade = self.headers.get(header::UPGRADE);
        let is_socket =
            upgrade.is_some_and(|upgrade| upgrade.as_bytes().eq_ignore_ascii_case(b"websocket"));
        self.method == Method::GET && is_socket
    }

    /// All `Accept` lines as one.
    fn accept(&self) -> Option<String> {
        let lines = self.headers.get_all(header::ACCEPT).iter();
        let lines: Vec<&str> = lines.filter_map(|value| value.to_str().ok()).collect();
        (!lines.is_empty()).then(|| lines.join(","))
    }

    fn text(&self, name: &HeaderName) -> Option<String> {
        let text = self.headers.get(name)?.to_str().ok()?;
        (!text.is_empty()).then(|| text.to_owned())
    }
}

fn not_allowed(message: &str) -> No {
    No::http(StatusCode::METHOD_NOT_ALLOWED, Code::Invalid, message)
}

fn not_acceptable(message: &str) -> No {
    No::http(StatusCode::NOT_ACCEPTABLE, Code::Invalid, message)
}
