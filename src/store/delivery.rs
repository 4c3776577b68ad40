//! Writing a delivery: staged in transactions of one batch, visible at its one closing entry in the
//! change log, or taken back without a trace.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};
use domain::{
    mention::SubjectText,
    run::{RunCounts, RunState},
};
use entities::{change, evidence, reject, run, run_file};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait, QueryFilter,
    Statement,
    sea_query::{Alias, Expr, Func, Query},
};

use crate::failpoint;

use super::{
    Earlier, Error, HashedFact, NewRun, ROWS_PER_BATCH, Reject, Result, Store,
    checkpoint::put_checkpoints, connect::lock_change_log, freshness::note_success, hold::Hold,
    insert::insert_many, outbox::enqueue, resident::CHANGE_CHANNEL, resume::file_row,
};

/// Rejected rows that are kept for a run; the rest are counted.
pub const REJECTS_KEPT_MAX: i64 = 10_000;

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
    /// What it comes to; none where it says that what it identifies is listed no longer.
    pub fact: Option<HashedFact>,
    /// Whether that it is listed no longer is kept even if it never was, so that what comes late does
    /// not list it; not of what may be about a person.
    pub keeps_end: bool,
    /// The form that read it.
    pub form: String,
    /// Whom it names.
    pub subject: Option<SubjectText>,
}

/// What became of a row, in the order of the batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactOf {
    /// It brought something new.
    Stored,
    /// It was there already, or something newer is.
    Unchanged,
    /// It ended what was listed.
    Withdrawn,
}

/// How many rows of a batch brought something new.
pub type Tally = Vec<FactOf>;

/// A delivery that is being written. Nobody sees its rows before [`Delivery::close`]; whoever
/// holds it holds its source, and no other process brings that source in meanwhile.
pub struct Delivery {
    pub(super) store: Store,
    pub run_id: i64,
    pub(super) change: i64,
    pub(super) source: String,
    pub(super) feed: String,
    /// Of when it speaks: where it goes on with an earlier run, of when that one did.
    pub data_as_of: DateTime<Utc>,
    pub(super) received_at: DateTime<Utc>,
    /// What an interrupted run had landed, which need not be fetched again.
    pub earlier: Option<Earlier>,
    /// Whether what it landed is as good as ever if it is taken back: the run after it may go on then.
    pub is_resumable: bool,
    /// For each kind of fact, of when the feed's newest full delivery of it speaks, if that is newer
    /// than this one.
    newer_full: HashMap<String, Option<DateTime<Utc>>>,
    /// Whether nothing of its feed has come before.
    pub(super) is_first: bool,
    /// Rows that it was the first to tell.
    pub(super) own: HashSet<i64>,
    /// Rows that were records before and that it only alleges.
    pub(super) disputed: HashSet<i64>,
    /// Whether what was delivered before is read again.
    is_reread: bool,
    rejects: i64,
    /// Contents and ends that it told again.
    pub(super) spoken_later: Vec<i64>,
    hold: Hold,
}

/// What is known of a delivery once all of it is staged.
pub struct Closing<'a> {
    pub counts: RunCounts,
    /// The kinds of facts of which it told all.
    pub covers: &'a [String],
    /// The rows that it told of.
    pub seen: &'a HashSet<i64>,
    /// How far its lists are read with it.
    pub checkpoints: &'a BTreeMap<String, String>,
}

impl Store {
    /// Begins a delivery. What an interrupted one of the same source left behind is taken back, and what
    /// it had landed belongs to this one from its first moment on.
    pub async fn begin_delivery(&self, new: &NewRun) -> Result<Delivery> {
        let hold = self.hold_source(&new.source).await?;
        let earlier = self.find_earlier(new).await?;
        let interrupted = self.list_interrupted(&new.source).await?;
        let tx = self.begin_write().await?;
        // What a run brought hangs on its change; one that was taken back has none any more.
        let before = run::Entity::find()
            .filter(run::Column::Source.eq(&new.source))
            .filter(run::Column::Feed.eq(&new.feed))
            .filter(run::Column::ChangeId.is_not_null())
            .one(&tx)
            .await?;
        let change = change::ActiveModel {
            id: NotSet,
            seq: Set(None),
            cause: Set("delivery".to_owned()),
            source: Set(None),
            closed_at: Set(None),
        };
        let change = change.insert(&tx).await?.id;
        let run = run_row(new, change, earlier.as_ref()).insert(&tx).await?;
        let files = earlier
            .as_ref()
            .map_or(&new.files, |earlier| &earlier.files);
        let files = files.iter().enumerate();
        let files = files.map(|(at, file)| file_row(run.id, at, file));
        insert_many::<run_file::Entity, _>(&tx, files.collect()).await?;
        tx.commit().await?;
        failpoint::hit("run.begun").await?;
        for (run, change) in interrupted {
            self.take_back_interrupted(run, change, new.started_at)
                .await?;
        }
        self.take_back_reresolved(&new.source).await?;
        Ok(Delivery {
            store: self.clone(),
            run_id: run.id,
            change,
            source: new.source.clone(),
            feed: new.feed.clone(),
            data_as_of: run.data_as_of,
            received_at: new.started_at,
            earlier,
            is_resumable: false,
            newer_full: HashMap::new(),
            is_first: before.is_none(),
            own: HashSet::new(),
            is_reread: new.reread_of.is_some(),
            disputed: HashSet::new(),
            rejects: 0,
            spoken_later: Vec::new(),
            hold,
        })
    }
}

