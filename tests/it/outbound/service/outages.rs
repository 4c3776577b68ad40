//! Platforms that are away or configured wrongly, and senders that are several or killed.

use std::time::{Duration, Instant};

use domain::outbox::OutboxState;
use zhengxin::config::{Channel, Place};

use super::{
    super::{KEY, deliver, hub_with, listing, platform::Does, round, states},
    hub_and_platform,
};
use crate::support::{Db, exports, made, on_both, zhengxin};

#[tokio::test]
async fn a_platform_that_is_not_there_is_a_trouble_and_costs_nothing() {
    let db = Db::sqlite();
    let place = Place {
        // Nobody listens on a port that was just given back.
        url: Some({
            let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
            format!("http://{}", listener.local_addr().expect("it is bound"))
        }),
        allow: vec!["127.0.0.0/8".to_owned()],
        secret: Some("geheim".to_owned()),
        ..Place::default()
    };
    let hub = hub_with(&db, Channel::Service, place, &[]).await;
    deliver(&hub, "2026-11-20", &[listing(1), listing(2)]).await;
    let report = round(&hub).await;
    assert_eq!(
        (report.put_off, report.troubles.len()),
        (2, 1),
        "{report:#?}"
    );
    assert!(!format!("{report:?}").contains("geheim"), "{report:#?}");
    assert_eq!(states(&hub).await, [OutboxState::Pending; 2]);
}

