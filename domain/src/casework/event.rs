//! What happened in a case: who, when, on what basis, with which evidence, and what came of it.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{
    About, Act, Finding, Objection, ObjectionState, Order, Party, Reminder, Repair, RepairState,
    Running, Sanction, SanctionStatus, Stage, Task,
};
use crate::{
    credit_record::{CreditRecordKind, CreditRecordStatus, Tier},
    division::DivisionCode,
};

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The token's subject; the hub's own jobs are `hub`.
    pub subject: String,
    /// As what he acted.
    pub party: Party,
    /// The body that he acted for, by its number.
    pub body: Option<i64>,
    /// The divisions for which he acted; none of what happened before they were kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub areas: Vec<DivisionCode>,
}

/// One event. It says all that [`Case::apply`](super::Case::apply) needs: no rule is asked again when it
/// is replayed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its number in the case, from 1.
    pub number: u32,
    /// What was done.
    pub act: Act,
    /// When.
    pub at: DateTime<Utc>,
    /// The day in China.
    pub on: NaiveDate,
    /// By whom.
    pub by: Actor,
    /// On what basis.
    pub basis: Option<String>,
    /// In which words.
    pub note: Option<String>,
    /// Digests of what was attached, in hexadecimal.
    pub evidence: Vec<String>,
    /// The stage that it led to, where it led to one.
    pub stage: Option<Stage>,
    /// What came of it, in this order.
    pub what: Vec<What>,
}

/// What came of an act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum What {
    /// The case began.
    Opened {
        /// Its workflow.
        workflow: String,
        /// The workflow's version.
        version: String,
        /// What it is about.
        about: About,
        /// The day by which the source of its lead promised an answer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        promised_on: Option<NaiveDate>,
    },
    /// A body has it in hand.
    Handed {
        /// The body's number.
        to: i64,
    },
    /// A period runs.
    Runs(Running),
    /// The period of an objection or an application runs otherwise.
    PartRuns {
        /// Its number.
        part: i64,
        /// How.
        running: Running,
    },
    /// None runs any more.
    Settled,
    /// It was found to be so or not.
    Found {
        /// How.
        finding: Finding,
    },
    /// A task was set.
    TaskSet(Task),
    /// Progress with a task was told, in the event's words.
    TaskProgress {
        /// Its number.
        task: u32,
    },
    /// A task was handed in.
    TaskSubmitted {
        /// Its number.
        task: u32,
    },
    /// A task was accepted.
    TaskAccepted {
        /// Its number.
        task: u32,
    },
    /// A task was given back.
    TaskReturned {
        /// Its number.
        task: u32,
        /// Whether it counts as refused (拒不整改).
        is_refused: bool,
    },
    /// A record stands: one was confirmed, or one that a source told is dealt with.
    Recorded {
        /// Its number.
        record: i64,
        /// The catalogue item.
        item: String,
        /// Its kind.
        kind: CreditRecordKind,
        /// Its grade.
        tier: Option<Tier>,
        /// The day of determination.
        identified_on: NaiveDate,
        /// How it is shown.
        shown: Shown,
        /// Whether only its source ends it.
        is_mirrored: bool,
        /// Whether who confirmed it graded it, too; else the grade is the list's.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        is_graded: bool,
        /// The body that it is about; none of an official's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        body: Option<i64>,
    },
    /// It was graded.
    Graded {
        /// The grade.
        tier: Tier,
        /// How it is shown by that.
        shown: Shown,
    },
    /// It is shown to the public.
    Published,
    /// A measure was proposed or imposed.
    Sanctioned(Sanction),
    /// A sanction stands otherwise.
    SanctionMoved {
        /// Its number.
        sanction: i64,
        /// Where it stands.
        status: SanctionStatus,
        /// Whether an objection is the reason.
        by_objection: bool,
    },
    /// A sanction ends sooner than it was imposed for.
    SanctionShortened {
        /// Its number.
        sanction: i64,
        /// Its last day.
        ends_on: NaiveDate,
    },
    /// Repair was applied for.
    RepairApplied(Repair),
    /// It was decided on.
    RepairDecided {
        /// Its number.
        repair: i64,
        /// How.
        state: RepairState,
    },
    /// An objection was filed.
    ObjectionFiled(Objection),
    /// It was decided on.
    ObjectionDecided {
        /// Its number.
        objection: i64,
        /// How.
        state: ObjectionState,
    },
    /// 督办书 was issued.
    OrderIssued(Order),
    /// It was answered.
    OrderAnswered {
        /// Its number.
        order: u32,
    },
    /// The record ended, and with it all that hung on it.
    Ended {
        /// How it stands now.
        status: CreditRecordStatus,
        /// Why.
        ground: String,
    },
    /// A record that had ended holds again.
    Revived,
    /// Somebody was reminded, or told that another is late.
    Reminded(Reminder),
}

impl Event {
    /// Whether lead and record stay as they are: neither who is reminded nor that a measure's day came
    /// changes them.
    pub fn leaves_subjects(&self) -> bool {
        matches!(self.act, Act::Remind | Act::Escalate | Act::Begin)
    }
}

/// From when to when a record is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// Whether it may be shown at all.
    pub is_public: bool,
    /// The last day before it may be repaired.
    pub minimum: NaiveDate,
    /// The last day on which it holds.
    pub maximum: Option<NaiveDate>,
    /// Whether it holds beyond that until it was set right.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub needs_correction: bool,
}
