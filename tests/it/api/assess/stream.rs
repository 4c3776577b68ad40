//! `warningRaised`: what becomes of warnings, live and after a cursor.

use domain::viewer::Role;
use serde_json::{Value, json};

use super::Scene;
use crate::api::{Wire, streams::Events};
use crate::support::{Hub, made, on_both};

fn body(filter: &Value, after: Option<&str>) -> Value {
    let query = "subscription ($filter: WarningFilter, $after: String) { \
         warningRaised(filter: $filter, after: $after) { \
           cursor warningId change warning { redLine state agency { name } } } }";
    json!({ "query": query, "variables": { "filter": filter, "after": after } })
}

async fn told(events: &mut Events) -> (String, String) {
    let event = events.next().await.expect("the stream goes on");
    assert!(event.data.get("errors").is_none(), "{event:?}");
    let change = &event.data["data"]["warningRaised"];
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let what = format!(
        "{} {}",
        text(&change["change"]),
        text(&change["warning"]["redLine"])
    );
    (text(&change["cursor"]), what)
}

#[tokio::test]
async fn what_was_missed_is_told_first_and_nothing_twice() {
    on_both(async |db| {
        let scene =
            Scene::of(Hub::with(&db, |config| config.server.streams.per_subject = 100).await).await;
        let wire = Wire::to(&scene.hub).await;
        let government = scene.token(Role::Government);
        let court = json!({ "redLine": { "eq": "RL-COURT" } });
        let start = scene.hub.app.live.now().seq().to_string();
        let mut live = Events::of(&wire, Some(&government), &body(&court, Some(&start))).await;
        scene.listed(&[1]).await;
        scene.assess().await;
        let raised = told(&mut live).await;
        assert_eq!(raised.1, "ADDED RL-COURT");
        scene.listed(&[1, 2]).await;
        scene.assess().await;
        let moved = told(&mut live).await;
        assert_eq!(moved.1, "CHANGED RL-COURT");
        scene.listed(&[]).await;
        scene.assess().await;
        let ended = told(&mut live).await;
        assert_eq!(ended.1, "ENDED RL-COURT");
        // Who comes back is told the same, from where he was.
        for (from, expected) in [
            (&start, vec![&raised, &moved, &ended]),
            (&raised.0, vec![&moved, &ended]),
        ] {
            let mut again = Events::of(&wire, Some(&government), &body(&court, Some(from))).await;
            for change in expected {
                assert_eq!(told(&mut again).await, *change);
            }
        }
        // Others' warnings are not told: the next that this one hears is his own.
        let elsewhere = scene.hub.token(Role::Government, &["440400"], None);
        let mut other = Events::of(&wire, Some(&elsewhere), &body(&json!({}), Some(&start))).await;
        let file = made::court_jsonl(&[made::listing(7, "珠海市样例承诺局")]);
        scene
            .hub
            .ingest("court_debtors", &[("c.jsonl", &file)], |_| {})
            .await;
        scene.assess().await;
        let event = other.next().await.expect("the stream goes on");
        let change = &event.data["data"]["warningRaised"];
        assert_eq!(
            change["warning"]["agency"]["name"], "珠海市样例承诺局",
            "{event:?}"
        );
    })
    .await;
}
