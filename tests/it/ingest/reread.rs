//! Raw files that are read again.

use domain::run::{RunCounts, RunState};
use zhengxin::{
    config::Place,
    ingest::{Error, From, Report},
};

use super::{COURT, REGISTER, done, hub_with_town, refused};
use crate::support::{Db, Hub, made, moment, on_both, state, zhengxin};

async fn reread(hub: &Hub, source: &str, run: i64) -> Result<Report, Error> {
    hub.try_ingest(source, &[], |order| order.from = From::Reread(run))
        .await
}

fn list(ids: std::ops::RangeInclusive<i64>) -> Vec<u8> {
    let listings: Vec<_> = ids
        .map(|id| made::listing(id, "佛山市禅城区样例局"))
        .collect();
    made::court_jsonl(&listings)
}

#[tokio::test]
async fn what_was_pulled_is_read_again_when_its_source_is_gone() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let listings = [1, 2, 3].map(|id| made::listing(id, "佛山市禅城区样例局"));
        let body = made::court_page(&listings, 3);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let router = axum::Router::new().fallback(async move || body.clone());
        let service = tokio::spawn(async move { axum::serve(listener, router).await });
        let place = Place {
            url: Some(format!("http://{address}")),
            allow: vec!["127.0.0.0/8".to_owned()],
            ..Place::default()
        };
        let pulled = hub
            .try_ingest(COURT, &[], |order| {
                order.from = From::Place(Box::new(place));
                order.feed = Some("city".to_owned());
            })
            .await
            .expect("it answers");
        assert_eq!(pulled.counts.stored, 3, "{pulled:#?}");
        service.abort();
        let before = state(&hub).await;
        hub.it_is("2026-11-25");
        let again = reread(&hub, COURT, pulled.run).await.expect("it is kept");
        done(
            &again,
            RunCounts {
                received: 3,
                unchanged: 3,
                ..RunCounts::default()
            },
        );
        assert_eq!(again.feed, "city");
        assert_eq!(state(&hub).await, before);
        let run = hub.app.store.find_run(again.run).await;
        let run = run.expect("the database answers").expect("it is there");
        assert_eq!(run.data_as_of, moment("2026-11-20"), "it speaks of then");
    })
    .await;
}

#[tokio::test]
async fn an_older_delivery_overrides_nothing_newer() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let first = hub
            .ingest(COURT, &[("a.jsonl", &list(1..=3))], |_| {})
            .await;
        hub.it_is("2026-11-21");
        hub.ingest(COURT, &[("b.jsonl", &list(2..=4))], |_| {})
            .await;
        let before = state(&hub).await;
        let again = reread(&hub, COURT, first.run).await.expect("it is kept");
        assert!(again.change.is_some(), "{again:#?}");
        assert_eq!(again.counts.withdrawn, 0, "{again:#?}");
        assert_eq!(state(&hub).await, before);
    })
    .await;
}

#[tokio::test]
async fn bounds_hold_when_it_is_read_again() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        hub.ingest(COURT, &[("a.jsonl", &list(1..=40))], |_| {})
            .await;
        let held = hub
            .ingest(COURT, &[("b.jsonl", &list(1..=5))], |_| {})
            .await;
        assert_eq!(held.outcome, Some(RunState::Held), "{held:#?}");
        let again = reread(&hub, COURT, held.run).await.expect("it is kept");
        assert_eq!(again.outcome, Some(RunState::Held), "{again:#?}");
        let failed = hub.ingest(COURT, &[("c.csv", b"a,b\n1,2\n")], |_| {}).await;
        let again = reread(&hub, COURT, failed.run).await.expect("it is kept");
        refused(&again, &["c.csv", "line 1"]);
    })
    .await;
}

#[tokio::test]
async fn what_can_not_be_read_again_is_said_clearly() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let brought = hub
            .ingest(COURT, &[("a.jsonl", &list(1..=3))], |_| {})
            .await;
        for (source, run, says) in [
            (COURT, 999, "no such run"),
            (REGISTER, brought.run, "no such run"),
        ] {
            let error = reread(&hub, source, run)
                .await
                .expect_err("it is not there");
            assert!(error.to_string().contains(says), "{error}");
        }
        let before = hub.app.store.count_runs(COURT).await.expect("a count");
        std::fs::remove_dir_all(hub.app.config.raw_folder()).expect("the folder is ours");
        std::fs::create_dir(hub.app.config.raw_folder()).expect("the folder is ours");
        let error = reread(&hub, COURT, brought.run)
            .await
            .expect_err("it is gone");
        let text = error.to_string();
        assert!(
            text.contains("a.jsonl") && text.contains("raw store") && text.contains("SHA-256"),
            "{text}"
        );
        let after = hub.app.store.count_runs(COURT).await.expect("a count");
        assert_eq!(before, after, "there was nothing to run on");
    })
    .await;
}

#[test]
fn the_command_line_reads_again() {
    let db = Db::sqlite();
    let data = db.folder().display().to_string();
    let file = db.file("a.jsonl", &list(1..=3)).display().to_string();
    let ran = zhengxin([
        "ingest", COURT, "--data", &data, "--file", &file, "-o", "json",
    ])
    .run()
    .ended(0);
    let run = ran.json()["run"].to_string();
    std::fs::remove_file(&file).expect("the folder is ours");
    let again = zhengxin([
        "ingest", COURT, "--data", &data, "--reread", &run, "-o", "json",
    ])
    .run()
    .ended(0)
    .json();
    assert_eq!(
        (&again["state"], &again["received"]),
        (&"DONE".into(), &3.into()),
        "{again:#}"
    );
    let refused = zhengxin(["ingest", COURT, "--data", &data, "--reread", "77"])
        .run()
        .refused(1);
    assert!(refused.contains("77"), "{refused}");
    zhengxin(["ingest", COURT, "--reread", "1", "--file", "x"])
        .run()
        .ended(2);
}
