//! What must hold of every case, whatever is done to it in whatever order: by the shipped workflows,
//! lists and rules.

use std::sync::OnceLock;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::{
    casework::{
        About, Act, Case, Clerk, Command, Confirmation, Deed, Event, Facts, Finding, Item, Owed,
        Party, RepairState, Rules, SanctionStatus, Told, Workflow,
    },
    credit_record::{CreditRecordKind, CreditRecordStatus, Tier},
};
use proptest::prelude::*;

use crate::catalogue::Catalogue;

fn catalogue() -> &'static Catalogue {
    static SHIPPED: OnceLock<Catalogue> = OnceLock::new();
    SHIPPED.get_or_init(|| Catalogue::load(None).expect("the shipped catalogue is sound"))
}

/// One attempt: a deed by a party, so many days later.
type Attempt = (u8, Vec<Party>, i64, u8);

fn attempts() -> impl Strategy<Value = Vec<Attempt>> {
    let parties = prop::sample::subsequence(Party::ALL.to_vec(), 1..=Party::ALL.len());
    prop::collection::vec((0_u8..=100, parties, 0_i64..90, 0_u8..4), 1..60)
}

/// The deed that a number stands for, about what the case has.
fn deed(number: u8, which: u8, case: &Case, on: NaiveDate) -> Deed {
    let act = Act::ALL[usize::from(number) % Act::ALL.len()];
    let nth = |ids: Vec<i64>| ids.get(usize::from(which)).copied().unwrap_or(7);
    let later = on + TimeDelta::days(i64::from(which) * 9);
    match act {
        Act::Transfer => Deed::Transfer { to: 3 },
        Act::Find => Deed::Find {
            finding: Finding::ALL[usize::from(which) % 2],
        },
        Act::Extend => Deed::Extend {
            part: case
                .part_periods()
                .nth(usize::from(which))
                .map(|(part, _)| part),
        },
        Act::AskRectification => Deed::AskRectification {
            owner: 2,
            title: "兑现".to_owned(),
            due_on: later,
        },
        Act::ReportProgress | Act::SubmitRectification | Act::AcceptRectification => Deed::Task {
            act,
            task: u32::from(which),
        },
        Act::ReturnRectification => Deed::ReturnRectification {
            task: u32::from(which).max(1),
            is_refused: number.is_multiple_of(2),
        },
        Act::Confirm => Deed::Confirm(Confirmation {
            record: 77,
            item: item().code,
            tier: Some(Tier::ALL[usize::from(which) % 3]),
            identified_on: on,
            amount: None,
            kind: CreditRecordKind::Breach,
        }),
        Act::Grade => Deed::Grade {
            tier: Tier::ALL[usize::from(which) % 3],
        },
        Act::GrantIncentive => Deed::Sanction {
            act,
            measure: "incentive.pilots".to_owned(),
            starts_on: None,
            ends_on: None,
        },
        Act::ProposeSanction | Act::ImposeSanction => Deed::Sanction {
            act,
            measure: item().measures[usize::from(which) % item().measures.len()].clone(),
            starts_on: number.is_multiple_of(2).then_some(later),
            ends_on: None,
        },
        Act::SuspendSanction | Act::ResumeSanction | Act::LiftSanction => Deed::SanctionMove {
            act,
            sanction: nth(case.sanctions.iter().map(|one| one.id).collect()),
        },
        Act::AcceptRepair | Act::RefuseRepair | Act::RevokeRepair => Deed::Repair {
            act,
            repair: nth(case.repairs.iter().map(|one| one.id).collect()),
        },
        Act::UpholdObjection | Act::DismissObjection | Act::WithdrawObjection => Deed::Objection {
            act,
            objection: nth(case.objections.iter().map(|one| one.id).collect()),
        },
        Act::IssueOrder => Deed::IssueOrder { due_on: later },
        Act::AnswerOrder => Deed::AnswerOrder {
            order: u32::from(which),
        },
        Act::OpenMatter | Act::PressMatter => Deed::Matter { act, due_on: later },
        act => Deed::Plain(act),
    }
}

/// A behaviour of the list with measures for every grade.
fn item() -> Item {
    let measures = &catalogue().casework.measures.0;
    let for_bodies = measures.iter().filter(|measure| !measure.tiers.is_empty());
    Item {
        code: "breach.confirmed".to_owned(),
        kind: CreditRecordKind::Breach,
        tier: Some(Tier::General),
        measures: for_bodies.map(|measure| measure.code.clone()).collect(),
        is_public: true,
        is_in_force: true,
    }
}

