//! Bombs by the thousand, made from a seed: none of them holds the hub up, and each is answered or
//! refused in good form. The exact limits are held by `benches/guard.rs`, in a release build.

use std::time::Duration;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode, header},
};
use rustix::time::{ClockId, clock_gettime};
use serde_json::Value;
use tower::ServiceExt as _;

use super::hub;
use crate::support::bombs::{Bomb, bombs};

const BOMBS: usize = 1_980;
/// A build for tests is many times slower than what is served, and the machine is busy.
const CPU_MAX: Duration = Duration::from_secs(2);
const REFUSAL_BYTES_MAX: usize = 2_048;
const ANSWER_BYTES_MAX: usize = 10 * 1_024 * 1_024;

/// CPU time of this thread.
fn cpu() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(
        now.tv_sec.unsigned_abs(),
        u32::try_from(now.tv_nsec).expect("a part of a second"),
    )
}

async fn send(router: &Router, token: &str, body: Vec<u8>) -> (StatusCode, Vec<u8>) {
    let request = Request::post("/graphql")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ACCEPT, "application/graphql-response+json")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .body(Body::from(body))
        .expect("a request");
    let Ok(response) = router.clone().oneshot(request).await;
    let status = response.status();
    let bytes = to_bytes(response.into_body(), ANSWER_BYTES_MAX).await;
    (status, bytes.expect("an answer within bounds").to_vec())
}

#[tokio::test]
async fn no_generated_bomb_goes_off() {
    let (_db, hub, _wire, token) = hub().await;
    let router = zhengxin::api::router(hub.app.clone()).unwrap_or_else(|wrong| panic!("{wrong}"));
    let (mut refused, mut answered) = (0, 0);
    for Bomb { family, body } in bombs(3, BOMBS) {
        let sent: String = String::from_utf8_lossy(&body).chars().take(600).collect();
        let before = cpu();
        let (status, bytes) = send(&router, &token, body).await;
        let spent = cpu().saturating_sub(before);
        assert!(spent < CPU_MAX, "{family} took {spent:?}: {sent}");
        let text = String::from_utf8_lossy(&bytes);
        let json: Value = serde_json::from_slice(&bytes).expect("an answer is JSON");
        if status == StatusCode::OK {
            assert!(json.get("data").is_some(), "{family}: {sent}\n{text}");
            answered += 1;
            continue;
        }
        refused += 1;
        assert!(
            matches!(status.as_u16(), 400 | 413),
            "{family}: {status} {sent}\n{text}"
        );
        assert!(bytes.len() < REFUSAL_BYTES_MAX, "{family}: {sent}\n{text}");
        let errors = json["errors"].as_array().expect("a refusal has errors");
        assert!((1..=5).contains(&errors.len()) && json.get("data").is_none());
    }
    // Some are just in bounds, or they would say nothing of the bounds.
    assert!(
        refused > BOMBS / 2 && answered > BOMBS / 50,
        "{refused} {answered}"
    );
}
