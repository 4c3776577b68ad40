//! What the hub does for one source: pulls it when it is due, and brings in what is dropped for it.

use std::{any::Any, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use domain::run::RunState;
use futures_util::FutureExt;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::{
    catalogue::Source,
    config::Place,
    ingest::{FEED_DEFAULT, From, Ingest, ONLY_TRIED, Order, Progress, Report},
    sources::REST,
    store::{self, Claim, Store},
    telemetry,
};

use super::{Brought, Drops, Past, Plan, next_due};

/// How long nothing is looked at, at most: clocks jump, and other processes work too.
const LOOK_EVERY: Duration = Duration::from_secs(30);
/// Attempts that are looked at to tell how often a source failed; the waiting grows no more long
/// before so many have.
const RUNS_LOOKED_AT: u64 = 50;

/// How long a source is left alone behind a panic, doubled with each in a row …
const PANIC_WAIT_FIRST: Duration = Duration::from_secs(5);
/// … up to this …
const PANIC_WAIT_MAX: Duration = Duration::from_secs(10 * 60);
/// … and so many in a row end it until the hub is started again.
const PANICS_MAX: u32 = 10;

/// Nobody watches the rows go by.
const QUIETLY: Progress<'static> = &|_| {};

pub(super) struct Job {
    pub(super) ingest: Ingest,
    pub(super) source: String,
    pub(super) place: Place,
    pub(super) plan: Option<Plan>,
    pub(super) drops: Option<Drops>,
    /// Sources that may be read at once.
    pub(super) seats: Arc<Semaphore>,
    pub(super) stopping: CancellationToken,
    /// When this hub started.
    pub(super) since: DateTime<Utc>,
    /// Attempts of which no run tells, since one did.
    pub(super) untold: Option<Past>,
    /// Panics in a row.
    pub(super) panics: u32,
}

impl Job {
    /// Does what is to be done now, and says how long there is nothing to do; none where it panicked
    /// so often that it is left alone. What it was at is taken back by the next run of its source.
    pub(super) async fn look_after(&mut self) -> Option<Duration> {
        if self.panics >= PANICS_MAX {
            return None;
        }
        let panic = match AssertUnwindSafe(self.tick()).catch_unwind().await {
            Ok(wait) => {
                self.panics = 0;
                return Some(wait);
            }
            Err(panic) => panic,
        };
        let wait = (PANIC_WAIT_FIRST * (1 << self.panics)).min(PANIC_WAIT_MAX);
        self.panics += 1;
        let (source, panics, reason) = (&self.source, self.panics, said(&*panic));
        if panics == PANICS_MAX {
            tracing::error!(
                source,
                panics,
                reason,
                "it panicks whenever it is looked after: it is left alone until the hub is started again"
            );
            return None;
        }
        let seconds = wait.as_secs();
        tracing::error!(
            source,
            panics,
            reason,
            seconds,
            "it panicked; it is looked after again"
        );
        Some(wait)
    }

    /// Does what is to be done now, and says how long there is nothing to do.
    pub(super) async fn tick(&mut self) -> Duration {
        // A clock that was ahead when the hub started must not put everything off until then.
        self.since = self.since.min(self.ingest.clock.now());
        let folder = match self.drops.clone() {
            Some(drops) => self.empty(&drops).await,
            None => LOOK_EVERY,
        };
        let pull = match self.plan.clone() {
            Some(plan) if !self.stopping.is_cancelled() => match self.pull_if_due(&plan).await {
                Ok(wait) => wait,
                Err(error) => {
                    tracing::warn!(source = %self.source, %error, "whether it is due can't be told");
                    LOOK_EVERY
                }
            },
            _ => LOOK_EVERY,
        };
        folder.min(pull)
    }

    async fn pull_if_due(&mut self, plan: &Plan) -> store::Result<Duration> {
        let wait = self.until_due(plan).await?;
        if !wait.is_zero() {
            return Ok(wait);
        }
        let seats = Arc::clone(&self.seats);
        let _seat = seats.acquire().await;
        // Whoever waited for a seat while the hub was told to stop begins nothing any more.
        if self.stopping.is_cancelled() {
            return Ok(LOOK_EVERY);
        }
        let Some(claim) = self.claim().await? else {
            return Ok(LOOK_EVERY);
        };
        // Another hub over this database may have been quicker.
        let wait = self.until_due(plan).await?;
        if wait.is_zero() {
            self.pull().await;
        }
        claim.release().await;
        Ok(self.until_due(plan).await?.max(Duration::from_secs(1)))
    }

    async fn until_due(&self, plan: &Plan) -> store::Result<Duration> {
        let mut past = past(&self.ingest.store, &self.source, self.feed()).await?;
        if let Some(untold) = self.untold.filter(|untold| untold.began > past.began) {
            past = Past {
                failures: past.failures.saturating_add(untold.failures),
                ..untold
            };
        }
        let now = self.ingest.clock.now();
        let is_awaited = self.ingest.live.now().awaits_removal(&self.source);
        let wait = match next_due(plan, &past, is_awaited, self.since, now) {
            Some(due) => (due - now).to_std().unwrap_or_default(),
            None => LOOK_EVERY,
        };
        Ok(wait.min(LOOK_EVERY))
    }

    async fn pull(&mut self) {
        let began = self.ingest.clock.now();
        let order = Order {
            feed: self.place.feed.clone(),
            from: From::Place(Box::new(self.place.clone())),
            ..self.order()
        };
        match self.ingest.run(&order, QUIETLY).await {
            Ok(report) => {
                self.untold = None;
                tell(&report, None);
            }
            Err(error) => {
                tracing::warn!(source = %self.source, %error, "it could not be brought in");
                let failures = self.untold.map_or(0, |untold| untold.failures);
                self.untold = Some(Past {
                    began: Some(began),
                    ended: Some(self.ingest.clock.now()),
                    failures: failures.saturating_add(1),
                });
            }
        }
    }

    /// Brings in what is complete in the drop folder.
    async fn empty(&self, drops: &Drops) -> Duration {
        let look = match drops.look(false).await {
            Ok(look) => look,
            Err(error) => {
                tracing::warn!(source = %self.source, %error, "its drop folder can't be read");
                return LOOK_EVERY;
            }
        };
        if look.is_crowded {
            tracing::warn!(source = %self.source, "its drop folder has more entries than are looked at");
        }
        if !look.complete.is_empty() {
            let _seat = self.seats.acquire().await;
            match self.claim().await {
                Ok(Some(claim)) => {
                    for dropped in &look.complete {
                        let name = dropped.name.display();
                        if self.stopping.is_cancelled() {
                            break;
                        }
                        match drops.bring(dropped, &self.order(), QUIETLY).await {
                            Brought::Report(report) => tell(&report, Some(&name.to_string())),
                            Brought::Refused(reason) => {
                                tracing::warn!(source = %self.source, delivery = %name, reason, "refused");
                            }
                            Brought::Later(reason) => {
                                tracing::info!(source = %self.source, delivery = %name, reason, "left for later");
                            }
                            Brought::Away(reason) => {
                                tracing::warn!(source = %self.source, reason, "all is left for later");
                                break;
                            }
                        }
                    }
                    claim.release().await;
                }
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(source = %self.source, %error, "it can't be claimed");
                }
            }
        }
        if look.is_unsettled {
            REST.to_std().unwrap_or(LOOK_EVERY)
        } else {
            LOOK_EVERY
        }
    }

    async fn claim(&self) -> store::Result<Option<Claim>> {
        self.ingest.store.claim(&self.source).await
    }

    fn feed(&self) -> &str {
        self.place.feed.as_deref().unwrap_or(FEED_DEFAULT)
    }

    fn order(&self) -> Order {
        Order {
            source: self.source.clone(),
            feed: None,
            from: From::Files(Vec::new()),
            as_of: None,
            partial: false,
            dry_run: false,
        }
    }
}

