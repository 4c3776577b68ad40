//! Clues as a viewer sees them.

use std::{cmp::Reverse, fmt::Debug, sync::Arc};

use domain::{access::RowRule, clue::Clue, date::china_offset};

use crate::store::{Known, Listing};

use super::{
    super::{CluePredicate, PageError, PageRequest, page::Part},
    Found, View,
    list::List,
};

/// By what clues can be ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClueOrder {
    ReceivedAt,
    DueOn,
}

const NEWEST_FIRST: &[(ClueOrder, bool)] = &[(ClueOrder::ReceivedAt, true)];

impl View {
    /// The clue in this row, if the viewer may see it.
    pub fn clue_at(&self, row: u32) -> Option<&Arc<Known<Listing<Clue>>>> {
        self.graph.clues.get(row)?.as_ref().filter(|clue| {
            let received_on = clue.fact.fact.received_at.with_timezone(&china_offset());
            self.has_begun(Some(received_on.date_naive()))
                && self.sees_clue(&clue.fact.fact)
                && self.sees_clue_still(clue.id)
        })
    }

    /// The row of the clue with this number, if the viewer may see it.
    pub fn clue_row(&self, id: i64) -> Option<u32> {
        self.graph
            .clue_by_id
            .get(&id)
            .copied()
            .filter(|row| self.clue_at(*row).is_some())
    }

    /// A clue is as visible as one of the bodies that it is about; one that names nobody belongs to
    /// the hub's province. It is unconfirmed, so nothing of it is ever published.
    fn sees_clue(&self, clue: &Clue) -> bool {
        match self.rules.clue {
            RowRule::All => true,
            RowRule::Nothing | RowRule::Published => false,
            rule if clue.agency_ids.is_empty() => {
                let province = self.graph.province;
                province.is_some_and(|place| self.place_passes(rule, place as usize))
            }
            rule => {
                let mut bodies = clue.agency_ids.iter();
                bodies.any(|id| self.agency_id_passes(rule, *id))
            }
        }
    }

    /// Whether what the clue with this number is about today is the viewer's matter, too.
    fn sees_clue_still(&self, id: i64) -> bool {
        if !self.is_earlier_version() {
            return true;
        }
        let row = self.present.clue_by_id.get(&id);
        let now = row.and_then(|row| self.present.clues.get(*row)?.as_ref());
        now.is_none_or(|clue| self.sees_clue(&clue.fact.fact))
    }

    /// Clues of which the predicate holds, in the wanted order; newest first by default.
    pub fn clues(
        &self,
        predicate: &CluePredicate,
        order: &[(ClueOrder, bool)],
        request: &PageRequest,
        with_total: bool,
    ) -> Result<Found, PageError> {
        self.page_clues(
            &"clues",
            &self.graph.order.clues,
            predicate,
            order,
            request,
            with_total,
        )
    }

    /// The clues about an agency.
    pub fn clues_of(
        &self,
        agency: u32,
        predicate: &CluePredicate,
        request: &PageRequest,
        with_total: bool,
    ) -> Result<Found, PageError> {
        let id = self.agency_at(agency).map(|agency| agency.id);
        let rows = id.map_or(&[][..], |id| self.graph.clues_of.rows(&id));
        let mut rows = rows.to_vec();
        rows.sort_unstable_by_key(|row| {
            let clue = self.graph.clues.get(*row).and_then(Option::as_ref);
            clue.map(|clue| (Reverse(clue.fact.fact.received_at), clue.id))
        });
        let list = ("clues", id);
        self.page_clues(&list, &rows, predicate, &[], request, with_total)
    }

    fn page_clues(
        &self,
        list: &dyn Debug,
        newest_first: &[u32],
        predicate: &CluePredicate,
        order: &[(ClueOrder, bool)],
        request: &PageRequest,
        with_total: bool,
    ) -> Result<Found, PageError> {
        let list = List {
            name: &(list, predicate),
            rows: newest_first,
            kept: NEWEST_FIRST,
            matches: &|row| predicate.holds(self, row),
            key: &|row, order| self.clue_key(row, order),
        };
        self.page_of(&list, order, request, with_total)
    }

    fn clue_key(&self, row: u32, order: &[(ClueOrder, bool)]) -> (Vec<Part>, i64) {
        let Some(clue) = self.graph.clues.get(row).and_then(Option::as_ref) else {
            return (Vec::new(), 0);
        };
        let fact = &clue.fact.fact;
        let part = |field: &ClueOrder| match field {
            ClueOrder::ReceivedAt => Part::Int(fact.received_at.timestamp_micros()),
            ClueOrder::DueOn => fact
                .due_on
                .map_or(Part::None, |day| Part::Text(day.to_string())),
        };
        (
            order.iter().map(|(field, _)| part(field)).collect(),
            clue.id,
        )
    }
}
