//! How long raw deliveries are kept: for the longest of their sources' `raw_days`, or until somebody has them erased.
//! The key goes first, for ever, with its entry in the audit log; the object behind it. Digests,
//! evidence and proofs stay.

mod keys;
mod survey;

use std::{collections::BTreeMap, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use domain::{audit::Action, date::china_offset, privacy};
use futures_util::{StreamExt, TryStreamExt};

use crate::{
    audit::{self, Audit, Draft},
    catalogue::{Catalogue, RAW_DAYS},
    clock::Clock,
    raw_key::{KeyRing, Wrong},
    sources::{LandError, RawStore},
    store::{self, RawDelivery, RawErasure, RawKey, RawLook, RawPlace, Store, WrappedKey},
};

pub use keys::StoredKeys;
pub use survey::{Survey, survey};

/// Keys that are looked at together.
const BATCH: usize = 500;
/// Characters of a reason at most.
const REASON_CHARS_MAX: usize = 500;

/// Ends what is kept too long.
#[derive(Clone)]
pub struct Retention {
    pub store: Store,
    pub raw: RawStore,
    pub ring: KeyRing,
    pub audit: Audit,
    pub catalogue: Arc<Catalogue>,
    pub clock: Clock,
}

/// What a look came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Turned {
    /// Objects from before sealing that were taken over.
    pub adopted: usize,
    /// Keys that were destroyed.
    pub erased: usize,
    /// Objects that were deleted.
    pub removed: usize,
}

/// Why something could not be erased.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{0:?} is no digest: 64 hexadecimal digits are expected (SHA-256)")]
    Digest(String),
    #[error("a reason of 1 to {REASON_CHARS_MAX} characters is expected")]
    Reason,
    #[error("nothing with the digest {0} was ever kept here")]
    Unknown(String),
    #[error("{digest} was erased already on {}: {}", day(.erasure.at), .erasure.reason)]
    Erased { digest: String, erasure: RawErasure },
    #[error("the key of {digest}: {wrong}")]
    Wrap { digest: String, wrong: Wrong },
    #[error("there is no randomness: {0}")]
    Random(getrandom::Error),
    #[error(transparent)]
    Land(#[from] LandError),
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error(transparent)]
    Audit(#[from] audit::Unavailable),
}

impl Retention {
    /// Takes over what nothing knows, erases what is over, and deletes what was erased. Whoever is killed
    /// on the way finds the rest the next time.
    pub async fn turn(&self) -> Result<Turned, Error> {
        let mut turned = Turned {
            adopted: self.adopt().await?,
            ..Turned::default()
        };
        turned.removed += self.remove_erased().await?;
        let now = self.clock.now();
        // Whatever the catalogue says, no period is shorter than its shortest one.
        let before = now - TimeDelta::days(self.shortest().into());
        let look = RawLook::LandedBefore(before);
        let mut behind: Option<RawPlace> = None;
        loop {
            let keys = self
                .store
                .list_raw_keys(look, behind.as_ref(), BATCH as u64);
            let keys = keys.await?;
            let Some(last) = keys.last() else { break };
            behind = Some((last.digest.clone(), last.generation));
            for (key, end) in self.ends(keys).await? {
                if end.at <= now && self.erase_over(&key, &end, now).await? {
                    turned.erased += 1;
                    self.remove(&key).await?;
                    turned.removed += 1;
                }
            }
        }
        Ok(turned)
    }

