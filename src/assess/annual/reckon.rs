//! Scoring from frozen inputs: the one way by which an assessment is scored, confirmed and replayed.

use std::{
    collections::HashMap,
    num::NonZero,
    sync::Arc,
    thread::{self, available_parallelism},
};

use chrono::NaiveDate;
use domain::assess::{
    Correction, FrozenBody, LineDigest, Ranked, RulePack, Scored, rank, results_digest, unranked,
};
use sha2::{Digest, Sha256};

use crate::{
    catalogue::kept_pack,
    store::{Error as StoreError, frozen},
};

use super::super::{Assessing, Error};

/// Rows of frozen bodies that are scored at once.
const ROWS_AT_ONCE: i64 = 16;

/// What came of it.
#[derive(Debug)]
pub(super) struct Reckoned {
    pub inputs_digest: String,
    pub results_digest: String,
    /// In the order of their places.
    pub ranked: Vec<Ranked>,
}

pub(super) type Corrections = HashMap<String, Vec<Correction>>;

impl Assessing {
    /// Scores all bodies of a set of frozen inputs.
    pub(super) async fn reckon(
        &self,
        set: i64,
        pack: &RulePack,
        on: NaiveDate,
        corrections: &Corrections,
    ) -> Result<Reckoned, Error> {
        let (pack, corrections) = (Arc::new(pack.clone()), Arc::new(corrections.clone()));
        let (mut inputs, mut scores) = (LineDigest::default(), LineDigest::default());
        let mut ranked = Vec::new();
        let mut row = 0;
        loop {
            let mut lines = Vec::new();
            let upto = row + ROWS_AT_ONCE;
            while row < upto
                && let Some(more) = self.store.annual_inputs(set, row).await?
            {
                lines.extend(more);
                row += 1;
            }
            lines.iter().for_each(|line| inputs.add(line));
            let is_last = row < upto;
            let (pack, corrections) = (Arc::clone(&pack), Arc::clone(&corrections));
            let scored = move || score_lines(set, &lines, &pack, on, &corrections);
            let scored = tokio::task::spawn_blocking(scored).await;
            for (line, body) in scored.expect("scoring does not panic")? {
                scores.add(&line);
                ranked.push(body);
            }
            if is_last {
                break;
            }
        }
        rank(&mut ranked);
        Ok(Reckoned {
            inputs_digest: inputs.finish(),
            results_digest: results_digest(scores, &ranked),
            ranked,
        })
    }

    /// A pack as it was when an assessment was made by it.
    pub async fn kept_pack(&self, digest: &str) -> Result<RulePack, Error> {
        let mut packs = self.catalogue.assess.packs.iter();
        if let Some(pack) = packs.find(|pack| pack.digest == digest) {
            return Ok(pack.clone());
        }
        let text = self
            .store
            .annual_pack(digest)
            .await?
            .ok_or(Error::PackLost)?;
        if crate::hex(&Sha256::digest(&text)) != digest {
            return Err(Error::PackLost);
        }
        kept_pack(&text).map_err(|_| Error::PackLost)
    }

    /// What an assessment makes of one body, from what was frozen of it.
    pub async fn annual_score(
        &self,
        set: i64,
        uscc: &str,
        pack: &RulePack,
        on: NaiveDate,
        corrections: &[Correction],
    ) -> Result<Option<Scored>, Error> {
        let body = self.store.annual_body(set, uscc).await?;
        let body = body.map(|body| body.corrected(corrections));
        Ok(body.map(|body| pack.evaluate(&body.thaw().facts(), on)))
    }
}

/// Lines of scores in the order of the bodies, on all cores.
fn score_lines(
    set: i64,
    lines: &[String],
    pack: &RulePack,
    on: NaiveDate,
    corrections: &Corrections,
) -> Result<Vec<(String, Ranked)>, StoreError> {
    let cores = available_parallelism().map_or(1, NonZero::get);
    let share = lines.len().div_ceil(cores).max(1);
    let one = |line: &String| -> Result<_, StoreError> {
        let body = frozen(set, line)?;
        Ok(score(&body, pack, on, corrections))
    };
    thread::scope(|scope| {
        let parts: Vec<_> = lines
            .chunks(share)
            .map(|part| scope.spawn(move || part.iter().map(one).collect::<Result<Vec<_>, _>>()))
            .collect();
        let mut all = Vec::with_capacity(lines.len());
        for part in parts {
            all.append(&mut part.join().expect("scoring does not panic")?);
        }
        Ok(all)
    })
}

fn score(
    body: &FrozenBody,
    pack: &RulePack,
    on: NaiveDate,
    corrections: &Corrections,
) -> (String, Ranked) {
    let corrections = corrections.get(&body.uscc);
    let scored = match corrections {
        Some(corrections) => {
            let body = body.corrected(corrections);
            pack.evaluate(&body.thaw().facts(), on)
        }
        None => pack.evaluate(&body.thaw().facts(), on),
    };
    let line = serde_json::to_string(&(&body.uscc, &scored)).expect("a score is plain data");
    (line, unranked(body, &scored))
}
