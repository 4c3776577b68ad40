//! The world in which a case is played: the rules, what is known beside it, and the clock.

use std::sync::OnceLock;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::{
    calendar::{Calendar, CalendarYear},
    casework::{
        Act, Case, Clerk, Command, Deed, Event, Facts, Owed, Party, Refused, Rules, Workflow,
    },
    credit_record::CreditRecordStatus,
};

use super::{
    attempts::deed,
    catalogue,
    withheld::{CITIZEN, PHONE},
};

/// A calendar on which the years after the shipped ones are known, too.
pub(super) fn later_calendar() -> &'static Calendar {
    static LATER: OnceLock<Calendar> = OnceLock::new();
    LATER.get_or_init(|| {
        let notices = (2019..=2060).map(|year| CalendarYear {
            year,
            days_off: (1..=5)
                .filter_map(|day| NaiveDate::from_ymd_opt(year, 1, day))
                .collect(),
            workdays: Vec::new(),
        });
        Calendar::new(notices).expect("no day of it is both")
    })
}

#[derive(Clone)]
pub(super) struct World<'a> {
    pub(super) rules: Rules<'a>,
    pub(super) facts: Facts,
    pub(super) at: DateTime<Utc>,
    /// Whether the source no longer lists the record that it told.
    pub(super) is_delisted: bool,
}

impl<'a> World<'a> {
    /// So many days after the first on which a play may begin.
    pub(super) fn new(workflow: &'a Workflow, facts: Facts, after: i64) -> Self {
        let catalogue = catalogue();
        let casework = &catalogue.casework;
        let first: DateTime<Utc> = "2026-04-20T01:00:00Z".parse().expect("a moment");
        Self {
            rules: Rules {
                workflow,
                calendar: &catalogue.calendar,
                divisions: &catalogue.divisions,
                deadlines: &casework.deadlines,
                publicity: &casework.publicity,
                measures: &casework.measures,
            },
            facts,
            at: first + TimeDelta::days(after),
            is_delisted: false,
        }
    }

    /// What the machine makes of an act by these parties, about which of what there is.
    pub(super) fn step(
        &self,
        case: &Case,
        act: Act,
        numbers: (u8, u8),
        parties: &[Party],
    ) -> Result<Event, Refused> {
        let clerk = Clerk {
            subject: "test".to_owned(),
            parties: parties.to_vec(),
            body: Some(3),
            ..self.clock()
        };
        let command = Command {
            deed: deed(act, numbers, case, clerk.on),
            basis: Some(format!("依据，{CITIZEN}")),
            note: Some(format!("联系甲某{PHONE}")),
            evidence: vec!["0".repeat(64)],
        };
        self.rules.step(case, &self.facts, &command, &clerk)
    }

    /// Time, which acts for nobody.
    pub(super) fn clock(&self) -> Clerk {
        Clerk {
            subject: "hub".to_owned(),
            parties: vec![Party::Clock],
            body: None,
            areas: Vec::new(),
            at: self.at,
            on: self.at.date_naive(),
        }
    }
}

/// How the record stands that casework looks at: as its source says, unless casework has ended it.
pub(super) fn ended(case: &Case, is_delisted: bool) -> Option<CreditRecordStatus> {
    use CreditRecordStatus::{Active, Delisted};
    let said = case.record.as_ref().map(|record| record.status);
    let ours = said.filter(|status| !matches!(status, Active | Delisted));
    ours.or_else(|| is_delisted.then_some(Delisted))
}

/// What time does in a case, as the turn of the day looks for it; it is never refused.
pub(super) fn due(rules: &Rules<'_>, case: &Case, facts: &Facts, clock: &Clerk) -> Option<Event> {
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
pub(super) fn reminders(
    rules: &Rules<'_>,
    case: &Case,
    facts: &Facts,
    clerk: &Clerk,
) -> Vec<Event> {
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
