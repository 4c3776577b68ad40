//! Clues (线索): what is alleged of a body and not confirmed. A clue never counts in a score.

use chrono::{DateTime, NaiveDate, Utc};

use crate::money::Money;

/// Where a clue stands on its way to a record or to an answer (发改财金〔2023〕1103号).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ClueStage {
    /// 归集: it came in.
    Received,
    /// 不予受理: it is none.
    Rejected,
    /// 转交 to the superior or competent department.
    Transferred,
    /// 核实
    Verifying,
    /// 不属实
    Unfounded,
    /// 整改中
    Rectifying,
    /// 已整改
    Rectified,
    /// 认定: a record came of it.
    Confirmed,
    /// 办结
    Closed,
}

crate::text_enum!(ClueStage {
    Received => "RECEIVED",
    Rejected => "REJECTED",
    Transferred => "TRANSFERRED",
    Verifying => "VERIFYING",
    Unfounded => "UNFOUNDED",
    Rectifying => "RECTIFYING",
    Rectified => "RECTIFIED",
    Confirmed => "CONFIRMED",
    Closed => "CLOSED",
});

/// One allegation, without its identity and evidence.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Clue {
    /// Stable numbers of the bodies that it is about; a letter may name none.
    pub agency_ids: Vec<i64>,
    /// The channel through which it came, such as `HOTLINE`.
    pub channel: String,
    /// What it is about, in the source's own words.
    pub category: Option<String>,
    /// Its one-line subject.
    pub title: String,
    /// Its text, with numbers of natural persons masked.
    pub content: Option<String>,
    /// Where it stands.
    pub stage: ClueStage,
    /// The day by which an answer is promised.
    pub due_on: Option<NaiveDate>,
    /// Whether that day was counted into a year whose working days are not known yet.
    pub due_is_provisional: bool,
    /// The day on which the source itself passed it on.
    pub passed_on: Option<NaiveDate>,
    /// The day on which the source says that it is dealt with.
    pub ended_on: Option<NaiveDate>,
    /// When the source received it.
    pub received_at: DateTime<Utc>,
    /// What is said to be owed, in CNY.
    pub amount: Option<Money>,
}
