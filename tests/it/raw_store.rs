//! Raw deliveries in an S3-compatible store, against moto's server. Needs the `s3` feature and
//! `ZHENGXIN_MOTO`, the path of `moto_server`.
#![cfg(feature = "s3")]

use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::support::made;

/// moto's server, ended with the test.
struct Moto {
    process: Child,
    address: String,
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

async fn moto() -> Option<Moto> {
    let program = std::env::var("ZHENGXIN_MOTO").ok()?;
    let port = TcpListener::bind(("127.0.0.1", 0))
        .and_then(|listener| listener.local_addr())
        .expect("a port")
        .port();
    let process = Command::new(program)
        .args(["-H", "127.0.0.1", "-p", &port.to_string()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("moto starts");
    let moto = Moto {
        process,
        address: format!("http://127.0.0.1:{port}"),
    };
    let client = reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client");
    let deadline = Instant::now() + Duration::from_secs(60);
    while client
        .put(format!("{}/zhengxin", moto.address))
        .send()
        .await
        .is_err()
    {
        assert!(Instant::now() < deadline, "moto does not answer");
        tokio::task::yield_now().await;
    }
    Some(moto)
}

#[tokio::test(flavor = "multi_thread")]
async fn raw_deliveries_are_kept_in_an_s3_compatible_store_and_read_from_there() {
    let Some(moto) = moto().await else {
        eprintln_skipped();
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("register.csv");
    std::fs::write(
        &file,
        made::register(&[made::body(1, "佛山市某某局", "440600")]),
    )
    .expect("a file");
    let output = Command::new(env!("CARGO_BIN_EXE_zhengxin"))
        .args(["ingest", "agency_register", "-o", "json", "--file"])
        .arg(&file)
        .arg("--data")
        .arg(folder.path().join("data"))
        .env("ZHENGXIN__RAW__S3", "s3://zhengxin/raw")
        .env("AWS_ENDPOINT", &moto.address)
        .env("AWS_ALLOW_HTTP", "true")
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", "made-up")
        .env("AWS_SECRET_ACCESS_KEY", "made-up")
        .output()
        .expect("it runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("a report");
    assert_eq!(report["stored"], 1, "{report}");
    let list = reqwest::get(format!("{}/zhengxin?list-type=2&prefix=raw/", moto.address))
        .await
        .expect("a list");
    let list = list.text().await.expect("a text");
    assert!(list.contains(".zst</Key>"), "{list}");
    assert!(
        !folder.path().join("data/raw").exists(),
        "nothing goes into the folder beside it"
    );
}

#[expect(clippy::print_stderr, reason = "a skip is said loudly")]
fn eprintln_skipped() {
    eprintln!(
        "SKIPPED: ZHENGXIN_MOTO does not name moto's server, so the S3-compatible store was not tried"
    );
}
