//! Nobody is told of what he may not see.

use domain::viewer::Role;
use serde_json::{Value, json};

use super::{
    CHANCHENG, Follower, bodies, court, followers, hub_on, listing, next, register, whats,
};
use crate::api::{Wire, known_roles, streams::Socket, text};
use crate::support::on_both;

#[tokio::test]
async fn a_record_that_leaves_a_viewers_scope_ends_for_him_and_begins_for_another() {
    on_both(async |db| {
        let hub = hub_on(&db).await;
        let wire = Wire::to(&hub).await;
        register(&hub, &bodies()).await;
        let of = |division: &str, filter: Value| Follower {
            token: Some(hub.token(Role::Government, &[division], None)),
            filter,
        };
        let amount = json!({ "amount": { "gte": "1" } });
        let (old, new) = (of("440600", Value::Null), of("440400", Value::Null));
        let mut leaving = old.follow(&wire, None).await;
        let mut coming = new.follow(&wire, None).await;
        let mut never = of("440400", amount).follow(&wire, None).await;
        court(&hub, &[listing(1, 1)]).await;
        let began = next(&mut leaving).await;
        let mut moved = bodies();
        moved[0] = moved[0].clone().with("行政区划代码", "440402");
        register(&hub, &moved).await;
        let came = next(&mut coming).await;
        court(
            &hub,
            &[listing(1, 1).published("2025年03月05日"), listing(2, 3)],
        )
        .await;
        let left = [began, next(&mut leaving).await, next(&mut leaving).await];
        let ended = "ENDED SOURCE - -";
        let added = format!("ADDED SOURCE {CHANCHENG} ACTIVE");
        assert_eq!(
            whats(&left),
            [&added, ended, "ADDED SOURCE 佛山市南海区样例局 ACTIVE"]
        );
        assert_eq!(left[0].record, left[1].record);
        let came = [came, next(&mut coming).await];
        let changed = format!("CHANGED SOURCE {CHANCHENG} ACTIVE");
        assert_eq!(whats(&came), [&added, &changed]);
        assert_eq!(came[0].record, left[0].record);
        // Whoever comes back later is told the same, though he may not see the record any more.
        let again = old.after(&wire, "1", 3).await;
        assert_eq!(
            again[0].what, "ADDED SOURCE - -",
            "what it was is his no more"
        );
        assert_eq!(again[0].record, left[0].record);
        assert_eq!(whats(&again[1..]), whats(&left[1..]));
        // Of what does not fit the filter nothing is told: the stream is as it was.
        court(&hub, &[listing(2, 3), listing(9, 4)]).await;
        hub.app.stopping.cancel();
        let end = never.next().await.expect("the end");
        assert_eq!(end.kind, "complete");
    })
    .await;
}

#[tokio::test]
async fn the_public_is_told_of_what_is_published_and_what_to_stop_using() {
    on_both(async |db| {
        let hub = hub_on(&db).await;
        let wire = Wire::to(&hub).await;
        register(&hub, &bodies()).await;
        let public = followers(&hub).swap_remove(5).1;
        let mut events = public.follow(&wire, None).await;
        court(&hub, &[listing(1, 1), listing(2, 3)]).await;
        let mut told = [next(&mut events).await, next(&mut events).await];
        told.sort_by(|a, b| a.what.cmp(&b.what));
        // What is listed no longer is published no longer, and so it is there no more for the public.
        court(&hub, &[listing(2, 3), listing(3, 4)]).await;
        let mut more = vec![next(&mut events).await, next(&mut events).await];
        more.sort_by(|a, b| a.what.cmp(&b.what));
        let expected = ["ADDED SOURCE 珠海市香洲区样例局 ACTIVE", "ENDED SOURCE - -"];
        assert_eq!(whats(&more), expected);
        let chancheng = told.iter().find(|told| told.what.contains(CHANCHENG));
        assert_eq!(chancheng.map(|told| &told.record), Some(&more[1].record));
    })
    .await;
}

#[tokio::test]
async fn each_role_is_told_of_the_records_that_it_sees_in_lists() {
    on_both(async |db| {
        let hub = hub_on(&db).await;
        let wire = Wire::to(&hub).await;
        register(&hub, &bodies()).await;
        let listings: Vec<_> = (1..=8).map(|id| listing(id, usize::try_from(id).expect("small") % 4 + 1)).collect();
        court(&hub, &listings).await;
        let mut asking: Vec<Option<String>> = vec![None];
        for role in known_roles() {
            for division in ["440000", "440600", "440604", "440402"] {
                asking.push(Some(hub.token(role, &[division], Some(&bodies()[0].uscc))));
            }
        }
        for token in asking {
            let list = "{ creditRecords(first: 100) { edges { node { id } } } }";
            let data = wire.ask(token.as_deref(), list).await.json();
            let edges = data["data"]["creditRecords"]["edges"].as_array().cloned();
            let mut seen: Vec<String> = edges
                .unwrap_or_default()
                .iter()
                .map(|edge| text(&edge["node"]["id"]).to_owned())
                .collect();
            seen.sort();
            // Then the end of the hub ends the stream; what is told before is all that there is.
            let mut socket = Socket::let_in(&wire, token.as_deref()).await;
            let follow = "subscription { creditRecordChanged(after: \"0\") { recordId record { id } change } }";
            socket.subscribe("1", follow).await;
            let mut told = Vec::new();
            while told.len() < seen.len() {
                let next = socket.message().await;
                let change = &next["payload"]["data"]["creditRecordChanged"];
                assert_eq!(change["record"]["id"], change["recordId"], "{next}");
                told.push(text(&change["recordId"]).to_owned());
            }
            told.sort();
            assert_eq!(told, seen);
            socket.say(&json!({ "id": "1", "type": "complete" })).await;
            socket.is_silent().await;
        }
    })
    .await;
}
