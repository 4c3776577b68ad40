use std::net::SocketAddr;

use serde::{Deserialize, Deserializer, de};

/// The listeners.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
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
        }
    }
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
