//! Red lines (红线): what a body is warned about, and from when on how seriously.

use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;

use crate::{
    agency::AgencyKind,
    casework::Case,
    clue::{Clue, ClueStage},
    date::china_day,
};

use super::{
    condition::{Condition, Fact},
    evaluate::Facts,
    pack::{Of, RulePack},
    warning::WarningLevel,
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
    /// How serious crossing it is.
    pub level: WarningLevel,
    /// Kinds of bodies that it is drawn for; all where none is named.
    pub bodies: Vec<AgencyKind>,
    /// Working days within which the warning is to be acknowledged.
    pub answer_within: u32,
    /// Working days after which it goes a step further up.
    pub escalates_after: u32,
    /// Who is warned.
    pub warns: Vec<Warned>,
    /// What crosses it.
    pub trigger: Trigger,
    /// From so many on it is more serious, rising.
    pub worse: Vec<Worse>,
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
}

crate::text_enum!(Warned {
    SelfBody => "SELF",
    Superior => "SUPERIOR",
    Competent => "COMPETENT",
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
    /// Its running period is over; by a provisional day nobody is late.
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// How serious it is.
    pub level: WarningLevel,
    /// Facts, or points.
    pub count: Decimal,
    /// Numbers of the records behind it, rising.
    pub records: Vec<i64>,
}

/// All that red lines look at, of one body.
pub struct Standing<'a> {
    /// Records and measurements.
    pub facts: &'a Facts<'a>,
    /// Leads about it.
    pub clues: &'a [&'a Clue],
    /// Cases about it that are not over.
    pub cases: &'a [&'a Case],
    /// The default pack.
    pub pack: &'a RulePack,
    /// Code of its grade by it.
    pub grade: &'a str,
    /// Its score by the default pack.
    pub score: Decimal,
    /// That score so many days before.
    pub score_before: &'a dyn Fn(u32) -> Decimal,
}

impl RedLine {
    /// Whether the body stands across the line on a day, and how seriously.
    pub fn look(&self, standing: &Standing<'_>, on: NaiveDate) -> Option<Alarm> {
        let facts = standing.facts;
        if !self.bodies.is_empty() && !self.bodies.contains(&facts.body) {
            return None;
        }
        let (count, mut records) = match &self.trigger {
            Trigger::Records { of, when, at_least } => {
                let crossing = facts.records.iter().filter(|(_, record)| {
                    of.takes(record, on) && when.holds(Fact::Record(record), on)
                });
                let records: Vec<i64> = crossing.map(|(id, _)| *id).collect();
                (enough(records.len(), *at_least)?, records)
            }
            Trigger::Indicators { when, at_least } => {
                let crossing = facts
                    .indicators
                    .iter()
                    .filter(|(_, one)| one.period_to <= on && when.holds(Fact::Indicator(one), on));
                (enough(crossing.count(), *at_least)?, Vec::new())
            }
            Trigger::Clues {
                channels,
                days,
                at_least,
            } => {
                let since = on.checked_sub_days(Days::new(u64::from(*days)))?;
                let recent = standing.clues.iter().filter(|clue| {
                    let day = china_day(clue.received_at);
                    let waits = matches!(
                        clue.stage,
                        ClueStage::Received | ClueStage::Transferred | ClueStage::Verifying
                    );
                    waits
                        && (channels.is_empty() || channels.contains(&clue.channel))
                        && since < day
                        && day <= on
                });
                (enough(recent.count(), *at_least)?, Vec::new())
            }
            Trigger::Cases { trouble, workflows } => {
                let meant = standing.cases.iter().filter(|case| {
                    (workflows.is_empty() || workflows.contains(&case.workflow))
                        && trouble.is_in(case, on)
                });
                let meant: Vec<_> = meant.collect();
                let records = meant.iter().filter_map(|case| case.about.record).collect();
                (enough(meant.len(), 1)?, records)
            }
            Trigger::Grade(at_most) => {
                let place = |code: &str| standing.pack.grade(code);
                let is_bad = place(at_most).is_some_and(|most| place(standing.grade) >= Some(most));
                (enough(usize::from(is_bad), 1)?, Vec::new())
            }
            Trigger::Fall { points, days } => {
                let fell = (standing.score_before)(*days) - standing.score;
                (Some(fell).filter(|fell| fell >= points)?, Vec::new())
            }
        };
        records.sort_unstable();
        let reached = |worse: &&Worse| count >= worse.at_least;
        let worse = self.worse.iter().rev().find(reached);
        Some(Alarm {
            level: worse.map_or(self.level, |worse| worse.level),
            count: count.normalize(),
            records,
        })
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

fn enough(count: usize, at_least: usize) -> Option<Decimal> {
    (count >= at_least).then(|| count.into())
}

impl CaseTrouble {
    /// Whether a case has it on a day.
    pub fn is_in(self, case: &Case, on: NaiveDate) -> bool {
        match self {
            Self::Overdue => case.is_overdue(on),
            Self::OrderUnanswered => {
                let late = |order: &crate::casework::Order| {
                    order.answered_on.is_none() && order.due_on < on
                };
                case.orders.iter().any(late)
            }
        }
    }
}
