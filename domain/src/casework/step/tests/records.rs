//! When a record is confirmed, shown and repaired, and when it ends.

use super::*;

#[test]
fn what_was_not_graded_is_not_repaired() {
    for (tier, on, expected) in [
        (None, "2026-06-01", Err("NOT_GRADED")),
        (Some(Tier::General), "2026-04-10", Err("TOO_EARLY")),
        (Some(Tier::General), "2026-04-11", Ok(())),
    ] {
        let mut story = Story::of_arrears(None);
        story.task("2026-01-11", "2026-02-10");
        let task = |act| Deed::Task { act, task: 1 };
        story.done("2026-01-12", task(Act::SubmitRectification));
        story.done("2026-01-13", task(Act::AcceptRectification));
        if let Some(tier) = tier {
            story.grade("2026-01-14", tier);
        }
        let applied = story.on(on, Deed::ApplyRepair { commitment: None });
        assert_eq!(applied, expected, "{tier:?} on {on}");
    }
}

#[test]
fn a_record_ends_by_time_unless_a_task_is_not_accepted() {
    let task = |act| Deed::Task { act, task: 1 };
    for (tasks, tier, on, expected) in [
        (0, Some(Tier::General), "2027-01-10", Err("TOO_EARLY")),
        (0, Some(Tier::General), "2027-01-11", Ok(())),
        (0, None, "2040-01-01", Err("TOO_EARLY")),
        (1, Some(Tier::General), "2027-01-11", Ok(())),
        (2, Some(Tier::General), "2027-01-11", Err("UNCORRECTED")),
    ] {
        let mut story = Story::of_arrears(tier);
        story.done("2026-01-11", Deed::Plain(Act::FileObjection));
        for _ in 0..tasks {
            story.task("2026-01-11", "2026-02-10");
        }
        if tasks > 0 {
            story.done("2026-01-12", task(Act::SubmitRectification));
            story.done("2026-01-13", task(Act::AcceptRectification));
        }
        let mut debt = story.case.clone();
        debt.record
            .as_mut()
            .expect("it has one")
            .shown
            .needs_correction = true;
        let is_paid = expected.is_ok() && tasks > 0;
        assert_eq!(debt.is_term_over(day(on)), is_paid, "{tasks} tasks on {on}");
        let is_over = story.case.is_term_over(day(on));
        assert_eq!(is_over, expected.is_ok(), "{tasks} tasks on {on}");
        let ended = story.on(on, Deed::Plain(Act::Expire));
        assert_eq!(ended, expected, "{tasks} tasks on {on}");
        assert_eq!(story.case.is_live(), expected.is_err());
    }
}

#[test]
fn what_is_handed_in_again_is_not_refused_while_it_waits() {
    let mut story = Story::of_arrears(Some(Tier::General));
    let confirms = |step: &&mut StepRule| step.act == Act::Confirm;
    let confirm = story.workflow.steps.iter_mut().find(confirms);
    confirm.expect("the track has it").needs = vec![Need::Refusal];
    let deed = Story::confirmation(CreditRecordKind::Arrears, None);
    let refuse = Deed::ReturnRectification {
        task: 1,
        is_refused: true,
    };
    let submit = Deed::Task {
        act: Act::SubmitRectification,
        task: 1,
    };
    story.task("2026-01-11", "2026-02-10");
    for (on, what, confirmed) in [
        ("2026-01-12", submit.clone(), Err("NOT_REFUSED")),
        ("2026-01-13", refuse.clone(), Ok(())),
        ("2026-01-14", submit, Err("NOT_REFUSED")),
        ("2026-01-15", refuse, Ok(())),
    ] {
        let act = what.act();
        story.done(on, what);
        let before = story.case.clone();
        assert_eq!(story.on(on, deed.clone()), confirmed, "after {act} on {on}");
        story.case = before;
    }
}

#[test]
fn what_a_source_told_of_an_official_is_never_shown() {
    for is_official in [false, true] {
        let mut story = Story::of_arrears(Some(Tier::Serious));
        story.facts.is_official = is_official;
        story.grade("2026-02-01", Tier::General);
        let record = story.case.record.as_ref().expect("its source told it");
        assert_eq!(record.shown.is_public, !is_official);
        assert_eq!(record.published_on.is_some(), !is_official);
    }
}
