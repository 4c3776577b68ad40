//! Files that end before their end.

use serde_json::json;

use super::{
    super::{COURT, REGISTER, hub_with_town, town},
    hub_with_list, is_refused, listings,
};
use crate::support::{Hub, made, on_both};

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
