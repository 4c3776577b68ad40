//! Runs, the raw files they brought and the rows they could not read.

use chrono::{DateTime, Utc};
use domain::run::{RunCounts, RunState};
use entities::{evidence, reject, run, run_file};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect,
};

use super::{Error, Result, Store};

/// What a run is begun with.
#[derive(Debug, Clone)]
pub struct NewRun {
    pub source: String,
    pub feed: String,
    pub is_full: bool,
    /// Of when the delivery speaks.
    pub data_as_of: DateTime<Utc>,
    pub started_at: DateTime<Utc>,
    /// Digest of the place from which the hub itself fetches it, and of how; none where it is brought.
    pub place: Option<String>,
    /// The run whose raw files are read again: nobody delivered anything.
    pub reread_of: Option<i64>,
    pub files: Vec<RawFile>,
}

/// One file of a delivery, kept by digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawFile {
    pub name: String,
    pub digest: String,
    pub bytes: i64,
    pub charset: String,
}

/// A row that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Reject {
    pub file: String,
    pub line: i64,
    pub column: Option<String>,
    pub reason: String,
}

/// A run as it stands.
#[derive(Debug, Clone)]
pub struct Run {
    pub id: i64,
    pub source: String,
    pub feed: String,
    pub is_full: bool,
    pub data_as_of: DateTime<Utc>,
    pub state: RunState,
    pub started_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
    pub counts: RunCounts,
    pub message: Option<String>,
    /// Whether the hub itself fetched it from the source's place.
    pub is_fetched: bool,
    /// The kinds of facts of which it told all.
    pub covers: Vec<String>,
}

impl Store {
    /// One run.
    pub async fn find_run(&self, id: i64) -> Result<Option<Run>> {
        run::Entity::find_by_id(id)
            .one(&self.read)
            .await?
            .map(from_row)
            .transpose()
    }

    /// Several runs at once.
    pub async fn find_runs(&self, ids: &[i64]) -> Result<Vec<Run>> {
        let rows = run::Entity::find()
            .filter(run::Column::Id.is_in(ids.iter().copied()))
            .all(&self.read)
            .await?;
        rows.into_iter().map(from_row).collect()
    }

    /// A source's runs, newest first, those before `before` where it is given.
    pub async fn list_runs(
        &self,
        source: &str,
        before: Option<i64>,
        limit: u64,
    ) -> Result<Vec<Run>> {
        let mut query = run::Entity::find().filter(run::Column::Source.eq(source));
        if let Some(before) = before {
            query = query.filter(run::Column::Id.lt(before));
        }
        let rows = query
            .order_by_desc(run::Column::Id)
            .limit(limit)
            .all(&self.read)
            .await?;
        rows.into_iter().map(from_row).collect()
    }

    /// The runs in which the hub itself fetched a feed, newest first, without those whose message
    /// begins so.
    pub async fn list_fetched_runs(
        &self,
        (source, feed): (&str, &str),
        without: &str,
        limit: u64,
    ) -> Result<Vec<Run>> {
        let is_meant = Condition::any()
            .add(run::Column::Message.is_null())
            .add(run::Column::Message.not_like(format!("{without}%")));
        let rows = run::Entity::find()
            .filter(run::Column::Source.eq(source))
            .filter(run::Column::Feed.eq(feed))
            .filter(run::Column::IsFetched.eq(true))
            .filter(is_meant)
            .order_by_desc(run::Column::Id)
            .limit(limit)
            .all(&self.read)
            .await?;
        rows.into_iter().map(from_row).collect()
    }

    /// A source's deliveries that are in, the oldest word first; not those that were read again.
    pub async fn list_brought_in(&self, source: &str) -> Result<Vec<Run>> {
        let brought_in = [RunState::Done, RunState::Partly].map(|state| state.as_str());
        let rows = run::Entity::find()
            .filter(run::Column::Source.eq(source))
            .filter(run::Column::State.is_in(brought_in))
            .filter(run::Column::RereadOf.is_null())
            .order_by_asc(run::Column::DataAsOf)
            .order_by_asc(run::Column::Id)
            .all(&self.read)
            .await?;
        rows.into_iter().map(from_row).collect()
    }

    /// How many runs a source has had.
    pub async fn count_runs(&self, source: &str) -> Result<u64> {
        Ok(run::Entity::find()
            .filter(run::Column::Source.eq(source))
            .count(&self.read)
            .await?)
    }

