//! `POST /graphql`: from bytes to a guarded, scoped execution and back.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use async_graphql::{Request, Variables, parser::parse_query};
use axum::{
    body::{Body, to_bytes},
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header},
};
use futures_util::FutureExt;
use serde::Deserialize;

use super::{
    BODY_BYTES_MAX, Door,
    accept::{self, Media},
    graphql::{Ask, Code},
    guard::{self, Refused},
    order,
    respond::{Seen, answer, document_status, refusal},
};

/// How long a request waits for a version that it demands.
const VERSION_PATIENCE: Duration = Duration::from_secs(2);
/// How long an execution may take.
const DEADLINE: Duration = Duration::from_secs(10);
/// How long a body may take to come.
const BODY_DEADLINE: Duration = Duration::from_secs(30);

static MIN_VERSION: HeaderName = HeaderName::from_static("x-min-version");
static PURPOSE: HeaderName = HeaderName::from_static("x-purpose");

/// A GraphQL-over-HTTP request; members that are not known are ignored, as the specification says.
#[derive(Deserialize)]
struct Document {
    query: Option<String>,
    #[serde(rename = "operationName")]
    operation_name: Option<String>,
    variables: Option<serde_json::Map<String, serde_json::Value>>,
    /// Must be an object where it is given; nothing of ours stands in it.
    #[serde(rename = "extensions")]
    _extensions: Option<serde_json::Map<String, serde_json::Value>>,
}

/// A refusal in the making.
struct No(StatusCode, Code, String);

