//! Records as a viewer sees them.

use std::{cmp::Reverse, fmt::Debug, sync::Arc};

use domain::{
    access::RowRule,
    credit_record::{CreditRecord, CreditRecordStatus, RecordSubject},
};

use crate::store::{Known, Listing};

use super::{
    super::{PageError, PageRequest, RecordPredicate, page::Part},
    Found, View,
    list::List,
};

/// By what records can be ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordOrder {
    IdentifiedOn,
    Amount,
    Tier,
}

const NEWEST_FIRST: &[(RecordOrder, bool)] = &[(RecordOrder::IdentifiedOn, true)];

impl View {
    /// The record in this row, if the viewer may see it.
    pub fn record_at(&self, row: u32) -> Option<&Arc<Known<Listing<CreditRecord>>>> {
        self.graph
            .records
            .get(row)?
            .as_ref()
            .filter(|_| self.sees_record(row))
    }

    /// The row of the record with this number, if the viewer may see it.
    pub fn record_row(&self, id: i64) -> Option<u32> {
        self.graph
            .record_by_id
            .get(&id)
            .copied()
            .filter(|row| self.record_at(*row).is_some())
    }

    /// A record of an official is as visible as he is, to who sees records at all. What is told of
    /// another one today is not shown as an earlier one's either.
    pub(super) fn sees_record(&self, row: u32) -> bool {
        let Some(record) = self.graph.records.get(row).and_then(Option::as_ref) else {
            return false;
        };
        self.has_begun(Some(record.fact.fact.identified_on)) && self.may_see_record(record)
    }

    /// The same, whether or not it stood already on the day of which is told.
    pub(super) fn may_see_record(&self, record: &Known<Listing<CreditRecord>>) -> bool {
        let fact = &record.fact.fact;
        if self.finds_record(record.id) {
            return true;
        }
        match self.is_earlier_version() {
            true => self.sees_still(record.id, fact),
            false => self.sees(fact),
        }
    }

    /// Whether the viewer may see this record of this version, or one that was part of it.
    pub(super) fn sees(&self, record: &CreditRecord) -> bool {
        match (self.rules.credit_record, record.subject) {
            (RowRule::Published, RecordSubject::Agency(_)) => self.present.publishes(record),
            (_, subject) => self.sees_records_about(subject),
        }
    }

    /// Whether he may see what the record with this number was earlier: it must still be for him, by
    /// what it is today, too.
    pub(super) fn sees_still(&self, id: i64, earlier: &CreditRecord) -> bool {
        let row = self.present.record_by_id.get(&id);
        let now = row.and_then(|row| self.present.records.get(*row)?.as_ref());
        let now = now.map(|known| &known.fact.fact);
        match (self.rules.credit_record, earlier.subject) {
            (RowRule::Published, RecordSubject::Agency(_)) => {
                now.is_some_and(|record| self.present.publishes(record))
            }
            (_, subject) => {
                self.sees_records_about(subject)
                    && now.is_none_or(|record| self.sees_records_about(record.subject))
            }
        }
    }

    fn sees_records_about(&self, subject: RecordSubject) -> bool {
        let rule = self.rules.credit_record;
        match subject {
            RecordSubject::Agency(agency) => match rule {
                RowRule::All => true,
                rule => self.agency_id_passes(rule, agency),
            },
            RecordSubject::Official(official) => {
                rule != RowRule::Nothing && self.sees_official(official)
            }
        }
    }

    /// Its list is a public one, and it holds: today, whatever day is told of.
    pub(super) fn is_published_now(&self, row: u32) -> bool {
        self.present
            .records
            .get(row)
            .and_then(Option::as_ref)
            .is_some_and(|record| self.present.publishes(&record.fact.fact))
    }

    pub(super) fn records_rows(&self, agency: u32) -> &[u32] {
        let id = self.graph.agencies.get(agency).map(|agency| agency.id);
        id.map_or(&[], |id| self.graph.records_of.rows(&id))
    }

