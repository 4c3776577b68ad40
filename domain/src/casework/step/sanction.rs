//! Measures on a record's subject.

use chrono::{Months, NaiveDate};

use super::{
    super::{Act, Sanction, SanctionStatus, SubjectKind, What},
    Refused, Step,
};
use crate::id::Kind;

impl Step<'_> {
    /// A measure is proposed or imposed; what was proposed is imposed under its own number.
    pub(super) fn sanction(
        &mut self,
        act: Act,
        code: &str,
        (starts_on, ends_on): (Option<NaiveDate>, Option<NaiveDate>),
    ) -> Result<(), Refused> {
        let record = self.live()?;
        let measure = self.measure(code).ok_or_else(|| {
            let message = format!("措施清单中没有 {code} / the list has no measure {code}");
            Refused::new("NO_MEASURE", message)
        })?;
        let item = self.facts.item.as_ref();
        let is_named = item.is_some_and(|item| item.measures.iter().any(|named| named == code));
        let fits = record
            .tier
            .is_some_and(|tier| measure.tiers.contains(&tier));
        if !is_named || !fits {
            let message = format!(
                "{code} 不适用于该行为及等级 / {code} follows neither this behaviour nor this grade"
            );
            return Err(Refused::new("MEASURE_NOT_LISTED", message).by(&measure.legal_basis));
        }
        let subject = match self.facts.is_official {
            true => SubjectKind::Official,
            false => SubjectKind::Agency,
        };
        if !measure.subjects.contains(&subject) {
            let message = format!("{code} 不适用于该对象 / {code} is not for this subject");
            return Err(Refused::new("OTHER_SUBJECT", message).by(&measure.legal_basis));
        }
        let starts = starts_on.unwrap_or(self.clerk.on);
        if !(measure.from <= starts && measure.to.is_none_or(|to| starts <= to)) {
            let message =
                format!("{code} 在 {starts} 不在有效期内 / {code} is not in force on {starts}");
            return Err(Refused::new("NOT_IN_FORCE", message).by(&measure.legal_basis));
        }
        let longest = measure
            .months
            .and_then(|months| starts.checked_add_months(Months::new(months)));
        let longest = [longest, record.shown.maximum].into_iter().flatten().min();
        let ends = ends_on.or(longest);
        if ends.is_some_and(|ends| ends < starts)
            || ends_on.zip(longest).is_some_and(|(ends, most)| ends > most)
        {
            let message = match longest {
                Some(longest) => format!(
                    "期限须在 {starts} 至 {longest} 之间 / the term lies between {starts} and {longest}"
                ),
                None => format!("期限不早于 {starts} / the term does not end before {starts}"),
            };
            return Err(Refused::new("TERM_NOT_ALLOWED", message).by(&measure.legal_basis));
        }
        let mut same = self
            .case
            .sanctions
            .iter()
            .filter(|one| one.measure == code && !one.status.is_over());
        let before = same.next();
        let version = match (act, before) {
            (_, None) => 1,
            (Act::ImposeSanction, Some(one)) if one.status == SanctionStatus::Proposed => {
                one.version + 1
            }
            _ => {
                let message = format!("{code} 已在实施 / {code} is in place already");
                return Err(Refused::new("IMPOSED_BEFORE", message));
            }
        };
        let id = before.map_or_else(
            || self.new_id(Kind::Sanction, self.case.sanctions.len()),
            |one| one.id,
        );
        let is_imposed = act == Act::ImposeSanction;
        // Under an objection a measure that it suspends is not begun.
        let is_suspended =
            is_imposed && measure.suspended_by_objection && self.case.is_under_objection();
        self.what.push(What::Sanctioned(Sanction {
            id,
            version,
            measure: code.to_owned(),
            status: match (is_imposed, is_suspended) {
                (false, _) => SanctionStatus::Proposed,
                (true, false) => SanctionStatus::Active,
                (true, true) => SanctionStatus::Suspended,
            },
            by_objection: is_suspended,
            imposed_by: self.clerk.body.filter(|_| is_imposed),
            starts_on: (is_imposed || starts_on.is_some()).then_some(starts),
            ends_on: ends,
        }));
        Ok(())
    }

    pub(super) fn move_sanction(&mut self, act: Act, sanction: i64) -> Result<(), Refused> {
        let mut sanctions = self.case.sanctions.iter();
        let known = sanctions.find(|known| known.id == sanction);
        let known = known
            .ok_or_else(|| Refused::new("NO_SANCTION", "没有该惩戒 / there is no such sanction"))?;
        use SanctionStatus as S;
        let (fits, status): (&[S], S) = match act {
            Act::SuspendSanction => (&[S::Active], S::Suspended),
            Act::ResumeSanction => (&[S::Suspended], S::Active),
            _ => (&[S::Proposed, S::Active, S::Suspended], S::Lifted),
        };
        if !fits.contains(&known.status) {
            let message = format!(
                "惩戒现为 {} / the sanction is {}",
                known.status, known.status
            );
            return Err(Refused::new("WRONG_STATE", message));
        }
        if act == Act::ResumeSanction && known.by_objection && self.case.is_under_objection() {
            let message = "异议未决，不得恢复 / an objection waits to be decided";
            return Err(Refused::new("UNDER_OBJECTION", message));
        }
        self.what.push(What::SanctionMoved {
            sanction,
            status,
            by_objection: false,
        });
        Ok(())
    }
}
