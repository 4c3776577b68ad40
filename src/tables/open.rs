//! The way to a database: within a deadline, to an address that may be reached, encrypted as its
//! address says, and for reading only where nothing is to be written.

use std::{future::Future, str::FromStr, time::Duration};

use sqlx::{
    ConnectOptions,
    mysql::{MySqlConnectOptions, MySqlSslMode},
    postgres::{PgConnectOptions, PgSslMode},
    sqlite::SqliteConnectOptions,
};

use crate::egress::{ranges, resolve};

use super::{
    Access, Error,
    connection::{Connection, reason},
};
use crate::config::Place;

/// Until a connection stands, to all addresses of a host together.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// How long a lock of SQLite is waited for.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Connects to the first of a host's addresses that lets us.
async fn connect<C, F: Future<Output = Result<C, sqlx::Error>>>(
    place: &Place,
    host: &str,
    port: u16,
    to: impl Fn(String) -> F,
) -> Result<C, Error> {
    let unreached = |reason: String| Error::Unreached {
        host: host.to_owned(),
        reason,
    };
    let tried = async {
        let allow = ranges(&place.allow).map_err(|error| Error::Refused(error.to_string()))?;
        let addresses = resolve(host, port, &allow).await;
        let mut failed = None;
        for address in addresses.map_err(|error| Error::Refused(error.to_string()))? {
            match to(address.ip().to_string()).await {
                // Only what could not be reached may be reached elsewhere.
                Err(sqlx::Error::Io(error)) => failed = Some(error.to_string()),
                Err(error) => return Err(unreached(reason(&error))),
                Ok(connection) => return Ok(connection),
            }
        }
        Err(unreached(
            failed.unwrap_or_else(|| "it has no address".to_owned()),
        ))
    };
    let slow = || {
        unreached(format!(
            "no connection within {} s",
            CONNECT_TIMEOUT.as_secs()
        ))
    };
    tokio::time::timeout(CONNECT_TIMEOUT, tried)
        .await
        .unwrap_or_else(|_| Err(slow()))
}

pub(super) async fn open_postgres(url: &str, place: &Place) -> Result<Connection, Error> {
    let mut options = PgConnectOptions::from_str(url)
        .map_err(|_| Error::Address)?
        .application_name("zhengxin")
        .disable_statement_logging();
    if let Some(user) = &place.user {
        options = options.username(user);
    }
    if let Some(secret) = &place.secret {
        options = options.password(secret);
    }
    if let Some(file) = &place.ca_file {
        options = options.ssl_root_cert(file).ssl_mode(PgSslMode::VerifyFull);
    }
    let (host, port) = (options.get_host().to_owned(), options.get_port());
    let is_local = options.get_socket().is_some() || host.starts_with('/');
    let is_by_name = matches!(options.get_ssl_mode(), PgSslMode::VerifyFull);
    let to = |address: String| {
        // A certificate is of the name; else what was judged is what is connected to.
        let at = if is_local || is_by_name {
            &host
        } else {
            &address
        };
        let options = options.clone().host(at);
        async move { options.connect().await }
    };
    if is_local {
        return local(to(String::new())).await.map(Connection::Postgres);
    }
    let connection = connect(place, &host, port, to).await?;
    Ok(Connection::Postgres(connection))
}

pub(super) async fn open_mysql(url: &str, place: &Place) -> Result<Connection, Error> {
    let mut options = MySqlConnectOptions::from_str(url)
        .map_err(|_| Error::Address)?
        .timezone(Some("+08:00".to_owned()))
        .disable_statement_logging();
    if let Some(user) = &place.user {
        options = options.username(user);
    }
    if let Some(secret) = &place.secret {
        options = options.password(secret);
    }
    if let Some(file) = &place.ca_file {
        options = options.ssl_ca(file).ssl_mode(MySqlSslMode::VerifyIdentity);
    }
    let (host, port) = (options.get_host().to_owned(), options.get_port());
    let is_local = options.get_socket().is_some();
    let is_by_name = matches!(options.get_ssl_mode(), MySqlSslMode::VerifyIdentity);
    let to = |address: String| {
        let at = if is_local || is_by_name {
            &host
        } else {
            &address
        };
        let options = options.clone().host(at);
        async move { options.connect().await }
    };
    if is_local {
        return local(to(String::new())).await.map(Connection::MySql);
    }
    let connection = connect(place, &host, port, to).await?;
    Ok(Connection::MySql(connection))
}

pub(super) async fn open_sqlite(url: &str, access: Access) -> Result<Connection, Error> {
    let options = SqliteConnectOptions::from_str(url)
        .map_err(|_| Error::Address)?
        .read_only(access == Access::Read)
        .create_if_missing(false)
        .busy_timeout(BUSY_TIMEOUT)
        .disable_statement_logging();
    local(options.connect()).await.map(Connection::Sqlite)
}

/// Connects to what is on this machine.
async fn local<C>(opened: impl Future<Output = Result<C, sqlx::Error>>) -> Result<C, Error> {
    let unreached = |reason: String| Error::Unreached {
        host: "the database on this machine".to_owned(),
        reason,
    };
    match tokio::time::timeout(CONNECT_TIMEOUT, opened).await {
        Ok(opened) => opened.map_err(|error| unreached(reason(&error))),
        Err(_) => Err(unreached("it does not open".to_owned())),
    }
}
