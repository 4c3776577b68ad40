//! Opening a database so that what it acknowledges is durable, and bringing its schema up to date.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use migrations::{AuditMigrator, Migrator, MigratorTrait};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend,
    IsolationLevel, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};
use sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use tokio::sync::{OnceCell, watch};

use super::{
    Error, NoticeTarget, OutboxTarget, Result,
    audit::{AuditFile, OwnEntry, Placed},
    idempotency::Turns,
};

/// How long a statement waits for SQLite's writer before it is refused.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long until a file that another process holds is tried again, where SQLite does not wait.
const BUSY_PAUSE: Duration = Duration::from_millis(20);
/// How long a request waits for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(2);
const READERS_MAX: u32 = 8;
/// Connections of the audit log to PostgreSQL: one writes down, one puts the log together, one is asked.
const AUDIT_CONNECTIONS: u32 = 3;
/// SQLite's page cache, in KiB and negative as SQLite has it. Numbers of facts are spread evenly,
/// so a big delivery touches pages everywhere and the default of 2 MB would read each many times.
const CACHE_WRITER: &str = "-49152";
const CACHE_READER: &str = "-4096";
/// Rows that SQLite's thread may be ahead of the one that takes them.
const ROWS_BUFFERED: usize = 1_024;
/// Pages in the write-ahead log before it goes into the file: 128 MiB. Batches change the same
/// pages of the indexes again and again, and of each only its last state goes there.
const CHECKPOINT_PAGES: &str = "32768";
/// Numbers of PostgreSQL's advisory locks: "政信" and what it guards.
const LOCK_MIGRATE: i64 = 0x5A58_0001;
const LOCK_CHANGE: i64 = 0x5A58_0002;
/// The audit log's own file, beside an embedded database.
const AUDIT_FILE: &str = "audit.db";

/// The database: one connection that writes (SQLite) or a pool (PostgreSQL), and readers.
#[derive(Clone)]
pub struct Store {
    pub(super) write: DatabaseConnection,
    pub(super) read: DatabaseConnection,
    /// Beside an embedded database: where locks between processes lie.
    pub(super) folder: Option<PathBuf>,
    /// Platforms that are to hear of what is written here.
    pub(super) outbox: Arc<Vec<OutboxTarget>>,
    /// Subscribers that are to be told of warnings.
    pub(super) notices: Arc<Vec<NoticeTarget>>,
    /// Sent to where subscribers are to be told of what the log does not tell.
    pub(super) noticed: watch::Sender<()>,
    pub(super) turns: Turns,
    /// Where the audit log is; opened when it is first wanted.
    pub(super) audit_url: Arc<str>,
    pub(super) audit: Arc<OnceCell<AuditFile>>,
    /// What this process put into the audit log last.
    pub(super) audit_placed: Arc<Mutex<Option<Placed>>>,
    /// The entry that the next change writes in its own transaction.
    pub(super) own_entry: Option<Arc<OwnEntry>>,
}

