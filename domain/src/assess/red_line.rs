//! Red lines (红线): what a body is warned about, and from when on how seriously.

mod look;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{agency::AgencyKind, casework::Case, clue::Clue};

use super::{
    condition::Condition,
    evaluate::{Facts, Scored},
    pack::{Of, RulePack},
    warning::{Terms, WarningLevel},
};

/// One red line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedLine {
    /// Such as `RL-COURT`.
    pub code: String,
    /// What it is called.
    pub title: String,
    /// What the warning says, with places for `{agency}`, `{count}`, `{points}` and `{grade}`.
    pub message: String,
    /// What it rests on.
    pub legal_basis: String,
    /// Whether the article's text was at hand.
    pub verified: bool,
    /// The first day on which it is drawn.
    pub from: NaiveDate,
    /// The last one.
    pub to: Option<NaiveDate>,
    /// The file that draws it.
    pub edition: Edition,
    /// How serious crossing it is.
    pub level: WarningLevel,
    /// Kinds of bodies that it is drawn for; all where none is named.
    pub bodies: Vec<AgencyKind>,
    /// Its terms.
    pub terms: Terms,
    /// Who is warned.
    pub warns: Vec<Warned>,
    /// What crosses it.
    pub trigger: Trigger,
    /// From so many on it is more serious, rising.
    pub worse: Vec<Worse>,
}

/// Which edition of the red lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edition {
    /// As it calls itself.
    pub version: String,
    /// SHA-256 of its file, in hexadecimal.
    pub digest: String,
}

/// Who is warned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Warned {
    /// The body itself.
    SelfBody,
    /// Its superior.
    Superior,
    /// Its competent departments.
    Competent,
    /// Who has in hand the cases by which the line is crossed.
    Handler,
}

crate::text_enum!(Warned {
    SelfBody => "SELF",
    Superior => "SUPERIOR",
    Competent => "COMPETENT",
    Handler => "HANDLER",
});

/// Another level from so many on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worse {
    /// Facts, or points.
    pub at_least: Decimal,
    /// The level.
    pub level: WarningLevel,
}

/// What is wrong with a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CaseTrouble {
    /// A running period is over; by a provisional day nobody is late.
    Overdue,
    /// A 督办书 was not answered by its day.
    OrderUnanswered,
}

crate::text_enum!(CaseTrouble { Overdue => "OVERDUE", OrderUnanswered => "ORDER_UNANSWERED" });

/// What crosses a red line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trigger {
    /// So many records.
    Records {
        /// How they stand.
        of: Of,
        /// Which ones.
        when: Condition,
        /// How many.
        at_least: usize,
    },
    /// So many measurements.
    Indicators {
        /// Which ones.
        when: Condition,
        /// How many.
        at_least: usize,
    },
    /// That there is no such measurement, once one of its year was told of anybody.
    Missing {
        /// What is measured.
        code: String,
        /// Which ones are enough.
        when: Condition,
        /// Of how many years before the day's.
        years_ago: i32,
        /// From which month and day of the year on it is missing.
        from: (u32, u32),
    },
    /// So many leads of late that wait for their verification. They are unconfirmed: this is attention, no blame.
    Clues {
        /// Of these channels; of all where none is named.
        channels: Vec<String>,
        /// In the last days.
        days: u32,
        /// How many.
        at_least: usize,
    },
    /// A case in trouble.
    Cases {
        /// Which trouble.
        trouble: CaseTrouble,
        /// On these tracks; on all where none is named.
        workflows: Vec<String>,
    },
    /// A grade of the default pack that is this or worse, by its code.
    Grade(String),
    /// The default pack's score fell so far within so many days.
    Fall {
        /// Points.
        points: Decimal,
        /// Days.
        days: u32,
    },
}

/// What stands against a red line on a day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Alarm {
    /// How serious it is.
    pub level: WarningLevel,
    /// Facts, or points.
    pub count: Decimal,
    /// Numbers of the records behind it, rising.
    pub records: Vec<i64>,
    /// Numbers that tell its causes apart, rising, where those of the records don't.
    pub causes: Vec<i64>,
    /// Numbers of the bodies that have in hand the cases behind it, rising.
    pub handlers: Vec<i64>,
    /// Of leads, which are too many to be told apart: how many are enough, and since when so many have been coming.
    pub enough: Option<(Decimal, DateTime<Utc>)>,
}

/// All that red lines look at, of one body.
pub struct Standing<'a> {
    /// Records and measurements.
    pub facts: &'a Facts<'a>,
    /// The day it was founded.
    pub established_on: Option<NaiveDate>,
    /// Whether anybody's measurement by this code was told of a year.
    pub is_told: &'a dyn Fn(&str, i32) -> bool,
    /// Leads about it.
    pub clues: &'a [&'a Clue],
    /// Cases about it that are not over, each with its number.
    pub cases: &'a [(i64, &'a Case)],
    /// Whether an order (督办书) can be answered where a case stands, by its track.
    pub may_answer: &'a dyn Fn(&Case) -> bool,
    /// The default pack.
    pub pack: &'a RulePack,
    /// What it makes of the body.
    pub scored: &'a Scored,
    /// The body's score by it so many days before.
    pub score_before: &'a dyn Fn(u32) -> Decimal,
}

impl RedLine {
    /// Whether it is drawn on a day.
    pub fn is_in_force(&self, on: NaiveDate) -> bool {
        self.from <= on && self.to.is_none_or(|to| on <= to)
    }

    /// What the warning says.
    pub fn message(&self, agency: &str, alarm: &Alarm, grade: &str) -> String {
        let count = alarm.count.to_string();
        self.message
            .replace("{agency}", agency)
            .replace("{count}", &count)
            .replace("{points}", &count)
            .replace("{grade}", grade)
    }
}

impl Alarm {
    /// The numbers that tell its causes apart.
    pub fn told_apart(&self) -> &[i64] {
        match self.causes.is_empty() {
            true => &self.records,
            false => &self.causes,
        }
    }

    /// Whether this is one of the numbers that tell its causes apart.
    pub(super) fn has(&self, cause: i64) -> bool {
        self.told_apart().binary_search(&cause).is_ok()
    }
}

#[cfg(test)]
mod tests;
