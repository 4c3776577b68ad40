//! Looking into the outbox.

use chrono::{DateTime, Utc};
use domain::outbox::{MessageNumber, Operation, OutboxState};
use entities::outbox;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::number_of;
use crate::store::{
    Result, Store,
    rows::{read, read_optional},
};

/// A row of the outbox, as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct OutboxEntry {
    pub id: i64,
    pub target: String,
    pub number: MessageNumber,
    pub state: OutboxState,
    pub operation: Option<Operation>,
    pub attempts: i64,
    pub package: Option<String>,
    pub receipt: Option<String>,
    pub reason: Option<String>,
    pub next_at: DateTime<Utc>,
    pub created_at: DateTime<Utc>,
    pub sent_at: Option<DateTime<Utc>>,
    pub settled_at: Option<DateTime<Utc>>,
}

impl Store {
    /// Rows of the outbox, the newest first.
    pub async fn list_outbox(
        &self,
        target: Option<&str>,
        state: Option<OutboxState>,
        limit: u64,
    ) -> Result<Vec<OutboxEntry>> {
        let mut query = outbox::Entity::find()
            .order_by_desc(outbox::Column::Id)
            .limit(limit);
        if let Some(target) = target {
            query = query.filter(outbox::Column::Target.eq(target));
        }
        if let Some(state) = state {
            query = query.filter(outbox::Column::State.eq(state.as_str()));
        }
        let rows = query.all(&self.read).await?;
        rows.into_iter().map(entry).collect()
    }

    /// The numbers of messages that a target was sent and has not settled, the oldest first, at
    /// most `limit`.
    pub async fn unsettled_outbox(&self, target: &str, limit: u64) -> Result<Vec<MessageNumber>> {
        let rows = outbox::Entity::find()
            .filter(outbox::Column::Target.eq(target))
            .filter(outbox::Column::State.eq(OutboxState::Sent.as_str()))
            .order_by_asc(outbox::Column::Id)
            .limit(limit)
            .all(&self.read)
            .await?;
        Ok(rows.iter().map(number_of).collect())
    }
}

fn entry(row: outbox::Model) -> Result<OutboxEntry> {
    Ok(OutboxEntry {
        id: row.id,
        number: number_of(&row),
        state: read("outbox", row.id, &row.state)?,
        operation: read_optional("outbox", row.id, row.operation.as_deref())?,
        target: row.target,
        attempts: row.attempts,
        package: row.package,
        receipt: row.receipt,
        reason: row.reason,
        next_at: row.next_at,
        created_at: row.created_at,
        sent_at: row.sent_at,
        settled_at: row.settled_at,
    })
}
