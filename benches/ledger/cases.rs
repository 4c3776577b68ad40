//! Made-up cases of all tracks, in all their stages, with the periods that the catalogue counts, tasks, orders,
//! measures, applications and objections.

use chrono::{NaiveDate, TimeDelta};
use domain::{
    casework::{
        About, Case, Finding, Objection, ObjectionState, Order, Publicity, Repair, RepairState,
        Running, Sanction, SanctionStatus, Shown, Task, Workflow,
    },
    credit_record::{CreditRecordKind, CreditRecordStatus, Tier},
    division::DivisionCode,
};
use zhengxin::catalogue::Catalogue;

/// A case, its number, and the division of the body that it is about.
pub struct Made {
    pub id: i64,
    pub place: DivisionCode,
    pub is_open: bool,
    pub case: Case,
}

/// The `n`th of all cases, about one of these bodies.
pub fn make(n: u32, catalogue: &Catalogue, bodies: &[(i64, DivisionCode)]) -> Made {
    let mixed = n.wrapping_mul(2_654_435_761);
    let casework = &catalogue.casework;
    let workflow = &casework.workflows[n as usize % casework.workflows.len()];
    let stage = &workflow.stages[(mixed >> 3) as usize % workflow.stages.len()];
    let (body, place) = bodies[mixed as usize % bodies.len()];
    let (handler, _) = bodies[(mixed >> 7) as usize % bodies.len()];
    let opened_on = NaiveDate::from_ymd_opt(2025, 1, 1).unwrap_or_default()
        + TimeDelta::days(i64::from(mixed % 650));
    let since = opened_on + TimeDelta::days(i64::from(mixed >> 9) % 30);
    let running = |key: &str| {
        let rule = casework
            .deadlines
            .rule(key, since, Some(place), &catalogue.divisions)?;
        let due = rule.due(&catalogue.calendar, since);
        Some(Running {
            rule: key.to_owned(),
            since,
            on: due.date(),
            is_provisional: due.is_provisional(),
            is_extended: false,
        })
    };
    let id = i64::from(n) + 1;
    let record = record(workflow, &stage.code, opened_on);
    let is_live = record
        .as_ref()
        .is_some_and(|record| record.ended_on.is_none());
    let is_rectified = matches!(
        stage.code.as_str(),
        "RECTIFYING" | "RECTIFIED" | "CONFIRMED" | "REPAIRED"
    );
    let case = Case {
        workflow: workflow.key.clone(),
        workflow_version: workflow.version.clone(),
        about: About {
            agency: Some(body),
            ..About::default()
        },
        stage: stage.code.clone(),
        opened_on,
        events: 3,
        handler: (!mixed.is_multiple_of(3)).then_some(handler),
        running: match stage.code.as_str() {
            "OPEN" => Some(Running {
                rule: "OPEN_MATTER".to_owned(),
                since,
                on: since + TimeDelta::days(30),
                is_provisional: false,
                is_extended: false,
            }),
            code => started(workflow, code).and_then(running),
        },
        finding: is_rectified.then_some(Finding::Founded),
        tasks: (1..=mixed % 4)
            .filter(|_| is_rectified)
            .map(|number| task(number, body, since))
            .collect(),
        orders: (stage.code == "RECTIFYING" && mixed.is_multiple_of(3))
            .then(|| Order {
                number: 1,
                issued_on: since,
                due_on: since + TimeDelta::days(10),
                answered_on: None,
            })
            .into_iter()
            .collect(),
        sanctions: sanctions(catalogue, workflow, is_live, (id, since)),
        repairs: (is_live && mixed % 5 == 1)
            .then(|| Repair {
                id: 10 * id + 1,
                version: 1,
                state: RepairState::Applied,
                applied_on: since,
                decided_on: None,
                running: running("repair.decision"),
                commitment: None,
            })
            .into_iter()
            .collect(),
        objections: (is_live && mixed % 7 == 1)
            .then(|| Objection {
                id: 10 * id + 2,
                version: 1,
                state: ObjectionState::Filed,
                filed_on: since,
                decided_on: None,
                running: running("objection.decision"),
            })
            .into_iter()
            .collect(),
        record,
        ..Case::default()
    };
    Made {
        id,
        place,
        is_open: !stage.is_final,
        case,
    }
}

/// The period that a step into a stage begins.
fn started<'a>(workflow: &'a Workflow, stage: &str) -> Option<&'a str> {
    let mut into = workflow
        .steps
        .iter()
        .filter(|step| step.to.as_deref() == Some(stage));
    into.find_map(|step| step.starts.as_deref())
}

fn record(workflow: &Workflow, stage: &str, on: NaiveDate) -> Option<Publicity> {
    let is_live = workflow.record_stage.as_deref() == Some(stage);
    if !is_live && stage != "REPAIRED" {
        return None;
    }
    Some(Publicity {
        item: "breach.confirmed".to_owned(),
        kind: workflow
            .kinds
            .first()
            .copied()
            .unwrap_or(CreditRecordKind::Breach),
        tier: Some(Tier::General),
        is_graded: true,
        identified_on: on,
        status: match is_live {
            true => CreditRecordStatus::Active,
            false => CreditRecordStatus::Repaired,
        },
        shown: Shown {
            is_public: true,
            minimum: on,
            maximum: None,
            needs_correction: false,
        },
        is_mirrored: false,
        published_on: is_live.then_some(on),
        ended_on: (!is_live).then_some(on),
        end_ground: (!is_live).then(|| "REPAIR".to_owned()),
        revived_by: None,
        body: None,
        since: 0,
    })
}

fn task(number: u32, owner: i64, since: NaiveDate) -> Task {
    Task {
        number,
        owner,
        title: "兑现".to_owned(),
        set_on: since,
        since: 1,
        due_on: since + TimeDelta::days(30),
        submitted_on: None,
        accepted_on: number.is_multiple_of(2).then_some(since),
        accepted_by: 0,
        is_refused: false,
    }
}

/// Up to three measures on what holds, and the one of an incentive.
fn sanctions(
    catalogue: &Catalogue,
    workflow: &Workflow,
    is_live: bool,
    (id, since): (i64, NaiveDate),
) -> Vec<Sanction> {
    let is_incentive = workflow.key == "incentive";
    let count = match (is_live, is_incentive) {
        (true, _) => id % 4,
        (false, is_one) => i64::from(is_one),
    };
    let prefix = if is_incentive {
        "incentive."
    } else {
        "internal."
    };
    let measures = catalogue.casework.measures.0.iter();
    let measures = measures.filter(|measure| measure.code.starts_with(prefix));
    let numbered = measures.zip(3..3 + count);
    let sanction = |(measure, nth): (&domain::casework::Measure, i64)| Sanction {
        id: 10 * id + nth,
        version: 1,
        measure: measure.code.clone(),
        status: SanctionStatus::Active,
        by_objection: false,
        imposed_by: None,
        starts_on: Some(since),
        ends_on: Some(since + TimeDelta::days(365)),
        is_awaited: false,
        moves: Vec::new(),
    };
    numbered.map(sanction).collect()
}
