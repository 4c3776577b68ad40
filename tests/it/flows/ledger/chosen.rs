//! Cases chosen by the same names and with the same outcome through GraphQL, over HTTP and by the command line.

use super::{
    super::id,
    read::{Ledger, got, got_csv, got_workbook},
    with_a_case,
};
use crate::support::{Db, made, on_both, zhengxin};

/// On 2026-05-20, of a lead passed on on 2026-04-20 and due by 2026-04-27, and of a record to which somebody objects:
/// what a ledger is asked for, the same for `cases(filter:)`, how many cases that is, and what the head says of it.
const CHOICES: &str = r#"
 | | 2 | 无
workflow=breach | workflow: ["breach"] | 2 | 流程=breach
workflow=court | workflow: ["court"] | 0 | 流程=court
workflow=breach&workflow=court | workflow: ["breach", "court"] | 2 | 流程=breach、court
stage=TRANSFERRED | stage: ["TRANSFERRED"] | 1 | 环节=TRANSFERRED
division=440600 | agency: { division: { within: "440600" } } | 2 | 区划=440600及以下
division=440605 | agency: { division: { within: "440605" } } | 0 | 区划=440605及以下
open=true | open: true | 2 | 未办结=是
open=false | open: false | 0 | 未办结=否
overdue=true | overdue: true | 1 | 逾期=是
overdue=false | overdue: false | 1 | 逾期=否
underObjection=true | underObjection: true | 1 | 异议未决=是
underObjection=false | underObjection: false | 1 | 异议未决=否
openedFrom=2026-05-20 | openedOn: { gte: "2026-05-20" } | 1 | 开始日期不早于2026-05-20
openedFrom=2026-05-21 | openedOn: { gte: "2026-05-21" } | 0 | 开始日期不早于2026-05-21
openedBefore=2026-05-20 | openedOn: { lt: "2026-05-20" } | 1 | 开始日期早于2026-05-20
openedBefore=2026-04-20 | openedOn: { lt: "2026-04-20" } | 0 | 开始日期早于2026-04-20
dueFrom=2026-04-27 | dueOn: { gte: "2026-04-27" } | 1 | 办理期限不早于2026-04-27
dueFrom=2026-04-28 | dueOn: { gte: "2026-04-28" } | 0 | 办理期限不早于2026-04-28
dueBefore=2026-04-28 | dueOn: { lt: "2026-04-28" } | 1 | 办理期限早于2026-04-28
dueBefore=2026-04-27 | dueOn: { lt: "2026-04-27" } | 0 | 办理期限早于2026-04-27
handler=DEVELOPMENT | handler: { uscc: { eq: "DEVELOPMENT" } } | 1 | 承办单位=DEVELOPMENT
handler=BUREAU | handler: { uscc: { eq: "BUREAU" } } | 0 | 承办单位=BUREAU
agency=BUREAU | agency: { uscc: { eq: "BUREAU" } } | 2 | 单位=BUREAU
agency=DEVELOPMENT | agency: { uscc: { eq: "DEVELOPMENT" } } | 0 | 单位=DEVELOPMENT
agency=BUREAU&underObjection=true&openedBefore=2026-05-20 | agency: { uscc: { eq: "BUREAU" } }, underObjection: true, openedOn: { lt: "2026-05-20" } | 0 | 单位=BUREAU；异议未决=是；开始日期早于2026-05-20
"#;

struct Choice<'a> {
    query: &'a str,
    filter: &'a str,
    count: usize,
    words: &'a str,
}

/// The lines of the table.
fn choices(table: &str) -> Vec<Choice<'_>> {
    let lines = table.lines().filter(|line| !line.is_empty());
    let read = |line| -> Option<Choice<'_>> {
        let mut cells = str::split(line, '|').map(str::trim);
        let (query, filter) = (cells.next()?, cells.next()?);
        let (count, words) = (cells.next()?.parse().ok()?, cells.next()?);
        Some(Choice {
            query,
            filter,
            count,
            words,
        })
    };
    lines.map(|line| read(line).expect("four cells")).collect()
}

