//! What stands in the raw store: names, what is gone, and deleting what is erased.

use chrono::{DateTime, Utc};
use futures_util::{Stream, StreamExt};
use object_store::{ObjectStore, ObjectStoreExt, path::Path as Key};

use super::{LandError, NoKey, RawStore};

/// An object that stands in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandingObject {
    /// SHA-256 of its plain bytes, by its name.
    pub digest: String,
    pub generation: i32,
    pub written_at: DateTime<Utc>,
}

impl RawStore {
    /// Whether a file with this digest is kept.
    pub async fn holds(&self, digest: &str) -> Result<bool, LandError> {
        Ok(self.why_gone(digest).await?.is_none())
    }

    /// Why a file that was kept can't be read any more, if it can't.
    pub async fn why_gone(&self, digest: &str) -> Result<Option<String>, LandError> {
        let object = match self.keys.to_read(digest).await {
            Ok(object) => object,
            Err(erased @ NoKey::Erased { .. }) => return Ok(Some(erased.to_string())),
            Err(NoKey::Unavailable(reason)) => {
                let name = digest.to_owned();
                return Err(LandError::Key { name, reason });
            }
        };
        let is_there = self.is_there(&key_of(digest, object.generation)).await?;
        Ok((!is_there).then(|| "is no longer in the raw store".to_owned()))
    }

    /// Deletes an object, if it is there.
    pub async fn remove(&self, digest: &str, generation: i32) -> Result<(), LandError> {
        let key = key_of(digest, generation);
        match self.store.delete(&key).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(source) => Err(self.failed(&key, source)),
        }
    }

    /// All objects that stand in the store; what has another name than an object is passed over.
    pub fn list(&self) -> impl Stream<Item = Result<StandingObject, LandError>> + '_ {
        self.store
            .list(None)
            .filter_map(async |listed| match listed {
                Ok(object) => {
                    let (digest, generation) = named(object.location.filename()?)?;
                    Some(Ok(StandingObject {
                        digest,
                        generation,
                        written_at: object.last_modified,
                    }))
                }
                Err(source) => Some(Err(self.failed(&Key::default(), source))),
            })
    }

    /// Whether an object of the first generation is sealed, by what it begins with.
    pub async fn is_first_sealed(&self, digest: &str) -> Result<bool, LandError> {
        self.is_sealed(&key_of(digest, 0)).await
    }
}

/// The name of an object: compressed, and sealed unless it is older than that.
pub(super) fn key_of(digest: &str, generation: i32) -> Key {
    let folder = &digest[..2];
    match generation {
        0 => Key::from(format!("{folder}/{digest}.zst")),
        _ => Key::from(format!("{folder}/{digest}.{generation}.zst")),
    }
}

/// Digest and generation of an object by the last part of its name.
fn named(file: &str) -> Option<(String, i32)> {
    let stem = file.strip_suffix(".zst")?;
    let (digest, generation) = match stem.split_once('.') {
        Some((digest, generation)) => (digest, generation.parse().ok()?),
        None => (stem, 0),
    };
    let is_digest = digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_digest.then(|| (digest.to_owned(), generation))
}
