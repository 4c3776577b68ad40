//! Errors tell nothing of what was given, nor of the inside.

use std::{
    collections::BTreeSet,
    sync::Arc,
    sync::atomic::{AtomicI64, Ordering},
};

use reqwest::header::ACCEPT;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use zhengxin::{app::App, clock::Clock, config::Config};

use super::{GRAPHQL, JSON, assert_well_formed, body, empty, with_one_record};
use crate::api::{Reply, Wire, nodes, text};
use crate::support::{Db, TODAY, moment, on_both};

/// A text that stands nowhere else.
const MARK: &str = "Qx7Secret";

/// The errors of an answer that repeat the mark. Their paths have the keys of the answer, as the
/// specification wants it.
fn echoes(what: &str, reply: &Reply) -> Vec<String> {
    let json = reply.json();
    let errors = json["errors"].as_array().cloned().unwrap_or_default();
    errors
        .iter()
        .map(|error| {
            format!(
                "{what}: {} {}",
                error["message"], error["extensions"]["reason"]
            )
        })
        .filter(|told| {
            told.to_lowercase()
                .replace(&what.to_lowercase(), "")
                .contains(&MARK.to_lowercase())
        })
        .collect()
}

#[tokio::test]
async fn errors_do_not_repeat_values_that_were_given() {
    let (_db, hub, wire) = empty().await;
    let token = hub.everything();
    let mut wrong = Vec::new();
    for query in [
        "{ agency(uscc: \"MARK\") { name } }",
        "{ agency(uscc: \"11440600MARK39565U\") { name } }",
        "{ agencies(first: \"MARK\") { totalCount } }",
        "{ agencies(after: \"MARK\") { totalCount } }",
        "{ agencies(filter: { division: { eq: \"MARK\" } }) { totalCount } }",
        "{ agencies(filter: { division: { within: \"MARK\" } }) { totalCount } }",
        "{ mentions(filter: { division: { in: [\"MARK\"] } }) { totalCount } }",
        "{ creditRecords(filter: { identifiedOn: { eq: \"MARK\" } }) { totalCount } }",
        "{ creditRecords(filter: { amount: { eq: \"MARK\" } }) { totalCount } }",
        "{ resolve(input: { name: \"x\", division: \"MARK\" }) { outcome } }",
        "{ sources { runs(after: \"MARK\") { totalCount } } }",
        "{ __typename @skip(if: \"MARK\") }",
        "query ($a: Int = \"MARK\") { agencies(first: $a) { totalCount } }",
        "{ division(code: \"MARK\" { code } }",
        "{ \"MARK\" }",
        "{ __type(name: \"MARK\" }",
        "# MARK\n{",
    ] {
        let query = query.replace("MARK", MARK);
        wrong.extend(echoes(&query, &wire.ask(Some(&token), &query).await));
    }
    for (query, value) in [
        (
            "query ($a: Date) { creditRecords(filter: { identifiedOn: { eq: $a } }) { totalCount } }",
            json!(MARK),
        ),
        (
            "query ($a: Decimal) { creditRecords(filter: { amount: { eq: $a } }) { totalCount } }",
            json!(MARK),
        ),
        (
            "query ($a: Uscc!) { agency(uscc: $a) { name } }",
            json!(MARK),
        ),
        (
            "query ($a: Int) { agencies(first: $a) { totalCount } }",
            json!(MARK),
        ),
        (
            "query ($a: [AgencyKind!]) { agencies(filter: { kind: $a }) { totalCount } }",
            json!([MARK]),
        ),
        (
            "query ($a: AgencyFilter) { agencies(filter: $a) { totalCount } }",
            json!({ "uscc": MARK }),
        ),
        (
            "query ($a: String) { agencies(filter: { division: { eq: $a } }) { totalCount } }",
            json!(MARK),
        ),
        (
            "query ($a: ID!) { node(id: $a) { id } }",
            json!({ "id": MARK }),
        ),
        (
            "query ($a: ResolveInput!) { resolve(input: $a) { outcome } }",
            json!({ "name": "x", "division": MARK }),
        ),
    ] {
        wrong.extend(echoes(
            query,
            &wire
                .ask_with(Some(&token), query, &json!({ "a": value }))
                .await,
        ));
    }
    assert!(wrong.is_empty(), "{} {wrong:#?}", wrong.len());
}

