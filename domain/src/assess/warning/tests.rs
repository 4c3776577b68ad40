use super::*;
use crate::{
    assess::{Alarm, RedLine, Trigger, Warned},
    calendar::CalendarYear,
};

mod causes;

fn day(text: &str) -> NaiveDate {
    text.parse().expect(text)
}

fn at(on: NaiveDate) -> DateTime<Utc> {
    on.and_hms_opt(1, 0, 0).expect("a time").and_utc()
}

/// A year whose only days off are its weekends and its first day.
fn calendar() -> Calendar {
    let year = CalendarYear {
        year: 2026,
        days_off: vec![day("2026-01-01")],
        workdays: Vec::new(),
    };
    Calendar::new([year]).expect("a calendar")
}

fn line() -> RedLine {
    RedLine {
        code: "RL-X".to_owned(),
        title: "样例".to_owned(),
        message: "{agency}：{count}".to_owned(),
        legal_basis: "样例".to_owned(),
        verified: false,
        from: day("2026-01-01"),
        to: None,
        edition: Edition {
            version: "1".to_owned(),
            digest: "d".to_owned(),
        },
        level: WarningLevel::Orange,
        bodies: Vec::new(),
        terms: Terms {
            answer_within: 3,
            begin_within: 5,
            rectify_within: 10,
            escalates_after: 2,
        },
        warns: vec![Warned::SelfBody],
        trigger: Trigger::Grade("D".to_owned()),
        worse: Vec::new(),
    }
}

/// What stands against the line: these records, as serious as it says.
fn alarm(records: &[i64]) -> Alarm {
    Alarm {
        level: WarningLevel::Orange,
        count: records.len().into(),
        records: records.to_vec(),
        ..Alarm::default()
    }
}

/// What is done on a day, by the line as it is.
fn next(last: Option<&Warning>, alarm: Option<&Alarm>, on: &str) -> Vec<WarningEvent> {
    next_by(&line(), last, alarm, on)
}

fn next_by(
    line: &RedLine,
    last: Option<&Warning>,
    alarm: Option<&Alarm>,
    on: &str,
) -> Vec<WarningEvent> {
    let about = (1, "样例局", "D");
    let now = (at(day(on)), day(on));
    Warning::next(last, alarm, line, about, &calendar(), now)
}

/// The warning after the only thing that is done.
fn only(events: Vec<WarningEvent>, act: WarningAct) -> Warning {
    let acts: Vec<WarningAct> = events.iter().map(|event| event.act).collect();
    assert_eq!(acts, [act]);
    let last = events.into_iter().next_back();
    last.expect("one thing is done").after
}

fn acted(warning: &Warning, act: WarningAct, on: &str) -> Warning {
    let note = Some("样例".to_owned());
    let event = warning.act(act, "somebody", note, at(day(on)), &calendar());
    event.expect("it follows").after
}

/// A warning of these records that somebody closed.
fn closed(records: &[i64], act: WarningAct) -> Warning {
    let raised = next(None, Some(&alarm(records)), "2026-03-02");
    acted(&only(raised, WarningAct::Raise), act, "2026-03-03")
}

#[test]
fn each_state_in_which_something_is_to_be_done_has_a_term_and_goes_up_after_it() {
    // Monday the 2nd; three working days, then one step after another.
    let stands = alarm(&[1]);
    let mut warning = only(next(None, Some(&stands), "2026-03-02"), WarningAct::Raise);
    for (act, on, due, next_due) in [
        (None, "2026-03-02", "2026-03-05", "2026-03-09"),
        (
            Some(WarningAct::Acknowledge),
            "2026-03-09",
            "2026-03-16",
            "2026-03-18",
        ),
        (
            Some(WarningAct::Rectify),
            "2026-03-18",
            "2026-04-01",
            "2026-04-03",
        ),
    ] {
        if let Some(act) = act {
            warning = acted(&warning, act, on);
        }
        let state = warning.state;
        assert_eq!(warning.due_on, Some(day(due)), "{state}");
        assert!(next(Some(&warning), Some(&stands), due).is_empty());
        let (before, late) = (warning.escalations, day(due).succ_opt().expect("a day"));
        let events = next(Some(&warning), Some(&stands), &late.to_string());
        warning = only(events, WarningAct::Escalate);
        assert_eq!(
            (warning.due_on, warning.escalations),
            (Some(day(next_due)), before + 1),
            "{state}"
        );
        assert_eq!(warning.state, state);
    }
    let done = acted(&warning, WarningAct::Resolve, "2026-04-02");
    assert_eq!(
        (done.due_on, done.closed_at),
        (None, Some(at(day("2026-04-02"))))
    );
    assert!(next(Some(&done), Some(&stands), "2026-06-01").is_empty());
}

