//! Following the register: rows that its changes concern are resolved anew from what is kept of
//! them, and nothing else moves.

use std::time::{Duration, Instant};

use domain::run::{RunCounts, RunState};
use zhengxin::{
    failpoint::{self, Failure, Plan},
    ingest::Followed,
    store::{Delivery, NewRun},
};

use super::{ARREARS, COURT, HOTLINE, PLATFORM, REGISTER};
use crate::support::{
    Db, Hub, count, leftovers,
    made::{self, Body},
    moment, on_both, rows, state, zhengxin,
};

const CHANCHENG: &str = "佛山市禅城区样例局";
const NANHAI: &str = "佛山市南海区样例局";

fn chancheng() -> Body {
    made::body(2, CHANCHENG, "440604")
}

fn nanhai() -> Body {
    made::body(3, NANHAI, "440605")
}

async fn bring_register(hub: &Hub, bodies: &[Body]) -> zhengxin::ingest::Report {
    let register = made::register(bodies);
    let report = hub
        .ingest(REGISTER, &[("register.csv", &register)], |_| {})
        .await;
    assert!(report.change.is_some(), "{report:#?}");
    report
}

async fn bring_list(hub: &Hub, names: &[&str]) {
    let listing = |(at, name): (usize, &&str)| made::listing(at as i64 + 1, name);
    let list: Vec<_> = names.iter().enumerate().map(listing).collect();
    let report = hub
        .ingest(COURT, &[("list.jsonl", &made::court_jsonl(&list))], |_| {})
        .await;
    assert!(report.change.is_some(), "{report:#?}");
}

/// Holds a source as a delivery of another process does.
async fn hold(db: &Db, source: &str) -> Delivery {
    let new = NewRun {
        reread_of: None,
        source: source.to_owned(),
        feed: "default".to_owned(),
        is_full: false,
        data_as_of: moment("2026-11-20"),
        started_at: moment("2026-11-20"),
        place: None,
        files: Vec::new(),
    };
    let other = Hub::on(db).await;
    let delivery = other.app.store.begin_delivery(&new).await;
    delivery.expect("nobody else holds it")
}

async fn let_go(delivery: Delivery) {
    delivery
        .take_back(
            RunState::Failed,
            RunCounts::default(),
            "given up",
            moment("2026-11-20"),
        )
        .await
        .expect("the database answers");
}

async fn follow(hub: &Hub) -> Followed {
    let followed = hub.ingest.follow_register().await;
    followed.expect("the database answers")
}

/// How many resolutions were published.
async fn published(hub: &Hub) -> i64 {
    let sql = "SELECT COUNT(*) FROM change WHERE cause = 'resolution' AND seq IS NOT NULL";
    count(hub, sql).await
}

#[tokio::test]
async fn a_register_that_comes_later_ends_as_one_that_came_first() {
    on_both(async |db| {
        let hub = Hub::on(&db).await;
        bring_list(&hub, &[CHANCHENG, NANHAI, "佛山市不存局", CHANCHENG]).await;
        assert_eq!(hub.mentions().await.len(), 4);
        let complaints = rows::file(&[rows::complaint(1, CHANCHENG), rows::established(2, NANHAI)]);
        hub.ingest(ARREARS, &[("a.csv", &complaints)], |_| {}).await;
        let report = bring_register(&hub, &[chancheng(), nanhai()]).await;
        assert_eq!(report.reresolved, 5, "{report:#?}");
        assert_eq!(hub.mentions().await, ["佛山市不存局 NONE"]);
        assert_eq!(published(&hub).await, 2, "one for each source that moved");
        assert_eq!(leftovers(&hub).await, "");

        let other = db.another();
        let first = Hub::on(&other).await;
        bring_register(&first, &[chancheng(), nanhai()]).await;
        bring_list(&first, &[CHANCHENG, NANHAI, "佛山市不存局", CHANCHENG]).await;
        first
            .ingest(ARREARS, &[("a.csv", &complaints)], |_| {})
            .await;
        assert_eq!(state(&hub).await, state(&first).await);
        assert_eq!(hub.told().await, first.told().await);
        assert_eq!(published(&first).await, 0);

        // The same again changes nothing and is no change.
        let report = bring_register(&hub, &[chancheng(), nanhai()]).await;
        assert_eq!(report.reresolved, 0, "{report:#?}");
        assert_eq!(published(&hub).await, 2);
    })
    .await;
}

