//! Evidence: what a source's row said, and when it was seen; or what was attached to a case, whose
//! number stands for a row's.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entities::{attachment, change, evidence};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{Result, Store};

/// One content of one row of a source.
#[derive(Debug, Clone)]
pub struct Evidence {
    pub id: i64,
    pub row_id: i64,
    /// None of what was attached to a case.
    pub source: Option<String>,
    pub run_id: Option<i64>,
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
        let attached = attachment::Entity::find()
            .filter(attachment::Column::CaseId.is_in(row_ids.iter().copied()))
            .order_by_desc(attachment::Column::ReceivedAt)
            .order_by_asc(attachment::Column::Id)
            .all(&self.read)
            .await?;
        for row in attached {
            let contents = found.entry(row.case_id).or_default();
            if contents.len() < CONTENTS_PER_ROW_MAX {
                contents.push(from_attachment(row));
            }
        }
        Ok(found)
    }

    /// One piece of evidence.
    pub async fn find_evidence(&self, id: i64) -> Result<Option<Evidence>> {
        let open = open_changes(&self.read).await?;
        let row = evidence::Entity::find_by_id(id).one(&self.read).await?;
        if row.is_none() {
            let attached = attachment::Entity::find_by_id(id);
            let attached = attached.one(&self.read).await?;
            return Ok(attached.map(from_attachment));
        }
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
        source: Some(row.source),
        run_id: Some(row.run_id),
        source_key: row.source_key,
        location: row.location,
        digest: row.digest,
        received_at: row.received_at,
        last_seen_at: row.last_seen_at,
        withdrawn_at: row.withdrawn_at.filter(|_| withdrawn),
    }
}

fn from_attachment(row: attachment::Model) -> Evidence {
    Evidence {
        id: row.id,
        row_id: row.case_id,
        source: None,
        run_id: None,
        source_key: String::new(),
        location: String::new(),
        digest: row.digest,
        received_at: row.received_at,
        last_seen_at: row.received_at,
        withdrawn_at: None,
    }
}
