//! Writing a delivery: staged in transactions of one batch, visible at its one closing entry in the
//! change log, or taken back without a trace.

use std::{
    collections::{HashMap, HashSet},
    fs::File,
};

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    credit_record::CreditRecordStatus,
    id::{Kind, derived_id},
    run::{RunCounts, RunState},
};
use entities::{change, credit_record, evidence, reject, run, run_file};
use futures_util::TryStreamExt;
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait, QueryFilter,
    QuerySelect, Statement,
    sea_query::{Alias, Expr, ExprTrait, Func, Query, SelectStatement},
};

use super::{
    Error, Fact, NewRun, ROWS_PER_BATCH, Reject, Result, Store,
    connect::lock_change_log,
    resident::CHANGE_CHANNEL,
    run::note_success,
    version::{self, Current, NewVersion},
};

/// Rejected rows that are kept for a run; the rest are counted.
const REJECTS_KEPT_MAX: i64 = 10_000;

/// A row of a source that was read and identified.
#[derive(Debug, Clone, PartialEq)]
pub struct StagedRow {
    pub row_id: i64,
    pub source_key: String,
    /// File and line.
    pub location: String,
    /// SHA-256 of `content`, in hexadecimal.
    pub digest: String,
    /// The row's kept fields as a JSON object.
    pub content: String,
    pub fact: Fact,
}

/// What became of a row, in the order of the batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactOf {
    /// It brought something new.
    Stored,
    /// It was there already, or something newer is.
    Unchanged,
}

/// How many rows of a batch brought something new.
pub type Tally = Vec<FactOf>;

/// A delivery that is being written. Nobody sees its rows before [`Delivery::close`]; whoever
/// holds it holds its source, and no other process brings that source in meanwhile.
pub struct Delivery {
    store: Store,
    pub run_id: i64,
    change: i64,
    source: String,
    feed: String,
    data_as_of: DateTime<Utc>,
    received_at: DateTime<Utc>,
    /// Of when the feed's newest full delivery speaks, if that is newer than this one.
    newer_full: Option<DateTime<Utc>>,
    rejects: i64,
    _hold: Hold,
}

/// The right to bring a source in, given back when it is dropped or the process ends.
#[expect(dead_code, reason = "held, never read")]
enum Hold {
    File(File),
    Connection(sqlx::pool::PoolConnection<sqlx::Postgres>),
}

impl Store {
    /// Begins a delivery. What an interrupted one of the same source left behind is taken back.
    pub async fn begin_delivery(&self, new: &NewRun) -> Result<Delivery> {
        let hold = self.hold_source(&new.source).await?;
        self.take_back_interrupted(&new.source, new.started_at).await?;
        let newest = self.newest_full_run(&new.source, &new.feed).await?;
        let newer_full = newest.map(|run| run.data_as_of).filter(|newest| *newest > new.data_as_of);

        let tx = self.begin_write().await?;
        let change = change::ActiveModel {
            id: NotSet,
            seq: Set(None),
            cause: Set("delivery".to_owned()),
            closed_at: Set(None),
        };
        let change = change.insert(&tx).await?.id;
        let run = run_row(new, change).insert(&tx).await?;
        let files = new.files.iter().enumerate().map(|(ordinal, file)| run_file::ActiveModel {
            run_id: Set(run.id),
            ordinal: Set(ordinal as i64),
            name: Set(file.name.clone()),
            digest: Set(file.digest.clone()),
            bytes: Set(file.bytes),
            charset: Set(file.charset.clone()),
        });
        version::insert_many::<run_file::Entity, _>(&tx, files.collect()).await?;
        tx.commit().await?;
        Ok(Delivery {
            store: self.clone(),
            run_id: run.id,
            change,
            source: new.source.clone(),
            feed: new.feed.clone(),
            data_as_of: new.data_as_of,
            received_at: new.started_at,
            newer_full,
            rejects: 0,
            _hold: hold,
        })
    }

