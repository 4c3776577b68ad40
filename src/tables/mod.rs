//! Foreign databases: tables of others, read in order and written to as text. Names come from a
//! source's description and are quoted, values are always bound.

mod connection;
mod dialect;
mod open;

use crate::{
    catalogue::{ColumnName, TableName},
    config::Place,
};

pub use connection::Connection;

/// Bytes of text that are read at once; what is longer comes with the next page.
const PAGE_BYTES_MAX: usize = 32 * 1_024 * 1_024;
/// Rows that are written in one transaction.
const TRANSACTION_ROWS: usize = 1_000;

/// A row's cells; none where the database has no value.
pub type Row = Vec<Option<String>>;

/// What is wrong with a foreign database.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    // The address itself is not repeated: there may be a password inside.
    #[error("it is no postgres, mysql or sqlite address with options that are known")]
    Address,
    #[error("{0}")]
    Refused(String),
    #[error("{host} lets us not in: {reason}")]
    Unreached { host: String, reason: String },
    #[error("the database says: {0}")]
    Statement(String),
    #[error("the database was too slow")]
    Slow,
    #[error("there is no table {0}, or it may not be read")]
    NoTable(String),
    #[error("table {table} has no column {column}; it has {has}")]
    NoColumn {
        table: String,
        column: String,
        has: String,
    },
}

/// Whether anything is to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    Read,
    Write,
}

/// A column as its database has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    /// Its type in the database's words.
    pub kind: String,
    pub is_nullable: bool,
}

/// A table as its database has it.
#[derive(Debug, Clone)]
pub struct Table {
    pub name: TableName,
    pub columns: Vec<Column>,
}

impl Table {
    /// A column by its name; MySQL and SQLite don't look at its case, so an equal one goes first.
    pub fn column(&self, name: &ColumnName) -> Result<&Column, Error> {
        let name = name.as_str();
        let equal = self.columns.iter().find(|column| column.name == name);
        let alike = |column: &&Column| column.name.eq_ignore_ascii_case(name);
        let found = equal.or_else(|| self.columns.iter().find(alike));
        found.ok_or_else(|| {
            let names: Vec<&str> = self.columns.iter().map(|column| &*column.name).collect();
            Error::NoColumn {
                table: self.name.as_str().to_owned(),
                column: name.to_owned(),
                has: names.join(", "),
            }
        })
    }
}

/// A place in the order of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    pub time: String,
    pub id: String,
}

/// Where a page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// With the first row that has a time and an id.
    Beginning,
    /// With the first row of this time.
    At(String),
    /// Behind this row.
    Behind(Mark),
}

/// What is read, in the order of `time` and `id`.
#[derive(Debug, Clone)]
pub struct Selection<'a> {
    pub table: &'a TableName,
    pub columns: Vec<&'a Column>,
    pub time: &'a Column,
    pub id: &'a Column,
}

/// Rows of a selection, each with its place.
#[derive(Debug, Default)]
pub struct Page {
    pub rows: Vec<(Mark, Row)>,
    /// There may be more behind them.
    pub has_more: bool,
}

/// A foreign database.
pub struct Tables {
    connection: Connection,
}

impl Tables {
    /// Connects to the database at a place.
    pub async fn open(place: &Place, access: Access) -> Result<Self, Error> {
        let connection = Connection::open(place, access).await?;
        Ok(Self { connection })
    }

    /// A table with its columns. Where none has the name as it is written, one has it in small
    /// letters: as PostgreSQL makes it of a name without quotes, and MySQL where it is told to.
    pub async fn table(&mut self, name: &TableName) -> Result<Table, Error> {
        for name in [name, &name.in_small_letters()] {
            let columns = self.columns(name).await?;
            if !columns.is_empty() {
                return Ok(Table {
                    name: name.clone(),
                    columns,
                });
            }
        }
        Err(Error::NoTable(name.as_str().to_owned()))
    }

    async fn columns(&mut self, name: &TableName) -> Result<Vec<Column>, Error> {
        let (sql, values) = self.connection.dialect().list_columns(name);
        let listed = self.connection.rows(sql, &values, PAGE_BYTES_MAX).await?;
        let column = |cells: Row| {
            let mut cells = cells.into_iter().map(Option::unwrap_or_default);
            Column {
                name: cells.next().unwrap_or_default(),
                kind: cells.next().unwrap_or_default(),
                is_nullable: cells.next().as_deref() == Some("true"),
            }
        };
        Ok(listed.rows.into_iter().map(column).collect())
    }

