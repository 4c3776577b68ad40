//! Answers as bytes: statuses, media types, and errors that tell nothing of the inside.

use async_graphql::{ServerError, Value};
use axum::{
    body::Body,
    http::{HeaderValue, Response, StatusCode, header},
};
use serde_json::{Map, Value as Json, json};

use super::{accept::Media, graphql::Code};

/// Bytes of an answer.
const ANSWER_BYTES_MAX: usize = 10 * 1_024 * 1_024;
/// Errors that one answer tells.
const ERRORS_MAX: usize = 5;

/// What every answer says of itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen<'a> {
    /// The version of the graph.
    pub(super) version: i64,
    /// The request's name in the log.
    pub(super) trace: &'a str,
}

/// A refusal before anything was executed: a well-formed GraphQL answer without `data`.
pub(super) fn refusal(
    status: StatusCode,
    media: Media,
    code: Code,
    message: &str,
    seen: Seen<'_>,
) -> Response<Body> {
    let error = json!({ "message": message, "extensions": { "code": code.as_str(), "traceId": seen.trace } });
    bytes(
        status,
        media,
        json!({ "errors": [error], "extensions": { "version": seen.version } })
            .to_string()
            .into_bytes(),
    )
}

/// The status of a refusal of the document itself: clients of plain JSON expect 200.
pub(super) fn document_status(media: Media) -> StatusCode {
    match media {
        Media::Json => StatusCode::OK,
        Media::GraphqlResponse => StatusCode::BAD_REQUEST,
    }
}

/// The answer to an executed or refused document.
pub(super) fn answer(
    media: Media,
    answer: async_graphql::Response,
    seen: Seen<'_>,
) -> Response<Body> {
    let Seen { version, trace } = seen;
    // What the library itself finds wrong, before or while it executes, is the document or a value
    // in it: then nothing counts as executed. Our resolvers' errors carry a code.
    let was_executed = answer.errors.iter().all(|error| code_of(error).is_some());
    let errors: Vec<Json> = answer
        .errors
        .iter()
        .take(ERRORS_MAX)
        .map(|error| error_json(error, trace))
        .collect();
    let mut body = Vec::with_capacity(1_024);
    body.push(b'{');
    let status = if was_executed {
        body.extend_from_slice(b"\"data\":");
        serde_json::to_writer(&mut body, &answer.data).expect("an answer always serialises");
        StatusCode::OK
    } else {
        document_status(media)
    };
    if !errors.is_empty() {
        body.extend_from_slice(if was_executed {
            b",\"errors\":"
        } else {
            b"\"errors\":"
        });
        serde_json::to_writer(&mut body, &errors).expect("errors always serialise");
    }
    body.extend_from_slice(format!(",\"extensions\":{{\"version\":{version}}}}}").as_bytes());
    if body.len() > ANSWER_BYTES_MAX {
        let message =
            format!("the answer has more than {ANSWER_BYTES_MAX} bytes: ask for smaller pages");
        return refusal(document_status(media), media, Code::Limited, &message, seen);
    }
    bytes(status, media, body)
}

fn code_of(error: &ServerError) -> Option<&str> {
    match error.extensions.as_ref()?.get("code")? {
        Value::String(code) => Some(code),
        _ => None,
    }
}

fn error_json(error: &ServerError, trace: &str) -> Json {
    let (code, message) = match code_of(error) {
        Some(code) => (code, error.message.as_str()),
        // The library's texts repeat what was asked; the place is enough.
        None if error.path.is_empty() => (
            Code::Invalid.as_str(),
            "the query does not fit the schema here / 查询与模式不符",
        ),
        None => (
            Code::Invalid.as_str(),
            "a value does not fit its type here / 取值与类型不符",
        ),
    };
    let mut object = Map::new();
    object.insert("message".to_owned(), Json::String(message.to_owned()));
    if !error.locations.is_empty() {
        object.insert("locations".to_owned(), json!(error.locations));
    }
    if !error.path.is_empty() {
        object.insert("path".to_owned(), json!(error.path));
    }
    object.insert(
        "extensions".to_owned(),
        json!({ "code": code, "traceId": trace }),
    );
    Json::Object(object)
}

pub(super) fn bytes(status: StatusCode, media: Media, body: Vec<u8>) -> Response<Body> {
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
