//! Several at once: hubs, sources, drops beside pulls, and the end of a hub.

use std::{sync::atomic::Ordering, time::Instant};

use futures_util::future::join_all;
use tokio::sync::oneshot;
use zhengxin::{config::Place, jobs::next_run};

use super::{COURT, PATIENCE, REGISTER, Service, hub_of, hub_with, jobs, runs, until_runs};
use crate::support::{Hub, made, on_both};

#[tokio::test]
async fn of_two_hubs_over_one_database_one_asks() {
    on_both(async |db| {
        let service = Service::start().await;
        service.is_court_gated.store(true, Ordering::SeqCst);
        let (one, other) = (hub_of(&db, &service).await, hub_of(&db, &service).await);
        let mut first = jobs(&one);
        let first = tokio::spawn(async move {
            first.tick().await;
        });
        service.until_asked(1).await;
        let mut second = jobs(&other);
        second.tick().await;
        service.gate.add_permits(1);
        first.await.expect("it ends");
        second.tick().await;
        assert_eq!(runs(&other, COURT).await, ["DONE"]);
        assert_eq!(service.asked(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_claim_that_is_given_back_is_free_at_once() {
    on_both(async |db| {
        let hub = Hub::with(&db, |_| {}).await;
        let claimed = (0..8).map(async |source| {
            for time in 0..50 {
                let claim = hub.app.store.claim(&format!("source{source}")).await;
                let claim = claim.expect("it answers");
                let claim = claim.unwrap_or_else(|| panic!("it is not free the {time}th time"));
                claim.release().await;
            }
        });
        join_all(claimed).await;
    })
    .await;
}

#[tokio::test]
async fn what_is_dropped_puts_no_pull_off() {
    on_both(async |db| {
        let service = Service::start().await;
        let drops = db.folder().join("drops");
        std::fs::create_dir(&drops).expect("the folder is ours");
        let hub = hub_with(&db, |config| {
            let place = Place {
                folder: Some(drops.clone()),
                ..service.place("court", "30 5 * * *")
            };
            config.sources.insert(COURT.to_owned(), place);
        })
        .await;
        let mut jobs = jobs(&hub);
        jobs.tick().await;
        assert_eq!(service.asked(), 1);
        for day in 2..5 {
            let now = hub.ingest.clock.now();
            let (source, place) = (
                &hub.app.catalogue.sources[COURT],
                &hub.app.config.sources[COURT],
            );
            let due = next_run(&hub.app.store, source, place, "440000", now).await;
            let due = due.expect("the database answers").expect("it has a time");
            // Something lies there, and is brought in first, whenever the pull is due.
            let list = made::court_jsonl(&[made::listing(day, "佛山市样例局")]);
            let name = format!("list{day}.jsonl");
            std::fs::write(drops.join(&name), list).expect("the folder is ours");
            std::fs::write(drops.join(format!("{name}.ok")), "").expect("the folder is ours");
            hub.later((due - now).num_seconds() + 1);
            jobs.tick().await;
            assert!(!drops.join(&name).exists(), "{name} is brought in");
            assert_eq!(service.asked(), day as usize, "and the pull was made");
        }
    })
    .await;
}

#[tokio::test]
async fn a_slow_source_holds_no_other() {
    on_both(async |db| {
        let service = Service::start().await;
        let hub = hub_with(&db, |config| {
            for (source, path) in [(REGISTER, "register"), (COURT, "court")] {
                let place = service.place(path, "30 5 * * *");
                config.sources.insert(source.to_owned(), place);
            }
        })
        .await;
        let mut jobs = jobs(&hub);
        let ticked = tokio::spawn(async move {
            jobs.tick().await;
        });
        until_runs(&hub, COURT, &["DONE"]).await;
        assert_eq!(runs(&hub, REGISTER).await, ["RUNNING"]);
        assert!(!ticked.is_finished());
        service.gate.add_permits(2);
        ticked.await.expect("it ends");
        assert_eq!(runs(&hub, REGISTER).await, ["DONE"]);
    })
    .await;
}

#[tokio::test]
async fn what_is_under_way_when_the_hub_stops_is_finished() {
    on_both(async |db| {
        let service = Service::start().await;
        service.is_court_gated.store(true, Ordering::SeqCst);
        let hub = hub_of(&db, &service).await;
        let (stop, stopped) = oneshot::channel::<()>();
        let running = tokio::spawn(jobs(&hub).run(async {
            let _ = stopped.await;
        }));
        service.until_asked(1).await;
        stop.send(()).expect("it listens");
        service.gate.add_permits(1);
        running.await.expect("it ends");
        assert_eq!(runs(&hub, COURT).await, ["DONE"]);
        assert_eq!(service.asked(), 1);
    })
    .await;
}

#[tokio::test]
async fn one_that_was_interrupted_is_not_lost() {
    on_both(async |db| {
        let service = Service::start().await;
        service.is_court_gated.store(true, Ordering::SeqCst);
        let hub = hub_of(&db, &service).await;
        let mut interrupted = jobs(&hub);
        let task = tokio::spawn(async move {
            interrupted.tick().await;
        });
        service.until_asked(1).await;
        task.abort();
        assert!(task.await.is_err_and(|error| error.is_cancelled()));
        service.is_court_gated.store(false, Ordering::SeqCst);
        assert_eq!(runs(&hub, COURT).await, ["RUNNING"]);
        // One that was interrupted counts as one that failed, and is put off by up to a minute.
        hub.later(61);
        let mut jobs = jobs(&hub);
        let end = Instant::now() + PATIENCE;
        // The connection of one who is gone takes a moment to close.
        while runs(&hub, COURT).await.len() < 2 {
            assert!(Instant::now() < end, "it is not claimed again");
            jobs.tick().await;
        }
        assert_eq!(runs(&hub, COURT).await, ["FAILED", "DONE"]);
    })
    .await;
}