#[tokio::test]
async fn what_leaves_is_written_down_before_it_leaves() {
    on_both(async |db| {
        let (hub, platform) = hub_and_platform(&db).await;
        deliver(&hub, "2026-11-20", &[listing(1), listing(2)]).await;
        // On SQLite the log has a file once somebody looked for it.
        hub.app.audit.integrate().await.expect("it is put together");
        db.audit_log(false).await;
        let report = round(&hub).await;
        assert_eq!((report.accepted, report.put_off), (0, 2), "{report:#?}");
        assert!(
            report.troubles[0].contains("the audit log can't be written"),
            "{report:#?}"
        );
        assert_eq!(
            (platform.messages(), states(&hub).await),
            (0, vec![OutboxState::Pending; 2])
        );
        db.audit_log(true).await;
        hub.later(61);
        assert_eq!(round(&hub).await.accepted, 2);
        let left = exports(&hub).await;
        let [entry] = left.as_slice() else {
            panic!("{left:#?}");
        };
        assert!(
            entry
                .object
                .starts_with("outbound.credit_platform: 2 messages: INSERT "),
            "{}",
            entry.object
        );
        assert_eq!(entry.object.matches("INSERT ").count(), 2);
        assert_eq!(entry.purpose.as_deref(), Some("公共信用信息归集共享"));
        let body = made::uscc("11", "440600", 1);
        let body = hub
            .app
            .live
            .now()
            .agency_by_code(&body)
            .expect("it is known")
            .id;
        assert_eq!(entry.agencies, [body]);
        // It commits to what each message says.
        let kept = hub.app.audit.payload(entry.id).await.expect("it is read");
        let kept = String::from_utf8(kept.expect("it is kept")).expect("UTF-8");
        let lines: Vec<&str> = kept.lines().collect();
        assert_eq!(lines.len(), 2, "{kept}");
        for line in lines {
            let digest = line.rsplit(' ').next().unwrap_or_default();
            assert!(line.starts_with("INSERT ") && digest.len() == 64, "{line}");
        }
        // Nothing leaves, nothing is written down.
        assert_eq!(round(&hub).await.accepted, 0);
        assert_eq!(exports(&hub).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_platform_that_falls_silent_is_left_alone_for_the_round() {
    on_both(async |db| {
        let (hub, platform) = hub_and_platform(&db).await;
        platform.does(&[Does::Accept, Does::Break, Does::AcceptAndBreak, Does::Break]);
        let many: Vec<_> = (1..=60).map(listing).collect();
        deliver(&hub, "2026-11-20", &many).await;
        let report = round(&hub).await;
        assert_eq!(
            (
                report.accepted,
                report.unknown,
                report.put_off,
                report.troubles.len()
            ),
            (1, 3, 46, 1),
            "{report:#?}"
        );
        assert_eq!(platform.messages(), 4);
        hub.it_is("2026-11-21");
        assert_eq!(round(&hub).await.accepted, 59);
        assert_eq!((platform.rows().len(), platform.twice().len()), (60, 0));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_send_nothing_twice() {
    on_both(async |db| {
        let (hub, platform) = hub_and_platform(&db).await;
        let many: Vec<_> = (1..=150).map(listing).collect();
        deliver(&hub, "2026-11-20", &many).await;
        let other = hub_with(&db, Channel::Service, platform.place(), &[]).await;
        let (first, second) = tokio::join!(round(&hub), round(&other));
        assert_eq!(
            first.accepted + second.accepted,
            150,
            "{first:#?} {second:#?}"
        );
        assert_eq!((platform.messages(), platform.rows().len()), (150, 150));
        assert!(
            states(&hub)
                .await
                .iter()
                .all(|state| *state == OutboxState::Accepted)
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_killed_behind_sending_is_asked_for_by_the_next() {
    on_both(async |db| {
        let (hub, platform) = hub_and_platform(&db).await;
        // Before the binary's clock, whatever that says.
        deliver(&hub, "2025-06-25", &[listing(1), listing(2), listing(3)]).await;
        platform.does(&[Does::Accept, Does::AcceptAndHang]);
        let place = platform.place();
        let name = |key: &str| format!("ZHENGXIN__OUTBOUND__CREDIT_PLATFORM__{key}");
        let catalogue = db.folder().join("catalogue").display().to_string();
        let mut process = zhengxin([
            "outbound",
            "send",
            "--database-url",
            &db.url(),
            "--data",
            &db.folder().display().to_string(),
        ])
        .env(
            &name("PLACE__URL"),
            place.url.as_deref().expect("it has one"),
        )
        .env(
            &name("PLACE__SECRET"),
            place.secret.as_deref().expect("it has one"),
        )
        .env(&name("PLACE__ALLOW"), "[\"127.0.0.0/8\"]")
        .env(&name("CHANNEL"), "service")
        .env("ZHENGXIN__CATALOGUE__DIR", &catalogue)
        .start();
        let deadline = Instant::now() + Duration::from_secs(60);
        while platform.messages() < 2 {
            assert!(process.is_alive(), "it ends before it has sent");
            assert!(
                Instant::now() < deadline,
                "it does not come to the second message"
            );
            tokio::task::yield_now().await;
        }
        process.kill();
        // One was noted; of the others nobody knows, and who comes at once leaves them alone.
        assert_eq!(
            states(&hub).await,
            [
                OutboxState::Accepted,
                OutboxState::Unknown,
                OutboxState::Unknown
            ]
        );
        assert_eq!(round(&hub).await.accepted, 0);
        hub.it_is("2099-01-01");
        let report = round(&hub).await;
        assert_eq!(report.accepted, 2, "{report:#?}");
        assert_eq!((platform.messages(), platform.asked()), (3, 2));
        assert_eq!((platform.rows().len(), platform.twice().len()), (3, 0));
    })
    .await;
}

#[tokio::test]
async fn a_platform_that_is_configured_wrongly_is_said_clearly() {
    let db = Db::sqlite();
    let folder = db.folder().display().to_string();
    let say = |pairs: &[(&str, &str)]| {
        let program = zhengxin(["outbound", "send", "--data", &folder]);
        let program = pairs.iter().fold(program, |program, (name, text)| {
            program.env(&format!("ZHENGXIN__OUTBOUND__{name}"), text)
        });
        program.run()
    };
    let said = say(&[]).refused(2);
    assert!(said.contains(KEY), "{said}");
    let said = say(&[("ELSEWHERE__CHANNEL", "table")]).refused(1);
    assert!(said.contains("elsewhere") && said.contains(KEY), "{said}");
    let said = say(&[("CREDIT_PLATFORM__PLACE__URL", "http://hub:geheim@a")]).refused(1);
    assert!(
        said.contains("channel") && !said.contains("geheim"),
        "{said}"
    );
    let said = say(&[("CREDIT_PLATFORM__CHANNEL", "package")]).refused(1);
    assert!(said.contains("place.folder"), "{said}");
}
