//! The outbox: what platforms are to hear of. It is written in the transaction that makes a change
//! visible, so nothing leaves that did not happen, and nothing that happened is forgotten.

mod listing;
mod outgoing;
mod settle;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::outbox::{MessageNumber, OutboxState};
use entities::outbox;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, Statement, Value,
    sea_query::Expr,
};

use super::{Error, Result, Store};

pub use listing::OutboxEntry;
pub(super) use outgoing::closed;
pub use outgoing::{Outgoing, OutgoingAgency};
pub use settle::{Noted, Outcome, Settled};

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
        // No layout has a place for a natural person, and an official's record is for nobody outside.
        let mut told =
            format!("r.change_from = $1 AND r.agency_id IS NOT NULL AND r.kind IN ({kinds})");
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
        let update =
            outbox::Entity::update_many().col_expr(outbox::Column::SentAt, Expr::value(now));
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
}

fn number_of(row: &outbox::Model) -> MessageNumber {
    MessageNumber {
        record_id: row.record_id,
        version: row.version,
        retries: row.retries,
    }
}
