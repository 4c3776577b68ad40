//! What a platform says to a message, or does not say.

use domain::outbox::OutboxState;
use zhengxin::config::Channel;

use super::{
    super::{
        LAYOUT, deliver, hub_with, listing, outbox,
        platform::{Does, Platform},
        round, told,
    },
    hub_and_platform,
};
use crate::support::{Db, moment, on_both, zhengxin};

/// How the shipped layout asks what became of a message.
const QUERY: &str = "[service.query]
path = \"zwsx/records/status\"
parameter = \"xxbh\"
# Codes of answers that mean: never heard of it, and: refused.
missing = [\"404\"]
refused = [\"422\"]";

#[tokio::test]
async fn an_answer_that_is_lost_is_asked_for_and_nothing_is_sent_twice() {
    on_both(async |db| {
        let (hub, platform) = hub_and_platform(&db).await;
        platform.does(&[Does::AcceptAndBreak, Does::Break]);
        deliver(&hub, "2026-11-20", &[listing(1), listing(2)]).await;
        let report = round(&hub).await;
        assert_eq!(report.unknown, 2, "{report:#?}");
        // A newer version waits until it is known what became of the older one.
        deliver(
            &hub,
            "2026-11-20",
            &[listing(1), listing(2).published("2025-05-05")],
        )
        .await;
        round(&hub).await;
        assert_eq!(
            platform.messages(),
            2,
            "too early to ask, and nothing goes past it"
        );

        hub.it_is("2026-11-21");
        let report = round(&hub).await;
        assert_eq!(report.accepted, 3, "{report:#?}");
        assert_eq!((platform.messages(), platform.asked()), (4, 2));
        assert_eq!(platform.twice(), Vec::<String>::new());
        assert_eq!(
            told(&hub).await,
            [
                "v1 ACCEPTED INSERT",
                "v1 ACCEPTED INSERT",
                "v2 ACCEPTED UPDATE"
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn a_platform_that_can_not_be_asked_gets_the_same_message_again() {
    let db = Db::sqlite();
    let platform = Platform::start().await;
    let hub = hub_with(
        &db,
        Channel::Service,
        platform.place(),
        &[(LAYOUT, QUERY, "")],
    )
    .await;
    platform.does(&[Does::AcceptAndBreak]);
    deliver(&hub, "2026-11-20", &[listing(1)]).await;
    assert_eq!(round(&hub).await.unknown, 1);
    hub.it_is("2026-11-21");
    assert_eq!(round(&hub).await.accepted, 1);
    assert_eq!(platform.rows().len(), 1);
    assert_eq!(
        platform.twice().len(),
        1,
        "the platform tells it by its number"
    );
}

#[tokio::test]
async fn a_refusal_is_shown_and_a_newer_version_speaks_instead() {
    on_both(async |db| {
        let (hub, platform) = hub_and_platform(&db).await;
        platform.does(&[Does::Refuse]);
        deliver(&hub, "2026-11-20", &[listing(1)]).await;
        let report = round(&hub).await;
        assert_eq!(report.refused, 1, "{report:#?}");
        assert_eq!(
            told(&hub).await,
            ["v1 REFUSED INSERT code 422: 信用代码不存在 138****8000"],
            "with its reason, and without a number that a person bears"
        );
        assert_eq!(
            round(&hub).await.refused,
            0,
            "it is not sent again by itself"
        );
        assert_eq!(platform.messages(), 1);

        deliver(&hub, "2026-11-21", &[listing(1).published("2025-05-05")]).await;
        assert_eq!(round(&hub).await.accepted, 1);
        let told = told(&hub).await;
        assert_eq!(
            told[1], "v2 ACCEPTED INSERT",
            "it is new to the platform: {told:#?}"
        );
        assert!(
            told[0].starts_with("v1 CANCELLED") && told[0].contains("信用代码"),
            "{told:#?}"
        );
    })
    .await;
}

#[tokio::test]
async fn what_was_mended_outside_is_sent_again_under_another_number() {
    let db = Db::sqlite();
    let (hub, platform) = hub_and_platform(&db).await;
    platform.does(&[Does::Refuse, Does::Refuse]);
    deliver(&hub, "2026-11-20", &[listing(1), listing(2)]).await;
    assert_eq!(round(&hub).await.refused, 2);
    let ids: Vec<i64> = outbox(&hub).await.iter().map(|entry| entry.id).collect();
    let place = [
        "--database-url",
        &db.url(),
        "--data",
        &db.folder().display().to_string(),
    ];
    let run = |arguments: &[&str]| zhengxin([arguments, &place].concat()).run();

    let ran = run(&["outbound", "list", "--state", "refused", "-o", "jsonl"]).ended(0);
    assert_eq!(ran.out.lines().count(), 2, "{ran:#?}");
    assert!(ran.out.contains("信用代码不存在"), "{ran:#?}");
    let ran = run(&["outbound", "list"]).ended(0);
    assert!(ran.out.contains("REFUSED   INSERT code 422"), "{ran:#?}");
    let ran = run(&["outbound", "retry", &ids[0].to_string(), "-o", "json"]).ended(0);
    assert_eq!(ran.json()["retried"], 1);
    let said = run(&["outbound", "retry", &ids[0].to_string()]).refused(1);
    assert!(said.contains("not refused"), "{said}");
    let ran = run(&["outbound", "retry", "--all-refused", "-o", "json"]).ended(0);
    assert_eq!(ran.json()["retried"], 1);

    // The binary's clock is the machine's.
    hub.it_is("2099-01-01");
    assert_eq!(round(&hub).await.accepted, 2);
    let numbers: Vec<_> = platform.rows().into_keys().collect();
    assert!(
        numbers.iter().all(|number| number.ends_with("-1-1")),
        "{numbers:?}"
    );
}

#[tokio::test]
async fn what_the_platform_does_not_take_now_waits_longer_each_time() {
    let db = Db::sqlite();
    let (hub, platform) = hub_and_platform(&db).await;
    platform.does(&[
        Does::NotNow,
        Does::Status(503),
        Does::Status(500),
        Does::Status(400),
    ]);
    deliver(&hub, "2026-11-20", &[listing(1)]).await;
    let mut seen = Vec::new();
    for day in ["2026-11-20", "2026-11-21", "2026-11-22", "2026-11-23"] {
        hub.it_is(day);
        round(&hub).await;
        // Nothing more on this day: it is not due.
        assert_eq!(
            round(&hub).await,
            zhengxin::outbound::RoundReport::default()
        );
        let entry = outbox(&hub).await.remove(0);
        seen.push((entry.state, (entry.next_at - moment(day)).num_minutes()));
    }
    assert_eq!(
        seen,
        [
            (OutboxState::Pending, 1),
            (OutboxState::Pending, 2),
            (OutboxState::Unknown, 4),
            // It was asked for, had not come, was sent again and refused.
            (OutboxState::Refused, 0),
        ]
    );
    assert_eq!((platform.messages(), platform.asked()), (4, 1));
}

#[tokio::test]
async fn what_came_too_slowly_or_too_early_is_sent_again_and_a_conflict_is_asked_for() {
    let db = Db::sqlite();
    let (hub, platform) = hub_and_platform(&db).await;
    platform.does(&[Does::Status(408), Does::Status(425), Does::Status(409)]);
    deliver(&hub, "2026-11-20", &[listing(1)]).await;
    let mut seen = Vec::new();
    for day in ["2026-11-20", "2026-11-21", "2026-11-22", "2026-11-23"] {
        hub.it_is(day);
        round(&hub).await;
        seen.push(outbox(&hub).await.remove(0).state);
    }
    assert_eq!(
        seen,
        [
            OutboxState::Pending,
            OutboxState::Pending,
            OutboxState::Unknown,
            // It was asked for, was none of its own, and was sent again.
            OutboxState::Accepted,
        ]
    );
    assert_eq!((platform.messages(), platform.asked()), (4, 1));
    assert_eq!(platform.twice(), Vec::<String>::new());
}

#[tokio::test]
async fn what_does_not_fit_the_layout_is_refused_here() {
    let db = Db::sqlite();
    let platform = Platform::start().await;
    let short = [(
        LAYOUT,
        "field = \"identified_by\"\nchars_max = 200",
        "field = \"identified_by\"\nchars_max = 3",
    )];
    let hub = hub_with(&db, Channel::Service, platform.place(), &short).await;
    deliver(&hub, "2026-11-20", &[listing(1)]).await;
    assert_eq!(round(&hub).await.refused, 1);
    assert_eq!(
        told(&hub).await,
        ["v1 REFUSED INSERT not sent: column rdbm: longer than 3 characters"]
    );
    assert_eq!(platform.messages(), 0);
}
