//! What the hub reads of a version for itself, whoever asks: facts by their numbers, cases by what they are about, and the
//! bodies that they concern.

use std::sync::Arc;

use chrono::NaiveDate;
use domain::{
    agency::Agency,
    casework::Case,
    clue::Clue,
    credit_record::{CreditRecord, CreditRecordStatus},
    division::DivisionCode,
    uscc::Uscc,
};

use super::Graph;
use crate::store::{Known, Listing};

impl Graph {
    /// The record with this number, whoever asks.
    pub fn record(&self, id: i64) -> Option<&Arc<Known<Listing<CreditRecord>>>> {
        self.records.get(*self.record_by_id.get(&id)?)?.as_ref()
    }

    /// The case with this number, whoever asks.
    pub fn case(&self, id: i64) -> Option<&Arc<Known<Case>>> {
        self.casework.case(self.casework.row(id)?)
    }

    /// The case of a record, whoever asks.
    pub fn case_of_record(&self, record: i64) -> Option<&Arc<Known<Case>>> {
        self.casework.case(self.case_row_of_record(record)?)
    }

    /// The row of the case of a record with the body that it is about now.
    pub(super) fn case_row_of_record(&self, record: i64) -> Option<u32> {
        let known = self.record(record);
        let body = known.and_then(|known| known.fact.fact.subject.agency());
        self.row_for(self.casework.rows_of_record(record), body.as_slice())
    }

    /// The row of the case of a lead with one of the bodies that it is about now.
    pub(super) fn case_row_of_clue(&self, clue: i64) -> Option<u32> {
        let known = self.clue(clue);
        let bodies = known.map_or(&[][..], |known| &known.fact.fact.agency_ids);
        self.row_for(self.casework.rows_of_clue(clue), bodies)
    }

    /// The last of these cases that is for one of these bodies.
    fn row_for(&self, rows: &[u32], bodies: &[i64]) -> Option<u32> {
        let case = |row| self.casework.case(row).map(|known| &known.fact);
        let is_for = |row: &&u32| case(**row).is_some_and(|case| !case.was_of_another(bodies));
        rows.iter().rfind(is_for).copied()
    }

    /// The record of a case, as long as it is about the body that the case is for.
    pub fn record_of_case(&self, case: &Case) -> Option<&Arc<Known<Listing<CreditRecord>>>> {
        let known = self.record(case.about.record?)?;
        let body = known.fact.fact.subject.agency();
        Some(known).filter(|_| !case.was_of_another(body.as_slice()))
    }

    /// The case of a lead, whoever asks.
    pub fn case_of_clue(&self, clue: i64) -> Option<&Arc<Known<Case>>> {
        self.casework.case(self.case_row_of_clue(clue)?)
    }

    /// Whether a case is over: its stage is one that ends it.
    pub fn is_final(&self, case: &Case) -> bool {
        let stages = self.final_stages.get(&case.workflow);
        stages.is_some_and(|stages| stages.contains(&case.stage))
    }

    /// The records about a body, whoever asks.
    pub fn records_about(
        &self,
        agency: i64,
    ) -> impl Iterator<Item = &Arc<Known<Listing<CreditRecord>>>> {
        let rows = self.records_of.rows(&agency).iter();
        rows.filter_map(|row| self.records.get(*row)?.as_ref())
    }

    /// Whether a record about a body holds, whoever asks.
    pub fn is_discredited(&self, agency: i64) -> bool {
        let mut records = self.records_about(agency);
        records.any(|record| record.fact.fact.status == CreditRecordStatus::Active)
    }

    /// The cases that are about a body alone, whoever asks.
    pub fn cases_about(&self, agency: i64) -> impl Iterator<Item = &Arc<Known<Case>>> {
        let rows = self.casework.rows_of_agency(agency).iter();
        rows.filter_map(|row| self.casework.case(*row))
    }

    /// All records, whoever asks: for what time does to them.
    pub fn all_records(&self) -> impl Iterator<Item = &Arc<Known<Listing<CreditRecord>>>> {
        let rows = self.order.records.iter();
        rows.filter_map(|row| self.records.get(*row)?.as_ref())
    }

    /// The records that were determined on a day, whoever asks.
    pub fn records_of(
        &self,
        day: NaiveDate,
    ) -> impl Iterator<Item = &Arc<Known<Listing<CreditRecord>>>> {
        let rows = of_day(&self.order.records, day, |row| {
            let record = self.records.get(row)?.as_ref()?;
            Some(record.fact.fact.identified_on)
        });
        rows.filter_map(|row| self.records.get(row)?.as_ref())
    }

