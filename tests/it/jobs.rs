//! What the hub does by itself, and when.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::Request,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use tokio::sync::{Semaphore, oneshot};
use zhengxin::{
    config::{Config, Place, When},
    egress::{Egress, Limits},
    failpoint::{self, Failure, Plan},
    jobs::{Jobs, next_run},
};

use crate::support::{Db, Hub, made, on_both, zhengxin};

const REGISTER: &str = "agency_register";
const COURT: &str = "court_debtors";
/// How long something may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A service of the court's and of the register's, on this machine.
struct Service {
    url: String,
    asked: Arc<AtomicUsize>,
    fails: Arc<AtomicBool>,
    /// The register's pages are answered one for each permit, the court's where it is told so.
    gate: Arc<Semaphore>,
    is_court_gated: Arc<AtomicBool>,
}

impl Service {
    async fn start() -> Self {
        let service = Self {
            url: String::new(),
            asked: Arc::default(),
            fails: Arc::default(),
            gate: Arc::new(Semaphore::new(0)),
            is_court_gated: Arc::default(),
        };
        let (asked, fails) = (Arc::clone(&service.asked), Arc::clone(&service.fails));
        let (gate, is_court_gated) = (
            Arc::clone(&service.gate),
            Arc::clone(&service.is_court_gated),
        );
        let answer = move |request: Request| async move {
            asked.fetch_add(1, Ordering::SeqCst);
            let is_register = request.uri().path().starts_with("/register");
            if is_register || is_court_gated.load(Ordering::SeqCst) {
                gate.acquire().await.expect("it is never closed").forget();
            }
            if fails.load(Ordering::SeqCst) {
                return StatusCode::BAD_GATEWAY.into_response();
            }
            page(is_register, request.uri().path())
        };
        let router = Router::new().fallback(answer);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            url: format!("http://{address}"),
            ..service
        }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// Waits until it was asked so often.
    async fn until_asked(&self, times: usize) {
        let end = Instant::now() + PATIENCE;
        while self.asked() < times {
            assert!(Instant::now() < end, "asked {} times", self.asked());
            tokio::task::yield_now().await;
        }
    }

    fn place(&self, path: &str, schedule: &str) -> Place {
        Place {
            url: Some(format!("{}/{path}", self.url)),
            allow: vec!["127.0.0.0/8".to_owned()],
            schedule: Some(When::At(schedule.parse().expect("a timetable"))),
            ..Place::default()
        }
    }
}

fn page(is_register: bool, path: &str) -> Response {
    if !is_register {
        let listings = [1, 2].map(|id| made::listing(id, "佛山市禅城区样例局"));
        return made::court_page(&listings, 2).into_response();
    }
    let body = made::body(1, "佛山市样例局", "440600");
    let row: serde_json::Map<_, _> = zhengxin::demo::files::REGISTER
        .iter()
        .map(|heading| (*heading).to_owned())
        .zip(body.cells.map(Value::from))
        .collect();
    let list = match path.ends_with("agencies") {
        true => vec![row],
        false => Vec::new(),
    };
    let data = json!({ "total": list.len(), "list": list });
    json!({ "code": "0", "data": data })
        .to_string()
        .into_response()
}

/// A hub that asks the service for the court's list half past five each morning.
async fn hub_of(db: &Db, service: &Service) -> Hub {
    let place = service.place("court", "30 5 * * *");
    hub_with(db, |config| {
        config.sources.insert(COURT.to_owned(), place);
    })
    .await
}

async fn hub_with(db: &Db, change: impl FnOnce(&mut Config)) -> Hub {
    let mut hub = Hub::with(db, change).await;
    hub.it_is_now("2026-11-20T09:00:00");
    // Its own pauses go by another clock than the schedules', so it has none here.
    let short = Duration::from_millis(2);
    hub.ingest.egress = Egress::with(Limits {
        backoff: short,
        backoff_max: short,
        failures_max: u32::MAX,
        ..Limits::default()
    });
    hub
}

fn jobs(hub: &Hub) -> Jobs {
    Jobs::new(&hub.app.config, &hub.ingest)
}

/// The states of a source's runs, the first one first.
async fn runs(hub: &Hub, source: &str) -> Vec<String> {
    let runs = hub.app.store.list_runs(source, None, 100).await;
    let runs = runs.expect("the database answers");
    runs.iter().rev().map(|run| run.state.to_string()).collect()
}