    async fn hold_source(&self, source: &str) -> Result<Hold> {
        let busy = || Error::Busy { source_key: source.to_owned() };
        if let Some(folder) = &self.folder {
            let path = folder.join(format!("{source}.lock"));
            let place = |source| Error::File { place: format!("lock file {}", path.display()), source };
            let file = File::create(&path).map_err(place)?;
            return match file.try_lock() {
                Ok(()) => Ok(Hold::File(file)),
                Err(std::fs::TryLockError::WouldBlock) => Err(busy()),
                Err(std::fs::TryLockError::Error(error)) => Err(place(error)),
            };
        }
        let pool = self.write.get_postgres_connection_pool();
        let failed = |error: sqlx::Error| Error::Db(sea_orm::DbErr::Custom(error.to_string()));
        let mut connection = pool.acquire().await.map_err(failed)?;
        // The lock is the session's: it goes when the connection goes, so the connection is closed
        // with the hold and never returns to the pool.
        connection.close_on_drop();
        let (taken,): (bool,) = sqlx::query_as("SELECT pg_try_advisory_lock(hashtext('zhengxin source'), hashtext($1))")
            .bind(source)
            .fetch_one(&mut *connection)
            .await
            .map_err(failed)?;
        if taken { Ok(Hold::Connection(connection)) } else { Err(busy()) }
    }

    async fn take_back_interrupted(&self, source: &str, now: DateTime<Utc>) -> Result<()> {
        let runs = run::Entity::find()
            .filter(run::Column::Source.eq(source))
            .filter(run::Column::State.eq(RunState::Running.as_str()))
            .all(&self.write)
            .await?;
        for run in runs {
            let message = "interrupted; taken back by the run after it";
            self.take_back(run.id, run.change_id, RunState::Failed, RunCounts::default(), message, now).await?;
        }
        Ok(())
    }

