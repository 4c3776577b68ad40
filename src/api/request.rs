//! What requests have in common, whatever they ask: who asks, a body within bounds, the version that
//! is wanted, and a refusal or a panic as an answer.

use std::{future::Future, net::IpAddr, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use axum::{
    body::{Body, to_bytes},
    http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header},
};
use bytes::Bytes;
use domain::viewer::Viewer;
use futures_util::FutureExt;
use percent_encoding::percent_decode;

use crate::{auth::Session, graph::Graph, telemetry};

use super::{
    BODY_BYTES_MAX, Door,
    accept::Media,
    graphql::Code,
    pipeline::Caller,
    rate,
    refusal::No,
    respond::{Seen, refusal},
};

/// How long a request waits for a version that it demands.
const VERSION_PATIENCE: Duration = Duration::from_secs(2);
/// How long a body may take to come.
const BODY_DEADLINE: Duration = Duration::from_secs(30);

static MIN_VERSION: HeaderName = HeaderName::from_static("x-min-version");
static PURPOSE: HeaderName = HeaderName::from_static("x-purpose");
static REFERENCE: HeaderName = HeaderName::from_static("x-reference");
/// Why a token was refused that is no one text.
pub(super) const NO_TEXT: &str = "no-token";

/// What was served, or the refusal as an answer; `allow` names the methods that are served.
pub(super) async fn answered(
    served: impl Future<Output = Result<Response<Body>, No>>,
    media: Media,
    allow: &'static str,
    seen: Seen<'_>,
) -> Response<Body> {
    // A panic is a fault of ours: the client learns that there was one, and the hub lives on.
    let served = AssertUnwindSafe(served).catch_unwind().await;
    let served = served.unwrap_or_else(|_| {
        let message = "internal error / 内部错误";
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Err(No::http(status, Code::Internal, message))
    });
    let no = match served {
        Ok(response) => return response,
        Err(no) => no,
    };
    telemetry::note_code(no.code.as_str());
    let mut response = refusal(&no, media, seen);
    let status = response.status();
    let headers = response.headers_mut();
    if status == StatusCode::METHOD_NOT_ALLOWED {
        headers.insert(header::ALLOW, HeaderValue::from_static(allow));
    }
    if let Some(seconds) = no.retry_after {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

/// Refuses bodies of another media type or charset.
pub(super) fn check_content_type(headers: &HeaderMap, expected: &str) -> Result<(), No> {
    let value = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let mut parts = value.split(';').map(str::trim);
    let is_expected = parts
        .next()
        .is_some_and(|kind| kind.eq_ignore_ascii_case(expected));
    let charset = parts.find_map(|part| {
        part.split_once('=')
            .filter(|(name, _)| name.eq_ignore_ascii_case("charset"))
    });
    let is_utf8 =
        charset.is_none_or(|(_, charset)| charset.trim_matches('"').eq_ignore_ascii_case("utf-8"));
    if is_expected && is_utf8 {
        return Ok(());
    }
    let message = format!("expected Content-Type: {expected} in UTF-8");
    let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
    Err(No::http(status, Code::Invalid, message))
}

/// Who asks, and what for; he is charged for being let in.
pub(super) async fn caller(
    door: &Door,
    peer: Option<IpAddr>,
    headers: &HeaderMap,
    trace: &str,
) -> Result<Caller, No> {
    let Ok(authorization) = authorization(headers) else {
        door.audit_token(NO_TEXT, trace).await;
        return Err(No::unauthenticated());
    };
    let session = session(door, authorization, trace).await?;
    let address = door.rates.address(peer, headers);
    let rate = door.rates.key(&session.viewer, address);
    door.rates.charge(&rate, rate::DOOR)?;
    Ok(Caller {
        session,
        rate,
        purpose: purpose(headers),
        reference: reference(headers),
        trace: trace.to_owned(),
    })
}

/// Who asks; without a token the public does.
pub(super) async fn viewer(
    door: &Door,
    peer: Option<IpAddr>,
    headers: &HeaderMap,
    trace: &str,
) -> Result<Viewer, No> {
    let caller = caller(door, peer, headers, trace).await?;
    Ok(caller.session.viewer)
}

/// What is no one text that may say who asks.
pub(super) struct NoText;

/// What stands in the one header that may say who asks.
pub(super) fn authorization(headers: &HeaderMap) -> Result<Option<&str>, NoText> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| NoText),
        (Some(_), Some(_)) => Err(NoText),
    }
}

/// Who presents this, if he is believed.
pub(super) async fn session(
    door: &Door,
    authorization: Option<&str>,
    trace: &str,
) -> Result<Session, No> {
    let session = door.app.auth.session(authorization).await;
    let session = match session {
        Ok(session) => session,
        Err(reason) => {
            tracing::info!(reason = %reason, trace.id = trace, "token refused");
            door.audit_token(&reason.to_string(), trace).await;
            return Err(No::unauthenticated());
        }
    };
    let tree = &door.app.catalogue.divisions;
    let mut divisions = session.viewer.divisions.iter();
    if let Some(code) = divisions.find(|code| tree.get(**code).is_none()) {
        tracing::info!(division = %code, trace.id = trace, "token refused: unknown division");
        door.audit_token("unknown-division", trace).await;
        return Err(No::unauthenticated());
    }
    telemetry::note_role(session.viewer.role);
    Ok(session)
}

/// The purpose that is stated.
pub(super) fn purpose(headers: &HeaderMap) -> Option<String> {
    stated(headers, &PURPOSE)
}

/// The case or document that is stated as the occasion.
pub(super) fn reference(headers: &HeaderMap) -> Option<String> {
    stated(headers, &REFERENCE)
}

/// What a header states: of several nothing, since only one can be answered for. Browsers can't send Chinese but
/// percent-encoded.
fn stated(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let mut all = headers.get_all(name).iter();
    let one = all.next().filter(|_| all.next().is_none())?;
    let text = percent_decode(one.as_bytes()).decode_utf8_lossy();
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// The body of a question, if it comes in time and within its bound.
pub(super) async fn read_body(body: Body) -> Result<Bytes, No> {
    read_bytes(body, BODY_BYTES_MAX).await
}

/// A body of at most so many bytes, if it comes in time.
pub(super) async fn read_bytes(body: Body, bytes_max: usize) -> Result<Bytes, No> {
    match tokio::time::timeout(BODY_DEADLINE, to_bytes(body, bytes_max)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(_)) => {
            let message = format!("the body has more than {bytes_max} bytes");
            Err(No::http(
                StatusCode::PAYLOAD_TOO_LARGE,
                Code::Limited,
                message,
            ))
        }
        Err(_) => {
            let message = "the body did not come in time";
            Err(No::http(
                StatusCode::REQUEST_TIMEOUT,
                Code::Invalid,
                message,
            ))
        }
    }
}

/// The newest version, or the first that is at least the one in `X-Min-Version`.
pub(super) async fn wanted_version(door: &Door, headers: &HeaderMap) -> Result<Arc<Graph>, No> {
    let Some(wanted) = headers.get(&MIN_VERSION) else {
        return Ok(door.app.live.now());
    };
    let wanted = wanted
        .to_str()
        .ok()
        .and_then(|text| text.parse::<i64>().ok())
        .ok_or_else(|| No::invalid("X-Min-Version is no version"))?;
    door.app.live.wake();
    let reached = door.app.live.at_least(wanted, VERSION_PATIENCE).await;
    reached.map_err(|error| {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        No::http(status, Code::Unavailable, error.to_string())
    })
}
