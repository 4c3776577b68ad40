//! What the hub does by itself, and when.

mod mirrored;
mod program;
mod schedule;
mod side_by_side;

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
use tokio::sync::Semaphore;
use zhengxin::{
    config::{Config, Place, When},
    egress::{Egress, Limits},
    jobs::Jobs,
};

use crate::support::{Db, Hub, made};

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
    /// Whether the court has taken back what it had listed.
    is_removed: Arc<AtomicBool>,
}

impl Service {
    async fn start() -> Self {
        let service = Self {
            url: String::new(),
            asked: Arc::default(),
            fails: Arc::default(),
            gate: Arc::new(Semaphore::new(0)),
            is_court_gated: Arc::default(),
            is_removed: Arc::default(),
        };
        let (asked, fails) = (Arc::clone(&service.asked), Arc::clone(&service.fails));
        let (gate, is_court_gated) = (
            Arc::clone(&service.gate),
            Arc::clone(&service.is_court_gated),
        );
        let is_removed = Arc::clone(&service.is_removed);
        let answer = move |request: Request| async move {
            asked.fetch_add(1, Ordering::SeqCst);
            let is_register = request.uri().path().starts_with("/register");
            if is_register || is_court_gated.load(Ordering::SeqCst) {
                gate.acquire().await.expect("it is never closed").forget();
            }
            if fails.load(Ordering::SeqCst) {
                return StatusCode::BAD_GATEWAY.into_response();
            }
            let is_removed = is_removed.load(Ordering::SeqCst);
            page(is_register, is_removed, request.uri().path())
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

fn page(is_register: bool, is_removed: bool, path: &str) -> Response {
    if !is_register {
        let listings = match is_removed {
            false => [1, 2].map(|id| made::listing(id, "佛山市禅城区样例局")),
            true => [3, 4].map(|id| made::listing(id, "云上样例大队")),
        };
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
