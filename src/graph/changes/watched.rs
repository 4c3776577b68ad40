//! Following what becomes of watched subjects, in the order of the change log. What changes did to them is read from
//! the log, by those who were there and those who come back alike; who was there is spared what concerns nobody of
//! his.

mod concerns;

use std::{collections::VecDeque, sync::Arc};

use chrono::{DateTime, Utc};
use domain::watch::WatchEvent;
use tokio::sync::watch;

use crate::store::WatchList;

use super::{
    super::{Concern, Graph, Live, View, trail::Since},
    FollowError, cause,
    cursor::{CursorError, Place},
};

pub(in crate::graph) use concerns::Concerns;

/// Events that a subscriber reads at once.
const READ_AT_ONCE: usize = 200;
/// How often the log is read for one page, a few of its entries each time: who has not enough by then goes on from there.
const READINGS_MAX: usize = 8;

/// Whether a measure is one against its subject, by its code.
pub type Restricts = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// One event of a watched subject.
#[derive(Debug, Clone)]
pub struct WatchChange {
    place: Place,
    pub seq: i64,
    /// When the change was closed.
    pub at: DateTime<Utc>,
    pub event: WatchEvent,
    /// The version that is told from.
    pub graph: Arc<Graph>,
}

impl WatchChange {
    /// Where it stands in the change log, as a text that a client gives back.
    pub fn cursor(&self) -> String {
        self.place.to_string()
    }
}

/// Some events, and how far they go.
#[derive(Debug, Clone)]
pub struct WatchPage {
    pub changes: Vec<WatchChange>,
    /// A cursor: up to there all is told.
    pub reached: String,
    /// Whether there is more up to the version that was asked.
    pub has_more: bool,
}

/// What is to be read.
pub struct WatchRequest<'a> {
    pub list: &'a WatchList,
    /// Behind this cursor; from the list's beginning on where there is none.
    pub after: Option<&'a str>,
    /// The moment by which a cursor may be too old; for whoever reads all in time there is none.
    pub now: Option<DateTime<Utc>>,
    /// At most so many.
    pub limit: usize,
    pub restricts: Restricts,
}

impl Live {
    /// The events of a list that come behind a cursor, up to the version of a view and as far as its viewer may check
    /// the subject now.
    pub async fn watch_page(
        &self,
        view: &View,
        request: WatchRequest<'_>,
    ) -> Result<WatchPage, CursorError> {
        let start = match (request.after, request.now) {
            (None, _) => Place::behind(request.list.since),
            (Some(cursor), None) => Place::read(cursor).ok_or(CursorError::Invalid)?,
            (Some(cursor), Some(now)) => Place::find(&self.store, cursor, now).await?,
        };
        let graph = view.present();
        if start.seq > graph.seq() {
            return Ok(WatchPage {
                changes: Vec::new(),
                reached: start.to_string(),
                has_more: false,
            });
        }
        let concern = self.concern(view, request.list).await?;
        let reading = Reading {
            live: self,
            view,
            concern: &concern,
            restricts: &request.restricts,
        };
        let (changes, reached, has_more) = reading.read(start, request.limit).await?;
        Ok(WatchPage {
            changes,
            reached: reached.to_string(),
            has_more,
        })
    }
}

/// How events are read.
struct Reading<'a> {
    live: &'a Live,
    /// A viewer's part of the version up to which is read.
    view: &'a View,
    concern: &'a Concern,
    restricts: &'a Restricts,
}

