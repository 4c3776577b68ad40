//! Putting the log together: committed entries get their places, are chained and hashed.
//!
//! One transaction a batch does all of it for the entries of the log's own file. Those of another file
//! are looked up by their ids first and taken away there afterwards, so whoever is killed between finds
//! them again and passes over them.

use std::{
    collections::HashSet,
    path::Path,
    sync::{MutexGuard, PoisonError},
};

use chrono::{DateTime, Utc};
use domain::audit::{Entry, Frontier, Hash, HashKind, ZERO};
use entities::{
    audit_checkpoint, audit_entry, audit_head, audit_node, audit_object, audit_pending,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait,
    QueryFilter, QueryOrder, QuerySelect, Statement, sea_query::OnConflict,
};

use super::begin;
use crate::store::{Error, Result, Store, insert::insert_many};

/// PostgreSQL's advisory lock of who puts the log together.
const LOCK_AUDIT: i64 = 0x5A58_0003;
/// Of the tree, each so-many-th level is kept.
pub(super) const LEVELS: u32 = 8;
const HEAD: i64 = 1;

/// How far the log is put together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditHead {
    /// By which function.
    pub kind: HashKind,
    /// The tree's right edge.
    pub frontier: Frontier,
    /// The chain's last link.
    pub chain: Hash,
}

impl AuditHead {
    fn reached(&self) -> Placed {
        Placed {
            size: self.frontier.size(),
            chain: self.chain,
        }
    }
}

/// What a batch came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Integrated {
    /// Entries that got a place.
    pub entries: usize,
    /// Whether there may be more.
    pub is_more: bool,
}

impl Store {
    /// Puts at most `limit` entries of each kind into the log, in the order of their ids. Nothing where
    /// another process is at it.
    pub async fn integrate_audit(&self, kind: HashKind, limit: usize) -> Result<Integrated> {
        let file = self.audit_file().await?;
        let is_postgres = self.backend() == DbBackend::Postgres;
        let foreign = match is_postgres {
            true => Vec::new(),
            false => list_pending(&self.read, limit).await?,
        };
        if foreign.is_empty() && list_pending(&file.read, 1).await?.is_empty() {
            return Ok(Integrated::default());
        }
        let tx = begin(&file.write).await?;
        if is_postgres && !is_first(&tx).await? {
            return Ok(Integrated::default());
        }
        let own = list_pending(&tx, limit).await?;
        let is_more = own.len().max(foreign.len()) == limit;
        let ids: Vec<Vec<u8>> = foreign.iter().map(|row| row.id.clone()).collect();
        let own_ids: Vec<Vec<u8>> = own.iter().map(|row| row.id.clone()).collect();
        let waiting = foreign.into_iter().chain(own).collect();
        let entries = self.place(tx, kind, (waiting, Vec::new()), own_ids).await?;
        if !ids.is_empty() {
            let tx = self.begin_write().await?;
            remove(&tx, ids).await?;
            tx.commit().await?;
        }
        Ok(Integrated { entries, is_more })
    }

    /// How far the log is put together; none where it has not begun.
    pub async fn audit_head(&self) -> Result<Option<AuditHead>> {
        find_head(&self.audit_file().await?.read).await
    }

    /// The same where the log has begun; one that has not is not opened for that.
    pub async fn begun_audit_head(&self) -> Result<Option<AuditHead>> {
        let file = self.audit_url.strip_prefix("sqlite:");
        let file = file.map(|path| Path::new(path.trim_start_matches("//")));
        match file {
            Some(file) if !file.exists() => Ok(None),
            Some(_) => self.audit_head().await,
            None => find_head(&self.read).await,
        }
    }

    /// Keeps a signed statement of what the log was at a size; of one size the first stands.
    pub async fn put_audit_checkpoint(
        &self,
        size: u64,
        at: DateTime<Utc>,
        note: String,
    ) -> Result<()> {
        let row = audit_checkpoint::ActiveModel {
            size: Set(size as i64),
            at: Set(at),
            note: Set(note),
        };
        let tx = begin(&self.audit_file().await?.write).await?;
        audit_checkpoint::Entity::insert(row)
            .on_conflict_do_nothing()
            .exec_without_returning(&tx)
            .await?;
        Ok(tx.commit().await?)
    }
}

