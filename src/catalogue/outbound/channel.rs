//! The three channels of a layout. Addresses and secrets stand in the configuration.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::catalogue::Signing;

/// A service that takes one message a request.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SendService {
    /// Below the configured address.
    pub path: String,
    /// The key of the body below which the row stands; the body is the row where absent.
    pub row: Option<String>,
    #[serde(default)]
    pub signing: Signing,
    pub answer: Answer,
    /// Where an unknown outcome is asked for; where absent the same message is sent again, and the
    /// platform must tell by its number that it has it already.
    pub query: Option<Query>,
}

/// How a service's answer is read, by JSON pointers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// Where its code stands.
    pub code: String,
    /// Codes that mean: taken in.
    pub accepted: Vec<String>,
    /// Codes that mean: not now. Any other code is a refusal.
    #[serde(default)]
    pub later: Vec<String>,
    pub receipt: Option<String>,
    pub reason: Option<String>,
}

/// How a service is asked what became of a message; its answers are read as those to messages are.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    pub path: String,
    /// The query parameter that takes the message's number.
    pub parameter: String,
    /// Codes that mean: it never came.
    pub missing: Vec<String>,
    /// Codes that mean: it was refused. Any other code leaves the outcome unknown.
    #[serde(default)]
    pub refused: Vec<String>,
}

/// File packages.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Package {
    pub form: PackageForm,
    /// Without its ending; `{date}` and `{digest}` are filled in.
    pub name: String,
    pub rows_max: usize,
    pub manifest: Manifest,
    pub feedback: Option<Feedback>,
}

/// In what a package's rows are written.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PackageForm {
    /// One line a row, below one of headings.
    Csv,
    /// One element a row, inside it one a column.
    Xml {
        /// The name of the document's element.
        root: String,
        /// The name of a row's element.
        row: String,
    },
}

/// The small JSON file that makes a package complete, with the keys that it uses.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Behind the package's name.
    pub suffix: String,
    pub file: String,
    pub rows: String,
    /// SHA-256 of the file's bytes, in hexadecimal.
    pub digest: String,
}

/// What a platform says later about messages: a file with this suffix, or a table of this name.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feedback {
    #[serde(alias = "suffix")]
    pub name: String,
    /// The columns, and the states that mean something to us.
    pub number: String,
    pub state: String,
    pub accepted: Vec<String>,
    pub refused: Vec<String>,
    pub receipt: Option<String>,
    pub reason: Option<String>,
}

/// An exchange table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// With its schema before a dot where it has one.
    pub name: String,
    /// Rows in one transaction.
    pub batch_rows: usize,
    /// Columns that are no texts there.
    #[serde(default)]
    pub types: BTreeMap<String, SqlType>,
    pub feedback: Option<Feedback>,
}

/// What a column of an exchange table holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SqlType {
    Date,
    Timestamp,
    Decimal,
    Integer,
}
