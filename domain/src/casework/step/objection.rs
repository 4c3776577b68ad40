//! Objections (异议): filed, decided, taken back; measures stand back for them.

use super::{
    super::{Act, Objection, ObjectionState, SanctionStatus, What},
    Refused, Step,
};
use crate::{credit_record::CreditRecordStatus, id::Kind};

impl Step<'_> {
    pub(super) fn file_objection(&mut self) -> Result<(), Refused> {
        self.live()?;
        if self.case.is_under_objection() {
            let message = "已有未决的异议 / an objection waits to be decided";
            return Err(Refused::new("FILED_BEFORE", message));
        }
        let id = self.new_id(Kind::Objection, self.case.objections.len());
        self.what.push(What::ObjectionFiled(Objection {
            id,
            version: 1,
            state: ObjectionState::Filed,
            filed_on: self.clerk.on,
            decided_on: None,
            running: self.own_period(),
        }));
        // Only the first holds measures back.
        let is_first = self.case.objections.is_empty();
        let runs = self
            .case
            .sanctions
            .iter()
            .filter(|one| is_first && one.status == SanctionStatus::Active);
        let suspended = runs.filter(|sanction| {
            let measure = self.rules.measure_of(sanction, self.facts.place);
            measure.is_some_and(|measure| measure.suspended_by_objection)
        });
        self.what
            .extend(suspended.map(|sanction| What::SanctionMoved {
                sanction: sanction.id,
                status: SanctionStatus::Suspended,
                by_objection: true,
            }));
        Ok(())
    }

    pub(super) fn decide_objection(&mut self, act: Act, objection: i64) -> Result<(), Refused> {
        let mut objections = self.case.objections.iter();
        let known = objections.find(|known| known.id == objection);
        let known = known.ok_or_else(|| {
            Refused::new("NO_OBJECTION", "没有该异议 / there is no such objection")
        })?;
        if known.state != ObjectionState::Filed {
            let message = format!(
                "异议现为 {} / the objection is {}",
                known.state, known.state
            );
            return Err(Refused::new("WRONG_STATE", message));
        }
        let state = match act {
            Act::UpholdObjection => ObjectionState::Upheld,
            Act::DismissObjection => ObjectionState::Dismissed,
            _ => ObjectionState::Withdrawn,
        };
        self.what.push(What::ObjectionDecided { objection, state });
        if state == ObjectionState::Upheld {
            self.what.push(What::Ended {
                status: CreditRecordStatus::Withdrawn,
                ground: "OBJECTION".to_owned(),
            });
            return Ok(());
        }
        let suspended = self.case.sanctions.iter();
        let suspended =
            suspended.filter(|one| one.status == SanctionStatus::Suspended && one.by_objection);
        self.what
            .extend(suspended.map(|sanction| What::SanctionMoved {
                sanction: sanction.id,
                status: SanctionStatus::Active,
                by_objection: false,
            }));
        Ok(())
    }
}
