//! Leaving a host alone that fails: what is down is not helped by being asked.

use tokio::time::Instant;

use super::Limits;

/// How it stands with one host.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    failures: u32,
    /// How many times on end it was left alone; none while it is believed to be well.
    pauses: u32,
    /// No call before this …
    closed_until: Option<Instant>,
    /// … and one at a time after it.
    trial_until: Option<Instant>,
}

impl Breaker {
    /// Whether a call may be made; if not, when the next one may.
    pub(super) fn admit(&mut self, now: Instant, limits: &Limits) -> Result<(), Instant> {
        let Some(closed_until) = self.closed_until else {
            return Ok(());
        };
        if now < closed_until {
            return Err(closed_until);
        }
        match self.trial_until {
            // A trial that never came back must not shut the host for ever.
            Some(until) if now < until => Err(until),
            _ => {
                self.trial_until = Some(now + limits.total);
                Ok(())
            }
        }
    }

    /// Notes how a call went.
    pub(super) fn note(&mut self, is_well: bool, now: Instant, limits: &Limits) {
        if is_well {
            *self = Self::default();
            return;
        }
        let was_trial = self.trial_until.take().is_some();
        self.failures = self.failures.saturating_add(1);
        if was_trial || (self.closed_until.is_none() && self.failures >= limits.failures_max) {
            let times = 2_u32.saturating_pow(self.pauses);
            let pause = limits.pause.saturating_mul(times).min(limits.pause_max);
            self.pauses = self.pauses.saturating_add(1);
            self.closed_until = Some(now + pause);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn it_opens_after_failures_on_end_and_lets_one_trial_through() {
        let (limits, start) = (Limits::default(), Instant::now());
        let mut breaker = Breaker::default();
        for _ in 0..4 {
            breaker.note(false, start, &limits);
        }
        breaker.note(true, start, &limits);
        for _ in 0..4 {
            assert_eq!(breaker.admit(start, &limits), Ok(()));
            breaker.note(false, start, &limits);
        }
        assert_eq!(
            breaker.admit(start, &limits),
            Ok(()),
            "a good answer began the count anew"
        );
        breaker.note(false, start, &limits);

        let mut now = start;
        for pause_s in [60, 120, 240, 480, 900, 900] {
            let opens = now + Duration::from_secs(pause_s);
            let before = opens - Duration::from_millis(1);
            assert_eq!(breaker.admit(before, &limits), Err(opens));
            assert_eq!(breaker.admit(opens, &limits), Ok(()));
            assert!(
                breaker.admit(opens, &limits).is_err(),
                "one trial at a time"
            );
            breaker.note(false, opens, &limits);
            now = opens;
        }
        let opens = now + Duration::from_secs(900);
        assert_eq!(breaker.admit(opens, &limits), Ok(()));
        breaker.note(true, opens, &limits);
        assert_eq!(breaker.admit(opens, &limits), Ok(()));
        assert_eq!(breaker.admit(opens, &limits), Ok(()), "well again");
    }

    #[test]
    fn a_trial_that_never_came_back_does_not_shut_the_host_for_ever() {
        let (limits, start) = (Limits::default(), Instant::now());
        let mut breaker = Breaker::default();
        for _ in 0..5 {
            breaker.note(false, start, &limits);
        }
        let trial = start + limits.pause;
        assert_eq!(breaker.admit(trial, &limits), Ok(()));
        assert_eq!(breaker.admit(trial + limits.total, &limits), Ok(()));
    }
}
