//! The signed service.

use std::time::{Duration, Instant};

use domain::outbox::OutboxState;
use zhengxin::{
    config::{Channel, Place},
    store::NewRun,
};

use super::{
    COURT, KEY, LAYOUT, deliver, hub_with, listing, outbox,
    platform::{Does, Platform},
    round, states, told,
};
use crate::support::{Db, Hub, count, made, moment, on_both, zhengxin};

/// How the shipped layout asks what became of a message.
const QUERY: &str = "[service.query]
path = \"zwsx/records/status\"
parameter = \"xxbh\"
# Codes of answers that mean: never heard of it, and: refused.
missing = [\"404\"]
refused = [\"422\"]";

async fn hub_and_platform(db: &Db) -> (Hub, Platform) {
    let platform = Platform::start().await;
    let hub = hub_with(db, Channel::Service, platform.place(), &[]).await;
    (hub, platform)
}

#[tokio::test]
async fn each_version_is_sent_once_and_its_receipt_kept() {
    on_both(async |db| {
        let (hub, platform) = hub_and_platform(&db).await;
        deliver(&hub, "2026-11-20", &[listing(1), listing(2)]).await;
        assert_eq!(states(&hub).await, [OutboxState::Pending; 2]);

        let report = round(&hub).await;
        assert_eq!(
            (report.accepted, report.troubles.len()),
            (2, 0),
            "{report:#?}"
        );
        let entries = outbox(&hub).await;
        for entry in &entries {
            assert_eq!(entry.state, OutboxState::Accepted, "{entry:#?}");
            assert_eq!(entry.receipt, Some(format!("HZ-{}", entry.number)));
            assert!(
                entry.sent_at.is_some() && entry.settled_at.is_some(),
                "{entry:#?}"
            );
        }
        let rows = platform.rows();
        let row = &rows[&entries[0].number.to_string()];
        assert_eq!(row["opt_type"], "I", "{row:#}");
        assert_eq!(row["jgmc"], "佛山市样例局");
        assert_eq!(row["tyshxydm"], made::uscc("11", "440600", 1).as_str());
        assert_eq!(row["jllx"], "失信被执行人");
        assert_eq!(
            (&row["jlzt"], &row["rdrq"]),
            (&"有效".into(), &"2025-03-04".into())
        );
        assert_eq!(row["rdbm"], "佛山市禅城区人民法院");
        assert_eq!(row["cd_time"], "2026-11-20 09:00:00");
        assert!(row["sxdj"].is_null(), "{row:#}");

        // Neither another round nor the same list again sends anything.
        deliver(&hub, "2026-11-21", &[listing(1), listing(2)]).await;
        assert_eq!(
            round(&hub).await,
            zhengxin::outbound::RoundReport::default()
        );
        assert_eq!(platform.messages(), 2);
    })
    .await;
}

#[tokio::test]
async fn later_changes_go_out_as_changes_of_what_the_platform_holds() {
    on_both(async |db| {
        let (hub, platform) = hub_and_platform(&db).await;
        deliver(&hub, "2026-11-20", &[listing(1), listing(2)]).await;
        round(&hub).await;
        // One is corrected, one is taken off the list, one is new and gone before anything is sent.
        let corrected = listing(1).published("2025年03月05日");
        deliver(
            &hub,
            "2026-11-21",
            &[corrected.clone(), listing(2), listing(3)],
        )
        .await;
        deliver(&hub, "2026-11-22", &[corrected]).await;
        let report = round(&hub).await;
        assert_eq!((report.accepted, report.cancelled), (2, 1), "{report:#?}");
        assert_eq!(
            told(&hub)
                .await
                .iter()
                .filter(|line| line.starts_with("v2"))
                .collect::<Vec<_>>(),
            [
                "v2 ACCEPTED UPDATE",
                "v2 ACCEPTED UPDATE",
                "v2 CANCELLED - it ended before the platform ever held it",
            ]
            .iter()
            .collect::<Vec<_>>()
        );
        let rows = platform.rows();
        let mut sent: Vec<_> = rows
            .values()
            .map(|row| {
                ["opt_type", "jlzt", "rdrq", "zzrq"]
                    .map(|name| row[name].as_str().unwrap_or("-"))
                    .join(" ")
            })
            .collect();
        sent.sort();
        assert_eq!(
            sent,
            [
                "I 有效 2025-03-04 -",
                "I 有效 2025-03-04 -",
                "U 已移出 2025-03-04 2026-11-22",
                "U 有效 2025-03-05 -",
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn a_version_that_waits_gives_way_to_a_newer_one() {
    on_both(async |db| {
        let (hub, platform) = hub_and_platform(&db).await;
        deliver(&hub, "2026-11-20", &[listing(1)]).await;
        deliver(&hub, "2026-11-21", &[listing(1).published("2025-05-05")]).await;
        round(&hub).await;
        assert_eq!(
            told(&hub).await,
            [
                "v1 CANCELLED - a newer version came first",
                "v2 ACCEPTED INSERT"
            ]
        );
        assert_eq!(platform.messages(), 1);
    })
    .await;
}

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

#[tokio::test]
async fn what_is_not_closed_or_taken_back_leaves_nothing_to_send() {
    on_both(async |db| {
        let (hub, platform) = hub_and_platform(&db).await;
        let many: Vec<_> = (1..=20).map(listing).collect();
        deliver(&hub, "2026-11-20", &many).await;
        let rows = outbox(&hub).await.len();
        assert_eq!(rows, 20);
        // Held, because it withdraws too much; and only tried.
        for (held, dry_run) in [(true, false), (false, true)] {
            let list = made::court_jsonl(if held { &many[..2] } else { &many[..19] });
            let report = hub
                .ingest(COURT, &[("list.jsonl", &list)], |order| {
                    order.as_of = Some(moment("2026-11-20"));
                    order.dry_run = dry_run;
                })
                .await;
            assert_eq!(report.change, None, "{report:#?}");
            assert_eq!(outbox(&hub).await.len(), rows);
        }
        // One that is being written.
        let run = NewRun {
 reread_of: None,
            source: COURT.to_owned(),
            feed: "default".to_owned(),
            is_full: false,
            data_as_of: moment("2026-11-20"),
            started_at: moment("2026-11-20"),
            place: None,
files: Vec::new(),
        };
        let delivery = hub.app.store.begin_delivery(&run).await.expect("it begins");
        let ids = hub.app.store.list_outbox(None, None, 1).await.expect("it answers");
        delivery
            .withdraw(&rows_of(&hub, ids[0].number.record_id).await)
            .await
            .expect("it is written");
        let staged = "SELECT COUNT(*) FROM credit_record WHERE change_from IN (SELECT id FROM change WHERE seq IS NULL)";
        assert_eq!(count(&hub, staged).await, 1);
        assert_eq!(outbox(&hub).await.len(), rows);
        assert_eq!(round(&hub).await.accepted, 20);
        assert_eq!(platform.messages(), 20);
        drop(delivery);
    })
    .await;
}

async fn rows_of(hub: &Hub, record: i64) -> Vec<i64> {
    let sql = format!("SELECT MAX(row_id) FROM credit_record WHERE id = {record}");
    vec![count(hub, &sql).await]
}

#[tokio::test]
async fn nothing_is_sent_back_to_where_it_came_from() {
    let db = Db::sqlite();
    let platform = Platform::start().await;
    let excluded = [(
        LAYOUT,
        r#"sources_excluded = ["credit_platform"]"#,
        r#"sources_excluded = ["credit_platform", "court_debtors"]"#,
    )];
    let hub = hub_with(&db, Channel::Service, platform.place(), &excluded).await;
    deliver(&hub, "2026-11-20", &[listing(1)]).await;
    assert_eq!(outbox(&hub).await, []);
    // And the shipped layout takes no listings at all.
    let db = db.another();
    let hub = Hub::on(&db).await;
    let register = made::register(&[made::body(1, "佛山市样例局", "440600")]);
    hub.ingest("agency_register", &[("register.csv", &register)], |_| {})
        .await;
    deliver(&hub, "2026-11-20", &[listing(1)]).await;
    assert_eq!(hub.records().await.len(), 1);
    assert_eq!(outbox(&hub).await, []);
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