pub(super) async fn graphql(
    State(door): State<Arc<Door>>,
    method: Method,
    headers: HeaderMap,
    body: Body,
) -> Response<Body> {
    let trace = trace_id();
    let seen = Seen {
        version: door.app.live.now().seq(),
        trace: &trace,
    };
    let accepted: Vec<&str> = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .collect();
    let accepted = (!accepted.is_empty()).then(|| accepted.join(","));
    let media = match accept::choose(accepted.as_deref()) {
        Some(media) => media,
        None => {
            let message = "expected Accept: application/json or application/graphql-response+json";
            return refusal(
                StatusCode::NOT_ACCEPTABLE,
                Media::Json,
                Code::Invalid,
                message,
                seen,
            );
        }
    };
    let served = serve(&door, &method, &headers, body, media, &trace);
    // A panic is a fault of ours: the client learns that there was one, and the hub lives on.
    let served = AssertUnwindSafe(served).catch_unwind().await;
    match served.unwrap_or_else(|_| {
        let message = "internal error / 内部错误".to_owned();
        Err(No(
            StatusCode::INTERNAL_SERVER_ERROR,
            Code::Internal,
            message,
        ))
    }) {
        Ok(response) => response,
        Err(No(status, code, message)) => {
            let mut response = refusal(status, media, code, &message, seen);
            if status == StatusCode::METHOD_NOT_ALLOWED {
                response
                    .headers_mut()
                    .insert(header::ALLOW, HeaderValue::from_static("POST"));
            }
            if status == StatusCode::UNAUTHORIZED {
                response
                    .headers_mut()
                    .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            response
        }
    }
}

async fn serve(
    door: &Arc<Door>,
    method: &Method,
    headers: &HeaderMap,
    body: Body,
    media: Media,
    trace: &str,
) -> Result<Response<Body>, No> {
    if method != Method::POST {
        return Err(No(
            StatusCode::METHOD_NOT_ALLOWED,
            Code::Invalid,
            "expected POST".to_owned(),
        ));
    }
    check_content_type(headers)?;
    let viewer = viewer(door, headers, trace)?;
    let document = read_document(body).await?;
    let query = document.query.ok_or_else(|| {
        No(
            StatusCode::BAD_REQUEST,
            Code::Invalid,
            "the request has no query".to_owned(),
        )
    })?;

    let refused = |refused: Refused| {
        let code = match refused {
            Refused::Field { .. } => Code::Forbidden,
            Refused::TooMany { .. } => Code::Limited,
            Refused::Syntax | Refused::Fragment | Refused::Directive | Refused::Variable => {
                Code::Invalid
            }
        };
        No(document_status(media), code, refused.to_string())
    };
    guard::scan(&query).map_err(refused)?;
    let parsed = parse_query(&query).map_err(|error| {
        // The library's text repeats the query; the place is enough.
        let place = error
            .positions()
            .next()
            .map_or_else(String::new, |at| format!(" at {}:{}", at.line, at.column));
        No(
            document_status(media),
            Code::Invalid,
            format!("{}{place}", Refused::Syntax),
        )
    })?;
    let variables = Variables::from_json(serde_json::Value::Object(
        document.variables.unwrap_or_default(),
    ));
    let access = &door.app.catalogue.access;
    guard::check(&parsed, &variables, &door.facts, access, viewer.role).map_err(refused)?;

    let operation = document.operation_name.as_deref();
    guard::check_variables(&parsed, operation, &variables).map_err(refused)?;

    let graph = wanted_version(door, headers).await?;
    let view = door.app.view_for(&graph, viewer, purpose(headers));
    let mut request = Request::new(query).variables(variables);
    request.operation_name.clone_from(&document.operation_name);
    request.set_parsed_query(parsed.clone());
    let request = request.data(Ask::new(Arc::clone(&door.app), view));
    match tokio::time::timeout(DEADLINE, door.execute(request)).await {
        Ok(mut executed) => {
            order::as_asked(&parsed, &door.facts, operation, &mut executed);
            Ok(answer(
                media,
                executed,
                Seen {
                    version: graph.seq(),
                    trace,
                },
            ))
        }
        Err(_) => Err(No(
            StatusCode::GATEWAY_TIMEOUT,
            Code::Unavailable,
            format!("the query took more than {} s", DEADLINE.as_secs()),
        )),
    }
}

fn check_content_type(headers: &HeaderMap) -> Result<(), No> {
    let value = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let mut parts = value.split(';').map(str::trim);
    let is_json = parts
        .next()
        .is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"));
    let charset = parts.find_map(|part| {
        part.split_once('=')
            .filter(|(name, _)| name.eq_ignore_ascii_case("charset"))
    });
    let is_utf8 =
        charset.is_none_or(|(_, charset)| charset.trim_matches('"').eq_ignore_ascii_case("utf-8"));
    if is_json && is_utf8 {
        return Ok(());
    }
    let message = "expected Content-Type: application/json in UTF-8".to_owned();
    Err(No(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Code::Invalid,
        message,
    ))
}

fn viewer(door: &Door, headers: &HeaderMap, trace: &str) -> Result<domain::viewer::Viewer, No> {
    let unauthenticated = || {
        No(
            StatusCode::UNAUTHORIZED,
            Code::Unauthenticated,
            "unauthenticated".to_owned(),
        )
    };
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = match (values.next(), values.next()) {
        (None, _) => None,
        (Some(value), None) => Some(value.to_str().map_err(|_| unauthenticated())?),
        (Some(_), Some(_)) => return Err(unauthenticated()),
    };
    let viewer = door.app.auth.viewer(value).map_err(|reason| {
        tracing::info!(reason = %reason, trace.id = trace, "token refused");
        unauthenticated()
    })?;
    let tree = &door.app.catalogue.divisions;
    if let Some(code) = viewer
        .divisions
        .iter()
        .find(|code| tree.get(**code).is_none())
    {
        tracing::info!(division = %code, trace.id = trace, "token refused: unknown division");
        return Err(unauthenticated());
    }
    Ok(viewer)
}

/// The purpose that is stated: of several none, since only one can be answered for.
fn purpose(headers: &HeaderMap) -> Option<&str> {
    let mut stated = headers.get_all(&PURPOSE).iter();
    let purpose = stated.next().filter(|_| stated.next().is_none())?;
    purpose.to_str().ok().map(str::trim)
}

async fn read_document(body: Body) -> Result<Document, No> {
    let invalid = |message: String| No(StatusCode::BAD_REQUEST, Code::Invalid, message);
    let bytes = match tokio::time::timeout(BODY_DEADLINE, to_bytes(body, BODY_BYTES_MAX)).await {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(_)) => {
            let message = format!("the body has more than {BODY_BYTES_MAX} bytes");
            return Err(No(StatusCode::PAYLOAD_TOO_LARGE, Code::Limited, message));
        }
        Err(_) => {
            let message = "the body did not come in time".to_owned();
            return Err(No(StatusCode::REQUEST_TIMEOUT, Code::Invalid, message));
        }
    };
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(invalid(
            "the body is no JSON object; batches are not served".to_owned(),
        ));
    }
    serde_json::from_slice(&bytes).map_err(|error| {
        invalid(format!(
            "the body is no GraphQL request (line {}, column {})",
            error.line(),
            error.column()
        ))
    })
}

async fn wanted_version(door: &Door, headers: &HeaderMap) -> Result<Arc<crate::graph::Graph>, No> {
    let Some(wanted) = headers.get(&MIN_VERSION) else {
        return Ok(door.app.live.now());
    };
    let wanted = wanted
        .to_str()
        .ok()
        .and_then(|text| text.parse::<i64>().ok())
        .ok_or_else(|| {
            No(
                StatusCode::BAD_REQUEST,
                Code::Invalid,
                "X-Min-Version is no version".to_owned(),
            )
        })?;
    door.app.live.wake();
    let reached = door.app.live.at_least(wanted, VERSION_PATIENCE).await;
    reached.map_err(|error| {
        No(
            StatusCode::SERVICE_UNAVAILABLE,
            Code::Unavailable,
            error.to_string(),
        )
    })
}

/// A random name for one request, in its answer's errors and in the log.
fn trace_id() -> String {
    let mut random = [0; 8];
    // Only the name is lost where the machine has no randomness.
    let _ = getrandom::fill(&mut random);
    crate::hex(&random)
}
