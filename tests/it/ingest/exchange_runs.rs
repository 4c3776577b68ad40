//! Runs over exchange tables: their owners hear of each version of a row once, and what an interrupted
//! run had read is not read again.

use std::sync::Arc;

use zhengxin::{
    catalogue::Catalogue,
    failpoint::{self, Failure, Plan},
    ingest::{From, Order, Report},
};

use super::{PLATFORM, hub_with_town, refused, same_state::same};
use crate::support::{
    Db, Hub, count,
    foreign::{Database, Kind, on_all},
    leftovers, on_both, state,
};

const BREACHES: &str = "T_SGS_XZCF";
const COLUMNS: &str =
    "id, cd_time, opt_type, env_flag, jlbh, ztmc, tyshxydm, sxxw, ly, je, rdbm, rdwh, rdrq, zt";

/// A hub whose description of the platform's table reads two rows at once and tells of accepted rows.
async fn hub(db: &Db) -> Hub {
    let mut hub = hub_with_town(db).await;
    let mut catalogue = Catalogue::load(None).expect("our own catalogue is good");
    let source = catalogue.sources.get_mut(PLATFORM).expect("it is there");
    source.exchange[0].batch_rows = 2;
    let feedback = source.exchange[0].feedback.as_mut();
    feedback.expect("its owner wants to hear").accepted = true;
    hub.ingest.catalogue = Arc::new(catalogue);
    hub
}

async fn make_table(foreign: &Database) {
    let texts: Vec<String> = COLUMNS
        .split(", ")
        .skip(2)
        .map(|column| format!("{column} VARCHAR(80)"))
        .collect();
    let texts = texts.join(", ");
    foreign
        .run(&format!(
            "CREATE TABLE {table} (id BIGINT NOT NULL PRIMARY KEY, cd_time {{TIME}}, {texts})",
            table = named(foreign, BREACHES)
        ))
        .await;
}

async fn make_feedback(foreign: &Database) {
    foreign
        .run(&format!(
            "CREATE TABLE {table} (sjbh BIGINT, pcbh VARCHAR(40), clzt CHAR(1), clsm VARCHAR(200), \
             clsj {{TIME}})",
            table = named(foreign, "T_SGS_XZCF_FK")
        ))
        .await;
}

/// PostgreSQL folds names that are not quoted.
fn named(foreign: &Database, name: &str) -> String {
    match foreign.kind {
        Kind::Postgres => format!("\"{name}\""),
        _ => name.to_owned(),
    }
}

async fn put(foreign: &Database, id: u32, time: &str, day: &str) {
    let table = named(foreign, BREACHES);
    let values = format!(
        "{id}, '2026-11-20 {time}', 'I', '0', 'SX{id}', '佛山市禅城区样例局', '', '未兑现样例承诺', \
         '招商引资', '100000', '佛山市样例认定局', '样认〔2026〕{id}号', '{day}', '有效'"
    );
    foreign
        .run(&format!(
            "INSERT INTO {table} ({COLUMNS}) VALUES ({values})"
        ))
        .await;
}

fn order(foreign: &Database) -> Order {
    let mut place = foreign.place.clone();
    place.lists = vec![BREACHES.to_owned()];
    Order {
        source: PLATFORM.to_owned(),
        feed: None,
        from: From::Place(Box::new(place)),
        as_of: None,
        partial: false,
        dry_run: false,
    }
}

async fn bring(hub: &Hub, foreign: &Database) -> Report {
    let report = hub.run(&order(foreign)).await;
    let report = report.expect("it can be tried");
    assert!(report.change.is_some(), "{report:#?}");
    report
}

