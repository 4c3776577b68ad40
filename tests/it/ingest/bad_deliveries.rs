//! Deliveries that are bad as a whole: nothing is stored, and the report says why.

use domain::run::RunCounts;
use serde_json::json;

use super::{COURT, REGISTER, done, hub_with_town, refused, town};
use crate::support::{Db, Hub, leftovers, made, on_both, state, zhengxin};

/// Six listings, with names and duties that are all beyond ASCII.
fn listings() -> Vec<made::Listing> {
    (1..=6)
        .map(|id| made::listing(id, "佛山市禅城区样例局"))
        .collect()
}

/// A hub that knows the town and two listings of another time, which must still stand afterwards.
async fn hub_with_list(db: &Db) -> Hub {
    let hub = hub_with_town(db).await;
    let old = [
        made::listing(1, "佛山市禅城区样例局").duty("旧"),
        made::listing(90, "佛山市样例局"),
    ];
    let report = hub
        .ingest(COURT, &[("old.jsonl", &made::court_jsonl(&old))], |_| {})
        .await;
    done(
        &report,
        RunCounts {
            received: 2,
            stored: 2,
            ..RunCounts::default()
        },
    );
    hub.it_is("2026-11-21");
    hub
}

/// Brings a file in that must be refused, and leave the state as it was.
async fn is_refused(hub: &Hub, source: &str, name: &str, bytes: &[u8], says: &[&str]) {
    let before = state(hub).await;
    let report = hub.ingest(source, &[(name, bytes)], |_| {}).await;
    refused(&report, says);
    assert_eq!(state(hub).await, before, "{name} left something");
    assert_eq!(leftovers(hub).await, "", "{name} left something");
}

/// Some of a file's byte offsets, spread over all of it, with the last few.
fn offsets(length: usize, how_many: usize) -> Vec<usize> {
    let mut offsets: Vec<_> = (0..how_many)
        .map(|part| 1 + part * (length - 1) / how_many)
        .collect();
    offsets.extend(length.saturating_sub(8)..length);
    offsets.sort_unstable();
    offsets.dedup();
    offsets
}

#[tokio::test]
async fn a_json_document_cut_anywhere_is_refused() {
    on_both(async |db| {
        let hub = hub_with_list(&db).await;
        let page = made::court_page(&listings(), 6);
        for at in offsets(page.len(), 16) {
            is_refused(&hub, COURT, "page.json", &page[..at], &["page.json"]).await;
        }
        let pretty = format!("{:#}", json!({ "code": 0, "data": { "list": listings().iter().map(made::Listing::detail).collect::<Vec<_>>() } }));
        for at in offsets(pretty.len(), 8) {
            is_refused(&hub, COURT, "pretty.json", &pretty.as_bytes()[..at], &["pretty.json"]).await;
        }
        let report = hub.ingest(COURT, &[("page.json", &page)], |_| {}).await;
        assert_eq!(report.counts.received, 6, "whole, it goes in: {report:#?}");
    })
    .await;
}

#[tokio::test]
async fn a_workbook_cut_anywhere_is_refused() {
    on_both(async |db| {
        let hub = hub_with_list(&db).await;
        let whole = made::workbook(&made::court_platform(&listings()));
        for at in offsets(whole.len(), 40) {
            is_refused(&hub, COURT, "list.xlsx", &whole[..at], &["list.xlsx"]).await;
        }
        // Its start alone does not make a whole one of it either.
        let mut torn = whole.clone();
        let at = torn.len() / 2;
        torn.drain(at..at + 20);
        is_refused(
            &hub,
            COURT,
            "torn.xlsx",
            &torn,
            &["torn.xlsx", "cut off or damaged"],
        )
        .await;
        let report = hub.ingest(COURT, &[("list.xlsx", &whole)], |_| {}).await;
        assert_eq!(report.counts.received, 6, "whole, it goes in: {report:#?}");
    })
    .await;
}

#[tokio::test]
async fn json_lines_cut_inside_a_row_are_refused() {
    on_both(async |db| {
        let hub = hub_with_list(&db).await;
        let list = made::court_jsonl(&listings());
        let row_ends: Vec<_> = (0..list.len()).filter(|at| list[*at] == b'\n').collect();
        for at in offsets(list.len(), 24) {
            // Cut between two rows, or before a line's end, it is a shorter list, and nobody can tell.
            if row_ends.iter().any(|end| at == *end || at == end + 1) {
                continue;
            }
            is_refused(
                &hub,
                COURT,
                "list.jsonl",
                &list[..at],
                &["list.jsonl", "cut off"],
            )
            .await;
        }
    })
    .await;
}

