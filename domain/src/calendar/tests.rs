use chrono::Days;
use proptest::prelude::*;

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().expect(text)
}

/// The State Council's notice for 2026.
fn year_2026() -> CalendarYear {
    let off = [
        ("2026-01-01", 3),
        ("2026-02-15", 9),
        ("2026-04-04", 3),
        ("2026-05-01", 5),
        ("2026-06-19", 3),
        ("2026-09-25", 3),
        ("2026-10-01", 7),
    ];
    let worked = [
        "2026-01-04",
        "2026-02-14",
        "2026-02-28",
        "2026-05-09",
        "2026-09-20",
        "2026-10-10",
    ];
    CalendarYear {
        year: 2026,
        days_off: off
            .iter()
            .flat_map(|(first, days)| day(first).iter_days().take(*days))
            .collect(),
        workdays: worked.iter().map(|text| day(text)).collect(),
    }
}

fn calendar() -> Calendar {
    let unknown = CalendarYear {
        year: 2027,
        days_off: Vec::new(),
        workdays: Vec::new(),
    };
    Calendar::new([unknown, year_2026()]).expect("the notice is right")
}

#[test]
fn working_days_are_counted() {
    for (start, n, due) in [
        ("2026-02-09", 10, Due::Firm(day("2026-02-28"))),
        ("2026-04-29", 7, Due::Firm(day("2026-05-12"))),
        ("2026-09-22", 10, Due::Firm(day("2026-10-13"))),
        ("2026-09-30", 3, Due::Firm(day("2026-10-10"))),
        ("2026-12-24", 10, Due::Provisional(day("2027-01-08"))),
        ("2026-12-23", 1, Due::Firm(day("2026-12-24"))),
        ("2026-12-23", 2, Due::Provisional(day("2026-12-25"))),
        ("2026-12-24", 5, Due::Provisional(day("2026-12-31"))),
        ("2026-02-15", 0, Due::Firm(day("2026-02-15"))),
    ] {
        assert_eq!(
            calendar().add_working_days(day(start), n),
            due,
            "{start} + {n}"
        );
    }
    assert_eq!(
        calendar().add_working_days(NaiveDate::MAX, 1),
        Due::Provisional(NaiveDate::MAX)
    );
}

#[test]
fn a_last_day_off_rolls_forward() {
    for (start, days, last, rolled) in [
        ("2026-01-18", 30, "2026-02-17", Due::Firm(day("2026-02-24"))),
        ("2026-04-01", 30, "2026-05-01", Due::Firm(day("2026-05-06"))),
        ("2026-05-06", 3, "2026-05-09", Due::Firm(day("2026-05-09"))),
        (
            "2026-12-02",
            30,
            "2027-01-01",
            Due::Provisional(day("2027-01-04")),
        ),
    ] {
        assert_eq!(day(start) + Days::new(days), day(last));
        assert_eq!(calendar().roll_forward(day(last)), rolled);
    }
}

#[test]
fn a_year_without_notice_is_unknown() {
    for (date, is_working) in [
        ("2026-02-14", Some(true)),
        ("2026-02-16", Some(false)),
        ("2026-03-02", Some(true)),
        ("2026-03-01", Some(false)),
        ("2027-03-01", None),
        ("2025-03-03", None),
    ] {
        assert_eq!(calendar().is_working_day(day(date)), is_working, "{date}");
    }
}

#[test]
fn wrong_notices_are_named() {
    let with = |change: fn(&mut CalendarYear)| {
        let mut year = year_2026();
        change(&mut year);
        Calendar::new([year]).map(|_| ())
    };
    let date = day("2026-01-04");
    assert_eq!(
        with(|year| year.days_off.push(day("2026-01-04"))),
        Err(CalendarError::Both(date))
    );
    let date = day("2026-03-02");
    assert_eq!(
        with(|year| year.workdays.push(day("2026-03-02"))),
        Err(CalendarError::NoWeekend(date))
    );
    let date = day("2027-01-01");
    let error = CalendarError::OtherYear { year: 2026, date };
    assert_eq!(
        with(|year| year.days_off.push(day("2027-01-01"))),
        Err(error)
    );
    assert_eq!(with(|year| year.days_off.push(day("2025-12-31"))), Ok(()));
    let twice = Calendar::new([year_2026(), year_2026()]).map(|_| ());
    assert_eq!(twice, Err(CalendarError::Duplicate(2026)));
}

proptest! {
    #[test]
    fn counting_in_two_steps_is_counting_in_one(from in 0_u64..700, a in 0_u32..60, b in 0_u32..60) {
        let (calendar, start) = (calendar(), day("2026-01-01") + Days::new(from));
        let stop = calendar.add_working_days(start, a).date();
        let stepped = calendar.add_working_days(stop, b).date();
        prop_assert_eq!(stepped, calendar.add_working_days(start, a + b).date());
    }

    #[test]
    fn periods_end_on_days_that_are_worked(from in 0_u64..700, n in 1_u32..60) {
        let (calendar, start) = (calendar(), day("2026-01-01") + Days::new(from));
        let due = calendar.add_working_days(start, n);
        prop_assert!(due.date() > start);
        prop_assert_eq!(calendar.roll_forward(due.date()).date(), due.date());
        prop_assert_ne!(calendar.is_working_day(due.date()), Some(false));
    }
}

#[test]
fn working_days_are_counted_back_over_holidays_and_worked_weekends() {
    let calendar = calendar();
    for (from, days, expected) in [
        ("2026-02-25", 0, "2026-02-25"),
        ("2026-02-25", 1, "2026-02-24"),
        // The 14th is a Saturday that is worked, the 15th to the 23rd are off.
        ("2026-02-25", 2, "2026-02-14"),
        ("2026-02-25", 3, "2026-02-13"),
        ("2026-05-10", 1, "2026-05-09"),
    ] {
        let before = calendar.working_days_before(day(from), days);
        assert_eq!(before, Due::Firm(day(expected)), "{days} before {from}");
    }
    // Into a year whose notice is not out.
    assert!(
        calendar
            .working_days_before(day("2027-01-05"), 1)
            .is_provisional()
    );
}

#[test]
fn working_days_up_to_a_day_are_told_where_all_years_are_known() {
    let calendar = calendar();
    for (after, up_to, days) in [
        ("2026-04-28", "2026-04-28", Some(0)),
        ("2026-04-28", "2026-04-30", Some(2)),
        // The first five days of May are off, Saturday the 9th is worked.
        ("2026-04-28", "2026-05-09", Some(6)),
        ("2026-05-09", "2026-04-28", Some(0)),
        ("2026-12-30", "2027-01-04", None),
    ] {
        let left = calendar.working_days_after(day(after), day(up_to));
        assert_eq!(left, days, "{after} to {up_to}");
    }
}

proptest! {
    #[test]
    fn a_working_day_lies_as_far_ahead_as_it_is_counted_back(start in 0_u64..300, n in 1_u32..20) {
        let calendar = calendar();
        let start = day("2026-01-05") + Days::new(start);
        let ahead = calendar.add_working_days(start, n);
        // From the day that was reached back again, it is the last working day up to the start.
        let back = calendar.working_days_before(ahead.date(), n);
        prop_assert!(back.date() <= start);
        prop_assert_eq!(calendar.add_working_days(back.date(), n).date(), ahead.date());
    }
}
