//! Of whom a check may tell something else by the last changes, version by version: who reads behind a cursor asks the
//! database for those of his bodies alone to which anything was done, and mostly for none.

use std::{
    collections::{BTreeSet, VecDeque},
    sync::{PoisonError, RwLock},
};

/// Versions that are kept.
const STEPS_MAX: usize = 100_000;
/// Bodies that are kept in all, eight bytes each.
const BODIES_MAX: usize = 4_000_000;

/// What led from one version to the next.
#[derive(Debug)]
struct Step {
    from: i64,
    to: i64,
    bodies: Box<[i64]>,
    moves_ends: bool,
}

/// The newest versions, each with the bodies that are meant.
#[derive(Debug, Default)]
pub(super) struct Trail(RwLock<Steps>);

#[derive(Debug, Default)]
struct Steps {
    steps: VecDeque<Step>,
    /// Bodies in all of them.
    bodies: usize,
}

/// What some changes did.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Since {
    /// The bodies asked about that they concern.
    pub(super) bodies: BTreeSet<i64>,
    /// Whether bodies or events moved: who came of whom may be told otherwise.
    pub(super) moves_ends: bool,
}

impl Since {
    /// Whether they did nothing that anybody is told of.
    pub(super) fn is_nothing(&self) -> bool {
        self.bodies.is_empty() && !self.moves_ends
    }
}

impl Trail {
    /// Adds the next version, with the bodies of which a check may tell something else.
    pub(super) fn put(&self, (from, to): (i64, i64), bodies: &BTreeSet<i64>, moves_ends: bool) {
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if kept.steps.back().is_some_and(|last| last.to != from) {
            *kept = Steps::default();
        }
        kept.bodies += bodies.len();
        kept.steps.push_back(Step {
            from,
            to,
            bodies: bodies.iter().copied().collect(),
            moves_ends,
        });
        while kept.steps.len() > STEPS_MAX || (kept.bodies > BODIES_MAX && kept.steps.len() > 1) {
            let oldest = kept.steps.pop_front();
            kept.bodies -= oldest.map_or(0, |step| step.bodies.len());
        }
    }

    /// What the changes with these numbers, both included, did to bodies that are meant; none where not all of them
    /// are kept.
    pub(super) fn since(
        &self,
        from: i64,
        to: i64,
        is_meant: impl Fn(&i64) -> bool,
    ) -> Option<Since> {
        let mut since = Since::default();
        if from > to {
            return Some(since);
        }
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let first = kept.steps.partition_point(|step| step.to < from);
        let is_whole = kept.steps.get(first).is_some_and(|step| step.from < from)
            && kept.steps.back().is_some_and(|last| last.to >= to);
        if !is_whole {
            return None;
        }
        for step in kept.steps.range(first..).take_while(|step| step.from < to) {
            since.moves_ends |= step.moves_ends;
            since
                .bodies
                .extend(step.bodies.iter().filter(|body| is_meant(body)));
        }
        Some(since)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_tells_whom_changes_concern_or_that_it_does_not_know() {
        let trail = Trail::default();
        assert_eq!(trail.since(1, 1, |_| true), None);
        let put =
            |step, bodies: &[i64], ends| trail.put(step, &bodies.iter().copied().collect(), ends);
        put((4, 6), &[1, 2], false);
        put((6, 7), &[3], true);
        put((7, 9), &[1, 4], false);
        let told = |from, to| {
            let since = trail.since(from, to, |body| *body != 2)?;
            Some((
                since.bodies.into_iter().collect::<Vec<_>>(),
                since.moves_ends,
            ))
        };
        for (range, expected) in [
            ((5, 9), Some((vec![1, 3, 4], true))),
            // A version is known as a whole.
            ((6, 6), Some((vec![1], false))),
            ((7, 7), Some((vec![3], true))),
            ((8, 9), Some((vec![1, 4], false))),
            ((10, 9), Some((vec![], false))),
            ((4, 9), None),
            ((8, 10), None),
        ] {
            assert_eq!(told(range.0, range.1), expected, "{range:?}");
        }
        // After a gap nothing from before it is known.
        put((20, 21), &[5], false);
        assert_eq!(told(8, 9), None);
        assert_eq!(told(21, 21), Some((vec![5], false)));
    }
}
