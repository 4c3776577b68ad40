//! Both forms have the same: columns, rows and what stands above them; and all cells are texts.

use super::{
    super::{BUREAU, DEVELOPMENT, DIGEST, Story, id},
    read::{got_csv, got_workbook},
};
use crate::support::{CatalogueCopy, Hub, made, on_both};

const COLUMNS: [&str; 21] = [
    "办件编号",
    "流程",
    "环节",
    "单位",
    "统一社会信用代码",
    "区划",
    "承办单位",
    "开始日期",
    "办理期限",
    "期限暂定",
    "逾期",
    "各项期限",
    "核实结论",
    "目录条目",
    "失信等级",
    "记录状态",
    "终止事由",
    "未验收整改",
    "惩戒措施",
    "修复",
    "异议未决",
];

const BUDGET: &str = "internal.central_budget";
const CITY_CREDIT: &str = "internal.city_credit";

#[tokio::test]
async fn a_workbook_has_what_the_csv_has() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let record = story.breach("2026-06-10", "GENERAL").await;
        // A record that is repaired, and measures that ended with it.
        let led = story.confirmed().await;
        story.imposed(&led, BUDGET, "").await;
        story.imposed(&led, CITY_CREDIT, "").await;
        story.set_right(&led).await;
        story.repaired(&led).await;
        // One that holds, with an application, an objection and a task.
        story.hub.it_is("2026-06-10");
        let on = ("recordId", record.as_str());
        let apply = format!(r#"note: "已兑现", evidence: ["{DIGEST}"]"#);
        story
            .done(&story.agency, "applyForRepair", on, &apply)
            .await;
        let objects = r#"note: "事实有误""#;
        let objected = id(&story
            .done(&story.agency, "fileObjection", on, objects)
            .await);
        let task = story.task("公开说明", "2026-06-30").await;
        let on = ("caseId", objected.as_str());
        story
            .done(&story.authority, "askRectification", on, &task)
            .await;
        // A matter that nobody answered, and a prewarning whose days run into the next year.
        let body = story.id_of(BUREAU).await;
        let on = ("agencyId", body.as_str());
        story.hub.it_is("2026-06-11");
        let asked = r#"dueOn: "2026-06-12", note: "请说明""#;
        let matter = id(&story.done(&story.congress, "openMatter", on, asked).await);
        story.hub.it_is("2026-12-28");
        let basis = r#"basis: "（2026）粤0604执90001号""#;
        let warned = id(&story.done(&story.court, "prewarnAgency", on, basis).await);

        let base = story.hub.serve().await;
        let code = story.bureau.to_string();
        let query = format!("?agency={code}");
        let csv = got_csv(&base, story.token(&story.authority), &query).await;
        assert_eq!(csv.columns, COLUMNS);
        let number = |id: &str| id.rsplit('_').next().expect("a number").to_owned();
        let row = |case: &str, [track, stage]: [&str; 2], handler: &str, more: [&str; 14]| {
            let number = number(case);
            let body = [
                &number,
                track,
                stage,
                BUREAU,
                &code,
                "广东省佛山市",
                handler,
            ];
            let cells = body.into_iter().chain(more);
            cells.map(str::to_owned).collect::<Vec<_>>()
        };
        let breach = "政务失信投诉办理";
        let expected = [
            row(
                &warned,
                ["府院联动", "已预警"],
                "",
                [
                    "2026-12-28",
                    "2027-01-05",
                    "是",
                    "",
                    "办理 2027-01-05（暂定）",
                    "",
                    "",
                    "",
                    "",
                    "",
                    "0",
                    "",
                    "",
                    "",
                ],
            ),
            row(
                &matter,
                ["督办", "待答复"],
                "",
                [
                    "2026-06-11",
                    "2026-06-12",
                    "",
                    "是",
                    "监督 2026-06-12（逾期）",
                    "",
                    "",
                    "",
                    "",
                    "",
                    "0",
                    "",
                    "",
                    "",
                ],
            ),
            row(
                &objected,
                [breach, "已认定"],
                "",
                [
                    "2026-06-10",
                    "",
                    "",
                    "是",
                    "异议 2026-06-12（逾期）；修复 2026-06-25（逾期）；整改1 2026-06-30（逾期）",
                    "",
                    "经认定部门认定的政务违约失信",
                    "GENERAL",
                    "ACTIVE",
                    "",
                    "1",
                    "",
                    "APPLIED",
                    "是",
                ],
            ),
            row(
                &led.case,
                [breach, "已修复"],
                DEVELOPMENT,
                [
                    "2026-04-29",
                    "",
                    "",
                    "",
                    "",
                    "FOUNDED",
                    "擅自变更、提前终止合作协议且不按约定补偿",
                    "SERIOUS",
                    "REPAIRED",
                    "REPAIR",
                    "0",
                    "限制中央预算内投资支持（LIFTED）；在城市信用监测中加重扣分（LIFTED）",
                    "ACCEPTED",
                    "",
                ],
            ),
        ];
        assert_eq!(csv.rows, expected);
        let version = csv.head("数据版本").to_owned();
        let head = [
            ["政务诚信台账", ""],
            ["筛选条件", &format!("单位={code}")],
            ["生成时间", "2026-12-28T09:00:00+08:00"],
            ["数据版本", &version],
            ["经办人", "test"],
        ];
        assert_eq!(csv.head, head.map(|line| line.map(str::to_owned).to_vec()));
        assert!(
            version.parse::<u32>().is_ok_and(|version| version > 0),
            "{version}"
        );
        assert_eq!(
            got_workbook(&base, story.token(&story.authority), &query).await,
            csv
        );
    })
    .await;
}

