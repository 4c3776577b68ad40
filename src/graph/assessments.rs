//! Assessments, put together of the lines that tell of them: found by their number and by the body.

use std::{collections::BTreeSet, sync::Arc};

use domain::{assessment::AssessmentLine, uscc::Uscc};

use crate::store::{Known, Listing};

use super::{
    Slots,
    column::{Column, Index},
};

/// An assessment is there as long as it has a line; its row stays.
#[derive(Debug, Clone, Default)]
pub(super) struct Assessments {
    lines: Slots<Listing<AssessmentLine>>,
    line_by_id: Index<i64, u32>,
    /// The assessments' stable numbers.
    numbers: Column<i64>,
    row_by_number: Index<i64, u32>,
    /// Rows of an assessment's lines, by its number.
    lines_of: Index<i64, Vec<u32>>,
    /// Rows of the lines about a body, by its code.
    lines_at: Index<Uscc, Vec<u32>>,
}

pub(super) type Line = Arc<Known<Listing<AssessmentLine>>>;

impl Assessments {
    pub(super) fn put(&mut self, new: Known<Listing<AssessmentLine>>) {
        self.end(new.id);
        let id = new.id;
        let line = &new.fact.fact;
        let (number, uscc) = (line.assessment_id(&new.fact.source), line.uscc);
        let row = match self.line_by_id.get(&id).copied() {
            Some(row) => {
                if let Some(slot) = self.lines.get_mut(row) {
                    *slot = Some(Arc::new(new));
                }
                row
            }
            None => {
                let row = self.lines.push(Some(Arc::new(new)));
                self.line_by_id.insert(id, row);
                row
            }
        };
        if self.row_by_number.get(&number).is_none() {
            let place = self.numbers.push(number);
            self.row_by_number.insert(number, place);
        }
        self.lines_of.add(number, row);
        if let Some(uscc) = uscc {
            self.lines_at.add(uscc, row);
        }
    }

    pub(super) fn end(&mut self, id: i64) {
        let Some(row) = self.line_by_id.get(&id).copied() else {
            return;
        };
        if let Some(old) = self.lines.get(row).cloned().flatten() {
            let line = &old.fact.fact;
            self.lines_of
                .remove(&line.assessment_id(&old.fact.source), row);
            if let Some(uscc) = &line.uscc {
                self.lines_at.remove(uscc, row);
            }
        }
        if let Some(slot) = self.lines.get_mut(row) {
            *slot = None;
        }
    }

    /// The number of the assessment in this row.
    pub(super) fn number(&self, row: u32) -> Option<i64> {
        self.numbers.get(row).copied()
    }

    /// The row of the assessment with this number.
    pub(super) fn row(&self, number: i64) -> Option<u32> {
        self.row_by_number.get(&number).copied()
    }

    /// An assessment's lines: that of the whole first, then by indicators.
    pub(super) fn lines(&self, number: i64) -> Vec<&Line> {
        let mut lines = self.filled(self.lines_of.rows(&number));
        lines.sort_unstable_by_key(|line| (&line.fact.fact.indicator, line.id));
        lines
    }

    /// The rows of the assessments of a body.
    pub(super) fn rows_at(&self, agency: &Uscc) -> BTreeSet<u32> {
        let lines = self.filled(self.lines_at.rows(agency)).into_iter();
        let numbers = lines.map(|line| line.fact.fact.assessment_id(&line.fact.source));
        numbers.filter_map(|number| self.row(number)).collect()
    }

    fn filled(&self, rows: &[u32]) -> Vec<&Line> {
        let lines = rows.iter().filter_map(|row| self.lines.get(*row)?.as_ref());
        lines.collect()
    }
}
