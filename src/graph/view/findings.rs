//! What a check tells of whom it found, wherever he belongs: these rows, and nothing that lies behind them.

use std::sync::Arc;

use chrono::NaiveDate;
use domain::{
    access::{RowRule, RowRules},
    uscc::Uscc,
};

use super::View;

/// Rows that are told beside those that the viewer sees, by their numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    pub bodies: Vec<i64>,
    pub official: Option<i64>,
    pub records: Vec<i64>,
    pub sanctions: Vec<i64>,
}

impl View {
    /// What a check tells through: what the asker sees of bodies, records and cases, and these rows.
    pub fn finding(&self, findings: Findings) -> Self {
        Self {
            findings: Some(Arc::new(findings)),
            ..self.under(RowRules {
                mention: RowRule::Nothing,
                clue: RowRule::Nothing,
                indicator: RowRule::Nothing,
                assessment: RowRule::Nothing,
                official: RowRule::Nothing,
                ..self.rules
            })
        }
    }

    /// The same, as it was told on a day.
    pub fn on(&self, day: NaiveDate) -> Self {
        Self {
            today: day,
            ..self.under(self.rules)
        }
    }

    /// Numbers of the bodies with these codes, for who was told of them before.
    pub fn bodies_with<'a>(&self, codes: impl Iterator<Item = &'a Uscc>) -> Vec<i64> {
        let rows = codes.filter_map(|code| self.graph.agency_by_uscc.get(code));
        let bodies = rows.filter_map(|row| self.graph.agencies.get(*row));
        bodies.map(|agency| agency.id).collect()
    }

    pub(super) fn finds_body(&self, row: u32) -> bool {
        self.is_among(|found| {
            let agency = self.graph.agencies.get(row);
            agency.is_some_and(|agency| found.bodies.contains(&agency.id))
        })
    }

    pub(super) fn finds_official(&self, number: i64) -> bool {
        self.is_among(|found| found.official == Some(number))
    }

    pub(super) fn finds_record(&self, id: i64) -> bool {
        self.is_among(|found| found.records.contains(&id))
    }

    pub(super) fn finds_sanction(&self, id: i64) -> bool {
        self.is_among(|found| found.sanctions.contains(&id))
    }

    fn is_among(&self, is_told: impl Fn(&Findings) -> bool) -> bool {
        self.findings.as_deref().is_some_and(is_told)
    }
}
