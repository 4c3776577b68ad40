//! A case: what its events made of it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{
    Actor, Event, Objection, ObjectionState, Order, Reminder, Repair, RepairState, Sanction, Shown,
    Stage, Task,
};
use crate::case_number::CaseNumber;
use crate::credit_record::{CreditRecordKind, CreditRecordStatus, Tier};

mod apply;
mod written;

/// What a case is about, by stable numbers: a lead and what came of it, a record, or a body alone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// A lead.
    pub clue: Option<i64>,
    /// A record.
    pub record: Option<i64>,
    /// A body.
    pub agency: Option<i64>,
    /// Of a matter of oversight: what gave occasion to it.
    #[serde(default)]
    pub regarding: Option<Regarding>,
}

/// What gave occasion to a matter of oversight, beside the body that is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Regarding {
    /// A record, by its number.
    Record(i64),
    /// A warning, by its number.
    Warning(i64),
}

impl Regarding {
    /// The number of what gave occasion; those of records and warnings never meet.
    pub fn id(self) -> i64 {
        match self {
            Self::Record(id) | Self::Warning(id) => id,
        }
    }
}

/// A period that runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Running {
    /// The rule's key.
    pub rule: String,
    /// The day before its first.
    pub since: NaiveDate,
    /// Its last day.
    pub on: NaiveDate,
    /// Whether that day may still move.
    pub is_provisional: bool,
    /// Whether it was extended.
    pub is_extended: bool,
}

impl Running {
    /// Whether it is over on a day. By a day that may still move nobody is late.
    pub fn is_over(&self, on: NaiveDate) -> bool {
        !self.is_provisional && self.on < on
    }
}

/// What verification found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Finding {
    /// 属实
    Founded,
    /// 不属实
    Unfounded,
}

crate::text_enum!(Finding { Founded => "FOUNDED", Unfounded => "UNFOUNDED" });
crate::text_serde!(Finding);

/// What casework says of the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publicity {
    /// The catalogue item.
    pub item: String,
    /// Its kind.
    pub kind: CreditRecordKind,
    /// Its grade.
    pub tier: Option<Tier>,
    /// Whether somebody graded it; else its grade is the list's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_graded: bool,
    /// The day of determination.
    pub identified_on: NaiveDate,
    /// How it stands.
    pub status: CreditRecordStatus,
    /// How it is shown.
    pub shown: Shown,
    /// Whether only its source ends it.
    pub is_mirrored: bool,
    /// Since when it is shown.
    pub published_on: Option<NaiveDate>,
    /// When it ended.
    pub ended_on: Option<NaiveDate>,
    /// Why.
    pub end_ground: Option<String>,
    /// The number of the last event by which it held again, after it had ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revived_by: Option<u32>,
    /// The body that it is about, which is all that the case is for; none of an official's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<i64>,
    /// The number of the event by which it stands.
    #[serde(default)]
    pub since: u32,
}

/// A case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// Its workflow's key.
    pub workflow: String,
    /// The workflow's version, by which it goes to its end.
    pub workflow_version: String,
    /// What it is about.
    pub about: About,
    /// Where it stands.
    pub stage: Stage,
    /// When it began.
    pub opened_on: NaiveDate,
    /// The day by which the source of its lead promised an answer.
    #[serde(default)]
    pub promised_on: Option<NaiveDate>,
    /// How many events it has: its version.
    pub events: u32,
    /// Who began it.
    pub opened_by: Option<Actor>,
    /// The body that has it in hand.
    pub handler: Option<i64>,
    /// The period that runs; objections and applications have their own.
    pub running: Option<Running>,
    /// What verification found.
    pub finding: Option<Finding>,
    /// Its tasks.
    pub tasks: Vec<Task>,
    /// 督办书.
    pub orders: Vec<Order>,
    /// What casework says of the record, once there is one.
    pub record: Option<Publicity>,
    /// Its sanctions.
    pub sanctions: Vec<Sanction>,
    /// Applications for repair.
    pub repairs: Vec<Repair>,
    /// Objections.
    pub objections: Vec<Objection>,
    /// Who was reminded of what.
    #[serde(default)]
    pub reminders: Vec<Reminder>,
    /// Of a prewarning: the number of the case by which the body may be listed, as its basis names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case_number: Option<CaseNumber>,
    /// When the debtor last reported that he performed; the court has still to remove what it listed.
    #[serde(default)]
    pub performed_on: Option<NaiveDate>,
}

