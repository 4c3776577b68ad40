//! Letting held runs in over the API: once under a key, by those who run the sources.

use domain::{
    run::{RunCounts, RunState},
    viewer::Role,
};
use serde_json::{Value, json};
use zhengxin::store::NewRun;

use super::{Wire, each, known_roles, nodes, text};
use crate::support::{Db, Hub, count, made, on_both};

const APPROVE: &str = "mutation ($input: ApproveRunInput!) { approveRun(input: $input) { __typename \
     ... on ApproveRunSuccess { run { id state received stored withdrawn feed isFull dataAsOf source { key } } } \
     ... on Refusal { code message basis } } }";

fn listings(count: i64) -> Vec<u8> {
    let rows: Vec<_> = (1..=count)
        .map(|id| made::listing(id, "佛山市样例局"))
        .collect();
    made::court_jsonl(&rows)
}

/// A hub with sixty listings and a delivery of forty, which is held; and that run's id.
async fn hub_with_held(db: &Db) -> (Hub, Wire, String) {
    let hub = Hub::on(db).await;
    let register = made::register(&[made::body(1, "佛山市样例局", "440600")]);
    hub.it_is("2026-11-17");
    hub.ingest("agency_register", &[("a.csv", &register)], |_| {})
        .await;
    for (day, count, state) in [("2026-11-18", 60, "DONE"), ("2026-11-19", 40, "HELD")] {
        hub.it_is(day);
        let report = hub
            .ingest("court_debtors", &[("c.jsonl", &listings(count))], |_| {})
            .await;
        assert_eq!(report.state, state, "{report:?}");
    }
    hub.it_is("2026-11-20");
    let wire = Wire::to(&hub).await;
    let runs = runs(&hub, &wire).await;
    assert_eq!(runs[0]["state"], "HELD");
    let held = text(&runs[0]["id"]).to_owned();
    (hub, wire, held)
}

/// The court's runs, newest first.
async fn runs(hub: &Hub, wire: &Wire) -> Vec<Value> {
    let operator = hub.token(Role::Operator, &[], None);
    let query = "{ sources { key runs { edges { node { id state message } } } } }";
    let data = wire.data(Some(&operator), query).await;
    let mut sources = data["sources"].as_array().into_iter().flatten();
    let court = sources.find(|source| source["key"] == "court_debtors");
    nodes(&court.expect("it is there")["runs"])
        .cloned()
        .collect()
}

/// What the operator is told.
async fn approve(hub: &Hub, wire: &Wire, key: &str, run: &str) -> Value {
    let operator = hub.token(Role::Operator, &[], None);
    let input = json!({ "input": { "key": key, "runId": run } });
    let reply = wire.ask_with(Some(&operator), APPROVE, &input).await;
    assert!(reply.codes().is_empty(), "{}", reply.text);
    reply.json()["data"]["approveRun"].clone()
}

async fn active_records(hub: &Hub, wire: &Wire) -> i64 {
    let query = "{ creditRecords(filter: { status: [ACTIVE] }) { totalCount } }";
    let data = wire.data(Some(&hub.everything()), query).await;
    data["creditRecords"]["totalCount"]
        .as_i64()
        .expect("a number")
}

#[tokio::test]
async fn a_held_run_is_let_in_once_under_its_key() {
    on_both(async |db| {
        let (hub, wire, held) = hub_with_held(&db).await;
        assert_eq!(active_records(&hub, &wire).await, 60);
        let first = approve(&hub, &wire, "k1", &held).await;
        let run = &first["run"];
        assert_eq!(first["__typename"], "ApproveRunSuccess", "{first}");
        assert_eq!(
            (
                &run["state"],
                &run["received"],
                &run["withdrawn"],
                &run["isFull"]
            ),
            (&json!("DONE"), &json!(40), &json!(20), &json!(true))
        );
        // It speaks of when it was delivered, not of when it was let in.
        assert_eq!(run["dataAsOf"], "2026-11-19T09:00:00+08:00");
        assert_eq!(
            (&run["feed"], &run["source"]["key"]),
            (&json!("default"), &json!("court_debtors"))
        );
        assert_eq!(
            active_records(&hub, &wire).await,
            40,
            "whoever asks now sees it"
        );
        let after = runs(&hub, &wire).await;
        assert_eq!(after[0]["id"], run["id"]);
        assert_eq!(
            (after[1]["id"].as_str(), &after[1]["state"]),
            (Some(held.as_str()), &json!("FAILED"))
        );

        assert_eq!(
            approve(&hub, &wire, "k1", &held).await,
            first,
            "the same again"
        );
        let reused = approve(&hub, &wire, "k1", text(&run["id"])).await;
        assert_eq!(reused["code"], "KEY_REUSED", "{reused}");
        let again = approve(&hub, &wire, "k2", &held).await;
        assert_eq!(
            (&again["__typename"], &again["code"]),
            (&json!("Refusal"), &json!("NOT_HELD"))
        );
        assert_eq!(
            runs(&hub, &wire).await.len(),
            after.len(),
            "nothing more was tried"
        );

        // Kept for 72 hours, and then the key is free.
        hub.it_is("2026-11-22");
        assert_eq!(approve(&hub, &wire, "k1", &held).await, first);
        hub.it_is("2026-11-23");
        assert_eq!(approve(&hub, &wire, "k1", &held).await["code"], "NOT_HELD");
        let report = hub
            .ingest("court_debtors", &[("c.jsonl", &listings(20))], |_| {})
            .await;
        let next = format!("run_440000_{}", report.run);
        let other = approve(&hub, &wire, "k1", &next).await;
        assert_eq!(other["run"]["received"], 20, "{other}");
        let kept = count(&hub, "SELECT COUNT(*) FROM idempotency").await;
        assert_eq!(kept, 1, "what is older is gone");
    })
    .await;
}