async fn until_runs(hub: &Hub, source: &str, states: &[&str]) {
    let end = Instant::now() + PATIENCE;
    loop {
        let told = runs(hub, source).await;
        if told == states {
            return;
        }
        assert!(Instant::now() < end, "{told:?}");
    }
}

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
            let end = Instant::now() + PATIENCE;
            // A hold that was given back may still be on its way.
            while drops.join(&name).exists() {
                assert!(Instant::now() < end, "{name} is not brought in");
                jobs.tick().await;
            }
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

#[test]
fn the_doctor_says_how_each_source_stands() {
    let db = Db::sqlite();
    let data = db.folder().display().to_string();
    zhengxin(["migrate", "--data", &data]).run().ended(0);
    let told = |config: &str, code: i32| {
        let config = db.file("zhengxin.toml", config.as_bytes());
        let config = config.display().to_string();
        let arguments = ["doctor", "-o", "json", "--data", &data, "--config", &config];
        zhengxin(arguments).run().ended(code).json()
    };
    let says = |told: &Value, source: &str, is_good: bool, words: &[&str]| {
        let what = format!("source {source}");
        let findings = told.as_array().expect("a list");
        let finding = findings.iter().find(|finding| finding["what"] == *what);
        let finding = finding.unwrap_or_else(|| panic!("no {what} in {told:#}"));
        let text = finding["told"].as_str().unwrap_or_default();
        assert!(
            finding["ok"] == is_good && words.iter().all(|word| text.contains(word)),
            "{source} {words:?}: {told:#}"
        );
    };
    let pulled = "[sources.court_debtors]\nurl = \"http://127.0.0.1:1\"\n";
    let new = told(pulled, 0);
    says(&new, COURT, true, &["due now", "never brought in"]);
    says(&new, REGISTER, true, &["not configured"]);
    let listings = [made::listing(1, "佛山市样例局")];
    let list = db.file("list.jsonl", &made::court_jsonl(&listings));
    let list = list.display().to_string();
    let bring = ["ingest", COURT, "--data", &data, "--file", &list];
    let old = bring.iter().chain(&["--as-of", "2020-01-01"]);
    let ran = zhengxin(old).run().ended(0);
    assert_eq!(ran.err, "", "progress is for terminals");
    let stale = "stale: data as of 2020-01-01 23:59:59 +08:00";
    says(&told(pulled, 0), COURT, true, &["due now", stale]);
    zhengxin(bring).run().ended(0);
    says(
        &told(pulled, 0),
        COURT,
        true,
        &["due now", "; data as of 2"],
    );
    let others = format!(
        "[sources.court_debtors]\nschedule = \"off\"\n[sources.agency_register]\nfolder = {data:?}\n"
    );
    let others = told(&others, 0);
    says(&others, COURT, true, &["off"]);
    says(&others, REGISTER, true, &["folder", &data]);
    let disabled = format!("[jobs]\nenabled = false\n{pulled}");
    says(&told(&disabled, 0), COURT, true, &["jobs.enabled is false"]);
    let wrong = "[sources.court]\n[sources.court_debtors]\nfolder = \"/nowhere\"\n";
    let wrong = told(wrong, 1);
    says(&wrong, "court", false, &["no such source"]);
    says(&wrong, COURT, false, &["/nowhere"]);
}

#[test]
fn what_is_served_brings_in_what_is_dropped() {
    let db = Db::sqlite();
    let drops = db.folder().join("drops");
    std::fs::create_dir(&drops).expect("the folder is ours");
    let list = made::court_jsonl(&[made::listing(1, "佛山市样例局")]);
    std::fs::write(drops.join("list.jsonl"), list).expect("the folder is ours");
    std::fs::write(drops.join("list.jsonl.ok"), "").expect("the folder is ours");
    let config = format!(
        "[sources.court_debtors]\nfolder = {:?}\n",
        drops.display().to_string()
    );
    let config = db.file("zhengxin.toml", config.as_bytes());
    let (config, data) = (
        config.display().to_string(),
        db.folder().display().to_string(),
    );
    let mut running = zhengxin([
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--data",
        &data,
        "--config",
        &config,
    ])
    .start();
    running.lines_until("ready ");
    let end = Instant::now() + PATIENCE;
    while drops.join("list.jsonl.ok").exists() {
        assert!(
            Instant::now() < end && running.is_alive(),
            "it is not brought in"
        );
        std::thread::yield_now();
    }
    let done = std::fs::read_dir(drops.join("done")).expect("it is put away");
    assert_eq!(done.count(), 3, "the list, its mark and its report");
}
