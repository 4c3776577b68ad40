//! What became of messages, as their senders and platforms say.

use chrono::{DateTime, Utc};
use domain::outbox::{MessageNumber, Operation, OutboxState};
use entities::outbox;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, Statement, Value,
    sea_query::{Expr, ExprTrait},
};

use crate::store::{Result, Store};

/// Of a row: there is a newer version of its record.
const NEWER: &str = "EXISTS (SELECT 1 FROM outbox newer WHERE newer.target = outbox.target \
     AND newer.record_id = outbox.record_id AND newer.version > outbox.version)";

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is out, and nothing was said about it.
    Sent,
    /// It was taken in, under this receipt.
    Accepted(Option<String>),
    /// It was refused for this reason.
    Refused(String),
    /// It surely was not taken in, and is sent again at that moment.
    Later(String, DateTime<Utc>),
    /// Nobody knows; it is asked for at that moment.
    Unknown(String, DateTime<Utc>),
    /// There is nothing to say about it.
    Cancelled(String),
}

/// A message with what became of it.
#[derive(Debug, Clone)]
pub struct Settled {
    /// The outbox row.
    pub id: i64,
    pub operation: Option<Operation>,
    /// SHA-256 of what was sent, in hexadecimal.
    pub digest: Option<String>,
    pub outcome: Outcome,
}

/// What a platform's later word about a message was to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noted {
    /// It settled the message.
    New,
    /// The message was settled before.
    Known,
    /// It speaks of no message of ours.
    Foreign,
}

impl Store {
    /// Notes what became of rows that this sender holds, and gives them back.
    pub async fn settle_outbox(
        &self,
        token: &str,
        settled: &[Settled],
        now: DateTime<Utc>,
    ) -> Result<()> {
        let tx = self.begin_write().await?;
        for row in settled {
            let (state, receipt, reason, next_at) = match &row.outcome {
                Outcome::Sent => (OutboxState::Sent, None, None, now),
                Outcome::Accepted(receipt) => (OutboxState::Accepted, receipt.clone(), None, now),
                Outcome::Refused(reason) => (OutboxState::Refused, None, Some(reason), now),
                Outcome::Later(reason, at) => (OutboxState::Pending, None, Some(reason), *at),
                Outcome::Unknown(reason, at) => (OutboxState::Unknown, None, Some(reason), *at),
                Outcome::Cancelled(reason) => (OutboxState::Cancelled, None, Some(reason), now),
            };
            let is_out = matches!(row.outcome, Outcome::Sent | Outcome::Accepted(_));
            let is_open = matches!(
                row.outcome,
                Outcome::Sent | Outcome::Later(..) | Outcome::Unknown(..)
            );
            let mut update = outbox::Entity::update_many()
                .col_expr(outbox::Column::State, Expr::value(state.as_str()))
                .col_expr(outbox::Column::Claim, Expr::value(Option::<String>::None))
                .col_expr(
                    outbox::Column::Operation,
                    Expr::value(row.operation.map(Operation::as_str)),
                )
                .col_expr(outbox::Column::Digest, Expr::value(row.digest.clone()))
                .col_expr(outbox::Column::Receipt, Expr::value(receipt))
                .col_expr(outbox::Column::Reason, Expr::value(reason.cloned()))
                .col_expr(outbox::Column::NextAt, Expr::value(next_at))
                .col_expr(
                    outbox::Column::SettledAt,
                    Expr::value((!is_open).then_some(now)),
                );
            if is_out {
                update = update.col_expr(outbox::Column::SentAt, Expr::value(now));
            }
            // Whoever has lost it meanwhile leaves it to the one who holds it now.
            update
                .filter(outbox::Column::Id.eq(row.id))
                .filter(outbox::Column::Claim.eq(token))
                .exec(&tx)
                .await?;
        }
        // What waits gives way to what came while it was being sent.
        let waiting = settled
            .iter()
            .filter(|row| matches!(row.outcome, Outcome::Later(..)));
        for row in waiting {
            let sql = format!(
                "UPDATE outbox SET state = 'CANCELLED', settled_at = $1, reason = 'a newer version came first' \
                 WHERE id = $2 AND state = 'PENDING' AND {NEWER}"
            );
            let values: [Value; 2] = [now.into(), row.id.into()];
            tx.execute_raw(Statement::from_sql_and_values(self.backend(), sql, values))
                .await?;
        }
        Ok(tx.commit().await?)
    }

    /// Notes what a platform says later about messages.
    pub async fn note_feedback(
        &self,
        target: &str,
        feedback: &[(MessageNumber, Outcome)],
        now: DateTime<Utc>,
    ) -> Result<Vec<Noted>> {
        let open = [OutboxState::Sent.as_str(), OutboxState::Unknown.as_str()];
        let tx = self.begin_write().await?;
        let mut noted = Vec::with_capacity(feedback.len());
        for (number, outcome) in feedback {
            let (state, receipt, reason) = match outcome {
                Outcome::Accepted(receipt) => (OutboxState::Accepted, receipt.clone(), None),
                Outcome::Refused(reason) => (OutboxState::Refused, None, Some(reason.clone())),
                // No other word is a last one.
                _ => {
                    noted.push(Noted::Known);
                    continue;
                }
            };
            let this = outbox::Column::Target
                .eq(target)
                .and(outbox::Column::RecordId.eq(number.record_id))
                .and(outbox::Column::Version.eq(number.version));
            let update = outbox::Entity::update_many()
                .col_expr(outbox::Column::State, Expr::value(state.as_str()))
                .col_expr(outbox::Column::Claim, Expr::value(Option::<String>::None))
                .col_expr(outbox::Column::Receipt, Expr::value(receipt))
                .col_expr(outbox::Column::Reason, Expr::value(reason))
                .col_expr(outbox::Column::SettledAt, Expr::value(now))
                .filter(this.clone())
                .filter(outbox::Column::Retries.eq(number.retries))
                .filter(outbox::Column::State.is_in(open));
            let is_new = update.exec(&tx).await?.rows_affected == 1;
            let is_ours = is_new || outbox::Entity::find().filter(this).count(&tx).await? > 0;
            noted.push(match (is_new, is_ours) {
                (true, _) => Noted::New,
                (false, true) => Noted::Known,
                (false, false) => Noted::Foreign,
            });
        }
        tx.commit().await?;
        Ok(noted)
    }

    /// Gives refused rows free again, one or all, under a new number; how many. A row whose record
    /// has a newer version is left: that one speaks for it.
    pub async fn retry_outbox(&self, id: Option<i64>, now: DateTime<Utc>) -> Result<u64> {
        let (only, mut values): (_, Vec<Value>) = match id {
            Some(id) => ("AND id = $2", vec![now.into(), id.into()]),
            None => ("", vec![now.into()]),
        };
        let sql = format!(
            "UPDATE outbox SET state = 'PENDING', retries = retries + 1, attempts = 0, next_at = $1, \
             package = NULL, sent_at = NULL, settled_at = NULL \
             WHERE state = 'REFUSED' {only} AND NOT {NEWER}"
        );
        let tx = self.begin_write().await?;
        let statement = Statement::from_sql_and_values(self.backend(), sql, values.drain(..));
        let freed = tx.execute_raw(statement).await?.rows_affected();
        tx.commit().await?;
        Ok(freed)
    }
}