/// What a panic said.
fn said(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("it said nothing")
}

/// How the last attempts to bring a feed in went, of all processes.
async fn past(store: &Store, source: &str, feed: &str) -> store::Result<Past> {
    // They are asked for directly: of a source to which much is dropped, the last one lies far back.
    let runs = store
        .list_fetched_runs((source, feed), ONLY_TRIED, RUNS_LOOKED_AT)
        .await?;
    let last = runs.first();
    // One that still runs has another process that will tell, or none any more.
    let failures = runs
        .iter()
        .take_while(|run| matches!(run.state, RunState::Failed | RunState::Running))
        .count();
    Ok(Past {
        began: last.map(|run| run.started_at),
        ended: last.map(|run| run.ended_at.unwrap_or(run.started_at)),
        failures: u32::try_from(failures).unwrap_or(u32::MAX),
    })
}

/// When a source is to be pulled next if nobody waits for it; none where it is not pulled by itself.
pub async fn next_run(
    store: &Store,
    source: &Source,
    place: &Place,
    hub: &str,
    now: DateTime<Utc>,
) -> store::Result<Option<DateTime<Utc>>> {
    let Some(plan) = Plan::of(source, place, hub) else {
        return Ok(None);
    };
    let feed = place.feed.as_deref().unwrap_or(FEED_DEFAULT);
    let past = past(store, source.key.get_ref(), feed).await?;
    Ok(next_due(&plan, &past, false, now, now))
}

fn tell(report: &Report, delivery: Option<&str>) {
    let counts = &report.counts;
    let took = Duration::try_from_secs_f64(report.seconds).unwrap_or_default();
    telemetry::delivery(&report.source, &report.state, took);
    tracing::info!(
        source = report.source,
        feed = report.feed,
        delivery,
        run = report.run,
        state = report.state,
        received = counts.received,
        stored = counts.stored,
        unchanged = counts.unchanged,
        rejected = counts.rejected,
        unresolved = counts.unresolved,
        withdrawn = counts.withdrawn,
        seconds = report.seconds,
        reason = report.message,
        "brought in"
    );
}
