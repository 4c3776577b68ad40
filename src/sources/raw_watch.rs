//! What is seen of kept files while they are read: how far that is, and whether it was the store that
//! failed, for readers can't tell that from a damaged file.

use std::{
    io::{self, Read},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

use super::LandError;

/// Watches what goes in and out of a raw store.
#[derive(Debug, Clone, Default)]
pub struct RawWatch(Arc<Seen>);

#[derive(Debug)]
struct Failure {
    key: String,
    reason: String,
    is_gone: bool,
}

#[derive(Debug, Default)]
struct Seen {
    read: AtomicU64,
    /// Where the store first failed, and why.
    failure: OnceLock<Failure>,
}

impl RawWatch {
    /// Bytes that were read.
    pub fn read(&self) -> u64 {
        self.0.read.load(Ordering::Relaxed)
    }

    /// How the store failed, if it did.
    pub fn failure(&self) -> Option<LandError> {
        let failure = self.0.failure.get()?;
        let (path, source) = (failure.key.clone(), failure.reason.clone().into());
        let source = match failure.is_gone {
            true => object_store::Error::NotFound { path, source },
            false => object_store::Error::Generic {
                store: "raw",
                source,
            },
        };
        Some(LandError::Store {
            key: failure.key.clone(),
            source,
        })
    }

    /// The error of a failure, which is noted.
    pub(super) fn failed(&self, key: &str, source: object_store::Error) -> LandError {
        self.note(key, &source);
        LandError::Store {
            key: key.to_owned(),
            source,
        }
    }

    fn note(&self, key: &str, error: &object_store::Error) {
        let _ = self.0.failure.set(Failure {
            key: key.to_owned(),
            reason: error.to_string(),
            is_gone: matches!(error, object_store::Error::NotFound { .. }),
        });
    }

    /// A kept file that is read under watch.
    pub(super) fn over<R>(&self, key: &str, inner: R) -> Watched<R> {
        Watched {
            inner,
            key: key.to_owned(),
            watch: self.clone(),
        }
    }
}

/// A kept file that is read.
pub(super) struct Watched<R> {
    inner: R,
    key: String,
    watch: RawWatch,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(into).inspect_err(|error| {
            let cause = error.get_ref();
            if let Some(error) = cause.and_then(|cause| cause.downcast_ref()) {
                self.watch.note(&self.key, error);
            }
        })?;
        self.watch.0.read.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}
