//! From what became of watched subjects to what subscribers are told of it: written down with how far that goes,
//! so each event is raised once, however many processes look for it.

use chrono::{DateTime, Utc};
use domain::{
    notice::{NoticeState, Told},
    viewer::{Role, Viewer},
};
use entities::{notice, watch_list, watch_progress};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Statement,
    Value,
};

use crate::store::{ROWS_PER_BATCH, Result, Store};

use super::{WatchList, from_row};

/// Lists of which one subscriber is told.
const LISTS_MAX: usize = 1_000;

/// A subscriber who is told of a client's watch lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchTarget {
    /// The subscriber's name.
    pub key: String,
    /// Whose lists: of this issuer's subject in this role.
    pub issuer: String,
    pub subject: String,
    pub role: Role,
}

/// A notice that is to be written.
#[derive(Debug, Clone)]
pub struct RaisedWatch {
    /// The event's number in its list.
    pub number: i64,
    pub told: Told,
}

impl Store {
    /// The lists of which a subscriber is told.
    pub async fn watch_lists_for(&self, target: &WatchTarget) -> Result<Vec<WatchList>> {
        // Another issuer may call somebody else by the same name.
        let is_his = |list: &WatchList| {
            let viewer = Viewer {
                issuer: Some(target.issuer.clone()),
                ..list.viewer.clone()
            };
            viewer.client() == list.owner
        };
        let mut lists: Vec<WatchList> = Vec::new();
        let mut behind = 0;
        while lists.len() < LISTS_MAX {
            let rows = watch_list::Entity::find()
                .filter(watch_list::Column::Subject.eq(&target.subject))
                .filter(watch_list::Column::Role.eq(target.role.as_str()))
                .filter(watch_list::Column::EndedAt.is_null())
                .filter(watch_list::Column::Id.gt(behind))
                .order_by_asc(watch_list::Column::Id)
                .limit(LISTS_MAX as u64)
                .all(&self.read)
                .await?;
            let Some(last) = rows.last() else { break };
            behind = last.id;
            let page: Vec<WatchList> = rows.into_iter().map(from_row).collect::<Result<_>>()?;
            lists.extend(page.into_iter().filter(is_his));
        }
        lists.truncate(LISTS_MAX);
        Ok(lists)
    }

    /// How far a list's events are written down for a subscriber.
    pub async fn watch_progress(&self, list: i64, subscriber: &str) -> Result<Option<String>> {
        let row = watch_progress::Entity::find_by_id((list, subscriber.to_owned()));
        Ok(row.one(&self.read).await?.map(|row| row.reached))
    }

    /// Writes a list's next events down for a subscriber, and how far that goes; false where somebody was quicker.
    pub async fn raise_watched(
        &self,
        (list, subscriber): (i64, &str),
        (found, reached): (Option<&str>, &str),
        raised: Vec<RaisedWatch>,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let tx = self.begin_write().await?;
        let sql = "INSERT INTO watch_progress (list_id, subscriber, reached) VALUES ($1, $2, $3) \
                   ON CONFLICT (list_id, subscriber) DO UPDATE SET reached = excluded.reached \
                   WHERE watch_progress.reached = $4";
        let values: [Value; 4] = [
            list.into(),
            subscriber.into(),
            reached.into(),
            found.unwrap_or_default().into(),
        ];
        let moved = Statement::from_sql_and_values(self.backend(), sql, values);
        if tx.execute_raw(moved).await?.rows_affected() == 0 {
            tx.rollback().await?;
            return Ok(false);
        }
        let rows = raised.into_iter().map(|raised| notice::ActiveModel {
            id: NotSet,
            subscriber: Set(subscriber.to_owned()),
            warning_id: Set(raised.number),
            version: Set(i64::from(raised.told.version())),
            state: Set(NoticeState::Pending.as_str().to_owned()),
            attempts: Set(0),
            due_at: Set(now),
            next_at: Set(now),
            claim: Set(None),
            notice: Set(serde_json::to_string(&raised.told).expect("a notice is plain data")),
            created_at: Set(now),
            settled_at: Set(None),
        });
        let rows: Vec<_> = rows.collect();
        for rows in rows.chunks(ROWS_PER_BATCH) {
            notice::Entity::insert_many(rows.iter().cloned())
                .exec_without_returning(&tx)
                .await?;
        }
        tx.commit().await?;
        self.noticed.send_replace(());
        Ok(true)
    }
}
