//! The prewarning that went before a listing (府院联动).

use domain::{calendar::Due, credit_record::CreditRecord};

use super::Casework;
use crate::graph::View;

/// A prewarning, as it is held against the listing after it.
#[derive(Debug, Clone, Copy)]
pub struct Prewarning {
    /// The row of its case.
    pub case: u32,
    /// Whether its term was over before the body was listed; none where it is counted without the year's calendar,
    /// or no rule gives a term.
    pub was_in_time: Option<bool>,
}

impl Casework {
    /// Whether bodies are told before they get a record of this kind.
    pub fn prewarns_of(&self, record: &CreditRecord) -> bool {
        let mut tracks = self.catalogue.casework.workflows.iter();
        tracks.any(|track| track.kinds.contains(&record.kind) && track.prewarns().is_some())
    }

    /// The last prewarning of a record's body before the record, as far as the viewer sees it.
    pub fn prewarning(&self, view: &View, record: &CreditRecord) -> Option<Prewarning> {
        let (casework, tree) = (&self.catalogue.casework, &self.catalogue.divisions);
        let body = record.subject.agency()?;
        let listed_on = record.identified_on;
        let prewarned = view.cases_about_body(body).into_iter().filter_map(|row| {
            let case = &view.case_at(row)?.fact;
            let track = casework.workflow(&case.workflow, &case.workflow_version)?;
            let step = track.prewarns()?;
            let is_before = case.about.regarding.is_none() && case.opened_on <= listed_on;
            (is_before && track.kinds.contains(&record.kind)).then_some((case.opened_on, row, step))
        });
        let (told_on, case, step) = prewarned.max_by_key(|(on, row, _)| (*on, *row))?;
        let place = view.present().agency(body).map(|body| body.fact.division);
        let key = step.starts.as_deref();
        let rule = key.and_then(|key| casework.deadlines.rule(key, told_on, place, tree));
        let due = rule.map(|rule| rule.due(&self.catalogue.calendar, told_on));
        let was_in_time = match due {
            Some(Due::Firm(last)) => Some(last < listed_on),
            _ => None,
        };
        Some(Prewarning { case, was_in_time })
    }
}
