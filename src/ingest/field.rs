//! From a cell to a typed value: strictly, or refused with its column.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    case_number::CaseNumber,
    date::{SourceDate, is_missing, parse_date, parse_moment},
    division::{DivisionCode, DivisionTree},
    money::{Money, MoneyUnit},
    uscc::Uscc,
};
use rust_decimal::Decimal;

use crate::{
    catalogue::{Field, FieldType},
    sources::RawRow,
};

/// The most that a measured number may be: sums of such can't overflow.
const DECIMAL_MAX: i64 = 1_000_000_000_000;

/// A field that was read.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Text(String),
    Day(NaiveDate),
    /// A far-away end date: it has none.
    OpenEnded,
    Uscc(Uscc),
    Division(DivisionCode),
    Names(Vec<String>),
    CaseNumber(CaseNumber),
    Money(Money),
    Moment(DateTime<Utc>),
    Decimal(Decimal),
}

/// Why a row is rejected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refused {
    pub column: String,
    pub reason: String,
}

/// A field with its columns' slots.
pub(super) struct FieldReader<'a> {
    pub field: &'a Field,
    pub slots: Vec<usize>,
}

/// The fields of one row.
pub(super) struct Fields<'a>(pub(super) BTreeMap<&'a str, Value>);

impl FieldReader<'_> {
    pub(super) fn read(&self, row: &RawRow, tree: &DivisionTree) -> Result<Option<Value>, Refused> {
        let text = self
            .slots
            .iter()
            .filter_map(|slot| row.cells[*slot].as_deref())
            .map(str::trim)
            .find(|text| !is_missing(text));
        let refused = |reason: String| Refused {
            column: self.field.from[0].clone(),
            reason,
        };
        let Some(text) = text else {
            return if self.field.required {
                Err(refused("is empty".to_owned()))
            } else {
                Ok(None)
            };
        };
        // PostgreSQL stores no text with it, and no source means it.
        if text.contains('\0') {
            return Err(refused("contains a NUL character".to_owned()));
        }
        let chars = text.chars().count();
        let mut text = text;
        if chars > self.field.chars_max && self.field.cut {
            let end = text.char_indices().nth(self.field.chars_max);
            text = &text[..end.map_or(text.len(), |(end, _)| end)];
        } else if chars > self.field.chars_max {
            return Err(refused(format!(
                "has {chars} characters, expected at most {}",
                self.field.chars_max
            )));
        }
        self.parse(text, tree).map_err(refused)
    }

    fn parse(&self, text: &str, tree: &DivisionTree) -> Result<Option<Value>, String> {
        let said = |error: &dyn std::fmt::Display| format!("{text:?}: {error}");
        let value = match self.field.read_as {
            FieldType::Text | FieldType::SubjectCode | FieldType::Person => {
                Value::Text(text.to_owned())
            }
            FieldType::Date => match parse_date(text).map_err(|error| error.to_string())? {
                SourceDate::On(day) => Value::Day(day),
                SourceDate::OpenEnded if self.field.required => {
                    return Err(format!("{text:?} means without end, expected a day"));
                }
                SourceDate::OpenEnded => Value::OpenEnded,
                SourceDate::Missing if self.field.required => return Err("is empty".to_owned()),
                SourceDate::Missing => return Ok(None),
            },
            FieldType::Moment => match parse_moment(text).map_err(|error| error.to_string())? {
                Some(moment) => Value::Moment(moment),
                None if self.field.required => return Err("is empty".to_owned()),
                None => return Ok(None),
            },
            FieldType::Decimal => {
                let number = text.parse::<Decimal>();
                let number = number.map_err(|_| format!("{text:?}: a number is expected"))?;
                if !(Decimal::ZERO..=Decimal::from(DECIMAL_MAX)).contains(&number) {
                    return Err(format!("{text:?}: 0 to {DECIMAL_MAX} is expected"));
                }
                // Zero may have a sign.
                Value::Decimal(number.abs())
            }
            FieldType::Uscc => Value::Uscc(text.parse().map_err(|error| said(&error))?),
            FieldType::Division => {
                let code: DivisionCode = text.parse().map_err(|error| said(&error))?;
                if tree.get(code).is_none() {
                    return Err(format!("{text:?}: there is no such division"));
                }
                Value::Division(code)
            }
            FieldType::Names => {
                let names = text
                    .split([';', '；'])
                    .map(str::trim)
                    .filter(|name| !is_missing(name));
                Value::Names(names.map(str::to_owned).collect())
            }
            FieldType::CaseNumber => Value::CaseNumber(text.parse().map_err(|error| said(&error))?),
            FieldType::Yuan => owed(text, MoneyUnit::Yuan)?,
            FieldType::TenThousandYuan => owed(text, MoneyUnit::TenThousand)?,
            FieldType::Code => match self.field.words.get(text) {
                Some(code) => Value::Text(code.clone()),
                None => {
                    let expected: Vec<_> = self.field.words.keys().map(String::as_str).collect();
                    return Err(format!(
                        "unknown value {text:?}, expected one of {}",
                        expected.join(", ")
                    ));
                }
            },
        };
        Ok(Some(value))
    }
}

/// An amount that is owed: it is never below zero.
fn owed(text: &str, unit: MoneyUnit) -> Result<Value, String> {
    let amount = Money::parse(text, unit).map_err(|error| format!("{text:?}: {error}"))?;
    match amount.cents() < 0 {
        true => Err(format!("{text:?}: an amount of at least 0 is expected")),
        false => Ok(Value::Money(amount)),
    }
}

impl Fields<'_> {
    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        match self.0.remove(name) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    pub(super) fn day(&self, name: &str) -> Option<NaiveDate> {
        match self.0.get(name) {
            Some(Value::Day(day)) => Some(*day),
            _ => None,
        }
    }

    pub(super) fn uscc(&self, name: &str) -> Option<Uscc> {
        match self.0.get(name) {
            Some(Value::Uscc(code)) => Some(*code),
            _ => None,
        }
    }

    pub(super) fn division(&self, name: &str) -> Option<DivisionCode> {
        match self.0.get(name) {
            Some(Value::Division(code)) => Some(*code),
            _ => None,
        }
    }

    pub(super) fn names(&mut self, name: &str) -> Vec<String> {
        match self.0.remove(name) {
            Some(Value::Names(names)) => names,
            _ => Vec::new(),
        }
    }

    pub(super) fn case_number(&self, name: &str) -> Option<&CaseNumber> {
        match self.0.get(name) {
            Some(Value::CaseNumber(number)) => Some(number),
            _ => None,
        }
    }

    pub(super) fn moment(&self, name: &str) -> Option<DateTime<Utc>> {
        match self.0.get(name) {
            Some(Value::Moment(moment)) => Some(*moment),
            _ => None,
        }
    }

    pub(super) fn decimal(&self, name: &str) -> Option<Decimal> {
        match self.0.get(name) {
            Some(Value::Decimal(number)) => Some(*number),
            _ => None,
        }
    }

    pub(super) fn money(&self, name: &str) -> Option<Money> {
        match self.0.get(name) {
            Some(Value::Money(money)) => Some(*money),
            _ => None,
        }
    }
}
