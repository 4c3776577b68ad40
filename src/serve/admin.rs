//! The listener for those who run the hub: metrics and health, on a thread of its own, so that it
//! answers while all other threads are busy.

use std::{io, net::SocketAddr, sync::Arc, thread};

use axum::{
    Router,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
    routing::get,
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{app::App, config::Server, store::Store, telemetry};

use super::{Limits, Stop, alive, ready_answer, serve};

/// Connections of those who run the hub.
const CONNECTIONS_MAX: usize = 64;
/// The media type of what is told.
const METRICS: HeaderValue =
    HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");

/// The listener; it ends when this is dropped.
#[derive(Debug)]
pub struct Admin {
    /// Where it listens.
    pub address: SocketAddr,
    stop: CancellationToken,
}

impl Admin {
    /// Binds, and serves from then on.
    pub fn start(app: App, address: SocketAddr) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        thread::Builder::new()
            .name("admin".to_owned())
            .spawn(move || runtime.block_on(run(app, listener, stopped)))?;
        Ok(Self { address, stop })
    }
}

impl Drop for Admin {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

async fn run(app: App, listener: std::net::TcpListener, stop: CancellationToken) {
    let listener = match TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => return tracing::error!(%error, "no metrics are served"),
    };
    let limits = Limits {
        connections: CONNECTIONS_MAX,
        connections_of_address: CONNECTIONS_MAX,
        ..Limits::of(&Server::default(), CONNECTIONS_MAX)
    };
    let state = Arc::new(Overseen {
        app,
        store: tokio::sync::OnceCell::new(),
    });
    let router = Router::new()
        .route("/metrics", get(metrics))
        .route("/healthz", get(alive))
        .route("/readyz", get(ready))
        .with_state(state);
    let tokens = (CancellationToken::new(), CancellationToken::new());
    let stopped = async move {
        stop.cancelled().await;
        Stop::Now
    };
    serve(listener, router, limits, tokens, stopped).await;
}

/// The hub that is looked at, over a connection to the database that no request waits for.
struct Overseen {
    app: App,
    store: tokio::sync::OnceCell<Store>,
}

impl Overseen {
    /// The connection: made when it is first needed, for the database may be away just then.
    async fn store(&self) -> Option<&Store> {
        let open = async || Store::open_beside(&self.app.config.database_url()).await;
        self.store.get_or_try_init(open).await.ok()
    }
}

async fn ready(State(hub): State<Arc<Overseen>>) -> Response {
    let store = hub.store().await;
    ready_answer(&hub.app, store.unwrap_or(&hub.app.store)).await
}

async fn metrics(State(hub): State<Arc<Overseen>>) -> Response {
    let text = telemetry::metrics(&hub.app, hub.store().await).await;
    ([(header::CONTENT_TYPE, METRICS)], text).into_response()
}
