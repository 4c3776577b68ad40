//! What owners of exchange tables are to hear of their rows. It is written with the delivery that first
//! received the version of a row, taken back with it, and kept once told: a table's last rows are read
//! again and again, and what was told of them is not told again.

use chrono::{DateTime, Utc};
use entities::feedback;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};

use super::{Delivery, ROWS_PER_BATCH, Result, Store};

/// What a version of a row came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowFeedback {
    /// Derived from all of it, and from the row's cells.
    pub id: i64,
    pub exchange_table: String,
    /// The row's number there.
    pub row: String,
    pub ok: bool,
    pub reason: String,
}

impl Delivery {
    /// Notes what is to be told, unless the same was noted of the same version before.
    pub async fn note_feedback(&self, rows: Vec<RowFeedback>) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let rows: Vec<_> = rows
            .into_iter()
            .map(|row| feedback::ActiveModel {
                id: Set(row.id),
                source: Set(self.source.clone()),
                feed: Set(self.feed.clone()),
                exchange_table: Set(row.exchange_table),
                row: Set(row.row),
                run_id: Set(self.run_id),
                ok: Set(row.ok),
                reason: Set(row.reason),
                told_at: NotSet,
            })
            .collect();
        let tx = self.store.begin_write_under(self.change).await?;
        for batch in rows.chunks(ROWS_PER_BATCH) {
            feedback::Entity::insert_many(batch.iter().cloned())
                .on_conflict(
                    OnConflict::column(feedback::Column::Id)
                        .do_nothing()
                        .to_owned(),
                )
                .exec_without_returning(&tx)
                .await?;
        }
        Ok(tx.commit().await?)
    }
}

impl Store {
    /// What the owner of an exchange table has not heard yet, with the runs that received it; at most a
    /// batch of one run.
    pub async fn list_untold(
        &self,
        source: &str,
        feed: &str,
        exchange_table: &str,
    ) -> Result<Option<(i64, Vec<RowFeedback>)>> {
        let mut rows = feedback::Entity::find()
            .filter(feedback::Column::Source.eq(source))
            .filter(feedback::Column::Feed.eq(feed))
            .filter(feedback::Column::ExchangeTable.eq(exchange_table))
            .filter(feedback::Column::ToldAt.is_null())
            .order_by_asc(feedback::Column::RunId)
            .order_by_asc(feedback::Column::Id)
            .limit(ROWS_PER_BATCH as u64)
            .all(&self.read)
            .await?;
        let Some(run) = rows.first().map(|row| row.run_id) else {
            return Ok(None);
        };
        rows.retain(|row| row.run_id == run);
        let rows = rows.into_iter().map(|row| RowFeedback {
            id: row.id,
            exchange_table: row.exchange_table,
            row: row.row,
            ok: row.ok,
            reason: row.reason,
        });
        Ok(Some((run, rows.collect())))
    }

    /// Notes that it was told.
    pub async fn note_told(&self, rows: &[RowFeedback], now: DateTime<Utc>) -> Result<()> {
        let tx = self.begin_write().await?;
        feedback::Entity::update_many()
            .col_expr(feedback::Column::ToldAt, Expr::value(now))
            .filter(feedback::Column::Id.is_in(rows.iter().map(|row| row.id)))
            .exec(&tx)
            .await?;
        Ok(tx.commit().await?)
    }
}
