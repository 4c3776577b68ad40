//! Assessments as a viewer sees them.

use std::{cmp::Reverse, collections::BTreeSet, fmt::Debug};

use chrono::NaiveDate;
use domain::{
    access::RowRule,
    assessment::{AssessmentKind, AssessmentLine},
    division::DivisionCode,
};

use crate::store::{Known, Published};

use super::{
    super::{
        PageError, PageRequest,
        assessments::{Line, stamp},
        page::{Paged, Part},
    },
    Found, View, find,
};

/// Stands in a list of assessments for what the rules make of the body on the day of which is told.
pub const CONTINUOUS: u32 = u32::MAX;

/// An assessment's row behind what orders it: the last day of its period, the latest first, and its number.
type Keyed = (Reverse<NaiveDate>, i64, u32);

/// An assessment with its lines, of which there is one at least.
#[derive(Debug, Clone)]
pub struct SeenAssessment {
    pub number: i64,
    /// That of the whole first, where there is one.
    pub lines: Vec<Line>,
}

impl SeenAssessment {
    /// Another number whenever a line of it is another.
    pub fn stamp(&self) -> i64 {
        stamp(self.lines.iter())
    }

    /// A line that says what all have in common.
    pub fn common(&self) -> Option<&AssessmentLine> {
        self.lines.first().map(|line| &line.fact.fact)
    }
}

impl View {
    /// Since when the assessment with this number is public, by which decision.
    pub fn publication_of(&self, number: i64) -> Option<&Known<Published>> {
        self.graph.assessments.publication(number)
    }

    /// The assessment in this row, if the viewer may see it.
    pub fn assessment_at(&self, row: u32) -> Option<SeenAssessment> {
        let number = self.graph.assessments.number(row)?;
        let lines = self.graph.assessments.lines(number);
        let lines: Vec<Line> = lines.into_iter().cloned().collect();
        let seen = SeenAssessment { number, lines };
        self.sees_assessment(&seen, seen.common()?).then_some(seen)
    }

    /// The row of the assessment with this number, if the viewer may see it.
    pub fn assessment_row(&self, number: i64) -> Option<u32> {
        let row = self.graph.assessments.row(number)?;
        self.assessment_at(row).map(|_| row)
    }

    /// One of a body is seen only where the body itself is; one of a division as what lies there.
    /// Where only what is public is seen, rights are measured by today, and the lines must be those that were decided
    /// on, of whatever time is told.
    fn sees_assessment(&self, seen: &SeenAssessment, line: &AssessmentLine) -> bool {
        let rule = self.rules.assessment;
        let is_public = || {
            let present = &self.present.assessments;
            let decided = present.publication(seen.number);
            let is_told = decided.is_some_and(|known| known.fact.stamp == seen.stamp());
            is_told && present.is_public(seen.number, self.today)
        };
        if rule == RowRule::Published && !is_public() {
            return false;
        }
        if !self.has_begun(Some(line.period_to)) {
            return false;
        }
        match (&line.uscc, line.division) {
            (Some(uscc), _) => {
                let row = self.agency_row_by_uscc(uscc);
                row.is_some_and(|row| rule == RowRule::Published || self.agency_passes(rule, row))
            }
            (None, Some(_)) if rule == RowRule::Published => true,
            (None, Some(division)) => {
                let place = self.divisions().position(division);
                place.is_some_and(|place| self.place_passes(rule, place))
            }
            (None, None) => false,
        }
    }

    /// Those of these rows that may be seen, with what orders them: the latest period first.
    fn seen_assessments(&self, rows: BTreeSet<u32>) -> Vec<Keyed> {
        let keyed = rows.into_iter().filter_map(|row| {
            let seen = self.assessment_at(row)?;
            Some((Reverse(seen.common()?.period_to), seen.number, row))
        });
        keyed.collect()
    }

    /// The assessments of a division itself, those of the latest period first.
    pub fn assessments_in(
        &self,
        division: DivisionCode,
        request: &PageRequest,
        with_total: bool,
    ) -> Result<Found, PageError> {
        let keyed = self.seen_assessments(self.graph.assessments.rows_in(division));
        self.page_of_assessments(
            keyed,
            &("assessments", division.to_string()),
            request,
            with_total,
        )
    }

    /// An agency's assessments of these kinds, those of the latest period first. Annual ones are handed over, with
    /// the last days of their periods and their numbers: they stand in rows from right below [`CONTINUOUS`] down.
    pub fn assessments_of(
        &self,
        agency: u32,
        kinds: Option<&[AssessmentKind]>,
        annual: &[(NaiveDate, i64)],
        request: &PageRequest,
        with_total: bool,
    ) -> Result<Found, PageError> {
        let known = self.agency_at(agency);
        let id = known.map(|agency| agency.id);
        let wants = |kind| kinds.is_none_or(|kinds| kinds.contains(&kind));
        let mut keyed = match wants(AssessmentKind::ThirdParty) {
            true => known.map_or_else(Vec::new, |agency| {
                let rows = self.graph.assessments.rows_at(&agency.fact.uscc);
                self.seen_assessments(rows)
            }),
            false => Vec::new(),
        };
        if wants(AssessmentKind::Continuous) && self.facts(agency).is_some() {
            keyed.push((Reverse(self.day()), i64::MAX, CONTINUOUS));
        }
        let annual = annual.iter().zip(1_u32..);
        keyed.extend(annual.map(|((on, id), at)| (Reverse(*on), *id, CONTINUOUS - at)));
        self.page_of_assessments(keyed, &("assessments", id, kinds), request, with_total)
    }

    fn page_of_assessments(
        &self,
        mut keyed: Vec<Keyed>,
        of: &dyn Debug,
        request: &PageRequest,
        with_total: bool,
    ) -> Result<Found, PageError> {
        keyed.sort_unstable();
        let rows: Vec<u32> = keyed.iter().map(|(.., row)| *row).collect();
        let key = |row: u32| {
            let known = keyed.iter().find(|(.., other)| *other == row);
            known.map_or((Vec::new(), 0), |(day, number, _)| {
                (vec![Part::Text(day.0.to_string())], *number)
            })
        };
        find(
            &Paged {
                ordering: self.ordering(of, &[("period", true)]),
                rows: &rows,
                key: &key,
                matches: &|_| true,
            },
            request,
            with_total,
        )
    }
}
