//! Decisions as a viewer sees them, and how far his own reach.

use std::sync::Arc;

use domain::{access::RowRule, decision::Decision, division::DivisionCode, mention::Mention};

use crate::store::{EndedDecision, Known, Listing};

use super::{
    super::{
        PageError, PageRequest,
        page::{Paged, Part},
    },
    Found, View, find, sort,
};

impl View {
    /// The decision in this row, if the viewer may see it: as a mention of its place.
    pub fn decision_at(&self, row: u32) -> Option<&Arc<Known<Decision>>> {
        self.graph
            .decisions
            .get(row)?
            .as_ref()
            .filter(|decision| self.sees_decision(&decision.fact))
    }

    /// Whether the viewer sees a decision: as the mention on which it was taken.
    fn sees_decision(&self, decision: &Decision) -> bool {
        let is_of_person = decision.subject.row().is_some();
        self.sees_mention_in(decision.division)
            && (!is_of_person || self.sees_persons_in(decision.division))
    }

    /// The row of the decision with this number, if it stands and the viewer may see it.
    pub fn decision_row(&self, id: i64) -> Option<u32> {
        self.graph
            .decision_by_id
            .get(&id)
            .copied()
            .filter(|row| self.decision_at(*row).is_some())
    }

    /// The decision that holds of a mention that the viewer sees.
    pub fn decision_of(&self, mention: &Known<Listing<Mention>>) -> Option<&Arc<Known<Decision>>> {
        let listing = &mention.fact;
        let subject = listing.fact.subject(mention.row_id)?;
        self.graph
            .decision_on(&listing.source, &subject, listing.fact.division)
    }

    /// Decisions that stand, newest first.
    pub fn decisions(&self, request: &PageRequest, with_total: bool) -> Result<Found, PageError> {
        let key = |row: u32| {
            let decision = self.graph.decisions.get(row).and_then(Option::as_ref);
            let at = |known: &Arc<Known<Decision>>| Part::Int(known.fact.at.timestamp_micros());
            let id = decision.map_or(0, |decision| decision.id);
            (vec![decision.map_or(Part::None, at)], id)
        };
        let ordering = self.ordering(&"decisions", &[("at", true)]);
        let matches = |row: u32| self.decision_at(row).is_some();
        find(
            &Paged {
                ordering,
                rows: &self.graph.order.decisions,
                key: &key,
                matches: &matches,
            },
            request,
            with_total,
        )
    }

    /// Decisions that hold no longer, the last ended first, as places in the list that is given.
    pub fn ended_decisions(
        &self,
        ended: &[EndedDecision],
        request: &PageRequest,
        with_total: bool,
    ) -> Result<Found, PageError> {
        let rows: Vec<u32> = (0..).zip(ended).map(|(row, _)| row).collect();
        let at = |row: u32| ended.get(row as usize);
        let key = |row: u32| {
            let Some((known, ending)) = at(row) else {
                return (vec![Part::None, Part::None], 0);
            };
            let ended_at = ending.as_ref().map(|ending| ending.at.timestamp_micros());
            let parts = vec![
                ended_at.map_or(Part::None, Part::Int),
                Part::Int(known.version),
            ];
            (parts, known.id)
        };
        let order = [("ended", true), ("version", true)];
        let ordering = self.ordering(&"ended decisions", &order);
        let rows = sort(rows, &ordering, &key);
        let matches = |row: u32| at(row).is_some_and(|(known, _)| self.sees_decision(&known.fact));
        find(
            &Paged {
                ordering,
                rows: &rows,
                key: &key,
                matches: &matches,
            },
            request,
            with_total,
        )
    }

    /// How far a decision of the viewer's reaches that he takes on a mention of this place: into the
    /// widest of his areas that it lies in, or everywhere where he sees all and has no areas.
    pub fn reach_from(&self, division: Option<DivisionCode>) -> Reach {
        if self.is_everywhere() {
            return Reach::Everywhere;
        }
        let tree = self.divisions();
        let own = self.viewer.divisions.iter().copied();
        let around = own.filter(|area| division.is_some_and(|code| tree.contains(*area, code)));
        let widest = around.min_by_key(|area| tree.ancestors(*area).count());
        widest.map_or(Reach::Nowhere, Reach::Within)
    }

    /// Whether a decision of this reach concerns nothing beyond what the viewer may decide about.
    pub fn reaches(&self, reach: Option<DivisionCode>) -> bool {
        if self.is_everywhere() {
            return true;
        }
        let place = reach.and_then(|code| self.graph.divisions.position(code));
        place.is_some_and(|place| self.areas.iter().any(|area| area.contains(&place)))
    }

    /// Seeing all is not deciding all: whose token names areas decides in them.
    fn is_everywhere(&self) -> bool {
        self.rules.mention == RowRule::All && self.viewer.divisions.is_empty()
    }
}

/// Of which rows a decision holds that a viewer takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Of none: it is not his to take.
    Nowhere,
    /// Of those that point into this division.
    Within(DivisionCode),
    /// Of all.
    Everywhere,
}
