//! Exchange tables on all three databases: what is new comes, late rows too, and feedback is told.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader};
use std::ops::{Deref, DerefMut};

use serde_json::{Value, json};
use tempfile::TempDir;
use zhengxin::{
    catalogue::{Catalogue, Source},
    config::Place,
    sources::{
        Checkpoints, Fetched, Landing, RawStore,
        exchange::{ExchangeError, Feedback, fetch, write_feedback},
    },
};

use crate::support::{
    TODAY,
    foreign::{self, Database, Kind},
    mariadb::USER,
    moment,
};

/// Another's exchange table, and a raw store for what is read of it.
struct Foreign {
    database: Database,
    raw: RawStore,
    source: Source,
    _folder: TempDir,
}

/// The exchange table in the words of each database; bytes and decimals are where they differ.
const TABLE: &str = "CREATE TABLE t_xzcf (id BIGINT NOT NULL PRIMARY KEY, opt_type CHAR(1), \
                     cd_time {TIME} NULL, env_flag VARCHAR(2), nr TEXT, je DECIMAL(18, 2), \
                     rq DATE, seal {BYTES}); CREATE INDEX by_time ON t_xzcf (cd_time, id)";
const FEEDBACK: &str = "CREATE TABLE t_fk (xh BIGINT, pc VARCHAR(40), zt CHAR(1), yy VARCHAR(20), \
                        sj {TIME})";

impl Deref for Foreign {
    type Target = Database;

    fn deref(&self) -> &Database {
        &self.database
    }
}

impl DerefMut for Foreign {
    fn deref_mut(&mut self) -> &mut Database {
        &mut self.database
    }
}

impl Foreign {
    async fn on(database: Database) -> Self {
        database.run(TABLE).await;
        let folder = tempfile::tempdir().expect("a folder");
        Self {
            database,
            raw: RawStore::in_folder(folder.path()).expect("a folder"),
            source: source(""),
            _folder: folder,
        }
    }

    async fn put(&self, id: u32, time: &str) {
        let sql =
            format!("INSERT INTO t_xzcf (id, opt_type, cd_time) VALUES ({id}, 'I', '{time}')");
        self.run(&sql).await;
    }

    async fn fetch(&self, before: &Checkpoints) -> Result<Fetched, ExchangeError> {
        let now = moment(TODAY);
        let mut landing = Landing::new(&self.raw, ());
        fetch(&self.place, &mut landing, &self.source, before, now, |_| {}).await?;
        Ok(landing.fetched)
    }

    async fn fetched(&self, before: &Checkpoints) -> Fetched {
        self.fetch(before).await.expect("it can be read")
    }

    /// The rows of all files, in order.
    async fn rows(&self, fetched: &Fetched) -> Vec<Value> {
        let mut rows = Vec::new();
        for landed in &fetched.files {
            let opened = self.raw.open(landed).await.expect("it was kept");
            let lines = tokio::task::spawn_blocking(move || {
                let lines = BufReader::new(opened).lines();
                lines
                    .collect::<Result<Vec<_>, _>>()
                    .expect("it can be read")
            });
            let lines = lines.await.expect("it ends");
            let objects = lines.iter().map(|line| serde_json::from_str(line));
            rows.extend(objects.map(|object: Result<Value, _>| object.expect("an object")));
        }
        rows
    }

    async fn ids(&self, fetched: &Fetched) -> Vec<u32> {
        let rows = self.rows(fetched).await;
        let id = |row: &Value| row["id"].as_str().and_then(|id| id.parse().ok());
        rows.iter().map(|row| id(row).expect("a number")).collect()
    }
}

/// A source with this exchange table.
fn source(more: &str) -> Source {
    let catalogue = Catalogue::load(None).expect("our own catalogue is good");
    let mut source = catalogue.sources["court_debtors"].clone();
    let table = if more.starts_with("table =") {
        ""
    } else {
        "table = \"t_xzcf\""
    };
    let exchange = toml::from_str(&format!("{table}\n{more}"));
    source.exchange = vec![exchange.expect("a description")];
    source
}

