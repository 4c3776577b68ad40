//! Deliveries that are interrupted while they are fetched, or before they are read: what had landed is
//! not fetched again, and the end is that of one that never was interrupted.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    body::{Body, Bytes},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use futures_util::{StreamExt as _, stream};
use zhengxin::{
    config::{Place, When},
    egress::{Egress, Limits},
    failpoint::{self, Failure, Plan},
    ingest::{Error, From, Order, Report},
    jobs::Jobs,
    store,
};

use super::{COURT, bring_town, hub_with_town, same_state::same};
use crate::support::{
    Db, Hub, Outside, Program, Ran, count, leftovers, made, on_both, state, zhengxin,
};

const PAGES: u64 = 6;
/// Rows of a page where nothing depends on how long reading takes.
const FEW: i64 = 5;
/// As many as are asked for.
const MANY: i64 = 500;
const PATIENCE: Duration = Duration::from_secs(120);

/// The court's list, page by page, and who asked for which.
struct List {
    server: Outside,
    asked: Arc<Mutex<Vec<u64>>>,
    /// The page whose answer never ends, or fails.
    stuck_at: Arc<AtomicU64>,
    page_rows: i64,
    /// Where the list begins: moved on, its rows stand on other pages.
    first: Arc<AtomicI64>,
}

impl List {
    async fn start(page_rows: i64, fails: bool) -> Self {
        let (asked, stuck_at) = (
            Arc::<Mutex<Vec<u64>>>::default(),
            Arc::<AtomicU64>::default(),
        );
        let first = Arc::new(AtomicI64::new(1));
        let (noted, stuck, begins) = (asked.clone(), stuck_at.clone(), first.clone());
        let server = Outside::answering(move |asked| {
            let page = asked.parameter("currentPage").expect("it is paged");
            let page: u64 = page.parse().expect("a number");
            noted.lock().expect("nobody panics").push(page);
            match (page == stuck.load(Ordering::SeqCst), fails) {
                (true, true) => StatusCode::BAD_GATEWAY.into_response(),
                (true, false) => never_ending(),
                (false, _) => answer(page as i64, page_rows, begins.load(Ordering::SeqCst)),
            }
        })
        .await;
        Self {
            server,
            asked,
            stuck_at,
            page_rows,
            first,
        }
    }

    fn rows(&self) -> serde_json::Value {
        rows_of(self.page_rows).into()
    }

    /// The pages that were asked for since this was asked.
    fn asked(&self) -> Vec<u64> {
        std::mem::take(&mut self.asked.lock().expect("nobody panics"))
    }

    fn sticks_at(&self, page: u64) {
        self.stuck_at.store(page, Ordering::SeqCst);
    }

    async fn until_asked_for(&self, page: u64) {
        let end = Instant::now() + PATIENCE;
        while !self.asked.lock().expect("nobody panics").contains(&page) {
            assert!(Instant::now() < end, "page {page} is never asked for");
            tokio::task::yield_now().await;
        }
    }

    fn order(&self) -> Order {
        order(Place {
            url: Some(self.server.url.clone()),
            allow: vec!["127.0.0.0/8".to_owned()],
            ..Place::default()
        })
    }

    fn program(&self, db: &Db) -> Program {
        let (url, data) = (db.url(), db.folder().display().to_string());
        let arguments = [
            "ingest",
            COURT,
            "--database-url",
            &url,
            "--data",
            &data,
            "-o",
            "json",
        ];
        zhengxin(arguments)
            .env("ZHENGXIN__SOURCES__COURT_DEBTORS__URL", &self.server.url)
            .env(
                "ZHENGXIN__SOURCES__COURT_DEBTORS__ALLOW",
                "[\"127.0.0.0/8\"]",
            )
    }

    /// Brings it in to its end; who was killed may still hold his place for a moment.
    fn bring_in(&self, db: &Db) -> Ran {
        let end = Instant::now() + PATIENCE;
        loop {
            let ran = self.program(db).run();
            if !ran.err.contains("another process") || Instant::now() > end {
                return ran.ended(0);
            }
        }
    }

