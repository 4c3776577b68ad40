//! GraphQL over server-sent events, a connection an operation: `next` for each result, `complete` at the
//! end, and a comment now and then so that nothing between takes it for dead.

use std::{convert::Infallible, time::Duration};

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, Response, header},
};
use bytes::Bytes;
use futures_util::stream;
use tokio::time::{Instant, sleep_until};

use super::{
    answer::Answer,
    graphql::Code,
    lease::Lease,
    refusal::{No, Stage},
    respond::Seen,
    stream::{Piece, Running},
};

static BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// The end has data, though empty, for browsers swallow events without any.
const COMPLETE: &str = "event: complete\ndata:\n\n";

/// What is still to be sent.
enum Left {
    Running(Running, Lease),
    /// Nothing but the end.
    End,
    Nothing,
}

/// An operation's results as a stream of events.
pub(super) fn events(
    running: Running,
    lease: Lease,
    ping: Duration,
    failed: Answer,
) -> Response<Body> {
    let start = (Left::Running(running, lease), failed);
    let events = stream::unfold(start, move |(left, failed)| async move {
        let (mut running, lease) = match left {
            Left::Running(running, lease) => (running, lease),
            Left::End => return Some((text(COMPLETE), (Left::Nothing, failed))),
            Left::Nothing => return None,
        };
        let piece = tokio::select! {
            piece = running.pieces.recv() => piece,
            () = sleep_until(Instant::now() + ping) => {
                return Some((text(":\n\n"), (Left::Running(running, lease), failed)));
            }
        };
        Some(match piece {
            Some(Piece::Next(event, _room)) => {
                let event = next(&event.answer, event.cursor.as_deref());
                (Ok(event), (Left::Running(running, lease), failed))
            }
            Some(Piece::Failed(answer)) => (Ok(next(&answer, None)), (Left::End, failed)),
            Some(Piece::End) => (text(COMPLETE), (Left::Nothing, failed)),
            // Its task is gone without a word.
            None => (Ok(next(&failed, None)), (Left::End, failed)),
        })
    });
    respond(Body::from_stream(events))
}

/// A refusal once the stream was accepted.
pub(super) fn refused(no: &No, seen: Seen<'_>) -> Response<Body> {
    let answer = Answer::refusal(no, seen.version, seen.trace);
    let mut body = next(&answer, None).to_vec();
    body.extend_from_slice(COMPLETE.as_bytes());
    respond(Body::from(body))
}

/// What is told where an operation's task fails.
pub(super) fn fault(seen: Seen<'_>) -> Answer {
    let message = "internal error / 内部错误";
    let no = No::new(Stage::Document, Code::Internal, message);
    Answer::refusal(&no, seen.version, seen.trace)
}

fn text(text: &'static str) -> Result<Bytes, Infallible> {
    Ok(Bytes::from_static(text.as_bytes()))
}

/// JSON as we write it has no line breaks.
fn next(answer: &Answer, cursor: Option<&str>) -> Bytes {
    let mut event = Vec::with_capacity(answer.body.len() + 64);
    event.extend_from_slice(b"event: next\n");
    if let Some(cursor) = cursor {
        event.extend_from_slice(format!("id: {cursor}\n").as_bytes());
    }
    event.extend_from_slice(b"data: ");
    event.extend_from_slice(&answer.body);
    event.extend_from_slice(b"\n\n");
    event.into()
}

fn respond(body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/event-stream; charset=utf-8"),
        (header::VARY, "accept"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (BUFFERING.clone(), "no"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
