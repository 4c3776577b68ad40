//! Which reminders are to be made, by the days that their rules count.

use chrono::{Days, NaiveDate};

use super::{
    super::{Case, DayUnit, DueKind, Owed, Reminder, Reminding, ToRemind},
    Rules,
};
use crate::{
    calendar::{Calendar, Due},
    division::DivisionCode,
};

impl<'a> Rules<'a> {
    /// The reminders whose days have come and that were not made. Of those to who owes it only the
    /// latest: what was missed is not made up for. Of those to who stands above only the lowest, and one a day:
    /// nobody hears that a body is late before the one below him has heard.
    pub fn to_remind(
        &self,
        case: &Case,
        place: Option<DivisionCode>,
        on: NaiveDate,
    ) -> Vec<ToRemind<'a>> {
        let mut due = Vec::new();
        for owed in case.owed() {
            let Some((reminding, length, unit, basis)) = self.reminding(&owed, place) else {
                continue;
            };
            // Who is told as it begins is told how many days there are.
            let is_ahead = on <= owed.due_on;
            let tells = reminding.tells.iter().filter(|_| is_ahead);
            let tells = tells.map(|beside| (-signed(length), 0, Some(*beside)));
            let marks = marks(reminding, unit, self.calendar, &owed, on);
            let marks = marks.into_iter().filter(|_| !owed.is_provisional);
            let of_it = case.reminders.iter().filter(|made| made.is_of(&owed));
            let told = of_it.filter(|made| made.level > 0);
            let (told, told_on) = told.fold((0, None), |(level, on), made| {
                (made.level.max(level), Some(made.on).max(on))
            });
            let next = (told_on < Some(on)).then_some(told + 1);
            let marks = marks.filter(|(_, level)| *level == 0 || Some(*level) == next);
            let marks = marks.map(|(days, level)| (days, level, None));
            for (days, level, beside) in tells.chain(marks) {
                let is_same = |made: &Reminder| {
                    made.is_of(&owed)
                        && (made.days, made.level, made.beside) == (days, level, beside)
                };
                if case.reminders.iter().any(is_same) {
                    continue;
                }
                let reminder = Reminder {
                    of: owed.of,
                    number: owed.number,
                    since: owed.since,
                    due_on: owed.due_on,
                    days,
                    level,
                    beside,
                    on,
                    owed_by: owed.owner,
                    to: None,
                };
                due.push(ToRemind {
                    reminder,
                    owed_by: &reminding.owed_by,
                    basis,
                });
            }
        }
        due
    }

    fn reminding(
        &self,
        owed: &Owed<'_>,
        place: Option<DivisionCode>,
    ) -> Option<(&'a Reminding, u32, DayUnit, &'a str)> {
        let tree = self.divisions;
        match (owed.of, owed.rule) {
            (DueKind::Period | DueKind::Objection | DueKind::Repair, Some(key)) => {
                let rule = self.deadlines.rule(key, owed.since, place, tree)?;
                Some((&rule.reminding, rule.days, rule.unit, &rule.legal_basis))
            }
            (of, _) => {
                let rule = self.deadlines.set_day(of, owed.since, place, tree)?;
                Some((&rule.reminding, 0, rule.unit, &rule.legal_basis))
            }
        }
    }
}

fn signed(days: u32) -> i32 {
    i32::try_from(days).unwrap_or(i32::MAX)
}

/// The days after the last one, and the levels, of which the time has come.
fn marks(
    reminding: &Reminding,
    unit: DayUnit,
    calendar: &Calendar,
    owed: &Owed<'_>,
    on: NaiveDate,
) -> Vec<(i32, u32)> {
    let day = |days: i32| match away(calendar, unit, owed.due_on, days) {
        Due::Firm(day) => Some(day),
        Due::Provisional(_) => None,
    };
    let has_come = |days: &i32| day(*days).is_some_and(|day| owed.since < day && day <= on);
    // Once it is over, nobody is told that it will be.
    let is_ahead = on <= owed.due_on;
    let before = reminding.before.iter().filter(|_| is_ahead);
    let before = before.map(|days| -signed(*days));
    let after = reminding.after.iter().map(|days| signed(*days));
    let latest = before.chain(after).filter(has_come).max();
    let escalates = reminding.escalates.iter().zip(1..);
    let escalates = escalates.map(|(days, level)| (signed(*days), level));
    let escalates = escalates.filter(|(days, _)| has_come(days));
    latest
        .map(|days| (days, 0))
        .into_iter()
        .chain(escalates)
        .collect()
}

/// The day that lies so many days after another, or before it.
fn away(calendar: &Calendar, unit: DayUnit, from: NaiveDate, days: i32) -> Due {
    let count = days.unsigned_abs();
    match (unit, days < 0) {
        (DayUnit::Working, false) => calendar.add_working_days(from, count),
        (DayUnit::Working, true) => calendar.working_days_before(from, count),
        (DayUnit::Calendar, is_before) => {
            let count = Days::new(u64::from(count));
            let day = match is_before {
                true => from.checked_sub_days(count),
                false => from.checked_add_days(count),
            };
            Due::Firm(day.unwrap_or(from))
        }
    }
}