impl Store {
    /// Opens the database at a `sqlite:` or `postgres:` address; an embedded one is made if absent.
    pub async fn open(url: &str) -> Result<Self> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            let path = PathBuf::from(path.trim_start_matches("//"));
            Self::open_sqlite(path).await
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            Self::open_postgres(url).await
        } else {
            Err(Error::Address {
                url: without_password(url),
            })
        }
    }

    /// One more connection to a database that is open already, for whoever must not wait until
    /// requests give theirs back. It only reads.
    pub async fn open_beside(url: &str) -> Result<Self> {
        let mut options = match url.strip_prefix("sqlite:") {
            Some(path) => {
                let path = path.trim_start_matches("//");
                ConnectOptions::new(format!("sqlite://{path}?mode=ro"))
            }
            None => ConnectOptions::new(url),
        };
        options
            .max_connections(1)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .sqlx_logging(false);
        let one = Database::connect(options).await;
        let one = one.map_err(|source| open_error(&without_password(url), source))?;
        Ok(Self {
            write: one.clone(),
            read: one,
            folder: None,
            outbox: Arc::default(),
            notices: Arc::default(),
            noticed: watch::Sender::default(),
            turns: Turns::default(),
            audit_url: url.into(),
            audit: Arc::default(),
            audit_placed: Arc::default(),
            own_entry: None,
        })
    }

    async fn open_sqlite(path: PathBuf) -> Result<Self> {
        let folder = path.parent().map(PathBuf::from).unwrap_or_default();
        std::fs::create_dir_all(&folder).map_err(|source| Error::File {
            place: format!("folder {}", folder.display()),
            source,
        })?;
        let (write, read) = connect_sqlite(&path).await?;
        let audit_url = format!("sqlite:{}", path.with_file_name(AUDIT_FILE).display());
        Ok(Self {
            write,
            read,
            folder: Some(folder),
            outbox: Arc::default(),
            notices: Arc::default(),
            noticed: watch::Sender::default(),
            turns: Turns::default(),
            audit_url: audit_url.into(),
            audit: Arc::default(),
            audit_placed: Arc::default(),
            own_entry: None,
        })
    }

    async fn open_postgres(url: &str) -> Result<Self> {
        let pool = connect_postgres(url, READERS_MAX).await?;
        Ok(Self {
            write: pool.clone(),
            read: pool,
            folder: None,
            outbox: Arc::default(),
            notices: Arc::default(),
            noticed: watch::Sender::default(),
            turns: Turns::default(),
            audit_url: url.into(),
            audit: Arc::default(),
            audit_placed: Arc::default(),
            own_entry: None,
        })
    }

    /// The audit log's own connections: on SQLite its own file, so that reads are written down while a
    /// delivery writes; on PostgreSQL a few of their own, so that whoever asks does not take them.
    pub(super) async fn audit_file(&self) -> Result<&AuditFile> {
        let open = async || -> Result<AuditFile> {
            let Some(path) = self.audit_url.strip_prefix("sqlite:") else {
                let pool = connect_postgres(&self.audit_url, AUDIT_CONNECTIONS).await?;
                return Ok(AuditFile {
                    write: pool.clone(),
                    read: pool,
                });
            };
            let path = path.trim_start_matches("//");
            let (write, read) = connect_sqlite(Path::new(path)).await?;
            let options = TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..Default::default()
            };
            let tx = write.begin_with_options(options).await?;
            AuditMigrator::up(&tx, None).await?;
            tx.commit().await?;
            Ok(AuditFile { write, read })
        };
        self.audit.get_or_try_init(open).await
    }

    /// Brings the schema up to date. Several processes may try at once.
    pub async fn migrate(&self) -> Result<usize> {
        let missing = match self.check_schema().await {
            Ok(()) => return Ok(0),
            Err(Error::Older { missing }) => missing,
            Err(error) => return Err(error),
        };
        // All or nothing, one process at a time; who comes second finds nothing left to do.
        let tx = self.begin_write().await?;
        if self.backend() == DbBackend::Postgres {
            lock(&tx, LOCK_MIGRATE).await?;
        }
        Migrator::up(&tx, None).await?;
        tx.commit().await?;
        Ok(missing)
    }

    /// Says whether this release can work with the schema as it stands.
    pub async fn check_schema(&self) -> Result<()> {
        let known: Vec<String> = Migrator::migrations()
            .iter()
            .map(|step| step.name().to_owned())
            .collect();
        let applied = self.applied_steps().await?;
        if let Some(step) = applied.iter().find(|step| !known.contains(step)) {
            return Err(Error::Newer { step: step.clone() });
        }
        match known.len() - applied.len() {
            0 => Ok(()),
            missing => Err(Error::Older { missing }),
        }
    }

    async fn applied_steps(&self) -> Result<Vec<String>> {
        let exists = match self.backend() {
            DbBackend::Postgres => {
                "SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'seaql_migrations'"
            }
            _ => "SELECT name FROM sqlite_master WHERE name = 'seaql_migrations'",
        };
        if self
            .read
            .query_one_raw(self.statement(exists))
            .await?
            .is_none()
        {
            return Ok(Vec::new());
        }
        let steps = self
            .read
            .query_all_raw(self.statement("SELECT version FROM seaql_migrations ORDER BY version"))
            .await?;
        Ok(steps
            .iter()
            .map(|row| row.try_get("", "version"))
            .collect::<Result<_, _>>()?)
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<()> {
        Ok(self.read.ping().await?)
    }

    /// The settings that durability hangs on, as `(name, value, is as it must be)`.
    pub async fn settings(&self) -> Result<Vec<(&'static str, String, bool)>> {
        let wanted: &[(&str, &str, &[&str])] = match self.backend() {
            DbBackend::Postgres => &[
                ("fsync", "SHOW fsync", &["on"]),
                ("full_page_writes", "SHOW full_page_writes", &["on"]),
                (
                    "synchronous_commit",
                    "SHOW synchronous_commit",
                    &["on", "remote_apply", "remote_write", "local"],
                ),
            ],
            _ => &[
                ("journal_mode", "PRAGMA journal_mode", &["wal"]),
                ("synchronous", "PRAGMA synchronous", &["2", "3"]),
                ("foreign_keys", "PRAGMA foreign_keys", &["1"]),
                ("secure_delete", "PRAGMA secure_delete", &["1"]),
            ],
        };
        let mut settings = Vec::new();
        for (name, sql, good) in wanted {
            let row = self.write.query_one_raw(self.statement(sql)).await?;
            let value = row.map(|row| {
                row.try_get_by_index::<String>(0)
                    .or_else(|_| {
                        row.try_get_by_index::<i64>(0)
                            .map(|number| number.to_string())
                    })
                    .unwrap_or_default()
            });
            let value = value.unwrap_or_default();
            let is_good = good.contains(&value.as_str());
            settings.push((*name, value, is_good));
        }
        Ok(settings)
    }

    pub(super) fn backend(&self) -> DbBackend {
        self.write.get_database_backend()
    }

    pub(super) fn statement(&self, sql: &str) -> Statement {
        Statement::from_string(self.backend(), sql)
    }

    /// A transaction that will write. On SQLite it takes the writer's place at once, so that it
    /// waits for another process instead of failing in the middle.
    pub(super) async fn begin_write(&self) -> Result<DatabaseTransaction> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..Default::default()
        };
        Ok(self.write.begin_with_options(options).await?)
    }

    /// A transaction that reads one state from beginning to end.
    pub(super) async fn begin_read(&self) -> Result<DatabaseTransaction> {
        begin_snapshot(&self.read).await
    }
}