#[tokio::test]
async fn a_key_belongs_to_who_used_it() {
    let db = Db::sqlite();
    let (hub, wire, held) = hub_with_held(&db).await;
    let first = approve(&hub, &wire, "k", &held).await;
    assert_eq!(first["__typename"], "ApproveRunSuccess");
    let grant = zhengxin::auth::Grant {
        subject: "another".to_owned(),
        role: Role::Operator,
        divisions: Vec::new(),
        agency: None,
        scopes: Vec::new(),
        minutes: 60,
    };
    let another = hub.app.auth.issue(&grant).expect("the hub has a key");
    let input = json!({ "input": { "key": "k", "runId": held } });
    let reply = wire.ask_with(Some(&another), APPROVE, &input).await;
    assert_eq!(
        reply.json()["data"]["approveRun"]["code"],
        "NOT_HELD",
        "{}",
        reply.text
    );
}

#[tokio::test]
async fn only_those_who_run_the_sources_let_a_run_in() {
    let db = Db::sqlite();
    let (hub, wire, held) = hub_with_held(&db).await;
    let input = json!({ "input": { "key": "k", "runId": held } });
    for role in known_roles().filter(|role| *role != Role::Operator) {
        let token = hub.token(role, &["440000"], None);
        let reply = wire.ask_with(Some(&token), APPROVE, &input).await;
        assert!(reply.is_refusal(), "{role}: {}", reply.text);
        assert_eq!(reply.code(), "FORBIDDEN", "{role}");
    }
    let reply = wire.ask_with(None, APPROVE, &input).await;
    assert_eq!(reply.code(), "FORBIDDEN");
    assert_eq!(runs(&hub, &wire).await[0]["state"], "HELD");
}

#[tokio::test]
async fn what_can_not_be_let_in_is_refused_as_an_outcome() {
    let db = Db::sqlite();
    let (hub, wire, held) = hub_with_held(&db).await;
    for (at, (run, code)) in [
        ("run_440000_999999", "NOT_FOUND"),
        ("run_350000_3", "NOT_FOUND"),
        ("src_440000_court_debtors", "NOT_FOUND"),
        ("", "NOT_FOUND"),
        ("run_440000_1", "NOT_HELD"),
    ]
    .into_iter()
    .enumerate()
    {
        let outcome = approve(&hub, &wire, &format!("key {at}"), run).await;
        assert_eq!(
            (&outcome["__typename"], &outcome["code"]),
            (&json!("Refusal"), &json!(code)),
            "{run}"
        );
        assert!(!text(&outcome["message"]).is_empty());
    }
    let operator = hub.token(Role::Operator, &[], None);
    for key in [String::new(), "字".repeat(256)] {
        let input = json!({ "input": { "key": key, "runId": held } });
        let reply = wire.ask_with(Some(&operator), APPROVE, &input).await;
        assert_eq!(reply.code(), "INVALID", "{}", reply.text);
        assert_eq!(reply.json()["data"], json!({ "approveRun": null }));
    }
    // One change a request, however it is written.
    let one = |alias: &str| {
        format!(
            "{alias}: approveRun(input: {{ key: \"{alias}\", runId: \"{held}\" }}) {{ __typename }}"
        )
    };
    for query in [
        format!("mutation {{ {} {} }}", one("a"), one("b")),
        format!(
            "mutation {{ {} ...F }} fragment F on Mutation {{ {} }}",
            one("a"),
            one("b")
        ),
    ] {
        assert_eq!(
            wire.ask(Some(&operator), &query).await.code(),
            "LIMITED",
            "{query}"
        );
    }
    assert_eq!(
        runs(&hub, &wire).await[0]["state"],
        "HELD",
        "nothing of that let it in"
    );
    let longest = approve(&hub, &wire, &"字".repeat(255), &held).await;
    assert_eq!(longest["__typename"], "ApproveRunSuccess");
}

