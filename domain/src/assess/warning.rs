//! Warnings (预警): what stands of a crossed red line, from the day it is raised until its cause is gone.
//!
//! It changes by events alone, of which each holds the warning after it.

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{
    calendar::{Calendar, Due},
    date::china_day,
    id::{Kind, stable_id},
    viewer::Role,
};

use super::red_line::Edition;

mod next;

/// How serious it is: 蓝 黄 橙 红.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum WarningLevel {
    /// 蓝色
    #[default]
    Blue,
    /// 黄色
    Yellow,
    /// 橙色
    Orange,
    /// 红色
    Red,
}

crate::text_enum!(WarningLevel {
    Blue => "BLUE",
    Yellow => "YELLOW",
    Orange => "ORANGE",
    Red => "RED",
});
crate::text_serde!(WarningLevel);

/// Where a warning stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WarningState {
    /// 新预警: nobody has taken it up.
    New,
    /// 已签收
    Acknowledged,
    /// 整改中
    Rectifying,
    /// 已解除: its cause is gone, or who supervises says so.
    Resolved,
    /// 已排除: it was none, with a reason.
    Dismissed,
}

crate::text_enum!(WarningState {
    New => "NEW",
    Acknowledged => "ACKNOWLEDGED",
    Rectifying => "RECTIFYING",
    Resolved => "RESOLVED",
    Dismissed => "DISMISSED",
});
crate::text_serde!(WarningState);

/// What is done about one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WarningAct {
    /// 发出
    Raise,
    /// Its cause is another: worse, better, or by other records.
    Follow,
    /// Its cause is gone, or that of a newer warning.
    Clear,
    /// 升级: it goes a step further up.
    Escalate,
    /// Its day is counted anew, the year's working days being known.
    Recount,
    /// 签收
    Acknowledge,
    /// 整改
    Rectify,
    /// 解除
    Resolve,
    /// 排除
    Dismiss,
}

crate::text_enum!(WarningAct {
    Raise => "RAISE",
    Follow => "FOLLOW",
    Clear => "CLEAR",
    Escalate => "ESCALATE",
    Recount => "RECOUNT",
    Acknowledge => "ACKNOWLEDGE",
    Rectify => "RECTIFY",
    Resolve => "RESOLVE",
    Dismiss => "DISMISS",
});
crate::text_serde!(WarningAct);

/// Working days within which something is to be done about a warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// To acknowledge a new one.
    pub answer_within: u32,
    /// To begin to set one right that is acknowledged.
    pub begin_within: u32,
    /// To have one set right, once that has begun.
    pub rectify_within: u32,
    /// After which it goes a step further up, again and again.
    pub escalates_after: u32,
}

/// A warning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// The body that is warned about, by its number.
    pub agency: i64,
    /// Code of the red line.
    pub red_line: String,
    /// The how-manieth time the body stands across this line, from 1.
    pub episode: u32,
    /// The red lines by which it came to be what it is.
    pub edition: Edition,
    /// How serious it is.
    pub level: WarningLevel,
    /// Where it stands.
    pub state: WarningState,
    /// What it says.
    pub message: String,
    /// Facts or points behind it.
    pub count: Decimal,
    /// Numbers of the records behind it.
    pub records: Vec<i64>,
    /// Numbers that tell its causes apart, where those of the records don't.
    pub causes: Vec<i64>,
    /// Numbers of the bodies that have, or had, in hand the cases behind it, rising.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub handlers: Vec<i64>,
    /// Of the causes the ones about which somebody closed a warning before: they alone don't keep this one open.
    pub settled: Vec<i64>,
    /// When it was raised.
    pub raised_at: DateTime<Utc>,
    /// When it was closed.
    pub closed_at: Option<DateTime<Utc>>,
    /// Its terms, as the red line had them when it was raised, or became more serious.
    pub terms: Terms,
    /// The day in China on which its term began.
    pub since: NaiveDate,
    /// By when the next thing is to be done: to acknowledge it, to begin, to have it set right; none once it is closed.
    pub due_on: Option<NaiveDate>,
    /// Whether that day may still move.
    pub due_is_provisional: bool,
    /// How many steps up it went.
    pub escalations: u32,
    /// How many of them since its term began.
    pub steps: u32,
    /// Whether its cause stands, whatever became of the warning; of several by one line the newest one's alone.
    pub is_caused: bool,
    /// How many events it has: its version.
    pub events: u32,
}

/// What happened to a warning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WarningEvent {
    /// Its number, from 1.
    pub number: u32,
    /// What was done.
    pub act: WarningAct,
    /// When.
    pub at: DateTime<Utc>,
    /// The token's subject; the hub itself is `hub`.
    pub by: String,
    /// In which words.
    pub note: Option<String>,
    /// The warning after it.
    pub after: Warning,
}

/// Why something can't be done with a warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WarningRefused {
    /// It does not follow where the warning stands.
    WrongState,
    /// It needs a reason.
    NeedsNote,
}