    /// The state after it was brought in at once.
    async fn clean(&self, db: &Db) -> String {
        let db = db.another();
        let hub = hub_with_town(&db).await;
        bring(&hub, &self.order()).await;
        self.asked();
        state(&hub).await
    }
}

fn order(place: Place) -> Order {
    Order {
        source: COURT.to_owned(),
        feed: None,
        from: From::Place(Box::new(place)),
        as_of: None,
        partial: false,
        dry_run: false,
    }
}

/// All pages but the last are full.
fn rows_of(page_rows: i64) -> i64 {
    PAGES as i64 * page_rows - 2
}

fn answer(page: i64, page_rows: i64, first: i64) -> Response<Body> {
    let rows = rows_of(page_rows);
    let start = first + (page - 1) * page_rows;
    let end = (start + page_rows).min(first + rows);
    let listings: Vec<_> = (start..end)
        .map(|id| made::listing(id, "佛山市禅城区样例局"))
        .collect();
    made::court_page(&listings, rows as usize).into_response()
}

fn never_ending() -> Response<Body> {
    let begins = stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"{"))]);
    Body::from_stream(begins.chain(stream::pending())).into_response()
}

async fn bring(hub: &Hub, order: &Order) -> Report {
    let report = hub.run(order).await;
    let report = report.expect("it can be tried");
    assert!(report.change.is_some(), "{report:#?}");
    report
}

