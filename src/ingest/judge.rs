//! Judging a delivery that was read to its end: what it withdraws, and whether a person has to let it
//! in.

use crate::{
    catalogue::Source,
    failpoint,
    store::{self, Delivery, NewRun},
};

use domain::run::RunState;

use super::{From, Ingest, Order, StageError, Tally, ended, reading::DeliveryRead};

/// How a delivery that was read to its end is to be ended.
pub(super) enum Verdict {
    Close {
        covers: Vec<String>,
        warnings: Vec<String>,
    },
    TakeBack {
        state: RunState,
        message: String,
        warnings: Vec<String>,
    },
}

impl Ingest {
    /// Withdraws what a complete, full, newest delivery lacks, and holds one that is out of bounds.
    pub(super) async fn judge(
        &self,
        source: &Source,
        order: &Order,
        new: &NewRun,
        delivery: &mut Delivery,
        tally: &mut Tally,
        mut read: DeliveryRead,
    ) -> Result<Verdict, StageError> {
        failpoint::hit("judge").await.map_err(store::Error::from)?;
        let bounds = &source.bounds;
        // What a delivery that is in said of ends was let in with it.
        let is_approved = match order.from {
            From::Approved(_) => true,
            From::Reread(_) => order.partial,
            _ => false,
        };
        let run = delivery.run_id;
        let hold = |message: String, warnings: Vec<String>| {
            let message = if order.dry_run {
                format!("{message}: it would be held")
            } else {
                format!("{message}: held; let it in with --approve {run}")
            };
            Verdict::TakeBack {
                state: RunState::Held,
                message,
                warnings,
            }
        };
        let mut kinds: Vec<String> = read.yields.iter().map(|kind| (*kind).to_owned()).collect();
        let (mut covers, mut missing) = (Vec::new(), Vec::new());
        if new.is_full {
            covers = self.covered(new, &read).await?;
            kinds.clone_from(&covers);
            if let Some(before) = self.rows_before(new, &covers).await? {
                let now = tally.counts.received;
                let too_few = (now as f64) < bounds.rows_min_share * before as f64;
                if !is_approved && too_few && before - now > bounds.slack_rows {
                    let message = format!("{now} rows, the last full delivery had {before}");
                    return Ok(hold(message, read.warnings));
                }
            }
            let mut is_newest = true;
            for kind in &covers {
                is_newest &= delivery.newer_full(kind).await?.is_none();
            }
            if tally.keyless > 0 {
                covers.clear();
                read.warnings.push(format!(
                    "nothing was withdrawn: {} rejected rows have no key that tells them apart",
                    tally.keyless
                ));
            } else if !is_newest {
                read.warnings
                    .push("nothing was withdrawn: a newer full delivery is in".to_owned());
            } else {
                missing = delivery.list_missing(&covers, &tally.seen).await?;
            }
        }
        // What the delivery lacks, what its rows say is listed no longer, and what they only allege by
        // now are measured together, and against what was listed before: however many rows are new,
        // they make up for none that goes.
        let missed = missing.len() as i64;
        let going = missed + tally.counts.withdrawn + delivery.disputed() as i64;
        if !is_approved && going > bounds.slack_rows {
            let listed = delivery.count_listed_before(&kinds).await?;
            if going as f64 > bounds.withdrawn_max_share * listed as f64 {
                let how = match (missed == going, tally.counts.withdrawn == going) {
                    (true, _) => "missing",
                    (_, true) => "ended",
                    _ => "missing, ended or established no more",
                };
                let message = format!("{going} of {listed} listed rows are {how}");
                return Ok(hold(message, read.warnings));
            }
        }
        tally.counts.withdrawn += missed;
        delivery.withdraw(&missing).await?;
        if order.dry_run {
            let message = "it would go in".to_owned();
            let state = ended(&tally.counts);
            return Ok(Verdict::TakeBack {
                state,
                message,
                warnings: read.warnings,
            });
        }
        Ok(Verdict::Close {
            covers,
            warnings: read.warnings,
        })
    }

    /// The kinds of facts that a full delivery tells all of; one without any row tells that there
    /// is nothing of any kind.
    async fn covered(
        &self,
        new: &NewRun,
        read: &DeliveryRead,
    ) -> Result<Vec<String>, store::Error> {
        if read.yields.is_empty() {
            return self.store.list_yields(&new.source, &new.feed).await;
        }
        Ok(read.yields.iter().map(|kind| (*kind).to_owned()).collect())
    }

    /// How many rows the last full delivery of the same kinds of facts had.
    async fn rows_before(
        &self,
        new: &NewRun,
        covers: &[String],
    ) -> Result<Option<i64>, store::Error> {
        let Some(kind) = covers.first() else {
            return Ok(None);
        };
        let last = self
            .store
            .newest_full_run(&new.source, &new.feed, kind)
            .await?;
        // One of other kinds besides is no measure.
        let same = last.filter(|last| last.covers.iter().all(|kind| covers.contains(kind)));
        Ok(same.map(|last| last.counts.received))
    }
}
