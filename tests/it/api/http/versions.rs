//! Versions, trace ids, readiness and the served schema.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use domain::viewer::Role;
use reqwest::{Method, header::IF_NONE_MATCH};
use sea_orm::ConnectionTrait;

use super::{assert_well_formed, body, empty, with_one_record};
use crate::api::{Reply, Wire, text};
use crate::support::{Hub, made, on_both};

#[tokio::test]
async fn every_answer_says_its_version_and_a_client_may_demand_one() {
    on_both(async |db| {
        let hub = with_one_record(&db).await;
        let wire = Wire::to(&hub).await;
        let version = |reply: &Reply| reply.json()["extensions"]["version"].as_i64();
        let first = version(&wire.ask(None, "{ __typename }").await).expect("a number");
        assert_eq!(first, hub.app.live.now().seq());
        // An answer with errors was read from a version, too.
        assert_eq!(
            version(
                &wire
                    .ask(None, "{ agencies(first: -1) { totalCount } }")
                    .await
            ),
            Some(first)
        );

        let demand = async |wanted: &str| {
            let query = "{ agencies { totalCount } }";
            let request = wire
                .post()
                .bearer_auth(hub.everything())
                .header("X-Min-Version", wanted)
                .body(body(query));
            Reply::to(request).await
        };
        for met in [first, first - 1, 0] {
            let reply = demand(&met.to_string()).await;
            assert_eq!(
                (reply.status, version(&reply)),
                (200, Some(first)),
                "{}",
                reply.text
            );
        }
        // Another process writes; who demands its version gets it.
        let other = Hub::on(&db).await;
        let bodies = [
            made::body(1, "佛山市禅城区水务局", "440604"),
            made::body(2, "佛山市禅城区民政局", "440604"),
        ];
        let report = other
            .ingest(
                "agency_register",
                &[("a.csv", &made::register(&bodies))],
                |_| {},
            )
            .await;
        let change = report.change.expect("it was stored");
        assert!(change > first);
        let reply = demand(&change.to_string()).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        assert!(version(&reply) >= Some(change), "{}", reply.text);
        assert_eq!(reply.json()["data"]["agencies"]["totalCount"], 2);

        let began = Instant::now();
        let reply = demand(&(change + 1_000).to_string()).await;
        let waited = began.elapsed();
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (503, "UNAVAILABLE"),
            "{}",
            reply.text
        );
        assert!(reply.is_refusal());
        assert_well_formed(&reply);
        assert!(
            waited >= Duration::from_millis(1_900),
            "it waits for it: {waited:?}"
        );
        assert!(
            waited < Duration::from_secs(20),
            "but not for long: {waited:?}"
        );
        for odd in [
            "",
            "x",
            "1.5",
            "0x10",
            "1 2",
            "1,2",
            "99999999999999999999",
            "latest",
            "\"1\"",
        ] {
            let reply = demand(odd).await;
            assert_eq!(
                (reply.status, reply.code().as_str()),
                (400, "INVALID"),
                "{odd:?}: {}",
                reply.text
            );
            assert!(reply.is_refusal());
            assert_well_formed(&reply);
        }
    })
    .await;
}

#[tokio::test]
async fn every_error_has_a_trace_id_of_its_own_request() {
    let (_db, _hub, wire) = empty().await;
    let mut traces = BTreeSet::new();
    for query in [
        "{",
        "{ nonsense }",
        "{ mentions { totalCount } }",
        "{ agencies(first: -1) { totalCount } }",
    ] {
        for _ in 0..3 {
            let json = wire.ask(None, query).await.json();
            let trace = text(&json["errors"][0]["extensions"]["traceId"]).to_owned();
            assert!(trace.len() >= 16, "{json}");
            assert!(traces.insert(trace), "{json}");
        }
    }
    let twice = "{ a: agencies(first: -1) { totalCount } b: agencies(last: -1) { totalCount } }";
    let json = wire.ask(None, twice).await.json();
    let trace = |at: usize| json["errors"][at]["extensions"]["traceId"].clone();
    assert_eq!(trace(0), trace(1));
}

#[tokio::test]
async fn it_says_that_it_lives_and_that_it_is_ready() {
    on_both(async |db| {
        let hub = Hub::on(&db).await;
        let wire = Wire::to(&hub).await;
        let get = async |path: &str| Reply::to(wire.request(Method::GET, path)).await;
        assert_eq!(get("/healthz").await.status, 200);
        assert_eq!(get("/readyz").await.status, 200);
        assert_eq!(get("/nowhere").await.status, 404);
        assert_eq!(
            Reply::to(wire.request(Method::POST, "/healthz"))
                .await
                .status,
            405
        );

        let database = db.connect().await;
        database
            .execute_unprepared("DROP TABLE seaql_migrations")
            .await
            .expect("the table goes");
        database.close().await.expect("it closes");
        assert_eq!(get("/healthz").await.status, 200, "it lives");
        let reply = get("/readyz").await;
        assert_eq!(reply.status, 503, "but is not ready: {}", reply.text);
        for inner in ["table", "sql", "seaql", "relation", "migrate"] {
            assert!(!reply.text.to_lowercase().contains(inner), "{}", reply.text);
        }
    })
    .await;
}

#[tokio::test]
async fn the_schema_is_served_once_and_then_known() {
    let (_db, _hub, wire) = empty().await;
    let reply = Reply::to(wire.request(Method::GET, "/schema.graphql")).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.text, zhengxin::api::graphql::sdl());
    let tag = reply.header("etag").to_owned();
    assert!(
        tag.len() > 10 && tag.starts_with('"') && tag.ends_with('"'),
        "{tag}"
    );

    let ask = async |known: &str| {
        Reply::to(
            wire.request(Method::GET, "/schema.graphql")
                .header(IF_NONE_MATCH, known),
        )
        .await
    };
    let reply = ask(&tag).await;
    assert_eq!(
        (reply.status, reply.text.as_str(), reply.header("etag")),
        (304, "", tag.as_str())
    );
    let reply = ask("\"another\"").await;
    assert_eq!((reply.status, reply.header("etag")), (200, tag.as_str()));
    for (role, token) in [(Role::Public, None), (Role::Court, Some("x"))] {
        let mut request = wire.request(Method::GET, "/schema.graphql");
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        assert_eq!(
            Reply::to(request).await.status,
            200,
            "the contract is public: {role}"
        );
    }
}
