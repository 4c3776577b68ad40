//! Who is given whose answer.

use std::{collections::BTreeSet, sync::Arc};

use domain::viewer::{Role, Scope};
use serde_json::json;
use zhengxin::auth::Grant;

use super::{all_at_once, since};
use crate::api::{Reply, Wire, each, nodes, province::Province, text};
use crate::support::{Db, Hub, made};

const BODIES: &str = "{ agencies(first: 200) { totalCount edges { node { uscc name creditRecords(first: 20) { totalCount } } } } }";
const RECORDS: &str = "{ creditRecords(first: 200) { totalCount edges { node { caseNumber agency { uscc } official { id } } } } }";

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_answer_crosses_from_one_scope_to_another() {
    let province = Arc::new(Province::new().await);
    let before = province.hub.app.answers.now();
    let client = |round: usize| {
        let province = province.clone();
        async move {
            let mut askers = province.askers();
            // Each client has another one first.
            let count = askers.len();
            askers.rotate_left(round * count / 6);
            for asker in askers {
                let sight = province.sight(&asker);
                for query in [BODIES, RECORDS] {
                    let reply = asker.wire.ask(asker.token.as_deref(), query).await;
                    if reply.is_refusal() {
                        assert_eq!(reply.code(), "FORBIDDEN", "{asker}");
                        continue;
                    }
                    let leaks = sight.leaks(&reply.text);
                    assert!(leaks.is_empty(), "{asker} was shown {leaks:?}");
                    let data = &reply.json()["data"];
                    let (list, wanted) = match query {
                        BODIES => (&data["agencies"], sight.bodies.len()),
                        _ => (&data["creditRecords"], sight.records.len()),
                    };
                    assert_eq!(list["totalCount"], wanted, "{asker}");
                    assert_eq!(nodes(list).count(), wanted, "{asker}");
                }
            }
        }
    };
    all_at_once((0..6).map(client).collect::<Vec<_>>()).await;
    let counted = since(&province.hub, before);
    assert!(
        counted.hits + counted.shared > counted.misses,
        "{counted:?}"
    );
}

/// A token of the city's government for this subject.
fn token(hub: &Hub, subject: &str, divisions: &[&str], scopes: &[Scope]) -> String {
    let divisions = divisions
        .iter()
        .map(|code| code.parse().expect("a division's code"));
    let grant = Grant {
        subject: subject.to_owned(),
        role: Role::Government,
        divisions: divisions.collect(),
        agency: None,
        scopes: scopes.to_vec(),
        minutes: 60,
    };
    hub.app.auth.issue(&grant).expect("the hub has a key")
}

#[tokio::test]
async fn equal_scopes_share_answers_and_nobody_is_told_who_another_is() {
    let db = Db::sqlite();
    let hub = Hub::on(&db).await;
    let register = made::register(&[made::body(1, "佛山市禅城区水务局", "440604")]);
    hub.ingest("agency_register", &[("a.csv", &register)], |_| {})
        .await;
    let wire = Wire::to(&hub).await;
    let some = ["440604", "440605"];
    let one = token(&hub, "one", &some, &[Scope::Adhoc]);
    // The same areas in another order, and another right to send queries.
    let other = token(&hub, "other", &["440605", "440604"], &[Scope::Adhoc]);
    let fewer = token(&hub, "one", &["440604"], &[Scope::Adhoc]);
    let more = token(&hub, "one", &some, &[Scope::Adhoc, Scope::Totals]);

    let query = "query q($n: Int, $f: AgencyFilter) { agencies(first: $n, filter: $f) { edges { node { name } } } }";
    let ask = async |token: &str, purpose: Option<&str>, body: &str| {
        let before = hub.app.answers.now();
        let wire = wire.stating(purpose);
        let request = wire.post().bearer_auth(token).body(body.to_owned());
        let json = Reply::to(request).await.json();
        assert_eq!(
            each(&json["data"]["agencies"], "name"),
            ["佛山市禅城区水务局"],
            "{json}"
        );
        since(&hub, before).hits
    };
    let body =
        json!({ "query": query, "variables": { "n": 5, "f": { "name": { "contains": "水务" } } } });
    let body = body.to_string();
    assert_eq!(ask(&one, None, &body).await, 0);
    assert_eq!(ask(&one, None, &body).await, 1);
    assert_eq!(ask(&other, None, &body).await, 1);
    // A purpose that has no effect makes no difference, and one that has does.
    assert_eq!(ask(&one, Some("curiosity"), &body).await, 1);
    assert_eq!(ask(&one, Some("supervision"), &body).await, 0);
    assert_eq!(ask(&fewer, None, &body).await, 0);
    assert_eq!(ask(&more, None, &body).await, 0);
    // Members of variables have no order, their values count.
    let turned = body.replace(
        r#""variables":{"f":{"name":{"contains":"水务"}},"n":5}"#,
        r#""variables":{"n":5,"f":{"name":{"contains":"水务"}}}"#,
    );
    assert_ne!(turned, body);
    assert_eq!(ask(&one, None, &turned).await, 1);
    assert_eq!(
        ask(&one, None, &body.replace("\"n\":5", "\"n\":6")).await,
        0
    );

    let subjects = async |token: &str| {
        let data = wire
            .data(
                Some(token),
                "{ viewer { subject } agencies { totalCount } }",
            )
            .await;
        text(&data["viewer"]["subject"]).to_owned()
    };
    let before = hub.app.answers.now();
    for _ in 0..2 {
        assert_eq!(subjects(&one).await, "one");
        assert_eq!(subjects(&other).await, "other");
    }
    assert_eq!(since(&hub, before).hits, 0);
}

#[tokio::test]
async fn what_fails_is_found_anew_each_time() {
    let db = Db::sqlite();
    let hub = Hub::on(&db).await;
    let wire = Wire::to(&hub).await;
    let mut traces = BTreeSet::new();
    let before = hub.app.answers.now();
    for _ in 0..3 {
        let reply = wire
            .ask(
                None,
                "{ agencies(first: -1) { totalCount } sources { key } }",
            )
            .await;
        let json = reply.json();
        assert!(json["data"]["sources"].is_array(), "{json}");
        traces.insert(text(&json["errors"][0]["extensions"]["traceId"]).to_owned());
    }
    assert_eq!(traces.len(), 3);
    let counted = since(&hub, before);
    assert_eq!((counted.misses, counted.hits), (3, 0));
}
