//! Being told to stop: nobody who asked goes without an answer.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::net::TcpStream;

use crate::support::Db;

use super::{PATIENCE, Server, client, one_answer, rest, send};

const CLIENTS: usize = 8;
/// Requests that one hub answers before it is told to stop, and the other afterwards.
const REQUESTS: usize = 300;
const BODY: &str = r#"{"query":"{ viewer { role } }"}"#;

async fn status(client: &reqwest::Client, base: &str) -> Option<u16> {
    let request = client.get(format!("{base}/readyz"));
    let answer = request.header("connection", "close").send().await.ok()?;
    Some(answer.status().as_u16())
}

/// Asks whoever is ready, as behind a balancer, until it is enough.
async fn ask(bases: [String; 2], is_away: Arc<AtomicBool>, answered: Arc<[AtomicUsize; 2]>) {
    let client = client();
    while answered[1].load(Ordering::SeqCst) < REQUESTS {
        let which = usize::from(is_away.load(Ordering::SeqCst));
        let answer = client
            .post(format!("{}/graphql", bases[which]))
            .header("content-type", "application/json")
            .body(BODY)
            .send()
            .await
            .unwrap_or_else(|error| panic!("not answered: {error:?}"));
        assert_eq!(answer.status(), 200);
        assert!(
            answer
                .text()
                .await
                .expect("it comes whole")
                .contains("PUBLIC")
        );
        answered[which].fetch_add(1, Ordering::SeqCst);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_under_load_fails_no_request() {
    let db = Db::sqlite();
    let (mut first, second) = (Server::on(&db, &[]), Server::on(&db, &[]));
    let bases = [first.base.clone(), second.base.clone()];
    let (is_away, answered) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new([AtomicUsize::new(0), AtomicUsize::new(0)]),
    );
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            tokio::spawn(ask(
                bases.clone(),
                Arc::clone(&is_away),
                Arc::clone(&answered),
            ))
        })
        .collect();
    let balancer = client();
    while answered[0].load(Ordering::SeqCst) < REQUESTS {
        assert_eq!(status(&balancer, &bases[0]).await, Some(200));
    }
    first.running.terminate();
    // It answers on while it says that it is not ready; then the balancer turns to the other.
    while status(&balancer, &bases[0]).await == Some(200) {}
    let before = answered[0].load(Ordering::SeqCst);
    assert_eq!(
        status(&balancer, &bases[0]).await,
        Some(503),
        "it is still there"
    );
    while answered[0].load(Ordering::SeqCst) < before + CLIENTS {
        tokio::task::yield_now().await;
    }
    is_away.store(true, Ordering::SeqCst);
    for client in clients {
        client.await.expect("each request is answered");
    }
    assert!(first.running.ends_within(PATIENCE));
    assert_eq!(first.running.code(), Some(0));
    let [of_first, of_second] = [0, 1].map(|which| answered[which].load(Ordering::SeqCst));
    assert!(
        of_first >= REQUESTS && of_second >= REQUESTS,
        "{of_first} {of_second}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_half_there_is_answered_and_its_connection_closed() {
    let db = Db::sqlite();
    let mut server = Server::on(&db, &[("SERVER__NOTICE_SECONDS", "0")]);
    let mut half = TcpStream::connect(server.address())
        .await
        .expect("it listens");
    let head = format!(
        "POST /graphql HTTP/1.1\r\nHost: hub\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        BODY.len()
    );
    send(&mut half, &head).await;
    let mut resting = TcpStream::connect(server.address())
        .await
        .expect("it listens");
    send(&mut resting, &format!("{head}{BODY}")).await;
    one_answer(&mut resting).await;
    server.running.terminate();
    // Who asks nothing is told at once that nobody will answer any more.
    assert_eq!(rest(&mut resting).await, "");
    while TcpStream::connect(server.address()).await.is_ok() {}
    send(&mut half, BODY).await;
    let told = rest(&mut half).await;
    assert!(
        told.starts_with("HTTP/1.1 200") && told.contains("PUBLIC"),
        "{told}"
    );
    assert!(told.to_lowercase().contains("connection: close"), "{told}");
    assert!(server.running.ends_within(PATIENCE));
    assert_eq!(server.running.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_never_finishes_is_cut_when_the_time_is_over() {
    let db = Db::sqlite();
    let mut server = Server::on(
        &db,
        &[
            ("SERVER__NOTICE_SECONDS", "0"),
            ("SERVER__DRAIN_SECONDS", "1"),
        ],
    );
    let mut half = TcpStream::connect(server.address())
        .await
        .expect("it listens");
    send(&mut half, "POST /graphql HTTP/1.1\r\nHost: hub\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{").await;
    // It has been taken in when the next one is answered.
    assert_eq!(status(&client(), &server.base).await, Some(200));
    server.running.terminate();
    assert!(
        server.running.ends_within(Duration::from_secs(20)),
        "it waits for ever"
    );
    assert_eq!(server.running.code(), Some(0));
    assert_eq!(rest(&mut half).await, "");
}
