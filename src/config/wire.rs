//! How the API answers over the wire.

use std::{net::SocketAddr, num::NonZeroU32, time::Duration};

use ipnet::IpNet;
use serde::{Deserialize, Deserializer, de};

use super::Origin;

/// Bytes of answers that are kept, unless the configuration says otherwise.
const CACHE_BYTES: u64 = 64 * 1_024 * 1_024;

/// The listener, and what it lets in.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Server {
    pub listen: SocketAddr,
    /// Where metrics and health are served to those who run the hub; nowhere where absent.
    pub admin_listen: Option<SocketAddr>,
    /// Connections at a time, as far as the limit of open files allows.
    #[serde(deserialize_with = "some")]
    pub connections_max: usize,
    /// Of these, connections of one address; of IPv6, of one network of 64 bits.
    #[serde(deserialize_with = "some")]
    pub connections_per_address_max: usize,
    /// How long the head of a request may take to come.
    #[serde(deserialize_with = "some")]
    pub header_seconds: u64,
    /// How long a connection may ask nothing between two requests.
    #[serde(deserialize_with = "some")]
    pub idle_seconds: u64,
    /// How long it goes on serving once it has said that it is not ready any more.
    pub notice_seconds: u64,
    /// How long ending may take, the notice included.
    pub drain_seconds: u64,
    /// Bytes that the answers kept for the next who asks the same may take up; 0 keeps and
    /// shares none.
    pub cache_bytes: u64,
    /// Serve queries by `GET /graphql?query=…`, too.
    pub get: bool,
    /// Which statuses refusals have.
    pub status_profile: StatusProfile,
    /// Origins of other places whose pages may ask from a browser.
    pub origins: Vec<Origin>,
    /// Address ranges of proxies before the hub, such as `10.0.0.0/8`: only from these is
    /// `X-Forwarded-For` believed.
    pub trusted_proxies: Vec<IpNet>,
    pub streams: Streams,
}

/// The statuses of GraphQL over HTTP, of which two editions are at large.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum StatusProfile {
    /// The draft that the public audit tests.
    #[default]
    #[serde(rename = "audit")]
    Audit,
    /// The first official edition.
    #[serde(rename = "2026-09")]
    September2026,
}

/// Bounds of subscriptions and sockets; times are in milliseconds.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Streams {
    /// How long a socket may take to say who it is.
    #[serde(rename = "init_ms", deserialize_with = "milliseconds")]
    pub init: Duration,
    /// How often a sign of life is asked for or given.
    #[serde(rename = "ping_ms", deserialize_with = "milliseconds")]
    pub ping: Duration,
    /// How often it is looked whether a token still holds; it is before each event, too.
    #[serde(rename = "recheck_ms", deserialize_with = "milliseconds")]
    pub recheck: Duration,
    /// How long a client may leave what it is sent untaken.
    #[serde(rename = "write_ms", deserialize_with = "milliseconds")]
    pub write: Duration,
    /// Messages of a client in a minute.
    pub messages_per_minute: NonZeroU32,
    /// Operations at a time on one socket.
    pub operations_per_socket: usize,
    /// Sockets and event streams of one subject.
    pub per_subject: usize,
    /// Sockets and event streams in all.
    pub in_all: usize,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            admin_listen: None,
            connections_max: 16_384,
            connections_per_address_max: 4_096,
            header_seconds: 5,
            idle_seconds: 60,
            notice_seconds: 2,
            drain_seconds: 20,
            cache_bytes: CACHE_BYTES,
            get: false,
            status_profile: StatusProfile::default(),
            origins: Vec::new(),
            trusted_proxies: Vec::new(),
            streams: Streams::default(),
        }
    }
}

impl Default for Streams {
    fn default() -> Self {
        Self {
            init: Duration::from_secs(3),
            ping: Duration::from_secs(15),
            recheck: Duration::from_secs(60),
            write: Duration::from_secs(10),
            messages_per_minute: const { NonZeroU32::new(100).expect("it is not zero") },
            operations_per_socket: 10,
            per_subject: 20,
            in_all: 10_000,
        }
    }
}

fn milliseconds<'de, D: Deserializer<'de>>(value: D) -> Result<Duration, D::Error> {
    // Nothing at all would be no bound but a fault.
    let milliseconds = NonZeroU32::deserialize(value)?;
    Ok(Duration::from_millis(milliseconds.get().into()))
}

/// A number that is not nought: with none of it nothing could be served.
fn some<'de, N, D>(number: D) -> Result<N, D::Error>
where
    N: Deserialize<'de> + Default + PartialEq,
    D: Deserializer<'de>,
{
    let number = N::deserialize(number)?;
    if number == N::default() {
        return Err(de::Error::custom("must be at least 1"));
    }
    Ok(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nothing_could_be_served_with_is_refused() {
        for key in [
            "connections_max",
            "connections_per_address_max",
            "header_seconds",
            "idle_seconds",
        ] {
            let read = |number: u8| toml::from_str::<Server>(&format!("{key} = {number}"));
            assert!(read(1).is_ok(), "{key}");
            let error = read(0).expect_err("nought").to_string();
            assert!(
                error.contains("at least 1") && error.contains(key),
                "{error}"
            );
        }
        let at_once = toml::from_str::<Server>("notice_seconds = 0").expect("no notice");
        assert_eq!(at_once.notice_seconds, 0);
    }
}
