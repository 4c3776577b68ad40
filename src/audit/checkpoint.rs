//! Checkpoints: what the log is, read again from the stored bytes and then signed.

use chrono::TimeDelta;
use domain::audit::{Checkpoint, Frontier, SignedNote, ZERO};

use crate::store;

use super::{Audit, KeyError};

/// Entries that are read at once.
const BATCH: u64 = 1_000;

/// A checkpoint is due after so long,
const DUE_AFTER: TimeDelta = TimeDelta::seconds(60);
/// or after so many entries.
const DUE_ENTRIES: u64 = 10_000;

/// Why nothing was signed.
#[derive(Debug, thiserror::Error)]
pub enum NotSigned {
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The log did not grow out of what was signed last.
    #[error(
        "nothing more is signed: {place} keeps the signed checkpoint of {size} entries, and {reason}; run `zhengxin audit verify`, \
         and take that file away only where an older state of the database was brought back on purpose"
    )]
    Rewound {
        size: u64,
        place: String,
        reason: String,
    },
    /// What this process put into the log last is not there any more.
    #[error(
        "nothing more is signed: what was put into the audit log last is not there any more; run `zhengxin audit verify`, \
         and start the hub again only where an older state of the database was brought back on purpose"
    )]
    Missed,
    /// What is stored is not what was hashed.
    #[error("the audit log is not what it was: {0}; run `zhengxin audit verify`")]
    Changed(String),
}

impl Audit {
    /// The newest checkpoint.
    pub async fn last_checkpoint(&self) -> Result<Option<SignedNote>, store::Error> {
        let last = self.0.store.last_audit_checkpoint().await?;
        let read = |note: String| {
            note.parse().map_err(|error| store::Error::Audit {
                reason: format!("its last checkpoint: {error}"),
            })
        };
        last.map(|(_, _, note)| read(note)).transpose()
    }

    /// States what the log is, if that is due, or if it is wanted now and has grown.
    pub async fn checkpoint(&self, is_wanted: bool) -> Result<Option<SignedNote>, NotSigned> {
        let (store, log) = (&self.0.store, &self.0.log);
        let Some(key) = &log.key else {
            return Ok(None);
        };
        let changed = |reason: &str| NotSigned::Changed(reason.to_owned());
        if !store.has_audit_placed().await? {
            // What is kept beside the key tells more, where it does.
            self.extends_signed().await?;
            return Err(NotSigned::Missed);
        }
        let Some(head) = store.audit_head().await? else {
            return Ok(None);
        };
        let last = store.last_audit_checkpoint().await?;
        let now = self.0.clock.now();
        let size = head.frontier.size();
        let before = last.as_ref().map_or(0, |(size, ..)| *size as u64);
        let is_due = size >= before + DUE_ENTRIES
            || last
                .as_ref()
                .is_none_or(|(_, at, _)| *at + DUE_AFTER <= now);
        if size == before || !(is_due || is_wanted) {
            return Ok(None);
        }
        self.extends_signed().await?;
        let (mut frontier, mut chain) = match &last {
            None => (Frontier::default(), ZERO),
            Some((_, _, note)) => {
                let note: SignedNote = note
                    .parse()
                    .map_err(|_| changed("its last checkpoint is no note"))?;
                let stated = Checkpoint::parse(&note.body);
                let stated = stated.map_err(|_| changed("its last checkpoint is none"))?;
                let frontier = store.audit_frontier(head.kind, before).await?;
                if frontier.root(head.kind) != stated.root {
                    return Err(changed(
                        "its tree is another than the last checkpoint states",
                    ));
                }
                (frontier, stated.chain)
            }
        };
        // What is signed is what the file says now, not what was in memory when it was written.
        while frontier.size() < size {
            let from = frontier.size();
            let left = (size - from).min(BATCH);
            let rows = store.list_audit(from as i64, left).await?;
            if rows.len() as u64 != left {
                return Err(NotSigned::Changed(format!(
                    "entry {} is missing",
                    from + rows.len() as u64
                )));
            }
            for row in rows {
                let (leaf, place) = (head.kind.leaf(&row.record), frontier.size());
                chain = head.kind.chain(&chain, &leaf);
                frontier.push(head.kind, leaf, |_, _, _| {});
                if row.seq as u64 != place || row.leaf != leaf || row.chain != chain {
                    return Err(NotSigned::Changed(format!("entry {place}")));
                }
            }
        }
        if frontier != head.frontier || chain != head.chain {
            return Err(changed("its head"));
        }
        let checkpoint = Checkpoint {
            origin: log.origin.clone(),
            size,
            root: frontier.root(head.kind),
            chain,
            kind: head.kind,
            at: now,
        };
        let unsigned = SignedNote {
            body: checkpoint.body(),
            signatures: Vec::new(),
        };
        let note = key.sign(&log.origin, unsigned);
        store
            .put_audit_checkpoint(size, now, note.to_string())
            .await?;
        // Last of all: what is kept beside the key is in the database, too.
        key.keep_signed(&note)?;
        Ok(Some(note))
    }
}