    /// The files of a run, in the order in which they were given.
    pub async fn list_run_files(&self, run: i64) -> Result<Vec<RawFile>> {
        let rows = run_file::Entity::find()
            .filter(run_file::Column::RunId.eq(run))
            .order_by_asc(run_file::Column::Ordinal)
            .all(&self.read)
            .await?;
        let file = |row: run_file::Model| RawFile {
            name: row.name,
            digest: row.digest,
            bytes: row.bytes,
            charset: row.charset,
        };
        Ok(rows.into_iter().map(file).collect())
    }

    /// The rows that a run could not read, at most `limit`.
    pub async fn list_rejects(&self, run: i64, limit: u64) -> Result<Vec<Reject>> {
        let rows = self.page_rejects(run, None, limit).await?;
        Ok(rows.into_iter().map(|(_, reject)| reject).collect())
    }

    /// The rows that a run could not read, with their ordinals, those behind `after` where it is
    /// given.
    pub async fn page_rejects(
        &self,
        run: i64,
        after: Option<i64>,
        limit: u64,
    ) -> Result<Vec<(i64, Reject)>> {
        let mut query = reject::Entity::find().filter(reject::Column::RunId.eq(run));
        if let Some(after) = after {
            query = query.filter(reject::Column::Ordinal.gt(after));
        }
        let rows = query
            .order_by_asc(reject::Column::Ordinal)
            .limit(limit)
            .all(&self.read)
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| (row.ordinal, reject_from_row(row)))
            .collect())
    }

    /// How many rejected rows of a run are kept.
    pub async fn count_rejects(&self, run: i64) -> Result<u64> {
        Ok(reject::Entity::find()
            .filter(reject::Column::RunId.eq(run))
            .count(&self.read)
            .await?)
    }

    /// The newest delivery of a feed that told all of one kind of fact.
    pub async fn newest_full_run(
        &self,
        source: &str,
        feed: &str,
        kind: &str,
    ) -> Result<Option<Run>> {
        run::Entity::find()
            .filter(run::Column::Source.eq(source))
            .filter(run::Column::Feed.eq(feed))
            .filter(run::Column::Covers.contains(kind))
            .order_by_desc(run::Column::DataAsOf)
            .order_by_desc(run::Column::Id)
            .one(&self.read)
            .await?
            .map(from_row)
            .transpose()
    }

    /// Which kinds of facts a feed lists now.
    pub async fn list_yields(&self, source: &str, feed: &str) -> Result<Vec<String>> {
        let yields = evidence::Entity::find()
            .filter(evidence::Column::Source.eq(source))
            .filter(evidence::Column::Feed.eq(feed))
            .filter(evidence::Column::ChangeWithdrawn.is_null())
            .select_only()
            .column(evidence::Column::Yields)
            .distinct()
            .into_tuple()
            .all(&self.read)
            .await?;
        Ok(yields)
    }

    /// Notes that a held run was let in as another one.
    pub async fn note_approved(&self, held: i64, run: i64, now: DateTime<Utc>) -> Result<()> {
        let row = run::ActiveModel {
            id: Set(held),
            state: Set(RunState::Failed.as_str().to_owned()),
            ended_at: Set(Some(now)),
            message: Set(Some(format!("was held; let in as run {run}"))),
            ..Default::default()
        };
        row.update(&self.write).await?;
        Ok(())
    }
}

fn reject_from_row(row: reject::Model) -> Reject {
    Reject {
        file: row.file,
        line: row.line,
        column: row.column,
        reason: row.reason,
    }
}

fn from_row(row: run::Model) -> Result<Run> {
    let state = row
        .state
        .parse()
        .map_err(|error: domain::UnknownValue| Error::Corrupt {
            table: "run",
            id: row.id,
            reason: error.to_string(),
        })?;
    Ok(Run {
        id: row.id,
        source: row.source,
        feed: row.feed,
        is_full: row.is_full,
        data_as_of: row.data_as_of,
        state,
        started_at: row.started_at,
        ended_at: row.ended_at,
        counts: RunCounts {
            received: row.received,
            stored: row.stored,
            unchanged: row.unchanged,
            rejected: row.rejected,
            unresolved: row.unresolved,
            out_of_scope: row.out_of_scope,
            withdrawn: row.withdrawn,
        },
        message: row.message,
        is_fetched: row.is_fetched,
        covers: row.covers.split_whitespace().map(str::to_owned).collect(),
    })
}
