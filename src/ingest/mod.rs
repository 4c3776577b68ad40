//! Bringing a delivery in: land the bytes, read strictly, identify, stage, and close it as a whole.
//! A delivery that can't be read, or lies outside its source's bounds, leaves nothing but its run
//! and its raw bytes; one that is repeated, split or interrupted ends in the same state.

mod ahead;
mod decide;
mod fate;
mod feedback;
mod field;
mod identify;
mod judge;
mod landing;
mod listener;
mod measured;
mod official;
mod order;
mod persons;
mod plain;
mod reading;
mod reresolve;
mod row;
mod sample;
mod tables;

use std::{collections::HashSet, sync::Arc};

use domain::run::{RunCounts, RunState};
use tokio::sync::mpsc;

use crate::{
    catalogue::{Catalogue, Source},
    clock::Clock,
    egress::Egress,
    graph::Live,
    person_key::PersonKey,
    sources::{Checkpoints, LandError, Landed, RawStore, RawWatch},
    store::{self, Closing, Delivery, FactOf, NewRun, Store},
};

pub use decide::{NewDecision, Outcome};
use judge::Verdict;
use landing::Unlanded;
pub use order::{Error, FEED_DEFAULT, From, ONLY_TRIED, Order, Report};
use reading::{Batch, DeliveryRead, FileError, Reading};
pub use reresolve::Followed;
pub use sample::try_samples;

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
    /// Without it, sources that tell of natural persons by their numbers are not read.
    pub person_key: Option<PersonKey>,
}

/// How far a delivery is read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReadSoFar {
    pub rows: i64,
    /// Bytes of its files.
    pub bytes: u64,
    /// All bytes that there are to be read, once that is known.
    pub bytes_all: Option<u64>,
}

/// Told now and then how far a delivery is read.
pub type Progress<'a> = &'a (dyn Fn(ReadSoFar) + Sync);

impl Ingest {
    /// Brings one delivery in and reports. An error means that there was nothing to report on. The
    /// graph moves on when it is next asked to catch up.
    pub async fn run(&self, order: &Order, progress: Progress<'_>) -> Result<Report, Error> {
        let (mut report, resolved) = self.bring(order, progress).await?;
        let source = self.catalogue.sources.get(&order.source);
        if let Some((source, resolved)) = source.zip(resolved) {
            self.follow(source, resolved, &mut report).await;
        }
        Ok(report)
    }

