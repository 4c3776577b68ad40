//! Withdrawing what a feed lists no longer. Nothing is ever deleted.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, Utc};
use domain::{clue::ClueStage, credit_record::CreditRecordStatus};
use entities::{casefile, clue, credit_record, evidence};
use futures_util::TryStreamExt;
use sea_orm::{
    ColumnTrait, Condition, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter,
    QuerySelect,
    sea_query::{Query, SelectStatement},
};

use crate::failpoint;

use super::{
    Delivery, Fact, ROWS_PER_BATCH, Result,
    fact::{TABLES, id_of_row},
    rows::{self, NewVersion},
    told::Told,
    version::{self, Current},
};

/// The tables whose facts end when their row is listed no longer.
const ENDS_WITH_ITS_ROW: [&str; 4] = ["mention", "indicator", "post", "assessment"];

impl Delivery {
    /// The rows that the feed lists and this delivery does not.
    pub async fn list_missing(&self, yields: &[String], seen: &HashSet<i64>) -> Result<Vec<i64>> {
        if self.is_first {
            return Ok(Vec::new());
        }
        let mut rows = evidence::Entity::find()
            .filter(evidence::Column::Source.eq(&self.source))
            .filter(evidence::Column::Feed.eq(&self.feed))
            .filter(evidence::Column::Yields.is_in(yields.iter().map(String::as_str)))
            .filter(evidence::Column::ChangeWithdrawn.is_null())
            // What a later partial delivery told is none of this one's business.
            .filter(evidence::Column::DataAsOf.lte(self.data_as_of))
            .select_only()
            .column(evidence::Column::RowId)
            .into_tuple::<i64>()
            .stream(&self.store.read)
            .await?;
        let mut missing = Vec::new();
        while let Some(row_id) = rows.try_next().await? {
            if !seen.contains(&row_id) {
                missing.push(row_id);
            }
        }
        Ok(missing)
    }

    /// How many rows of these kinds the feed listed before this delivery.
    pub async fn count_listed_before(&self, yields: &[String]) -> Result<u64> {
        let until_now = Condition::any()
            .add(evidence::Column::ChangeWithdrawn.is_null())
            .add(evidence::Column::ChangeWithdrawn.eq(self.change));
        Ok(evidence::Entity::find()
            .filter(evidence::Column::Source.eq(&self.source))
            .filter(evidence::Column::Feed.eq(&self.feed))
            .filter(evidence::Column::Yields.is_in(yields.iter().map(String::as_str)))
            .filter(until_now)
            .filter(evidence::Column::ChangeFrom.ne(self.change))
            .count(&self.store.read)
            .await?)
    }

