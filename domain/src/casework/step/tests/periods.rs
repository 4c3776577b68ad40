//! How long there is, and when silence begins.

use super::*;

#[test]
fn a_lead_that_is_passed_on_keeps_what_its_source_promised_if_that_is_sooner() {
    // Thirty days from 2026-01-10 end with 2026-02-09.
    for (promised, due) in [
        (None, "2026-02-09"),
        (Some("2026-01-09"), "2026-02-09"),
        (Some("2026-01-10"), "2026-01-10"),
        (Some("2026-01-20"), "2026-01-20"),
        (Some("2026-02-10"), "2026-02-09"),
    ] {
        let promised_on = promised.map(day);
        let mut story = Story::of(Facts {
            promised_on,
            ..Facts::default()
        });
        story.done("2026-01-10", Deed::Transfer { to: 3 });
        let running = story.case.running.as_ref().expect("a period runs");
        assert_eq!(
            (running.on, running.is_provisional),
            (day(due), false),
            "{promised:?}"
        );
        assert_eq!(running.since, day("2026-01-10"));
    }
}

#[test]
fn a_period_begins_anew_for_another_body_alone() {
    for (to, due, is_extended) in [(3, "2026-04-10", true), (4, "2026-03-17", false)] {
        let mut story = Story::of(Facts::default());
        story.done("2026-01-10", Deed::Transfer { to: 3 });
        story.done("2026-02-09", Deed::Extend { part: None });
        story.done("2026-02-15", Deed::Transfer { to });
        let running = story.case.running.as_ref().expect("a period runs");
        assert_eq!(
            (running.on, running.is_extended),
            (day(due), is_extended),
            "to {to}"
        );
    }
}

#[test]
fn who_is_silent_is_late_or_let_the_day_of_an_order_pass() {
    let ordered = Some("2026-02-10");
    for (order, answered, on, expected) in [
        (None, None, "2026-02-09", Err("TOO_EARLY")),
        (None, None, "2026-02-10", Ok(())),
        // An order of today has its days, too.
        (ordered, None, "2026-02-10", Err("TOO_EARLY")),
        (ordered, None, "2026-02-20", Err("TOO_EARLY")),
        (ordered, None, "2026-02-21", Ok(())),
        // An answer does not settle what it is about.
        (ordered, Some("2026-02-20"), "2026-02-20", Err("TOO_EARLY")),
        (ordered, Some("2026-02-20"), "2026-02-21", Ok(())),
    ] {
        let mut story = Story::of(Facts::default());
        let summons = |step: &&mut StepRule| step.act == Act::Summon;
        let summons = story.workflow.steps.iter_mut().find(summons);
        summons.expect("the track has it").needs = vec![Need::Silence];
        assert_eq!(
            story.on("2026-01-10", Deed::Plain(Act::Summon)),
            Err("TOO_EARLY")
        );
        story.done("2026-01-10", Deed::Transfer { to: 3 });
        if let Some(issued) = order {
            let due_on = day("2026-02-20");
            story.done(issued, Deed::IssueOrder { due_on });
        }
        if let Some(answered) = answered {
            story.done(answered, Deed::AnswerOrder { order: 1 });
        }
        let summoned = story.on(on, Deed::Plain(Act::Summon));
        assert_eq!(summoned, expected, "on {on}");
    }
}
