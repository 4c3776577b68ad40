//! The outbox: what platforms are to hear of. It is written in the transaction that makes a change
//! visible, so nothing leaves that did not happen, and nothing that happened is forgotten.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::outbox::{MessageNumber, Operation, OutboxState};
use entities::outbox;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect, Statement, Value, sea_query::Expr,
};

use super::{Error, Result, Store, version::read_optional};

/// What a platform is to hear of.
#[derive(Debug, Clone)]
pub struct OutboxTarget {
    /// The key of its layout.
    pub key: String,
    /// The kinds of records that it gets.
    pub kinds: Vec<String>,
    /// Sources whose records it does not get, such as itself.
    pub sources_excluded: Vec<String>,
}

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
    pub operation: Operation,
    /// SHA-256 of what was sent, in hexadecimal.
    pub digest: String,
    pub outcome: Outcome,
}

/// A row of the outbox, as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct OutboxEntry {
    pub id: i64,
    pub target: String,
    pub number: MessageNumber,
    pub state: OutboxState,
    pub operation: Option<Operation>,
    pub attempts: i64,
    pub package: Option<String>,
    pub receipt: Option<String>,
    pub reason: Option<String>,
    pub next_at: DateTime<Utc>,
    pub created_at: DateTime<Utc>,
    pub sent_at: Option<DateTime<Utc>>,
    pub settled_at: Option<DateTime<Utc>>,
}

/// Puts into the outbox what a change says about records, in the change's own transaction. An older
/// version that was not sent yet gives way.
pub(super) async fn enqueue(
    tx: &DatabaseTransaction,
    targets: &[OutboxTarget],
    change: i64,
    now: DateTime<Utc>,
) -> Result<()> {
    for target in targets {
        let mut values: Vec<Value> = vec![change.into(), now.into(), target.key.clone().into()];
        let mut list = |texts: &[String]| {
            let places: Vec<String> = texts
                .iter()
                .map(|text| {
                    values.push(text.clone().into());
                    format!("${}", values.len())
                })
                .collect();
            places.join(", ")
        };
        let kinds = list(&target.kinds);
        let mut told = format!("r.change_from = $1 AND r.kind IN ({kinds})");
        if !target.sources_excluded.is_empty() {
            let excluded = list(&target.sources_excluded);
            told = format!("{told} AND r.source NOT IN ({excluded})");
        }
        let give_way = format!(
            "UPDATE outbox SET state = 'CANCELLED', settled_at = $2, \
             reason = CASE WHEN state = 'REFUSED' THEN reason ELSE 'a newer version came first' END \
             WHERE target = $3 AND state IN ('PENDING', 'REFUSED') \
             AND record_id IN (SELECT r.id FROM credit_record r WHERE {told})"
        );
        let insert = format!(
            "INSERT INTO outbox (target, record_id, version, change_id, state, retries, attempts, next_at, created_at) \
             SELECT $3, r.id, r.version, r.change_from, 'PENDING', 0, 0, $2, $2 \
             FROM credit_record r WHERE {told} ORDER BY r.id"
        );
        for sql in [give_way, insert] {
            let statement = Statement::from_sql_and_values(
                tx.get_database_backend(),
                sql,
                values.iter().cloned(),
            );
            tx.execute_raw(statement).await?;
        }
    }
    Ok(())
}

impl Store {
    /// The same store, which puts into the outbox what these platforms are to hear of.
    pub fn with_outbox(mut self, targets: Vec<OutboxTarget>) -> Self {
        self.outbox = Arc::new(targets);
        self
    }

    /// Takes up to `limit` due rows in this state for one sender. Until he says what came of them,
    /// or `until` has passed, nobody else gets them, nor another version of their records; what he
    /// never says is unknown.
    pub async fn claim_outbox(
        &self,
        (target, state): (&str, OutboxState),
        token: &str,
        (now, until): (DateTime<Utc>, DateTime<Utc>),
        limit: usize,
    ) -> Result<usize> {
        let is_due = "target = $1 AND state = $2 AND next_at <= $3";
        // A claim is a write of its own, so a process that is killed behind it leaves its mark.
        let sql = format!(
            "UPDATE outbox SET state = 'UNKNOWN', claim = $4, next_at = $5, attempts = attempts + 1 \
             WHERE {is_due} AND id IN (SELECT id FROM outbox o WHERE {is_due} AND NOT EXISTS \
             (SELECT 1 FROM outbox other WHERE other.target = o.target AND other.record_id = o.record_id \
             AND other.id <> o.id AND other.state = 'UNKNOWN') ORDER BY id LIMIT {limit})"
        );
        let values: [Value; 5] = [
            target.into(),
            state.as_str().into(),
            now.into(),
            token.into(),
            until.into(),
        ];
        let tx = self.begin_write().await?;
        let statement = Statement::from_sql_and_values(self.backend(), sql, values);
        let claimed = tx.execute_raw(statement).await?.rows_affected();
        tx.commit().await?;
        Ok(claimed as usize)
    }

    /// Notes which package will carry rows that this sender holds.
    pub async fn note_package(&self, token: &str, ids: &[i64], name: &str) -> Result<()> {
        let update = outbox::Entity::update_many()
            .col_expr(outbox::Column::Package, Expr::value(name))
            .col_expr(
                outbox::Column::SentAt,
                Expr::value(Option::<DateTime<Utc>>::None),
            );
        self.update_held(update, token, ids).await
    }

