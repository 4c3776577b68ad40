//! What a case holds: tasks, orders, applications and objections.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::Running;

/// A task of rectification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Its number in the case, from 1.
    pub number: u32,
    /// The body that owes it.
    pub owner: i64,
    /// What is to be done.
    pub title: String,
    /// When it was set.
    #[serde(default)]
    pub set_on: NaiveDate,
    /// The number of the event that set it.
    #[serde(default)]
    pub since: u32,
    /// By when.
    pub due_on: NaiveDate,
    /// When it was handed in last.
    pub submitted_on: Option<NaiveDate>,
    /// When it was accepted.
    pub accepted_on: Option<NaiveDate>,
    /// The number of the event that accepted it.
    #[serde(default)]
    pub accepted_by: u32,
    /// Whether it was refused (拒不整改).
    pub is_refused: bool,
}

impl Task {
    /// Whether somebody still owes it.
    pub fn is_owed(&self) -> bool {
        self.accepted_on.is_none()
    }
}

/// A 督办书.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Its number in the case, from 1.
    pub number: u32,
    /// The day of issue.
    pub issued_on: NaiveDate,
    /// By when an answer is due.
    pub due_on: NaiveDate,
    /// When it was answered.
    pub answered_on: Option<NaiveDate>,
}

impl Order {
    /// Whether its day is over and nobody has answered it.
    pub fn is_overdue(&self, on: NaiveDate) -> bool {
        self.answered_on.is_none() && self.due_on < on
    }
}

/// Where an application for repair stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RepairState {
    /// 已申请
    Applied,
    /// 准予
    Accepted,
    /// 不予
    Refused,
    /// 撤销
    Revoked,
}

crate::text_enum!(RepairState {
    Applied => "APPLIED",
    Accepted => "ACCEPTED",
    Refused => "REFUSED",
    Revoked => "REVOKED",
});
crate::text_serde!(RepairState);

/// An application for repair (信用修复).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repair {
    /// Its stable number.
    pub id: i64,
    /// Its version.
    pub version: i64,
    /// Where it stands.
    pub state: RepairState,
    /// When it was applied for.
    pub applied_on: NaiveDate,
    /// When it was decided on last.
    pub decided_on: Option<NaiveDate>,
    /// The period in which it is decided.
    #[serde(default)]
    pub running: Option<Running>,
    /// Digest of the public commitment (信用承诺书), in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commitment: Option<String>,
}

/// Where an objection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ObjectionState {
    /// 已提出
    Filed,
    /// 成立
    Upheld,
    /// 不成立
    Dismissed,
    /// 撤回
    Withdrawn,
}

crate::text_enum!(ObjectionState {
    Filed => "FILED",
    Upheld => "UPHELD",
    Dismissed => "DISMISSED",
    Withdrawn => "WITHDRAWN",
});
crate::text_serde!(ObjectionState);

/// An objection (异议).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Objection {
    /// Its stable number.
    pub id: i64,
    /// Its version.
    pub version: i64,
    /// Where it stands.
    pub state: ObjectionState,
    /// When it was filed.
    pub filed_on: NaiveDate,
    /// When it was decided on.
    pub decided_on: Option<NaiveDate>,
    /// The period in which it is decided.
    #[serde(default)]
    pub running: Option<Running>,
}
