//! What a third party tells of a body or a division.

use chrono::Datelike;
use domain::{
    assess::{Campaign, Scored, beside, mean},
    assessment::AssessmentLine,
};

use crate::{
    catalogue::is_named,
    graph::{SeenAssessment, View},
};

use super::super::{ask::Ask, beside::AssessmentComparison, error::Result};

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

    /// Of a division: its lines beside the mean score of those bodies that the viewer may know in the division's own
    /// annual assessment, where that was made of the same last day and by this pack, if one is named.
    pub async fn beside_a_year(
        &self,
        ask: &Ask,
        view: &View,
        pack: Option<&str>,
    ) -> Result<Option<Vec<AssessmentComparison>>> {
        let on = self.common.period_to;
        let division = self.common.division.filter(|_| self.common.uscc.is_none());
        let campaign = division.and_then(|division| {
            let row = view.campaign_row(Campaign::number_of(on.year(), division))?;
            view.campaign_at(row)
        });
        let is_meant = |campaign: &Campaign| {
            let [key, version, _] = &campaign.pack;
            campaign.on == on && pack.is_none_or(|name| is_named(name, key, version))
        };
        let Some(campaign) = campaign.filter(|known| is_meant(&known.fact)) else {
            return Ok(None);
        };
        ask.note_loaded();
        let assessing = ask.app.assessing();
        let results = assessing.results(campaign.fact.standing().set).await?;
        let Some(score) = mean(view.seen_results(&results)) else {
            return Ok(None);
        };
        let pack = assessing.kept_pack(&campaign.fact.pack[2]).await?;
        // Which heading a division's bodies earned what below is told of each by itself.
        let scored = Scored {
            score,
            grade: String::new(),
            vetoes: Vec::new(),
            contributions: Vec::new(),
        };
        let theirs: Vec<_> = self.lines().collect();
        let lines = beside(&theirs, &pack, &scored, &[]).into_iter();
        let lines = lines.map(|line| AssessmentComparison::of(&pack, line));
        Ok(Some(lines.collect()))
    }
}