    /// The cases that began on a day, whoever asks.
    pub fn cases_begun_on(&self, day: NaiveDate) -> impl Iterator<Item = &Arc<Known<Case>>> {
        let casework = &self.casework;
        let rows = of_day(&casework.order, day, |row| {
            Some(casework.case(row)?.fact.opened_on)
        });
        rows.filter_map(|row| casework.case(row))
    }

    /// The bodies of a division itself.
    pub fn bodies_in(&self, division: DivisionCode) -> impl Iterator<Item = &Arc<Known<Agency>>> {
        let place = self.divisions.position(division);
        let range = place.map_or(0..0, |place| {
            let starts = &self.order.division_starts;
            starts[place] as usize..starts[place + 1] as usize
        });
        let rows = self.order.agencies[range].iter();
        rows.filter_map(|row| self.agencies.get(*row))
    }

    /// The body with this code, whoever asks.
    pub fn agency_by_code(&self, code: &Uscc) -> Option<&Arc<Known<Agency>>> {
        self.agencies.get(*self.agency_by_uscc.get(code)?)
    }

    /// All cases, whoever asks: for what time does to them.
    pub fn all_cases(&self) -> impl Iterator<Item = &Arc<Known<Case>>> {
        let rows = self.casework.order.iter();
        rows.filter_map(|row| self.casework.case(*row))
    }

    /// Whether somebody waits for a source to remove what it lists: he reported that he performed.
    pub fn awaits_removal(&self, source: &str) -> bool {
        let open = self.casework.order.iter();
        let open = open.filter(|row| !self.casework.is_over(**row));
        let mut performed = open.filter_map(|row| {
            let case = &self.casework.case(*row)?.fact;
            self.record(case.about.record.filter(|_| case.performed_on.is_some())?)
        });
        performed.any(|record| {
            let is_listed = record.fact.fact.status == CreditRecordStatus::Active;
            is_listed && *record.fact.source == *source
        })
    }

    /// Numbers of the bodies that a case is about: of its record, else of its lead, else itself.
    pub fn subjects_of(&self, case: &Case) -> Vec<i64> {
        let about = case.about;
        if let Some(body) = case.record.as_ref().and_then(|record| record.body) {
            return vec![body];
        }
        if let Some(record) = about.record.and_then(|id| self.record(id)) {
            return record.fact.fact.subject.agency().into_iter().collect();
        }
        if let Some(clue) = about.clue.and_then(|id| self.clue(id)) {
            return clue.fact.fact.agency_ids.clone();
        }
        about.agency.into_iter().collect()
    }

    /// Where a case lies: the division of the first body that it is about.
    pub fn place_of(&self, case: &Case) -> Option<DivisionCode> {
        let bodies = self.subjects_of(case);
        let body = bodies.iter().find_map(|id| self.agency(*id));
        body.map(|body| body.fact.division)
    }

    /// The leads of which casework knows nothing, whoever asks; without their texts.
    pub fn untouched_clues(&self) -> impl Iterator<Item = &Arc<Known<Listing<Clue>>>> {
        let clues = self.order.clues.iter();
        let clues = clues.filter_map(|row| self.clues.get(*row)?.as_ref());
        clues.filter(|clue| self.case_row_of_clue(clue.id).is_none())
    }

    /// The lead with this number, whoever asks; without its text.
    pub fn clue(&self, id: i64) -> Option<&Arc<Known<Listing<Clue>>>> {
        self.clues.get(*self.clue_by_id.get(&id)?)?.as_ref()
    }

    /// The body with this number, whoever asks.
    pub fn agency(&self, id: i64) -> Option<&Arc<Known<Agency>>> {
        self.agencies.get(*self.agency_by_id.get(&id)?)
    }
}

/// Of rows that are ordered by their days, the newest first, those of one day.
fn of_day(
    rows: &[u32],
    day: NaiveDate,
    on: impl Fn(u32) -> Option<NaiveDate>,
) -> impl Iterator<Item = u32> {
    let first = rows.partition_point(|row| on(*row) > Some(day));
    let rows = rows[first..].iter().copied();
    rows.take_while(move |row| on(*row) == Some(day))
}
