//! What somebody closed, what of its cause still stands, and what is new.

use super::*;

#[test]
fn another_cause_behind_a_closed_warning_warns_anew_and_the_same_one_does_not() {
    for act in [WarningAct::Resolve, WarningAct::Dismiss] {
        let closed = closed(&[1, 2], act);
        let anew = &[WarningAct::Clear, WarningAct::Raise][..];
        let less = &[WarningAct::Follow][..];
        for (records, expected) in [
            (&[1, 2][..], &[][..]),
            (&[1], less),
            (&[2], less),
            (&[3], anew),
            (&[1, 2, 3], anew),
            (&[2, 3], anew),
        ] {
            let events = next(Some(&closed), Some(&alarm(records)), "2026-03-04");
            let acts: Vec<WarningAct> = events.iter().map(|event| event.act).collect();
            assert_eq!(acts, expected, "{act} {records:?}");
            if expected == anew {
                let (ended, raised) = (&events[0].after, &events[1].after);
                assert_eq!((ended.state, ended.is_caused), (closed.state, false));
                assert_eq!((raised.episode, raised.state), (2, WarningState::New));
            }
        }
    }
}

/// What somebody closed stays closed as far as it stands, and what is gone is no part of it any more.
#[test]
fn a_cause_that_left_a_closed_warning_is_new_when_it_comes_back() {
    for act in [WarningAct::Resolve, WarningAct::Dismiss] {
        let closed = closed(&[1, 2], act);
        let left = next(Some(&closed), Some(&alarm(&[1])), "2026-03-04");
        let left = only(left, WarningAct::Follow);
        assert_eq!((&left.records, left.is_caused), (&vec![1], true), "{act}");
        let kept = (closed.state, closed.closed_at, None);
        assert_eq!((left.state, left.closed_at, left.due_on), kept, "{act}");
        assert!(next(Some(&left), Some(&alarm(&[1])), "2026-03-05").is_empty());
        let back = next(Some(&left), Some(&alarm(&[1, 2])), "2026-03-05");
        let acts: Vec<WarningAct> = back.iter().map(|event| event.act).collect();
        assert_eq!(acts, [WarningAct::Clear, WarningAct::Raise], "{act}");
        let raised = &back[1].after;
        assert_eq!((raised.episode, &raised.settled), (2, &vec![1]), "{act}");
    }
}

/// The same of what is settled: by an open warning that follows, by one that is closed, and by one that is raised.
#[test]
fn what_was_settled_and_is_gone_is_settled_no_more() {
    let dismissed = closed(&[1], WarningAct::Dismiss);
    let raised = |records: &[i64]| {
        let events = next(Some(&dismissed), Some(&alarm(records)), "2026-03-04");
        events.into_iter().next_back().expect("it is raised").after
    };
    let both = raised(&[1, 2]);
    assert_eq!(both.settled, [1]);
    assert_eq!(raised(&[2]).settled, [] as [i64; 0], "it was gone by then");
    for is_closed in [false, true] {
        let before = match is_closed {
            true => acted(&both, WarningAct::Resolve, "2026-03-04"),
            false => both.clone(),
        };
        let left = next(Some(&before), Some(&alarm(&[2])), "2026-03-05");
        let left = only(left, WarningAct::Follow);
        assert_eq!(left.settled, [] as [i64; 0], "{is_closed}");
        // Back and alone it keeps one open, for nobody closed it since.
        let back = next(Some(&left), Some(&alarm(&[1, 2])), "2026-03-06");
        let back = back.into_iter().next_back().expect("it is another").after;
        let alone = next(Some(&back), Some(&alarm(&[1])), "2026-03-07");
        assert_eq!(only(alone, WarningAct::Follow).state, WarningState::New);
    }
}

#[test]
fn a_level_that_fell_behind_a_closed_warning_and_rises_again_warns_anew() {
    let as_serious = |level: WarningLevel| Alarm {
        level,
        ..alarm(&[1])
    };
    let closed = closed(&[1], WarningAct::Dismiss);
    let fell = as_serious(WarningLevel::Yellow);
    let fell = next(Some(&closed), Some(&fell), "2026-03-04");
    let fell = only(fell, WarningAct::Follow);
    assert_eq!(
        (fell.level, fell.state),
        (WarningLevel::Yellow, WarningState::Dismissed)
    );
    let risen = as_serious(WarningLevel::Orange);
    let risen = next(Some(&fell), Some(&risen), "2026-03-05");
    assert_eq!(risen.len(), 2);
    assert_eq!(risen[1].after.state, WarningState::New);
}

