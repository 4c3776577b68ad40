//! Raw deliveries in an S3-compatible store, against moto's server. Needs the `s3` feature and
//! `ZHENGXIN_MOTO`, the path of `moto_server`.
#![cfg(feature = "s3")]

use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use object_store::{ObjectStoreExt, aws::AmazonS3Builder};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::support::made;

const NAME: &str = "佛山市某某局";

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
async fn raw_deliveries_are_sealed_in_an_s3_compatible_store_read_and_erased_there() {
    let Some(moto) = moto().await else {
        eprintln_skipped();
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("register.csv");
    let rows = made::register(&[made::body(1, NAME, "440600")]);
    std::fs::write(&file, &rows).expect("a file");
    let data = folder.path().join("data");
    let call = |arguments: &[&str]| {
        let ran = Command::new(env!("CARGO_BIN_EXE_zhengxin"))
            .args(arguments)
            .args(["-o", "json", "--data"])
            .arg(&data)
            .env("ZHENGXIN__RAW__S3", "s3://zhengxin/raw")
            .env("AWS_ENDPOINT", &moto.address)
            .env("AWS_ALLOW_HTTP", "true")
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", "made-up")
            .env("AWS_SECRET_ACCESS_KEY", "made-up")
            .output()
            .expect("it runs");
        let told = String::from_utf8_lossy(&ran.stderr).into_owned();
        let said = serde_json::from_slice(&ran.stdout).unwrap_or(Value::Null);
        (ran.status.success(), said, told)
    };
    let path = file.display().to_string();
    let (done, report, told) = call(&["ingest", "agency_register", "--file", &path]);
    assert!(done && report["stored"] == 1, "{report} {told}");
    let store = AmazonS3Builder::new()
        .with_endpoint(&moto.address)
        .with_allow_http(true)
        .with_region("us-east-1")
        .with_bucket_name("zhengxin")
        .with_access_key_id("made-up")
        .with_secret_access_key("made-up")
        .build()
        .expect("a client");
    let keys = async || {
        let address = format!("{}/zhengxin?list-type=2&prefix=raw/", moto.address);
        let reply = reqwest::get(address).await.expect("it answers");
        let list = reply.text().await.expect("a text");
        let keys = list.split("<Key>").skip(1);
        let key = |part: &str| part.split_once("</Key>").map(|(key, _)| key.to_owned());
        keys.filter_map(key).collect::<Vec<_>>()
    };
    let [key] = &keys().await[..] else {
        panic!("one object")
    };
    assert!(key.ends_with(".zst") && !data.join("raw").exists(), "{key}");
    // Who keeps the objects reads nothing in them.
    let sealed = store.get(&key.as_str().into()).await.expect("it is there");
    let sealed = sealed.bytes().await.expect("a body");
    let digest = hex(&Sha256::digest(&rows));
    assert!(
        sealed.starts_with(b"ZXSEAL1\n") && key.contains(&digest),
        "{key}"
    );
    assert!(
        !sealed
            .windows(NAME.len())
            .any(|part| part == NAME.as_bytes())
    );
    let run = report["run"].to_string();
    let (done, again, told) = call(&["ingest", "agency_register", "--reread", &run]);
    assert!(done && again["received"] == 1, "{again} {told}");
    // Without its key it is not read, and with it the object is gone.
    let (done, erased, told) = call(&["raw", "erase", &digest, "--reason", "本人要求"]);
    assert!(
        done && erased["erased"] == digest.as_str(),
        "{erased} {told}"
    );
    assert_eq!(keys().await, Vec::<String>::new());
    let (done, _, told) = call(&["ingest", "agency_register", "--reread", &run]);
    assert!(!done && told.contains("本人要求"), "{told}");
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[expect(clippy::print_stderr, reason = "a skip is said loudly")]
fn eprintln_skipped() {
    eprintln!(
        "SKIPPED: ZHENGXIN_MOTO does not name moto's server, so the S3-compatible store was not tried"
    );
}
