//! Keeping up with whose tokens are believed: keys that are published elsewhere, and revocations.

use std::time::Duration;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::app::{App, revoke};

/// Between two looks at which keys are due.
const BETWEEN_KEYS: Duration = Duration::from_secs(15);

/// Keeps up until it is stopped. A database that does not answer changes nothing: what was revoked
/// stays so, and tokens end by themselves.
pub async fn keep_trust(app: App, stopping: CancellationToken) {
    let poll = Duration::from_secs(app.config.auth.revocation_poll_s);
    let keys = async {
        loop {
            app.auth.keep_keys_fresh().await;
            sleep(BETWEEN_KEYS).await;
        }
    };
    let revocations = async {
        loop {
            sleep(poll).await;
            if let Err(error) = revoke(&app.auth, &app.store, &app.clock).await {
                tracing::warn!(%error, "revocations can't be read");
            }
        }
    };
    tokio::select! {
        () = keys => {}
        () = revocations => {}
        () = stopping.cancelled() => {}
    }
}
