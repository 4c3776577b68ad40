//! From a raw row to typed fields, by the form's description: strictly, or rejected with its column.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    case_number::CaseNumber,
    date::{SourceDate, is_missing, parse_date, parse_moment},
    division::{DivisionCode, DivisionTree},
    money::{Money, MoneyUnit},
    name::normalise,
    privacy::{citizen_number, mask_numbers},
    uscc::Uscc,
};
use hmac::{Hmac, KeyInit, Mac};
use rust_decimal::Decimal;
use serde_json::{Map, Value as Json};
use sm3::Sm3;

use crate::{
    catalogue::{Condition, Field, FieldType, Form, Other},
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
    Moment(DateTime<Utc>),
    Decimal(Decimal),
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
    persons: Vec<FieldReader<'a>>,
    only: Vec<Asked<'a>>,
    ends: Vec<Asked<'a>>,
    closed: Vec<(&'a str, Asked<'a>)>,
    established: Vec<Asked<'a>>,
    sort: Option<usize>,
}

/// What becomes of a row before it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Read,
    /// It is none of ours, or a test row.
    Counted,
    /// What it identifies is listed no longer.
    Ended,
}

/// A column and the values of which it must have one.
struct Asked<'a> {
    slot: usize,
    values: &'a [String],
}

impl<'a> Asked<'a> {
    fn all(condition: &'a Condition, known: &Columns) -> Vec<Self> {
        let asked = |(column, values): (&String, &'a Vec<String>)| {
            let slot = known.slot(column)?;
            Some(Self { slot, values })
        };
        condition.iter().filter_map(asked).collect()
    }

    /// Whether the row's value is one of them; `absent` where the row has no such column.
    fn holds(&self, row: &RawRow, absent: bool) -> bool {
        match &row.cells[self.slot] {
            None => absent,
            Some(text) => self.values.iter().any(|value| value == text.trim()),
        }
    }
}

/// The key by which numbers of natural persons are digested (HMAC-SM3); it stands outside the
/// database, so that the digests alone give nobody away.
#[derive(Clone)]
pub struct PersonKey(Arc<[u8]>);

impl PersonKey {
    /// A key of these bytes.
    pub fn new(key: &[u8]) -> Self {
        Self(key.into())
    }

    fn digest(&self, number: &str) -> String {
        let mut mac = Hmac::<Sm3>::new_from_slice(&self.0).expect("a key of any length is taken");
        mac.update(number.as_bytes());
        crate::hex(&mac.finalize().into_bytes())
    }
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
        let persons = form
            .fields
            .values()
            .filter(|field| field.read_as == FieldType::Person);
        Self {
            persons: persons
                .map(|field| FieldReader {
                    field,
                    slots: slots(&field.from),
                })
                .collect(),
            only: Asked::all(&form.only, known),
            ends: Asked::all(&form.ends, known),
            closed: form
                .closed
                .keys()
                .map(String::as_str)
                .zip(Asked::all(&form.closed, known))
                .collect(),
            established: form
                .record
                .as_ref()
                .map(|record| Asked::all(&record.when, known))
                .unwrap_or_default(),
            sort: form.sort.as_ref().and_then(|sort| known.slot(&sort.by)),
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

    /// Puts keyed digests in the place of natural persons' numbers, before anything else is done.
    pub(super) fn digest(&self, row: &mut RawRow, key: &PersonKey) -> Result<(), Refused> {
        for reader in &self.persons {
            let cells = reader.slots.iter().copied();
            let filled = cells.filter(|slot| {
                row.cells[*slot]
                    .as_deref()
                    .is_some_and(|text| !is_missing(text))
            });
            for slot in filled.collect::<Vec<_>>() {
                let number = row.cells[slot].as_deref().and_then(citizen_number);
                // What stands there is not repeated: it may be a number with one digit wrong.
                let refused = || Refused {
                    column: reader.field.from[0].clone(),
                    reason: "is no whole citizen number with a right check character".to_owned(),
                };
                row.cells[slot] = Some(key.digest(&number.ok_or_else(refused)?));
            }
        }
        Ok(())
    }

    /// What the form says about such a row before it is read.
    pub(super) fn fate(&self, row: &RawRow) -> Result<Fate, Refused> {
        if !self.only.iter().all(|asked| asked.holds(row, true)) {
            return Ok(Fate::Counted);
        }
        if self.ends.iter().any(|asked| asked.holds(row, false)) {
            return Ok(Fate::Ended);
        }
        for (column, asked) in &self.closed {
            if !asked.holds(row, true) {
                let found = row.cells[asked.slot].as_deref().unwrap_or_default();
                return Err(Refused {
                    column: (*column).to_owned(),
                    reason: format!(
                        "unknown value {found:?}, expected one of {}",
                        asked.values.join(", ")
                    ),
                });
            }
        }
        let (Some(sort), Some(slot)) = (&self.form.sort, self.sort) else {
            return Ok(Fate::Read);
        };
        let category = row.cells[slot]
            .as_deref()
            .map(str::trim)
            .unwrap_or_default();
        let is_in = |words: &[String]| words.iter().any(|word| word == category);
        match () {
            () if is_in(&sort.keep) => Ok(Fate::Read),
            () if is_in(&sort.count) => Ok(Fate::Counted),
            () => match sort.other {
                Other::Keep => Ok(Fate::Read),
                Other::Count => Ok(Fate::Counted),
                Other::Reject => Err(Refused {
                    column: sort.by.clone(),
                    reason: format!(
                        "unknown category {category:?}, expected one of {}",
                        [sort.keep.as_slice(), &sort.count].concat().join(", ")
                    ),
                }),
            },
        }
    }

    /// Whether what the row alleges is established.
    pub(super) fn is_established(&self, row: &RawRow) -> bool {
        !self.established.is_empty() && self.established.iter().all(|asked| asked.holds(row, false))
    }

    /// Whether its rows hold numbers of natural persons.
    pub(super) fn has_persons(&self) -> bool {
        !self.persons.is_empty()
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
                Value::Decimal(number.map_err(|_| format!("{text:?}: a number is expected"))?)
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
            FieldType::Yuan => {
                Value::Money(Money::parse(text, MoneyUnit::Yuan).map_err(|error| said(&error))?)
            }
            FieldType::TenThousandYuan => {
                let amount = Money::parse(text, MoneyUnit::TenThousand);
                Value::Money(amount.map_err(|error| said(&error))?)
            }
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
