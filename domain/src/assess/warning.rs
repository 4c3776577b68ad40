//! Warnings (预警): what stands of a crossed red line, from the day it is raised until its cause is gone.
//!
//! It changes by events alone, of which each holds the warning after it.

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{
    calendar::{Calendar, Due},
    id::{Kind, stable_id},
    viewer::Role,
};

use super::red_line::{Alarm, RedLine};

/// How serious it is: 蓝 黄 橙 红.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum WarningLevel {
    /// 蓝色
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

/// A warning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// The body that is warned about, by its number.
    pub agency: i64,
    /// Code of the red line.
    pub red_line: String,
    /// The how-manieth time the body stands across this line, from 1.
    pub episode: u32,
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
    /// When it was raised.
    pub raised_at: DateTime<Utc>,
    /// The day in China on which its term began.
    pub since: NaiveDate,
    /// By when it is to be acknowledged; none once it is.
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

    /// What the hub does about a red line on a day: nothing where all is as it was.
    ///
    /// `last` is the body's newest warning by this line, `alarm` what stands against the line now. A cause
    /// that is there without a break is warned about once; when somebody closed the warning, again only if
    /// it gets worse, and from there on the cause is that of the new one alone.
    pub fn next(
        last: Option<&Self>,
        alarm: Option<&Alarm>,
        line: &RedLine,
        about: (i64, &str, &str),
        calendar: &Calendar,
        (at, on): (DateTime<Utc>, NaiveDate),
    ) -> Vec<WarningEvent> {
        let (agency, name, grade) = about;
        let term = |days: u32, since: NaiveDate| calendar.add_working_days(since, days);
        let hub = |act: WarningAct, after: Self| vec![after.event(act, at, "hub", None)];
        let raise = |alarm: &Alarm, episode: u32| {
            let due = term(line.answer_within, on);
            hub(
                WarningAct::Raise,
                Self {
                    agency,
                    red_line: line.code.clone(),
                    episode,
                    level: alarm.level,
                    state: WarningState::New,
                    message: line.message(name, alarm, grade),
                    count: alarm.count,
                    records: alarm.records.clone(),
                    raised_at: at,
                    since: on,
                    due_on: Some(due.date()),
                    due_is_provisional: due.is_provisional(),
                    escalations: 0,
                    steps: 0,
                    is_caused: true,
                    events: 0,
                },
            )
        };
        let (last, alarm) = match (last, alarm) {
            (None, None) => return Vec::new(),
            (None, Some(alarm)) => return raise(alarm, 1),
            (Some(last), None) if last.is_caused => return vec![last.cleared(at)],
            (Some(_), None) => return Vec::new(),
            (Some(last), Some(alarm)) => (last, alarm),
        };
        if !last.state.is_open() {
            if last.is_caused && alarm.level <= last.level {
                return Vec::new();
            }
            let ended = last.is_caused.then(|| last.cleared(at));
            let next = raise(alarm, last.episode + 1);
            return ended.into_iter().chain(next).collect();
        }
        let mut after = last.clone();
        let message = line.message(name, alarm, grade);
        let now = (alarm.level, alarm.count, &alarm.records, &message);
        if now != (last.level, last.count, &last.records, &last.message) {
            after.message = message;
            after.count = alarm.count;
            after.records.clone_from(&alarm.records);
            after.level = alarm.level;
            if alarm.level > last.level {
                // It is to be acknowledged anew.
                after.state = WarningState::New;
                after.since = on;
                after.steps = 0;
                after.set_due(term(line.answer_within, on));
            }
            return hub(WarningAct::Follow, after);
        }
        let days = line.answer_within + last.steps * line.escalates_after;
        let due = last.due_on.map(|_| term(days, last.since));
        match due {
            Some(due)
                if last.due_is_provisional
                    && (Some(due.date()), due.is_provisional()) != (last.due_on, true) =>
            {
                after.set_due(due);
                hub(WarningAct::Recount, after)
            }
            Some(Due::Firm(day)) if day < on => {
                after.escalations += 1;
                after.steps += 1;
                after.set_due(term(days + line.escalates_after, last.since));
                hub(WarningAct::Escalate, after)
            }
            _ => Vec::new(),
        }
    }

    /// Its cause is gone, or another warning's, or its red line is drawn no longer.
    pub fn cleared(&self, at: DateTime<Utc>) -> WarningEvent {
        let mut after = self.clone();
        after.is_caused = false;
        if after.state.is_open() {
            after.state = WarningState::Resolved;
            after.settle();
        }
        after.event(WarningAct::Clear, at, "hub", None)
    }

    /// What somebody does about it.
    pub fn act(
        &self,
        act: WarningAct,
        by: &str,
        note: Option<String>,
        at: DateTime<Utc>,
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
        after.state = state;
        after.settle();
        Ok(after.event(act, at, by, note))
    }

    /// Whether its day is over.
    pub fn is_overdue(&self, on: NaiveDate) -> bool {
        !self.due_is_provisional && self.due_on.is_some_and(|due| due < on)
    }

    fn settle(&mut self) {
        self.due_on = None;
        self.due_is_provisional = false;
    }

    fn set_due(&mut self, due: Due) {
        self.due_on = Some(due.date());
        self.due_is_provisional = due.is_provisional();
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
