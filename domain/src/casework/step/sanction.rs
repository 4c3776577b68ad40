//! Measures on a record's subject.

use chrono::{Months, NaiveDate};

use super::{
    super::{
        Act, Case, Command, Event, Measure, MeasureScope, Party, Sanction, SanctionStatus,
        SubjectKind, What,
    },
    Clerk, Facts, Refused, Rules, Step, event,
    period::by_time,
};
use crate::id::Kind;

impl Rules<'_> {
    /// The event by which measures begin to run whose first day has come; none where there are none.
    pub fn begun(&self, case: &Case, facts: &Facts, clerk: &Clerk) -> Option<Event> {
        let begun: Vec<&Sanction> = case.sanctions_to_begin(clerk.on).collect();
        let measure = self.measure_of(begun.first()?, facts.place);
        let command = Command {
            basis: measure.map(|measure| measure.legal_basis.clone()),
            ..by_time(Act::Begin, "")
        };
        let mut event = event(Act::Begin, case.events + 1, clerk, Party::Clock, &command);
        let runs = begun.iter().map(|sanction| What::SanctionMoved {
            sanction: sanction.id,
            status: SanctionStatus::Active,
            by_objection: false,
        });
        event.what = runs.collect();
        Some(event)
    }
}

impl Step<'_> {
    /// A measure is proposed, imposed or granted; what was proposed is imposed under its own number.
    pub(super) fn sanction(
        &mut self,
        act: Act,
        code: &str,
        (starts_on, ends_on): (Option<NaiveDate>, Option<NaiveDate>),
    ) -> Result<(), Refused> {
        let starts = starts_on.unwrap_or(self.clerk.on);
        let (measures, tree) = (self.rules.measures, self.rules.divisions);
        let measure = measures.rule(code, starts, self.facts.place, tree);
        let measure = measure.ok_or_else(|| {
            let message = format!("措施清单中没有 {code} / the list has no measure {code}");
            Refused::new("NO_MEASURE", message)
        })?;
        let (first, last) = match act {
            Act::GrantIncentive => (self.rewards(measure)?, None),
            _ => self.follows(measure)?,
        };
        if starts < first {
            let message = format!("起始日不早于 {first} / it begins on {first} at the earliest");
            return Err(Refused::new("PAST_DAY", message).by(&measure.legal_basis));
        }
        let subject = match self.facts.is_official {
            true => SubjectKind::Official,
            false => SubjectKind::Agency,
        };
        if !measure.subjects.contains(&subject) {
            let message = format!("{code} 不适用于该对象 / {code} is not for this subject");
            return Err(Refused::new("OTHER_SUBJECT", message).by(&measure.legal_basis));
        }
        if !measure.is_in_force(starts) {
            let message =
                format!("{code} 在 {starts} 不在有效期内 / {code} is not in force on {starts}");
            return Err(Refused::new("NOT_IN_FORCE", message).by(&measure.legal_basis));
        }
        let longest = measure
            .months
            .and_then(|months| starts.checked_add_months(Months::new(months)));
        let longest = [longest, last].into_iter().flatten().min();
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
        let is_imposed = act != Act::ProposeSanction;
        // Under an objection a measure that it suspends is not begun.
        let is_suspended =
            is_imposed && measure.suspended_by_objection && self.case.stands_back_for_objection();
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
            is_awaited: is_suspended || (is_imposed && starts > self.clerk.on),
            starts_on: (is_imposed || starts_on.is_some()).then_some(starts),
            ends_on: ends,
            moves: Vec::new(),
        }));
        Ok(())
    }

    /// Whether a measure follows the record, by its entry and its grade; the days between which it runs. A record that is
    /// not set right outlasts its last day, and then leaves a measure its own term.
    fn follows(&self, measure: &Measure) -> Result<(NaiveDate, Option<NaiveDate>), Refused> {
        let record = self.live()?;
        let code = &measure.code;
        let item = self.facts.item.as_ref();
        let is_named = item.is_some_and(|item| item.measures.contains(code));
        let mut tiers = record.tier.iter();
        if !is_named || !tiers.any(|tier| measure.tiers.contains(tier)) {
            let message = format!(
                "{code} 不适用于该行为及等级 / {code} follows neither this behaviour nor this grade"
            );
            return Err(Refused::new("MEASURE_NOT_LISTED", message).by(&measure.legal_basis));
        }
        let last = record.shown.maximum;
        let last = last.filter(|last| self.clerk.on <= *last);
        Ok((record.identified_on, last))
    }

    /// Whether a measure may be granted: an incentive, to who has no record that holds; from which day on.
    fn rewards(&self, measure: &Measure) -> Result<NaiveDate, Refused> {
        let code = &measure.code;
        let refused =
            |code, message: String| Err(Refused::new(code, message).by(&measure.legal_basis));
        if measure.scope != MeasureScope::Incentive {
            let message = format!("{code} 不是守信激励措施 / {code} is no incentive");
            return refused("NOT_INCENTIVE", message);
        }
        if self.facts.is_discredited {
            let message = "该单位有有效的失信记录 / a record about the body holds";
            return refused("LIVE_RECORD", message.to_owned());
        }
        if self.facts.granted.contains(code) {
            let message = format!("{code} 已在实施 / {code} is in place already");
            return refused("IMPOSED_BEFORE", message);
        }
        Ok(self.clerk.on)
    }

    /// Incentives that a record ends are over, once one about their body holds.
    pub(super) fn end_incentive(&mut self) -> Result<(), Refused> {
        let running = self.case.sanctions.iter();
        let running = running.filter(|one| !one.status.is_over());
        let ended = running.filter(|one| {
            let measure = self.rules.measure_of(one, self.facts.place);
            measure.is_some_and(|measure| measure.ends_with_record)
        });
        let ended: Vec<What> = ended
            .map(|sanction| What::SanctionMoved {
                sanction: sanction.id,
                status: SanctionStatus::Lifted,
                by_objection: false,
            })
            .collect();
        if ended.is_empty() || !self.facts.is_discredited {
            let message = "没有须终止的激励 / no incentive is to end";
            return Err(Refused::new("NO_SANCTION", message));
        }
        self.what.extend(ended);
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
        // Whoever suspended it: what an objection suspends does not run under one.
        let measure = self.rules.measure_of(known, self.facts.place);
        let stands_back = measure.is_some_and(|measure| measure.suspended_by_objection);
        let waits = known.by_objection || stands_back;
        if act == Act::ResumeSanction && waits && self.case.stands_back_for_objection() {
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
