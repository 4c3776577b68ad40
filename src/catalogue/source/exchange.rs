//! Exchange tables and mailboxes: what of them is read. The names of tables and columns become part
//! of a statement, so they are checked where they are written.

use serde::Deserialize;

/// Characters of one name; what PostgreSQL and MySQL take at most.
const NAME_CHARS_MAX: usize = 63;

/// An exchange table (库表, 前置机): rows with an operation, a time and a number.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// The table that is read.
    pub table: TableName,
    /// The columns that are read; all that the table has where absent.
    #[serde(default)]
    pub columns: Vec<ColumnName>,
    /// When a row was put in; with `id` the order in which rows are read.
    #[serde(default = "time_column")]
    pub time: ColumnName,
    /// What tells rows of the same time apart.
    #[serde(default = "id_column")]
    pub id: ColumnName,
    /// What its rows say of themselves: such a column must be there where the source's forms ask it,
    /// even if files may lack it.
    #[serde(default = "marks")]
    pub marks: Vec<ColumnName>,
    /// Rows may appear so many minutes later than their time says: each read starts again so far
    /// behind the last one.
    #[serde(default = "late_minutes")]
    pub late_minutes: u32,
    /// Rows that are asked for at once, and kept in one file.
    #[serde(default = "batch_rows")]
    pub batch_rows: u32,
    /// New rows of one run at most; the next run goes on behind them.
    #[serde(default = "rows_max")]
    pub rows_max: u64,
    /// Where the table's owner wants to hear what became of his rows.
    pub feedback: Option<FeedbackTable>,
}

/// A feedback table (反馈表) in the same database, by its column names.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeedbackTable {
    pub table: TableName,
    /// The received row's `id`.
    pub id: ColumnName,
    /// The run that received it.
    pub run: ColumnName,
    /// What became of it: one of the words below.
    pub state: ColumnName,
    pub ok: String,
    pub refused: String,
    /// Why it was refused.
    pub reason: ColumnName,
    /// Characters of a reason that the column takes.
    #[serde(default = "reason_chars")]
    pub reason_chars: usize,
    /// When the feedback was written, in the time of China.
    pub time: ColumnName,
    /// Accepted rows are told too.
    #[serde(default)]
    pub accepted: bool,
}

/// A mailbox that is read over IMAP.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mailbox {
    /// The folder that is read, such as `INBOX`.
    pub folder: String,
}

/// A column's name: letters, digits and `_`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct ColumnName(String);

/// A table's name, or one of a schema: `schema.table`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct TableName(String);

impl ColumnName {
    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TableName {
    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same name in small letters.
    pub fn in_small_letters(&self) -> Self {
        Self(self.0.to_ascii_lowercase())
    }

    /// The schema, where one is named, and the table in it.
    pub fn parts(&self) -> (Option<&str>, &str) {
        match self.0.split_once('.') {
            Some((schema, table)) => (Some(schema), table),
            None => (None, &self.0),
        }
    }
}

impl TryFrom<String> for ColumnName {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if is_name(&text) {
            Ok(Self(text))
        } else {
            Err(format!(
                "{text:?} is no column's name; expected at most {NAME_CHARS_MAX} of A-Z, a-z, 0-9 \
                 and _, no digit first"
            ))
        }
    }
}

impl TryFrom<String> for TableName {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let mut parts = text.splitn(2, '.');
        if parts.all(is_name) {
            Ok(Self(text))
        } else {
            Err(format!(
                "{text:?} is no table's name; expected TABLE or SCHEMA.TABLE, each at most \
                 {NAME_CHARS_MAX} of A-Z, a-z, 0-9 and _, no digit first"
            ))
        }
    }
}

fn is_name(text: &str) -> bool {
    let begins = text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    let is_plain = |character: char| character.is_ascii_alphanumeric() || character == '_';
    begins && text.len() <= NAME_CHARS_MAX && text.chars().all(is_plain)
}

fn time_column() -> ColumnName {
    ColumnName("cd_time".to_owned())
}

fn id_column() -> ColumnName {
    ColumnName("id".to_owned())
}

fn marks() -> Vec<ColumnName> {
    ["opt_type", "env_flag"]
        .map(|name| ColumnName(name.to_owned()))
        .into()
}

fn late_minutes() -> u32 {
    60
}

fn batch_rows() -> u32 {
    5_000
}

fn rows_max() -> u64 {
    200_000
}

fn reason_chars() -> usize {
    200
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange(text: &str) -> Result<Exchange, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_not_said_has_its_usual_value() {
        let exchange = exchange("table = \"share.t_xzcf\"").expect("good");
        assert_eq!(exchange.table.parts(), (Some("share"), "t_xzcf"));
        assert_eq!(
            (exchange.time.as_str(), exchange.id.as_str()),
            ("cd_time", "id")
        );
        assert_eq!((exchange.late_minutes, exchange.batch_rows), (60, 5_000));
    }

    #[test]
    fn a_name_that_could_be_more_than_a_name_is_refused() {
        let long = "a".repeat(64);
        for name in [
            "", "1a", "a b", "a;b", "a\"b", "a`b", "a.b.c", ".a", "a.", "表", &long,
        ] {
            let error = exchange(&format!("table = {name:?}")).expect_err(name);
            assert!(error.contains("table's name"), "{error}");
        }
        let error = exchange("table = \"t\"\ntime = \"a.b\"").expect_err("a column");
        assert!(error.contains("column's name"), "{error}");
    }
}
