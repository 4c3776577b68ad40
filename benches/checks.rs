//! Sanction checks over HTTP with a token and a durable entry of the audit log each, on SQLite, beside a bare
//! axum echo of the same requests in the same run, and pages of watch lists while records change: `cargo bench
//! --bench checks`, with `-- AGENCIES RECORDS` another size. Server and load share the machine; the log is put
//! together meanwhile, as by `serve`. Where `ZHENGXIN_BESIDE` names a Python that has nomenklatura, it is asked the
//! same questions afterwards.
#![expect(clippy::print_stdout, reason = "a bench reports")]

use std::{
    net::SocketAddr,
    path::Path,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{Router, body::Bytes, routing::post};
use domain::viewer::{Role, Scope};
use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use zhengxin::{
    api,
    app::App,
    auth::Grant,
    clock::Clock,
    config::{Config, LocalKey},
    demo::World,
    jobs,
};

#[path = "assess/province.rs"]
mod province;
#[path = "checks/watch.rs"]
mod watch;
#[path = "checks/wire.rs"]
mod wire;

use wire::Client;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const CLIENTS: usize = 48;
const WARM_UP: Duration = Duration::from_secs(2);
const MEASURED: Duration = Duration::from_secs(10);
const BATCH: usize = 500;
const BATCHES: usize = 30;
/// Different questions.
const QUESTIONS: usize = 20_000;
const CHECK: &str = "query ($input: SanctionCheckInput!) { sanctionCheck(input: $input, purpose: \"联合惩戒\") \
     { id verdict answerDigest notice resolution { outcome agency { uscc } } records { kind identifiedOn } } }";
const CHECKS: &str = "query ($inputs: [SanctionCheckInput!]!) { sanctionChecks(inputs: $inputs, purpose: \"联合惩戒\") \
     { id verdict answerDigest resolution { outcome agency { uscc } } records { kind identifiedOn } } }";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut sizes = std::env::args()
        .skip(1)
        .filter_map(|size| size.parse().ok());
    let agencies: usize = sizes.next().unwrap_or(350_000);
    let records: usize = sizes.next().unwrap_or(1_000_000);
    let folder = tempfile::tempdir()?;
    let mut config = Config::default();
    config.database.data = folder.path().to_owned();
    config.auth.local = Some(LocalKey {
        key: Some("a key that only this bench signs with".to_owned()),
        ..LocalKey::default()
    });
    config.rates.subject_per_second = std::num::NonZeroU32::MAX;
    config.rates.subject_burst = std::num::NonZeroU32::MAX;
    config.rates.address_per_second = std::num::NonZeroU32::MAX;
    config.rates.address_burst = std::num::NonZeroU32::MAX;
    let world =
        province::fill(&config, folder.path(), agencies, records, province::HOLDING).await?;
    let app = App::start(config, Clock::system()).await?;
    println!("loaded: {:?}", app.live.now().counts());
    let token = app.auth.issue(&Grant {
        subject: "bench".to_owned(),
        role: Role::Court,
        divisions: vec!["440600".parse()?],
        agency: None,
        scopes: vec![Scope::Adhoc],
        minutes: 60,
    })?;
    let audit = app.audit.clone();
    let stopping = CancellationToken::new();
    let keeping = tokio::spawn(jobs::keep_audit_log(audit.clone(), stopping.clone()));
    let hub = listen(api::router(app.clone())?).await?;
    let echo =
        listen(Router::new().route("/graphql", post(|body: Bytes| async move { body }))).await?;
    let questions = questions(&world);
    let bodies: Vec<_> = questions
        .iter()
        .map(|input| json!({ "query": CHECK, "variables": { "input": input } }).to_string())
        .collect();
    let bodies = Arc::new(bodies);
    for (name, address) in [("checks", hub), ("echo", echo)] {
        let told = load(address, &token, &bodies).await?;
        println!(
            "{name:<7} {:>8.0} a second, median {:>6.2} ms, 99 % {:>6.2} ms, worst {:>6.2} ms",
            told.len() as f64 / MEASURED.as_secs_f64(),
            part(&told, 0.5),
            part(&told, 0.99),
            part(&told, 1.0)
        );
    }
    println!(
        "entries in the log that are not put together yet: {:?}",
        audit.pending().await?
    );
    let mut times = Vec::new();
    let mut client = Client::to(hub, &token).await?;
    for at in 0..BATCHES {
        let inputs: Vec<_> = questions
            .iter()
            .cycle()
            .skip(at * BATCH)
            .take(BATCH)
            .collect();
        let body = json!({ "query": CHECKS, "variables": { "inputs": inputs } }).to_string();
        let started = Instant::now();
        let answer = client.ask(&body).await?;
        anyhow::ensure!(
            answer.contains("\"data\"") && !answer.contains("\"errors\""),
            "{answer:.300}"
        );
        times.push(started.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    println!(
        "a batch of {BATCH}: median {:.1} ms, worst {:.1} ms",
        part(&times, 0.5),
        part(&times, 1.0)
    );
    watch::measure(&app, (hub, &token), &world.agencies, folder.path()).await?;
    stopping.cancel();
    keeping.await?;
    beside(folder.path(), &questions)
}

/// The same questions asked of others' matching, which prints how it came off.
fn beside(folder: &Path, questions: &[serde_json::Value]) -> anyhow::Result<()> {
    let Some(python) = std::env::var_os("ZHENGXIN_BESIDE") else {
        println!("nothing else is asked beside it: ZHENGXIN_BESIDE names no Python");
        return Ok(());
    };
    let lines: String = questions.iter().map(|one| format!("{one}\n")).collect();
    std::fs::write(folder.join("questions.jsonl"), lines)?;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/compare_checks.py");
    let status = Command::new(python)
        .args(["-P", script])
        .arg(folder)
        .status()?;
    anyhow::ensure!(status.success(), "{script} ended with {status}");
    Ok(())
}

/// Codes, names, names with one character lost, and codes that nobody bears.
fn questions(world: &World) -> Vec<serde_json::Value> {
    let bodies = world.agencies.iter().cycle().step_by(17);
    let questions = bodies.zip(0..QUESTIONS).map(|(body, at)| match at % 10 {
        0..=4 => json!({ "uscc": body.uscc.to_string() }),
        5..=7 => json!({ "name": body.name }),
        8 => json!({ "uscc": body.uscc.to_string(), "name": body.name }),
        _ => {
            let name: String = body.name.chars().filter(|c| *c != '市').collect();
            json!({ "name": name })
        }
    });
    questions.collect()
}

async fn listen(router: Router) -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}

/// Milliseconds of all requests that were answered while it was measured, in order; each client sends the
/// next once it has an answer.
async fn load(
    address: SocketAddr,
    token: &str,
    bodies: &Arc<Vec<String>>,
) -> anyhow::Result<Vec<f64>> {
    let begin = Instant::now() + WARM_UP;
    let end = begin + MEASURED;
    let next = Arc::new(AtomicUsize::new(0));
    let mut clients = Vec::new();
    for _ in 0..CLIENTS {
        let (bodies, next) = (Arc::clone(bodies), Arc::clone(&next));
        let mut client = Client::to(address, token).await?;
        clients.push(tokio::spawn(async move {
            let mut times = Vec::new();
            loop {
                let body = &bodies[next.fetch_add(1, Ordering::Relaxed) % bodies.len()];
                let started = Instant::now();
                let answer = client.ask(body).await?;
                let ended = Instant::now();
                anyhow::ensure!(!answer.starts_with("{\"errors\""), "{answer}");
                if ended > end {
                    return Ok(times);
                }
                if started >= begin {
                    times.push((ended - started).as_secs_f64() * 1e3);
                }
            }
        }));
    }
    let mut all = Vec::new();
    for client in clients {
        all.append(&mut client.await??);
    }
    all.sort_by(f64::total_cmp);
    Ok(all)
}

fn part(times: &[f64], part: f64) -> f64 {
    times[((times.len() - 1) as f64 * part) as usize]
}
