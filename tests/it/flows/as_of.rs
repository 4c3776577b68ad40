//! A case as it stood on an earlier day: what was true then, whatever came of it since.

mod lists;

use serde_json::{Value, json};

use super::{DIGEST, Story, led::development};
use crate::support::on_both;

/// Of another piece than what was found out with.
const OTHER_DIGEST: &str = "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752";

const CASES: &str = "cases(first: 5) { edges { node { stage version open dueOn finding nextActs overdue handler { name } \
     record { status } orders { number } repairs { state } objections { state dueOn } events { act } evidence { id } \
     rectifications { number submittedOn acceptedOn refused overdue } } } }";

impl Story {
    /// The bureau's one case on a day; null before it began.
    async fn case_on(&self, day: Option<&str>) -> Value {
        let day = day
            .map(|day| format!(r#", asOf: "{day}""#))
            .unwrap_or_default();
        let query = format!(
            r#"{{ agency(uscc: "{}"{day}) {{ {CASES} }} }}"#,
            self.bureau
        );
        let mut data = self.data(&self.authority, &query).await;
        let edges = data["agency"]["cases"]["edges"].take();
        assert!(
            edges.as_array().is_some_and(|edges| edges.len() < 2),
            "{edges}"
        );
        edges[0]["node"].clone()
    }
}

#[tokio::test]
async fn a_case_is_told_as_it_stood_on_each_day() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let development = development();
        let (_, case) = story.rectifying().await;
        let the_case = ("caseId", case.as_str());
        story.hub.it_is("2026-05-15");
        let order = r#"dueOn: "2026-05-25", basis: "督办""#;
        story.done(&story.superior, "issueSupervisionOrder", the_case, order).await;
        story.hub.it_is("2026-05-20");
        let submit = format!(r#"task: 1, note: "已兑现", evidence: ["{OTHER_DIGEST}"]"#);
        story.done(&story.agency, "submitRectification", the_case, &submit).await;
        story.hub.it_is("2026-05-22");
        story.sees_it_did(&development, the_case).await;
        story.hub.it_is("2026-06-10");

        assert_eq!(story.case_on(Some("2026-04-28")).await, json!(null), "it had not begun");
        let task = |submitted: Value, accepted: Value, overdue: bool| {
            json!([{ "number": 1, "submittedOn": submitted, "acceptedOn": accepted, "refused": false, "overdue": overdue }])
        };
        let none = json!(null);
        for (day, stage, last_act, orders, pieces, tasks) in [
            (Some("2026-05-14"), "RECTIFYING", "ASK_RECTIFICATION", 0, 1, task(none.clone(), none.clone(), false)),
            (Some("2026-05-15"), "RECTIFYING", "ISSUE_ORDER", 1, 2, task(none.clone(), none.clone(), false)),
            (Some("2026-05-20"), "RECTIFYING", "SUBMIT_RECTIFICATION", 1, 3, task(json!("2026-05-20"), none.clone(), false)),
            (Some("2026-05-22"), "RECTIFIED", "ACCEPT_RECTIFICATION", 1, 4, task(json!("2026-05-20"), json!("2026-05-22"), false)),
            (None, "RECTIFIED", "ACCEPT_RECTIFICATION", 1, 4, task(json!("2026-05-20"), json!("2026-05-22"), false)),
        ] {
            let told = story.case_on(day).await;
            let count = |list: &str| told[list].as_array().map_or(0, Vec::len);
            assert_eq!((&told["stage"], &told["finding"]), (&json!(stage), &json!("FOUNDED")), "{day:?}");
            assert_eq!((count("orders"), count("evidence")), (orders, pieces), "{day:?}");
            assert_eq!(told["rectifications"], tasks, "{day:?}");
            let acts = told["events"].as_array().expect("a list");
            assert_eq!(acts.last(), Some(&json!({ "act": last_act })), "{day:?}");
            assert_eq!(told["version"].as_u64(), Some(acts.len() as u64), "{day:?}");
            let may_submit = told["nextActs"].to_string().contains("SUBMIT_RECTIFICATION");
            assert_eq!(may_submit, stage == "RECTIFYING", "{day:?}");
        }
        // What was known before the order says nothing of it, of whatever day.
        let before = "2026-05-14T12:00:00Z";
        let query = format!(
            r#"{{ agency(uscc: "{}", asOf: "2026-05-20", knownAt: "{before}") {{ {CASES} }} }}"#,
            story.bureau
        );
        let data = story.data(&story.authority, &query).await;
        let told = &data["agency"]["cases"]["edges"][0]["node"];
        assert_eq!((&told["orders"], &told["stage"]), (&json!([]), &json!("RECTIFYING")));
    })
    .await;
}

