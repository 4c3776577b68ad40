//! Writing down for subscribers what becomes of watched subjects, as the log moves on.

use std::time::Duration;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::check::Watching;

/// Between two looks, however quickly the log moves.
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);
/// A look without occasion: a list may be new.
const AT_LEAST_EVERY: Duration = Duration::from_secs(60);

/// Looks until it is stopped; what it had no time for is found by the next one.
pub async fn raise_watched(watching: Watching, stopping: CancellationToken) {
    let looking = async {
        let mut committed = watching.live.committed();
        loop {
            committed.borrow_and_update();
            match watching.raise().await {
                Ok(raised) if raised.events > 0 => {
                    tracing::info!(
                        events = raised.events,
                        "subscribers are to be told of watched subjects"
                    );
                }
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, "watched subjects can't be looked at"),
            }
            sleep(BETWEEN_LOOKS).await;
            tokio::select! {
                _ = committed.changed() => {}
                () = sleep(AT_LEAST_EVERY) => {}
            }
        }
    };
    tokio::select! {
        () = looking => {}
        () = stopping.cancelled() => {}
    }
}
