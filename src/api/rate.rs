//! How much one caller may ask for: the generic cell rate algorithm over units of cost, by subject for
//! whoever has a token and by address for whoever has none.
//!
//! Each request is charged one unit before anything is done for it, and what it costs once that is
//! known. Memory is bounded: idle callers are forgotten, and those that come when too many are
//! remembered share one allowance.

mod forwarded;

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::http::HeaderMap;
use domain::viewer::{Role, Viewer};
use ipnet::IpNet;

use crate::config;

/// What every request costs before anything is known of it.
pub const DOOR: u64 = 1;
/// A file of all that somebody sees.
pub const EXPORT: u64 = 2_000;
/// Between two looks at who may be forgotten.
const BETWEEN_SWEEPS: Duration = Duration::from_secs(1);
/// Who comes when too many callers are remembered.
const CROWD: u64 = 0;

/// Time that only goes forward: since some moment.
pub type Ticks = Arc<dyn Fn() -> Duration + Send + Sync>;

/// One caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    by: By,
    /// A keyed digest of the subject or the address, so that no caller can choose whom he meets.
    caller: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum By {
    Subject,
    Address,
}

/// The caller has to wait so long before he is served again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too much was asked for; ask again in {} s / 请求过多，请稍后再试", self.seconds())]
pub struct RetryAfter(pub Duration);

/// What every caller has left.
pub struct Rates {
    subject: Quota,
    address: Quota,
    callers_max: usize,
    proxies: Vec<IpNet>,
    ticks: Ticks,
    hasher: RandomState,
    callers: Mutex<Callers>,
}

/// Nanoseconds that a unit takes to come back, and those of a whole burst.
#[derive(Debug, Clone, Copy)]
struct Quota {
    unit: u64,
    burst: u64,
}

#[derive(Default)]
struct Callers {
    /// When all that a caller was charged will have come back, in nanoseconds.
    whole_at: HashMap<Key, u64>,
    swept: u64,
}

impl RetryAfter {
    /// For the header `Retry-After`: whole seconds, and one at least.
    pub fn seconds(&self) -> u64 {
        let started = u64::from(self.0.subsec_nanos() > 0);
        self.0.as_secs().saturating_add(started).max(1)
    }
}

impl Rates {
    /// By the configuration, with the machine's own time where `ticks` is none.
    pub fn new(rates: &config::Rates, proxies: &[IpNet], ticks: Option<Ticks>) -> Self {
        let began = Instant::now();
        Self {
            subject: Quota::of(rates.subject_per_second.get(), rates.subject_burst.get()),
            address: Quota::of(rates.address_per_second.get(), rates.address_burst.get()),
            callers_max: rates.callers_max,
            proxies: proxies.to_vec(),
            ticks: ticks.unwrap_or_else(|| Arc::new(move || began.elapsed())),
            hasher: RandomState::new(),
            callers: Mutex::default(),
        }
    }

    /// Who asks: a viewer with a token by his subject, the public by its address.
    pub fn key(&self, viewer: &Viewer, address: Key) -> Key {
        match viewer.role {
            Role::Public => address,
            _ => Key {
                by: By::Subject,
                caller: self.hasher.hash_one((&viewer.issuer, &viewer.subject)),
            },
        }
    }

    /// The address from which somebody asks. Whoever has an IPv6 address has all of its /64.
    pub fn address(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> Key {
        let client = peer.map(|peer| forwarded::client(peer, headers, &self.proxies));
        let network = client.map(|address| match address {
            IpAddr::V4(_) => address,
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
            }
        });
        Key {
            by: By::Address,
            caller: self.hasher.hash_one(network),
        }
    }

    /// Charges a caller, or tells him how long to wait; a refusal costs nothing. What costs more than
    /// anybody may have at once costs all of it, so that nobody is refused for ever.
    pub fn charge(&self, key: &Key, units: u64) -> Result<(), RetryAfter> {
        let quota = match key.by {
            By::Subject => self.subject,
            By::Address => self.address,
        };
        let now = nanos((self.ticks)());
        let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        let key = callers.remembered(*key, now, self.callers_max);
        let whole_at = callers.whole_at.get(&key).copied().unwrap_or(now).max(now);
        // The door is charged before an operation, and again when it is asked for again: it is left out
        // of what must be there at once, and reckoned with in how long to wait.
        let door = quota.unit.saturating_mul(DOOR);
        let price = quota.unit.saturating_mul(units).min(quota.burst - door);
        let after = whole_at.saturating_add(price);
        let over = after.saturating_sub(now).saturating_sub(quota.burst);
        if over > 0 {
            return Err(RetryAfter(Duration::from_nanos(over.saturating_add(door))));
        }
        callers.whole_at.insert(key, after);
        Ok(())
    }
}

impl Quota {
    fn of(per_second: u32, burst: u32) -> Self {
        let unit = (1_000_000_000 / u64::from(per_second)).max(1);
        // Less than the door and one unit would let nobody in.
        let burst = u64::from(burst).max(DOOR + 1);
        Self {
            unit,
            burst: unit.saturating_mul(burst),
        }
    }
}

impl Callers {
    /// The key under which a caller is remembered.
    fn remembered(&mut self, key: Key, now: u64, max: usize) -> Key {
        if self.whole_at.len() < max || self.whole_at.contains_key(&key) {
            return key;
        }
        if now.saturating_sub(self.swept) >= nanos(BETWEEN_SWEEPS) || self.swept == 0 {
            self.swept = now.max(1);
            self.whole_at.retain(|_, whole_at| *whole_at > now);
        }
        match self.whole_at.len() < max {
            true => key,
            false => Key {
                caller: CROWD,
                ..key
            },
        }
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
