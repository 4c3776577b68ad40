//! Tokens that are believed no longer: written by whoever revokes, read again and again by every
//! process that is asked.

use chrono::{DateTime, Utc};
use domain::{
    privacy::mask_numbers,
    revocation::{Revocation, Revoked},
};
use entities::revocation::{ActiveModel, Column, Entity};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, sea_query::OnConflict,
};

use super::{Error, Result, Store};

/// Revocations that stand at once: every process holds them all.
const REVOCATIONS_MAX: u64 = 100_000;
const TOKEN: &str = "token";
const SUBJECT: &str = "subject";

impl Store {
    /// Revokes; of a subject, what was issued up to now though it was revoked before. Revocations from
    /// before `kept_since` concern no token any more and are dropped.
    pub async fn revoke(&self, revocation: &Revocation, kept_since: DateTime<Utc>) -> Result<()> {
        let tx = self.begin_write().await?;
        Entity::delete_many()
            .filter(Column::At.lt(kept_since))
            .exec(&tx)
            .await?;
        if Entity::find().count(&tx).await? >= REVOCATIONS_MAX {
            return Err(Error::TooManyRevocations {
                max: REVOCATIONS_MAX,
            });
        }
        let (kind, name) = match &revocation.what {
            Revoked::Token(id) => (TOKEN, id),
            Revoked::Subject(subject) => (SUBJECT, subject),
        };
        let row = ActiveModel {
            kind: Set(kind.to_owned()),
            name: Set(name.clone()),
            at: Set(revocation.at),
            revoked_by: Set(revocation.by.clone()),
            reason: Set(revocation
                .reason
                .as_deref()
                .map(|text| mask_numbers(text).into_owned())),
        };
        let newest = OnConflict::columns([Column::Kind, Column::Name])
            .update_columns([Column::At, Column::RevokedBy, Column::Reason])
            .to_owned();
        Entity::insert(row)
            .on_conflict(newest)
            .exec_without_returning(&tx)
            .await?;
        self.commit(tx).await
    }

    /// What is revoked since a moment.
    pub async fn list_revocations(&self, since: DateTime<Utc>) -> Result<Vec<Revocation>> {
        let rows = Entity::find()
            .filter(Column::At.gte(since))
            .all(&self.read)
            .await?;
        let revocations = rows.into_iter().map(|row| Revocation {
            what: match row.kind.as_str() {
                SUBJECT => Revoked::Subject(row.name),
                _ => Revoked::Token(row.name),
            },
            at: row.at,
            by: row.revoked_by,
            reason: row.reason,
        });
        Ok(revocations.collect())
    }
}
