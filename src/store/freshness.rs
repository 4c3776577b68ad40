//! How fresh a source is: as fresh as the oldest of the feeds that list something in it, for one that
//! delivers must not hide one that fell silent.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::run::RunState;
use entities::{run, source};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect,
    sea_query::OnConflict,
};

use super::{Result, Store};

/// When a source last delivered, and of when that speaks.
#[derive(Debug, Clone, Copy, Default)]
pub struct Freshness {
    pub last_success_at: Option<DateTime<Utc>>,
    /// Of its oldest feed whose newest whole list has rows; where no feed delivers whole lists, of
    /// the newest delivery.
    pub data_as_of: Option<DateTime<Utc>>,
}

impl Store {
    /// When sources last delivered, by their keys.
    pub async fn freshness(&self, sources: &[String]) -> Result<HashMap<String, Freshness>> {
        let rows = source::Entity::find()
            .filter(source::Column::Key.is_in(sources))
            .all(&self.read)
            .await?;
        let oldest = self.oldest_feeds(sources).await?;
        let fresh = |row: source::Model| {
            let freshness = Freshness {
                last_success_at: row.last_success_at,
                data_as_of: oldest.get(&row.key).copied().or(row.data_as_of),
            };
            (row.key, freshness)
        };
        Ok(rows.into_iter().map(fresh).collect())
    }

    /// Of when the oldest feeds speak that list something, by their sources. Changes that a feed tells
    /// behind its whole list are news of it too.
    async fn oldest_feeds(&self, sources: &[String]) -> Result<HashMap<String, DateTime<Utc>>> {
        let newest: Vec<Option<i64>> = run::Entity::find()
            .filter(run::Column::Source.is_in(sources))
            .filter(run::Column::Covers.ne(""))
            .select_only()
            .column_as(run::Column::Id.max(), "newest")
            .group_by(run::Column::Source)
            .group_by(run::Column::Feed)
            .into_tuple()
            .all(&self.read)
            .await?;
        let newest: Vec<i64> = newest.into_iter().flatten().collect();
        let lists = self.find_runs(&newest).await?;
        let well = [RunState::Done.as_str(), RunState::Partly.as_str()];
        let told: Vec<(String, String, Option<DateTime<Utc>>)> = run::Entity::find()
            .filter(run::Column::Source.is_in(sources))
            .filter(run::Column::State.is_in(well))
            .select_only()
            .column(run::Column::Source)
            .column(run::Column::Feed)
            .column_as(run::Column::DataAsOf.max(), "told")
            .group_by(run::Column::Source)
            .group_by(run::Column::Feed)
            .into_tuple()
            .all(&self.read)
            .await?;
        let mut oldest = HashMap::new();
        for (source, feed, at) in told {
            let is_it = |run: &super::Run| run.source == source && run.feed == feed;
            let lists_something = lists
                .iter()
                .any(|run| is_it(run) && run.counts.received > 0);
            if let Some(at) = at.filter(|_| lists_something) {
                let kept = oldest.entry(source).or_insert(at);
                *kept = at.min(*kept);
            }
        }
        Ok(oldest)
    }
}

/// Notes a success of a source; its data never grows older.
pub(super) async fn note_success(
    db: &impl ConnectionTrait,
    source: &str,
    at: DateTime<Utc>,
    data_as_of: DateTime<Utc>,
) -> Result<()> {
    let known = source::Entity::find_by_id(source).one(db).await?;
    let data_as_of = known
        .and_then(|row| row.data_as_of)
        .map_or(data_as_of, |old| old.max(data_as_of));
    let row = source::ActiveModel {
        key: Set(source.to_owned()),
        last_success_at: Set(Some(at)),
        data_as_of: Set(Some(data_as_of)),
    };
    source::Entity::insert(row)
        .on_conflict(
            OnConflict::column(source::Column::Key)
                .update_columns([source::Column::LastSuccessAt, source::Column::DataAsOf])
                .to_owned(),
        )
        .exec_without_returning(db)
        .await?;
    Ok(())
}