#[tokio::test]
async fn what_a_spreadsheet_would_run_is_a_text_in_both_forms() {
    on_both(async |db| {
        let copy = CatalogueCopy::make();
        // The tracks' titles stand in the rows, too.
        let title = "title = \"督办\"";
        copy.spoil("workflows/oversight.toml", title, "title = \"\\t督办\"");
        let dir = copy.path().to_owned();
        let hub = Hub::with(&db, |config| config.catalogue.dir = Some(dir)).await;
        let story = Story::of(hub).await;
        let names = ["=1+1局", "+1局", "-1局", "@1局", "＝1局"];
        let bodies: Vec<_> = names
            .iter()
            .zip(9..)
            .map(|(name, n)| made::body(n, name, "440600"))
            .collect();
        let register = made::register(&bodies);
        let files: [(&str, &[u8]); 1] = [("b.csv", &register)];
        story
            .hub
            .ingest("agency_register", &files, |order| order.partial = true)
            .await;
        for name in names {
            let body = story.id_of(name).await;
            let asked = r#"dueOn: "2026-05-06", note: "说明""#;
            story
                .done(&story.congress, "openMatter", ("agencyId", &body), asked)
                .await;
        }
        let base = story.hub.serve().await;
        // Whoever asks may write anything into the head.
        for query in ["", "?stage=%3D1%2B1&stage=OPEN"] {
            let csv = got_csv(&base, story.token(&story.authority), query).await;
            assert_eq!(
                got_workbook(&base, story.token(&story.authority), query).await,
                csv
            );
            let mut told = csv.column("单位");
            told.sort_unstable();
            let mut expected = names.map(|name| format!("'{name}"));
            expected.sort_unstable();
            assert_eq!(told, expected);
            assert_eq!(csv.column("流程"), ["'\t督办"; 5]);
            let cells = csv.head.iter().chain(&csv.rows).flatten();
            let runs = |cell: &&String| cell.starts_with(['=', '+', '-', '@', '\t']);
            assert_eq!(cells.filter(runs).count(), 0);
        }
    })
    .await;
}
