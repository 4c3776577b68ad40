//! The audit log's tables: entries that are durable, the log that they are put together to, and the
//! statements about it.
//!
//! On SQLite a change's entry stands in the main file, in the change's transaction; a read's stands in
//! the log's own file, where the log is. On PostgreSQL both are the same tables.

mod end;
mod integrate;
mod log;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, Utc};
use domain::audit::{Entry, EntryId, HashKind};
use entities::{audit_entry, audit_payload, audit_pending};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DatabaseConnection, DatabaseTransaction, DbBackend, EntityTrait,
    IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};

use tokio::time::timeout;

use super::{ROWS_PER_BATCH, Result, Store, insert::insert_many};
use integrate::list_pending;

/// How long who writes down looks for changes that came before.
const ORDERED_WITHIN: Duration = Duration::from_millis(20);

pub use end::AuditEnd;
pub(super) use integrate::Placed;
pub use integrate::{AuditHead, Integrated};
pub use log::{AuditFilter, LoggedEntry, StatedNote};

/// The audit log's own connections.
#[derive(Debug, Clone)]
pub(super) struct AuditFile {
    pub write: DatabaseConnection,
    pub read: DatabaseConnection,
}

/// An entry as it is written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// Its id.
    pub id: EntryId,
    /// Its bytes.
    pub record: Vec<u8>,
    /// What it commits to.
    pub payload: Option<KeptPayload>,
}

/// What an entry commits to, with the salt of its commitment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptPayload {
    /// Sixteen random bytes.
    pub salt: Vec<u8>,
    /// Whatever it is.
    pub payload: Vec<u8>,
}

/// Entries that are not in the log yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pending {
    /// How many.
    pub count: u64,
    /// The oldest one's id, which tells its time.
    pub oldest: Option<EntryId>,
}

/// The entry of one change, written in the change's own transaction, once.
#[derive(Debug)]
pub struct OwnEntry {
    entry: Entry,
    is_durable: AtomicBool,
}

impl OwnEntry {
    /// An entry that waits for its change.
    pub fn new(entry: Entry) -> Self {
        Self {
            entry,
            is_durable: AtomicBool::new(false),
        }
    }

    /// Whether it was written, with its change.
    pub fn is_durable(&self) -> bool {
        self.is_durable.load(Ordering::SeqCst)
    }
}

impl Store {
    /// The same store; the change that it makes next carries this entry.
    pub fn with_own_entry(mut self, entry: Arc<OwnEntry>) -> Self {
        self.own_entry = Some(entry);
        self
    }

    /// Commits a change, with the entry that it is to carry.
    pub(super) async fn commit(&self, tx: DatabaseTransaction) -> Result<()> {
        self.commit_about(tx, &[]).await
    }

    /// The same, where it is known which bodies the change is about.
    pub(super) async fn commit_about(
        &self,
        tx: DatabaseTransaction,
        agencies: &[i64],
    ) -> Result<()> {
        let waiting = self.own_entry.as_ref().filter(|own| !own.is_durable());
        if let Some(own) = waiting {
            let mut entry = own.entry.clone();
            entry.agencies.extend(agencies);
            entry.agencies.sort_unstable();
            entry.agencies.dedup();
            let (id, record) = (entry.id, entry.encode());
            write_down(
                &tx,
                vec![AuditRow {
                    id,
                    record,
                    payload: None,
                }],
            )
            .await?;
        }
        tx.commit().await?;
        if let Some(own) = waiting {
            own.is_durable.store(true, Ordering::SeqCst);
        }
        Ok(())
    }

    /// Makes entries durable that no change carries, all in one transaction; at most a batch. Where the log has a file of
    /// its own they get their places in it at once, elsewhere they wait beside those of changes.
    pub async fn append_audit(&self, kind: HashKind, rows: Vec<AuditRow>) -> Result<()> {
        let file = self.audit_file().await?;
        if self.backend() == DbBackend::Postgres {
            let tx = begin(&file.write).await?;
            write_down(&tx, rows).await?;
            return Ok(tx.commit().await?);
        }
        // Changes that somebody made before have their places before, unless that is dear to find out.
        let waiting = list_pending(&self.read, ROWS_PER_BATCH);
        let waiting = timeout(ORDERED_WITHIN, waiting).await;
        let waiting = waiting.ok().and_then(Result::ok).unwrap_or_default();
        let tx = begin(&file.write).await?;
        let fresh = keep_payloads(&tx, rows).await?;
        self.place(tx, kind, (waiting, fresh), Vec::new()).await?;
        Ok(())
    }