/// A transaction that reads one state of a connection's database from beginning to end.
pub(super) async fn begin_snapshot(connection: &DatabaseConnection) -> Result<DatabaseTransaction> {
    let options = match connection.get_database_backend() {
        DbBackend::Postgres => TransactionOptions {
            isolation_level: Some(IsolationLevel::RepeatableRead),
            ..Default::default()
        },
        // In WAL mode a reader keeps the state of its first read.
        _ => TransactionOptions::default(),
    };
    Ok(connection.begin_with_options(options).await?)
}

/// One connection that writes to an embedded database, which is made if absent, and readers.
async fn connect_sqlite(path: &Path) -> Result<(DatabaseConnection, DatabaseConnection)> {
    let connect = |connections: u32, writes: bool| {
        let mut options = ConnectOptions::new(format!("sqlite://{}", path.display()));
        options
            .min_connections(1)
            .max_connections(connections)
            .acquire_timeout(if writes {
                Duration::from_secs(30)
            } else {
                ACQUIRE_TIMEOUT
            })
            .sqlx_logging(false)
            .map_sqlx_sqlite_opts(move |sqlite| {
                sqlite
                    .busy_timeout(BUSY_TIMEOUT)
                    .create_if_missing(writes)
                    .journal_mode(SqliteJournalMode::Wal)
                    // A commit that was acknowledged survives a loss of power.
                    .synchronous(SqliteSynchronous::Full)
                    .foreign_keys(true)
                    // What is erased, such as the key of a sealed delivery, does not stay behind in free pages.
                    .pragma("secure_delete", "on")
                    .pragma(
                        "cache_size",
                        if writes { CACHE_WRITER } else { CACHE_READER },
                    )
                    // A statement of many rows keeps what it changes, should its last one fail.
                    .pragma("temp_store", "memory")
                    .row_buffer_size(ROWS_BUFFERED)
                    .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
            });
        Database::connect(options)
    };
    let place = path.display().to_string();
    let failed = |source| open_error(&place, source);
    let until = Instant::now() + BUSY_TIMEOUT;
    // A new file turns to its write-ahead log in one moment that SQLite grants or refuses at once,
    // whatever its timeout, and another process may be opening it, too.
    let write = loop {
        match connect(1, true).await.map_err(failed) {
            Err(Error::Locked(_)) if Instant::now() < until => {
                tokio::time::sleep(BUSY_PAUSE).await;
            }
            opened => break opened?,
        }
    };
    let read = connect(READERS_MAX, false).await.map_err(failed)?;
    Ok((write, read))
}

async fn connect_postgres(url: &str, connections: u32) -> Result<DatabaseConnection> {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(5))
        .sqlx_logging(false)
        .map_sqlx_postgres_opts(|postgres| {
            postgres.application_name("zhengxin").options([
                ("lock_timeout", "10s"),
                ("idle_in_transaction_session_timeout", "60s"),
            ])
        });
    let pool = Database::connect(options).await;
    pool.map_err(|source| open_error(&without_password(url), source))
}

/// Takes the right to number a change; it is held until the transaction ends, and the number must
/// be its last statement, so numbers are handed out in the order of commits.
pub(super) async fn lock_change_log(tx: &DatabaseTransaction) -> Result<()> {
    if tx.get_database_backend() == DbBackend::Postgres {
        lock(tx, LOCK_CHANGE).await?;
    }
    Ok(())
}

async fn lock(tx: &DatabaseTransaction, number: i64) -> Result<()> {
    let sql = format!("SELECT pg_advisory_xact_lock({number})");
    tx.query_one_raw(Statement::from_string(DbBackend::Postgres, sql))
        .await?;
    Ok(())
}

fn open_error(place: &str, source: sea_orm::DbErr) -> Error {
    match Error::from(source) {
        Error::Db(source) => Error::Open {
            place: place.to_owned(),
            source,
        },
        other => other,
    }
}

/// An address as it may be shown.
fn without_password(url: &str) -> String {
    match (url.find("://"), url.rfind('@')) {
        (Some(start), Some(at)) if start + 3 < at => format!("{}://…{}", &url[..start], &url[at..]),
        _ => url.to_owned(),
    }
}