impl WarningState {
    /// Whether somebody still has to do something about it.
    pub fn is_open(self) -> bool {
        matches!(self, Self::New | Self::Acknowledged | Self::Rectifying)
    }
}

impl WarningAct {
    /// Who may do it; the hub's own acts are nobody's.
    pub fn is_for(self, role: Role) -> bool {
        match self {
            Self::Acknowledge | Self::Rectify => {
                matches!(role, Role::Agency | Role::Authority | Role::Government)
            }
            Self::Resolve | Self::Dismiss => matches!(role, Role::Authority | Role::Government),
            _ => false,
        }
    }
}

impl Warning {
    /// Its stable number: the same, whichever process raises it.
    pub fn number(&self) -> i64 {
        let (agency, episode) = (self.agency.to_string(), self.episode.to_string());
        stable_id(Kind::Warning, &[&agency, &self.red_line, &episode])
    }

    /// What somebody does about it.
    pub fn act(
        &self,
        act: WarningAct,
        by: &str,
        note: Option<String>,
        at: DateTime<Utc>,
        calendar: &Calendar,
    ) -> Result<WarningEvent, WarningRefused> {
        use WarningState as S;
        let state = match (act, self.state) {
            (WarningAct::Acknowledge, S::New) => S::Acknowledged,
            (WarningAct::Rectify, S::New | S::Acknowledged) => S::Rectifying,
            (WarningAct::Resolve, S::New | S::Acknowledged | S::Rectifying) => S::Resolved,
            (WarningAct::Dismiss, S::New | S::Acknowledged | S::Rectifying) => S::Dismissed,
            _ => return Err(WarningRefused::WrongState),
        };
        if note.is_none() && act != WarningAct::Acknowledge {
            return Err(WarningRefused::NeedsNote);
        }
        let mut after = self.clone();
        match state.is_open() {
            true => after.begin(state, china_day(at), calendar),
            false => after.close(state, at),
        }
        Ok(after.event(act, at, by, note))
    }

    /// Whether its day is over.
    pub fn is_overdue(&self, on: NaiveDate) -> bool {
        !self.due_is_provisional && self.due_on.is_some_and(|due| due < on)
    }

    /// Whether what was to be done in its state is late on a day, whatever further days it had since.
    pub fn is_late(&self, on: NaiveDate) -> bool {
        self.is_overdue(on) || self.state.is_open() && self.steps > 0
    }

    /// The day after which it is late to have it set right, whatever further days it had since; none where nobody is
    /// setting it right, or where that day may still move.
    pub fn late_after(&self) -> Option<NaiveDate> {
        let first = match self.steps {
            0 => self.due_on.filter(|_| !self.due_is_provisional),
            // The term was over when it first went up.
            _ => Some(self.since),
        };
        first.filter(|_| self.state == WarningState::Rectifying)
    }

    /// Working days that are left after a day until it is due; none where no term runs, or where it runs into a
    /// year whose working days are not known.
    pub fn days_left(&self, calendar: &Calendar, on: NaiveDate) -> Option<u32> {
        let due = self.due_on.filter(|_| !self.due_is_provisional)?;
        calendar.working_days_after(on, due)
    }

    /// The numbers that tell its causes apart.
    fn told_apart(&self) -> &[i64] {
        match self.causes.is_empty() {
            true => &self.records,
            false => &self.causes,
        }
    }

    /// Takes a state in which something is to be done, with a term of its own.
    fn begin(&mut self, state: WarningState, on: NaiveDate, calendar: &Calendar) {
        self.state = state;
        self.since = on;
        self.steps = 0;
        self.set_due(self.due(calendar));
    }

    fn close(&mut self, state: WarningState, at: DateTime<Utc>) {
        self.state = state;
        self.closed_at = Some(at);
        self.set_due(None);
    }

    /// By when the next thing is to be done, as far up as it went.
    fn due(&self, calendar: &Calendar) -> Option<Due> {
        let first = match self.state {
            WarningState::New => self.terms.answer_within,
            WarningState::Acknowledged => self.terms.begin_within,
            WarningState::Rectifying => self.terms.rectify_within,
            WarningState::Resolved | WarningState::Dismissed => return None,
        };
        let days = first + self.steps * self.terms.escalates_after;
        Some(calendar.add_working_days(self.since, days))
    }

    fn set_due(&mut self, due: Option<Due>) {
        self.due_on = due.map(Due::date);
        self.due_is_provisional = due.is_some_and(Due::is_provisional);
    }

    fn event(
        mut self,
        act: WarningAct,
        at: DateTime<Utc>,
        by: &str,
        note: Option<String>,
    ) -> WarningEvent {
        self.events += 1;
        WarningEvent {
            number: self.events,
            act,
            at,
            by: by.to_owned(),
            note,
            after: self,
        }
    }
}

#[cfg(test)]
mod tests;
