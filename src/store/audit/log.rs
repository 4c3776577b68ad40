//! Reading the log: entries by place, newest first by what they are, the tree's hashes, checkpoints.

use std::ops::Range;

use chrono::{DateTime, Utc};
use domain::audit::{Action, EntryId, Frontier, Hash, HashKind, Outcome, fold, pieces};
use entities::{audit_checkpoint, audit_entry, audit_node, audit_object, audit_witnessed};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{OnConflict, Query},
};

use super::{begin, integrate::LEVELS};
use crate::store::{Error, Result, Store};

/// An entry of the log, as its row says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedEntry {
    /// Its place.
    pub seq: i64,
    pub id: Vec<u8>,
    pub record: Vec<u8>,
    pub leaf: Vec<u8>,
    pub chain: Vec<u8>,
    pub at: DateTime<Utc>,
    pub subject: String,
    pub issuer: Option<String>,
    pub role: String,
    pub action: String,
    pub outcome: String,
}

/// A signed statement about the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatedNote {
    /// How many entries it is about.
    pub size: i64,
    /// When it was signed, where it is the log's own.
    pub at: Option<DateTime<Utc>>,
    /// The note.
    pub note: String,
}

/// Which entries are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Of one who acted: his subject at his issuer.
    pub subject: Option<String>,
    pub action: Option<Action>,
    pub outcome: Option<Outcome>,
    /// About a body's records.
    pub agency: Option<i64>,
    /// From this moment on.
    pub from: Option<DateTime<Utc>>,
    /// Before this moment.
    pub before: Option<DateTime<Utc>>,
}

impl Store {
    /// Entries from a place on, in their order, at most `limit`.
    pub async fn list_audit(&self, from: i64, limit: u64) -> Result<Vec<LoggedEntry>> {
        let rows = audit_entry::Entity::find()
            .filter(audit_entry::Column::Seq.gte(from))
            .order_by_asc(audit_entry::Column::Seq)
            .limit(limit)
            .all(&self.audit_file().await?.read)
            .await?;
        Ok(rows.into_iter().map(logged).collect())
    }

    /// Entries that are wanted, the newest first, before a place, at most `limit`.
    pub async fn find_audit(
        &self,
        filter: &AuditFilter,
        before: Option<i64>,
        limit: u64,
    ) -> Result<Vec<LoggedEntry>> {
        let before = before.map(|seq| audit_entry::Column::Seq.lt(seq));
        let rows = audit_entry::Entity::find()
            .filter(wanted(filter).add_option(before))
            .order_by_desc(audit_entry::Column::Seq)
            .limit(limit)
            .all(&self.audit_file().await?.read)
            .await?;
        Ok(rows.into_iter().map(logged).collect())
    }

    /// How many entries are wanted.
    pub async fn count_audit(&self, filter: &AuditFilter) -> Result<u64> {
        let file = self.audit_file().await?;
        let count = audit_entry::Entity::find().filter(wanted(filter));
        Ok(count.count(&file.read).await?)
    }

    /// An entry of the log by its id.
    pub async fn find_logged(&self, id: EntryId) -> Result<Option<LoggedEntry>> {
        let row = audit_entry::Entity::find()
            .filter(audit_entry::Column::Id.eq(id.0.to_vec()))
            .one(&self.audit_file().await?.read)
            .await?;
        Ok(row.map(logged))
    }

