//! From a raw row to what its form makes of it: key, evidence, and typed fields.

use std::{borrow::Cow, collections::BTreeMap};

use domain::{
    date::is_missing,
    division::DivisionTree,
    name::normalise,
    privacy::{citizen_number, mask_numbers},
};
use serde_json::{Map, Value as Json};

use crate::{
    catalogue::{ColumnName, FieldType, Form, Yields},
    person_key::PersonKey,
    sources::{Columns, RawRow},
};

use super::{
    fate::Fates,
    field::{FieldReader, Fields, Refused, Value},
};

/// A form with its columns' slots.
pub(super) struct FormReader<'a> {
    pub form: &'a Form,
    fields: BTreeMap<&'a str, FieldReader<'a>>,
    /// Alternatives, each with its slots and whether they may be empty.
    key: Vec<Vec<(usize, bool)>>,
    /// What stands in the evidence, in the order of the description.
    kept: Vec<(&'a str, usize)>,
    /// The kept columns that may hold a person's number.
    masked: Vec<usize>,
    tree: &'a DivisionTree,
    persons: Vec<FieldReader<'a>>,
    pub fates: Fates<'a>,
}

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
            fates: Fates::of(form, known),
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
                .filter(|(column, _)| !is_left(form, column))
                .map(|(_, slot)| *slot)
                .collect(),
            kept,
            form,
            tree,
        }
    }

    /// The columns that a file lacks; one from an exchange table also has those `marks` that are asked.
    pub(super) fn missing_columns(
        &self,
        has: impl Fn(&str) -> bool,
        marks: &[ColumnName],
    ) -> Vec<&'a str> {
        let form: &'a Form = self.form;
        let fields = form
            .fields
            .values()
            .filter(|field| !field.column_optional && !field.from.iter().any(|column| has(column)))
            .map(|field| field.from[0].as_str());
        let is_whole = |columns: &Vec<String>| columns.iter().all(|column| has(column));
        let key = match form.key.iter().any(is_whole) {
            true => None,
            false => form.key[0]
                .iter()
                .find(|column| !has(column))
                .map(String::as_str),
        };
        let is_mark = |column: &str| {
            let mut marks = marks.iter().map(ColumnName::as_str);
            marks.any(|mark| mark.eq_ignore_ascii_case(column))
        };
        let asked = form
            .asked()
            .filter(|column| !form.may_lack(column) || is_mark(column))
            .filter(|column| !has(column));
        let mut missing = Vec::new();
        for column in fields.chain(key).chain(asked) {
            if !missing.contains(&column) {
                missing.push(column);
            }
        }
        missing
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
    /// it, and once it is known what identifies the row.
    pub(super) fn mask(&self, row: &mut RawRow) {
        for slot in &self.masked {
            if let Some(text) = &mut row.cells[*slot]
                && let Cow::Owned(masked) = mask_numbers(text)
            {
                *text = masked;
            }
        }
    }

    /// Puts another text in the place of one, in all columns that are kept.
    pub(super) fn replace(&self, row: &mut RawRow, text: &str, by: &str) {
        for (_, slot) in self.kept.iter().filter(|_| !text.is_empty()) {
            if let Some(cell) = row.cells[*slot].as_mut().filter(|cell| cell.contains(text)) {
                *cell = cell.replace(text, by);
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

/// A digest is no text that a person's number could stand in; and what identifies a body or an event of the
/// register is left as it is. A code elsewhere may be a person's number that somebody wrote there.
fn is_left(form: &Form, column: &str) -> bool {
    let names_bodies = matches!(form.yields, Yields::Agency | Yields::Succession);
    let is_key = || form.key.iter().flatten().any(|of_key| of_key == column);
    let is_digest = || {
        let mut fields = form.fields.values();
        fields.any(|field| {
            field.read_as == FieldType::Person && field.from.iter().any(|from| from == column)
        })
    };
    names_bodies && is_key() || is_digest()
}

fn key_slots(form: &Form, columns: &[String], known: &Columns) -> Vec<(usize, bool)> {
    let slot = |column: &String| Some((known.slot(column)?, form.key_may_lack.contains(column)));
    columns.iter().filter_map(slot).collect()
}
