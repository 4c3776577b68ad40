//! Trying again, leaving alone, and how often.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{http::StatusCode, response::IntoResponse};
use reqwest::{Method, Url};
use tokio::net::TcpListener;
use zhengxin::egress::{Egress, Error, Limits, Request};

use super::{door, get, place, quick};
use crate::support::Outside;

/// A server that answers with this status until it was asked so often.
async fn failing(
    status: u16,
    times: usize,
    header: Option<(&'static str, &'static str)>,
) -> Outside {
    let status = StatusCode::from_u16(status).expect("a status");
    Outside::answering(move |asked| {
        if asked.before >= times {
            return "well".into_response();
        }
        let mut answer = status.into_response();
        if let Some((name, value)) = header {
            let value = value.parse().expect("a header");
            answer.headers_mut().insert(name, value);
        }
        answer
    })
    .await
}

#[tokio::test]
async fn what_may_pass_is_tried_again_and_what_may_not_is_not() {
    for (status, asked) in [(429, 4), (500, 4), (502, 4), (503, 4), (504, 4)] {
        let server = failing(status, 3, None).await;
        let answer = get(&door(quick(), &server.url), &server.url).await;
        assert_eq!(
            &answer.expect("the fourth is well").body[..],
            b"well",
            "{status}"
        );
        assert_eq!(server.asked(), asked, "{status}");
    }
    for (status, asked) in [(400, 1), (401, 1), (404, 1), (501, 1), (500, 4)] {
        let server = failing(status, 99, None).await;
        let error = get(&door(quick(), &server.url), &server.url).await;
        let is_told = matches!(error, Err(Error::Status { status: told, .. }) if told == status);
        assert!(is_told, "{error:?}");
        assert_eq!(server.asked(), asked, "{status}");
    }
}

#[tokio::test]
async fn only_what_may_be_repeated_is_repeated() {
    for (is_repeatable, asked) in [(false, 1), (true, 4)] {
        let server = failing(503, 99, None).await;
        let url = Url::parse(&server.url).expect("an address");
        let mut request = Request::new(Method::POST, url);
        assert!(!request.is_repeatable, "to post is to do something");
        request.is_repeatable = is_repeatable;
        let answer = door(quick(), &server.url).send(&request).await;
        assert!(answer.is_err());
        assert_eq!(server.asked(), asked);
    }
}

#[tokio::test]
async fn a_wait_that_is_asked_for_is_kept_to_the_second() {
    let server = failing(429, 1, Some(("retry-after", "1"))).await;
    let began = Instant::now();
    let answer = get(&door(quick(), &server.url), &server.url).await;
    assert!(answer.is_ok(), "{answer:?}");
    assert!(
        began.elapsed() >= Duration::from_secs(1),
        "{:?}",
        began.elapsed()
    );
    assert_eq!(server.asked(), 2);

    for (said, retry_after_s) in [("301", 301), ("7200", 3_600)] {
        let server = failing(503, 9, Some(("retry-after", said))).await;
        let error = get(&door(quick(), &server.url), &server.url).await;
        let is_told = matches!(
            error,
            Err(Error::Limited { retry_after, .. }) if retry_after.as_secs() == retry_after_s
        );
        assert!(is_told, "{error:?}");
        assert_eq!(server.asked(), 1, "it is left alone");
    }
}

#[tokio::test]
async fn a_host_that_fails_again_and_again_is_left_alone_by_the_whole_process() {
    let (down, well) = (failing(500, 99, None).await, failing(500, 0, None).await);
    let egress = Egress::with(Limits {
        tries_max: 1,
        ..quick()
    });
    let first = egress.door(&place(&down.url)).expect("a door");
    for _ in 0..5 {
        let error = get(&first, &down.url).await;
        assert!(matches!(error, Err(Error::Status { .. })), "{error:?}");
    }
    let second = egress.clone().door(&place(&down.url)).expect("a door");
    for door in [&first, &second] {
        let error = get(door, &down.url).await;
        let is_told = matches!(error, Err(Error::LeftAlone { for_s: 55..=60, .. }));
        assert!(is_told, "{error:?}");
    }
    assert_eq!(down.asked(), 5);
    let other = egress.door(&place(&well.url)).expect("a door");
    assert!(get(&other, &well.url).await.is_ok());
}

#[tokio::test]
async fn retries_end_when_the_host_is_given_up_and_tell_why() {
    let server = failing(500, 99, None).await;
    let door = door(quick(), &server.url);
    for (asked, says) in [(4, "500"), (5, "500"), (5, "left alone")] {
        let error = get(&door, &server.url).await.expect_err("it is down");
        assert!(error.to_string().contains(says), "{error}");
        assert_eq!(server.asked(), asked);
    }
}

#[tokio::test]
async fn one_trial_at_a_time_decides_whether_a_host_is_well_again() {
    let is_down = Arc::new(AtomicBool::new(true));
    let told = Arc::clone(&is_down);
    let server = Outside::answering(move |_| match told.load(Ordering::SeqCst) {
        true => StatusCode::BAD_GATEWAY.into_response(),
        false => "well".into_response(),
    })
    .await;
    let limits = Limits {
        tries_max: 1,
        pause: Duration::ZERO,
        ..quick()
    };
    let door = door(limits, &server.url).paced(1_000.try_into().expect("not zero"));
    for _ in 0..5 {
        assert!(get(&door, &server.url).await.is_err());
    }
    // While one tries, the others are told to wait; which of them is the one is open.
    let trials = futures_util::future::join_all((0..8).map(|_| get(&door, &server.url))).await;
    let left_alone = |trial: &&Result<_, Error>| matches!(trial, Err(Error::LeftAlone { .. }));
    assert_eq!(trials.iter().filter(left_alone).count(), 7, "{trials:?}");
    assert_eq!(server.asked(), 6);
    is_down.store(false, Ordering::SeqCst);
    for _ in 0..3 {
        assert!(get(&door, &server.url).await.is_ok());
    }
    let all = futures_util::future::join_all((0..8).map(|_| get(&door, &server.url))).await;
    assert!(all.iter().all(Result::is_ok), "{all:?}");
}

#[tokio::test]
async fn a_host_is_asked_no_more_often_than_its_pace() {
    let server = failing(500, 0, None).await;
    let egress = Egress::new();
    let pace = 20.try_into().expect("not zero");
    let doors = [(); 2].map(|()| {
        egress
            .door(&place(&server.url))
            .expect("a door")
            .paced(pace)
    });
    let began = Instant::now();
    let calls = (0..60).map(|at| get(&doors[at % 2], &server.url));
    let answers = futures_util::future::join_all(calls).await;
    assert!(answers.iter().all(Result::is_ok));
    // 40 at once and 20 more in a second.
    let took = began.elapsed();
    assert!(took >= Duration::from_millis(950), "{took:?}");
    assert!(took <= Duration::from_secs(5), "{took:?}");
}

#[tokio::test]
async fn who_does_not_listen_is_asked_again_and_told_by_name() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("it is bound"));
    drop(listener);
    let error = get(&door(quick(), &url), &url)
        .await
        .expect_err("nobody is there");
    assert!(matches!(error, Error::Unconnected { .. }), "{error:?}");
    assert!(error.to_string().contains("127.0.0.1"), "{error}");
}
