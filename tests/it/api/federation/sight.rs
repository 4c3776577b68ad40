//! `_entities` is a second `node`: the row rules hold there, too.

use serde_json::{Value, json};

use super::{ENTITIES, gateway_of};
use crate::api::province::Province;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_shown_a_row_by_its_key_that_his_row_rule_hides() {
    let province = Province::new().await;
    let (mut shown, mut hidden) = (0, 0);
    // The public has no token, so no gateway's right.
    for asker in province
        .askers()
        .into_iter()
        .filter(|asker| asker.token.is_some())
    {
        let sight = province.sight(&asker);
        let token = gateway_of(&province.hub, asker.role, &asker.areas, asker.own);
        let mut representations = Vec::new();
        let mut wanted = Vec::new();
        for (at, body) in province.bodies.iter().enumerate() {
            representations.push(json!({ "__typename": "Agency", "uscc": body.uscc.as_str() }));
            wanted.push(sight.bodies.contains(&at));
        }
        for (at, record) in province.records.iter().enumerate() {
            representations.push(json!({ "__typename": "CreditRecord", "id": record.id }));
            wanted.push(sight.records.contains(&at));
        }
        for (part, wanted) in representations.chunks(100).zip(wanted.chunks(100)) {
            let variables = json!({ "representations": part });
            let reply = asker
                .wire
                .ask_with(Some(&token), ENTITIES, &variables)
                .await;
            assert!(reply.codes().is_empty(), "{asker}: {}", reply.text);
            let leaks = sight.leaks(&reply.text);
            assert!(leaks.is_empty(), "{asker} was shown {leaks:?}");
            let json = reply.json();
            let found = json["data"]["_entities"].as_array().expect("a list");
            let found: Vec<bool> = found.iter().map(|entity| *entity != Value::Null).collect();
            assert_eq!(found, wanted, "{asker}");
            shown += wanted.iter().filter(|seen| **seen).count();
            hidden += wanted.iter().filter(|seen| !**seen).count();
        }
    }
    assert!(
        shown > 500 && hidden > 500,
        "{shown} shown, {hidden} hidden"
    );
}
