//! Lists that are pulled page by page: dialects of paging, and lists that are not whole.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use chrono::DateTime;
use reqwest::Url;
use serde_json::{Value, json};
use zhengxin::{
    catalogue::Source,
    clock::Clock,
    config::Place,
    egress::{Egress, Limits},
    sources::{Checkpoints, Fetched, Landing, PullError, RawStore, pull, service},
};

use crate::support::{Asked, Outside};

/// A source that is described by these lists.
fn source(pulls: &str) -> Source {
    let text = format!(
        r#"
        key = "made_up"
        title = "样例名单"
        publisher = "样例单位"
        cadence = "P1D"
        extent = "delta"
        bounds = {{ rows_min_share = 0.5, withdrawn_max_share = 0.5, slack_rows = 1, rows_max = 10, file_bytes_max = 20_000 }}
        envelope = {{ rows = ["/data/list"], total = ["/data/total"], code = "/code", success = ["0", "200", "0000", "true"] }}
        service = {{ requests_per_second = 1_000 }}
        {pulls}
        [[form]]
        name = "row"
        yields = "agency"
        told_by = ["id"]
        key = [["id"]]
        [form.fields]
        "#
    );
    toml::from_str(&text).expect("a description")
}

/// Pulls from a server at a given time, and gives what came with how it ended.
async fn pulled(
    server: &Outside,
    source: &Source,
    before: &Checkpoints,
) -> (Fetched, Result<(), PullError>) {
    let folder = tempfile::tempdir().expect("a folder");
    let raw = RawStore::in_folder(folder.path()).expect("a folder");
    let place = Place {
        url: Some(format!("{}/base/", server.url)),
        allow: vec!["127.0.0.1".to_owned()],
        ..Place::default()
    };
    let clock = Clock::of(|| DateTime::from_timestamp(1_700_000_000, 0).expect("a moment"));
    let egress = Egress::with(Limits {
        tries_max: 1,
        ..Limits::default()
    });
    let service = service(&egress, source, &place, &clock).expect("a place");
    let base = Url::parse(place.url.as_deref().expect("it has one")).expect("an address");
    let mut landing = Landing::new(&raw, ());
    let ended = pull(
        &service,
        &mut landing,
        &base,
        (source, &source.lists(&[]).expect("its own lists")),
        before,
        None,
        |_| {},
    )
    .await;
    (landing.fetched, ended)
}

async fn whole(server: &Outside, source: &Source) -> Fetched {
    let (fetched, ended) = pulled(server, source, &Checkpoints::new()).await;
    ended.expect("it is whole");
    fetched
}

async fn refused(server: &Outside, source: &Source) -> String {
    let (_, ended) = pulled(server, source, &Checkpoints::new()).await;
    ended.expect_err("it is not whole").to_string()
}

/// A page of rows with these numbers; the envelope tells the time, so that no two are alike.
fn page(ids: impl IntoIterator<Item = u64>, more: Value) -> Response<Body> {
    static TIME: AtomicUsize = AtomicUsize::new(0);
    let rows: Vec<Value> = ids.into_iter().map(|id| json!({"id": id})).collect();
    let mut data = json!({"list": rows});
    for (key, value) in more.as_object().expect("an object") {
        data[key] = value.clone();
    }
    let time = TIME.fetch_add(1, Ordering::SeqCst);
    json!({"code": 0, "time": time, "data": data})
        .to_string()
        .into_response()
}

fn number(asked: &Asked, name: &str) -> u64 {
    let text = asked.parameter(name).expect("it is asked for");
    text.parse().expect("a number")
}

const PAGED: &str = r#"
    [[pull]]
    path = "list"
    page = "pageNo"
    size = "pageSize"
    page_rows = 2
"#;

