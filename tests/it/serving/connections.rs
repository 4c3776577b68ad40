//! What one connection is held to.

use std::time::Duration;

use tokio::{io::AsyncWriteExt, net::TcpStream, time::Instant};

use crate::support::{Db, Hub};

use super::{PATIENCE, one_answer, request, rest, send};

async fn hub(header: u64, idle: u64) -> (Db, Hub, String) {
    let db = Db::sqlite();
    let hub = Hub::with(&db, |config| {
        config.server.header_seconds = header;
        config.server.idle_seconds = idle;
    })
    .await;
    let base = hub.serve().await;
    let address = base.trim_start_matches("http://").to_owned();
    (db, hub, address)
}

async fn connect(address: &str) -> TcpStream {
    TcpStream::connect(address).await.expect("the hub listens")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_does_not_come_in_time_ends_the_connection_however_it_drips() {
    let (_db, _hub, address) = hub(1, 60).await;
    let mut silent = connect(&address).await;
    let mut half = connect(&address).await;
    send(&mut half, "POST /graphql HTTP/1.1\r\nHost: hub\r\n").await;
    let dripping = connect(&address).await;
    let (mut reading, mut writing) = dripping.into_split();
    let drip = async move {
        let began = Instant::now();
        let mut pace = tokio::time::interval(Duration::from_millis(50));
        let mut bytes = "GET /healthz HTTP/1.1\r\nX-Drip: "
            .bytes()
            .chain(std::iter::repeat(b'x'));
        while began.elapsed() < PATIENCE {
            pace.tick().await;
            let byte = [bytes.next().expect("it never ends")];
            if writing.write_all(&byte).await.is_err() {
                return;
            }
        }
        panic!("the hub took a head for {PATIENCE:?}");
    };
    let ended = async {
        let mut none = Vec::new();
        let _ = tokio::io::AsyncReadExt::read_to_end(&mut reading, &mut none).await;
        none
    };
    let (_, none) = tokio::join!(drip, ended);
    assert_eq!(none, b"");
    assert_eq!(rest(&mut silent).await, "");
    assert_eq!(rest(&mut half).await, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_was_answered_may_rest_longer_than_a_head_may_take() {
    let (_db, _hub, address) = hub(1, 3).await;
    let mut stream = connect(&address).await;
    send(&mut stream, &request("{ viewer { role } }")).await;
    assert!(one_answer(&mut stream).await.contains("PUBLIC"));
    let answered = Instant::now();
    // Another connection, opened now, ends when its head does not come: by then this one still rests.
    assert_eq!(rest(&mut connect(&address).await).await, "");
    assert!(answered.elapsed() >= Duration::from_millis(900));
    send(&mut stream, &request("{ viewer { role } }")).await;
    assert!(one_answer(&mut stream).await.contains("PUBLIC"));
    let answered = Instant::now();
    assert_eq!(rest(&mut stream).await, "");
    assert!(
        answered.elapsed() >= Duration::from_secs(2),
        "it rested for {:?}",
        answered.elapsed()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_come_at_once_are_answered_in_their_order() {
    let (_db, _hub, address) = hub(5, 60).await;
    let mut stream = connect(&address).await;
    let asked = request("{ viewer { role } }")
        + "GET /healthz HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n\r\n";
    send(&mut stream, &asked).await;
    let told = rest(&mut stream).await;
    let answers: Vec<_> = told.match_indices("HTTP/1.1 200 OK").collect();
    assert_eq!(answers.len(), 2, "{told}");
    assert!(told.contains("PUBLIC") && told.ends_with("ok\n"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_that_are_no_http_or_too_long_are_refused() {
    let (_db, _hub, address) = hub(5, 60).await;
    let many: String = (0..200).map(|n| format!("X-{n}: y\r\n")).collect();
    let long = "x".repeat(300 * 1_024);
    for (head, statuses) in [
        ("hello hub\r\n\r\n".to_owned(), &["400"][..]),
        (
            format!("GET /{long} HTTP/1.1\r\nHost: hub\r\n\r\n"),
            &["414", "431"],
        ),
        (
            format!("GET /healthz HTTP/1.1\r\nHost: hub\r\nX: {long}\r\n\r\n"),
            &["431"],
        ),
        (
            format!("GET /healthz HTTP/1.1\r\nHost: hub\r\n{many}\r\n"),
            &["431"],
        ),
    ] {
        let mut stream = connect(&address).await;
        // It may close before it has read all.
        let _ = stream.write_all(head.as_bytes()).await;
        let told = rest(&mut stream).await;
        let status = told.split(' ').nth(1).unwrap_or_default();
        let is_reset = told.is_empty() && head.len() > 64 * 1_024;
        assert!(is_reset || statuses.contains(&status), "{told:?}");
    }
    let mut stream = connect(&address).await;
    send(&mut stream, &request("{ viewer { role } }")).await;
    assert!(one_answer(&mut stream).await.contains("PUBLIC"));
}
