//! A play: attempts, one after the other, with what time does after each.

use chrono::{NaiveDate, TimeDelta};
use domain::{
    casework::{About, Case, Event, Facts, Told, Workflow},
    credit_record::{CreditRecordKind, Tier},
};

use super::{
    attempts::{Play, Turn, act, item},
    catalogue, holds,
    world::{World, due, ended, later_calendar, reminders},
};

impl Play {
    pub(super) fn workflow(&self) -> &'static Workflow {
        &catalogue().casework.workflows[self.track]
    }

    /// The record that a source told, where the play is about one.
    fn told(&self) -> Option<Told> {
        let is_told = self.is_told && self.workflow().record_stage.is_some();
        is_told.then(|| Told {
            record: 9,
            kind: self.workflow().kinds[0],
            tier: Some(Tier::Serious),
            identified_on: NaiveDate::from_ymd_opt(2026, 4, 2).expect("a day"),
        })
    }

    pub(super) fn is_of_a_lead(&self) -> bool {
        self.told().is_none() && !self.workflow().channels.is_empty()
    }

    /// Plays it, and looks after each event whether all holds that must: the case and its events.
    pub(super) fn run(&self) -> (Case, Vec<Event>) {
        let (case, events, _) = self.run_by(self.workflow());
        (case, events)
    }

    /// The same by a track of its own, and how the world is in which it ends.
    pub(super) fn run_by<'a>(&self, workflow: &'a Workflow) -> (Case, Vec<Event>, World<'a>) {
        let told = self.told();
        let kinds = workflow.kinds.first().copied();
        let facts = Facts {
            about: About {
                record: told.map(|told| told.record),
                clue: told.is_none().then_some(5),
                ..About::default()
            },
            stage: told.and(workflow.record_stage.clone()),
            item: Some(item(kinds.unwrap_or(CreditRecordKind::Breach))),
            told,
            is_official: self.is_official,
            ..Facts::default()
        };
        let mut world = World::new(workflow, facts, self.after);
        let (mut case, mut events) = (Case::default(), Vec::new());
        for (number, which, parties, days, turn) in &self.attempts {
            world.at += TimeDelta::days(*days);
            let on = world.at.date_naive();
            match turn {
                Turn::Nothing => {}
                // What was begun before its record ended goes on in a case.
                Turn::Source => world.is_delisted ^= told.is_some() && case.events > 0,
                Turn::Discredit => world.facts.is_discredited ^= told.is_none(),
                Turn::Notices => world.rules.calendar = later_calendar(),
            }
            world.facts.record_ended = ended(&case, world.is_delisted);
            let act = act(*number, workflow, &case, &world.facts);
            let rules = world.rules;
            let mut take = |case: &mut Case, event: Event, facts: &Facts| {
                let before = case.clone();
                assert_eq!(event.number, before.events + 1);
                case.apply(&event);
                holds(&rules, &before, case, &event, facts);
                events.push(event);
            };
            match world.step(&case, act, (*number, *which), parties) {
                Ok(event) => take(&mut case, event, &world.facts),
                Err(refused) => assert!(!refused.message.is_empty()),
            }
            if case.events == 0 {
                continue;
            }
            world.facts.record_ended = ended(&case, world.is_delisted);
            let clock = world.clock();
            if let Some(event) = due(&rules, &case, &world.facts, &clock) {
                take(&mut case, event, &world.facts);
                world.facts.record_ended = ended(&case, world.is_delisted);
            }
            let facts = &world.facts;
            if let Some(event) = rules.begun(&case, facts, &clock) {
                take(&mut case, event, facts);
                let mut again = case.sanctions_to_begin(on);
                assert!(again.next().is_none(), "each begins once");
            }
            for event in reminders(&rules, &case, facts, &clock) {
                let before = case.clone();
                take(&mut case, event, facts);
                assert!(before.owed().eq(case.owed()), "to remind settles nothing");
            }
            let again = reminders(&rules, &case, facts, &clock);
            assert!(again.is_empty(), "each reminder is made once: {again:?}");
        }
        (case, events, world)
    }
}
