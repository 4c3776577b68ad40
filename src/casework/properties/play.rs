//! A play: attempts, one after the other, with what time does after each.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::{
    calendar::{Calendar, CalendarYear},
    casework::{
        About, Act, Case, Clerk, Command, Deed, Event, Facts, Owed, Party, Rules, Told, Workflow,
    },
    credit_record::{CreditRecordKind, CreditRecordStatus, Tier},
};

use super::{
    attempts::{Play, Turn, act, deed, item},
    catalogue, holds,
    withheld::{CITIZEN, PHONE},
};

/// A calendar on which the years after the shipped ones are known, too.
fn later_calendar() -> Calendar {
    let notices = (2019..=2060).map(|year| CalendarYear {
        year,
        days_off: (1..=5)
            .filter_map(|day| NaiveDate::from_ymd_opt(year, 1, day))
            .collect(),
        workdays: Vec::new(),
    });
    Calendar::new(notices).expect("no day of it is both")
}

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
        let (workflow, told, catalogue) = (self.workflow(), self.told(), catalogue());
        let casework = &catalogue.casework;
        let kinds = workflow.kinds.first().copied();
        let kind = kinds.unwrap_or(CreditRecordKind::Breach);
        let later = later_calendar();
        let mut rules = Rules {
            workflow,
            calendar: &catalogue.calendar,
            divisions: &catalogue.divisions,
            deadlines: &casework.deadlines,
            publicity: &casework.publicity,
            measures: &casework.measures,
        };
        let mut facts = Facts {
            about: About {
                record: told.map(|told| told.record),
                clue: told.is_none().then_some(5),
                ..About::default()
            },
            stage: told.and(workflow.record_stage.clone()),
            item: Some(item(kind)),
            told,
            is_official: self.is_official,
            ..Facts::default()
        };
        let mut at: DateTime<Utc> = "2026-04-20T01:00:00Z".parse().expect("a moment");
        at += TimeDelta::days(self.after);
        let (mut case, mut events) = (Case::default(), Vec::new());
        let mut is_delisted = false;
        for (number, which, parties, days, turn) in &self.attempts {
            at += TimeDelta::days(*days);
            let on = at.date_naive();
            match turn {
                Turn::Nothing => {}
                // What was begun before its record ended goes on in a case.
                Turn::Source => is_delisted ^= told.is_some() && case.events > 0,
                Turn::Discredit => facts.is_discredited ^= told.is_none(),
                Turn::Notices => rules.calendar = &later,
            }
            facts.record_ended = ended(&case, is_delisted);
            let act = act(*number, workflow, &case, &facts);
            let command = Command {
                deed: deed(act, (*number, *which), &case, on),
                basis: Some(format!("依据，{CITIZEN}")),
                note: Some(format!("联系甲某{PHONE}")),
                evidence: vec!["0".repeat(64)],
            };
            let clerk = Clerk {
                subject: "test".to_owned(),
                parties: parties.clone(),
                body: Some(3),
                areas: Vec::new(),
                at,
                on,
            };
            let mut take = |case: &mut Case, event: Event, facts: &Facts| {
                let before = case.clone();
                assert_eq!(event.number, before.events + 1);
                case.apply(&event);
                holds(&rules, &before, case, &event, facts);
                events.push(event);
            };
            match rules.step(&case, &facts, &command, &clerk) {
                Ok(event) => take(&mut case, event, &facts),
                Err(refused) => assert!(!refused.message.is_empty()),
            }
            if case.events == 0 {
                continue;
            }
            facts.record_ended = ended(&case, is_delisted);
            let clock = Clerk {
                subject: "hub".to_owned(),
                parties: vec![Party::Clock],
                body: None,
                ..clerk
            };
            if let Some(event) = due(&rules, &case, &facts, &clock) {
                take(&mut case, event, &facts);
                facts.record_ended = ended(&case, is_delisted);
            }
            if let Some(event) = rules.begun(&case, &facts, &clock) {
                take(&mut case, event, &facts);
                let mut again = case.sanctions_to_begin(on);
                assert!(again.next().is_none(), "each begins once");
            }
            for event in reminders(&rules, &case, &facts, &clock) {
                let before = case.clone();
                take(&mut case, event, &facts);
                assert!(before.owed().eq(case.owed()), "to remind settles nothing");
            }
            let again = reminders(&rules, &case, &facts, &clock);
            assert!(again.is_empty(), "each reminder is made once: {again:?}");
        }
        (case, events)
    }
}

/// How the record stands that casework looks at: as its source says, unless casework has ended it.
fn ended(case: &Case, is_delisted: bool) -> Option<CreditRecordStatus> {
    use CreditRecordStatus::{Active, Delisted};
    let said = case.record.as_ref().map(|record| record.status);
    let ours = said.filter(|status| !matches!(status, Active | Delisted));
    ours.or_else(|| is_delisted.then_some(Delisted))
}

/// What time does in a case, as the turn of the day looks for it; it is never refused.
fn due(rules: &Rules<'_>, case: &Case, facts: &Facts, clock: &Clerk) -> Option<Event> {
    let said = case.record.as_ref().map(|record| record.status);
    let stage = rules
        .workflow
        .stage(&case.stage)
        .expect("a stage of the track");
    let is_open = !stage.is_final;
    let runs = case.sanctions.iter().filter(|one| !one.status.is_over());
    let mut ending = runs.filter_map(|one| rules.measure_of(one, facts.place));
    let ends_with_record = ending.any(|measure| measure.ends_with_record);
    let act = if facts.record_ended.is_some() && case.is_live() {
        Act::Close
    } else if facts.record_ended.is_none() && said == Some(CreditRecordStatus::Delisted) {
        Act::Relist
    } else if is_open && case.is_term_over(clock.on) {
        Act::Expire
    } else if is_open && ends_with_record && facts.is_discredited {
        Act::EndIncentive
    } else {
        let counted = rules.recount(case, facts, clock);
        return counted.filter(|_| is_open);
    };
    let command = Command {
        deed: Deed::Plain(act),
        basis: None,
        note: None,
        evidence: Vec::new(),
    };
    let done = rules.step(case, facts, &command, clock);
    Some(done.unwrap_or_else(|refused| panic!("{act} is due and {refused:?}: {case:#?}")))
}

/// The events of what is to be reminded of on a day.
fn reminders(rules: &Rules<'_>, case: &Case, facts: &Facts, clerk: &Clerk) -> Vec<Event> {
    let mut case = case.clone();
    let mut events = Vec::new();
    for due in rules.to_remind(&case, facts.place, clerk.on) {
        let reminder = &due.reminder;
        let is_owed = |owed: Owed<'_>| (owed.of, owed.due_on) == (reminder.of, reminder.due_on);
        assert!(case.owed().any(is_owed), "only of what is owed");
        assert_eq!(due.reminder.days > 0, due.reminder.due_on < clerk.on);
        let event = rules.reminded(&case, due.reminder, due.basis, clerk);
        case.apply(&event);
        events.push(event);
    }
    events
}
