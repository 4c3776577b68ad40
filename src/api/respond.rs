//! Answers over HTTP: statuses and headers.

use axum::{
    body::Body,
    http::{HeaderValue, Response, StatusCode, header},
};
use bytes::Bytes;

use crate::config::StatusProfile;

use super::{
    accept::Media,
    answer::Answer,
    refusal::{self, No},
};

/// What every answer says of itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen<'a> {
    /// The version of the graph.
    pub(super) version: i64,
    /// Which statuses it has.
    pub(super) profile: StatusProfile,
    /// The request's name in the log.
    pub(super) trace: &'a str,
}

/// A refusal before anything was executed.
pub(super) fn refusal(no: &No, media: Media, seen: Seen<'_>) -> Response<Body> {
    let refused = Answer::refusal(no, seen.version, seen.trace);
    answer(media, refused, seen.profile)
}

/// The answer to an executed or refused document.
pub(super) fn answer(media: Media, answer: Answer, profile: StatusProfile) -> Response<Body> {
    let status = match answer.refused {
        Some(stage) => stage.status(media, profile),
        None => refusal::executed(answer.has_errors, media, profile),
    };
    // By the official edition only what is well is plain JSON.
    let media = match profile {
        StatusProfile::September2026 if !status.is_success() => Media::GraphqlResponse,
        _ => media,
    };
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
