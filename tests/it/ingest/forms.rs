//! Charsets and file forms.

use std::fmt::Write as _;

use domain::run::RunCounts;
use serde_json::{Value, json};

use super::{COURT, REGISTER, done, hub_with_town, town};
use crate::support::{Hub, count, made, on_both, state};

/// The register as rows under the file's headings.
fn register_objects() -> Vec<Value> {
    let object = |body: &made::Body| -> Value {
        let headings = zhengxin::demo::files::REGISTER.map(str::to_owned);
        headings
            .into_iter()
            .zip(body.cells.clone().map(Value::from))
            .collect()
    };
    town().iter().map(object).collect()
}

#[tokio::test]
async fn the_register_is_the_same_in_each_charset_and_form() {
    on_both(async |db| {
        let csv = made::register(&town());
        let rows = register_objects();
        let mut lines = String::new();
        for row in &rows {
            let _ = writeln!(lines, "{row}");
        }
        let envelope = json!({ "code": 0, "msg": "", "data": { "total": 4, "list": rows } });
        let windows = String::from_utf8(csv.clone())
            .expect("UTF-8")
            .replace('\n', "\r\n");
        let files: Vec<(&str, Vec<u8>, &str)> = vec![
            ("utf-8.csv", csv.clone(), "UTF-8"),
            ("bom.csv", made::with_bom(&csv), "UTF-8 with BOM"),
            ("gb18030.csv", made::gb18030(&csv), "GB18030"),
            ("windows.csv", windows.into_bytes(), "UTF-8"),
            (
                "list.json",
                Value::from(rows.clone()).to_string().into_bytes(),
                "UTF-8",
            ),
            (
                "pretty.json",
                format!("{:#}", Value::from(rows)).into_bytes(),
                "UTF-8",
            ),
            ("envelope.json", envelope.to_string().into_bytes(), "UTF-8"),
            (
                "bom.json",
                made::with_bom(envelope.to_string().as_bytes()),
                "UTF-8 with BOM",
            ),
            (
                "gb18030.json",
                made::gb18030(envelope.to_string().as_bytes()),
                "GB18030",
            ),
            ("lines.jsonl", lines.clone().into_bytes(), "UTF-8"),
            (
                "bom.jsonl",
                made::with_bom(lines.as_bytes()),
                "UTF-8 with BOM",
            ),
            ("gb18030.jsonl", made::gb18030(lines.as_bytes()), "GB18030"),
            (
                "unterminated.jsonl",
                lines.trim_end().as_bytes().to_vec(),
                "UTF-8",
            ),
            (
                "blank lines.jsonl",
                format!("\n\n{}\n", lines.replace('\n', "\n\n")).into_bytes(),
                "UTF-8",
            ),
        ];
        let mut first = None;
        for (name, bytes, charset) in files {
            let db = db.another();
            let hub = Hub::on(&db).await;
            let report = hub.ingest(REGISTER, &[(name, &bytes)], |_| {}).await;
            done(
                &report,
                RunCounts {
                    received: 4,
                    stored: 4,
                    ..RunCounts::default()
                },
            );
            let known = state(&hub).await;
            assert!(known.contains("佛山市禅城区旧样局"), "{name}: {known}");
            assert_eq!(&known, first.get_or_insert_with(|| known.clone()), "{name}");
            let sql = format!("SELECT COUNT(*) FROM run_file WHERE charset = '{charset}'");
            assert_eq!(
                count(&hub, &sql).await,
                1,
                "{name} is taken for another charset"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn the_court_list_is_the_same_in_each_charset() {
    on_both(async |db| {
        let list = made::court_jsonl(&[
            made::listing(1, "佛山市禅城区样例局"),
            made::listing(2, "佛山市南海区样例局").code(town()[2].uscc),
        ]);
        let mut first = None;
        for (name, bytes) in [
            ("utf-8.jsonl", list.clone()),
            ("bom.jsonl", made::with_bom(&list)),
            ("gb18030.jsonl", made::gb18030(&list)),
        ] {
            let db = db.another();
            let hub = hub_with_town(&db).await;
            let report = hub.ingest(COURT, &[(name, &bytes)], |_| {}).await;
            done(
                &report,
                RunCounts {
                    received: 2,
                    stored: 2,
                    ..RunCounts::default()
                },
            );
            let known = state(&hub).await;
            assert_eq!(&known, first.get_or_insert_with(|| known.clone()), "{name}");
        }
    })
    .await;
}

#[tokio::test]
async fn files_of_several_forms_and_charsets_are_one_delivery() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let files: [(&str, &[u8]); 3] = [
            (
                "page.json",
                &made::court_page(&[made::listing(1, "佛山市禅城区样例局")], 1),
            ),
            (
                "platform.csv",
                &made::gb18030(&made::court_platform(&[made::listing(
                    2,
                    "佛山市南海区样例局",
                )])),
            ),
            (
                "details.jsonl",
                &made::with_bom(&made::court_jsonl(&[made::listing(3, "佛山市样例局")])),
            ),
        ];
        // A page that declares a total declares that of its form: both detail files are of one form.
        let report = hub.ingest(COURT, &files[1..], |_| {}).await;
        done(
            &report,
            RunCounts {
                received: 2,
                stored: 2,
                ..RunCounts::default()
            },
        );
        let report = hub
            .ingest(COURT, &files[..2], |order| order.partial = true)
            .await;
        done(
            &report,
            RunCounts {
                received: 2,
                stored: 1,
                unchanged: 1,
                ..RunCounts::default()
            },
        );
        assert_eq!(hub.records().await.len(), 3);
    })
    .await;
}

#[tokio::test]
async fn dates_are_read_in_all_the_ways_in_which_they_are_written() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let ways = [
            "2025年03月04日",
            "2025-03-04",
            "20250304",
            "2025/3/4",
            "2025-03-04 00:00:00",
            "1741017600000",
        ];
        let listings: Vec<_> = (1..)
            .zip(ways)
            .map(|(id, way)| made::listing(id, "佛山市禅城区样例局").published(way))
            .collect();
        let mut list = made::court_jsonl(&listings);
        // As Java's Date is written where nobody looked after it.
        let mut row = made::listing(99, "佛山市禅城区样例局").detail();
        row["publishDate"] =
            json!({ "date": 4, "day": 2, "hours": 0, "month": 2, "year": 125, "time": 0 });
        list.extend(format!("{row}\n").bytes());
        let report = hub.ingest(COURT, &[("list.jsonl", &list)], |_| {}).await;
        done(
            &report,
            RunCounts {
                received: 7,
                stored: 7,
                ..RunCounts::default()
            },
        );
        assert_eq!(
            hub.records().await,
            vec!["佛山市禅城区样例局 ACTIVE 2025-03-04 -"; 7]
        );
    })
    .await;
}

#[tokio::test]
async fn a_quotation_mark_inside_a_cell_loses_nothing() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let listing =
            made::listing(1, "佛山市禅城区样例局").duty("支付 5\" 管材款，\n另付\"利息\"");
        let report = hub
            .ingest(
                COURT,
                &[("platform.csv", &made::court_platform(&[listing]))],
                |_| {},
            )
            .await;
        done(
            &report,
            RunCounts {
                received: 1,
                stored: 1,
                ..RunCounts::default()
            },
        );
        assert_eq!(
            crate::support::anywhere(&hub, "管材款，\\n另付").await,
            ["evidence.content"]
        );
    })
    .await;
}
