//! Cases as a viewer sees them.

use std::{cmp::Reverse, fmt::Debug, sync::Arc};

use chrono::NaiveDate;
use domain::{
    access::RowRule, casework::Case, credit_record::RecordSubject, division::DivisionCode,
};

use crate::store::Known;

use super::{
    super::{CasePredicate, PageError, PageRequest, page::Part},
    Found, View,
    list::List,
};

/// By what cases can be ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaseOrder {
    OpenedOn,
    DueOn,
}

const NEWEST_FIRST: &[(CaseOrder, bool)] = &[(CaseOrder::OpenedOn, true)];

impl View {
    /// The case in this row, if the viewer may see it.
    pub fn case_at(&self, row: u32) -> Option<&Arc<Known<Case>>> {
        let case = self.graph.casework.case(row)?;
        Some(case).filter(|case| self.sees_case(case))
    }

    /// The case in this row, for who asks afterwards whether the viewer may see it.
    pub(in crate::graph) fn any_case_at(&self, row: u32) -> Option<&Arc<Known<Case>>> {
        self.graph.casework.case(row)
    }

    /// The row of the case with this number, if the viewer may see it.
    pub fn case_row(&self, id: i64) -> Option<u32> {
        let row = self.graph.casework.row(id)?;
        self.case_at(row).map(|_| row)
    }

    /// The case of a lead, if the viewer may see it.
    pub fn case_of_clue(&self, clue: i64) -> Option<u32> {
        let row = self.graph.case_row_of_clue(clue)?;
        self.case_at(row).map(|_| row)
    }

    /// The case of a record, if the viewer may see it.
    pub fn case_of_record(&self, record: i64) -> Option<u32> {
        let row = self.graph.case_row_of_record(record)?;
        self.case_at(row).map(|_| row)
    }

    /// The case of the application or objection with this number, if the viewer may see it.
    pub fn case_of_part(&self, id: i64) -> Option<u32> {
        let row = self.graph.casework.row_of_part(id)?;
        self.case_at(row).map(|_| row)
    }

    /// A case is as visible as the record that came of it, before that as its lead, and one about a body
    /// alone as that body. Of what is published as far as its record is.
    fn sees_case(&self, case: &Known<Case>) -> bool {
        let about = case.fact.about;
        let rule = self.rules.case;
        if rule == RowRule::Nothing || !self.has_begun(Some(case.fact.opened_on)) {
            return false;
        }
        if let Some(record) = about.record {
            let row = self.graph.record_by_id.get(&record).copied();
            let Some(record) = row.and_then(|row| self.graph.records.get(row)?.as_ref()) else {
                return false;
            };
            let fact = &record.fact.fact;
            if case.fact.was_of_another(fact.subject.agency().as_slice()) {
                // What came of it for the body that it was about is for that one, and for who sees it.
                let body = case.fact.record.as_ref().and_then(|record| record.body);
                let is_its = body.is_some_and(|body| self.agency_id_passes(rule, body));
                return rule == RowRule::All || rule != RowRule::Published && is_its;
            }
            // Before its record stood it was its lead's.
            let had_begun = self.has_begun(Some(fact.identified_on));
            let is_lead = || about.clue.is_some_and(|clue| self.clue_row(clue).is_some());
            return match rule {
                RowRule::All => true,
                RowRule::Published => had_begun && self.may_see_record(record),
                rule => {
                    let passes = match fact.subject {
                        RecordSubject::Agency(id) => self.agency_id_passes(rule, id),
                        RecordSubject::Official(_) => true,
                    };
                    passes && self.may_see_record(record) && (had_begun || is_lead())
                }
            };
        }
        match (about.clue, about.agency) {
            _ if rule == RowRule::All => true,
            _ if rule == RowRule::Published => false,
            (Some(clue), _) => self.clue_row(clue).is_some(),
            (None, Some(agency)) => self.agency_id_passes(rule, agency),
            (None, None) => false,
        }
    }

    /// Rows of the matters to which a record or a warning gave occasion, as far as the viewer may see them.
    pub fn matters_of(&self, occasion: i64) -> Vec<u32> {
        let rows = self
            .graph
            .casework
            .rows_of_matters(occasion)
            .iter()
            .copied();
        rows.filter(|row| self.case_at(*row).is_some()).collect()
    }

    /// Rows of the cases that are about this body alone, as far as the viewer may see them.
    pub fn cases_about_body(&self, agency: i64) -> Vec<u32> {
        let rows = self.graph.casework.rows_of_agency(agency).iter().copied();
        rows.filter(|row| self.case_at(*row).is_some()).collect()
    }