impl Reading<'_> {
    /// The events behind a place that the viewer may be told, at most `limit`; the place up to which they are told,
    /// and whether there is more.
    async fn read(
        &self,
        start: Place,
        limit: usize,
    ) -> Result<(Vec<WatchChange>, Place, bool), FollowError> {
        let graph = self.view.present();
        let up_to = graph.seq();
        let end = Place::behind(up_to);
        let (mut found, mut reached) = (Vec::new(), start);
        // What is within an entry is read on from there.
        let mut from = start.seq + i64::from(start.id == i64::MAX);
        // Of what is no longer in mind the database is asked about all bodies.
        let known = self
            .live
            .trail
            .since(from, up_to, |body| self.concern.has(body));
        let since = known.unwrap_or_else(|| Since {
            bodies: self.concern.bodies().collect(),
            moves_ends: true,
        });
        if since.is_nothing() || self.concern.is_nobody() {
            return Ok((found, end, false));
        }
        let bodies: Vec<i64> = since.bodies.into_iter().collect();
        let _turn = self.live.readers.page().await?;
        for _ in 0..READINGS_MAX {
            if from > up_to {
                break;
            }
            let store = &self.live.store;
            let moves = store.watch_moves(&bodies, since.moves_ends, from, up_to);
            let moves = moves.await?;
            let told = self
                .view
                .watch_events(&moves, self.concern, cause, &**self.restricts);
            for (entry, events) in told {
                for (number, event) in events {
                    let is_told = entry.seq == start.seq && number <= start.id;
                    if is_told || !self.view.may_check(event.subject) {
                        continue;
                    }
                    if found.len() == limit {
                        return Ok((found, reached, true));
                    }
                    reached = Place::at(entry.seq, entry.closed_at, number);
                    found.push(WatchChange {
                        place: reached,
                        seq: entry.seq,
                        at: entry.closed_at,
                        event,
                        graph: Arc::clone(graph),
                    });
                }
            }
            match moves.entries.last() {
                Some(last) if !moves.is_all => from = last.seq + 1,
                _ => return Ok((found, end, false)),
            }
        }
        match from > up_to {
            true => Ok((found, end, false)),
            false => Ok((found, Place::behind(from - 1), true)),
        }
    }
}

/// All events of a list from some place in the change log on.
pub struct WatchChanges {
    live: Arc<Live>,
    versions: watch::Receiver<i64>,
    list: WatchList,
    restricts: Restricts,
    reached: Place,
    ready: VecDeque<WatchChange>,
}

impl WatchChanges {
    /// Those after a cursor, or after a version's number.
    pub async fn after(
        live: &Arc<Live>,
        (list, restricts): (WatchList, Restricts),
        cursor: &str,
        now: DateTime<Utc>,
    ) -> Result<Self, CursorError> {
        let reached = Place::find(&live.store, cursor, now).await?;
        // Another process may have told it: it is in the log, and will be here soon.
        live.reached(reached.seq).await?;
        Ok(Self::behind(live, (list, restricts), reached))
    }

    /// Those after this version.
    pub fn since(live: &Arc<Live>, of: (WatchList, Restricts), version: i64) -> Self {
        Self::behind(live, of, Place::behind(version))
    }

    fn behind(live: &Arc<Live>, (list, restricts): (WatchList, Restricts), reached: Place) -> Self {
        Self {
            live: Arc::clone(live),
            versions: live.committed(),
            list,
            restricts,
            reached,
            ready: VecDeque::new(),
        }
    }

    /// The next one that a viewer may be told, as soon as there is one; `view` gives his part of a version. Who drops
    /// the future loses nothing.
    pub async fn next(
        &mut self,
        view: &(dyn Fn(&Arc<Graph>) -> View + Sync),
    ) -> Result<WatchChange, FollowError> {
        loop {
            while let Some(change) = self.ready.pop_front() {
                // He may have lost the subject since it was read.
                if view(&self.live.now()).may_check(change.event.subject) {
                    return Ok(change);
                }
            }
            // In this order: what comes in between is told by the next round.
            self.versions.borrow_and_update();
            let graph = self.live.now();
            let is_behind = self.reached.id != i64::MAX || graph.seq() > self.reached.seq;
            if is_behind {
                self.read(&view(&graph)).await?;
            } else if self.versions.changed().await.is_err() {
                // The graph is never dropped before those who follow it.
                std::future::pending::<()>().await;
            }
        }
    }

    async fn read(&mut self, view: &View) -> Result<(), FollowError> {
        let graph = view.present();
        let is_whole = self.reached.id == i64::MAX;
        let since = || {
            self.live
                .trail
                .since(self.reached.seq + 1, graph.seq(), |_| true)
        };
        // Of a version that concerns no body at all nobody has to ask the database.
        if is_whole && since().is_some_and(|since| since.is_nothing()) {
            self.reached = Place::behind(graph.seq());
            return Ok(());
        }
        let store = &self.live.store;
        let list = store.watch_list(&self.list.owner, self.list.id).await?;
        let list = list.filter(|list| list.ended_at.is_none());
        self.list = list.ok_or(FollowError::ListEnded)?;
        let concern = self.live.concern(view, &self.list).await?;
        let reading = Reading {
            live: &self.live,
            view,
            concern: &concern,
            restricts: &self.restricts,
        };
        let (changes, reached, _) = reading.read(self.reached, READ_AT_ONCE).await?;
        self.ready.extend(changes);
        self.reached = reached;
        Ok(())
    }
}
