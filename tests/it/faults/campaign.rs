//! Many scenarios, several at a time.

use std::{
    ops::Range,
    sync::{
        Mutex, Once, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use tokio::runtime::{Builder, Runtime};

use super::{
    changes,
    killed::{self, Killed},
    luck::Luck,
    scenario::Play,
    stage::Ground,
    told::Told,
};

/// Scenarios at a time, each on a thread of its own: one waits for its source now and then.
const AT_ONCE: usize = 4;
/// Every so many scenarios are played on PostgreSQL, where it is installed: it takes longer.
const POSTGRES_EVERY: u64 = 50;
/// Every so many are of a source that tells only what changed.
const CHANGES_EVERY: u64 = 9;

/// Seeds that are told when the hub is wrong under them.
const WRONG_TOLD: usize = 5;

/// Plays the scenarios of these seeds; the error names the seeds under which the hub is wrong.
pub(crate) fn play(seeds: Range<u64>) -> Result<Told, String> {
    hush();
    let ground = runtime().block_on(Ground::make());
    let (next, wrong) = (AtomicU64::new(seeds.start), Mutex::new(Vec::new()));
    let player = || {
        let (runtime, mut told) = (runtime(), Told::default());
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            let known = wrong.lock().map_or(WRONG_TOLD, |known| known.len());
            if seed >= seeds.end || known >= WRONG_TOLD {
                return told;
            }
            match runtime.block_on(Box::pin(one(&ground, seed))) {
                Ok(one) => told.add(one),
                Err(reason) => {
                    let mut wrong = wrong.lock().unwrap_or_else(PoisonError::into_inner);
                    wrong.push(format!("seed {seed}: {reason}"));
                }
            }
        }
    };
    let told = thread::scope(|scope| {
        let players: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(player)).collect();
        let mut told = Told::default();
        for player in players {
            told.add(
                player
                    .join()
                    .map_err(|_| "the harness panicked".to_owned())?,
            );
        }
        Ok::<_, String>(told)
    })?;
    match wrong.into_inner().unwrap_or_else(PoisonError::into_inner) {
        wrong if wrong.is_empty() => Ok(told),
        wrong => Err(wrong.join("\n")),
    }
}

/// Panics that are meant need no back-trace: it takes longer than all the rest.
fn hush() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let told = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let meant = panic.payload().downcast_ref::<String>();
            if !meant.is_some_and(|text| text.starts_with("failpoint ")) {
                told(panic);
            }
        }));
    });
}

/// Kills so many processes in the middle of their work.
pub(crate) fn kill(kills: u64, first_seed: u64) -> Result<Killed, String> {
    // The source answers on another thread while this one waits for the process.
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    runtime.block_on(async { killed::kill(&Ground::make().await, kills, first_seed).await })
}

/// One thread's world.
pub(crate) fn runtime() -> Runtime {
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime")
}

/// Plays one scenario.
async fn one(ground: &Ground, seed: u64) -> Result<Told, String> {
    let on_postgres = match seed % POSTGRES_EVERY {
        0 => ground.stage_on_postgres(seed).await,
        _ => None,
    };
    let stage = match on_postgres {
        Some(stage) => stage,
        None => ground.stage(seed).await,
    };
    let play = Play::on(stage, Luck::of(seed));
    match seed % CHANGES_EVERY {
        1 => changes::whole(play).await,
        _ => play.whole().await,
    }
}
