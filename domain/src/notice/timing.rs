//! When mail may leave: hours and days on which nobody reads it, and digests.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, Utc};

use crate::{assess::WarningLevel, calendar::Calendar, date::china_offset};

/// When mail leaves. All times are China's.
#[derive(Debug, Clone)]
pub struct Timing {
    /// When none does.
    pub quiet: Quiet,
    /// Levels that are told of once a day, at that time, which is not quiet.
    pub digests: BTreeMap<WarningLevel, NaiveTime>,
    /// Which days are worked; of years whose notice is not out, which likely are.
    pub calendar: Calendar,
}

/// When mail is held back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quiet {
    /// From this time on …
    pub from: NaiveTime,
    /// … until before this one, of the next day where it is the earlier one; never where both are one.
    pub to: NaiveTime,
    /// And on days that are not worked.
    pub days_off: bool,
    /// Levels that are told of at once all the same.
    pub spares: Vec<WarningLevel>,
}

impl Quiet {
    /// Whether it is quiet at a time of a day that is worked.
    pub fn is_at(&self, time: NaiveTime) -> bool {
        match self.from <= self.to {
            true => self.from <= time && time < self.to,
            false => self.from <= time || time < self.to,
        }
    }
}

impl Timing {
    /// When a notice of this level that comes at that moment is to leave.
    pub fn due(&self, level: WarningLevel, at: DateTime<Utc>) -> DateTime<Utc> {
        let digest = self.digests.get(&level);
        let Some(digest) = digest.filter(|_| !self.quiet.spares.contains(&level)) else {
            return self.again(level, at);
        };
        let there = at.with_timezone(&china_offset()).naive_local();
        // What comes at the digest's moment is for the next one: that one is being written.
        let is_over = there.time() >= *digest;
        let first = there.date() + Days::new(u64::from(is_over));
        moment(self.worked(first).and_time(*digest))
    }

    /// When one that failed is tried again that would be at that moment.
    pub fn again(&self, level: WarningLevel, at: DateTime<Utc>) -> DateTime<Utc> {
        match self.quiet.spares.contains(&level) {
            true => at,
            false => self.after_quiet(at),
        }
    }

    /// That moment where mail may leave then, else the end of the quiet.
    fn after_quiet(&self, at: DateTime<Utc>) -> DateTime<Utc> {
        let there = at.with_timezone(&china_offset()).naive_local();
        let (day, time) = (there.date(), there.time());
        let is_evening = self.quiet.is_at(time) && time >= self.quiet.to;
        let first = day + Days::new(u64::from(is_evening));
        let worked = self.worked(first);
        match worked == day && !self.quiet.is_at(time) {
            true => at,
            false => moment(worked.and_time(self.quiet.to)),
        }
    }

    /// The day, or the next that is worked.
    fn worked(&self, day: NaiveDate) -> NaiveDate {
        match self.quiet.days_off {
            true => self.calendar.roll_forward(day).date(),
            false => day,
        }
    }
}

fn moment(there: NaiveDateTime) -> DateTime<Utc> {
    // China has had one offset, without summer time, since before any of our data.
    let local = there.and_local_timezone(china_offset());
    local.single().map_or(there.and_utc(), |at| at.to_utc())
}
