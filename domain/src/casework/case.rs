//! A case: what its events made of it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{
    Actor, Event, Objection, ObjectionState, Order, Repair, RepairState, Sanction, SanctionStatus,
    Shown, Stage, Task, What,
};
use crate::{
    clue::{Clue, ClueStage},
    credit_record::{CreditRecord, CreditRecordKind, CreditRecordStatus, Tier},
};

/// What a case is about, by stable numbers: a lead and what came of it, a record, or a body alone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// A lead.
    pub clue: Option<i64>,
    /// A record.
    pub record: Option<i64>,
    /// A body.
    pub agency: Option<i64>,
}

/// A period that runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Running {
    /// The rule's key.
    pub rule: String,
    /// The day before its first.
    pub since: NaiveDate,
    /// Its last day.
    pub on: NaiveDate,
    /// Whether that day may still move.
    pub is_provisional: bool,
    /// Whether it was extended.
    pub is_extended: bool,
}

/// What verification found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Finding {
    /// 属实
    Founded,
    /// 不属实
    Unfounded,
}

crate::text_enum!(Finding { Founded => "FOUNDED", Unfounded => "UNFOUNDED" });
crate::text_serde!(Finding);

/// What casework says of the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publicity {
    /// The catalogue item.
    pub item: String,
    /// Its kind.
    pub kind: CreditRecordKind,
    /// Its grade.
    pub tier: Option<Tier>,
    /// The day of determination.
    pub identified_on: NaiveDate,
    /// How it stands.
    pub status: CreditRecordStatus,
    /// How it is shown.
    pub shown: Shown,
    /// Whether only its source ends it.
    pub is_mirrored: bool,
    /// Since when it is shown.
    pub published_on: Option<NaiveDate>,
    /// When it ended.
    pub ended_on: Option<NaiveDate>,
    /// Why.
    pub end_ground: Option<String>,
}

/// A case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// Its workflow's key.
    pub workflow: String,
    /// The workflow's version, by which it goes to its end.
    pub workflow_version: String,
    /// What it is about.
    pub about: About,
    /// Where it stands.
    pub stage: Stage,
    /// When it began.
    pub opened_on: NaiveDate,
    /// How many events it has: its version.
    pub events: u32,
    /// Who began it.
    pub opened_by: Option<Actor>,
    /// The body that has it in hand.
    pub handler: Option<i64>,
    /// The period that runs.
    pub running: Option<Running>,
    /// What verification found.
    pub finding: Option<Finding>,
    /// Its tasks.
    pub tasks: Vec<Task>,
    /// 督办书.
    pub orders: Vec<Order>,
    /// What casework says of the record, once there is one.
    pub record: Option<Publicity>,
    /// Its sanctions.
    pub sanctions: Vec<Sanction>,
    /// Applications for repair.
    pub repairs: Vec<Repair>,
    /// Objections.
    pub objections: Vec<Objection>,
}

