//! `sources/*.toml`: what each source delivers and how it is read.
//!
//! A source has forms; a form is told by its columns or keys, yields one kind of fact, and says of
//! every column whether it is used, kept or dropped. What is not said is a warning, never ignored.

mod check;
mod exchange;
mod form;
mod intake;
mod pull;

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::{
    Error, Lists,
    files::{Files, parse},
};

pub use exchange::{ColumnName, Exchange, FeedbackTable, Mailbox, TableName};
pub use form::{Common, Condition, Field, FieldType, Form, HeldPost, Other, Sort, Words, Yields};
pub use intake::{Envelope, Schedule, Service, Signing};
pub use pull::{Asking, Paging, Pull, Since, TimeFormat};

/// What follows the table's name in the name of a file of its rows.
pub const EXCHANGE_ROWS: &str = " rows ";

/// What follows the folder's name in the name of a letter's file.
pub const MAILBOX_LETTER: &str = " uid ";

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

/// How a source's files are read, where their content does not tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reader {
    /// Messages: `.eml` or `mbox`.
    Mail,
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
    /// The channel that its clues come through, such as `HOTLINE`.
    pub channel: Option<String>,
    /// For how many days its raw bytes are kept, from each delivery on.
    #[serde(default = "raw_days")]
    pub raw_days: u32,
    pub bounds: Bounds,
    /// Words of the source and ours for them, by the name under which fields use them.
    #[serde(default)]
    pub lookup: BTreeMap<String, Words>,
    /// Told by the content where absent.
    pub reader: Option<Reader>,
    #[serde(default)]
    pub envelope: Envelope,
    #[serde(default)]
    pub service: Service,
    #[serde(default)]
    pub pull: Vec<Pull>,
    #[serde(default)]
    pub exchange: Vec<Exchange>,
    pub mailbox: Option<Mailbox>,
    pub schedule: Option<Schedule>,
    /// What holds of all forms.
    #[serde(default)]
    pub common: Common,
    pub form: Vec<Form>,
    #[serde(default)]
    pub sample: Vec<Sample>,
    #[serde(skip)]
    pub cadence_h: i64,
}

/// For how many days raw bytes are kept of which nothing else is said.
pub const RAW_DAYS: u32 = 1_095;

fn raw_days() -> u32 {
    RAW_DAYS
}

impl Source {
    /// The exchange table that a kept file's rows came from, by the file's name.
    pub fn exchange_of(&self, file: &str) -> Option<&Exchange> {
        self.exchange.iter().find(|exchange| {
            let rest = file.strip_prefix(exchange.table.as_str());
            rest.is_some_and(|rest| rest.starts_with(EXCHANGE_ROWS))
        })
    }

    /// Whether a kept file is a letter of the source's mailbox, by the file's name.
    pub fn is_letter_of(&self, file: &str) -> bool {
        let mailbox = self.mailbox.as_ref();
        mailbox.is_some_and(|mailbox| {
            let rest = file.strip_prefix(mailbox.folder.as_str());
            rest.is_some_and(|rest| rest.starts_with(MAILBOX_LETTER))
        })
    }

    /// The lists that are pulled from a place which names these, or none in particular.
    pub fn lists(&self, named: &[String]) -> Result<Vec<&Pull>, String> {
        if named.is_empty() {
            let usual = self.pull.iter().filter(|pull| !pull.only_if_named);
            return Ok(usual.collect());
        }
        let list = |name: &String| {
            let found = self.pull.iter().find(|pull| pull.name() == name);
            found.ok_or_else(|| format!("its description has no list {name:?}"))
        };
        named.iter().map(list).collect()
    }
}

/// A small delivery and what must become of it: what a description claims, tried.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    pub what: String,
    /// Made-up bodies that the register knows, by their codes.
    #[serde(default)]
    pub bodies: BTreeMap<String, String>,
    /// The file.
    pub text: String,
    /// For each row `agency`, `succession`, `record`, `clue`, `mention`, `indicator`, `post`,
    /// `assessment`, `counted`, `ended`, or `rejected: COLUMN`.
    #[serde(default)]
    pub becomes: Vec<String>,
    /// Part of the sentence by which the delivery is refused as a whole.
    pub refused: Option<String>,
    /// Parts of the warnings.
    #[serde(default)]
    pub warns: Vec<String>,
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
                check::check(name, text, &mut source, lists, &mut errors);
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
