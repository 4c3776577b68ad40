//! One connection, from its first byte to its end.

use std::{
    convert::Infallible,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::ConnectInfo,
    http::{HeaderValue, Request, Response, StatusCode, header},
};
use hyper::{
    body::{Body as HttpBody, Frame, Incoming, SizeHint},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{net::TcpStream, time::Instant};
use tower::ServiceExt;

use super::{
    Served,
    pulse::{Pulse, State},
    seats::Seat,
    stream::Stream,
};

/// Bytes of a request's head: one that is twice as long or more is surely refused, for what comes
/// with one reading is looked at as a whole.
const HEAD_BYTES_MAX: usize = 64 * 1_024;
/// Headers of a request.
const HEADERS_MAX: usize = 64;

/// Serves one connection until it ends, is given up or has nothing to say when the hub stops.
pub(super) async fn serve(served: Arc<Served>, stream: TcpStream, peer: SocketAddr, seat: Seat) {
    // Small answers must not wait for each other.
    let _ = stream.set_nodelay(true);
    let pulse = Arc::clone(&seat.pulse);
    let service = service_fn(|request: Request<Incoming>| {
        let (served, pulse) = (Arc::clone(&served), Arc::clone(&pulse));
        answer(served, pulse, peer, request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        // Deadlines are kept here: the library's own would also end idle connections.
        .header_read_timeout(None)
        .max_buf_size(HEAD_BYTES_MAX)
        .max_headers(HEADERS_MAX)
        .serve_connection(TokioIo::new(Stream::new(stream, seat)), service)
        .with_upgrades();
    let mut connection = pin!(connection);
    let mut deadline = pin!(tokio::time::sleep(served.limits.header));
    let mut is_told = false;
    loop {
        tokio::select! {
            // What went wrong on a wire is nobody's fault here, and may hold what was sent.
            _ = connection.as_mut() => return,
            () = pulse.given_up.cancelled() => return,
            () = deadline.as_mut() => match due(&served, &pulse) {
                Some(next) => deadline.as_mut().reset(next),
                None => return,
            },
            () = served.stopping.cancelled(), if !is_told => {
                is_told = true;
                // Of a request that has begun to come the answer will say that it is the last.
                if pulse.state() != State::Heading {
                    connection.as_mut().graceful_shutdown();
                }
            }
        }
    }
}

/// When to look again whether it waited too long; none if it did.
fn due(served: &Served, pulse: &Pulse) -> Option<Instant> {
    let (state, since) = pulse.now();
    let due = match state {
        State::Heading => since + served.limits.header,
        State::Idle => since + served.limits.idle,
        // Whatever it does, it can't be too late sooner than that; bodies have their own deadline.
        State::Busy | State::Sending => Instant::now() + served.limits.header,
    };
    (due > Instant::now()).then_some(due)
}

async fn answer(
    served: Arc<Served>,
    pulse: Arc<Pulse>,
    peer: SocketAddr,
    request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    pulse.is(State::Sending);
    let mut request = request.map(|body| {
        let pulse = Arc::clone(&pulse);
        Body::new(Coming { body, pulse })
    });
    request.extensions_mut().insert(ConnectInfo(peer));
    let Ok(mut response) = Router::clone(&served.router).oneshot(request).await;
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        return Ok(response);
    }
    if served.leaving.is_cancelled() {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
    }
    Ok(response.map(|body| Body::new(Tail { body, pulse })))
}

/// The body of a request: until it has come, its connection may be given up for another's.
struct Coming {
    body: Incoming,
    pulse: Arc<Pulse>,
}

impl HttpBody for Coming {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        if matches!(frame, Poll::Ready(None)) || self.body.is_end_stream() {
            self.pulse.sent();
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

impl Drop for Coming {
    fn drop(&mut self) {
        self.pulse.sent();
    }
}

/// The body of an answer: when it has ended, so has the request.
struct Tail {
    body: Body,
    pulse: Arc<Pulse>,
}

impl HttpBody for Tail {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Tail {
    fn drop(&mut self) {
        self.pulse.is(State::Idle);
    }
}
