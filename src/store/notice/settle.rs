//! What became of notices, as their senders say; and giving them free again.

use chrono::{DateTime, Utc};
use domain::notice::NoticeState;
use entities::notice;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Statement, Value, sea_query::Expr,
};

use crate::store::{Result, Store};

/// What became of a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// It was taken in.
    Done,
    /// It failed, and is tried again at that moment; never where there is none.
    Failed(Option<DateTime<Utc>>),
    /// The subscriber wants no more.
    Gone,
    /// It was not tried after all, and may be at that moment.
    Untried(DateTime<Utc>),
}

/// A notice with what became of its try.
#[derive(Debug, Clone)]
pub struct SettledNotice {
    pub id: i64,
    pub delivery: Delivery,
    /// What was answered: of HTTP or of SMTP.
    pub status: Option<u16>,
    /// What went wrong, in short.
    pub error: Option<String>,
}

impl Store {
    /// Notes what became of notices that this sender holds, and gives them back. Whoever has lost one
    /// meanwhile leaves it to the one who holds it now.
    pub async fn settle_notices(
        &self,
        token: &str,
        settled: &[SettledNotice],
        now: DateTime<Utc>,
    ) -> Result<()> {
        let tx = self.begin_write().await?;
        for one in settled {
            let (state, next_at) = match one.delivery {
                Delivery::Done => (NoticeState::Delivered, now),
                Delivery::Failed(Some(at)) | Delivery::Untried(at) => (NoticeState::Pending, at),
                Delivery::Failed(None) => (NoticeState::Dead, now),
                Delivery::Gone => (NoticeState::Gone, now),
            };
            let was_tried = !matches!(one.delivery, Delivery::Untried(_));
            let is_over = state != NoticeState::Pending;
            let mut update = notice::Entity::update_many()
                .col_expr(notice::Column::State, Expr::value(state.as_str()))
                .col_expr(notice::Column::Claim, Expr::value(Option::<String>::None))
                .col_expr(notice::Column::NextAt, Expr::value(next_at))
                .col_expr(
                    notice::Column::SettledAt,
                    Expr::value(is_over.then_some(now)),
                );
            if !was_tried {
                let one_less = Expr::cust("attempts - 1");
                update = update.col_expr(notice::Column::Attempts, one_less);
            }
            let held = update
                .filter(notice::Column::Id.eq(one.id))
                .filter(notice::Column::Claim.eq(token))
                .exec(&tx)
                .await?;
            if held.rows_affected == 0 {
                continue;
            }
            let last = "id = (SELECT MAX(id) FROM notice_attempt WHERE notice_id = $1)";
            let (sql, values): (_, Vec<Value>) = match was_tried {
                true => (
                    format!(
                        "UPDATE notice_attempt SET ended_at = $2, status = $3, error = $4 WHERE {last}"
                    ),
                    vec![
                        one.id.into(),
                        now.into(),
                        one.status.map(i64::from).into(),
                        one.error.clone().into(),
                    ],
                ),
                false => (
                    format!("DELETE FROM notice_attempt WHERE {last}"),
                    vec![one.id.into()],
                ),
            };
            tx.execute_raw(Statement::from_sql_and_values(self.backend(), sql, values))
                .await?;
        }
        Ok(tx.commit().await?)
    }

    /// Gives a notice free to be sent again under the same id, whatever became of it; false where there
    /// is none, or it is being sent.
    pub async fn replay_notice(&self, id: i64, now: DateTime<Utc>) -> Result<bool> {
        let sql = "id = $2 AND (state <> 'SENDING' OR next_at <= $1)";
        let values = vec![now.into(), id.into()];
        Ok(self.free_notices(sql, values).await? > 0)
    }

    /// Gives notices free again that were given up, of one subscriber or of all; how many.
    pub async fn retry_notices(&self, subscriber: Option<&str>, now: DateTime<Utc>) -> Result<u64> {
        let is_over = "state IN ('DEAD', 'GONE')";
        match subscriber {
            Some(name) => {
                let sql = format!("{is_over} AND subscriber = $2");
                self.free_notices(&sql, vec![now.into(), name.into()]).await
            }
            None => self.free_notices(is_over, vec![now.into()]).await,
        }
    }

    async fn free_notices(&self, which: &str, values: Vec<Value>) -> Result<u64> {
        let sql = format!(
            "UPDATE notice SET state = 'PENDING', attempts = 0, due_at = $1, next_at = $1, \
             claim = NULL, settled_at = NULL WHERE {which}"
        );
        let tx = self.begin_write().await?;
        let statement = Statement::from_sql_and_values(self.backend(), sql, values);
        let freed = tx.execute_raw(statement).await?.rows_affected();
        tx.commit().await?;
        Ok(freed)
    }
}
