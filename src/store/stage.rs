//! Staging: a batch of identified rows becomes versions and evidence under the delivery's change.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::id::{Kind, derived_id};
use entities::evidence;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, sea_query::Expr,
};

use super::{
    Delivery, FactOf, ROWS_PER_BATCH, Result, StagedRow, Tally,
    version::{self, Current, NewVersion},
    withdraw::{china_day, delist},
};

/// What is known of a row already: the content that its feed lists now, and how many it listed.
#[derive(Default)]
pub(super) struct Told {
    contents: usize,
    pub(super) now: Option<evidence::Model>,
    newest: Option<DateTime<Utc>>,
}

impl Delivery {
    /// Stages one batch in one transaction. Of rows with the same key the last one stands.
    pub async fn stage(&mut self, yields: &'static str, rows: Vec<StagedRow>) -> Result<Tally> {
        debug_assert!(rows.len() <= ROWS_PER_BATCH);
        let tx = self.store.begin_write().await?;
        let mut tally = Vec::with_capacity(rows.len());
        let last: HashMap<i64, usize> = rows
            .iter()
            .enumerate()
            .map(|(at, row)| (row.row_id, at))
            .collect();
        let row_ids: Vec<i64> = last.keys().copied().collect();
        let told = self.told(&tx, &row_ids).await?;
        let agency_ids: Vec<i64> = rows
            .iter()
            .filter(|row| row.fact.table() == "agency")
            .map(|row| row.fact.id(row.row_id))
            .collect();
        let mut known = HashMap::new();
        for table in version::TABLES {
            let current = match table {
                "agency" => version::current_by_id(&tx, table, &agency_ids).await?,
                _ => version::current_by_row(&tx, table, &row_ids).await?,
            };
            known.insert(table, current);
        }

        let mut new = Vec::new();
        let mut ended: HashMap<&'static str, Vec<Current>> = HashMap::new();
        let mut evidence = Vec::new();
        let mut superseded = Vec::new();
        let nothing = Told::default();
        for (at, mut row) in rows.into_iter().enumerate() {
            if last.get(&row.row_id) != Some(&at) {
                tally.push(FactOf::Unchanged);
                continue;
            }
            let told = told.get(&row.row_id).unwrap_or(&nothing);
            if told.newest.is_some_and(|newest| newest > self.data_as_of) {
                tally.push(FactOf::Unchanged);
                continue;
            }
            if let Some(newer) = self.newer_full
                && !delist(&mut row.fact, china_day(newer))
            {
                tally.push(FactOf::Unchanged);
                continue;
            }
            let same_content = told
                .now
                .as_ref()
                .is_some_and(|now| now.digest == row.digest);
            if !same_content {
                superseded.extend(told.now.as_ref().map(|now| (now.id, now.change_from)));
                evidence.push(self.evidence_row(&row, yields, told));
            }
            let id = row.fact.id(row.row_id);
            let table = row.fact.table();
            let key = if table == "agency" { id } else { row.row_id };
            let current = known[table].get(&key).copied();
            let same_fact = current.is_some_and(|now| now.content_hash == row.fact.content_hash());
            // What the row came to before, such as a mention that is told now.
            for other in version::TABLES
                .iter()
                .filter(|other| **other != table && **other != "agency")
            {
                if let Some(current) = known[other].get(&row.row_id) {
                    ended.entry(other).or_default().push(*current);
                }
            }
            if !same_fact {
                let version = match current {
                    Some(now) if now.change_from == self.change => now.version,
                    Some(now) => now.version + 1,
                    None => 1,
                };
                ended.entry(table).or_default().extend(current);
                new.push(NewVersion {
                    id,
                    row_id: row.row_id,
                    version,
                    source: self.source.clone(),
                    fact: row.fact,
                });
            }
            tally.push(if same_content && same_fact {
                FactOf::Unchanged
            } else {
                FactOf::Stored
            });
        }
        for (table, versions) in ended {
            version::end(&tx, table, &versions, self.change).await?;
        }
        self.end_evidence(&tx, &superseded).await?;
        version::insert_many::<evidence::Entity, _>(&tx, evidence).await?;
        version::insert(&tx, self.change, new).await?;
        tx.commit().await?;
        Ok(tally)
    }

    pub(super) async fn told(
        &self,
        tx: &DatabaseTransaction,
        row_ids: &[i64],
    ) -> Result<HashMap<i64, Told>> {
        let rows = evidence::Entity::find()
            .filter(evidence::Column::RowId.is_in(row_ids.iter().copied()))
            .all(tx)
            .await?;
        let mut told: HashMap<i64, Told> = HashMap::new();
        for row in rows {
            let told = told.entry(row.row_id).or_default();
            told.contents += 1;
            told.newest = Ord::max(told.newest, Some(row.data_as_of));
            if row.change_withdrawn.is_none() {
                told.now = Some(row);
            }
        }
        Ok(told)
    }

    fn evidence_row(&self, row: &StagedRow, yields: &str, told: &Told) -> evidence::ActiveModel {
        // A content that this delivery itself brought gives its place to the later one.
        let replaces_own = told
            .now
            .as_ref()
            .is_some_and(|now| now.change_from == self.change);
        let ordinal = told.contents - usize::from(replaces_own);
        evidence::ActiveModel {
            id: Set(derived_id(
                Kind::Evidence,
                row.row_id,
                &format!("{ordinal} {}", row.digest),
            )),
            row_id: Set(row.row_id),
            change_from: Set(self.change),
            source: Set(self.source.clone()),
            feed: Set(self.feed.clone()),
            yields: Set(yields.to_owned()),
            run_id: Set(self.run_id),
            source_key: Set(row.source_key.clone()),
            location: Set(row.location.clone()),
            digest: Set(row.digest.clone()),
            content: Set(row.content.clone()),
            received_at: Set(self.received_at),
            data_as_of: Set(self.data_as_of),
            last_seen_at: Set(self.received_at),
            // What only an older delivery lists is not listed now.
            change_withdrawn: Set(self.newer_full.map(|_| self.change)),
            withdrawn_at: Set(self.newer_full.map(|_| self.received_at)),
        }
    }

    /// Ends contents, as `(id, change that brought it)`.
    pub(super) async fn end_evidence(
        &self,
        tx: &DatabaseTransaction,
        contents: &[(i64, i64)],
    ) -> Result<()> {
        let (own, earlier): (Vec<_>, Vec<_>) =
            contents.iter().partition(|(_, from)| *from == self.change);
        if !own.is_empty() {
            evidence::Entity::delete_many()
                .filter(evidence::Column::Id.is_in(own.iter().map(|(id, _)| *id)))
                .exec(tx)
                .await?;
        }
        if !earlier.is_empty() {
            evidence::Entity::update_many()
                .col_expr(evidence::Column::ChangeWithdrawn, Expr::value(self.change))
                .col_expr(evidence::Column::WithdrawnAt, Expr::value(self.received_at))
                .filter(evidence::Column::Id.is_in(earlier.iter().map(|(id, _)| *id)))
                .exec(tx)
                .await?;
        }
        Ok(())
    }
}
