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
) -> Result<T, Stop> {
    let draft = Draft::by_hub(Action::Change, mask_numbers(object));
    audit.record(draft.clone(), None).await?;
    let done = done.await;
    if done.is_err() {
        let failed = Draft {
            outcome: Outcome::Failed,
            ..draft
        };
        audit.record(failed, None).await?;
    }
    done
}
