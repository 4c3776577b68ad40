//! Named points in a delivery at which the tests let it fail: by an error as of a lost database, by
//! a panic, by giving the whole delivery up, or by standing still. They belong to a task, so that tests run beside each
//! other; in a release build without the `failpoints` feature a point is nothing at all.

use std::{
    collections::BTreeMap,
    future::{Future, pending},
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::Notify;

/// Whether points do anything in this build.
pub const ENABLED: bool = cfg!(any(debug_assertions, feature = "failpoints"));

/// All points, in the order in which a delivery comes by.
pub const POINTS: [&str; 13] = [
    "run.begun",
    "raw.landed",
    "landed.noted",
    "landed.whole",
    "stage.batch",
    "stage.staged",
    "judge",
    "withdraw.batch",
    "close",
    "close.commit",
    "closed",
    "take_back.batch",
    "take_back.end",
];

tokio::task_local! {
    static PLAN: Arc<Plan>;
}

/// A delivery fails here because a test wants it so.
#[derive(Debug, thiserror::Error)]
#[error("failpoint {0}")]
pub struct Failed(&'static str);

/// How a delivery fails at a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    Error,
    Panic,
    /// Whoever awaits the delivery drops it.
    GivenUp,
    /// It stands still until it is let go on.
    Pause,
}

/// Which points fail, and when.
#[derive(Debug, Default)]
pub struct Plan {
    /// A point, at which of its passes from 1, and how.
    failures: Vec<(&'static str, u64, Failure)>,
    passes: Mutex<BTreeMap<&'static str, u64>>,
    given_up: Notify,
    paused: Notify,
    let_go_on: Notify,
}

impl Plan {
    /// A plan of these failures.
    pub fn of(failures: Vec<(&'static str, u64, Failure)>) -> Arc<Self> {
        Arc::new(Self {
            failures,
            ..Self::default()
        })
    }

    /// Whether nothing fails.
    pub fn is_empty(&self) -> bool {
        self.failures.is_empty()
    }

    /// How often each point was passed.
    pub fn passes(&self) -> BTreeMap<&'static str, u64> {
        self.passes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The points at which something was made to fail.
    pub fn failed(&self) -> Vec<&'static str> {
        let passes = self.passes();
        let has_come = |(point, pass, _): &&(&'static str, u64, Failure)| {
            passes.get(point).is_some_and(|passes| passes >= pass)
        };
        self.failures
            .iter()
            .filter(has_come)
            .map(|(point, ..)| *point)
            .collect()
    }

    /// Comes when the delivery stands still.
    pub async fn until_paused(&self) {
        self.paused.notified().await;
    }

    /// Lets it go on.
    pub fn go_on(&self) {
        self.let_go_on.notify_one();
    }

    fn pass(&self, point: &'static str) -> Option<Failure> {
        let mut passes = self.passes.lock().unwrap_or_else(PoisonError::into_inner);
        let pass = passes.entry(point).or_default();
        *pass += 1;
        let now = (point, *pass);
        let mut planned = self.failures.iter();
        planned.find_map(|(point, pass, failure)| ((*point, *pass) == now).then_some(*failure))
    }
}

/// Does work under a plan; none where the plan gave it up.
pub async fn with<T>(plan: &Arc<Plan>, work: impl Future<Output = T>) -> Option<T> {
    let work = PLAN.scope(Arc::clone(plan), work);
    tokio::select! {
        biased;
        done = work => Some(done),
        () = plan.given_up.notified() => None,
    }
}

/// Passes a point.
pub(crate) async fn hit(point: &'static str) -> Result<(), Failed> {
    if !ENABLED {
        return Ok(());
    }
    let Ok(plan) = PLAN.try_with(Arc::clone) else {
        return Ok(());
    };
    debug_assert!(POINTS.contains(&point), "{point} is on the list");
    match plan.pass(point) {
        None => Ok(()),
        Some(Failure::Error) => Err(Failed(point)),
        Some(Failure::Panic) => panic!("failpoint {point}"),
        Some(Failure::GivenUp) => {
            plan.given_up.notify_one();
            pending().await
        }
        Some(Failure::Pause) => {
            plan.paused.notify_one();
            plan.let_go_on.notified().await;
            Ok(())
        }
    }
}