    /// Removes all that a change brought and restores all that it ended, batch by batch, then
    /// closes it without a number.
    async fn take_back(
        &self,
        run: i64,
        change: i64,
        state: RunState,
        counts: RunCounts,
        message: &str,
        now: DateTime<Utc>,
    ) -> Result<()> {
        for table in version::TABLES {
            self.in_batches(table, "id", "change_from", change, None).await?;
            self.in_batches(table, "id", "change_to", change, Some("change_to")).await?;
        }
        self.in_batches("evidence", "id", "change_from", change, None).await?;
        self.in_batches("evidence", "id", "change_withdrawn", change, Some("change_withdrawn")).await?;
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
            let keys = rows.iter().map(|row| row.try_get::<i64>("", key)).collect::<Result<Vec<_>, _>>()?;
            if keys.is_empty() {
                return Ok(tx.rollback().await?);
            }
            let these = Expr::col(Alias::new(key)).is_in(keys).and(Expr::col(Alias::new(by)).eq(change));
            match clear {
                None => tx.execute(Query::delete().from_table(Alias::new(table)).and_where(these)).await?,
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

/// What is known of a row already: the content that its feed lists now, and how many it listed.
#[derive(Default)]
struct Told {
    contents: usize,
    now: Option<evidence::Model>,
    newest: Option<DateTime<Utc>>,
}

impl Delivery {
    /// Stages one batch in one transaction. Of rows with the same key the last one stands.
    pub async fn stage(&mut self, yields: &'static str, rows: Vec<StagedRow>) -> Result<Tally> {
        debug_assert!(rows.len() <= ROWS_PER_BATCH);
        let tx = self.store.begin_write().await?;
        let mut tally = Vec::with_capacity(rows.len());
        let last: HashMap<i64, usize> = rows.iter().enumerate().map(|(at, row)| (row.row_id, at)).collect();
        let row_ids: Vec<i64> = last.keys().copied().collect();
        let told = self.told(&tx, &row_ids).await?;
        let agency_ids: Vec<i64> =
            rows.iter().filter(|row| row.fact.table() == "agency").map(|row| row.fact.id(row.row_id)).collect();
        let mut known = HashMap::new();
        for table in version::TABLES {
            let current = match table {
                "agency" => version::current_by_id(&tx, table, &agency_ids).await?,
                _ => version::current_by_row(&tx, table, &row_ids).await?,
            };
            known.insert(table, current);
        }

        let mut new = Vec::new();
        let mut ended: HashMap<&'static str, Vec<Current>> = HashMap::new();
        let mut evidence = Vec::new();
        let mut superseded = Vec::new();
        let nothing = Told::default();
        for (at, mut row) in rows.into_iter().enumerate() {
            if last.get(&row.row_id) != Some(&at) {
                tally.push(FactOf::Unchanged);
                continue;
            }
            let told = told.get(&row.row_id).unwrap_or(&nothing);
            if told.newest.is_some_and(|newest| newest > self.data_as_of) {
                tally.push(FactOf::Unchanged);
                continue;
            }
            if let Some(newer) = self.newer_full
                && !delist(&mut row.fact, china_day(newer))
            {
                tally.push(FactOf::Unchanged);
                continue;
            }
            let same_content = told.now.as_ref().is_some_and(|now| now.digest == row.digest);
            if !same_content {
                superseded.extend(told.now.as_ref().map(|now| (now.id, now.change_from)));
                evidence.push(self.evidence_row(&row, yields, told));
            }
            let id = row.fact.id(row.row_id);
            let table = row.fact.table();
            let key = if table == "agency" { id } else { row.row_id };
            let current = known[table].get(&key).copied();
            let same_fact = current.is_some_and(|now| now.content_hash == row.fact.content_hash());
            // What the row came to before, such as a mention that is told now.
            for other in version::TABLES.iter().filter(|other| **other != table && **other != "agency") {
                if let Some(current) = known[other].get(&row.row_id) {
                    ended.entry(other).or_default().push(*current);
                }
            }
            if !same_fact {
                let version = match current {
                    Some(now) if now.change_from == self.change => now.version,
                    Some(now) => now.version + 1,
                    None => 1,
                };
                ended.entry(table).or_default().extend(current);
                new.push(NewVersion { id, row_id: row.row_id, version, source: self.source.clone(), fact: row.fact });
            }
            tally.push(if same_content && same_fact { FactOf::Unchanged } else { FactOf::Stored });
        }
        for (table, versions) in ended {
            version::end(&tx, table, &versions, self.change).await?;
        }
        self.end_evidence(&tx, &superseded).await?;
        version::insert_many::<evidence::Entity, _>(&tx, evidence).await?;
        version::insert(&tx, self.change, new).await?;
        tx.commit().await?;
        Ok(tally)
    }

    async fn told(&self, tx: &DatabaseTransaction, row_ids: &[i64]) -> Result<HashMap<i64, Told>> {
        let rows = evidence::Entity::find()
            .filter(evidence::Column::RowId.is_in(row_ids.iter().copied()))
            .all(tx)
            .await?;
        let mut told: HashMap<i64, Told> = HashMap::new();
        for row in rows {
            let told = told.entry(row.row_id).or_default();
            told.contents += 1;
            told.newest = Ord::max(told.newest, Some(row.data_as_of));
            if row.change_withdrawn.is_none() {
                told.now = Some(row);
            }
        }
        Ok(told)
    }

    fn evidence_row(&self, row: &StagedRow, yields: &str, told: &Told) -> evidence::ActiveModel {
        // A content that this delivery itself brought gives its place to the later one.
        let replaces_own = told.now.as_ref().is_some_and(|now| now.change_from == self.change);
        let ordinal = told.contents - usize::from(replaces_own);
        evidence::ActiveModel {
            id: Set(derived_id(Kind::Evidence, row.row_id, &format!("{ordinal} {}", row.digest))),
            row_id: Set(row.row_id),
            change_from: Set(self.change),
            source: Set(self.source.clone()),
            feed: Set(self.feed.clone()),
            yields: Set(yields.to_owned()),
            run_id: Set(self.run_id),
            source_key: Set(row.source_key.clone()),
            location: Set(row.location.clone()),
            digest: Set(row.digest.clone()),
            content: Set(row.content.clone()),
            received_at: Set(self.received_at),
            data_as_of: Set(self.data_as_of),
            last_seen_at: Set(self.received_at),
            // What only an older delivery lists is not listed now.
            change_withdrawn: Set(self.newer_full.map(|_| self.change)),
            withdrawn_at: Set(self.newer_full.map(|_| self.received_at)),
        }
    }

    /// Ends contents, as `(id, change that brought it)`.
    async fn end_evidence(&self, tx: &DatabaseTransaction, contents: &[(i64, i64)]) -> Result<()> {
        let (own, earlier): (Vec<_>, Vec<_>) = contents.iter().partition(|(_, from)| *from == self.change);
        if !own.is_empty() {
            evidence::Entity::delete_many()
                .filter(evidence::Column::Id.is_in(own.iter().map(|(id, _)| *id)))
                .exec(tx)
                .await?;
        }
        if !earlier.is_empty() {
            evidence::Entity::update_many()
                .col_expr(evidence::Column::ChangeWithdrawn, Expr::value(self.change))
                .col_expr(evidence::Column::WithdrawnAt, Expr::value(self.received_at))
                .filter(evidence::Column::Id.is_in(earlier.iter().map(|(id, _)| *id)))
                .exec(tx)
                .await?;
        }
        Ok(())
    }

    /// Whether this is the feed's newest delivery, so that what it lacks is withdrawn.
    pub fn is_newest(&self) -> bool {
        self.newer_full.is_none()
    }

    /// The rows that the feed lists and this delivery does not.
    pub async fn list_missing(&self, yields: &[&str], seen: &HashSet<i64>) -> Result<Vec<i64>> {
        let mut rows = evidence::Entity::find()
            .filter(evidence::Column::Source.eq(&self.source))
            .filter(evidence::Column::Feed.eq(&self.feed))
            .filter(evidence::Column::Yields.is_in(yields.iter().copied()))
            .filter(evidence::Column::ChangeWithdrawn.is_null())
            .select_only()
            .column(evidence::Column::RowId)
            .into_tuple::<i64>()
            .stream(&self.store.read)
            .await?;
        let mut missing = Vec::new();
        while let Some(row_id) = rows.try_next().await? {
            if !seen.contains(&row_id) {
                missing.push(row_id);
            }
        }
        Ok(missing)
    }

    /// Withdraws rows: their evidence ends, records become DELISTED, mentions end, and what the
    /// register told stays.
    pub async fn withdraw(&self, row_ids: &[i64]) -> Result<()> {
        let on = china_day(self.data_as_of);
        for batch in row_ids.chunks(ROWS_PER_BATCH) {
            let tx = self.store.begin_write().await?;
            let contents = self.told(&tx, batch).await?;
            let contents: Vec<_> =
                contents.into_values().filter_map(|told| told.now).map(|now| (now.id, now.change_from)).collect();
            self.end_evidence(&tx, &contents).await?;
            let mentions = version::current_by_row(&tx, "mention", batch).await?;
            version::end(&tx, "mention", &mentions.into_values().collect::<Vec<_>>(), self.change).await?;
            self.delist_records(&tx, batch, on).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    async fn delist_records(&self, tx: &DatabaseTransaction, row_ids: &[i64], on: NaiveDate) -> Result<()> {
        let rows = credit_record::Entity::find()
            .filter(credit_record::Column::RowId.is_in(row_ids.iter().copied()))
            .filter(credit_record::Column::ChangeTo.is_null())
            .filter(credit_record::Column::Status.eq(CreditRecordStatus::Active.as_str()))
            .all(tx)
            .await?;
        let mut ended = Vec::with_capacity(rows.len());
        let mut new = Vec::with_capacity(rows.len());
        for row in rows {
            ended.push(Current {
                id: row.id,
                change_from: row.change_from,
                version: row.version,
                content_hash: row.content_hash,
            });
            let known = version::record_from_row(row)?;
            let mut fact = Fact::Record(known.fact.fact);
            delist(&mut fact, on);
            new.push(NewVersion {
                id: known.id,
                row_id: known.row_id,
                version: known.version + 1,
                source: known.fact.source,
                fact,
            });
        }
        version::end(tx, "credit_record", &ended, self.change).await?;
        version::insert(tx, self.change, new).await
    }

    /// Keeps rows that could not be read.
    pub async fn reject(&mut self, rejects: &[Reject]) -> Result<()> {
        let room = usize::try_from(REJECTS_KEPT_MAX - self.rejects).unwrap_or(0);
        let rows: Vec<_> = rejects
            .iter()
            .take(room)
            .zip(self.rejects..)
            .map(|(reject, ordinal)| reject::ActiveModel {
                run_id: Set(self.run_id),
                ordinal: Set(ordinal),
                file: Set(reject.file.clone()),
                line: Set(reject.line),
                column: Set(reject.column.clone()),
                reason: Set(reject.reason.clone()),
            })
            .collect();
        self.rejects += rows.len() as i64;
        if rows.is_empty() {
            return Ok(());
        }
        let tx = self.store.begin_write().await?;
        version::insert_many::<reject::Entity, _>(&tx, rows).await?;
        Ok(tx.commit().await?)
    }

    /// Closes the delivery with its one entry in the change log: from here on all of it is seen.
    /// Then notes when its rows were last seen. Returns the entry's number.
    pub async fn close(
        self,
        counts: RunCounts,
        message: Option<&str>,
        seen: &HashSet<i64>,
        now: DateTime<Utc>,
    ) -> Result<i64> {
        let state = if counts.rejected > 0 { RunState::Partly } else { RunState::Done };
        let tx = self.store.begin_write().await?;
        end_run(&tx, self.run_id, state, counts, message, now).await?;
        note_success(&tx, &self.source, now, self.data_as_of).await?;
        let seq = number_change(&tx, self.change, now).await?;
        tx.commit().await?;
        self.note_seen(seen).await?;
        Ok(seq)
    }

    /// When a row was last seen is no part of any answer's state, so it may follow the closing; a
    /// delivery that is killed here and repeated ends in the same.
    async fn note_seen(&self, seen: &HashSet<i64>) -> Result<()> {
        let seen: Vec<i64> = seen.iter().copied().collect();
        for batch in seen.chunks(ROWS_PER_BATCH) {
            let tx = self.store.begin_write().await?;
            evidence::Entity::update_many()
                .col_expr(evidence::Column::LastSeenAt, Expr::value(self.received_at))
                .col_expr(evidence::Column::DataAsOf, Expr::value(self.data_as_of))
                .filter(evidence::Column::RowId.is_in(batch.iter().copied()))
                .filter(evidence::Column::ChangeWithdrawn.is_null())
                .filter(evidence::Column::ChangeFrom.ne(self.change))
                .filter(evidence::Column::DataAsOf.lte(self.data_as_of))
                .exec(&tx)
                .await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Takes the delivery back: nothing of it is kept but its run and its raw files.
    pub async fn take_back(
        self,
        state: RunState,
        counts: RunCounts,
        message: &str,
        now: DateTime<Utc>,
    ) -> Result<()> {
        self.store.take_back(self.run_id, self.change, state, counts, message, now).await
    }
}

/// Turns a fact into one that its feed lists no longer; false where such a fact is not kept.
fn delist(fact: &mut Fact, on: NaiveDate) -> bool {
    match fact {
        Fact::Record(record) => {
            record.status = CreditRecordStatus::Delisted;
            record.ended_on = Some(on);
            true
        }
        Fact::Agency(_) | Fact::Succession(_) => true,
        Fact::Mention(_) => false,
    }
}

fn china_day(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&domain::date::china_offset()).date_naive()
}

fn run_row(new: &NewRun, change: i64) -> run::ActiveModel {
    run::ActiveModel {
        id: NotSet,
        source: Set(new.source.clone()),
        feed: Set(new.feed.clone()),
        change_id: Set(change),
        is_full: Set(new.is_full),
        data_as_of: Set(new.data_as_of),
        state: Set(RunState::Running.as_str().to_owned()),
        started_at: Set(new.started_at),
        ended_at: Set(None),
        received: Set(0),
        stored: Set(0),
        unchanged: Set(0),
        rejected: Set(0),
        unresolved: Set(0),
        out_of_scope: Set(0),
        withdrawn: Set(0),
        message: Set(None),
    }
}

async fn end_run(
    tx: &DatabaseTransaction,
    run: i64,
    state: RunState,
    counts: RunCounts,
    message: Option<&str>,
    now: DateTime<Utc>,
) -> Result<()> {
    let row = run::ActiveModel {
        id: Set(run),
        state: Set(state.as_str().to_owned()),
        ended_at: Set(Some(now)),
        received: Set(counts.received),
        stored: Set(counts.stored),
        unchanged: Set(counts.unchanged),
        rejected: Set(counts.rejected),
        unresolved: Set(counts.unresolved),
        out_of_scope: Set(counts.out_of_scope),
        withdrawn: Set(counts.withdrawn),
        message: Set(message.map(str::to_owned)),
        ..Default::default()
    };
    row.update(tx).await?;
    Ok(())
}

/// Gives a change the next number, as the last statement of its transaction, and wakes whoever
/// follows the log.
async fn number_change(tx: &DatabaseTransaction, change: i64, now: DateTime<Utc>) -> Result<i64> {
    lock_change_log(tx).await?;
    let newest = Query::select()
        .expr_as(Func::max(Expr::col(change::Column::Seq)), Alias::new("seq"))
        .from(change::Entity)
        .to_owned();
    let newest: Option<i64> = match tx.query_one(&newest).await? {
        Some(row) => row.try_get("", "seq")?,
        None => None,
    };
    let seq = newest.unwrap_or(0) + 1;
    change::Entity::update_many()
        .col_expr(change::Column::Seq, Expr::value(seq))
        .col_expr(change::Column::ClosedAt, Expr::value(now))
        .filter(change::Column::Id.eq(change))
        .exec(tx)
        .await?;
    if tx.get_database_backend() == DbBackend::Postgres {
        let sql = format!("SELECT pg_notify('{CHANGE_CHANNEL}', '{seq}')");
        tx.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    }
    Ok(seq)
}
