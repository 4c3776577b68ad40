//! Sending what waits in the outbox, round after round.

use std::time::Duration;

use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::outbound::Outbound;

use super::GRACE;

/// Between the end of one round and the beginning of the next.
const BETWEEN_ROUNDS: Duration = Duration::from_secs(15);

/// Sends until it is stopped; a round that is under way then may go on for a while, and what it did
/// not note is asked for by the next one.
pub async fn send(outbound: Outbound, stopping: CancellationToken) {
    while !stopping.is_cancelled() {
        let mut round = std::pin::pin!(outbound.round());
        let report = tokio::select! {
            report = &mut round => report,
            () = stopping.cancelled() => match timeout(GRACE, round).await {
                Ok(report) => report,
                Err(_) => return,
            },
        };
        match report {
            Ok(report) if report.is_quiet() => {}
            Ok(report) => tracing::info!(?report, "a round over the outbox"),
            Err(error) => tracing::warn!(%error, "the outbox could not be sent"),
        }
        tokio::select! {
            () = sleep(BETWEEN_ROUNDS) => {}
            () = stopping.cancelled() => {}
        }
    }
}