#[tokio::test]
async fn a_source_that_is_busy_puts_the_answer_off_and_keeps_the_key_free() {
    on_both(async |db| {
        let (hub, wire, held) = hub_with_held(&db).await;
        let now = hub.app.clock.now();
        let new = NewRun {
            reread_of: None,
            source: "court_debtors".to_owned(),
            feed: "other".to_owned(),
            is_full: false,
            data_as_of: now,
            started_at: now,
            place: None,
            files: Vec::new(),
        };
        let delivery = hub.app.store.begin_delivery(&new).await.expect("it begins");
        let busy = approve(&hub, &wire, "k", &held).await;
        assert_eq!(
            (&busy["__typename"], &busy["code"]),
            (&json!("Refusal"), &json!("SOURCE_BUSY"))
        );
        let counts = RunCounts::default();
        delivery
            .take_back(RunState::Failed, counts, "made up", now)
            .await
            .expect("it is taken back");
        let outcome = approve(&hub, &wire, "k", &held).await;
        assert_eq!(outcome["__typename"], "ApproveRunSuccess", "{outcome}");
    })
    .await;
}

#[tokio::test]
async fn two_at_once_under_one_key_let_it_in_once() {
    on_both(async |db| {
        let (hub, wire, held) = hub_with_held(&db).await;
        let (one, other) = tokio::join!(
            approve(&hub, &wire, "k", &held),
            approve(&hub, &wire, "k", &held)
        );
        let is_in = |outcome: &Value| outcome["__typename"] == "ApproveRunSuccess";
        assert!(is_in(&one) || is_in(&other), "{one} {other}");
        for outcome in [&one, &other] {
            assert!(
                is_in(outcome) || outcome["code"] == "SOURCE_BUSY",
                "{outcome}"
            );
        }
        let standing = approve(&hub, &wire, "k", &held).await;
        assert!(is_in(&standing), "{standing}");
        let done = runs(&hub, &wire).await;
        assert_eq!(done.iter().filter(|run| run["state"] == "DONE").count(), 2);
        assert_eq!(active_records(&hub, &wire).await, 40);
    })
    .await;
}

#[tokio::test]
async fn rejected_rows_are_told_page_by_page_to_those_who_run_the_sources() {
    on_both(async |db| {
        let hub = Hub::on(&db).await;
        let wire = Wire::to(&hub).await;
        let good = made::body(1, "佛山市样例局", "440600");
        let bad = (2..5).map(|n| made::body(n, "佛山市另一样例局", "440600").with("成立日期", "昨天"));
        let rows: Vec<_> = std::iter::once(good.clone())
            .chain((10..30).map(|n| made::body(n, &format!("佛山市样例{n}局"), "440600")))
            .chain(bad)
            .collect();
        let report = hub
            .ingest("agency_register", &[("a.csv", &made::register(&rows))], |_| {})
            .await;
        assert_eq!((report.state.as_str(), report.counts.rejected), ("PARTLY", 3), "{report:?}");
        let operator = hub.token(Role::Operator, &[], None);
        let query = |arguments: &str| {
            format!(
                "{{ node(id: \"run_440000_{}\") {{ ... on SourceRun {{ rejected rejects({arguments}) {{ totalCount \
                 pageInfo {{ hasNextPage hasPreviousPage endCursor }} edges {{ node {{ id file line column reason }} }} }} }} }} }}",
                report.run
            )
        };
        let data = wire.data(Some(&operator), &query("first: 2")).await;
        let page = &data["node"]["rejects"];
        assert_eq!((&data["node"]["rejected"], &page["totalCount"]), (&json!(3), &json!(3)));
        assert_eq!(each(page, "file"), ["a.csv", "a.csv"]);
        assert_eq!(page["pageInfo"]["hasNextPage"], true);
        let told = &report.rejects[0];
        let first = nodes(page).next().expect("two");
        assert_eq!(
            (first["line"].as_i64(), first["column"].as_str(), text(&first["reason"])),
            (Some(told.line), Some("成立日期"), told.reason.as_str())
        );
        let after = format!("after: {}", page["pageInfo"]["endCursor"]);
        let data = wire.data(Some(&operator), &query(&after)).await;
        let rest = &data["node"]["rejects"];
        assert_eq!(nodes(rest).map(|node| node["line"].as_i64()).collect::<Vec<_>>(), [Some(report.rejects[2].line)]);
        assert_eq!((&rest["pageInfo"]["hasNextPage"], &rest["pageInfo"]["hasPreviousPage"]), (&json!(false), &json!(true)));
        let last = nodes(rest).next().expect("one");
        let by_id = format!("{{ node(id: {}) {{ ... on Reject {{ id line reason }} }} }}", last["id"]);
        let found = wire.data(Some(&operator), &by_id).await["node"].take();
        assert_eq!((&found["id"], &found["line"]), (&last["id"], &last["line"]));
        for nothing in ["rej_440000_1-99", "rej_440000_1", "rej_440000_-1-1", "rej_350000_1-1"] {
            let query = format!("{{ node(id: \"{nothing}\") {{ id }} }}");
            assert!(wire.data(Some(&operator), &query).await["node"].is_null(), "{nothing}");
        }
        let foreign = wire.ask(Some(&operator), &query("after: \"run:1\"")).await;
        assert_eq!(foreign.code(), "INVALID");
        for role in known_roles().filter(|role| *role != Role::Operator) {
            let token = hub.token(role, &["440000"], None);
            let reply = wire.ask(Some(&token), &query("first: 1")).await;
            assert_eq!(reply.code(), "FORBIDDEN", "{role}");
        }
    })
    .await;
}
