//! What an outside call may cost.

use std::time::Duration;

/// Bytes of one answer, decoded.
pub const ANSWER_BYTES_MAX: usize = 64 * 1_024 * 1_024;
/// Calls of one host in a second, where its source says nothing else.
pub const REQUESTS_PER_SECOND: u32 = 5;
/// The longest `Retry-After` that is believed.
pub const RETRY_AFTER_MAX: Duration = Duration::from_secs(3_600);

/// The limits of one client.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Until a connection stands, its name resolved and its certificate checked.
    pub connect: Duration,
    /// Until the head of the answer is there, the connecting included.
    pub first_byte: Duration,
    /// Between two pieces of the body.
    pub idle: Duration,
    /// Of one try.
    pub total: Duration,
    pub answer_bytes_max: usize,
    /// How many times longer than its packed bytes an answer may be.
    pub unpacked_ratio_max: usize,
    /// Tries of a request that may be repeated.
    pub tries_max: u32,
    /// Before the second try it is waited for up to this, then for up to twice as long, …
    pub backoff: Duration,
    /// … and at most for this.
    pub backoff_max: Duration,
    /// All waiting between the tries of one call.
    pub waiting_max: Duration,
    /// After so many failures on end a host is left alone …
    pub failures_max: u32,
    /// … for this long, twice as long after each trial that fails …
    pub pause: Duration,
    /// … and at most this long.
    pub pause_max: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(3),
            first_byte: Duration::from_secs(15),
            idle: Duration::from_secs(10),
            total: Duration::from_secs(120),
            answer_bytes_max: ANSWER_BYTES_MAX,
            unpacked_ratio_max: 100,
            tries_max: 4,
            backoff: Duration::from_millis(500),
            backoff_max: Duration::from_secs(30),
            waiting_max: Duration::from_secs(300),
            failures_max: 5,
            pause: Duration::from_secs(60),
            pause_max: Duration::from_secs(15 * 60),
        }
    }
}
