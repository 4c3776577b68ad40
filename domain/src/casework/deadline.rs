//! Periods as data: how long, in which days, from when on, where.

use chrono::{Days, NaiveDate};

use super::{DueKind, Party, narrowest};
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

/// Whom beside who owes something a rule has told of it as its period begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Beside {
    /// 信用牵头部门：the body that leads in the place.
    Leader,
    /// 上级：the body above who owes it.
    Superior,
}

crate::text_enum!(Beside { Leader => "LEADER", Superior => "SUPERIOR" });
crate::text_serde!(Beside);

/// When who owes something is reminded of it: days before and after the last one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reminding {
    /// Who owes it: the first of these that the case has.
    pub owed_by: Vec<Party>,
    /// Days before the last one; 0 is the last one itself.
    pub before: Vec<u32>,
    /// Days after it.
    pub after: Vec<u32>,
    /// Days after it on which the superior of who is late is told, then that one's, and so on.
    pub escalates: Vec<u32>,
    /// Who is told of it as it begins.
    pub tells: Vec<Beside>,
}

/// How is reminded of what is due by a day that somebody set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetDayRule {
    /// What is due.
    pub of: DueKind,
    /// What days are counted in.
    pub unit: DayUnit,
    /// When it is reminded of.
    pub reminding: Reminding,
    /// Where it holds, with all below; everywhere where none is said.
    pub division: Option<DivisionCode>,
    /// The first day on which such a thing may have been set.
    pub from: NaiveDate,
    /// The last one.
    pub to: Option<NaiveDate>,
    /// What it rests on.
    pub legal_basis: String,
    /// Whether the article's text was at hand.
    pub verified: bool,
}

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
    /// When it is reminded of.
    pub reminding: Reminding,
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

/// All periods, and what is known of days that somebody sets.
#[derive(Debug, Clone, Default)]
pub struct Deadlines {
    /// Periods that are counted.
    pub periods: Vec<DeadlineRule>,
    /// How is reminded of days that are set.
    pub set_days: Vec<SetDayRule>,
}

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
        let of_key = self.periods.iter().filter(|rule| rule.key == key);
        let then = of_key.filter(|rule| rule.from <= on && rule.to.is_none_or(|to| on <= to));
        narrowest(then, |rule| rule.division, place, tree)
    }

    /// The rule for a thing that was set on a day in a division, likewise.
    pub fn set_day(
        &self,
        of: DueKind,
        on: NaiveDate,
        place: Option<DivisionCode>,
        tree: &DivisionTree,
    ) -> Option<&SetDayRule> {
        let of_kind = self.set_days.iter().filter(|rule| rule.of == of);
        let then = of_kind.filter(|rule| rule.from <= on && rule.to.is_none_or(|to| on <= to));
        narrowest(then, |rule| rule.division, place, tree)
    }
}
