//! Raw deliveries that nobody needs any more are erased, once a day.

use std::time::Duration;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::retention::{Error, Retention, Turned};

/// Under which name one process at a time is at it.
const CLAIM: &str = "raw_retention";
/// Between two looks: a day, and less where the last one came to nothing.
const BETWEEN_LOOKS: Duration = Duration::from_secs(86_400);
const AFTER_A_FAILURE: Duration = Duration::from_secs(600);

/// Erases what is over, until it is stopped.
pub async fn erase_what_is_over(retention: Retention, stopping: CancellationToken) {
    let erasing = async {
        loop {
            let wait = match retain(&retention).await {
                Ok(Some(turned)) if turned != Turned::default() => {
                    tracing::info!(
                        turned.adopted,
                        turned.erased,
                        turned.removed,
                        "raw deliveries whose time was over were erased"
                    );
                    BETWEEN_LOOKS
                }
                Ok(_) => BETWEEN_LOOKS,
                Err(error) => {
                    tracing::error!(%error, "raw deliveries whose time is over can't be erased");
                    AFTER_A_FAILURE
                }
            };
            sleep(wait).await;
        }
    };
    tokio::select! {
        () = erasing => {}
        () = stopping.cancelled() => {}
    }
}

/// One look; none while another process is at it.
pub async fn retain(retention: &Retention) -> Result<Option<Turned>, Error> {
    let Some(claim) = retention.store.claim(CLAIM).await? else {
        return Ok(None);
    };
    let turned = retention.turn().await;
    claim.release().await;
    turned.map(Some)
}
