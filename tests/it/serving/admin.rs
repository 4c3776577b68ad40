//! The listener for those who run the hub.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    sync::mpsc::channel,
};

use reqwest::header::CONTENT_TYPE;
use zhengxin::serve::Admin;

use crate::support::{Db, Hub, made, on_both};

use super::{client, text_at, value};

fn anywhere() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_tell_of_requests_the_graph_the_sources_and_the_process() {
    on_both(async |db| {
        let hub = Hub::on(&db).await;
        let body = made::body(1, "佛山市禅城区水务局", "440604");
        let register = made::register(&[body]);
        hub.ingest("agency_register", &[("a.csv", &register)], |_| {})
            .await;
        hub.later(3_600);
        let admin = Admin::start(hub.app.clone(), anywhere()).expect("a free port");
        let url = format!("http://{}/metrics", admin.address);
        let before = text_at(&url).await;
        hub.query(None, "{ viewer { role } }").await;
        hub.query(None, "{ nothing }").await;

        let answer = client().get(&url).send().await.expect("it answers");
        let kind = answer.headers()[CONTENT_TYPE]
            .to_str()
            .expect("text")
            .to_owned();
        assert!(kind.starts_with("application/openmetrics-text"), "{kind}");
        let told = answer.text().await.expect("a text");
        assert!(told.ends_with("# EOF\n"), "{told}");
        assert_eq!(told.matches("# EOF").count(), 1);
        // Other tests in this process are counted, too.
        for line in [
            r#"zhengxin_requests_total{kind="graphql",outcome="OK"}"#,
            r#"zhengxin_requests_total{kind="graphql",outcome="INVALID"}"#,
            "zhengxin_operation_cost_count",
            r#"zhengxin_request_seconds_count{kind="graphql"}"#,
        ] {
            assert!(value(&told, line) > value(&before, line), "{line}\n{told}");
        }
        for (line, expected) in [
            ("zhengxin_graph_version", 1.0),
            (r#"zhengxin_graph_facts{kind="agency"}"#, 1.0),
            ("zhengxin_serving", 1.0),
            ("zhengxin_database_up", 1.0),
            (
                r#"zhengxin_source_data_age_seconds{source="agency_register"}"#,
                3_600.0,
            ),
        ] {
            assert_eq!(value(&told, line), expected, "{line}\n{told}");
        }
        for line in [
            "process_resident_memory_bytes",
            "process_cpu_seconds_total",
            "process_open_fds",
            "process_max_fds",
            r#"zhengxin_source_last_success_timestamp_seconds{source="agency_register"}"#,
        ] {
            assert!(value(&told, line) > 0.0, "{line}\n{told}");
        }
        assert!(
            !told.contains(r#"data_age_seconds{source="court_debtors""#),
            "it never delivered"
        );
    })
    .await;
}

/// Asks without a runtime, which may have no thread to spare.
fn ask(admin: &Admin, path: &str) -> String {
    let mut stream = TcpStream::connect(admin.address).expect("it listens");
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n\r\n"
    )
    .expect("it reads");
    let mut told = String::new();
    stream.read_to_string(&mut told).expect("it answers");
    told
}

#[test]
fn health_is_told_while_all_other_threads_are_busy() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let db = Db::sqlite();
    let hub = runtime.block_on(Hub::on(&db));
    let admin = Admin::start(hub.app.clone(), anywhere()).expect("a free port");
    let (busy, is_busy) = channel();
    let mut releases = Vec::new();
    for _ in 0..2 {
        let (release, released) = channel::<()>();
        releases.push(release);
        let busy = busy.clone();
        runtime.spawn(async move {
            busy.send(()).expect("the test waits");
            let _ = released.recv();
        });
    }
    for _ in 0..2 {
        is_busy.recv().expect("no thread is free any more");
    }
    assert!(ask(&admin, "/healthz").ends_with("ok\n"));
    let ready = ask(&admin, "/readyz");
    assert!(
        ready.starts_with("HTTP/1.1 200") && ready.ends_with("ready 0\n"),
        "{ready}"
    );
    assert!(ask(&admin, "/metrics").contains("zhengxin_database_up 1"));
    assert!(ask(&admin, "/graphql").starts_with("HTTP/1.1 404"));
    hub.app.leaving.cancel();
    assert!(ask(&admin, "/readyz").starts_with("HTTP/1.1 503"));
    assert!(ask(&admin, "/healthz").starts_with("HTTP/1.1 200"));
    drop(releases);
}