/// A code as people and machines write it: misread, of a service, with blanks, in full width.
fn written_otherwise(code: &str) -> [String; 5] {
    let wide = |c: char| char::from_u32(c as u32 + 0xfee0).expect("full width");
    [
        code.replace('0', "O"),
        format!("{code}3440108001002"),
        format!("{} {} {}", &code[..6], &code[6..14], &code[14..]),
        code.chars().map(wide).collect(),
        format!("{}\u{3000}{}", &code[..8], &code[8..]),
    ]
}

#[tokio::test]
async fn a_code_that_is_repaired_is_followed_like_one_that_is_right() {
    on_both(async |db| {
        let body = chancheng();
        // The name is of another place, and nobody's.
        let rows: Vec<_> = written_otherwise(body.uscc.as_str())
            .iter()
            .zip(1..)
            .map(|(code, n)| {
                let row = rows::established(n, "广州市不存局");
                row.with("债务人统一社会信用代码", code)
            })
            .collect();
        let complaints = rows::file(&rows);
        let hub = Hub::on(&db).await;
        hub.ingest(ARREARS, &[("a.csv", &complaints)], |_| {}).await;
        assert_eq!(hub.mentions().await.len(), 5);
        let report = bring_register(&hub, std::slice::from_ref(&body)).await;
        assert_eq!(report.reresolved, 5, "{report:#?}");
        assert!(hub.mentions().await.is_empty());

        let other = db.another();
        let first = Hub::on(&other).await;
        bring_register(&first, &[body]).await;
        first
            .ingest(ARREARS, &[("a.csv", &complaints)], |_| {})
            .await;
        assert_eq!(state(&hub).await, state(&first).await);
        assert_eq!(hub.told().await, first.told().await);
    })
    .await;
}

#[tokio::test]
async fn a_name_that_two_bodies_bear_now_is_told_no_longer_and_told_again_when_one_gives_it_up() {
    on_both(async |db| {
        let shared = "佛山市样例服务局";
        let one = made::body(5, shared, "440600");
        let two = made::body(6, shared, "440600");
        let hub = Hub::on(&db).await;
        bring_register(&hub, &[one.clone(), chancheng()]).await;
        bring_list(&hub, &[shared, CHANCHENG, shared]).await;
        assert_eq!(hub.records().await.len(), 3);

        let report = bring_register(&hub, &[one.clone(), chancheng(), two.clone()]).await;
        assert_eq!(report.reresolved, 2, "{report:#?}");
        let ambiguous = format!("{shared} AMBIGUOUS");
        assert_eq!(hub.mentions().await, [ambiguous.clone(), ambiguous]);
        assert_eq!(
            hub.records().await,
            [format!("{CHANCHENG} ACTIVE 2025-03-04 -")]
        );

        let renamed = two.with("机构名称", "佛山市他样服务局");
        let report = bring_register(&hub, &[one, chancheng(), renamed]).await;
        assert_eq!(report.reresolved, 2, "{report:#?}");
        assert!(hub.mentions().await.is_empty());
        assert_eq!(hub.records().await.len(), 3);
        assert_eq!(published(&hub).await, 2);
        let versions = "SELECT COUNT(DISTINCT id) FROM credit_record WHERE version > 1";
        assert_eq!(
            count(&hub, versions).await,
            2,
            "the third was never touched"
        );
    })
    .await;
}

#[tokio::test]
async fn only_what_could_be_another_is_looked_at_and_only_what_is_one_is_written() {
    on_both(async |db| {
        let hub = Hub::on(&db).await;
        bring_register(&hub, &[chancheng(), nanhai()]).await;
        let names = [
            CHANCHENG,
            NANHAI,
            NANHAI,
            "佛山市南海区不存局",
            "禅城区不存局",
            "不存局",
        ];
        bring_list(&hub, &names).await;
        // The register changes while the court's list is held by somebody else.
        let held = hold(&db, COURT).await;
        let report =
            bring_register(&hub, &[chancheng().former("佛山市禅城区旧样局"), nanhai()]).await;
        assert_eq!(report.reresolved, 0, "{report:#?}");
        assert_eq!(
            report.warnings.len(),
            1,
            "it is said that there is more to do: {report:#?}"
        );
        assert_eq!(follow(&hub).await.busy, 1);
        let_go(held).await;

        let followed = follow(&hub).await;
        let expected = Followed {
            // Of that district, or of no place.
            looked_at: 3,
            moved: 0,
            busy: 0,
        };
        assert_eq!(followed, expected);
        assert_eq!(follow(&hub).await, Followed::default(), "once and no more");
        assert_eq!(
            published(&hub).await,
            0,
            "nothing moved, so nothing is told"
        );
        assert_eq!(leftovers(&hub).await, "");
    })
    .await;
}

