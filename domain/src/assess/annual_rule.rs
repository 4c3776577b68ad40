//! By which calendar bodies are assessed for a year, and the yearly report to the standing committee of the
//! people's congress (本级人民代表大会常务委员会) is handed in.

use chrono::{Days, NaiveDate};

use crate::calendar::{Calendar, Due};

/// What holds for the assessments of some years.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnnualRule {
    /// The first year that is assessed by it.
    pub from_year: i32,
    /// The last one.
    pub to_year: Option<i32>,
    /// The day of the year after on which an assessment may be opened at the earliest, as month and day.
    pub opens: (u32, u32),
    /// Working days in which bodies may object to their scores.
    pub objection_days: u32,
    /// The day of the year after on which the standing committee meets, where nothing else is said.
    pub meets: (u32, u32),
    /// What the assessment rests on.
    pub legal_basis: String,
    /// Whether the texts named were read.
    pub verified: bool,
    /// What is due before the meeting, the first first.
    pub steps: Vec<ReportStep>,
}

/// One thing that is due before the meeting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportStep {
    /// Its key.
    pub key: String,
    /// What is to be done.
    pub title: String,
    /// How many calendar days before the meeting, which is not counted.
    pub days_before: u32,
    /// What it rests on.
    pub legal_basis: String,
    /// Whether the article was read.
    pub verified: bool,
}

/// Time in which bodies may object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The day on which it is opened; the first working day that counts follows it.
    pub from: NaiveDate,
    /// Its last day.
    pub last: Due,
}

impl AnnualRule {
    /// Whether a year is assessed by it.
    pub fn is_for(&self, year: i32) -> bool {
        self.from_year <= year && self.to_year.is_none_or(|to| year <= to)
    }

    /// The earliest day on which the assessment of a year may be opened.
    pub fn opens_on(&self, year: i32) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(year + 1, self.opens.0, self.opens.1)
    }

    /// The day on which the standing committee hears of a year, where nothing else is said.
    pub fn meets_on(&self, year: i32) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(year + 1, self.meets.0, self.meets.1)
    }
}

impl ReportStep {
    /// The last day on which it is done in time for a meeting.
    pub fn due_on(&self, meeting: NaiveDate) -> NaiveDate {
        let before = meeting.checked_sub_days(Days::new(self.days_before.into()));
        before.unwrap_or(meeting)
    }
}

impl Window {
    /// Of so many working days.
    pub fn new(from: NaiveDate, days: u32, calendar: &Calendar) -> Self {
        Self {
            from,
            last: calendar.add_working_days(from, days),
        }
    }

    /// Whether it is open on a day. Nobody is late by a day that may still move.
    pub fn is_open(&self, on: NaiveDate) -> bool {
        self.from <= on && !self.is_over(on)
    }

    /// Whether it is over.
    pub fn is_over(&self, on: NaiveDate) -> bool {
        !self.last.is_provisional() && self.last.date() < on
    }
}
