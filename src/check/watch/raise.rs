//! Writing down for subscribers what became of their clients' subjects. Rights are those of the list's owner as the
//! rules, the register and the division tree have them when it is written down.

use std::sync::Arc;

use domain::{
    id::{Kind, stable_id},
    notice::{NoticeAgency, Told, WatchNotice},
};

use crate::{
    graph::{CursorError, Graph, View, WatchChange, WatchPage, WatchRequest},
    store::{RaisedWatch, WatchList, WatchTarget},
};

use super::Watching;

/// Events that are written down at once.
const RAISED_AT_ONCE: usize = 500;
/// So far the log may go on without an event before it is noted that there was none.
const NOTED_EVERY: i64 = 1_000;

/// What came of looking.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Raised {
    pub events: usize,
}

impl Watching {
    /// Writes down what became of the subjects of all lists of which somebody is told.
    pub async fn raise(&self) -> Result<Raised, CursorError> {
        let mut raised = Raised::default();
        for target in self.targets.iter() {
            for list in self.store.watch_lists_for(target).await? {
                raised.events += self.raise_list(target, &list).await?;
            }
        }
        Ok(raised)
    }

    async fn raise_list(
        &self,
        target: &WatchTarget,
        list: &WatchList,
    ) -> Result<usize, CursorError> {
        let mut events = 0;
        let place = (list.id, target.key.as_str());
        let mut found = self.store.watch_progress(list.id, &target.key).await?;
        let mut noted = list.since;
        loop {
            let graph = self.live.now();
            let view = self.owners_view(list, &graph);
            let request = WatchRequest {
                list,
                after: found.as_deref(),
                now: None,
                limit: RAISED_AT_ONCE,
                restricts: self.restricts(),
            };
            let WatchPage {
                changes,
                reached,
                has_more,
            } = self.live.watch_page(&view, request).await?;
            if let Some(number) = found.as_deref().and_then(|text| text.parse().ok()) {
                noted = number;
            }
            if changes.is_empty() && graph.seq() - noted < NOTED_EVERY {
                return Ok(events);
            }
            let notices = changes.iter().filter_map(|change| {
                Some(RaisedWatch {
                    number: number(list, change),
                    told: Told::Watch(notice(list, change)?),
                })
            });
            let notices: Vec<RaisedWatch> = notices.collect();
            let count = notices.len();
            let moved = (found.as_deref(), reached.as_str());
            let now = self.clock.now();
            // Who was quicker goes on from where he came to.
            if !self.store.raise_watched(place, moved, notices, now).await? {
                return Ok(events);
            }
            events += count;
            found = Some(reached);
            if !has_more {
                return Ok(events);
            }
        }
    }

    /// The owner's part of a version, today.
    fn owners_view(&self, list: &WatchList, graph: &Arc<Graph>) -> View {
        let viewer = Arc::new(list.viewer.clone());
        let rules = self.catalogue.access.row_rules(viewer.role, None);
        graph.view(viewer, rules, self.clock.today())
    }
}

/// The event's number in its list.
fn number(list: &WatchList, change: &WatchChange) -> i64 {
    let numbers = [list.id, change.event.number(change.seq)].map(|number| number.to_string());
    stable_id(Kind::WatchNotice, &[&numbers[0], &numbers[1]])
}

/// What is told; of a body that the register has no longer nothing can be said.
fn notice(list: &WatchList, change: &WatchChange) -> Option<WatchNotice> {
    let event = &change.event;
    let agency = |id| {
        let known = change.graph.agency(id)?;
        Some(NoticeAgency {
            uscc: known.fact.uscc.to_string(),
            name: known.fact.name.clone(),
            division: known.fact.division.to_string(),
        })
    };
    Some(WatchNotice {
        watch: event.kind,
        cause: event.cause,
        at: change.at,
        cursor: change.cursor(),
        list: list.id,
        purpose: Some(list.purpose.clone()),
        reference: list.reference.clone(),
        subject: agency(event.subject)?,
        about: agency(event.about)?,
        record: event.record,
        sanction: event.sanction,
    })
}
