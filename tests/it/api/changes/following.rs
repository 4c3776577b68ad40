//! What is told live is what is told afterwards: each change once, in the order of the log.

use std::collections::BTreeSet;

use domain::viewer::Role;
use serde_json::{Value, json};

use super::{
    CHANCHENG, SHARED, Told, XIANGZHOU, bodies, court, followers, hub_on, listing, next, register,
    whats,
};
use crate::api::{Wire, nodes, text};
use crate::support::{Hub, made, on_both};

/// Has somebody decide, or undo what he decided.
async fn decide(hub: &Hub, wire: &Wire, field: &str, input: &Value) {
    let name = field[..1].to_uppercase() + &field[1..];
    let mutation =
        format!("mutation ($input: {name}Input!) {{ {field}(input: $input) {{ __typename }} }}");
    let token = hub.token(Role::Authority, &["440600"], None);
    let reply = wire
        .ask_with(Some(&token), &mutation, &json!({ "input": input }))
        .await;
    let done = &reply.json()["data"][field]["__typename"];
    assert_eq!(text(done), format!("{name}Success"), "{}", reply.text);
}

/// Everything that can become of records: they come, change, go, come back; it is decided whom one
/// means, and that is undone; a body moves to another city, and back. The last delivery brings one to
/// whoever sees anything; returns its number.
async fn turbulence(writer: &Hub, wire: &Wire) -> i64 {
    let (first, second, third) = (listing(1, 1), listing(2, 3), listing(3, 4));
    let (fourth, fifth) = (made::listing(4, SHARED), listing(5, 1));
    let all = [first.clone(), second.clone(), third.clone(), fourth.clone()];
    court(writer, &all).await;
    let changed = first.clone().duty("支付货款");
    let kept = [changed, third.clone(), fourth.clone(), fifth.clone()];
    court(writer, &kept).await;
    let operator = writer.token(Role::Operator, &[], None);
    let mentions = "{ mentions(first: 10) { edges { node { id version } } } }";
    let data = wire.data(Some(&operator), mentions).await;
    let mention = nodes(&data["mentions"]).next().expect("one waits").clone();
    let decision = json!({
        "key": "1", "mentionId": mention["id"], "version": mention["version"],
        "judgement": "POSITIVE", "uscc": bodies()[0].uscc.as_str(), "reason": "看过卷宗",
    });
    decide(writer, wire, "decideMention", &decision).await;
    // The body of most of them moves away, and with it who may see them.
    let mut moved = bodies();
    moved[0] = moved[0].clone().with("行政区划代码", "440402");
    register(writer, &moved).await;
    let changed = first.clone().duty("支付租金");
    court(writer, &[changed, second, fourth.clone(), fifth]).await;
    register(writer, &bodies()).await;
    let decisions = "{ mentionDecisions(first: 1) { edges { node { version } } } }";
    let data = wire.data(Some(&operator), decisions).await;
    let standing = nodes(&data["mentionDecisions"])
        .next()
        .expect("one holds")
        .clone();
    let undoing = json!({
        "key": "2", "mentionId": mention["id"], "version": standing["version"], "reason": "看错了",
    });
    decide(writer, wire, "undoMentionDecision", &undoing).await;
    let last = [listing(11, 1), listing(12, 3), listing(13, 4)];
    let [a, b, c] = last;
    court(writer, &[first, third, fourth, a, b, c]).await
}

/// Entries of the log that [`turbulence`] makes.
const ENTRIES: i64 = 8;

/// Whether what was told afterwards is what was told live.
fn are_as_live(found: &[Told], live: &[Told]) -> bool {
    found.len() == live.len()
        && found
            .iter()
            .zip(live)
            .all(|(found, live)| found.is_as_live(live))
}

