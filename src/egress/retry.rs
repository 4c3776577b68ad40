//! When to try again.

use std::time::Duration;

use chrono::DateTime;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

use super::{Limits, RETRY_AFTER_MAX};

/// What a host asks to wait: seconds, or a date, which is taken by the host's own clock since only
/// the difference matters. Longer than [`RETRY_AFTER_MAX`] is not believed.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let seconds = match text.parse::<u64>() {
        Ok(seconds) => seconds,
        Err(_) => {
            let until = DateTime::parse_from_rfc2822(text).ok()?;
            let now = headers.get(DATE)?.to_str().ok()?;
            let now = DateTime::parse_from_rfc2822(now.trim()).ok()?;
            u64::try_from((until - now).num_seconds()).unwrap_or(0)
        }
    };
    Some(Duration::from_secs(seconds).min(RETRY_AFTER_MAX))
}

/// A random wait after so many tries, so that those who failed together don't return together.
pub(super) fn backoff(tries: u32, limits: &Limits) -> Duration {
    let doubled = 2_u32.saturating_pow(tries.saturating_sub(1));
    let longest = limits
        .backoff
        .saturating_mul(doubled)
        .min(limits.backoff_max);
    // Without a random number all wait as long as they may.
    let share = getrandom::u32().map_or(1.0, |random| f64::from(random) / f64::from(u32::MAX));
    longest.mul_f64(share)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(pairs: &[(&'static str, &'static str)]) -> Option<u64> {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, value.parse().expect("a header"));
        }
        retry_after(&headers).map(|wait| wait.as_secs())
    }

    #[test]
    fn a_wait_comes_as_seconds_or_as_a_date() {
        let date = ("date", "Fri, 20 Nov 2026 01:00:00 GMT");
        assert_eq!(asked(&[("retry-after", "90")]), Some(90));
        assert_eq!(asked(&[("retry-after", "7200")]), Some(3_600));
        assert_eq!(
            asked(&[date, ("retry-after", "Fri, 20 Nov 2026 01:00:30 GMT")]),
            Some(30)
        );
        assert_eq!(
            asked(&[date, ("retry-after", "Fri, 20 Nov 2026 00:59:00 GMT")]),
            Some(0)
        );
        assert_eq!(
            asked(&[("retry-after", "Fri, 20 Nov 2026 01:00:30 GMT")]),
            None
        );
        assert_eq!(asked(&[("retry-after", "-1")]), None);
        assert_eq!(asked(&[("retry-after", "soon")]), None);
        assert_eq!(asked(&[]), None);
    }

    #[test]
    fn waits_are_random_within_a_bound_that_doubles() {
        let limits = Limits::default();
        for (tries, longest_ms) in [(1, 500), (2, 1_000), (3, 2_000), (20, 30_000), (99, 30_000)] {
            let waits: Vec<Duration> = (0..50).map(|_| backoff(tries, &limits)).collect();
            let longest = Duration::from_millis(longest_ms);
            assert!(
                waits.iter().all(|wait| *wait <= longest),
                "{tries}: {waits:?}"
            );
            assert!(
                waits.iter().any(|wait| *wait > longest / 2),
                "{tries}: {waits:?}"
            );
            assert!(
                waits.iter().any(|wait| *wait < longest / 2),
                "{tries}: {waits:?}"
            );
        }
    }
}
