//! When a source is due: a decision without clock and database, so that every case can be tried.

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};

use crate::{
    catalogue::Source,
    config::{Place, When},
    timetable::Timetable,
};

/// What a first failure puts a run off by at most; each one after it doubles that …
const RETRY_FIRST: TimeDelta = TimeDelta::minutes(1);
/// … up to this.
const RETRY_MAX: TimeDelta = TimeDelta::minutes(60);
/// A run that began later than this from now on was noted by a clock that was wrong.
const AHEAD_MAX: TimeDelta = TimeDelta::hours(24);

/// How a source is to be brought in by itself.
#[derive(Debug, Clone)]
pub struct Plan {
    timetable: Timetable,
    jitter: TimeDelta,
    catch_up: bool,
    /// After so long it is looked again while somebody waits for it.
    awaited: Option<TimeDelta>,
    /// Sources, and hubs, are put off differently.
    seed: String,
}

/// How a source's last attempts went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Past {
    /// When the last one began.
    pub began: Option<DateTime<Utc>>,
    /// When it ended; when it began, where it never did.
    pub ended: Option<DateTime<Utc>>,
    /// How many have failed since one went well.
    pub failures: u32,
}

impl Plan {
    /// The plan of a source at its place; none where nothing is pulled there, or not by itself.
    pub fn of(source: &Source, place: &Place, hub: &str) -> Option<Self> {
        place.url.as_ref()?;
        let described = source.schedule.as_ref();
        let timetable = match &place.schedule {
            Some(When::Off) => return None,
            Some(When::At(timetable)) => timetable.clone(),
            None => described?.cron.clone(),
        };
        Some(Self {
            timetable,
            jitter: described.map_or(TimeDelta::zero(), |schedule| schedule.jitter),
            catch_up: described.is_none_or(|schedule| schedule.catch_up),
            awaited: described.and_then(|schedule| schedule.awaited),
            seed: format!("{hub} {}", source.key.get_ref()),
        })
    }

    /// A share of `most` that looks like chance and is the same each time it is asked for.
    fn spread(&self, moment: DateTime<Utc>, most: TimeDelta) -> TimeDelta {
        let digest = Sha256::new()
            .chain_update(&self.seed)
            .chain_update(moment.timestamp_micros().to_be_bytes())
            .finalize();
        let chance = digest
            .iter()
            .take(4)
            .fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
        let most = u64::try_from(most.num_milliseconds()).unwrap_or(0);
        // Below `most`, which is a few hours: neither product nor share can be too big.
        TimeDelta::milliseconds(((most * chance) >> 32) as i64)
    }
}