#[tokio::test]
async fn whoever_comes_back_is_told_what_he_missed_and_nothing_twice() {
    on_both(async |db| {
        let writer = hub_on(&db).await;
        let writing = Wire::to(&writer).await;
        register(&writer, &bodies()).await;
        // Another process follows the log of the one that writes.
        let reader = hub_on(&db).await;
        let reading = Wire::to(&reader).await;
        let mut live = Vec::new();
        for (who, follower) in followers(&reader) {
            live.push((who, follower.follow(&reading, None).await, follower));
        }
        let start = reader.app.live.now().seq().to_string();
        let last = turbulence(&writer, &writing).await;

        // Who starts afresh reads nothing but the log.
        let afresh = hub_on(&db).await;
        let fresh = Wire::to(&afresh).await;
        let mut wrong = Vec::new();
        for (who, mut events, follower) in live {
            let mut told = Vec::new();
            loop {
                let one = next(&mut events).await;
                let is_end = one.change() == last;
                told.push(one);
                if is_end {
                    break;
                }
            }
            let cursors: BTreeSet<_> = told.iter().map(|told| &told.cursor).collect();
            assert_eq!(cursors.len(), told.len(), "{who}: nothing twice");
            assert!(
                told.windows(2)
                    .all(|two| two[0].change() <= two[1].change()),
                "{who}: in the order of the log"
            );
            assert!(told.len() > 2, "{who} is told of something: {told:?}");
            let again = follower.after(&fresh, &start, told.len()).await;
            if !are_as_live(&again, &told) {
                wrong.push(format!("{who}: live {told:#?}\nafterwards {again:#?}"));
                continue;
            }
            for (at, one) in told.iter().enumerate() {
                let rest = &told[at + 1..];
                let found = follower.after(&reading, &one.cursor, rest.len()).await;
                if !are_as_live(&found, rest) {
                    wrong.push(format!(
                        "{who} after {at}: {rest:#?}\nafterwards {found:#?}"
                    ));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    })
    .await;
}

#[tokio::test]
async fn a_client_that_breaks_off_at_every_change_loses_none_while_others_write() {
    on_both(async |db| {
        let writer = hub_on(&db).await;
        let writing = Wire::to(&writer).await;
        register(&writer, &bodies()).await;
        let reader = hub_on(&db).await;
        let reading = Wire::to(&reader).await;
        let (_, province) = followers(&reader).swap_remove(0);
        let mut whole = province.follow(&reading, None).await;
        let start = reader.app.live.now().seq();
        let breaking_off = async {
            let mut told: Vec<Told> = Vec::new();
            loop {
                let after = told
                    .last()
                    .map_or_else(|| start.to_string(), |told| told.cursor.clone());
                let one = province.after(&reading, &after, 1).await.swap_remove(0);
                told.push(one);
                if told
                    .last()
                    .is_some_and(|told| told.change() == start + ENTRIES)
                {
                    break told;
                }
            }
        };
        let (_, told) = tokio::join!(turbulence(&writer, &writing), breaking_off);
        let mut expected = Vec::new();
        for _ in 0..told.len() {
            expected.push(next(&mut whole).await);
        }
        assert!(are_as_live(&told, &expected), "{told:#?} {expected:#?}");
    })
    .await;
}

#[tokio::test]
async fn a_change_says_what_became_of_a_record_and_why() {
    on_both(async |db| {
        let hub = hub_on(&db).await;
        let wire = Wire::to(&hub).await;
        register(&hub, &bodies()).await;
        let (_, province) = followers(&hub).swap_remove(0);
        let mut events = province.follow(&wire, None).await;
        court(&hub, &[listing(1, 1), made::listing(2, SHARED)]).await;
        court(
            &hub,
            &[
                listing(1, 1).published("2025年03月05日"),
                made::listing(2, SHARED),
            ],
        )
        .await;
        let operator = hub.token(Role::Operator, &[], None);
        let mentions = "{ mentions(first: 10) { edges { node { id version } } } }";
        let data = wire.data(Some(&operator), mentions).await;
        let mention = nodes(&data["mentions"]).next().expect("one waits").clone();
        let decision = json!({
            "key": "1", "mentionId": mention["id"], "version": mention["version"],
            "judgement": "POSITIVE", "uscc": bodies()[1].uscc.as_str(), "reason": "看过卷宗",
        });
        decide(&hub, &wire, "decideMention", &decision).await;
        let undoing = json!({
            "key": "2", "mentionId": mention["id"], "version": 1, "reason": "看错了",
        });
        decide(&hub, &wire, "undoMentionDecision", &undoing).await;
        court(&hub, &[made::listing(2, SHARED), listing(3, 4)]).await;
        let mut told = Vec::new();
        for _ in 0..6 {
            told.push(next(&mut events).await);
        }
        let other = "佛山市禅城区别样局";
        let mut expected = vec![
            format!("ADDED SOURCE {CHANCHENG} ACTIVE"),
            format!("CHANGED SOURCE {CHANCHENG} ACTIVE"),
            format!("ADDED RESOLUTION {other} ACTIVE"),
            // Nobody knows any more whom it means: what was copied of it must go.
            "STOP_USE RESOLUTION - -".to_owned(),
            format!("CHANGED SOURCE {CHANCHENG} DELISTED"),
            format!("ADDED SOURCE {XIANGZHOU} ACTIVE"),
        ];
        // Of one change they come by their numbers, which say nothing.
        expected[4..].sort();
        let mut found: Vec<String> = whats(&told).into_iter().map(str::to_owned).collect();
        found[4..].sort();
        assert_eq!(found, expected);
        assert_eq!(told[2].record, told[3].record);
        assert!(told.windows(2).all(|two| two[0].version <= two[1].version));
    })
    .await;
}

#[tokio::test]
async fn what_is_published_no_more_is_not_shown_to_who_reads_back() {
    on_both(async |db| {
        let hub = hub_on(&db).await;
        let wire = Wire::to(&hub).await;
        register(&hub, &bodies()).await;
        let start = hub.app.live.now().seq().to_string();
        let [gone, kept] = [listing(1, 1), listing(2, 1)];
        court(&hub, &[gone, kept.clone()]).await;
        court(&hub, &[kept]).await;
        let public = followers(&hub)
            .into_iter()
            .find(|(who, _)| *who == "the public")
            .expect("there is one")
            .1;
        let told = public.after(&wire, &start, 3).await;
        let shown: BTreeSet<&str> = told
            .iter()
            .filter(|told| told.parts().1 != "- -")
            .map(|told| told.record.as_str())
            .collect();
        let ended = told
            .iter()
            .find(|told| told.what.starts_with("ENDED"))
            .expect("one ended");
        assert!(!shown.contains(ended.record.as_str()), "{told:#?}");
        assert_eq!(shown.len(), 1, "{told:#?}");
    })
    .await;
}
