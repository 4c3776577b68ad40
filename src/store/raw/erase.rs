//! Destroying keys, and wrapping them anew.

use chrono::{DateTime, Utc};
use entities::raw_key::{ActiveModel, Column, Entity};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, ExprTrait, QueryFilter};

use super::{RawErasure, RawKey, WrappedKey};
use crate::store::{Result, Store};

impl Store {
    /// Destroys an object's key for ever, in one transaction with the entry that this store carries; false where
    /// it is as it was: erased already, or landed again since it was looked at. For good, also what
    /// was erased because its time was over is barred.
    pub async fn erase_raw_key(&self, key: &RawKey, erasure: &RawErasure) -> Result<bool> {
        let tx = self.begin_write().await?;
        let still = match erasure.is_barred {
            true => Column::IsBarred.eq(false),
            false => Column::ErasedAt
                .is_null()
                .and(Column::LandedAt.lte(key.landed_at)),
        };
        let erased = ActiveModel {
            kek: Set(None),
            wrapped: Set(None),
            erased_at: Set(Some(erasure.at)),
            reason: Set(Some(erasure.reason.clone())),
            is_barred: Set(erasure.is_barred),
            ..Default::default()
        };
        let done = Entity::update_many()
            .set(erased)
            .filter(Column::Digest.eq(&key.digest))
            .filter(Column::Generation.eq(key.generation))
            .filter(still)
            .exec(&tx)
            .await?;
        if done.rows_affected == 0 {
            return Ok(false);
        }
        self.commit(tx).await?;
        Ok(true)
    }

    /// Notes that an object was deleted behind its key.
    pub async fn note_raw_removed(&self, key: &RawKey, at: DateTime<Utc>) -> Result<()> {
        let removed = ActiveModel {
            removed_at: Set(Some(at)),
            ..Default::default()
        };
        let tx = self.begin_write().await?;
        Entity::update_many()
            .set(removed)
            .filter(Column::Digest.eq(&key.digest))
            .filter(Column::Generation.eq(key.generation))
            .exec(&tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Puts other wraps in the place of those that keys have, all or none; returns how many stood as they were given.
    pub async fn rewrap_raw_keys(&self, keys: &[(RawKey, WrappedKey)]) -> Result<u64> {
        let tx = self.begin_write().await?;
        let mut rewrapped = 0;
        for (key, fresh) in keys {
            let other = ActiveModel {
                kek: Set(Some(fresh.kek.clone())),
                wrapped: Set(Some(fresh.bytes.clone())),
                ..Default::default()
            };
            // A key that was destroyed meanwhile stays so.
            let done = Entity::update_many()
                .set(other)
                .filter(Column::Digest.eq(&key.digest))
                .filter(Column::Generation.eq(key.generation))
                .filter(Column::Wrapped.is_not_null())
                .exec(&tx)
                .await?;
            rewrapped += done.rows_affected;
        }
        tx.commit().await?;
        Ok(rewrapped)
    }
}
