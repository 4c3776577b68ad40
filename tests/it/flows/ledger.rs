//! The ledger as a file, over HTTP and by the command line; and what another catalogue would move.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx, open_workbook_from_rs};
use serde_json::Value;

use super::{DEVELOPMENT, Story, order};
use crate::support::{CatalogueCopy, Db, on_both, rows, zhengxin};

async fn with_a_case(db: &Db) -> Story {
    let story = Story::on(db).await;
    let lead = story.lead().await;
    let to = format!(r#"to: "{}""#, story.id_of(DEVELOPMENT).await);
    let done = story
        .step(&story.authority, "transferClue", ("clueId", &lead), &to)
        .await;
    assert_eq!(done["__typename"], "TransferClueSuccess", "{done}");
    story
}

#[tokio::test]
async fn a_viewer_gets_what_he_sees_as_a_file_and_nobody_else_does() {
    on_both(async |db| {
        let story = with_a_case(&db).await;
        let base = story.hub.serve().await;
        let http = reqwest::Client::builder()
            .no_proxy()
            .build()
            .expect("a client");
        let get = async |token: Option<String>, path: &str| {
            let mut request = http.get(format!("{base}{path}"));
            if let Some(token) = token {
                request = request.bearer_auth(token);
            }
            let reply = request.send().await.expect("it answers");
            let status = reply.status().as_u16();
            (status, reply.bytes().await.expect("a body"))
        };
        let authority = || Some(story.token(&story.authority));
        let (status, csv) = get(authority(), "/export/ledger.csv?workflow=breach&open=true").await;
        assert_eq!(status, 200);
        let text = String::from_utf8(csv.to_vec()).expect("UTF-8");
        assert!(
            text.starts_with('\u{feff}') && text.contains("流程=breach；未办结=是"),
            "{text}"
        );
        assert!(
            text.contains("佛山市样例承诺局") && text.contains("已转交"),
            "{text}"
        );
        let (_, none) = get(authority(), "/export/ledger.csv?open=false").await;
        assert!(!String::from_utf8_lossy(&none).contains("佛山市样例承诺局"));
        let (status, xlsx) = get(authority(), "/export/ledger.xlsx").await;
        assert_eq!(status, 200);
        let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(xlsx)).expect("a workbook");
        let sheet = book.worksheet_range("台账").expect("its sheet");
        assert_eq!(sheet.height(), 2);
        assert_eq!(
            sheet.get_value((1, 3)),
            Some(&Data::String("佛山市样例承诺局".to_owned()))
        );
        assert!(book.worksheet_range("表头说明").is_ok());
        let (status, _) = get(None, "/export/ledger.csv").await;
        assert_eq!(status, 403);
        let stranger = super::Who(domain::viewer::Role::Authority, "440100", None);
        let (_, nothing) = get(Some(story.token(&stranger)), "/export/ledger.csv").await;
        assert!(!String::from_utf8_lossy(&nothing).contains("佛山市样例承诺局"));
        let (status, wrong) = get(authority(), "/export/ledger.csv?stages=X").await;
        assert_eq!(status, 400, "{}", String::from_utf8_lossy(&wrong));
    })
    .await;
}

#[tokio::test]
async fn cells_that_a_spreadsheet_would_run_are_texts() {
    let db = Db::sqlite();
    let story = Story::on(&db).await;
    let bodies = [crate::support::made::body(9, "=1+1局", "440600")];
    let register = crate::support::made::register(&bodies);
    story
        .hub
        .ingest("agency_register", &[("b.csv", &register)], |order| {
            order.partial = true
        })
        .await;
    let id = story.id_of("=1+1局").await;
    let asked = r#"dueOn: "2026-05-06", note: "说明""#;
    story
        .done(&story.congress, "openMatter", ("agencyId", &id), asked)
        .await;
    drop(story);
    let file = db.folder().join("ledger.csv");
    let ran = zhengxin([
        "ledger",
        "--file",
        &file.display().to_string(),
        "--workflow",
        "oversight",
        "-o",
        "json",
        "--database-url",
        &db.url(),
    ])
    .run()
    .ended(0);
    assert_eq!(ran.json()["cases"], 1);
    let text = std::fs::read_to_string(&file).expect("it is written");
    assert!(text.contains("'=1+1局"), "{text}");
}

#[tokio::test]
async fn another_list_says_whom_it_would_move_before_it_is_taken() {
    let db = Db::sqlite();
    let story = Story::on(&db).await;
    let listing =
        crate::support::made::court_jsonl(&[crate::support::made::listing(1, super::BUREAU)]);
    story
        .hub
        .ingest("court_debtors", &[("c.jsonl", &listing)], |_| {})
        .await;
    let orders = rows::file(&[order()]);
    story
        .hub
        .ingest("hotline", &[("o.csv", &orders)], |_| {})
        .await;
    drop(story);
    let copy = CatalogueCopy::make();
    let diff = || {
        let folder = copy.path().display().to_string();
        let ran = zhengxin([
            "catalogue",
            "diff",
            &folder,
            "-o",
            "jsonl",
            "--database-url",
            &db.url(),
        ]);
        ran.run().ended(0).out
    };
    assert_eq!(diff(), "", "the same catalogue moves nobody");
    let path = copy.path().join("lists/base.toml");
    let text = std::fs::read_to_string(&path).expect("the list");
    let text = text.replace(
        "title = \"被人民法院列入失信被执行人名单\"\n",
        "title = \"被人民法院列入失信被执行人名单\"\ntier = \"SERIOUS\"\n",
    );
    std::fs::write(&path, text).expect("the folder is ours");
    let told: Value = serde_json::from_str(diff().trim()).expect("one line");
    assert_eq!(told["item"], "court.judgment_debtor");
    assert_eq!(told["agency"], super::BUREAU);
    assert_eq!(
        told["changes"],
        serde_json::json!(["tier: none -> SERIOUS"])
    );
}