/// A score may fall by time alone: no fact of late loses points, so there is nothing that somebody could have closed.
#[test]
fn a_line_that_is_crossed_by_time_alone_stays_open() {
    let fall = |causes: &[i64]| Alarm {
        causes: causes.to_vec(),
        count: 16.into(),
        ..alarm(&[])
    };
    let raised = only(
        next(None, Some(&fall(&[1])), "2026-03-02"),
        WarningAct::Raise,
    );
    let closed = acted(&raised, WarningAct::Dismiss, "2026-03-03");
    let anew = next(Some(&closed), Some(&fall(&[1, 2])), "2026-03-04");
    let anew = anew.into_iter().next_back().expect("it is raised").after;
    assert_eq!(anew.settled, [1]);
    let left = next(Some(&anew), Some(&fall(&[])), "2026-03-05");
    assert_eq!(only(left, WarningAct::Follow).state, WarningState::New);
}

#[test]
fn causes_that_records_do_not_tell_apart_are_told_apart_by_their_numbers() {
    let of = |causes: &[i64]| Alarm {
        causes: causes.to_vec(),
        ..alarm(&[1])
    };
    let raised = next(None, Some(&of(&[7])), "2026-03-02");
    let raised = only(raised, WarningAct::Raise);
    // An open one follows, so that what is closed is what stood.
    let followed = next(Some(&raised), Some(&of(&[7, 8])), "2026-03-02");
    let followed = only(followed, WarningAct::Follow);
    let closed = acted(&followed, WarningAct::Dismiss, "2026-03-03");
    assert!(next(Some(&closed), Some(&of(&[7, 8])), "2026-03-04").is_empty());
    let left = next(Some(&closed), Some(&of(&[8])), "2026-03-04");
    let left = only(left, WarningAct::Follow);
    for causes in [&[9][..], &[7, 8]] {
        assert_eq!(next(Some(&left), Some(&of(causes)), "2026-03-05").len(), 2);
    }
}

#[test]
fn leads_warn_anew_when_enough_of_them_came_after_the_closing() {
    let of = |count: i64, on: &str| Alarm {
        count: count.into(),
        enough: Some((10.into(), at(day(on)))),
        ..alarm(&[])
    };
    let since = |on: &str| of(10, on);
    let raised = next(None, Some(&since("2026-03-01")), "2026-03-02");
    let raised = only(raised, WarningAct::Raise);
    let closed = acted(&raised, WarningAct::Dismiss, "2026-03-03");
    assert!(next(Some(&closed), Some(&since("2026-03-02")), "2026-03-04").is_empty());
    let anew = next(Some(&closed), Some(&since("2026-03-04")), "2026-03-04");
    assert_eq!(anew.len(), 2);
    // As many that are told late, though they came before it, and not one fewer.
    for (count, events) in [(19, 0), (20, 2)] {
        let late = of(count, "2026-03-02");
        let told = next(Some(&closed), Some(&late), "2026-03-04");
        assert_eq!(told.len(), events, "{count}");
    }
    // Of those that were closed over some are dealt with, and then ten more are told.
    let many = next(None, Some(&of(15, "2026-03-01")), "2026-03-02");
    let closed = acted(
        &only(many, WarningAct::Raise),
        WarningAct::Dismiss,
        "2026-03-03",
    );
    let left = next(Some(&closed), Some(&of(11, "2026-03-01")), "2026-03-04");
    let left = only(left, WarningAct::Follow);
    assert!(next(Some(&left), Some(&of(20, "2026-03-02")), "2026-03-05").is_empty());
    assert_eq!(
        next(Some(&left), Some(&of(21, "2026-03-02")), "2026-03-05").len(),
        2
    );
}

#[test]
fn what_is_left_of_a_cause_that_somebody_closed_is_silent_again() {
    let dismissed = closed(&[1], WarningAct::Dismiss);
    let events = next(Some(&dismissed), Some(&alarm(&[1, 2])), "2026-03-04");
    let raised = events.into_iter().next_back().expect("it is raised").after;
    let left = next(Some(&raised), Some(&alarm(&[1])), "2026-03-05");
    let left = only(left, WarningAct::Clear);
    assert_eq!((left.state, left.is_caused), (WarningState::Resolved, true));
    assert!(next(Some(&left), Some(&alarm(&[1])), "2026-03-06").is_empty());
    // Gone and come back, it is another warning.
    let gone = only(next(Some(&left), None, "2026-03-07"), WarningAct::Clear);
    assert!(!gone.is_caused);
    let again = next(Some(&gone), Some(&alarm(&[1])), "2026-03-08");
    assert_eq!(only(again, WarningAct::Raise).episode, 3);
}
