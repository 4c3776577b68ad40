//! Of when a version's data are, and how many sources deliver in time: read once for all who ask of a version
//! within half a minute.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use tokio::sync::Mutex;

use crate::store::Error;

use super::Checking;

/// How long the state of the sources is believed.
const BELIEVED: TimeDelta = TimeDelta::seconds(30);

/// How many sources deliver in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sources {
    pub current: usize,
    pub all: usize,
}

/// What an answer is told against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backdrop {
    /// The number of the change log up to which all is known.
    pub version: i64,
    /// When that number was closed.
    pub data_as_of: DateTime<Utc>,
    pub sources: Sources,
}

/// The latest backdrop, and when it was read.
#[derive(Debug, Clone, Default)]
pub struct Backdrops(Arc<Mutex<Option<Latest>>>);

#[derive(Debug, Clone, Copy)]
struct Latest {
    read_at: DateTime<Utc>,
    backdrop: Backdrop,
}

impl Backdrops {
    /// The backdrop of a version; who asks at the same time waits for one reading.
    pub(super) async fn of(&self, version: i64, checking: &Checking) -> Result<Backdrop, Error> {
        let now = checking.clock.now();
        let mut latest = self.0.lock().await;
        let good = latest.filter(|latest| {
            let until = latest.read_at + BELIEVED;
            latest.backdrop.version == version && (latest.read_at..until).contains(&now)
        });
        if let Some(good) = good {
            return Ok(good.backdrop);
        }
        let backdrop = read(version, checking).await?;
        *latest = Some(Latest {
            read_at: now,
            backdrop,
        });
        Ok(backdrop)
    }
}

async fn read(version: i64, checking: &Checking) -> Result<Backdrop, Error> {
    let now = checking.clock.now();
    let keys: Vec<String> = checking.catalogue.sources.keys().cloned().collect();
    let fresh = checking.store.freshness(&keys).await?;
    let is_current = |(key, source): &(&String, &crate::catalogue::Source)| {
        let as_of = fresh.get(*key).and_then(|freshness| freshness.data_as_of);
        as_of.is_some_and(|at| now - at <= TimeDelta::hours(source.cadence_h))
    };
    let sources = Sources {
        current: checking.catalogue.sources.iter().filter(is_current).count(),
        all: keys.len(),
    };
    let data_as_of = checking.store.closed_at(version).await?.unwrap_or(now);
    Ok(Backdrop {
        version,
        data_as_of,
        sources,
    })
}
