//! The prewarning that went before a listing (府院联动).

use chrono::{Days, NaiveDate};
use domain::{
    calendar::Due,
    casework::{Case, DeadlineRule, StepRule},
    credit_record::{CreditRecord, CreditRecordStatus},
    division::DivisionCode,
};

use super::Casework;
use crate::graph::{Graph, View};

/// Days before a listing in which a prewarning that names no other case is taken for the one before it.
const BEFORE_MAX: Days = Days::new(366);

/// A listing, as it is held against the prewarning before it.
#[derive(Debug, Clone, Copy)]
pub struct Prewarned {
    /// The row of the prewarning's case, where there was one.
    pub case: Option<u32>,
    /// Whether its term was over before the body was listed; none where it is counted without the year's calendar.
    pub in_time: Option<bool>,
}

impl Casework {
    /// How a record stands to the body's last prewarning before it, as far as the viewer sees it; none where such
    /// records are not told beforehand: by the rules of the day and the place, and to bodies alone.
    pub fn prewarned(&self, view: &View, record: &CreditRecord) -> Option<Prewarned> {
        let body = record.subject.agency()?;
        let listed_on = record.identified_on;
        let place = view.present().agency(body).map(|body| body.fact.division);
        let mut tracks = self.catalogue.casework.workflows.iter();
        tracks.find_map(|track| {
            let is_its = track.kinds.contains(&record.kind);
            self.prewarning_rule(track.prewarns().filter(|_| is_its)?, listed_on, place)
        })?;
        let since = listed_on
            .checked_sub_days(BEFORE_MAX)
            .unwrap_or(NaiveDate::MIN);
        let rows = view.cases_about_body(body).into_iter();
        let last = rows.filter_map(|row| {
            let case = &view.case_at(row)?.fact;
            let rule = self.prewarning_of(case, record, place)?;
            let is_before = since <= case.opened_on && case.opened_on <= listed_on;
            let names_it = case.case_number.is_some() && case.case_number == record.case_number;
            is_before.then_some(((names_it, case.opened_on, row), rule))
        });
        let last = last.max_by_key(|(rank, _)| *rank);
        let due = last.map(|((_, on, _), rule)| rule.due(&self.catalogue.calendar, on));
        Some(Prewarned {
            case: last.map(|((.., row), _)| row),
            in_time: match due {
                None => Some(false),
                Some(Due::Firm(day)) => Some(day < listed_on),
                Some(_) => None,
            },
        })
    }

    /// Whether a case told a body beforehand of a listing that came: one that holds, from the case's first day on.
    pub(super) fn was_listed_after(&self, graph: &Graph, case: &Case) -> bool {
        let Some(body) = case.about.agency else {
            return false;
        };
        let place = graph.place_of(case);
        let mut records = graph.records_about(body);
        records.any(|record| {
            let record = &record.fact.fact;
            record.status == CreditRecordStatus::Active
                && record.identified_on >= case.opened_on
                && self.prewarning_of(case, record, place).is_some()
        })
    }

    /// The rule of the period by which a case tells a body beforehand of such a record; none of another case.
    fn prewarning_of(
        &self,
        case: &Case,
        record: &CreditRecord,
        place: Option<DivisionCode>,
    ) -> Option<&DeadlineRule> {
        let casework = &self.catalogue.casework;
        let track = casework.workflow(&case.workflow, &case.workflow_version)?;
        let step = track
            .prewarns()
            .filter(|_| track.kinds.contains(&record.kind))?;
        // One that names the number of another case is about that.
        let numbers = case.case_number.as_ref().zip(record.case_number.as_ref());
        let is_other = numbers.is_some_and(|(told, listed)| told != listed);
        let is_its = case.about.regarding.is_none() && !is_other;
        self.prewarning_rule(step, case.opened_on, place)
            .filter(|_| is_its)
    }

    fn prewarning_rule(
        &self,
        step: &StepRule,
        on: NaiveDate,
        place: Option<DivisionCode>,
    ) -> Option<&DeadlineRule> {
        let (casework, tree) = (&self.catalogue.casework, &self.catalogue.divisions);
        casework
            .deadlines
            .rule(step.starts.as_deref()?, on, place, tree)
    }
}
