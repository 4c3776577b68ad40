//! What one caller may ask for: by subject and by address, over HTTP.

use std::net::SocketAddr;

use domain::viewer::Role;
use reqwest::RequestBuilder;
use serde_json::json;
use zhengxin::config::Config;

use super::{Reply, Wire};
use crate::support::{Db, Hub};

/// Of each caller so many units at once, and one back in a second.
async fn served(db: &Db, burst: u32, change: impl FnOnce(&mut Config)) -> (Hub, Wire) {
    let hub = Hub::with(db, |config| {
        let one = 1.try_into().expect("not zero");
        let burst = burst.try_into().expect("not zero");
        config.rates.subject_per_second = one;
        config.rates.address_per_second = one;
        config.rates.subject_burst = burst;
        config.rates.address_burst = burst;
        change(config);
    })
    .await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let router = zhengxin::api::router(hub.app.clone()).expect("its documents are good");
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    (hub, Wire::at(format!("http://{address}")))
}

fn asking(wire: &Wire, query: &str) -> RequestBuilder {
    wire.post().body(json!({ "query": query }).to_string())
}

/// How many of so many requests were served before one was refused for its rate.
async fn served_of(requests: usize, make: impl Fn() -> RequestBuilder) -> usize {
    for served in 0..requests {
        let reply = Reply::to(make()).await;
        if reply.status == 429 {
            assert_eq!(reply.codes(), ["LIMITED"], "{}", reply.text);
            let seconds: u64 = reply.header("retry-after").parse().expect("whole seconds");
            assert!((1..=60).contains(&seconds), "{seconds}");
            return served;
        }
        assert_eq!(reply.status, 200, "{}", reply.text);
    }
    requests
}

#[tokio::test]
async fn each_subject_and_each_address_has_an_allowance_of_its_own() {
    let db = Db::sqlite();
    let (hub, wire) = served(&db, 30, |_| {}).await;
    let query = "{ __typename }";
    // A busy machine may take a second or some for all of it, so some more may pass.
    let is_burst = |served: usize| (30..60).contains(&served);
    let public = served_of(100, || asking(&wire, query)).await;
    assert!(is_burst(public), "{public}");
    let spoofed = served_of(100, || {
        asking(&wire, query).header("x-forwarded-for", "192.0.2.7")
    })
    .await;
    assert!(
        spoofed < 30,
        "nobody is believed whom he asks for: {spoofed}"
    );
    let token = hub.token(Role::Court, &["440600"], None);
    let known = served_of(100, || asking(&wire, query).bearer_auth(&token)).await;
    assert!(is_burst(known), "{known}");
    let again = hub.token(Role::Government, &["440600"], None);
    let more = served_of(100, || asking(&wire, query).bearer_auth(&again)).await;
    assert!(more < 30, "another token of the same subject: {more}");
}

#[tokio::test]
async fn whoever_comes_through_a_proxy_of_ours_is_known_by_his_address() {
    let db = Db::sqlite();
    let proxies = |config: &mut Config| {
        config.server.trusted_proxies = vec!["127.0.0.0/8".parse().expect("a net")];
    };
    let (_hub, wire) = served(&db, 30, proxies).await;
    let from = |address: &'static str| {
        let wire = &wire;
        move || asking(wire, "{ __typename }").header("x-forwarded-for", address)
    };
    for client in ["192.0.2.1", "203.0.113.9, 192.0.2.2", "2001:db8::1"] {
        let served = served_of(100, from(client)).await;
        assert!((30..60).contains(&served), "{client}: {served}");
    }
    let served = served_of(100, from("192.0.2.2")).await;
    assert!(served < 30, "what stands before it is made up: {served}");
    let reconcile = wire
        .request(reqwest::Method::GET, "/reconcile")
        .header("x-forwarded-for", "192.0.2.2");
    let reply = Reply::to(reconcile).await;
    assert_eq!(reply.status, 429, "{}", reply.text);
}

#[tokio::test]
async fn what_an_operation_costs_is_charged_and_nobody_is_refused_for_ever() {
    let db = Db::sqlite();
    let (hub, wire) = served(&db, 200, |_| {}).await;
    let token = hub.token(Role::Government, &["440600"], None);
    let dear = "{ agencies(first: 50) { edges { node { name creditRecords(first: 20) { edges { node { kind } } } } } } }";
    // It costs more than anybody has at once.
    let served = served_of(3, || asking(&wire, dear).bearer_auth(&token)).await;
    assert_eq!(served, 1);
    let cheap = served_of(100, || asking(&wire, "{ __typename }").bearer_auth(&token)).await;
    assert!(cheap < 100, "{cheap}");
}
