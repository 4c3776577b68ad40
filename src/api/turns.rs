//! Turns at executing. An execution keeps its thread until it waits for something: of what is heavy so
//! many are executed at once as there are cores, each on a thread that gives its other tasks away first.
//! Who asks little is answered meanwhile, and who asks whether the hub lives.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    sync::Arc,
    task::Poll,
    thread::available_parallelism,
};

use tokio::{
    runtime::{Handle, RuntimeFlavor},
    sync::Semaphore,
    task::block_in_place,
};

/// What an operation costs at most that waits for no turn: a millisecond.
const LIGHT_COST_MAX: u64 = 100;

/// How many heavy operations execute at once; the runtime has a thread more.
pub(crate) fn executing_max() -> usize {
    available_parallelism().map_or(1, usize::from)
}

/// The turns of one hub.
#[derive(Debug)]
pub(super) struct Turns(Arc<Semaphore>);

impl Default for Turns {
    fn default() -> Self {
        Self::of(executing_max())
    }
}

impl Turns {
    fn of(count: usize) -> Self {
        Self(Arc::new(Semaphore::new(count)))
    }

    /// Executes something of this cost. Who waits for the database has no turn meanwhile.
    pub(super) async fn execute<T>(&self, cost: u64, executing: impl Future<Output = T>) -> T {
        if cost <= LIGHT_COST_MAX {
            return executing.await;
        }
        let next = || Arc::clone(&self.0).acquire_owned();
        let (mut executing, mut turn) = (pin!(executing), pin!(next()));
        poll_fn(|context| {
            let Poll::Ready(turn_now) = turn.as_mut().poll(context) else {
                return Poll::Pending;
            };
            let executed = beside_others(|| executing.as_mut().poll(context));
            turn.set(next());
            drop(turn_now);
            executed
        })
        .await
    }
}

/// Does something long. What was to run next on this thread would otherwise wait for its end: a task
/// that this one woke is not taken by idle threads.
fn beside_others<T>(long: impl FnOnce() -> T) -> T {
    match Handle::current().runtime_flavor() {
        RuntimeFlavor::MultiThread => block_in_place(long),
        _ => long(),
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicUsize, Ordering::SeqCst},
        thread,
        time::Duration,
    };

    use futures_util::future::join_all;

    use super::*;

    /// How many are there now and were at most.
    #[derive(Default)]
    struct Count(AtomicUsize, AtomicUsize);

    impl Count {
        fn enter(&self) {
            self.1.fetch_max(self.0.fetch_add(1, SeqCst) + 1, SeqCst);
        }

        fn leave(&self) {
            self.0.fetch_sub(1, SeqCst);
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn so_many_execute_at_once_and_who_waits_has_no_turn() {
        let (turns, counts) = (Arc::new(Turns::of(2)), Arc::<[Count; 2]>::default());
        let one = || {
            let (turns, counts) = (Arc::clone(&turns), Arc::clone(&counts));
            tokio::spawn(async move {
                let [waiting, working] = &*counts;
                let executing = async {
                    waiting.enter();
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    waiting.leave();
                    working.enter();
                    thread::sleep(Duration::from_millis(20));
                    working.leave();
                };
                turns.execute(LIGHT_COST_MAX + 1, executing).await;
            })
        };
        let ended = join_all((0..8).map(|_| one())).await;
        assert!(ended.iter().all(Result::is_ok));
        let most = counts.each_ref().map(|count| count.1.load(SeqCst));
        assert_eq!(most, [8, 2]);
    }
}
