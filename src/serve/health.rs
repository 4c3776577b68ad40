//! Alive, and ready. How fresh the data is belongs to neither: the metrics tell it.

use std::time::Duration;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::{app::App, store::Store};

/// How long the database may take to answer whether it is there.
const PATIENCE: Duration = Duration::from_secs(2);

/// Alive: whoever reads this is.
pub(crate) async fn alive() -> Response {
    text(StatusCode::OK, "ok\n".to_owned())
}

/// Whether the hub is ready, asked over this connection to the database: the version that it serves,
/// or what is missing.
async fn readiness(app: &App, store: &Store) -> Result<i64, &'static str> {
    if app.leaving.is_cancelled() {
        return Err("stopping");
    }
    match tokio::time::timeout(PATIENCE, store.check_schema()).await {
        Ok(Ok(())) => Ok(app.live.now().seq()),
        Ok(Err(error)) => {
            tracing::warn!(%error, "not ready");
            Err("the database does not answer as it must")
        }
        Err(_) => Err("the database does not answer"),
    }
}

/// The same over HTTP. A hub listens only once its graph is loaded.
pub(crate) async fn ready_answer(app: &App, store: &Store) -> Response {
    match readiness(app, store).await {
        Ok(version) => text(StatusCode::OK, format!("ready {version}\n")),
        Err(reason) => text(StatusCode::SERVICE_UNAVAILABLE, format!("{reason}\n")),
    }
}

fn text(status: StatusCode, text: String) -> Response {
    let headers = [
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/plain; charset=utf-8"),
        ),
    ];
    (status, headers, text).into_response()
}
