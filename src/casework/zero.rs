//! Zero reports (零报告): which divisions owe one of a day.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use domain::{
    casework::{Workflow, ZeroReporting},
    division::DivisionCode,
};

use super::Casework;
use crate::graph::View;

/// Divisions that are told at once.
pub const ZERO_REPORTS_DUE_MAX: usize = 400;

/// A division that says of a day what there was, or that there was nothing.
#[derive(Debug, Clone, Copy)]
pub struct ZeroReportDue<'a> {
    pub division: DivisionCode,
    /// How many of its bodies' cases in the track began on the day, as far as the viewer sees them.
    pub cases: usize,
    pub rule: &'a ZeroReporting,
}

impl Casework {
    /// The divisions in the viewer's areas that owe a zero report of a day in a track, in the order of the
    /// tree; of all where `within` names none.
    pub fn zero_reports_due(
        &self,
        view: &View,
        workflow: &str,
        day: NaiveDate,
        within: Option<DivisionCode>,
    ) -> Vec<ZeroReportDue<'_>> {
        let (tree, casework) = (&self.catalogue.divisions, &self.catalogue.casework);
        let mut begun: HashMap<DivisionCode, usize> = HashMap::new();
        for case in view.cases_begun_on(day) {
            if case.fact.workflow == workflow
                && let Some(place) = view.present().place_of(&case.fact)
            {
                *begun.entry(place).or_default() += 1;
            }
        }
        // One area may lie within another.
        let areas = view.viewer().divisions.iter();
        let areas = areas.filter_map(|code| tree.subtree(*code)).flatten();
        let places: BTreeSet<usize> = areas.collect();
        let divisions = places.into_iter().map(|place| tree.at(place));
        let divisions = divisions.filter(|division| {
            within.is_none_or(|within| tree.contains(within, division.code))
                && division.is_in_force(day)
        });
        let owing = divisions.filter_map(|division| {
            let is_meant = |known: &Workflow| known.key == workflow;
            let track = casework.workflow_for(is_meant, day, Some(division.code), tree)?;
            Some(ZeroReportDue {
                division: division.code,
                cases: begun.get(&division.code).copied().unwrap_or(0),
                rule: track.zero_reporting(division.level, day)?,
            })
        });
        owing.take(ZERO_REPORTS_DUE_MAX).collect()
    }
}
