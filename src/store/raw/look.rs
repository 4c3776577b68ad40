//! Looking through the keys of raw objects: what is over, what is left to do, what was kept before.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use entities::{raw_delivery, raw_key, run, run_file};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, ExprTrait, JoinType, QueryFilter,
    QueryOrder, QuerySelect, RelationDef,
};

use super::{RawKey, from_row};
use crate::store::{Result, Store};

/// Which source delivered bytes, and when last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawDelivery {
    pub digest: String,
    pub source: String,
    pub at: DateTime<Utc>,
}

/// A place in the order of digests and generations.
pub type RawPlace = (String, i32);

/// Which keys are wanted.
#[derive(Debug, Clone, Copy)]
pub enum RawLook<'a> {
    All,
    /// Not erased, and not landed after this moment.
    LandedBefore(DateTime<Utc>),
    /// Wrapped under another key-encryption key than this one.
    NotUnder(&'a str),
    /// Erased, and the object may still be there.
    Unremoved,
}

impl Store {
    /// Keys that are wanted, behind a place, at most `limit`.
    pub async fn list_raw_keys(
        &self,
        look: RawLook<'_>,
        behind: Option<&RawPlace>,
        limit: u64,
    ) -> Result<Vec<RawKey>> {
        use raw_key::Column;
        let wanted = match look {
            RawLook::All => Condition::all(),
            RawLook::LandedBefore(moment) => Condition::all()
                .add(Column::ErasedAt.is_null())
                .add(Column::LandedAt.lte(moment)),
            RawLook::NotUnder(kek) => Condition::all().add(Column::Kek.ne(kek)),
            RawLook::Unremoved => Condition::all()
                .add(Column::ErasedAt.is_not_null())
                .add(Column::RemovedAt.is_null()),
        };
        let behind = behind.map(|(digest, generation)| {
            let same = Column::Digest
                .eq(digest)
                .and(Column::Generation.gt(*generation));
            Condition::any().add(Column::Digest.gt(digest)).add(same)
        });
        let rows = raw_key::Entity::find()
            .filter(wanted.add_option(behind))
            .order_by_asc(Column::Digest)
            .order_by_asc(Column::Generation)
            .limit(limit)
            .all(&self.read)
            .await?;
        Ok(rows.into_iter().map(from_row).collect())
    }

    /// Who delivered these bytes, at most a batch of them.
    pub async fn list_raw_deliveries(&self, digests: &[String]) -> Result<Vec<RawDelivery>> {
        let rows = raw_delivery::Entity::find()
            .filter(raw_delivery::Column::Digest.is_in(digests))
            .all(&self.read)
            .await?;
        let delivery = |row: raw_delivery::Model| RawDelivery {
            digest: row.digest,
            source: row.source,
            at: row.delivered_at,
        };
        Ok(rows.into_iter().map(delivery).collect())
    }

    /// How many keys are wrapped under each key-encryption key.
    pub async fn count_raw_keks(&self) -> Result<BTreeMap<String, i64>> {
        let counts: Vec<(String, i64)> = raw_key::Entity::find()
            .select_only()
            .column(raw_key::Column::Kek)
            .column_as(raw_key::Column::Digest.count(), "number")
            .filter(raw_key::Column::Kek.is_not_null())
            .group_by(raw_key::Column::Kek)
            .into_tuple()
            .all(&self.read)
            .await?;
        Ok(counts.into_iter().collect())
    }

    /// Takes objects over that stand in the raw store and that nothing knows, with when they were written, at most
    /// a batch: from before objects were sealed. Who delivered them is told by the runs that name them.
    pub async fn adopt_raw(&self, objects: &[(String, DateTime<Utc>)]) -> Result<usize> {
        let digests = || objects.iter().map(|(digest, _)| digest.as_str());
        let known: BTreeSet<String> = raw_key::Entity::find()
            .select_only()
            .column(raw_key::Column::Digest)
            .filter(raw_key::Column::Digest.is_in(digests()))
            .into_tuple()
            .all(&self.read)
            .await?
            .into_iter()
            .collect();
        let unknown: BTreeMap<&str, DateTime<Utc>> = objects
            .iter()
            .filter(|(digest, _)| !known.contains(digest))
            .map(|(digest, at)| (digest.as_str(), *at))
            .collect();
        if unknown.is_empty() {
            return Ok(0);
        }
        let deliveries: Vec<(String, String, DateTime<Utc>)> = run_file::Entity::find()
            .join(JoinType::InnerJoin, run_of_file())
            .select_only()
            .column(run_file::Column::Digest)
            .column(run::Column::Source)
            .column_as(run::Column::StartedAt.max(), "delivered_at")
            .filter(run_file::Column::Digest.is_in(unknown.keys().copied()))
            .filter(run::Column::RereadOf.is_null())
            .group_by(run_file::Column::Digest)
            .group_by(run::Column::Source)
            .into_tuple()
            .all(&self.read)
            .await?;
        let delivered = deliveries
            .iter()
            .map(|(digest, source, at)| raw_delivery::ActiveModel {
                digest: Set(digest.clone()),
                source: Set(source.clone()),
                delivered_at: Set(*at),
            });
        let landed_at = |digest: &str, written_at: DateTime<Utc>| {
            let of = deliveries.iter().filter(|(named, ..)| named == digest);
            of.map(|(.., at)| *at).max().unwrap_or(written_at)
        };
        let keys = unknown
            .iter()
            .map(|(digest, written_at)| raw_key::ActiveModel {
                digest: Set((*digest).to_owned()),
                generation: Set(0),
                kek: Set(None),
                wrapped: Set(None),
                landed_at: Set(landed_at(digest, *written_at)),
                erased_at: Set(None),
                reason: Set(None),
                is_barred: Set(false),
                removed_at: Set(None),
            });
        let tx = self.begin_write().await?;
        // Whoever lands the same bytes meanwhile has written both; what he wrote stands.
        raw_key::Entity::insert_many(keys)
            .on_conflict_do_nothing()
            .exec_without_returning(&tx)
            .await?;
        if !deliveries.is_empty() {
            raw_delivery::Entity::insert_many(delivered)
                .on_conflict_do_nothing()
                .exec_without_returning(&tx)
                .await?;
        }
        tx.commit().await?;
        Ok(unknown.len())
    }
}

fn run_of_file() -> RelationDef {
    run_file::Entity::belongs_to(run::Entity)
        .from(run_file::Column::RunId)
        .to(run::Column::Id)
        .into()
}
