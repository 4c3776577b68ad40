//! What a division looks like to who supervises it: counts over all below it that he may see.

use std::{cmp::Reverse, collections::BTreeMap, ops::Range};

use chrono::{Datelike, NaiveDate};
use domain::{
    assess::{GradeCode, Graded, WarningLevel},
    credit_record::CreditRecordStatus,
    division::DivisionCode,
};
use rust_decimal::Decimal;

use super::{super::tally::month_of, View};

/// Totals of an area.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    /// Bodies that are not abolished.
    pub agencies: usize,
    /// Of these the graded ones.
    pub graded: usize,
    /// Bodies by grade.
    pub grades: BTreeMap<GradeCode, usize>,
    /// Warnings that are open, by level.
    pub warnings: BTreeMap<WarningLevel, usize>,
    /// Cases that are not over.
    pub open_cases: usize,
    /// Of these the ones whose period is over.
    pub overdue_cases: usize,
    /// Tasks of rectification that are not accepted and whose day is over.
    pub overdue_rectifications: usize,
}

/// Records of one month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MonthOfRecords {
    /// The month's first day.
    pub month: NaiveDate,
    /// Records that were determined in it.
    pub added: usize,
    /// Of these the ones that hold.
    pub holding: usize,
}

/// A body whose score moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mover {
    /// Its row.
    pub row: u32,
    pub before: Decimal,
    pub after: Decimal,
}

/// Open warnings by one red line in one division below.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heat {
    pub red_line: String,
    pub division: DivisionCode,
    pub warnings: usize,
    /// The most serious of them.
    pub level: WarningLevel,
}

impl View {
    /// Rows of the bodies below a division that are not abolished, and of which the viewer may know how they
    /// are graded.
    fn graded_below(&self, division: DivisionCode) -> impl Iterator<Item = (u32, Option<&Graded>)> {
        let bounds = self.below(division);
        let stretches = self.stretches(self.rules.assessment, Some(bounds));
        let order = &self.graph.order.agencies;
        let rows = stretches
            .into_iter()
            .flat_map(move |part| order[part].iter().copied());
        let seen = rows.filter(|row| self.is_there(*row) && self.sees_score(*row));
        seen.map(|row| (row, self.graded(row).map(|known| &known.fact)))
    }

    /// The part of the tree that a division and all below it are.
    fn below(&self, division: DivisionCode) -> Range<usize> {
        self.divisions().subtree(division).unwrap_or(0..0)
    }

    /// Whether the body in this row is not abolished.
    fn is_there(&self, row: u32) -> bool {
        let agency = self.graph.agencies.get(row);
        agency.is_some_and(|agency| agency.fact.abolished_on.is_none_or(|on| on > self.day()))
    }

    /// Whether a body lies there, is not abolished, and the viewer may know how it is graded.
    fn is_within(&self, bounds: &Range<usize>, agency: i64) -> bool {
        let row = self.graph.agency_by_id.get(&agency).copied();
        row.is_some_and(|row| {
            let place = self.graph.agency_division.get(row);
            place.is_some_and(|place| bounds.contains(&(*place as usize)))
                && self.is_there(row)
                && self.sees_score(row)
        })
    }

    /// Totals of a division and all below it.
    pub fn totals(&self, division: DivisionCode) -> Totals {
        let mut totals = Totals::default();
        let (day, bounds) = (self.day(), self.below(division));
        for (_, graded) in self.graded_below(division) {
            totals.agencies += 1;
            if let Some(graded) = graded {
                totals.graded += 1;
                *totals.grades.entry(graded.grade).or_default() += 1;
            }
        }
        for row in self.graph.assessed.order.iter() {
            let Some(warning) = self.warning_at(*row) else {
                continue;
            };
            let fact = &warning.fact;
            if fact.state.is_open() && self.is_within(&bounds, fact.agency) {
                *totals.warnings.entry(fact.level).or_default() += 1;
            }
        }
        for row in self.graph.casework.order.iter() {
            let Some(case) = self.case_at(*row).filter(|case| self.is_open(&case.fact)) else {
                continue;
            };
            let bodies = self.graph.subjects_of(&case.fact);
            if !bodies.iter().any(|body| self.is_within(&bounds, *body)) {
                continue;
            }
            totals.open_cases += 1;
            totals.overdue_cases += usize::from(case.fact.is_overdue(day));
            let tasks = case.fact.tasks.iter();
            let late = tasks.filter(|task| task.accepted_on.is_none() && task.due_on < day);
            totals.overdue_rectifications += late.count();
        }
        totals
    }