#[tokio::test]
async fn csv_cut_inside_a_row_is_refused() {
    on_both(async |db| {
        let hub = hub_with_list(&db).await;
        let whole = made::court_platform(&listings());
        let text = std::str::from_utf8(&whole).expect("UTF-8");
        let last_row = text.trim_end().rfind('\n').expect("several lines") + 1;
        let row_before = text[..last_row - 1].rfind('\n').expect("several lines") + 1;
        let in_row = row_before + text[row_before..].find("人民法院").expect("a court");
        is_refused(
            &hub,
            COURT,
            "row.csv",
            &whole[..in_row],
            &["row.csv", "cut off"],
        )
        .await;
        is_refused(
            &hub,
            COURT,
            "character.csv",
            &whole[..in_row + 1],
            &["character.csv", "cut off"],
        )
        .await;
        is_refused(
            &hub,
            COURT,
            "character.csv",
            &whole[..in_row + 2],
            &["character.csv", "cut off"],
        )
        .await;
        is_refused(&hub, COURT, "headings.csv", &whole[..60], &["headings.csv"]).await;

        let quoted = made::court_platform(&[
            made::listing(1, "佛山市禅城区样例局").duty("付款，\n\"逾期\",另计")
        ]);
        let text = std::str::from_utf8(&quoted).expect("UTF-8");
        for inside in ["付款", "\n\"\"逾期", "\"逾期", "期\"\"", "\",另计", "另计"] {
            let at = text.find(inside).expect("it stands there");
            is_refused(
                &hub,
                COURT,
                "quoted.csv",
                &quoted[..at],
                &["quoted.csv", "cut off"],
            )
            .await;
        }
        // In the last cell no comma is missing: only the quotation mark tells.
        let to = (Some(&town()[1].uscc), "佛山市禅城区样例局");
        let basis = "样字〔2019〕1号,见附件";
        let last_cell =
            made::successions(&[((None, "佛山市甲样局"), to, "合并", "2019-03-01", basis)]);
        let text = std::str::from_utf8(&last_cell).expect("UTF-8");
        for inside in ["样字", "〔2019", ",见附件", "附件"] {
            let at = text.find(inside).expect("it stands there");
            is_refused(
                &hub,
                REGISTER,
                "successions.csv",
                &last_cell[..at],
                &["successions.csv", "cut off"],
            )
            .await;
        }
        // In the other charset, too.
        let gb = made::gb18030(&whole);
        let at = gb.len() - 60;
        for at in [at, at + 1] {
            is_refused(&hub, COURT, "gb18030.csv", &gb[..at], &["gb18030.csv"]).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_cut_register_is_refused() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let mut rows = town();
        rows.extend((10..20).map(|n| made::body(n, &format!("佛山市第{n}样例局"), "440600")));
        let whole = made::register(&rows);
        // Inside the last row, before its last comma.
        for back in [5, 14, 20, 40, 41, 42] {
            is_refused(
                &hub,
                REGISTER,
                "register.csv",
                &whole[..whole.len() - back],
                &["register.csv", "cut off"],
            )
            .await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_missing_column_or_another_layout_is_refused() {
    on_both(async |db| {
        let hub = hub_with_list(&db).await;
        let without = |file: Vec<u8>, heading: &str| {
            String::from_utf8(file)
                .expect("UTF-8")
                .replacen(heading, "其他", 1)
        };
        let register = without(made::register(&town()), "上级机构统一社会信用代码");
        is_refused(
            &hub,
            REGISTER,
            "register.csv",
            register.as_bytes(),
            &["register.csv", "上级机构统一社会信用代码"],
        )
        .await;
        let register = without(made::register(&town()), "机构名称");
        is_refused(
            &hub,
            REGISTER,
            "register.csv",
            register.as_bytes(),
            &["register.csv", "机构名称"],
        )
        .await;
        for column in ["zxfy", "zzjgdm", "bzxrmc", "fbrq"] {
            let platform = without(made::court_platform(&listings()), column);
            is_refused(
                &hub,
                COURT,
                "platform.csv",
                platform.as_bytes(),
                &["platform.csv", column],
            )
            .await;
        }
        let headings = "姓名,案由,日期\n甲某三,借款,2025-03-04\n";
        is_refused(
            &hub,
            COURT,
            "other.csv",
            headings.as_bytes(),
            &["other.csv", "none known"],
        )
        .await;
        is_refused(
            &hub,
            COURT,
            "register.csv",
            &made::register(&town()),
            &["register.csv"],
        )
        .await;
        let page =
            json!({ "code": 0, "data": { "rows": [made::listing(1, "佛山市样例局").detail()] } });
        is_refused(
            &hub,
            COURT,
            "page.json",
            format!("{page:#}").as_bytes(),
            &["page.json", "/data/list"],
        )
        .await;
        let renamed = String::from_utf8(made::court_jsonl(&listings()))
            .expect("UTF-8")
            .replace("\"iname\"", "\"name\"");
        is_refused(
            &hub,
            COURT,
            "renamed.jsonl",
            renamed.as_bytes(),
            &["renamed.jsonl", "iname"],
        )
        .await;
        let page = String::from_utf8(made::court_page(&listings(), 6))
            .expect("UTF-8")
            .replace("caseCode", "code");
        is_refused(
            &hub,
            COURT,
            "renamed.json",
            page.as_bytes(),
            &["renamed.json", "caseCode"],
        )
        .await;
    })
    .await;
}

#[tokio::test]
async fn a_list_whose_rows_all_lack_what_they_need_changes_nothing_and_says_so() {
    on_both(async |db| {
        let hub = hub_with_list(&db).await;
        let before = state(&hub).await;
        let list = String::from_utf8(made::court_jsonl(&listings()))
            .expect("UTF-8")
            .replace("publishDate", "publishedOn");
        let report = hub
            .ingest(COURT, &[("list.jsonl", list.as_bytes())], |order| {
                order.partial = true
            })
            .await;
        let says = format!("{report:?}");
        assert!(says.contains("publishDate"), "{report:#?}");
        assert_eq!(state(&hub).await, before);
    })
    .await;
}

#[tokio::test]
async fn a_declared_total_that_does_not_come_is_refused() {
    on_both(async |db| {
        let hub = hub_with_list(&db).await;
        is_refused(
            &hub,
            COURT,
            "page.json",
            &made::court_page(&listings(), 7),
            &["7", "6"],
        )
        .await;
        is_refused(
            &hub,
            COURT,
            "page.json",
            &made::court_page(&listings(), 5),
            &["5", "6"],
        )
        .await;
        is_refused(&hub, COURT, "page.json", &made::court_page(&[], 3), &["3"]).await;

        // Pages of one list that disagree about it, and pages of which one is missing.
        let before = state(&hub).await;
        let files = |first: usize, second: usize| {
            [
                made::court_page(&listings()[..3], first),
                made::court_page(&listings()[3..], second),
            ]
        };
        for [one, two] in [files(6, 7), files(8, 8)] {
            let report = hub
                .ingest(COURT, &[("one.json", &one), ("two.json", &two)], |_| {})
                .await;
            refused(
                &report,
                &["total"].map(|word| {
                    if report
                        .message
                        .as_deref()
                        .is_some_and(|m| m.contains("declared"))
                    {
                        "declared"
                    } else {
                        word
                    }
                }),
            );
            assert_eq!(state(&hub).await, before);
        }
        let [one, two] = files(6, 6);
        let report = hub
            .ingest(COURT, &[("one.json", &one), ("two.json", &two)], |order| {
                order.partial = true
            })
            .await;
        done(
            &report,
            RunCounts {
                received: 6,
                stored: 6,
                ..RunCounts::default()
            },
        );
    })
    .await;
}

#[tokio::test]
async fn an_error_inside_an_answer_is_refused() {
    on_both(async |db| {
        let hub = hub_with_list(&db).await;
        let error = json!({ "code": 500, "msg": "系统繁忙", "data": { "total": 0, "list": [] } });
        let text = error.to_string();
        is_refused(
            &hub,
            REGISTER,
            "error.json",
            text.as_bytes(),
            &["500", "系统繁忙"],
        )
        .await;
    })
    .await;
}

#[tokio::test]
async fn what_is_no_text_or_nothing_at_all_is_refused() {
    on_both(async |db| {
        let hub = hub_with_list(&db).await;
        let list = String::from_utf8(made::court_jsonl(&listings())).expect("UTF-8");
        let units = list.encode_utf16().flat_map(u16::to_le_bytes);
        let mut wide = [0xFF, 0xFE].into_iter().chain(units).collect::<Vec<_>>();
        wide.pop();
        is_refused(&hub, COURT, "wide.jsonl", &wide, &["wide.jsonl", "cut off"]).await;
        is_refused(
            &hub,
            COURT,
            "utf32.jsonl",
            b"\xFF\xFE\0\0{\0\0\0",
            &["utf32.jsonl", "UTF-32"],
        )
        .await;
        is_refused(&hub, COURT, "empty.jsonl", b"", &["empty.jsonl", "empty"]).await;
        is_refused(
            &hub,
            COURT,
            "blank.csv",
            b"\xEF\xBB\xBF \r\n\n",
            &["blank.csv", "empty"],
        )
        .await;
        let workbook = [
            b"PK\x03\x04".as_slice(),
            &[20, 0, 6, 0, 8, 0, 0, 0, 33, 0],
            &[0xA7; 4_000],
        ]
        .concat();
        is_refused(&hub, COURT, "list.xlsx", &workbook, &["list.xlsx"]).await;
        is_refused(
            &hub,
            REGISTER,
            "register.xlsx",
            &workbook,
            &["register.xlsx"],
        )
        .await;
        let mut damaged = list.into_bytes();
        let at = damaged.len() / 2;
        damaged[at..at + 2].copy_from_slice(&[0xFF, 0xFF]);
        is_refused(
            &hub,
            COURT,
            "damaged.jsonl",
            &damaged,
            &["damaged.jsonl", "damaged"],
        )
        .await;
    })
    .await;
}

#[tokio::test]
async fn one_bad_file_of_several_refuses_the_delivery() {
    on_both(async |db| {
        let hub = hub_with_list(&db).await;
        let before = state(&hub).await;
        let list = made::court_jsonl(&listings());
        let files: [(&str, &[u8]); 2] = [
            ("good.jsonl", &list),
            ("cut.jsonl", &list[..list.len() - 40]),
        ];
        let report = hub.ingest(COURT, &files, |_| {}).await;
        refused(&report, &["cut.jsonl", "cut off"]);
        assert_eq!(report.counts.stored, 0, "{report:#?}");
        assert_eq!(state(&hub).await, before);
        assert_eq!(leftovers(&hub).await, "");
    })
    .await;
}

#[tokio::test]
async fn a_big_file_that_is_cut_at_its_end_is_taken_back_whole() {
    on_both(async |db| {
        let hub = hub_with_list(&db).await;
        // More than the batches that are written before the end is seen.
        let many: Vec<_> = (1..=3_500)
            .map(|id| made::listing(id, "佛山市禅城区样例局"))
            .collect();
        let list = made::court_jsonl(&many);
        is_refused(
            &hub,
            COURT,
            "list.jsonl",
            &list[..list.len() - 40],
            &["list.jsonl", "line 3500", "cut off"],
        )
        .await;
        assert_eq!(Hub::on(&db).await.told().await, hub.told().await);
    })
    .await;
}

#[tokio::test]
async fn the_command_line_ends_with_1_and_stores_nothing() {
    on_both(async |db| {
        let hub = hub_with_list(&db).await;
        let before = state(&hub).await;
        let page = made::court_page(&listings(), 6);
        let (url, data) = (db.url(), db.folder().display().to_string());
        for (name, bytes, says) in [
            ("cut.json", &page[..page.len() - 10], "cut off"),
            ("empty.json", b"".as_slice(), "empty"),
            ("utf32.json", b"\xFF\xFE\0\0[\0\0\0".as_slice(), "UTF-32"),
        ] {
            let file = db.file(name, bytes).display().to_string();
            let ran = zhengxin([
                "ingest",
                COURT,
                "--file",
                &file,
                "--database-url",
                &url,
                "--data",
                &data,
            ])
            .run()
            .ended(1);
            let told = format!("{}{}", ran.out, ran.err);
            assert!(told.contains(says) && told.contains(name), "{ran:#?}");
            assert!(!told.contains("panicked"), "{ran:#?}");
            assert_eq!(state(&hub).await, before, "{name}");
        }
    })
    .await;
}
