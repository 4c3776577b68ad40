//! From a raw row to typed fields, by the form's description: strictly, or rejected with its column.

use std::{borrow::Cow, collections::BTreeMap};

use chrono::NaiveDate;
use domain::{
    case_number::CaseNumber,
    date::{SourceDate, is_missing, parse_date},
    division::{DivisionCode, DivisionTree},
    money::{Money, MoneyUnit},
    name::normalise,
    privacy::mask_numbers,
    uscc::Uscc,
};
use serde_json::{Map, Value as Json};

use crate::{
    catalogue::{Field, FieldType, Form},
    sources::{Columns, RawRow},
};

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
}

/// Why a row is rejected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refused {
    pub column: String,
    pub reason: String,
}

/// A form with its columns' slots.
pub(super) struct FormReader<'a> {
    pub form: &'a Form,
    fields: BTreeMap<&'a str, FieldReader<'a>>,
    /// Alternatives, each with its slots and whether they may be empty.
    key: Vec<Vec<(usize, bool)>>,
    /// What stands in the evidence, in the order of the description.
    kept: Vec<(&'a str, usize)>,
    /// The kept columns that identify nothing.
    masked: Vec<usize>,
    tree: &'a DivisionTree,
}

struct FieldReader<'a> {
    field: &'a Field,
    slots: Vec<usize>,
}

/// The fields of one row.
pub(super) struct Fields<'a>(BTreeMap<&'a str, Value>);

impl<'a> FormReader<'a> {
    pub(super) fn new(form: &'a Form, known: &Columns, tree: &'a DivisionTree) -> Self {
        let slots = |names: &[String]| {
            names
                .iter()
                .filter_map(|name| known.slot(name))
                .collect::<Vec<_>>()
        };
        let mut kept: Vec<(&str, usize)> = Vec::new();
        for column in form.kept_columns() {
            if let Some(slot) = known.slot(column)
                && !kept.iter().any(|(_, taken)| *taken == slot)
            {
                kept.push((column, slot));
            }
        }
        Self {
            fields: form
                .fields
                .iter()
                .map(|(name, field)| {
                    (
                        name.as_str(),
                        FieldReader {
                            field,
                            slots: slots(&field.from),
                        },
                    )
                })
                .collect(),
            key: form
                .key
                .iter()
                .map(|columns| key_slots(form, columns, known))
                .collect(),
            masked: kept
                .iter()
                .filter(|(column, _)| !form.key.iter().flatten().any(|of_key| of_key == column))
                .map(|(_, slot)| *slot)
                .collect(),
            kept,
            form,
            tree,
        }
    }

    /// The columns that a file with these headings lacks.
    pub(super) fn missing_columns(&self, headings: &[String]) -> Vec<&'a str> {
        let has = |column: &&String| headings.contains(column);
        let fields = self
            .form
            .fields
            .values()
            .filter(|field| !field.column_optional && !field.from.iter().any(|column| has(&column)))
            .map(|field| field.from[0].as_str());
        let key = match self
            .form
            .key
            .iter()
            .any(|columns| columns.iter().all(|column| has(&column)))
        {
            true => None,
            false => self.form.key[0]
                .iter()
                .find(|column| !has(column))
                .map(String::as_str),
        };
        fields.chain(key).collect()
    }

    /// The keys without which no row is any good that this row does not even have.
    pub(super) fn missing_keys(&self, row: &RawRow) -> Vec<&'a str> {
        let lacks = |reader: &&FieldReader<'_>| {
            reader.field.required && reader.slots.iter().all(|slot| row.cells[*slot].is_none())
        };
        let lacking = self.fields.values().filter(lacks);
        lacking
            .map(|reader| reader.field.from[0].as_str())
            .collect()
    }

    /// Masks the numbers of natural persons, wherever the row has them: before anything is made of
    /// it. What identifies the row stays as it is.
    pub(super) fn mask(&self, row: &mut RawRow) {
        for slot in &self.masked {
            if let Some(text) = &mut row.cells[*slot]
                && let Cow::Owned(masked) = mask_numbers(text)
            {
                *text = masked;
            }
        }
    }

    /// What identifies the row, by the first alternative that is filled.
    pub(super) fn key(&self, row: &RawRow) -> Option<String> {
        let text = |slot: usize| {
            row.cells[slot]
                .as_deref()
                .map(str::trim)
                .filter(|text| !is_missing(text))
        };
        self.key.iter().find_map(|slots| {
            let parts = slots.iter().map(|(slot, may_lack)| match text(*slot) {
                // Codes are written in either case.
                Some(text) => Some(normalise(text).to_ascii_uppercase()),
                None => may_lack.then(String::new),
            });
            Some(parts.collect::<Option<Vec<_>>>()?.join("|"))
        })
    }

    /// One field.
    pub(super) fn field(&self, name: &str, row: &RawRow) -> Result<Option<Value>, Refused> {
        match self.fields.get(name) {
            Some(reader) => reader.read(row, self.tree),
            None => Ok(None),
        }
    }

    /// All fields.
    pub(super) fn fields(&self, row: &RawRow) -> Result<Fields<'a>, Refused> {
        let mut fields = BTreeMap::new();
        for (name, reader) in &self.fields {
            if let Some(value) = reader.read(row, self.tree)? {
                fields.insert(*name, value);
            }
        }
        Ok(Fields(fields))
    }

    /// The column that a field is read from, for a reject.
    pub(super) fn column_of(&self, name: &str) -> String {
        self.form
            .fields
            .get(name)
            .and_then(|field| field.from.first())
            .cloned()
            .unwrap_or_default()
    }

    /// The row as evidence: its kept columns that say something, as a JSON object.
    pub(super) fn evidence(&self, row: &RawRow) -> String {
        let mut object = Map::new();
        for (column, slot) in &self.kept {
            if let Some(text) = row.cells[*slot].as_ref().filter(|text| !text.is_empty()) {
                object.insert((*column).to_owned(), Json::String(text.clone()));
            }
        }
        Json::Object(object).to_string()
    }
}

fn key_slots(form: &Form, columns: &[String], known: &Columns) -> Vec<(usize, bool)> {
    let slot = |column: &String| Some((known.slot(column)?, form.key_may_lack.contains(column)));
    columns.iter().filter_map(slot).collect()
}

impl FieldReader<'_> {
    fn read(&self, row: &RawRow, tree: &DivisionTree) -> Result<Option<Value>, Refused> {
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
        if chars > self.field.chars_max {
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
            FieldType::Text | FieldType::SubjectCode => Value::Text(text.to_owned()),
            FieldType::Date => match parse_date(text).map_err(|error| error.to_string())? {
                SourceDate::On(day) => Value::Day(day),
                SourceDate::OpenEnded if self.field.required => {
                    return Err(format!("{text:?} means without end, expected a day"));
                }
                SourceDate::OpenEnded => Value::OpenEnded,
                SourceDate::Missing if self.field.required => return Err("is empty".to_owned()),
                SourceDate::Missing => return Ok(None),
            },
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
            FieldType::Yuan => {
                Value::Money(Money::parse(text, MoneyUnit::Yuan).map_err(|error| said(&error))?)
            }
            FieldType::Code => match self.field.codes.get(text) {
                Some(code) => Value::Text(code.clone()),
                None => {
                    let expected: Vec<_> = self.field.codes.keys().map(String::as_str).collect();
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

    pub(super) fn case_number(&mut self, name: &str) -> Option<CaseNumber> {
        match self.0.remove(name) {
            Some(Value::CaseNumber(number)) => Some(number),
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
