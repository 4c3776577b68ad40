//! `outbound/*.toml`: what a platform is told of records, and in which layout over which channel.

mod channel;
mod check;
mod field;

use std::collections::BTreeMap;

use domain::{credit_record::CreditRecordKind, outbox::Operation};
use serde::Deserialize;
use toml::Spanned;

use super::{
    Error,
    files::{Files, parse},
};

pub use channel::{
    Answer, Feedback, Manifest, Package, PackageForm, Query, SendService, SqlType, Table,
};
pub use field::{OutboundField, Values};

/// Characters of a cell where a column does not say otherwise.
const CHARS_MAX: usize = 1_000;

/// What one platform is told.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layout {
    pub key: Spanned<String>,
    pub title: String,
    /// What records leave for, as the audit log has it.
    pub purpose: Option<String>,
    /// Whether the platform's own layout was at hand when this was written.
    pub verified: bool,
    /// The kinds of records that leave.
    pub kinds: Spanned<Vec<String>>,
    /// Sources whose records do not leave.
    #[serde(default)]
    pub sources_excluded: Vec<String>,
    /// The platform's words for what it is to do.
    pub operations: Spanned<BTreeMap<String, String>>,
    pub column: Vec<Spanned<OutboundColumn>>,
    pub service: Option<SendService>,
    pub package: Option<Package>,
    pub table: Option<Spanned<Table>>,
    #[serde(default)]
    pub sample: Vec<Sample>,
}

/// One column of a row that leaves.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutboundColumn {
    pub name: String,
    /// What of the record it says …
    pub field: Option<OutboundField>,
    /// … or what it always says.
    pub value: Option<String>,
    /// How a day or a moment is written, with the placeholders of strftime.
    pub format: Option<String>,
    /// The platform's words for ours.
    #[serde(default)]
    pub codes: BTreeMap<String, String>,
    /// A record without it is not sent, and shown as refused.
    #[serde(default)]
    pub required: bool,
    /// Characters at most; what is longer is not sent, and shown as refused.
    #[serde(default = "chars_max")]
    pub chars_max: usize,
}

fn chars_max() -> usize {
    CHARS_MAX
}

/// A made-up record and the row that it must become.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    pub record: BTreeMap<OutboundField, String>,
    pub row: BTreeMap<String, String>,
}

impl Layout {
    /// The columns in their order.
    pub fn columns(&self) -> impl Iterator<Item = &OutboundColumn> {
        self.column.iter().map(Spanned::get_ref)
    }

    /// The name of the column that holds the message's number.
    pub fn number_column(&self) -> Option<&str> {
        self.columns()
            .find(|column| column.field == Some(OutboundField::MessageNumber))
            .map(|column| column.name.as_str())
    }

    /// The platform's word for an operation.
    pub fn operation(&self, operation: Operation) -> Option<&str> {
        self.operations
            .get_ref()
            .get(operation.as_str())
            .map(String::as_str)
    }
}

pub(super) fn load(files: &Files) -> Result<BTreeMap<String, Layout>, Vec<Error>> {
    let mut layouts = BTreeMap::new();
    let mut errors = Vec::new();
    for (name, text) in files.in_folder("outbound") {
        match parse::<Layout>(name, text) {
            Ok(layout) => {
                check::check(name, text, &layout, &mut errors);
                layouts.insert(layout.key.get_ref().clone(), layout);
            }
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() {
        Ok(layouts)
    } else {
        Err(errors)
    }
}

/// The kinds of records, for a mistake's reason.
fn kinds() -> String {
    let kinds: Vec<_> = CreditRecordKind::ALL
        .iter()
        .map(|kind| kind.as_str())
        .collect();
    kinds.join(", ")
}