#[tokio::test]
async fn a_succession_is_followed_too() {
    on_both(async |db| {
        let hub = Hub::on(&db).await;
        bring_register(&hub, &[chancheng(), nanhai()]).await;
        bring_list(&hub, &["佛山市禅城区旧样局", NANHAI]).await;
        let held = hold(&db, COURT).await;
        let code = chancheng().uscc;
        let events = made::successions(&[(
            (None, "佛山市禅城区旧样局"),
            (Some(&code), CHANCHENG),
            "合并",
            "2024-03-01",
            "样例三定方案",
        )]);
        hub.ingest(REGISTER, &[("events.csv", &events)], |_| {})
            .await;
        let_go(held).await;
        assert_eq!(follow(&hub).await.looked_at, 1);
    })
    .await;
}

#[tokio::test]
async fn another_resolver_looks_at_everything_and_writes_nothing_that_is_the_same() {
    on_both(async |db| {
        let hub = Hub::on(&db).await;
        bring_register(
            &hub,
            &[chancheng().alias("区样例局"), nanhai().alias("区样例局")],
        )
        .await;
        bring_list(&hub, &[CHANCHENG, NANHAI, "区样例局", "佛山市不存局"]).await;
        let page =
            made::court_platform(&[made::listing(11, NANHAI), made::listing(12, "区样例局")]);
        let files: [(&str, &str, Vec<u8>); 5] = [
            (COURT, "p.csv", page),
            (
                ARREARS,
                "a.csv",
                rows::file(&[rows::complaint(1, CHANCHENG), rows::established(2, NANHAI)]),
            ),
            (
                HOTLINE,
                "h.csv",
                rows::file(&[
                    rows::order(1, CHANCHENG, "政务诚信"),
                    rows::order(2, "区样例局", "政务诚信"),
                ]),
            ),
            (
                PLATFORM,
                "p.csv",
                rows::file(&[rows::penalty(1, CHANCHENG, "2026-03-05")]),
            ),
            (PLATFORM, "b.csv", rows::file(&[rows::breach(1, NANHAI)])),
        ];
        let mut kept = 4;
        for (source, name, file) in &files {
            let report = hub
                .ingest(source, &[(*name, file.as_slice())], |order| {
                    order.partial = true
                })
                .await;
            kept += report.counts.stored + report.counts.unresolved;
            assert_eq!(report.counts.rejected, 0, "{report:#?}");
        }
        let (before, told) = (state(&hub).await, hub.told().await);
        let db = hub.database().await;
        sea_orm::ConnectionTrait::execute_unprepared(
            &db,
            "UPDATE resolved SET fingerprint = 'another'",
        )
        .await
        .expect("a table");
        db.close().await.expect("it closes");
        let followed = follow(&hub).await;
        assert_eq!((followed.looked_at as i64, followed.moved), (kept, 0));
        assert_eq!(state(&hub).await, before);
        assert_eq!(hub.told().await, told);
        assert_eq!(published(&hub).await, 0);
        assert_eq!(follow(&hub).await, Followed::default());
    })
    .await;
}

