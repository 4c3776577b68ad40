//! All that is due in a case, as its row tells it.

use super::{
    super::{DIGEST, Story, Who},
    read::got_csv,
};
use crate::support::{Db, on_both};

#[tokio::test]
async fn all_that_is_due_in_a_case_stands_in_its_row() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let (_, case) = story.rectifying().await;
        story.hub.it_is("2026-05-10");
        let order = r#"dueOn: "2026-05-15", basis: "督办""#;
        let government = Who(domain::viewer::Role::Government, "440600", None);
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
        let ledger = got_csv(&base, story.token(&story.authority), "").await;
        let mut due = ledger.column("各项期限");
        due.sort_unstable();
        let expected = [
            "异议 2026-05-22；修复 2026-06-04",
            "整改1 2026-06-01；督办1 2026-05-15（逾期）",
        ];
        assert_eq!(due, expected);
    })
    .await;
}

#[tokio::test]
async fn a_day_that_may_still_move_is_told_as_one() {
    let db = Db::sqlite();
    let story = Story::on(&db).await;
    let record = story.breach("2026-12-22", "GENERAL").await;
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
    let ledger = got_csv(&base, story.token(&story.authority), "").await;
    let expected = "异议 2026-12-24（逾期）；修复 2027-01-14（暂定）";
    assert_eq!(ledger.column("各项期限"), [expected]);
}
