//! What stands in the audit log.

use domain::audit::{Action, Entry};

use super::Hub;

/// What left, the first one first.
pub(crate) async fn exports(hub: &Hub) -> Vec<Entry> {
    hub.app.audit.integrate().await.expect("it is put together");
    let rows = hub.app.store.list_audit(0, 10_000).await;
    let rows = rows.expect("it is read");
    let entries = rows.iter().map(|row| Entry::decode(&row.record));
    let entries = entries.map(|entry| entry.expect("a record"));
    entries
        .filter(|entry| entry.action == Action::Export)
        .collect()
}