#[tokio::test]
async fn errors_do_not_repeat_names_that_are_not_ours() {
    let (_db, hub, wire) = empty().await;
    let token = hub.everything();
    let mut wrong = Vec::new();
    for query in [
        "{ MARK }",
        "{ viewer { MARK } }",
        "{ MARK: nonsense }",
        "{ division(MARK: 1) { code } }",
        "{ division(code: MARK) { code } }",
        "{ agencies(first: MARK) { totalCount } }",
        "{ agencies(filter: { MARK: 1 }) { totalCount } }",
        "{ agencies(filter: { kind: [MARK] }) { totalCount } }",
        "{ agencies(orderBy: [{ field: MARK, direction: ASC }]) { totalCount } }",
        "{ resolve(input: { MARK: \"x\" }) { outcome } }",
        "{ ...MARK }",
        "{ ...MARK } fragment MARK on Query { ...MARK }",
        "{ __typename } fragment MARK on Query { __typename }",
        "{ __typename ...F } fragment F on MARK { id }",
        "{ ... on MARK { id } }",
        "{ __typename @MARK }",
        "{ __typename @skip(MARK: true) }",
        "query ($MARK: Int) { __typename }",
        "query ($a: MARK) { division(code: $a) { code } }",
        "{ agencies(first: $MARK) { totalCount } }",
        "query A { __typename } query MARK { __typename } query MARK { __typename }",
        "MARK",
        "MARK { __typename }",
        "{ MARK ( }",
    ] {
        let query = query.replace("MARK", MARK);
        wrong.extend(echoes(&query, &wire.ask(Some(&token), &query).await));
    }
    let query = "query ($a: AgencyFilter) { agencies(filter: $a) { totalCount } }";
    wrong.extend(echoes(
        query,
        &wire
            .ask_with(Some(&token), query, &json!({ "a": { MARK: 1 } }))
            .await,
    ));
    let request = json!({ "query": "query A { __typename }", "operationName": MARK }).to_string();
    wrong.extend(echoes(
        "operationName",
        &Reply::to(wire.post().body(request)).await,
    ));
    let request = format!("{{ \"query\": \"{{ __typename }}\", \"{MARK}\": ");
    wrong.extend(echoes(
        "a body cut off",
        &Reply::to(wire.post().body(request)).await,
    ));
    assert!(wrong.is_empty(), "{} {wrong:#?}", wrong.len());
}

#[tokio::test]
async fn nothing_is_suggested_and_nothing_is_told_of_the_inside() {
    let (_db, hub, wire) = empty().await;
    let token = hub.everything();
    for query in [
        "{ viewr { role } }",
        "{ viewer { rol } }",
        "{ agencyes { totalCount } }",
        "{ agency(usc: \"x\") { name } }",
        "{ agencies(filter: { nam: { eq: \"x\" } }) { totalCount } }",
        "{ agencies(filter: { kind: [ORGANS] }) { totalCount } }",
        "{ ... on Agenc { name } }",
        "{ agencies(first: 1.5) { totalCount } }",
        "{",
    ] {
        let reply = wire.ask(Some(&token), query).await;
        assert!(reply.is_refusal(), "{query}: {}", reply.text);
        let told = reply.text.to_lowercase();
        for inner in [
            "did you mean",
            "src/",
            ".rs",
            "::",
            "async",
            "panic",
            "expected one of",
            "i32",
            "sqlx",
            "pest",
        ] {
            assert!(!told.contains(inner), "{query}: {inner}: {}", reply.text);
        }
    }
}

