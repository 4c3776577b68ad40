//! Taking a delivery back, whole: what it brought is removed, what it ended is restored.

use chrono::{DateTime, Utc};
use domain::run::{RunCounts, RunState};
use entities::{change, run};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait, QueryFilter,
    QuerySelect,
    sea_query::{Alias, Expr, ExprTrait, Query, SelectStatement},
};

use crate::failpoint;

use super::{Error, ROWS_PER_BATCH, Result, Store, delivery::end_run, fact};

/// The cause of a change that is being taken back.
const BARRED: &str = "taken back";

impl Store {
    /// Runs of a source that have no process any more, with their changes; asked by whoever holds the
    /// source.
    pub(super) async fn list_interrupted(&self, source: &str) -> Result<Vec<(i64, i64)>> {
        let runs = run::Entity::find()
            .filter(run::Column::Source.eq(source))
            .filter(run::Column::State.eq(RunState::Running.as_str()))
            .all(&self.write)
            .await?;
        let with_change = |run: run::Model| Some((run.id, run.change_id?));
        Ok(runs.into_iter().filter_map(with_change).collect())
    }

    /// Takes back what an interrupted run left behind.
    pub(super) async fn take_back_interrupted(
        &self,
        run: i64,
        change: i64,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let message = "interrupted; taken back by the run after it";
        let end = (RunState::Failed, RunCounts::default(), message);
        self.take_back(run, change, true, end, now).await
    }

    /// Takes back what an interrupted re-resolution of a source left behind.
    pub(super) async fn take_back_reresolved(&self, source: &str) -> Result<()> {
        let open = change::Entity::find()
            .filter(change::Column::Source.eq(source))
            .filter(change::Column::Seq.is_null())
            .all(&self.write)
            .await?;
        for change in open {
            self.take_back_change(change.id).await?;
        }
        Ok(())
    }

    /// Takes back what a change without a run brought and ended.
    pub(super) async fn take_back_change(&self, change: i64) -> Result<()> {
        if !self.bar(change).await? {
            return Ok(());
        }
        self.clear(change).await?;
        let tx = self.begin_write().await?;
        change::Entity::delete_by_id(change).exec(&tx).await?;
        failpoint::hit("take_back.end").await?;
        Ok(tx.commit().await?)
    }

    /// Removes all that a change brought and restores all that it ended, batch by batch, then the
    /// change itself. One that was closed meanwhile stays.
    pub(super) async fn take_back(
        &self,
        run: i64,
        change: i64,
        keeps_landed: bool,
        (state, counts, message): (RunState, RunCounts, &str),
        now: DateTime<Utc>,
    ) -> Result<()> {
        if !self.bar(change).await? {
            return Ok(());
        }
        self.in_batches("feedback", "run_id", run, None).await?;
        self.clear(change).await?;
        let tx = self.begin_write().await?;
        end_run(&tx, run, state, counts, Some(message), now).await?;
        let mut freed = run::ActiveModel {
            id: Set(run),
            change_id: Set(None),
            ..Default::default()
        };
        if !keeps_landed {
            freed.landed_at = Set(None);
        }
        freed.update(&tx).await?;
        change::Entity::delete_by_id(change).exec(&tx).await?;
        failpoint::hit("take_back.end").await?;
        tx.commit().await?;
        Ok(())
    }

    /// Bars a change, whether it is there and open: whoever still writes under it, having lost his hold
    /// without noticing, is waited for and can write no more.
    async fn bar(&self, change: i64) -> Result<bool> {
        let tx = self.begin_write().await?;
        let barred = change::Entity::update_many()
            .col_expr(change::Column::Cause, Expr::value(BARRED))
            .filter(change::Column::Id.eq(change))
            .filter(change::Column::Seq.is_null())
            .exec(&tx)
            .await?;
        tx.commit().await?;
        Ok(barred.rows_affected == 1)
    }

    /// A transaction that writes under an open change; the change can't be barred before it ends.
    pub(super) async fn begin_write_under(&self, change: i64) -> Result<DatabaseTransaction> {
        let tx = self.begin_write().await?;
        let open = change::Entity::find_by_id(change)
            .filter(change::Column::Seq.is_null())
            .filter(change::Column::Cause.ne(BARRED));
        // On SQLite nobody else writes while this one does.
        let open = match tx.get_database_backend() {
            DbBackend::Postgres => open.lock_shared(),
            _ => open,
        };
        match open.one(&tx).await? {
            Some(_) => Ok(tx),
            None => Err(Error::Lost),
        }
    }

    async fn clear(&self, change: i64) -> Result<()> {
        for table in fact::TABLES.into_iter().chain(["decision"]) {
            self.in_batches(table, "change_from", change, None).await?;
            self.in_batches(table, "change_to", change, Some("change_to"))
                .await?;
        }
        self.in_batches("evidence", "change_from", change, None)
            .await?;
        self.in_batches(
            "evidence",
            "change_withdrawn",
            change,
            Some("change_withdrawn"),
        )
        .await
    }

    /// Deletes the rows that name a change or run, or clears a column in them.
    async fn in_batches(
        &self,
        table: &'static str,
        by: &'static str,
        change: i64,
        clear: Option<&'static str>,
    ) -> Result<()> {
        let batch: SelectStatement = Query::select()
            .column(Alias::new("id"))
            .from(Alias::new(table))
            .and_where(Expr::col(Alias::new(by)).eq(change))
            .limit(ROWS_PER_BATCH as u64)
            .to_owned();
        loop {
            let tx = self.begin_write().await?;
            let rows = tx.query_all(&batch).await?;
            let keys = rows
                .iter()
                .map(|row| row.try_get::<i64>("", "id"))
                .collect::<Result<Vec<_>, _>>()?;
            if keys.is_empty() {
                return Ok(tx.rollback().await?);
            }
            let these = Expr::col(Alias::new("id"))
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
            failpoint::hit("take_back.batch").await?;
            tx.commit().await?;
        }
    }
}
