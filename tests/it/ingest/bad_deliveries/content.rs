//! Files that are no text, hold nothing or tell of an error, one by one and beside good ones.

use serde_json::json;

use super::{
    super::{COURT, REGISTER, refused},
    hub_with_list, is_refused, listings,
};
use crate::support::{leftovers, made, on_both, state, zhengxin};

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