async fn on_all(test: impl AsyncFn(Foreign)) {
    foreign::on_all(async |database| test(Foreign::on(database).await).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_come_as_they_are_and_again_without_harm() {
    on_all(async |mut foreign| {
        foreign.source = source("batch_rows = 2");
        assert_eq!(foreign.fetched(&BTreeMap::new()).await.files, []);
        let bytes = match foreign.kind {
            Kind::Postgres => ("'\\x00ff'", "\\x00ff"),
            Kind::MySql | Kind::Sqlite => ("x'00ff'", "00FF"),
        };
        let text = "他说：\"不\"，it''s \n𠮷";
        foreign
            .run(&format!(
                "INSERT INTO t_xzcf VALUES \
                 (2, 'U', '2026-11-20 08:00:01', '0', '{text}', 12345.65, '2026-03-04', {}), \
                 (9007199254740993, 'D', '2026-11-20 08:00:01', '1', '', -0.25, NULL, NULL), \
                 (1, 'I', '2026-11-20 08:00:00', NULL, NULL, NULL, NULL, NULL)",
                bytes.0
            ))
            .await;
        let first = foreign.fetched(&BTreeMap::new()).await;
        let expected = vec![
            json!({ "id": "1", "opt_type": "I", "cd_time": "2026-11-20 08:00:00", "env_flag": null,
                    "nr": null, "je": null, "rq": null, "seal": null }),
            json!({ "id": "2", "opt_type": "U", "cd_time": "2026-11-20 08:00:01", "env_flag": "0",
                    "nr": text.replace("''", "'"), "je": "12345.65", "rq": "2026-03-04",
                    "seal": bytes.1 }),
            json!({ "id": "9007199254740993", "opt_type": "D", "cd_time": "2026-11-20 08:00:01",
                    "env_flag": "1", "nr": "", "je": "-0.25", "rq": null, "seal": null }),
        ];
        assert_eq!(foreign.rows(&first).await, expected, "{:?}", foreign.kind);
        assert_eq!(first.files.len(), 2);
        let name = "t_xzcf rows 2026-11-20 08:00:00/1 to 2026-11-20 08:00:01/2";
        assert_eq!(first.files[0].name, name);
        let mark = "2026-11-20 08:00:01\t9007199254740993";
        assert_eq!(first.checkpoints["t_xzcf"], mark);

        let again = foreign.fetched(&first.checkpoints).await;
        assert_eq!(again.files, first.files, "the same bytes are kept once");
        assert_eq!(again.checkpoints, first.checkpoints);

        foreign.source = source("columns = [\"nr\", \"opt_type\"]\nlate_minutes = 0");
        foreign.put(3, "2026-11-20 08:30:00").await;
        let new = foreign.fetched(&again.checkpoints).await;
        let new = foreign.rows(&new).await;
        let row =
            json!({ "nr": null, "opt_type": "I", "cd_time": "2026-11-20 08:30:00", "id": "3" });
        assert_eq!(new.last(), Some(&row));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_appear_late_are_found() {
    on_all(async |mut foreign| {
        foreign.put(10, "2026-11-20 08:00:00").await;
        let first = foreign.fetched(&BTreeMap::new()).await;
        foreign.put(4, "2026-11-20 07:30:00").await;
        foreign.put(5, "2026-11-20 06:30:00").await;
        let second = foreign.fetched(&first.checkpoints).await;
        assert_eq!(foreign.ids(&second).await, [4, 10]);
        assert_eq!(second.checkpoints, first.checkpoints);
        foreign.source = source("late_minutes = 120");
        let third = foreign.fetched(&second.checkpoints).await;
        assert_eq!(foreign.ids(&third).await, [5, 4, 10]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_times_at_the_border_of_a_batch_or_a_run_lose_nothing() {
    on_all(async |mut foreign| {
        let all: Vec<u32> = (1..=25).collect();
        let rows = all
            .iter()
            .map(|id| format!("({id}, '2026-11-20 08:00:00')"));
        let rows = rows.collect::<Vec<_>>().join(", ");
        foreign
            .run(&format!("INSERT INTO t_xzcf (id, cd_time) VALUES {rows}"))
            .await;
        foreign.source = source("batch_rows = 4");
        let whole = foreign.fetched(&BTreeMap::new()).await;
        assert_eq!(
            (foreign.ids(&whole).await, whole.files.len()),
            (all.clone(), 7)
        );
        assert_eq!(whole.warnings, Vec::<String>::new());

        foreign.source = source("batch_rows = 4\nrows_max = 9");
        let mut before = BTreeMap::new();
        let mut seen = BTreeSet::new();
        for warnings in [1, 1, 0] {
            let part = foreign.fetched(&before).await;
            assert_eq!(part.warnings.len(), warnings, "{:?}", part.warnings);
            seen.extend(foreign.ids(&part).await);
            before = part.checkpoints;
        }
        assert!(seen.iter().eq(&all), "{seen:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_that_is_still_to_come_does_not_move_the_watermark() {
    on_all(async |foreign| {
        foreign.put(1, "2026-11-20 08:59:00").await;
        foreign.put(2, "2026-11-20 09:09:00").await;
        foreign.put(3, "2026-11-20 09:11:00").await;
        foreign.put(4, "2099-01-01 00:00:00").await;
        let first = foreign.fetched(&BTreeMap::new()).await;
        assert_eq!(foreign.ids(&first).await, [1, 2, 3, 4]);
        assert_eq!(first.checkpoints["t_xzcf"], "2026-11-20 09:09:00\t2");
        foreign.put(5, "2026-11-20 09:10:30").await;
        let second = foreign.fetched(&first.checkpoints).await;
        assert_eq!(foreign.ids(&second).await, [1, 2, 5, 3, 4]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watermark_that_stands_still_is_no_progress() {
    on_all(async |mut foreign| {
        for id in 1..=12 {
            foreign.put(id, "2099-01-01 00:00:00").await;
        }
        let limit = "batch_rows = 4\nrows_max = 9";
        foreign.source = source(limit);
        let stuck = async |foreign: &Foreign, before: &Checkpoints| {
            let error = foreign.fetch(before).await.expect_err("it stands still");
            error.to_string()
        };
        let told = stuck(&foreign, &BTreeMap::new()).await;
        assert!(told.contains("does not move on"), "{told}");

        // Neither does it go on from where it stood before.
        foreign.source = source("");
        foreign.put(13, "2026-11-20 08:00:00").await;
        let before = foreign.fetched(&BTreeMap::new()).await.checkpoints;
        assert_eq!(before["t_xzcf"], "2026-11-20 08:00:00\t13");
        foreign.source = source(limit);
        let told = stuck(&foreign, &before).await;
        assert!(told.contains("\"13\""), "{told}");

        // Less than the limit stands ahead: all of it comes, again and again, and that is well.
        foreign.run("DELETE FROM t_xzcf WHERE id < 6").await;
        let fetched = foreign.fetched(&before).await;
        assert_eq!(fetched.checkpoints, before);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_without_a_time_are_told() {
    on_all(async |foreign| {
        foreign.put(1, "2026-11-20 08:00:00").await;
        foreign.run("INSERT INTO t_xzcf (id) VALUES (2), (3)").await;
        let fetched = foreign.fetched(&BTreeMap::new()).await;
        assert_eq!(foreign.ids(&fetched).await, [1]);
        assert_eq!(
            fetched.warnings,
            ["table t_xzcf: 2 rows without cd_time or id are not read"]
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn feedback_is_told_once() {
    on_all(async |mut foreign| {
        foreign.run(FEEDBACK).await;
        let names = "[feedback]\ntable = \"t_fk\"\nid = \"xh\"\nrun = \"pc\"\nstate = \"zt\"\n\
                     ok = \"0\"\nrefused = \"1\"\nreason = \"yy\"\ntime = \"sj\"\nreason_chars = 9\n";
        let row = |id: &str, ok, reason: &str| Feedback {
            row_id: id.to_owned(),
            ok,
            reason: reason.to_owned(),
        };
        let rows = [
            row("7", false, "统一社会信用代码'的校验码不对"),
            row("8", true, ""),
            row("9", false, "x"),
        ];
        let tell = async |foreign: &Foreign, run: &str| {
            let (place, exchange) = (&foreign.place, &foreign.source.exchange[0]);
            write_feedback(place, exchange, run, &rows, moment(TODAY)).await
        };
        let text = match foreign.kind {
            Kind::MySql => "CONCAT_WS(' ', xh, pc, zt, yy, sj)",
            _ => "xh || ' ' || pc || ' ' || zt || ' ' || yy || ' ' || sj",
        };
        let told = format!("SELECT {text} FROM t_fk ORDER BY pc, xh");

        assert_eq!(tell(&foreign, "1").await.expect("nothing is wanted"), 0);
        foreign.source = source(names);
        assert_eq!(tell(&foreign, "1").await.expect("it takes them"), 2);
        assert_eq!(tell(&foreign, "1").await.expect("it has them"), 0);
        foreign.source = source(&format!("{names}accepted = true"));
        assert_eq!(tell(&foreign, "1").await.expect("one is new"), 1);
        assert_eq!(tell(&foreign, "2").await.expect("another run"), 3);
        assert_eq!(
            foreign.texts(&told).await[..3],
            [
                "7 1 1 统一社会信用代码' 2026-11-20 09:00:00",
                "8 1 0  2026-11-20 09:00:00",
                "9 1 1 x 2026-11-20 09:00:00",
            ]
        );
        assert_eq!(foreign.texts(&told).await.len(), 6);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_said_without_the_password() {
    let wrong = "quite-another-word";
    on_all(async |mut foreign| {
        for (description, says) in [
            ("table = \"t_none\"", "no table t_none"),
            (
                "columns = [\"id\", \"nothing\"]",
                "no column nothing; it has id, opt_type",
            ),
            ("time = \"put_at\"", "no column put_at"),
        ] {
            foreign.source = source(description);
            let error = foreign.fetch(&BTreeMap::new()).await.expect_err(says);
            assert!(error.to_string().contains(says), "{error}");
        }
        foreign.source = source("");
        let good = foreign.place.url.clone().unwrap_or_default();
        let mut places = match foreign.kind {
            Kind::Sqlite => vec![(format!("{good}x"), "lets us not in")],
            Kind::Postgres => vec![
                (
                    format!("postgres://a:{wrong}@127.0.0.1:1/b"),
                    "127.0.0.1 lets us not in",
                ),
                (
                    format!("postgres://a:{wrong}@10.0.0.1/b"),
                    "none of the ranges",
                ),
                (
                    format!("postgres://a:{wrong}@127.0.0.1/b?sslmode={wrong}"),
                    "no postgres",
                ),
            ],
            Kind::MySql => vec![
                (
                    good.replace("//", &format!("//{USER}:{wrong}@")),
                    "Access denied",
                ),
                (
                    format!("mysql://a:{wrong}@127.0.0.1:1/b"),
                    "127.0.0.1 lets us not in",
                ),
            ],
        };
        places.push((
            format!("oracle://a:{wrong}@127.0.0.1/b"),
            "no postgres, mysql or sqlite",
        ));
        for (url, says) in places {
            foreign.place = Place {
                url: Some(url),
                allow: vec!["127.0.0.1".to_owned()],
                ..Place::default()
            };
            let error = foreign.fetch(&BTreeMap::new()).await.expect_err(says);
            let told = format!("{error} {error:?}");
            assert!(told.contains(says), "{says}: {told}");
            assert!(!told.contains(wrong), "{told}");
        }
    })
    .await;
}
