//! Why nothing came. Of an address only the host is told, never path, query or headers: they may
//! hold what must not be logged.

use std::time::Duration;

/// Why nothing came.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    // The address itself is not repeated: what is wrong with it may be a password inside.
    #[error("it is no http or https address without user and fragment")]
    Address,
    #[error("{text:?} is no range of addresses; expected one such as 10.1.2.0/24")]
    Range { text: String },
    #[error("the certificates in ca_file can't be used: {reason}")]
    Certificates { reason: String },
    #[error("the client can't be made: {reason}")]
    Client { reason: String },
    #[error("{host} is no public address and in none of the ranges that its place allows")]
    Forbidden { host: String },
    #[error("a request to {host} went to another address than its place names")]
    Elsewhere { host: String },
    /// Nothing was sent to it.
    #[error("{host} can't be reached: {reason}")]
    Unconnected { host: String, reason: String },
    #[error("{host} did not answer: {reason}")]
    Unreached { host: String, reason: String },
    #[error("{host} was too slow: {what} within {} s", .within.as_secs_f64())]
    Slow {
        host: String,
        what: &'static str,
        within: Duration,
    },
    #[error("{host} answered with status {status}")]
    Status {
        host: String,
        status: u16,
        retry_after: Option<Duration>,
    },
    #[error("{host} answered with status {status}; redirects are not followed")]
    Redirect { host: String, status: u16 },
    #[error("{host} wants to be left alone for {} s", .retry_after.as_secs())]
    Limited { host: String, retry_after: Duration },
    #[error("{host} failed again and again and is left alone for {for_s} s")]
    LeftAlone { host: String, for_s: u64 },
    #[error("{host} answered with more than {bytes_max} bytes")]
    TooLong { host: String, bytes_max: usize },
    #[error("{host} answered with a packed body that is no proper one: {reason}")]
    Packed { host: String, reason: String },
    #[error("the answer of {host} is cut off")]
    CutOff { host: String },
    #[error("{dialect}: {reason}")]
    Signing {
        dialect: &'static str,
        reason: String,
    },
}

impl Error {
    /// Whether the host may be down, which is what its breaker counts.
    pub(super) fn is_failure(&self) -> bool {
        match self {
            Self::Unconnected { .. }
            | Self::Unreached { .. }
            | Self::Slow { .. }
            | Self::CutOff { .. } => true,
            Self::Status { status, .. } => *status >= 500,
            _ => false,
        }
    }

    /// Whether the same request may fare better a moment later.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Unconnected { .. } | Self::Unreached { .. } | Self::CutOff { .. } => true,
            Self::Status { status, .. } => matches!(status, 429 | 500 | 502 | 503 | 504),
            _ => false,
        }
    }
}

/// Characters of what a service says of itself that are repeated.
const MESSAGE_CHARS_MAX: usize = 200;
/// So many digits on end may be somebody's number.
const DIGITS_MASKED_MIN: usize = 11;

/// What a service says, in a form that may be repeated: cut, and without long numbers.
pub fn repeatable_message(text: &str) -> String {
    let mut told = String::new();
    let mut digits = String::new();
    let flush = |digits: &mut String, told: &mut String| {
        let is_long = digits.chars().count() >= DIGITS_MASKED_MIN;
        told.push_str(if is_long { "***" } else { digits });
        digits.clear();
    };
    for character in text.chars() {
        if character.is_numeric() {
            digits.push(character);
            continue;
        }
        flush(&mut digits, &mut told);
        told.push(if character.is_control() {
            ' '
        } else {
            character
        });
    }
    flush(&mut digits, &mut told);
    told.chars().take(MESSAGE_CHARS_MAX).collect()
}

/// An error with its causes.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::repeatable_message;

    #[test]
    fn a_message_is_cut_and_loses_long_numbers() {
        assert_eq!(
            repeatable_message("号码99900011122无效\n代码4001"),
            "号码***无效 代码4001"
        );
        assert_eq!(repeatable_message("9990001112"), "9990001112");
        assert_eq!(repeatable_message("证件99000019000101001X"), "证件***X");
        assert_eq!(repeatable_message(&"长".repeat(500)).chars().count(), 200);
    }
}
