//! What is told of a warning from its beginning to its end, and to whom.

use super::{
    ANOTHER_SECRET, SECRET, assess, court_at, deliver, first, hub_with, is_quiet, nobody, notice,
    notices, only_court, receiver::Receiver, round, second, states, webhook,
};
use crate::support::{made, moment, on_both};
use domain::{notice::NoticeState, viewer::Role};
use serde_json::Value;

#[tokio::test]
async fn a_warning_is_told_once_and_its_signature_verifies() {
    on_both(async |db| {
        let receiver = Receiver::start().await;
        let hub = hub_with(&db, |config| {
            let hook = only_court(&db, &receiver.url);
            config.notify.insert("city".to_owned(), hook);
        })
        .await;
        deliver(&hub, "2026-11-20T09:00:00", &[first(1)]).await;
        assert_eq!(states(&hub).await, [NoticeState::Pending]);
        hub.later(60);
        assert_eq!(round(&hub).await.delivered, 1);

        let got = receiver.got().remove(0);
        assert!(got.is_signed_by(SECRET), "{got:#?}");
        assert!(!got.is_signed_by(ANOTHER_SECRET), "{got:#?}");
        let sent = moment("2026-11-20").timestamp() + 60;
        assert_eq!(got.timestamp, sent, "of the try, not of the warning");
        let told = notice(&hub).await;
        assert_eq!(got.id, told.message);
        assert_eq!(told.state, NoticeState::Delivered);
        assert_eq!(told.attempts.len(), 1, "{told:#?}");
        assert_eq!(told.attempts[0].status, Some(204));

        let of_court = r#"{ warnings(first: 9, filter: {redLine: {eq: "RL-COURT"}}) { edges { node { id version level state message dueOn raisedAt } } } }"#;
        let data = hub.data(Some(&hub.everything()), of_court).await;
        let warning = &data["warnings"]["edges"][0]["node"];
        let (body, data) = (&got.body, &got.body["data"]);
        assert_eq!(body["type"], "warning.raised");
        assert_eq!(body["timestamp"], "2026-11-20T01:00:00.000000Z");
        assert_eq!(data["warningId"], warning["id"]);
        assert_eq!(data["agency"]["name"], "佛山市样例局");
        assert_eq!(
            data["agency"]["uscc"],
            made::uscc("11", "440600", 1).as_str()
        );
        assert_eq!(data["redLine"], "RL-COURT");
        for key in ["version", "level", "state", "message", "dueOn"] {
            assert_eq!(data[key], warning[key], "{key}");
        }
        let keys: Vec<&String> = data.as_object().expect("an object").keys().collect();
        assert_eq!(
            keys,
            [
                "agency",
                "dueOn",
                "level",
                "message",
                "raisedAt",
                "redLine",
                "state",
                "version",
                "warningId"
            ],
            "and nothing of persons, such as the listing's"
        );

        is_quiet(&hub).await;
        assess(&hub).await;
        is_quiet(&hub).await;
        assert_eq!(receiver.got().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_rise_a_step_up_and_its_end_are_told_too_and_only_to_whom_it_concerns() {
    on_both(async |db| {
        let names = ["all", "there", "elsewhere", "red", "other_line"];
        let mut receivers = Vec::new();
        for _ in names {
            receivers.push(Receiver::start().await);
        }
        let hub = hub_with(&db, |config| {
            config.catalogue.dir = Some(court_at(&db, "YELLOW", Some("RED")));
            let wants = [
                "red_lines = [\"RL-COURT\"]",
                "red_lines = [\"RL-COURT\"]\ndivision = \"440600\"",
                "red_lines = [\"RL-COURT\"]\ndivision = \"440604\"",
                "red_lines = [\"RL-COURT\"]\nmin_level = \"RED\"",
                "red_lines = [\"RL-RETALIATE\"]",
            ];
            for ((name, receiver), wanted) in names.iter().zip(&receivers).zip(wants) {
                let hook = webhook(&db, &receiver.url, wanted);
                config.notify.insert((*name).to_owned(), hook);
            }
        })
        .await;
        deliver(&hub, "2026-11-16T09:00:00", &[first(1), nobody()]).await;
        round(&hub).await;
        deliver(&hub, "2026-11-17T09:00:00", &[first(1), first(2), nobody()]).await;
        round(&hub).await;
        // Acknowledging is nobody's news. It would have to be within three working days.
        hub.it_is("2026-11-23");
        assess(&hub).await;
        round(&hub).await;
        let id = receivers[0].got()[0].body["data"]["warningId"].clone();
        resolve(&hub, &id, 3).await;
        round(&hub).await;
        // Its cause is gone later, which is no news of a warning that was closed.
        deliver(&hub, "2026-11-24T09:00:00", &[nobody()]).await;
        is_quiet(&hub).await;

        let all = [
            "warning.raised v1 YELLOW NEW 佛山市样例局",
            "warning.changed v2 RED NEW 佛山市样例局",
            "warning.escalated v3 RED NEW 佛山市样例局",
            "warning.closed v4 RED RESOLVED 佛山市样例局",
        ];
        let told: Vec<_> = receivers.iter().map(Receiver::told).collect();
        assert_eq!(told[0], all);
        assert_eq!(told[1], all, "the division itself is part of its subtree");
        assert_eq!(told[2], [""; 0]);
        assert_eq!(told[3], all[1..]);
        assert_eq!(told[4], [""; 0]);
        let ids: std::collections::BTreeSet<_> = receivers
            .iter()
            .flat_map(|receiver| receiver.got().into_iter().map(|got| got.id))
            .collect();
        assert_eq!(ids.len(), 11, "each message has an id of its own");
    })
    .await;
}

async fn resolve(hub: &crate::support::Hub, id: &Value, version: i64) {
    let id = id.as_str().expect("an id");
    let token = hub.token(Role::Government, &["440000"], None);
    let mutation = format!(
        r#"mutation {{ resolveWarning(input: {{ key: "k", warningId: "{id}", version: {version}, note: "已履行" }}) {{ __typename ... on Refusal {{ code }} }} }}"#
    );
    let answer = hub.query(Some(&token), &mutation).await;
    assert!(
        answer["errors"].is_null() && !answer.to_string().contains("Refusal"),
        "{answer:#}"
    );
}

#[tokio::test]
async fn what_fell_below_a_subscribers_level_ends_for_him_too() {
    let db = crate::support::Db::sqlite();
    let receiver = Receiver::start().await;
    let hub = hub_with(&db, |config| {
        config.catalogue.dir = Some(court_at(&db, "YELLOW", Some("RED")));
        let wanted = "red_lines = [\"RL-COURT\"]\nmin_level = \"RED\"";
        let hook = webhook(&db, &receiver.url, wanted);
        config.notify.insert("red".to_owned(), hook);
    })
    .await;
    let others = || (11..16).map(second);
    let list = |own: &[i64]| {
        others()
            .chain(own.iter().map(|id| first(*id)))
            .collect::<Vec<_>>()
    };
    deliver(&hub, "2026-11-16T09:00:00", &list(&[1, 2])).await;
    deliver(&hub, "2026-11-17T09:00:00", &list(&[1])).await;
    deliver(&hub, "2026-11-18T09:00:00", &list(&[])).await;
    round(&hub).await;
    let told = receiver.told();
    let own: Vec<_> = told
        .iter()
        .filter(|line| line.ends_with(" 佛山市样例局"))
        .collect();
    assert_eq!(
        own,
        [
            "warning.raised v1 RED NEW 佛山市样例局",
            "warning.closed v3 YELLOW RESOLVED 佛山市样例局"
        ]
    );
}

#[tokio::test]
async fn while_a_secret_is_changed_messages_are_signed_by_both() {
    let db = crate::support::Db::sqlite();
    let receiver = Receiver::start().await;
    let hub = hub_with(&db, |config| {
        let hook = only_court(&db, &receiver.url);
        config.notify.insert("city".to_owned(), hook);
    })
    .await;
    db.file("secret", format!("{ANOTHER_SECRET}\n{SECRET}\n").as_bytes());
    deliver(&hub, "2026-11-20T09:00:00", &[first(1)]).await;
    assert_eq!(round(&hub).await.delivered, 1);
    let got = receiver.got().remove(0);
    assert_eq!(got.signatures(), 2);
    assert!(got.is_signed_by(SECRET) && got.is_signed_by(ANOTHER_SECRET));
    // The old one is given up.
    db.file("secret", ANOTHER_SECRET.as_bytes());
    deliver(&hub, "2026-11-20T10:00:00", &[first(1), second(2)]).await;
    assert_eq!(round(&hub).await.delivered, 1);
    let got = receiver.got().remove(1);
    assert!(!got.is_signed_by(SECRET) && got.is_signed_by(ANOTHER_SECRET));
}

#[tokio::test]
async fn without_subscribers_nothing_is_written() {
    let db = crate::support::Db::sqlite();
    let hub = hub_with(&db, |_| {}).await;
    deliver(&hub, "2026-11-20T09:00:00", &[first(1)]).await;
    assert!(notices(&hub).await.is_empty());
    assert!(!hub.app.notify().expect("nothing is wrong").is_configured());
}

#[tokio::test]
async fn who_asks_for_what_a_body_is_to_hear_is_told_that_and_nothing_else() {
    on_both(async |db| {
        let receivers = [Receiver::start().await, Receiver::start().await];
        let codes = [made::uscc("11", "440600", 1), made::uscc("11", "440604", 2)];
        let hub = hub_with(&db, |config| {
            for (name, (receiver, code)) in ["city", "district"].iter().zip(receivers.iter().zip(&codes)) {
                let more = format!("red_lines = [\"RL-COURT\"]\nwarned = \"{code}\"");
                config.notify.insert((*name).to_owned(), webhook(&db, &receiver.url, &more));
            }
        })
        .await;
        deliver(&hub, "2026-11-20T09:00:00", &[first(1)]).await;
        hub.later(60);
        round(&hub).await;
        let got = || receivers.each_ref().map(|receiver| receiver.got().len());
        assert_eq!(got(), [1, 0]);
        deliver(&hub, "2026-11-20T10:00:00", &[first(1), second(2)]).await;
        hub.later(60);
        round(&hub).await;
        assert_eq!(got(), [1, 1]);
        // What somebody does about it is told to whom it was told, too.
        let query = r#"{ warnings(first: 9, filter: {redLine: {eq: "RL-COURT"}, agency: {name: {eq: "佛山市样例局"}}}) { edges { node { id version } } } }"#;
        let token = hub.token(Role::Authority, &["440000"], None);
        let data = hub.data(Some(&token), query).await;
        let warning = &data["warnings"]["edges"][0]["node"];
        let dismiss = format!(
            r#"mutation {{ dismissWarning(input: {{ key: "k", warningId: {}, version: {}, note: "已核" }}) {{ __typename }} }}"#,
            warning["id"], warning["version"]
        );
        let done = hub.data(Some(&token), &dismiss).await;
        assert_eq!(done["dismissWarning"]["__typename"], "WarningSuccess", "{done}");
        hub.later(60);
        round(&hub).await;
        assert_eq!(got(), [2, 1]);
    })
    .await;
}
