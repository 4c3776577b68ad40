//! Conditions of rules: a small closed set of tests on one fact.

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;

use crate::{
    credit_record::{CreditRecord, CreditRecordKind},
    indicator::Indicator,
};

/// What a condition asks of a fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// All of these hold.
    All(Vec<Condition>),
    /// One of these holds.
    Any(Vec<Condition>),
    /// This does not hold.
    Not(Box<Condition>),
    /// The field's word is one of these.
    In {
        /// Which field.
        field: Word,
        /// The words.
        words: Vec<String>,
    },
    /// The field's number lies here; it does not where there is none.
    Within {
        /// Which field.
        field: Number,
        /// The least that lies here.
        at_least: Option<Decimal>,
        /// The least that lies no longer here.
        below: Option<Decimal>,
    },
    /// Whether the field has a word.
    HasWord(Word, bool),
    /// Whether the field has a number.
    HasNumber(Number, bool),
    /// Whether somebody objects to the record and nobody has decided.
    UnderObjection(bool),
}

/// Fields with words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Word {
    /// Through which feed a record came.
    Kind,
    /// 失信等级
    Tier,
    /// Where a record stood on the day.
    Status,
    /// The catalogue item of a record; a code means all below it, too.
    Item,
    /// 领域
    Domain,
    /// What an indicator measures.
    Code,
}

crate::text_enum!(Word {
    Kind => "kind",
    Tier => "tier",
    Status => "status",
    Item => "item",
    Domain => "domain",
    Code => "code",
});

/// Fields with numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Number {
    /// What is owed, in CNY.
    Amount,
    /// What was measured.
    Value,
    /// Days since a record was determined, or since an indicator's period ended.
    AgeDays,
    /// Days since a debt is overdue; where its source does not tell that day, since it was determined, when it was.
    OverdueDays,
    /// Days since what a record is about was seen to be set right.
    CorrectedDays,
    /// Days since a record ended.
    EndedDays,
    /// Years from the one in which an indicator's period ended to that of the day.
    YearsAgo,
}

crate::text_enum!(Number {
    Amount => "amount",
    Value => "value",
    AgeDays => "age_days",
    OverdueDays => "overdue_days",
    CorrectedDays => "corrected_days",
    EndedDays => "ended_days",
    YearsAgo => "years_ago",
});

/// One fact, as a rule looks at it on a day.
#[derive(Debug, Clone, Copy)]
pub enum Fact<'a> {
    /// A record.
    Record(&'a CreditRecord),
    /// A measurement.
    Indicator(&'a Indicator),
}

impl Condition {
    /// Whether it holds of a fact on a day.
    pub fn holds(&self, fact: Fact<'_>, on: NaiveDate) -> bool {
        match self {
            Self::All(all) => all.iter().all(|one| one.holds(fact, on)),
            Self::Any(any) => any.iter().any(|one| one.holds(fact, on)),
            Self::Not(not) => !not.holds(fact, on),
            Self::In { field, words } => fact.word(*field, on).is_some_and(|word| {
                let is_named = |named: &String| match field {
                    Word::Item => is_at_or_below(word, named),
                    _ => word == named,
                };
                words.iter().any(is_named)
            }),
            Self::Within {
                field,
                at_least,
                below,
            } => fact.number(*field, on).is_some_and(|number| {
                at_least.is_none_or(|least| number >= least)
                    && below.is_none_or(|limit| number < limit)
            }),
            Self::HasWord(field, has) => fact.word(*field, on).is_some() == *has,
            Self::HasNumber(field, has) => fact.number(*field, on).is_some() == *has,
            Self::UnderObjection(is) => match fact {
                Fact::Record(record) => record.under_objection == *is,
                Fact::Indicator(_) => false,
            },
        }
    }
}

/// Whether a catalogue code is this one or one below it.
fn is_at_or_below(code: &str, named: &str) -> bool {
    let rest = code.strip_prefix(named);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

impl<'a> Fact<'a> {
    fn word(self, field: Word, on: NaiveDate) -> Option<&'a str> {
        match (self, field) {
            (Self::Record(record), Word::Kind) => Some(record.kind.as_str()),
            (Self::Record(record), Word::Tier) => record.tier.map(|tier| tier.as_str()),
            (Self::Record(record), Word::Status) => Some(record.status_on(on).as_str()),
            (Self::Record(record), Word::Item) => Some(&record.catalogue_item),
            (Self::Record(record), Word::Domain) => record.domain.as_deref(),
            (Self::Indicator(indicator), Word::Code) => Some(&indicator.code),
            _ => None,
        }
    }

    fn number(self, field: Number, on: NaiveDate) -> Option<Decimal> {
        let days = |from: NaiveDate| Decimal::from((on - from).num_days());
        match (self, field) {
            (Self::Record(record), Number::Amount) => record.amount.map(|money| money.to_decimal()),
            (Self::Record(record), Number::AgeDays) => Some(days(record.identified_on)),
            (Self::Record(record), Number::OverdueDays) => {
                let is_debt = record.kind == CreditRecordKind::Arrears;
                // By the day on which it was established it was overdue, whatever a slip of the pen says.
                let known = record.identified_on;
                let since = record.overdue_since.map_or(known, |day| day.min(known));
                is_debt.then(|| days(since))
            }
            (Self::Record(record), Number::CorrectedDays) => {
                record.corrected_on.filter(|day| *day <= on).map(days)
            }
            (Self::Record(record), Number::EndedDays) => {
                record.ended_on.filter(|end| *end <= on).map(days)
            }
            (Self::Indicator(indicator), Number::Value) => Some(indicator.value),
            (Self::Indicator(indicator), Number::AgeDays) => Some(days(indicator.period_to)),
            (Self::Indicator(indicator), Number::YearsAgo) => {
                Some((on.year() - indicator.period_to.year()).into())
            }
            _ => None,
        }
    }

    /// Since how many days it is so.
    pub(super) fn age_days(self, on: NaiveDate) -> i64 {
        match self {
            Self::Record(record) => (on - record.identified_on).num_days(),
            Self::Indicator(indicator) => (on - indicator.period_to).num_days(),
        }
    }
}