/// Whether nobody else puts the log together, for as long as this transaction lasts.
async fn is_first(tx: &DatabaseTransaction) -> Result<bool> {
    let sql = format!("SELECT pg_try_advisory_xact_lock({LOCK_AUDIT})");
    let row = tx
        .query_one_raw(Statement::from_string(DbBackend::Postgres, sql))
        .await?;
    Ok(row
        .map(|row| row.try_get_by_index(0))
        .transpose()?
        .unwrap_or(false))
}

pub(super) async fn list_pending<C: ConnectionTrait>(
    db: &C,
    limit: usize,
) -> Result<Vec<audit_pending::Model>> {
    let rows = audit_pending::Entity::find()
        .order_by_asc(audit_pending::Column::Id)
        .limit(limit as u64)
        .all(db)
        .await?;
    Ok(rows)
}

async fn known_ids(
    tx: &DatabaseTransaction,
    ids: impl Iterator<Item = &Vec<u8>>,
) -> Result<HashSet<Vec<u8>>> {
    let known: Vec<Vec<u8>> = audit_entry::Entity::find()
        .select_only()
        .column(audit_entry::Column::Id)
        .filter(audit_entry::Column::Id.is_in(ids.cloned()))
        .into_tuple()
        .all(tx)
        .await?;
    Ok(known.into_iter().collect())
}

pub(super) async fn find_head<C: ConnectionTrait>(db: &C) -> Result<Option<AuditHead>> {
    let Some(row) = audit_head::Entity::find_by_id(HEAD).one(db).await? else {
        return Ok(None);
    };
    let corrupt = |reason: &str| Error::Corrupt {
        table: "audit_head",
        id: HEAD,
        reason: reason.to_owned(),
    };
    let (peaks, rest) = row.peaks.as_chunks();
    let frontier = Frontier::of(row.size as u64, peaks.to_vec()).filter(|_| rest.is_empty());
    Ok(Some(AuditHead {
        kind: row.kind.parse().map_err(|_| corrupt("an unknown hash"))?,
        frontier: frontier.ok_or_else(|| corrupt("another number of peaks than the size has"))?,
        chain: row
            .chain
            .try_into()
            .map_err(|_| corrupt("a link of another length"))?,
    }))
}

/// How long the log was, and the chain's link there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) struct Placed {
    size: u64,
    chain: Hash,
}

impl Store {
    /// Gives entries their places (`place`), takes those out that waited with the log, and commits.
    pub(super) async fn place(
        &self,
        tx: DatabaseTransaction,
        kind: HashKind,
        entries: (Vec<audit_pending::Model>, Vec<audit_pending::Model>),
        waited: Vec<Vec<u8>>,
    ) -> Result<usize> {
        let head = find_head(&tx).await?;
        let (last, reached) = (*self.placed(), head.as_ref().map(AuditHead::reached));
        // The head says it without another look, where nobody else has put anything there meanwhile.
        let is_grown = last == reached || has(&tx, last).await?;
        let (count, placed) = place(&tx, (kind, head), entries).await?;
        remove(&tx, waited).await?;
        tx.commit().await?;
        let mut now = self.placed();
        // What is not what it was stays to be found.
        if is_grown && now.is_none_or(|now| now.size < placed.size) {
            *now = Some(placed);
        }
        Ok(count)
    }

    /// Whether the log still has what this process put into it last.
    pub async fn has_audit_placed(&self) -> Result<bool> {
        let last = *self.placed();
        has(&self.audit_file().await?.read, last).await
    }

