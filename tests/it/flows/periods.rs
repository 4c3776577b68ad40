//! Periods that run beside one another: the case's own, and those of objections and repairs;
//! and every period that the catalogue has.

mod every;
mod played;
mod table;

use serde_json::json;

use super::{BUREAU, DIGEST, Story, id};
use crate::support::{on_both, rows};

impl Story {
    /// A breach that its source told, graded: the record's id.
    pub(super) async fn breach(&self, day: &str, grade: &str) -> String {
        let breach = rows::file(&[rows::breach(1, BUREAU)
            .with("jlbh", "SX1")
            .with("sxxw", "未兑现样例承诺")]);
        self.hub.it_is(day);
        self.hub
            .ingest("credit_platform", &[("b.csv", &breach)], |_| {})
            .await;
        let query = "{ creditRecords(first: 5) { edges { node { id } } } }";
        let data = self.data(&self.authority, query).await;
        let record = id(&data["creditRecords"]["edges"][0]["node"]);
        let grade = format!(r#"tier: {grade}, basis: "清单""#);
        self.done(
            &self.authority,
            "gradeRecord",
            ("recordId", &record),
            &grade,
        )
        .await;
        record
    }
}

#[tokio::test]
async fn an_objection_and_a_repair_have_periods_of_their_own() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let record = story.breach("2026-05-20", "GENERAL").await;
        let the_record = ("recordId", record.as_str());
        let objects = r#"note: "事实有误""#;
        let case = story.done(&story.agency, "fileObjection", the_record, objects).await;
        let apply = format!(r#"note: "已兑现", evidence: ["{DIGEST}"]"#);
        story.hub.it_is("2026-05-21");
        let both = story.done(&story.agency, "applyForRepair", the_record, &apply).await;
        // Two working days for the one, ten for the other, and neither is the case's.
        assert_eq!(both["objections"][0]["dueOn"], "2026-05-22");
        assert_eq!(both["repairs"][0]["dueOn"], "2026-06-04");
        assert_eq!((&both["dueOn"], &case["dueOn"]), (&json!(null), &json!(null)));
        let case_id = id(&case);
        let the_case = ("caseId", case_id.as_str());
        let objection = id(&both["objections"][0]);
        let repair = id(&both["repairs"][0]);

        // Each is extended by itself, once.
        let more = format!(r#"note: "案情复杂", part: "{objection}""#);
        let extended = story.done(&story.authority, "extendDeadline", the_case, &more).await;
        assert_eq!(extended["objections"][0]["dueOn"], "2026-05-27");
        assert_eq!(extended["repairs"][0]["dueOn"], "2026-06-04");
        let again = story.refused(&story.authority, "extendDeadline", the_case, &more).await;
        assert_eq!(again, "EXTENDED_BEFORE");
        let own = r#"note: "案情复杂""#;
        let none = story.refused(&story.authority, "extendDeadline", the_case, own).await;
        assert_eq!(none, "NOT_EXTENDABLE", "the case itself has no period");

        // At its day, and after.
        for (day, overdue) in [("2026-05-27", false), ("2026-05-28", true)] {
            story.hub.it_is(day);
            let query = format!(
                r#"{{ node(id: "{case_id}") {{ ... on Case {{ overdue objections {{ overdue deadlineRule {{ key days unit cap verified }} }} repairs {{ overdue deadlineRule {{ key legalBasis }} }} }} }} }}"#
            );
            let data = story.data(&story.authority, &query).await;
            let told = &data["node"];
            assert_eq!((&told["overdue"], &told["objections"][0]["overdue"]), (&json!(overdue), &json!(overdue)));
            assert_eq!(told["repairs"][0]["overdue"], false);
            let rule = json!({ "key": "objection.decision", "days": 2, "unit": "WORKING", "cap": 5, "verified": false });
            assert_eq!(told["objections"][0]["deadlineRule"], rule);
            assert_eq!(told["repairs"][0]["deadlineRule"]["key"], "repair.decision");
        }
        assert_eq!(story.count(&story.authority, "overdue: true").await, 1);

        // One is decided; the other's period goes on.
        let dismissed = r#"upheld: false, basis: "事实清楚""#;
        let case = story.done(&story.authority, "decideObjection", ("objectionId", &objection), dismissed).await;
        assert_eq!((&case["objections"][0]["dueOn"], &case["overdue"]), (&json!(null), &json!(false)));
        assert_eq!(case["repairs"][0]["dueOn"], "2026-06-04");
        let refused = r#"accepted: false, basis: "未兑现""#;
        let case = story.done(&story.authority, "decideRepair", ("repairId", &repair), refused).await;
        assert_eq!(case["repairs"][0]["dueOn"], json!(null));
        assert_eq!(story.count(&story.authority, "overdue: true").await, 0);
    })
    .await;
}
