//! Claims: of several processes over one database, one does what the hub does by itself.

use std::fs::File;

use sqlx::{Connection, PgConnection};

use super::{Error, Result, Store, hold::unlock};

/// The right to look after a source, given back when it is dropped or the process ends. It is taken
/// before a source is found due; the hold of a delivery comes later and is another one.
#[derive(Debug)]
pub struct Claim(Held);

#[derive(Debug)]
enum Held {
    File(File),
    Connection(PgConnection),
}

impl Store {
    /// Claims a source; none while somebody else has it.
    pub async fn claim(&self, source: &str) -> Result<Option<Claim>> {
        if let Some(folder) = &self.folder {
            let path = folder.join(format!("{source}.claim"));
            let place = |source| Error::File {
                place: format!("claim file {}", path.display()),
                source,
            };
            let file = File::create(&path).map_err(place)?;
            return match file.try_lock() {
                Ok(()) => Ok(Some(Claim(Held::File(file)))),
                Err(std::fs::TryLockError::WouldBlock) => Ok(None),
                Err(std::fs::TryLockError::Error(error)) => Err(place(error)),
            };
        }
        // A connection of its own: those of the pool are for who asks.
        let options = self.write.get_postgres_connection_pool().connect_options();
        let failed = |error: sqlx::Error| Error::Db(sea_orm::DbErr::Custom(error.to_string()));
        let mut connection = PgConnection::connect_with(&options).await.map_err(failed)?;
        let (taken,): (bool,) =
            sqlx::query_as("SELECT pg_try_advisory_lock(hashtext('zhengxin claim'), hashtext($1))")
                .bind(source)
                .fetch_one(&mut connection)
                .await
                .map_err(failed)?;
        Ok(taken.then_some(Claim(Held::Connection(connection))))
    }
}

impl Claim {
    /// Gives it back at once; one that is only dropped goes when its connection has closed.
    pub async fn release(self) {
        match self.0 {
            Held::File(file) => drop(file),
            Held::Connection(mut connection) => {
                unlock(&mut connection).await;
                drop(connection.close().await);
            }
        }
    }
}
