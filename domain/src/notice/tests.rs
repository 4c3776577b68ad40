use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveTime, Utc};

use super::*;
use crate::{
    assess::{Edition, Terms},
    calendar::{Calendar, CalendarYear},
};

fn at(text: &str) -> DateTime<Utc> {
    format!("{text}+08:00").parse().expect("a moment")
}

fn time(text: &str) -> NaiveTime {
    text.parse().expect("a time")
}

/// Quiet from 20 to 8 and on days off, RED spared, BLUE at nine. Wednesday, 30 September 2026 is worked,
/// then seven days are off, and Saturday the tenth is worked.
fn timing() -> Timing {
    let day = |text: &str| text.parse().expect("a day");
    let off = (1..=7).map(|n| day(&format!("2026-10-0{n}")));
    let calendar = Calendar::new([CalendarYear {
        year: 2026,
        days_off: off.collect(),
        workdays: vec![day("2026-10-10")],
    }]);
    Timing {
        quiet: Quiet {
            from: time("20:00:00"),
            to: time("08:00:00"),
            days_off: true,
            spares: vec![WarningLevel::Red],
        },
        digests: BTreeMap::from([(WarningLevel::Blue, time("09:00:00"))]),
        calendar: calendar.expect("a calendar"),
    }
}

#[test]
fn mail_waits_until_the_quiet_is_over() {
    let timing = timing();
    for (comes, leaves) in [
        ("2026-09-28T07:59:59", "2026-09-28T08:00:00"),
        ("2026-09-28T08:00:00", "2026-09-28T08:00:00"),
        ("2026-09-28T19:59:59", "2026-09-28T19:59:59"),
        ("2026-09-28T20:00:00", "2026-09-29T08:00:00"),
        ("2026-09-29T00:00:00", "2026-09-29T08:00:00"),
        // Over the holiday, whatever the hour.
        ("2026-09-30T20:00:00", "2026-10-08T08:00:00"),
        ("2026-10-01T12:00:00", "2026-10-08T08:00:00"),
        ("2026-10-07T23:00:00", "2026-10-08T08:00:00"),
        // A Saturday that is worked, the Sunday behind it.
        ("2026-10-10T12:00:00", "2026-10-10T12:00:00"),
        ("2026-10-11T12:00:00", "2026-10-12T08:00:00"),
        // Of 2027 no notice is out: the first of January is off in any year, and so are weekends.
        ("2026-12-31T21:00:00", "2027-01-04T08:00:00"),
    ] {
        let (comes, leaves) = (at(comes), at(leaves));
        assert_eq!(timing.due(WarningLevel::Orange, comes), leaves, "{comes}");
        assert_eq!(timing.due(WarningLevel::Red, comes), comes, "{comes}");
    }
}

#[test]
fn a_digest_takes_what_came_before_its_moment() {
    let timing = timing();
    for (comes, leaves) in [
        ("2026-09-28T08:59:59", "2026-09-28T09:00:00"),
        ("2026-09-28T09:00:00", "2026-09-29T09:00:00"),
        ("2026-09-30T09:30:00", "2026-10-08T09:00:00"),
        ("2026-10-03T03:00:00", "2026-10-08T09:00:00"),
    ] {
        assert_eq!(
            timing.due(WarningLevel::Blue, at(comes)),
            at(leaves),
            "{comes}"
        );
    }
    // What failed is not kept for the next one.
    for (again, leaves) in [
        ("2026-09-28T09:05:00", "2026-09-28T09:05:00"),
        ("2026-09-30T21:00:00", "2026-10-08T08:00:00"),
    ] {
        let again = timing.again(WarningLevel::Blue, at(again));
        assert_eq!(again, at(leaves));
    }
}

#[test]
fn quiet_may_lie_within_a_day_or_be_none() {
    let mut timing = timing();
    timing.quiet.days_off = false;
    timing.quiet.from = time("12:00:00");
    timing.quiet.to = time("14:00:00");
    for (comes, leaves) in [
        ("2026-10-03T11:59:59", "2026-10-03T11:59:59"),
        ("2026-10-03T12:00:00", "2026-10-03T14:00:00"),
        ("2026-10-03T14:00:00", "2026-10-03T14:00:00"),
    ] {
        assert_eq!(timing.due(WarningLevel::Orange, at(comes)), at(leaves));
    }
    timing.quiet.from = timing.quiet.to;
    let noon = at("2026-10-03T14:00:00");
    assert_eq!(timing.due(WarningLevel::Orange, noon), noon);
}