#[tokio::test]
async fn whatever_interrupts_it_the_next_one_ends_it() {
    if !failpoint::ENABLED {
        return;
    }
    on_both(async |db| {
        let names: Vec<&str> = (0..600)
            .map(|at| if at % 3 == 0 { NANHAI } else { CHANCHENG })
            .collect();
        let other = db.another();
        let clean = Hub::on(&other).await;
        bring_list(&clean, &names).await;
        bring_register(&clean, &[chancheng(), nanhai()]).await;
        let expected = state(&clean).await;

        let hub = Hub::on(&db).await;
        bring_list(&hub, &names).await;
        let waiting = state(&hub).await;
        let held = hold(&db, COURT).await;
        bring_register(&hub, &[chancheng(), nanhai()]).await;
        let_go(held).await;
        for (point, pass, failure) in [
            ("run.begun", 1, Failure::GivenUp),
            ("stage.batch", 1, Failure::Error),
            ("stage.staged", 2, Failure::GivenUp),
            ("take_back.batch", 1, Failure::GivenUp),
            ("close", 1, Failure::Error),
            ("close.commit", 1, Failure::GivenUp),
        ] {
            let plan = Plan::of(vec![(point, pass, failure)]);
            let ended = failpoint::with(&plan, hub.ingest.follow_register()).await;
            assert_eq!(plan.failed(), [point]);
            assert!(!matches!(ended, Some(Ok(_))), "{point}: {ended:?}");
            assert_eq!(
                hub.mentions().await.len(),
                100,
                "nothing of it is seen: {point}"
            );
            assert_eq!(published(&hub).await, 0, "{point}");
        }
        let after = state(&hub).await;
        let mentions = |state: &str| {
            state
                .lines()
                .filter(|line| line.starts_with("mention"))
                .count()
        };
        assert_eq!(mentions(&after), mentions(&waiting));
        // In, but not told of: the next one has nothing left to do.
        let plan = Plan::of(vec![("closed", 1, Failure::GivenUp)]);
        assert!(
            failpoint::with(&plan, hub.ingest.follow_register())
                .await
                .is_none()
        );
        hub.app.live.catch_up().await.expect("the database answers");
        assert_eq!(follow(&hub).await, Followed::default());
        assert_eq!(state(&hub).await, expected);
        assert_eq!(leftovers(&hub).await, "");
        assert_eq!(published(&hub).await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_follows_by_itself_what_was_left_behind() {
    on_both(async |db| {
        let hub = Hub::on(&db).await;
        bring_list(&hub, &[CHANCHENG, NANHAI]).await;
        let held = hold(&db, COURT).await;
        bring_register(&hub, &[chancheng(), nanhai()]).await;
        let_go(held).await;
        let url = db.url();
        let folder = db.folder().display().to_string();
        let arguments = [
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--database-url",
            &url,
            "--data",
            &folder,
        ];
        let mut server = zhengxin(arguments).start();
        server.lines_until("ready ");
        let deadline = Instant::now() + Duration::from_secs(60);
        while published(&hub).await == 0 {
            assert!(
                Instant::now() < deadline && server.is_alive(),
                "it does not follow"
            );
        }
        hub.app.live.catch_up().await.expect("the database answers");
        assert_eq!(hub.records().await.len(), 2);
        assert!(hub.mentions().await.is_empty());

        // What the command line brings is followed by whoever is first, once.
        let more = made::body(7, "佛山市禅城区新样局", "440604");
        let list = made::court_jsonl(&[made::listing(9, "佛山市禅城区新样局")]);
        hub.ingest(COURT, &[("n.jsonl", &list)], |order| order.partial = true)
            .await;
        let file = db.file(
            "register.csv",
            &made::register(&[chancheng(), nanhai(), more]),
        );
        let file = file.display().to_string();
        zhengxin([
            "ingest",
            REGISTER,
            "--database-url",
            &url,
            "--data",
            &folder,
            "--file",
            &file,
        ])
        .run()
        .ended(0);
        while published(&hub).await < 2 {
            assert!(
                Instant::now() < deadline && server.is_alive(),
                "it does not follow"
            );
        }
        hub.app.live.catch_up().await.expect("the database answers");
        assert_eq!(hub.records().await.len(), 3);
        server.kill();
        assert_eq!(published(&hub).await, 2);
    })
    .await;
}

#[test]
fn the_command_line_reports_what_came_to_something_else() {
    for db in [Some(Db::sqlite()), Db::postgres()].into_iter().flatten() {
        let (url, folder) = (db.url(), db.folder().display().to_string());
        let bring = |source: &str, name: &str, bytes: &[u8]| {
            let file = db.file(name, bytes).display().to_string();
            let place = ["--database-url", &url, "--data", &folder];
            let command = ["ingest", source, "-o", "json", "--file", &file];
            zhengxin(command.into_iter().chain(place))
                .run()
                .ended(0)
                .json()
        };
        let list = made::court_jsonl(&[made::listing(1, CHANCHENG), made::listing(2, NANHAI)]);
        assert_eq!(bring(COURT, "list.jsonl", &list)["unresolved"], 2);
        let register = made::register(&[chancheng(), nanhai()]);
        assert_eq!(bring(REGISTER, "register.csv", &register)["reresolved"], 2);
        assert_eq!(bring(REGISTER, "register.csv", &register)["reresolved"], 0);
        let report = bring(COURT, "list.jsonl", &list);
        assert_eq!(report["unresolved"], 0);
        assert_eq!(report["stored"], 0);
    }
}

#[tokio::test]
async fn a_delivery_waits_for_rows_that_are_being_resolved_anew() {
    on_both(async |db| {
        let hub = Hub::on(&db).await;
        bring_register(&hub, &[chancheng(), nanhai()]).await;
        let other = Hub::on(&db).await;
        let into = other
            .app
            .store
            .begin_reresolution(COURT, moment("2026-11-20"))
            .await
            .expect("nobody else holds it");
        let mut delivery = Box::pin(bring_list(&hub, &[CHANCHENG]));
        let waited = tokio::time::timeout(Duration::from_millis(500), &mut delivery).await;
        assert!(waited.is_err(), "it does not come in meanwhile");
        into.take_back().await.expect("the database answers");
        delivery.await;
        assert_eq!(hub.records().await.len(), 1);
        assert_eq!(leftovers(&hub).await, "");
    })
    .await;
}

#[tokio::test]
async fn an_alias_that_comes_or_goes_is_followed_by_the_texts_that_it_concerns_alone() {
    on_both(async |db| {
        let with_alias = |folder: &str, short: &str| {
            let folder = db.folder().join(folder);
            let row = format!(
                "\n[[alias]]\nshort = [\"{short}\"]\nfull = [\"样例局\"]\nsource = \"made up\"\nverified = false\n"
            );
            crate::api::catalogue_with(&folder, &[]);
            let path = folder.join("aliases.toml");
            let text = std::fs::read_to_string(&path).expect("it was copied");
            std::fs::write(&path, text + &row).expect("the folder is ours");
            folder
        };
        let hub = Hub::on(&db).await;
        bring_register(&hub, &[chancheng(), nanhai()]).await;
        let names = ["佛山市禅城区例办", "佛山市教育局", CHANCHENG, "佛山市禅城区某街道办事处", "佛山市南海区示办"];
        bring_list(&hub, &names).await;
        assert_eq!(hub.records().await.len(), 1);
        follow(&hub).await;

        let other = with_alias("one", "例办");
        let other = Hub::with(&db, |config| config.catalogue.dir = Some(other)).await;
        let followed = follow(&other).await;
        // The row's own text, and those that its full form stands in.
        assert_eq!((followed.moved, followed.looked_at), (1, 2), "{followed:?}");
        let of = async |hub: &Hub, text: &str| {
            let mentions = hub.mentions().await;
            let found = mentions.iter().find(|mention| mention.starts_with(text));
            found.expect("only people tell by a short form").clone()
        };
        let (one, two) = ("佛山市禅城区例办", "佛山市南海区示办");
        assert_eq!(of(&other, one).await, format!("{one} ALIAS"));
        assert_eq!(follow(&other).await, Followed::default());

        let third = with_alias("two", "示办");
        let third = Hub::with(&db, |config| config.catalogue.dir = Some(third)).await;
        let followed = follow(&third).await;
        assert_eq!((followed.moved, followed.looked_at), (2, 3), "one row came and one went");
        assert_eq!(of(&third, one).await, format!("{one} NONE"));
        assert_eq!(of(&third, two).await, format!("{two} ALIAS"));

        // Whatever else changes concerns all.
        let folder = db.folder().join("three");
        crate::api::catalogue_with(&folder, &[]);
        let path = folder.join("divisions_former.csv");
        let text = std::fs::read_to_string(&path).expect("it was copied");
        std::fs::write(&path, text + "\n").expect("the folder is ours");
        let fourth = Hub::with(&db, |config| config.catalogue.dir = Some(folder)).await;
        assert_eq!(follow(&fourth).await.looked_at, 5);
        assert_eq!(of(&fourth, two).await, format!("{two} NONE"));
        let kept = "SELECT COUNT(*) FROM knowledge";
        assert!(count(&hub, kept).await <= 2, "what no source goes by is forgotten");
    })
    .await;
}
