//! A connection to a platform's database. Every value goes in bound and comes out as text.

use std::time::Duration;

use sqlx::{AssertSqlSafe, Column, Connection as _, Row};

use super::trial::short;
use crate::{
    catalogue::SqlType,
    config::Place,
    tables::{self, Access},
};

const STATEMENT_TIMEOUT: Duration = Duration::from_secs(60);

/// One connection. What is under way when it is dropped is rolled back.
pub(super) struct Connection(tables::Connection);

/// Why a statement was not carried out.
#[derive(Debug)]
pub(super) struct Failure {
    pub reason: String,
    /// The database does not take this row, whatever the other rows are.
    pub is_of_row: bool,
}

/// Does the same on each kind of connection.
macro_rules! on_each {
    ($connection:expr, $inner:ident => $work:expr) => {
        match &mut $connection.0 {
            tables::Connection::Postgres($inner) => $work,
            tables::Connection::MySql($inner) => $work,
            tables::Connection::Sqlite($inner) => $work,
        }
    };
}

impl Connection {
    /// Connects to `place.url`, as `place.user` with `place.secret` where the address names none.
    pub(super) async fn open(place: &Place) -> Result<Self, Failure> {
        let opened = tables::Connection::open(place, Access::Write).await;
        let connection = opened.map_err(|error| broken(&error.to_string()))?;
        Ok(Self(connection))
    }

    /// A table's or column's name, as the catalogue has checked it, with its schema before a dot.
    pub(super) fn quoted(&self, name: &str) -> String {
        let mark = if matches!(self.0, tables::Connection::MySql(_)) {
            '`'
        } else {
            '"'
        };
        let parts: Vec<String> = name
            .split('.')
            .map(|part| format!("{mark}{part}{mark}"))
            .collect();
        parts.join(".")
    }

    /// The place of the `n`th value, from 1, in a column of this type.
    pub(super) fn placeholder(&self, n: usize, column: Option<SqlType>) -> String {
        match (&self.0, column) {
            (tables::Connection::MySql(_), _) => "?".to_owned(),
            (tables::Connection::Postgres(_), Some(column)) => {
                let name = match column {
                    SqlType::Date => "date",
                    SqlType::Timestamp => "timestamp",
                    SqlType::Decimal => "numeric",
                    SqlType::Integer => "bigint",
                };
                format!("CAST(${n} AS {name})")
            }
            _ => format!("${n}"),
        }
    }

    /// A column as text.
    pub(super) fn as_text(&self, column: &str) -> String {
        let kind = if matches!(self.0, tables::Connection::MySql(_)) {
            "CHAR"
        } else {
            "TEXT"
        };
        format!("CAST({} AS {kind})", self.quoted(column))
    }

    /// Ends it, and with it what is under way: dropped, it ends some time afterwards.
    pub(super) async fn close(mut self) {
        // What can't be rolled back ends with the connection.
        let _ = self.run("ROLLBACK").await;
        let closing = async {
            match self.0 {
                tables::Connection::Postgres(inner) => inner.close().await,
                tables::Connection::MySql(inner) => inner.close().await,
                tables::Connection::Sqlite(inner) => inner.close().await,
            }
        };
        let _ = in_time(closing).await;
    }

    /// Runs a statement without values, such as `BEGIN`.
    pub(super) async fn run(&mut self, sql: &'static str) -> Result<(), Failure> {
        let work =
            async { on_each!(self, inner => sqlx::raw_sql(sql).execute(inner).await.map(|_| ())) };
        in_time(work).await
    }

    /// Runs a statement with values.
    pub(super) async fn execute(
        &mut self,
        sql: &str,
        values: &[Option<String>],
    ) -> Result<(), Failure> {
        let work = async {
            on_each!(self, inner => {
                let mut query = sqlx::query(AssertSqlSafe(sql));
                for value in values {
                    query = query.bind(value.clone());
                }
                query.execute(inner).await.map(|_| ())
            })
        };
        in_time(work).await
    }

    /// The rows of a query whose columns are all texts.
    pub(super) async fn rows(
        &mut self,
        sql: &str,
        values: &[String],
    ) -> Result<Vec<Vec<Option<String>>>, Failure> {
        let work = async {
            on_each!(self, inner => {
                let mut query = sqlx::query(AssertSqlSafe(sql));
                for value in values {
                    query = query.bind(value.clone());
                }
                let rows = query.fetch_all(inner).await?;
                rows.iter()
                    .map(|row| row.columns().iter().map(|column| row.try_get(column.ordinal())).collect())
                    .collect::<Result<Vec<_>, sqlx::Error>>()
            })
        };
        in_time(work).await
    }
}

async fn in_time<T>(work: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, Failure> {
    tokio::time::timeout(STATEMENT_TIMEOUT, work)
        .await
        .map_err(|_| broken("the database did not answer in time"))?
        .map_err(failure)
}

fn broken(reason: &str) -> Failure {
    Failure {
        reason: reason.to_owned(),
        is_of_row: false,
    }
}

fn failure(error: sqlx::Error) -> Failure {
    match &error {
        sqlx::Error::Database(refusal) => Failure {
            reason: short(&format!("the database refused: {}", refusal.message())),
            is_of_row: refusal.code().is_some_and(|code| is_of_row(&code)),
        },
        error => broken(&format!("the database can't be used: {error}")),
    }
}

/// Whether a code speaks of a value or of a constraint: SQLSTATE's classes 22 and 23, or SQLite's
/// TOOBIG, CONSTRAINT and MISMATCH in the lower byte.
fn is_of_row(code: &str) -> bool {
    if code.len() == 5 {
        return code.starts_with("22") || code.starts_with("23");
    }
    let code: u32 = code.parse().unwrap_or(0);
    [18, 19, 20].contains(&(code & 0xFF))
}