    /// Notes that the package of these rows is complete and is about to be handed over.
    pub async fn note_leaving(&self, token: &str, ids: &[i64], now: DateTime<Utc>) -> Result<()> {
        let update = outbox::Entity::update_many()
            .col_expr(outbox::Column::SentAt, Expr::value(now));
        self.update_held(update, token, ids).await
    }

    async fn update_held(
        &self,
        update: sea_orm::UpdateMany<outbox::Entity>,
        token: &str,
        ids: &[i64],
    ) -> Result<()> {
        let tx = self.begin_write().await?;
        let updated = update
            .filter(outbox::Column::Claim.eq(token))
            .filter(outbox::Column::Id.is_in(ids.iter().copied()))
            .exec(&tx)
            .await?;
        if updated.rows_affected as usize != ids.len() {
            return Err(Error::OutboxLost);
        }
        Ok(tx.commit().await?)
    }

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
                    Expr::value(row.operation.as_str()),
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
        let sql = "UPDATE outbox SET state = 'CANCELLED', settled_at = $1, reason = 'a newer version came first' \
             WHERE state = 'PENDING' AND attempts > 0 AND EXISTS (SELECT 1 FROM outbox newer \
             WHERE newer.target = outbox.target AND newer.record_id = outbox.record_id AND newer.version > outbox.version)";
        tx.execute_raw(Statement::from_sql_and_values(
            self.backend(),
            sql,
            [now.into()],
        ))
        .await?;
        Ok(tx.commit().await?)
    }

    /// Notes what a platform says later about messages: false for each that is none of those it was
    /// sent and has not settled yet.
    pub async fn note_feedback(
        &self,
        target: &str,
        feedback: &[(MessageNumber, Outcome)],
        now: DateTime<Utc>,
    ) -> Result<Vec<bool>> {
        let open = [OutboxState::Sent.as_str(), OutboxState::Unknown.as_str()];
        let tx = self.begin_write().await?;
        let mut matched = Vec::with_capacity(feedback.len());
        for (number, outcome) in feedback {
            let (state, receipt, reason) = match outcome {
                Outcome::Accepted(receipt) => (OutboxState::Accepted, receipt.clone(), None),
                Outcome::Refused(reason) => (OutboxState::Refused, None, Some(reason.clone())),
                _ => {
                    matched.push(false);
                    continue;
                }
            };
            let update = outbox::Entity::update_many()
                .col_expr(outbox::Column::State, Expr::value(state.as_str()))
                .col_expr(outbox::Column::Claim, Expr::value(Option::<String>::None))
                .col_expr(outbox::Column::Receipt, Expr::value(receipt))
                .col_expr(outbox::Column::Reason, Expr::value(reason))
                .col_expr(outbox::Column::SettledAt, Expr::value(now))
                .filter(outbox::Column::Target.eq(target))
                .filter(outbox::Column::RecordId.eq(number.record_id))
                .filter(outbox::Column::Version.eq(number.version))
                .filter(outbox::Column::Retries.eq(number.retries))
                .filter(outbox::Column::State.is_in(open));
            matched.push(update.exec(&tx).await?.rows_affected == 1);
        }
        tx.commit().await?;
        Ok(matched)
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
             WHERE state = 'REFUSED' {only} AND NOT EXISTS (SELECT 1 FROM outbox newer \
             WHERE newer.target = outbox.target AND newer.record_id = outbox.record_id AND newer.version > outbox.version)"
        );
        let tx = self.begin_write().await?;
        let statement = Statement::from_sql_and_values(self.backend(), sql, values.drain(..));
        let freed = tx.execute_raw(statement).await?.rows_affected();
        tx.commit().await?;
        Ok(freed)
    }

    /// Rows of the outbox, the newest first.
    pub async fn list_outbox(
        &self,
        target: Option<&str>,
        state: Option<OutboxState>,
        limit: u64,
    ) -> Result<Vec<OutboxEntry>> {
        let mut query = outbox::Entity::find()
            .order_by_desc(outbox::Column::Id)
            .limit(limit);
        if let Some(target) = target {
            query = query.filter(outbox::Column::Target.eq(target));
        }
        if let Some(state) = state {
            query = query.filter(outbox::Column::State.eq(state.as_str()));
        }
        let rows = query.all(&self.read).await?;
        rows.into_iter().map(entry).collect()
    }
}

pub(super) fn number_of(row: &outbox::Model) -> MessageNumber {
    MessageNumber {
        record_id: row.record_id,
        version: row.version,
        retries: row.retries,
    }
}

fn entry(row: outbox::Model) -> Result<OutboxEntry> {
    Ok(OutboxEntry {
        id: row.id,
        number: number_of(&row),
        state: super::version::read("outbox", row.id, &row.state)?,
        operation: read_optional("outbox", row.id, row.operation.as_deref())?,
        target: row.target,
        attempts: row.attempts,
        package: row.package,
        receipt: row.receipt,
        reason: row.reason,
        next_at: row.next_at,
        created_at: row.created_at,
        sent_at: row.sent_at,
        settled_at: row.settled_at,
    })
}
