//! The ledger of 100,000 made-up cases: filtered and counted on the resident graph, written as files, and asked for
//! over HTTP from a hub on SQLite. `cargo bench --bench ledger`.
#![expect(clippy::print_stdout, reason = "a bench reports")]
#![allow(clippy::disallowed_methods, reason = "a client of its own")]

#[path = "common/ingest.rs"]
mod ingest;
#[path = "common/register.rs"]
mod register;

use std::{collections::HashMap, num::NonZeroU32, path::Path, sync::Arc, time::Instant};

use chrono::{DateTime, NaiveDate, TimeDelta};
use domain::{
    agency::{Agency, AgencyKind},
    casework::{About, Case, Running, Task},
    division::DivisionCode,
    org_code::OrgCode,
    uscc::Uscc,
    viewer::{Role, Scope, Viewer},
};
use sqlx::{Connection, Row};
use zhengxin::{
    app::App,
    auth::Grant,
    catalogue::Catalogue,
    clock::Clock,
    config::{Config, LocalKey},
    graph::{AgencyPredicate, CasePredicate, DivisionTest, Graph, PageRequest, View},
    outbound::{LedgerFilter, TableForm, write_ledger},
    store::{Known, Resident},
};

use ingest::ingest;

const AGENCIES: u32 = 20_000;
const CASES: u32 = 100_000;
const ROUNDS: usize = 50;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> anyhow::Result<()> {
    let catalogue = Catalogue::load(None).map_err(|errors| anyhow::anyhow!("{errors:?}"))?;
    let tree = &catalogue.divisions;
    let province = tree.subtree("440000".parse()?).unwrap_or_default();
    let places: Vec<_> = province.map(|place| tree.at(place).code).collect();
    let empty = Graph::empty(Arc::clone(&catalogue.knowledge), None, HashMap::new());
    let empty = empty.with_final_stages(catalogue.casework.final_stages());
    let agencies = (0..AGENCIES).map(|n| agency(n, places[n as usize % places.len()]));
    let agencies: Vec<Resident> = agencies.collect::<anyhow::Result<_>>()?;
    let graph = Arc::new(empty.with(agencies.into_iter().chain((0..CASES).map(case))));
    let view = view(&graph, &catalogue)?;

    let city = DivisionTest::Within("440600".parse()?);
    let day: NaiveDate = "2026-06-01".parse()?;
    for (name, predicate) in [
        ("all", CasePredicate::All(Vec::new())),
        ("open", CasePredicate::Open(true)),
        ("overdue", CasePredicate::Overdue(true)),
        (
            "of one city, open, due before a day",
            CasePredicate::All(vec![
                CasePredicate::Agency(AgencyPredicate::Division(city)),
                CasePredicate::Open(true),
                CasePredicate::DueOn(zhengxin::graph::DateTest::Before(day)),
            ]),
        ),
    ] {
        let request = PageRequest {
            first: Some(50),
            ..PageRequest::default()
        };
        let mut times: Vec<f64> = Vec::new();
        let mut total = 0;
        for _ in 0..ROUNDS {
            let started = Instant::now();
            let found = view.cases(&predicate, &[], &request, true)?;
            total = found.total.unwrap_or_default();
            times.push(started.elapsed().as_secs_f64() * 1e3);
        }
        times.sort_by(f64::total_cmp);
        println!(
            "{name:<36} {total:>7} cases   best {:>7.2} ms   median {:>7.2} ms",
            times[0],
            times[ROUNDS / 2]
        );
    }
    for (name, form) in [("CSV", TableForm::Csv), ("XLSX", TableForm::Xlsx)] {
        let before = resident_mb()?;
        let started = Instant::now();
        let mut file = tempfile::tempfile()?;
        let filter = LedgerFilter::default();
        let now = DateTime::from_timestamp(1_795_000_000, 0).unwrap_or_default();
        let rows = write_ledger((&view, &catalogue), &filter, form, now, &mut file)?.cases;
        println!(
            "{name:<5} {rows} rows in {:.2} s, {:.1} MB, at most {:.0} MB above {before:.0} MB",
            started.elapsed().as_secs_f64(),
            file.metadata()?.len() as f64 / 1e6,
            (peak_mb()? - before).max(0.0),
        );
    }
    tokio::runtime::Runtime::new()?.block_on(over_http())
}

/// The same cases about bodies of a register, in a hub's database, and their pages asked for over HTTP; no answer is
/// kept.
async fn over_http() -> anyhow::Result<()> {
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
    fill(&config, folder.path()).await?;
    let app = App::start(config, Clock::system()).await?;
    let token = app.auth.issue(&Grant {
        subject: "bench".to_owned(),
        role: Role::Government,
        divisions: vec!["440000".parse()?],
        agency: None,
        scopes: vec![Scope::Adhoc],
        minutes: 60,
    })?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}/graphql", listener.local_addr()?);
    let router = zhengxin::api::router(app)?;
    let served = tokio::spawn(async move { axum::serve(listener, router).await });
    let client = reqwest::Client::builder().no_proxy().build()?;
    for (name, filter) in [
        ("all", "{}"),
        ("open", "{ open: true }"),
        ("overdue", "{ overdue: true }"),
        (
            "of one city, open, due before a day",
            r#"{ agency: { division: { within: "440600" } }, open: true, dueOn: { lt: "2026-06-01" } }"#,
        ),
    ] {
        let query = format!(
            "{{ cases(filter: {filter}, first: 50) {{ totalCount edges {{ node {{ \
             id stage dueOn overdue agencies {{ name }} }} }} }} }}"
        );
        let body = serde_json::json!({ "query": query }).to_string();
        let (mut times, mut total) = (Vec::new(), 0);
        for _ in 0..ROUNDS {
            let request = client
                .post(&address)
                .bearer_auth(&token)
                .header("content-type", "application/json")
                .body(body.clone());
            let started = Instant::now();
            let answer: serde_json::Value = request.send().await?.json().await?;
            times.push(started.elapsed().as_secs_f64() * 1e3);
            anyhow::ensure!(answer.get("errors").is_none(), "{answer}");
            total = answer["data"]["cases"]["totalCount"].as_u64().unwrap_or(0);
        }
        times.sort_by(f64::total_cmp);
        println!(
            "over HTTP, {name:<36} {total:>7} cases   median {:>6.2} ms   worst {:>6.2} ms",
            times[ROUNDS / 2],
            times[ROUNDS - 1]
        );
    }
    served.abort();
    Ok(())
}

