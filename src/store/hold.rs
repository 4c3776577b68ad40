//! One delivery of a source at a time: the right to write its rows, over all processes.

use std::{
    fs::File,
    time::{Duration, Instant},
};

use domain::run::RunState;
use entities::run;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use sqlx::PgConnection;

use super::{Error, Result, Store};

/// How long a source is waited for that a delivery seems to hold: the connection of one who is gone
/// takes a moment to close.
const HOLD_PATIENCE: Duration = Duration::from_secs(2);
/// How long a source is waited for whose rows are being resolved anew.
const RERESOLUTION_PATIENCE: Duration = Duration::from_secs(60);
/// How long the server is waited for to give a lock back; it goes with its connection at the latest.
const UNLOCK_PATIENCE: Duration = Duration::from_secs(2);
const HOLD_RETRY: Duration = Duration::from_millis(20);

/// The right to bring a source in, given back when it is dropped or the process ends.
pub(super) enum Hold {
    File(File),
    Connection(sqlx::pool::PoolConnection<sqlx::Postgres>),
}

impl Hold {
    /// Tries to take it.
    async fn take(&mut self, source: &str) -> Result<bool> {
        match self {
            Hold::File(file) => match file.try_lock() {
                Ok(()) => Ok(true),
                Err(std::fs::TryLockError::WouldBlock) => Ok(false),
                Err(std::fs::TryLockError::Error(error)) => Err(Error::File {
                    place: format!("lock file {source}.lock"),
                    source: error,
                }),
            },
            Hold::Connection(connection) => {
                let (taken,): (bool,) = sqlx::query_as(
                    "SELECT pg_try_advisory_lock(hashtext('zhengxin source'), hashtext($1))",
                )
                .bind(source)
                .fetch_one(&mut **connection)
                .await
                .map_err(failed)?;
                Ok(taken)
            }
        }
    }

    /// Gives it back at once; one that is only dropped goes when its connection has closed.
    pub(super) async fn release(self) {
        match self {
            Hold::File(file) => drop(file),
            Hold::Connection(mut connection) => {
                unlock(&mut connection).await;
                drop(connection.close().await);
            }
        }
    }
}

/// Gives back what a session holds, now: behind a connection that closes, the server takes its time.
pub(super) async fn unlock(connection: &mut PgConnection) {
    let unlock = sqlx::query("SELECT pg_advisory_unlock_all()").execute(connection);
    match tokio::time::timeout(UNLOCK_PATIENCE, unlock).await {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => tracing::debug!(%error, "the lock goes with its connection"),
        Err(_) => tracing::debug!("the server does not answer: the lock goes with its connection"),
    }
}

impl Store {
    /// Takes the right to write a source's rows. Rows that are being resolved anew are waited for, for
    /// that takes a moment; a delivery that comes in is not.
    pub(super) async fn hold_source(&self, source: &str) -> Result<Hold> {
        let begun = Instant::now();
        let mut hold = self.hold_of(source).await?;
        while !hold.take(source).await? {
            let patience = match self.has_running(source).await? {
                true => HOLD_PATIENCE,
                false => RERESOLUTION_PATIENCE,
            };
            if begun.elapsed() > patience {
                let source_key = source.to_owned();
                return Err(Error::Busy { source_key });
            }
            tokio::time::sleep(HOLD_RETRY).await;
        }
        Ok(hold)
    }

    /// What a source is held by, not taken yet.
    async fn hold_of(&self, source: &str) -> Result<Hold> {
        if let Some(folder) = &self.folder {
            let path = folder.join(format!("{source}.lock"));
            let file = File::create(&path).map_err(|source| Error::File {
                place: format!("lock file {}", path.display()),
                source,
            })?;
            return Ok(Hold::File(file));
        }
        let pool = self.write.get_postgres_connection_pool();
        let mut connection = pool.acquire().await.map_err(failed)?;
        // The lock is the session's: it goes when the connection goes, so the connection is closed
        // with the hold and never returns to the pool.
        connection.close_on_drop();
        Ok(Hold::Connection(connection))
    }

    /// Whether a delivery of a source is coming in, as far as its runs tell.
    async fn has_running(&self, source: &str) -> Result<bool> {
        let running = run::Entity::find()
            .filter(run::Column::Source.eq(source))
            .filter(run::Column::State.eq(RunState::Running.as_str()))
            .one(&self.read)
            .await?;
        Ok(running.is_some())
    }
}

fn failed(error: sqlx::Error) -> Error {
    Error::Db(sea_orm::DbErr::Custom(error.to_string()))
}
