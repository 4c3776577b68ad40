//! Bringing a delivery in: land the bytes, read strictly, identify, stage, and close it as a whole.
//! A delivery that can't be read, or lies outside its source's bounds, leaves nothing but its run
//! and its raw bytes; one that is repeated, split or interrupted ends in the same state.

mod identify;
mod landing;
mod order;
mod reading;
mod row;

use std::{collections::HashSet, sync::Arc};

use domain::run::{RunCounts, RunState};
use tokio::sync::mpsc;

use crate::{
    catalogue::{Catalogue, Source},
    clock::Clock,
    egress::Egress,
    failpoint,
    graph::Live,
    sources::{LandError, Landed, RawStore},
    store::{self, Delivery, FactOf, NewRun, Store},
};

use landing::Unlanded;
pub use order::{Error, From, Order, Report};
use reading::{Batch, DeliveryRead, FileError, Reading};

/// Batches that are read ahead of the database.
const BATCHES_AHEAD: usize = 2;
/// Rejected rows that a report repeats; all that are kept stand in the database.
const REJECTS_TOLD_MAX: usize = 1_000;

/// Brings deliveries in.
#[derive(Clone)]
pub struct Ingest {
    pub store: Store,
    pub raw: RawStore,
    pub live: Arc<Live>,
    pub catalogue: Arc<Catalogue>,
    pub egress: Egress,
    pub clock: Clock,
}

/// Told now and then: rows that were read.
pub type Progress<'a> = &'a (dyn Fn(i64) + Sync);

impl Ingest {
    /// Brings one delivery in and reports. An error means that there was nothing to report on.
    pub async fn run(&self, order: &Order, progress: Progress<'_>) -> Result<Report, Error> {
        let started_at = self.clock.now();
        let source =
            self.catalogue
                .sources
                .get(&order.source)
                .ok_or_else(|| Error::UnknownSource {
                    key: order.source.clone(),
                    known: self.catalogue.sources.keys().cloned().collect(),
                })?;
        let mut new = self.new_run(source, order, started_at).await?;
        let landed = match self.land(source, order, &mut new, progress).await {
            // Nothing was delivered, so there is nothing to report on.
            Err(Unlanded::File(error @ LandError::Read { .. })) => return Err(Error::Land(error)),
            landed => landed,
        };
        // What other processes stored since the graph was loaded decides who is meant.
        self.live.catch_up().await?;
        let mut delivery = self.store.begin_delivery(&new).await?;
        let run = delivery.run_id;
        let mut tally = Tally::default();
        let read = match landed {
            Ok(files) => {
                self.stage(source, &new, files, &mut delivery, &mut tally, progress)
                    .await
            }
            Err(error) => Err(StageError::Land(error)),
        };
        let verdict = match read {
            Ok(read) => {
                self.judge(source, order, &new, &mut delivery, &mut tally, read)
                    .await
            }
            Err(error) => Err(error),
        };
        let mut report = Report {
            source: order.source.clone(),
            feed: new.feed.clone(),
            run,
            state: String::new(),
            counts: tally.counts,
            message: None,
            rejects: Vec::new(),
            warnings: Vec::new(),
            change: None,
            seconds: 0.0,
            outcome: None,
        };
        let now = self.clock.now();
        let state = match verdict {
            Ok(Verdict::Close { covers, warnings }) => {
                report.warnings = warnings;
                let closed = delivery
                    .close(tally.counts, &covers, &tally.seen, now)
                    .await?;
                report.change = Some(closed);
                if let From::Approved(held) = order.from {
                    self.store.note_approved(held, run, now).await?;
                }
                self.live.wake();
                self.live.catch_up().await?;
                ended(&tally.counts)
            }
            Ok(Verdict::TakeBack {
                state,
                mut message,
                warnings,
            }) => {
                // A run that was only tried can't be let in afterwards.
                let kept = if order.dry_run {
                    RunState::Failed
                } else {
                    state
                };
                if order.dry_run {
                    message = format!("dry run, nothing was stored: {message}");
                }
                if state == RunState::Held {
                    // What was staged is gone: nothing of it counts as stored.
                    tally.counts = RunCounts {
                        stored: 0,
                        unchanged: 0,
                        withdrawn: 0,
                        ..tally.counts
                    };
                }
                delivery
                    .take_back(kept, tally.counts, &message, now)
                    .await?;
                report.message = Some(message);
                report.warnings = warnings;
                state
            }
            Err(error @ (StageError::File(_) | StageError::Land(_))) => {
                let message = error.to_string();
                tally.counts = RunCounts {
                    received: tally.counts.received,
                    ..RunCounts::default()
                };
                delivery
                    .take_back(RunState::Failed, tally.counts, &message, now)
                    .await?;
                report.message = Some(message);
                RunState::Failed
            }
            Err(StageError::Store(error)) => {
                // If the database is away the next run of this source takes this one back.
                let message = error.to_string();
                let _ = delivery
                    .take_back(RunState::Failed, RunCounts::default(), &message, now)
                    .await;
                return Err(error.into());
            }
        };
        report.counts = tally.counts;
        report.state = state.to_string();
        report.outcome = Some(state);
        report.rejects = self
            .store
            .list_rejects(run, REJECTS_TOLD_MAX as u64)
            .await?;
        report.seconds = (self.clock.now() - started_at).as_seconds_f64();
        Ok(report)
    }

