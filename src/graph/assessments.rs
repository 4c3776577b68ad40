//! Assessments, put together of the lines that tell of them: found by their number and by the body.

use std::{collections::BTreeSet, sync::Arc};

use chrono::NaiveDate;
use domain::{
    assessment::AssessmentLine,
    division::DivisionCode,
    id::{Kind, stable_id},
    uscc::Uscc,
};

use crate::store::{Known, Listing, Published};

use super::{
    Graph, Slots,
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
    /// Rows of the lines about a division itself.
    lines_in: Index<DivisionCode, Vec<u32>>,
    /// What was made public, by the assessments' numbers.
    publications: Index<i64, Arc<Known<Published>>>,
    /// Numbers of the assessments of a body that were.
    published_at: Index<Uscc, Vec<u32>>,
}

/// Of an assessment's lines and their versions: it fits into 31 bits, so that clients can name it.
pub(super) fn stamp<'a>(lines: impl Iterator<Item = &'a Line>) -> i64 {
    let parts: Vec<String> = lines
        .map(|line| format!("{} {}", line.id, line.version))
        .collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    stable_id(Kind::Assessment, &parts) >> 32
}

impl Graph {
    /// The version of the decision to publish an assessment, of whatever lines; 0 where there is none.
    pub fn publication_version(&self, number: i64) -> i64 {
        let known = self.assessments.publications.get(&number);
        known.map_or(0, |known| known.version)
    }

    /// Whether anybody may read an assessment of the body in this row on a day.
    pub(super) fn has_public_assessment(&self, row: u32, today: NaiveDate) -> bool {
        let code = self.agencies.get(row).map(|agency| agency.fact.uscc);
        let by_others = code.is_some_and(|code| self.assessments.has_public(&code, today));
        by_others || self.is_in_public_campaign(row, today)
    }
}

pub(super) type Line = Arc<Known<Listing<AssessmentLine>>>;

impl Assessments {
    pub(super) fn put(&mut self, new: Known<Listing<AssessmentLine>>) {
        self.end(new.id);
        let id = new.id;
        let line = &new.fact.fact;
        let (number, uscc, division) = (
            line.assessment_id(&new.fact.source),
            line.uscc,
            line.division,
        );
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
        match (uscc, division) {
            (Some(uscc), _) => self.lines_at.add(uscc, row),
            (None, Some(division)) => self.lines_in.add(division, row),
            (None, None) => {}
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
            match (&line.uscc, &line.division) {
                (Some(uscc), _) => self.lines_at.remove(uscc, row),
                (None, Some(division)) => self.lines_in.remove(division, row),
                (None, None) => {}
            }
        }
        if let Some(slot) = self.lines.get_mut(row) {
            *slot = None;
        }
    }

    /// Takes a decision to publish; its assessment came before it.
    pub(super) fn publish(&mut self, new: Known<Published>) {
        let number = new.id;
        let uscc = self
            .lines(number)
            .first()
            .and_then(|line| line.fact.fact.uscc);
        if let (Some(uscc), Some(row)) = (uscc, self.row(number)) {
            self.published_at.add(uscc, row);
        }
        self.publications.insert(number, Arc::new(new));
    }

    /// The decision by which an assessment is public as it stands now.
    pub(super) fn publication(&self, number: i64) -> Option<&Known<Published>> {
        let known = self.publications.get(&number)?;
        let lines = self.lines(number);
        (stamp(lines.into_iter()) == known.fact.stamp).then_some(&**known)
    }

    /// Whether anybody may read an assessment on a day.
    pub(super) fn is_public(&self, number: i64, today: NaiveDate) -> bool {
        let known = self.publication(number);
        known.is_some_and(|known| known.fact.publication.from <= today)
    }

    /// Whether anybody may read one of a body on a day.
    pub(super) fn has_public(&self, agency: &Uscc, today: NaiveDate) -> bool {
        let mut rows = self.published_at.rows(agency).iter();
        rows.any(|row| {
            self.number(*row)
                .is_some_and(|number| self.is_public(number, today))
        })
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
        self.rows_of(self.lines_at.rows(agency))
    }

    /// The rows of the assessments of a division itself.
    pub(super) fn rows_in(&self, division: DivisionCode) -> BTreeSet<u32> {
        self.rows_of(self.lines_in.rows(&division))
    }

    fn rows_of(&self, lines: &[u32]) -> BTreeSet<u32> {
        let lines = self.filled(lines).into_iter();
        let numbers = lines.map(|line| line.fact.fact.assessment_id(&line.fact.source));
        numbers.filter_map(|number| self.row(number)).collect()
    }

    fn filled(&self, rows: &[u32]) -> Vec<&Line> {
        let lines = rows.iter().filter_map(|row| self.lines.get(*row)?.as_ref());
        lines.collect()
    }
}
