//! What a division looks like to who supervises it: counts over all below it that he may see.

use std::{cmp::Reverse, collections::BTreeMap, ops::Range};

use chrono::{Datelike, NaiveDate};
use domain::{
    assess::{GradeCode, WarningLevel},
    credit_record::CreditRecordStatus,
    division::DivisionCode,
};
use rust_decimal::Decimal;

use super::{
    super::{assess::OpenWarning, glance::Glance, tally::month_of},
    View,
};

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
    /// Of these the ones that are being set right and were not in time.
    pub overdue_warnings: usize,
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
    /// Its number.
    pub agency: i64,
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
    /// Bodies below a division that are not abolished, and of which the viewer may know how they are graded: their
    /// places in the order of the tree, and what is counted of them.
    fn bodies_below(&self, division: DivisionCode) -> impl Iterator<Item = (usize, &Glance)> {
        let bounds = self.divisions().subtree(division).unwrap_or(0..0);
        let stretches = self.stretches(self.rules.assessment, Some(bounds));
        // Where one rule holds for bodies and scores, a body's place has told already.
        let is_told = self.rules.agency == self.rules.assessment && self.candidates_are_seen();
        let day = self.day();
        let bodies = stretches.into_iter().flatten().filter_map(|place| {
            let glance = self.graph.glances.at(place)?;
            Some((place, glance))
        });
        bodies.filter(move |(place, glance)| {
            glance.is_there(day) && (is_told || self.sees_score(self.graph.order.agencies[*place]))
        })
    }

    /// Open warnings about the body in this place, which the viewer sees.
    fn open_warnings(&self, place: usize, glance: &Glance) -> impl Iterator<Item = &OpenWarning> {
        let open = match glance.has_warnings {
            true => self.graph.assessed.open(self.graph.order.agencies[place]),
            false => &[],
        };
        let open = open.iter();
        open.filter(|warning| self.has_begun(Some(warning.raised_on)))
    }

    /// How many bodies of a division and all below it are counted.
    pub fn count_bodies(&self, division: DivisionCode) -> usize {
        self.bodies_below(division).count()
    }

    /// Totals of a division and all below it. Grades, warnings and cases are those that stand in this version.
    pub fn totals(&self, division: DivisionCode) -> Totals {
        let (mut totals, today) = (Totals::default(), self.day());
        for (place, glance) in self.bodies_below(division) {
            totals.agencies += 1;
            if let Some(grade) = glance.grade {
                totals.graded += 1;
                *totals.grades.entry(grade).or_default() += 1;
            }
            for warning in self.open_warnings(place, glance) {
                *totals.warnings.entry(warning.level).or_default() += 1;
                let is_late = warning.late_after.is_some_and(|day| day < today);
                totals.overdue_warnings += usize::from(is_late);
            }
        }
        self.count_cases(division, &mut totals);
        totals
    }

    /// Open cases about bodies that are counted below a division.
    fn count_cases(&self, division: DivisionCode, totals: &mut Totals) {
        let day = self.day();
        let bounds = self.divisions().subtree(division).unwrap_or(0..0);
        let is_within = |agency: &i64| {
            let row = self.graph.agency_by_id.get(agency).copied();
            row.is_some_and(|row| {
                let place = self.graph.agency_division.get(row);
                let glance = self.graph.glances.of(row);
                place.is_some_and(|place| bounds.contains(&(*place as usize)))
                    && glance.is_some_and(|glance| glance.is_there(day))
                    && self.sees_score(row)
            })
        };
        let rows = self.graph.casework.order.iter();
        let open = rows.filter(|row| self.is_case_open(**row));
        for case in open.filter_map(|row| self.case_at(*row)) {
            if !self.graph.subjects_of(&case.fact).iter().any(is_within) {
                continue;
            }
            totals.open_cases += 1;
            totals.overdue_cases += usize::from(case.fact.is_overdue(day));
            let tasks = case.fact.tasks.iter();
            let late = tasks.filter(|task| task.is_owed() && task.due_on < day);
            totals.overdue_rectifications += late.count();
        }
    }

    /// Records of the last months about bodies below a division, the oldest month first; of this one, too.
    pub fn months_of_records(&self, division: DivisionCode, months: usize) -> Vec<MonthOfRecords> {
        let last = month_of(self.day());
        let first = last + 1 - i32::try_from(months).unwrap_or(1);
        let tally = self.graph.tally();
        let mut found = vec![(0, 0); months];
        // By the rule of their body its records are seen with it.
        let are_told = self.rules.credit_record == self.rules.agency && self.candidates_are_seen();
        for (place, _) in self.bodies_below(division) {
            for at in tally.starts[place] as usize..tally.starts[place + 1] as usize {
                let month = tally.months[at] as i32 + tally.first_month - first;
                let slot = usize::try_from(month).ok().and_then(|at| found.get_mut(at));
                let Some(slot) = slot else { continue };
                let holds = match are_told {
                    true => Some(tally.statuses[at] == CreditRecordStatus::Active as u8),
                    false => self.record_at(tally.rows[at]).map(|record| {
                        self.status_of(&record.fact.fact) == CreditRecordStatus::Active
                    }),
                };
                slot.0 += usize::from(holds.is_some());
                slot.1 += usize::from(holds == Some(true));
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

    /// The bodies below a division whose scores rose or fell most, the furthest first, then in the order of the
    /// tree, by the scores of this version.
    pub fn movers(&self, division: DivisionCode, falling: bool, count: usize) -> Vec<Mover> {
        let moved = self.bodies_below(division).filter_map(|(place, glance)| {
            let by = glance.moved;
            let is_meant = !by.is_zero() && by.is_sign_negative() == falling;
            is_meant.then_some((Reverse(by.abs()), place))
        });
        let mut moved: Vec<_> = moved.collect();
        if count < moved.len() {
            moved.select_nth_unstable(count);
            moved.truncate(count);
        }
        moved.sort_unstable();
        let mover = |(_, place): (_, usize)| {
            let row = self.graph.order.agencies[place];
            let graded = &self.graph.assessed.score(row)?.fact;
            Some(Mover {
                agency: graded.agency,
                before: graded.before,
                after: graded.score,
            })
        };
        moved.into_iter().filter_map(mover).collect()
    }

    /// Open warnings by red line and by the divisions right below one, itself for its own bodies; by the
    /// line's code, then in the order of the tree.
    pub fn heat(&self, division: DivisionCode) -> Vec<Heat> {
        let (tree, red_lines) = (self.divisions(), self.graph.assessed.red_lines());
        let Some(whole) = tree.subtree(division) else {
            return Vec::new();
        };
        let mut found: BTreeMap<(&str, usize), (usize, WarningLevel)> = BTreeMap::new();
        // Bodies come in the order of the tree, so the division right below is looked up once for all of its.
        let mut below = 0..0;
        let starts = &self.graph.order.division_starts;
        for (place, glance) in self.bodies_below(division) {
            if !glance.has_warnings {
                continue;
            }
            let lies_in = starts.partition_point(|start| *start as usize <= place) - 1;
            if !below.contains(&lies_in) {
                below = self.child_at(&whole, lies_in);
            }
            for warning in self.open_warnings(place, glance) {
                let red_line = &*red_lines[usize::from(warning.red_line)];
                let slot = found
                    .entry((red_line, below.start))
                    .or_insert((0, warning.level));
                slot.0 += 1;
                slot.1 = slot.1.max(warning.level);
            }
        }
        let heat = |((red_line, place), (warnings, level)): ((&str, usize), _)| Heat {
            red_line: red_line.to_owned(),
            division: tree.at(place).code,
            warnings,
            level,
        };
        found.into_iter().map(heat).collect()
    }

    /// The part of the tree that the division right below a whole is in which a place lies; the place of the
    /// whole's own bodies for these.
    fn child_at(&self, whole: &Range<usize>, place: usize) -> Range<usize> {
        let mut at = whole.start + 1;
        while at < whole.end && place > whole.start {
            let child = self.divisions().subtree_at(at);
            if child.contains(&place) {
                return child;
            }
            at = child.end.max(at + 1);
        }
        whole.start..whole.start + 1
    }
}
