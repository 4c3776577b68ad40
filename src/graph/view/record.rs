//! Records as a viewer sees them.

use std::sync::Arc;

use domain::{
    access::RowRule,
    credit_record::{CreditRecord, CreditRecordStatus, RecordSubject},
};

use crate::store::{Known, Listing};

use super::{
    super::{
        PageError, PageRequest, RecordPredicate,
        page::{Paged, Part},
    },
    Found, View, find, sort, tag,
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

    pub(super) fn sees_record(&self, row: u32) -> bool {
        let record = self.graph.records.get(row).and_then(Option::as_ref);
        record.is_some_and(|record| self.sees(&record.fact.fact))
    }

    /// Whether the viewer may see this record, be it in this version or not. One of an official is as
    /// visible as he is, to who sees records at all.
    pub(super) fn sees(&self, record: &CreditRecord) -> bool {
        let agency = match record.subject {
            RecordSubject::Agency(agency) => agency,
            RecordSubject::Official(official) => {
                return self.rules.credit_record != RowRule::Nothing
                    && self.sees_official(official);
            }
        };
        match self.rules.credit_record {
            RowRule::Nothing => false,
            RowRule::All => true,
            RowRule::Published => self.publishes(record),
            rule @ (RowRule::Subtree | RowRule::Level | RowRule::Own) => {
                let agency = self.graph.agency_by_id.get(&agency);
                agency.is_some_and(|agency| self.agency_passes(rule, *agency))
            }
        }
    }

    pub(super) fn is_published(&self, row: u32) -> bool {
        let record = self.graph.records.get(row).and_then(Option::as_ref);
        record.is_some_and(|record| self.publishes(&record.fact.fact))
    }

    /// Its list is a public one, and it holds.
    fn publishes(&self, record: &CreditRecord) -> bool {
        record.status == CreditRecordStatus::Active
            && self.graph.published_items.contains(&record.catalogue_item)
    }

    pub(super) fn records_rows(&self, agency: u32) -> &[u32] {
        let id = self.graph.agencies.get(agency).map(|agency| agency.id);
        id.map_or(&[], |id| self.graph.records_of.rows(&id))
    }

    pub(super) fn active_records(&self, agency: u32) -> usize {
        self.records_rows(agency)
            .iter()
            .filter_map(|row| self.record_at(*row))
            .filter(|record| record.fact.fact.status == CreditRecordStatus::Active)
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
        self.page_records_of(self.records_rows(agency), predicate, request, with_total)
    }

    /// Of these few records a page, newest first.
    pub(super) fn page_records_of(
        &self,
        rows: &[u32],
        predicate: &RecordPredicate,
        request: &PageRequest,
        with_total: bool,
    ) -> Result<Found, PageError> {
        let key = |row: u32| self.record_key(row, NEWEST_FIRST);
        let rows = sort(rows.to_vec(), &tag(NEWEST_FIRST), &key);
        self.page_records(&rows, predicate, &[], request, with_total)
    }

    pub(super) fn page_records(
        &self,
        newest_first: &[u32],
        predicate: &RecordPredicate,
        order: &[(RecordOrder, bool)],
        request: &PageRequest,
        with_total: bool,
    ) -> Result<Found, PageError> {
        let matches = |row: u32| predicate.holds(self, row);
        let order = if order.is_empty() {
            NEWEST_FIRST
        } else {
            order
        };
        let key = |row: u32| self.record_key(row, order);
        let sorted;
        let rows = if order == NEWEST_FIRST {
            newest_first
        } else {
            let matching = newest_first
                .iter()
                .copied()
                .filter(|row| matches(*row))
                .collect();
            sorted = sort(matching, &tag(order), &key);
            &sorted
        };
        find(
            &Paged {
                ordering: tag(order),
                rows,
                key: &key,
                matches: &matches,
            },
            request,
            with_total,
        )
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
