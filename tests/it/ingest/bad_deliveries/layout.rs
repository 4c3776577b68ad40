//! Files that lack a column, a row or a total, or are of another layout.

use domain::run::RunCounts;
use serde_json::json;

use super::{
    super::{COURT, REGISTER, done, refused, town},
    hub_with_list, is_refused, listings,
};
use crate::support::{made, on_both, state};

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
