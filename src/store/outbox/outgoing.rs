//! What a claimed row of the outbox tells: the record in its version, and its body.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::{
    casework::Sanction,
    credit_record::CreditRecord,
    outbox::{MessageNumber, Operation, OutboxState},
};
use entities::{agency, casefile, change, credit_record, outbox};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::{Query, SelectStatement},
};

use super::number_of;
use crate::store::{
    Error, Result, Store,
    rows::{case_from_row, read_optional, record_from_row},
};

/// A version of a record that one sender holds.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// The outbox row.
    pub id: i64,
    pub number: MessageNumber,
    pub attempts: i64,
    /// The package that it was given to.
    pub package: Option<String>,
    /// When that package was complete.
    pub sent_at: Option<DateTime<Utc>>,
    /// When its change was closed.
    pub recorded_at: DateTime<Utc>,
    /// The number of its change.
    pub change: i64,
    /// What the platform holds of the record: the last thing that it was told and did not refuse.
    pub last_told: Option<Operation>,
    pub record: CreditRecord,
    /// What follows from it, as its case had them with that version.
    pub sanctions: Vec<Sanction>,
    pub agency: OutgoingAgency,
}

/// The body of a record, as it is now.
#[derive(Debug, Clone)]
pub struct OutgoingAgency {
    pub uscc: String,
    pub name: String,
    pub division: String,
}

impl Store {
    /// The rows of a target that this sender holds, the oldest first.
    pub async fn claimed_outbox(&self, target: &str, token: &str) -> Result<Vec<Outgoing>> {
        // On the writer's side: what was just claimed must be seen.
        let rows = outbox::Entity::find()
            .filter(outbox::Column::Target.eq(target))
            .filter(outbox::Column::State.eq(OutboxState::Unknown.as_str()))
            .filter(outbox::Column::Claim.eq(token))
            .order_by_asc(outbox::Column::Id)
            .all(&self.write)
            .await?;
        let ids: Vec<i64> = rows.iter().map(|row| row.record_id).collect();
        let mut records = HashMap::new();
        for row in credit_record::Entity::find()
            .filter(credit_record::Column::Id.is_in(ids.iter().copied()))
            .filter(credit_record::Column::ChangeFrom.in_subquery(closed()))
            .all(&self.write)
            .await?
        {
            records.insert((row.id, row.version), row);
        }
        let changes: HashMap<i64, Option<i64>> = change::Entity::find()
            .filter(change::Column::Id.is_in(rows.iter().map(|row| row.change_id)))
            .all(&self.write)
            .await?
            .into_iter()
            .map(|change| (change.id, change.seq))
            .collect();
        let agencies = self
            .bodies(records.values().filter_map(|row| row.agency_id))
            .await?;
        let told = self.last_told(target, &rows, &ids).await?;
        let mut sanctions = self.sanctions_with(&rows, &ids, &records).await?;
        rows.into_iter()
            .map(|row| {
                let corrupt = |what: &str| Error::Corrupt {
                    table: "outbox",
                    id: row.id,
                    reason: format!("its {what} is missing"),
                };
                let record = records
                    .get(&(row.record_id, row.version))
                    .ok_or_else(|| corrupt("record"))?;
                let agency = record.agency_id.and_then(|id| agencies.get(&id));
                let agency = agency.ok_or_else(|| corrupt("agency"))?;
                let change = changes.get(&row.change_id).copied().flatten();
                Ok(Outgoing {
                    id: row.id,
                    number: number_of(&row),
                    attempts: row.attempts,
                    recorded_at: row.created_at,
                    change: change.ok_or_else(|| corrupt("change"))?,
                    last_told: told.get(&row.id).copied(),
                    record: record_from_row(record.clone())?.fact.fact,
                    sanctions: sanctions.remove(&row.id).unwrap_or_default(),
                    agency: agency.clone(),
                    package: row.package,
                    sent_at: row.sent_at,
                })
            })
            .collect()
    }

    /// Bodies as the newest closed change left them.
    async fn bodies(&self, ids: impl Iterator<Item = i64>) -> Result<HashMap<i64, OutgoingAgency>> {
        let rows = agency::Entity::find()
            .filter(agency::Column::Id.is_in(ids))
            .filter(agency::Column::ChangeFrom.in_subquery(closed()))
            .order_by_asc(agency::Column::Version)
            .all(&self.write)
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| {
                let body = OutgoingAgency {
                    uscc: row.uscc,
                    name: row.name,
                    division: row.division,
                };
                (row.id, body)
            })
            .collect())
    }

    /// For each of these rows, the measures in the case of its record with its change, as far as that is for the body that
    /// the record was about.
    async fn sanctions_with(
        &self,
        rows: &[outbox::Model],
        ids: &[i64],
        records: &HashMap<(i64, i64), credit_record::Model>,
    ) -> Result<HashMap<i64, Vec<Sanction>>> {
        let cases = casefile::Entity::find()
            .filter(casefile::Column::RecordId.is_in(ids.iter().copied()))
            .filter(casefile::Column::ChangeFrom.in_subquery(closed()))
            .all(&self.write)
            .await?;
        let mut found = HashMap::new();
        for row in rows {
            let record = records.get(&(row.record_id, row.version));
            let body = record.and_then(|record| record.agency_id);
            let stood = cases.iter().filter(|case| {
                let is_then = case.change_from <= row.change_id
                    && case.change_to.is_none_or(|to| to > row.change_id);
                case.record_id == Some(row.record_id) && is_then
            });
            for case in stood {
                let case = case_from_row(case.clone())?.fact;
                if !case.was_of_another(body.as_slice()) {
                    found.insert(row.id, case.sanctions);
                }
            }
        }
        Ok(found)
    }

    /// For each of these rows, the last operation before it that its target did not refuse.
    async fn last_told(
        &self,
        target: &str,
        rows: &[outbox::Model],
        records: &[i64],
    ) -> Result<HashMap<i64, Operation>> {
        let out = [OutboxState::Sent.as_str(), OutboxState::Accepted.as_str()];
        let earlier = outbox::Entity::find()
            .filter(outbox::Column::Target.eq(target))
            .filter(outbox::Column::RecordId.is_in(records.iter().copied()))
            .filter(outbox::Column::State.is_in(out))
            .order_by_asc(outbox::Column::Version)
            .all(&self.write)
            .await?;
        let mut told = HashMap::new();
        for row in rows {
            let last = earlier
                .iter()
                .rfind(|before| before.record_id == row.record_id && before.version < row.version);
            let operation = last.and_then(|last| last.operation.as_deref());
            if let Some(operation) = read_optional("outbox", row.id, operation)? {
                told.insert(row.id, operation);
            }
        }
        Ok(told)
    }
}

/// Changes that are closed.
pub(in crate::store) fn closed() -> SelectStatement {
    Query::select()
        .column(change::Column::Id)
        .from(change::Entity)
        .and_where(change::Column::Seq.is_not_null())
        .to_owned()
}
