use std::sync::atomic::{AtomicU64, Ordering};

use crate::telemetry;

/// What became of those who asked for an answer that may be kept.
#[derive(Debug, Default)]
pub struct Counts {
    hits: AtomicU64,
    misses: AtomicU64,
    shared: AtomicU64,
    bytes: AtomicU64,
}

/// The same at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// They got one that was known.
    pub hits: u64,
    /// They had it executed.
    pub misses: u64,
    /// They got one that somebody else had executed meanwhile.
    pub shared: u64,
    /// Bytes that the kept answers take up.
    pub bytes: u64,
}

impl Counts {
    /// Reads them.
    pub fn now(&self) -> Counted {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Counted {
            hits: read(&self.hits),
            misses: read(&self.misses),
            shared: read(&self.shared),
            bytes: read(&self.bytes),
        }
    }

    pub(super) fn hit(&self) {
        self.hits.fetch_add(1, Ordering::Relaxed);
        telemetry::cache("hit");
    }

    pub(super) fn missed(&self) {
        self.misses.fetch_add(1, Ordering::Relaxed);
        telemetry::cache("miss");
    }

    pub(super) fn shared(&self) {
        self.shared.fetch_add(1, Ordering::Relaxed);
        telemetry::cache("joined");
    }

    pub(super) fn keeps(&self, bytes: u64) {
        self.bytes.store(bytes, Ordering::Relaxed);
    }
}
