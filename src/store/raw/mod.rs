//! The keys of raw objects: written before an object is kept, destroyed when nobody needs it any more.

mod erase;
mod look;

use chrono::{DateTime, TimeDelta, Utc};
use entities::{raw_delivery, raw_key};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect, sea_query::OnConflict,
};

use super::{Result, Store};

pub use look::{RawDelivery, RawLook, RawPlace};

/// That bytes landed again is noted once in so long: lists that do not change come all day.
const NOTED_WITHIN: TimeDelta = TimeDelta::hours(1);

/// A key of an object, wrapped by a key-encryption key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrappedKey {
    /// The key-encryption key's id.
    pub kek: String,
    pub bytes: Vec<u8>,
}

/// That an object's key was destroyed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawErasure {
    pub at: DateTime<Utc>,
    pub reason: String,
    /// Whether the same bytes are refused when they are delivered again.
    pub is_barred: bool,
}

/// What is known of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawKey {
    /// SHA-256 of the plain bytes, in hexadecimal.
    pub digest: String,
    /// How often these bytes were kept before.
    pub generation: i32,
    /// None of what is erased, and of what was kept before objects were sealed.
    pub wrapped: Option<WrappedKey>,
    /// When the bytes last landed, to the hour.
    pub landed_at: DateTime<Utc>,
    pub erasure: Option<RawErasure>,
    /// Whether the object was deleted behind its key.
    pub is_removed: bool,
}

/// Bytes that land.
#[derive(Debug, Clone, Copy)]
pub struct LandingRaw<'a> {
    pub digest: &'a str,
    /// Who delivers them.
    pub source: &'a str,
    /// Whether an object of the first generation stands already.
    pub is_held: bool,
    /// The key-encryption keys that whoever keeps them has.
    pub keks: &'a [&'a str],
    pub at: DateTime<Utc>,
}

impl Store {
    /// What is known of the object that last held these bytes.
    pub async fn find_raw_key(&self, digest: &str) -> Result<Option<RawKey>> {
        newest(&self.read, digest).await
    }

    /// Notes that bytes land, and gives the object that is to hold them: the one that does, or one of the next
    /// generation under the `fresh` key. What was erased for good is given as it is.
    pub async fn land_raw(&self, landing: LandingRaw<'_>, fresh: &WrappedKey) -> Result<RawKey> {
        if let Some(known) = self.is_noted(landing).await? {
            return Ok(known);
        }
        loop {
            let tx = self.begin_write().await?;
            match newest(&tx, landing.digest).await? {
                Some(standing) if standing.is_barred() => return Ok(standing),
                Some(standing) if standing.is_for(landing) => {
                    touch(&tx, &standing, landing, fresh).await?;
                }
                other => begin(&tx, other, landing, fresh).await?,
            }
            note_delivery(&tx, landing).await?;
            let standing = newest(&tx, landing.digest).await?;
            tx.commit().await?;
            // Whoever erased it in this moment came first: then another one begins.
            if let Some(standing) = standing.filter(|standing| standing.erasure.is_none()) {
                return Ok(standing);
            }
        }
    }

    /// The object as it stands, where all that there is to note of the landing is noted.
    async fn is_noted(&self, landing: LandingRaw<'_>) -> Result<Option<RawKey>> {
        let is_fresh = |at: DateTime<Utc>| at > landing.at - NOTED_WITHIN;
        let standing = newest(&self.read, landing.digest).await?;
        let Some(standing) = standing.filter(|standing| {
            let has_key = standing.wrapped.is_some() || landing.is_held;
            standing.is_for(landing) && has_key && is_fresh(standing.landed_at)
        }) else {
            return Ok(None);
        };
        let key = (landing.digest.to_owned(), landing.source.to_owned());
        let delivered = raw_delivery::Entity::find_by_id(key)
            .one(&self.read)
            .await?;
        let is_noted = delivered.is_some_and(|row| is_fresh(row.delivered_at));
        Ok(is_noted.then_some(standing))
    }
}

