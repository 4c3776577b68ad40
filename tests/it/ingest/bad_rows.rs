//! Rows that can't be read: told with their place, and the rest goes in.

use domain::run::{RunCounts, RunState};
use zhengxin::ingest::Report;

use super::{COURT, REGISTER, hub_with_town, town};
use crate::support::{Hub, made, on_both, rows, zhengxin};

/// The rejected rows as `file:line column`.
fn places(report: &Report) -> Vec<String> {
    let place = |reject: &zhengxin::store::Reject| {
        format!(
            "{}:{} {}",
            reject.file,
            reject.line,
            reject.column.as_deref().unwrap_or("-")
        )
    };
    report.rejects.iter().map(place).collect()
}

#[track_caller]
fn partly(report: &Report, counts: RunCounts) {
    assert_eq!(
        (report.outcome, report.counts),
        (Some(RunState::Partly), counts),
        "{report:#?}"
    );
    assert_eq!(
        report.rejects.len() as i64,
        report.counts.rejected,
        "{report:#?}"
    );
    assert!(
        report
            .rejects
            .iter()
            .all(|reject| reject.reason.chars().count() > 5),
        "{report:#?}"
    );
}

#[tokio::test]
async fn bad_rows_of_the_register_are_rejected_with_file_line_column_and_reason() {
    on_both(async |db| {
        let hub = Hub::on(&db).await;
        let body = |n: u32| made::body(n, &format!("佛山市第{n}样例局"), "440600");
        let rows = vec![
            body(1),
            body(2).with("成立日期", "2019-02-30"),
            body(3).with("统一社会信用代码", &made::broken(&body(3).uscc)),
            body(4).with("机构名称", &"长".repeat(201)),
            body(5).with("行政区划代码", "449999"),
            body(6).with("机构名称", ""),
            body(7).with("上级机构统一社会信用代码", &made::broken(&body(1).uscc)),
            body(8).with("统一社会信用代码", &body(8).uscc.as_str()[..17]),
            body(9).with("撤销日期", "1999-01-01"),
            body(10),
        ];
        let report = hub
            .ingest(
                REGISTER,
                &[("register.csv", &made::register(&rows))],
                |_| {},
            )
            .await;
        partly(
            &report,
            RunCounts {
                received: 10,
                stored: 2,
                rejected: 8,
                ..RunCounts::default()
            },
        );
        assert_eq!(
            places(&report),
            [
                "register.csv:3 成立日期",
                "register.csv:4 统一社会信用代码",
                "register.csv:5 机构名称",
                "register.csv:6 行政区划代码",
                "register.csv:7 机构名称",
                "register.csv:8 上级机构统一社会信用代码",
                "register.csv:9 统一社会信用代码",
                "register.csv:10 撤销日期",
            ]
        );
        assert!(
            report.rejects[0].reason.contains("2019-02-30"),
            "{:?}",
            report.rejects[0]
        );
        assert!(
            report.rejects[2].reason.contains("201") && report.rejects[2].reason.contains("200"),
            "{:?}",
            report.rejects[2]
        );
        assert!(
            report.rejects[3].reason.contains("449999"),
            "{:?}",
            report.rejects[3]
        );
        let data = hub
            .data(Some(&hub.everything()), "{ agencies { totalCount } }")
            .await;
        assert_eq!(data["agencies"]["totalCount"], 2);
    })
    .await;
}

#[tokio::test]
async fn bad_succession_events_are_rejected() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let to = (Some(&town()[1].uscc), "佛山市禅城区样例局");
        let file = made::successions(&[
            ((None, "佛山市甲样局"), to, "合并", "2019-03-01", ""),
            ((None, "佛山市乙样局"), to, "兼并", "2019-03-01", ""),
            ((None, "佛山市丙样局"), to, "合并", "2019-13-01", ""),
            ((None, ""), to, "合并", "2019-03-01", ""),
            ((None, "佛山市丁样局"), (None, ""), "合并", "2019-03-01", ""),
            ((None, "佛山市戊样局"), (None, ""), "撤销", "2019-03-01", ""),
        ]);
        let report = hub
            .ingest(REGISTER, &[("successions.csv", &file)], |_| {})
            .await;
        partly(
            &report,
            RunCounts {
                received: 6,
                stored: 2,
                rejected: 4,
                ..RunCounts::default()
            },
        );
        assert_eq!(
            places(&report),
            [
                "successions.csv:3 变更类型",
                "successions.csv:4 生效日期",
                "successions.csv:5 前身名称",
                "successions.csv:6 后继名称",
            ]
        );
        assert!(
            report.rejects[0].reason.contains("兼并") && report.rejects[0].reason.contains("合并"),
            "{:?}",
            report.rejects[0]
        );
    })
    .await;
}