    /// Erases bytes on demand and bars them: who delivers them again is refused. An error that they were erased
    /// already comes when nothing is left of them all the same.
    pub async fn erase(&self, digest: &str, reason: &str) -> Result<(), Error> {
        let digest = digest.to_ascii_lowercase();
        if digest.len() != 64 || !digest.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(Error::Digest(digest));
        }
        let reason = privacy::mask_numbers(reason.trim());
        if !(1..=REASON_CHARS_MAX).contains(&reason.chars().count()) {
            return Err(Error::Reason);
        }
        let mut key = self.store.find_raw_key(&digest).await?;
        if key.is_none() && self.raw.holds(&digest).await? {
            let now = self.clock.now();
            self.store.adopt_raw(&[(digest.clone(), now)]).await?;
            key = self.store.find_raw_key(&digest).await?;
        }
        let Some(key) = key else {
            return Err(Error::Unknown(digest));
        };
        let erasure = RawErasure {
            at: self.clock.now(),
            reason: reason.into_owned(),
            is_barred: true,
        };
        let object = format!("eraseRaw {digest}: {}", erasure.reason);
        let draft = Draft::by_hub(Action::Change, object);
        let (store, _) = self.audit.accompany(&self.store, draft)?;
        let is_erased = store.erase_raw_key(&key, &erasure).await?;
        // Also where it was erased before and its object was not deleted yet.
        self.remove(&key).await?;
        match key.erasure {
            Some(erasure) if !is_erased => Err(Error::Erased { digest, erasure }),
            _ => Ok(()),
        }
    }

    /// Wraps all keys with the newest key-encryption key, so that the earlier ones can be taken out of the file;
    /// returns how many.
    pub async fn rewrap(&self) -> Result<u64, Error> {
        let (mut rewrapped, mut behind) = (0, None::<RawPlace>);
        loop {
            let look = RawLook::NotUnder(self.ring.newest());
            let keys = self
                .store
                .list_raw_keys(look, behind.as_ref(), BATCH as u64);
            let keys = keys.await?;
            let Some(last) = keys.last() else {
                return Ok(rewrapped);
            };
            behind = Some((last.digest.clone(), last.generation));
            let mut fresh = Vec::with_capacity(keys.len());
            for key in keys {
                let Some(old) = key.wrapped.clone() else {
                    continue;
                };
                let unwrapped = self.ring.unwrap(&key.digest, &old.kek, &old.bytes);
                let plain = unwrapped.map_err(|wrong| Error::Wrap {
                    digest: key.digest.clone(),
                    wrong,
                })?;
                let wrapped = self.ring.wrap(&key.digest, &plain);
                let (kek, bytes) = wrapped.map_err(Error::Random)?;
                fresh.push((key, WrappedKey { kek, bytes }));
            }
            rewrapped += self.store.rewrap_raw_keys(&fresh).await?;
        }
    }

    /// Objects that stand in the store and that nothing knows are known from now on.
    async fn adopt(&self) -> Result<usize, Error> {
        let mut adopted = 0;
        let firsts = self.raw.list().try_filter_map(async |object| {
            Ok((object.generation == 0).then_some((object.digest, object.written_at)))
        });
        let mut batches = std::pin::pin!(firsts.try_chunks(BATCH));
        while let Some(batch) = batches.next().await {
            adopted += self
                .store
                .adopt_raw(&batch.map_err(|error| error.1)?)
                .await?;
        }
        Ok(adopted)
    }

    async fn remove_erased(&self) -> Result<usize, Error> {
        let (mut removed, mut behind) = (0, None::<RawPlace>);
        loop {
            let look = RawLook::Unremoved;
            let keys = self
                .store
                .list_raw_keys(look, behind.as_ref(), BATCH as u64);
            let keys = keys.await?;
            let Some(last) = keys.last() else {
                return Ok(removed);
            };
            behind = Some((last.digest.clone(), last.generation));
            for key in &keys {
                self.remove(key).await?;
                removed += 1;
            }
        }
    }

    async fn remove(&self, key: &RawKey) -> Result<(), Error> {
        self.raw.remove(&key.digest, key.generation).await?;
        let noted = self.store.note_raw_removed(key, self.clock.now());
        Ok(noted.await?)
    }

    async fn erase_over(
        &self,
        key: &RawKey,
        end: &End,
        now: DateTime<Utc>,
    ) -> Result<bool, store::Error> {
        let erasure = RawErasure {
            at: now,
            reason: end.reason.clone(),
            is_barred: false,
        };
        let object = format!("eraseRaw {}: {}", key.digest, erasure.reason);
        let draft = Draft::by_itself(Action::Change, object);
        let accompanied = self.audit.accompany(&self.store, draft);
        let (store, _) = accompanied.map_err(|unavailable| store::Error::Audit {
            reason: unavailable.to_string(),
        })?;
        store.erase_raw_key(key, &erasure).await
    }

    /// When the periods of these keys are over.
    async fn ends(&self, keys: Vec<RawKey>) -> Result<Vec<(RawKey, End)>, store::Error> {
        ends(&self.store, &self.catalogue, keys).await
    }

    fn shortest(&self) -> u32 {
        let periods = self
            .catalogue
            .sources
            .values()
            .map(|source| source.raw_days);
        periods.min().unwrap_or(RAW_DAYS).min(RAW_DAYS)
    }
}

/// When a key's period is over, and why then.
struct End {
    at: DateTime<Utc>,
    reason: String,
}

/// The longest of the periods of a key's deliveries; of what nobody is known to have delivered the usual one.
async fn ends(
    store: &Store,
    catalogue: &Catalogue,
    keys: Vec<RawKey>,
) -> Result<Vec<(RawKey, End)>, store::Error> {
    let digests: Vec<String> = keys.iter().map(|key| key.digest.clone()).collect();
    let mut deliveries: BTreeMap<String, Vec<RawDelivery>> = BTreeMap::new();
    for delivery in store.list_raw_deliveries(&digests).await? {
        let of = deliveries.entry(delivery.digest.clone()).or_default();
        of.push(delivery);
    }
    let end = |since: DateTime<Utc>, source: Option<&str>| {
        let known = source.and_then(|key| catalogue.sources.get(key));
        let days = known.map_or(RAW_DAYS, |source| source.raw_days);
        let whose = source.map_or(String::new(), |key| format!(" of {key}"));
        End {
            at: since + TimeDelta::days(days.into()),
            reason: format!("the {days} days{whose} since {} were over", day(since)),
        }
    };
    let ends = keys.into_iter().map(|key| {
        let of = deliveries.get(&key.digest).into_iter().flatten();
        let of = of.map(|delivery| end(delivery.at, Some(&delivery.source)));
        let last = of.max_by_key(|end| end.at);
        let last = last.unwrap_or_else(|| end(key.landed_at, None));
        (key, last)
    });
    Ok(ends.collect())
}

fn day(at: DateTime<Utc>) -> String {
    let there = at.with_timezone(&china_offset());
    there.format("%Y-%m-%d").to_string()
}
