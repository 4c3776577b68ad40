//! Periods as data: how long, in which days, from when on, where.

use chrono::{Days, NaiveDate};

use crate::{
    calendar::{Calendar, Due},
    division::{DivisionCode, DivisionTree},
};

/// What a period is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DayUnit {
    /// 工作日
    Working,
    /// 日
    Calendar,
}

crate::text_enum!(DayUnit { Working => "WORKING", Calendar => "CALENDAR" });

/// One period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadlineRule {
    /// Its key, such as `arrears.transfer`; several rules of one key differ in place or time.
    pub key: String,
    /// What it is called.
    pub title: String,
    /// Its length in days.
    pub days: u32,
    /// What it is counted in.
    pub unit: DayUnit,
    /// Its length with all extensions; it can't be extended where none is said.
    pub cap: Option<u32>,
    /// Whether a last day that is none of work is followed by the next one that is (民法典 §203).
    pub rolls_forward: bool,
    /// Days before its end on which it is reminded of, most first.
    pub reminders: Vec<u32>,
    /// Where it holds, with all below; everywhere where none is said.
    pub division: Option<DivisionCode>,
    /// The first day on which it may begin.
    pub from: NaiveDate,
    /// The last one.
    pub to: Option<NaiveDate>,
    /// What it rests on.
    pub legal_basis: String,
    /// Whether the article's text was at hand.
    pub verified: bool,
}

impl DeadlineRule {
    /// Its last day, counted from the day after `start` (民法典 §201).
    pub fn due(&self, calendar: &Calendar, start: NaiveDate) -> Due {
        self.after(calendar, start, self.days)
    }

    /// Its last day with all extensions; none where it can't be extended.
    pub fn extended(&self, calendar: &Calendar, start: NaiveDate) -> Option<Due> {
        self.cap.map(|cap| self.after(calendar, start, cap))
    }

    fn after(&self, calendar: &Calendar, start: NaiveDate, days: u32) -> Due {
        match self.unit {
            DayUnit::Working => calendar.add_working_days(start, days),
            DayUnit::Calendar => {
                let day = start.checked_add_days(Days::new(u64::from(days)));
                let day = day.unwrap_or(NaiveDate::MAX);
                if self.rolls_forward {
                    calendar.roll_forward(day)
                } else {
                    Due::Firm(day)
                }
            }
        }
    }
}

/// All periods.
#[derive(Debug, Clone, Default)]
pub struct Deadlines(pub Vec<DeadlineRule>);

impl Deadlines {
    /// The rule of a key for a period that begins on a day in a division: of several the one of the
    /// narrowest place.
    pub fn rule(
        &self,
        key: &str,
        on: NaiveDate,
        place: Option<DivisionCode>,
        tree: &DivisionTree,
    ) -> Option<&DeadlineRule> {
        let holds = |rule: &&DeadlineRule| {
            let is_there = rule
                .division
                .is_none_or(|within| place.is_some_and(|place| tree.contains(within, place)));
            rule.key == key && is_there && rule.from <= on && rule.to.is_none_or(|to| on <= to)
        };
        let depth = |rule: &&DeadlineRule| {
            rule.division
                .map_or(0, |code| 1 + tree.ancestors(code).count())
        };
        self.0.iter().filter(holds).max_by_key(depth)
    }
}
