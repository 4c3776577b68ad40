//! What ends by time, and what was so on an earlier day.

use serde_json::json;

use super::{Story, id};
use crate::support::{CatalogueCopy, Db, Hub, on_both};

/// With a list whose entry for breaches names a measure.
pub(super) async fn with_a_measure(db: &Db) -> Story {
    let copy = CatalogueCopy::make();
    let path = copy.path().join("lists/base.toml");
    let text = std::fs::read_to_string(&path).expect("the list");
    let entry = "code = \"breach.confirmed\"\n";
    assert!(text.contains(entry));
    let with = format!("{entry}measures = [\"internal.honours\"]\n");
    std::fs::write(&path, text.replacen(entry, &with, 1)).expect("the folder is ours");
    let folder = copy.path().to_owned();
    let hub = Hub::with(db, |config| config.catalogue.dir = Some(folder)).await;
    Story::of(hub).await
}

#[tokio::test]
async fn a_suspended_measure_is_told_as_it_stood_on_each_day() {
    on_both(async |db| {
        let story = with_a_measure(&db).await;
        let authority = &story.authority;
        let record = story.breach("2026-05-18", "GENERAL").await;
        let the_record = ("recordId", record.as_str());
        story.hub.it_is("2026-05-20");
        let impose = r#"measure: "internal.honours", basis: "清单""#;
        let case = story.done(authority, "imposeSanction", the_record, impose).await;
        let sanction = id(&case["sanctions"][0]);
        story.hub.it_is("2026-05-22");
        let objects = r#"note: "事实有误""#;
        let case = story.done(&story.agency, "fileObjection", the_record, objects).await;
        assert_eq!(case["sanctions"][0]["status"], "SUSPENDED");
        let objection = id(&case["objections"][0]);
        story.hub.it_is("2026-05-26");
        let dismissed = r#"upheld: false, basis: "事实清楚""#;
        let case = story.done(authority, "decideObjection", ("objectionId", &objection), dismissed).await;
        assert_eq!(case["sanctions"][0]["status"], "ACTIVE");
        story.hub.it_is("2026-06-01");
        let lift = r#"basis: "已改正""#;
        story.done(authority, "liftSanction", ("sanctionId", &sanction), lift).await;
        story.hub.it_is("2026-06-10");
        let stood = [
            ("2026-05-19", json!(null)),
            ("2026-05-20", json!("ACTIVE")),
            ("2026-05-21", json!("ACTIVE")),
            ("2026-05-22", json!("SUSPENDED")),
            ("2026-05-25", json!("SUSPENDED")),
            ("2026-05-26", json!("ACTIVE")),
            ("2026-05-31", json!("ACTIVE")),
            ("2026-06-01", json!("LIFTED")),
            ("2026-06-10", json!("LIFTED")),
        ];
        for (day, status) in &stood {
            let query = format!(
                r#"{{ agency(uscc: "{}", asOf: "{day}") {{ sanctions {{ edges {{ node {{ status }} }} }} }} }}"#,
                story.bureau
            );
            let data = story.data(authority, &query).await;
            let told = &data["agency"]["sanctions"]["edges"][0]["node"]["status"];
            assert_eq!(told, status, "on {day}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_debt_outlasts_its_longest_term_until_it_is_seen_to_be_paid() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let authority = &story.authority;
        let record = story.debt().await;
        let query = "{ creditRecords(first: 1) { edges { node { status publicityRule { maxMonths correction } } } } }";
        let told = async || {
            let data = story.data(authority, query).await;
            data["creditRecords"]["edges"][0]["node"].clone()
        };
        let grade = r#"tier: GENERAL, basis: "条例第二十六条""#;
        let case = story
            .done(authority, "gradeRecord", ("recordId", &record), grade)
            .await;
        assert_eq!(
            told().await["publicityRule"],
            json!({ "maxMonths": 12, "correction": true })
        );
        // Determined on 2026-10-09: twelve months end with 2027-10-09, and nobody has seen it paid.
        assert_eq!(story.turn_on("2027-10-10").await.expired, 0);
        assert_eq!(told().await["status"], "ACTIVE");
        let case = id(&case);
        let the_case = ("caseId", case.as_str());
        story.asks_to_pay(the_case, "2027-11-10").await;
        assert_eq!(story.turn_on("2027-10-10").await.expired, 0, "it was asked to");
        story.says_it_did(the_case).await;
        assert_eq!(story.turn_on("2027-10-10").await.expired, 0, "it says that it did");
        story.sees_it_did(authority, the_case).await;
        assert_eq!(story.turn_on("2027-10-10").await.expired, 1);
        assert_eq!(told().await["status"], "EXPIRED");
    })
    .await;
}

#[tokio::test]
async fn minor_arrears_end_after_three_months_and_ungraded_ones_by_no_day() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let authority = &story.authority;
        let record = story.debt().await;
        let rule = "publicityRule { public minMonths maxMonths verified }";
        let query =
            format!("{{ creditRecords(first: 5) {{ edges {{ node {{ tier {rule} }} }} }} }}");
        let data = story.data(authority, &query).await;
        let node = &data["creditRecords"]["edges"][0]["node"];
        let ungraded =
            json!({ "public": true, "minMonths": 0, "maxMonths": null, "verified": false });
        assert_eq!(
            (&node["tier"], &node["publicityRule"]),
            (&json!(null), &ungraded)
        );
        let the_record = ("recordId", record.as_str());
        let wrong = story
            .refused(authority, "publishRecord", the_record, "")
            .await;
        assert_eq!(wrong, "NOT_GRADED");
        // It is set right before anybody has graded it.
        let case = story
            .done(
                &story.agency,
                "fileObjection",
                the_record,
                r#"note: "有误""#,
            )
            .await;
        let objection = id(&case["objections"][0]);
        let case_id = id(&case);
        let the_case = ("caseId", case_id.as_str());
        let dismissed = r#"upheld: false, basis: "事实清楚""#;
        story
            .done(
                authority,
                "decideObjection",
                ("objectionId", &objection),
                dismissed,
            )
            .await;
        story.asks_to_pay(the_case, "2026-11-10").await;
        story.says_it_did(the_case).await;
        story.sees_it_did(authority, the_case).await;
        assert_eq!(
            story.turn_on("2030-01-01").await.expired,
            0,
            "no grade, no term"
        );
        // Determined on 2026-10-09: three months end with 2027-01-09.
        story.hub.it_is("2026-12-01");
        let minor = r#"tier: MINOR, basis: "清单""#;
        let case = story
            .done(authority, "gradeRecord", the_record, minor)
            .await;
        assert_eq!(
            case["record"]["publicUntil"],
            json!(null),
            "it is not shown at all"
        );
        for (day, expired, status) in [("2027-01-09", 0, "ACTIVE"), ("2027-01-10", 1, "EXPIRED")] {
            assert_eq!(story.turn_on(day).await.expired, expired, "on {day}");
            let query =
                format!(r#"{{ node(id: "{record}") {{ ... on CreditRecord {{ status }} }} }}"#);
            let data = story.data(authority, &query).await;
            assert_eq!(data["node"]["status"], status, "on {day}");
        }
    })
    .await;
}
