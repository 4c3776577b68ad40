//! Answers over HTTP: statuses and headers.

use axum::{
    body::Body,
    http::{HeaderValue, Response, StatusCode, header},
};
use bytes::Bytes;

use super::{accept::Media, answer::Answer, refusal::No};

/// What every answer says of itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen<'a> {
    /// The version of the graph.
    pub(super) version: i64,
    /// The request's name in the log.
    pub(super) trace: &'a str,
}

/// A refusal before anything was executed.
pub(super) fn refusal(no: &No, media: Media, seen: Seen<'_>) -> Response<Body> {
    let answer = Answer::refusal(no, seen.version, seen.trace);
    bytes(no.status(media), media, answer.body)
}

/// The answer to an executed or refused document.
pub(super) fn answer(media: Media, answer: Answer) -> Response<Body> {
    let status = answer
        .refused
        .map_or(StatusCode::OK, |stage| stage.status(media));
    bytes(status, media, answer.body)
}

pub(super) fn bytes(status: StatusCode, media: Media, body: Bytes) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(media.content_type()),
    );
    headers.insert(header::VARY, HeaderValue::from_static("accept"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    response
}
