//! 双公示: how a body kept the term for making its licences and penalties public. It is about the body
//! that decided, never about the party that was punished or licensed.

use chrono::NaiveDate;

use crate::calendar::Calendar;

/// What one decision says about the body that made it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disclosure {
    /// Reported within the term, so many working days after the decision.
    InTime(u32),
    /// Reported so many working days after the term was over.
    Late(u32),
    /// Revoked afterwards.
    Revoked,
}

/// Working days that are counted at most: a decision that is older says no more by its age.
const DAYS_MAX: u32 = 2_000;

/// Judges a decision of one day that was reported on another, with a term of `term` working days
/// whose first follows the decision (民法典 §201). A count that enters a year whose calendar is not
/// out is never called late, since nobody is blamed by a provisional day.
pub fn disclosure(
    calendar: &Calendar,
    term: u32,
    decided_on: NaiveDate,
    reported_on: NaiveDate,
) -> Disclosure {
    let due = calendar.add_working_days(decided_on, term);
    if reported_on <= due.date() || due.is_provisional() {
        return Disclosure::InTime(worked(calendar, decided_on, reported_on));
    }
    Disclosure::Late(worked(calendar, due.date(), reported_on))
}

/// Working days behind `from`, up to and with `to`.
fn worked(calendar: &Calendar, from: NaiveDate, to: NaiveDate) -> u32 {
    let mut count = 0;
    while count < DAYS_MAX && calendar.add_working_days(from, count + 1).date() <= to {
        count += 1;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::CalendarYear;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn the_term_is_counted_in_working_days() {
        let spring: Vec<NaiveDate> = (15..=23).map(|d| day(&format!("2026-02-{d}"))).collect();
        let year = CalendarYear {
            year: 2026,
            days_off: spring,
            workdays: vec![day("2026-02-14"), day("2026-02-28")],
        };
        let calendar = Calendar::new([year]).expect("a calendar");
        for (decided, reported, expected) in [
            ("2026-03-02", "2026-03-02", Disclosure::InTime(0)),
            ("2026-03-02", "2026-03-11", Disclosure::InTime(7)),
            ("2026-03-02", "2026-03-12", Disclosure::Late(1)),
            // The festival and the Saturdays that are worked for it.
            ("2026-02-09", "2026-02-25", Disclosure::InTime(7)),
            ("2026-02-09", "2026-02-28", Disclosure::Late(3)),
            // A report before the decision is no lateness.
            ("2026-03-12", "2026-03-02", Disclosure::InTime(0)),
            // The year's notice is not out: nobody is blamed.
            ("2027-03-01", "2027-03-31", Disclosure::InTime(22)),
        ] {
            let found = disclosure(&calendar, 7, day(decided), day(reported));
            assert_eq!(found, expected, "{decided} {reported}");
        }
    }
}