#[tokio::test]
async fn bad_rows_of_the_court_list_are_rejected_and_the_rest_goes_in() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let one = |id| made::listing(id, "佛山市禅城区样例局");
        let listings = [
            one(1),
            one(2).published("2025年02月30日"),
            one(3).performance("不履行"),
            one(4).case("没有案号"),
            made::listing(5, &format!("佛山市{}局", "样".repeat(200))),
            one(6).published(""),
            one(7),
        ];
        let report = hub
            .ingest(
                COURT,
                &[("list.jsonl", &made::court_jsonl(&listings))],
                |_| {},
            )
            .await;
        partly(
            &report,
            RunCounts {
                received: 7,
                stored: 2,
                rejected: 5,
                ..RunCounts::default()
            },
        );
        assert_eq!(
            places(&report),
            [
                "list.jsonl:2 publishDate",
                "list.jsonl:3 performance",
                "list.jsonl:4 caseCode",
                "list.jsonl:5 iname",
                "list.jsonl:6 publishDate",
            ]
        );
        assert_eq!(hub.records().await.len(), 2);

        // The same in the other forms, each under its own columns.
        let report = hub
            .ingest(
                COURT,
                &[("page.json", &made::court_page(&listings, 7))],
                |_| {},
            )
            .await;
        partly(
            &report,
            RunCounts {
                received: 7,
                unchanged: 2,
                rejected: 5,
                ..RunCounts::default()
            },
        );
        let report = hub
            .ingest(
                COURT,
                &[("platform.csv", &made::court_platform(&listings))],
                |_| {},
            )
            .await;
        assert_eq!(report.counts.rejected, 5, "{report:#?}");
        assert_eq!(
            places(&report),
            [
                "platform.csv:3 fbrq",
                "platform.csv:4 bzxrlxqk",
                "platform.csv:5 ah",
                "platform.csv:6 bzxrmc",
                "platform.csv:7 fbrq",
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn lines_that_can_not_be_taken_apart_are_rejected_by_their_number() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let mut lines: Vec<_> = (1..=4)
            .map(|id| made::listing(id, "佛山市禅城区样例局").detail().to_string())
            .collect();
        lines[1] = lines[1].chars().take(40).collect();
        lines[2] = "[1, 2]".to_owned();
        let list = lines.join("\n") + "\n";
        let report = hub
            .ingest(COURT, &[("list.jsonl", list.as_bytes())], |_| {})
            .await;
        partly(
            &report,
            RunCounts {
                received: 4,
                stored: 2,
                rejected: 2,
                ..RunCounts::default()
            },
        );
        assert_eq!(places(&report), ["list.jsonl:2 -", "list.jsonl:3 -"]);

        // Also where the first line is none: a value with rows behind it is no document.
        for first in ["17", "\"x\"", "[]", "true"] {
            let rows = (5..=6).map(|id| made::listing(id, "佛山市禅城区样例局"));
            let rows: Vec<_> = rows.map(|row| row.detail().to_string()).collect();
            let list = format!("{first}\n{}\n", rows.join("\n"));
            let report = hub
                .ingest(COURT, &[("list.jsonl", list.as_bytes())], |order| {
                    order.partial = true
                })
                .await;
            assert_eq!(places(&report), ["list.jsonl:1 -"], "{first}");
        }

        let csv = String::from_utf8(made::court_platform(
            &(1..=4)
                .map(|id| made::listing(id, "佛山市南海区样例局"))
                .collect::<Vec<_>>(),
        ))
        .expect("UTF-8");
        let mut lines: Vec<_> = csv.lines().map(str::to_owned).collect();
        lines[2] = lines[2].chars().take(30).collect();
        lines[3].push_str(",多余");
        let report = hub
            .ingest(
                COURT,
                &[("platform.csv", (lines.join("\n") + "\n").as_bytes())],
                |order| order.partial = true,
            )
            .await;
        partly(
            &report,
            RunCounts {
                received: 4,
                stored: 2,
                rejected: 2,
                ..RunCounts::default()
            },
        );
        assert_eq!(places(&report), ["platform.csv:3 -", "platform.csv:4 -"]);
    })
    .await;
}

