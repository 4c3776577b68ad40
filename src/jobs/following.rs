//! Following the register: rows that its changes concern are resolved anew, whoever brought those
//! in and whichever process does it.

use std::time::Duration;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::ingest::Ingest;

use super::in_grace;

/// How long a source that somebody else holds, or a database that is away, is left alone.
const RETRY: Duration = Duration::from_secs(5);

/// Follows until it is stopped: at the start, since the catalogue may be another one, and whenever
/// something was committed.
pub async fn follow_register(ingest: Ingest, stopping: CancellationToken) {
    let mut committed = ingest.live.committed();
    while !stopping.is_cancelled() {
        committed.mark_unchanged();
        // What is dropped is taken back by whoever holds the source next.
        let Some(followed) = in_grace(ingest.follow_register(), &stopping).await else {
            return;
        };
        let is_done = match followed {
            Ok(followed) => followed.busy == 0,
            Err(error) => {
                tracing::warn!(%error, "the register can't be followed");
                false
            }
        };
        tokio::select! {
            changed = committed.changed(), if is_done => {
                if changed.is_err() {
                    return;
                }
            }
            () = sleep(RETRY), if !is_done => {}
            () = stopping.cancelled() => {}
        }
    }
}