    /// Whether the viewer sees cases about the bodies of a division.
    pub fn sees_cases_in(&self, division: DivisionCode) -> bool {
        let place = self.graph.divisions.position(division);
        place.is_some_and(|place| self.place_passes(self.rules.case, place))
    }

    /// The row of the record of a case, as long as it is about the body that the case is for, if the viewer may see it.
    pub fn record_row_of(&self, case: &Case) -> Option<u32> {
        let record = self.graph.record_of_case(case)?;
        self.record_row(record.id)
    }

    /// Whether the record of a case is one that is published now.
    pub fn is_published(&self, case: &Case) -> bool {
        let record = self.present.record_of_case(case);
        record.is_some_and(|record| {
            let fact = &record.fact.fact;
            fact.subject.agency().is_some() && self.present.publishes(fact)
        })
    }

    /// Rows of the bodies that a case is about, as far as the viewer may see them.
    pub fn case_agencies(&self, case: &Case) -> Vec<u32> {
        let ids = self.graph.subjects_of(case);
        ids.iter().filter_map(|id| self.agency_row(*id)).collect()
    }

    /// Whether the case in this row is not over.
    pub(in crate::graph) fn is_case_open(&self, row: u32) -> bool {
        !self.graph.casework.is_over(row)
    }

    /// The rows of all cases of which the predicate holds, newest first.
    pub fn case_rows<'a>(&'a self, predicate: &'a CasePredicate) -> impl Iterator<Item = u32> + 'a {
        let rows = self.graph.casework.order.iter().copied();
        rows.filter(|row| predicate.holds(self, *row))
    }

    /// Cases of which the predicate holds, in the wanted order; newest first by default.
    pub fn cases(
        &self,
        predicate: &CasePredicate,
        order: &[(CaseOrder, bool)],
        request: &PageRequest,
        with_total: bool,
    ) -> Result<Found, PageError> {
        let rows = Arc::clone(&self.graph.casework.order);
        self.page_cases(&"cases", &rows, predicate, order, request, with_total)
    }

    /// The cases about an agency: of its records, of leads about it, and about itself.
    pub fn cases_of(
        &self,
        agency: u32,
        predicate: &CasePredicate,
        request: &PageRequest,
        with_total: bool,
    ) -> Result<Found, PageError> {
        let id = self.agency_at(agency).map(|agency| agency.id);
        let casework = &self.graph.casework;
        let records = self.records_rows(agency).iter();
        let records = records.filter_map(|row| self.graph.records.get(*row)?.as_ref());
        let mut rows: Vec<u32> = records
            .filter_map(|record| self.graph.case_row_of_record(record.id))
            .collect();
        if let Some(id) = id {
            rows.extend(casework.rows_of_agency(id));
            let clues = self.graph.clues_of.rows(&id).iter();
            let clues = clues.filter_map(|row| self.graph.clues.get(*row)?.as_ref());
            rows.extend(clues.filter_map(|clue| self.graph.case_row_of_clue(clue.id)));
        }
        rows.sort_unstable_by_key(|row| {
            let case = casework.case(*row);
            case.map(|case| (Reverse(case.fact.opened_on), case.id))
        });
        rows.dedup();
        self.page_cases(&("cases", id), &rows, predicate, &[], request, with_total)
    }

    fn page_cases(
        &self,
        list: &dyn Debug,
        newest_first: &[u32],
        predicate: &CasePredicate,
        order: &[(CaseOrder, bool)],
        request: &PageRequest,
        with_total: bool,
    ) -> Result<Found, PageError> {
        let list = List {
            name: &(list, predicate),
            rows: newest_first,
            kept: NEWEST_FIRST,
            matches: &|row| predicate.holds(self, row),
            key: &|row, order| self.case_key(row, order),
        };
        self.page_of(&list, order, request, with_total)
    }

    fn case_key(&self, row: u32, order: &[(CaseOrder, bool)]) -> (Vec<Part>, i64) {
        let Some(case) = self.graph.casework.case(row) else {
            return (Vec::new(), 0);
        };
        let part = |field: &CaseOrder| match field {
            CaseOrder::OpenedOn => Part::Text(case.fact.opened_on.to_string()),
            CaseOrder::DueOn => day(case.fact.running.as_ref().map(|running| running.on)),
        };
        (
            order.iter().map(|(field, _)| part(field)).collect(),
            case.id,
        )
    }
}

pub(super) fn day(day: Option<NaiveDate>) -> Part {
    day.map_or(Part::None, |day| Part::Text(day.to_string()))
}