impl RawKey {
    /// Whether it can hold bytes that land. A key of another process that has a raw store and a key file of its own
    /// is of no use here, as its object is not here.
    fn is_for(&self, landing: LandingRaw<'_>) -> bool {
        let is_known = |key: &WrappedKey| landing.keks.contains(&key.kek.as_str());
        let is_here = landing.is_held && self.generation == 0;
        let is_ours = is_here || self.wrapped.as_ref().is_none_or(is_known);
        self.erasure.is_none() && is_ours
    }

    /// Whether its bytes are not to be kept again.
    pub fn is_barred(&self) -> bool {
        self.erasure
            .as_ref()
            .is_some_and(|erasure| erasure.is_barred)
    }
}

async fn newest<C: ConnectionTrait>(db: &C, digest: &str) -> Result<Option<RawKey>> {
    let row = raw_key::Entity::find()
        .filter(raw_key::Column::Digest.eq(digest))
        .order_by_desc(raw_key::Column::Generation)
        .limit(1)
        .one(db)
        .await?;
    Ok(row.map(from_row))
}

/// Notes that what stands landed again, and gives it a key where it needs one.
async fn touch(
    tx: &DatabaseTransaction,
    standing: &RawKey,
    landing: LandingRaw<'_>,
    fresh: &WrappedKey,
) -> Result<()> {
    use raw_key::Column;
    let this = raw_key::Entity::update_many()
        .filter(Column::Digest.eq(&standing.digest))
        .filter(Column::Generation.eq(standing.generation))
        .filter(Column::ErasedAt.is_null());
    let landed = raw_key::ActiveModel {
        landed_at: Set(landing.at),
        ..Default::default()
    };
    this.clone().set(landed).exec(tx).await?;
    if standing.wrapped.is_none() && !landing.is_held {
        let sealed = raw_key::ActiveModel {
            kek: Set(Some(fresh.kek.clone())),
            wrapped: Set(Some(fresh.bytes.clone())),
            ..Default::default()
        };
        let keyless = this.filter(Column::Wrapped.is_null());
        keyless.set(sealed).exec(tx).await?;
    }
    Ok(())
}

/// Begins the object behind another one, or the first one.
async fn begin(
    tx: &DatabaseTransaction,
    other: Option<RawKey>,
    landing: LandingRaw<'_>,
    fresh: &WrappedKey,
) -> Result<()> {
    let generation = other.map_or(0, |other| other.generation + 1);
    // What stands there without a key was kept before objects were sealed.
    let is_sealed = generation > 0 || !landing.is_held;
    let row = raw_key::ActiveModel {
        digest: Set(landing.digest.to_owned()),
        generation: Set(generation),
        kek: Set(is_sealed.then(|| fresh.kek.clone())),
        wrapped: Set(is_sealed.then(|| fresh.bytes.clone())),
        landed_at: Set(landing.at),
        erased_at: Set(None),
        reason: Set(None),
        is_barred: Set(false),
        removed_at: Set(None),
    };
    raw_key::Entity::insert(row)
        .on_conflict_do_nothing()
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

async fn note_delivery(tx: &DatabaseTransaction, landing: LandingRaw<'_>) -> Result<()> {
    use raw_delivery::Column;
    let row = raw_delivery::ActiveModel {
        digest: Set(landing.digest.to_owned()),
        source: Set(landing.source.to_owned()),
        delivered_at: Set(landing.at),
    };
    let newest = OnConflict::columns([Column::Digest, Column::Source])
        .update_column(Column::DeliveredAt)
        .to_owned();
    raw_delivery::Entity::insert(row)
        .on_conflict(newest)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

fn from_row(row: raw_key::Model) -> RawKey {
    let wrapped = row.kek.zip(row.wrapped);
    RawKey {
        digest: row.digest,
        generation: row.generation,
        wrapped: wrapped.map(|(kek, bytes)| WrappedKey { kek, bytes }),
        landed_at: row.landed_at,
        erasure: row.erased_at.map(|at| RawErasure {
            at,
            reason: row.reason.unwrap_or_default(),
            is_barred: row.is_barred,
        }),
        is_removed: row.removed_at.is_some(),
    }
}
