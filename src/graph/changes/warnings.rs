//! Following what becomes of warnings, in the order of the change log. They are few: what a version did to
//! them is read from the log, by those who were there and those who come back alike.

use std::{collections::VecDeque, sync::Arc};

use chrono::{DateTime, Utc};
use domain::{assess::Warning, change::ChangeKind};
use tokio::sync::watch;

use crate::store::WarningMove;

use super::{
    super::{Graph, Live, View, WarningPredicate},
    FollowError,
    cursor::{CursorError, Place},
};

/// Changes that are read at once.
const READ_AT_ONCE: u64 = 200;

/// What one change did to one warning.
#[derive(Debug, Clone)]
pub struct WarningChange {
    place: Place,
    pub moved: WarningMove,
    /// The version that is told from.
    pub graph: Arc<Graph>,
}

/// All changes of warnings from some place in the change log on.
pub struct WarningChanges {
    live: Arc<Live>,
    versions: watch::Receiver<i64>,
    reached: Place,
    ready: VecDeque<WarningChange>,
}

impl WarningChange {
    /// Where it stands in the change log, as a text that a client gives back.
    pub fn cursor(&self) -> String {
        self.place.to_string()
    }
}

impl WarningChanges {
    /// Those after this version.
    pub fn since(live: &Arc<Live>, version: i64) -> Self {
        Self::behind(live, Place::behind(version))
    }

    /// Those after a cursor, or after a version's number.
    pub async fn after(
        live: &Arc<Live>,
        cursor: &str,
        now: DateTime<Utc>,
    ) -> Result<Self, CursorError> {
        let place = Place::find(&live.store, cursor, now).await?;
        Ok(Self::behind(live, place))
    }

    fn behind(live: &Arc<Live>, reached: Place) -> Self {
        Self {
            live: Arc::clone(live),
            versions: live.committed(),
            reached,
            ready: VecDeque::new(),
        }
    }

    /// The next one, as soon as there is one. Who drops the future loses nothing.
    pub async fn next(&mut self) -> Result<WarningChange, FollowError> {
        loop {
            if let Some(change) = self.ready.pop_front() {
                return Ok(change);
            }
            // In this order: what comes in between is told by the next round.
            self.versions.borrow_and_update();
            let graph = self.live.now();
            if self.has_missed(&graph) {
                self.read(&graph).await?;
            } else if self.versions.changed().await.is_err() {
                // The graph is never dropped before those who follow it.
                std::future::pending::<()>().await;
            }
        }
    }

    /// Whether this version, or one before it, did something to warnings that is not told.
    fn has_missed(&self, graph: &Graph) -> bool {
        let moved_at = graph.warnings_moved_at();
        match self.reached.id {
            i64::MAX => moved_at > self.reached.seq,
            _ => moved_at >= self.reached.seq,
        }
    }

    async fn read(&mut self, graph: &Arc<Graph>) -> Result<(), FollowError> {
        let _turn = self.live.readers.page().await?;
        let from = (self.reached.seq, self.reached.id);
        let store = &self.live.store;
        let moves = store.warning_moves(from, graph.seq(), READ_AT_ONCE).await?;
        let is_all = (moves.len() as u64) < READ_AT_ONCE;
        let changes = moves.into_iter().map(|moved| WarningChange {
            place: Place::at(moved.seq, moved.closed_at, moved.id),
            moved,
            graph: Arc::clone(graph),
        });
        self.ready.extend(changes);
        self.reached = match self.ready.back() {
            Some(last) if !is_all => last.place,
            _ => Place::behind(graph.seq()),
        };
        Ok(())
    }
}

impl View {
    /// What a change of a warning is for who may see the warning and follows those that the predicate says and that
    /// concern whom he means; none where it is nothing to him. One that is closed has ended.
    pub fn warning_told(
        &self,
        moved: &WarningMove,
        predicate: &WarningPredicate,
        concerns: impl Fn(&Warning) -> bool,
    ) -> Option<ChangeKind> {
        self.warning_row(moved.id)?;
        let before = moved.before.as_ref();
        let follows = |warning: &Warning| predicate.fits(self, warning) && concerns(warning);
        let was_followed = before.is_some_and(follows);
        let is_followed = follows(&moved.after);
        let closes = !moved.after.state.is_open() && before.is_some_and(|one| one.state.is_open());
        match (was_followed, is_followed) {
            (false, true) => Some(ChangeKind::Added),
            (true, true) if !closes => Some(ChangeKind::Changed),
            (true, _) => Some(ChangeKind::Ended),
            (false, false) => None,
        }
    }
}