#[tokio::test]
async fn a_case_before_its_record_stood_is_for_whom_its_lead_is_for() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        // It was determined for a day on which it was set right.
        let led = story.confirmed_of("2026-05-05").await;
        let development = development();
        let grade = r#"tier: GENERAL, basis: "清单""#;
        story.done(&development, "gradeRecord", led.the_record(), grade).await;
        story.done(&development, "publishRecord", led.the_record(), "").await;
        story.hub.it_is("2026-06-10");
        let told = async |token: Option<&str>, day: &str| {
            let query = format!(r#"{{ creditRecords(first: 5, asOf: "{day}") {{ edges {{ node {{ case {{ stage }} }} }} }} }}"#);
            let data = story.hub.data(token, &query).await;
            data["creditRecords"]["edges"].clone()
        };
        let stage = |stage: &str| json!([{ "node": { "case": { "stage": stage } } }]);
        let (authority, court) = (story.token(&story.authority), story.token(&story.court));
        for (day, for_handlers, for_others) in [
            ("2026-05-04", json!([]), json!([])),
            ("2026-05-10", stage("RECTIFYING"), json!([{ "node": { "case": null } }])),
            ("2026-06-02", stage("CONFIRMED"), stage("CONFIRMED")),
        ] {
            assert_eq!(told(Some(&authority), day).await, for_handlers, "{day}");
            assert_eq!(told(None, day).await, for_others, "{day}");
            assert_eq!(told(Some(&court), day).await, for_others, "{day}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_hangs_on_a_record_is_told_as_of_the_same_day() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let led = story.confirmed().await;
        story.hub.it_is("2026-06-05");
        story
            .done(
                &story.agency,
                "fileObjection",
                led.the_record(),
                r#"note: "事实有误""#,
            )
            .await;
        let objection = story.record_on(None).await["objections"][0]["id"].clone();
        let objection = objection.as_str().expect("an id");
        story.hub.it_is("2026-06-08");
        let dismissed =
            format!(r#"upheld: false, note: "不成立", basis: "核查", evidence: ["{DIGEST}"]"#);
        story
            .done(
                &development(),
                "decideObjection",
                ("objectionId", objection),
                &dismissed,
            )
            .await;
        story.hub.it_is("2026-06-20");
        story.set_right(&led).await;
        story.repaired(&led).await;
        story.hub.it_is("2026-07-01");
        for (day, objections, repairs) in [
            ("2026-06-04", json!([]), json!([])),
            ("2026-06-07", json!(["FILED"]), json!([])),
            ("2026-06-08", json!(["DISMISSED"]), json!([])),
            ("2026-06-20", json!(["DISMISSED"]), json!(["ACCEPTED"])),
        ] {
            let record = story.record_on(Some(day)).await;
            let states = |list: &str| -> Value {
                let parts = record[list].as_array().expect("a list").iter();
                parts.map(|part| part["state"].clone()).collect()
            };
            assert_eq!(
                (states("objections"), states("repairs")),
                (objections, repairs),
                "{day}"
            );
            let own = record["case"]["objections"].as_array().map(Vec::len);
            assert_eq!(own, states("objections").as_array().map(Vec::len), "{day}");
        }
    })
    .await;
}

impl Story {
    /// The bureau's one record on a day.
    async fn record_on(&self, day: Option<&str>) -> Value {
        let day = day
            .map(|day| format!(r#", asOf: "{day}""#))
            .unwrap_or_default();
        let query = format!(
            r#"{{ creditRecords(first: 5{day}) {{ edges {{ node {{ underObjection objections {{ id state }} repairs {{ state }} case {{ objections {{ state }} }} }} }} }} }}"#
        );
        let mut data = self.data(&self.authority, &query).await;
        data["creditRecords"]["edges"][0]["node"].take()
    }
}
