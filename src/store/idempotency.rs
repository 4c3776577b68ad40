//! What mutations did: who asks again with the same key is told it again.

use chrono::{DateTime, TimeDelta, Utc};
use entities::idempotency::{ActiveModel, Column, Entity, Model};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use super::{Result, Store};

/// How long an outcome is kept; after that the key is free again.
const KEPT: TimeDelta = TimeDelta::hours(72);

/// Under which key who asked for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub subject: String,
    pub key: String,
    /// SHA-256 of the mutation and its input, in hexadecimal.
    pub request_digest: String,
}

/// An outcome that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptOutcome {
    /// Of what was asked for when it came about.
    pub request_digest: String,
    /// As JSON.
    pub answer: String,
}

impl Store {
    /// The outcome that stands under a key.
    pub async fn find_outcome(
        &self,
        asked: &Asked,
        now: DateTime<Utc>,
    ) -> Result<Option<KeptOutcome>> {
        let key = (asked.subject.clone(), asked.key.clone());
        let row = Entity::find_by_id(key)
            .filter(Column::At.gt(now - KEPT))
            .one(&self.read)
            .await?;
        Ok(row.map(outcome))
    }

    /// Keeps an outcome, unless one stands under the key already; returns the one that stands.
    pub async fn keep_outcome(
        &self,
        asked: &Asked,
        answer: &str,
        now: DateTime<Utc>,
    ) -> Result<KeptOutcome> {
        let tx = self.begin_write().await?;
        Entity::delete_many()
            .filter(Column::At.lte(now - KEPT))
            .exec(&tx)
            .await?;
        let row = ActiveModel {
            subject: Set(asked.subject.clone()),
            key: Set(asked.key.clone()),
            request_digest: Set(asked.request_digest.clone()),
            answer: Set(answer.to_owned()),
            at: Set(now),
        };
        Entity::insert(row)
            .on_conflict_do_nothing()
            .exec_without_returning(&tx)
            .await?;
        let standing = Entity::find_by_id((asked.subject.clone(), asked.key.clone()))
            .one(&tx)
            .await?;
        tx.commit().await?;
        Ok(standing.map_or_else(
            || KeptOutcome {
                request_digest: asked.request_digest.clone(),
                answer: answer.to_owned(),
            },
            outcome,
        ))
    }
}

fn outcome(row: Model) -> KeptOutcome {
    KeptOutcome {
        request_digest: row.request_digest,
        answer: row.answer,
    }
}
