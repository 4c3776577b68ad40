//! A body's assessment of a year.

use std::sync::Arc;

use domain::assess::{Campaign, Ranked, RulePack, Scored};
use tokio::sync::OnceCell;

use crate::store::Known;

use super::super::{ask::Ask, error::Result};

/// A body's assessment of a year: its score stands in the results, what it is made of is reckoned from what was
/// frozen when somebody asks.
pub(in super::super) struct Annual {
    pub campaign: Arc<Known<Campaign>>,
    pub body: Ranked,
    parts: OnceCell<Option<(RulePack, Scored)>>,
}

impl Annual {
    pub fn new(campaign: &Arc<Known<Campaign>>, body: Ranked) -> Self {
        Self {
            campaign: Arc::clone(campaign),
            body,
            parts: OnceCell::new(),
        }
    }

    /// The pack, and every part of the score.
    pub async fn parts(&self, ask: &Ask) -> Result<Option<&(RulePack, Scored)>> {
        let parts = self.parts.get_or_try_init(|| async {
            ask.note_loaded();
            let campaign = &self.campaign.fact;
            let assessing = ask.app.assessing();
            let pack = assessing.kept_pack(&campaign.pack[2]).await?;
            let corrections = match &campaign.results {
                Some(_) => {
                    let agency = self.body.agency;
                    assessing.corrections_of(self.campaign.id, agency).await?
                }
                None => Vec::new(),
            };
            let (set, uscc) = (campaign.inputs.set, &self.body.uscc);
            let scored = assessing
                .annual_score(set, uscc, &pack, campaign.on, &corrections)
                .await?;
            Result::Ok(scored.map(|scored| (pack, scored)))
        });
        Ok(parts.await?.as_ref())
    }
}
