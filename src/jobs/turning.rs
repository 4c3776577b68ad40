//! The turn of the day: what is over ends, and what has its first day begins.

use std::time::Duration;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::casework::{Casework, Turned};

/// Between two looks at whether it is another day, or something that a court removed is to be closed.
const BETWEEN_LOOKS: Duration = Duration::from_secs(300);

/// Ends what is over and begins what has its first day, until it is stopped.
pub async fn turn_days(casework: Casework, stopping: CancellationToken) {
    let turning = async {
        loop {
            match casework.turn().await {
                Ok(turned) if turned != Turned::default() => {
                    tracing::info!(
                        turned.begun,
                        turned.expired,
                        turned.closed,
                        turned.taken_up,
                        turned.reminded,
                        "the day turned"
                    );
                    if turned.goes_on() {
                        continue;
                    }
                }
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, "the day can't turn"),
            }
            sleep(BETWEEN_LOOKS).await;
        }
    };
    tokio::select! {
        () = turning => {}
        () = stopping.cancelled() => {}
    }
}
