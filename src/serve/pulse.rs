//! What one connection does at the moment.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Bits of the word that say what it does; the rest says since when, in milliseconds.
const STATE_BITS: u32 = 2;

/// What a connection does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// The head of a request is awaited, of the first one or of one that has begun.
    Heading = 0,
    /// It was answered and asks nothing now.
    Idle = 1,
    /// A request is answered, or the connection is none of HTTP any more.
    Busy = 2,
    /// The body of a request is awaited.
    Sending = 3,
}

/// The state of one connection, kept by whoever reads, serves and closes it.
#[derive(Debug)]
pub(super) struct Pulse {
    began: Instant,
    word: AtomicU64,
    /// The place is needed for somebody else.
    pub(super) given_up: CancellationToken,
}

impl Pulse {
    pub(super) fn new() -> Self {
        Self {
            began: Instant::now(),
            word: AtomicU64::new(State::Heading as u64),
            given_up: CancellationToken::new(),
        }
    }

    pub(super) fn state(&self) -> State {
        state_of(self.word.load(Ordering::Relaxed))
    }

    /// What it does, and since when.
    pub(super) fn now(&self) -> (State, Instant) {
        let word = self.word.load(Ordering::Relaxed);
        let since = self.began + Duration::from_millis(word >> STATE_BITS);
        (state_of(word), since)
    }

    pub(super) fn is(&self, state: State) {
        let millis = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let word = (millis << STATE_BITS) | state as u64;
        self.word.store(word, Ordering::Relaxed);
    }

    /// The request is whole, or its rest is not wanted.
    pub(super) fn sent(&self) {
        if self.state() == State::Sending {
            self.is(State::Busy);
        }
    }

    /// Bytes came: the head of the next request begins, where one is awaited.
    pub(super) fn heard(&self) {
        if self.state() == State::Idle {
            self.is(State::Heading);
        }
    }
}

fn state_of(word: u64) -> State {
    match word & ((1 << STATE_BITS) - 1) {
        0 => State::Heading,
        1 => State::Idle,
        2 => State::Busy,
        _ => State::Sending,
    }
}
