//! What the answer cache did.

use std::sync::atomic::{AtomicU64, Ordering};

use super::cache;

/// What became of those who asked for an answer that may be kept.
#[derive(Debug, Default)]
pub struct AnswerCounts {
    hits: AtomicU64,
    misses: AtomicU64,
    shared: AtomicU64,
    bytes: AtomicU64,
}

/// The same at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnswersCounted {
    /// They got one that was known.
    pub hits: u64,
    /// They had it executed.
    pub misses: u64,
    /// They got one that somebody else had executed meanwhile.
    pub shared: u64,
    /// Bytes that the kept answers take up.
    pub bytes: u64,
}

impl AnswerCounts {
    /// Reads them.
    pub fn now(&self) -> AnswersCounted {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        AnswersCounted {
            hits: read(&self.hits),
            misses: read(&self.misses),
            shared: read(&self.shared),
            bytes: read(&self.bytes),
        }
    }

    pub fn hit(&self) {
        self.hits.fetch_add(1, Ordering::Relaxed);
        cache("hit");
    }

    pub fn missed(&self) {
        self.misses.fetch_add(1, Ordering::Relaxed);
        cache("miss");
    }

    pub fn shared(&self) {
        self.shared.fetch_add(1, Ordering::Relaxed);
        cache("joined");
    }

    pub fn keeps(&self, bytes: u64) {
        self.bytes.store(bytes, Ordering::Relaxed);
    }
}
