//! What became of trying to send one message, and what follows from that.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::store::Outcome;

/// A message that the platform did not want so often is shown as refused.
const ATTEMPTS_MAX: i64 = 20;
/// How long a message that failed waits, doubled with each time.
const WAIT_FIRST: Duration = Duration::from_secs(60);
const WAIT_MAX: Duration = Duration::from_secs(3_600);

/// Why a message behind one without an answer waits.
const UNTRIED: &str = "the platform did not answer the messages before it";

/// Characters of a platform's reason that are kept.
const REASON_CHARS_MAX: usize = 200;

/// What became of trying to send one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trial {
    /// It is out; the platform says later what it thinks of it.
    Sent,
    Accepted(Option<String>),
    Refused(String),
    /// The platform does not want this message now.
    NotNow(String),
    /// It may have been taken in.
    Open(String),
    /// It was not sent, and no other would be.
    Down(String),
    /// It was not sent, because of what became of those before it.
    Untried,
}

/// What is noted about a message that was tried for the `attempts`th time; `was_open` where an earlier
/// try may have been taken in.
pub(super) fn outcome(trial: Trial, was_open: bool, attempts: i64, now: DateTime<Utc>) -> Outcome {
    let at = now + wait(attempts);
    match trial {
        Trial::Sent => Outcome::Sent,
        Trial::Accepted(receipt) => Outcome::Accepted(receipt),
        Trial::Refused(reason) => Outcome::Refused(reason),
        Trial::Open(reason) => Outcome::Unknown(reason, at),
        // That this try did nothing says nothing about the one before.
        Trial::NotNow(reason) | Trial::Down(reason) if was_open => Outcome::Unknown(reason, at),
        Trial::NotNow(reason) if attempts >= ATTEMPTS_MAX => Outcome::Refused(reason),
        Trial::NotNow(reason) | Trial::Down(reason) => Outcome::Later(reason, at),
        Trial::Untried if was_open => Outcome::Unknown(UNTRIED.to_owned(), at),
        Trial::Untried => Outcome::Later(UNTRIED.to_owned(), at),
    }
}

/// How long a message waits that was tried so often.
pub(super) fn wait(attempts: i64) -> Duration {
    let doublings = u32::try_from((attempts - 1).clamp(0, 16)).unwrap_or(0);
    (WAIT_FIRST * 2_u32.pow(doublings)).min(WAIT_MAX)
}

/// A platform's words, cut and without numbers of persons.
pub(super) fn short(text: &str) -> String {
    let text = domain::privacy::mask_numbers(text.trim());
    text.chars().take(REASON_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_its_limit() {
        let waits: Vec<u64> = [1, 2, 3, 7, 8, i64::MAX]
            .map(|n| wait(n).as_secs())
            .to_vec();
        assert_eq!(waits, [60, 120, 240, 3_600, 3_600, 3_600]);
        assert_eq!(wait(0), WAIT_FIRST);
    }

    #[test]
    fn what_was_open_stays_open_until_somebody_knows() {
        let now = DateTime::<Utc>::UNIX_EPOCH;
        let at = now + WAIT_FIRST;
        let reason = || "r".to_owned();
        for trial in [Trial::NotNow(reason()), Trial::Down(reason())] {
            assert_eq!(
                outcome(trial.clone(), true, ATTEMPTS_MAX, now),
                Outcome::Unknown(reason(), now + WAIT_MAX)
            );
            assert_eq!(outcome(trial, false, 1, now), Outcome::Later(reason(), at));
        }
        assert_eq!(
            outcome(Trial::NotNow(reason()), false, ATTEMPTS_MAX, now),
            Outcome::Refused(reason())
        );
    }
}
