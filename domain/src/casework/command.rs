//! What somebody wants to be done in a case.

use chrono::NaiveDate;

use super::{Act, Finding};
use crate::{
    credit_record::{CreditRecordKind, Tier},
    money::Money,
};

/// One command: a deed, and what it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// What is to be done.
    pub deed: Deed,
    /// On what basis.
    pub basis: Option<String>,
    /// In which words; no event keeps the numbers of natural persons in them.
    pub note: Option<String>,
    /// Digests of what is attached, in hexadecimal.
    pub evidence: Vec<String>,
}

/// A deed with what it needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// An act that needs nothing more.
    Plain(Act),
    /// To a body, by its number.
    Transfer {
        /// The body.
        to: i64,
    },
    /// A period is extended: the case's own, or that of an objection or an application.
    Extend {
        /// The number of the objection or the application.
        part: Option<i64>,
    },
    /// What verification found.
    Find {
        /// What it found.
        finding: Finding,
    },
    /// A task.
    AskRectification {
        /// The body that owes it.
        owner: i64,
        /// What is to be done.
        title: String,
        /// By when.
        due_on: NaiveDate,
    },
    /// Something about a task: progress, handing in, acceptance.
    Task {
        /// What is done.
        act: Act,
        /// The task's number in the case.
        task: u32,
    },
    /// A task is given back; refused for good or not.
    ReturnRectification {
        /// The task's number in the case.
        task: u32,
        /// Whether it counts as refused (拒不整改).
        is_refused: bool,
    },
    /// A record is confirmed.
    Confirm(Confirmation),
    /// A grade.
    Grade {
        /// The grade.
        tier: Tier,
    },
    /// A measure, by its code, from a day on and up to another.
    Sanction {
        /// What is done.
        act: Act,
        /// The measure's code.
        measure: String,
        /// The first day; today where none is said.
        starts_on: Option<NaiveDate>,
        /// The last day; the longest that is allowed where none is said.
        ends_on: Option<NaiveDate>,
    },
    /// A sanction is suspended, resumed or lifted, by its number.
    SanctionMove {
        /// What is done.
        act: Act,
        /// The sanction's number.
        sanction: i64,
    },
    /// Repair is applied for.
    ApplyRepair {
        /// Digest of the public commitment (信用承诺书), in hexadecimal.
        commitment: Option<String>,
    },
    /// A decision on an application for repair, by its number.
    Repair {
        /// What is done.
        act: Act,
        /// The application's number.
        repair: i64,
    },
    /// A decision on an objection, by its number.
    Objection {
        /// What is done.
        act: Act,
        /// The objection's number.
        objection: i64,
    },
    /// 督办书, with the day by which an answer is due.
    IssueOrder {
        /// By when.
        due_on: NaiveDate,
    },
    /// An answer to one, by its number.
    AnswerOrder {
        /// The order's number in the case.
        order: u32,
    },
    /// A matter of oversight, with the day by which an answer is due; anew where it is pressed on.
    Matter {
        /// What is done.
        act: Act,
        /// By when.
        due_on: NaiveDate,
        /// The track that it opens; the one that nobody has to name where none is said.
        track: Option<String>,
    },
}

/// What is confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmation {
    /// The record's number, derived from the case.
    pub record: i64,
    /// The catalogue item.
    pub item: String,
    /// The grade, where it differs from the list's.
    pub tier: Option<Tier>,
    /// The day of determination.
    pub identified_on: NaiveDate,
    /// What is owed.
    pub amount: Option<Money>,
    /// The day from which a debt is overdue (逾期起算日).
    pub overdue_since: Option<NaiveDate>,
    /// The kind that the list gives it.
    pub kind: CreditRecordKind,
}

impl Deed {
    /// The track that is named for what it opens.
    pub fn track(&self) -> Option<&str> {
        match self {
            Self::Matter { track, .. } => track.as_deref(),
            _ => None,
        }
    }

    /// The act.
    pub fn act(&self) -> Act {
        match self {
            Self::Plain(act)
            | Self::Task { act, .. }
            | Self::Sanction { act, .. }
            | Self::SanctionMove { act, .. }
            | Self::Repair { act, .. }
            | Self::Objection { act, .. }
            | Self::Matter { act, .. } => *act,
            Self::ApplyRepair { .. } => Act::ApplyRepair,
            Self::Transfer { .. } => Act::Transfer,
            Self::Extend { .. } => Act::Extend,
            Self::Find { .. } => Act::Find,
            Self::AskRectification { .. } => Act::AskRectification,
            Self::ReturnRectification { .. } => Act::ReturnRectification,
            Self::Confirm(_) => Act::Confirm,
            Self::Grade { .. } => Act::Grade,
            Self::IssueOrder { .. } => Act::IssueOrder,
            Self::AnswerOrder { .. } => Act::AnswerOrder,
        }
    }
}