/// What the owner has heard: row, state and run.
async fn heard(foreign: &Database) -> Vec<String> {
    let table = named(foreign, "T_SGS_XZCF_FK");
    let text = match foreign.kind {
        Kind::MySql => "CONCAT_WS(' ', sjbh, clzt, pcbh)",
        _ => "sjbh || ' ' || clzt || ' ' || pcbh",
    };
    foreign
        .texts(&format!(
            "SELECT {text} FROM {table} ORDER BY sjbh, clsj, pcbh"
        ))
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_rows_of_a_quiet_table_are_told_of_once() {
    on_both(async |db| {
        on_all(async |foreign| {
            let db = db.another();
            let hub = hub(&db).await;
            make_table(&foreign).await;
            make_feedback(&foreign).await;
            put(&foreign, 1, "08:00:00", "2026-05-06").await;
            put(&foreign, 2, "08:10:00", "昨天").await;
            let first = bring(&hub, &foreign).await;
            assert_eq!(
                (first.counts.stored, first.counts.rejected),
                (1, 1),
                "{first:#?}"
            );
            let run = first.run;
            let told = [format!("1 0 {run}"), format!("2 1 {run}")];
            assert_eq!(heard(&foreign).await, told);
            for _ in 0..3 {
                hub.later(600);
                let quiet = bring(&hub, &foreign).await;
                assert_eq!(
                    quiet.counts.received, 2,
                    "the last hour is read again: {quiet:#?}"
                );
                assert_eq!(quiet.warnings, Vec::<String>::new());
                assert_eq!(heard(&foreign).await, told, "{:?}", foreign.kind);
            }
            // Put in anew it is another version, wrong in the same way; then it is mended.
            let table = named(&foreign, BREACHES);
            for (change, state) in [
                ("cd_time = '2026-11-20 08:30:00'", "1"),
                ("cd_time = '2026-11-20 08:40:00', rdrq = '2026-05-06'", "0"),
            ] {
                hub.later(600);
                foreign
                    .run(&format!("UPDATE {table} SET {change} WHERE id = 2"))
                    .await;
                let run = bring(&hub, &foreign).await.run;
                let told = heard(&foreign).await;
                assert_eq!(told.last(), Some(&format!("2 {state} {run}")), "{told:?}");
                bring(&hub, &foreign).await;
                assert_eq!(heard(&foreign).await, told);
            }
            assert_eq!(heard(&foreign).await.len(), 4);
        })
        .await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_lost_a_column_is_refused_before_its_rows_mean_something_else() {
    let db = Db::sqlite();
    on_all(async |foreign| {
        let db = db.another();
        let hub = hub(&db).await;
        make_table(&foreign).await;
        make_feedback(&foreign).await;
        put(&foreign, 1, "08:00:00", "2026-05-06").await;
        bring(&hub, &foreign).await;
        let known = state(&hub).await;
        let table = named(&foreign, BREACHES);
        let rename = async |from: &str, to: &str| {
            let sql = format!("ALTER TABLE {table} RENAME COLUMN {from} TO {to}");
            foreign.run(&sql).await;
        };
        for column in ["opt_type", "env_flag", "zt", "tyshxydm"] {
            rename(column, "moved").await;
            hub.later(600);
            let report = hub.run(&order(&foreign)).await.expect("it can be tried");
            refused(&report, &[BREACHES, "lacks the column(s)", column]);
            assert_eq!(state(&hub).await, known, "{column}");
            rename("moved", column).await;
        }
        hub.later(600);
        bring(&hub, &foreign).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_not_be_told_is_told_later_under_its_own_run() {
    on_both(async |db| {
        on_all(async |foreign| {
            let db = db.another();
            let hub = hub(&db).await;
            make_table(&foreign).await;
            put(&foreign, 1, "08:00:00", "2026-05-06").await;
            let first = bring(&hub, &foreign).await;
            let said = first.warnings.join(" ");
            assert!(said.contains("feedback was not written"), "{said}");
            put(&foreign, 2, "08:10:00", "昨天").await;
            let second = bring(&hub, &foreign).await;
            put(&foreign, 3, "08:20:00", "2026-05-06").await;
            // Given up behind the closing, before anything is told.
            let (order, plan) = (
                order(&foreign),
                Plan::of(vec![("closed", 1, Failure::GivenUp)]),
            );
            let run = hub.ingest.run(&order, &|_| {});
            assert!(failpoint::with(&plan, run).await.is_none());
            make_feedback(&foreign).await;
            let dry = Order {
                dry_run: true,
                ..order
            };
            let tried = hub.ingest.run(&dry, &|_| {}).await;
            assert!(tried.expect("it can be tried").change.is_none());
            let silent = heard(&foreign).await;
            assert_eq!(silent, Vec::<String>::new(), "it was only tried");
            let last = bring(&hub, &foreign).await;
            assert_eq!(last.warnings, Vec::<String>::new());
            let told = [
                format!("1 0 {}", first.run),
                format!("2 1 {}", second.run),
                format!("3 0 {}", second.run + 1),
            ];
            assert_eq!(heard(&foreign).await, told, "{:?}", foreign.kind);
        })
        .await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_that_is_taken_back_takes_its_feedback_along() {
    on_both(async |db| {
        on_all(async |foreign| {
            let db = db.another();
            let hub = hub(&db).await;
            make_table(&foreign).await;
            make_feedback(&foreign).await;
            put(&foreign, 1, "08:00:00", "2026-05-06").await;
            let (order, plan) = (
                order(&foreign),
                Plan::of(vec![("close.commit", 1, Failure::GivenUp)]),
            );
            let run = hub.ingest.run(&order, &|_| {});
            assert!(failpoint::with(&plan, run).await.is_none());
            let dry = Order {
                dry_run: true,
                ..order
            };
            let tried = hub
                .ingest
                .run(&dry, &|_| {})
                .await
                .expect("it can be tried");
            assert!(tried.change.is_none());
            assert_eq!(heard(&foreign).await, Vec::<String>::new());
            assert_eq!(count(&hub, "SELECT COUNT(*) FROM feedback").await, 0);
            let run = bring(&hub, &foreign).await.run;
            assert_eq!(heard(&foreign).await, [format!("1 0 {run}")]);
        })
        .await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_reading_goes_on_behind_what_had_landed_and_finds_late_rows() {
    on_both(async |db| {
        on_all(async |foreign| {
            make_table(&foreign).await;
            make_feedback(&foreign).await;
            for id in 1..=7 {
                let time = format!("0{id}:00:00");
                put(&foreign, id, &time, "2026-05-06").await;
            }
            let (db, other) = (db.another(), db.another());
            let interrupted = hub(&db).await;
            let plan = Plan::of(vec![("landed.noted", 2, Failure::GivenUp)]);
            let order = order(&foreign);
            let run = interrupted.ingest.run(&order, &|_| {});
            assert!(failpoint::with(&plan, run).await.is_none());
            // Within the hour before the border, and what had landed long before it is not read again.
            put(&foreign, 9, "03:30:00", "2026-05-06").await;
            let table = named(&foreign, BREACHES);
            foreign
                .run(&format!("UPDATE {table} SET rdrq = '昨天' WHERE id = 1"))
                .await;
            let report = bring(&interrupted, &foreign).await;
            assert_eq!(
                report.counts.rejected, 0,
                "row 1 is as it had landed: {report:#?}"
            );
            foreign
                .run(&format!(
                    "UPDATE {table} SET rdrq = '2026-05-06' WHERE id = 1"
                ))
                .await;

            let clean = hub(&other).await;
            bring(&clean, &foreign).await;
            same(
                &state(&clean).await,
                &state(&interrupted).await,
                "gone on with",
            );
            assert_eq!(leftovers(&interrupted).await, "");
        })
        .await;
    })
    .await;
}
