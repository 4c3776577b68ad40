//! Scores and warnings as a viewer sees them. Both are as visible as assessments of their body.

use std::{cmp::Reverse, fmt::Debug, sync::Arc};

use domain::{
    access::RowRule,
    assess::{Facts, Graded, Warning},
    date::china_offset,
};

use crate::store::Known;

use super::{
    super::{PageError, PageRequest, WarningPredicate, page::Part},
    Found, View,
    list::List,
};

/// By what warnings can be ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WarningOrder {
    RaisedAt,
    Level,
    DueOn,
}

const NEWEST_FIRST: &[(WarningOrder, bool)] = &[(WarningOrder::RaisedAt, true)];

impl View {
    /// Whether the viewer may know how the body in this row is graded day by day, which is never published.
    pub(super) fn sees_score(&self, row: u32) -> bool {
        let rule = self.rules.assessment;
        rule != RowRule::Published && self.sees_agency(row) && self.agency_passes(rule, row)
    }

    /// What the body in this row is graded by, if the viewer may know how. What is counted may be
    /// more than he sees: a score is told whole.
    pub fn facts(&self, row: u32) -> Option<Facts<'_>> {
        let agency = self.graph.agencies.get(row)?;
        self.graph
            .facts_of(agency.id)
            .filter(|_| self.sees_score(row))
    }

    /// How the body in this row is graded by the default pack, if the viewer may know it. It is kept of today:
    /// of a day that is over there is none.
    pub fn graded(&self, row: u32) -> Option<&Known<Graded>> {
        let is_now = self.past_day().is_none();
        let score = self.graph.assessed.score(row).filter(|_| is_now);
        score.filter(|_| self.sees_score(row))
    }

    /// The warning in this row, if the viewer may see it.
    pub fn warning_at(&self, row: u32) -> Option<&Arc<Known<Warning>>> {
        let warning = self.graph.assessed.warning(row)?;
        let agency = *self.graph.agency_by_id.get(&warning.fact.agency)?;
        let raised_on = warning.fact.raised_at.with_timezone(&china_offset());
        let has_begun = self.has_begun(Some(raised_on.date_naive()));
        Some(warning).filter(|_| has_begun && self.sees_score(agency))
    }

    /// The row of the warning with this number, if the viewer may see it.
    pub fn warning_row(&self, id: i64) -> Option<u32> {
        let row = self.graph.assessed.warning_row(id)?;
        self.warning_at(row).map(|_| row)
    }

    /// Warnings of which the predicate holds, in the wanted order; newest first by default.
    pub fn warnings(
        &self,
        predicate: &WarningPredicate,
        order: &[(WarningOrder, bool)],
        request: &PageRequest,
        with_total: bool,
    ) -> Result<Found, PageError> {
        let rows = Arc::clone(&self.graph.assessed.order);
        self.page_warnings(&"warnings", &rows, predicate, order, request, with_total)
    }

    /// The warnings about an agency, newest first.
    pub fn warnings_of(
        &self,
        agency: u32,
        predicate: &WarningPredicate,
        request: &PageRequest,
        with_total: bool,
    ) -> Result<Found, PageError> {
        let id = self.agency_at(agency).map(|agency| agency.id);
        let rows = id.map_or(&[][..], |id| self.graph.assessed.rows_of(id));
        let mut rows = rows.to_vec();
        rows.sort_unstable_by_key(|row| {
            let warning = self.graph.assessed.warning(*row);
            warning.map(|warning| {
                (
                    Reverse(warning.fact.raised_at.timestamp_micros()),
                    warning.id,
                )
            })
        });
        self.page_warnings(
            &("warnings", id),
            &rows,
            predicate,
            &[],
            request,
            with_total,
        )
    }

    fn page_warnings(
        &self,
        list: &dyn Debug,
        newest_first: &[u32],
        predicate: &WarningPredicate,
        order: &[(WarningOrder, bool)],
        request: &PageRequest,
        with_total: bool,
    ) -> Result<Found, PageError> {
        let list = List {
            name: &(list, predicate),
            rows: newest_first,
            kept: NEWEST_FIRST,
            matches: &|row| predicate.holds(self, row),
            key: &|row, order| self.warning_key(row, order),
        };
        self.page_of(&list, order, request, with_total)
    }

    fn warning_key(&self, row: u32, order: &[(WarningOrder, bool)]) -> (Vec<Part>, i64) {
        let Some(warning) = self.graph.assessed.warning(row) else {
            return (Vec::new(), 0);
        };
        let part = |field: &WarningOrder| match field {
            WarningOrder::RaisedAt => Part::Int(warning.fact.raised_at.timestamp_micros()),
            WarningOrder::Level => Part::Int(warning.fact.level as i64),
            WarningOrder::DueOn => {
                let due = warning.fact.due_on;
                due.map_or(Part::None, |day| Part::Text(day.to_string()))
            }
        };
        let parts = order.iter().map(|(field, _)| part(field)).collect();
        (parts, warning.id)
    }
}
