//! Whether a served hub says that it lives while a hundred clients do their worst.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use super::{bombs::bombs, heavy};

const CLIENTS: usize = 100;
const MEASURED: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(10);
const HEALTH_MAX: Duration = Duration::from_millis(100);

/// Ends the server with the bench.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself, which the measurement has noticed then.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Serves the folder's hub, bombs it and asks whether it lives; whether that came in time.
pub fn report(folder: &Path, token: &str) -> anyhow::Result<bool> {
    let mut child = Command::new(env!("CARGO_BIN_EXE_zhengxin"))
        .args(["serve", "--listen", "127.0.0.1:0", "--config"])
        .arg(folder.join("zhengxin.toml"))
        .stdout(Stdio::piped())
        .spawn()?;
    let out = child.stdout.take();
    let server = Server(child);
    let mut lines = BufReader::new(out.ok_or_else(|| anyhow::anyhow!("it says nothing"))?).lines();
    let graphql = loop {
        let line = lines
            .next()
            .ok_or_else(|| anyhow::anyhow!("it does not start"))??;
        if let Some(address) = line.strip_prefix("ready ") {
            break address.to_owned();
        }
    };
    let health = graphql.replace("/graphql", "/healthz");
    // The clients have threads of their own, so that who waits for health waits for the hub alone.
    let load = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let (stop, sent) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicU64::new(0)),
    );
    let mut bodies: Vec<Vec<u8>> = bombs(2, 1_100).map(|bomb| bomb.body).collect();
    bodies.extend(
        heavy::queries()
            .into_iter()
            .map(|(_, body)| body.to_string().into_bytes()),
    );
    let bodies = Arc::new(bodies);
    let http = reqwest::Client::builder().no_proxy().build()?;
    for client in 0..CLIENTS {
        let (stop, sent, bodies) = (Arc::clone(&stop), Arc::clone(&sent), Arc::clone(&bodies));
        let (http, graphql, token) = (http.clone(), graphql.clone(), token.to_owned());
        load.spawn(async move {
            let mut at = client * 17;
            while !stop.load(Ordering::Relaxed) {
                let body = bodies[at % bodies.len()].clone();
                at += 1;
                let request = http
                    .post(&graphql)
                    .bearer_auth(&token)
                    .header("content-type", "application/json")
                    .body(body);
                if let Ok(answer) = request.send().await
                    && answer.bytes().await.is_ok()
                {
                    sent.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
    }
    let mut times = asked(&health)?;
    stop.store(true, Ordering::Relaxed);
    load.shutdown_background();
    drop(server);
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    println!(
        "health under {CLIENTS} clients ({} answers): {} times, median {:.1} ms, 99 % {:.1} ms, worst {:.1} ms",
        sent.load(Ordering::Relaxed),
        times.len(),
        at(0.5).as_secs_f64() * 1e3,
        at(0.99).as_secs_f64() * 1e3,
        at(1.0).as_secs_f64() * 1e3
    );
    Ok(at(0.99) <= HEALTH_MAX)
}

/// How long each answer to the question took, on a thread and a connection of its own.
fn asked(health: &str) -> anyhow::Result<Vec<Duration>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let http = reqwest::Client::builder().no_proxy().build()?;
        let (mut times, begun) = (Vec::new(), Instant::now());
        while begun.elapsed() < MEASURED {
            let asked = Instant::now();
            let status = http.get(health).send().await?.status();
            anyhow::ensure!(status.is_success(), "{status}");
            times.push(asked.elapsed());
            tokio::time::sleep(PAUSE).await;
        }
        Ok(times)
    })
}