impl Case {
    /// The case that these events made.
    pub fn replay<'a>(events: impl IntoIterator<Item = &'a Event>) -> Self {
        let mut case = Self::default();
        for event in events {
            case.apply(event);
        }
        case
    }

    /// Whether somebody objects and nobody has decided.
    pub fn is_under_objection(&self) -> bool {
        let mut objections = self.objections.iter();
        objections.any(|objection| objection.state == ObjectionState::Filed)
    }

    /// Whether a task was refused.
    pub fn is_refused(&self) -> bool {
        self.tasks.iter().any(|task| task.is_refused)
    }

    /// Whether a task is not accepted.
    pub fn is_uncorrected(&self) -> bool {
        self.tasks.iter().any(|task| task.accepted_on.is_none())
    }

    /// Whether there were tasks, and all are accepted.
    pub fn is_corrected(&self) -> bool {
        !self.tasks.is_empty() && !self.is_uncorrected()
    }

    /// Whether the record holds.
    pub fn is_live(&self) -> bool {
        let record = self.record.as_ref();
        record.is_some_and(|record| record.status == CreditRecordStatus::Active)
    }

    /// Whether the term of the record or of a sanction is over on a day.
    pub fn is_term_over(&self, on: NaiveDate) -> bool {
        let record = self.record.as_ref().filter(|record| !record.is_mirrored);
        let last = record
            .filter(|_| self.is_live())
            .and_then(|record| record.shown.maximum);
        let is_over = last.is_some_and(|last| last < on) && self.is_corrected();
        is_over || self.sanctions_over(on).next().is_some()
    }

    /// The sanctions whose term is over on a day.
    pub fn sanctions_over(&self, on: NaiveDate) -> impl Iterator<Item = &Sanction> {
        let runs = self.sanctions.iter().filter(|one| !one.status.is_over());
        runs.filter(move |one| one.ends_on.is_some_and(|last| last < on))
    }

    /// Whether the running period is over. By a day that may still move nobody is late.
    pub fn is_overdue(&self, on: NaiveDate) -> bool {
        let running = self.running.as_ref();
        running.is_some_and(|running| !running.is_provisional && running.on < on)
    }

    /// What casework has said of a lead stands in whatever its source tells of it.
    pub fn write_clue(&self, clue: &mut Clue) {
        // The stages of a record go on where those of leads end.
        let stage = self.stage.parse();
        clue.stage = stage.unwrap_or(match self.record {
            Some(_) => ClueStage::Confirmed,
            None => clue.stage,
        });
        clue.due_on = self.running.as_ref().map(|running| running.on);
        clue.due_is_provisional = self
            .running
            .as_ref()
            .is_some_and(|running| running.is_provisional);
    }

    /// The same of a record. What its source ended stays ended.
    pub fn write_record(&self, record: &mut CreditRecord) {
        record.under_objection = self.is_under_objection();
        let Some(said) = &self.record else { return };
        record.tier = said.tier;
        record.is_withheld = said.published_on.is_none();
        // A repair that was revoked: no source says these words.
        let was_ours = matches!(
            record.status,
            CreditRecordStatus::Repaired
                | CreditRecordStatus::Expired
                | CreditRecordStatus::Withdrawn
        );
        if said.status == CreditRecordStatus::Active && was_ours {
            record.status = CreditRecordStatus::Active;
            record.ended_on = None;
            record.end_ground = None;
        }
        // That its source lists it no longer is the source's own word, which it may take back.
        let is_ours = !matches!(
            said.status,
            CreditRecordStatus::Active | CreditRecordStatus::Delisted
        );
        if is_ours {
            record.status = said.status;
            record.ended_on = said.ended_on;
            record.end_ground = said.end_ground.clone();
        }
        record.public_until = match record.status {
            CreditRecordStatus::Active => said.published_on.and(said.shown.maximum),
            _ => None,
        };
    }

    /// Takes one event in.
    pub fn apply(&mut self, event: &Event) {
        self.events = event.number;
        if event.number == 1 {
            self.opened_by = Some(event.by.clone());
        }
        if let Some(stage) = &event.stage {
            self.stage.clone_from(stage);
        }
        for what in &event.what {
            self.take(event.on, what);
        }
    }

    fn take(&mut self, on: NaiveDate, what: &What) {
        match what {
            What::Opened {
                workflow,
                version,
                about,
            } => {
                self.workflow.clone_from(workflow);
                self.workflow_version.clone_from(version);
                self.about = *about;
                self.opened_on = on;
            }
            What::Handed { to } => self.handler = Some(*to),
            What::Runs(running) => self.running = Some(running.clone()),
            What::Settled => self.running = None,
            What::Found { finding } => self.finding = Some(*finding),
            What::TaskSet(task) => self.tasks.push(task.clone()),
            What::TaskProgress { .. } => {}
            What::TaskSubmitted { task } => self.task(*task, |task| task.submitted_on = Some(on)),
            What::TaskAccepted { task } => self.task(*task, |task| {
                task.accepted_on = Some(on);
                task.is_refused = false;
            }),
            What::TaskReturned { task, is_refused } => self.task(*task, |task| {
                task.submitted_on = None;
                task.is_refused = *is_refused;
            }),
            What::OrderIssued(order) => self.orders.push(order.clone()),
            What::OrderAnswered { order } => {
                let mut orders = self.orders.iter_mut();
                if let Some(order) = orders.find(|known| known.number == *order) {
                    order.answered_on = Some(on);
                }
            }
            _ => self.take_of_record(on, what),
        }
    }

    fn take_of_record(&mut self, on: NaiveDate, what: &What) {
        match what {
            What::Recorded {
                record,
                item,
                kind,
                tier,
                identified_on,
                shown,
                is_mirrored,
            } => {
                self.about.record = Some(*record);
                self.record = Some(Publicity {
                    item: item.clone(),
                    kind: *kind,
                    tier: *tier,
                    identified_on: *identified_on,
                    status: CreditRecordStatus::Active,
                    shown: *shown,
                    is_mirrored: *is_mirrored,
                    published_on: None,
                    ended_on: None,
                    end_ground: None,
                });
            }
            What::Graded { tier, shown } => {
                if let Some(record) = &mut self.record {
                    record.tier = Some(*tier);
                    record.shown = *shown;
                    record.published_on = record.published_on.filter(|_| shown.is_public);
                }
            }
            What::Published => {
                if let Some(record) = &mut self.record {
                    record.published_on = Some(on);
                }
            }
            What::Sanctioned(sanction) => {
                match self.sanctions.iter_mut().find(|one| one.id == sanction.id) {
                    Some(known) => *known = sanction.clone(),
                    None => self.sanctions.push(sanction.clone()),
                }
            }
            What::SanctionMoved {
                sanction,
                status,
                by_objection,
            } => {
                let mut sanctions = self.sanctions.iter_mut();
                if let Some(known) = sanctions.find(|one| one.id == *sanction) {
                    known.stand(*status, *by_objection, on);
                }
            }
            What::RepairApplied(repair) => self.repairs.push(repair.clone()),
            What::RepairDecided { repair, state } => {
                let mut repairs = self.repairs.iter_mut();
                if let Some(repair) = repairs.find(|one| one.id == *repair) {
                    repair.state = *state;
                    repair.version += 1;
                    repair.decided_on = Some(on);
                }
            }
            What::ObjectionFiled(objection) => self.objections.push(objection.clone()),
            What::ObjectionDecided { objection, state } => {
                let mut objections = self.objections.iter_mut();
                if let Some(objection) = objections.find(|one| one.id == *objection) {
                    objection.state = *state;
                    objection.version += 1;
                    objection.decided_on = Some(on);
                }
            }
            What::Ended { status, ground } => self.end(*status, ground, on),
            What::Revived => {
                if let Some(record) = &mut self.record {
                    record.status = CreditRecordStatus::Active;
                    record.ended_on = None;
                    record.end_ground = None;
                }
            }
            _ => {}
        }
    }

    /// The record ends, with its publicity and all its sanctions at once.
    fn end(&mut self, status: CreditRecordStatus, ground: &str, on: NaiveDate) {
        if let Some(record) = &mut self.record {
            record.status = status;
            record.ended_on = Some(on);
            record.end_ground = Some(ground.to_owned());
            record.published_on = None;
        }
        let stands = match status {
            CreditRecordStatus::Withdrawn => SanctionStatus::Revoked,
            CreditRecordStatus::Expired => SanctionStatus::Expired,
            _ => SanctionStatus::Lifted,
        };
        for sanction in self.sanctions.iter_mut().filter(|s| !s.status.is_over()) {
            sanction.stand(stands, false, on);
        }
        // What waited to be decided has lost its object.
        for objection in &mut self.objections {
            if objection.state == ObjectionState::Filed {
                objection.state = match status {
                    CreditRecordStatus::Withdrawn => ObjectionState::Upheld,
                    _ => ObjectionState::Withdrawn,
                };
                objection.decided_on = Some(on);
                objection.version += 1;
            }
        }
        for repair in &mut self.repairs {
            if repair.state == RepairState::Applied {
                repair.state = RepairState::Refused;
                repair.decided_on = Some(on);
                repair.version += 1;
            }
        }
    }

    fn task(&mut self, number: u32, change: impl FnOnce(&mut Task)) {
        if let Some(task) = self.tasks.iter_mut().find(|task| task.number == number) {
            change(task);
        }
    }
}

impl Sanction {
    fn stand(&mut self, status: SanctionStatus, by_objection: bool, on: NaiveDate) {
        self.status = status;
        self.by_objection = by_objection;
        self.version += 1;
        if status.is_over() {
            self.ends_on = Some(self.ends_on.map_or(on, |end| end.min(on)));
        }
    }
}
