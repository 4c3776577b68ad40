//! Government-integrity records (政务失信记录): what a competent body confirmed, a court listed or
//! the arrears clean-up established (发改财金〔2023〕1103号).

use std::{collections::HashMap, ops::RangeInclusive};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::{case_number::CaseNumber, money::Money};

/// The three legal feeds of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CreditRecordKind {
    /// 认定部门 confirmed a breach of promise.
    Breach,
    /// 拖欠账款 that is established.
    Arrears,
    /// 失信被执行人: an entry in the courts' list.
    JudgmentDebtor,
}

crate::text_enum!(CreditRecordKind {
    Breach => "BREACH",
    Arrears => "ARREARS",
    JudgmentDebtor => "JUDGMENT_DEBTOR",
});
crate::text_serde!(CreditRecordKind);

/// 失信等级 (国办发〔2025〕22号).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tier {
    /// 轻微
    Minor,
    /// 一般
    General,
    /// 严重
    Serious,
}

crate::text_enum!(Tier { Minor => "MINOR", General => "GENERAL", Serious => "SERIOUS" });
crate::text_serde!(Tier);

/// Where a record stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CreditRecordStatus {
    /// It holds.
    Active,
    /// 信用修复 was granted.
    Repaired,
    /// Its term is over.
    Expired,
    /// Its source lists it no longer; often, but not necessarily, because it was performed.
    Delisted,
    /// It was wrong from the start.
    Withdrawn,
}

crate::text_enum!(CreditRecordStatus {
    Active => "ACTIVE",
    Repaired => "REPAIRED",
    Expired => "EXPIRED",
    Delisted => "DELISTED",
    Withdrawn => "WITHDRAWN",
});
crate::text_serde!(CreditRecordStatus);

/// Whom a record is about: exactly one agency or one official.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RecordSubject {
    /// A body, by its stable number.
    Agency(i64),
    /// A public official, by his stable number.
    Official(i64),
}

impl RecordSubject {
    /// The stable number of whom it is; numbers of agencies and officials never meet.
    pub fn id(self) -> i64 {
        match self {
            RecordSubject::Agency(id) | RecordSubject::Official(id) => id,
        }
    }

    /// The agency's number, of a record about one.
    pub fn agency(self) -> Option<i64> {
        match self {
            RecordSubject::Agency(id) => Some(id),
            RecordSubject::Official(_) => None,
        }
    }

    /// The official's number, of a record about one.
    pub fn official(self) -> Option<i64> {
        match self {
            RecordSubject::Official(id) => Some(id),
            RecordSubject::Agency(_) => None,
        }
    }
}

/// Days of determination whose records are made public, by the code of their catalogue item.
pub type PublishedItems = HashMap<String, Vec<RangeInclusive<NaiveDate>>>;

/// One record, without its identity and evidence.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CreditRecord {
    /// Whom it is about.
    pub subject: RecordSubject,
    /// Which legal feed it came through.
    pub kind: CreditRecordKind,
    /// 失信等级; none until graded.
    pub tier: Option<Tier>,
    /// Where it stands.
    pub status: CreditRecordStatus,
    /// Code of the catalogue item that makes it recordable.
    pub catalogue_item: String,
    /// Domain (领域), such as 政府采购, where it is known.
    pub domain: Option<String>,
    /// What is owed, in CNY.
    pub amount: Option<Money>,
    /// The day from which a debt is overdue (逾期起算日), where its source tells it.
    pub overdue_since: Option<NaiveDate>,
    /// The day it was determined; of a court's listing the day it was published.
    pub identified_on: NaiveDate,
    /// The body that determined it, as the source names it.
    pub identified_by: String,
    /// The case under which a court listed it.
    pub case_number: Option<CaseNumber>,
    /// The day its status stopped being ACTIVE.
    pub ended_on: Option<NaiveDate>,
    /// Why it ended, as its source or the casework says.
    pub end_ground: Option<String>,
    /// Whether somebody objects to it and nobody has decided.
    pub under_objection: bool,
    /// The last day on which it is shown, where casework has set one.
    pub public_until: Option<NaiveDate>,
    /// The day on which what it is about was seen to be set right (整改验收).
    pub corrected_on: Option<NaiveDate>,
    /// Times within which it did not hold, before it held again, oldest first.
    pub lapses: Box<[Lapse]>,
    /// Whether it is kept from the public though its list is a public one: nobody decided to show it.
    pub is_withheld: bool,
}

