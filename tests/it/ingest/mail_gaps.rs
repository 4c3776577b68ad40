//! A mailbox server that lists a letter and does not give it: nothing is passed over for good.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};
use zhengxin::{
    config::Place,
    ingest::{From, Order, Report},
};

use super::{hub_with_town, mail_runs::letter};
use crate::support::{Db, Hub, count, state};

/// How often letter 2 is not given, and after how many listings it is gone.
#[derive(Clone, Copy)]
struct Manners {
    withheld: u32,
    listings: u32,
}

/// A server with three letters; where it listens.
async fn serve(manners: Manners) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let (withheld, listed) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // Whoever hangs up has what he wanted.
            let _ = converse(stream, manners, &withheld, &listed).await;
        }
    });
    format!("imap://{address}")
}

async fn converse(
    stream: TcpStream,
    manners: Manners,
    withheld: &AtomicU32,
    listed: &AtomicU32,
) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"* OK ready\r\n").await?;
    let mut line = String::new();
    while stream.read_line(&mut line).await? > 0 {
        let (tag, command) = line.trim_end().split_once(' ').unwrap_or_default();
        let mut said = Vec::new();
        let mut ends = "OK done";
        if command.starts_with("STARTTLS") {
            ends = "BAD not here";
        } else if command.starts_with("EXAMINE") {
            said.extend_from_slice(b"* 3 EXISTS\r\n* OK [UIDVALIDITY 7] holds\r\n");
        } else if let Some(asked) = command.strip_prefix("UID FETCH ") {
            let (asked, what) = asked.split_once(' ').unwrap_or_default();
            let named: Vec<u32> = match asked.split_once(':') {
                Some((first, _)) => (first.parse().unwrap_or(1)..=3).collect(),
                None => asked.split(',').flat_map(str::parse).collect(),
            };
            if what.contains("RFC822.SIZE") {
                let is_gone = listed.fetch_add(1, Ordering::SeqCst) >= manners.listings;
                for uid in named.into_iter().filter(|uid| *uid != 2 || !is_gone) {
                    let bytes = letter(uid).len();
                    let told = format!("* {uid} FETCH (UID {uid} RFC822.SIZE {bytes})\r\n");
                    said.extend(told.into_bytes());
                }
            } else {
                assert!(what.contains("BODY.PEEK[]"), "{what}");
                for uid in named {
                    let is_withheld =
                        uid == 2 && withheld.fetch_add(1, Ordering::SeqCst) < manners.withheld;
                    if is_withheld {
                        continue;
                    }
                    let body = letter(uid);
                    let told = format!("* {uid} FETCH (UID {uid} BODY[] {{{}}}\r\n", body.len());
                    said.extend(told.into_bytes());
                    said.extend(body);
                    said.extend_from_slice(b")\r\n");
                }
            }
        }
        said.extend(format!("{tag} {ends}\r\n").into_bytes());
        stream.write_all(&said).await?;
        line.clear();
    }
    Ok(())
}

async fn fetch(hub: &Hub, url: &str) -> Report {
    let place = Place {
        url: Some(url.to_owned()),
        allow: vec!["127.0.0.1".to_owned()],
        user: Some("somebody".to_owned()),
        secret: Some("a-made-up-password".to_owned()),
        ..Place::default()
    };
    let order = Order {
        source: "mailbox".to_owned(),
        feed: None,
        from: From::Place(Box::new(place)),
        as_of: None,
        partial: false,
        dry_run: false,
    };
    let ran = hub.run(&order).await;
    ran.expect("it can be tried")
}

/// Clues that are there, and how far the mailbox was read.
async fn known(hub: &Hub) -> (i64, String) {
    let state = state(hub).await;
    let line = state.lines().find(|line| line.starts_with("checkpoint"));
    let place = line.and_then(|line| line.split(" at ").nth(1));
    let clues = count(hub, "SELECT COUNT(*) FROM clue").await;
    (clues, place.unwrap_or_default().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_that_one_answer_lacks_is_asked_for_once_more() {
    let db = Db::sqlite();
    let hub = hub_with_town(&db).await;
    let url = serve(Manners {
        withheld: 1,
        listings: u32::MAX,
    })
    .await;
    let report = fetch(&hub, &url).await;
    assert_eq!(report.warnings, Vec::<String>::new(), "{report:#?}");
    assert_eq!(known(&hub).await, (3, "7 3".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_that_is_there_and_not_given_is_asked_for_again_and_holds_nothing_up() {
    let db = Db::sqlite();
    let hub = hub_with_town(&db).await;
    let url = serve(Manners {
        withheld: 4,
        listings: u32::MAX,
    })
    .await;
    for (run, received) in [(1, 2), (2, 0)] {
        let report = fetch(&hub, &url).await;
        let told = report.warnings.join("\n");
        assert!(
            told.contains("uid 2 is there and was not given"),
            "{report:#?}"
        );
        assert_eq!(report.counts.received, received, "none is fetched twice");
        assert_eq!(known(&hub).await, (2, format!("7 3 2:{run}")));
    }
    let report = fetch(&hub, &url).await;
    assert_eq!(report.warnings, Vec::<String>::new(), "{report:#?}");
    assert_eq!(known(&hub).await, (3, "7 3".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_that_is_never_given_is_given_up_and_named() {
    let db = Db::sqlite();
    let hub = hub_with_town(&db).await;
    let url = serve(Manners {
        withheld: u32::MAX,
        listings: u32::MAX,
    })
    .await;
    for run in 1..10 {
        fetch(&hub, &url).await;
        assert_eq!(known(&hub).await, (2, format!("7 3 2:{run}")));
    }
    let report = fetch(&hub, &url).await;
    let told = report.warnings.join("\n");
    assert!(
        told.contains("uid 2 was not given in 10 runs"),
        "{report:#?}"
    );
    assert_eq!(known(&hub).await, (2, "7 3".to_owned()));
    let report = fetch(&hub, &url).await;
    assert_eq!(report.warnings, Vec::<String>::new(), "{report:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_that_is_gone_when_it_is_asked_for_holds_nothing_up() {
    let db = Db::sqlite();
    let hub = hub_with_town(&db).await;
    let url = serve(Manners {
        withheld: u32::MAX,
        listings: 1,
    })
    .await;
    let report = fetch(&hub, &url).await;
    assert!(
        report.warnings.join("\n").contains("uid 2 is gone"),
        "{report:#?}"
    );
    assert_eq!(known(&hub).await, (2, "7 3".to_owned()));
}
