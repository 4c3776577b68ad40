//! A big delivery through the binary: rows per second, peak memory, and how long `serve` then takes
//! until it is ready. `cargo bench --bench bulk`, on SQLite and, where its server programs are
//! installed, on PostgreSQL.
#![expect(clippy::print_stdout, reason = "a bench reports")]
#![allow(
    clippy::disallowed_methods,
    dead_code,
    reason = "a client and servers of its own"
)]

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use zhengxin::{
    catalogue::Catalogue,
    demo::{Scale, World, files},
};

#[path = "../tests/it/support/postgres.rs"]
mod postgres;
#[allow(dead_code, reason = "the tests start other servers too")]
#[path = "../tests/it/support/server.rs"]
mod server;

/// 300,000 rows, 1 in 200 about one of 100,000 agencies.
const SCALE: Scale = Scale {
    prefectures: 21,
    agencies: 100_000,
    listings: 300_000,
    agency_share: 200,
};

fn main() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let files = folder.path();
    make_files(files)?;
    println!(
        "{:<12} {:<16} {:>8} {:>8} {:>10} {:>9}",
        "database", "source", "rows", "seconds", "rows/s", "peak MB"
    );
    let data = files.join("data");
    measure(
        "sqlite",
        files,
        &["--data".to_owned(), data.display().to_string()],
    )?;
    if let Some(server) = postgres::Postgres::shared() {
        let data = files.join("data-pg");
        let arguments = [
            "--data".to_owned(),
            data.display().to_string(),
            "--database-url".to_owned(),
            server.database(),
        ];
        measure("postgres", files, &arguments)?;
    }
    Ok(())
}

fn make_files(folder: &Path) -> anyhow::Result<()> {
    let catalogue = Catalogue::load(None).map_err(|errors| anyhow::anyhow!("{errors:?}"))?;
    let world = World::make(1, &SCALE, &catalogue.divisions);
    std::fs::write(folder.join("agency_register"), files::register_csv(&world))?;
    let debtors = std::io::BufWriter::new(std::fs::File::create(folder.join("court_debtors"))?);
    Ok(files::court_jsonl(debtors, world.listings.iter())?)
}

fn measure(database: &str, files: &Path, arguments: &[String]) -> anyhow::Result<()> {
    for source in ["agency_register", "court_debtors"] {
        let started = Instant::now();
        let mut child = binary()
            .args(["ingest", source, "-o", "json", "--file"])
            .arg(files.join(source))
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()?;
        let peak = watch(&mut child)?;
        let seconds = started.elapsed().as_secs_f64();
        let report: serde_json::Value =
            serde_json::from_reader(child.stdout.take().expect("it is piped"))?;
        anyhow::ensure!(report["state"] == "DONE", "{report}");
        let rows = report["received"].as_f64().unwrap_or_default();
        println!(
            "{database:<12} {source:<16} {rows:>8} {seconds:>8.1} {:>10.0} {peak:>9.0}",
            rows / seconds
        );
    }
    let started = Instant::now();
    let mut serve = binary()
        .args(["serve", "--listen", "127.0.0.1:0"])
        .args(arguments)
        .stdout(Stdio::piped())
        .spawn()?;
    let mut line = String::new();
    BufReader::new(serve.stdout.take().expect("it is piped")).read_line(&mut line)?;
    let url = line
        .trim()
        .trim_start_matches("ready ")
        .replace("/graphql", "/readyz");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    while !runtime.block_on(async {
        reqwest::get(&url)
            .await
            .is_ok_and(|answer| answer.status().is_success())
    }) {
        std::thread::sleep(Duration::from_millis(5));
    }
    println!(
        "{database:<12} ready after {:.2} s, {:.0} MB",
        started.elapsed().as_secs_f64(),
        memory(&serve, "VmRSS")?
    );
    serve.kill()?;
    serve.wait()?;
    Ok(())
}

fn binary() -> Command {
    Command::new(env!("CARGO_BIN_EXE_zhengxin"))
}

/// Waits for the process and returns the most memory that it had, in MB.
fn watch(child: &mut Child) -> anyhow::Result<f64> {
    let mut peak = 0.0;
    while child.try_wait()?.is_none() {
        peak = memory(child, "VmHWM").unwrap_or(peak);
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(peak)
}

fn memory(child: &Child, what: &str) -> anyhow::Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id()))?;
    let line = status.lines().find(|line| line.starts_with(what));
    let kilobytes = line
        .and_then(|line| line.split_whitespace().nth(1))
        .and_then(|text| text.parse::<f64>().ok());
    kilobytes
        .map(|kilobytes| kilobytes / 1_024.0)
        .ok_or_else(|| anyhow::anyhow!("no {what}"))
}
