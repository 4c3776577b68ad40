//! Scores of bodies, and warnings about them.

use std::{cmp::Reverse, collections::BTreeSet, sync::Arc};

use chrono::{Datelike, NaiveDate};
use domain::{
    assess::{Facts, Graded, Warning, WarningLevel},
    casework::Case,
    clue::Clue,
    date::china_offset,
    indicator::Indicator,
};

use crate::store::{Known, Resident};

use super::{
    Graph, Slots,
    column::{Column, Index},
};

/// Neither is ever taken away; rows stay.
#[derive(Debug, Clone, Default)]
pub(super) struct Assessed {
    /// Scores by the bodies' rows, side by side: who counts grades reads all of them.
    scores: Column<Option<Known<Graded>>>,
    warnings: Slots<Warning>,
    warning_by_id: Index<i64, u32>,
    /// Rows of the warnings about a body, by its number.
    warnings_of: Index<i64, Vec<u32>>,
    /// Open warnings by the bodies' rows, side by side as scores are.
    open: Column<Box<[OpenWarning]>>,
    /// Codes of red lines, by the numbers that open warnings have for them.
    red_lines: Arc<Vec<Box<str>>>,
    /// Warnings, the newest first, then by number.
    pub(super) order: Arc<Vec<u32>>,
    has_new: bool,
    has_moved: bool,
    /// The number of the newest version that changed a warning.
    moved_at: i64,
}

/// A warning that is open, as far as it is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OpenWarning {
    pub(super) red_line: u16,
    pub(super) level: WarningLevel,
    pub(super) raised_on: NaiveDate,
    /// After which day it is late to have it set right.
    pub(super) late_after: Option<NaiveDate>,
}

impl Assessed {
    /// Takes the score of the body in this row.
    pub(super) fn put_score(&mut self, agency: u32, new: Known<Graded>) {
        while self.scores.len() <= agency as usize {
            self.scores.push(None);
        }
        if let Some(slot) = self.scores.get_mut(agency) {
            *slot = Some(new);
        }
    }

    /// Takes a warning about the body in this row.
    pub(super) fn put_warning(&mut self, row_of_body: Option<u32>, new: Known<Warning>) {
        self.has_moved = true;
        let (id, agency, new) = (new.id, new.fact.agency, Arc::new(new));
        match self.warning_by_id.get(&id).copied() {
            Some(row) => {
                if let Some(slot) = self.warnings.get_mut(row) {
                    *slot = Some(new);
                }
            }
            None => {
                let row = self.warnings.push(Some(new));
                self.warning_by_id.insert(id, row);
                self.warnings_of.add(agency, row);
                self.has_new = true;
            }
        }
        if let Some(row) = row_of_body {
            self.count_open(row, agency);
        }
    }

    /// Counts the open warnings about the body in this row anew.
    fn count_open(&mut self, row: u32, agency: i64) {
        let rows = self.warnings_of.rows(&agency).iter();
        let warnings = rows.filter_map(|row| self.warnings.get(*row)?.as_ref());
        let warnings = warnings.filter(|warning| warning.fact.state.is_open());
        let (mut open, lines) = (Vec::new(), &mut self.red_lines);
        for warning in warnings {
            let code = &*warning.fact.red_line;
            let known = lines.iter().position(|line| &**line == code);
            let number = known.unwrap_or_else(|| {
                Arc::make_mut(lines).push(code.into());
                lines.len() - 1
            });
            // There are as many lines as a file of the catalogue draws.
            let Ok(red_line) = u16::try_from(number) else {
                continue;
            };
            let raised_at = warning.fact.raised_at.with_timezone(&china_offset());
            open.push(OpenWarning {
                red_line,
                level: warning.fact.level,
                raised_on: raised_at.date_naive(),
                late_after: warning.fact.late_after(),
            });
        }
        while self.open.len() <= row as usize {
            self.open.push(Box::default());
        }
        if let Some(slot) = self.open.get_mut(row) {
            *slot = open.into();
        }
    }

