//! Grading and warning a big province on SQLite: everybody at once, one change after another until a
//! subscriber hears of it, in this process and over a WebSocket, and what an overview takes, by itself and over HTTP. `cargo bench --bench assess`, with
//! `-- AGENCIES RECORDS CHANGES HOLDING` another size; of a hundred records HOLDING hold.
#![expect(clippy::print_stdout, reason = "a bench reports")]
#![expect(
    clippy::disallowed_methods,
    reason = "the dashboard's client is one of its own"
)]

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use domain::viewer::{Role, Viewer};
use tokio::{sync::mpsc, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use zhengxin::{
    app::App,
    clock::Clock,
    config::{Config, LocalKey},
    demo::{MadeAgency, World},
    graph::WarningChanges,
    jobs,
};

#[path = "assess/province.rs"]
mod province;
#[path = "assess/socket.rs"]
mod socket;

use province::{HOLDING, fill, ingest};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How long a subscriber waits for a warning at most.
const PATIENCE: Duration = Duration::from_secs(30);
const ROUNDS: usize = 20;
/// Changes that come while everybody is looked at.
const WHILE_EVERYBODY: usize = 50;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut sizes = std::env::args()
        .skip(1)
        .filter_map(|size| size.parse().ok());
    let agencies: usize = sizes.next().unwrap_or(350_000);
    let records: usize = sizes.next().unwrap_or(1_000_000);
    let changes: usize = sizes.next().unwrap_or(1_000);
    let holding = sizes.next().map_or(HOLDING, |holding| holding as i64);
    let folder = tempfile::tempdir()?;
    let mut config = Config::default();
    config.database.data = folder.path().to_owned();
    config.auth.local = Some(LocalKey {
        key: Some("a key that only this bench signs with".to_owned()),
        ..LocalKey::default()
    });
    let world = fill(&config, folder.path(), agencies, records, holding).await?;

    let app = App::start(config, Clock::system()).await?;
    let before = resident_mb("VmRSS")?;
    println!("loaded: {:?}, {before:.0} MB", app.live.now().counts());
    let started = Instant::now();
    let done = app.assessing().assess_all().await?;
    println!(
        "everybody: {done:?} in {:.2} s, {:.0} MB at most",
        started.elapsed().as_secs_f64(),
        resident_mb("VmHWM")?
    );
    let started = Instant::now();
    let again = app.assessing().assess_all().await?;
    println!(
        "again: {again:?} in {:.2} s",
        started.elapsed().as_secs_f64()
    );
    overview(&app)?;
    let served = socket::served(&app).await?;
    dashboard(&served).await?;
    follow(app, &served, &world, changes).await
}

/// What a supervisor's page asks for, over the whole province.
fn overview(app: &App) -> anyhow::Result<()> {
    let viewer = Viewer {
        role: Role::Government,
        divisions: vec!["440000".parse()?],
        ..Viewer::public()
    };
    let province = "440000".parse()?;
    let graph = app.live.now();
    graph.warm();
    let view = app.view(&graph, viewer);
    let timed = |name: &str, ask: &dyn Fn() -> usize| {
        let mut times: Vec<f64> = Vec::new();
        for _ in 0..ROUNDS {
            let started = Instant::now();
            std::hint::black_box(ask());
            times.push(started.elapsed().as_secs_f64() * 1e3);
        }
        tell(&format!("overview, {name}"), times);
    };
    timed("totals", &|| view.totals(province).agencies);
    timed("trend", &|| view.months_of_records(province, 12).len());
    timed("risers", &|| view.movers(province, false, 10).len());
    timed("fallers", &|| view.movers(province, true, 10).len());
    timed("heat", &|| view.heat(province).len());
    Ok(())
}

fn tell(what: &str, mut times: Vec<f64>) {
    times.sort_by(f64::total_cmp);
    println!(
        "{what:<26} best {:>6.2} ms, median {:>6.2} ms",
        times[0],
        times[times.len() / 2]
    );
}

/// The same over HTTP and GraphQL, as a dashboard's panels ask one by one and its page as a whole. Each time under another
/// alias, so that no answer is one that is kept.
async fn dashboard(served: &socket::Served) -> anyhow::Result<()> {
    const TOTALS: &str = "totals { agencies graded grades { grade count } warnings { level count } overdueWarnings openCases overdueCases overdueRectifications }";
    const TREND: &str = "trend(months: 12) { month added holding }";
    const RISERS: &str = "risers(first: 10) { agency { name } before after }";
    const FALLERS: &str = "fallers(first: 10) { agency { name } before after }";
    const HEAT: &str = "heat { redLine division { name } warnings level }";
    let whole = [TOTALS, TREND, RISERS, FALLERS, HEAT].join(" ");
    let client = reqwest::Client::builder().no_proxy().build()?;
    for (name, asked) in [
        ("totals", TOTALS),
        ("trend", TREND),
        ("risers", RISERS),
        ("fallers", FALLERS),
        ("heat", HEAT),
        ("the whole page", &whole),
    ] {
        let mut times = Vec::new();
        for round in 0..ROUNDS {
            let query = format!(
                r#"{{ division(code: "440000") {{ round{round}: overview {{ {asked} }} }} }}"#
            );
            let started = Instant::now();
            served.ask(&client, &query).await?;
            times.push(started.elapsed().as_secs_f64() * 1e3);
        }
        tell(&format!("dashboard, {name}"), times);
    }
    Ok(())
}