    pub(super) fn active_records(&self, agency: u32) -> usize {
        self.records_rows(agency)
            .iter()
            .filter_map(|row| self.record_at(*row))
            .filter(|record| self.status_of(&record.fact.fact) == CreditRecordStatus::Active)
            .count()
    }

    pub(in crate::graph) fn has_active_record(&self, agency: u32) -> bool {
        self.active_records(agency) > 0
    }

    /// Records of which the predicate holds, in the wanted order; newest first by default.
    pub fn records(
        &self,
        predicate: &RecordPredicate,
        order: &[(RecordOrder, bool)],
        request: &PageRequest,
        with_total: bool,
    ) -> Result<Found, PageError> {
        self.page_records(
            &"records",
            &self.graph.order.records,
            predicate,
            order,
            request,
            with_total,
        )
    }

    /// An agency's records.
    pub fn records_of(
        &self,
        agency: u32,
        predicate: &RecordPredicate,
        request: &PageRequest,
        with_total: bool,
    ) -> Result<Found, PageError> {
        let subject = self.graph.agencies.get(agency).map(|agency| agency.id);
        let rows = self.records_rows(agency);
        self.page_records_of(subject, rows, predicate, request, with_total)
    }

    /// Of the records with these numbers, which something counted, a page.
    pub fn records_among(
        &self,
        list: &str,
        ids: &[i64],
        request: &PageRequest,
        with_total: bool,
    ) -> Result<Found, PageError> {
        let rows = ids
            .iter()
            .filter_map(|id| self.graph.record_by_id.get(id).copied());
        let mut rows: Vec<u32> = rows.collect();
        self.newest_first(&mut rows);
        let all = RecordPredicate::All(Vec::new());
        self.page_records(&list, &rows, &all, &[], request, with_total)
    }

    fn newest_first(&self, rows: &mut [u32]) {
        rows.sort_unstable_by_key(|row| {
            let record = self.graph.records.get(*row).and_then(Option::as_ref);
            record.map(|record| (Reverse(record.fact.fact.identified_on), record.id))
        });
    }

    /// Of the few records of this body or official a page, newest first.
    pub(super) fn page_records_of(
        &self,
        subject: Option<i64>,
        rows: &[u32],
        predicate: &RecordPredicate,
        request: &PageRequest,
        with_total: bool,
    ) -> Result<Found, PageError> {
        let mut rows = rows.to_vec();
        self.newest_first(&mut rows);
        let list = ("records", subject);
        self.page_records(&list, &rows, predicate, &[], request, with_total)
    }

    fn page_records(
        &self,
        list: &dyn Debug,
        newest_first: &[u32],
        predicate: &RecordPredicate,
        order: &[(RecordOrder, bool)],
        request: &PageRequest,
        with_total: bool,
    ) -> Result<Found, PageError> {
        let list = List {
            name: &(list, predicate),
            rows: newest_first,
            kept: NEWEST_FIRST,
            matches: &|row| predicate.holds(self, row),
            key: &|row, order| self.record_key(row, order),
        };
        self.page_of(&list, order, request, with_total)
    }

    pub(super) fn record_key(&self, row: u32, order: &[(RecordOrder, bool)]) -> (Vec<Part>, i64) {
        let Some(record) = self.graph.records.get(row).and_then(Option::as_ref) else {
            return (Vec::new(), 0);
        };
        let fact = &record.fact.fact;
        let part = |field: &RecordOrder| match field {
            RecordOrder::IdentifiedOn => Part::Text(fact.identified_on.to_string()),
            RecordOrder::Amount => fact
                .amount
                .map_or(Part::None, |amount| Part::Int(amount.cents())),
            RecordOrder::Tier => fact.tier.map_or(Part::None, |tier| Part::Int(tier as i64)),
        };
        (
            order.iter().map(|(field, _)| part(field)).collect(),
            record.id,
        )
    }
}
