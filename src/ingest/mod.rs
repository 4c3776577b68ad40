//! Bringing a delivery in: land the bytes, read strictly, identify, stage, and close it as a whole.
//! A delivery that can't be read, or lies outside its source's bounds, leaves nothing but its run
//! and its raw bytes; one that is repeated, split or interrupted ends in the same state.

mod identify;
mod order;
mod reading;
mod row;

use std::{collections::HashSet, sync::Arc};

use chrono::{DateTime, Utc};
use domain::run::{RunCounts, RunState};
use tokio::sync::mpsc;

use crate::{
    catalogue::{Catalogue, Extent, Source},
    clock::Clock,
    egress::Egress,
    graph::Live,
    sources::{LandError, Landed, RawStore, pull_pages},
    store::{self, Delivery, FactOf, NewRun, RawFile, Store},
};

pub use order::{Error, From, Order, Report};
use reading::{Batch, DeliveryRead, FileError, Reading};

/// Batches that are read ahead of the database.
const BATCHES_AHEAD: usize = 2;
/// Rejected rows that a report repeats; all that are kept stand in the database.
const REJECTS_TOLD_MAX: usize = 1_000;
/// The feed of a delivery that names none.
pub const FEED_DEFAULT: &str = "default";

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
        let (new, files) = self.land(source, order, started_at, progress).await?;
        // What other processes stored since the graph was loaded decides who is meant.
        self.live.catch_up().await?;
        let mut delivery = self.store.begin_delivery(&new).await?;
        let run = delivery.run_id;
        let mut tally = Tally::default();
        let read = self
            .stage(source, &new, files, &mut delivery, &mut tally, progress)
            .await;
        let verdict = match read {
            Ok(read) => {
                self.judge(source, order, &new, &delivery, &mut tally, read)
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
            is_dry_run: false,
        };
        let now = self.clock.now();
        let state = match verdict {
            Ok(Verdict::Close(read)) => {
                let state = if tally.counts.rejected > 0 {
                    RunState::Partly
                } else {
                    RunState::Done
                };
                report.warnings = read.warnings;
                report.change = Some(delivery.close(tally.counts, None, &tally.seen, now).await?);
                if let From::Approved(held) = order.from {
                    self.store.note_approved(held, run, now).await?;
                }
                self.live.wake();
                self.live.catch_up().await?;
                state
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
                report.is_dry_run = order.dry_run;
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
            Err(StageError::File(error)) => {
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

    /// Keeps the raw bytes and says what run this will be.
    async fn land(
        &self,
        source: &Source,
        order: &Order,
        started_at: DateTime<Utc>,
        progress: Progress<'_>,
    ) -> Result<(NewRun, Vec<Landed>), Error> {
        let key = source.key.get_ref();
        if let Some(feed) = &order.feed
            && !(1..=order::FEED_CHARS_MAX).contains(&feed.chars().count())
        {
            return Err(Error::Feed);
        }
        let mut new = NewRun {
            source: key.clone(),
            feed: order
                .feed
                .clone()
                .unwrap_or_else(|| FEED_DEFAULT.to_owned()),
            is_full: source.extent == Extent::Full && !order.partial,
            data_as_of: order.as_of.unwrap_or(started_at),
            started_at,
            files: Vec::new(),
        };
        let mut files = Vec::new();
        match &order.from {
            From::Files(paths) => {
                for path in paths {
                    files.push(
                        self.raw
                            .land_file(path, source.bounds.file_bytes_max)
                            .await?,
                    );
                }
            }
            From::Pull { url, bearer } => {
                if source.pull.is_empty() {
                    return Err(Error::NotPulled { key: key.clone() });
                }
                for pull in &source.pull {
                    let told = |rows: u64| progress(rows as i64);
                    let pages = pull_pages(
                        &self.egress,
                        &self.raw,
                        url.as_str(),
                        bearer.as_deref(),
                        source,
                        pull,
                        told,
                    );
                    files.extend(pages.await?);
                }
            }
            From::Approved(id) => {
                let not_held = || store::Error::NotHeld {
                    id: *id,
                    source_key: key.clone(),
                };
                let held = self.store.find_run(*id).await?.ok_or_else(not_held)?;
                if held.source != *key || held.state != RunState::Held {
                    return Err(not_held().into());
                }
                new.feed = held.feed;
                new.is_full = held.is_full;
                new.data_as_of = held.data_as_of;
                files = self
                    .store
                    .list_run_files(*id)
                    .await?
                    .into_iter()
                    .filter_map(landed)
                    .collect();
            }
        }
        new.files = files.iter().map(raw_file).collect();
        Ok((new, files))
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
        let runtime = tokio::runtime::Handle::current();
        let reader = tokio::task::spawn_blocking(move || {
            let source = &catalogue.sources[&source_key];
            let mut reading = Reading::new(source, &feed, &catalogue, &graph, sender);
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
        delivery: &Delivery,
        tally: &mut Tally,
        mut read: DeliveryRead,
    ) -> Result<Verdict, StageError> {
        let bounds = &source.bounds;
        let is_approved = matches!(order.from, From::Approved(_));
        let hold = |message: String, warnings: Vec<String>| {
            Ok(Verdict::TakeBack {
                state: RunState::Held,
                message,
                warnings,
            })
        };
        if new.is_full {
            if let Some(last) = self.store.newest_full_run(&new.source, &new.feed).await? {
                let (now, before) = (tally.counts.received, last.counts.received);
                let too_few = (now as f64) < bounds.rows_min_share * before as f64;
                // A delivery of other forms than the last one is no smaller for that.
                if !is_approved
                    && too_few
                    && before - now > bounds.slack_rows
                    && self.covers(&last, &read).await?
                {
                    let message = format!(
                        "{now} rows, the last full delivery had {before}: held; let it in with --approve {}",
                        delivery.run_id
                    );
                    return hold(message, read.warnings);
                }
            }
            if delivery.is_newest() && tally.keyless == 0 {
                let yields = self.covered(new, &read).await?;
                let missing = delivery.list_missing(&yields, &tally.seen).await?;
                let listed = (missing.len() + tally.seen.len()) as f64;
                let too_many = missing.len() as f64 > bounds.withdrawn_max_share * listed;
                if !is_approved && too_many && missing.len() as i64 > bounds.slack_rows {
                    let message = format!(
                        "{} of {listed} listed rows are missing: held; let it in with --approve {}",
                        missing.len(),
                        delivery.run_id
                    );
                    return hold(message, read.warnings);
                }
                tally.counts.withdrawn = missing.len() as i64;
                delivery.withdraw(&missing).await?;
            } else if tally.keyless > 0 {
                let told = format!(
                    "nothing was withdrawn: {} rejected rows have no key that tells them apart",
                    tally.keyless
                );
                read.warnings.push(told);
            } else {
                read.warnings
                    .push("nothing was withdrawn: a newer full delivery is in".to_owned());
            }
        }
        if order.dry_run {
            let message = "it would go in".to_owned();
            return Ok(Verdict::TakeBack {
                state: RunState::Failed,
                message,
                warnings: read.warnings,
            });
        }
        Ok(Verdict::Close(read))
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
        Ok(read
            .yields
            .iter()
            .map(|yields| (*yields).to_owned())
            .collect())
    }

    /// Whether this delivery tells of all kinds of facts that an earlier run told of.
    async fn covers(
        &self,
        earlier: &store::Run,
        read: &DeliveryRead,
    ) -> Result<bool, store::Error> {
        let listed = self
            .store
            .list_yields(&earlier.source, &earlier.feed)
            .await?;
        // One without any row says of everything that it is gone.
        Ok(read.yields.is_empty()
            || listed
                .iter()
                .all(|yields| read.yields.contains(yields.as_str())))
    }
}

enum Verdict {
    Close(DeliveryRead),
    TakeBack {
        state: RunState,
        message: String,
        warnings: Vec<String>,
    },
}

#[derive(Debug, thiserror::Error)]
enum StageError {
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

fn raw_file(landed: &Landed) -> RawFile {
    RawFile {
        name: landed.name.clone(),
        digest: landed.digest.clone(),
        bytes: landed.bytes as i64,
        charset: landed.charset.as_str().to_owned(),
    }
}

fn landed(file: RawFile) -> Option<Landed> {
    Some(Landed {
        charset: crate::sources::Charset::named(&file.charset)?,
        name: file.name,
        digest: file.digest,
        bytes: file.bytes as u64,
    })
}
