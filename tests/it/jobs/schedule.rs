//! When a source is due, after successes, failures and panics.

use std::{sync::atomic::Ordering, time::Duration};

use zhengxin::{
    config::{Place, When},
    failpoint::{self, Failure, Plan},
};

use super::{COURT, Service, hub_of, hub_with, jobs, runs};
use crate::support::{Db, made, on_both};

#[tokio::test]
async fn it_comes_at_its_time_and_not_twice() {
    on_both(async |db| {
        let service = Service::start().await;
        let hub = hub_of(&db, &service).await;
        let mut jobs = jobs(&hub);
        jobs.tick().await;
        assert_eq!(runs(&hub, COURT).await, ["DONE"], "it never was brought in");
        for quiet in [
            "2026-11-20T09:00:01",
            "2026-11-20T17:00:00",
            "2026-11-21T05:29:59",
        ] {
            hub.it_is_now(quiet);
            let wait = jobs.tick().await.expect("there is a source");
            assert!(
                !wait.is_zero() && wait <= Duration::from_secs(30),
                "{quiet}: {wait:?}"
            );
            assert_eq!(service.asked(), 1, "{quiet}");
        }
        // Behind all that it may be put off.
        hub.it_is_now("2026-11-21T06:01:00");
        jobs.tick().await;
        jobs.tick().await;
        assert_eq!(runs(&hub, COURT).await, ["DONE", "DONE"]);
        let mut restarted = self::jobs(&hub);
        restarted.tick().await;
        assert_eq!(service.asked(), 2, "a restart is no reason");
    })
    .await;
}

#[tokio::test]
async fn what_was_missed_is_made_up_for_once() {
    on_both(async |db| {
        let service = Service::start().await;
        let hub = hub_of(&db, &service).await;
        jobs(&hub).tick().await;
        hub.it_is_now("2026-12-05T12:00:00");
        let mut jobs = jobs(&hub);
        for _ in 0..3 {
            jobs.tick().await;
            hub.later(60);
        }
        assert_eq!(runs(&hub, COURT).await, ["DONE", "DONE"]);
        assert_eq!(service.asked(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_source_that_fails_is_asked_ever_less_often_until_it_recovers() {
    on_both(async |db| {
        let service = Service::start().await;
        let hub = hub_of(&db, &service).await;
        service.fails.store(true, Ordering::SeqCst);
        let mut jobs = jobs(&hub);
        for (failed, minutes) in [(1, 1), (2, 2), (3, 4)] {
            for _ in 0..3 {
                jobs.tick().await;
            }
            assert_eq!(runs(&hub, COURT).await, vec!["FAILED"; failed]);
            hub.later(minutes * 60);
        }
        service.fails.store(false, Ordering::SeqCst);
        // It was read from the database how often it failed: who starts now knows it too.
        let mut jobs = self::jobs(&hub);
        jobs.tick().await;
        assert_eq!(
            runs(&hub, COURT).await,
            ["FAILED", "FAILED", "FAILED", "DONE"]
        );
        hub.later(3_600);
        jobs.tick().await;
        assert_eq!(runs(&hub, COURT).await.len(), 4);
    })
    .await;
}

#[tokio::test]
async fn what_is_off_is_left_alone() {
    on_both(async |db| {
        let service = Service::start().await;
        let drops = db.folder().join("drops");
        std::fs::create_dir(&drops).expect("the folder is ours");
        let list = made::court_jsonl(&[made::listing(1, "佛山市样例局")]);
        std::fs::write(drops.join("list.jsonl"), list).expect("the folder is ours");
        let hub = hub_with(&db, |config| {
            let place = Place {
                schedule: Some(When::Off),
                folder: Some(drops.clone()),
                ..service.place("court", "* * * * *")
            };
            config.sources.insert(COURT.to_owned(), place);
            // One that is not in the catalogue holds nobody.
            let place = service.place("other", "* * * * *");
            config.sources.insert("no_such_source".to_owned(), place);
        })
        .await;
        let mut jobs = jobs(&hub);
        for _ in 0..3 {
            assert_eq!(jobs.tick().await, None);
            hub.later(86_400);
        }
        assert_eq!((runs(&hub, COURT).await.len(), service.asked()), (0, 0));
        assert!(drops.join("list.jsonl").exists());
    })
    .await;
}

#[tokio::test]
async fn a_run_that_was_only_tried_is_no_attempt() {
    on_both(async |db| {
        let service = Service::start().await;
        let hub = hub_of(&db, &service).await;
        let mut jobs = jobs(&hub);
        jobs.tick().await;
        hub.later(60);
        let bad: [(&str, &[u8]); 1] = [("bad.csv", b"a,b\n1,2\n")];
        let tried = hub.ingest(COURT, &bad, |order| order.dry_run = true).await;
        assert!(tried.change.is_none(), "{tried:#?}");
        hub.later(3_600);
        jobs.tick().await;
        assert_eq!(service.asked(), 1);
    })
    .await;
}

#[tokio::test]
async fn however_much_is_dropped_a_pull_comes_no_earlier() {
    let db = Db::sqlite();
    let service = Service::start().await;
    let hub = hub_of(&db, &service).await;
    jobs(&hub).tick().await;
    assert_eq!(service.asked(), 1);
    for _ in 0..51 {
        hub.later(60);
        let bad: [(&str, &[u8]); 1] = [("bad.csv", b"a,b\n1,2\n")];
        hub.ingest(COURT, &bad, |_| {}).await;
    }
    jobs(&hub).tick().await;
    assert_eq!(service.asked(), 1, "it is due tomorrow");
    hub.it_is_now("2026-11-21T06:01:00");
    jobs(&hub).tick().await;
    assert_eq!(service.asked(), 2);
}

#[tokio::test]
async fn a_source_that_panics_is_looked_after_again_and_not_for_ever() {
    let db = Db::sqlite();
    let service = Service::start().await;
    let hub = hub_of(&db, &service).await;
    let panicking = |passes: u64| {
        let failures = (1..=passes).map(|pass| ("run.begun", pass, Failure::Panic));
        Plan::of(failures.collect())
    };
    let mut jobs = jobs(&hub);
    let wait = failpoint::with(&panicking(1), jobs.tick()).await;
    assert_eq!(wait, Some(Some(Duration::from_secs(5))));
    hub.later(3_600);
    let wait = jobs.tick().await.expect("it is looked after again");
    assert!(wait > Duration::from_secs(5), "{wait:?}");
    assert_eq!(runs(&hub, COURT).await, ["FAILED", "DONE"]);

    hub.later(86_400);
    let plan = panicking(20);
    let mut waits = Vec::new();
    for _ in 0..11 {
        let wait = failpoint::with(&plan, jobs.tick()).await;
        waits.push(wait.expect("it is not given up").map(|wait| wait.as_secs()));
        hub.later(3_601);
    }
    let told = [5, 10, 20, 40, 80, 160, 320, 600, 600].map(Some);
    assert_eq!((&waits[..9], &waits[9..]), (&told[..], &[None, None][..]));
    assert_eq!(plan.failed().len(), 10, "then it is left alone");
    // Whoever starts anew begins anew.
    self::jobs(&hub).tick().await;
    assert_eq!(service.asked(), 2);
}
