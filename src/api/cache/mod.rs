//! The answer cache. A version of the graph is a value, so what was answered from it once is the answer
//! to the same question for as long as that version stands: nothing here can be stale.
//!
//! Kept are answers to queries made wholly of resident fields ([`Residence`]), without errors, under
//! what was asked and what its viewer may see ([`Key`]). The version and its business day are no part
//! of the key: each has answers of its own, which leave as a whole when the next one comes.

mod key;
mod resident;

use std::sync::Arc;

use arc_swap::ArcSwap;
use chrono::NaiveDate;
use quick_cache::{Weighter, sync};

use crate::{graph::View, telemetry::AnswerCounts};

use super::{answer::Answer, refusal::No};

pub(super) use key::{Key, Question};
pub(super) use resident::Residence;

/// What an answer takes up beside its bytes: its key, its place and what leads to it.
const ENTRY_BYTES: u64 = 192;
/// How long an answer is reckoned to be, where none is known yet.
const ANSWER_BYTES_ASSUMED: u64 = 2_048;

/// What answers are read from: a version of the graph, on a day. The later ones are the greater ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Edition {
    version: i64,
    today: NaiveDate,
}

impl Edition {
    pub(super) fn of(view: &View) -> Self {
        Self {
            version: view.version(),
            today: view.day(),
        }
    }
}

/// The answers of one edition; `None` stands for one that must not be shared.
struct Answers {
    edition: Edition,
    by_key: sync::Cache<Key, Option<Answer>, Size>,
}

#[derive(Clone)]
struct Size;

impl Weighter<Key, Option<Answer>> for Size {
    fn weight(&self, _: &Key, answer: &Option<Answer>) -> u64 {
        let bytes = answer.as_ref().map_or(0, |answer| answer.body.len());
        ENTRY_BYTES.saturating_add(bytes as u64)
    }
}

/// An answer, and whether others may be given it.
pub(super) struct Executed {
    pub(super) answer: Answer,
    pub(super) is_shareable: bool,
}

/// The answers of the newest edition that was asked.
pub(super) struct Cache {
    newest: ArcSwap<Answers>,
    /// Bytes that answers may take up.
    bytes: u64,
    counts: Arc<AnswerCounts>,
}

impl Cache {
    pub(super) fn new(bytes: u64, counts: Arc<AnswerCounts>) -> Self {
        let first = Edition {
            version: i64::MIN,
            today: NaiveDate::MIN,
        };
        Self {
            newest: ArcSwap::from_pointee(Answers::of(first, bytes)),
            bytes,
            counts,
        }
    }

    /// The answer that is known, or that somebody is finding just now, or that `execute` finds. Who
    /// finds one and goes away, by a lost connection or a panic, leaves it to the next who waits.
    pub(super) async fn answer(
        &self,
        key: Key,
        edition: Edition,
        execute: impl Future<Output = Result<Executed, No>>,
    ) -> Result<Answer, No> {
        let Some(answers) = self.answers_of(edition) else {
            // Nothing is to be kept, or this is a version that is just being left.
            self.counts.missed();
            return Ok(execute.await?.answer);
        };
        if let Some(Some(answer)) = answers.by_key.get(&key) {
            self.counts.hit();
            return Ok(answer);
        }
        let place = match answers.by_key.get_value_or_guard_async(&key).await {
            Ok(Some(answer)) => {
                self.counts.shared();
                return Ok(answer);
            }
            Ok(None) => {
                self.counts.missed();
                return Ok(execute.await?.answer);
            }
            Err(place) => place,
        };
        self.counts.missed();
        let executed = execute.await;
        let shareable = executed.as_ref().ok().filter(|found| found.is_shareable);
        // What is refused here, too, is told to those who wait: each then asks for himself, at once
        // and not one after another. Nothing is lost where the place is gone.
        let _ = place.insert(shareable.map(|found| found.answer.clone()));
        self.counts.keeps(answers.by_key.weight());
        Ok(executed?.answer)
    }

    /// Those of this edition; none where a later one is being answered from.
    fn answers_of(&self, edition: Edition) -> Option<Arc<Answers>> {
        if self.bytes == 0 {
            return None;
        }
        if self.newest.load().edition < edition {
            self.newest.rcu(|newest| match newest.edition < edition {
                true => Arc::new(Answers::of(edition, self.bytes)),
                false => Arc::clone(newest),
            });
        }
        let newest = self.newest.load_full();
        (newest.edition == edition).then_some(newest)
    }
}

impl Answers {
    fn of(edition: Edition, bytes: u64) -> Self {
        let assumed = bytes / (ENTRY_BYTES + ANSWER_BYTES_ASSUMED);
        let assumed = usize::try_from(assumed).unwrap_or(usize::MAX);
        Self {
            edition,
            by_key: sync::Cache::with_weighter(assumed, bytes, Size),
        }
    }
}

#[cfg(test)]
mod tests;
