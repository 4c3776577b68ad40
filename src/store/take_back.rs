//! Taking a delivery back, whole: what it brought is removed, what it ended is restored.

use chrono::{DateTime, Utc};
use domain::run::{RunCounts, RunState};
use entities::{change, run};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter,
    sea_query::{Alias, Expr, ExprTrait, Query, SelectStatement},
};

use super::{ROWS_PER_BATCH, Result, Store, delivery::end_run, version};

impl Store {
    /// Takes back what interrupted runs of a source left behind.
    pub(super) async fn take_back_interrupted(
        &self,
        source: &str,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let runs = run::Entity::find()
            .filter(run::Column::Source.eq(source))
            .filter(run::Column::State.eq(RunState::Running.as_str()))
            .all(&self.write)
            .await?;
        for run in runs {
            let message = "interrupted; taken back by the run after it";
            self.take_back(
                run.id,
                run.change_id,
                RunState::Failed,
                RunCounts::default(),
                message,
                now,
            )
            .await?;
        }
        Ok(())
    }

    /// Removes all that a change brought and restores all that it ended, batch by batch, then
    /// closes it without a number.
    pub(super) async fn take_back(
        &self,
        run: i64,
        change: i64,
        state: RunState,
        counts: RunCounts,
        message: &str,
        now: DateTime<Utc>,
    ) -> Result<()> {
        for table in version::TABLES {
            self.in_batches(table, "id", "change_from", change, None)
                .await?;
            self.in_batches(table, "id", "change_to", change, Some("change_to"))
                .await?;
        }
        self.in_batches("evidence", "id", "change_from", change, None)
            .await?;
        self.in_batches(
            "evidence",
            "id",
            "change_withdrawn",
            change,
            Some("change_withdrawn"),
        )
        .await?;
        let tx = self.begin_write().await?;
        end_run(&tx, run, state, counts, Some(message), now).await?;
        change::Entity::update_many()
            .col_expr(change::Column::ClosedAt, Expr::value(now))
            .filter(change::Column::Id.eq(change))
            .exec(&tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Deletes the rows of a change, or clears a column in them.
    async fn in_batches(
        &self,
        table: &'static str,
        key: &'static str,
        by: &'static str,
        change: i64,
        clear: Option<&'static str>,
    ) -> Result<()> {
        let batch: SelectStatement = Query::select()
            .column(Alias::new(key))
            .from(Alias::new(table))
            .and_where(Expr::col(Alias::new(by)).eq(change))
            .limit(ROWS_PER_BATCH as u64)
            .to_owned();
        loop {
            let tx = self.begin_write().await?;
            let rows = tx.query_all(&batch).await?;
            let keys = rows
                .iter()
                .map(|row| row.try_get::<i64>("", key))
                .collect::<Result<Vec<_>, _>>()?;
            if keys.is_empty() {
                return Ok(tx.rollback().await?);
            }
            let these = Expr::col(Alias::new(key))
                .is_in(keys)
                .and(Expr::col(Alias::new(by)).eq(change));
            match clear {
                None => {
                    tx.execute(
                        Query::delete()
                            .from_table(Alias::new(table))
                            .and_where(these),
                    )
                    .await?
                }
                Some(column) => {
                    let update = Query::update()
                        .table(Alias::new(table))
                        .value(Alias::new(column), Option::<i64>::None)
                        .and_where(these)
                        .to_owned();
                    tx.execute(&update).await?
                }
            };
            tx.commit().await?;
        }
    }
}
