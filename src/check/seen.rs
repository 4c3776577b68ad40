//! Where an answer's things stand in the graph.

use std::sync::Arc;

use domain::{
    resolution::{Candidate, Outcome, Resolution},
    uscc::Uscc,
};

use crate::graph::{Checked, Findings, View};

use super::{Answer, Body, RecordLine, SanctionLine};

/// An answer's things in a view that shows them.
#[derive(Debug, Clone)]
pub struct Seen {
    pub view: Arc<View>,
    pub resolution: Resolution,
    /// Rows of the official, the records, the measures and the inherited ones.
    pub official: Option<u32>,
    pub records: Vec<u32>,
    pub sanctions: Vec<u32>,
    pub inherited: Vec<u32>,
    pub inherited_sanctions: Vec<u32>,
}

impl From<Checked> for Seen {
    fn from(checked: Checked) -> Self {
        let official = checked.official;
        Self {
            official: official.and_then(|number| checked.view.official_row(number)),
            view: checked.view,
            resolution: checked.resolution,
            records: checked.records,
            sanctions: checked.sanctions,
            inherited: checked.inherited.iter().map(|one| one.row).collect(),
            inherited_sanctions: checked
                .inherited_sanctions
                .iter()
                .map(|one| one.row)
                .collect(),
        }
    }
}

impl Answer {
    /// The same answer's things in the version that it was told of.
    pub fn recall(&self, view: &View, official: Option<i64>) -> Seen {
        let told = &self.resolution;
        let inherited = self.inherited.iter().map(|line| &line.record);
        let records = self.records.iter().chain(inherited);
        let bodies = told.candidates.iter().map(|choice| &choice.agency);
        let bodies = bodies.chain(&told.agency);
        let bodies = bodies.chain(self.predecessors());
        let inherited = self.inherited_sanctions.iter().map(|line| &line.sanction);
        let sanctions = self.sanctions.iter().chain(inherited);
        let codes: Vec<Uscc> = bodies.filter_map(|body| body.uscc.parse().ok()).collect();
        let view = Arc::new(view.finding(Findings {
            bodies: view.bodies_with(codes.iter()),
            official,
            records: records.filter_map(|line| line.id.parse().ok()).collect(),
            sanctions: sanctions.filter_map(|line| line.id.parse().ok()).collect(),
        }));
        let id = |body: &Body| {
            view.bodies_with(body.uscc.parse().ok().iter())
                .first()
                .copied()
        };
        let candidates = told.candidates.iter().filter_map(|choice| {
            Some(Candidate {
                agency: id(&choice.agency)?,
                score: choice.score,
                reason: choice.reason.clone(),
            })
        });
        let resolution = Resolution {
            outcome: told.outcome.parse().unwrap_or(Outcome::None),
            agency: told.agency.as_ref().and_then(id),
            score: told.score,
            steps: told.steps.clone(),
            candidates: candidates.collect(),
        };
        let record = |line: &RecordLine| view.record_row(line.id.parse().ok()?);
        let sanction = |line: &SanctionLine| view.sanction_row(line.id.parse().ok()?);
        Seen {
            official: official.and_then(|number| view.official_row(number)),
            records: self.records.iter().filter_map(record).collect(),
            sanctions: self.sanctions.iter().filter_map(sanction).collect(),
            inherited: self
                .inherited
                .iter()
                .filter_map(|line| record(&line.record))
                .collect(),
            inherited_sanctions: self
                .inherited_sanctions
                .iter()
                .filter_map(|line| sanction(&line.sanction))
                .collect(),
            resolution,
            view: Arc::clone(&view),
        }
    }
}
