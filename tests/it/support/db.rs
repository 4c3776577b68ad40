//! The databases that each test runs on.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::postgres::Postgres;

/// A fresh, empty database, and a folder for raw deliveries and whatever else a hub keeps.
#[derive(Debug)]
pub(crate) enum Db {
    Sqlite(TempDir),
    Postgres(String, TempDir),
}

impl Db {
    /// An embedded one.
    pub(crate) fn sqlite() -> Self {
        Db::Sqlite(folder())
    }

    /// One of the tests' own PostgreSQL; none where that is not installed.
    pub(crate) fn postgres() -> Option<Self> {
        Some(Db::Postgres(Postgres::shared()?.database(), folder()))
    }

    /// Its address, as the configuration takes it.
    pub(crate) fn url(&self) -> String {
        match self {
            Db::Sqlite(folder) => format!("sqlite:{}", folder.path().join("zhengxin.db").display()),
            Db::Postgres(url, _) => url.clone(),
        }
    }

    /// The folder beside it.
    pub(crate) fn folder(&self) -> &Path {
        match self {
            Db::Sqlite(folder) | Db::Postgres(_, folder) => folder.path(),
        }
    }

    /// A file written into that folder.
    pub(crate) fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder().join(name);
        std::fs::write(&path, bytes).expect("the folder is ours");
        path
    }

    /// Another database of the same kind.
    pub(crate) fn another(&self) -> Self {
        match self {
            Db::Sqlite(_) => Self::sqlite(),
            Db::Postgres(..) => Self::postgres().expect("there was one before"),
        }
    }

    /// Takes away what audit entries are written into, or puts it back.
    pub(crate) async fn audit_log(&self, is_there: bool) {
        let mut written = vec![(self.url(), "audit_pending")];
        if let Db::Sqlite(folder) = self {
            let file = folder.path().join("audit.db");
            written.push((format!("sqlite:{}", file.display()), "audit_entry"));
        }
        for (url, table) in written {
            let url = url.replacen("sqlite:", "sqlite://", 1);
            let hand = sea_orm::Database::connect(url).await.expect("it opens");
            let sql = match is_there {
                true => format!("ALTER TABLE audit_gone RENAME TO {table}"),
                false => format!("ALTER TABLE {table} RENAME TO audit_gone"),
            };
            let done = sea_orm::ConnectionTrait::execute_unprepared(&hand, &sql).await;
            done.expect("it runs");
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            Db::Sqlite(_) => "SQLite",
            Db::Postgres(..) => "PostgreSQL",
        }
    }
}

fn folder() -> TempDir {
    tempfile::Builder::new()
        .prefix("zx-it-")
        .tempdir()
        .expect("a temporary folder")
}

/// Runs a test on SQLite and on PostgreSQL, and says on which it failed.
pub(crate) async fn on_both(test: impl AsyncFn(Db)) {
    for db in [Some(Db::sqlite()), Db::postgres()].into_iter().flatten() {
        let _told = ToldOnPanic(db.kind());
        // Test futures are big, and two of them are made here.
        Box::pin(test(db)).await;
    }
}

struct ToldOnPanic(&'static str);

impl Drop for ToldOnPanic {
    #[expect(
        clippy::print_stderr,
        reason = "the test's output is where one looks for why it failed"
    )]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("this was on {}", self.0);
        }
    }
}
