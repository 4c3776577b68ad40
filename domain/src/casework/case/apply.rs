//! What each event makes of a case.

use chrono::NaiveDate;

use super::{
    super::{Act, Event, Moved, ObjectionState, RepairState, Sanction, SanctionStatus, Task, What},
    Case, Publicity, Running,
};
use crate::{case_number::CaseNumber, credit_record::CreditRecordStatus};

impl Case {
    /// Takes one event in.
    pub fn apply(&mut self, event: &Event) {
        self.events = event.number;
        if event.number == 1 {
            self.opened_by = Some(event.by.clone());
        }
        if let Some(stage) = &event.stage {
            self.stage.clone_from(stage);
        }
        match event.act {
            Act::ReportPerformance => self.performed_on = Some(event.on),
            Act::Prewarn => {
                self.case_number = event.basis.as_deref().and_then(CaseNumber::find);
            }
            Act::Relist => self.performed_on = None,
            _ => {}
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
                promised_on,
            } => {
                self.workflow.clone_from(workflow);
                self.workflow_version.clone_from(version);
                self.about = *about;
                self.promised_on = *promised_on;
                self.opened_on = on;
            }
            What::Handed { to } => self.handler = Some(*to),
            What::Runs(running) => self.running = Some(running.clone()),
            What::PartRuns { part, running } => self.part_runs(*part, running),
            What::Settled => self.running = None,
            What::Reminded(reminder) => self.reminders.push(reminder.clone()),
            What::Found { finding } => self.finding = Some(*finding),
            What::TaskSet(task) => self.tasks.push(task.clone()),
            What::TaskProgress { .. } => {}
            What::TaskSubmitted { task } => self.task(*task, |task| {
                task.submitted_on = Some(on);
                // Nobody has said yet what is to be thought of it.
                task.is_refused = false;
            }),
            What::TaskAccepted { task } => {
                let by = self.events;
                self.task(*task, |task| {
                    task.accepted_on = Some(on);
                    task.accepted_by = by;
                    task.is_refused = false;
                });
            }
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
                is_graded,
                body,
            } => {
                self.about.record = Some(*record);
                self.record = Some(Publicity {
                    item: item.clone(),
                    kind: *kind,
                    tier: *tier,
                    is_graded: *is_graded,
                    identified_on: *identified_on,
                    status: CreditRecordStatus::Active,
                    shown: *shown,
                    is_mirrored: *is_mirrored,
                    published_on: None,
                    ended_on: None,
                    end_ground: None,
                    revived_by: None,
                    body: *body,
                    since: self.events,
                });
            }
            What::Graded { tier, shown } => {
                if let Some(record) = &mut self.record {
                    record.tier = Some(*tier);
                    record.is_graded = true;
                    record.shown = *shown;
                    record.published_on = record.published_on.filter(|_| shown.is_public);
                }
            }
            What::Published => {
                if let Some(record) = &mut self.record {
                    record.published_on = Some(on);
                }
            }
            What::Sanctioned(sanction) => self.sanctioned(sanction, on),
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
            What::SanctionShortened { sanction, ends_on } => {
                let mut sanctions = self.sanctions.iter_mut();
                if let Some(known) = sanctions.find(|one| one.id == *sanction) {
                    known.ends_on = Some(*ends_on);
                    known.version += 1;
                    known.moved(on);
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
                    record.revived_by = Some(self.events);
                }
            }
            _ => {}
        }
    }

    fn part_runs(&mut self, part: i64, running: &Running) {
        let mut objections = self.objections.iter_mut();
        let mut repairs = self.repairs.iter_mut();
        if let Some(objection) = objections.find(|one| one.id == part) {
            objection.running = Some(running.clone());
            objection.version += 1;
        } else if let Some(repair) = repairs.find(|one| one.id == part) {
            repair.running = Some(running.clone());
            repair.version += 1;
        }
    }

    fn sanctioned(&mut self, sanction: &Sanction, on: NaiveDate) {
        let known = self.sanctions.iter_mut().find(|one| one.id == sanction.id);
        let mut sanction = sanction.clone();
        match known {
            Some(known) => {
                sanction.moves = std::mem::take(&mut known.moves);
                sanction.moved(on);
                *known = sanction;
            }
            None => {
                sanction.moves.clear();
                sanction.moved(on);
                self.sanctions.push(sanction);
            }
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
        // What ran from an earlier day on has run, noted or not.
        self.is_awaited &= !self.is_to_begin(on);
        self.status = status;
        self.by_objection = by_objection;
        self.is_awaited &= match status {
            SanctionStatus::Active => self.starts_on.is_some_and(|first| first > on),
            _ => !status.is_over(),
        };
        self.version += 1;
        if status.is_over() {
            self.ends_on = Some(self.ends_on.map_or(on, |end| end.min(on)));
        }
        self.moved(on);
    }

    fn moved(&mut self, on: NaiveDate) {
        let (status, ends_on) = (self.status, self.ends_on);
        self.moves.push(Moved {
            on,
            status,
            ends_on,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn sanction(is_awaited: bool, status: SanctionStatus) -> Sanction {
        Sanction {
            id: 1,
            version: 1,
            measure: "internal.honours".to_owned(),
            status,
            by_objection: false,
            imposed_by: None,
            starts_on: Some(day("2026-05-01")),
            ends_on: Some(day("2026-05-31")),
            is_awaited,
            moves: Vec::new(),
        }
    }

    #[test]
    fn a_measure_for_later_runs_from_its_first_day_on() {
        use SanctionStatus as S;
        // By time on its day; suspended before; suspended over its day; lifted before; moved on its days before anybody
        // noted that it ran.
        let stories: [&[(&str, S, S)]; 6] = [
            &[
                ("2026-05-01", S::Active, S::Active),
                ("2026-05-02", S::Suspended, S::Suspended),
                ("2026-05-03", S::Active, S::Active),
            ],
            &[
                ("2026-04-20", S::Suspended, S::Proposed),
                ("2026-04-30", S::Active, S::Proposed),
                ("2026-05-01", S::Active, S::Active),
            ],
            &[
                ("2026-04-20", S::Suspended, S::Proposed),
                ("2026-05-10", S::Active, S::Active),
                ("2026-06-01", S::Expired, S::Expired),
            ],
            &[("2026-04-30", S::Lifted, S::Lifted)],
            &[
                ("2026-05-02", S::Suspended, S::Suspended),
                ("2026-05-03", S::Active, S::Active),
            ],
            &[("2026-05-31", S::Lifted, S::Lifted)],
        ];
        for story in stories {
            let mut case = Case::default();
            case.take(
                day("2026-04-10"),
                &What::Sanctioned(sanction(true, S::Active)),
            );
            assert_eq!(case.sanctions[0].status_once_run(), S::Proposed);
            for (on, status, told) in story {
                let moved = What::SanctionMoved {
                    sanction: 1,
                    status: *status,
                    by_objection: false,
                };
                case.take(day(on), &moved);
                assert_eq!(case.sanctions[0].status, *status, "{on}");
                assert_eq!(case.sanctions[0].status_once_run(), *told, "{on}");
            }
        }
    }

    #[test]
    fn what_is_awaited_begins_on_the_days_of_its_term_alone() {
        for (is_awaited, status, on, begins) in [
            (true, SanctionStatus::Active, "2026-04-30", false),
            (true, SanctionStatus::Active, "2026-05-01", true),
            (true, SanctionStatus::Active, "2026-05-31", true),
            (true, SanctionStatus::Active, "2026-06-01", false),
            (true, SanctionStatus::Suspended, "2026-05-01", false),
            (false, SanctionStatus::Active, "2026-05-01", false),
        ] {
            let case = Case {
                sanctions: vec![sanction(is_awaited, status)],
                ..Case::default()
            };
            let found = case.sanctions_to_begin(day(on)).next().is_some();
            assert_eq!(found, begins, "{status} on {on}");
            let ran = case.sanctions[0].status_until(day(on)) == status;
            assert_eq!(ran, begins || !is_awaited, "{status} until {on}");
        }
    }
}
