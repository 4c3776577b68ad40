//! What a source mirrors is told by a check: a listing with the next look, its removal within the hour where somebody
//! reported that he performed.

use std::sync::atomic::Ordering;

use domain::viewer::Role;
use serde_json::{Value, json};

use super::{COURT, REGISTER, Service, hub_of, jobs, runs};
use crate::support::{Hub, made, on_both};

const BUREAU: &str = "佛山市禅城区样例局";

async fn verdict(hub: &Hub) -> String {
    hub.app.live.catch_up().await.expect("the database answers");
    let court = hub.token(Role::Court, &["440600"], None);
    let query = format!(
        r#"{{ sanctionCheck(input: {{ name: "{BUREAU}" }}, purpose: "执行协助") {{ verdict }} }}"#
    );
    let data = hub.data(Some(&court), &query).await;
    data["sanctionCheck"]["verdict"]
        .as_str()
        .expect("a verdict")
        .to_owned()
}

/// Takes a step: the case.
async fn step(hub: &Hub, token: &str, name: &str, input: Value) -> Value {
    let of = name[..1].to_uppercase() + &name[1..];
    let query = format!(
        "mutation ($input: {of}Input!) {{ {name}(input: $input) {{ ... on CaseSuccess {{ case {{ id version }} }} ... on Refusal {{ code message }} }} }}"
    );
    let answer = hub
        .query_with(Some(token), &query, &json!({ "input": input }))
        .await;
    let case = answer["data"][name]["case"].clone();
    assert!(case.is_object(), "{name}: {answer}");
    case
}

#[tokio::test]
async fn a_removal_that_is_awaited_is_told_within_the_hour() {
    on_both(async |db| {
        let service = Service::start().await;
        let hub = hub_of(&db, &service).await;
        let body = made::body(2, BUREAU, "440604");
        let register = made::register(std::slice::from_ref(&body));
        hub.ingest(REGISTER, &[("a.csv", &register)], |_| {}).await;
        assert_eq!(verdict(&hub).await, "CLEAR");
        let mut jobs = jobs(&hub);
        jobs.tick().await;
        assert_eq!(verdict(&hub).await, "LISTED");

        // The body performs and says so; the court takes its listings back by itself.
        hub.it_is_now("2026-11-20T09:10:00");
        let authority = hub.token(Role::Authority, &["440600"], None);
        let query = "{ creditRecords(first: 5) { edges { node { id version } } } }";
        let data = hub.data(Some(&authority), query).await;
        let records = data["creditRecords"]["edges"].as_array().expect("a list").clone();
        let agency = hub.token(Role::Agency, &["440604"], Some(&body.uscc));
        assert_eq!(records.len(), 2);
        for (n, edge) in records.iter().enumerate() {
            let record = &edge["node"];
            let grade = json!({ "key": format!("g{n}"), "recordId": record["id"], "version": record["version"], "tier": "SERIOUS", "basis": "列入名单", "evidence": ["0".repeat(64)] });
            let case = step(&hub, &authority, "gradeRecord", grade).await;
            let performed = json!({ "key": format!("p{n}"), "caseId": case["id"], "version": case["version"], "note": "已履行", "evidence": ["0".repeat(64)] });
            step(&hub, &agency, "reportPerformance", performed).await;
        }
        service.is_removed.store(true, Ordering::SeqCst);
        // It was looked at nine o'clock, and is again 45 minutes later.
        hub.it_is_now("2026-11-20T09:44:00");
        jobs.tick().await;
        assert_eq!((verdict(&hub).await.as_str(), service.asked()), ("LISTED", 1));
        hub.it_is_now("2026-11-20T09:46:00");
        jobs.tick().await;
        assert_eq!(runs(&hub, COURT).await, ["DONE", "DONE"]);
        assert_eq!(verdict(&hub).await, "CLEAR");
        hub.app.casework().turn().await.expect("the day turns");
        hub.app.live.catch_up().await.expect("the database answers");
        // Nobody waits any more: it is asked at its time again.
        hub.it_is_now("2026-11-20T11:00:00");
        jobs.tick().await;
        assert_eq!(service.asked(), 2);
    })
    .await;
}