    /// The same without what follows from it for other rows: where it is in, also by which register
    /// its rows were resolved.
    async fn bring(
        &self,
        order: &Order,
        progress: Progress<'_>,
    ) -> Result<(Report, Option<store::Resolved>), Error> {
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
        // What the graph has to read first is read meanwhile; whether it could be is asked below.
        let (landed, _) = tokio::join!(self.land(source, order, &mut new), self.live.catch_up());
        let landed = match landed {
            // Nothing was delivered, so there is nothing to report on.
            Err(Unlanded::File(
                error @ (LandError::Read { .. } | LandError::Store { .. } | LandError::Key { .. }),
            )) => {
                return Err(Error::Land(error));
            }
            landed => landed,
        };
        let mut delivery = self.store.begin_delivery(&new).await?;
        let run = delivery.run_id;
        new.data_as_of = delivery.data_as_of;
        if let From::Approved(id) = order.from {
            // Whoever had to wait for the source may find that the run was let in meanwhile.
            if let Err(error) = self.held_run(&order.source, id).await {
                let (counts, message) = (RunCounts::default(), error.to_string());
                delivery
                    .take_back(RunState::Failed, counts, &message, self.clock.now())
                    .await?;
                return Err(error.into());
            }
        }
        let landed = match &order.from {
            // The source is held before it is asked for anything: nobody else asks meanwhile.
            From::Place(place) => {
                let place = (&**place, order.dry_run);
                self.fetch(source, place, &new, &mut delivery, progress)
                    .await
            }
            _ => landed,
        };
        // What other processes stored since the graph was loaded decides who is meant.
        self.live.catch_up().await?;
        let resolved = store::Resolved {
            seq: self.live.now().seq(),
            fingerprint: self.resolver(),
        };
        let mut tally = Tally::default();
        let (mut checkpoints, mut warnings) = (Checkpoints::new(), Vec::new());
        let read = match landed {
            Ok(fetched) => {
                checkpoints = fetched.checkpoints;
                warnings = fetched.warnings;
                let files = fetched.files;
                self.stage(source, &new, files, &mut delivery, &mut tally, progress)
                    .await
            }
            Err(error) => Err(StageError::Land(Box::new(error))),
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
            reresolved: 0,
            seconds: 0.0,
            outcome: None,
        };
        let now = self.clock.now();
        let state = match verdict {
            Ok(Verdict::Close { covers, warnings }) => {
                report.warnings = warnings;
                let closed = delivery
                    .close(
                        Closing {
                            counts: tally.counts,
                            covers: &covers,
                            seen: &tally.seen,
                            checkpoints: &checkpoints,
                        },
                        now,
                    )
                    .await?;
                report.change = Some(closed);
                if let From::Approved(held) = order.from {
                    self.store.note_approved(held, run, now).await?;
                }
                self.live.wake();
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
                    message = format!("{ONLY_TRIED}: {message}");
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
                delivery.is_resumable =
                    matches!(&error, StageError::Land(error) if error.is_of_the_way());
                let mut message = error.to_string();
                if order.dry_run {
                    message = format!("{ONLY_TRIED}: {message}");
                }
                tally.counts = RunCounts {
                    received: tally.counts.received,
                    ..RunCounts::default()
                };
                delivery
                    .take_back(RunState::Failed, tally.counts, &message, now)
                    .await?;
                // Whoever delivered it keeps it: nothing was found wrong with it.
                if let StageError::Land(error) = error
                    && let Unlanded::File(error) = *error
                    && error.may_pass()
                {
                    return Err(Error::Land(error));
                }
                report.message = Some(message);
                RunState::Failed
            }
            Err(StageError::Store(error)) => {
                // If the database is away the next run of this source takes this one back.
                let message = error.to_string();
                delivery.is_resumable = true;
                let _ = delivery
                    .take_back(RunState::Failed, RunCounts::default(), &message, now)
                    .await;
                return Err(error.into());
            }
        };
        if let (From::Place(place), Some(_)) = (&order.from, report.change) {
            let told = self.tell_feedback(source, &new.feed, place);
            report.warnings.extend(told.await?);
        }
        report.warnings.splice(0..0, warnings);
        report.counts = tally.counts;
        report.state = state.to_string();
        report.outcome = Some(state);
        report.rejects = self
            .store
            .list_rejects(run, REJECTS_TOLD_MAX as u64)
            .await?;
        report.seconds = (self.clock.now() - started_at).as_seconds_f64();
        let resolved = report.change.is_some().then_some(resolved);
        Ok((report, resolved))
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
        let bytes_all = files.iter().map(|file| file.bytes).sum();
        for file in files {
            inputs.push((file.name.clone(), file));
        }
        let watch = RawWatch::default();
        let seen = watch.clone();
        let (raw, catalogue, graph) = (
            self.raw.of(source.key.get_ref()).watched(&watch),
            Arc::clone(&self.catalogue),
            self.live.now(),
        );
        let (source_key, new) = (source.key.get_ref().clone(), new.clone());
        let person_key = self.person_key.clone();
        let runtime = tokio::runtime::Handle::current();
        let reader = tokio::task::spawn_blocking(move || {
            let source = &catalogue.sources[&source_key];
            let mut reading = Reading::new(
                source,
                &new,
                &catalogue,
                &graph,
                person_key.as_ref(),
                sender,
                raw.clone(),
            );
            for (name, landed) in inputs {
                let failed = |error: LandError| match error.may_pass() {
                    true => StageError::Land(Box::new(Unlanded::File(error))),
                    false => StageError::File(FileError {
                        file: name.clone(),
                        line: None,
                        reason: error.to_string(),
                    }),
                };
                let input = match source.reader {
                    // Each part of a message has its own charset.
                    Some(crate::catalogue::Reader::Mail) => {
                        runtime.block_on(raw.open_bytes(&landed))
                    }
                    None => runtime.block_on(raw.open(&landed)),
                }
                .map_err(failed)?;
                let read = reading.file(&name, input);
                if let Some(error) = seen.failure() {
                    return Err(StageError::Land(Box::new(Unlanded::File(error))));
                }
                read?;
            }
            Ok(reading.finish()?)
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
            delivery.note_feedback(batch.feedback).await?;
            let mentions: Vec<bool> = batch
                .rows
                .iter()
                .map(|row| {
                    let fact = row.fact.as_ref().map(|hashed| &hashed.fact);
                    matches!(fact, Some(store::Fact::Mention(_)))
                })
                .collect();
            let staged = delivery.stage(batch.yields, batch.rows).await?;
            for (became, is_mention) in staged.into_iter().zip(mentions) {
                match became {
                    _ if is_mention => {}
                    FactOf::Stored => tally.counts.stored += 1,
                    FactOf::Unchanged => tally.counts.unchanged += 1,
                    FactOf::Withdrawn => tally.counts.withdrawn += 1,
                }
            }
            progress(ReadSoFar {
                rows: tally.counts.received,
                bytes: watch.read(),
                bytes_all: Some(bytes_all),
            });
        }
        match reader.await {
            Ok(read) => read,
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
}

/// How a delivery ends that is in, or would be.
fn ended(counts: &RunCounts) -> RunState {
    if counts.rejected > 0 {
        RunState::Partly
    } else {
        RunState::Done
    }
}

#[derive(Debug, thiserror::Error)]
enum StageError {
    #[error(transparent)]
    Land(Box<Unlanded>),
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
        self.counts.out_of_scope += batch.counted.len() as i64;
        self.seen.extend(&batch.seen);
        self.keyless += batch.keyless;
    }
}
