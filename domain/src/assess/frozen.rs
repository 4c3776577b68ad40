//! Frozen inputs (冻结数据) of an annual assessment: of each body what grading reads, as bytes that are the same
//! whichever database holds them and in whatever order sources told of it.
//!
//! What is frozen is never overwritten. A correction that an objection led to stands beside it.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    agency::{Agency, AgencyKind},
    credit_record::{
        CreditRecord, CreditRecordKind, CreditRecordStatus, Lapse, RecordSubject, Tier,
    },
    division::{DivisionCode, DivisionLevel},
    indicator::Indicator,
    money::Money,
};

use super::evaluate::Facts;

/// A body with what it is graded by. The order of its members is that of its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenBody {
    /// Its code, by which bodies are ordered.
    pub uscc: String,
    /// Its stable number.
    pub agency: i64,
    /// What it was called on the day.
    pub name: String,
    /// Its kind.
    pub kind: AgencyKind,
    /// Its division.
    pub division: DivisionCode,
    /// How high that stands.
    pub level: DivisionLevel,
    /// Records that had begun by the day, by their numbers.
    pub records: Vec<FrozenRecord>,
    /// Measurements of periods that were over by the day, by their numbers.
    pub indicators: Vec<FrozenIndicator>,
}

/// Of a record what grading reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenRecord {
    /// Its stable number.
    pub id: i64,
    /// Which legal feed it came through.
    pub kind: CreditRecordKind,
    /// 失信等级
    pub tier: Option<Tier>,
    /// Where it stood at the moment of freezing.
    pub status: CreditRecordStatus,
    /// Code of its entry in the list.
    pub item: String,
    /// Domain (领域).
    pub domain: Option<String>,
    /// What is owed, in 分.
    pub cents: Option<i64>,
    /// The day from which a debt is overdue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overdue_since: Option<NaiveDate>,
    /// The day it was determined.
    pub identified_on: NaiveDate,
    /// The day its status stopped being ACTIVE.
    pub ended_on: Option<NaiveDate>,
    /// Whether an objection to it was undecided.
    pub under_objection: bool,
    /// The day on which what it is about was seen to be set right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrected_on: Option<NaiveDate>,
    /// Times within which it did not hold.
    #[serde(default, skip_serializing_if = "<[Lapse]>::is_empty")]
    pub lapses: Box<[Lapse]>,
}

/// Of a measurement what grading reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenIndicator {
    /// Its stable number.
    pub id: i64,
    /// What was measured.
    pub code: String,
    /// How much, without trailing zeros.
    pub value: Decimal,
    /// The last day that it is about.
    pub period_to: NaiveDate,
}

/// What takes the place of something frozen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Correction {
    /// The record with this number does not count.
    WithoutRecord(i64),
    /// The measurement with this number does not count.
    WithoutIndicator(i64),
    /// The record with the same number counts as this.
    Record(FrozenRecord),
    /// The measurement with the same number counts as this.
    Indicator(FrozenIndicator),
}

/// What somebody wants corrected: of a record what is given is other than it was frozen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Amendment {
    /// The record with this number is not to count.
    WithoutRecord(i64),
    /// The measurement with this number is not to count.
    WithoutIndicator(i64),
    /// The record is to count otherwise.
    Record {
        /// Its number.
        id: i64,
        /// 失信等级
        tier: Option<Tier>,
        /// Where it stood, and since when.
        status: Option<(CreditRecordStatus, Option<NaiveDate>)>,
        /// What was owed.
        amount: Option<Money>,
    },
    /// The measurement is to count with this value.
    Indicator {
        /// Its number.
        id: i64,
        /// The value.
        value: Decimal,
    },
}

/// A frozen body as facts that can be graded.
#[derive(Debug, Clone)]
pub struct Thawed {
    kind: AgencyKind,
    records: Vec<(i64, CreditRecord)>,
    indicators: Vec<(i64, Indicator)>,
}

/// SHA-256 over lines of bytes: no line runs into the next.
#[derive(Debug, Clone, Default)]
pub struct LineDigest(Sha256);

impl FrozenBody {
    /// What a body is graded by as of a day. Nothing that began later is in it, for no rule would read it.
    pub fn of(
        (agency, body): (i64, &Agency),
        level: DivisionLevel,
        facts: &Facts<'_>,
        on: NaiveDate,
    ) -> Self {
        let begun = facts.records.iter();
        let begun = begun.filter(|(_, record)| record.identified_on <= on);
        let mut records: Vec<_> = begun
            .map(|(id, record)| FrozenRecord::of(*id, record))
            .collect();
        records.sort_unstable_by_key(|record| record.id);
        let over = facts.indicators.iter();
        let over = over.filter(|(_, indicator)| indicator.period_to <= on);
        let mut indicators: Vec<_> = over
            .map(|(id, indicator)| FrozenIndicator {
                id: *id,
                code: indicator.code.clone(),
                value: indicator.value.normalize(),
                period_to: indicator.period_to,
            })
            .collect();
        indicators.sort_unstable_by_key(|indicator| indicator.id);
        Self {
            uscc: body.uscc.to_string(),
            agency,
            name: body.name_on(on).to_owned(),
            kind: body.kind,
            division: body.division,
            level,
            records,
            indicators,
        }
    }

    /// Its bytes: one line of JSON.
    pub fn to_line(&self) -> String {
        serde_json::to_string(self).expect("a frozen body is plain data")
    }

    /// The record with this number.
    pub fn record(&self, id: i64) -> Option<&FrozenRecord> {
        self.records.iter().find(|record| record.id == id)
    }

    /// The measurement with this number.
    pub fn indicator(&self, id: i64) -> Option<&FrozenIndicator> {
        self.indicators.iter().find(|indicator| indicator.id == id)
    }