#[tokio::test]
async fn a_first_row_that_says_too_little_is_rejected_like_any_other() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let list = made::court_jsonl(&[
            made::listing(1, "佛山市禅城区样例局").case(""),
            made::listing(2, "佛山市禅城区样例局"),
        ]);
        let report = hub.ingest(COURT, &[("list.jsonl", &list)], |_| {}).await;
        partly(
            &report,
            RunCounts {
                received: 2,
                stored: 1,
                rejected: 1,
                ..RunCounts::default()
            },
        );
        assert_eq!(places(&report), ["list.jsonl:1 caseCode"]);
    })
    .await;
}

#[tokio::test]
async fn amounts_and_measurements_below_zero_are_rejected() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let indicators = [("1", "95.5"), ("2", "-0.5"), ("3", "-0"), ("4", "0")].map(|(number, value)| {
            format!("{number},佛山市禅城区样例局,,诚信培训,样例培训,{value},2026-01-01,2026-06-30,,样例厅,有效,I\n")
        });
        let told = format!(
            "zbbh,ztmc,tyshxydm,zblx,zbmc,zbz,tjqq,tjqz,zbyj,tgdw,zt,opt_type\n{}",
            indicators.concat()
        );
        let amounts = ["0", "-0.01", "12.5"];
        let breaches: Vec<_> = (1..)
            .zip(amounts)
            .map(|(n, amount)| rows::breach(n, "佛山市禅城区样例局").with("je", amount))
            .collect();
        for (file, received, rejected) in [
            (told.into_bytes(), 4, ["rows.csv:3 zbz"]),
            (rows::file(&breaches), 3, ["rows.csv:3 je"]),
        ] {
            hub.it_is("2026-11-20");
            let report = hub.ingest("credit_platform", &[("rows.csv", &file)], |_| {}).await;
            assert_eq!(places(&report), rejected, "{report:#?}");
            assert_eq!(report.counts.received, received, "{report:#?}");
            assert_eq!(report.counts.stored, received - 1, "{report:#?}");
            assert!(report.rejects[0].reason.contains("-0."), "{report:#?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_stray_quotation_mark_costs_its_own_row_at_most() {
    on_both(async |db| {
        let hub = Hub::on(&db).await;
        let file = String::from_utf8(made::register(&town())).expect("UTF-8");
        // As those write it who have never heard of quoting: it is read as it stands.
        let file = file.replace("佛山市禅城区旧样局", "佛山市5\"样局");
        let report = hub
            .ingest(REGISTER, &[("register.csv", file.as_bytes())], |_| {})
            .await;
        assert_eq!(report.counts.received, 4, "{report:#?}");
        assert!(report.counts.stored >= 3, "{report:#?}");
    })
    .await;
}

#[tokio::test]
async fn the_command_line_tells_rejected_rows_and_ends_with_5() {
    on_both(async |db| {
        let bodies = [
            made::body(1, "佛山市样例局", "440600"),
            made::body(2, "佛山市次样局", "440600").with("成立日期", "2019-02-30"),
        ];
        let file = db.file("register.csv", &made::register(&bodies));
        let arguments = [
            "ingest",
            REGISTER,
            "--database-url",
            &db.url(),
            "--data",
            &db.folder().display().to_string(),
            "--file",
            &file.display().to_string(),
        ]
        .map(str::to_owned);
        let ran = zhengxin(
            arguments
                .iter()
                .chain(&["-o".to_owned(), "json".to_owned()]),
        )
        .run()
        .ended(5);
        let report = ran.json();
        for (count, rows) in [
            ("received", 2),
            ("stored", 1),
            ("unchanged", 0),
            ("rejected", 1),
            ("unresolved", 0),
            ("withdrawn", 0),
        ] {
            assert_eq!(report[count], rows, "{count} in {report:#}");
        }
        assert_eq!(report["rejects"][0]["file"], "register.csv");
        assert_eq!(report["rejects"][0]["line"], 3);
        assert_eq!(report["rejects"][0]["column"], "成立日期");
        assert!(
            report["rejects"][0]["reason"]
                .as_str()
                .is_some_and(|reason| reason.contains("2019-02-30"))
        );

        let table = zhengxin(&arguments).run().ended(5).out;
        assert!(
            table.contains("register.csv, line 3, column 成立日期: "),
            "{table}"
        );
    })
    .await;
}
