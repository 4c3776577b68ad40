//! What is overdue, and what is paid.

use super::*;
use crate::casework::Task;

#[test]
fn of_arrears_alone_a_confirmation_tells_the_day_from_which_they_are_overdue() {
    use CreditRecordKind as K;
    for (kind, since, expected) in [
        (K::Arrears, None, Ok(())),
        (K::Arrears, Some("2026-01-12"), Ok(())),
        (K::Arrears, Some("2026-01-13"), Err("FUTURE_DAY")),
        (K::Breach, None, Ok(())),
        (K::Breach, Some("2026-01-01"), Err("OTHER_KIND")),
    ] {
        let mut story = Story::of_arrears(Some(Tier::General));
        story.workflow.kinds = vec![kind];
        let item = story.facts.item.as_mut().expect("it has one");
        item.kind = kind;
        let deed = Story::confirmation(kind, since);
        assert_eq!(story.on("2026-01-13", deed), expected, "{kind} {since:?}");
    }
}

#[test]
fn it_is_set_right_once_all_tasks_are_accepted_since_it_holds() {
    let task = |number, accepted: Option<(u32, &str)>| Task {
        number,
        owner: 1,
        title: "付清".to_owned(),
        set_on: day("2026-01-11"),
        since: 1,
        due_on: day("2026-02-10"),
        submitted_on: None,
        accepted_on: accepted.map(|(_, on)| day(on)),
        accepted_by: accepted.map_or(0, |(by, _)| by),
        is_refused: false,
    };
    let tasks = |accepted: &[Option<(u32, &str)>]| {
        let accepted = (1..).zip(accepted);
        accepted.map(|(number, on)| task(number, *on)).collect()
    };
    // Determined on 2026-01-10.
    let mut story = Story::of_arrears(None);
    story.done("2026-01-11", Deed::Plain(Act::FileObjection));
    for (accepted, revived, corrected) in [
        (&[][..], None, None),
        (&[None], None, None),
        (&[Some((3, "2026-01-12"))], None, Some("2026-01-12")),
        (&[Some((3, "2026-01-12")), None], None, None),
        (
            &[Some((4, "2026-01-13")), Some((3, "2026-01-12"))],
            None,
            Some("2026-01-13"),
        ),
        // Before it held again, and after, though on the same day.
        (&[Some((3, "2026-01-20"))], Some(4), None),
        (&[Some((5, "2026-01-20"))], Some(4), Some("2026-01-20")),
        (
            &[Some((3, "2026-01-12")), Some((5, "2026-01-20"))],
            Some(4),
            Some("2026-01-20"),
        ),
        // Before it was determined.
        (&[Some((3, "2026-01-09"))], None, None),
    ] {
        let mut case = story.case.clone();
        case.tasks = tasks(accepted);
        let record = case.record.as_mut().expect("it has one");
        record.revived_by = revived;
        let told = case.corrected_on();
        assert_eq!(told, corrected.map(day), "{accepted:?} {revived:?}");
    }
}
