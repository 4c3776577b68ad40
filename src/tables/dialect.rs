//! What the three databases say differently: quoting, places for values, and how a value of any type
//! becomes text and back.

use super::Column;
use crate::catalogue::TableName;

/// A database's way to speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    Postgres,
    MySql,
    Sqlite,
}

/// The columns of a table in its order: name, type, whether it may be null. Values: schema, table.
const COLUMNS_POSTGRES: &str = "SELECT a.attname::text, \
     pg_catalog.format_type(a.atttypid, a.atttypmod)::text, (NOT a.attnotnull)::text \
     FROM pg_catalog.pg_attribute a WHERE a.attnum > 0 AND NOT a.attisdropped \
     AND a.attrelid = pg_catalog.to_regclass($1) ORDER BY a.attnum";
const COLUMNS_MYSQL: &str = "SELECT CAST(COLUMN_NAME AS CHAR), CAST(COLUMN_TYPE AS CHAR), \
     CASE IS_NULLABLE WHEN 'YES' THEN 'true' ELSE 'false' END FROM information_schema.COLUMNS \
     WHERE TABLE_NAME = ? AND TABLE_SCHEMA = COALESCE(NULLIF(?, ''), DATABASE()) \
     ORDER BY ORDINAL_POSITION";
const COLUMNS_SQLITE: &str = "SELECT name, type, \
     CASE WHEN \"notnull\" OR pk THEN 'false' ELSE 'true' END \
     FROM pragma_table_info(?, COALESCE(NULLIF(?, ''), 'main')) ORDER BY cid";

impl Dialect {
    /// The statement that lists a table's columns, and its values.
    pub(super) fn list_columns(self, table: &TableName) -> (&'static str, Vec<String>) {
        let (schema, name) = table.parts();
        let in_schema = || vec![name.to_owned(), schema.unwrap_or_default().to_owned()];
        match self {
            Dialect::Postgres => (COLUMNS_POSTGRES, vec![self.table(table)]),
            Dialect::MySql => (COLUMNS_MYSQL, in_schema()),
            Dialect::Sqlite => (COLUMNS_SQLITE, in_schema()),
        }
    }

    /// A name in quotes.
    pub(super) fn quote(self, name: &str) -> String {
        let mark = if self == Dialect::MySql { '`' } else { '"' };
        let doubled: String = name.replace(mark, &format!("{mark}{mark}"));
        format!("{mark}{doubled}{mark}")
    }

    /// A table in quotes.
    pub(super) fn table(self, table: &TableName) -> String {
        match table.parts() {
            (Some(schema), table) => format!("{}.{}", self.quote(schema), self.quote(table)),
            (None, table) => self.quote(table),
        }
    }

    /// A column's value as text; of bytes their hexadecimal digits.
    pub(super) fn as_text(self, column: &Column) -> String {
        let (name, kind) = (self.quote(&column.name), column.kind.to_ascii_lowercase());
        match self {
            Dialect::Postgres => format!("{name}::text"),
            Dialect::MySql if kind.contains("blob") || kind.contains("binary") => {
                format!("HEX({name})")
            }
            Dialect::MySql if kind.starts_with("bit") => format!("CAST({name} + 0 AS CHAR)"),
            Dialect::MySql => format!("CAST({name} AS CHAR)"),
            Dialect::Sqlite => format!(
                "CASE typeof({name}) WHEN 'blob' THEN hex({name}) ELSE CAST({name} AS TEXT) END"
            ),
        }
    }

    /// The place of the `n`th value, read as the column's type, so that an index on the column
    /// serves and no value is compared as text that is none.
    pub(super) fn value(self, n: usize, column: &Column) -> String {
        let kind = column.kind.to_ascii_lowercase();
        let begins = |word: &str| kind.starts_with(word);
        match self {
            Dialect::Postgres => format!("CAST(${n} AS {})", column.kind),
            Dialect::MySql if kind.contains("int") && kind.contains("unsigned") => {
                "CAST(? AS UNSIGNED)".to_owned()
            }
            Dialect::MySql if kind.contains("int") => "CAST(? AS SIGNED)".to_owned(),
            Dialect::MySql if begins("datetime") || begins("timestamp") => {
                "CAST(? AS DATETIME(6))".to_owned()
            }
            // SQLite gives the value the column's affinity by itself.
            Dialect::MySql | Dialect::Sqlite => "?".to_owned(),
        }
    }

    /// What stands behind the values of a `SELECT` without a table.
    pub(super) fn no_table(self) -> &'static str {
        match self {
            Dialect::MySql => " FROM DUAL",
            Dialect::Postgres | Dialect::Sqlite => "",
        }
    }
}
