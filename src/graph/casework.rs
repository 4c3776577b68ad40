//! Cases, with the measures, applications and objections that stand in them.

use std::{cmp::Reverse, sync::Arc};

use domain::casework::{Case, Sanction};

use crate::store::Known;

use super::{
    Slots,
    column::{Column, Index},
};

/// A case is never taken away; its row stays.
#[derive(Debug, Clone, Default)]
pub(super) struct Casework {
    cases: Slots<Case>,
    /// Whether each case is over, by row.
    is_over: Column<bool>,
    by_id: Index<i64, u32>,
    /// Rows of the cases of a lead, likewise.
    of_clue: Index<i64, Vec<u32>>,
    /// Rows of the cases about a record: of each body that it was about one.
    of_record: Index<i64, Vec<u32>>,
    /// Rows of the cases that are about a body alone.
    of_agency: Index<i64, Vec<u32>>,
    /// Rows of the matters to which a record or a warning gave occasion.
    of_occasion: Index<i64, Vec<u32>>,
    /// Sanctions by row: whose case, and the how-manieth there.
    sanctions: Column<(u32, u32)>,
    /// Rows of sanctions by their numbers.
    sanction_row: Index<i64, u32>,
    /// Rows of cases by the numbers of applications and objections in them.
    part_row: Index<i64, u32>,
    /// Cases, the newest first, then by number.
    pub(super) order: Arc<Vec<u32>>,
    /// Sanctions by number.
    pub(super) sanction_order: Arc<Vec<u32>>,
    has_new: bool,
}

impl Casework {
    /// Takes a case, of which somebody else knows whether its stage is one that ends it.
    pub(super) fn put(&mut self, new: Known<Case>, is_over: bool) {
        let new = Arc::new(new);
        let case = &new.fact;
        let row = match self.by_id.get(&new.id).copied() {
            Some(row) => {
                if let Some(slot) = self.cases.get_mut(row) {
                    *slot = Some(Arc::clone(&new));
                }
                if let Some(slot) = self.is_over.get_mut(row) {
                    *slot = is_over;
                }
                row
            }
            None => {
                let row = self.cases.push(Some(Arc::clone(&new)));
                self.is_over.push(is_over);
                self.by_id.insert(new.id, row);
                if let Some(agency) = case.about.agency {
                    self.of_agency.add(agency, row);
                }
                if let Some(occasion) = case.about.regarding {
                    self.of_occasion.add(occasion.id(), row);
                }
                self.has_new = true;
                row
            }
        };
        if let Some(clue) = case.about.clue {
            self.of_clue.add(clue, row);
        }
        if let Some(record) = case.about.record {
            self.of_record.add(record, row);
        }
        for (at, sanction) in case.sanctions.iter().enumerate() {
            if self.sanction_row.get(&sanction.id).is_none() {
                let place = self.sanctions.push((row, at as u32));
                self.sanction_row.insert(sanction.id, place);
                self.has_new = true;
            }
        }
        let repairs = case.repairs.iter().map(|repair| repair.id);
        let objections = case.objections.iter().map(|objection| objection.id);
        for id in repairs.chain(objections) {
            self.part_row.insert(id, row);
        }
    }

    /// Lays the orders anew where something came.
    pub(super) fn settle(&mut self) {
        if !std::mem::take(&mut self.has_new) {
            return;
        }
        let rows = self.cases.iter().zip(0_u32..);
        let mut keyed: Vec<_> = rows
            .filter_map(|(slot, row)| {
                let case = slot.as_ref()?;
                Some((Reverse(case.fact.opened_on), case.id, row))
            })
            .collect();
        keyed.sort_unstable();
        self.order = Arc::new(keyed.into_iter().map(|(.., row)| row).collect());
        let mut rows: Vec<(i64, u32)> = (0..self.sanctions.len() as u32)
            .filter_map(|row| Some((self.sanction(row)?.1.id, row)))
            .collect();
        rows.sort_unstable();
        self.sanction_order = Arc::new(rows.into_iter().map(|(_, row)| row).collect());
    }

    pub(super) fn case(&self, row: u32) -> Option<&Arc<Known<Case>>> {
        self.cases.get(row)?.as_ref()
    }

    /// Whether the case in this row is over: its stage is one that ends it.
    pub(super) fn is_over(&self, row: u32) -> bool {
        self.is_over.get(row).copied().unwrap_or(false)
    }

    pub(super) fn row(&self, id: i64) -> Option<u32> {
        self.by_id.get(&id).copied()
    }

    pub(super) fn rows_of_clue(&self, clue: i64) -> &[u32] {
        self.of_clue.rows(&clue)
    }

    pub(super) fn rows_of_record(&self, record: i64) -> &[u32] {
        self.of_record.rows(&record)
    }

    pub(super) fn rows_of_agency(&self, agency: i64) -> &[u32] {
        self.of_agency.rows(&agency)
    }

    /// Rows of the matters to which a record or a warning gave occasion.
    pub(super) fn rows_of_matters(&self, occasion: i64) -> &[u32] {
        self.of_occasion.rows(&occasion)
    }

    /// The case of the application or objection with this number.
    pub(super) fn row_of_part(&self, id: i64) -> Option<u32> {
        self.part_row.get(&id).copied()
    }

    /// The sanction in a row, with its case's row.
    pub(super) fn sanction(&self, row: u32) -> Option<(u32, &Sanction)> {
        let (case, at) = *self.sanctions.get(row)?;
        let sanction = self.case(case)?.fact.sanctions.get(at as usize)?;
        Some((case, sanction))
    }

    pub(super) fn sanction_row(&self, id: i64) -> Option<u32> {
        self.sanction_row.get(&id).copied()
    }
}
