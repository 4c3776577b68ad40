//! Group commit: while one transaction is written down, whoever comes waits for the next one and shares
//! it. So nobody waits for company, and many are as dear as one.

use domain::audit::HashKind;
use tokio::sync::{mpsc, oneshot};

use crate::store::{AuditRow, Store};

use super::Unavailable;

/// Entries in one transaction.
const GROUP_MAX: usize = 500;
/// Entries that wait; who comes then waits outside.
const WAITING_MAX: usize = 4_096;

type Waiting = (AuditRow, oneshot::Sender<bool>);

/// Where entries are handed in.
#[derive(Debug)]
pub(super) struct Writer(mpsc::Sender<Waiting>);

impl Writer {
    /// Starts one; it ends when nobody can hand in any more.
    pub(super) fn start(store: Store, kind: HashKind) -> Self {
        let (sender, receiver) = mpsc::channel(WAITING_MAX);
        tokio::spawn(write_groups(store, kind, receiver));
        Self(sender)
    }

    /// Hands an entry in and waits until it is durable.
    pub(super) async fn write(&self, row: AuditRow) -> Result<(), Unavailable> {
        let (told, durable) = oneshot::channel();
        self.0.send((row, told)).await.map_err(|_| Unavailable)?;
        match durable.await {
            Ok(true) => Ok(()),
            _ => Err(Unavailable),
        }
    }
}

async fn write_groups(store: Store, kind: HashKind, mut receiver: mpsc::Receiver<Waiting>) {
    let mut group = Vec::new();
    while receiver.recv_many(&mut group, GROUP_MAX).await > 0 {
        let (rows, waiting): (Vec<_>, Vec<_>) = group.drain(..).unzip();
        let written = store.append_audit(kind, rows).await;
        if let Err(error) = &written {
            tracing::error!(%error, entries = waiting.len(), "audit entries can't be written down");
        }
        for told in waiting {
            // Who went away meanwhile got no answer; his entry stands.
            let _ = told.send(written.is_ok());
        }
    }
}
