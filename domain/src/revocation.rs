//! What of tokens is believed no longer.

use chrono::{DateTime, Utc};

/// Characters of a subject or of a token's number: what is longer is in no token that is believed.
pub const NAME_CHARS_MAX: usize = 255;

/// What is revoked.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Revoked {
    /// One token, by its `jti`.
    Token(String),
    /// All tokens of a subject that were issued so far.
    Subject(String),
}

/// A revocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// What is revoked.
    pub what: Revoked,
    /// Since when.
    pub at: DateTime<Utc>,
    /// Who revoked it.
    pub by: String,
    /// Why, where he said so.
    pub reason: Option<String>,
}

impl Revoked {
    /// The token's number, or the subject.
    pub fn name(&self) -> &str {
        let (Self::Token(name) | Self::Subject(name)) = self;
        name
    }

    /// Whether a token can bear this name at all.
    pub fn is_possible(&self) -> bool {
        is_name(self.name())
    }
}

/// Whether a text may be a subject or a token's number.
pub fn is_name(text: &str) -> bool {
    (1..=NAME_CHARS_MAX).contains(&text.chars().count())
}
