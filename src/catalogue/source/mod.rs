//! `sources/*.toml`: what each source delivers and how it is read.
//!
//! A source has forms; a form is told by its columns or keys, yields one kind of fact, and says of
//! every column whether it is used, kept or dropped. What is not said is a warning, never ignored.

mod exchange;
mod form;
mod intake;

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use toml::Spanned;

use super::{
    Error, Lists,
    files::{Files, parse},
};

pub use exchange::{ColumnName, Exchange, FeedbackTable, Mailbox, TableName};
pub use form::{Field, FieldType, Form, Yields};
pub use intake::{Envelope, Pull, Schedule, Service, Signing};

/// A delivery says all that its feed holds, or only what changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Extent {
    Full,
    Delta,
}

/// When a delivery is held: relative to the last full one, with room for small sources.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bounds {
    /// It is held when it has fewer rows than this share of the last full delivery …
    pub rows_min_share: f64,
    /// … or withdraws more than this share of what its feed lists …
    pub withdrawn_max_share: f64,
    /// … and the difference is more than so many rows.
    pub slack_rows: i64,
    /// At most so many rows.
    pub rows_max: i64,
    /// At most so many bytes in a file.
    pub file_bytes_max: u64,
}

/// A source.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    pub key: Spanned<String>,
    pub title: String,
    pub publisher: String,
    /// ISO 8601 duration after which its data is stale, in whole days or hours.
    pub cadence: Spanned<String>,
    pub extent: Extent,
    pub bounds: Bounds,
    #[serde(default)]
    pub envelope: Envelope,
    #[serde(default)]
    pub service: Service,
    #[serde(default)]
    pub pull: Vec<Pull>,
    pub exchange: Option<Exchange>,
    pub mailbox: Option<Mailbox>,
    pub schedule: Option<Schedule>,
    pub form: Vec<Form>,
    #[serde(skip)]
    pub cadence_h: i64,
}

pub(super) fn load(
    files: &Files,
    lists: Option<&Lists>,
) -> Result<BTreeMap<String, Source>, Vec<Error>> {
    let mut sources = BTreeMap::new();
    let mut errors = Vec::new();
    for (name, text) in files.in_folder("sources") {
        match parse::<Source>(name, text) {
            Ok(mut source) => {
                check(name, text, &mut source, lists, &mut errors);
                sources.insert(source.key.get_ref().clone(), source);
            }
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() {
        Ok(sources)
    } else {
        Err(errors)
    }
}

fn check(
    name: &str,
    text: &str,
    source: &mut Source,
    lists: Option<&Lists>,
    errors: &mut Vec<Error>,
) {
    if name != format!("sources/{}.toml", source.key.get_ref()) {
        let reason = format!("{:?} is unlike the file's name", source.key.get_ref());
        errors.push(Error::at(name, text, source.key.span(), "key", reason));
    }
    match cadence_h(source.cadence.get_ref()) {
        Some(hours) => source.cadence_h = hours,
        None => errors.push(Error::at(
            name,
            text,
            source.cadence.span(),
            "cadence",
            format!("{:?}, expected PnD or PTnH", source.cadence.get_ref()),
        )),
    }
    if source.form.is_empty() {
        errors.push(Error::in_file(name, "key form: at least one is needed"));
    }
    for form in &source.form {
        let mut wrong = |key: &str, reason: String| {
            errors.push(place_of_form(name, text, &form.name, key, reason));
        };
        let (must, may) = form.yields.fields();
        for field in must
            .iter()
            .filter(|field| !form.fields.contains_key(**field))
        {
            wrong(&format!("fields.{field}"), "is missing".to_owned());
        }
        for (field, entry) in &form.fields {
            if !must.contains(&field.as_str()) && !may.contains(&field.as_str()) {
                let expected = [must, may].concat().join(", ");
                wrong(
                    &format!("fields.{field}"),
                    format!("unknown field, expected one of {expected}"),
                );
            }
            if entry.from.is_empty() {
                wrong(
                    &format!("fields.{field}.from"),
                    "names no column".to_owned(),
                );
            }
            if (entry.read_as == FieldType::Code) == entry.codes.is_empty() {
                wrong(
                    &format!("fields.{field}.codes"),
                    "goes with as = \"code\" and with nothing else".to_owned(),
                );
            }
        }
        let known: BTreeSet<&str> = form.columns().collect();
        for column in form
            .told_by
            .iter()
            .filter(|column| !known.contains(column.as_str()))
        {
            wrong(
                "told_by",
                format!("column {column:?} is in none of fields, key, keep and drop"),
            );
        }
        if form.told_by.is_empty() || form.key.iter().any(Vec::is_empty) || form.key.is_empty() {
            wrong("key", "told_by and key must name columns".to_owned());
        }
        match (&form.item, form.yields) {
            (Some(item), Yields::CreditRecord) => {
                if lists.is_some_and(|lists| lists.item(item.get_ref()).is_none()) {
                    let reason = format!("there is no catalogue item {:?}", item.get_ref());
                    errors.push(Error::at(name, text, item.span(), "form.item", reason));
                }
            }
            (None, Yields::CreditRecord) => {
                wrong("item", "a record needs a catalogue item".to_owned())
            }
            (Some(item), _) => {
                let reason = "only records have a catalogue item".to_owned();
                errors.push(Error::at(name, text, item.span(), "form.item", reason));
            }
            (None, _) => {}
        }
    }
}

/// The place of a mistake inside a form: the line of its key, or where there is none that of the
/// form's name.
fn place_of_form(file: &str, text: &str, form: &str, key: &str, reason: String) -> Error {
    let start = text.find(&format!("\"{form}\"")).unwrap_or(0);
    let last = key.split('.').nth(1).unwrap_or(key);
    let begins = |line: &str| {
        let line = line.trim_start();
        let is_table = line.starts_with(&format!("[form.fields.{last}]"));
        is_table
            || line
                .strip_prefix(last)
                .is_some_and(|rest| rest.trim_start().starts_with('='))
    };
    let mut at = start;
    let place = text[start..].split_inclusive('\n').find_map(|line| {
        let here = at;
        at += line.len();
        begins(line).then_some(here)
    });
    let place = place.unwrap_or(start);
    Error::at(
        file,
        text,
        place..place,
        format!("form {form}: {key}"),
        reason,
    )
}

fn cadence_h(text: &str) -> Option<i64> {
    let (number, hours) = match text.strip_prefix("PT") {
        Some(rest) => (rest.strip_suffix('H')?, 1),
        None => (text.strip_prefix('P')?.strip_suffix('D')?, 24),
    };
    number
        .parse::<i64>()
        .ok()
        .filter(|number| (1..=3_660).contains(number))
        .map(|number| number * hours)
}