fn play(workflow: &Workflow, told: Option<Told>, attempts: &[Attempt]) -> (Case, Vec<Event>) {
    let catalogue = catalogue();
    let casework = &catalogue.casework;
    let rules = Rules {
        workflow,
        calendar: &catalogue.calendar,
        divisions: &catalogue.divisions,
        deadlines: &casework.deadlines,
        publicity: &casework.publicity,
        measures: &casework.measures,
    };
    let facts = Facts {
        about: About {
            record: told.map(|told| told.record),
            clue: told.is_none().then_some(5),
            ..About::default()
        },
        stage: told.and(workflow.record_stage.clone()),
        item: Some(item()),
        told,
        ..Facts::default()
    };
    let mut at: DateTime<Utc> = "2026-04-20T01:00:00Z".parse().expect("a moment");
    let (mut case, mut events) = (Case::default(), Vec::new());
    for (number, parties, days, which) in attempts {
        at += TimeDelta::days(*days);
        let on = at.date_naive();
        let command = Command {
            deed: deed(*number, *which, &case, on),
            basis: Some("依据".to_owned()),
            note: Some("说明".to_owned()),
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
        let before = case.clone();
        match rules.step(&case, &facts, &command, &clerk) {
            Ok(event) => {
                assert_eq!(event.number, case.events + 1);
                case.apply(&event);
                events.push(event);
                holds(&before, &case, on);
            }
            Err(refused) => assert!(!refused.message.is_empty()),
        }
        if let Some(event) = rules.begun(&case, &clerk) {
            let before = case.clone();
            case.apply(&event);
            assert_eq!(event.number, before.events + 1);
            assert!(
                case.sanctions_to_begin(on).next().is_none(),
                "each begins once"
            );
            events.push(event);
        }
        for event in reminders(&rules, &case, &facts, &clerk) {
            let before = case.clone();
            case.apply(&event);
            assert_eq!(event.number, before.events + 1);
            assert_eq!(
                before.owed().collect::<Vec<_>>(),
                case.owed().collect::<Vec<_>>()
            );
            events.push(event);
        }
        let again = reminders(&rules, &case, &facts, &clerk);
        assert!(again.is_empty(), "each reminder is made once: {again:?}");
    }
    (case, events)
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

/// What must hold of a case after each event.
fn holds(before: &Case, case: &Case, on: NaiveDate) {
    let runs = |status: SanctionStatus| !status.is_over();
    let is_any_running = case.sanctions.iter().any(|one| runs(one.status));
    // An incentive is for who has none.
    assert!(
        !is_any_running || case.is_live() || case.workflow == "incentive",
        "no measure without a live record"
    );
    if let Some(record) = &case.record {
        let is_shown = record.published_on.is_some();
        assert!(!is_shown || case.is_live(), "what ended is not shown");
        assert!(!is_shown || record.shown.is_public, "nor what may not be");
        assert_eq!(record.ended_on.is_some(), !case.is_live());
        let minimum = record.shown.minimum;
        let repaired = record.status == CreditRecordStatus::Repaired;
        let was = before
            .record
            .as_ref()
            .is_some_and(|r| r.status == CreditRecordStatus::Repaired);
        if repaired && !was {
            assert!(
                minimum <= record.identified_on || on > minimum,
                "not before the minimum"
            );
            assert!(!case.is_uncorrected(), "nor before it was corrected");
        }
    }
    for sanction in &case.sanctions {
        let is_ahead = sanction.starts_on.is_some_and(|first| first > on);
        let is_told = sanction.status_once_run() == SanctionStatus::Active;
        assert!(
            !is_told || !is_ahead,
            "what has yet to run is told of nobody"
        );
        assert!(sanction.ends_on.is_none_or(|end| {
            sanction
                .starts_on
                .is_none_or(|start| start <= end.max(start))
        }));
    }
    assert!(
        case.sanctions.len() >= before.sanctions.len(),
        "nothing is taken away"
    );
    assert!(case.repairs.len() >= before.repairs.len());
    assert!(case.objections.len() >= before.objections.len());
    let accepted = case
        .repairs
        .iter()
        .filter(|one| one.state == RepairState::Accepted)
        .count();
    if !case.is_live() && case.record.is_some() {
        assert!(
            !case.is_under_objection(),
            "nothing waits to be decided of what is over"
        );
        let mut repairs = case.repairs.iter();
        assert!(!repairs.any(|one| one.state == RepairState::Applied));
    }
    if case.is_live() {
        assert_eq!(accepted, 0, "what is repaired does not hold");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn replaying_the_events_gives_the_state(attempts in attempts(), which in 0_usize..10) {
        let workflows = &catalogue().casework.workflows;
        let workflow = &workflows[which % workflows.len()];
        let told = (which.is_multiple_of(2) && workflow.record_stage.is_some()).then(|| Told {
            record: 9,
            kind: workflow.kinds[0],
            tier: Some(Tier::Serious),
            identified_on: NaiveDate::from_ymd_opt(2026, 4, 2).expect("a day"),
        });
        let (case, events) = play(workflow, told, &attempts);
        prop_assert_eq!(&Case::replay(&events), &case);
        // What is kept is what was said.
        let kept = serde_json::to_string(&events).expect("events are plain data");
        let read: Vec<Event> = serde_json::from_str(&kept).expect("they can be read");
        prop_assert_eq!(&read, &events);
        let kept = serde_json::to_string(&case).expect("a case is plain data");
        let read: Case = serde_json::from_str(&kept).expect("it can be read");
        prop_assert_eq!(read, case);
    }
}

#[test]
fn every_stage_can_be_reached_and_left() {
    for workflow in &catalogue().casework.workflows {
        let (unreachable, stuck) = workflow.unreachable_or_stuck();
        assert!(
            unreachable.is_empty() && stuck.is_empty(),
            "{}",
            workflow.key
        );
    }
}