    /// Lays the order anew where something came, in the version with this number.
    pub(super) fn settle(&mut self, seq: i64) {
        if std::mem::take(&mut self.has_moved) {
            self.moved_at = seq;
        }
        if !std::mem::take(&mut self.has_new) {
            return;
        }
        let rows = self.warnings.iter().zip(0_u32..);
        let mut keyed: Vec<_> = rows
            .filter_map(|(slot, row)| {
                let warning = slot.as_ref()?;
                Some((
                    Reverse(warning.fact.raised_at.timestamp_micros()),
                    warning.id,
                    row,
                ))
            })
            .collect();
        keyed.sort_unstable();
        self.order = Arc::new(keyed.into_iter().map(|(.., row)| row).collect());
    }

    /// The score of the body in this row.
    pub(super) fn score(&self, agency: u32) -> Option<&Known<Graded>> {
        self.scores.get(agency)?.as_ref()
    }

    /// Open warnings about the body in this row.
    pub(super) fn open(&self, agency: u32) -> &[OpenWarning] {
        self.open.get(agency).map_or(&[], |open| open)
    }

    /// The codes of red lines by their numbers.
    pub(super) fn red_lines(&self) -> &[Box<str>] {
        &self.red_lines
    }

    pub(super) fn warning(&self, row: u32) -> Option<&Arc<Known<Warning>>> {
        self.warnings.get(row)?.as_ref()
    }

    pub(super) fn warning_row(&self, id: i64) -> Option<u32> {
        self.warning_by_id.get(&id).copied()
    }

    pub(super) fn rows_of(&self, agency: i64) -> &[u32] {
        self.warnings_of.rows(&agency)
    }
}

