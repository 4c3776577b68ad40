//! Sanctions as a viewer sees them.

use std::{fmt::Debug, sync::Arc};

use chrono::NaiveDate;
use domain::{
    access::RowRule,
    casework::{Case, Sanction, SanctionStatus},
};

use crate::store::Known;

use super::{
    super::{PageError, PageRequest, SanctionPredicate, page::Part},
    Found, View,
    casework::day,
    list::List,
};

/// By what sanctions can be ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SanctionOrder {
    StartsOn,
    EndsOn,
}

impl View {
    /// The sanction in this row with its case, if the viewer may see it.
    pub fn sanction_at(&self, row: u32) -> Option<(&Arc<Known<Case>>, &Sanction)> {
        let (case, sanction) = self.graph.casework.sanction(row)?;
        if self.finds_sanction(sanction.id) {
            return Some((self.graph.casework.case(case)?, sanction));
        }
        let case = self.case_at(case)?;
        // What is only proposed is for nobody outside.
        let is_public = self.rules.case == RowRule::Published;
        let is_hidden = is_public && sanction.status == SanctionStatus::Proposed;
        Some((case, sanction)).filter(|_| !is_hidden && self.has_begun(sanction.starts_on))
    }

    /// Where a sanction stood on the day of which is told.
    pub fn sanction_status(&self, sanction: &Sanction) -> SanctionStatus {
        match self.past_day() {
            Some(day) => sanction.status_on(day),
            None => sanction.status,
        }
    }

    /// Its last day, as it was said on the day of which is told.
    pub fn sanction_ends_on(&self, sanction: &Sanction) -> Option<NaiveDate> {
        self.past_day()
            .map_or(sanction.ends_on, |day| sanction.ends_on_by(day))
    }

    /// Its version on the day of which is told.
    pub fn sanction_version(&self, sanction: &Sanction) -> i64 {
        self.past_day()
            .map_or(sanction.version, |day| sanction.version_by(day))
    }

    /// The row of the sanction with this number, if the viewer may see it.
    pub fn sanction_row(&self, id: i64) -> Option<u32> {
        let row = self.graph.casework.sanction_row(id)?;
        self.sanction_at(row).map(|_| row)
    }

    /// Sanctions of which the predicate holds, in the wanted order; by number by default.
    pub fn sanctions(
        &self,
        predicate: &SanctionPredicate,
        order: &[(SanctionOrder, bool)],
        request: &PageRequest,
        with_total: bool,
    ) -> Result<Found, PageError> {
        let rows = Arc::clone(&self.graph.casework.sanction_order);
        self.page_sanctions(&"sanctions", &rows, predicate, order, request, with_total)
    }

    /// An agency's sanctions.
    pub fn sanctions_of(
        &self,
        agency: u32,
        predicate: &SanctionPredicate,
        request: &PageRequest,
        with_total: bool,
    ) -> Result<Found, PageError> {
        let mut rows = Vec::new();
        let id = self.agency_at(agency).map(|agency| agency.id);
        for record in self.records_rows(agency) {
            let record = self.record_at(*record).map(|record| record.id);
            let case = record.and_then(|id| self.case_of_record(id));
            let case = case.and_then(|case| self.case_at(case));
            let sanctions = case.iter().flat_map(|case| &case.fact.sanctions);
            rows.extend(sanctions.filter_map(|sanction| self.sanction_row(sanction.id)));
        }
        // Incentives stand in cases about the body itself.
        let own = id.map_or(&[][..], |id| self.graph.casework.rows_of_agency(id));
        let own = own.iter().filter_map(|row| self.case_at(*row));
        let own = own.flat_map(|case| &case.fact.sanctions);
        rows.extend(own.filter_map(|sanction| self.sanction_row(sanction.id)));
        rows.sort_unstable_by_key(|row| self.sanction_at(*row).map(|(_, sanction)| sanction.id));
        self.page_sanctions(
            &("sanctions", id),
            &rows,
            predicate,
            &[],
            request,
            with_total,
        )
    }

    fn page_sanctions(
        &self,
        list: &dyn Debug,
        by_number: &[u32],
        predicate: &SanctionPredicate,
        order: &[(SanctionOrder, bool)],
        request: &PageRequest,
        with_total: bool,
    ) -> Result<Found, PageError> {
        let list = List {
            name: &(list, predicate),
            rows: by_number,
            kept: &[],
            matches: &|row| predicate.holds(self, row),
            key: &|row, order| self.sanction_key(row, order),
        };
        self.page_of(&list, order, request, with_total)
    }

    fn sanction_key(&self, row: u32, order: &[(SanctionOrder, bool)]) -> (Vec<Part>, i64) {
        let Some((_, sanction)) = self.graph.casework.sanction(row) else {
            return (Vec::new(), 0);
        };
        let part = |field: &SanctionOrder| match field {
            SanctionOrder::StartsOn => day(sanction.starts_on),
            SanctionOrder::EndsOn => day(sanction.ends_on),
        };
        (
            order.iter().map(|(field, _)| part(field)).collect(),
            sanction.id,
        )
    }
}
