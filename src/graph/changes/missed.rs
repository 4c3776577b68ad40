//! What was missed, read from the change log in pages, up to one version of the graph.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout},
};

use crate::store::{Entry, RecordMove, Result, Store};

use super::{
    super::{Graph, apply::Draft},
    FollowError, Place, RecordChange, cause,
};

/// Subscribers that read records back at once: each takes the database's time and holds versions.
const READING_MAX: usize = 8;
/// Pages of anything else that are read at once.
const PAGES_MAX: usize = 8;
/// How long the next one waits for his turn.
const TURN_PATIENCE: Duration = Duration::from_secs(5);
/// How long one may read; a client goes on from what it was told last.
const READING_TIME_MAX: Duration = Duration::from_secs(600);

/// Turns at reading the log. Who reads records back keeps his for as long as his client takes; who reads a page has it
/// for that page alone, so whoever is up to date waits for no slow client.
#[derive(Debug)]
pub(in crate::graph) struct Readers {
    back: Arc<Semaphore>,
    pages: Arc<Semaphore>,
}

impl Default for Readers {
    fn default() -> Self {
        Self {
            back: Arc::new(Semaphore::new(READING_MAX)),
            pages: Arc::new(Semaphore::new(PAGES_MAX)),
        }
    }
}

impl Readers {
    /// A turn at reading records back, which is over when the reader is dropped.
    pub(super) async fn back(&self) -> Result<OwnedSemaphorePermit, FollowError> {
        turn(&self.back).await
    }

    /// A turn at reading a page, to be dropped with it.
    pub(super) async fn page(&self) -> Result<OwnedSemaphorePermit, FollowError> {
        turn(&self.pages).await
    }
}

async fn turn(turns: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, FollowError> {
    let turn = timeout(TURN_PATIENCE, Arc::clone(turns).acquire_owned()).await;
    // The semaphore is never closed.
    turn.ok().and_then(Result::ok).ok_or(FollowError::Busy)
}

/// A reader of the log. It holds one page, and two versions beside the one that it leads to.
pub(super) struct Missed {
    _turn: OwnedSemaphorePermit,
    began: Instant,
    /// The version up to which it reads.
    graph: Arc<Graph>,
    /// Behind this everything is still to be read.
    place: Place,
    entries: VecDeque<Entry>,
    /// Records of the first of these entries.
    page: VecDeque<RecordMove>,
    /// Whether the page is the last one of its entry.
    is_last: bool,
    /// Which changes on the way are turns; none as long as it is not read.
    turns: Option<Vec<i64>>,
    /// How bodies and posts stood, by the turn that came next.
    stood: VecDeque<(i64, Arc<Graph>)>,
}

/// Versions that are kept for how bodies and posts stood: before and after one change.
const STOOD_MAX: usize = 2;

impl Missed {
    pub(super) fn new(place: Place, graph: Arc<Graph>, turn: OwnedSemaphorePermit) -> Self {
        Self {
            _turn: turn,
            began: Instant::now(),
            graph,
            place,
            entries: VecDeque::new(),
            page: VecDeque::new(),
            is_last: true,
            turns: None,
            stood: VecDeque::new(),
        }
    }

    /// The version up to which it reads.
    pub(super) fn up_to(&self) -> i64 {
        self.graph.seq()
    }

    /// The next one; none when all is read. Who drops the future loses nothing: a step that is not done
    /// is done again.
    pub(super) async fn next(
        &mut self,
        store: &Store,
    ) -> Result<Option<RecordChange>, FollowError> {
        if self.began.elapsed() > READING_TIME_MAX {
            return Err(FollowError::TooLong);
        }
        let up_to = self.graph.seq();
        if self.turns.is_none() {
            // The entry that a cursor is within may be one itself.
            self.turns = Some(store.turns(self.place.seq - 1, up_to).await?);
        }
        loop {
            if self.entries.is_empty() {
                // What is within an entry is read on from there.
                let begun = i64::from(self.place.id != i64::MAX);
                let entries = store.entries(self.place.seq - begun, up_to).await?;
                if entries.is_empty() {
                    return Ok(None);
                }
                self.entries = entries.into();
                self.is_last = false;
            }
            let Some(entry) = self.entries.front().cloned() else {
                continue;
            };
            if let Some(record) = self.page.front().cloned() {
                let stood_before = self.stood(store, entry.seq - 1).await?;
                let stood_after = self.stood(store, entry.seq).await?;
                self.page.pop_front();
                self.place = Place::of(&entry, record.id);
                return Ok(Some(RecordChange {
                    place: self.place,
                    cause: cause(&entry),
                    id: record.id,
                    before: record.before.map(Arc::new),
                    after: record.after.map(Arc::new),
                    is_retracted: record.is_retracted,
                    graph_before: stood_before,
                    graph_after: stood_after,
                    graph: Arc::clone(&self.graph),
                }));
            }
            if self.is_last {
                self.place = Place::behind(entry.seq);
                self.entries.pop_front();
                self.is_last = false;
                continue;
            }
            let is_begun = self.place.seq == entry.seq && self.place.id != i64::MAX;
            let after = if is_begun { self.place.id } else { -1 };
            let is_turn = self.turns.iter().flatten().any(|turn| *turn == entry.seq);
            let (page, is_last) = store.record_moves(&entry, is_turn, after).await?;
            (self.page, self.is_last) = (page.into(), is_last);
        }
    }

    /// A version in which bodies and posts stand as they did after this change; it is asked for in the
    /// order of the log.
    async fn stood(&mut self, store: &Store, seq: i64) -> Result<Arc<Graph>> {
        let Some(next) = self.turns.iter().flatten().find(|turn| **turn > seq) else {
            return Ok(Arc::clone(&self.graph));
        };
        let next = *next;
        if let Some((_, graph)) = self.stood.iter().find(|(turn, _)| *turn == next) {
            return Ok(Arc::clone(graph));
        }
        // The turns on the way are undone once and then done again one by one: to undo them for each would
        // read the last ones as often as there are turns.
        let draft = match self.stood.back() {
            Some((turn, graph)) => {
                let mut draft = Draft::of(graph);
                store.redo_turns(turn - 1, next - 1, &mut draft).await?;
                draft
            }
            None => {
                let mut draft = Draft::of(&self.graph);
                let newest = self.graph.seq();
                store.undo_turns(next - 1, newest, &mut draft).await?;
                draft
            }
        };
        let graph = Arc::new(draft.graph);
        if self.stood.len() == STOOD_MAX {
            self.stood.pop_front();
        }
        self.stood.push_back((next, Arc::clone(&graph)));
        Ok(graph)
    }
}