impl Graph {
    /// What a body is graded by, whoever asks.
    pub fn facts_of(&self, agency: i64) -> Option<Facts<'_>> {
        let body = self.agency(agency)?;
        let records = self.records_of.rows(&agency).iter();
        let records = records.filter_map(|row| self.records.get(*row)?.as_ref());
        let indicators = self.indicators_of.rows(&agency).iter();
        let indicators = indicators.filter_map(|row| self.indicators.get(*row)?.as_ref());
        Some(Facts {
            body: body.fact.kind,
            records: records.map(|known| (known.id, &known.fact.fact)).collect(),
            indicators: indicators
                .map(|known| (known.id, &known.fact.fact))
                .collect(),
        })
    }

    /// Whether anybody's measurement by this code was told that ended in a year.
    pub fn is_told(&self, code: &str, year: i32) -> bool {
        let years = self.told_years.get(code);
        years.is_some_and(|years| years.contains_key(&year))
    }

    /// Counts the measurements of a code and year otherwise.
    pub(super) fn count_told(&mut self, indicator: &Indicator, otherwise: impl Fn(u32) -> u32) {
        let codes = Arc::make_mut(&mut self.told_years);
        let years = codes.entry(indicator.code.clone()).or_default();
        let year = indicator.period_to.year();
        match otherwise(years.get(&year).copied().unwrap_or(0)) {
            0 => drop(years.remove(&year)),
            count => drop(years.insert(year, count)),
        }
    }

    /// Whether measurements of other years are told than in another version: what somebody lacks hangs on that.
    pub(super) fn tells_of_other_years(&self, other: &Self) -> bool {
        let keys = |graph: &Self| -> BTreeSet<(String, i32)> {
            let codes = graph.told_years.iter();
            let keys =
                codes.flat_map(|(code, years)| years.keys().map(|year| (code.clone(), *year)));
            keys.collect()
        };
        !Arc::ptr_eq(&self.told_years, &other.told_years) && keys(self) != keys(other)
    }

    /// The leads about a body, whoever asks.
    pub fn clues_about(&self, agency: i64) -> Vec<&Clue> {
        let clues = self.clues_of.rows(&agency).iter();
        let clues = clues.filter_map(|row| self.clues.get(*row)?.as_ref());
        clues.map(|known| &known.fact.fact).collect()
    }

    /// The cases about a body that are not over, with their numbers, whoever asks.
    pub fn open_cases_about(&self, agency: i64) -> Vec<(i64, &Case)> {
        let records = self.records_of.rows(&agency).iter();
        let records = records.filter_map(|row| Some(self.records.get(*row)?.as_ref()?.id));
        let records = records.filter_map(|id| self.case_row_of_record(id));
        let clues = self.clues_of.rows(&agency).iter();
        let clues = clues.filter_map(|row| Some(self.clues.get(*row)?.as_ref()?.id));
        let clues = clues.filter_map(|id| self.case_row_of_clue(id));
        let own = self.casework.rows_of_agency(agency).iter().copied();
        // A lead's case may be its record's, too.
        let rows: BTreeSet<u32> = records.chain(clues).chain(own).collect();
        let cases = rows.into_iter().filter_map(|row| self.casework.case(row));
        let cases = cases.map(|known| (known.id, &known.fact));
        // A lead that names several may have led to a record about another one.
        let is_meant = |(_, case): &(i64, &Case)| self.subjects_of(case).contains(&agency);
        let open = cases.filter(|(_, case)| !self.is_final(case));
        open.filter(is_meant).collect()
    }

    /// How a body is graded, whoever asks.
    pub fn graded(&self, agency: i64) -> Option<&Known<Graded>> {
        self.assessed.score(*self.agency_by_id.get(&agency)?)
    }

    /// The newest warning about a body by a red line, whoever asks.
    pub fn last_warning(&self, agency: i64, red_line: &str) -> Option<&Arc<Known<Warning>>> {
        let rows = self.assessed.rows_of(agency).iter();
        let warnings = rows.filter_map(|row| self.assessed.warning(*row));
        let by_line = warnings.filter(|warning| warning.fact.red_line == red_line);
        by_line.max_by_key(|warning| warning.fact.episode)
    }

    /// The warnings about a body whose cause stands, whoever asks.
    pub fn caused_warnings(&self, agency: i64) -> impl Iterator<Item = &Arc<Known<Warning>>> {
        let rows = self.assessed.rows_of(agency).iter();
        let warnings = rows.filter_map(|row| self.assessed.warning(*row));
        warnings.filter(|warning| warning.fact.is_caused)
    }

    /// The warning with this number, whoever asks.
    pub fn warning(&self, id: i64) -> Option<&Arc<Known<Warning>>> {
        self.assessed.warning(self.assessed.warning_row(id)?)
    }

    /// The number of the newest version that changed a warning.
    pub(super) fn warnings_moved_at(&self) -> i64 {
        self.assessed.moved_at
    }

    /// The number of the newest version in which bodies or events moved.
    pub(super) fn ends_moved_at(&self) -> i64 {
        self.ends_moved_at
    }

    /// Numbers of all bodies, whoever asks.
    pub fn all_agencies(&self) -> impl Iterator<Item = i64> {
        self.agencies.iter().map(|agency| agency.id)
    }

    /// The bodies that a fact is about, before it is taken: whose score or warnings may change by it.
    pub(super) fn concerned(&self, fact: &Resident) -> Vec<i64> {
        let record = |id: &i64| {
            let known = self.record(*id)?;
            known.fact.fact.subject.agency()
        };
        match fact {
            Resident::Agency(new) => vec![new.id],
            Resident::Record(new) => {
                let now = new.fact.fact.subject.agency();
                now.into_iter().chain(record(&new.id)).collect()
            }
            Resident::RecordEnded(id) => record(id).into_iter().collect(),
            Resident::Indicator(new) => vec![new.fact.fact.agency_id],
            Resident::IndicatorEnded(id) => {
                let row = self.indicator_by_id.get(id).copied();
                let known = row.and_then(|row| self.indicators.get(row)?.as_ref());
                known
                    .map(|known| known.fact.fact.agency_id)
                    .into_iter()
                    .collect()
            }
            Resident::Clue(new) => new.fact.fact.agency_ids.clone(),
            Resident::ClueEnded(id) => {
                let known = self.clue(*id);
                known.map_or_else(Vec::new, |known| known.fact.fact.agency_ids.clone())
            }
            Resident::Case(new) => self.subjects_of(&new.fact),
            // Whoever wrote it may have looked at an earlier version.
            Resident::Score(new) => vec![new.fact.agency],
            Resident::Warning(new) => vec![new.fact.agency],
            _ => Vec::new(),
        }
    }
}
