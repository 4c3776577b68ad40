//! Replaying: an assessment is reckoned anew from what was frozen and by the pack that is named by its digest,
//! and the bytes are compared.

use domain::assess::{Campaign, EVALUATION_VERSION, Sealed};
use serde::Serialize;

use super::{
    super::{Assessing, Error},
    reckon::Reckoned,
};

/// What was kept, and what comes of it anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Replayed {
    pub year: i32,
    pub division: String,
    pub bodies: usize,
    /// The pack's digest.
    pub pack: String,
    /// The evaluation by which it was made, and the one that replays it.
    pub evaluation: [u32; 2],
    /// The one by which it was confirmed, where it is another.
    pub confirmed_evaluation: Option<u32>,
    /// Each with the digest that was kept and the one that came of it.
    pub inputs: [String; 2],
    pub preliminary: [String; 2],
    /// None before it is confirmed.
    pub results: Option<[String; 2]>,
    /// Whether the rows that are read are what comes of it.
    pub rows_agree: bool,
    /// Whether all agrees.
    pub agrees: bool,
}

impl Assessing {
    /// Replays an assessment. Nothing is written, and nothing of today is read but the program itself.
    pub async fn replay_annual(&self, campaign: &Campaign) -> Result<Replayed, Error> {
        let pack = self.kept_pack(&campaign.pack[2]).await?;
        let set = campaign.inputs.set;
        let on = campaign.on;
        let first = self.reckon(set, &pack, on, &Default::default()).await?;
        let mut rows_agree = self.rows_are(&campaign.preliminary, &first).await?;
        let results = match &campaign.results {
            None => None,
            Some(sealed) => {
                let number = campaign.number();
                let corrections = self.store.annual_corrections(number, None).await?;
                let second = self.reckon(set, &pack, on, &corrections).await?;
                rows_agree &= self.rows_are(sealed, &second).await?;
                Some([sealed.digest.clone(), second.results_digest])
            }
        };
        let inputs = [campaign.inputs.digest.clone(), first.inputs_digest];
        let preliminary = [campaign.preliminary.digest.clone(), first.results_digest];
        let same = |pair: &[String; 2]| pair[0] == pair[1];
        Ok(Replayed {
            year: campaign.year,
            division: campaign.division.to_string(),
            bodies: first.ranked.len(),
            pack: campaign.pack[2].clone(),
            evaluation: [campaign.evaluation, EVALUATION_VERSION],
            confirmed_evaluation: campaign.confirmed_evaluation,
            agrees: rows_agree
                && same(&inputs)
                && same(&preliminary)
                && results.as_ref().is_none_or(same),
            inputs,
            preliminary,
            results,
            rows_agree,
        })
    }

    async fn rows_are(&self, sealed: &Sealed, found: &Reckoned) -> Result<bool, Error> {
        Ok(self.store.annual_results(sealed.set).await? == found.ranked)
    }
}