impl Case {
    /// The case that these events made.
    pub fn replay<'a>(events: impl IntoIterator<Item = &'a Event>) -> Self {
        let mut case = Self::default();
        for event in events {
            case.apply(event);
        }
        case
    }

    /// The case as one more event leaves it.
    pub fn after(&self, event: &Event) -> Self {
        let mut case = self.clone();
        case.apply(event);
        case
    }

    /// Whether somebody objects and nobody has decided.
    pub fn is_under_objection(&self) -> bool {
        let mut objections = self.objections.iter();
        objections.any(|objection| objection.state == ObjectionState::Filed)
    }

    /// Whether measures stand back for an objection that waits: the first one. Who objects again can't hold them back
    /// for ever.
    pub fn stands_back_for_objection(&self) -> bool {
        self.is_under_objection() && self.objections.len() == 1
    }

    /// Whether a task was refused, by this body where one is known.
    pub fn is_refused(&self, body: Option<i64>) -> bool {
        let mut tasks = self.tasks.iter();
        tasks.any(|task| task.is_refused && body.is_none_or(|body| body == task.owner))
    }

    /// Whether what was due is not done in time: by the day of the last order (督办书) or, before there is one, within
    /// the case's own period. An answer to an order does not settle what it is about.
    pub fn is_silent(&self, on: NaiveDate) -> bool {
        let running = self.running.as_ref();
        match self.orders.last() {
            Some(order) => order.due_on < on,
            None => running.is_some_and(|running| running.is_over(on)),
        }
    }

    /// Whether a task is not accepted.
    pub fn is_uncorrected(&self) -> bool {
        self.tasks.iter().any(Task::is_owed)
    }

    /// The day on which somebody saw set right what the record is about: no task is owed, and this is when one was accepted
    /// last since the determination. That it holds again, its repair revoked or listed anew, says that what was accepted
    /// before was not so.
    pub fn corrected_on(&self) -> Option<NaiveDate> {
        let record = self.record.as_ref()?;
        if self.is_uncorrected() {
            return None;
        }
        let revived = record.revived_by;
        let accepted = self.tasks.iter();
        let accepted = accepted.filter(|task| revived.is_none_or(|by| task.accepted_by > by));
        let accepted = accepted.filter_map(|task| task.accepted_on);
        accepted.filter(|on| *on >= record.identified_on).max()
    }

    /// Whether the record goes on when its longest term is over.
    pub fn outlasts_its_term(&self) -> bool {
        match &self.record {
            Some(record) if record.shown.needs_correction => self.corrected_on().is_none(),
            _ => self.is_uncorrected(),
        }
    }

    /// Whether the case's record was about another body than those that its record or its lead is about by now: then the
    /// case is over for the one, and another begins for the other.
    pub fn was_of_another(&self, bodies: &[i64]) -> bool {
        let recorded = self.record.as_ref().and_then(|record| record.body);
        !bodies.is_empty() && recorded.is_some_and(|known| !bodies.contains(&known))
    }
    /// Whether the record holds.
    pub fn is_live(&self) -> bool {
        let record = self.record.as_ref();
        record.is_some_and(|record| record.status == CreditRecordStatus::Active)
    }

    /// Whether the term of the record or of a sanction is over on a day.
    pub fn is_term_over(&self, on: NaiveDate) -> bool {
        let record = self.record.as_ref().filter(|record| !record.is_mirrored);
        let last = record
            .filter(|_| self.is_live())
            .and_then(|record| record.shown.maximum);
        let is_over = last.is_some_and(|last| last < on) && !self.outlasts_its_term();
        is_over || self.sanctions_over(on).next().is_some()
    }

    /// The sanctions whose term is over on a day.
    pub fn sanctions_over(&self, on: NaiveDate) -> impl Iterator<Item = &Sanction> {
        let runs = self.sanctions.iter().filter(|one| !one.status.is_over());
        runs.filter(move |one| one.ends_on.is_some_and(|last| last < on))
    }

    /// The sanctions that run from a day on and have yet to.
    pub fn sanctions_to_begin(&self, on: NaiveDate) -> impl Iterator<Item = &Sanction> {
        self.sanctions.iter().filter(move |one| one.is_to_begin(on))
    }

    /// The periods of objections and applications that wait to be decided, with their numbers.
    pub fn part_periods(&self) -> impl Iterator<Item = (i64, &Running)> {
        let objections = self.objections.iter();
        let objections = objections.filter(|one| one.state == ObjectionState::Filed);
        let repairs = self.repairs.iter();
        let repairs = repairs.filter(|one| one.state == RepairState::Applied);
        let objections = objections.filter_map(|one| Some((one.id, one.running.as_ref()?)));
        objections.chain(repairs.filter_map(|one| Some((one.id, one.running.as_ref()?))))
    }

    /// All periods that run: its own, and those of what waits to be decided.
    pub fn periods(&self) -> impl Iterator<Item = &Running> {
        let parts = self.part_periods().map(|(_, running)| running);
        self.running.iter().chain(parts)
    }

    /// Whether one of its periods is over.
    pub fn is_overdue(&self, on: NaiveDate) -> bool {
        self.periods().any(|running| running.is_over(on))
    }
}