#[test]
fn a_look_after_a_standstill_goes_up_as_far_as_looks_day_by_day() {
    let stands = alarm(&[1]);
    let raised = only(next(None, Some(&stands), "2026-03-02"), WarningAct::Raise);
    let until = day("2026-03-20");
    // It is due on the 5th, then every two working days.
    let mut daily = raised.clone();
    for on in day("2026-03-02").iter_days().take_while(|on| *on <= until) {
        for event in next(Some(&daily), Some(&stands), &on.to_string()) {
            daily = event.after;
        }
    }
    assert_eq!(daily.escalations, 6);
    let once = next(Some(&raised), Some(&stands), "2026-03-20");
    let once = only(once, WarningAct::Escalate);
    let stand = |warning: &Warning| (warning.escalations, warning.due_on, warning.late_after());
    assert_eq!(stand(&once), stand(&daily));
    assert!(
        next(Some(&once), Some(&stands), "2026-03-20").is_empty(),
        "twice on a day does nothing more"
    );
    // A cause that changes with each look stops no clock.
    let more = only(
        next(Some(&raised), Some(&alarm(&[1, 2])), "2026-03-20"),
        WarningAct::Escalate,
    );
    assert_eq!((stand(&more), more.count), (stand(&daily), 2.into()));
}

#[test]
fn it_keeps_the_terms_with_which_it_was_raised_until_it_gets_worse() {
    let mut line = line();
    let stands = alarm(&[1]);
    let raised = next_by(&line, None, Some(&stands), "2026-03-02");
    let raised = only(raised, WarningAct::Raise);
    line.terms = Terms {
        answer_within: 1,
        begin_within: 1,
        rectify_within: 1,
        escalates_after: 1,
    };
    line.edition.version = "2".to_owned();
    let same = next_by(&line, Some(&raised), Some(&stands), "2026-03-05");
    assert!(same.is_empty(), "it is not late by shorter terms");
    let up = next_by(&line, Some(&raised), Some(&stands), "2026-03-06");
    let up = only(up, WarningAct::Escalate);
    assert_eq!(up.due_on, Some(day("2026-03-09")));
    let more = next_by(&line, Some(&up), Some(&alarm(&[1, 2])), "2026-03-06");
    let more = only(more, WarningAct::Follow);
    assert_eq!((more.terms, more.due_on), (raised.terms, up.due_on));
    assert_eq!(more.edition.version, "2");
    let worse = Alarm {
        level: WarningLevel::Red,
        ..alarm(&[1, 2])
    };
    let worse = next_by(&line, Some(&more), Some(&worse), "2026-03-06");
    let worse = only(worse, WarningAct::Follow);
    assert_eq!(
        (worse.terms, worse.due_on),
        (line.terms, Some(day("2026-03-09")))
    );
}

#[test]
fn days_left_are_working_days_where_they_are_known() {
    let stands = alarm(&[1]);
    let left = |warning: &Warning, on: &str| warning.days_left(&calendar(), day(on));
    let raised = only(next(None, Some(&stands), "2026-03-05"), WarningAct::Raise);
    // Friday, Monday and Tuesday.
    for (on, days) in [
        ("2026-03-05", 3),
        ("2026-03-07", 2),
        ("2026-03-10", 0),
        ("2026-03-11", 0),
    ] {
        assert_eq!(left(&raised, on), Some(days), "{on}");
    }
    let closed = acted(&raised, WarningAct::Dismiss, "2026-03-06");
    assert_eq!(left(&closed, "2026-03-06"), None);
    let late = only(next(None, Some(&stands), "2026-12-30"), WarningAct::Raise);
    assert!(late.due_is_provisional);
    assert_eq!(left(&late, "2026-12-30"), None);
}

#[test]
fn who_has_or_had_a_case_in_hand_is_known_to_the_end() {
    let with = |handlers: &[i64], records: &[i64]| Alarm {
        handlers: handlers.to_vec(),
        ..alarm(records)
    };
    let raised = only(
        next(None, Some(&with(&[7, 9], &[1, 2])), "2026-04-20"),
        WarningAct::Raise,
    );
    assert_eq!(raised.handlers, [7, 9]);
    // The case of the one is dealt with, that of the other goes to a third one.
    let left = only(
        next(Some(&raised), Some(&with(&[8], &[2])), "2026-04-21"),
        WarningAct::Follow,
    );
    assert_eq!(left.handlers, [7, 8, 9]);
    assert!(next(Some(&left), Some(&with(&[9], &[2])), "2026-04-21").is_empty());
    let cleared = only(next(Some(&left), None, "2026-04-22"), WarningAct::Clear);
    assert_eq!(cleared.handlers, [7, 8, 9]);
    // The next one begins anew.
    let again = next(Some(&cleared), Some(&with(&[8], &[3])), "2026-04-23");
    assert_eq!(only(again, WarningAct::Raise).handlers, [8]);
}
