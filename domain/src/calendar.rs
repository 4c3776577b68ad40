//! Working days: Monday to Friday but for the days that the State Council's yearly notice
//! (国务院办公厅关于部分节假日安排的通知) gives off, and the weekend days it has worked.

use std::collections::{BTreeSet, HashMap};

use chrono::{Datelike, NaiveDate, Weekday};

/// Statutory holidays of a fixed date (全国年节及纪念日放假办法, from 2025), month and day: what is
/// sure of a year whose notice is not out.
const FIXED_HOLIDAYS: [(u32, u32); 6] = [(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)];

/// From this day of December on days may be named by the next year's notice, too: New Year's days off have taken
/// their weekends and the days worked for them from there (as in the notices for 2018 and 2019).
const NEW_YEAR_FROM: u32 = 25;

/// One year's notice. Its days may lie in the December before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarYear {
    /// The year that the notice is for.
    pub year: i32,
    /// Days off, weekends among them or not.
    pub days_off: Vec<NaiveDate>,
    /// Weekend days that are worked (调休).
    pub workdays: Vec<NaiveDate>,
}

/// Why notices do not form a calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// Two notices for one year.
    #[error("calendar year {0} is given twice")]
    Duplicate(i32),
    /// A day of another year.
    #[error("calendar year {year}: {date} lies neither in it nor in the December before")]
    OtherYear {
        /// The notice's year.
        year: i32,
        /// The day.
        date: NaiveDate,
    },
    /// A day that is both off and worked.
    #[error("calendar: {0} is both a day off and a workday")]
    Both(NaiveDate),
    /// A workday that would be one without being named.
    #[error("calendar: {0} is named as a weekend day that is worked and is no Saturday or Sunday")]
    NoWeekend(NaiveDate),
}

/// The last day of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Due {
    /// Counted over days of which all notices are out.
    Firm(NaiveDate),
    /// Counted over days that a notice may name which is not out; may move, and nobody is blamed by it.
    Provisional(NaiveDate),
}

impl Due {
    /// The day.
    pub const fn date(self) -> NaiveDate {
        match self {
            Self::Firm(date) | Self::Provisional(date) => date,
        }
    }

    /// Whether the day may still move.
    pub const fn is_provisional(self) -> bool {
        matches!(self, Self::Provisional(_))
    }

    const fn new(date: NaiveDate, is_provisional: bool) -> Self {
        if is_provisional {
            Self::Provisional(date)
        } else {
            Self::Firm(date)
        }
    }
}

/// The working days of all years whose notices are out.
#[derive(Debug, Clone, Default)]
pub struct Calendar {
    published: BTreeSet<i32>,
    /// Whether a day that a notice names is worked.
    named: HashMap<NaiveDate, bool>,
}

impl Calendar {
    /// A calendar of these notices. A year without any day is one whose notice is not out; of two
    /// notices that name a day in December, the later one holds.
    pub fn new(years: impl IntoIterator<Item = CalendarYear>) -> Result<Self, CalendarError> {
        let mut years: Vec<CalendarYear> = years.into_iter().collect();
        years.sort_by_key(|notice| notice.year);
        if let Some(pair) = years.windows(2).find(|pair| pair[0].year == pair[1].year) {
            return Err(CalendarError::Duplicate(pair[0].year));
        }
        let mut calendar = Self::default();
        for CalendarYear {
            year,
            days_off,
            workdays,
        } in years
        {
            if let Some(date) = days_off.iter().find(|date| workdays.contains(date)) {
                return Err(CalendarError::Both(*date));
            }
            if let Some(date) = workdays.iter().find(|date| !is_weekend(**date)) {
                return Err(CalendarError::NoWeekend(*date));
            }
            let is_other = |date: &NaiveDate| {
                date.year() != year && (date.year(), date.month()) != (year - 1, 12)
            };
            if let Some(&date) = days_off.iter().chain(&workdays).find(|date| is_other(date)) {
                return Err(CalendarError::OtherYear { year, date });
            }
            if !days_off.is_empty() {
                calendar.published.insert(year);
            }
            calendar
                .named
                .extend(days_off.into_iter().map(|date| (date, false)));
            calendar
                .named
                .extend(workdays.into_iter().map(|date| (date, true)));
        }
        Ok(calendar)
    }

    /// Whether the day is worked; none where a notice that may name it is not out.
    pub fn is_working_day(&self, date: NaiveDate) -> Option<bool> {
        self.is_known(date).then(|| self.is_worked(date))
    }

    /// Whether all notices are out that may name the day.
    fn is_known(&self, date: NaiveDate) -> bool {
        let is_next = date.month() == 12 && date.day() >= NEW_YEAR_FROM;
        let is_out = |year| self.published.contains(&year);
        is_out(date.year()) && (!is_next || is_out(date.year() + 1))
    }

    /// The last of `n` working days, the first of which follows `start` (民法典 §201); with none of
    /// them, `start` itself. Provisional where the count comes to a day that
    /// a notice may name which is not out.
    pub fn add_working_days(&self, start: NaiveDate, n: u32) -> Due {
        let (mut date, mut is_provisional, mut left) = (start, false, n);
        while left > 0 {
            let Some(next) = date.succ_opt() else {
                return Due::Provisional(date);
            };
            date = next;
            is_provisional |= !self.is_known(date);
            left -= u32::from(self.is_worked(date));
        }
        Due::new(date, is_provisional)
    }

    /// The day from which on `n` working days lie before the end of `day`: with none of them, `day`
    /// itself. Provisional where the count comes to a day that
    /// a notice may name which is not out.
    pub fn working_days_before(&self, day: NaiveDate, n: u32) -> Due {
        let (mut date, mut is_provisional, mut left) = (day, false, n);
        while left > 0 {
            let Some(before) = date.pred_opt() else {
                return Due::Provisional(date);
            };
            date = before;
            is_provisional |= !self.is_known(date);
            left -= u32::from(self.is_worked(date));
        }
        Due::new(date, is_provisional)
    }

    /// How many working days follow a day up to another one; none where a notice that may name one of these days is
    /// not out.
    pub fn working_days_after(&self, day: NaiveDate, up_to: NaiveDate) -> Option<u32> {
        let days = day.iter_days().skip(1);
        let mut days = days.take_while(|date| *date <= up_to);
        days.try_fold(0, |sum, date| {
            Some(sum + u32::from(self.is_working_day(date)?))
        })
    }

    /// The day itself where it is worked, else the next that is (民法典 §203).
    pub fn roll_forward(&self, date: NaiveDate) -> Due {
        let mut day = date;
        let mut is_provisional = !self.is_known(day);
        while !self.is_worked(day) {
            let Some(next) = day.succ_opt() else {
                return Due::Provisional(day);
            };
            day = next;
            is_provisional |= !self.is_known(day);
        }
        Due::new(day, is_provisional)
    }

    /// What is known or, of a year whose notice is not out, what is likely.
    fn is_worked(&self, date: NaiveDate) -> bool {
        let is_holiday = || {
            !self.published.contains(&date.year())
                && FIXED_HOLIDAYS.contains(&(date.month(), date.day()))
        };
        self.named
            .get(&date)
            .copied()
            .unwrap_or_else(|| !is_weekend(date) && !is_holiday())
    }
}

fn is_weekend(date: NaiveDate) -> bool {
    matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}

#[cfg(test)]
mod tests;
