//! What is attempted in a play: whatever may be done in a case, by whomever, on whatever day, while the world
//! around it changes.

use chrono::{NaiveDate, TimeDelta};
use domain::{
    casework::{Act, Case, Confirmation, Deed, Facts, Finding, Item, Party, Workflow},
    credit_record::{CreditRecordKind, Tier},
};
use proptest::prelude::*;

use super::{catalogue, withheld::CITIZEN};

/// One attempt: the act's number and another of it, the parties, how many days later, and what else has
/// changed by then.
pub(super) type Attempt = (u8, u8, Vec<Party>, i64, Turn);

/// What changes beside a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    Nothing,
    /// The source no longer lists the record that it told, or lists it again.
    Source,
    /// A record about the body begins or ceases to hold.
    Discredit,
    /// The coming years' calendars of holidays are out.
    Notices,
}

/// What a play begins with, and what is attempted then.
#[derive(Debug, Clone)]
pub(super) struct Play {
    pub(super) track: usize,
    /// Days from the first on which it may begin: in the last year whose calendar is out, or in the next.
    pub(super) after: i64,
    /// Whether it is about a record that a source told, where the track knows such.
    pub(super) is_told: bool,
    pub(super) is_official: bool,
    pub(super) attempts: Vec<Attempt>,
}

pub(super) fn plays() -> impl Strategy<Value = Play> {
    let some = prop::sample::subsequence(people(), 1..=people().len());
    let parties = prop_oneof![2 => Just(people()), 1 => some];
    let turn = prop_oneof![
        20 => Just(Turn::Nothing),
        1 => Just(Turn::Source),
        1 => Just(Turn::Discredit),
        1 => Just(Turn::Notices),
    ];
    let attempt = (any::<u8>(), 0_u8..4, parties, 0_i64..90, turn);
    let attempts = prop::collection::vec(attempt, 1..60);
    let tracks = 0..catalogue().casework.workflows.len();
    let begins = (tracks, 0_i64..300, any::<bool>(), any::<bool>(), 0..10);
    (begins, attempts).prop_map(|(begins, random)| {
        let (track, after, is_told, is_official, led) = begins;
        let is_official = is_official && is_told;
        let mut attempts = match (led, is_told) {
            (0..5, _) => Vec::new(),
            (5..8, true) => way(&TO_AN_OBJECTION),
            (_, true) => way(&TO_A_REPAIR),
            (5..9, false) => way(&TO_A_RECORD),
            (_, false) => way(&TO_BE_SET_RIGHT),
        };
        attempts.extend(random);
        Play {
            track,
            after,
            is_told,
            is_official,
            attempts,
        }
    })
}

/// All who act; what time does, a play does by itself.
fn people() -> Vec<Party> {
    let people = Party::ALL.iter().copied();
    people.filter(|party| *party != Party::Clock).collect()
}

/// What is done, which of what there is, and how many days later.
type Way = [(Act, u8, i64)];

/// How a lead becomes a record: what is random seldom finds the way.
const TO_A_RECORD: [(Act, u8, i64); 6] = [
    (Act::Transfer, 0, 0),
    (Act::Accept, 0, 0),
    (Act::Find, 0, 0),
    (Act::AskRectification, 0, 0),
    (Act::ReturnRectification, 0, 1),
    (Act::Confirm, 0, 0),
];

/// How what a lead tells is set right.
const TO_BE_SET_RIGHT: [(Act, u8, i64); 6] = [
    (Act::Transfer, 0, 0),
    (Act::Accept, 0, 0),
    (Act::Find, 0, 0),
    (Act::AskRectification, 0, 0),
    (Act::SubmitRectification, 1, 0),
    (Act::AcceptRectification, 1, 0),
];

/// How a record is answered with measures, to which somebody objects then.
const TO_AN_OBJECTION: [(Act, u8, i64); 5] = [
    (Act::Grade, 2, 0),
    (Act::ImposeSanction, 0, 0),
    (Act::ImposeSanction, 1, 0),
    (Act::ImposeSanction, 2, 0),
    (Act::FileObjection, 0, 1),
];

