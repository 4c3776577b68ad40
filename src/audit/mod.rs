//! The audit log: entries become durable before what they tell of is answered, are put together to a
//! log that can't be changed without being found out, and the log is stated and verified.
//!
//! Two doors lead in. [`Audit::record`] makes an entry durable together with others that wait; a change
//! writes its entry in its own transaction ([`Audit::accompany`]). See `docs/audit.md`.

mod checkpoint;
mod draft;
mod key;
mod lag;
mod proof;
mod signed;
mod verify;
mod witness;
mod writer;

use std::sync::{Arc, OnceLock};

use chrono::TimeDelta;
use domain::audit::{Checkpoint, EntryId, HashKind, NoteKey};

use crate::{
    clock::Clock,
    store::{self, AuditRow, Integrated, OwnEntry, Pending, Store},
};

pub use checkpoint::NotSigned;
pub use draft::Draft;
pub use key::{KeyError, SigningKey, is_signed_by};
pub use lag::{Behind, Lag, NotCosigned};
pub use proof::InclusionProof;
pub use verify::{Fault, Verified, verify};
pub use witness::{Unwitnessed, WitnessRequest};

use writer::Writer;

/// Entries that are put together in one transaction: few, for whoever writes down waits meanwhile where
/// there is one writer.
const BATCH: usize = 24;

/// The entry could not be made durable, so what it would have told of must not be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the audit log can't be written / 审计日志不可写")]
pub struct Unavailable;

/// The audit log. Clones share it.
#[derive(Clone)]
pub struct Audit(Arc<Inner>);

struct Inner {
    store: Store,
    clock: Clock,
    log: Log,
    writer: OnceLock<Writer>,
}

/// Which log it is.
#[derive(Debug, Clone)]
pub struct Log {
    /// Its name in checkpoints.
    pub origin: String,
    /// By which function it is hashed.
    pub kind: HashKind,
    /// What signs its checkpoints; none where it is only read.
    pub key: Option<Arc<SigningKey>>,
    /// Whose signatures are believed besides: earlier keys and witnesses.
    pub keys: Vec<NoteKey>,
    /// How long is kept what entries commit to.
    pub kept: TimeDelta,
}

impl Log {
    /// All keys that are believed.
    pub fn believed(&self) -> Vec<NoteKey> {
        let own = self.key.iter().map(|key| key.public(&self.origin));
        own.chain(self.keys.iter().cloned()).collect()
    }
}

impl Audit {
    /// The log in a database.
    pub fn new(store: Store, clock: Clock, log: Log) -> Self {
        Self(Arc::new(Inner {
            store,
            clock,
            log,
            writer: OnceLock::new(),
        }))
    }

    /// Which log it is.
    pub fn log(&self) -> &Log {
        &self.0.log
    }

    /// Makes an entry durable, with what it commits to; returns only when it is. Whoever waits at the
    /// same time shares a transaction.
    pub async fn record(
        &self,
        draft: Draft,
        payload: Option<Vec<u8>>,
    ) -> Result<EntryId, Unavailable> {
        let (entry, payload) = draft.seal(self.0.log.kind, self.0.clock.now(), payload)?;
        let (id, record) = (entry.id, entry.encode());
        let row = AuditRow {
            id,
            record,
            payload,
        };
        let Self(inner) = self;
        let begin = || Writer::start(inner.store.clone(), inner.log.kind);
        let writer = inner.writer.get_or_init(begin);
        writer.write(row).await?;
        Ok(id)
    }

    /// The same for entries that belong together; returns when all are durable.
    pub async fn record_all(&self, drafts: Vec<Draft>) -> Result<(), Unavailable> {
        for draft in drafts {
            self.record(draft, None).await?;
        }
        Ok(())
    }

    /// A store whose next change carries this entry in its own transaction; the entry tells afterwards
    /// whether it was written.
    pub fn accompany(
        &self,
        store: &Store,
        draft: Draft,
    ) -> Result<(Store, Arc<OwnEntry>), Unavailable> {
        let (entry, _) = draft.seal(self.0.log.kind, self.0.clock.now(), None)?;
        let entry = Arc::new(OwnEntry::new(entry));
        Ok((store.clone().with_own_entry(Arc::clone(&entry)), entry))
    }

    /// What an entry commits to, if it is still kept and is what the entry says.
    pub async fn payload(&self, id: EntryId) -> Result<Option<Vec<u8>>, store::Error> {
        let Some(record) = self.0.store.find_audit_record(id).await? else {
            return Ok(None);
        };
        let kept = self.0.store.find_audit_payloads(&[id]).await?;
        let Some((_, kept)) = kept.into_iter().next() else {
            return Ok(None);
        };
        let entry = domain::audit::Entry::decode(&record).ok();
        let committed = self.0.log.kind.commitment(&kept.salt, &kept.payload);
        match entry.is_some_and(|entry| entry.id == id && entry.commitment == Some(committed)) {
            true => Ok(Some(kept.payload)),
            false => Err(store::Error::Audit {
                reason: format!("entry {id}: its payload is not what the entry commits to"),
            }),
        }
    }

    /// Puts all that is durable into the log.
    pub async fn integrate(&self) -> Result<usize, store::Error> {
        let done = self.integrate_some(usize::MAX).await?;
        Ok(done.entries)
    }

    /// Puts what is durable into the log, and stops after so many entries.
    pub async fn integrate_some(&self, most: usize) -> Result<Integrated, store::Error> {
        let mut entries = 0;
        loop {
            let done = self.0.store.integrate_audit(self.0.log.kind, BATCH).await?;
            entries += done.entries;
            if !done.is_more || entries >= most {
                return Ok(Integrated { entries, ..done });
            }
        }
    }

    /// Erases what entries commit to that are older than they are kept.
    pub async fn erase(&self) -> Result<u64, store::Error> {
        let before = self.0.clock.now() - self.0.log.kept;
        self.0.store.erase_audit_payloads(before).await
    }

    /// What waits to be put into the log.
    pub async fn pending(&self) -> Result<Pending, store::Error> {
        self.0.store.pending_audit().await
    }

    /// Whether an entry waits for longer than this to be put into the log.
    pub async fn pending_since(&self, late: TimeDelta) -> Result<bool, store::Error> {
        let pending = self.pending().await?;
        let late = EntryId::new(self.0.clock.now() - late, [0; 10]);
        Ok(pending.oldest.is_some_and(|oldest| oldest < late))
    }

    /// Verifies the whole log, and an outside statement about it.
    pub async fn verify(
        &self,
        outside: Option<&Checkpoint>,
    ) -> Result<Result<Verified, Fault>, store::Error> {
        verify(&self.0.store, &self.0.log, self.0.clock.now(), outside).await
    }
}
