//! How many audit entries a second become durable, with many who wait at once, as reads have them and as checks have
//! them, which commit to an answer; and how long a million of the latter take to verify:
//! `cargo bench --bench audit [-- [URL] [ENTRIES]]`. On an embedded database in a
//! temporary folder where no address is given.
#![allow(clippy::print_stdout, reason = "a bench reports on standard output")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use domain::{
    audit::Action,
    viewer::{Role, Viewer},
};
use zhengxin::{
    app::{open_audit, open_store},
    audit::{Audit, Draft},
    clock::Clock,
    config::Config,
};

/// Who waits at once.
const CALLERS: usize = 256;
const FOR: Duration = Duration::from_secs(10);
const VERIFIED: usize = 1_000_000;
/// Bytes of an answer that an entry commits to.
const ANSWER_BYTES: usize = 1_000;
/// Within which they are verified, in seconds.
const VERIFIED_WITHIN: f64 = 30.0;

fn answer(n: usize) -> Vec<u8> {
    format!("{n:0width$}", width = ANSWER_BYTES).into_bytes()
}

fn draft(n: usize) -> Draft {
    let viewer = Viewer {
        issuer: Some("https://issuer.example".to_owned()),
        subject: format!("u-{}", n % 500),
        role: Role::Authority,
        divisions: vec!["440100".parse().expect("a division")],
        ..Viewer::public()
    };
    Draft {
        agencies: vec![n as i64 % 40_000],
        purpose: Some("sanction".to_owned()),
        request: format!("{n:032x}"),
        document: Some("4".repeat(64)),
        ..Draft::by(&viewer, Action::Read, "Clue.content")
    }
}

/// Callers who hand entries in one after another until `is_over`, each with an answer where they check; how many became
/// durable.
async fn write(
    audit: &Audit,
    checks: bool,
    is_over: impl Fn(usize) -> bool + Send + Sync + 'static,
) -> usize {
    let (begun, is_over) = (Arc::new(AtomicUsize::new(0)), Arc::new(is_over));
    let callers = (0..CALLERS).map(|_| {
        let (audit, begun, is_over) = (audit.clone(), Arc::clone(&begun), Arc::clone(&is_over));
        tokio::spawn(async move {
            let mut done = 0;
            loop {
                let n = begun.fetch_add(1, Ordering::Relaxed);
                if is_over(n) {
                    return done;
                }
                let payload = checks.then(|| answer(n));
                let recorded = audit.record(draft(n), payload);
                recorded.await.expect("it is durable");
                done += 1;
            }
        })
    });
    let done = futures_util::future::join_all(callers.collect::<Vec<_>>()).await;
    done.into_iter().map(|done| done.expect("it ended")).sum()
}

/// Callers write for a while; tells how many a second, and returns how many.
async fn told(audit: &Audit, what: &str, checks: bool) -> usize {
    let started = Instant::now();
    let done = write(audit, checks, move |_| started.elapsed() > FOR).await;
    let seconds = started.elapsed().as_secs_f64();
    println!(
        "{what:<25} {:>9.0} entries/s ({done} in {seconds:.1} s)",
        done as f64 / seconds
    );
    done
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut config = Config::default();
    config.database.data = folder.path().to_owned();
    config.database.url = std::env::args().find(|url| url.contains(':'));
    let wanted = std::env::args().find_map(|count| count.parse().ok());
    let wanted = wanted.unwrap_or(VERIFIED);
    let store = open_store(&config).await.expect("it opens");
    let audit = open_audit(&config, store.clone(), Clock::system()).expect("there is a key");

    let mut done = 0;
    for (what, checks) in [("reads", false), ("checks", true)] {
        done += told(&audit, &format!("durable {what}"), checks).await;
    }

    // The same beside whoever puts the log together.
    let integrating = {
        let audit = audit.clone();
        tokio::spawn(async move {
            loop {
                audit.integrate().await.expect("it is put together");
                audit.checkpoint(false).await.expect("it is sound");
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        })
    };
    for (what, checks) in [("reads", false), ("checks", true)] {
        done += told(&audit, &format!("{what} beside the log"), checks).await;
    }
    integrating.abort();

    let started = Instant::now();
    let left = wanted.saturating_sub(done);
    write(&audit, true, move |n| n >= left).await;
    audit.integrate().await.expect("it is put together");
    audit.checkpoint(true).await.expect("it is sound");
    println!(
        "the rest                  {:>9.1} s",
        started.elapsed().as_secs_f64()
    );

    let started = Instant::now();
    let verified = audit
        .verify(None)
        .await
        .expect("it is read")
        .expect("it is sound");
    let seconds = started.elapsed().as_secs_f64();
    println!(
        "verified                  {:>9.1} s ({} entries)",
        seconds, verified.entries
    );

    let rows = store
        .list_audit(500_000.min(verified.entries as i64 / 2), 200)
        .await
        .expect("it is read");
    let started = Instant::now();
    for row in &rows {
        let id = domain::audit::EntryId(row.id.clone().try_into().expect("an id"));
        audit
            .prove(id)
            .await
            .expect("it is read")
            .expect("it is in the log");
    }
    let millis = started.elapsed().as_secs_f64() * 1_000.0;
    println!(
        "a proof                   {:>9.2} ms",
        millis / rows.len() as f64
    );
    assert!(
        seconds < VERIFIED_WITHIN,
        "a million entries are verified within 30 s"
    );
}
