//! A record: confirmed or told by a source, graded, shown.

use chrono::NaiveDate;

use super::{
    super::{Confirmation, Publicity, Rules, Sanction, SanctionStatus, What},
    Facts, Item, Refused, Step, Told,
};
use crate::{
    credit_record::{CreditRecordKind, CreditRecordStatus, Tier},
    id::{Kind, derived_id},
};

impl Rules<'_> {
    /// What a case of a record that a source told begins with.
    pub(super) fn recorded(&self, facts: &Facts, told: Told) -> Vec<What> {
        let item = facts.item.as_ref();
        let on = told.identified_on;
        let (shown, is_mirrored) = self.shown(told.kind, told.tier, on, facts);
        let recorded = What::Recorded {
            record: told.record,
            item: item.map_or_else(String::new, |item| item.code.clone()),
            kind: told.kind,
            tier: told.tier,
            identified_on: told.identified_on,
            shown,
            is_mirrored,
            is_graded: false,
            body: facts.body,
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
        if let Some(since) = confirmation.overdue_since {
            if item.kind != CreditRecordKind::Arrears {
                let message = "只有拖欠账款有逾期起算日 / only arrears are overdue from a day on";
                return Err(Refused::new("OTHER_KIND", message));
            }
            if since > on {
                let message =
                    format!("逾期起算日 {since} 晚于认定日期 {on} / {since} is after {on}");
                return Err(Refused::new("FUTURE_DAY", message));
            }
        }
        let tier = confirmation.tier.or(item.tier);
        let (shown, is_mirrored) = self.rules.shown(item.kind, tier, on, self.facts);
        self.what.push(What::Recorded {
            record: confirmation.record,
            item: item.code,
            kind: item.kind,
            tier,
            identified_on: on,
            shown,
            is_mirrored,
            is_graded: confirmation.tier.is_some(),
            body: self.facts.body,
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
        let on = record.identified_on;
        let (shown, _) = self.rules.shown(record.kind, Some(tier), on, self.facts);
        // A measure that the new grade does not allow goes with the old one, and so does what would begin after
        // the record's new last day; the others end on it at the latest.
        let sanctions = self.case.sanctions.iter();
        let sanctions = sanctions.filter(|one| !one.status.is_over());
        let last = shown.maximum;
        let last = last.filter(|last| self.clerk.on <= *last);
        let fits = |sanction: &Sanction| {
            let measure = self.rules.measure_of(sanction, self.facts.place);
            measure.is_some_and(|measure| measure.tiers.contains(&tier))
        };
        let moved = sanctions.filter_map(|one| {
            let is_beyond = |day: NaiveDate| last.is_some_and(|last| day > last);
            if !fits(one) || one.starts_on.is_some_and(is_beyond) {
                return Some(What::SanctionMoved {
                    sanction: one.id,
                    status: SanctionStatus::Lifted,
                    by_objection: false,
                });
            }
            let ends_on = last.filter(|_| one.ends_on.is_none_or(is_beyond))?;
            let sanction = one.id;
            Some(What::SanctionShortened { sanction, ends_on })
        });
        let moved: Vec<What> = moved.collect();
        self.what.push(What::Graded { tier, shown });
        self.what.extend(moved);
        Ok(())
    }

    pub(super) fn publish(&mut self) -> Result<(), Refused> {
        let record = self.live()?;
        if record.tier.is_none() {
            return Err(not_graded());
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

    /// The record, which must hold.
    pub(super) fn live(&self) -> Result<&Publicity, Refused> {
        let record = self.case.record.as_ref();
        let record = record.filter(|record| record.status == CreditRecordStatus::Active);
        record
            .filter(|_| self.facts.record_ended.is_none())
            .ok_or_else(|| Refused::new("NO_LIVE_RECORD", "没有有效的失信记录 / no record holds"))
    }

    /// The number of the next thing of a kind in this case.
    pub(super) fn new_id(&self, kind: Kind, before: usize) -> i64 {
        derived_id(kind, self.facts.case, &before.to_string())
    }
}

/// Why what goes by a grade is not done without one.
pub(super) fn not_graded() -> Refused {
    Refused::new("NOT_GRADED", "尚未定级 / it was not graded")
}
