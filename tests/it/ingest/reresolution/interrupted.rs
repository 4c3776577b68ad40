//! Who follows, what interrupts him, and who waits for him.

use std::time::{Duration, Instant};

use zhengxin::{
    failpoint::{self, Failure, Plan},
    ingest::Followed,
};

use super::{
    super::{COURT, REGISTER},
    CHANCHENG, NANHAI, bring_list, bring_register, chancheng, follow, hold, let_go, nanhai,
    published,
};
use crate::support::{Db, Hub, leftovers, made, moment, on_both, state, zhengxin};

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
