//! Exchange tables from their configured place into the hub and back: what is told of the rows there,
//! on all three databases, is looked at through connections of the tests' own.

use domain::run::{RunCounts, RunState};
use zhengxin::{
    failpoint::{self, Failure, Plan},
    ingest::{From, Order, Report},
};

use super::{COURT, PLATFORM, bring_town, done};
use crate::support::{
    Db, Hub, count, evidence_of,
    foreign::{Database, Kind, on_all},
    leftovers, made,
    rows::{Row, penalty},
    state,
};

const BUREAU: &str = "佛山市禅城区样例局";

const PENALTIES: &str = "T_SGS_XZCF";
const LISTINGS: &str = "DW_ZJ_FZGG_SXBZXRXX";

/// An exchange table of these columns, and its feedback table.
async fn make(table: &str, columns: &[&str], database: &Database) {
    let columns: String = columns
        .iter()
        .map(|column| format!(", {column} VARCHAR(255)"))
        .collect();
    database
        .run(&format!(
            "CREATE TABLE {table} (id BIGINT NOT NULL PRIMARY KEY, cd_time {{TIME}} NULL{columns}); \
             CREATE INDEX by_time ON {table} (cd_time, id); \
             CREATE TABLE {table}_FK (sjbh BIGINT, pcbh VARCHAR(40), clzt CHAR(1), \
             clsm VARCHAR(200), clsj {{TIME}})"
        ))
        .await;
}

/// Puts a row in, at a time of the day on which the tests' clock stands.
async fn put(database: &Database, table: &str, id: u32, time: &str, row: Vec<(&str, String)>) {
    let when = [
        ("id", id.to_string()),
        ("cd_time", format!("2026-11-20 {time}")),
    ];
    let cells = [Vec::from(when), row].concat();
    database.insert(table, &cells).await;
}

/// What is told of the rows, as `id state reason`.
async fn told(database: &Database, table: &str) -> Vec<String> {
    let row = database.joined(&["sjbh", "clzt", "clsm"]);
    let sql = format!("SELECT {row} FROM {table}_FK ORDER BY sjbh, clsj");
    database.texts(&sql).await
}

/// Runs a test beside each kind of database, with a hub that knows the town and stands on PostgreSQL
/// where the other does.
async fn beside_each(test: impl AsyncFn(Hub, Database)) {
    on_all(async |database| {
        let db = match database.kind {
            Kind::Postgres => Db::postgres().expect("the other one is there"),
            Kind::MySql | Kind::Sqlite => Db::sqlite(),
        };
        let hub = Hub::on(&db).await;
        bring_town(&hub).await;
        Box::pin(test(hub, database)).await;
    })
    .await;
}

/// Fetches from one table of the place.
fn order(database: &Database, source: &str, table: &str) -> Order {
    let mut place = database.place.clone();
    place.lists = vec![table.to_owned()];
    Order {
        source: source.to_owned(),
        feed: None,
        from: From::Place(Box::new(place)),
        as_of: None,
        partial: false,
        dry_run: false,
    }
}

async fn fetch(hub: &Hub, database: &Database, source: &str, table: &str) -> Report {
    let order = order(database, source, table);
    hub.run(&order).await.expect("it can be tried")
}

/// The indicators that stand, as `disclosure.late 2026-03-02 to 2026-04-05`.
async fn indicators(hub: &Hub) -> Vec<String> {
    let state = state(hub).await;
    let lines = state.lines().filter(|line| line.starts_with("indicator"));
    let mut told: Vec<String> = lines
        .map(|line| {
            let words: Vec<_> = line.split(' ').collect();
            format!("{} {}", words[3], words[7..10].join(" "))
        })
        .collect();
    told.sort();
    told
}

async fn checkpoint(hub: &Hub) -> Option<String> {
    let state = state(hub).await;
    let line = state.lines().find(|line| line.starts_with("checkpoint"));
    line.map(str::to_owned)
}

