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

/// When a sanction came to stand otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// The day.
    pub on: NaiveDate,
    /// Where it stood from that day on.
    pub status: SanctionStatus,
    /// Its last day, as it was said then.
    #[serde(default)]
    pub ends_on: Option<NaiveDate>,
}

impl Sanction {
    /// The day by which its measure is looked up: its first one or, before it has one, that of the proposal.
    pub fn measured_on(&self) -> NaiveDate {
        let proposed = self.moves.first().map(|moved| moved.on);
        self.starts_on.or(proposed).unwrap_or_default()
    }

    /// Where it stands for whoever is told of what runs: until it has run it is as if it were only proposed.
    pub fn status_once_run(&self) -> SanctionStatus {
        match self.is_awaited && !self.status.is_over() {
            true => SanctionStatus::Proposed,
            false => self.status,
        }
    }

    /// Whether it runs from this day, or one before, on, and nobody has noted it yet.
    pub fn is_to_begin(&self, on: NaiveDate) -> bool {
        let has_come = self.starts_on.is_none_or(|first| first <= on);
        let is_over = self.ends_on.is_some_and(|last| last < on);
        self.is_awaited && self.status == SanctionStatus::Active && has_come && !is_over
    }

    /// Where it stood for them until it moved away from there on a day: it ran, if its first day had come, though
    /// nobody had noted that.
    pub fn status_until(&self, on: NaiveDate) -> SanctionStatus {
        match self.is_to_begin(on) {
            true => self.status,
            false => self.status_once_run(),
        }
    }

    /// Its last day, as it was said on a day.
    pub fn ends_on_by(&self, day: NaiveDate) -> Option<NaiveDate> {
        self.moved_by(day)
            .map_or(self.ends_on, |moved| moved.ends_on)
    }

    /// Its version on a day.
    pub fn version_by(&self, day: NaiveDate) -> i64 {
        let moves = self.moves.iter().filter(|moved| moved.on <= day);
        i64::try_from(moves.count()).map_or(self.version, |moves| moves.max(1))
    }

    /// What was done with it last, on a day or before; of one that was imposed later how it was imposed.
    fn moved_by(&self, day: NaiveDate) -> Option<&Moved> {
        let then = self.moves.iter().rfind(|moved| moved.on <= day);
        then.or(self.moves.first())
    }

    /// Where it stood on a day. What was revoked was wrong from the start; what was imposed later for a
    /// day before ran as it was imposed.
    pub fn status_on(&self, day: NaiveDate) -> SanctionStatus {
        if self.status == SanctionStatus::Revoked {
            return self.status;
        }
        let status = self.moved_by(day).map(|moved| moved.status);
        let is_over = self.ends_on.is_some_and(|end| end < day);
        match status.unwrap_or(self.status) {
            // Its term was over before somebody noted it.
            SanctionStatus::Active | SanctionStatus::Suspended if is_over => {
                SanctionStatus::Expired
            }
            status => status,
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
    /// Whether it has yet to run: it was imposed for a later day, or an objection held it back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_awaited: bool,
    /// Where it stood from when on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub moves: Vec<Moved>,
}
