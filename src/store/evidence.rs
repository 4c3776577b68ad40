//! Evidence: what a source's row said, and when it was seen.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entities::{change, evidence};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{Result, Store};

/// One content of one row of a source.
#[derive(Debug, Clone)]
pub struct Evidence {
    pub id: i64,
    pub row_id: i64,
    pub source: String,
    pub run_id: i64,
    pub source_key: String,
    pub location: String,
    pub digest: String,
    pub received_at: DateTime<Utc>,
    pub last_seen_at: DateTime<Utc>,
    pub withdrawn_at: Option<DateTime<Utc>>,
}

/// Contents of one row that are told; older ones are kept, but not listed.
const CONTENTS_PER_ROW_MAX: usize = 50;

impl Store {
    /// The evidence of several rows at once, newest first.
    pub async fn list_evidence(&self, row_ids: &[i64]) -> Result<HashMap<i64, Vec<Evidence>>> {
        let open = open_changes(&self.read).await?;
        let rows = evidence::Entity::find()
            .filter(evidence::Column::RowId.is_in(row_ids.iter().copied()))
            .filter(evidence::Column::ChangeFrom.is_not_in(open.iter().copied()))
            .filter(evidence::Column::IsEnd.eq(false))
            .order_by_desc(evidence::Column::ReceivedAt)
            .order_by_asc(evidence::Column::Id)
            .all(&self.read)
            .await?;
        let mut found: HashMap<i64, Vec<Evidence>> = HashMap::new();
        for row in rows {
            let contents = found.entry(row.row_id).or_default();
            if contents.len() < CONTENTS_PER_ROW_MAX {
                contents.push(from_row(row, &open));
            }
        }
        Ok(found)
    }

    /// One piece of evidence.
    pub async fn find_evidence(&self, id: i64) -> Result<Option<Evidence>> {
        let open = open_changes(&self.read).await?;
        let row = evidence::Entity::find_by_id(id).one(&self.read).await?;
        Ok(row
            .filter(|row| !row.is_end && !open.contains(&row.change_from))
            .map(|row| from_row(row, &open)))
    }
}

/// The changes that are still being written.
pub(super) async fn open_changes(db: &impl sea_orm::ConnectionTrait) -> Result<Vec<i64>> {
    let ids = change::Entity::find()
        .filter(change::Column::Seq.is_null())
        .select_only()
        .column(change::Column::Id)
        .into_tuple()
        .all(db)
        .await?;
    Ok(ids)
}

fn from_row(row: evidence::Model, open: &[i64]) -> Evidence {
    let withdrawn = row
        .change_withdrawn
        .is_some_and(|change| !open.contains(&change));
    Evidence {
        id: row.id,
        row_id: row.row_id,
        source: row.source,
        run_id: row.run_id,
        source_key: row.source_key,
        location: row.location,
        digest: row.digest,
        received_at: row.received_at,
        last_seen_at: row.last_seen_at,
        withdrawn_at: row.withdrawn_at.filter(|_| withdrawn),
    }
}