#[tokio::test(flavor = "multi_thread")]
async fn penalties_come_from_a_table_and_its_owner_hears_which_were_refused() {
    beside_each(async |hub, database| {
        let row = |n, reported| penalty(n, BUREAU, reported);
        let columns: Vec<&str> = row(1, "").headings();
        make(PENALTIES, &columns, &database).await;
        let put =
            async |id, time, row: Row| put(&database, PENALTIES, id, time, row.filled()).await;
        put(1, "07:00:00", row(1, "2026-03-05")).await;
        put(2, "07:00:00", row(2, "2026-03-05").with("CF_ZT", "7")).await;
        put(3, "07:00:01", row(3, "2026-03-05").with("env_flag", "1")).await;
        put(4, "08:30:00", row(4, "2026-04-05")).await;
        let fetch = async || fetch(&hub, &database, PLATFORM, PENALTIES).await;

        let report = fetch().await;
        assert_eq!(report.outcome, Some(RunState::Partly), "{report:#?}");
        let first = RunCounts {
            received: 4,
            stored: 2,
            rejected: 1,
            out_of_scope: 1,
            ..RunCounts::default()
        };
        assert_eq!(report.counts, first, "{report:#?}");
        let known = [
            "disclosure.in_time 2026-03-02 to 2026-03-05",
            "disclosure.late 2026-03-02 to 2026-04-05",
        ];
        assert_eq!(indicators(&hub).await, known);
        let at = "checkpoint credit_platform/default T_SGS_XZCF at 2026-11-20 08:30:00\t4";
        assert_eq!(checkpoint(&hub).await.as_deref(), Some(at));
        let refused = told(&database, PENALTIES).await;
        assert_eq!(refused.len(), 1, "{refused:?}");
        assert!(refused[0].starts_with("2 1 "), "{refused:?}");
        assert!(refused[0].contains("\"7\""), "{refused:?}");

        // What stands shortly before the watermark is read once more, and is known.
        hub.later(60);
        let again = fetch().await;
        done(
            &again,
            RunCounts {
                received: 1,
                unchanged: 1,
                ..RunCounts::default()
            },
        );
        assert_eq!(
            told(&database, PENALTIES).await,
            refused,
            "nothing new is told"
        );

        hub.later(240);
        put(5, "07:45:00", row(5, "2026-03-06")).await;
        put(6, "09:01:00", row(1, "2026-03-20").with("opt_type", "U")).await;
        put(7, "09:02:00", row(4, "2026-04-05").with("opt_type", "D")).await;
        put(8, "09:02:01", row(6, "").with("CF_JDRQ", "2026-02-30")).await;
        let report = fetch().await;
        assert_eq!(report.counts.received, 5, "{report:#?}");
        assert_eq!(report.counts.withdrawn, 1, "{report:#?}");
        let known = [
            "disclosure.in_time 2026-03-02 to 2026-03-06",
            "disclosure.late 2026-03-02 to 2026-03-20",
        ];
        assert_eq!(indicators(&hub).await, known);
        let told = told(&database, PENALTIES).await;
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[1].starts_with("8 1 "), "{told:?}");
        let versions = "SELECT COUNT(*) FROM indicator";
        let (known, kept) = (state(&hub).await, count(&hub, versions).await);

        // The row that was ended is read again together with its end: that is no news either.
        hub.later(60);
        fetch().await;
        assert_eq!(state(&hub).await, known);
        assert_eq!(count(&hub, versions).await, kept);
        assert_eq!(leftovers(&hub).await, "");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_court_list_comes_from_a_table_and_ends_as_its_operations_say() {
    beside_each(async |hub, database| {
        let cells = |listing: &made::Listing| -> Vec<(String, String)> {
            let line = made::court_platform_jsonl(std::slice::from_ref(listing));
            let object: serde_json::Map<_, _> =
                serde_json::from_slice(&line).expect("a line is an object");
            let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
            let cells = object
                .iter()
                .map(|(column, cell)| (column.clone(), text(cell)));
            cells.filter(|(_, cell)| !cell.is_empty()).collect()
        };
        let columns = [
            &zhengxin::demo::files::PLATFORM[..],
            &["opt_type", "env_flag"],
        ]
        .concat();
        make(LISTINGS, &columns, &database).await;
        let put = async |id, time, listing: &made::Listing, operation: &str, env: &str| {
            let cells = cells(listing);
            let cells = cells
                .iter()
                .map(|(column, cell)| (column.as_str(), cell.clone()));
            let marks = [
                ("opt_type", operation.to_owned()),
                ("env_flag", env.to_owned()),
            ];
            put(&database, LISTINGS, id, time, cells.chain(marks).collect()).await;
        };
        let [one, two, three] = [1, 2, 3].map(|id| made::listing(id, BUREAU));
        let bad = made::listing(4, BUREAU).published("2025年02月30日");
        put(1, "07:00:00", &one, "I", "0").await;
        put(2, "07:00:00", &two, "I", "0").await;
        put(3, "07:00:00", &three, "I", "1").await;
        put(4, "07:00:00", &bad, "I", "0").await;
        put(
            5,
            "08:30:00",
            &made::listing(5, "佛山市禅城区不存局"),
            "I",
            "0",
        )
        .await;
        let fetch = async || fetch(&hub, &database, COURT, LISTINGS).await;

        let report = fetch().await;
        assert_eq!(report.outcome, Some(RunState::Partly), "{report:#?}");
        let first = RunCounts {
            received: 5,
            stored: 2,
            rejected: 1,
            unresolved: 1,
            out_of_scope: 1,
            ..RunCounts::default()
        };
        assert_eq!(report.counts, first, "{report:#?}");
        assert_eq!(
            hub.records().await,
            vec!["佛山市禅城区样例局 ACTIVE 2025-03-04 -"; 2]
        );
        assert_eq!(hub.mentions().await, ["佛山市禅城区不存局 NONE"]);
        let refused = told(&database, LISTINGS).await;
        assert_eq!(refused.len(), 1, "{refused:?}");
        assert!(refused[0].starts_with("4 1 "), "{refused:?}");
        assert!(refused[0].contains("2025-02-30"), "{refused:?}");

        hub.later(240);
        // One that appears late, one that is changed, one that is removed, and a removal in a test.
        put(6, "07:40:00", &three, "I", "0").await;
        put(
            7,
            "09:01:00",
            &one.clone().published("2025年03月05日"),
            "U",
            "0",
        )
        .await;
        put(8, "09:01:00", &two, "D", "0").await;
        put(9, "09:01:00", &one, "D", "1").await;
        let report = fetch().await;
        assert_eq!(report.counts.withdrawn, 1, "{report:#?}");
        assert_eq!(
            hub.records().await,
            [
                "佛山市禅城区样例局 ACTIVE 2025-03-04 -",
                "佛山市禅城区样例局 ACTIVE 2025-03-05 -",
                "佛山市禅城区样例局 DELISTED 2025-03-04 2026-11-20",
            ]
        );
        assert_eq!(
            told(&database, LISTINGS).await,
            refused,
            "nothing new is told"
        );
        let known = state(&hub).await;
        hub.later(60);
        fetch().await;
        assert_eq!(state(&hub).await, known);
        for id in [1, 2, 3, 5] {
            assert!(!evidence_of(&hub, &id.to_string()).await.is_empty(), "{id}");
        }
        assert_eq!(leftovers(&hub).await, "");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_run_could_no_more_tell_is_told_by_the_next_one() {
    if !failpoint::ENABLED {
        return;
    }
    beside_each(async |hub, database| {
        let good = penalty(1, BUREAU, "2026-03-05");
        let columns: Vec<&str> = good.headings();
        make(PENALTIES, &columns, &database).await;
        put(
            &database,
            PENALTIES,
            1,
            "07:00:00",
            good.with("CF_ZT", "7").filled(),
        )
        .await;
        let last = penalty(2, BUREAU, "2026-03-05");
        put(&database, PENALTIES, 2, "08:30:00", last.filled()).await;
        let order = order(&database, PLATFORM, PENALTIES);

        let plan = Plan::of(vec![("closed", 1, Failure::GivenUp)]);
        let ran = failpoint::with(&plan, hub.ingest.run(&order, &|_| {})).await;
        assert!(ran.is_none() && plan.failed() == ["closed"]);
        assert_eq!(told(&database, PENALTIES).await, Vec::<String>::new());

        hub.later(60);
        fetch(&hub, &database, PLATFORM, PENALTIES).await;
        let once = told(&database, PENALTIES).await;
        assert!(once.len() == 1 && once[0].starts_with("1 1 "), "{once:?}");
        hub.later(60);
        fetch(&hub, &database, PLATFORM, PENALTIES).await;
        assert_eq!(told(&database, PENALTIES).await, once);
    })
    .await;
}
