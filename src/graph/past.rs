//! Earlier versions, as somebody asks what was known at a moment: read from the store, kept for a
//! while, each read once however many wait for it.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, Weak},
};

use chrono::{DateTime, Utc};
use tokio::sync::{Mutex, OnceCell, OwnedSemaphorePermit, Semaphore, TryAcquireError};

use crate::store::{Error, Store};

use super::{Graph, apply::Draft};

/// Earlier versions that are kept; each is as big as the one that is served.
const KEPT_MAX: usize = 2;
/// Requests that may wait for an earlier version at once.
const WAITING_MAX: usize = 16;

/// Earlier versions that are read for one caller at once; those without a token are one.
const READ_FOR_CALLER_MAX: usize = 2;

/// Why an earlier version is not there.
#[derive(Debug, thiserror::Error)]
pub enum NotKnown {
    #[error(transparent)]
    Store(#[from] Arc<Error>),
    #[error(
        "too many ask for earlier versions at once; ask again later / 历史版本查询过多，请稍后再试"
    )]
    Busy,
    #[error("this process has not come so far yet; ask again / 本实例尚未同步至该版本，请稍后再试")]
    Ahead,
}

type Slot = Arc<OnceCell<Arc<Graph>>>;

/// Earlier versions of one store's facts.
pub(super) struct Past {
    store: Store,
    /// The newest asked for last, with the number of the change log up to which each goes.
    kept: Mutex<Vec<(i64, Slot)>>,
    waiting: Arc<Semaphore>,
    callers: std::sync::Mutex<HashMap<String, Weak<Semaphore>>>,
    /// One at a time is read: each takes memory and the database's time.
    reading: Arc<Mutex<()>>,
}

impl Past {
    pub(super) fn of(store: Store) -> Self {
        Self {
            store,
            kept: Mutex::default(),
            waiting: Arc::new(Semaphore::new(WAITING_MAX)),
            callers: std::sync::Mutex::default(),
            reading: Arc::default(),
        }
    }

    /// What was known at a moment, for this caller; `newest` where nothing has changed since.
    pub(super) async fn at(
        &self,
        caller: &str,
        moment: DateTime<Utc>,
        newest: &Arc<Graph>,
    ) -> Result<Arc<Graph>, NotKnown> {
        let seq = self.store.seq_at(moment).await.map_err(Arc::new)?;
        self.version(caller, seq, newest).await
    }

    /// The version with this number, for this caller; `newest` where nothing has changed since.
    pub(super) async fn version(
        &self,
        caller: &str,
        seq: i64,
        newest: &Arc<Graph>,
    ) -> Result<Arc<Graph>, NotKnown> {
        if seq >= newest.seq() {
            return Ok(Arc::clone(newest));
        }
        let (slot, place) = self.slot(caller, seq).await?;
        if let Some(graph) = slot.get() {
            return Ok(Arc::clone(graph));
        }
        let waiting = Arc::clone(&self.waiting).try_acquire_owned();
        let waiting = waiting.map_err(|_: TryAcquireError| NotKnown::Busy)?;
        let (store, reading) = (self.store.clone(), Arc::clone(&self.reading));
        let nothing = newest.without_facts();
        // Who asked may give up; the next one who asks finds what was read.
        let read = tokio::spawn(async move {
            let read = slot.get_or_try_init(|| async {
                let _one = reading.lock().await;
                let mut draft = Draft::of(&nothing);
                store.load_at(seq, &mut draft).await?;
                Ok::<_, Error>(Arc::new(draft.finish(seq)))
            });
            let read = read.await.cloned().map_err(Arc::new);
            drop((waiting, place));
            read
        });
        match read.await {
            Ok(read) => Ok(read?),
            // It can only have been cut off by the end of the process.
            Err(_) => Err(NotKnown::Busy),
        }
    }

    /// Where this version is or will be, and the place of a caller who is the first to ask for it.
    async fn slot(
        &self,
        caller: &str,
        seq: i64,
    ) -> Result<(Slot, Option<OwnedSemaphorePermit>), NotKnown> {
        let mut kept = self.kept.lock().await;
        let known = kept.iter().position(|(known, _)| *known == seq);
        let (slot, place) = match known {
            Some(at) => (kept.remove(at).1, None),
            None => (Slot::default(), Some(self.place(caller)?)),
        };
        kept.push((seq, Arc::clone(&slot)));
        if kept.len() > KEPT_MAX {
            kept.remove(0);
        }
        Ok((slot, place))
    }

    /// One of this caller's places, if one is free.
    fn place(&self, caller: &str) -> Result<OwnedSemaphorePermit, NotKnown> {
        let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        callers.retain(|_, places| places.strong_count() > 0);
        let known = callers.get(caller).and_then(Weak::upgrade);
        let places = known.unwrap_or_else(|| {
            let places = Arc::new(Semaphore::new(READ_FOR_CALLER_MAX));
            callers.insert(caller.to_owned(), Arc::downgrade(&places));
            places
        });
        let place = places.try_acquire_owned();
        place.map_err(|_: TryAcquireError| NotKnown::Busy)
    }
}