#[tokio::test]
async fn page_numbers_go_on_until_the_total_is_there() {
    let server = Outside::answering(|asked| {
        assert_eq!(asked.head.uri.path(), "/base/list");
        assert_eq!(number(&asked, "pageSize"), 2);
        let start = (number(&asked, "pageNo") - 1) * 2;
        page(start..(start + 2).min(5), json!({"total": "5"}))
    })
    .await;
    let fetched = whole(&server, &source(PAGED)).await;
    let names: Vec<&str> = fetched.files.iter().map(|file| &*file.name).collect();
    let expected = [1, 2, 3].map(|page| format!("made_up/list page {page}"));
    assert_eq!(names, expected);
    assert_eq!(server.asked(), 3);
}

#[tokio::test]
async fn offsets_go_on_by_the_rows_that_came() {
    let server = Outside::answering(|asked| {
        let start = number(&asked, "start");
        assert_eq!(number(&asked, "limit"), 10);
        // It gives fewer rows than are asked for, as some do.
        page(start..(start + 3).min(7), json!({"total": 7}))
    })
    .await;
    let offset = r#"
        [[pull]]
        path = ""
        style = "offset"
        page = "start"
        size = "limit"
        first_page = 0
        page_rows = 10
    "#;
    let fetched = whole(&server, &source(offset)).await;
    assert_eq!((fetched.files.len(), server.asked()), (3, 3));
    assert_eq!(fetched.files[2].name, "made_up page 3");
}

#[tokio::test]
async fn a_declared_number_of_pages_is_a_declaration_too() {
    let server = Outside::answering(|asked| {
        let number = number(&asked, "pageNo");
        page([number * 2, number * 2 + 1], json!({"pages": 2}))
    })
    .await;
    let pages = format!("{PAGED}\npages = \"/data/pages\"");
    whole(&server, &source(&pages)).await;
    assert_eq!(server.asked(), 2);
}

const CURSOR: &str = r#"
    [[pull]]
    path = "list"
    method = "post"
    style = "cursor"
    page = "after"
    page_rows = 2
    parameters = { table = "样例", kinds = [1, 2] }
    cursor = "/data/next"
"#;

#[tokio::test]
async fn cursors_are_followed_in_a_posted_body_until_there_is_none() {
    for end in [json!(null), json!("")] {
        let last = end.clone();
        let server = Outside::answering(move |asked| {
            assert_eq!(
                (asked.head.method.as_str(), asked.head.uri.query()),
                ("POST", None)
            );
            let body: Value = serde_json::from_slice(&asked.body).expect("a document");
            let mut expected = json!({"table": "样例", "kinds": [1, 2]});
            let next = match asked.before {
                0 => json!("b"),
                1 => json!(17),
                _ => last.clone(),
            };
            match asked.before {
                0 => {}
                1 => expected["after"] = json!("b"),
                _ => expected["after"] = json!("17"),
            }
            assert_eq!(body, expected);
            page([asked.before as u64], json!({"next": next}))
        })
        .await;
        assert_eq!(
            whole(&server, &source(CURSOR)).await.files.len(),
            3,
            "{end}"
        );
    }
}

#[tokio::test]
async fn only_what_changed_since_the_last_time_is_asked_for() {
    let asked_since = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&asked_since);
    let server = Outside::answering(move |asked| {
        noted
            .lock()
            .expect("nobody panics")
            .push(asked.parameter("publishFromDate"));
        page([1], json!({"total": 1}))
    })
    .await;
    let since = format!(
        "{PAGED}\nsince = {{ parameter = \"publishFromDate\", format = \"%Y-%m-%d %H:%M\" }}"
    );
    let source = source(&since);
    let first = whole(&server, &source).await;
    // It is 06:13 on 15 November in China; a day is left for rows that come late.
    let checkpoint = ("made_up/list".to_owned(), "2023-11-14 06:13".to_owned());
    assert_eq!(first.checkpoints, Checkpoints::from([checkpoint.clone()]));
    let (_, ended) = pulled(&server, &source, &first.checkpoints).await;
    ended.expect("it is whole");
    let asked = asked_since.lock().expect("nobody panics");
    assert_eq!(*asked, [None, Some(checkpoint.1)]);
}

