//! Where the keys of kept files are: in the database for a hub, in memory for who only tries something.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, Utc};
use domain::date::china_offset;
use futures_util::future::BoxFuture;

use super::seal::DataKey;

/// The object that holds a file's bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawObject {
    /// None of what was kept before objects were sealed.
    pub key: Option<DataKey>,
    /// How often the same bytes were kept before.
    pub generation: i32,
}

/// Why there is no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoKey {
    /// It was destroyed.
    #[error("was erased on {}: {reason}", .at.with_timezone(&china_offset()).format("%Y-%m-%d"))]
    Erased { at: DateTime<Utc>, reason: String },
    /// It can't be had now, or here.
    #[error("{0}")]
    Unavailable(String),
}

/// Gives keys.
pub trait RawKeys: Send + Sync {
    /// The object that is to hold bytes which this source delivers, by their digest; its key is durable by then. `is_held`
    /// says that there is one already of which nothing may be known: what was kept before objects were sealed.
    fn to_keep<'a>(
        &'a self,
        digest: &'a str,
        source: &'a str,
        is_held: bool,
    ) -> BoxFuture<'a, Result<RawObject, NoKey>>;

    /// The object that holds bytes.
    fn to_read<'a>(&'a self, digest: &'a str) -> BoxFuture<'a, Result<RawObject, NoKey>>;
}

/// Keys that are gone with the process.
#[derive(Debug, Default)]
pub struct KeysInMemory(Mutex<HashMap<String, DataKey>>);

impl RawKeys for KeysInMemory {
    fn to_keep<'a>(
        &'a self,
        digest: &'a str,
        _: &'a str,
        is_held: bool,
    ) -> BoxFuture<'a, Result<RawObject, NoKey>> {
        Box::pin(async move {
            let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if !is_held && !keys.contains_key(digest) {
                let key = DataKey::fresh();
                let key = key.map_err(|error| NoKey::Unavailable(error.to_string()))?;
                keys.insert(digest.to_owned(), key);
            }
            Ok(RawObject {
                key: keys.get(digest).cloned(),
                generation: 0,
            })
        })
    }

    fn to_read<'a>(&'a self, digest: &'a str) -> BoxFuture<'a, Result<RawObject, NoKey>> {
        Box::pin(async move {
            let keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Ok(RawObject {
                key: keys.get(digest).cloned(),
                generation: 0,
            })
        })
    }
}