/// When a source is due next, `since` being when this hub started; none where its timetable has no
/// time any more. What lies in the past is due now, once, however much was missed. One that somebody waits for
/// is due sooner, where its plan says so.
pub fn next_due(
    plan: &Plan,
    past: &Past,
    is_awaited: bool,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let began = past.began.filter(|began| *began <= now + AHEAD_MAX);
    let base = match began {
        // It never was brought in, or nobody can say when.
        None if plan.catch_up => return Some(since),
        None => since,
        Some(began) if plan.catch_up => began,
        Some(began) => began.max(since),
    };
    let due = plan.timetable.next_after(base)?;
    let due = due + plan.spread(due, plan.jitter);
    let soon = plan.awaited.filter(|_| is_awaited);
    let due = soon.map_or(due, |within| due.min(base + within));
    match past.ended.or(past.began) {
        Some(ended) if past.failures > 0 && began.is_some() => {
            let doubled = RETRY_FIRST * (1 << (past.failures - 1).min(6));
            Some(due.min(ended + plan.spread(ended, doubled.min(RETRY_MAX))))
        }
        _ => Some(due),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        format!("{text}+08:00").parse().expect("a moment")
    }

    fn plan(cron: &str, jitter: TimeDelta, catch_up: bool) -> Plan {
        Plan {
            timetable: cron.parse().expect("a timetable"),
            jitter,
            catch_up,
            awaited: None,
            seed: "440000 a_source".to_owned(),
        }
    }

    fn past(began: &str, failures: u32) -> Past {
        Past {
            began: Some(at(began)),
            ended: Some(at(began) + TimeDelta::seconds(30)),
            failures,
        }
    }

    #[test]
    fn it_is_due_at_the_next_time_behind_its_last_attempt() {
        let (since, now) = (at("2026-11-20T01:00:00"), at("2026-11-20T09:00:00"));
        for (cron, catch_up, began, due) in [
            // In time; and at its very second.
            (
                "30 5 * * *",
                true,
                "2026-11-20T05:30:02",
                "2026-11-21T05:30:00",
            ),
            (
                "30 5 * * *",
                true,
                "2026-11-20T05:30:00",
                "2026-11-21T05:30:00",
            ),
            // One that was asked for by hand takes no place of one that is to come.
            (
                "30 5 * * *",
                true,
                "2026-11-20T05:29:00",
                "2026-11-20T05:30:00",
            ),
            // Many were missed: the first of them is due, and the next is counted from that run.
            (
                "30 5 * * *",
                true,
                "2026-11-02T05:30:01",
                "2026-11-03T05:30:00",
            ),
            (
                "30 5 * * *",
                false,
                "2026-11-02T05:30:01",
                "2026-11-20T05:30:00",
            ),
            // The clock went back an hour: the time that comes again is not used again.
            (
                "30 9 * * *",
                true,
                "2026-11-20T09:30:00",
                "2026-11-21T09:30:00",
            ),
            // It was a year ahead: what it noted is not believed.
            (
                "30 5 * * *",
                true,
                "2027-11-20T05:30:00",
                "2026-11-20T01:00:00",
            ),
            (
                "30 5 * * *",
                false,
                "2027-11-20T05:30:00",
                "2026-11-20T05:30:00",
            ),
        ] {
            let plan = plan(cron, TimeDelta::zero(), catch_up);
            let told = next_due(&plan, &past(began, 0), false, since, now);
            assert_eq!(told, Some(at(due)), "{cron} {catch_up} {began}");
        }
    }

    #[test]
    fn what_never_was_brought_in_is_due_at_once_or_at_its_time() {
        let (since, now) = (at("2026-11-20T01:00:00"), at("2026-11-20T01:00:10"));
        let due = |catch_up| {
            let plan = plan("30 5 * * *", TimeDelta::zero(), catch_up);
            next_due(&plan, &Past::default(), false, since, now)
        };
        assert_eq!(due(true), Some(since));
        assert_eq!(due(false), Some(at("2026-11-20T05:30:00")));
    }

    #[test]
    fn jitter_is_the_same_each_time_and_within_its_bounds() {
        let hour = TimeDelta::hours(1);
        let now = at("2026-11-20T09:00:00");
        let mut spread = std::collections::BTreeSet::new();
        for day in 1..=28 {
            let began = format!("2026-10-{day:02}T12:00:00");
            let due =
                |plan: &Plan| next_due(plan, &past(&began, 0), false, now, now).expect("a time");
            let sharp = due(&plan("30 5 * * *", TimeDelta::zero(), true));
            let put_off = due(&plan("30 5 * * *", hour, true));
            assert_eq!(put_off, due(&plan("30 5 * * *", hour, true)));
            assert!(sharp <= put_off && put_off < sharp + hour, "{put_off}");
            let other = Plan {
                seed: "350000 a_source".to_owned(),
                ..plan("30 5 * * *", hour, true)
            };
            assert_ne!(due(&other), put_off, "hubs do not ask at the same second");
            spread.insert(put_off - sharp);
        }
        assert!(spread.len() > 20, "{spread:?}");
    }

    #[test]
    fn failures_put_it_off_ever_longer_and_never_beyond_its_next_time() {
        let plan = plan("30 5 * * *", TimeDelta::zero(), true);
        let now = at("2026-11-20T09:00:00");
        for (failures, minutes) in [
            (1, 1),
            (2, 2),
            (3, 4),
            (6, 32),
            (7, 60),
            (8, 60),
            (u32::MAX, 60),
        ] {
            let mut longest = TimeDelta::zero();
            for minute in 0..60 {
                let past = past(&format!("2026-11-20T06:{minute:02}:00"), failures);
                let ended = past.ended.expect("it ended");
                let due = next_due(&plan, &past, false, now, now).expect("a time");
                longest = longest.max(due - ended);
                assert!(due >= ended, "{failures}: {due}");
            }
            let most = TimeDelta::minutes(minutes);
            assert!(
                longest < most && longest > most * 9 / 10,
                "{failures}: {longest}"
            );
        }
        let frequent = Plan {
            timetable: "* * * * *".parse().expect("a timetable"),
            ..plan
        };
        let due = next_due(&frequent, &past("2026-11-20T06:00:00", 9), false, now, now);
        assert!(due <= Some(at("2026-11-20T06:01:00")), "{due:?}");
    }
    #[test]
    fn what_somebody_waits_for_is_looked_at_sooner_and_no_later_than_ever() {
        let now = at("2026-11-20T06:00:00");
        let plan = Plan {
            awaited: Some(TimeDelta::minutes(45)),
            ..plan("30 5 * * *", TimeDelta::zero(), true)
        };
        for (began, is_awaited, due) in [
            ("2026-11-20T05:30:00", false, "2026-11-21T05:30:00"),
            ("2026-11-20T05:30:00", true, "2026-11-20T06:15:00"),
            ("2026-11-21T05:00:00", true, "2026-11-21T05:30:00"),
        ] {
            let told = next_due(&plan, &past(began, 0), is_awaited, now, now);
            assert_eq!(told, Some(at(due)), "{began} {is_awaited}");
        }
    }
}
