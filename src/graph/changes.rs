//! Following what becomes of records, in the order of the change log: what was missed from the log
//! itself, then live, without a gap between and nothing twice.
//!
//! What a viewer is told of a change hangs on how bodies and posts stood right before and right after
//! it, so that he is told the same whether he followed or comes back later.

mod cursor;
mod missed;
mod warnings;
mod watched;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::change::ChangeCause;
use tokio::sync::watch;

use crate::store::{Entry, Error};

use super::{
    Graph, Live,
    moved::{Moved, Record},
};

pub use cursor::CursorError;
pub use warnings::{WarningChange, WarningChanges};
pub use watched::{Restricts, WatchChange, WatchChanges, WatchPage, WatchRequest};

pub(super) use cursor::PATIENCE;
pub(super) use missed::Readers;
pub(super) use watched::Concerns;

use cursor::Place;
use missed::Missed;

/// What one change did to one record.
#[derive(Debug, Clone)]
pub struct RecordChange {
    place: Place,
    pub cause: ChangeCause,
    pub id: i64,
    pub before: Option<Record>,
    pub after: Option<Record>,
    /// Its last version says that it is withdrawn, and stood at no time.
    pub is_retracted: bool,
    /// The version in which it is told how bodies and posts stood right before.
    pub graph_before: Arc<Graph>,
    /// The same right after.
    pub graph_after: Arc<Graph>,
    /// The version that is told from.
    pub graph: Arc<Graph>,
}

/// Why it can't be told what became of records.
#[derive(Debug, thiserror::Error)]
pub enum FollowError {
    #[error("too many read back at once: resume a little later / 补读者过多，请稍后再续")]
    Busy,
    #[error("reading back took too long: resume from the last cursor / 补读过久，请自末次游标续订")]
    TooLong,
    #[error("the watch list has ended / 关注名单已终止")]
    ListEnded,
    #[error(transparent)]
    Store(#[from] Error),
}

/// All changes of records from some place in the change log on.
pub struct Changes {
    live: Arc<Live>,
    versions: watch::Receiver<i64>,
    state: State,
}

enum State {
    /// All changes up to this version are told.
    At(i64),
    /// In a version that is still kept: which of its touches is next.
    Live(Arc<Moved>, usize),
    Missed(Box<Missed>),
}

impl RecordChange {
    /// Where it stands in the change log, as a text that a client gives back.
    pub fn cursor(&self) -> String {
        self.place.to_string()
    }
}

impl Changes {
    /// Those after this version.
    pub fn since(live: &Arc<Live>, version: i64) -> Self {
        Self {
            live: Arc::clone(live),
            versions: live.committed(),
            state: State::At(version),
        }
    }

    /// Those after a cursor, or after a version's number.
    pub async fn after(
        live: &Arc<Live>,
        cursor: &str,
        now: DateTime<Utc>,
    ) -> Result<Self, CursorError> {
        let place = Place::find(&live.store, cursor, now).await?;
        let versions = live.committed();
        let state = match place.id {
            i64::MAX => State::At(place.seq),
            _ => {
                // Another process may have told it: it is in the log, and will be here soon.
                let graph = live.reached(place.seq).await?;
                let turn = live.readers.back().await?;
                State::Missed(Box::new(Missed::new(place, graph, turn)))
            }
        };
        Ok(Self {
            live: Arc::clone(live),
            versions,
            state,
        })
    }

    /// The next one, as soon as there is one. Who drops the future loses nothing.
    pub async fn next(&mut self) -> Result<RecordChange, FollowError> {
        loop {
            match &mut self.state {
                State::At(reached) => {
                    let reached = *reached;
                    // In this order: what comes in between is told by the next round.
                    self.versions.borrow_and_update();
                    let graph = self.live.now();
                    if let Some(moved) = self.live.feed.after(reached) {
                        self.state = State::Live(moved, 0);
                    } else if graph.seq() > reached {
                        let turn = self.live.readers.back().await?;
                        let missed = Missed::new(Place::behind(reached), graph, turn);
                        self.state = State::Missed(Box::new(missed));
                    } else if self.versions.changed().await.is_err() {
                        // The graph is never dropped before those who follow it.
                        std::future::pending::<()>().await;
                    }
                }
                State::Live(moved, next) => {
                    let Some(touch) = moved.touches.get(*next) else {
                        self.state = State::At(moved.after.seq());
                        continue;
                    };
                    *next += 1;
                    let entry = &moved.entries[touch.entry];
                    // Only the first change of a version is one that bodies and posts differ by.
                    let before = match touch.entry {
                        0 => &moved.before,
                        _ => &moved.after,
                    };
                    return Ok(RecordChange {
                        place: Place::of(entry, touch.id),
                        cause: cause(entry),
                        id: touch.id,
                        before: touch.before.clone(),
                        after: touch.after.clone(),
                        is_retracted: touch.is_retracted,
                        graph_before: Arc::clone(before),
                        graph_after: Arc::clone(&moved.after),
                        // What he may see of it is measured by what he may see now; the feed is a moment
                        // ahead of the graph that is served.
                        graph: newer(self.live.now(), &moved.after),
                    });
                }
                State::Missed(missed) => match missed.next(&self.live.store).await? {
                    Some(change) => return Ok(change),
                    None => self.state = State::At(missed.up_to()),
                },
            }
        }
    }
}

fn newer(one: Arc<Graph>, other: &Arc<Graph>) -> Arc<Graph> {
    match one.seq() < other.seq() {
        true => Arc::clone(other),
        false => one,
    }
}

/// What made a change, by the log's own words.
fn cause(entry: &Entry) -> ChangeCause {
    match entry.cause.as_str() {
        "resolution" => ChangeCause::Resolution,
        "casework" => ChangeCause::Casework,
        "rules" => ChangeCause::Rules,
        "time" => ChangeCause::Time,
        _ => ChangeCause::Source,
    }
}
