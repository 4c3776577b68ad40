//! `warningRaised`: what becomes of warnings, live and after a cursor.

use domain::{uscc::Uscc, viewer::Role};
use serde_json::{Value, json};

use super::{CITY, Scene};
use crate::api::{Wire, catalogue_with, streams::Events};
use crate::support::{Db, Hub, made, on_both};

fn body(filter: &Value, after: Option<&str>) -> Value {
    let query = "subscription ($filter: WarningFilter, $after: String) { \
         warningRaised(filter: $filter, after: $after) { \
           cursor warningId change warning { redLine state agency { name } } } }";
    json!({ "query": query, "variables": { "filter": filter, "after": after } })
}

/// The same of the warnings by a court's listing of which this body is to hear.
fn heard_by(warned: &Uscc, after: &str) -> Value {
    let query = "subscription ($warned: Uscc, $after: String) { \
         warningRaised(filter: { redLine: { eq: \"RL-COURT\" } }, warned: $warned, after: $after) { \
           cursor warningId change warning { redLine state agency { name } } } }";
    json!({ "query": query, "variables": { "warned": warned.as_str(), "after": after } })
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

#[tokio::test]
async fn who_is_to_hear_of_warnings_follows_his_own_and_those_that_come_up_to_him() {
    on_both(async |db| {
        let scene =
            Scene::of(Hub::with(&db, |config| config.server.streams.per_subject = 100).await).await;
        let province = made::body(4, "广东省人民政府", "440000");
        let city = made::body(1, CITY, "440600").superior(&province.uscc);
        let (above, superior) = (province.uscc, city.uscc);
        let register = made::register(&[province, city]);
        let part = |order: &mut zhengxin::ingest::Order| order.partial = true;
        scene
            .hub
            .ingest("agency_register", &[("b.csv", &register)], part)
            .await;
        let start = scene.hub.app.live.now().seq().to_string();
        scene.listed(&[1]).await;
        scene.assess().await;
        // Nobody answers in time: it goes a step up.
        let court = scene.warning("RL-COURT").await;
        let due: chrono::NaiveDate = court["dueOn"]
            .as_str()
            .and_then(|day| day.parse().ok())
            .expect("a day");
        let late = due.succ_opt().expect("a day").to_string();
        scene.hub.it_is(&late);
        scene.assess().await;
        let wire = Wire::to(&scene.hub).await;
        let government = scene.hub.token(Role::Government, &["440000"], None);
        let elsewhere = made::body(3, "珠海市样例承诺局", "440400").uscc;
        let mut heard = Vec::new();
        for body in [&superior, &above, &elsewhere] {
            let body = heard_by(body, &start);
            heard.push(Events::of(&wire, Some(&government), &body).await);
        }
        assert_eq!(told(&mut heard[0]).await.1, "ADDED RL-COURT");
        let moved = told(&mut heard[0]).await;
        assert_eq!(moved.1, "CHANGED RL-COURT");
        let up = told(&mut heard[1]).await;
        assert_eq!(
            up,
            (moved.0, "ADDED RL-COURT".to_owned()),
            "it has come up to the province"
        );
        // Live: the court removes the one and lists another.
        let file = made::court_jsonl(&[made::listing(7, "珠海市样例承诺局")]);
        scene
            .hub
            .ingest("court_debtors", &[("c.jsonl", &file)], |_| {})
            .await;
        scene.assess().await;
        for events in &mut heard[..2] {
            assert_eq!(told(events).await.1, "ENDED RL-COURT");
        }
        // The first that the third hears is his own.
        let event = heard[2].next().await.expect("the stream goes on");
        let change = &event.data["data"]["warningRaised"];
        assert_eq!(change["change"], "ADDED", "{event:?}");
        assert_eq!(change["warning"]["agency"]["name"], "珠海市样例承诺局");
        let city = scene.hub.token(Role::Government, &["440600"], None);
        let mut own = Events::of(&wire, Some(&city), &heard_by(&superior, &up.0)).await;
        assert_eq!(told(&mut own).await.1, "ENDED RL-COURT");
    })
    .await;
}

#[tokio::test]
async fn who_may_not_read_who_is_warned_may_not_follow_by_it_either() {
    let db = Db::sqlite();
    let folder = db.folder().join("catalogue");
    let hidden = [(
        "access.toml",
        "\nwarned = \"overseers\"",
        "\nwarned = \"auditors\"",
    )];
    catalogue_with(&folder, &hidden);
    let hub = Hub::with(&db, |config| config.catalogue.dir = Some(folder)).await;
    let scene = Scene::of(hub).await;
    let wire = Wire::to(&scene.hub).await;
    let government = scene.token(Role::Government);
    let asked = heard_by(&scene.bureau, "0");
    let mut events = Events::of(&wire, Some(&government), &asked).await;
    let event = events.next().await.expect("an event");
    let code = &event.data["errors"][0]["extensions"]["code"];
    assert_eq!(code, "FORBIDDEN", "{event:?}");
    // Without it nothing is kept from him.
    scene.listed(&[1]).await;
    scene.assess().await;
    let court = json!({ "redLine": { "eq": "RL-COURT" } });
    let mut open = Events::of(&wire, Some(&government), &body(&court, Some("0"))).await;
    assert_eq!(told(&mut open).await.1, "ADDED RL-COURT");
}
