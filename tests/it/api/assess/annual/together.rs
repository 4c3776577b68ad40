//! Many bodies at the same moment.

use std::sync::atomic::AtomicU32;

use domain::{uscc::Uscc, viewer::Role};
use serde_json::Value;

use super::Year;
use crate::support::{Hub, made, on_both};

/// Bodies that object at once, half of them to one process and half to another.
const BODIES: usize = 16;

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_object_at_the_same_moment_are_all_heard() {
    on_both(async |db| {
        let year = Year::on(&db).await;
        let bodies = (0..BODIES).zip(10_u32..);
        let bodies: Vec<_> = bodies
            .map(|(at, n)| {
                let at = char::from_u32('甲' as u32 + at as u32).expect("a character");
                made::body(n, &format!("佛山市样例{at}局"), "440600")
            })
            .collect();
        let register = made::register(&bodies);
        year.hub
            .ingest("agency_register", &[("b.csv", &register)], |order| {
                order.partial = true
            })
            .await;
        let campaign = year.opened(2025).await;
        let beside = Year {
            hub: Hub::on(&db).await,
            keys: AtomicU32::new(1_000),
            ..year
        };
        let here = Year {
            hub: year.hub,
            keys: year.keys,
            ..beside
        };
        beside.hub.it_is("2026-03-02");
        let input = format!(r#"campaignId: {}, text: "得分有误""#, campaign["id"]);
        let object = async |process: &Year, code: &Uscc| {
            let token = process.hub.token(Role::Agency, &["440600"], Some(code));
            let done = process.act_as(Some(&token), "objectToAssessment", &input);
            done.await
        };
        let processes = [&here, &beside].into_iter().cycle();
        let filed = bodies.iter().zip(processes);
        let filed = filed.map(|(body, process)| object(process, &body.uscc));
        for done in futures_util::future::join_all(filed).await {
            assert_eq!(done["objection"]["version"], 1, "{done}");
        }
        let live = &here.hub.app.live;
        live.catch_up().await.expect("the graph moves on");
        let query = "{ annualCampaigns(first: 1) { edges { node { version objections { number agency { uscc } } } } } }";
        let told = here.data(Role::Authority, query).await;
        let told = &told["annualCampaigns"]["edges"][0]["node"];
        assert_eq!(told["version"], 1 + BODIES, "each is a step of its own");
        let objections = told["objections"].as_array().expect("a list");
        let numbers: Vec<_> = objections.iter().map(|one| one["number"].clone()).collect();
        let expected: Vec<Value> = (1..=BODIES).map(Value::from).collect();
        assert_eq!(numbers, expected);
        for body in &bodies {
            let own = |one: &&Value| one["agency"]["uscc"] == body.uscc.as_str();
            assert_eq!(objections.iter().filter(own).count(), 1, "{}", body.uscc);
        }
    })
    .await;
}
