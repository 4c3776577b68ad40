//! Going on where an interrupted run stopped: what a run fetches is noted as it lands, and the run after
//! it need not fetch that again.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use domain::run::RunState;
use entities::{run, run_file};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder,
    sea_query::Expr,
};

use crate::failpoint;

use super::{Delivery, Error, NewRun, RawFile, Result, Store, insert::insert_many};

/// How long the fetching of one delivery may rest half-way: rows move between pages meanwhile, and what
/// changes unseen grows with the time.
const PART_WITHIN: TimeDelta = TimeDelta::minutes(30);
/// How long what was fetched to its end may wait to be read: later its source has newer to say.
const WHOLE_WITHIN: TimeDelta = TimeDelta::hours(12);

/// What an earlier run had landed when it was interrupted.
#[derive(Debug, Clone)]
pub struct Earlier {
    pub run: i64,
    pub data_as_of: DateTime<Utc>,
    pub files: Vec<RawFile>,
    /// How far lists are read with these files.
    pub checkpoints: BTreeMap<String, String>,
    /// Whether that is all that its place had to give.
    pub is_whole: bool,
    pub(super) landed_at: DateTime<Utc>,
}

impl Store {
    /// What the run before this one had landed from the same place, if nothing else has come of that and
    /// it is not too old.
    pub(super) async fn find_earlier(&self, new: &NewRun) -> Result<Option<Earlier>> {
        let Some(place) = &new.place else {
            return Ok(None);
        };
        let last = run::Entity::find()
            .filter(run::Column::Source.eq(&new.source))
            .filter(run::Column::Feed.eq(&new.feed))
            .order_by_desc(run::Column::Id)
            .one(&self.write)
            .await?;
        let ended_early = [RunState::Running.as_str(), RunState::Failed.as_str()];
        let is_same = |run: &run::Model| {
            run.place.as_ref() == Some(place) && ended_early.contains(&run.state.as_str())
        };
        let Some(last) = last.filter(is_same) else {
            return Ok(None);
        };
        let within = match last.is_whole {
            true => WHOLE_WITHIN,
            false => PART_WITHIN,
        };
        let Some(landed_at) = last.landed_at.filter(|at| new.started_at - at <= within) else {
            return Ok(None);
        };
        let checkpoints = match &last.checkpoints {
            Some(text) => serde_json::from_str(text).map_err(|error| Error::Corrupt {
                table: "run",
                id: last.id,
                reason: format!("checkpoints: {error}"),
            })?,
            None => BTreeMap::new(),
        };
        Ok(Some(Earlier {
            run: last.id,
            data_as_of: last.data_as_of,
            files: self.list_run_files(last.id).await?,
            checkpoints,
            is_whole: last.is_whole,
            landed_at,
        }))
    }
}

impl Delivery {
    /// Notes the file that landed as the `at`th of this delivery, and how far lists are read with it.
    pub async fn note_landed(
        &self,
        at: usize,
        file: &RawFile,
        so_far: &BTreeMap<String, String>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let tx = self.store.begin_write().await?;
        insert_many::<run_file::Entity, _>(&tx, vec![file_row(self.run_id, at, file)]).await?;
        self.note_reached(&tx, so_far, false, now).await?;
        tx.commit().await?;
        failpoint::hit("landed.noted").await?;
        Ok(())
    }

    /// Notes that all has landed that its place had to give.
    pub async fn note_whole(
        &self,
        reached: &BTreeMap<String, String>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let tx = self.store.begin_write().await?;
        self.note_reached(&tx, reached, true, now).await?;
        tx.commit().await?;
        failpoint::hit("landed.whole").await?;
        Ok(())
    }

    /// Whoever lost his hold unnoticed finds his change gone, and notes nothing more.
    async fn note_reached(
        &self,
        tx: &DatabaseTransaction,
        reached: &BTreeMap<String, String>,
        is_whole: bool,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let text = serde_json::to_string(reached).expect("text to text can't fail");
        let noted = run::Entity::update_many()
            .col_expr(run::Column::LandedAt, Expr::value(now))
            .col_expr(run::Column::Checkpoints, Expr::value(text))
            .col_expr(run::Column::IsWhole, Expr::value(is_whole))
            .filter(run::Column::Id.eq(self.run_id))
            .filter(run::Column::ChangeId.eq(self.change))
            .exec(tx)
            .await?;
        match noted.rows_affected {
            1 => Ok(()),
            _ => Err(Error::Lost),
        }
    }

    /// Leaves aside what landed from the `from`th file on: the list is fetched anew.
    pub async fn leave_aside(&self, from: usize) -> Result<()> {
        let tx = self.store.begin_write().await?;
        run_file::Entity::delete_many()
            .filter(run_file::Column::RunId.eq(self.run_id))
            .filter(run_file::Column::Ordinal.gte(from as i64))
            .exec(&tx)
            .await?;
        Ok(tx.commit().await?)
    }
}

pub(super) fn file_row(run: i64, at: usize, file: &RawFile) -> run_file::ActiveModel {
    run_file::ActiveModel {
        run_id: Set(run),
        ordinal: Set(at as i64),
        name: Set(file.name.clone()),
        digest: Set(file.digest.clone()),
        bytes: Set(file.bytes),
        charset: Set(file.charset.clone()),
    }
}
