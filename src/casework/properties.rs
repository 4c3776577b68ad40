//! What must hold of every case, whatever is done to it in whatever order: by the shipped workflows,
//! lists and rules.

mod attempts;
mod leaving;
mod play;
mod withheld;
mod world;

use std::{collections::BTreeSet, sync::OnceLock};

use domain::{
    casework::{
        Act, Case, Clerk, Event, Facts, Party, Publicity, RepairState, Rules, SanctionStatus,
        StepRule, What,
    },
    credit_record::{CreditRecord, CreditRecordStatus, RecordSubject},
};
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};

use crate::catalogue::Catalogue;
use attempts::plays;

fn catalogue() -> &'static Catalogue {
    static SHIPPED: OnceLock<Catalogue> = OnceLock::new();
    SHIPPED.get_or_init(|| Catalogue::load(None).expect("the shipped catalogue is sound"))
}

/// What must hold of a case after each event.
fn holds(rules: &Rules<'_>, before: &Case, case: &Case, event: &Event, facts: &Facts) {
    let on = event.on;
    withheld::nothing_personal_is_kept(case, event);
    withheld::officials_are_not_shown(case, facts);
    withheld::measures_stand_back(rules, case, facts);
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
            is_shared_no_more(case, record);
        }
    }
    match event.act {
        Act::Publish => assert!(!facts.is_official, "nobody publishes what an official did"),
        Act::Close | Act::Withdraw | Act::Expire if !case.is_live() => {
            assert!(!is_any_running, "what ends takes its measures along");
            let outlasts = event.act == Act::Expire && before.outlasts_its_term();
            assert!(
                !before.is_live() || !outlasts,
                "time ends nothing that must be set right"
            );
        }
        Act::Relist => assert!(
            case.is_live() && !is_any_running,
            "it holds again, and alone"
        ),
        Act::EndIncentive => {
            let mut running = case.sanctions.iter().filter(|one| runs(one.status));
            assert!(!running.any(|one| {
                let measure = rules.measure_of(one, facts.place);
                measure.is_some_and(|measure| measure.ends_with_record)
            }));
        }
        Act::Recount => {
            let clerk = Clerk {
                subject: "hub".to_owned(),
                parties: vec![Party::Clock],
                body: None,
                areas: Vec::new(),
                at: event.at,
                on,
            };
            assert_eq!(
                rules.recount(case, facts, &clerk),
                None,
                "counted anew once"
            );
            assert!(case.periods().all(|running| !running.is_provisional));
        }
        _ => {}
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
    if let Some(record) = &case.record {
        let mut first = case.sanctions.iter().filter_map(|one| one.starts_on);
        let is_after = first.all(|first| first >= record.identified_on);
        assert!(is_after, "no measure runs before its record holds");
    }
    if case.is_live() {
        assert_eq!(accepted, 0, "what is repaired does not hold");
    }
}

/// Whatever its source goes on telling of a repaired record: it is told as repaired, and shown to nobody.
fn is_shared_no_more(case: &Case, said: &Publicity) {
    let mut record = CreditRecord {
        identified_by: "样例市发展和改革局".to_owned(),
        under_objection: true,
        public_until: said.shown.maximum,
        ..CreditRecord::new(
            RecordSubject::Agency(2),
            said.kind,
            said.item.clone(),
            said.identified_on,
        )
    };
    case.write_record(&mut record);
    assert_eq!(record.status, CreditRecordStatus::Repaired);
    assert_eq!(
        (record.ended_on, record.public_until),
        (said.ended_on, None)
    );
    assert!(record.is_withheld && !record.under_objection);
    assert!(
        case.part_periods().next().is_none(),
        "nobody is waited for any more"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn replaying_the_events_gives_the_state(play in plays()) {
        let (case, events) = play.run();
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

/// The plays would show little if they did not come far: nine in ten of the acts of all tracks are in one of them,
/// and many leads become records.
#[test]
fn plays_do_most_that_the_tracks_have_and_often_confirm_a_record() {
    let mut runner = TestRunner::deterministic();
    let mut done: BTreeSet<(&str, &str)> = BTreeSet::new();
    let (mut leads, mut confirmed) = (0, 0);
    let (mut officials, mut stood_back) = (0, 0);
    for _ in 0..3_000 {
        let play = plays().new_tree(&mut runner).expect("a play").current();
        let (case, events) = play.run();
        officials += usize::from(play.is_official && case.record.is_some());
        let is_back = |what: &What| {
            matches!(
                what,
                What::SanctionMoved {
                    by_objection: true,
                    ..
                }
            )
        };
        let mut what = events.iter().flat_map(|event| &event.what);
        stood_back += usize::from(what.any(is_back));
        let acts = events.iter().map(|event| event.act);
        done.extend(
            acts.clone()
                .map(|act| (play.workflow().key.as_str(), act.as_str())),
        );
        leads += usize::from(play.is_of_a_lead());
        confirmed += usize::from(acts.clone().any(|act| act == Act::Confirm));
    }
    let all = catalogue().casework.workflows.iter();
    let all = all.flat_map(|workflow| {
        let has = |is: fn(&StepRule) -> bool| workflow.steps.iter().any(is);
        let counts = has(|step| step.starts.is_some());
        let imposes = has(|step| step.act == Act::ImposeSanction);
        let by_themselves = [
            (counts, Act::Remind),
            (counts, Act::Recount),
            (imposes, Act::Begin),
        ];
        let by_themselves = by_themselves.into_iter().filter(|(is_so, _)| *is_so);
        let acts = workflow.steps.iter().map(|step| step.act);
        let acts = acts.chain(by_themselves.map(|(_, act)| act));
        acts.map(|act| (workflow.key.as_str(), act.as_str()))
    });
    let all: BTreeSet<_> = all.collect();
    let missing: Vec<_> = all.difference(&done).collect();
    assert!(
        missing.len() * 10 <= all.len(),
        "{missing:?} of {}",
        all.len()
    );
    // What is said of officials and of measures that stand back is said of many.
    assert!(
        officials > 100 && stood_back > 50,
        "{officials}, {stood_back}"
    );
    assert!(confirmed * 3 > leads, "{confirmed} of {leads} leads");
}
