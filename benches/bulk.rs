//! Big deliveries through the binary: rows per second and peak memory in each file form, beside the
//! database's own bulk load of the same rows in the same run; how long `serve` then takes until it
//! is ready. `cargo bench --bench bulk`, on SQLite and, where its server programs are installed, on
//! PostgreSQL. `cargo bench --bench bulk -- 5` brings in a court file of 5 GB instead.
#![expect(clippy::print_stdout, reason = "a bench reports")]
#![allow(
    clippy::disallowed_methods,
    dead_code,
    reason = "a client and servers of its own"
)]

use std::{
    fs::File,
    io::{BufRead, BufReader, BufWriter, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use rust_xlsxwriter::Workbook;
use zhengxin::{
    catalogue::Catalogue,
    demo::{Scale, World, files},
};

#[path = "bulk/load.rs"]
mod load;
#[path = "../tests/it/support/postgres.rs"]
mod postgres;
#[allow(dead_code, reason = "the tests start other servers too")]
#[path = "../tests/it/support/server.rs"]
mod server;

/// 300,000 listings, 1 in 200 about one of 100,000 agencies.
const SCALE: Scale = Scale {
    prefectures: 21,
    agencies: 100_000,
    listings: 300_000,
    agency_share: 200,
    arrears: 0,
    supervision: 0,
    orders: 0,
    penalties: 0,
    posts: 0,
    assessed: 0,
    letters: 0,
};

/// Keys of the listings of one round lie below this.
const ROUND: i64 = 10_000_000;

fn main() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let catalogue = Catalogue::load(None).map_err(|errors| anyhow::anyhow!("{errors:?}"))?;
    let world = World::make(1, &SCALE, &catalogue.divisions);
    let gigabytes = std::env::args()
        .skip(1)
        .find_map(|argument| argument.parse().ok());
    let files = match gigabytes {
        Some(gigabytes) => vec![
            register(folder.path(), &world)?,
            big(folder.path(), world, gigabytes)?,
        ],
        None => all(folder.path(), &world)?,
    };
    println!(
        "{:<10} {:<26} {:>9} {:>8} {:>9} {:>8} {:>11} {:>6}",
        "database", "file", "rows", "seconds", "rows/s", "peak MB", "bulk rows/s", "ratio"
    );
    let data = folder.path().join("data");
    measure(
        "sqlite",
        &files,
        &["--data".to_owned(), data.display().to_string()],
        None,
    )?;
    if let Some(server) = postgres::Postgres::shared() {
        let data = folder.path().join("data-pg");
        let url = server.database();
        let arguments = [
            "--data".to_owned(),
            data.display().to_string(),
            "--database-url".to_owned(),
            url.clone(),
        ];
        measure("postgres", &files, &arguments, Some(&url))?;
    }
    Ok(())
}

/// A file and whose it is.
struct Delivery {
    source: &'static str,
    path: PathBuf,
    /// The same rows as CSV, for the database's own load.
    plain: PathBuf,
}

fn register(folder: &Path, world: &World) -> anyhow::Result<Delivery> {
    let path = folder.join("register.csv");
    std::fs::write(&path, files::register_csv(world))?;
    Ok(Delivery {
        source: "agency_register",
        plain: path.clone(),
        path,
    })
}

/// Both sources in each file form.
fn all(folder: &Path, world: &World) -> anyhow::Result<Vec<Delivery>> {
    let register = register(folder, world)?;
    let court = folder.join("court.csv");
    std::fs::write(&court, files::court_platform_csv(world.listings.iter()))?;
    let detail = folder.join("court.jsonl");
    files::court_jsonl(
        BufWriter::new(File::create(&detail)?),
        world.listings.iter(),
    )?;
    let mut deliveries = Vec::new();
    for (source, plain) in [
        ("agency_register", register.plain.clone()),
        ("court_debtors", court),
    ] {
        let lines = match source {
            "court_debtors" => detail.clone(),
            _ => json_lines(&plain)?,
        };
        for path in [plain.clone(), lines, workbook(&plain)?] {
            deliveries.push(Delivery {
                source,
                path,
                plain: plain.clone(),
            });
        }
    }
    Ok(deliveries)
}

fn json_lines(csv: &Path) -> anyhow::Result<PathBuf> {
    let path = csv.with_extension("jsonl");
    let mut file = BufWriter::new(File::create(&path)?);
    let mut reader = csv::Reader::from_path(csv)?;
    for row in reader.deserialize::<std::collections::BTreeMap<String, String>>() {
        serde_json::to_writer(&mut file, &row?)?;
        file.write_all(b"\n")?;
    }
    file.flush()?;
    Ok(path)
}

fn workbook(csv: &Path) -> anyhow::Result<PathBuf> {
    let path = csv.with_extension("xlsx");
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_path(csv)?;
    // What a sheet holds at most that the reader's limits let through.
    for (at, row) in reader.records().take(WORKBOOK_ROWS).enumerate() {
        for (column, cell) in row?.iter().enumerate() {
            if !cell.is_empty() {
                sheet.write_string(u32::try_from(at)?, u16::try_from(column)?, cell)?;
            }
        }
    }
    workbook.save(&path)?;
    Ok(path)
}

/// Rows of a workbook, its headings among them.
const WORKBOOK_ROWS: usize = 100_001;

/// A court file of so many gigabytes, all of its keys different.
fn big(folder: &Path, mut world: World, gigabytes: u64) -> anyhow::Result<Delivery> {
    let path = folder.join("court_big.jsonl");
    let mut file = BufWriter::with_capacity(1 << 20, File::create(&path)?);
    let mut written = 0;
    while written < gigabytes * 1_000_000_000 {
        let mut part = Vec::new();
        files::court_jsonl(&mut part, world.listings.iter())?;
        file.write_all(&part)?;
        written += part.len() as u64;
        for listing in &mut world.listings {
            listing.id += ROUND;
        }
    }
    file.flush()?;
    Ok(Delivery {
        source: "court_debtors",
        plain: path.clone(),
        path,
    })
}

fn measure(
    database: &str,
    deliveries: &[Delivery],
    arguments: &[String],
    postgres: Option<&str>,
) -> anyhow::Result<()> {
    for delivery in deliveries {
        // A feed of its own, so that each finds nothing of the one before.
        let file = delivery
            .path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let started = Instant::now();
        let mut child = binary()
            .args([
                "ingest",
                delivery.source,
                "-o",
                "json",
                "--feed",
                &file,
                "--file",
            ])
            .arg(&delivery.path)
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()?;
        let peak = watch(&mut child)?;
        let seconds = started.elapsed().as_secs_f64();
        let report: serde_json::Value =
            serde_json::from_reader(child.stdout.take().expect("it is piped"))?;
        anyhow::ensure!(report["state"] == "DONE", "{report}");
        let rows = report["received"].as_f64().unwrap_or_default();
        let speed = rows / seconds;
        print!("{database:<10} {file:<26} {rows:>9} {seconds:>8.1} {speed:>9.0} {peak:>8.0}");
        if delivery.plain.extension().is_some_and(|form| form == "csv") {
            let loaded = match postgres {
                Some(url) => load::copy(url, &delivery.plain)?,
                None => load::insert(&delivery.plain)?,
            };
            print!(" {loaded:>11.0} {:>6.2}", speed / loaded);
        }
        println!();
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
        "{database:<10} ready after {:.2} s, {:.0} MB",
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
