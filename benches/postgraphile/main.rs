//! The hub beside PostGraphile on the same PostgreSQL and the same rows (100,000 agencies, one million
//! records), with the same questions and the same answers: requests per second, latency, and the
//! processor time that a request takes, of the server and of the database, from the system's own
//! accounts. `scripts/bench_postgraphile.sh` installs PostGraphile and runs it.
//!
//! Each server has a core of its own; the load has another one, and the database all of them.
#![expect(clippy::print_stdout, reason = "a bench reports")]
#![allow(dead_code, reason = "the tests start other servers too")]
#![allow(
    clippy::disallowed_methods,
    reason = "programs are found in the environment"
)]

mod accounts;
mod load;
#[path = "../../tests/it/support/postgres.rs"]
mod postgres;
mod province;
mod questions;
#[path = "../../tests/it/support/server.rs"]
mod server;
mod servers;

use std::{path::PathBuf, time::Duration};

use accounts::{Account, Database};
use questions::Question;
use servers::{Running, Servers};

const WARM_UP: Duration = Duration::from_secs(5);
const MEASURED: Duration = Duration::from_secs(15);

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args()
        .skip(1)
        .filter(|one| !one.starts_with("--"));
    let npm: PathBuf = arguments
        .next()
        .map(Into::into)
        .ok_or_else(|| anyhow::anyhow!("expected the folder where PostGraphile is installed"))?;
    let postgres = postgres::Postgres::shared()
        .ok_or_else(|| anyhow::anyhow!("PostgreSQL's server programs are needed"))?;
    let url = postgres.database();
    let folder = tempfile::tempdir()?;
    let servers = Servers::new(&npm, folder.path(), &url);
    let uscc = province::fill(&servers, folder.path(), &url)?;
    let database = Database::at(&url)?;
    accounts::keep_to_last_core()?;

    println!(
        "{:<26} {:<24} {:>9} {:>8} {:>8} {:>10} {:>10} {:>7} {:>8}",
        "question", "server", "req/s", "p50 ms", "p99 ms", "CPU ms", "DB CPU ms", "RSS MB", "bytes"
    );
    let questions = questions::all(&uscc);
    let hub = servers.hub(0)?;
    let keeping = servers.hub(64 * 1_024 * 1_024)?;
    let peer = servers.postgraphile(province::OWNER)?;
    let scoped = servers.postgraphile(province::READER)?;
    for question in &questions {
        let answer = questions::told(&hub, question, &question.ours)?;
        let kept = questions::told(&keeping, question, &question.ours)?;
        anyhow::ensure!(kept == answer, "{}: another answer", question.name);
        for other in [&peer, &scoped] {
            let told = questions::told(other, question, &question.theirs)?;
            anyhow::ensure!(
                told == answer,
                "{}: {} answers otherwise:\n{answer:?}\n{told:?}",
                question.name,
                other.name
            );
        }
    }
    for question in &questions {
        for (server, bodies) in [
            (&hub, &question.ours),
            (&keeping, &question.ours),
            (&peer, &question.theirs),
            (&scoped, &question.theirs),
        ] {
            measure(question, server, bodies, &database)?;
        }
    }
    Ok(())
}

fn measure(
    question: &Question,
    server: &Running,
    bodies: &[String],
    database: &Database,
) -> anyhow::Result<()> {
    load::run(server, bodies, question.connections, WARM_UP)?;
    let process = Account::of(server.id())?;
    let (before, db_before) = (process.milliseconds()?, database.milliseconds()?);
    let found = load::run(server, bodies, question.connections, MEASURED)?;
    let requests = found.latencies.len() as f64;
    let cpu = (process.milliseconds()? - before) / requests;
    let db_cpu = (database.milliseconds()? - db_before) / requests;
    let at = |part: f64| {
        let at = ((requests - 1.0) * part) as usize;
        found.latencies[at].as_secs_f64() * 1_000.0
    };
    println!(
        "{:<26} {:<24} {:>9.0} {:>8.2} {:>8.2} {:>10.3} {:>10.3} {:>7} {:>8}",
        question.name,
        server.name,
        requests / found.seconds,
        at(0.5),
        at(0.99),
        cpu,
        db_cpu,
        process.resident_megabytes()?,
        found.bytes
    );
    Ok(())
}
