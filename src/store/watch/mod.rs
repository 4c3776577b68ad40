//! Watch lists and their subjects: a client's own, so no change of the log; what happened to subjects is read from
//! the log itself (`moves.rs`).

mod moves;
mod raise;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::viewer::Viewer;
use entities::{watch_list, watch_subject};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
    sea_query::{Expr, ExprTrait},
};

use super::{
    ROWS_PER_BATCH, Result, Store, connect::lock_change_log, insert::insert_many, rows::read,
};

pub use moves::{RecordStanding, WatchMoves};
pub use raise::{RaisedWatch, WatchTarget};

/// Subjects of one list.
pub const WATCHED_MAX: u64 = 10_000;
/// Lists of one client that have not ended.
pub const WATCH_LISTS_MAX: u64 = 50;

/// A list that is to be.
#[derive(Debug, Clone)]
pub struct NewWatchList {
    /// Whose it is: a digest of caller, role and scope.
    pub owner: String,
    /// A digest of the caller and his key: asked for again under it, there is one list.
    pub request: String,
    /// As who he asks.
    pub viewer: Viewer,
    pub title: String,
    /// What for.
    pub purpose: String,
    /// The case or document that is its occasion.
    pub reference: Option<String>,
    /// The number of the change log at which it begins.
    pub since: i64,
}

/// A watch list.
#[derive(Debug, Clone, PartialEq)]
pub struct WatchList {
    pub id: i64,
    pub owner: String,
    /// As who its client asks: whom he may check depends on it.
    pub viewer: Viewer,
    pub title: String,
    pub purpose: String,
    pub reference: Option<String>,
    pub since: i64,
    /// A count of what was done with it.
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
}

/// A subject of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// The body's number, and its code.
    pub agency: i64,
    pub uscc: String,
    /// The number of the change log after which he is told of it.
    pub since: i64,
    pub added_at: DateTime<Utc>,
}

/// What a step with a list came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WatchWritten {
    /// It is done; of so many subjects.
    Done(u64),
    /// The list has ended.
    Ended,
    /// There would be more than there may be.
    TooMany,
}

impl Store {
    /// Begins a list, once for each request; none where its client has as many as he may.
    pub async fn create_watch_list(
        &self,
        new: NewWatchList,
        now: DateTime<Utc>,
    ) -> Result<Option<WatchList>> {
        let tx = self.begin_write().await?;
        // Two that are begun at once are counted one after another.
        lock_change_log(&tx).await?;
        let known = watch_list::Entity::find()
            .filter(watch_list::Column::Request.eq(&new.request))
            .one(&tx)
            .await?;
        if let Some(known) = known {
            return from_row(known).map(Some);
        }
        let open = watch_list::Entity::find()
            .filter(watch_list::Column::Owner.eq(&new.owner))
            .filter(watch_list::Column::EndedAt.is_null());
        if open.count(&tx).await? >= WATCH_LISTS_MAX {
            return Ok(None);
        }
        let viewer = &new.viewer;
        let divisions: Vec<String> = viewer.divisions.iter().map(ToString::to_string).collect();
        let row = watch_list::ActiveModel {
            id: NotSet,
            owner: Set(new.owner),
            request: Set(new.request),
            subject: Set(viewer.subject.clone()),
            role: Set(viewer.role.to_string()),
            divisions: Set(divisions.join(" ")),
            agency: Set(viewer.agency.map(|code| code.to_string())),
            title: Set(new.title),
            purpose: Set(new.purpose),
            reference: Set(new.reference),
            since: Set(new.since),
            version: Set(1),
            created_at: Set(now),
            ended_at: Set(None),
        };
        let made = row.insert(&tx).await?;
        self.commit(tx).await?;
        from_row(made).map(Some)
    }

    /// The list with this number of this client.
    pub async fn watch_list(&self, owner: &str, id: i64) -> Result<Option<WatchList>> {
        let row = watch_list::Entity::find_by_id(id)
            .filter(watch_list::Column::Owner.eq(owner))
            .one(&self.read)
            .await?;
        row.map(from_row).transpose()
    }

    /// Whose list has this number.
    pub async fn watch_list_owner(&self, id: i64) -> Result<Option<Viewer>> {
        let row = watch_list::Entity::find_by_id(id).one(&self.read).await?;
        let list = row.map(from_row).transpose()?;
        Ok(list.map(|list| list.viewer))
    }

    /// A client's lists, the newest first, from behind the one with this number, at most `limit`.
    pub async fn watch_lists(
        &self,
        owner: &str,
        before: Option<i64>,
        limit: u64,
    ) -> Result<Vec<WatchList>> {
        let mut query =
            watch_list::Entity::find().filter(watch_list::Column::Owner.eq(owner.to_owned()));
        if let Some(before) = before {
            query = query.filter(watch_list::Column::Id.lt(before));
        }
        let rows = query
            .order_by_desc(watch_list::Column::Id)
            .limit(limit)
            .all(&self.read)
            .await?;
        rows.into_iter().map(from_row).collect()
    }

    /// How many lists a client has had.
    pub async fn count_watch_lists(&self, owner: &str) -> Result<u64> {
        let lists = watch_list::Entity::find().filter(watch_list::Column::Owner.eq(owner));
        Ok(lists.count(&self.read).await?)
    }

