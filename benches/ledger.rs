//! The ledger of 100,000 made-up cases of all tracks in a hub on SQLite: filtered and counted on the resident graph,
//! asked for over HTTP, and exported over HTTP and by the command line. Each answer is held against what looking at
//! the cases one by one finds. `cargo bench --bench ledger`.
#![expect(clippy::print_stdout, reason = "a bench reports")]
#![allow(clippy::disallowed_methods, reason = "a client of its own")]

#[path = "ledger/cases.rs"]
mod cases;
#[path = "ledger/exports.rs"]
mod exports;
#[path = "ledger/fill.rs"]
mod fill;
#[path = "common/ingest.rs"]
mod ingest;
#[path = "ledger/questions.rs"]
mod questions;
#[path = "common/register.rs"]
mod register;

use std::{collections::BTreeSet, num::NonZeroU32, time::Instant};

use anyhow::{Context as _, ensure};
use chrono::{DateTime, NaiveDate};
use domain::viewer::{Role, Scope, Viewer};
use zhengxin::{
    app::App,
    auth::Grant,
    clock::Clock,
    config::{Config, LocalKey},
    graph::PageRequest,
};

use cases::Made;
use questions::{Question, questions};

const ROUNDS: usize = 50;
/// The day on which it is asked, at noon.
const TODAY: &str = "2026-11-20T12:00:00+08:00";

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let mut config = Config::default();
    config.database.data = folder.path().to_owned();
    config.server.cache_bytes = 0;
    config.rates.subject_per_second = NonZeroU32::MAX;
    config.rates.subject_burst = NonZeroU32::MAX;
    config.rates.address_per_second = NonZeroU32::MAX;
    config.rates.address_burst = NonZeroU32::MAX;
    config.auth.local = Some(LocalKey {
        key: Some("a key that only this bench signs with".to_owned()),
        ..LocalKey::default()
    });
    let questions = questions()?;
    let made = tokio::runtime::Runtime::new()?.block_on(async {
        let now = DateTime::parse_from_rfc3339(TODAY)?.to_utc();
        let clock = Clock::of(move || now);
        let made = fill::fill(&config, clock.clone(), folder.path()).await?;
        let app = App::start(config.clone(), clock).await?;
        in_memory(&app, &questions, &made)?;
        over_http(app, &questions, &made).await?;
        Ok::<_, anyhow::Error>(made)
    })?;
    // The hub is gone by now, so that the command has the database for itself.
    exports::by_the_command_line(&config.database_url(), folder.path(), &questions, &made)
}

/// The numbers of the cases that a question wants.
fn wanted(question: &Question, made: &[Made]) -> BTreeSet<i64> {
    let today = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap_or_default();
    let wanted = made.iter().filter(|made| (question.wants)(made, today));
    wanted.map(|made| made.id).collect()
}

fn in_memory(app: &App, questions: &[Question], made: &[Made]) -> anyhow::Result<()> {
    let viewer = Viewer {
        role: Role::Government,
        divisions: vec!["440000".parse()?],
        ..Viewer::public()
    };
    let view = app.view(&app.live.now(), viewer);
    let request = PageRequest {
        first: Some(50),
        ..PageRequest::default()
    };
    for question in questions {
        let expected = wanted(question, made);
        let mut times = Vec::new();
        for _ in 0..ROUNDS {
            let started = Instant::now();
            let found = view.cases(&question.predicate, &[], &request, true)?;
            times.push(started.elapsed().as_secs_f64() * 1e3);
            let rows = found.page.rows.iter();
            let page = rows.filter_map(|(row, _)| Some(view.case_at(*row)?.id));
            let page: BTreeSet<i64> = page.collect();
            ensure!(
                found.total == Some(expected.len()),
                "{}: {:?}",
                question.name,
                found.total
            );
            ensure!(
                page.len() == expected.len().min(50) && page.is_subset(&expected),
                "{}",
                question.name
            );
        }
        report("in memory", question.name, expected.len(), times);
    }
    Ok(())
}

/// Pages and exports, as clients ask for them; no answer is kept.
async fn over_http(app: App, questions: &[Question], made: &[Made]) -> anyhow::Result<()> {
    let token = app.auth.issue(&Grant {
        subject: "bench".to_owned(),
        role: Role::Government,
        divisions: vec!["440000".parse()?],
        agency: None,
        scopes: vec![Scope::Adhoc],
        minutes: 60,
    })?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let base = format!("http://{}", listener.local_addr()?);
    let router = zhengxin::api::router(app)?;
    let served = tokio::spawn(async move { axum::serve(listener, router).await });
    let client = reqwest::Client::builder().no_proxy().build()?;
    for question in questions {
        let expected = wanted(question, made);
        let query = format!(
            "{{ cases(filter: {}, first: 50) {{ totalCount edges {{ node {{ \
             id stage dueOn overdue agencies {{ name }} }} }} }} }}",
            question.filter
        );
        let body = serde_json::json!({ "query": query }).to_string();
        let mut times = Vec::new();
        for _ in 0..ROUNDS {
            let request = client
                .post(format!("{base}/graphql"))
                .bearer_auth(&token)
                .header("content-type", "application/json")
                .body(body.clone());
            let started = Instant::now();
            let answer: serde_json::Value = request.send().await?.json().await?;
            times.push(started.elapsed().as_secs_f64() * 1e3);
            ensure!(answer.get("errors").is_none(), "{answer}");
            let cases = &answer["data"]["cases"];
            let edges = cases["edges"].as_array().context("a list")?.iter();
            let page = edges.filter_map(|edge| number(edge["node"]["id"].as_str()?));
            let page: BTreeSet<i64> = page.collect();
            ensure!(
                cases["totalCount"] == expected.len(),
                "{}: {cases}",
                question.name
            );
            ensure!(
                page.len() == expected.len().min(50) && page.is_subset(&expected),
                "{cases}"
            );
        }
        report("over HTTP", question.name, expected.len(), times);
    }
    exports::over_http(&client, (&base, &token), questions, made).await?;
    served.abort();
    Ok(())
}

fn number(id: &str) -> Option<i64> {
    id.rsplit('_').next()?.parse().ok()
}

fn report(how: &str, name: &str, count: usize, mut times: Vec<f64>) {
    times.sort_by(f64::total_cmp);
    println!(
        "{how}, {name:<36} {count:>7} cases   best {:>7.2} ms   median {:>7.2} ms   worst {:>7.2} ms",
        times[0],
        times[ROUNDS / 2],
        times[ROUNDS - 1]
    );
}
