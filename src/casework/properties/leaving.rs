//! Whether a case can be left from where a play ends: by steps that the machine really takes, one after the other, up
//! to a stage in which it is over; and which stages plays come to.

use std::collections::{BTreeSet, VecDeque};

use chrono::TimeDelta;
use domain::casework::{Act, Case, Event, Need, Workflow};
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};

use super::{
    attempts::{Play, plays},
    catalogue,
    world::{World, due, ended},
};

/// Steps of the longest way that is looked for.
const STEPS_MAX: usize = 8;
/// Plays, always the same ones, that must come to every stage.
const PLAYS: usize = 3_000;
/// Days after which the next step may be taken: at once, and after every day that a play sets.
const LATER: [i64; 2] = [0, 90];

/// The acts by which a case comes to its end, the first way that is found; `None` where there is none.
fn way_out(case: &Case, world: &World<'_>) -> Option<Vec<Act>> {
    let mut known = BTreeSet::from([looks(case)]);
    let mut open = VecDeque::from([(case.clone(), world.clone(), Vec::new())]);
    while let Some((case, world, way)) = open.pop_front() {
        if is_over(&case, world.rules.workflow) {
            return Some(way);
        }
        if way.len() == STEPS_MAX {
            continue;
        }
        for (act, next, then) in next(&case, &world) {
            if known.insert(looks(&next)) {
                let way = way.iter().copied().chain([act]).collect();
                open.push_back((next, then, way));
            }
        }
    }
    None
}

fn is_over(case: &Case, workflow: &Workflow) -> bool {
    let stage = workflow.stage(&case.stage);
    stage.expect("a stage of the track").is_final
}

/// What of a case its way depends on; of two that look alike one is followed.
fn looks(case: &Case) -> String {
    let tasks: Vec<[bool; 3]> = case
        .tasks
        .iter()
        .map(|task| {
            [
                task.is_refused,
                task.submitted_on.is_some(),
                task.accepted_on.is_some(),
            ]
        })
        .collect();
    let open = (
        case.is_live(),
        case.is_under_objection(),
        case.running.is_some(),
    );
    format!("{} {:?} {tasks:?} {open:?}", case.stage, case.finding)
}

/// All that somebody, or time, can do next, now or later.
fn next<'a>(case: &Case, world: &World<'a>) -> Vec<(Act, Case, World<'a>)> {
    let mut next = Vec::new();
    for days in LATER {
        let mut world = world.clone();
        world.at += TimeDelta::days(days);
        world.facts.record_ended = ended(case, world.is_delisted);
        for step in world.rules.workflow.acts_in(&case.stage) {
            for party in &step.by {
                // Odd and even numbers differ in what they ask for.
                let numbers = (0..2).flat_map(|number| (0..4).map(move |which| (number, which)));
                let taken = numbers
                    .filter_map(|numbers| world.step(case, step.act, numbers, &[*party]).ok());
                let after = taken.map(|event| (step.act, case.after(&event), world.clone()));
                next.extend(after);
            }
        }
        // Its source may end what it told, whatever is done here.
        for is_delisted in [world.is_delisted, world.facts.told.is_some()] {
            let mut world = world.clone();
            world.is_delisted = is_delisted;
            world.facts.record_ended = ended(case, is_delisted);
            let event = due(&world.rules, case, &world.facts, &world.clock());
            next.extend(event.map(|event| (event.act, case.after(&event), world)));
        }
    }
    next
}

/// Always the same plays of all tracks.
fn same_plays() -> impl Iterator<Item = Play> {
    let mut runner = TestRunner::deterministic();
    let play = move |_| plays().new_tree(&mut runner).expect("a play").current();
    (0..PLAYS).map(play)
}

/// The stages of a track to which none of its plays comes.
fn unreached(track: usize, workflow: &Workflow) -> BTreeSet<&str> {
    let mut unreached: BTreeSet<&str> = BTreeSet::new();
    unreached.extend(workflow.stages.iter().map(|stage| stage.code.as_str()));
    for play in same_plays().filter(|play| play.track == track) {
        let (_, events, world) = play.run_by(workflow);
        // What a lead or a record begins in is left by its first step.
        let opens = |first: &Event| {
            let mut of_act = workflow.steps_of(first.act);
            of_act.any(|step| step.from.is_empty())
        };
        if events.first().is_some_and(|first| !opens(first)) {
            unreached.remove(world.facts.stage.as_deref().unwrap_or(workflow.first()));
        }
        for stage in events.iter().filter_map(|event| event.stage.as_deref()) {
            unreached.remove(stage);
        }
    }
    unreached
}

/// A shipped track, one act of which needs what is said beside.
fn with_need(key: &str, act: Act, need: Need) -> (usize, Workflow) {
    let tracks = &catalogue().casework.workflows;
    let track = tracks.iter().position(|workflow| workflow.key == key);
    let track = track.expect("a track");
    let mut workflow = tracks[track].clone();
    let of_act = workflow.steps.iter_mut().filter(|step| step.act == act);
    of_act.for_each(|step| step.needs.push(need));
    let (unreachable, stuck) = workflow.unreachable_or_stuck();
    assert!(
        unreachable.is_empty() && stuck.is_empty(),
        "its table says nothing of it"
    );
    (track, workflow)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn whatever_was_done_a_case_can_be_brought_to_its_end(play in plays()) {
        let (case, _, world) = play.run_by(play.workflow());
        prop_assume!(case.events > 0);
        let way = way_out(&case, &world);
        prop_assert!(way.is_some(), "{} is stuck: {case:#?}", case.stage);
    }
}

#[test]
fn every_stage_has_ways_in_and_out_in_its_table() {
    for workflow in &catalogue().casework.workflows {
        let (unreachable, stuck) = workflow.unreachable_or_stuck();
        assert!(
            unreachable.is_empty() && stuck.is_empty(),
            "{}",
            workflow.key
        );
    }
}

#[test]
fn every_stage_is_come_to_by_a_play() {
    for (track, workflow) in catalogue().casework.workflows.iter().enumerate() {
        let none = BTreeSet::new();
        assert_eq!(unreached(track, workflow), none, "{}", workflow.key);
    }
}

#[test]
fn a_need_that_nobody_can_meet_is_found_out() {
    // Of a matter nothing is asked that could be refused: who has it can't bring it to its end.
    let (track, workflow) = with_need("oversight", Act::SettleMatter, Need::Refusal);
    let mut plays = same_plays().filter(|play| play.track == track);
    let is_stuck = |play: Play| {
        let (case, _, world) = play.run_by(&workflow);
        case.events > 0 && way_out(&case, &world).is_none()
    };
    assert!(plays.any(is_stuck));
    assert_eq!(unreached(track, &workflow), BTreeSet::from(["SETTLED"]));

    // What is recorded was found to be so, so nothing that needs the contrary follows it.
    let (track, workflow) = with_need("breach", Act::AcceptRepair, Need::Unfounded);
    assert_eq!(unreached(track, &workflow), BTreeSet::from(["REPAIRED"]));
}
