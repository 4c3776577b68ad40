use std::{fmt, ops::Range};

/// A mistake in the catalogue, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    pub file: String,
    /// From 1; none where the file as a whole is meant.
    pub line: Option<usize>,
    pub key: Option<String>,
    pub reason: String,
}

impl Error {
    /// A mistake in a whole file.
    pub(super) fn in_file(file: &str, reason: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            line: None,
            key: None,
            reason: reason.into(),
        }
    }

    /// A mistake at a place in a file's text.
    pub(super) fn at(
        file: &str,
        text: &str,
        span: Range<usize>,
        key: impl Into<String>,
        reason: impl Into<String>,
    ) -> Self {
        Self {
            file: file.to_owned(),
            line: Some(line_of(text, span.start)),
            key: Some(key.into()),
            reason: reason.into(),
        }
    }

    /// What the TOML reader says.
    pub(super) fn toml(file: &str, text: &str, error: &toml::de::Error) -> Self {
        let line = error.span().map(|span| line_of(text, span.start));
        // What is missing stands nowhere: its table's line is told.
        let missing = error.message().strip_prefix("missing field `");
        let missing = missing.and_then(|rest| rest.split('`').next());
        let key = missing
            .map(str::to_owned)
            .or_else(|| error.span().map(|span| key_at(text, span.start)))
            .filter(|key| !key.is_empty());
        Self {
            file: file.to_owned(),
            line,
            key,
            reason: error.message().to_owned(),
        }
    }
}

fn line_of(text: &str, at: usize) -> usize {
    1 + text
        .as_bytes()
        .iter()
        .take(at)
        .filter(|byte| **byte == b'\n')
        .count()
}

/// The key whose value stands at a place, as it is written: on its line, or on one above where the
/// value is a list over several lines.
fn key_at(text: &str, at: usize) -> String {
    let end = text[at.min(text.len())..]
        .find('\n')
        .map_or(text.len(), |newline| at + newline);
    let is_key = |key: &str| {
        !key.is_empty()
            && key
                .chars()
                .all(|c| c.is_alphanumeric() || "_-.\"' ".contains(c))
    };
    let lines = text[..end].lines().rev();
    let mut keys = lines.map(|line| line.split_once('=').map_or(line, |(key, _)| key).trim());
    let first = keys.next().unwrap_or_default();
    if is_key(first) || first.starts_with('[') {
        return first.to_owned();
    }
    keys.find(|key| is_key(key)).unwrap_or(first).to_owned()
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "catalogue/{}", self.file)?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if let Some(key) = &self.key {
            write!(f, ", key {key}")?;
        }
        write!(f, ": {}", self.reason)
    }
}

impl std::error::Error for Error {}