#[tokio::test]
async fn a_list_that_fails_moves_no_checkpoint_and_keeps_what_came() {
    let server = Outside::answering(|asked| match asked.before {
        0 => page([1, 2], json!({"total": 4})),
        _ => "<html>请登录</html>".into_response(),
    })
    .await;
    let since = format!("{PAGED}\nsince = {{ parameter = \"from\", format = \"%s\" }}");
    let (fetched, ended) = pulled(&server, &source(&since), &Checkpoints::new()).await;
    let error = ended.expect_err("it is no page").to_string();
    assert!(error.contains("page 2 of made_up/list"), "{error}");
    assert_eq!((fetched.files.len(), fetched.checkpoints.len()), (2, 0));
}

#[tokio::test]
async fn a_list_that_declares_nothing_is_fetched_twice() {
    let steady = Outside::answering(|asked| {
        let number = number(&asked, "pageNo");
        page(
            number * 2..number * 2 + if number < 3 { 2 } else { 1 },
            json!({}),
        )
    })
    .await;
    let fetched = whole(&steady, &source(PAGED)).await;
    assert_eq!((fetched.files.len(), steady.asked()), (3, 6));
    let once = whole(&steady, &source(&format!("{PAGED}\ntwice = false"))).await;
    assert_eq!((once.files.len(), steady.asked()), (3, 9));

    // One row less on the last page, one more page, one page less.
    for (second, says) in [
        ([2, 2, 0], "page 3"),
        ([2, 2, 2], "page 3"),
        ([2, 1, 0], "page 2"),
    ] {
        let server = Outside::answering(move |asked| {
            let number = number(&asked, "pageNo");
            let rows = if asked.before < 3 { [2, 2, 1] } else { second };
            let count = rows.get(number as usize - 1).copied().unwrap_or(0);
            page(number * 2..number * 2 + count, json!({}))
        })
        .await;
        let error = refused(&server, &source(PAGED)).await;
        assert!(
            error.contains(says) && error.contains("another one"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_list_that_goes_round_in_a_circle_is_told() {
    let same = Outside::answering(|_| page([1, 2], json!({"total": 100}))).await;
    let error = refused(&same, &source(PAGED)).await;
    assert!(
        error.contains("page 2 of made_up/list") && error.contains("circle"),
        "{error}"
    );

    let cursors = Outside::answering(|asked| {
        let next = ["a", "b", "c", "b"][asked.before % 4];
        page([asked.before as u64], json!({"next": next}))
    })
    .await;
    let error = refused(&cursors, &source(CURSOR)).await;
    assert!(
        error.contains("page 4 of made_up/list") && error.contains("circle"),
        "{error}"
    );
    assert_eq!(cursors.asked(), 4);

    // Without rows nothing but the cursor tells.
    let empty = Outside::answering(|_| page([], json!({"next": "again"}))).await;
    let error = refused(&empty, &source(CURSOR)).await;
    assert!(error.contains("circle"), "{error}");
}

#[tokio::test]
async fn a_list_without_end_is_stopped_by_its_pages_and_by_its_bytes() {
    let endless = Outside::answering(|asked| {
        let number = number(&asked, "pageNo");
        page([number * 2, number * 2 + 1], json!({}))
    })
    .await;
    let error = refused(&endless, &source(&format!("{PAGED}\npages_max = 7"))).await;
    assert!(
        error.contains("made_up/list has more than 7 pages"),
        "{error}"
    );
    assert_eq!(endless.asked(), 7);
    let error = refused(&endless, &source(PAGED)).await;
    assert!(error.contains("more than 20000 bytes"), "{error}");
}

#[tokio::test]
async fn a_total_that_changes_on_the_way_is_given_one_more_chance() {
    let shifting = |shifts: usize| {
        Outside::answering(move |asked| {
            let number = number(&asked, "pageNo");
            let shifted = asked.before < shifts * 2 && number == 2;
            let start = (number - 1) * 2;
            page(
                start..start + 2,
                json!({"total": if shifted { 5 } else { 4 }}),
            )
        })
    };
    let once = shifting(1).await;
    let fetched = whole(&once, &source(PAGED)).await;
    assert_eq!((fetched.files.len(), once.asked()), (2, 4));
    let twice = shifting(2).await;
    let error = refused(&twice, &source(PAGED)).await;
    assert!(
        error.contains("4 rows in total") && error.contains("rows shift"),
        "{error}"
    );
    assert_eq!(twice.asked(), 4);
}

#[tokio::test]
async fn an_error_that_comes_as_success_is_told_cut_and_masked() {
    for (code, message) in [
        (json!("401"), "msg"),
        (json!(500), "message"),
        (json!(false), "msg"),
    ] {
        let (told, key) = (code.clone(), message.to_owned());
        let server = Outside::answering(move |_| {
            let text = format!("用户99900011122的令牌已过期{}", "长".repeat(500));
            let mut answer = json!({"code": told, "data": {"total": 0, "list": []}});
            answer[&key] = json!(text);
            answer.to_string().into_response()
        })
        .await;
        let error = refused(&server, &source(PAGED)).await;
        let code = code
            .as_str()
            .map_or_else(|| code.to_string(), str::to_owned);
        assert!(
            error.contains(&format!("says code {code} (用户***的令牌已过期长")),
            "{error}"
        );
        assert!(
            error.chars().count() < 300 && !error.contains("99900011122"),
            "{error}"
        );
    }
    for code in [
        json!(0),
        json!("0"),
        json!("0000"),
        json!(200),
        json!("200"),
        json!(true),
    ] {
        let told = code.clone();
        let server = Outside::answering(move |_| {
            json!({"code": told, "data": {"total": 0, "list": []}})
                .to_string()
                .into_response()
        })
        .await;
        assert_eq!(
            whole(&server, &source(PAGED)).await.files.len(),
            1,
            "{code}"
        );
    }
}

/// Pages with these rows, each with what it says, that declare a total.
async fn moving(
    walks: &'static [&'static [&'static [(u64, &'static str)]]],
    total: u64,
) -> Outside {
    let pages = walks.concat();
    Outside::answering(move |asked| {
        let rows = pages.get(asked.before).copied().unwrap_or_default();
        let rows: Vec<Value> = rows
            .iter()
            .map(|(id, says)| json!({"id": id, "says": says}))
            .collect();
        json!({"code": 0, "data": {"total": total, "list": rows}})
            .to_string()
            .into_response()
    })
    .await
}

#[tokio::test]
async fn changes_that_come_on_two_pages_count_once() {
    // A row was put in before the second page: it moves on by one, and the last row comes with a page
    // of its own.
    let server = moving(
        &[&[&[(1, ""), (2, "")], &[(2, ""), (3, "")], &[(4, "")]]],
        4,
    )
    .await;
    let fetched = whole(&server, &source(PAGED)).await;
    assert_eq!((fetched.files.len(), server.asked()), (3, 3));
    // Two words on one row are two changes.
    let server = moving(&[&[&[(1, "new"), (2, "")], &[(1, "gone"), (3, "")]]], 4).await;
    let fetched = whole(&server, &source(PAGED)).await;
    assert_eq!((fetched.files.len(), server.asked()), (2, 2));
}

#[tokio::test]
async fn changes_that_were_passed_over_are_fetched_once_more_and_then_refused() {
    const MOVED: &[&[(u64, &str)]] = &[&[(1, ""), (2, "")], &[(2, ""), (3, "")], &[]];
    const WHOLE: &[&[(u64, &str)]] = &[&[(1, ""), (2, "")], &[(3, ""), (4, "")]];
    let once = moving(&[MOVED, WHOLE], 4).await;
    let fetched = whole(&once, &source(PAGED)).await;
    assert_eq!((fetched.files.len(), once.asked()), (2, 5));
    let twice = moving(&[MOVED, MOVED], 4).await;
    let error = refused(&twice, &source(PAGED)).await;
    assert!(
        error.contains("said 4 rows in total, and 3 came") && error.contains("passed over"),
        "{error}"
    );
    assert_eq!(twice.asked(), 6);
}
