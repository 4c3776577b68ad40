//! Proofs that an entry is in the log, and that the log grew out of an earlier one.

use domain::audit::{EntryId, Hash, SignedNote, consistency_ranges, inclusion_ranges};

use crate::store::{self, LoggedEntry};

use super::Audit;

/// That an entry is in the log that a checkpoint states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InclusionProof {
    pub entry: LoggedEntry,
    /// The checkpoint's size.
    pub size: u64,
    pub hashes: Vec<Hash>,
    pub checkpoint: SignedNote,
}

impl Audit {
    /// The proof of an entry under the newest checkpoint; none where there is no such entry, or no
    /// checkpoint that covers it yet.
    pub async fn prove(&self, id: EntryId) -> Result<Option<InclusionProof>, store::Error> {
        let Some(entry) = self.0.store.find_logged(id).await? else {
            return Ok(None);
        };
        let Some((size, _, note)) = self.0.store.last_audit_checkpoint().await? else {
            return Ok(None);
        };
        let Some(checkpoint) = note.parse().ok().filter(|_| entry.seq < size) else {
            return Ok(None);
        };
        let size = size as u64;
        let mut hashes = Vec::new();
        for range in inclusion_ranges(entry.seq as u64, size) {
            hashes.push(self.0.store.audit_range(self.0.log.kind, &range).await?);
        }
        Ok(Some(InclusionProof {
            entry,
            size,
            hashes,
            checkpoint,
        }))
    }

    /// That the log of one size grew out of the log of another.
    pub async fn prove_growth(&self, old: u64, size: u64) -> Result<Vec<Hash>, store::Error> {
        let mut hashes = Vec::new();
        for range in consistency_ranges(old, size) {
            hashes.push(self.0.store.audit_range(self.0.log.kind, &range).await?);
        }
        Ok(hashes)
    }
}
