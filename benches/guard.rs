//! What the worst query costs in CPU, refused and accepted, and whether the hub still says that it
//! lives while a hundred clients send nothing but such: `cargo bench --bench guard`.
#![expect(clippy::print_stdout, reason = "a bench reports")]
#![expect(
    clippy::disallowed_methods,
    reason = "the load comes from a client of its own"
)]

#[path = "../tests/it/support/bombs.rs"]
mod bombs;
#[path = "guard/health.rs"]
mod health;
#[path = "guard/heavy.rs"]
mod heavy;
#[path = "guard/province.rs"]
mod province;

use std::time::Duration;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode, header},
};
use rustix::time::{ClockId, clock_gettime};
use tower::ServiceExt;

use zhengxin::api;

use bombs::{Bomb, bombs};
use province::Served;

const BOMBS: usize = 6_600;
/// What a refusal and an answer may cost.
const REFUSED_MAX: Duration = Duration::from_millis(5);
const ACCEPTED_MAX: Duration = Duration::from_millis(50);
/// A measurement that other programs disturb is made again: the least is what it costs.
const TRIES: usize = 5;
const ANSWER_BYTES_MAX: usize = 64 * 1_024 * 1_024;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What one request came to.
struct Measured {
    what: String,
    is_refused: bool,
    cpu: Duration,
    bytes: usize,
}

fn main() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let folder = tempfile::tempdir()?;
    let Served { app, token } = runtime.block_on(province::served(folder.path()))?;
    let router = api::router(app)?;
    let mut all = Vec::new();
    for Bomb { family, body } in bombs(1, BOMBS) {
        all.push(runtime.block_on(measure(&router, Some(&token), family, &body))?);
    }
    for (what, body) in heavy::queries() {
        let body = body.to_string().into_bytes();
        // The public has each body looked at, whether anything about it is published.
        for (who, token) in [("", Some(token.as_str())), ("public: ", None)] {
            let what = format!("{who}{what}");
            all.push(runtime.block_on(measure(&router, token, &what, &body))?);
        }
    }
    let is_good = report(&mut all);
    let is_alive = health::report(folder.path(), &token)?;
    anyhow::ensure!(is_good && is_alive, "a limit is exceeded");
    Ok(())
}

/// Sends a request and takes the time that all threads of this process spend on it.
async fn measure(
    router: &Router,
    token: Option<&str>,
    what: &str,
    body: &[u8],
) -> anyhow::Result<Measured> {
    let mut best: Option<Measured> = None;
    for _ in 0..TRIES {
        let mut request = Request::post("/graphql")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/graphql-response+json");
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let request = request.body(Body::from(body.to_vec()))?;
        let before = cpu();
        let response = router.clone().oneshot(request).await?;
        let status = response.status();
        let bytes = to_bytes(response.into_body(), ANSWER_BYTES_MAX).await?;
        let spent = cpu().saturating_sub(before);
        if best.as_ref().is_none_or(|best| spent < best.cpu) {
            best = Some(Measured {
                what: what.to_owned(),
                is_refused: status != StatusCode::OK,
                cpu: spent,
                bytes: bytes.len(),
            });
        }
        let limit = if status == StatusCode::OK {
            ACCEPTED_MAX
        } else {
            REFUSED_MAX
        };
        // What is far within needs no second look.
        if spent * 4 < limit {
            break;
        }
    }
    best.ok_or_else(|| anyhow::anyhow!("nothing was measured"))
}

/// CPU time of this process.
fn cpu() -> Duration {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(now.tv_sec as u64, now.tv_nsec as u32)
}

/// Tells the worst of both; whether they are within their limits.
fn report(all: &mut [Measured]) -> bool {
    all.sort_by_key(|one| std::cmp::Reverse(one.cpu));
    let mut is_good = true;
    for (name, is_refused, limit) in [
        ("refused", true, REFUSED_MAX),
        ("accepted", false, ACCEPTED_MAX),
    ] {
        let these: Vec<&Measured> = all
            .iter()
            .filter(|one| one.is_refused == is_refused)
            .collect();
        let sum: Duration = these.iter().map(|one| one.cpu).sum();
        println!(
            "{name}: {} requests, {:.3} ms on average, {:.1} ms allowed",
            these.len(),
            sum.as_secs_f64() * 1e3 / these.len().max(1) as f64,
            limit.as_secs_f64() * 1e3
        );
        for one in these.iter().take(12) {
            println!(
                "  {:>8.2} ms {:>9} bytes  {}",
                one.cpu.as_secs_f64() * 1e3,
                one.bytes,
                one.what
            );
        }
        is_good &= these.first().is_none_or(|worst| worst.cpu <= limit);
    }
    is_good
}