    /// What takes the place of what is frozen, each amendment upon those before it. None where one is of nothing that
    /// is frozen of this body, changes nothing, or can't be true as of today.
    pub fn amend_all(&self, wanted: &[Amendment], today: NaiveDate) -> Option<Vec<Correction>> {
        let mut body = self.clone();
        let mut corrections = Vec::new();
        for one in wanted {
            let correction = body.amend(one, today)?;
            body = body.corrected([&correction]);
            corrections.push(correction);
        }
        Some(corrections)
    }

    fn amend(&self, wanted: &Amendment, today: NaiveDate) -> Option<Correction> {
        Some(match wanted {
            Amendment::WithoutRecord(id) => Correction::WithoutRecord(self.record(*id)?.id),
            Amendment::WithoutIndicator(id) => {
                Correction::WithoutIndicator(self.indicator(*id)?.id)
            }
            Amendment::Record {
                id,
                tier,
                status,
                amount,
            } => {
                let frozen = self.record(*id)?;
                let mut record = frozen.clone();
                record.tier = tier.or(record.tier);
                record.cents = amount.map(Money::cents).or(record.cents);
                if let Some((status, ended_on)) = status {
                    (record.status, record.ended_on) = (*status, *ended_on);
                    record.lapses = Box::default();
                    // What ended did so on a day that has come; what is active has none.
                    let is_dated = match status {
                        CreditRecordStatus::Active => ended_on.is_none(),
                        CreditRecordStatus::Withdrawn => true,
                        _ => ended_on.is_some(),
                    };
                    let has_come = |day| record.identified_on <= day && day <= today;
                    if !is_dated || !ended_on.is_none_or(has_come) {
                        return None;
                    }
                }
                Correction::Record(Some(record).filter(|record| record != frozen)?)
            }
            Amendment::Indicator { id, value } => {
                let frozen = self.indicator(*id)?;
                let mut indicator = frozen.clone();
                indicator.value = value.normalize();
                Correction::Indicator(Some(indicator).filter(|one| one != frozen)?)
            }
        })
    }

    /// The body with corrections in the order of deciding, of which the last about a thing holds: it is one of what
    /// those before it left.
    pub fn corrected<'a>(&self, corrections: impl IntoIterator<Item = &'a Correction>) -> Self {
        let mut body = self.clone();
        for correction in corrections {
            match correction {
                Correction::WithoutRecord(id) => body.records.retain(|record| record.id != *id),
                Correction::WithoutIndicator(id) => {
                    body.indicators.retain(|indicator| indicator.id != *id);
                }
                Correction::Record(new) => {
                    body.records.retain(|record| record.id != new.id);
                    body.records.push(new.clone());
                }
                Correction::Indicator(new) => {
                    body.indicators.retain(|indicator| indicator.id != new.id);
                    body.indicators.push(new.clone());
                }
            }
        }
        body.records.sort_unstable_by_key(|record| record.id);
        body.indicators.sort_unstable_by_key(|one| one.id);
        body
    }

    /// As facts that can be graded.
    pub fn thaw(&self) -> Thawed {
        let agency = self.agency;
        Thawed {
            kind: self.kind,
            records: self
                .records
                .iter()
                .map(|record| (record.id, record.thaw(agency)))
                .collect(),
            indicators: self
                .indicators
                .iter()
                .map(|indicator| (indicator.id, indicator.thaw(agency)))
                .collect(),
        }
    }
}

impl FrozenRecord {
    fn of(id: i64, record: &CreditRecord) -> Self {
        Self {
            id,
            kind: record.kind,
            tier: record.tier,
            status: record.status,
            item: record.catalogue_item.clone(),
            domain: record.domain.clone(),
            cents: record.amount.map(Money::cents),
            overdue_since: record.overdue_since,
            identified_on: record.identified_on,
            ended_on: record.ended_on,
            under_objection: record.under_objection,
            corrected_on: record.corrected_on,
            lapses: record.lapses.clone(),
        }
    }

    /// What grading does not read is empty.
    fn thaw(&self, agency: i64) -> CreditRecord {
        CreditRecord {
            tier: self.tier,
            status: self.status,
            domain: self.domain.clone(),
            amount: self.cents.map(Money::from_cents),
            overdue_since: self.overdue_since,
            ended_on: self.ended_on,
            under_objection: self.under_objection,
            corrected_on: self.corrected_on,
            lapses: self.lapses.clone(),
            ..CreditRecord::new(
                RecordSubject::Agency(agency),
                self.kind,
                self.item.clone(),
                self.identified_on,
            )
        }
    }
}

impl FrozenIndicator {
    fn thaw(&self, agency: i64) -> Indicator {
        Indicator {
            agency_id: agency,
            code: self.code.clone(),
            title: String::new(),
            period_from: self.period_to,
            period_to: self.period_to,
            value: self.value,
        }
    }
}

impl Thawed {
    /// As evaluation reads them.
    pub fn facts(&self) -> Facts<'_> {
        Facts {
            body: self.kind,
            records: self
                .records
                .iter()
                .map(|(id, record)| (*id, record))
                .collect(),
            indicators: self
                .indicators
                .iter()
                .map(|(id, indicator)| (*id, indicator))
                .collect(),
        }
    }
}

impl LineDigest {
    /// Takes the next line.
    pub fn add(&mut self, line: &str) {
        self.0.update((line.len() as u64).to_be_bytes());
        self.0.update(line);
    }

    /// The digest, in hexadecimal.
    pub fn finish(self) -> String {
        format!("{:x}", self.0.finalize())
    }
}

#[cfg(test)]
mod tests;
