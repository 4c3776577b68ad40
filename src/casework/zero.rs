//! Zero reports (零报告): which divisions owe one of a day.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use domain::{
    casework::{Workflow, ZeroReporting},
    credit_record::CreditRecordKind,
    division::DivisionCode,
};

use super::Casework;
use crate::graph::{Graph, View};

/// Divisions that are told at once.
pub const ZERO_REPORTS_DUE_MAX: usize = 400;

/// A division that says of a day what there was, or that there was nothing.
#[derive(Debug, Clone, Copy)]
pub struct ZeroReportDue<'a> {
    pub division: DivisionCode,
    /// How many things of the track were told of it and those below it that don't report themselves: cases that
    /// began on the day, and records of that day.
    pub told: usize,
    pub rule: &'a ZeroReporting,
}

impl Casework {
    /// The divisions whose cases the viewer sees and that owe a zero report of a day in a track, in the order of
    /// the tree; of all where `within` names none. What was told is counted whoever asks: nobody is said to have
    /// been silent because the viewer may not see what he said.
    pub fn zero_reports_due(
        &self,
        view: &View,
        workflow: &str,
        day: NaiveDate,
        within: Option<DivisionCode>,
    ) -> Vec<ZeroReportDue<'_>> {
        let (tree, graph) = (&self.catalogue.divisions, view.present());
        let mut told: HashMap<DivisionCode, usize> = HashMap::new();
        for place in self.told_on(graph, workflow, day) {
            let above = tree.ancestors(place).map(|division| division.code);
            let mut places = std::iter::once(place).chain(above);
            if let Some(reports) =
                places.find(|place| self.zero_rule(workflow, *place, day).is_some())
            {
                *told.entry(reports).or_default() += 1;
            }
        }
        // One area may lie within another.
        let areas = view.viewer().divisions.iter();
        let areas = areas.filter_map(|code| tree.subtree(*code)).flatten();
        let places: BTreeSet<usize> = areas.collect();
        let divisions = places.into_iter().map(|place| tree.at(place));
        let divisions = divisions.filter(|division| {
            within.is_none_or(|within| tree.contains(within, division.code))
                && view.sees_cases_in(division.code)
        });
        let owing = divisions.filter_map(|division| {
            Some(ZeroReportDue {
                division: division.code,
                told: told.get(&division.code).copied().unwrap_or(0),
                rule: self.zero_rule(workflow, division.code, day)?,
            })
        });
        owing.take(ZERO_REPORTS_DUE_MAX).collect()
    }

    /// By what a division owes a zero report of a day in a track, where it does.
    fn zero_rule(
        &self,
        workflow: &str,
        division: DivisionCode,
        day: NaiveDate,
    ) -> Option<&ZeroReporting> {
        let mut windows = self.zero_windows(workflow, division, day)?;
        windows.find(|window| window.holds(day))
    }

    /// By what a division says of a day that there was nothing: on days on which it owes it and, as it likes, on
    /// others; where it owes it on some.
    pub fn zero_reporting(
        &self,
        workflow: &str,
        division: DivisionCode,
        day: NaiveDate,
    ) -> Option<&ZeroReporting> {
        let owed = self.zero_rule(workflow, division, day);
        owed.or_else(|| self.zero_windows(workflow, division, day)?.next())
    }

    fn zero_windows(
        &self,
        workflow: &str,
        division: DivisionCode,
        day: NaiveDate,
    ) -> Option<impl Iterator<Item = &ZeroReporting>> {
        let tree = &self.catalogue.divisions;
        let known = tree.get(division).filter(|known| known.is_in_force(day))?;
        let is_meant = |track: &Workflow| track.key == workflow;
        let casework = &self.catalogue.casework;
        let track = casework.workflow_for(is_meant, day, Some(division), tree)?;
        Some(track.zero_reporting_of(known.level))
    }

    /// Where each thing lies that was told of a day in a track.
    fn told_on<'a>(
        &'a self,
        graph: &'a Graph,
        workflow: &'a str,
        day: NaiveDate,
    ) -> impl Iterator<Item = DivisionCode> + 'a {
        let cases = graph.cases_begun_on(day);
        let cases = cases.filter(move |case| case.fact.workflow == workflow);
        // Whose record is of the day was told, though nobody has dealt with it yet.
        let tracks = self.catalogue.casework.workflows.iter();
        let tracks = tracks.filter(move |track| track.key == workflow);
        let kinds: Vec<CreditRecordKind> = tracks.flat_map(|track| track.kinds.clone()).collect();
        let records = graph.records_of(day);
        let records = records.filter(move |record| kinds.contains(&record.fact.fact.kind));
        let bodies = records.filter_map(|record| record.fact.fact.subject.agency());
        let bodies = bodies.filter_map(|body| Some(graph.agency(body)?.fact.division));
        cases
            .filter_map(|case| graph.place_of(&case.fact))
            .chain(bodies)
    }
}