    /// Reads on a thread that may block, writes here, batch by batch.
    async fn stage(
        &self,
        source: &Source,
        new: &NewRun,
        files: Vec<Landed>,
        delivery: &mut Delivery,
        tally: &mut Tally,
        progress: Progress<'_>,
    ) -> Result<DeliveryRead, StageError> {
        let (sender, mut batches) = mpsc::channel(BATCHES_AHEAD);
        let mut inputs = Vec::new();
        for file in files {
            inputs.push((file.name.clone(), file));
        }
        let (raw, catalogue, graph) = (
            self.raw.clone(),
            Arc::clone(&self.catalogue),
            self.live.now(),
        );
        let (source_key, feed) = (source.key.get_ref().clone(), new.feed.clone());
        let today = self.clock.today();
        let runtime = tokio::runtime::Handle::current();
        let reader = tokio::task::spawn_blocking(move || {
            let source = &catalogue.sources[&source_key];
            let mut reading = Reading::new(source, &feed, &catalogue, &graph, today, sender);
            for (name, landed) in inputs {
                let failed = |error: LandError| FileError {
                    file: name.clone(),
                    line: None,
                    reason: error.to_string(),
                };
                let input = runtime.block_on(raw.open(&landed)).map_err(failed)?;
                reading.file(&name, input)?;
            }
            reading.finish()
        });
        while let Some(batch) = batches.recv().await {
            tally.take(&batch);
            if tally.counts.received > source.bounds.rows_max {
                let reason = format!("has more than {} rows", source.bounds.rows_max);
                return Err(FileError {
                    file: source.key.get_ref().clone(),
                    line: None,
                    reason,
                }
                .into());
            }
            delivery.reject(&batch.rejects).await?;
            let mentions: Vec<bool> = batch
                .rows
                .iter()
                .map(|row| matches!(row.fact, store::Fact::Mention(_)))
                .collect();
            let staged = delivery.stage(batch.yields, batch.rows).await?;
            for (became, is_mention) in staged.into_iter().zip(mentions) {
                match became {
                    _ if is_mention => {}
                    FactOf::Stored => tally.counts.stored += 1,
                    FactOf::Unchanged => tally.counts.unchanged += 1,
                }
            }
            progress(tally.counts.received);
        }
        match reader.await {
            Ok(read) => Ok(read?),
            Err(error) => {
                let reason = format!("the reader failed: {error}");
                Err(FileError {
                    file: source.key.get_ref().clone(),
                    line: None,
                    reason,
                }
                .into())
            }
        }
    }

    /// Withdraws what a complete, full, newest delivery lacks, and holds one that is out of bounds.
    async fn judge(
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
        let is_approved = matches!(order.from, From::Approved(_));
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
        let mut covers = Vec::new();
        if new.is_full {
            covers = self.covered(new, &read).await?;
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
                let missing = delivery.list_missing(&covers, &tally.seen).await?;
                let listed = missing.len() + tally.seen.len();
                let too_many = missing.len() as f64 > bounds.withdrawn_max_share * listed as f64;
                if !is_approved && too_many && missing.len() as i64 > bounds.slack_rows {
                    let message = format!("{} of {listed} listed rows are missing", missing.len());
                    return Ok(hold(message, read.warnings));
                }
                tally.counts.withdrawn = missing.len() as i64;
                delivery.withdraw(&missing).await?;
            }
        }
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

/// How a delivery ends that is in, or would be.
fn ended(counts: &RunCounts) -> RunState {
    if counts.rejected > 0 {
        RunState::Partly
    } else {
        RunState::Done
    }
}

enum Verdict {
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

#[derive(Debug, thiserror::Error)]
enum StageError {
    #[error(transparent)]
    Land(Unlanded),
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// What was counted and seen so far.
#[derive(Default)]
struct Tally {
    counts: RunCounts,
    seen: HashSet<i64>,
    keyless: i64,
}

impl Tally {
    fn take(&mut self, batch: &Batch) {
        self.counts.received += batch.received;
        self.counts.rejected += batch.rejects.len() as i64;
        self.counts.unresolved += batch.unresolved;
        self.counts.out_of_scope += batch.out_of_scope;
        self.seen.extend(&batch.seen);
        self.keyless += batch.keyless;
    }
}
