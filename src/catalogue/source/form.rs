//! Forms: a layout in which a source delivers, and what becomes of its rows.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

/// What a form's rows come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Yields {
    Agency,
    Succession,
    CreditRecord,
}

impl Yields {
    /// Its one spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Yields::Agency => "agency",
            Yields::Succession => "succession",
            Yields::CreditRecord => "credit_record",
        }
    }

    /// The fields that a form must, and those that it may, fill.
    pub(super) fn fields(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Yields::Agency => (
                &["uscc", "name", "division"],
                &[
                    "superior",
                    "competent",
                    "former_names",
                    "aliases",
                    "established_on",
                    "abolished_on",
                    "nature",
                ],
            ),
            Yields::Succession => (
                &["from_name", "kind", "effective_on"],
                &["from_uscc", "to_uscc", "to_name", "basis"],
            ),
            Yields::CreditRecord => (
                &["subject_name", "identified_on", "identified_by"],
                &[
                    "subject_code",
                    "subject_org_code",
                    "subject_person",
                    "case_number",
                    "performance",
                    "domain",
                    "amount",
                ],
            ),
        }
    }
}

/// How a field's text is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    /// As it is.
    Text,
    /// A day.
    Date,
    /// A unified social credit code whose check character must be right.
    Uscc,
    /// A code of the subject, however broken: it is noted, and the name decides.
    SubjectCode,
    /// A division code of the tree.
    Division,
    /// Several names, parted by `;`.
    Names,
    /// A court's case number.
    CaseNumber,
    /// An amount in yuan.
    Yuan,
    /// One of the words in `codes`.
    Code,
}

/// How one field is filled.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Columns or keys, of which the first that says something is taken.
    pub from: Vec<String>,
    #[serde(rename = "as")]
    pub read_as: FieldType,
    /// A row without it is rejected.
    #[serde(default)]
    pub required: bool,
    /// The column itself may be missing from a file.
    #[serde(default)]
    pub column_optional: bool,
    /// Characters at most.
    #[serde(default = "chars_max")]
    pub chars_max: usize,
    /// The words of the source and ours for them.
    #[serde(default)]
    pub codes: BTreeMap<String, String>,
}

fn chars_max() -> usize {
    500
}

/// One layout in which a source delivers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    pub name: String,
    pub yields: Yields,
    /// Columns or keys that together tell this form from the source's others.
    pub told_by: Vec<String>,
    /// What identifies a row: the first of these sets of columns that is filled.
    pub key: Vec<Vec<String>>,
    /// Columns of a key that may be empty.
    #[serde(default)]
    pub key_may_lack: Vec<String>,
    /// The catalogue item of the records that it yields.
    pub item: Option<Spanned<String>>,
    pub fields: BTreeMap<String, Field>,
    /// Columns that are kept as evidence though nothing is made of them.
    #[serde(default)]
    pub keep: Vec<String>,
    /// Columns that are known and not kept: personal data, or of no use.
    #[serde(default)]
    pub drop: Vec<String>,
}

impl Form {
    /// All columns that are known.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.kept_columns()
            .chain(self.drop.iter().map(String::as_str))
    }

    /// The columns that stand in the evidence.
    pub fn kept_columns(&self) -> impl Iterator<Item = &str> {
        let used = self.fields.values().flat_map(|field| &field.from);
        let dropped = |column: &&str| !self.drop.iter().any(|dropped| dropped == column);
        used.chain(self.key.iter().flatten())
            .chain(&self.keep)
            .map(String::as_str)
            .filter(dropped)
    }
}
