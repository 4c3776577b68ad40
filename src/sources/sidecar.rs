//! What a dropped delivery says of itself, in a small file beside it.

use std::{fs::File, io::Read, path::Path};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, de};

use crate::{catalogue::Extent, clock::parse_moment};

/// Bytes of such a file at most.
const SIDECAR_BYTES_MAX: u64 = 64 * 1_024;

/// What may be said; what is not said is as for any delivery of the source.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sidecar {
    /// Who delivers.
    pub feed: Option<String>,
    /// Of when it speaks: a day or an RFC 3339 moment.
    #[serde(deserialize_with = "moment")]
    pub as_of: Option<DateTime<Utc>>,
    /// Whether it says all or only what changed.
    pub extent: Option<Extent>,
}

/// Reads one, strictly; an error is a sentence.
pub(super) fn read_sidecar(path: &Path) -> Result<Sidecar, String> {
    let name = path.file_name().unwrap_or_default().display();
    let mut text = String::new();
    File::open(path)
        .and_then(|file| file.take(SIDECAR_BYTES_MAX + 1).read_to_string(&mut text))
        .map_err(|error| format!("{name} can't be read: {error}"))?;
    if text.len() as u64 > SIDECAR_BYTES_MAX {
        return Err(format!("{name} has more than {SIDECAR_BYTES_MAX} bytes"));
    }
    toml::from_str(&text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start.min(text.len()));
        let line = 1 + text.as_bytes()[..at]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count();
        format!("{name}, line {line}: {}", error.message().trim())
    })
}

/// TOML's own days and moments, and texts.
fn moment<'de, D: Deserializer<'de>>(value: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Text(String),
        Moment(toml::value::Datetime),
    }
    let text = match Written::deserialize(value)? {
        Written::Text(text) => text,
        Written::Moment(moment) => moment.to_string(),
    };
    parse_moment(&text).map(Some).map_err(de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Sidecar, String> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("list.csv.toml");
        std::fs::write(&path, text).expect("the folder is ours");
        read_sidecar(&path)
    }

    #[test]
    fn all_of_it_may_be_said_and_none_must() {
        assert_eq!(read(""), Ok(Sidecar::default()));
        let end_of_day = "2026-11-20T23:59:59+08:00".parse().ok();
        for day in ["2026-11-20", "\"2026-11-20\"", "2026-11-20T23:59:59+08:00"] {
            let said = read(&format!(
                "feed = \"city\"\nas_of = {day}\nextent = \"delta\"\n"
            ));
            let expected = Sidecar {
                feed: Some("city".to_owned()),
                as_of: end_of_day,
                extent: Some(Extent::Delta),
            };
            assert_eq!(said, Ok(expected), "{day}");
        }
    }

    #[test]
    fn a_mistake_is_told_with_its_place() {
        for (text, says) in [
            ("feed = \"a\"\nfed = \"b\"\n", "line 2: unknown field `fed`"),
            ("extent = \"whole\"", "line 1: unknown variant `whole`"),
            ("as_of = \"yesterday\"", "yesterday"),
            ("as_of = 3", "line 1"),
            ("feed =", "line 1"),
        ] {
            let error = read(text).expect_err("a mistake");
            assert!(
                error.starts_with("list.csv.toml, line") && error.contains(says),
                "{error}"
            );
        }
        let long = format!("# {}", "x".repeat(SIDECAR_BYTES_MAX as usize));
        assert!(read(&long).expect_err("too long").contains("65536"));
    }
}