/// A time within which a record did not hold: repaired until the repair was revoked, or not listed until it was again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Lapse {
    /// Where it stood.
    pub status: CreditRecordStatus,
    /// The first day.
    pub from: NaiveDate,
    /// The day on which it held again.
    pub to: NaiveDate,
}

impl CreditRecordStatus {
    /// What it was on a day, of a record that ended on another one: what ended later still held then.
    /// What is withdrawn was wrong from the start and never did.
    pub fn on_day(self, ended_on: Option<NaiveDate>, day: NaiveDate) -> Self {
        match ended_on {
            Some(end) if end > day && self != Self::Withdrawn => Self::Active,
            _ => self,
        }
    }
}

impl CreditRecord {
    /// One that holds, ungraded, of which no more is told than what none lacks.
    pub fn new(
        subject: RecordSubject,
        kind: CreditRecordKind,
        catalogue_item: impl Into<String>,
        identified_on: NaiveDate,
    ) -> Self {
        Self {
            subject,
            kind,
            tier: None,
            status: CreditRecordStatus::Active,
            catalogue_item: catalogue_item.into(),
            domain: None,
            amount: None,
            overdue_since: None,
            identified_on,
            identified_by: String::new(),
            case_number: None,
            ended_on: None,
            end_ground: None,
            under_objection: false,
            public_until: None,
            corrected_on: None,
            lapses: Box::default(),
            is_withheld: false,
        }
    }

    /// Where it stood on a day.
    pub fn status_on(&self, day: NaiveDate) -> CreditRecordStatus {
        let then = || self.status.on_day(self.ended_on, day);
        self.lapse_on(day).map_or_else(then, |lapse| lapse.status)
    }

    /// The time within which it did not hold that a day lies in, if it held again. What is withdrawn never held.
    pub fn lapse_on(&self, day: NaiveDate) -> Option<&Lapse> {
        let mut lapses = self.lapses.iter();
        let is_wrong = self.status == CreditRecordStatus::Withdrawn;
        lapses.find(|lapse| !is_wrong && lapse.from <= day && day < lapse.to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_within_which_it_did_not_hold_is_told_as_such() {
        use CreditRecordStatus as S;
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        let lapse = |status, from, to| Lapse {
            status,
            from: day(from),
            to: day(to),
        };
        let mut record = CreditRecord {
            status: S::Repaired,
            identified_by: "样例局".to_owned(),
            ended_on: Some(day("2026-05-01")),
            lapses: Box::from([
                lapse(S::Delisted, "2026-02-01", "2026-02-03"),
                lapse(S::Repaired, "2026-03-01", "2026-04-01"),
            ]),
            ..CreditRecord::new(
                RecordSubject::Agency(1),
                CreditRecordKind::Breach,
                "breach.confirmed",
                day("2026-01-01"),
            )
        };
        for (on, then) in [
            ("2026-01-31", S::Active),
            ("2026-02-01", S::Delisted),
            ("2026-02-02", S::Delisted),
            ("2026-02-03", S::Active),
            ("2026-03-31", S::Repaired),
            ("2026-04-01", S::Active),
            ("2026-05-01", S::Repaired),
        ] {
            assert_eq!(record.status_on(day(on)), then, "{on}");
        }
        record.status = S::Withdrawn;
        assert_eq!(record.status_on(day("2026-02-03")), S::Withdrawn);
    }

    #[test]
    fn what_ended_later_still_held_unless_it_was_wrong_from_the_start() {
        use CreditRecordStatus as S;
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        let end = Some(day("2026-03-04"));
        for (status, on, then) in [
            (S::Active, "2020-01-01", S::Active),
            (S::Delisted, "2026-03-03", S::Active),
            (S::Delisted, "2026-03-04", S::Delisted),
            (S::Repaired, "2026-03-03", S::Active),
            (S::Withdrawn, "2026-03-03", S::Withdrawn),
        ] {
            assert_eq!(status.on_day(end, day(on)), then, "{status} on {on}");
        }
        assert_eq!(S::Expired.on_day(None, day("2020-01-01")), S::Expired);
    }
}
