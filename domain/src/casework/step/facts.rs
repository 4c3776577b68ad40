//! What is known beside a case, who wants something done, and why it is not.

use chrono::{DateTime, NaiveDate, Utc};

use super::super::{About, Party, Stage};
use crate::{
    credit_record::{CreditRecordKind, CreditRecordStatus, Tier},
    division::DivisionCode,
};

/// An entry of the list, as far as casework goes by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its code.
    pub code: String,
    /// The kind of record that it makes.
    pub kind: CreditRecordKind,
    /// The grade that the list gives it.
    pub tier: Option<Tier>,
    /// The measures that it names.
    pub measures: Vec<String>,
    /// Whether its records may be shown.
    pub is_public: bool,
    /// Whether it is in force on the day of determination.
    pub is_in_force: bool,
}

/// What is known beside the case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// The case's number.
    pub case: i64,
    /// What it is about, where it begins with this command.
    pub about: About,
    /// The stage in which it begins then.
    pub stage: Option<Stage>,
    /// The day by which the source of a lead promised an answer, as long as casework has said nothing of it.
    pub promised_on: Option<NaiveDate>,
    /// The day on which the source of its lead received it.
    pub received_on: Option<NaiveDate>,
    /// The day on which that source passed it on itself.
    pub passed_on: Option<NaiveDate>,
    /// The day on which that source says that it is dealt with.
    pub ended_on: Option<NaiveDate>,
    /// Where it lies: the division of the body that it is about.
    pub place: Option<DivisionCode>,
    /// The body that it is about, where it is one.
    pub body: Option<i64>,
    /// The item that a command names, or that the record has.
    pub item: Option<Item>,
    /// What a source told of the record, where casework has not dealt with it before: of a new case, or of
    /// the one of the lead that the source tells in the same row.
    pub told: Option<Told>,
    /// How the record ended, where it holds no longer, whoever ended it.
    pub record_ended: Option<CreditRecordStatus>,
    /// Whether the record is about an official.
    pub is_official: bool,
    /// Of a case about a body alone: whether a record about it holds.
    pub is_discredited: bool,
    /// Of such a case: measures that run in others about the same body.
    pub granted: Vec<String>,
}

/// A record that a source told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// Its number.
    pub record: i64,
    /// Its kind.
    pub kind: CreditRecordKind,
    /// Its grade.
    pub tier: Option<Tier>,
    /// The day of determination.
    pub identified_on: NaiveDate,
}

/// Who wants it, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clerk {
    /// The token's subject.
    pub subject: String,
    /// As what he may act in this case.
    pub parties: Vec<Party>,
    /// The body that he acts for.
    pub body: Option<i64>,
    /// The divisions for which he acts, each with all below.
    pub areas: Vec<DivisionCode>,
    /// When.
    pub at: DateTime<Utc>,
    /// The day in China.
    pub on: NaiveDate,
}

/// Why it is not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The reason as one word.
    pub code: &'static str,
    /// The reason as a sentence, Chinese first.
    pub message: String,
    /// What it rests on.
    pub basis: Option<String>,
}

impl Refused {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            basis: None,
        }
    }

    pub(super) fn by(self, basis: &str) -> Self {
        Self {
            basis: Some(basis.to_owned()),
            ..self
        }
    }
}
