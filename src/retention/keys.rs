//! Keys of raw objects as the database has them, wrapped.

use futures_util::future::BoxFuture;

use crate::{
    clock::Clock,
    raw_key::KeyRing,
    sources::{DataKey, NoKey, RawKeys, RawObject},
    store::{LandingRaw, RawKey, Store, WrappedKey},
};

/// Gives keys out of the database, and puts fresh ones there.
#[derive(Clone)]
pub struct StoredKeys {
    pub store: Store,
    pub ring: KeyRing,
    pub clock: Clock,
}

impl StoredKeys {
    fn object(&self, key: RawKey) -> Result<RawObject, NoKey> {
        if let Some(erasure) = key.erasure {
            return Err(NoKey::Erased {
                at: erasure.at,
                reason: erasure.reason,
            });
        }
        let unwrap = |wrapped: &WrappedKey| {
            let unwrapped = self.ring.unwrap(&key.digest, &wrapped.kek, &wrapped.bytes);
            unwrapped.map(DataKey::new).map_err(unavailable)
        };
        Ok(RawObject {
            key: key.wrapped.as_ref().map(unwrap).transpose()?,
            generation: key.generation,
        })
    }
}

impl RawKeys for StoredKeys {
    fn to_keep<'a>(
        &'a self,
        digest: &'a str,
        source: &'a str,
        is_held: bool,
    ) -> BoxFuture<'a, Result<RawObject, NoKey>> {
        Box::pin(async move {
            let fresh = DataKey::fresh().map_err(unavailable)?;
            let wrapped = self.ring.wrap(digest, fresh.bytes());
            let (kek, bytes) = wrapped.map_err(unavailable)?;
            let landing = LandingRaw {
                digest,
                source,
                is_held,
                keks: &self.ring.ids(),
                at: self.clock.now(),
            };
            let fresh = WrappedKey { kek, bytes };
            let landed = self.store.land_raw(landing, &fresh).await;
            self.object(landed.map_err(unavailable)?)
        })
    }

    fn to_read<'a>(&'a self, digest: &'a str) -> BoxFuture<'a, Result<RawObject, NoKey>> {
        Box::pin(async move {
            match self.store.find_raw_key(digest).await.map_err(unavailable)? {
                Some(key) => self.object(key),
                // From before objects were sealed.
                None => Ok(RawObject {
                    key: None,
                    generation: 0,
                }),
            }
        })
    }
}

fn unavailable(error: impl std::error::Error) -> NoKey {
    let mut text = error.to_string();
    if let Some(cause) = error.source() {
        text = format!("{text}: {cause}");
    }
    NoKey::Unavailable(text)
}
