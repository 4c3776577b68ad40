//! Serving: the listener with its limits, and an end without a failed request.
//!
//! A server that is told to stop first says that it is not ready and goes on for a moment, so that
//! balancers send nobody any more; each answer is the last of its connection. Then it takes nobody in
//! any more, subscriptions are ended (`App::stopping`), and what is under way is finished.

mod admin;
mod connection;
mod files;
mod health;
mod pulse;
mod seats;
mod stream;

use std::{future::Future, io, net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use tokio::{
    net::{TcpListener, TcpStream},
    time::{Instant, sleep, sleep_until, timeout_at},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::config;

pub use admin::Admin;
pub use files::raise_file_limit;
pub(crate) use health::{alive, ready_answer};

use seats::Seats;

/// How long nobody is taken in where the machine has no files or memory left for more.
const PAUSE: Duration = Duration::from_millis(50);

/// What a connection is held to.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Connections in all, …
    pub connections: usize,
    /// … and of one address.
    pub connections_of_address: usize,
    /// How long the head of a request may take to come.
    pub header: Duration,
    /// How long a connection may ask nothing between two requests.
    pub idle: Duration,
    /// How long it goes on once it has said that it is not ready.
    pub notice: Duration,
    /// All that ending may take, the notice included.
    pub drain: Duration,
}

/// How the end is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// With a notice before it, for balancers.
    WithNotice,
    /// By somebody who waits for it.
    Now,
}

/// What all connections share.
struct Served {
    router: Router,
    limits: Limits,
    leaving: CancellationToken,
    stopping: CancellationToken,
}

impl Limits {
    /// As configured, but for no more connections than this process may have files.
    pub fn of(server: &config::Server, files: usize) -> Self {
        let connections = server.connections_max.min(files::for_connections(files));
        Self {
            connections,
            connections_of_address: server.connections_per_address_max.min(connections),
            header: Duration::from_secs(server.header_seconds),
            idle: Duration::from_secs(server.idle_seconds),
            notice: Duration::from_secs(server.notice_seconds),
            drain: Duration::from_secs(server.drain_seconds),
        }
    }
}

/// Serves until `stop`, then ends as told above: cancels `leaving`, after the notice `stopping`, and
/// returns when all is answered or the time for it is over; the number of connections that were cut.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    (leaving, stopping): (CancellationToken, CancellationToken),
    stop: impl Future<Output = Stop>,
) -> usize {
    let seats = Seats::new(limits.connections, limits.connections_of_address);
    let served = Arc::new(Served {
        router,
        limits,
        leaving: leaving.clone(),
        stopping: stopping.clone(),
    });
    let tasks = TaskTracker::new();
    let cut = CancellationToken::new();
    let take_in = |(stream, peer): (TcpStream, SocketAddr)| {
        if let Some(seat) = seats.take(peer) {
            let served = connection::serve(Arc::clone(&served), stream, peer, seat);
            let cut = cut.clone();
            tasks.spawn(async move { cut.run_until_cancelled(served).await });
        }
    };
    let stop = async {
        let stop = stop.await;
        let end = Instant::now() + limits.drain;
        leaving.cancel();
        if stop == Stop::WithNotice {
            sleep_until(end.min(Instant::now() + limits.notice)).await;
        }
        end
    };
    let mut stop = std::pin::pin!(stop);
    let end = loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => take_in(accepted),
                Err(error) => recover(&error).await,
            },
            end = &mut stop => break end,
        }
    };
    // Whoever stands in the queue of the system has been told that he is connected.
    while let Some(Ok(accepted)) = now(listener.accept()).await {
        take_in(accepted);
    }
    drop(listener);
    stopping.cancel();
    tasks.close();
    let _ = timeout_at(end, seats.empty()).await;
    let left = seats.open();
    cut.cancel();
    tasks.wait().await;
    left
}

/// A peer that went away again is nothing; a machine that has no room for more is left alone a moment.
async fn recover(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    ) {
        tracing::warn!(%error, "no connection can be taken in");
        sleep(PAUSE).await;
    }
}

/// What is there already.
async fn now<T>(future: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        biased;
        value = future => Some(value),
        () = std::future::ready(()) => None,
    }
}
