//! Whom what becomes of bodies concerns, list by list. It is told from all subjects of a list and all that they came of,
//! so it is kept for as long as the list, the bodies and the day are the same.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{Duration, NaiveDate, NaiveTime};
use domain::date::china_offset;

use crate::{
    graph::{Concern, Live, Tie, View},
    store::{WatchList, Watched},
};

use super::super::FollowError;

/// Lists of which it is kept, those that were read last.
const KEPT_MAX: usize = 64;
/// Subjects that are read at once.
const SUBJECTS_AT_ONCE: u64 = 1_000;

/// What hangs on nothing else: the list, what was done with it, how bodies and events stand, and the day.
type Key = (i64, i64, i64, NaiveDate);

/// Of lists that were read lately.
#[derive(Debug, Default)]
pub(in crate::graph) struct Concerns(Mutex<VecDeque<(Key, Arc<Concern>)>>);

impl Concerns {
    fn find(&self, key: Key) -> Option<Arc<Concern>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().position(|(known, _)| *known == key)?;
        let found = kept.remove(at)?;
        kept.push_back(found);
        kept.back().map(|(_, concern)| Arc::clone(concern))
    }

    fn put(&self, key: Key, concern: &Arc<Concern>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|((list, ..), _)| *list != key.0);
        kept.push_back((key, Arc::clone(concern)));
        if kept.len() > KEPT_MAX {
            kept.pop_front();
        }
    }
}

impl Live {
    /// Whom what becomes of bodies concerns, among a list's subjects, of which there are no more than there may be.
    pub(super) async fn concern(
        &self,
        view: &View,
        list: &WatchList,
    ) -> Result<Arc<Concern>, FollowError> {
        // Whoever read the list may have done so before somebody was added to it.
        let version = self.store.watch_list(&list.owner, list.id).await?;
        let version = version.map_or(list.version, |list| list.version);
        let key = (list.id, version, view.present().ends_moved_at(), view.day());
        if let Some(known) = self.concerns.find(key) {
            return Ok(known);
        }
        let _turn = self.readers.page().await?;
        let mut watched: Vec<Watched> = Vec::new();
        loop {
            let after = watched.last().map_or(-1, |last| last.agency);
            let page = self.store.watched(list.id, after, SUBJECTS_AT_ONCE).await?;
            let is_last = (page.len() as u64) < SUBJECTS_AT_ONCE;
            watched.extend(page);
            if is_last {
                break;
            }
        }
        let ties = view.ties(&watched);
        let known_since = self.known_since(&ties).await?;
        let concern = Arc::new(Concern::of(&watched, &ties, &known_since));
        self.concerns.put(key, &concern);
        Ok(concern)
    }

    /// From which number of the log on something comes by an event: where it was told, or where its day began if that
    /// was later.
    async fn known_since(&self, ties: &[Tie]) -> Result<HashMap<i64, i64>, FollowError> {
        let days: HashMap<i64, NaiveDate> =
            ties.iter().flat_map(|tie| tie.events.clone()).collect();
        let events: Vec<i64> = days.keys().copied().collect();
        let mut begun: HashMap<NaiveDate, i64> = HashMap::new();
        let mut since = HashMap::new();
        for (event, (told, at)) in self.store.successions_since(&events).await? {
            let mut number = told;
            let day = days[&event];
            let midnight = day
                .and_time(NaiveTime::MIN)
                .and_local_timezone(china_offset());
            if let Some(midnight) = midnight.earliest().filter(|midnight| *midnight > at) {
                number = match begun.get(&day) {
                    Some(number) => *number,
                    None => {
                        let before = midnight.to_utc() - Duration::microseconds(1);
                        let number = self.store.seq_at(before).await?;
                        begun.insert(day, number);
                        number
                    }
                };
            }
            since.insert(event, number);
        }
        Ok(since)
    }
}
