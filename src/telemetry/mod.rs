//! What the hub tells of itself: metrics, its log, traces. None of it holds personal data, tokens,
//! subjects, texts or values of queries: labels come from closed lists, and of an address only the
//! route that it was for.

mod access;
mod answers;
mod lines;
mod log;
mod meters;
mod observed;
#[cfg(feature = "otel")]
mod otel;
mod process;
mod sampled;
mod trace;

use std::time::Duration;

use domain::viewer::Role;

use crate::{app::App, store::Store};

pub use access::{Access, observe};
pub use answers::{AnswerCounts, AnswersCounted};
pub use log::{Error, Guard, start};
pub use meters::Open;
pub use observed::{Kind, Observed, as_part};
pub use trace::{TraceId, traced};

use meters::METERS;

/// The name of the request that is under way, in its log lines and in its answer; a new one where
/// none is.
pub fn trace_id() -> String {
    observed::current(|observed| observed.trace.to_string())
        .unwrap_or_else(|| TraceId::made().to_string())
}

/// Notes as whom the request under way is answered.
pub fn note_role(role: Role) {
    observed::current(|observed| observed.note_role(role.as_str()));
}

/// Notes what the operation under way comes to.
pub fn note_cost(cost: u64) {
    METERS.note_cost(cost);
    observed::current(|observed| observed.note_cost(cost));
}

/// Notes which trusted document the operation under way is, by its SHA-256.
pub fn note_document(digest: [u8; 32]) {
    observed::current(|observed| observed.note_document(digest));
}

/// Notes with which code of the contract the operation under way is refused, or fails in part.
pub fn note_code(code: &'static str) {
    observed::current(|observed| observed.note_code(code));
}

/// Counts a refusal by a rule of ours: the reason is one of a closed list in the code.
pub fn refused(reason: &'static str) {
    METERS.refused(reason);
}

/// Counts what became of a look into the answer cache, such as `hit`, `miss` or `joined`.
pub fn cache(result: &'static str) {
    METERS.cache(result);
}

/// A WebSocket is open until what this gives is dropped.
pub fn open_socket() -> Open {
    METERS.open_socket()
}

/// A WebSocket or an event stream is open until what this gives is dropped.
pub fn open_stream() -> Open {
    METERS.open_stream()
}

/// Counts a delivery of a source and how it ended.
pub fn delivery(source: &str, state: &str, took: Duration) {
    METERS.delivery(source, state, took);
}

/// Counts a try to tell a subscriber of warnings, and how it ended.
pub fn notice(way: &'static str, outcome: &'static str) {
    METERS.notice(way, outcome);
}

pub(crate) fn connection_opened() {
    METERS.connections.inc();
}

pub(crate) fn connection_closed() {
    METERS.connections.dec();
}

/// Counts a connection that was not taken in.
pub(crate) fn connection_refused() {
    METERS.connections_refused.inc();
}

/// Counts a connection that asked nothing and gave its place to another.
pub(crate) fn connection_given_up() {
    METERS.connections_given_up.inc();
}

/// All metrics in the OpenMetrics text format: what was counted, and how hub, sources and process
/// stand now.
pub async fn metrics(app: &App, store: Option<&Store>) -> String {
    let mut text = METERS.text();
    text.push_str(&sampled::lines(app, store).await);
    text.push_str("# EOF\n");
    text
}