    /// A list's subjects by their numbers, from behind one, at most `limit`.
    pub async fn watched(&self, list: i64, after: i64, limit: u64) -> Result<Vec<Watched>> {
        let rows = watch_subject::Entity::find()
            .filter(watch_subject::Column::ListId.eq(list))
            .filter(watch_subject::Column::AgencyId.gt(after))
            .order_by_asc(watch_subject::Column::AgencyId)
            .limit(limit)
            .all(&self.read)
            .await?;
        Ok(rows.into_iter().map(watched).collect())
    }

    /// How many subjects a list has.
    pub async fn count_watched(&self, list: i64) -> Result<u64> {
        let subjects = watch_subject::Entity::find().filter(watch_subject::Column::ListId.eq(list));
        Ok(subjects.count(&self.read).await?)
    }

    /// Adds subjects to a list; those that it has already stay as they are.
    pub async fn add_watched(
        &self,
        list: i64,
        subjects: &[Watched],
        now: DateTime<Utc>,
    ) -> Result<WatchWritten> {
        let tx = self.begin_write().await?;
        if !step(&tx, list, None).await? {
            return Ok(WatchWritten::Ended);
        }
        let mut new: BTreeMap<i64, &Watched> =
            subjects.iter().map(|one| (one.agency, one)).collect();
        let numbers: Vec<i64> = new.keys().copied().collect();
        for numbers in numbers.chunks(ROWS_PER_BATCH) {
            let known: Vec<i64> = watch_subject::Entity::find()
                .filter(watch_subject::Column::ListId.eq(list))
                .filter(watch_subject::Column::AgencyId.is_in(numbers.iter().copied()))
                .select_only()
                .column(watch_subject::Column::AgencyId)
                .into_tuple()
                .all(&tx)
                .await?;
            new.retain(|agency, _| !known.contains(agency));
        }
        let held = watch_subject::Entity::find().filter(watch_subject::Column::ListId.eq(list));
        if held.count(&tx).await? + new.len() as u64 > WATCHED_MAX {
            return Ok(WatchWritten::TooMany);
        }
        let added = new.len() as u64;
        let rows = new.into_values().map(|one| watch_subject::ActiveModel {
            list_id: Set(list),
            agency_id: Set(one.agency),
            uscc: Set(one.uscc.clone()),
            since: Set(one.since),
            added_at: Set(now),
        });
        insert_many::<watch_subject::Entity, _>(&tx, rows.collect()).await?;
        let about: Vec<i64> = subjects.iter().map(|one| one.agency).collect();
        self.commit_about(tx, &about).await?;
        Ok(WatchWritten::Done(added))
    }

    /// Takes the bodies with these codes out of a list.
    pub async fn remove_watched(&self, list: i64, codes: &[String]) -> Result<WatchWritten> {
        let tx = self.begin_write().await?;
        if !step(&tx, list, None).await? {
            return Ok(WatchWritten::Ended);
        }
        let these = watch_subject::Column::ListId.eq(list);
        let these = these.and(watch_subject::Column::Uscc.is_in(codes));
        let about: Vec<i64> = watch_subject::Entity::find()
            .filter(these.clone())
            .select_only()
            .column(watch_subject::Column::AgencyId)
            .into_tuple()
            .all(&tx)
            .await?;
        watch_subject::Entity::delete_many()
            .filter(these)
            .exec(&tx)
            .await?;
        self.commit_about(tx, &about).await?;
        Ok(WatchWritten::Done(about.len() as u64))
    }

    /// Ends a list: nothing is told of it any more.
    pub async fn end_watch_list(&self, list: i64, now: DateTime<Utc>) -> Result<WatchWritten> {
        let tx = self.begin_write().await?;
        if !step(&tx, list, Some(now)).await? {
            return Ok(WatchWritten::Ended);
        }
        self.commit(tx).await?;
        Ok(WatchWritten::Done(0))
    }
}

/// Notes that something is done with a list; false where it has ended. Who comes at the same time waits here.
async fn step(tx: &DatabaseTransaction, list: i64, ended: Option<DateTime<Utc>>) -> Result<bool> {
    let next = Expr::col(watch_list::Column::Version).add(1);
    let update = watch_list::Entity::update_many()
        .col_expr(watch_list::Column::Version, next)
        .col_expr(watch_list::Column::EndedAt, Expr::value(ended))
        .filter(watch_list::Column::Id.eq(list))
        .filter(watch_list::Column::EndedAt.is_null());
    Ok(update.exec(tx).await?.rows_affected > 0)
}

fn watched(row: watch_subject::Model) -> Watched {
    Watched {
        agency: row.agency_id,
        uscc: row.uscc,
        since: row.since,
        added_at: row.added_at,
    }
}

fn from_row(row: watch_list::Model) -> Result<WatchList> {
    let id = row.id;
    let codes = row.divisions.split_whitespace();
    let divisions: Result<_> = codes.map(|code| read("watch_list", id, code)).collect();
    let agency = row.agency.as_deref();
    Ok(WatchList {
        viewer: Viewer {
            subject: row.subject,
            role: read("watch_list", id, &row.role)?,
            divisions: divisions?,
            agency: agency
                .map(|code| read("watch_list", id, code))
                .transpose()?,
            ..Viewer::public()
        },
        id,
        owner: row.owner,
        title: row.title,
        purpose: row.purpose,
        reference: row.reference,
        since: row.since,
        version: row.version,
        created_at: row.created_at,
        ended_at: row.ended_at,
    })
}