    /// Records of the last months about bodies below a division, the oldest month first; of this one, too.
    pub fn months_of_records(&self, division: DivisionCode, months: usize) -> Vec<MonthOfRecords> {
        let last = month_of(self.day());
        let first = last + 1 - i32::try_from(months).unwrap_or(1);
        let bounds = self.below(division);
        let mut found = vec![(0, 0); months];
        for row in self.graph.order.records.iter() {
            let Some(record) = self.graph.records.get(*row).and_then(Option::as_ref) else {
                continue;
            };
            let fact = &record.fact.fact;
            let month = month_of(fact.identified_on);
            // They stand newest first.
            if month < first {
                break;
            }
            let is_meant = month <= last
                && fact
                    .subject
                    .agency()
                    .is_some_and(|agency| self.is_within(&bounds, agency))
                && self.record_at(*row).is_some();
            if is_meant && let Some(slot) = found.get_mut((month - first) as usize) {
                slot.0 += 1;
                slot.1 += usize::from(self.status_of(fact) == CreditRecordStatus::Active);
            }
        }
        let month = |(at, (added, holding)): (usize, (usize, usize))| {
            let month = first + i32::try_from(at).unwrap_or(0);
            let day =
                NaiveDate::from_ymd_opt(month.div_euclid(12), month.rem_euclid(12) as u32 + 1, 1);
            MonthOfRecords {
                month: day.unwrap_or_else(|| self.day().with_day(1).unwrap_or(self.day())),
                added,
                holding,
            }
        };
        found.into_iter().enumerate().map(month).collect()
    }

    /// The bodies below a division whose scores rose or fell most, the furthest first.
    pub fn movers(&self, division: DivisionCode, falling: bool, count: usize) -> Vec<Mover> {
        let moved = self.graded_below(division).filter_map(|(row, graded)| {
            let graded = graded?;
            let by = graded.score - graded.before;
            let is_meant = !by.is_zero() && by.is_sign_negative() == falling;
            is_meant.then_some((Reverse(by.abs()), row, graded))
        });
        let mut moved: Vec<_> = moved.collect();
        let count = count.min(moved.len());
        let key = |one: &(Reverse<Decimal>, u32, &Graded)| (one.0, one.2.agency);
        if count < moved.len() {
            moved.select_nth_unstable_by_key(count, key);
            moved.truncate(count);
        }
        moved.sort_unstable_by_key(key);
        let mover = |(_, row, graded): (_, u32, &Graded)| Mover {
            row,
            before: graded.before,
            after: graded.score,
        };
        moved.into_iter().map(mover).collect()
    }

    /// Open warnings by red line and by the divisions right below one, itself for its own bodies; by the
    /// line's code, then in the order of the tree.
    pub fn heat(&self, division: DivisionCode) -> Vec<Heat> {
        let (tree, bounds) = (self.divisions(), self.below(division));
        let mut found: BTreeMap<(String, usize), (usize, WarningLevel)> = BTreeMap::new();
        for row in self.graph.assessed.order.iter() {
            let Some(warning) = self.warning_at(*row) else {
                continue;
            };
            let fact = &warning.fact;
            if !fact.state.is_open() || !self.is_within(&bounds, fact.agency) {
                continue;
            }
            let Some(agency) = self.graph.agency(fact.agency) else {
                continue;
            };
            let own = agency.fact.division;
            let mut below = std::iter::once(own).chain(tree.ancestors(own).map(|above| above.code));
            let place = below
                .find(|code| {
                    *code == division || tree.get(*code).is_some_and(|d| d.parent == Some(division))
                })
                .and_then(|code| tree.position(code));
            let Some(place) = place else { continue };
            let slot = found
                .entry((fact.red_line.clone(), place))
                .or_insert((0, fact.level));
            slot.0 += 1;
            slot.1 = slot.1.max(fact.level);
        }
        let heat = |((red_line, place), (warnings, level)): ((String, usize), _)| Heat {
            red_line,
            division: tree.at(place).code,
            warnings,
            level,
        };
        found.into_iter().map(heat).collect()
    }
}
