//! Thousands of connections that ask nothing, and one client that does.

use std::{
    io::Write as _,
    net::{Ipv4Addr, SocketAddr},
    time::{Duration, Instant},
};

use tokio::{
    io::AsyncWriteExt,
    net::{TcpSocket, TcpStream},
    task::JoinSet,
};
use zhengxin::serve::raise_file_limit;

use crate::support::Db;

use super::{Server, client, one_answer, request, send, text_at, value};

const CONNECTIONS: usize = 10_000;
/// Connections with half a body besides.
const BODIES: usize = 200;
/// Files of this process that are no connections.
const OTHER_FILES: usize = 500;
/// Addresses that they come from, beside the one of whoever asks.
const ADDRESSES: usize = 40;
/// What the machine takes at once before it answers the first.
const AT_ONCE: usize = 100;
const REQUESTS: usize = 200;
/// How long the hub may take to see them all on a busy machine.
const TAKEN_IN: Duration = Duration::from_secs(20);
/// How long an answer may take on a busy machine, in a build without optimisation.
const PATIENCE: Duration = Duration::from_secs(2);

async fn open(to: SocketAddr, number: usize) -> std::io::Result<TcpStream> {
    let host = u8::try_from(2 + number % ADDRESSES).expect("there are few");
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from((Ipv4Addr::new(127, 0, 0, host), 0)))?;
    let mut stream = socket.connect(to).await?;
    // Half of them say nothing at all, the others half a head.
    if number % 2 == 1 {
        let half = "POST /graphql HTTP/1.1\r\nHost: hub\r\nX-Drip: a";
        stream.write_all(half.as_bytes()).await?;
    }
    Ok(stream)
}

async fn flood(to: SocketAddr, count: usize) -> Vec<TcpStream> {
    let mut open_ones = Vec::with_capacity(count);
    for from in (0..count).step_by(AT_ONCE) {
        let mut tasks = JoinSet::new();
        for number in from..count.min(from + AT_ONCE) {
            tasks.spawn(open(to, number));
        }
        while let Some(opened) = tasks.join_next().await {
            open_ones.push(opened.expect("no panic").expect("the hub takes it in"));
        }
    }
    open_ones
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_connections_that_ask_nothing_hurt_nobody() {
    let count = CONNECTIONS.min(raise_file_limit().saturating_sub(OTHER_FILES));
    let db = Db::sqlite();
    // Long enough that all are open while others ask.
    let server = Server::on(&db, &[("SERVER__HEADER_SECONDS", "600")]);
    let to = server.address().parse().expect("an address");
    let mut open_ones = flood(to, count).await;
    // The machine takes connections in before the hub does.
    let until = Instant::now() + TAKEN_IN;
    let held = loop {
        let told = text_at(&format!("{}/metrics", server.admin)).await;
        let held = value(&told, "zhengxin_connections");
        if held >= count as f64 {
            break held;
        }
        let in_time = Instant::now() < until;
        assert!(in_time, "{held} of {count} are open:\n{told}");
    };

    // Others say half a body; these have half a minute.
    let half = "POST /graphql HTTP/1.1\r\nHost: hub\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{";
    let mut bodies = Vec::new();
    for number in 0..BODIES {
        let mut stream = open(to, number * 2).await.expect("the hub takes it in");
        stream.write_all(half.as_bytes()).await.expect("it is open");
        bodies.push(stream);
    }

    let client = client();
    let (mut slowest, url) = (Duration::ZERO, format!("{}/graphql", server.base));
    for number in 0..REQUESTS {
        // They drip on meanwhile.
        let drips = open_ones.len() / REQUESTS;
        for stream in &mut open_ones[number * drips..][..drips] {
            let _ = stream.write_all(b"b").await;
        }
        let asked = Instant::now();
        let answer = client
            .post(&url)
            .header("content-type", "application/json")
            // Each over a new connection, which must be taken in first.
            .header("connection", "close")
            .body(r#"{"query":"{ viewer { role } }"}"#)
            .send()
            .await
            .expect("it answers");
        assert_eq!(answer.status(), 200);
        assert!(answer.text().await.expect("a text").contains("PUBLIC"));
        slowest = slowest.max(asked.elapsed());
    }
    let note = format!("\n{held} connections open, {REQUESTS} requests, the slowest {slowest:?}\n");
    // Past the capture of test output: how many there were is what the test is worth.
    std::io::stderr()
        .write_all(note.as_bytes())
        .expect("standard error takes text");
    assert!(slowest < PATIENCE, "{slowest:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_all_places_are_taken_those_who_ask_nothing_make_room() {
    let db = Db::sqlite();
    let server = Server::on(
        &db,
        &[
            ("SERVER__HEADER_SECONDS", "600"),
            ("SERVER__CONNECTIONS_MAX", "300"),
            ("SERVER__CONNECTIONS_PER_ADDRESS_MAX", "100"),
        ],
    );
    let to: SocketAddr = server.address().parse().expect("an address");
    // Somebody who asked already and may ask again.
    let mut regular = TcpStream::connect(to).await.expect("the hub listens");
    send(&mut regular, &request("{ viewer { role } }")).await;
    one_answer(&mut regular).await;
    let silent = |count: usize| async move {
        let mut open_ones = Vec::new();
        for number in 0..count {
            open_ones.push(open(to, number * 2).await.expect("it is taken in"));
        }
        open_ones
    };
    let _flood = silent(1_500).await;
    let url = format!("{}/healthz", server.base);
    for _ in 0..20 {
        assert_eq!(text_at(&url).await, "ok\n");
    }
    send(&mut regular, &request("{ viewer { role } }")).await;
    assert!(one_answer(&mut regular).await.contains("PUBLIC"));
    let told = text_at(&format!("{}/metrics", server.admin)).await;
    assert!(value(&told, "zhengxin_connections") <= 310.0, "{told}");
    assert!(
        value(&told, "zhengxin_connections_given_up_total") >= 1_200.0,
        "{told}"
    );
}
