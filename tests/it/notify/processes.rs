//! Several processes, and one that is killed.

use std::time::{Duration, Instant};

use domain::notice::NoticeState;

use super::{
    assess, call, hub_with, many, notices, only_court,
    receiver::{Does, Receiver},
    round, states,
};
use crate::support::{Db, on_both, zhengxin};

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_warn_and_tell_once() {
    on_both(async |db| {
        let receiver = Receiver::start().await;
        let start = async || {
            hub_with(&db, |config| {
                let hook = only_court(&db, &receiver.url);
                config.notify.insert("city".to_owned(), hook);
            })
            .await
        };
        let hub = start().await;
        many(&hub, "2026-11-20", 40).await;
        let other = start().await;
        let (mine, theirs) = (hub.app.assessing(), other.app.assessing());
        let (first, second) = tokio::join!(mine.assess_all(), theirs.assess_all());
        first.expect("the database answers");
        second.expect("the database answers");
        assert_eq!(notices(&hub).await.len(), 40);

        let (first, second) = tokio::join!(round(&hub), round(&other));
        // One may find nothing because the other had the rows in its hands: the next round has the rest.
        let rest = round(&hub).await;
        let delivered = first.delivered + second.delivered + rest.delivered;
        assert_eq!(delivered, 40, "{first:#?} {second:#?}");
        let got = receiver.got();
        let ids: std::collections::BTreeSet<_> = got.iter().map(|one| &one.id).collect();
        assert_eq!((got.len(), ids.len()), (40, 40));
        assert!(
            notices(&hub)
                .await
                .iter()
                .all(|one| one.state == NoticeState::Delivered && one.attempts.len() == 1)
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_that_is_killed_had_in_its_hands_is_sent_by_the_next() {
    on_both(async |db| {
        let receiver = Receiver::start().await;
        let hub = hub_with(&db, |config| {
            let hook = only_court(&db, &receiver.url);
            config.notify.insert("city".to_owned(), hook);
        })
        .await;
        // Before the binary's clock, whatever that says.
        many(&hub, "2026-01-05", 3).await;
        assess(&hub).await;
        receiver.does([Does::Status(200), Does::Hang]);
        let name = |key: &str| format!("ZHENGXIN__NOTIFY__CITY__{key}");
        let data = db.folder().display().to_string();
        let secret = db.folder().join("secret").display().to_string();
        let mut process = zhengxin([
            "notify",
            "send",
            "--database-url",
            &db.url(),
            "--data",
            &data,
        ])
        .env(&name("URL"), &receiver.url)
        .env(&name("SECRET_FILE"), &secret)
        .env(&name("ALLOW"), "[\"127.0.0.0/8\"]")
        .start();
        let deadline = Instant::now() + Duration::from_secs(60);
        while receiver.got().len() < 2 {
            assert!(process.is_alive(), "it ends before it has sent");
            assert!(Instant::now() < deadline, "it does not come to the second");
            tokio::task::yield_now().await;
        }
        process.kill();
        use NoticeState::{Delivered, Pending, Sending};
        assert_eq!(states(&hub).await, [Delivered, Sending, Pending]);
        let held = notices(&hub).await.remove(1);
        assert_eq!(held.attempts.len(), 1, "{held:#?}");
        assert_eq!(
            held.attempts[0].ended_at, None,
            "nobody knows what came of it"
        );
        let said = call(&db, &["notify", "replay", &held.id.to_string()]).refused(1);
        assert!(said.contains("being sent"), "{said}");

        // Who comes at once leaves it alone; who comes when the claim has run out sends it again.
        assert_eq!(round(&hub).await.delivered, 1);
        assert_eq!(states(&hub).await, [Delivered, Sending, Delivered]);
        hub.it_is("2099-01-01");
        assert_eq!(round(&hub).await.delivered, 1);
        assert_eq!(states(&hub).await, [Delivered; 3]);
        let got = receiver.got();
        assert_eq!(got.len(), 4);
        assert_eq!((&got[1].id, &got[1].raw), (&got[3].id, &got[3].raw));
        assert_eq!(notices(&hub).await.remove(1).attempts.len(), 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_waits_for_a_subscriber_who_takes_his_time() {
    let db = Db::sqlite();
    let (slow, quick) = (Receiver::start().await, Receiver::start().await);
    slow.does((0..8).map(|_| Does::Hang));
    let hub = hub_with(&db, |config| {
        for (name, receiver) in [("city", &quick), ("county", &slow)] {
            let hook = only_court(&db, &receiver.url);
            config.notify.insert(name.to_owned(), hook);
        }
    })
    .await;
    many(&hub, "2026-11-20", 1).await;
    assess(&hub).await;
    let stopping = hub.app.stopping.clone();
    let notify = hub.app.notify().expect("it is configured");
    let job = tokio::spawn(zhengxin::jobs::notify(
        notify,
        hub.app.live.committed(),
        stopping.clone(),
    ));
    let told = async |count: usize| {
        let deadline = Instant::now() + Duration::from_secs(60);
        while quick.got().len() < count || slow.got().is_empty() {
            assert!(Instant::now() < deadline, "{count} are not told");
            tokio::task::yield_now().await;
        }
    };
    told(1).await;
    // Who is told of the second has it while the other still takes the first.
    many(&hub, "2026-11-20", 2).await;
    assess(&hub).await;
    told(2).await;
    assert_eq!(slow.got().len(), 1);
    stopping.cancel();
    let ended = tokio::time::timeout(Duration::from_secs(60), job).await;
    ended.expect("it ends").expect("it does not panic");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hub_tells_by_itself_and_ends_in_good_order() {
    let db = Db::sqlite();
    let receiver = Receiver::start().await;
    let hub = hub_with(&db, |config| {
        let hook = only_court(&db, &receiver.url);
        config.notify.insert("city".to_owned(), hook);
    })
    .await;
    many(&hub, "2026-11-20", 2).await;
    assess(&hub).await;
    let stopping = hub.app.stopping.clone();
    let notify = hub.app.notify().expect("it is configured");
    let job = tokio::spawn(zhengxin::jobs::notify(
        notify,
        hub.app.live.committed(),
        stopping.clone(),
    ));
    let deadline = Instant::now() + Duration::from_secs(60);
    while receiver.got().len() < 2 {
        assert!(Instant::now() < deadline, "it does not tell");
        tokio::task::yield_now().await;
    }
    stopping.cancel();
    let ended = tokio::time::timeout(Duration::from_secs(30), job).await;
    ended.expect("it ends").expect("it does not panic");
    assert_eq!(states(&hub).await, [NoticeState::Delivered; 2]);
}