/// Bodies, taken in as always, and cases put straight into their table.
async fn fill(config: &Config, folder: &Path) -> anyhow::Result<()> {
    let (_, register) = register::make(folder, AGENCIES as usize)?;
    let app = App::start(config.clone(), Clock::system()).await?;
    ingest(&app, "agency_register", &register, false).await?;
    drop(app);
    let mut database = sqlx::SqliteConnection::connect(&config.database_url()).await?;
    let mut tx = database.begin().await?;
    let rows = sqlx::query("SELECT id FROM agency ORDER BY id")
        .fetch_all(&mut *tx)
        .await?;
    let agencies = rows.iter().map(|row| row.try_get("id"));
    let agencies: Vec<i64> = agencies.collect::<Result<_, _>>()?;
    let change = sqlx::query(
        "INSERT INTO change (seq, cause, closed_at) \
         SELECT max(seq) + 1, 'casework', '2026-01-01T00:00:00+00:00' FROM change RETURNING id",
    )
    .fetch_one(&mut *tx)
    .await?
    .try_get::<i64, _>("id")?;
    for n in 0..CASES {
        let Resident::Case(known) = case(n) else {
            continue;
        };
        let Known {
            id, fact: mut case, ..
        } = *known;
        let at = case.about.agency.unwrap_or_default() as usize % agencies.len();
        case.about.agency = Some(agencies[at]);
        case.handler = Some(agencies[at]);
        sqlx::query(
            "INSERT INTO casefile (id, change_from, version, workflow, stage, agency_id, state) \
             VALUES (?, ?, 3, ?, ?, ?, ?)",
        )
        .bind(id)
        .bind(change)
        .bind(&case.workflow)
        .bind(&case.stage)
        .bind(agencies[at])
        .bind(serde_json::to_string(&case)?)
        .execute(&mut *tx)
        .await?;
    }
    tx.commit().await?;
    Ok(())
}

fn view(graph: &Arc<Graph>, catalogue: &Catalogue) -> anyhow::Result<View> {
    let viewer = Viewer {
        role: Role::Government,
        divisions: vec!["440000".parse()?],
        ..Viewer::public()
    };
    let rules = catalogue.access.row_rules(viewer.role, None);
    Ok(graph.view(Arc::new(viewer), rules, "2026-11-20".parse()?))
}

fn case(n: u32) -> Resident {
    let mixed = n.wrapping_mul(2_654_435_761);
    let opened_on = NaiveDate::from_ymd_opt(2025, 1, 1).unwrap_or_default()
        + TimeDelta::days(i64::from(mixed % 700));
    let stage = ["OPEN", "ANSWERED", "SETTLED"][(mixed >> 3) as usize % 3];
    let due = opened_on + TimeDelta::days(30);
    let case = Case {
        workflow: "oversight".to_owned(),
        workflow_version: "2026.1".to_owned(),
        about: About {
            agency: Some(i64::from(mixed % AGENCIES)),
            ..About::default()
        },
        stage: stage.to_owned(),
        opened_on,
        events: 3,
        handler: Some(i64::from(mixed % AGENCIES)),
        running: (stage == "OPEN").then(|| Running {
            rule: "OPEN_MATTER".to_owned(),
            since: opened_on,
            on: due,
            is_provisional: false,
            is_extended: false,
        }),
        tasks: vec![Task {
            number: 1,
            owner: 1,
            title: "兑现".to_owned(),
            set_on: opened_on,
            due_on: due,
            submitted_on: None,
            accepted_on: None,
            is_refused: false,
        }],
        ..Case::default()
    };
    let id = i64::from(n);
    Resident::Case(Box::new(Known {
        id,
        row_id: id,
        version: 3,
        fact: case,
    }))
}

fn agency(n: u32, division: DivisionCode) -> anyhow::Result<Resident> {
    let org = OrgCode::from_body(&format!("B{n:07}"))?;
    let uscc = Uscc::from_parts("11", &division.to_string()[..6], org)?;
    let id = i64::from(n);
    let fact = Agency {
        uscc,
        kind: AgencyKind::Organ,
        name: format!("第{n}局"),
        division,
        established_on: None,
        abolished_on: None,
        superior: None,
        competent: Vec::new(),
        names: Vec::new(),
    };
    Ok(Resident::Agency(Known {
        id,
        row_id: id,
        version: 1,
        fact,
    }))
}

fn resident_mb() -> anyhow::Result<f64> {
    status_mb("VmRSS:")
}

fn peak_mb() -> anyhow::Result<f64> {
    status_mb("VmHWM:")
}

fn status_mb(key: &str) -> anyhow::Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(key));
    let kb = line.unwrap_or("0 kB").trim().trim_end_matches(" kB");
    Ok(kb.parse::<f64>()? / 1e3)
}
