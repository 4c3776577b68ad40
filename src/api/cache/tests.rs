//! Identical questions that are asked at once.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use axum::http::StatusCode;
use futures_util::future::join_all;
use tokio::sync::Notify;

use super::*;
use crate::api::graphql::Code;

const KEY: Key = Key([7; 32]);
const ROOM: u64 = 100_000;

/// One who executes: when he begins, and when he may go on.
#[derive(Default)]
struct Execution {
    begun: AtomicUsize,
    begins: Notify,
    go_on: Notify,
}

impl Execution {
    async fn run(&self, text: &'static str, is_shareable: bool) -> Result<Executed, No> {
        self.begun.fetch_add(1, Ordering::SeqCst);
        self.begins.notify_one();
        self.go_on.notified().await;
        Ok(executed(text, is_shareable))
    }
}

fn executed(text: &'static str, is_shareable: bool) -> Executed {
    let answer = Answer {
        agencies: Arc::default(),
        has_met_official: false,
        occasions: Arc::default(),
        body: text.into(),
        refused: None,
        has_errors: false,
        is_refused: false,
        forbidden: None,
    };
    Executed {
        answer,
        is_shareable,
    }
}

fn cache() -> Arc<Cache> {
    Arc::new(Cache::new(ROOM, Arc::default()))
}

fn edition(version: i64) -> Edition {
    Edition {
        version,
        today: NaiveDate::MIN,
    }
}

async fn ask(cache: &Cache, execution: &Execution, text: &'static str) -> String {
    let answer = cache
        .answer(KEY, edition(1), execution.run(text, true))
        .await
        .unwrap_or_else(|no| panic!("{}", no.message));
    String::from_utf8_lossy(&answer.body).into_owned()
}

#[tokio::test]
async fn those_who_ask_at_once_share_one_execution() {
    let (cache, execution) = (cache(), Execution::default());
    let asked = join_all((0..50).map(|_| ask(&cache, &execution, "one")));
    let leading = async {
        execution.begins.notified().await;
        execution.go_on.notify_one();
    };
    let (answers, ()) = tokio::join!(asked, leading);
    assert_eq!(answers, ["one"; 50]);
    assert_eq!(execution.begun.load(Ordering::SeqCst), 1);
    assert_eq!(ask(&cache, &execution, "another").await, "one");
    let counted = cache.counts.now();
    assert_eq!((counted.misses, counted.shared, counted.hits), (1, 49, 1));
    assert!(counted.bytes > 0 && counted.bytes <= ROOM);
}

#[tokio::test]
async fn who_goes_away_leaves_it_to_the_next() {
    for panics in [false, true] {
        let (cache, execution) = (cache(), Arc::new(Execution::default()));
        let leader = tokio::spawn({
            let (cache, execution) = (cache.clone(), execution.clone());
            async move {
                let execute = async {
                    let executed = execution.run("lost", true).await;
                    assert!(!panics, "made up");
                    executed
                };
                cache.answer(KEY, edition(1), execute).await.map(drop)
            }
        });
        execution.begins.notified().await;
        let follower = tokio::spawn({
            let cache = cache.clone();
            async move {
                let next = Execution::default();
                next.go_on.notify_one();
                ask(&cache, &next, "found").await
            }
        });
        tokio::task::yield_now().await;
        match panics {
            true => execution.go_on.notify_one(),
            false => leader.abort(),
        }
        let ended = leader.await.expect_err("it did not end well");
        assert_eq!(ended.is_panic(), panics);
        assert_eq!(follower.await.expect("it ends well"), "found");
    }
}

#[tokio::test]
async fn what_must_not_be_shared_is_executed_by_each_without_waiting_in_line() {
    let (cache, execution) = (cache(), Execution::default());
    let asked = join_all((0..5).map(|_| async {
        let execute = execution.run("own", false);
        cache.answer(KEY, edition(1), execute).await.is_ok()
    }));
    let released = async {
        execution.begins.notified().await;
        execution.go_on.notify_one();
        // All others stand here together.
        while execution.begun.load(Ordering::SeqCst) < 5 {
            tokio::task::yield_now().await;
        }
        execution.go_on.notify_waiters();
    };
    let patience = Duration::from_secs(20);
    let ended = tokio::time::timeout(patience, async { tokio::join!(asked, released) }).await;
    assert_eq!(ended.expect("nobody waits for ever").0, [true; 5]);
    assert_eq!(cache.counts.now().misses, 5);
}

#[tokio::test]
async fn a_refused_execution_is_not_kept() {
    let cache = cache();
    for _ in 0..2 {
        let refused = async {
            let status = StatusCode::SERVICE_UNAVAILABLE;
            Err(No::http(status, Code::Unavailable, "made up"))
        };
        assert!(cache.answer(KEY, edition(1), refused).await.is_err());
    }
    assert_eq!(cache.counts.now().misses, 2);
}

#[tokio::test]
async fn each_edition_has_answers_of_its_own() {
    let cache = cache();
    let tell = async |edition, text| {
        let execute = async { Ok(executed(text, true)) };
        let answer = cache.answer(KEY, edition, execute).await;
        answer.map(|answer| answer.body).ok()
    };
    let tomorrow = Edition {
        today: NaiveDate::MAX,
        ..edition(2)
    };
    for (edition, text, told) in [
        (edition(1), "first", "first"),
        (edition(1), "again", "first"),
        (edition(2), "second", "second"),
        (edition(2), "again", "second"),
        // Who still reads the version before is answered from it, and nothing is kept of that.
        (edition(1), "late", "late"),
        (edition(1), "later", "later"),
        (edition(2), "again", "second"),
        (tomorrow, "third", "third"),
        (tomorrow, "again", "third"),
    ] {
        assert_eq!(tell(edition, text).await.as_deref(), Some(told.as_bytes()));
    }
    // The answers of earlier editions are gone.
    assert!(cache.counts.now().bytes < 2 * (ENTRY_BYTES + 8));
}
