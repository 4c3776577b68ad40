//! What is known of the hosts that are called: how fast they may be asked and how they fare. All
//! doors of a process share it, so that two sources at one host don't ask twice as often.

use std::{
    collections::HashMap,
    num::NonZeroU32,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use governor::{
    Quota, RateLimiter,
    clock::Clock,
    middleware::NoOpMiddleware,
    state::{InMemoryState, NotKeyed},
};
use tokio::time::Instant;

use super::{Error, Limits, breaker::Breaker};

type Pace = RateLimiter<NotKeyed, InMemoryState, Monotonic, NoOpMiddleware<Duration>>;

/// The runtime's clock, by which also the waiting is done.
#[derive(Debug, Clone)]
pub(super) struct Monotonic(Instant);

impl Clock for Monotonic {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

/// The hosts that were called.
#[derive(Debug, Default)]
pub(super) struct Hosts {
    breakers: Mutex<HashMap<String, Breaker>>,
    /// By host and rate: who asks for another rate is paced by that.
    paces: Mutex<HashMap<(String, NonZeroU32), Arc<Pace>>>,
}

impl Hosts {
    /// Waits until the host's pace allows one more call.
    pub(super) async fn pace(&self, host: &str, per_second: NonZeroU32) {
        let pace = {
            let mut paces = lock(&self.paces);
            let key = (host.to_owned(), per_second);
            Arc::clone(paces.entry(key).or_insert_with(|| {
                let burst = per_second.saturating_mul(BURST_SECONDS);
                let quota = Quota::per_second(per_second).allow_burst(burst);
                let clock = Monotonic(Instant::now());
                Arc::new(RateLimiter::direct_with_clock(quota, clock))
            }))
        };
        while let Err(not_until) = pace.check() {
            tokio::time::sleep(not_until.wait_time_from(pace.clock().now())).await;
        }
    }

    /// Whether the host may be called at all now.
    pub(super) fn admit(&self, host: &str, limits: &Limits) -> Result<(), Error> {
        let now = Instant::now();
        let mut breakers = lock(&self.breakers);
        let admitted = breakers
            .entry(host.to_owned())
            .or_default()
            .admit(now, limits);
        admitted.map_err(|until| Error::LeftAlone {
            host: host.to_owned(),
            for_s: (until - now).as_secs() + 1,
        })
    }

    /// Notes how a call of it went.
    pub(super) fn note(&self, host: &str, is_well: bool, limits: &Limits) {
        let mut breakers = lock(&self.breakers);
        let breaker = breakers.entry(host.to_owned()).or_default();
        breaker.note(is_well, Instant::now(), limits);
    }
}

/// Seconds whose calls may come at once.
const BURST_SECONDS: NonZeroU32 = NonZeroU32::new(2).expect("two is not zero");

/// What a panic left behind are whole entries: nothing here is changed in two steps.
fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