    fn placed(&self) -> MutexGuard<'_, Option<Placed>> {
        let placed = self.audit_placed.lock();
        placed.unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the log is, or grew out of, what it was once.
async fn has<C: ConnectionTrait>(db: &C, once: Option<Placed>) -> Result<bool> {
    let Some(last) = once.filter(|once| once.size > 0) else {
        return Ok(true);
    };
    let link: Option<Vec<u8>> = audit_entry::Entity::find_by_id(last.size as i64 - 1)
        .select_only()
        .column(audit_entry::Column::Chain)
        .into_tuple()
        .one(db)
        .await?;
    Ok(link.is_some_and(|link| link == last.chain))
}

/// Gives entries that wait, and such as are written down just now, their places behind the head, in the order of their ids,
/// and returns how many got one, and how far the log goes; a log that begins does so with this hash.
async fn place(
    tx: &DatabaseTransaction,
    (kind, head): (HashKind, Option<AuditHead>),
    (waiting, fresh): (Vec<audit_pending::Model>, Vec<audit_pending::Model>),
) -> Result<(usize, Placed)> {
    let mut taken = waiting;
    if !taken.is_empty() {
        // A row that has its place, or that somebody copied, has no other, and stops nobody.
        let known = known_ids(tx, taken.iter().map(|row| &row.id)).await?;
        taken.retain(|row| !known.contains(&row.id));
    }
    taken.extend(fresh);
    taken.sort_by(|a, b| a.id.cmp(&b.id));
    taken.dedup_by(|a, b| a.id == b.id);
    let placed = taken.len();
    let mut head = head.unwrap_or(AuditHead {
        kind,
        frontier: Frontier::default(),
        chain: ZERO,
    });
    let (mut entries, mut objects, mut nodes) = (Vec::new(), Vec::new(), Vec::new());
    for row in taken {
        let seq = head.frontier.size() as i64;
        let leaf = head.kind.leaf(&row.record);
        head.chain = head.kind.chain(&head.chain, &leaf);
        head.frontier.push(head.kind, leaf, |level, place, hash| {
            if level > 0 && level % LEVELS == 0 {
                nodes.push(audit_node::ActiveModel {
                    level: Set(i64::from(level)),
                    place: Set(place as i64),
                    hash: Set(hash.to_vec()),
                });
            }
        });
        // Bytes that are no record still get their place: the verifier names it.
        let entry = Entry::decode(&row.record).ok();
        let agencies = entry.iter().flat_map(|entry| &entry.agencies);
        objects.extend(agencies.map(|agency| audit_object::ActiveModel {
            agency_id: Set(*agency),
            seq: Set(seq),
        }));
        let word = |word: Option<&'static str>| Set(word.unwrap_or_default().to_owned());
        entries.push(audit_entry::ActiveModel {
            seq: Set(seq),
            id: Set(row.id),
            leaf: Set(leaf.to_vec()),
            chain: Set(head.chain.to_vec()),
            at: Set(entry
                .as_ref()
                .map_or(DateTime::UNIX_EPOCH, |entry| entry.at)),
            role: word(entry.as_ref().map(|entry| entry.actor.role.as_str())),
            action: word(entry.as_ref().map(|entry| entry.action.as_str())),
            outcome: word(entry.as_ref().map(|entry| entry.outcome.as_str())),
            issuer: Set(entry.as_ref().and_then(|entry| entry.actor.issuer.clone())),
            subject: Set(entry.map(|entry| entry.actor.subject).unwrap_or_default()),
            record: Set(row.record),
        });
    }
    insert_many::<audit_entry::Entity, _>(tx, entries).await?;
    insert_many::<audit_object::Entity, _>(tx, objects).await?;
    insert_many::<audit_node::Entity, _>(tx, nodes).await?;
    let row = audit_head::ActiveModel {
        id: Set(HEAD),
        kind: Set(head.kind.as_str().to_owned()),
        size: Set(head.frontier.size() as i64),
        chain: Set(head.chain.to_vec()),
        peaks: Set(head.frontier.peaks().concat()),
    };
    let moved = OnConflict::column(audit_head::Column::Id)
        .update_columns([
            audit_head::Column::Size,
            audit_head::Column::Chain,
            audit_head::Column::Peaks,
        ])
        .to_owned();
    audit_head::Entity::insert(row)
        .on_conflict(moved)
        .exec_without_returning(tx)
        .await?;
    Ok((placed, head.reached()))
}

async fn remove(tx: &DatabaseTransaction, ids: Vec<Vec<u8>>) -> Result<()> {
    if !ids.is_empty() {
        audit_pending::Entity::delete_many()
            .filter(audit_pending::Column::Id.is_in(ids))
            .exec(tx)
            .await?;
    }
    Ok(())
}