    /// At most so many rows from a start, up to and with a last place where one is given.
    pub async fn page(
        &mut self,
        selection: &Selection<'_>,
        start: &Start,
        until: Option<&Mark>,
        rows_max: u32,
    ) -> Result<Page, Error> {
        let dialect = self.connection.dialect();
        // Named by the table: PostgreSQL would order by the texts that are selected else.
        let quote = |column: &Column| format!("read_of.{}", dialect.quote(&column.name));
        let (time, id) = (quote(selection.time), quote(selection.id));
        let mut values = Vec::new();
        let mut value = |text: &String, column: &Column| {
            values.push(text.clone());
            dialect.value(values.len(), column)
        };
        // A bound on the time alone stands first: it is what an index serves in all three.
        let mut wanted = vec![format!("{id} IS NOT NULL")];
        match start {
            Start::Beginning => wanted.push(format!("{time} IS NOT NULL")),
            Start::At(at) => wanted.push(format!("{time} >= {}", value(at, selection.time))),
            Start::Behind(mark) => wanted.push(format!(
                "{time} >= {} AND ({time} > {} OR {id} > {})",
                value(&mark.time, selection.time),
                value(&mark.time, selection.time),
                value(&mark.id, selection.id),
            )),
        }
        if let Some(mark) = until {
            wanted.push(format!(
                "{time} <= {} AND ({time} < {} OR {id} <= {})",
                value(&mark.time, selection.time),
                value(&mark.time, selection.time),
                value(&mark.id, selection.id),
            ));
        }
        let read = selection.columns.iter().copied();
        let read = [selection.time, selection.id].into_iter().chain(read);
        let read: Vec<String> = read.map(|column| dialect.as_text(column)).collect();
        let sql = format!(
            "SELECT {} FROM {} AS read_of WHERE {} ORDER BY {time}, {id} LIMIT {rows_max}",
            read.join(", "),
            dialect.table(selection.table),
            wanted.join(" AND "),
        );
        let found = self.connection.rows(&sql, &values, PAGE_BYTES_MAX).await?;
        let has_more = found.is_cut || found.rows.len() >= rows_max as usize;
        let rows = found.rows.into_iter().map(|cells| {
            let mut cells = cells.into_iter();
            let mut next = || cells.next().flatten().unwrap_or_default();
            let mark = Mark {
                time: next(),
                id: next(),
            };
            (mark, cells.collect())
        });
        Ok(Page {
            rows: rows.collect(),
            has_more,
        })
    }

    /// How many rows have no place in the order, and so are never read.
    pub async fn unplaced(&mut self, selection: &Selection<'_>) -> Result<u64, Error> {
        let nullable = [selection.time, selection.id].into_iter();
        let nullable = nullable.filter(|column| column.is_nullable);
        let dialect = self.connection.dialect();
        let is_null = |column: &Column| format!("{} IS NULL", dialect.quote(&column.name));
        let wanted: Vec<String> = nullable.map(is_null).collect();
        if wanted.is_empty() {
            return Ok(0);
        }
        let count = Column {
            name: "n".to_owned(),
            kind: "bigint".to_owned(),
            is_nullable: false,
        };
        let sql = format!(
            "SELECT {} FROM (SELECT COUNT(*) AS n FROM {} WHERE {}) AS counted",
            dialect.as_text(&count),
            dialect.table(selection.table),
            wanted.join(" OR "),
        );
        let found = self.connection.rows(&sql, &[], PAGE_BYTES_MAX).await?;
        let found = found.rows.concat().into_iter().flatten().next();
        Ok(found.and_then(|text| text.parse().ok()).unwrap_or(0))
    }

    /// Writes rows, each unless one with the same cells in the first `keys` columns is there; tells
    /// how many were written.
    pub async fn insert_absent(
        &mut self,
        table: &TableName,
        columns: &[&Column],
        keys: usize,
        rows: &[Vec<String>],
    ) -> Result<u64, Error> {
        let dialect = self.connection.dialect();
        let names: Vec<String> = columns
            .iter()
            .map(|column| dialect.quote(&column.name))
            .collect();
        let mut n = 0;
        let mut value = |column: &Column| {
            n += 1;
            dialect.value(n, column)
        };
        let told: Vec<String> = columns.iter().map(|column| value(column)).collect();
        let mut same = Vec::new();
        for (name, column) in names.iter().zip(columns).take(keys) {
            same.push(format!("{name} = {}", value(column)));
        }
        let sql = format!(
            "INSERT INTO {table} ({}) SELECT {}{} WHERE NOT EXISTS (SELECT 1 FROM {table} WHERE {})",
            names.join(", "),
            told.join(", "),
            dialect.no_table(),
            same.join(" AND "),
            table = dialect.table(table),
        );
        let mut written = 0;
        for rows in rows.chunks(TRANSACTION_ROWS) {
            self.connection.command("BEGIN").await?;
            for row in rows {
                let values = [&row[..], &row[..keys.min(row.len())]].concat();
                written += self.connection.run(&sql, &values).await?;
            }
            self.connection.command("COMMIT").await?;
        }
        Ok(written)
    }
}