#[tokio::test]
async fn cases_are_chosen_by_the_same_names_by_api_file_and_command_line() {
    on_both(async |db| {
        let story = with_a_case(&db).await;
        let record = story.breach("2026-05-20", "GENERAL").await;
        let objects = r#"note: "事实有误""#;
        let on = ("recordId", record.as_str());
        story
            .done(&story.agency, "fileObjection", on, objects)
            .await;
        let base = story.hub.serve().await;
        let development = made::uscc("11", "440600", 3);
        let table = CHOICES.replace("BUREAU", story.bureau.as_str());
        let table = table.replace("DEVELOPMENT", development.as_str());
        let choices = choices(&table);
        for choice in &choices {
            let query = format!("?{}", choice.query);
            let token = || story.token(&story.authority);
            let csv = got_csv(&base, token(), &query).await;
            let filter = &choice.filter;
            let asked = format!(
                "{{ cases(filter: {{ {filter} }}, first: 9) {{ edges {{ node {{ id }} }} }} }}"
            );
            let data = story.data(&story.authority, &asked).await;
            let edges = data["cases"]["edges"].as_array().expect("a list").iter();
            let ids: Vec<String> = edges.map(|edge| id(&edge["node"])).collect();
            let numbers: Vec<_> = ids
                .iter()
                .map(|id| id.rsplit('_').next().expect("a number"))
                .collect();
            assert_eq!(csv.rows.len(), choice.count, "{query}");
            assert_eq!(
                csv.column("办件编号"),
                numbers,
                "{query}: the same, in the same order"
            );
            assert_eq!(csv.head("筛选条件"), choice.words, "{query}");
            assert_eq!(got_workbook(&base, token(), &query).await, csv, "{query}");
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
        by_the_command_line(&db, &choices);
    })
    .await;
}

/// The command goes by the day that it really is, so nothing is asked of it that another day answers otherwise.
fn by_the_command_line(db: &Db, choices: &[Choice<'_>]) {
    let run = |file: &str, args: &[String]| {
        let mut all = vec!["ledger".to_owned(), "--file".to_owned(), file.to_owned()];
        all.extend_from_slice(args);
        all.extend(["-o", "json", "--database-url"].map(str::to_owned));
        all.push(db.url());
        zhengxin(&all).run().ended(0).json()
    };
    let file = db.folder().join("ledger.csv").display().to_string();
    let lasting = choices
        .iter()
        .filter(|choice| !choice.query.contains("overdue"));
    for choice in lasting {
        let names = choice
            .query
            .split(['=', '&'])
            .filter(|word| !word.is_empty());
        let args = names.enumerate().map(|(at, word)| match at % 2 {
            0 => format!("--{word}"),
            _ => word.to_owned(),
        });
        let told = run(&file, &args.collect::<Vec<_>>());
        assert_eq!(told["cases"], choice.count, "{}", choice.query);
        let written = std::fs::read(&file).expect("it is written");
        let written = Ledger::of_csv(&written);
        let told = (written.rows.len(), written.head("筛选条件"));
        assert_eq!(told, (choice.count, choice.words));
    }
    let workbook = db.folder().join("ledger.xlsx").display().to_string();
    let dashed = [
        "--under-objection",
        "--opened-from",
        "2026-05-20",
        "--due-before",
        "2026-05-01",
    ];
    assert_eq!(run(&workbook, &dashed.map(str::to_owned))["cases"], 0);
    assert_eq!(run(&workbook, &[])["cases"], 2);
    let written = std::fs::read(&workbook).expect("it is written");
    assert_eq!(Ledger::of_workbook(written).rows.len(), 2);
    for wrong in [["--due-before", "tomorrow"], ["--agency", "123"]] {
        let args = ["ledger", "--file", &file].into_iter().chain(wrong);
        let ran = zhengxin(args).run().ended(2);
        assert!(ran.err.contains(wrong[0]), "{ran:#?}");
    }
}
