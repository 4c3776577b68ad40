//! Notices: what subscribers are told. Those of warnings are written in the transaction that changes the warning, so
//! nothing is told that did not happen, and nothing that happened is forgotten; those of watched subjects with how far
//! the log was read for them (`store/watch/raise.rs`).

mod enqueue;
mod listing;
mod settle;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::notice::{NoticeState, Timing, Told, Wanted, message_id};
use entities::notice;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Statement, Value,
};
use tokio::sync::watch;

use super::{Error, Result, Store};

pub(super) use enqueue::enqueue;
pub use listing::{NoticeAttempt, NoticeEntry};
pub use settle::{Delivery as NoticeDelivery, SettledNotice};

/// Who is to be told of warnings.
#[derive(Debug, Clone)]
pub struct NoticeTarget {
    /// The subscriber's name.
    pub key: String,
    /// Of which warnings.
    pub wanted: Wanted,
    /// When; at once where absent.
    pub timing: Option<Arc<Timing>>,
}

/// A notice that one sender holds.
#[derive(Debug, Clone)]
pub struct ClaimedNotice {
    pub id: i64,
    /// The message's id: the same at each try.
    pub message: String,
    /// The how-manieth try this is.
    pub attempts: i64,
    /// When it was to leave.
    pub due_at: DateTime<Utc>,
    pub notice: Told,
}

impl Store {
    /// The same store, which writes down what these subscribers are to be told.
    pub fn with_notices(mut self, targets: Vec<NoticeTarget>) -> Self {
        self.notices = Arc::new(targets);
        self
    }

    /// Changes where subscribers are to be told of what the log does not tell.
    pub fn noticed(&self) -> watch::Receiver<()> {
        self.noticed.subscribe()
    }

    /// Whether a subscriber is told of warnings by who is warned.
    pub fn asks_who_is_warned(&self) -> bool {
        let mut targets = self.notices.iter();
        targets.any(|target| target.wanted.warned.is_some())
    }

    /// Takes up to `limit` notices that are due for one sender, those that were due first before
    /// others, and notes that he tries them. Until he says what came of them, or `until` has passed,
    /// nobody else gets them. Of a subscriber who wants no more there are none.
    pub async fn claim_notices(
        &self,
        subscriber: &str,
        token: &str,
        (now, until): (DateTime<Utc>, DateTime<Utc>),
        limit: usize,
    ) -> Result<Vec<ClaimedNotice>> {
        let is_due = "subscriber = $1 AND state = $5 AND next_at <= $2";
        // A claim is a write of its own, so a process that is killed behind it leaves its mark.
        let claim = format!(
            "UPDATE notice SET state = 'SENDING', claim = $3, next_at = $4, attempts = attempts + 1 \
             WHERE {is_due} AND id IN (SELECT id FROM notice WHERE {is_due} AND NOT EXISTS \
             (SELECT 1 FROM notice gone WHERE gone.subscriber = $1 AND gone.state = 'GONE') \
             ORDER BY next_at, id LIMIT {limit})"
        );
        let tx = self.begin_write().await?;
        let mut claimed_rows = 0;
        // What a sender lost goes first. One state at a time, so that the index has them in order.
        for state in [NoticeState::Sending, NoticeState::Pending] {
            let values: [Value; 5] = [
                subscriber.into(),
                now.into(),
                token.into(),
                until.into(),
                state.as_str().into(),
            ];
            let claim = Statement::from_sql_and_values(self.backend(), &claim, values);
            claimed_rows = tx.execute_raw(claim).await?.rows_affected();
            if claimed_rows > 0 {
                break;
            }
        }
        if claimed_rows == 0 {
            return Ok(Vec::new());
        }
        let begun = "INSERT INTO notice_attempt (notice_id, at) \
                     SELECT id, $1 FROM notice WHERE claim = $2";
        let values: [Value; 2] = [now.into(), token.into()];
        let begun = Statement::from_sql_and_values(self.backend(), begun, values);
        tx.execute_raw(begun).await?;
        let rows = notice::Entity::find()
            .filter(notice::Column::Subscriber.eq(subscriber))
            .filter(notice::Column::State.eq(NoticeState::Sending.as_str()))
            .filter(notice::Column::Claim.eq(token))
            .order_by_asc(notice::Column::DueAt)
            .order_by_asc(notice::Column::Id)
            .all(&tx)
            .await?;
        tx.commit().await?;
        rows.into_iter().map(claimed).collect()
    }
}

fn claimed(row: notice::Model) -> Result<ClaimedNotice> {
    let notice = read_notice(&row)?;
    Ok(ClaimedNotice {
        id: row.id,
        message: message_id(&row.subscriber, row.warning_id, notice.version()),
        attempts: row.attempts,
        due_at: row.due_at,
        notice,
    })
}

fn read_notice(row: &notice::Model) -> Result<Told> {
    serde_json::from_str(&row.notice).map_err(|error| Error::Corrupt {
        table: "notice",
        id: row.id,
        reason: error.to_string(),
    })
}
