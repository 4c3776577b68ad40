//! How far what others can hold against the log lags behind it: checkpoints, and what a witness signed of them.

use chrono::{DateTime, Utc};
use domain::audit::{Checkpoint, SignedNote};

use crate::store::{self, Pending};

use super::{Audit, is_signed_by};

/// How far behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lag {
    /// Entries of the log.
    pub entries: u64,
    /// What is durable and not in the log yet.
    pub pending: Pending,
    /// What no checkpoint states yet.
    pub unstated: Behind,
    /// What no witness signed yet; none where the configuration names no witness.
    pub unwitnessed: Option<Behind>,
}

/// What is not covered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Behind {
    /// So many entries.
    pub entries: u64,
    /// When the first of them was written.
    pub since: Option<DateTime<Utc>>,
}

/// Why what a witness is said to have signed is not kept.
#[derive(Debug, thiserror::Error)]
pub enum NotCosigned {
    #[error("it is no checkpoint: {0}")]
    Malformed(String),
    #[error("no signature on it is by a witness: name his key in audit.keys")]
    Stranger,
    #[error("it is of the log {0}")]
    OtherLog(String),
    #[error("it states {stated} entries, and the log has {has}")]
    Longer { stated: u64, has: u64 },
    #[error("it states another log: its first {0} entries are not these")]
    Forked(u64),
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl Audit {
    /// How far checkpoints and witnesses lag behind.
    pub async fn lag(&self) -> Result<Lag, store::Error> {
        let store = &self.0.store;
        let head = store.audit_head().await?;
        let entries = head.map_or(0, |head| head.frontier.size());
        let stated = store.last_audit_checkpoint().await?;
        let unstated = self.behind(entries, stated.map_or(0, |(size, ..)| size));
        let unstated = unstated.await?;
        let unwitnessed = match self.has_witness() {
            true => {
                let witnessed = store.last_audit_witnessed().await?.unwrap_or(0);
                Some(self.behind(entries, witnessed).await?)
            }
            false => None,
        };
        Ok(Lag {
            entries,
            pending: self.pending().await?,
            unstated,
            unwitnessed,
        })
    }

    async fn behind(&self, entries: u64, covered: i64) -> Result<Behind, store::Error> {
        let first = self.0.store.list_audit(covered, 1).await?;
        Ok(Behind {
            entries: entries.saturating_sub(covered as u64),
            since: first.first().map(|entry| entry.at),
        })
    }

    /// Whether a key of somebody else's is believed.
    fn has_witness(&self) -> bool {
        let log = &self.0.log;
        log.keys.iter().any(|key| key.name != log.origin)
    }

    /// Keeps a checkpoint that a witness signed, if it states this log; returns of how many entries.
    pub async fn take_cosigned(&self, note: &SignedNote) -> Result<u64, NotCosigned> {
        let (store, log) = (&self.0.store, &self.0.log);
        let stated = Checkpoint::parse(&note.body)
            .map_err(|error| NotCosigned::Malformed(error.to_string()))?;
        let mut witnesses = log.keys.iter().filter(|key| key.name != log.origin);
        if !witnesses.any(|key| is_signed_by(note, key)) {
            return Err(NotCosigned::Stranger);
        }
        if stated.origin != log.origin {
            return Err(NotCosigned::OtherLog(stated.origin));
        }
        let head = store.audit_head().await?;
        let has = head.as_ref().map_or(0, |head| head.frontier.size());
        let Some(head) = head.filter(|_| stated.size <= has) else {
            return Err(NotCosigned::Longer {
                stated: stated.size,
                has,
            });
        };
        let frontier = store.audit_frontier(head.kind, stated.size).await?;
        if head.kind != stated.kind || frontier.root(head.kind) != stated.root {
            return Err(NotCosigned::Forked(stated.size));
        }
        let at = self.0.clock.now();
        // Of one size each witness's signature is kept.
        let before = store
            .list_audit_witnessed(stated.size as i64 - 1, 1)
            .await?;
        let before = before
            .into_iter()
            .filter(|kept| kept.size as u64 == stated.size);
        let before: Option<SignedNote> = before.filter_map(|kept| kept.note.parse().ok()).next();
        let note = match before {
            Some(before) => note.clone().joined(&before),
            None => note.clone(),
        };
        let put = store.put_audit_witnessed(stated.size, at, note.to_string());
        put.await?;
        Ok(stated.size)
    }
}
