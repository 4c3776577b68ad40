//! What mutations did: who asks again with the same key is told it again.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use chrono::{DateTime, TimeDelta, Utc};
use entities::idempotency::{ActiveModel, Column, Entity, Model};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use tokio::sync::OwnedMutexGuard;

use super::{Result, Store};

/// How long an outcome is kept; after that the key is free again.
const KEPT: TimeDelta = TimeDelta::hours(72);

/// Under which key who asked for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// A digest of issuer and subject.
    pub caller: String,
    /// A digest of the key.
    pub key: String,
    /// SHA-256 of the mutation, its input and the place in which it was asked for, in hexadecimal.
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

/// Whose turn it is under a caller's key, in this process.
#[derive(Debug, Clone, Default)]
pub(super) struct Turns(Arc<Mutex<HashMap<(String, String), Turn>>>);

type Turn = Weak<tokio::sync::Mutex<()>>;

impl Store {
    /// Waits until nobody else in this process makes an attempt under the key. The next one's turn
    /// begins when this is dropped.
    pub async fn turn(&self, asked: &Asked) -> OwnedMutexGuard<()> {
        let turn = {
            let mut turns = self.turns.0.lock().unwrap_or_else(PoisonError::into_inner);
            turns.retain(|_, turn| turn.strong_count() > 0);
            let key = (asked.caller.clone(), asked.key.clone());
            let known = turns.get(&key).and_then(Weak::upgrade);
            known.unwrap_or_else(|| {
                let turn = Arc::default();
                turns.insert(key, Arc::downgrade(&turn));
                turn
            })
        };
        turn.lock_owned().await
    }

    /// The outcome that stands under a key.
    pub async fn find_outcome(
        &self,
        asked: &Asked,
        now: DateTime<Utc>,
    ) -> Result<Option<KeptOutcome>> {
        let key = (asked.caller.clone(), asked.key.clone());
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
            subject: Set(asked.caller.clone()),
            key: Set(asked.key.clone()),
            request_digest: Set(asked.request_digest.clone()),
            answer: Set(answer.to_owned()),
            at: Set(now),
        };
        Entity::insert(row)
            .on_conflict_do_nothing()
            .exec_without_returning(&tx)
            .await?;
        let standing = Entity::find_by_id((asked.caller.clone(), asked.key.clone()))
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
