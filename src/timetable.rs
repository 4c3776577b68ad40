//! When something is due by the clock on the wall: five fields of cron, in the time of China, which
//! knows no summer time.

use std::{fmt, str::FromStr, sync::Arc};

use chrono::{DateTime, Utc};
use croner::{
    Cron,
    parser::{CronParser, Seconds, Year},
};
use domain::date::china_offset;
use serde::{Deserialize, Deserializer, de};

/// Minute, hour, day of the month, month, day of the week.
const FIELDS: usize = 5;

/// A timetable that comes round at least once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timetable(Arc<Cron>);

/// Why a text is no timetable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no timetable: {reason}; expected five fields of cron, such as \"30 5 * * *\"")]
pub struct NoTimetable {
    text: String,
    reason: String,
}

impl Timetable {
    /// The first time behind a moment; none where its years are over.
    pub fn next_after(&self, moment: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let there = moment.with_timezone(&china_offset());
        let next = self.0.find_next_occurrence(&there, false).ok()?;
        Some(next.to_utc())
    }
}

impl FromStr for Timetable {
    type Err = NoTimetable;

    fn from_str(text: &str) -> Result<Self, NoTimetable> {
        let wrong = |reason: String| NoTimetable {
            text: text.to_owned(),
            reason,
        };
        let fields = text.split_whitespace().count();
        if fields != FIELDS {
            return Err(wrong(format!("it has {fields} field(s)")));
        }
        let parser = CronParser::builder()
            .seconds(Seconds::Disallowed)
            .year(Year::Disallowed)
            .build();
        let cron = parser
            .parse(text)
            .map_err(|error| wrong(error.to_string()))?;
        let timetable = Self(Arc::new(cron));
        // A thirtieth of February is well formed and never comes.
        match timetable.next_after(DateTime::UNIX_EPOCH) {
            Some(_) => Ok(timetable),
            None => Err(wrong("that day never comes".to_owned())),
        }
    }
}

impl fmt::Display for Timetable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'de> Deserialize<'de> for Timetable {
    fn deserialize<D: Deserializer<'de>>(text: D) -> Result<Self, D::Error> {
        String::deserialize(text)?
            .parse()
            .map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("an RFC 3339 moment")
    }

    #[test]
    fn it_is_read_in_the_time_of_china_all_year() {
        for (cron, after, next) in [
            (
                "30 5 * * *",
                "2026-11-20T05:29:59.9+08:00",
                "2026-11-20T05:30:00+08:00",
            ),
            (
                "30 5 * * *",
                "2026-11-20T05:30:00+08:00",
                "2026-11-21T05:30:00+08:00",
            ),
            (
                "30 5 * * *",
                "2026-11-20T05:30:00.5+08:00",
                "2026-11-21T05:30:00+08:00",
            ),
            // Where others put their clocks forward.
            (
                "30 2 * * *",
                "2026-03-28T12:00:00+08:00",
                "2026-03-29T02:30:00+08:00",
            ),
            (
                "0 8 * * 1-5",
                "2026-11-20T08:00:00+08:00",
                "2026-11-23T08:00:00+08:00",
            ),
            (
                "0 0 29 2 *",
                "2026-01-01T00:00:00+08:00",
                "2028-02-29T00:00:00+08:00",
            ),
            (
                "*/20 * * * *",
                "2026-12-31T23:50:00+08:00",
                "2027-01-01T00:00:00+08:00",
            ),
        ] {
            let timetable: Timetable = cron.parse().expect("a timetable");
            assert_eq!(
                timetable.next_after(at(after)),
                Some(at(next)),
                "{cron} {after}"
            );
        }
    }

    #[test]
    fn what_is_none_is_refused_with_its_reason() {
        for (text, says) in [
            ("", "0 field"),
            ("@daily", "1 field"),
            ("0 30 5 * * *", "6 field"),
            ("61 5 * * *", "61 5 * * *"),
            ("a 5 * * *", "no timetable"),
            ("0 0 30 2 *", "never comes"),
        ] {
            let error = text
                .parse::<Timetable>()
                .expect_err("no timetable")
                .to_string();
            assert!(
                error.contains(says) && error.contains("five fields"),
                "{text:?}: {error}"
            );
        }
    }
}
