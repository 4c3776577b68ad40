//! Repair (信用修复): applied for, decided, revoked.

use super::{
    super::{Act, Repair, RepairState, What},
    Refused, Step,
    record::not_graded,
};
use crate::{credit_record::CreditRecordStatus, id::Kind};

impl Step<'_> {
    pub(super) fn apply_repair(&mut self, commitment: Option<&str>) -> Result<(), Refused> {
        self.may_repair()?;
        let record = self.live()?;
        let (kind, tier, on) = (record.kind, record.tier, record.identified_on);
        let (rules, place) = (self.rules, self.facts.place);
        let rule = rules.publicity.rule(kind, tier, on, place, rules.divisions);
        if let Some(rule) = rule.filter(|rule| rule.needs_commitment && commitment.is_none()) {
            let message = "须附公开信用承诺书 / a public commitment is needed";
            return Err(Refused::new("NEEDS_COMMITMENT", message).by(&rule.legal_basis));
        }
        let mut repairs = self.case.repairs.iter();
        if repairs.any(|repair| repair.state == RepairState::Applied) {
            let message = "已有未决的修复申请 / an application waits to be decided";
            return Err(Refused::new("APPLIED_BEFORE", message));
        }
        let id = self.new_id(Kind::Repair, self.case.repairs.len());
        self.what.push(What::RepairApplied(Repair {
            id,
            version: 1,
            state: RepairState::Applied,
            applied_on: self.clerk.on,
            decided_on: None,
            running: self.own_period(),
            commitment: commitment.map(str::to_owned),
        }));
        Ok(())
    }

    /// Repair is for who has corrected what was graded, after the minimum.
    fn may_repair(&self) -> Result<(), Refused> {
        let record = self.live()?;
        // Terms are given by grade: what has none has no shortest one either.
        if record.tier.is_none() {
            return Err(not_graded());
        }
        if record.shown.minimum > record.identified_on && self.clerk.on <= record.shown.minimum {
            let message = format!(
                "最短公示期至 {} / the shortest term lasts until {}",
                record.shown.minimum, record.shown.minimum
            );
            return Err(Refused::new("TOO_EARLY", message).by(&self.rule.legal_basis));
        }
        if self.case.is_uncorrected() {
            let message = "整改尚未验收 / rectification is not accepted";
            return Err(Refused::new("UNCORRECTED", message).by(&self.rule.legal_basis));
        }
        Ok(())
    }

    pub(super) fn decide_repair(&mut self, act: Act, repair: i64) -> Result<(), Refused> {
        let mut repairs = self.case.repairs.iter();
        let known = repairs.find(|known| known.id == repair);
        let known = known.ok_or_else(|| {
            Refused::new("NO_REPAIR", "没有该申请 / there is no such application")
        })?;
        let (needed, state) = match act {
            Act::AcceptRepair => (RepairState::Applied, RepairState::Accepted),
            Act::RefuseRepair => (RepairState::Applied, RepairState::Refused),
            _ => (RepairState::Accepted, RepairState::Revoked),
        };
        if known.state != needed {
            let message = format!(
                "申请现为 {} / the application is {}",
                known.state, known.state
            );
            return Err(Refused::new("WRONG_STATE", message));
        }
        self.what.push(What::RepairDecided { repair, state });
        let record = self.case.record.as_ref();
        match act {
            Act::AcceptRepair => {
                self.may_repair()?;
                self.what.push(What::Ended {
                    status: CreditRecordStatus::Repaired,
                    ground: "REPAIR".to_owned(),
                });
            }
            Act::RevokeRepair => {
                // What is to be set right first holds beyond its longest term.
                let ends = record.filter(|record| !record.shown.needs_correction);
                let last = ends.and_then(|record| record.shown.maximum);
                if record.is_none_or(|record| record.status != CreditRecordStatus::Repaired) {
                    let message = "记录不在已修复状态 / the record is not repaired";
                    return Err(Refused::new("WRONG_STATE", message));
                }
                if last.is_some_and(|last| last < self.clerk.on) {
                    let message = "公示期已届满 / the longest term is over";
                    return Err(Refused::new("TOO_LATE", message).by(&self.rule.legal_basis));
                }
                self.what.push(What::Revived);
            }
            _ => {}
        }
        Ok(())
    }
}
