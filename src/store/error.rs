use sea_orm::DbErr;

use crate::failpoint::Failed;

/// What can go wrong with the database.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Its address is not one that we understand.
    #[error("database address {url:?}: expected sqlite:PATH or postgres://…")]
    Address { url: String },
    /// It can't be opened or reached.
    #[error("the database can't be opened ({place})")]
    Open {
        place: String,
        #[source]
        source: DbErr,
    },
    /// Another process holds its lock.
    #[error("the database is locked by another process; try again when that has finished")]
    Locked(#[source] DbErr),
    /// A later release wrote it.
    #[error(
        "the database was written by a newer release (schema step {step} is unknown here); use that release"
    )]
    Newer { step: String },
    /// Schema steps are missing.
    #[error("the database lacks {missing} schema step(s); run `zhengxin migrate`")]
    Older { missing: usize },
    /// A row holds what its type can't be.
    #[error("table {table}, row {id}: {reason}")]
    Corrupt {
        table: &'static str,
        id: i64,
        reason: String,
    },
    /// Somebody else brings this source in at the moment.
    #[error("source {source_key} is being brought in by another process")]
    Busy { source_key: String },
    /// Another process took this delivery for a dead one's and took it back.
    #[error("the hold on the source was lost, and the delivery was taken back; bring it in again")]
    Lost,
    /// There is no such run, or not in that state.
    #[error("there is no run {id} of {source_key} that is held")]
    NotHeld { id: i64, source_key: String },
    /// A row of the outbox was held too long, and another process has it now.
    #[error("messages of the outbox were held too long and belong to another process now")]
    OutboxLost,
    /// So much is revoked that processes could not hold it.
    #[error(
        "there are {max} revocations already, of the last half day; take the issuer itself out"
    )]
    TooManyRevocations { max: u64 },
    /// The audit log is not what it says of itself.
    #[error("the audit log: {reason}")]
    Audit { reason: String },
    /// A file beside the database can't be used.
    #[error("{place}")]
    File {
        place: String,
        #[source]
        source: std::io::Error,
    },
    /// Anything else that the database says.
    #[error("the database refused")]
    Db(#[source] DbErr),
}

/// What store functions return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What a test lets fail looks like a lost database.
impl From<Failed> for Error {
    fn from(failed: Failed) -> Self {
        Error::Db(DbErr::Custom(failed.to_string()))
    }
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        let text = error.to_string();
        // SQLite's BUSY and LOCKED, PostgreSQL's lock_not_available.
        if text.contains("database is locked") || text.contains("55P03") {
            Error::Locked(error)
        } else {
            Error::Db(error)
        }
    }
}