/// How a record is repaired, once its shortest term is over.
const TO_A_REPAIR: [(Act, u8, i64); 3] = [
    (Act::Grade, 1, 0),
    (Act::ApplyRepair, 0, 100),
    (Act::AcceptRepair, 0, 0),
];

fn way(way: &Way) -> Vec<Attempt> {
    let attempt = |(act, which, days): &(Act, u8, i64)| {
        let number = Act::ALL.iter().position(|known| known == act);
        let number = u8::try_from(number.expect("an act")).expect("there are fewer");
        (number, *which, people(), *days, Turn::Nothing)
    };
    way.iter().map(attempt).collect()
}

const ACTS: u8 = Act::ALL.len() as u8;
/// Numbers from here on stand for what may be done in the stage, those below for any act.
const ANY_BELOW: u8 = 2 * ACTS;

/// The act that a number stands for in a case.
pub(super) fn act(number: u8, workflow: &Workflow, case: &Case, facts: &Facts) -> Act {
    let begins = case.events == 0;
    let first = facts.stage.as_deref().unwrap_or(workflow.first());
    let stage = if begins { first } else { &case.stage };
    let openers = workflow
        .steps
        .iter()
        .filter(|step| begins && facts.told.is_none() && step.from.is_empty());
    let may: Vec<Act> = openers
        .chain(workflow.acts_in(stage))
        .map(|step| step.act)
        .collect();
    match number.checked_sub(ANY_BELOW) {
        Some(nth) if !may.is_empty() => may[usize::from(nth) % may.len()],
        _ => Act::ALL[usize::from(number % ACTS)],
    }
}

/// The deed that a number stands for, about what the case has.
pub(super) fn deed(act: Act, (number, which): (u8, u8), case: &Case, on: NaiveDate) -> Deed {
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
            title: format!("向甲某（{CITIZEN}）兑现"),
            due_on: later,
        },
        Act::ReportProgress | Act::SubmitRectification | Act::AcceptRectification => Deed::Task {
            act,
            task: u32::from(which),
        },
        Act::ReturnRectification => Deed::ReturnRectification {
            task: u32::from(which).max(1),
            is_refused: (number / ACTS).is_multiple_of(2),
        },
        Act::Confirm => Deed::Confirm(Confirmation {
            record: 77,
            item: ITEM.to_owned(),
            tier: Some(Tier::ALL[usize::from(which) % 3]),
            identified_on: on,
            amount: None,
            overdue_since: None,
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
            measure: {
                let measures = item(CreditRecordKind::Breach).measures;
                let nth = usize::from(number / 2) + usize::from(which);
                measures[nth % measures.len()].clone()
            },
            starts_on: match number % 5 {
                0 | 2 => Some(later),
                4 => Some(on - TimeDelta::days(i64::from(number))),
                _ => None,
            },
            ends_on: (which == 3).then(|| later + TimeDelta::days(30)),
        },
        Act::SuspendSanction | Act::ResumeSanction | Act::LiftSanction => Deed::SanctionMove {
            act,
            sanction: nth(case.sanctions.iter().map(|one| one.id).collect()),
        },
        Act::ApplyRepair => Deed::ApplyRepair {
            commitment: (which != 3).then(|| "0".repeat(64)),
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
        Act::OpenMatter | Act::PressMatter => Deed::Matter {
            act,
            due_on: later,
            track: None,
        },
        act => Deed::Plain(act),
    }
}

const ITEM: &str = "breach.confirmed";

/// A behaviour of the list, of a kind, with measures for every grade.
pub(super) fn item(kind: CreditRecordKind) -> Item {
    let measures = &catalogue().casework.measures.0;
    let for_bodies = measures.iter().filter(|measure| !measure.tiers.is_empty());
    Item {
        code: ITEM.to_owned(),
        kind,
        tier: Some(Tier::General),
        measures: for_bodies.map(|measure| measure.code.clone()).collect(),
        is_public: true,
        is_in_force: true,
    }
}
