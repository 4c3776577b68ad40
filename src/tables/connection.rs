//! One connection to a database of any of the three kinds: what it is told at first, and statements
//! that answer in time.

use std::{future::Future, time::Duration};

use futures_util::TryStreamExt;
use sqlx::{
    AssertSqlSafe, Row as _, mysql::MySqlConnection, postgres::PgConnection,
    sqlite::SqliteConnection,
};

use super::{
    Access, Error, Row,
    dialect::Dialect,
    open::{open_mysql, open_postgres, open_sqlite},
};
use crate::config::Place;

/// What a database is told of how long a statement may take.
const STATEMENT_SECONDS: u64 = 60;
/// How long an answer is waited for; a little longer, so that the database itself says so first.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(STATEMENT_SECONDS + 5);

/// A connection to a database of any of the three kinds.
pub enum Connection {
    Postgres(PgConnection),
    MySql(MySqlConnection),
    Sqlite(SqliteConnection),
}

/// Rows up to a number of bytes, and whether there would have been more.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) rows: Vec<Row>,
    pub(super) is_cut: bool,
}

impl Connection {
    /// Connects to the database at a place: to an address that may be reached, within a deadline.
    pub async fn open(place: &Place, access: Access) -> Result<Self, Error> {
        let url = place.url.as_deref().ok_or(Error::Address)?;
        let mut connection = match url.split(':').next() {
            Some("postgres" | "postgresql") => open_postgres(url, place).await?,
            Some("mysql" | "mariadb") => open_mysql(url, place).await?,
            Some("sqlite") => open_sqlite(url, access).await?,
            _ => return Err(Error::Address),
        };
        connection.prepare(access).await?;
        Ok(connection)
    }

    pub(super) fn dialect(&self) -> Dialect {
        match self {
            Connection::Postgres(_) => Dialect::Postgres,
            Connection::MySql(_) => Dialect::MySql,
            Connection::Sqlite(_) => Dialect::Sqlite,
        }
    }

    /// Sets deadline, time zone and mode of the session.
    async fn prepare(&mut self, access: Access) -> Result<(), Error> {
        let read_only = access == Access::Read;
        let mut settings = Vec::new();
        match self {
            Connection::Postgres(_) => {
                settings.push(format!("SET statement_timeout = '{STATEMENT_SECONDS}s'"));
                settings.push("SET TIME ZONE INTERVAL '+08:00' HOUR TO MINUTE".to_owned());
                if read_only {
                    settings.push("SET default_transaction_read_only = on".to_owned());
                }
            }
            Connection::MySql(_) => {
                let version = self.rows("SELECT VERSION()", &[], usize::MAX).await?;
                let version = version.rows.concat().into_iter().flatten().next();
                settings.push(if version.is_some_and(|text| text.contains("MariaDB")) {
                    format!("SET SESSION max_statement_time = {STATEMENT_SECONDS}")
                } else {
                    format!(
                        "SET SESSION max_execution_time = {}",
                        STATEMENT_SECONDS * 1_000
                    )
                });
                if read_only {
                    settings.push("SET SESSION TRANSACTION READ ONLY".to_owned());
                }
            }
            Connection::Sqlite(_) => {}
        }
        for setting in settings {
            self.command(&setting).await?;
        }
        Ok(())
    }

    /// The rows of a statement whose columns are all text, until they have more than so many bytes.
    pub(super) async fn rows(
        &mut self,
        sql: &str,
        values: &[String],
        bytes_max: usize,
    ) -> Result<Rows, Error> {
        macro_rules! read {
            ($connection:expr) => {{
                let mut query = sqlx::query(AssertSqlSafe(sql));
                for value in values {
                    query = query.bind(value.as_str());
                }
                let mut stream = query.fetch(&mut *$connection);
                let (mut read, mut bytes) = (Rows::default(), 0);
                while let Some(row) = stream.try_next().await? {
                    if bytes > bytes_max {
                        read.is_cut = true;
                        break;
                    }
                    let cell = |at| row.try_get::<Option<String>, _>(at);
                    let cells = (0..row.len()).map(cell).collect::<Result<Row, _>>()?;
                    bytes += cells.iter().flatten().map(String::len).sum::<usize>();
                    read.rows.push(cells);
                }
                Ok(read)
            }};
        }
        in_time(async {
            match self {
                Connection::Postgres(connection) => read!(connection),
                Connection::MySql(connection) => read!(connection),
                Connection::Sqlite(connection) => read!(connection),
            }
        })
        .await
    }

    /// Runs a statement and tells how many rows it touched.
    pub(super) async fn run(&mut self, sql: &str, values: &[String]) -> Result<u64, Error> {
        macro_rules! run {
            ($connection:expr) => {{
                let mut query = sqlx::query(AssertSqlSafe(sql));
                for value in values {
                    query = query.bind(value.as_str());
                }
                Ok(query.execute(&mut *$connection).await?.rows_affected())
            }};
        }
        in_time(async {
            match self {
                Connection::Postgres(connection) => run!(connection),
                Connection::MySql(connection) => run!(connection),
                Connection::Sqlite(connection) => run!(connection),
            }
        })
        .await
    }

    /// Sets something, begins or ends a transaction, which not every database lets prepare.
    pub(super) async fn command(&mut self, sql: &str) -> Result<(), Error> {
        in_time(async {
            match self {
                Connection::Postgres(connection) => {
                    sqlx::raw_sql(AssertSqlSafe(sql))
                        .execute(connection)
                        .await?;
                }
                Connection::MySql(connection) => {
                    sqlx::raw_sql(AssertSqlSafe(sql))
                        .execute(connection)
                        .await?;
                }
                Connection::Sqlite(connection) => {
                    sqlx::raw_sql(AssertSqlSafe(sql))
                        .execute(connection)
                        .await?;
                }
            }
            Ok(())
        })
        .await
    }
}

async fn in_time<T>(asked: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, Error> {
    match tokio::time::timeout(ANSWER_TIMEOUT, asked).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(Error::Statement(reason(&error))),
        Err(_) => Err(Error::Slow),
    }
}

/// What a database says of a failure; what it says of a connection's options is left out.
pub(super) fn reason(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Configuration(_) => "its options are wrong".to_owned(),
        sqlx::Error::Database(error) => error.message().to_owned(),
        error => error.to_string(),
    }
}
