//! Lists of subjects: each is answered in parts, and what is answered stays answered.

use chrono::{DateTime, Utc};
use domain::audit::EntryId;
use entities::{check_list, check_list_part};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
    sea_query::{Expr, ExprTrait},
};

use super::{Result, Store};

/// A list as it stands.
pub type CheckList = check_list::Model;

/// Some rows of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListPart {
    /// From 0.
    pub part: i64,
    /// Cells of each row.
    pub rows: Vec<Vec<String>>,
    /// Under which entries the answers are kept, and how many under each; none before they are answered.
    pub entries: Option<Vec<(EntryId, usize)>>,
}

impl Store {
    /// Keeps a list with its parts, unless it is there; the one that stands. None where it came at the door and as
    /// many such lists of the same place are unfinished as may be.
    pub async fn put_check_list(
        &self,
        list: CheckList,
        parts: &[Vec<Vec<String>>],
        unfinished_max: u64,
    ) -> Result<Option<CheckList>> {
        let tx = self.begin_write().await?;
        if let Some(known) = check_list::Entity::find_by_id(&list.id).one(&tx).await? {
            return Ok(Some(known));
        }
        let unfinished = check_list::Entity::find()
            .filter(check_list::Column::Place.eq(&list.place))
            .filter(check_list::Column::AtDoor.eq(true))
            .filter(check_list::Column::FinishedAt.is_null());
        if list.at_door && unfinished.count(&tx).await? >= unfinished_max {
            return Ok(None);
        }
        for (part, rows) in (0..).zip(parts) {
            let row = check_list_part::ActiveModel {
                list: Set(list.id.clone()),
                part: Set(part),
                rows: Set(serde_json::to_string(rows).expect("texts are JSON")),
                entries: Set(None),
            };
            check_list_part::Entity::insert(row)
                .exec_without_returning(&tx)
                .await?;
        }
        check_list::Entity::insert(list.clone().into_active_model())
            .exec_without_returning(&tx)
            .await?;
        tx.commit().await?;
        Ok(Some(list))
    }

    /// The list with this id.
    pub async fn check_list(&self, id: &str) -> Result<Option<CheckList>> {
        Ok(check_list::Entity::find_by_id(id).one(&self.read).await?)
    }

    /// A part of a list.
    pub async fn check_list_part(&self, list: &str, part: i64) -> Result<Option<ListPart>> {
        let found = check_list_part::Entity::find_by_id((list.to_owned(), part));
        found.one(&self.read).await?.map(part_of).transpose()
    }

    /// Lists that came over HTTP and are not finished, the oldest first.
    pub async fn waiting_check_lists(&self, limit: u64) -> Result<Vec<String>> {
        let waiting = check_list::Entity::find()
            .select_only()
            .column(check_list::Column::Id)
            .filter(check_list::Column::FinishedAt.is_null())
            .filter(check_list::Column::AtDoor.eq(true))
            .order_by_asc(check_list::Column::AskedAt)
            .limit(limit);
        Ok(waiting.into_tuple().all(&self.read).await?)
    }

    /// Keeps under which entries a part was answered, unless that is known; whether it was not.
    pub async fn put_answered_part(
        &self,
        list: &str,
        part: i64,
        entries: &[(EntryId, usize)],
    ) -> Result<bool> {
        let told: Vec<(String, usize)> = entries
            .iter()
            .map(|(entry, count)| (entry.to_string(), *count))
            .collect();
        let count = entries.iter().map(|(_, count)| *count as i64).sum::<i64>();
        let tx = self.begin_write().await?;
        let written = check_list_part::Entity::update_many()
            .col_expr(
                check_list_part::Column::Entries,
                Expr::value(serde_json::to_string(&told).expect("texts are JSON")),
            )
            .filter(check_list_part::Column::List.eq(list))
            .filter(check_list_part::Column::Part.eq(part))
            .filter(check_list_part::Column::Entries.is_null())
            .exec(&tx)
            .await?;
        let is_first = written.rows_affected > 0;
        if is_first {
            check_list::Entity::update_many()
                .col_expr(
                    check_list::Column::Answered,
                    Expr::col(check_list::Column::Answered).add(count),
                )
                .filter(check_list::Column::Id.eq(list))
                .exec(&tx)
                .await?;
        }
        tx.commit().await?;
        Ok(is_first)
    }

    /// Finishes a list: by the entry of the whole, or with why it can't be answered.
    pub async fn finish_check_list(
        &self,
        id: &str,
        came_to: std::result::Result<EntryId, String>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let (entry, refused) = match came_to {
            Ok(entry) => (Some(entry.0.to_vec()), None),
            Err(reason) => (None, Some(reason)),
        };
        let tx = self.begin_write().await?;
        check_list::Entity::update_many()
            .col_expr(check_list::Column::Entry, Expr::value(entry))
            .col_expr(check_list::Column::Refused, Expr::value(refused))
            .col_expr(check_list::Column::FinishedAt, Expr::value(now))
            .filter(check_list::Column::Id.eq(id))
            .filter(check_list::Column::FinishedAt.is_null())
            .exec(&tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Forgets the lists that were asked before a moment, finished or not; their receipts stay.
    pub async fn erase_check_lists(&self, before: DateTime<Utc>) -> Result<u64> {
        let tx = self.begin_write().await?;
        let old = check_list::Entity::find()
            .select_only()
            .column(check_list::Column::Id)
            .filter(check_list::Column::AskedAt.lt(before));
        let old: Vec<String> = old.into_tuple().all(&tx).await?;
        for id in &old {
            check_list_part::Entity::delete_many()
                .filter(check_list_part::Column::List.eq(id))
                .exec(&tx)
                .await?;
            check_list::Entity::delete_by_id(id).exec(&tx).await?;
        }
        tx.commit().await?;
        Ok(old.len() as u64)
    }
}

fn part_of(row: check_list_part::Model) -> Result<ListPart> {
    let corrupt = |reason: String| super::Error::Corrupt {
        table: "check_list_part",
        id: row.part,
        reason,
    };
    let entries = row.entries.as_ref().map(|text| {
        let told: Vec<(String, usize)> =
            serde_json::from_str(text).map_err(|error| corrupt(error.to_string()))?;
        let told = told.into_iter().map(|(entry, count)| {
            let id = entry.parse::<EntryId>();
            id.map(|id| (id, count))
                .map_err(|_| corrupt(format!("{entry:?} is no entry")))
        });
        told.collect::<Result<Vec<_>>>()
    });
    Ok(ListPart {
        part: row.part,
        rows: serde_json::from_str(&row.rows).map_err(|error| corrupt(error.to_string()))?,
        entries: entries.transpose()?,
    })
}
