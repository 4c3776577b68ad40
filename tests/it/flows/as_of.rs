//! A case as it stood on an earlier day: what was true then, whatever came of it since.

use serde_json::{Value, json};

use super::{DIGEST, Story, led::development};
use crate::support::on_both;

const CASES: &str = "cases(first: 5) { edges { node { stage version open dueOn finding nextActs overdue handler { name } \
     record { status } orders { number } repairs { state } objections { state dueOn } events { act } \
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
        let led = story.confirmed().await;
        story.hub.it_is("2026-06-05");
        let objects = r#"note: "事实有误""#;
        story.done(&story.agency, "fileObjection", led.the_record(), objects).await;
        story.hub.it_is("2026-06-20");
        story.set_right(&led).await;
        story.hub.it_is("2026-06-25");
        let order = r#"dueOn: "2026-07-20", basis: "督办""#;
        let case = story.step(&story.superior, "issueSupervisionOrder", led.the_case(), order).await;
        let is_ordered = case["__typename"] == "CaseSuccess";
        story.hub.it_is("2026-07-01");

        assert_eq!(story.case_on(Some("2026-04-28")).await, json!(null), "it had not begun");
        let rectifying = story.case_on(Some("2026-05-10")).await;
        let expected = json!({
            "stage": "RECTIFYING", "open": true, "finding": "FOUNDED", "overdue": false, "record": null,
            "orders": [], "repairs": [], "objections": [],
            "rectifications": [{ "number": 1, "submittedOn": null, "acceptedOn": null, "refused": false, "overdue": false }],
        });
        for (key, value) in expected.as_object().expect("an object") {
            assert_eq!(&rectifying[key], value, "{key}");
        }
        let acts = rectifying["events"].as_array().expect("a list");
        assert_eq!((acts.len() as i64, acts.last()), (rectifying["version"].as_i64().unwrap_or(0), Some(&json!({ "act": "ASK_RECTIFICATION" }))));
        let may = rectifying["nextActs"].to_string();
        assert!(may.contains("SUBMIT_RECTIFICATION") && !may.contains("FILE_OBJECTION"), "{may}");

        // On the day of the confirmation it was confirmed, with a task refused; objected to three days later.
        let confirmed = story.case_on(Some("2026-06-02")).await;
        assert_eq!(
            (&confirmed["stage"], &confirmed["record"]["status"], &confirmed["objections"]),
            (&json!("CONFIRMED"), &json!("ACTIVE"), &json!([]))
        );
        assert_eq!(confirmed["rectifications"][0]["refused"], true);
        let objected = story.case_on(Some("2026-06-19")).await;
        assert_eq!(objected["objections"][0]["state"], "FILED");
        assert_eq!(objected["rectifications"][0]["acceptedOn"], json!(null));
        let right = story.case_on(Some("2026-06-20")).await;
        assert_eq!(right["rectifications"][0]["acceptedOn"], "2026-06-20");
        assert_eq!(right["orders"], json!([]), "what was issued later was not issued then");
        // By itself it is told as it stands.
        let now = story.case_on(None).await;
        assert_eq!(now["orders"].as_array().map(Vec::len), Some(usize::from(is_ordered)));
        assert_eq!(now["version"].as_i64() > confirmed["version"].as_i64(), true);
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
            r#"{{ creditRecords(first: 5{day}) {{ edges {{ node {{ objections {{ id state }} repairs {{ state }} case {{ objections {{ state }} }} }} }} }} }}"#
        );
        let mut data = self.data(&self.authority, &query).await;
        data["creditRecords"]["edges"][0]["node"].take()
    }
}
