//! What a third party tells of a body or a division.

use domain::{assess::beside, assessment::AssessmentLine};

use crate::graph::{SeenAssessment, View};

use super::super::{ask::Ask, beside::AssessmentComparison};

/// An assessment on a scale of its own, put together of its lines.
pub(super) struct Told {
    pub seen: SeenAssessment,
    /// What all its lines have in common.
    pub common: AssessmentLine,
}

impl Told {
    /// The one in this row, if the viewer may know it.
    pub fn at(view: &View, row: u32) -> Option<Self> {
        let seen = view.assessment_at(row)?;
        Some(Self {
            common: seen.common()?.clone(),
            seen,
        })
    }

    pub fn lines(&self) -> impl Iterator<Item = &AssessmentLine> {
        self.seen.lines.iter().map(|line| &line.fact.fact)
    }

    /// The line of the whole, where one is given.
    pub fn whole(&self) -> Option<&AssessmentLine> {
        self.lines().next().filter(|line| line.indicator.is_none())
    }

    /// Its lines beside our score of the same body by a pack, or the default one, as of the last day of the same
    /// period; none where we have no score.
    pub fn beside_ours(
        &self,
        ask: &Ask,
        view: &View,
        pack: Option<&str>,
    ) -> Option<Vec<AssessmentComparison>> {
        let assess = &ask.app.catalogue.assess;
        let on = self.common.period_to;
        // As in an annual assessment: a period may be older than the pack.
        let pack = assess
            .pack(pack, on)
            .or_else(|| assess.pack(pack, view.day()))?;
        let row = view.agency_row_by_uscc(&self.common.uscc?)?;
        let scored = pack.evaluate(&view.facts(row)?, on);
        let theirs: Vec<_> = self.lines().collect();
        let lines = beside(&theirs, pack, &scored, &assess.answering).into_iter();
        let lines = lines.map(|line| AssessmentComparison::of(pack, line));
        Some(lines.collect())
    }
}