impl Delivery {
    /// Whether anything can be known of a row.
    pub(super) fn may_be_told(&self, row_id: i64) -> bool {
        !self.is_first || self.own.contains(&row_id)
    }

    /// How many records end because their rows only allege by now what was established.
    pub fn disputed(&self) -> usize {
        self.disputed.len()
    }

    /// Of when the feed's newest full delivery of a kind of fact speaks, if that is newer than this
    /// one: then this one neither withdraws nor overrides.
    pub async fn newer_full(&mut self, kind: &str) -> Result<Option<DateTime<Utc>>> {
        if let Some(known) = self.newer_full.get(kind) {
            return Ok(*known);
        }
        let newest = self
            .store
            .newest_full_run(&self.source, &self.feed, kind)
            .await?;
        let newer = newest
            .map(|run| run.data_as_of)
            .filter(|newest| *newest > self.data_as_of);
        self.newer_full.insert(kind.to_owned(), newer);
        Ok(newer)
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
        let tx = self.store.begin_write_under(self.change).await?;
        insert_many::<reject::Entity, _>(&tx, rows).await?;
        Ok(tx.commit().await?)
    }

    /// Closes the delivery with its one entry in the change log: from here on all of it is seen.
    /// Then notes when its rows were last seen. Returns the entry's number.
    pub async fn close(self, closing: Closing<'_>, now: DateTime<Utc>) -> Result<i64> {
        let Closing {
            counts,
            covers,
            seen,
            checkpoints,
        } = closing;
        let state = if counts.rejected > 0 {
            RunState::Partly
        } else {
            RunState::Done
        };
        failpoint::hit("close").await?;
        let tx = self.store.begin_write_under(self.change).await?;
        end_run(&tx, self.run_id, state, counts, None, now).await?;
        let covering = run::ActiveModel {
            id: Set(self.run_id),
            covers: Set(covers.join(" ")),
            ..Default::default()
        };
        covering.update(&tx).await?;
        if !self.is_reread {
            note_success(&tx, &self.source, now, self.data_as_of).await?;
        }
        put_checkpoints(&tx, &self.source, &self.feed, checkpoints).await?;
        enqueue(&tx, &self.store.outbox, self.change, now).await?;
        let seq = number_change(&tx, self.change, now).await?;
        failpoint::hit("close.commit").await?;
        self.store.commit(tx).await?;
        failpoint::hit("closed").await?;
        // Who reads again has not seen anything anew.
        let seen = Some(seen).filter(|_| !self.is_reread);
        let noted = match self.note_seen(seen).await {
            Ok(()) => self.note_spoken_later().await,
            failed => failed,
        };
        if let Err(error) = noted {
            // It is in, whatever becomes of this.
            tracing::warn!(error = %error, run.id = self.run_id, "when rows were last seen is not noted");
        }
        self.hold.release().await;
        Ok(seq)
    }

    /// When a row was last seen is no part of any answer's state, so it may follow the closing; a
    /// delivery that is killed here and repeated ends in the same.
    async fn note_seen(&self, seen: Option<&HashSet<i64>>) -> Result<()> {
        let told_before = |id: &i64| !self.is_first && !self.own.contains(id);
        let seen = seen.into_iter().flatten().copied();
        let seen: Vec<i64> = seen.filter(told_before).collect();
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
        let taken_back = self
            .store
            .take_back(
                self.run_id,
                self.change,
                self.is_resumable,
                (state, counts, message),
                now,
            )
            .await;
        self.hold.release().await;
        taken_back
    }
}

fn run_row(new: &NewRun, change: i64, earlier: Option<&Earlier>) -> run::ActiveModel {
    let checkpoints = earlier.map(|earlier| {
        serde_json::to_string(&earlier.checkpoints).expect("text to text can't fail")
    });
    run::ActiveModel {
        id: NotSet,
        source: Set(new.source.clone()),
        feed: Set(new.feed.clone()),
        change_id: Set(Some(change)),
        covers: Set(String::new()),
        is_full: Set(new.is_full),
        is_fetched: Set(new.place.is_some()),
        reread_of: Set(new.reread_of),
        data_as_of: Set(earlier.map_or(new.data_as_of, |earlier| earlier.data_as_of)),
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
        place: Set(new.place.clone()),
        landed_at: Set(earlier.map(|earlier| earlier.landed_at)),
        checkpoints: Set(checkpoints),
        is_whole: Set(earlier.is_some_and(|earlier| earlier.is_whole)),
    }
}

pub(super) async fn end_run(
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
pub(super) async fn number_change(
    tx: &DatabaseTransaction,
    change: i64,
    now: DateTime<Utc>,
) -> Result<i64> {
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
    let numbered = change::Entity::update_many()
        .col_expr(change::Column::Seq, Expr::value(seq))
        .col_expr(change::Column::ClosedAt, Expr::value(now))
        .filter(change::Column::Id.eq(change))
        .exec(tx)
        .await?;
    if numbered.rows_affected != 1 {
        return Err(Error::Lost);
    }
    if tx.get_database_backend() == DbBackend::Postgres {
        let sql = format!("SELECT pg_notify('{CHANGE_CHANNEL}', '{seq}')");
        tx.query_one_raw(Statement::from_string(DbBackend::Postgres, sql))
            .await?;
    }
    Ok(seq)
}
