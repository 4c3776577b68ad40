//! From confirmation to the record's end.

use super::{
    super::{
        Act, Confirmation, Facts, Objection, ObjectionState, Publicity, Repair, RepairState, Rules,
        SanctionStatus, What,
    },
    Item, Refused, Step, Told,
};
use crate::{
    credit_record::{CreditRecordKind, CreditRecordStatus, Tier},
    id::{Kind, derived_id},
};

impl Rules<'_> {
    /// What a case of a record that a source told begins with.
    pub(super) fn recorded(&self, facts: &Facts, told: Told) -> Vec<What> {
        let item = facts.item.as_ref();
        let is_public = item.is_some_and(|item| item.is_public);
        let on = told.identified_on;
        let (shown, is_mirrored) = self.shown(told.kind, told.tier, on, is_public);
        let recorded = What::Recorded {
            record: told.record,
            item: item.map_or_else(String::new, |item| item.code.clone()),
            kind: told.kind,
            tier: told.tier,
            identified_on: told.identified_on,
            shown,
            is_mirrored,
        };
        // What its source's list publishes goes on being shown.
        match shown.is_public {
            true => vec![recorded, What::Published],
            false => vec![recorded],
        }
    }
}

impl Step<'_> {
    pub(super) fn confirm(&mut self, confirmation: &Confirmation) -> Result<(), Refused> {
        let item = self.item(&confirmation.item)?;
        let on = confirmation.identified_on;
        if on > self.clerk.on {
            let message = format!("认定日期 {on} 未到 / {on} has not come");
            return Err(Refused::new("FUTURE_DAY", message));
        }
        if item.kind == CreditRecordKind::JudgmentDebtor {
            let message = "失信被执行人只由法院列入 / only a court lists judgment debtors";
            return Err(Refused::new("ONLY_BY_COURT", message));
        }
        if !self.rules.workflow.kinds.contains(&item.kind) {
            let message = format!(
                "该流程不产生 {} 记录 / this track leads to no record of {}",
                item.kind, item.kind
            );
            return Err(Refused::new("OTHER_KIND", message));
        }
        let tier = confirmation.tier.or(item.tier);
        let (shown, is_mirrored) = self.rules.shown(item.kind, tier, on, item.is_public);
        self.what.push(What::Recorded {
            record: confirmation.record,
            item: item.code,
            kind: item.kind,
            tier,
            identified_on: on,
            shown,
            is_mirrored,
        });
        Ok(())
    }

    fn item(&self, code: &str) -> Result<Item, Refused> {
        let item = self.facts.item.clone().filter(|item| item.code == code);
        let item = item.ok_or_else(|| {
            let message = format!("目录清单中没有 {code} / the list has no {code}");
            Refused::new("NO_ITEM", message)
        })?;
        if !item.is_in_force {
            let message =
                format!("{code} 在认定之日不在有效期内 / {code} was not in force on that day");
            return Err(Refused::new("NOT_IN_FORCE", message));
        }
        Ok(item)
    }

    pub(super) fn grade(&mut self, tier: Tier) -> Result<(), Refused> {
        let record = self.live()?;
        let is_public = self.facts.item.as_ref().is_some_and(|item| item.is_public);
        let on = record.identified_on;
        let (shown, _) = self.rules.shown(record.kind, Some(tier), on, is_public);
        // A measure that the new grade does not allow goes with the old one.
        let sanctions = self
            .case
            .sanctions
            .iter()
            .filter(|one| !one.status.is_over());
        let fits = |code: &str| {
            let measure = self.rules.measures.get(code);
            measure.is_some_and(|measure| measure.tiers.contains(&tier))
        };
        let lifted: Vec<What> = sanctions
            .filter(|sanction| !fits(&sanction.measure))
            .map(|sanction| What::SanctionMoved {
                sanction: sanction.id,
                status: SanctionStatus::Lifted,
                by_objection: false,
            })
            .collect();
        self.what.push(What::Graded { tier, shown });
        self.what.extend(lifted);
        Ok(())
    }

    pub(super) fn publish(&mut self) -> Result<(), Refused> {
        let record = self.live()?;
        if record.tier.is_none() {
            return Err(Refused::new("NOT_GRADED", "尚未定级 / it was not graded"));
        }
        if !record.shown.is_public || self.facts.is_official {
            let message = "按清单与公示规则不予公示 / neither list nor rules let it be shown";
            return Err(Refused::new("NOT_PUBLIC", message).by(&self.rule.legal_basis));
        }
        if record.published_on.is_some() {
            return Err(Refused::new(
                "PUBLISHED_BEFORE",
                "已公示 / it is shown already",
            ));
        }
        self.what.push(What::Published);
        Ok(())
    }

    pub(super) fn apply_repair(&mut self) -> Result<(), Refused> {
        self.may_repair()?;
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
        }));
        Ok(())
    }

    /// Repair is for who has corrected, after the minimum, and never where only the source ends it.
    fn may_repair(&self) -> Result<(), Refused> {
        let record = self.live()?;
        if record.is_mirrored {
            let message = "法院名单只由列入的法院移出 / only the court that listed it removes it";
            return Err(Refused::new("ONLY_BY_COURT", message).by(&self.rule.legal_basis));
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
                let is_over =
                    |on| record.is_some_and(|r| r.shown.maximum.is_some_and(|max| max < on));
                if record.is_none_or(|record| record.status != CreditRecordStatus::Repaired) {
                    let message = "记录不在已修复状态 / the record is not repaired";
                    return Err(Refused::new("WRONG_STATE", message));
                }
                if is_over(self.clerk.on) {
                    let message = "公示期已届满 / the longest term is over";
                    return Err(Refused::new("TOO_LATE", message).by(&self.rule.legal_basis));
                }
                self.what.push(What::Revived);
            }
            _ => {}
        }
        Ok(())
    }

    pub(super) fn file_objection(&mut self) -> Result<(), Refused> {
        let record = self.live()?;
        if record.is_mirrored {
            let message =
                "对法院名单的异议向列入的法院提出 / objections to a court's list go to that court";
            return Err(Refused::new("ONLY_BY_COURT", message).by(&self.rule.legal_basis));
        }
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
        }));
        let runs = self
            .case
            .sanctions
            .iter()
            .filter(|one| one.status == SanctionStatus::Active);
        let suspended = runs.filter(|sanction| {
            let measure = self.rules.measures.get(&sanction.measure);
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

    pub(super) fn withdraw(&mut self) -> Result<(), Refused> {
        if self.live()?.is_mirrored {
            let message = "法院名单只由列入的法院撤销 / only the court that listed it withdraws it";
            return Err(Refused::new("ONLY_BY_COURT", message).by(&self.rule.legal_basis));
        }
        self.what.push(What::Ended {
            status: CreditRecordStatus::Withdrawn,
            ground: "WITHDRAWN".to_owned(),
        });
        Ok(())
    }

    /// At the maximum it ends by itself, but for what is still uncorrected; so do sanctions at theirs.
    pub(super) fn expire(&mut self) -> Result<(), Refused> {
        let on = self.clerk.on;
        let record = self.live().ok().filter(|record| !record.is_mirrored);
        let last = record.and_then(|record| record.shown.maximum);
        let is_over = last.is_some_and(|last| last < on);
        if is_over && self.case.is_corrected() {
            self.what.push(What::Ended {
                status: CreditRecordStatus::Expired,
                ground: "TERM".to_owned(),
            });
            return Ok(());
        }
        self.stays = true;
        let over = self
            .case
            .sanctions_over(on)
            .map(|sanction| What::SanctionMoved {
                sanction: sanction.id,
                status: SanctionStatus::Expired,
                by_objection: false,
            });
        let over: Vec<What> = over.collect();
        match (over.is_empty(), is_over) {
            (false, _) => {
                self.what.extend(over);
                Ok(())
            }
            (true, true) => {
                let message =
                    "整改尚未验收，期满不自动终止 / what is uncorrected does not end by time";
                Err(Refused::new("UNCORRECTED", message))
            }
            (true, false) => Err(Refused::new("TOO_EARLY", "期限未届满 / no term is over")),
        }
    }

    /// The record, which must hold.
    pub(super) fn live(&self) -> Result<&Publicity, Refused> {
        let record = self.case.record.as_ref();
        let record = record.filter(|record| record.status == CreditRecordStatus::Active);
        record
            .filter(|_| self.facts.record_ended.is_none())
            .ok_or_else(|| Refused::new("NO_LIVE_RECORD", "没有有效的失信记录 / no record holds"))
    }

    /// What its source ended ends here, with all that hung on it.
    pub(super) fn close(&mut self) -> Result<(), Refused> {
        if let Some(status) = self.facts.record_ended.filter(|_| self.case.is_live()) {
            self.what.push(What::Ended {
                status,
                ground: "SOURCE".to_owned(),
            });
        }
        Ok(())
    }

    /// What its source lists again holds again.
    pub(super) fn relist(&mut self) -> Result<(), Refused> {
        let record = self.case.record.as_ref();
        let was = record.is_some_and(|record| record.status == CreditRecordStatus::Delisted);
        if !was || self.facts.record_ended.is_some() {
            let message = "来源未重新列入 / its source does not list it again";
            return Err(Refused::new("NOT_LISTED", message));
        }
        self.what.push(What::Revived);
        Ok(())
    }

    /// The number of the next thing of a kind in this case.
    pub(super) fn new_id(&self, kind: Kind, before: usize) -> i64 {
        let about = self.case.about;
        let record = about.record.or(about.clue).unwrap_or_default();
        derived_id(kind, record, &before.to_string())
    }
}