    /// Withdraws rows: their evidence ends, records become DELISTED, and what else they came to
    /// ends; what the register told and what was alleged stays.
    pub async fn withdraw(&self, row_ids: &[i64]) -> Result<()> {
        for batch in row_ids.chunks(ROWS_PER_BATCH) {
            let tx = self.store.begin_write_under(self.change).await?;
            self.unlist(&tx, &TABLES, batch).await?;
            failpoint::hit("withdraw.batch").await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Whether a row that says that it is listed no longer may say so.
    pub(super) fn may_end(&self, newer_full: Option<DateTime<Utc>>, told: &Told) -> bool {
        let is_older = told.newest.is_some_and(|newest| newest > self.data_as_of);
        !is_older && newer_full.is_none() && told.now.is_some()
    }

    /// Withdraws a batch of rows.
    pub(super) async fn unlist(
        &self,
        tx: &DatabaseTransaction,
        tables: &[&'static str],
        row_ids: &[i64],
    ) -> Result<()> {
        if row_ids.is_empty() {
            return Ok(());
        }
        let contents = self.told(tx, row_ids).await?;
        let contents: Vec<_> = contents
            .into_values()
            .filter_map(|told| told.now)
            .map(|now| (now.id, now.change_from))
            .collect();
        self.end_evidence(tx, &contents).await?;
        for table in tables
            .iter()
            .filter(|table| ENDS_WITH_ITS_ROW.contains(table))
        {
            let ids = ids_of_rows(table, row_ids);
            let told = version::histories(tx, table, ids, self.change).await?;
            let current: Vec<_> = told.into_values().filter_map(|told| told.current).collect();
            version::end(tx, table, &current, self.change).await?;
        }
        if tables.contains(&"credit_record") {
            let on = china_day(self.data_as_of);
            self.delist_records(tx, row_ids, on).await?;
        }
        Ok(())
    }

    /// Takes back what this delivery itself told of rows before it said that they are listed no
    /// more: in one batch or in several, the last word stands.
    pub(super) async fn forget_own(
        &self,
        tx: &DatabaseTransaction,
        tables: &[&'static str],
        row_ids: &[i64],
    ) -> Result<()> {
        if row_ids.is_empty() {
            return Ok(());
        }
        let told = self.told(tx, row_ids).await?;
        let (mut own, mut replaced) = (Vec::new(), Vec::new());
        for told in told.into_values() {
            let now = told.now.filter(|now| now.change_from == self.change);
            let own_past = told.own_past;
            own.extend(now.or(own_past).map(|now| (now.id, now.change_from)));
            replaced.extend(told.replaced.map(|before| before.id));
        }
        self.end_evidence(tx, &own).await?;
        self.restore_evidence(tx, &replaced).await?;
        for table in tables {
            let ids = ids_of_rows(table, row_ids);
            let known = version::histories(tx, table, ids, self.change).await?;
            let (mut own, mut replaced) = (Vec::new(), Vec::new());
            for history in known.into_values() {
                own.extend(history.current.filter(|now| now.change_from == self.change));
                replaced.extend(history.replaced.map(|before| before.id));
            }
            version::end(tx, table, &own, self.change).await?;
            version::restore(tx, table, &replaced, self.change).await?;
        }
        Ok(())
    }

    /// Delists rows of which it comes out now that they ended earlier than was known.
    pub(super) async fn delist_earlier(
        &self,
        tx: &DatabaseTransaction,
        tables: &[&'static str],
        row_ids: &[i64],
    ) -> Result<()> {
        if row_ids.is_empty() || !tables.contains(&"credit_record") {
            return Ok(());
        }
        self.delist_records(tx, row_ids, china_day(self.data_as_of))
            .await
    }

    /// Records that are listed, or said to be until a later day, are so until this one.
    async fn delist_records(
        &self,
        tx: &DatabaseTransaction,
        row_ids: &[i64],
        on: NaiveDate,
    ) -> Result<()> {
        let is_active = credit_record::Column::Status.eq(CreditRecordStatus::Active.as_str());
        let until_later = Condition::all()
            .add(credit_record::Column::Status.eq(CreditRecordStatus::Delisted.as_str()))
            .add(credit_record::Column::EndedOn.gt(on));
        let rows = credit_record::Entity::find()
            .filter(credit_record::Column::Id.is_in(ids_of_rows("credit_record", row_ids)))
            .filter(credit_record::Column::ChangeTo.is_null())
            .filter(Condition::any().add(is_active).add(until_later))
            .all(tx)
            .await?;
        let mut ended = Vec::with_capacity(rows.len());
        let mut new = Vec::with_capacity(rows.len());
        for row in rows {
            ended.push(Current {
                id: row.id,
                change_from: row.change_from,
                version: row.version,
                content_hash: row.content_hash,
            });
            let known = rows::record_from_row(row)?;
            let mut fact = Fact::Record(known.fact.fact);
            delist(&mut fact, on);
            new.push(NewVersion {
                id: known.id,
                row_id: known.row_id,
                version: known.version + 1,
                source: known.fact.source,
                content_hash: fact.content_hash(),
                fact,
            });
        }
        version::end(tx, "credit_record", &ended, self.change).await?;
        rows::insert(tx, (self.change, on), new).await
    }
}

/// Leads that have a case.
fn dealt_with() -> SelectStatement {
    Query::select()
        .column(casefile::Column::ClueId)
        .from(casefile::Entity)
        .and_where(casefile::Column::ClueId.is_not_null())
        .to_owned()
}

/// An allegation of which a record came is confirmed.
pub(super) async fn confirm_clues(
    tx: &DatabaseTransaction,
    (change, on): (i64, NaiveDate),
    row_ids: &[i64],
) -> Result<()> {
    if row_ids.is_empty() {
        return Ok(());
    }
    let ids = row_ids
        .iter()
        .filter_map(|row_id| id_of_row("clue", *row_id));
    let rows = clue::Entity::find()
        .filter(clue::Column::Id.is_in(ids))
        .filter(clue::Column::ChangeTo.is_null())
        .filter(clue::Column::Stage.ne(ClueStage::Confirmed.as_str()))
        // Where a lead stands that people deal with, they say.
        .filter(clue::Column::Id.not_in_subquery(dealt_with()))
        .all(tx)
        .await?;
    let (mut ended, mut new) = (Vec::new(), Vec::new());
    for row in rows {
        ended.push(Current {
            id: row.id,
            change_from: row.change_from,
            version: row.version,
            content_hash: row.content_hash,
        });
        let (id, row_id, version) = (row.id, row.row_id, row.version + 1);
        let source = row.source.clone();
        let fact = Fact::Clue(rows::confirmed(row)?);
        new.push(NewVersion {
            id,
            row_id,
            version,
            source,
            content_hash: fact.content_hash(),
            fact,
        });
    }
    version::end(tx, "clue", &ended, change).await?;
    rows::insert(tx, (change, on), new).await
}

/// Collected: a borrowing iterator would keep the whole delivery from being a task.
fn ids_of_rows(table: &str, row_ids: &[i64]) -> Vec<i64> {
    let ids = row_ids
        .iter()
        .filter_map(|row_id| id_of_row(table, *row_id));
    ids.collect()
}

/// Turns a fact into one that its feed lists no longer; false where such a fact is not kept.
pub(super) fn delist(fact: &mut Fact, on: NaiveDate) -> bool {
    match fact {
        Fact::Record(record) => {
            record.status = CreditRecordStatus::Delisted;
            record.ended_on = Some(on);
            true
        }
        Fact::Agency(_) | Fact::Succession(_) | Fact::Clue(_) => true,
        Fact::Mention(_) | Fact::Indicator(_) | Fact::Post(_) | Fact::Assessment(_) => false,
    }
}

/// The day in China on which a moment lies.
pub(super) fn china_day(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&domain::date::china_offset()).date_naive()
}
