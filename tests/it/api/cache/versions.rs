//! Under writes, after a mutation, across midnight, and when there is no room.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
};

use domain::viewer::Role;
use serde_json::{Value, json};

use super::{all_at_once, since};
use crate::api::{Reply, Wire, each, nodes, text};
use crate::support::{Db, Hub, made, on_both};

const NAME: &str = "佛山市禅城区水务局";
/// Deliveries that are closed while clients read.
const DELIVERIES: i64 = 12;
const READERS: usize = 8;

async fn with_one_body(db: &Db) -> Hub {
    let hub = Hub::on(db).await;
    let register = made::register(&[made::body(1, NAME, "440604")]);
    hub.ingest("agency_register", &[("a.csv", &register)], |_| {})
        .await;
    hub
}

/// The first listings of the body, as many as that.
async fn deliver(hub: &Hub, listings: i64) -> i64 {
    let body = made::body(1, NAME, "440604");
    let listings: Vec<_> = (1..=listings)
        .map(|id| made::listing(id, NAME).code(body.uscc))
        .collect();
    let file = made::court_jsonl(&listings);
    let report = hub
        .ingest("court_debtors", &[("c.jsonl", &file)], |_| {})
        .await;
    report.change.expect("it was stored")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn answers_agree_with_their_version_while_deliveries_are_closed() {
    const QUERY: &str = "{ creditRecords(first: 100) { totalCount edges { node { caseNumber } } } \
         agencies(filter: { hasActiveRecord: true }, first: 1) { edges { node { creditRecords(first: 100) { totalCount } } } } }";
    on_both(async |db| {
        let hub = with_one_body(&db).await;
        let wire = Wire::to(&hub).await;
        let token = hub.everything();
        let first = deliver(&hub, 1).await;
        let newest = Arc::new(AtomicI64::new(first));
        let is_over = Arc::new(AtomicBool::new(false));
        let seen = Arc::new(Mutex::new(HashMap::<i64, (i64, usize)>::new()));

        let reader = |_| {
            let (wire, token) = (wire.clone(), token.clone());
            let (newest, is_over, seen) = (newest.clone(), is_over.clone(), seen.clone());
            async move {
                let mut last = 0;
                while !is_over.load(Ordering::Acquire) {
                    let wanted = newest.load(Ordering::Acquire);
                    let request = wire
                        .post()
                        .bearer_auth(&token)
                        .header("X-Min-Version", wanted.to_string())
                        .body(json!({ "query": QUERY }).to_string());
                    let answer = Reply::to(request).await.json();
                    let version = answer["extensions"]["version"].as_i64().expect("a version");
                    assert!(version >= wanted.max(last), "{version} {wanted} {last}");
                    last = version;
                    let records = &answer["data"]["creditRecords"];
                    let total = records["totalCount"].as_i64().expect("a number");
                    let agency = nodes(&answer["data"]["agencies"]).next().expect("one");
                    assert_eq!(nodes(records).count() as i64, total, "{answer}");
                    assert_eq!(agency["creditRecords"]["totalCount"], total, "{answer}");
                    let mut seen = seen.lock().expect("nobody panicked");
                    let known = seen.entry(version).or_insert((total, 0));
                    assert_eq!(known.0, total, "two answers of version {version}");
                    known.1 += 1;
                }
            }
        };
        let before = hub.app.answers.now();
        let readers = tokio::spawn(all_at_once((0..READERS).map(reader).collect::<Vec<_>>()));
        let mut told = HashMap::from([(first, 1)]);
        for listings in 2..=DELIVERIES {
            let version = deliver(&hub, listings).await;
            told.insert(version, listings);
            newest.store(version, Ordering::Release);
            // The next one comes when somebody has been answered from this one.
            while !seen.lock().expect("nobody panicked").contains_key(&version) {
                assert!(!readers.is_finished(), "a reader found something wrong");
                tokio::task::yield_now().await;
            }
        }
        is_over.store(true, Ordering::Release);
        readers.await.expect("no reader found anything wrong");

        let seen = seen.lock().expect("nobody panicked");
        for (version, (total, _)) in seen.iter() {
            assert_eq!(told.get(version), Some(total), "version {version}");
        }
        assert!(seen.len() as i64 >= DELIVERIES - 1, "{seen:?}");
        let answers: usize = seen.values().map(|(_, answers)| answers).sum();
        let counted = since(&hub, before);
        // Of each version one had it executed, but for those who were just leaving one.
        assert_eq!(
            counted.hits + counted.shared + counted.misses,
            answers as u64,
            "{counted:?}"
        );
        assert!(counted.hits > 0, "{counted:?}");
    })
    .await;
}

#[tokio::test]
async fn a_change_that_a_client_makes_is_in_the_next_answer() {
    const QUEUE: &str = "{ mentions(first: 10) { totalCount edges { node { id version text resolution { outcome } decision { reason } } } } }";
    const DECIDE: &str =
        "mutation ($input: DecideMentionInput!) { decideMention(input: $input) { __typename } }";
    on_both(async |db| {
        let hub = Hub::on(&db).await;
        let bodies = [
            made::body(1, "佛山市禅城区样例局", "440604").alias("样例共用局"),
            made::body(2, "佛山市禅城区别样局", "440604").alias("样例共用局"),
        ];
        let list = made::court_jsonl(&[made::listing(1, "样例共用局")]);
        hub.ingest("agency_register", &[("a.csv", &made::register(&bodies))], |_| {})
            .await;
        hub.ingest("court_debtors", &[("c.jsonl", &list)], |_| {})
            .await;
        let wire = Wire::to(&hub).await;
        let operator = hub.token(Role::Operator, &[], None);
        let before = hub.app.answers.now();
        let queue = wire.data(Some(&operator), QUEUE).await;
        assert_eq!(wire.data(Some(&operator), QUEUE).await, queue);
        let counted = since(&hub, before);
        assert_eq!((counted.misses, counted.hits), (1, 1));

        let mention = nodes(&queue["mentions"]).next().expect("one").clone();
        assert_eq!(mention["decision"], Value::Null);
        let input = json!({ "key": "a key", "mentionId": mention["id"], "version": mention["version"],
            "judgement": "UNSURE", "reason": "看过卷宗" });
        let done = wire
            .ask_with(Some(&operator), DECIDE, &json!({ "input": input }))
            .await
            .json();
        assert_eq!(
            done["data"]["decideMention"]["__typename"], "DecideMentionSuccess",
            "{done}"
        );
        let queue = wire.data(Some(&operator), QUEUE).await;
        let mention = nodes(&queue["mentions"]).next().expect("one");
        assert_eq!(text(&mention["decision"]["reason"]), "看过卷宗");
    })
    .await;
}

#[tokio::test]
async fn what_was_answered_yesterday_is_not_answered_today() {
    const ACTIVE: &str = "{ agencies(filter: { active: true }) { edges { node { name } } } }";
    let db = Db::sqlite();
    let hub = Hub::on(&db).await;
    let bodies = [
        made::body(1, NAME, "440604"),
        made::body(2, "佛山市禅城区样例局", "440604").abolished("2026-11-21"),
    ];
    hub.ingest(
        "agency_register",
        &[("a.csv", &made::register(&bodies))],
        |_| {},
    )
    .await;
    let wire = Wire::to(&hub).await;
    let active = async || {
        let data = wire.data(Some(&hub.everything()), ACTIVE).await;
        each(&data["agencies"], "name").len()
    };
    let version = hub.app.live.now().seq();
    for (moment, found) in [
        ("2026-11-20T23:59:59", 2),
        ("2026-11-21T00:00:00", 1),
        ("2026-11-21T09:00:00", 1),
        // A clock that is put back finds what held then, too.
        ("2026-11-20T12:00:00", 2),
    ] {
        hub.it_is_now(moment);
        assert_eq!((active().await, active().await), (found, found), "{moment}");
    }
    assert_eq!(hub.app.live.now().seq(), version, "nothing was written");
}

#[tokio::test]
async fn answers_take_no_more_room_than_they_may() {
    const BYTES: u64 = 20_000;
    for bytes in [BYTES, 0] {
        let db = Db::sqlite();
        let hub = Hub::with(&db, |config| config.server.cache_bytes = bytes).await;
        let wire = Wire::to(&hub).await;
        for turn in 0..300 {
            let query = format!("{{ a{turn}: division(code: \"440604\") {{ fullName }} }}");
            for _ in 0..2 {
                let data = wire.data(None, &query).await;
                assert_eq!(data[format!("a{turn}")]["fullName"], "广东省佛山市禅城区");
            }
            let counted = hub.app.answers.now();
            assert!(counted.bytes <= bytes, "{counted:?}");
        }
        let counted = hub.app.answers.now();
        assert_eq!(counted.hits > 200, bytes > 0, "{counted:?}");
        assert_eq!(counted.bytes > BYTES / 2, bytes > 0, "{counted:?}");
    }
}