#[tokio::test]
async fn a_failing_database_is_unavailable_and_resident_fields_go_on() {
    on_both(async |db| {
        let hub = with_one_record(&db).await;
        let (wire, token) = (Wire::to(&hub).await, hub.everything());
        let query = "{ whole: creditRecords { totalCount edges { node { caseNumber agency { name } } } } \
             part: creditRecords { edges { node { caseNumber evidence { digest } } } } }";
        let before = wire.data(Some(&token), query).await;
        assert_eq!(nodes(&before["part"]).count(), 1, "{before}");

        let evidence = {
            let query = "{ creditRecords { edges { node { evidence { id } } } } }";
            let data = wire.data(Some(&token), query).await;
            text(&data["creditRecords"]["edges"][0]["node"]["evidence"][0]["id"]).to_owned()
        };
        let database = db.connect().await;
        for table in ["evidence", "source"] {
            database.execute_unprepared(&format!("DROP TABLE {table}")).await.expect("the table goes");
        }
        database.close().await.expect("it closes");

        let told_nothing = |reply: &Reply| {
            assert_eq!(reply.status, 200);
            let codes: BTreeSet<String> = reply.codes().into_iter().collect();
            assert_eq!(codes, BTreeSet::from(["UNAVAILABLE".to_owned()]), "{}", reply.text);
            assert_well_formed(reply);
            let told = reply.json()["errors"][0]["message"].to_string().to_lowercase();
            for inner in ["table", "relation", "sql", "select", "column", "query", "code:", "/", "\\\\"] {
                // The two languages of a message are parted by a stroke with spaces.
                assert!(!told.replace(" / ", " ").contains(inner), "{inner}: {}", reply.text);
            }
        };
        let reply = wire.ask(Some(&token), query).await;
        told_nothing(&reply);
        assert_eq!(reply.json()["data"]["whole"], before["whole"]);
        assert_eq!(reply.json()["data"]["part"], Value::Null);
        let reply = wire.ask(Some(&token), &format!("{{ node(id: \"{evidence}\") {{ id }} __typename }}")).await;
        told_nothing(&reply);
        assert_eq!(reply.json()["data"], json!({ "node": null, "__typename": "Query" }));
        let reply = wire.ask(Some(&token), "{ bad: sources { key stale } good: sources { key } }").await;
        told_nothing(&reply);
        assert_eq!(reply.json()["data"]["bad"], Value::Null);
        assert_eq!(reply.json()["data"]["good"].as_array().map(Vec::len), Some(9));
        let query = "{ agencies { totalCount edges { node { name creditRecords { totalCount } } } } resolve(input: { name: \"佛山市禅城区水务局\" }) { outcome } }";
        let data = wire.data(Some(&token), query).await;
        assert_eq!((&data["agencies"]["totalCount"], &data["resolve"]["outcome"]), (&json!(1), &json!("EXACT_NAME")));
    })
    .await;
}

#[tokio::test]
async fn a_panic_is_an_internal_error_and_the_hub_lives_on() {
    let db = Db::sqlite();
    // Sources with data: whether they are stale is asked of the clock.
    drop(with_one_record(&db).await);
    // Readings of the clock that go well before one that does not; never, where it is negative.
    let left = Arc::new(AtomicI64::new(-1));
    let told = Arc::clone(&left);
    let clock = Clock::of(move || {
        assert!(
            told.fetch_sub(1, Ordering::SeqCst) != 0,
            "the clock at /inner/clock.rs is out of order"
        );
        moment(TODAY)
    });
    let mut config = Config::default();
    config.database.data = db.folder().to_owned();
    config.database.url = Some(db.url());
    let app = App::start(config, clock).await.expect("the hub starts");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port");
    let wire = Wire::at(format!(
        "http://{}",
        listener.local_addr().expect("it is bound")
    ));
    let router = zhengxin::api::router(app).unwrap_or_else(|wrong| panic!("{wrong}"));
    tokio::spawn(async move { axum::serve(listener, router).await });

    let query = "{ viewer { role } sources { key stale } }";
    for media in [JSON, GRAPHQL] {
        // Before the execution, and inside a resolver.
        for readings in [0, 1] {
            left.store(readings, Ordering::SeqCst);
            let reply = Reply::to(wire.post().header(ACCEPT, media).body(body(query))).await;
            left.store(-1, Ordering::SeqCst);
            assert_eq!(
                (reply.status, reply.code().as_str()),
                (500, "INTERNAL"),
                "{readings}: {}",
                reply.text
            );
            assert!(reply.is_refusal());
            assert!(
                !reply.text.contains("clock") && !reply.text.contains("inner/"),
                "{}",
                reply.text
            );
            assert_well_formed(&reply);
        }
    }
    let data = wire.data(None, query).await;
    assert_eq!(data["sources"].as_array().map(Vec::len), Some(9));
}
