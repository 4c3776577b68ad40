//! The ledger as a file, over HTTP and by the command line.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx, open_workbook_from_rs};

use super::{BUREAU, DEVELOPMENT, DIGEST, Story};
use crate::support::{Db, made, on_both, zhengxin};

/// Names of a filter, each with a value.
type Filter<'a> = Vec<(&'a str, &'a str)>;

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

/// What the hub answers to a request for a file: its status and the bytes.
async fn got(base: &str, token: Option<String>, path: &str) -> (u16, Vec<u8>) {
    let http = reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client");
    let mut request = http.get(format!("{base}{path}"));
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let reply = request.send().await.expect("it answers");
    let status = reply.status().as_u16();
    (status, reply.bytes().await.expect("a body").to_vec())
}

#[tokio::test]
async fn a_viewer_gets_what_he_sees_as_a_file_and_nobody_else_does() {
    on_both(async |db| {
        let story = with_a_case(&db).await;
        let base = story.hub.serve().await;
        let get = async |token: Option<String>, path: &str| got(&base, token, path).await;
        let authority = || Some(story.token(&story.authority));
        let (status, csv) = get(authority(), "/export/ledger.csv?workflow=breach&open=true").await;
        assert_eq!(status, 200);
        let text = String::from_utf8(csv).expect("UTF-8");
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
    let bodies = [made::body(9, "=1+1局", "440600")];
    let register = made::register(&bodies);
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
async fn all_that_is_due_in_a_case_stands_in_its_row() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let (_, case) = story.rectifying().await;
        story.hub.it_is("2026-05-10");
        let order = r#"dueOn: "2026-05-15", basis: "督办""#;
        let government = super::Who(domain::viewer::Role::Government, "440600", None);
        let the_case = ("caseId", case.as_str());
        story
            .done(&government, "issueSupervisionOrder", the_case, order)
            .await;
        let record = story.breach("2026-05-20", "GENERAL").await;
        let the_record = ("recordId", record.as_str());
        let objects = r#"note: "事实有误""#;
        story
            .done(&story.agency, "fileObjection", the_record, objects)
            .await;
        story.hub.it_is("2026-05-21");
        let apply = format!(r#"note: "已兑现", evidence: ["{DIGEST}"]"#);
        story
            .done(&story.agency, "applyForRepair", the_record, &apply)
            .await;
        let base = story.hub.serve().await;
        let token = story.token(&story.authority);
        let (status, csv) = got(&base, Some(token), "/export/ledger.csv").await;
        let text = String::from_utf8(csv).expect("UTF-8");
        assert_eq!(status, 200, "{text}");
        for due in [
            "整改1 2026-06-01；督办1 2026-05-15（逾期）",
            "异议 2026-05-22；修复 2026-06-04",
        ] {
            assert!(text.contains(&format!(",{due},")), "{due}: {text}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_day_that_may_still_move_is_told_as_one() {
    let db = Db::sqlite();
    let story = Story::on(&db).await;
    let record = story.breach("2026-12-24", "GENERAL").await;
    let objects = r#"note: "事实有误""#;
    story
        .done(
            &story.agency,
            "fileObjection",
            ("recordId", &record),
            objects,
        )
        .await;
    story.hub.it_is("2026-12-30");
    let apply = format!(r#"note: "已兑现", evidence: ["{DIGEST}"]"#);
    story
        .done(
            &story.agency,
            "applyForRepair",
            ("recordId", &record),
            &apply,
        )
        .await;
    let base = story.hub.serve().await;
    let token = story.token(&story.authority);
    let (_, csv) = got(&base, Some(token), "/export/ledger.csv").await;
    let text = String::from_utf8(csv).expect("UTF-8");
    assert!(
        text.contains("异议 2026-12-28（逾期）；修复 2027-01-"),
        "{text}"
    );
    assert!(text.contains("（暂定）"), "{text}");
}

#[tokio::test]
async fn cases_are_chosen_by_the_same_names_over_http_and_by_the_command_line() {
    on_both(async |db| {
        // A lead passed on on 2026-04-20, due by 2026-04-27; a record under objection from 2026-05-20 on.
        let story = with_a_case(&db).await;
        let record = story.breach("2026-05-20", "GENERAL").await;
        let objects = r#"note: "事实有误""#;
        story
            .done(
                &story.agency,
                "fileObjection",
                ("recordId", &record),
                objects,
            )
            .await;
        let development = made::uscc("11", "440600", 3).to_string();
        let bureau = story.bureau.to_string();
        let filters: Vec<(Filter<'_>, usize, &str)> = vec![
            (vec![], 2, "无"),
            (
                vec![("openedFrom", "2026-05-20")],
                1,
                "开始日期不早于2026-05-20",
            ),
            (
                vec![("openedFrom", "2026-05-21")],
                0,
                "开始日期不早于2026-05-21",
            ),
            (
                vec![("openedBefore", "2026-05-20")],
                1,
                "开始日期早于2026-05-20",
            ),
            (
                vec![("openedBefore", "2026-04-20")],
                0,
                "开始日期早于2026-04-20",
            ),
            (
                vec![("dueFrom", "2026-04-27")],
                1,
                "办理期限不早于2026-04-27",
            ),
            (
                vec![("dueFrom", "2026-04-28")],
                0,
                "办理期限不早于2026-04-28",
            ),
            (
                vec![("dueBefore", "2026-04-28")],
                1,
                "办理期限早于2026-04-28",
            ),
            (
                vec![("dueBefore", "2026-04-27")],
                0,
                "办理期限早于2026-04-27",
            ),
            (vec![("underObjection", "true")], 1, "异议未决=是"),
            (vec![("underObjection", "false")], 1, "异议未决=否"),
            (vec![("handler", &development)], 1, "承办单位="),
            (vec![("handler", &bureau)], 0, "承办单位="),
            (vec![("agency", &bureau)], 2, "单位="),
            (vec![("agency", &development)], 0, "单位="),
            (
                vec![
                    ("agency", &bureau),
                    ("underObjection", "true"),
                    ("openedBefore", "2026-05-20"),
                ],
                0,
                "异议未决=是；开始日期早于2026-05-20",
            ),
        ];
        let base = story.hub.serve().await;
        for (filter, count, words) in &filters {
            let query: Vec<String> = filter
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            let path = format!("/export/ledger.csv?{}", query.join("&"));
            let (status, csv) = got(&base, Some(story.token(&story.authority)), &path).await;
            let text = String::from_utf8(csv).expect("UTF-8");
            assert_eq!(status, 200, "{path}: {text}");
            let rows = text
                .lines()
                .filter(|line| line.contains(BUREAU) && !line.starts_with("筛选条件"));
            assert_eq!(rows.count(), *count, "{path}: {text}");
            assert!(text.contains(words), "{path}: {text}");
        }
        for wrong in [
            "dueBefore=tomorrow",
            "openedFrom=2026-02-30",
            "agency=123",
            "handler=",
            "underObjection=maybe",
            "reminded=x",
        ] {
            let path = format!("/export/ledger.csv?{wrong}");
            let (status, told) = got(&base, Some(story.token(&story.authority)), &path).await;
            let name = wrong.split('=').next().expect("a name");
            let told = String::from_utf8_lossy(&told).into_owned();
            assert_eq!(status, 400, "{told}");
            assert!(
                told.contains(name) || name == "reminded" && told.contains("dueBefore"),
                "{told}"
            );
        }
        drop(story);
        let file = db.folder().join("ledger.csv").display().to_string();
        for (filter, count, words) in &filters {
            let mut args = vec!["ledger".to_owned(), "--file".to_owned(), file.clone()];
            for (name, value) in filter {
                args.extend([format!("--{name}"), (*value).to_owned()]);
            }
            args.extend(["-o", "json", "--database-url"].map(str::to_owned));
            args.push(db.url());
            let told = zhengxin(&args).run().ended(0).json();
            assert_eq!(told["cases"], *count, "{args:?}");
            let text = std::fs::read_to_string(&file).expect("it is written");
            assert!(text.contains(words), "{text}");
        }
        let dashed = [
            "ledger",
            "--file",
            &file,
            "--under-objection",
            "--opened-from",
            "2026-05-20",
            "--due-before",
            "2026-05-01",
        ];
        let dashed = dashed
            .into_iter()
            .chain(["-o", "json", "--database-url"])
            .map(str::to_owned);
        let dashed: Vec<String> = dashed.chain([db.url()]).collect();
        assert_eq!(zhengxin(&dashed).run().ended(0).json()["cases"], 0);
        for wrong in [["--due-before", "tomorrow"], ["--agency", "123"]] {
            let ran = zhengxin(["ledger", "--file", &file].into_iter().chain(wrong))
                .run()
                .ended(2);
            assert!(ran.err.contains(wrong[0]), "{ran:#?}");
        }
    })
    .await;
}
