//! What somebody does on the hub's own machine has its entry in the audit log, or is not done.

use crate::{app::open_audit, audit::Draft, clock::Clock, config::Config, store::Store};

use domain::audit::Action;

use super::Stop;

/// Writes down what is about to be done.
pub(super) async fn note(config: &Config, store: &Store, object: String) -> Result<(), Stop> {
    let audit = open_audit(config, store.clone(), Clock::system())?;
    audit
        .record(Draft::by_hub(Action::Change, object), None)
        .await?;
    Ok(())
}
