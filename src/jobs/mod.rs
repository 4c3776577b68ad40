//! What the hub does by itself: each source is pulled when its timetable says so, and what is
//! dropped into its folder is brought in. Sources do not wait for each other.

mod assessing;
mod auditing;
mod drops;
mod due;
mod following;
mod job;
mod listing;
mod retaining;
mod rounds;
mod trusting;
mod turning;
mod watching;

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use tokio::{sync::Semaphore, task::JoinSet, time::timeout};
use tokio_util::sync::CancellationToken;

use crate::{
    config::{Config, When},
    ingest::Ingest,
};

pub use assessing::{Looking, assess_changes};
pub use auditing::keep_audit_log;
pub use drops::{Brought, Drops};
pub use due::{Past, Plan, next_due};
pub use following::follow_register;
pub use job::next_run;
pub use listing::answer_lists;
pub use retaining::{erase_what_is_over, retain};
pub use rounds::{notify, send};
pub use trusting::keep_trust;
pub use turning::turn_days;
pub use watching::raise_watched;

use job::Job;

/// Sources that are read at once: each takes a core and a part of the database's patience.
const READ_AT_ONCE: usize = 2;
/// How long a delivery under way may go on when the hub is to stop; what is dropped then is taken
/// back by the next run of its source.
const GRACE: Duration = Duration::from_secs(20);

/// All that is to be done, source by source.
pub struct Jobs {
    jobs: Vec<Job>,
    stopping: CancellationToken,
}

impl Jobs {
    /// What this configuration asks for.
    pub fn new(config: &Config, ingest: &Ingest) -> Self {
        let stopping = CancellationToken::new();
        let seats = Arc::new(Semaphore::new(READ_AT_ONCE));
        let mut jobs = Vec::new();
        for (key, place) in &config.sources {
            let Some(source) = ingest.catalogue.sources.get(key) else {
                tracing::warn!(
                    source = key,
                    "it is configured, and the catalogue has no such source"
                );
                continue;
            };
            if place.schedule == Some(When::Off) {
                continue;
            }
            let plan = Plan::of(source, place, &config.hub.province);
            let drops = Drops::of(ingest, source, place);
            if plan.is_none() && drops.is_none() {
                continue;
            }
            jobs.push(Job {
                ingest: ingest.clone(),
                source: key.clone(),
                place: place.clone(),
                plan,
                drops,
                seats: Arc::clone(&seats),
                stopping: stopping.clone(),
                since: ingest.clock.now(),
                untold: None,
                panics: 0,
            });
        }
        Self { jobs, stopping }
    }

    /// Does all that is to be done now, and says how long there is nothing to do.
    pub async fn tick(&mut self) -> Option<Duration> {
        let waits = join_all(self.jobs.iter_mut().map(Job::look_after)).await;
        waits.into_iter().flatten().min()
    }

    /// Does what is to be done until `stop`, then lets what is under way finish.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let mut tasks = JoinSet::new();
        for job in self.jobs {
            tasks.spawn(keep(job, self.stopping.clone()));
        }
        let stop = async {
            stop.await;
            self.stopping.cancel();
        };
        let all = async {
            while let Some(ended) = tasks.join_next().await {
                if let Err(error) = ended {
                    tracing::error!(%error, "a source is no longer looked after");
                }
            }
        };
        tokio::join!(stop, all);
    }
}

/// Looks after one source.
async fn keep(mut job: Job, stopping: CancellationToken) {
    while !stopping.is_cancelled() {
        let Some(Some(wait)) = in_grace(job.look_after(), &stopping).await else {
            return;
        };
        stopping.run_until_cancelled(tokio::time::sleep(wait)).await;
    }
}

/// What comes of work; none where the hub is to stop and the work takes longer than it may go on then.
async fn in_grace<T>(work: impl Future<Output = T>, stopping: &CancellationToken) -> Option<T> {
    let mut work = std::pin::pin!(work);
    tokio::select! {
        done = &mut work => Some(done),
        () = stopping.cancelled() => timeout(GRACE, work).await.ok(),
    }
}