/// Begins a delivery and drops it when a page is asked for.
async fn interrupt(hub: &Hub, list: &List, page: u64) {
    list.sticks_at(page);
    let order = list.order();
    tokio::select! {
        ended = hub.ingest.run(&order, &|_| {}) => panic!("it ends: {ended:#?}"),
        () = list.until_asked_for(page) => {}
    }
    list.sticks_at(0);
    list.asked();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_killed_at_a_page_fetches_only_what_had_not_landed() {
    on_both(async |db| {
        let list = List::start(FEW, false).await;
        let clean = list.clean(&db).await;
        let hub = hub_with_town(&db).await;
        list.sticks_at(4);
        let process = list.program(&db).start();
        list.until_asked_for(4).await;
        process.kill();
        assert_eq!(list.asked(), [1, 2, 3, 4]);
        list.sticks_at(0);

        let ran = list.bring_in(&db).json();
        // The last page that had landed is asked for once more: nothing moved meanwhile.
        assert_eq!(list.asked(), [3, 4, 5, 6]);
        assert_eq!(
            (&ran["received"], &ran["stored"]),
            (&list.rows(), &list.rows()),
            "{ran:#}"
        );
        let warnings = ran["warnings"].to_string();
        assert!(
            warnings.contains("interrupted: 3 of its files had landed"),
            "{warnings}"
        );
        same(&clean, &state(&hub).await, "killed while it was fetched");
        assert_eq!(leftovers(&hub).await, "");
        assert_eq!(files(&hub).await, PAGES as i64);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_killed_when_all_has_landed_asks_for_nothing() {
    on_both(async |db| {
        let list = List::start(MANY, false).await;
        let clean = list.clean(&db).await;
        let hub = hub_with_town(&db).await;
        let mut process = list.program(&db).start();
        let whole = "SELECT COUNT(*) FROM run WHERE source = 'court_debtors' AND checkpoints = '{}' \
                     AND landed_at IS NOT NULL AND is_whole";
        let end = Instant::now() + PATIENCE;
        while process.is_alive() && count(&hub, whole).await == 0 {
            assert!(Instant::now() < end, "it never lands");
        }
        process.kill();
        assert_eq!(count(&hub, "SELECT COUNT(*) FROM run WHERE state = 'RUNNING'").await, 1);
        assert_eq!(list.asked(), [1, 2, 3, 4, 5, 6]);

        let ran = list.bring_in(&db).json();
        assert_eq!(list.asked(), Vec::<u64>::new());
        assert_eq!((&ran["received"], &ran["stored"]), (&list.rows(), &list.rows()), "{ran:#}");
        same(&clean, &state(&hub).await, "killed before it was read");
        assert_eq!(leftovers(&hub).await, "");
        let said = "SELECT COUNT(DISTINCT data_as_of) FROM run WHERE source = 'court_debtors'";
        assert_eq!(count(&hub, said).await, 1, "it speaks of when it was fetched");
        // What went in is not gone on with: the next one asks anew.
        list.bring_in(&db);
        assert_eq!(list.asked(), [1, 2, 3, 4, 5, 6]);
    })
    .await;
}

/// Files of the newest run.
async fn files(hub: &Hub) -> i64 {
    let sql = "SELECT COUNT(*) FROM run_file WHERE run_id = (SELECT MAX(id) FROM run)";
    count(hub, sql).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_moved_meanwhile_is_fetched_from_its_beginning() {
    on_both(async |db| {
        let list = List::start(FEW, false).await;
        let hub = hub_with_town(&db).await;
        interrupt(&hub, &list, 4).await;
        list.first.store(2, Ordering::SeqCst);
        bring(&hub, &list.order()).await;
        assert_eq!(list.asked(), [3, 1, 2, 3, 4, 5, 6]);
        same(
            &list.clean(&db).await,
            &state(&hub).await,
            "the list as it is now",
        );
        assert_eq!(files(&hub).await, PAGES as i64);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_landed_too_long_ago_or_from_elsewhere_is_fetched_anew() {
    let all = [1, 2, 3, 4, 5, 6];
    on_both(async |db| {
        let list = List::start(FEW, false).await;
        let hub = hub_with_town(&db).await;
        interrupt(&hub, &list, 4).await;
        hub.later(31 * 60);
        bring(&hub, &list.order()).await;
        assert_eq!(list.asked(), all, "half of it rested for too long");

        interrupt(&hub, &list, 4).await;
        bring(
            &hub,
            &Order {
                partial: true,
                ..list.order()
            },
        )
        .await;
        assert_eq!(list.asked(), all, "it is another delivery");

        for (hours, asked) in [(11, Vec::new()), (13, all.to_vec())] {
            let order = list.order();
            let at_reading = Plan::of(vec![("landed.whole", 1, Failure::GivenUp)]);
            let run = hub.ingest.run(&order, &|_| {});
            assert!(failpoint::with(&at_reading, run).await.is_none());
            assert_eq!(list.asked(), all);
            hub.later(hours * 3_600);
            bring(&hub, &list.order()).await;
            assert_eq!(list.asked(), asked, "whole for {hours} hours");
        }

        interrupt(&hub, &list, 4).await;
        let file = made::court_jsonl(&[made::listing(1, "佛山市禅城区样例局")]);
        hub.ingest(COURT, &[("list.jsonl", &file)], |order| {
            order.partial = true
        })
        .await;
        bring(&hub, &list.order()).await;
        assert_eq!(list.asked(), all, "something else came in between");
        assert_eq!(leftovers(&hub).await, "");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_fails_half_way_is_gone_on_with_once_it_is_back() {
    on_both(async |db| {
        let list = List::start(FEW, true).await;
        let clean = list.clean(&db).await;
        let mut hub = hub_with_town(&db).await;
        hub.ingest.egress = Egress::with(Limits {
            tries_max: 1,
            failures_max: u32::MAX,
            ..Limits::default()
        });
        for page in [4, 4, 6] {
            list.sticks_at(page);
            let report = hub.run(&list.order()).await;
            super::refused(
                &report.expect("it can be tried"),
                &[&format!("page {page}"), "502"],
            );
        }
        assert_eq!(list.asked(), [1, 2, 3, 4, 3, 4, 3, 4, 5, 6]);
        list.sticks_at(0);
        bring(&hub, &list.order()).await;
        assert_eq!(list.asked(), [5, 6]);
        same(&clean, &state(&hub).await, "interrupted three times");
        assert_eq!(leftovers(&hub).await, "");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_is_being_fetched_is_asked_by_nobody_else() {
    on_both(async |db| {
        let list = List::start(FEW, false).await;
        let (hub, other) = (hub_with_town(&db).await, Hub::on(&db).await);
        list.sticks_at(2);
        let order = list.order();
        let second = async {
            list.until_asked_for(2).await;
            list.asked();
            other.ingest.run(&order, &|_| {}).await
        };
        tokio::select! {
            ended = hub.ingest.run(&order, &|_| {}) => panic!("it ends: {ended:#?}"),
            tried = second => assert!(
                matches!(tried, Err(Error::Store(store::Error::Busy { .. }))),
                "{tried:#?}"
            ),
        }
        assert_eq!(list.asked(), Vec::<u64>::new());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interruption_at_any_step_costs_no_page_twice() {
    on_both(async |db| {
        let list = List::start(FEW, false).await;
        let clean = list.clean(&db).await;
        let hub = hub_with_town(&db).await;
        // One after the other, each takes over from the one before it.
        for (point, pass, asked) in [
            ("run.begun", 1, vec![]),
            ("raw.landed", 2, vec![1, 2]),
            ("landed.noted", 1, vec![1, 2]),
            ("run.begun", 1, vec![]),
            ("take_back.end", 1, vec![]),
            ("landed.noted", 2, vec![2, 3, 4]),
            ("landed.whole", 1, vec![4, 5, 6]),
            ("stage.batch", 1, vec![]),
            ("stage.staged", 1, vec![]),
            ("take_back.batch", 1, vec![]),
            ("close", 1, vec![]),
            ("close.commit", 1, vec![]),
        ] {
            let order = list.order();
            let plan = Plan::of(vec![(point, pass, Failure::GivenUp)]);
            let run = hub.ingest.run(&order, &|_| {});
            assert!(
                failpoint::with(&plan, run).await.is_none(),
                "{point} is passed"
            );
            assert_eq!(list.asked(), asked, "{point}");
        }
        bring(&hub, &list.order()).await;
        assert_eq!(list.asked(), Vec::<u64>::new());
        same(&clean, &state(&hub).await, "interrupted at every step");
        assert_eq!(leftovers(&hub).await, "");
        assert_eq!(files(&hub).await, PAGES as i64);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_hub_does_by_itself_is_gone_on_with_too() {
    on_both(async |db| {
        let list = List::start(FEW, false).await;
        let clean = list.clean(&db).await;
        bring_town(&Hub::on(&db).await).await;
        let place = Place {
            url: Some(list.server.url.clone()),
            allow: vec!["127.0.0.0/8".to_owned()],
            schedule: Some(When::At("30 5 * * *".parse().expect("a timetable"))),
            ..Place::default()
        };
        let hub = async || {
            Hub::with(&db, |config| {
                config.sources.insert(COURT.to_owned(), place.clone());
            })
            .await
        };
        let stopped = hub().await;
        list.sticks_at(4);
        let mut jobs = Jobs::new(&stopped.app.config, &stopped.ingest);
        tokio::select! {
            _ = jobs.tick() => panic!("it ends"),
            () = list.until_asked_for(4) => {}
        }
        drop(jobs);
        list.sticks_at(0);
        assert_eq!(list.asked(), [1, 2, 3, 4]);

        let hub = hub().await;
        // One that broke off is put off by a minute.
        hub.later(61);
        let mut jobs = Jobs::new(&hub.app.config, &hub.ingest);
        let (end, mut asked) = (Instant::now() + PATIENCE, Vec::new());
        // Whoever was stopped may still hold his place for a moment.
        while asked.is_empty() {
            assert!(Instant::now() < end, "it never goes on");
            jobs.tick().await;
            asked = list.asked();
        }
        assert_eq!(asked, [3, 4, 5, 6]);
        same(&clean, &state(&hub).await, "stopped and started again");
        assert_eq!(leftovers(&hub).await, "");
    })
    .await;
}
