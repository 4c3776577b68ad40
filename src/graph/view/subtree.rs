//! The bodies of a part of the division tree: ranges of one order, so that a division among many costs
//! no look at all bodies.

use std::{borrow::Cow, ops::Range};

use domain::{access::RowRule, viewer::Role};

use super::View;

/// The bodies that one viewer sees, in the order of the tree.
#[derive(Debug)]
pub(super) struct SeenAgencies {
    agencies: Vec<u32>,
    /// Where each division's begin; one entry more than there are divisions.
    starts: Vec<u32>,
}

impl View {
    /// The rows that the viewer's rule and the predicate's bounds leave to be looked at, in the
    /// order of the division tree.
    pub(super) fn agency_candidates(&self, bounds: Option<Range<usize>>) -> Cow<'_, [u32]> {
        let agencies = &self.graph.order.agencies;
        // One area is the usual case, and a subtree is a range: nothing is copied.
        match self.stretches(self.rules.agency, bounds).as_slice() {
            [] => Cow::default(),
            [one] => Cow::Borrowed(&agencies[one.clone()]),
            several => {
                let parts = several.iter().flat_map(|part| &agencies[part.clone()]);
                Cow::Owned(parts.copied().collect())
            }
        }
    }

    /// Whether the viewer sees each of the candidates: by his rule a body's place tells it.
    pub(super) fn candidates_are_seen(&self) -> bool {
        self.rules.agency != RowRule::Published
            && !self.is_earlier_version()
            && self.past_day().is_none()
    }

    /// The bodies within these bounds that the viewer sees, in the order of the division tree. Where
    /// each has to be looked at, all are, once a view.
    pub(super) fn seen_agencies(&self, bounds: Option<Range<usize>>) -> Cow<'_, [u32]> {
        if self.candidates_are_seen() {
            return self.agency_candidates(bounds);
        }
        let seen = self.seen.get_or_init(|| self.look_at_all());
        let bounds = bounds.unwrap_or(0..self.graph.divisions.len());
        if bounds.is_empty() {
            return Cow::default();
        }
        let range = seen.starts[bounds.start] as usize..seen.starts[bounds.end] as usize;
        Cow::Borrowed(&seen.agencies[range])
    }

    fn look_at_all(&self) -> SeenAgencies {
        let candidates = self.agency_candidates(None);
        let seen = candidates.iter().copied();
        let agencies: Vec<u32> = seen.filter(|row| self.sees_agency(*row)).collect();
        let mut starts = vec![0; self.graph.divisions.len() + 1];
        for row in &agencies {
            if let Some(place) = self.graph.agency_division.get(*row) {
                starts[*place as usize + 1] += 1;
            }
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        SeenAgencies { agencies, starts }
    }

    /// The same as stretches of the order of the tree, one behind the other, for any rule.
    pub(super) fn stretches(
        &self,
        rule: RowRule,
        bounds: Option<Range<usize>>,
    ) -> Vec<Range<usize>> {
        let everything = 0..self.graph.divisions.len();
        let bounds = bounds.unwrap_or_else(|| everything.clone());
        let starts = &self.graph.order.division_starts;
        let mut areas = match rule {
            RowRule::Nothing => Vec::new(),
            RowRule::All | RowRule::Published => vec![everything],
            // Where a body was then says nothing of who may see it now.
            RowRule::Subtree | RowRule::Level if self.is_earlier_version() => vec![everything],
            RowRule::Subtree => self.areas.clone(),
            RowRule::Level => {
                let areas = self.areas.iter();
                areas.map(|area| area.start..area.start + 1).collect()
            }
            RowRule::Own => {
                let own = self.own_place().filter(|(place, _)| bounds.contains(place));
                return own.map(|(_, at)| at..at + 1).into_iter().collect();
            }
        };
        areas.sort_unstable_by_key(|area| area.start);
        let mut done = 0;
        let parts = areas.into_iter().filter_map(|area| {
            let from = area.start.max(bounds.start).max(done);
            let to = area.end.min(bounds.end);
            done = done.max(to);
            (from < to).then(|| starts[from] as usize..starts[to] as usize)
        });
        parts.filter(|part| !part.is_empty()).collect()
    }

    /// Whether what is about these bodies is about whom the viewer acts for, in whatever role; an AGENCY sees nothing
    /// else.
    pub fn is_concerned(&self, bodies: &[i64]) -> bool {
        let own = self.own.and_then(|row| self.present.agencies.get(row));
        self.viewer.role == Role::Agency || own.is_some_and(|own| bodies.contains(&own.id))
    }

    /// The division of the body that the viewer acts for, and where in the order of the tree it stands.
    fn own_place(&self) -> Option<(usize, usize)> {
        let own = self.present.agencies.get(self.own?)?;
        let row = *self.graph.agency_by_id.get(&own.id)?;
        let place = *self.graph.agency_division.get(row)? as usize;
        let starts = &self.graph.order.division_starts;
        let mut of_division = starts[place] as usize..starts[place + 1] as usize;
        let at = of_division.find(|at| self.graph.order.agencies[*at] == row)?;
        Some((place, at))
    }
}
