//! The audit log is put together and stated, again and again.

use std::time::Duration;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::audit::Audit;

/// Between two looks at what became durable.
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);

/// Puts entries into the log and signs checkpoints, until it is stopped; what is durable by then goes in.
pub async fn keep_audit_log(audit: Audit, stopping: CancellationToken) {
    loop {
        let is_last = stopping.is_cancelled();
        if let Err(error) = audit.integrate().await {
            tracing::error!(%error, "audit entries can't be put into the log");
        }
        if let Err(error) = audit.checkpoint(is_last).await {
            tracing::error!(%error, "no checkpoint of the audit log is signed");
        }
        if is_last {
            return;
        }
        tokio::select! {
            () = sleep(BETWEEN_LOOKS) => {}
            () = stopping.cancelled() => {}
        }
    }
}
