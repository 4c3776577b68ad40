//! Names of requests, as W3C Trace Context has them.

use std::fmt;

use axum::http::{HeaderMap, HeaderName};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;

static TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// Characters of a `traceparent` of version 00: version, trace, parent and flags.
const TRACEPARENT_CHARS: usize = 55;

/// The name of a trace, and what the client calls its own part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceId {
    bytes: [u8; 16],
    parent: Option<u64>,
}

/// What of the hub's spans and events goes into traces: of a request its span and its line in the log.
pub fn traced() -> Targets {
    Targets::new()
        .with_target("zhengxin::request", LevelFilter::INFO)
        .with_target("zhengxin::access", LevelFilter::INFO)
}

impl TraceId {
    /// A random one.
    pub fn made() -> Self {
        let mut bytes = [0; 16];
        // Only the name is lost where the machine has no randomness.
        let _ = getrandom::fill(&mut bytes);
        Self {
            bytes,
            parent: None,
        }
    }

    /// The one that the client says, where it says one that is valid, and one only.
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let mut values = headers.get_all(&TRACEPARENT).iter();
        let value = values.next().filter(|_| values.next().is_none())?;
        Self::parse(value.as_bytes())
    }

    fn parse(text: &[u8]) -> Option<Self> {
        let is_hex = |part: &[u8]| part.iter().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'));
        let (known, rest) = text.split_at_checked(TRACEPARENT_CHARS)?;
        let parts: Vec<&[u8]> = known.split(|c| *c == b'-').collect();
        let [version, trace, parent, flags] = parts[..] else {
            return None;
        };
        let lengths = [version, trace, parent, flags].map(<[u8]>::len);
        let is_formed = lengths == [2, 32, 16, 2] && parts.iter().all(|part| is_hex(part));
        // Later versions may have more behind it.
        let ends = rest.is_empty() || (version != b"00" && rest[0] == b'-');
        let is_named = [trace, parent]
            .iter()
            .all(|id| id.iter().any(|c| *c != b'0'));
        if !is_formed || !ends || !is_named || version == b"ff" {
            return None;
        }
        let [trace, parent] = [trace, parent].map(|id| std::str::from_utf8(id).ok());
        Some(Self {
            bytes: u128::from_str_radix(trace?, 16).ok()?.to_be_bytes(),
            parent: u64::from_str_radix(parent?, 16).ok(),
        })
    }

    /// Its bytes.
    pub fn bytes(self) -> [u8; 16] {
        self.bytes
    }

    /// The client's part of it, where it named one.
    pub fn parent(self) -> Option<u64> {
        self.parent
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::hex(&self.bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_parent_is_read_strictly() {
        const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
        let read = |text: &str| TraceId::parse(text.as_bytes()).map(|trace| trace.to_string());
        for good in [
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-the-future-will-be",
        ] {
            assert_eq!(read(good).as_deref(), Some(TRACE), "{good}");
        }
        for wrong in [
            "",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736100f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e47é-00f067aa0ba902b7-01",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert_ne!(TraceId::made(), TraceId::made());
    }
}
