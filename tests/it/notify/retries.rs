//! What is not taken in at once.

use domain::notice::NoticeState;
use zhengxin::notify::NotifyReport;

use super::{
    assess, call, deliver, first, hub_with, is_quiet, many, notice, notices, only_court,
    receiver::{Does, Receiver},
    round, second, states,
};
use crate::support::{Db, Hub, on_both};

async fn hub_and_receiver(db: &Db) -> (Hub, Receiver) {
    let receiver = Receiver::start().await;
    let hub = hub_with(db, |config| {
        let hook = only_court(db, &receiver.url);
        config.notify.insert("city".to_owned(), hook);
    })
    .await;
    (hub, receiver)
}

#[tokio::test]
async fn what_fails_is_tried_again_later_each_time_under_the_same_id() {
    on_both(async |db| {
        let (hub, receiver) = hub_and_receiver(&db).await;
        receiver.does([Does::Status(500), Does::Later(3_000), Does::Status(404)]);
        deliver(&hub, "2026-11-20T09:00:00", &[first(1)]).await;
        // The second wait would be 300 s and is 3000 s, as was asked; the third is half an hour.
        for (least, most) in [(5, 6), (3_000, 3_000), (1_800, 1_980)] {
            let report = round(&hub).await;
            assert_eq!(
                (report.put_off, report.troubles.len()),
                (1, 1),
                "{report:#?}"
            );
            let told = notice(&hub).await;
            assert_eq!(told.state, NoticeState::Pending, "{told:#?}");
            let tried = told.attempts.last().expect("it was tried").at;
            let waits = (told.next_at - tried).num_seconds();
            assert!(
                (least..=most).contains(&waits),
                "{waits} of {least} to {most}"
            );
            hub.later(waits - 1);
            is_quiet(&hub).await;
            hub.later(2);
        }
        assert_eq!(round(&hub).await.delivered, 1);
        let told = notice(&hub).await;
        let statuses: Vec<_> = told.attempts.iter().map(|tried| tried.status).collect();
        assert_eq!(statuses, [Some(500), Some(503), Some(404), Some(204)]);
        let error = told.attempts[0].error.as_deref();
        assert!(
            error.is_some_and(|error| error.contains("500")),
            "{told:#?}"
        );
        assert_eq!(told.attempts[3].error, None);

        let got = receiver.got();
        assert!(
            got.iter()
                .all(|one| one.id == told.message && one.raw == got[0].raw)
        );
        assert!(got.is_sorted_by(|one, next| one.timestamp < next.timestamp));
        assert!(got.iter().all(|one| one.is_signed_by(super::SECRET)));
    })
    .await;
}

#[tokio::test]
async fn a_success_is_one_whatever_follows_it() {
    let db = Db::sqlite();
    let (hub, receiver) = hub_and_receiver(&db).await;
    receiver.does([Does::BreakOff]);
    deliver(&hub, "2026-11-20T09:00:00", &[first(1)]).await;
    assert_eq!(round(&hub).await.delivered, 1);
    assert_eq!(states(&hub).await, [NoticeState::Delivered]);
}

#[tokio::test]
async fn after_ten_tries_it_is_given_up_and_may_be_replayed_under_its_id() {
    on_both(async |db| {
        let (hub, receiver) = hub_and_receiver(&db).await;
        receiver.does(vec![Does::Status(502); 10]);
        deliver(&hub, "2026-01-05T09:00:00", &[first(1)]).await;
        let mut report = NotifyReport::default();
        for _ in 0..10 {
            report = round(&hub).await;
            hub.later(2 * 86_400);
        }
        assert_eq!((report.dead, report.put_off), (1, 0), "{report:#?}");
        is_quiet(&hub).await;
        let told = notice(&hub).await;
        assert_eq!((told.state, told.attempts.len()), (NoticeState::Dead, 10));

        let listed = call(&db, &["notify", "list", "--state", "dead", "-o", "json"]);
        let listed = listed.ended(0).json();
        assert_eq!(listed[0]["message"], told.message.as_str(), "{listed:#}");
        assert_eq!(listed[0]["attempts"][9]["status"], 502);
        let line = call(&db, &["notify", "list"]).ended(0).out;
        assert!(line.contains("DEAD") && line.contains("10x 502"), "{line}");
        let said = call(&db, &["notify", "replay", "4711"]).refused(1);
        assert!(said.contains("4711"), "{said}");
        call(&db, &["notify", "replay", &told.id.to_string()]).ended(0);

        // The binary's clock is the machine's.
        hub.it_is("2099-01-01");
        assert_eq!(round(&hub).await.delivered, 1);
        let got = receiver.got();
        assert_eq!((got.len(), &got[10].id), (11, &told.message));
        let told = notice(&hub).await;
        assert_eq!(
            (told.state, told.attempts.len()),
            (NoticeState::Delivered, 11)
        );
        // What was taken in may be sent once more, too, where a subscriber lost it.
        call(&db, &["notify", "replay", &told.id.to_string()]).ended(0);
        assert_eq!(round(&hub).await.delivered, 1);
        assert_eq!(receiver.got()[11].id, told.message);
    })
    .await;
}