#[test]
fn waits_are_those_of_the_specification_with_a_little_on_top() {
    let seconds = |attempts, random| wait(attempts, random).map(|wait| wait.as_secs());
    assert_eq!(seconds(1, 0.0), Some(5));
    assert_eq!(seconds(2, 1.0), Some(330));
    assert_eq!(seconds(9, 0.5), Some(90_720));
    for over in [10, 11, i64::MAX, 0, -1] {
        assert_eq!(seconds(over, 0.0), None, "{over}");
    }
    let all: u64 = (1..10).filter_map(|attempts| seconds(attempts, 0.0)).sum();
    assert_eq!(all, 75 * 3_600 + 35 * 60 + 5, "as its table ends");
}

fn event(act: WarningAct, level: WarningLevel) -> WarningEvent {
    let warning = Warning {
        agency: 7,
        red_line: "RL-COURT".to_owned(),
        episode: 1,
        edition: Edition {
            version: "1".to_owned(),
            digest: "d".to_owned(),
        },
        level,
        state: WarningState::New,
        message: "m".to_owned(),
        count: 1.into(),
        records: vec![1],
        handlers: Vec::new(),
        causes: Vec::new(),
        settled: Vec::new(),
        raised_at: at("2026-09-28T09:00:00"),
        closed_at: None,
        terms: Terms {
            answer_within: 3,
            begin_within: 5,
            rectify_within: 20,
            escalates_after: 5,
        },
        since: "2026-09-28".parse().expect("a day"),
        due_on: None,
        due_is_provisional: false,
        escalations: 0,
        steps: 0,
        is_caused: true,
        events: 1,
    };
    WarningEvent {
        number: 1,
        act,
        at: at("2026-09-28T09:00:00"),
        by: "hub".to_owned(),
        note: None,
        after: warning,
    }
}

#[test]
fn what_is_told_are_beginnings_rises_steps_up_and_ends() {
    use WarningAct as A;
    use WarningLevel::{Orange, Red, Yellow};
    let open = |level| Some((level, WarningState::Acknowledged));
    let closed = Some((Orange, WarningState::Dismissed));
    for (act, before, told) in [
        (A::Raise, None, Some(NoticeKind::Raised)),
        (A::Follow, open(Yellow), Some(NoticeKind::Changed)),
        (A::Follow, open(Orange), None),
        (A::Follow, open(Red), None),
        (A::Escalate, open(Orange), Some(NoticeKind::Escalated)),
        (A::Clear, open(Orange), Some(NoticeKind::Closed)),
        (A::Resolve, open(Orange), Some(NoticeKind::Closed)),
        (A::Dismiss, open(Orange), Some(NoticeKind::Closed)),
        (A::Clear, closed, None),
        (A::Acknowledge, open(Orange), None),
        (A::Rectify, open(Orange), None),
        (A::Recount, open(Orange), None),
    ] {
        assert_eq!(
            NoticeKind::of(&event(act, Orange), before),
            told,
            "{act} {before:?}"
        );
    }
}

#[test]
fn a_subscriber_gets_what_he_asked_for() {
    let event = event(WarningAct::Raise, WarningLevel::Orange);
    let notice = Notice {
        kind: NoticeKind::Raised,
        at: event.at,
        version: 1,
        warning: event.after,
        agency: NoticeAgency {
            uscc: String::new(),
            name: String::new(),
            division: "440604".to_owned(),
        },
    };
    let takes =
        |divisions: Option<&[&str]>, min_level, red_lines: &[&str], warned: Option<&str>| {
            let set = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
            let wanted = Wanted {
                divisions: divisions.map(set),
                min_level,
                red_lines: set(red_lines),
                warned: warned.map(str::to_owned),
            };
            wanted.takes(&notice, &["A".to_owned(), "B".to_owned()])
        };
    let wanted = |divisions: Option<&[&str]>, min_level, red_lines: &[&str]| {
        takes(divisions, min_level, red_lines, None)
    };
    use WarningLevel::{Blue, Orange, Red};
    assert!(wanted(None, Blue, &[]));
    assert!(wanted(Some(&["440604", "440605"]), Orange, &["RL-COURT"]));
    assert!(!wanted(Some(&["440605"]), Blue, &[]));
    assert!(!wanted(Some(&[]), Blue, &[]));
    assert!(!wanted(None, Red, &[]));
    assert!(!wanted(None, Blue, &["RL-GRADE"]));
    assert!(takes(None, Blue, &[], Some("B")));
    assert!(!takes(None, Blue, &[], Some("C")));
    assert!(!takes(None, Red, &[], Some("B")));
}

#[test]
fn the_id_of_a_message_is_its_own_and_has_no_full_stop() {
    let ids = [
        message_id("a", 1, 1),
        message_id("a", 1, 2),
        message_id("a", 11, 1),
        message_id("b", 1, 1),
    ];
    let different: BTreeSet<&String> = ids.iter().collect();
    assert_eq!(different.len(), ids.len());
    assert!(
        ids.iter().all(|id| id.len() == 36 && !id.contains('.')),
        "{ids:?}"
    );
    assert_eq!(message_id("a", 1, 1), ids[0]);
}
