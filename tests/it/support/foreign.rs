//! Databases of other people's, in which exchange tables stand.

use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Row as _, mysql::MySqlConnectOptions,
    postgres::PgConnectOptions, sqlite::SqliteConnectOptions,
};
use tempfile::TempDir;
use zhengxin::config::Place;

use super::{
    mariadb::{Mariadb, PASSWORD, USER},
    postgres::Postgres,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Postgres,
    MySql,
    Sqlite,
}

/// Another's database, empty at first, and how we reach it.
pub(crate) struct Database {
    pub(crate) kind: Kind,
    pub(crate) place: Place,
    _folder: TempDir,
}

impl Database {
    /// None where its server is not installed.
    pub(crate) fn new(kind: Kind) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let mut place = Place {
            allow: vec!["127.0.0.1".to_owned()],
            ..Place::default()
        };
        match kind {
            Kind::Postgres => place.url = Some(Postgres::shared()?.database()),
            Kind::MySql => {
                place.url = Some(Mariadb::shared()?.database());
                place.user = Some(USER.to_owned());
                place.secret = Some(PASSWORD.to_owned());
            }
            Kind::Sqlite => {
                let file = folder.path().join("exchange.db");
                std::fs::write(&file, b"").expect("the folder is ours");
                place.url = Some(format!("sqlite:{}", file.display()));
            }
        }
        Some(Self {
            kind,
            place,
            _folder: folder,
        })
    }

    /// Runs statements there, without our own code; `{TIME}` and `{BYTES}` are the types that go by
    /// another name in each.
    pub(crate) async fn run(&self, sql: &str) {
        let (time, bytes) = match self.kind {
            Kind::Postgres => ("TIMESTAMP", "BYTEA"),
            Kind::MySql => ("DATETIME", "BLOB"),
            Kind::Sqlite => ("DATETIME", "BLOB"),
        };
        let sql = sql.replace("{TIME}", time).replace("{BYTES}", bytes);
        macro_rules! run {
            ($options:expr) => {{
                let mut connection = $options.connect().await.expect("it runs");
                let ran = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection);
                ran.await.expect("the statements are good");
            }};
        }
        match self.kind {
            Kind::Postgres => run!(self.options::<PgConnectOptions>()),
            Kind::MySql => run!(self.my_options()),
            Kind::Sqlite => run!(self.options::<SqliteConnectOptions>()),
        }
    }

    /// Puts a row into a table, all cells text.
    pub(crate) async fn insert<C: AsRef<str>>(&self, table: &str, cells: &[(C, String)]) {
        let columns: Vec<&str> = cells.iter().map(|(column, _)| column.as_ref()).collect();
        let texts = cells.iter().map(|(_, text)| text.replace('\'', "''"));
        let texts: Vec<String> = texts.map(|text| format!("'{text}'")).collect();
        self.run(&format!(
            "INSERT INTO {table} ({}) VALUES ({})",
            columns.join(", "),
            texts.join(", ")
        ))
        .await;
    }

    /// The only column of a statement's rows.
    pub(crate) async fn texts(&self, sql: &str) -> Vec<String> {
        macro_rules! texts {
            ($options:expr) => {{
                let mut connection = $options.connect().await.expect("it runs");
                let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut connection);
                let rows = rows.await.expect("the statement is good");
                rows.iter().map(|row| row.get::<String, _>(0)).collect()
            }};
        }
        match self.kind {
            Kind::Postgres => texts!(self.options::<PgConnectOptions>()),
            Kind::MySql => texts!(self.my_options()),
            Kind::Sqlite => texts!(self.options::<SqliteConnectOptions>()),
        }
    }

    /// Columns side by side, as one text.
    pub(crate) fn joined(&self, columns: &[&str]) -> String {
        match self.kind {
            Kind::MySql => format!("CONCAT_WS(' ', {})", columns.join(", ")),
            _ => columns.join(" || ' ' || "),
        }
    }

    fn options<O: std::str::FromStr<Err = sqlx::Error>>(&self) -> O {
        let url = self.place.url.as_deref().expect("it has one");
        url.parse().expect("it is good")
    }

    fn my_options(&self) -> MySqlConnectOptions {
        let options = self.options::<MySqlConnectOptions>();
        options.username(USER).password(PASSWORD)
    }
}

/// Runs a test against each of the databases that are installed.
pub(crate) async fn on_all(test: impl AsyncFn(Database)) {
    for kind in [Kind::Sqlite, Kind::Postgres, Kind::MySql] {
        if let Some(database) = Database::new(kind) {
            Box::pin(test(database)).await;
        }
    }
}
