//! Looking at notices, and at each time that they were tried.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::notice::{NoticeState, Told, message_id};
use entities::{notice, notice_attempt};
use sea_orm::{
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::ExprTrait,
};

use super::read_notice;
use crate::store::{ROWS_PER_BATCH, Result, Store, rows::read};

/// A notice, as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct NoticeEntry {
    pub id: i64,
    pub subscriber: String,
    /// The message's id: the same at each try.
    pub message: String,
    /// The number of the warning, or of the watched subject's event.
    pub about: i64,
    pub state: NoticeState,
    pub due_at: DateTime<Utc>,
    pub next_at: DateTime<Utc>,
    pub created_at: DateTime<Utc>,
    pub settled_at: Option<DateTime<Utc>>,
    pub notice: Told,
    /// The oldest first.
    pub attempts: Vec<NoticeAttempt>,
}

/// One time that a notice was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeAttempt {
    pub at: DateTime<Utc>,
    /// None while it is tried, and of one whose sender was killed.
    pub ended_at: Option<DateTime<Utc>>,
    pub status: Option<i64>,
    pub error: Option<String>,
}

impl Store {
    /// Notices, the newest first.
    pub async fn list_notices(
        &self,
        subscriber: Option<&str>,
        state: Option<NoticeState>,
        limit: u64,
    ) -> Result<Vec<NoticeEntry>> {
        let mut query = notice::Entity::find()
            .order_by_desc(notice::Column::Id)
            .limit(limit);
        if let Some(subscriber) = subscriber {
            query = query.filter(notice::Column::Subscriber.eq(subscriber));
        }
        if let Some(state) = state {
            query = query.filter(notice::Column::State.eq(state.as_str()));
        }
        let rows = query.all(&self.read).await?;
        let mut attempts: HashMap<i64, Vec<NoticeAttempt>> = HashMap::new();
        for rows in rows.chunks(ROWS_PER_BATCH) {
            let tried = notice_attempt::Entity::find()
                .filter(notice_attempt::Column::NoticeId.is_in(rows.iter().map(|row| row.id)))
                .order_by_asc(notice_attempt::Column::Id)
                .all(&self.read)
                .await?;
            for row in tried {
                let attempt = NoticeAttempt {
                    at: row.at,
                    ended_at: row.ended_at,
                    status: row.status,
                    error: row.error,
                };
                attempts.entry(row.notice_id).or_default().push(attempt);
            }
        }
        let entry = |row: notice::Model| {
            let notice = read_notice(&row)?;
            Ok(NoticeEntry {
                id: row.id,
                message: message_id(&row.subscriber, row.warning_id, notice.version()),
                about: row.warning_id,
                state: read("notice", row.id, &row.state)?,
                due_at: row.due_at,
                next_at: row.next_at,
                created_at: row.created_at,
                settled_at: row.settled_at,
                attempts: attempts.remove(&row.id).unwrap_or_default(),
                subscriber: row.subscriber,
                notice,
            })
        };
        rows.into_iter().map(entry).collect()
    }

    /// How many notices of a subscriber stand so.
    pub async fn count_notices(&self, subscriber: &str, state: NoticeState) -> Result<u64> {
        let of_his = notice::Column::Subscriber
            .eq(subscriber)
            .and(notice::Column::State.eq(state.as_str()));
        let counted = notice::Entity::find().filter(of_his).count(&self.read);
        Ok(counted.await?)
    }
}
