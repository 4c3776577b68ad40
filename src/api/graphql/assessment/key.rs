//! What an assessment is called by in its id: the number of what was told; or body, pack and day, and behind a tilde
//! the records that are thought repaired; or `y`, campaign and body.

use std::sync::Arc;

use chrono::NaiveDate;

use crate::graph::View;

use super::{
    super::{annual, ask::Ask, error::Result},
    Assessment, Made,
    score::{Score, THOUGHT_REPAIRED_MAX},
};

impl Assessment {
    pub(super) fn key(&self) -> String {
        match &self.made {
            Made::Told(told) => told.seen.number.to_string(),
            Made::Annual(annual) => format!("y{}-{}", annual.campaign.id, annual.body.agency),
            Made::Scored(score) => {
                let agency = self.view.agency_at(score.row).map_or(0, |agency| agency.id);
                let mut key = format!("{agency}-{}-{}", score.pack_name(), score.on);
                // What would be is another thing than what is.
                for (at, record) in score.repaired.iter().enumerate() {
                    key.push(if at == 0 { '~' } else { '.' });
                    key.push_str(&record.to_string());
                }
                key
            }
        }
    }

    /// The one with this key, if the viewer may know it.
    pub(in crate::api::graphql) async fn find(
        ask: &Ask,
        view: &Arc<View>,
        key: &str,
    ) -> Result<Option<Self>> {
        match key.strip_prefix('y') {
            Some(key) => {
                let found = annual::ranked(ask, view, key).await?;
                Ok(found.map(|(campaign, body)| Self::annual(view, &campaign, body)))
            }
            None => Ok(Self::find_other(ask, view, key)),
        }
    }

    fn find_other(ask: &Ask, view: &Arc<View>, key: &str) -> Option<Self> {
        let (key, repaired) = match key.split_once('~') {
            Some((key, repaired)) => (key, Some(repaired)),
            None => (key, None),
        };
        let number = |text: &str| text.parse::<i64>().ok().filter(|n| n.to_string() == text);
        let mut parts = key.splitn(3, '-');
        let first = number(parts.next()?)?;
        let (Some(pack), Some(day)) = (parts.next(), parts.next()) else {
            return Self::at(
                view,
                view.assessment_row(first).filter(|_| repaired.is_none())?,
            );
        };
        let day = day
            .parse::<NaiveDate>()
            .ok()
            .filter(|on| on.to_string() == day)?;
        let repaired = repaired.into_iter().flat_map(|text| text.split('.'));
        let repaired = repaired.take(THOUGHT_REPAIRED_MAX).filter_map(number);
        let repaired = repaired
            .filter(|id| view.record_row(*id).is_some())
            .collect();
        let row = view.agency_row(first)?;
        let score = Score::reckon(ask, view, row, Some(pack), day, repaired)?;
        Some(Self::scored(view, score))
    }
}