#[tokio::test]
async fn who_is_gone_is_told_nothing_more_until_somebody_says_so() {
    on_both(async |db| {
        let (hub, receiver) = hub_and_receiver(&db).await;
        receiver.does([Does::Status(410)]);
        deliver(&hub, "2026-01-05T09:00:00", &[first(1)]).await;
        let report = round(&hub).await;
        assert_eq!((report.gone, report.put_off), (1, 0), "{report:#?}");
        deliver(&hub, "2026-01-06T09:00:00", &[first(1), second(2)]).await;
        is_quiet(&hub).await;
        assert_eq!(
            states(&hub).await,
            [NoticeState::Gone, NoticeState::Pending]
        );
        assert_eq!(receiver.got().len(), 1);

        let secret = db.folder().join("secret").display().to_string();
        let config = format!(
            "[notify.city]\nurl = {:?}\nsecret_file = {secret:?}\nallow = [\"127.0.0.0/8\"]\n",
            receiver.url
        );
        let config = db.file("zx.toml", config.as_bytes()).display().to_string();
        let doctor = || {
            let found = call(&db, &["doctor", "-o", "json", "--config", &config]).json();
            let found = found.as_array().expect("a list");
            let about = found.iter().find(|one| one["what"] == "subscriber city");
            about.expect("there is a line about him").clone()
        };
        let about = doctor();
        let told = about["told"].as_str().expect("a text");
        assert_eq!(about["ok"], false);
        assert!(told.contains("410") && told.contains("1 wait"), "{told}");

        let said = call(&db, &["notify", "retry", "county"]).refused(1);
        assert!(said.contains("county"), "{said}");
        let ran = call(&db, &["notify", "retry", "city", "-o", "json"]);
        assert_eq!(ran.ended(0).json()["retried"], 1);
        hub.it_is("2099-01-01");
        assert_eq!(round(&hub).await.delivered, 2);
        let about = doctor();
        assert_eq!(
            (&about["ok"], &about["told"]),
            (&true.into(), &"0 wait".into())
        );
    })
    .await;
}

#[tokio::test]
async fn a_subscriber_that_fails_on_end_is_left_alone_for_the_round() {
    let db = Db::sqlite();
    let (receiver, other) = (Receiver::start().await, Receiver::start().await);
    let hub = hub_with(&db, |config| {
        for (name, url) in [("city", &receiver.url), ("other", &other.url)] {
            let hook = only_court(&db, url);
            config.notify.insert(name.to_owned(), hook);
        }
    })
    .await;
    receiver.does(vec![Does::Status(500); 3]);
    many(&hub, "2026-11-20", 6).await;
    assess(&hub).await;
    let report = round(&hub).await;
    assert_eq!((report.put_off, report.delivered), (3, 6), "{report:#?}");
    assert_eq!(receiver.got().len(), 3, "three of six");
    assert_eq!(other.got().len(), 6, "nobody waits for another");
    let waiting = notices(&hub).await;
    let untried = waiting.iter().filter(|one| one.attempts.is_empty()).count();
    assert_eq!(untried, 3);
    hub.later(60);
    assert_eq!(round(&hub).await.delivered, 6);
}