    /// How much is durable and not in the log yet.
    pub async fn pending_audit(&self) -> Result<Pending> {
        let mut pending = Pending {
            count: 0,
            oldest: None,
        };
        for inbox in self.inboxes().await? {
            pending.count += audit_pending::Entity::find().count(inbox).await?;
            let oldest: Option<Option<Vec<u8>>> = audit_pending::Entity::find()
                .select_only()
                .column(audit_pending::Column::Id)
                .order_by_asc(audit_pending::Column::Id)
                .limit(1)
                .into_tuple()
                .one(inbox)
                .await?;
            let oldest = oldest
                .flatten()
                .and_then(|id| id.try_into().ok())
                .map(EntryId);
            pending.oldest = pending.oldest.into_iter().chain(oldest).min();
        }
        Ok(pending)
    }

    /// An entry's bytes, whether or not it is in the log yet.
    pub async fn find_audit_record(&self, id: EntryId) -> Result<Option<Vec<u8>>> {
        // An entry is put into the log before it is taken out of an inbox: looked for in this order, it is missed
        // by neither.
        for inbox in self.inboxes().await? {
            let row = audit_pending::Entity::find_by_id(id.0.to_vec())
                .one(inbox)
                .await?;
            if let Some(row) = row {
                return Ok(Some(row.record));
            }
        }
        let logged = audit_entry::Entity::find()
            .filter(audit_entry::Column::Id.eq(id.0.to_vec()))
            .one(&self.audit_file().await?.read);
        Ok(logged.await?.map(|row| row.record))
    }

    /// What these entries commit to, by their ids; what was erased is missing.
    pub async fn find_audit_payloads(
        &self,
        ids: &[EntryId],
    ) -> Result<Vec<(EntryId, KeptPayload)>> {
        let mut found = Vec::new();
        for inbox in self.inboxes().await? {
            for ids in ids.chunks(ROWS_PER_BATCH) {
                let ids = ids.iter().map(|id| id.0.to_vec());
                let rows = audit_payload::Entity::find()
                    .filter(audit_payload::Column::Id.is_in(ids))
                    .all(inbox)
                    .await?;
                found.extend(rows.into_iter().filter_map(|row| {
                    let id = EntryId(row.id.try_into().ok()?);
                    let (salt, payload) = (row.salt, row.payload);
                    Some((id, KeptPayload { salt, payload }))
                }));
            }
        }
        Ok(found)
    }

    /// Erases what entries from before a moment commit to, with the salts: what is left of it tells
    /// nothing, and the log verifies as before.
    pub async fn erase_audit_payloads(&self, before: DateTime<Utc>) -> Result<u64> {
        // Ids begin with their time.
        let first = EntryId::new(before, [0; 10]).0.to_vec();
        let own = &self.audit_file().await?.write;
        let inboxes = match self.backend() {
            DbBackend::Postgres => vec![own],
            _ => vec![own, &self.write],
        };
        let mut erased = 0;
        for inbox in inboxes {
            let tx = begin(inbox).await?;
            let gone = audit_payload::Entity::delete_many()
                .filter(audit_payload::Column::Id.lt(first.clone()))
                .exec(&tx)
                .await?;
            tx.commit().await?;
            erased += gone.rows_affected;
        }
        Ok(erased)
    }

    /// Where durable entries wait: the changes' and, where they have a file of their own, the reads'.
    async fn inboxes(&self) -> Result<Vec<&DatabaseConnection>> {
        let own = &self.audit_file().await?.read;
        Ok(match self.backend() {
            DbBackend::Postgres => vec![own],
            _ => vec![own, &self.read],
        })
    }
}

/// A transaction that will write to the log's file.
async fn begin(connection: &DatabaseConnection) -> Result<DatabaseTransaction> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..Default::default()
    };
    Ok(connection.begin_with_options(options).await?)
}

/// Writes entries down, with what they commit to: they wait until the log is put together.
async fn write_down(tx: &DatabaseTransaction, rows: Vec<AuditRow>) -> Result<()> {
    let pending = keep_payloads(tx, rows).await?;
    let pending = pending.into_iter().map(IntoActiveModel::into_active_model);
    insert_many::<audit_pending::Entity, _>(tx, pending.collect::<Vec<_>>()).await
}

/// Keeps what entries commit to, and returns the entries.
async fn keep_payloads(
    tx: &DatabaseTransaction,
    rows: Vec<AuditRow>,
) -> Result<Vec<audit_pending::Model>> {
    let (mut entries, mut payloads) = (Vec::with_capacity(rows.len()), Vec::new());
    for row in rows {
        let id = row.id.0.to_vec();
        if let Some(KeptPayload { salt, payload }) = row.payload {
            payloads.push(audit_payload::ActiveModel {
                id: Set(id.clone()),
                salt: Set(salt),
                payload: Set(payload),
            });
        }
        entries.push(audit_pending::Model {
            id,
            record: row.record,
        });
    }
    insert_many::<audit_payload::Entity, _>(tx, payloads).await?;
    Ok(entries)
}
