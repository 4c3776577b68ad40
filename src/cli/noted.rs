//! What somebody does on the hub's own machine has its entry in the audit log, or is not done.

use domain::{
    audit::{Action, Outcome},
    privacy::mask_numbers,
};

use crate::audit::{Audit, Draft};

use super::Stop;

/// Makes a change whose entry is written before; where it comes to nothing, a second one says so.
pub(super) async fn noted<T>(
    audit: &Audit,
    object: &str,
    done: impl Future<Output = Result<T, Stop>>,
    has_changed: impl Fn(&T) -> bool,
) -> Result<T, Stop> {
    let draft = Draft::by_hub(Action::Change, mask_numbers(object));
    audit.record(draft.clone(), None).await?;
    let done = done.await;
    if !done.as_ref().is_ok_and(has_changed) {
        let failed = Draft {
            outcome: Outcome::Failed,
            ..draft
        };
        // Why it failed is told in any case.
        if let Err(error) = audit.record(failed, None).await {
            tracing::error!(%error, object = %object, "that it came to nothing has no entry");
        }
    }
    done
}
