//! Sanctions (惩戒): one measure on one subject.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// Where a sanction stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SanctionStatus {
    /// 拟实施
    Proposed,
    /// 实施中
    Active,
    /// 中止
    Suspended,
    /// 解除
    Lifted,
    /// 撤销：its record was wrong from the start.
    Revoked,
    /// 届满
    Expired,
}

crate::text_enum!(SanctionStatus {
    Proposed => "PROPOSED",
    Active => "ACTIVE",
    Suspended => "SUSPENDED",
    Lifted => "LIFTED",
    Revoked => "REVOKED",
    Expired => "EXPIRED",
});
crate::text_serde!(SanctionStatus);

impl SanctionStatus {
    /// Whether it is over for good.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Lifted | Self::Revoked | Self::Expired)
    }
}

impl Sanction {
    /// Where it stood on a day, of one that ended on another: what ended later still ran then. What was
    /// revoked was wrong from the start.
    pub fn status_on(&self, day: NaiveDate) -> SanctionStatus {
        let ran = matches!(
            self.status,
            SanctionStatus::Lifted | SanctionStatus::Expired
        );
        match self.ends_on {
            Some(end) if ran && end > day => SanctionStatus::Active,
            _ => self.status,
        }
    }
}

/// One sanction of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sanction {
    /// Its stable number.
    pub id: i64,
    /// Its version: a count of what was done with it.
    pub version: i64,
    /// The measure's code.
    pub measure: String,
    /// Where it stands.
    pub status: SanctionStatus,
    /// Whether it was an objection that suspended it.
    pub by_objection: bool,
    /// The body that imposed it, by its number.
    pub imposed_by: Option<i64>,
    /// The first day on which it runs.
    pub starts_on: Option<NaiveDate>,
    /// The last one.
    pub ends_on: Option<NaiveDate>,
}
