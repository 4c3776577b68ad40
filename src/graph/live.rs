//! The version of the graph that is served, and the task that moves it on after each commit.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::{
        Arc, MutexGuard,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwap;
use chrono::{DateTime, Utc};
use domain::{credit_record::PublishedItems, directory::Knowledge, division::DivisionCode};
use tokio::sync::{Mutex, Notify, watch};

use crate::store::{Error, Notices, Store};

use super::{
    Graph,
    apply::Draft,
    changes::{Concerns, CursorError, PATIENCE, Readers},
    moved::{Feed, Moved},
    past::{NotKnown, Past},
    trail::Trail,
};

/// How often the change log is looked at when nothing wakes the follower: the command line writes
/// beside an embedded server, and a lost notification must not matter.
const POLL: Duration = Duration::from_millis(250);
/// Commits within this share a version.
const GATHER: Duration = Duration::from_millis(20);

/// The demanded version was not reached in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("version {wanted} is not here yet; this is version {reached}")]
pub struct NotReached {
    pub wanted: i64,
    pub reached: i64,
}

/// The graph as it is now.
pub struct Live {
    pub(super) store: Store,
    now: ArcSwap<Graph>,
    seq: watch::Sender<i64>,
    wake: Notify,
    /// What the last changes did to records.
    pub(super) feed: Feed,
    /// Whom the last changes concern.
    pub(super) trail: Trail,
    /// Whom what becomes of bodies concerns, of lists that were read lately.
    pub(super) concerns: Concerns,
    /// Who reads in the change log.
    pub(super) readers: Readers,
    /// One at a time moves the graph on, so that versions only ever grow.
    moving: Mutex<()>,
    past: Past,
    warming: AtomicBool,
    /// Bodies to be looked at by who grades; none where all are.
    concerned: std::sync::Mutex<Option<BTreeSet<i64>>>,
}

impl Live {
    /// A graph of the store's facts, none of which is read before it catches up.
    pub fn of(
        store: Store,
        knowledge: Arc<Knowledge>,
        province: Option<DivisionCode>,
        published_items: PublishedItems,
        final_stages: HashMap<String, HashSet<String>>,
    ) -> Arc<Self> {
        let graph = Graph::empty(knowledge, province, published_items);
        let graph = graph.with_final_stages(final_stages);
        let (sender, _) = watch::channel(graph.seq());
        Arc::new(Self {
            past: Past::of(store.clone()),
            warming: AtomicBool::new(false),
            store,
            now: ArcSwap::from_pointee(graph),
            seq: sender,
            wake: Notify::new(),
            feed: Feed::default(),
            trail: Trail::default(),
            concerns: Concerns::default(),
            readers: Readers::default(),
            moving: Mutex::new(()),
            concerned: std::sync::Mutex::default(),
        })
    }

    /// The newest version.
    pub fn now(&self) -> Arc<Graph> {
        self.now.load_full()
    }

    /// Bodies whose score or warnings may be others since this was asked last, with the newest version; none
    /// where that may be everybody. One asks, who has what he was told done, or [`concern_all`] says so.
    ///
    /// [`concern_all`]: Self::concern_all
    pub fn take_concerned(&self) -> (Arc<Graph>, Option<BTreeSet<i64>>) {
        let concerned = self.concerned().replace(BTreeSet::new());
        // A version that comes in between is looked at with the next.
        (self.now(), concerned)
    }

    /// Has everybody looked at by who asks next.
    pub fn concern_all(&self) {
        *self.concerned() = None;
    }

    fn concerned(&self) -> MutexGuard<'_, Option<BTreeSet<i64>>> {
        let kept = self.concerned.lock();
        kept.unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// The version of what was known at a moment, for this caller; `newest` where nothing has changed
    /// since.
    pub async fn known_at(
        &self,
        caller: &str,
        moment: DateTime<Utc>,
        newest: &Arc<Graph>,
    ) -> Result<Arc<Graph>, NotKnown> {
        self.past.at(caller, moment, newest).await
    }

    /// The version with this number, for this caller; `newest` where it is that one.
    pub async fn version_at(
        &self,
        caller: &str,
        seq: i64,
        newest: &Arc<Graph>,
    ) -> Result<Arc<Graph>, NotKnown> {
        // Another process may have told of what this one has not read yet.
        if seq > newest.seq() {
            return Err(NotKnown::Ahead);
        }
        self.past.version(caller, seq, newest).await
    }

