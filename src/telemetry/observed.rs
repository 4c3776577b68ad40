//! One request or operation under way: what is noted of it for its line in the log and for the metrics.

use std::{
    future::Future,
    net::IpAddr,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::http::StatusCode;
use tokio::time::Instant;
use tracing::{Instrument, Span};

use super::{TraceId, meters::METERS};

/// Nothing was noted; no operation costs that much.
const NO_COST: u64 = u64::MAX;

tokio::task_local! {
    static CURRENT: Arc<Observed>;
}

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Graphql,
    /// One operation over a WebSocket.
    Operation,
    Reconcile,
    Schema,
    Console,
    /// What is not there.
    Other,
}

/// A request or operation under way. Where nobody finishes it, its client went away.
#[derive(Debug)]
pub struct Observed {
    kind: Kind,
    /// None of an operation over a socket.
    method: Option<&'static str>,
    /// The route as it is written in the code: addresses may hold whatever clients put into them.
    route: Option<String>,
    peer: Option<IpAddr>,
    /// Whether a line is written of it.
    is_logged: bool,
    pub(super) trace: TraceId,
    span: OnceLock<Span>,
    began: Instant,
    role: OnceLock<&'static str>,
    code: OnceLock<&'static str>,
    document: OnceLock<[u8; 32]>,
    cost: AtomicU64,
    is_finished: OnceLock<()>,
}

impl Kind {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Kind::Graphql => "graphql",
            Kind::Operation => "operation",
            Kind::Reconcile => "reconcile",
            Kind::Schema => "schema",
            Kind::Console => "console",
            Kind::Other => "other",
        }
    }
}

/// Reads or notes something of the request under way; nothing where none is.
pub(super) fn current<T>(what: impl FnOnce(&Observed) -> T) -> Option<T> {
    CURRENT.try_with(|observed| what(observed)).ok()
}

/// The same future as a part of the request under way, also where it runs in a task of its own.
pub fn as_part<T>(future: impl Future<Output = T>) -> impl Future<Output = T> {
    let observed = CURRENT.try_with(Arc::clone).ok();
    async move {
        match observed {
            Some(observed) => observed.run(future).await,
            None => future.await,
        }
    }
}

impl Observed {
    /// Begins now.
    pub fn begin(kind: Kind, trace: TraceId) -> Self {
        Self {
            kind,
            method: None,
            route: None,
            peer: None,
            is_logged: true,
            trace,
            span: OnceLock::new(),
            began: Instant::now(),
            role: OnceLock::new(),
            code: OnceLock::new(),
            document: OnceLock::new(),
            cost: AtomicU64::new(NO_COST),
            is_finished: OnceLock::new(),
        }
    }

    /// The same, of a request to this route.
    pub(super) fn to(mut self, method: &'static str, route: Option<&str>) -> Self {
        self.method = Some(method);
        self.route = route.map(str::to_owned);
        self
    }

    /// The same, from there.
    pub(super) fn from(mut self, peer: Option<IpAddr>) -> Self {
        self.peer = peer;
        self
    }

    /// The same, with a line in the log or without.
    pub(super) fn logged(mut self, is_logged: bool) -> Self {
        self.is_logged = is_logged;
        self
    }

    /// Runs what is observed: within it, `telemetry` notes things of it, and log lines bear its name.
    pub async fn run<T>(self: &Arc<Self>, future: impl Future<Output = T>) -> T {
        let span = CURRENT.sync_scope(Arc::clone(self), || self.span());
        CURRENT
            .scope(Arc::clone(self), future.instrument(span))
            .await
    }

    /// The same of what waits for nothing.
    pub fn run_now<T>(self: &Arc<Self>, what: impl FnOnce() -> T) -> T {
        CURRENT.sync_scope(Arc::clone(self), || self.span().in_scope(what))
    }

    fn span(&self) -> Span {
        let make = || {
            let span = tracing::info_span!(target: "zhengxin::request", "request", kind = self.kind.as_str(), trace.id = %self.trace);
            #[cfg(feature = "otel")]
            super::otel::follow(&span, self.trace);
            span
        };
        self.span.get_or_init(make).clone()
    }

    pub(super) fn note_role(&self, role: &'static str) {
        let _ = self.role.set(role);
    }

    pub(super) fn note_code(&self, code: &'static str) {
        let _ = self.code.set(code);
    }

    pub(super) fn note_cost(&self, cost: u64) {
        self.cost.store(cost, Ordering::Relaxed);
    }

    pub(super) fn note_document(&self, digest: [u8; 32]) {
        let _ = self.document.set(digest);
    }

    /// It was answered, with so many bytes.
    pub fn finish(&self, status: StatusCode, bytes: u64) {
        if self.is_finished.set(()).is_err() {
            return;
        }
        let took = self.began.elapsed();
        METERS.request(self.kind, self.outcome(status), took);
        if self.is_logged {
            self.tell(status.as_u16(), bytes);
        }
    }

    /// How it ended, in a word of a closed list.
    fn outcome(&self, status: StatusCode) -> &'static str {
        if let Some(code) = self.code.get() {
            return code;
        }
        match status.as_u16() {
            500.. => "FAILED",
            400.. => "REFUSED",
            _ => "OK",
        }
    }

    fn tell(&self, status: u16, bytes: u64) {
        let ms = (self.began.elapsed().as_secs_f64() * 1e6).round() / 1e3;
        let cost = Some(self.cost.load(Ordering::Relaxed)).filter(|cost| *cost != NO_COST);
        let _entered = self.span().entered();
        tracing::info!(
            target: "zhengxin::access",
            method = self.method,
            route = self.route.as_deref(),
            status,
            ms,
            bytes,
            role = self.role.get(),
            cost,
            document = self.document.get().map(|digest| crate::hex(digest)),
            code = self.code.get(),
            peer = self.peer.map(tracing::field::display),
            "answered"
        );
    }
}

impl Drop for Observed {
    fn drop(&mut self) {
        if self.is_finished.get().is_some() {
            return;
        }
        METERS.request(self.kind, "GONE", self.began.elapsed());
        if self.is_logged {
            self.tell(499, 0);
        }
    }
}
