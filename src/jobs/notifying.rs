//! Telling subscribers of warnings, round after round.

use std::time::Duration;

use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::notify::Notify;

use super::GRACE;

/// Between the end of one round and the beginning of the next.
const BETWEEN_ROUNDS: Duration = Duration::from_secs(5);

/// Tells until it is stopped; a round that is under way then may go on for a while, and what it did
/// not note is sent again, under the same id, when its claim has run out.
pub async fn notify(notify: Notify, stopping: CancellationToken) {
    while !stopping.is_cancelled() {
        let mut round = std::pin::pin!(notify.round());
        let report = tokio::select! {
            report = &mut round => report,
            () = stopping.cancelled() => match timeout(GRACE, round).await {
                Ok(report) => report,
                Err(_) => return,
            },
        };
        match report {
            Ok(report) if report.is_quiet() => {}
            Ok(report) => tracing::info!(?report, "a round over the notices"),
            Err(error) => tracing::warn!(%error, "subscribers could not be told"),
        }
        tokio::select! {
            () = sleep(BETWEEN_ROUNDS) => {}
            () = stopping.cancelled() => {}
        }
    }
}