    /// Catches up with the change log; returns the number reached.
    pub async fn catch_up(&self) -> Result<i64, Error> {
        let _moving = self.moving.lock().await;
        loop {
            let graph = self.now();
            let mut draft = Draft::of(&graph);
            let seq = match graph.seq() {
                // Before the first change there is nothing to go on from.
                0 => self.store.load(&mut draft).await?,
                seq => self.store.follow(seq, &mut draft).await?,
            };
            if seq == graph.seq() {
                return Ok(seq);
            }
            let (after, touched) = draft.finish_telling(seq);
            let bodies = touched.concerned().clone();
            let concerns_all = after.tells_of_other_years(&graph);
            let after = Arc::new(after);
            // Who sees the new version finds what led to it.
            if !touched.is_start() {
                let (checked, moves_ends) = (touched.checked(), touched.moves_ends);
                self.trail.put((graph.seq(), seq), checked, moves_ends);
            }
            self.feed
                .put(Moved::new(graph, Arc::clone(&after), touched));
            self.now.store(after);
            if concerns_all {
                self.concern_all();
            } else if let Some(concerned) = self.concerned().as_mut() {
                concerned.extend(bodies);
            }
            self.seq.send_replace(seq);
        }
    }

    /// Follows the change log for as long as the process lives. When the database is away, what is
    /// here goes on being served.
    pub async fn follow(self: Arc<Self>) {
        let mut failing = false;
        self.warm();
        let mut notices = self.store.listen().await.unwrap_or_else(|error| {
            tracing::warn!(error = %error, "no notices of changes; polling only");
            None
        });
        loop {
            tokio::select! {
                () = self.wake.notified() => {}
                () = tokio::time::sleep(POLL) => {}
                () = noticed(&mut notices) => {}
            }
            match self.catch_up_if_behind().await {
                Ok(()) => {
                    failing = false;
                    self.warm();
                }
                Err(error) if !failing => {
                    failing = true;
                    tracing::warn!(error = %error, "the change log can't be followed; serving version {}", self.now().seq());
                }
                Err(_) => {}
            }
        }
    }

    async fn catch_up_if_behind(&self) -> Result<(), Error> {
        if self.store.newest_seq().await? > self.now().seq() {
            tokio::time::sleep(GATHER).await;
            self.catch_up().await?;
        }
        Ok(())
    }

    /// Has what a version lays on demand laid beside the requests, of one version at a time.
    fn warm(self: &Arc<Self>) {
        if self.now().is_warm() || self.warming.swap(true, Ordering::AcqRel) {
            return;
        }
        let live = Arc::clone(self);
        tokio::task::spawn_blocking(move || {
            live.now().warm();
            live.warming.store(false, Ordering::Release);
        });
    }

    /// Tells of the number of each version that is reached.
    pub fn committed(&self) -> watch::Receiver<i64> {
        self.seq.subscribe()
    }

    /// Tells the follower that something was committed.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// The newest version, once it has this change.
    pub(super) async fn reached(&self, seq: i64) -> Result<Arc<Graph>, CursorError> {
        self.wake();
        let reached = self.at_least(seq, PATIENCE).await;
        reached.map_err(|_| CursorError::NotReached)
    }

    /// The newest version, once it goes up to `wanted`.
    pub async fn at_least(
        &self,
        wanted: i64,
        patience: Duration,
    ) -> Result<Arc<Graph>, NotReached> {
        let mut reached = self.seq.subscribe();
        let wait = reached.wait_for(|seq| *seq >= wanted);
        match tokio::time::timeout(patience, wait).await {
            Ok(_) => Ok(self.now()),
            Err(_) => Err(NotReached {
                wanted,
                reached: self.now().seq(),
            }),
        }
    }
}

/// Until another process says that it closed a change; for ever where nobody can say so.
async fn noticed(notices: &mut Option<Notices>) {
    let heard = match notices {
        Some(notices) => notices.next().await,
        None => std::future::pending().await,
    };
    if let Err(error) = heard {
        tracing::warn!(error = %error, "notices of changes ended; polling only");
        *notices = None;
    }
}
