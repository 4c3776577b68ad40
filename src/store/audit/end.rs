//! The log's end as it is at one moment, so that it can be verified while others write.

use domain::audit::Frontier;
use entities::{audit_entry, audit_node, audit_object, audit_payload};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, PaginatorTrait, QueryFilter,
};

use super::integrate::{AuditHead, find_head, list_pending};
use crate::store::{Result, Store, connect::begin_snapshot};

/// What stands at the log's end, and what is kept beside it.
#[derive(Debug, Clone)]
pub struct AuditEnd {
    /// How far it is put together; none where it has not begun.
    pub head: Option<AuditHead>,
    /// How many hashes of the tree are kept.
    pub nodes: u64,
    /// Whether something stands before its first place or behind its last one.
    pub has_foreign: bool,
    /// How many payloads are kept, whether or not there are entries that commit to them.
    pub payloads: u64,
    /// Entries that wait for their places, each with its id and its record.
    pub waiting: Vec<(Vec<u8>, Vec<u8>)>,
    /// Whether more wait than were read.
    pub waits_more: bool,
}

impl AuditEnd {
    /// How many entries the log has.
    pub fn size(&self) -> u64 {
        let frontier = self.head.as_ref().map(|head| &head.frontier);
        frontier.map_or(0, Frontier::size)
    }

    async fn add_inbox<C: ConnectionTrait>(&mut self, inbox: &C, limit: usize) -> Result<()> {
        self.payloads += audit_payload::Entity::find().count(inbox).await?;
        let rows = list_pending(inbox, limit).await?;
        self.waits_more |= rows.len() >= limit;
        let rows = rows.into_iter().map(|row| (row.id, row.record));
        self.waiting.extend(rows);
        Ok(())
    }
}

impl Store {
    /// The log's end at one moment, with at most `limit` entries of each kind that wait.
    pub async fn audit_end(&self, limit: usize) -> Result<AuditEnd> {
        let tx = begin_snapshot(&self.audit_file().await?.read).await?;
        let mut end = AuditEnd {
            head: find_head(&tx).await?,
            nodes: audit_node::Entity::find().count(&tx).await?,
            has_foreign: false,
            payloads: 0,
            waiting: Vec::new(),
            waits_more: false,
        };
        end.has_foreign = has_foreign(&tx, end.size() as i64).await?;
        end.add_inbox(&tx, limit).await?;
        tx.commit().await?;
        // Entries of changes commit to nothing, so that nothing of their file must be of the same moment.
        if self.backend() != DbBackend::Postgres {
            end.add_inbox(&self.read, limit).await?;
        }
        Ok(end)
    }
}

async fn has_foreign<C: ConnectionTrait>(db: &C, size: i64) -> Result<bool> {
    use audit_entry::Column as Entry;
    use audit_object::Column as Object;
    let entry = Condition::any()
        .add(Entry::Seq.lt(0))
        .add(Entry::Seq.gte(size));
    let object = Condition::any()
        .add(Object::Seq.lt(0))
        .add(Object::Seq.gte(size));
    let entry = audit_entry::Entity::find().filter(entry).one(db).await?;
    let object = audit_object::Entity::find().filter(object).one(db).await?;
    Ok(entry.is_some() || object.is_some())
}