    /// Which bodies entries are about, as `(place, body)` in that order, for the entries at these places.
    pub async fn audit_objects(&self, places: Range<i64>) -> Result<Vec<(i64, i64)>> {
        let rows = audit_object::Entity::find()
            .filter(audit_object::Column::Seq.gte(places.start))
            .filter(audit_object::Column::Seq.lt(places.end))
            .order_by_asc(audit_object::Column::Seq)
            .order_by_asc(audit_object::Column::AgencyId)
            .all(&self.audit_file().await?.read)
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| (row.seq, row.agency_id))
            .collect())
    }

    /// Kept hashes of the tree as `(level, place, hash)`, whose last leaf is one of those.
    pub async fn audit_nodes(&self, level: u32, places: Range<u64>) -> Result<Vec<(u64, Vec<u8>)>> {
        let rows = audit_node::Entity::find()
            .filter(audit_node::Column::Level.eq(i64::from(level)))
            .filter(audit_node::Column::Place.gte(places.start as i64))
            .filter(audit_node::Column::Place.lt(places.end as i64))
            .order_by_asc(audit_node::Column::Place)
            .all(&self.audit_file().await?.read)
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| (row.place as u64, row.hash))
            .collect())
    }

    /// The hash over a range of leaves that a proof names.
    pub async fn audit_range(&self, kind: HashKind, range: &Range<u64>) -> Result<Hash> {
        let mut hashes = Vec::new();
        for (level, place) in pieces(range) {
            hashes.push(self.audit_subtree(kind, level, place).await?);
        }
        Ok(fold(kind, &hashes))
    }

    /// The tree's right edge when it had so many leaves.
    pub async fn audit_frontier(&self, kind: HashKind, size: u64) -> Result<Frontier> {
        let mut peaks = Vec::new();
        for (level, place) in pieces(&(0..size)) {
            peaks.push(self.audit_subtree(kind, level, place).await?);
        }
        Ok(Frontier::of(size, peaks).expect("a piece for each one of the size"))
    }

    /// The root of a complete subtree, from the nearest hashes that are kept.
    async fn audit_subtree(&self, kind: HashKind, level: u32, place: u64) -> Result<Hash> {
        let kept = level - level % LEVELS;
        let (first, last) = (place << (level - kept), (place + 1) << (level - kept));
        let hashes: Vec<Vec<u8>> = match kept {
            0 => {
                audit_entry::Entity::find()
                    .select_only()
                    .column(audit_entry::Column::Leaf)
                    .filter(audit_entry::Column::Seq.gte(first as i64))
                    .filter(audit_entry::Column::Seq.lt(last as i64))
                    .order_by_asc(audit_entry::Column::Seq)
                    .into_tuple()
                    .all(&self.audit_file().await?.read)
                    .await?
            }
            _ => {
                let nodes = self.audit_nodes(kept, first..last).await?;
                nodes.into_iter().map(|(_, hash)| hash).collect()
            }
        };
        let missing = || Error::Corrupt {
            table: if kept == 0 {
                "audit_entry"
            } else {
                "audit_node"
            },
            id: first as i64,
            reason: "a hash of the tree is missing".to_owned(),
        };
        if hashes.len() as u64 != last - first {
            return Err(missing());
        }
        let mut frontier = Frontier::default();
        for hash in hashes {
            let hash = hash.try_into().map_err(|_| missing())?;
            frontier.push(kind, hash, |_, _, _| {});
        }
        Ok(frontier.root(kind))
    }

    /// Statements about trees bigger than a size, the smallest first, at most `limit`.
    pub async fn list_audit_checkpoints(&self, above: i64, limit: u64) -> Result<Vec<StatedNote>> {
        let rows = audit_checkpoint::Entity::find()
            .filter(audit_checkpoint::Column::Size.gt(above))
            .order_by_asc(audit_checkpoint::Column::Size)
            .limit(limit)
            .all(&self.audit_file().await?.read)
            .await?;
        let note = |row: audit_checkpoint::Model| StatedNote {
            size: row.size,
            at: Some(row.at),
            note: row.note,
        };
        Ok(rows.into_iter().map(note).collect())
    }

    /// The statement about the biggest tree.
    pub async fn last_audit_checkpoint(&self) -> Result<Option<(i64, DateTime<Utc>, String)>> {
        let row = audit_checkpoint::Entity::find()
            .order_by_desc(audit_checkpoint::Column::Size)
            .one(&self.audit_file().await?.read)
            .await?;
        Ok(row.map(|row| (row.size, row.at, row.note)))
    }
}

impl Store {
    /// Keeps what witnesses signed; of one size the newest stands.
    pub async fn put_audit_witnessed(
        &self,
        size: u64,
        at: DateTime<Utc>,
        note: String,
    ) -> Result<()> {
        use audit_witnessed::Column;
        let row = audit_witnessed::ActiveModel {
            size: Set(size as i64),
            at: Set(at),
            note: Set(note),
        };
        let newest = OnConflict::column(Column::Size)
            .update_columns([Column::At, Column::Note])
            .to_owned();
        let tx = begin(&self.audit_file().await?.write).await?;
        audit_witnessed::Entity::insert(row)
            .on_conflict(newest)
            .exec_without_returning(&tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// What witnesses signed of trees bigger than a size, the smallest first, at most `limit`.
    pub async fn list_audit_witnessed(&self, above: i64, limit: u64) -> Result<Vec<StatedNote>> {
        let rows = audit_witnessed::Entity::find()
            .filter(audit_witnessed::Column::Size.gt(above))
            .order_by_asc(audit_witnessed::Column::Size)
            .limit(limit)
            .all(&self.audit_file().await?.read)
            .await?;
        let note = |row: audit_witnessed::Model| StatedNote {
            size: row.size,
            at: None,
            note: row.note,
        };
        Ok(rows.into_iter().map(note).collect())
    }

    /// The size of the biggest tree that a witness signed.
    pub async fn last_audit_witnessed(&self) -> Result<Option<i64>> {
        let row = audit_witnessed::Entity::find()
            .order_by_desc(audit_witnessed::Column::Size)
            .limit(1)
            .one(&self.audit_file().await?.read)
            .await?;
        Ok(row.map(|row| row.size))
    }
}

fn wanted(filter: &AuditFilter) -> Condition {
    use audit_entry::Column;
    let about = filter.agency.map(|agency| {
        let places = Query::select()
            .column(audit_object::Column::Seq)
            .from(audit_object::Entity)
            .and_where(audit_object::Column::AgencyId.eq(agency))
            .to_owned();
        Column::Seq.in_subquery(places)
    });
    Condition::all()
        .add_option(
            filter
                .subject
                .as_ref()
                .map(|subject| Column::Subject.eq(subject)),
        )
        .add_option(
            filter
                .action
                .map(|action| Column::Action.eq(action.as_str())),
        )
        .add_option(
            filter
                .outcome
                .map(|outcome| Column::Outcome.eq(outcome.as_str())),
        )
        .add_option(filter.from.map(|from| Column::At.gte(from)))
        .add_option(filter.before.map(|before| Column::At.lt(before)))
        .add_option(about)
}

fn logged(row: audit_entry::Model) -> LoggedEntry {
    LoggedEntry {
        seq: row.seq,
        id: row.id,
        record: row.record,
        leaf: row.leaf,
        chain: row.chain,
        at: row.at,
        subject: row.subject,
        issuer: row.issuer,
        role: row.role,
        action: row.action,
        outcome: row.outcome,
    }
}