/// One listing after another, each of a body without one: from the delivery's end to the subscriber in this process, and
/// to the one who hears of it over HTTP. Then some more, each while everybody is looked at.
async fn follow(
    app: App,
    served: &socket::Served,
    world: &World,
    changes: usize,
) -> anyhow::Result<()> {
    let follower = tokio::spawn(Arc::clone(&app.live).follow());
    let mut job = Job::start(&app);
    // It looks at everybody first.
    tokio::time::sleep(Duration::from_secs(8)).await;
    let mut told = Told {
        warnings: WarningChanges::since(&app.live, app.live.now().seq()),
        heard: socket::subscribe(&app, served).await?,
        app: &app,
    };
    let mut bodies = world.agencies.iter().rev().enumerate();
    for (what, count, is_everybody) in [
        ("one by one", changes, false),
        ("while everybody is looked at", WHILE_EVERYBODY, true),
    ] {
        let (mut here, mut on_wire) = (Vec::new(), Vec::new());
        for (n, body) in bodies.by_ref().take(count) {
            if is_everybody {
                // It begins with everybody.
                job.stop().await?;
                job = Job::start(&app);
            }
            let (inside, outside) = told.of_listing(n, body).await?;
            here.push(inside);
            on_wire.push(outside);
        }
        for (whom, mut times) in [("in this process", here), ("over a WebSocket", on_wire)] {
            times.sort_by(f64::total_cmp);
            let at = |part: f64| times[((times.len() - 1) as f64 * part) as usize];
            println!(
                "{} changes {what}, until a subscriber {whom} hears: median {:.0} ms, 99 % {:.0} ms, worst {:.0} ms",
                times.len(),
                at(0.5),
                at(0.99),
                at(1.0)
            );
        }
    }
    job.stop().await?;
    follower.abort();
    Ok(())
}

/// Who grades and warns.
struct Job {
    task: JoinHandle<()>,
    stopping: CancellationToken,
}

impl Job {
    fn start(app: &App) -> Self {
        let stopping = CancellationToken::new();
        let job = jobs::assess_changes(app.assessing(), stopping.clone());
        let task = tokio::spawn(job);
        Self { task, stopping }
    }

    async fn stop(self) -> anyhow::Result<()> {
        self.stopping.cancel();
        Ok(self.task.await?)
    }
}

/// Who hears of warnings.
struct Told<'a> {
    app: &'a App,
    warnings: WarningChanges,
    heard: mpsc::UnboundedReceiver<socket::Heard>,
}

impl Told<'_> {
    /// Takes a listing of a body in; after how many milliseconds each subscriber heard of it.
    async fn of_listing(&mut self, n: usize, body: &MadeAgency) -> anyhow::Result<(f64, f64)> {
        let listing = serde_json::json!({
            "id": 70_000_000 + n, "iname": body.name, "cardNum": body.uscc.to_string(),
            "caseCode": format!("（2026）粤0604执9{n:05}号"), "courtName": "佛山市禅城区人民法院",
            "areaName": "广东", "gistId": "样例", "regDate": "2026年01月05日", "gistUnit": "样例法院",
            "duty": "付款", "performance": "全部未履行", "disruptTypeName": "其他规避执行",
            "publishDate": "2026年02月03日", "partyTypeName": "1", "age": "0", "sexy": "",
        });
        let file = tempfile::Builder::new().suffix(".jsonl").tempfile()?;
        std::fs::write(file.path(), format!("{listing}\n"))?;
        ingest(self.app, "court_debtors", file.path(), true).await?;
        let started = Instant::now();
        loop {
            let told = tokio::time::timeout(PATIENCE, self.warnings.next()).await??;
            if told.moved.after.message.contains(body.name.as_str()) {
                break;
            }
        }
        let here = started.elapsed();
        loop {
            let told = tokio::time::timeout(PATIENCE, self.heard.recv()).await?;
            let told = told.ok_or_else(|| anyhow::anyhow!("the subscription ended"))?;
            if told.message.contains(body.name.as_str()) {
                let on_wire = told.at.saturating_duration_since(started);
                return Ok((here.as_secs_f64() * 1e3, on_wire.as_secs_f64() * 1e3));
            }
        }
    }
}

fn resident_mb(what: &str) -> anyhow::Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(what)?.strip_prefix(':'));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kilobytes
        .map(|kb| kb / 1024.0)
        .ok_or_else(|| anyhow::anyhow!("no {what}"))
}
