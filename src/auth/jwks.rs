//! Keys that an identity provider publishes: fetched ahead of need, seldom on demand, and kept for a
//! while when it does not answer.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwap;
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::Algorithm;
use reqwest::{Method, Url};
use tokio::sync::Mutex;

use crate::{
    clock::Clock,
    config::{self, Place},
    egress::{self, Door, Egress, Limits, Request},
};

use super::keys::{BadSet, Key, Keys};

/// Between two fetches that somebody's unknown key makes us do, whatever came of the first.
const COOLDOWN: TimeDelta = TimeDelta::seconds(10);
/// After a fetch that failed, in the background.
const RETRY: TimeDelta = TimeDelta::seconds(60);
/// How old keys may be when their publisher does not answer; after that none is believed.
const STALE: TimeDelta = TimeDelta::hours(24);
const SET_BYTES_MAX: usize = 256 * 1_024;
/// A moment before all: nothing was tried yet.
const NEVER: i64 = i64::MIN;

/// The keys of one issuer.
#[derive(Debug)]
pub(super) struct Published {
    door: Door,
    url: Url,
    refresh: TimeDelta,
    known: ArcSwap<Known>,
    /// When a fetch was begun last, in milliseconds since 1970.
    begun: AtomicI64,
    /// One fetch at a time.
    flight: Mutex<()>,
    clock: Clock,
}

#[derive(Debug, Default)]
struct Known {
    keys: Keys,
    fetched: Option<DateTime<Utc>>,
}

#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error(transparent)]
    Egress(#[from] egress::Error),
    #[error(transparent)]
    Set(#[from] BadSet),
}

impl Published {
    /// Nothing is fetched yet.
    pub(super) fn at(
        url: &str,
        issuer: &config::Issuer,
        clock: Clock,
    ) -> Result<Arc<Self>, egress::Error> {
        let place = Place {
            url: Some(url.to_owned()),
            allow: issuer.allow.clone(),
            ca_file: issuer.ca_file.clone(),
            ..Place::default()
        };
        Ok(Arc::new(Self {
            door: Egress::with(limits()).door(&place)?,
            url: Url::parse(url).map_err(|_| egress::Error::Address)?,
            refresh: TimeDelta::minutes(issuer.refresh_minutes.get().into()),
            known: ArcSwap::default(),
            begun: AtomicI64::new(NEVER),
            flight: Mutex::new(()),
            clock,
        }))
    }

    /// The key of that id. An unknown one has the set fetched, if that was not done just now; whoever
    /// asks while it is being fetched waits for what comes.
    pub(super) async fn find(self: &Arc<Self>, id: &str, algorithm: Algorithm) -> Option<Arc<Key>> {
        if let Some(key) = self.known_key(id, algorithm) {
            return Some(key);
        }
        {
            let flight = self.flight.lock().await;
            if let Some(key) = self.known_key(id, algorithm) {
                return Some(key);
            }
            if !self.is_past(COOLDOWN) {
                return None;
            }
            // The place is taken before anything is sent, and kept though nobody waits any more.
            self.begin();
            let this = Arc::clone(self);
            let fetched = tokio::spawn(async move { this.fetch().await }).await;
            drop(flight);
            fetched.ok()?;
        }
        self.known_key(id, algorithm)
    }

    /// Fetches the set if it is due.
    pub(super) async fn keep_fresh(&self) {
        let _flight = self.flight.lock().await;
        let age = self.known.load().fetched.map(|at| self.clock.now() - at);
        // Also a clock that was put back makes it due.
        let is_due = age.is_none_or(|age| age >= self.refresh || age < TimeDelta::zero());
        if is_due && self.is_past(RETRY) {
            self.begin();
            self.fetch().await;
        }
    }

    fn known_key(&self, id: &str, algorithm: Algorithm) -> Option<Arc<Key>> {
        let known = self.known.load();
        let age = self.clock.now() - known.fetched?;
        (age <= STALE).then(|| known.keys.find(id, algorithm))?
    }

    /// Whether the last fetch was begun so long ago.
    fn is_past(&self, pause: TimeDelta) -> bool {
        let (begun, now) = (
            self.begun.load(Ordering::Acquire),
            self.clock.now().timestamp_millis(),
        );
        begun == NEVER || now < begun || now - begun >= pause.num_milliseconds()
    }

    fn begin(&self) {
        let now = self.clock.now().timestamp_millis();
        self.begun.store(now, Ordering::Release);
    }

    async fn fetch(&self) {
        let host = self.url.host_str().unwrap_or_default();
        match self.try_fetch().await {
            Ok(keys) => {
                tracing::info!(host, keys = keys.len(), "keys of an issuer");
                let fetched = Some(self.clock.now());
                self.known.store(Arc::new(Known { keys, fetched }));
            }
            Err(error) => tracing::warn!(host, %error, "keys of an issuer could not be fetched"),
        }
    }

    async fn try_fetch(&self) -> Result<Keys, Failed> {
        let request = Request::new(Method::GET, self.url.clone());
        let answer = self.door.send(&request).await?;
        Ok(Keys::of_set(&answer.body)?)
    }
}

/// Requests wait for this, so it is short; that it is asked seldom is seen to here.
fn limits() -> Limits {
    Limits {
        first_byte: Duration::from_secs(5),
        idle: Duration::from_secs(5),
        total: Duration::from_secs(8),
        answer_bytes_max: SET_BYTES_MAX,
        tries_max: 1,
        failures_max: u32::MAX,
        ..Limits::default()
    }
}
