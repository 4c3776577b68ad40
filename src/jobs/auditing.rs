//! The audit log is put together and stated, again and again.

use std::time::Duration;

use chrono::TimeDelta;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::{audit::Audit, store::Integrated};

/// An entry that is durable for so long and not in the log: whoever puts it together does not.
const LATE: TimeDelta = TimeDelta::seconds(10);
/// Looks between two at what is kept no longer: an hour's.
const LOOKS_BETWEEN_ERASURES: u64 = 7_200;
/// Entries that are put together at one look: while many come without end the log is stated all the same.
const ENTRIES_A_LOOK: usize = 2_000;
/// Between two looks at what became durable.
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);

/// Puts entries into the log and signs checkpoints, until it is stopped; what is durable by then goes in.
pub async fn keep_audit_log(audit: Audit, stopping: CancellationToken) {
    // Why nothing was signed at the last look: what lasts is told once.
    let mut unsigned = None;
    for look in 0_u64.. {
        if look % LOOKS_BETWEEN_ERASURES == 0
            && let Err(error) = audit.erase().await
        {
            tracing::error!(%error, "what audit entries commit to can't be erased");
        }
        let is_last = stopping.is_cancelled();
        let most = if is_last { usize::MAX } else { ENTRIES_A_LOOK };
        let done = audit.integrate_some(most).await.unwrap_or_else(|error| {
            tracing::error!(%error, "audit entries can't be put into the log");
            Integrated::default()
        });
        if let Ok(late) = audit.pending_since(LATE).await
            && late
        {
            tracing::error!("audit entries wait for more than 10 s to be put into the log");
        }
        let error = audit.checkpoint(is_last).await.err();
        let error = error.map(|error| error.to_string());
        if let Some(error) = error.as_deref().filter(|_| error != unsigned) {
            tracing::error!(error, "no checkpoint of the audit log is signed");
        }
        unsigned = error;
        if is_last {
            return;
        }
        if done.is_more {
            continue;
        }
        tokio::select! {
            () = sleep(BETWEEN_LOOKS) => {}
            () = stopping.cancelled() => {}
        }
    }
}
