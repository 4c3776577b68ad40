//! A body's assessment of a year.

use std::sync::Arc;

use domain::assess::{Campaign, Ranked, RulePack, Scored};
use tokio::sync::OnceCell;

use crate::store::Known;

use super::super::{
    ask::Ask,
    error::{ApiError, Code, Result},
};

const OTHER_EVALUATION: &str = "it was reckoned by an evaluation that this program does not have, so what it is made of can't be told / 由其他计算版本得出，本程序无法给出明细";

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

    /// The same, as long as they make up what stands: another evaluation may come to another score, and explains nothing.
    pub async fn explained(&self, ask: &Ask) -> Result<Option<&(RulePack, Scored)>> {
        let parts = self.parts(ask).await?;
        let is_it =
            |scored: &Scored| (scored.score, &scored.grade) == (self.body.score, &self.body.grade);
        match parts {
            Some((_, scored)) if !is_it(scored) => Err(ApiError {
                reason: Some("OTHER_EVALUATION"),
                ..ApiError::new(Code::Unavailable, OTHER_EVALUATION)
            }),
            parts => Ok(parts),
        }
    }
}
