//! Withdrawing what a feed lists no longer. Nothing is ever deleted.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, Utc};
use domain::credit_record::CreditRecordStatus;
use entities::{credit_record, evidence};
use futures_util::TryStreamExt;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect};

use crate::failpoint;

use super::{
    Delivery, Fact, ROWS_PER_BATCH, Result,
    version::{self, Current, NewVersion},
};

impl Delivery {
    /// The rows that the feed lists and this delivery does not.
    pub async fn list_missing(&self, yields: &[String], seen: &HashSet<i64>) -> Result<Vec<i64>> {
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

    /// Withdraws rows: their evidence ends, records become DELISTED, mentions end, and what the
    /// register told stays.
    pub async fn withdraw(&self, row_ids: &[i64]) -> Result<()> {
        let on = china_day(self.data_as_of);
        for batch in row_ids.chunks(ROWS_PER_BATCH) {
            let tx = self.store.begin_write().await?;
            let contents = self.told(&tx, batch).await?;
            let contents: Vec<_> = contents
                .into_values()
                .filter_map(|told| told.now)
                .map(|now| (now.id, now.change_from))
                .collect();
            self.end_evidence(&tx, &contents).await?;
            let ids = batch
                .iter()
                .filter_map(|row_id| version::id_of_row("mention", *row_id));
            let mentions = version::histories(&tx, "mention", ids, self.change).await?;
            let mentions: Vec<_> = mentions
                .into_values()
                .filter_map(|told| told.current)
                .collect();
            version::end(&tx, "mention", &mentions, self.change).await?;
            self.delist_records(&tx, batch, on).await?;
            failpoint::hit("withdraw.batch").await?;
            tx.commit().await?;
        }
        Ok(())
    }

    async fn delist_records(
        &self,
        tx: &DatabaseTransaction,
        row_ids: &[i64],
        on: NaiveDate,
    ) -> Result<()> {
        let rows = credit_record::Entity::find()
            .filter(credit_record::Column::RowId.is_in(row_ids.iter().copied()))
            .filter(credit_record::Column::ChangeTo.is_null())
            .filter(credit_record::Column::Status.eq(CreditRecordStatus::Active.as_str()))
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
            let known = version::record_from_row(row)?;
            let mut fact = Fact::Record(known.fact.fact);
            delist(&mut fact, on);
            new.push(NewVersion {
                id: known.id,
                row_id: known.row_id,
                version: known.version + 1,
                source: known.fact.source,
                fact,
            });
        }
        version::end(tx, "credit_record", &ended, self.change).await?;
        version::insert(tx, self.change, new).await
    }
}

/// Turns a fact into one that its feed lists no longer; false where such a fact is not kept.
pub(super) fn delist(fact: &mut Fact, on: NaiveDate) -> bool {
    match fact {
        Fact::Record(record) => {
            record.status = CreditRecordStatus::Delisted;
            record.ended_on = Some(on);
            true
        }
        Fact::Agency(_) | Fact::Succession(_) => true,
        Fact::Mention(_) => false,
    }
}

/// The day in China on which a moment lies.
pub(super) fn china_day(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&domain::date::china_offset()).date_naive()
}
