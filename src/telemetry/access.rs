//! Observes each request over HTTP, around all routes.

use std::{
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::{ConnectInfo, MatchedPath, Request, State},
    http::{Method, Response, StatusCode},
    middleware::Next,
};
use hyper::body::{Frame, SizeHint};

use crate::config::Telemetry;

use super::{Kind, Observed, TraceId};

/// What is told of requests.
#[derive(Debug, Clone, Copy)]
pub struct Access {
    is_logged: bool,
    tells_address: bool,
}

impl Access {
    /// As configured.
    pub fn of(config: &Telemetry) -> Self {
        Self {
            is_logged: config.access_log,
            tells_address: config.log_addresses,
        }
    }

    /// One operation over a socket begins: it gets a line of its own, as a request does.
    pub fn operation(self) -> Arc<Observed> {
        let observed = Observed::begin(Kind::Operation, TraceId::made());
        Arc::new(observed.logged(self.is_logged))
    }
}

/// A layer around the routes: gives the request its name and writes its line when it has ended.
pub async fn observe(State(access): State<Access>, request: Request, next: Next) -> Response<Body> {
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map(MatchedPath::as_str);
    if matches!(route, Some("/healthz" | "/readyz")) {
        return next.run(request).await;
    }
    let trace = TraceId::of(request.headers()).unwrap_or_else(TraceId::made);
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map(|ConnectInfo(peer)| peer.ip());
    let observed = Observed::begin(kind(route), trace)
        .to(name(request.method()), route)
        .from(peer.filter(|_| access.tells_address))
        .logged(access.is_logged);
    let observed = Arc::new(observed);
    let response = observed.run(next.run(request)).await;
    let status = response.status();
    match response.body().size_hint().exact() {
        Some(bytes) => {
            observed.finish(status, bytes);
            response
        }
        None => response.map(|body| {
            Body::new(Counted {
                body,
                bytes: 0,
                status,
                observed,
            })
        }),
    }
}

fn kind(route: Option<&str>) -> Kind {
    match route {
        Some("/graphql") => Kind::Graphql,
        Some("/schema.graphql") => Kind::Schema,
        Some(route) if route.starts_with("/reconcile") => Kind::Reconcile,
        Some(route) if route.starts_with("/console") => Kind::Console,
        _ => Kind::Other,
    }
}

/// Methods are whatever clients make up; only those that are known are told.
fn name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// A body of unknown length, such as a stream of events: its request ends with it.
struct Counted {
    body: Body,
    bytes: u64,
    status: StatusCode,
    observed: Arc<Observed>,
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        if let Poll::Ready(Some(Ok(frame))) = &frame
            && let Some(data) = frame.data_ref()
        {
            self.bytes = self.bytes.saturating_add(data.len() as u64);
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.observed.finish(self.status, self.bytes);
    }
}
