//! Requests per second over HTTP with a token, beside a bare axum echo of the same sizes in the
//! same run: `cargo bench --bench requests`. Server and load share the machine, so the ratio says
//! more than the number.
#![expect(clippy::print_stdout, reason = "a bench reports")]
#![expect(
    clippy::disallowed_methods,
    reason = "the load comes from a client of its own"
)]

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{Router, body::Bytes, routing::post};
use domain::viewer::{Role, Viewer};
use tokio::net::TcpListener;
use zhengxin::{
    api,
    app::App,
    graph::{AgencyPredicate, PageRequest},
};

#[path = "guard/province.rs"]
mod province;

const CLIENTS: usize = 16;
const WARM_UP: Duration = Duration::from_secs(2);
const MEASURED: Duration = Duration::from_secs(8);

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let province::Served { app, token } = province::served(folder.path()).await?;
    let uscc = debtor(&app).ok_or_else(|| anyhow::anyhow!("the province has no debtor"))?;
    let hub = listen(api::router(app)?).await?;
    let echo =
        listen(Router::new().route("/graphql", post(|body: Bytes| async move { body }))).await?;

    let one = format!("{{ agency(uscc: \"{uscc}\") {{ name kind division {{ name }} }} }}");
    let twenty = "{ agencies(filter: {hasActiveRecord: true}, first: 20) { edges { node { name uscc \
                  creditRecords(first: 5) { edges { node { kind status identifiedOn identifiedBy caseNumber } } } } } } }";
    println!(
        "{:<34} {:>10} {:>10} {:>7}",
        "", "requests/s", "echo/s", "ratio"
    );
    for (name, query) in [
        ("agency(uscc)", one.as_str()),
        ("twenty agencies with records", twenty),
    ] {
        let body = serde_json::json!({ "query": query }).to_string();
        let served = load(hub, &token, &body).await?;
        let echoed = load(echo, &token, &body).await?;
        println!(
            "{name:<34} {served:>10.0} {echoed:>10.0} {:>7.2}",
            served / echoed
        );
    }
    Ok(())
}

fn debtor(app: &App) -> Option<domain::uscc::Uscc> {
    let viewer = Viewer {
        role: Role::Government,
        divisions: vec!["440000".parse().ok()?],
        ..Viewer::public()
    };
    let view = app.view(&app.live.now(), viewer);
    let request = PageRequest {
        first: Some(1),
        ..PageRequest::default()
    };
    let found = view
        .agencies(
            &AgencyPredicate::HasActiveRecord(true),
            &[],
            &request,
            false,
        )
        .ok()?;
    view.agency_at(found.page.rows.first()?.0)
        .map(|agency| agency.fact.uscc)
}

async fn listen(router: Router) -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}

/// Requests per second that `CLIENTS` get answered, each sending the next once it has an answer.
async fn load(address: SocketAddr, token: &str, body: &str) -> anyhow::Result<f64> {
    let client = reqwest::Client::builder().no_proxy().build()?;
    let url = format!("http://{address}/graphql");
    let answered = Arc::new(AtomicU64::new(0));
    let end = Instant::now() + WARM_UP + MEASURED;
    let mut clients = Vec::new();
    for _ in 0..CLIENTS {
        let (client, url, token, body) = (
            client.clone(),
            url.clone(),
            token.to_owned(),
            body.to_owned(),
        );
        let answered = Arc::clone(&answered);
        clients.push(tokio::spawn(async move {
            while Instant::now() < end {
                let request = client
                    .post(&url)
                    .bearer_auth(&token)
                    .header("content-type", "application/json")
                    .body(body.clone());
                let answer = request.send().await?;
                anyhow::ensure!(answer.status().is_success(), "status {}", answer.status());
                let answer = answer.bytes().await?;
                anyhow::ensure!(
                    !answer.starts_with(b"{\"errors\""),
                    "{}",
                    String::from_utf8_lossy(&answer)
                );
                answered.fetch_add(1, Ordering::Relaxed);
            }
            anyhow::Ok(())
        }));
    }
    tokio::time::sleep(WARM_UP).await;
    let before = answered.load(Ordering::Relaxed);
    tokio::time::sleep(MEASURED).await;
    let counted = answered.load(Ordering::Relaxed) - before;
    for client in clients {
        client.await??;
    }
    Ok(counted as f64 / MEASURED.as_secs_f64())
}
