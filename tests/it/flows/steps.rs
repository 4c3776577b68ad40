//! Steps beside the main way: turned away, progress told, an objection taken back, a period as long as may be,
//! and who is competent.

use domain::viewer::Role;
use serde_json::{Value, json};

use super::{BUREAU, CITY, DEVELOPMENT, DIGEST, Story, Who, id, led::development};
use crate::support::{made, on_both, rows};

#[tokio::test]
async fn a_lead_is_turned_away_with_a_reason_by_who_leads() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let lead = story.lead().await;
        let clue = ("clueId", lead.as_str());
        let reason = r#"note: "不属政务失信""#;
        assert_eq!(story.refused(&development(), "rejectClue", clue, "").await, "NEEDS_NOTE");
        for body in [made::uscc("11", "440600", 4), story.bureau] {
            let other = Who(Role::Authority, "440600", Some(body));
            assert_eq!(story.refused(&other, "rejectClue", clue, reason).await, "WRONG_BODY");
        }
        let case = story.done(&development(), "rejectClue", clue, reason).await;
        assert_eq!((&case["stage"], &case["open"]), (&json!("REJECTED"), &json!(false)));
        let query = format!(r#"{{ node(id: "{lead}") {{ ... on Clue {{ stage case {{ events {{ act note }} nextActs }} }} }} }}"#);
        let data = story.data(&story.authority, &query).await;
        let expected = json!({ "stage": "REJECTED", "case": {
            "events": [{ "act": "REJECT", "note": "不属政务失信" }], "nextActs": [],
        } });
        assert_eq!(data["node"], expected);
        // That was its end.
        let to = format!(r#"to: "{}""#, story.id_of(DEVELOPMENT).await);
        let late = story.step(&development(), "transferClue", clue, &to).await;
        assert_eq!(late["code"], "WRONG_STATE", "{late}");
        assert_eq!(story.refused(&development(), "rejectClue", clue, reason).await, "WRONG_STATE");
    })
    .await;
}

#[tokio::test]
async fn progress_is_told_of_a_task_until_it_is_accepted() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let (_, case_id) = story.rectifying().await;
        let the_case = ("caseId", case_id.as_str());
        let second = story.task("公开说明", "2026-06-20").await;
        let case = story.done(&development(), "askRectification", the_case, &second).await;
        let before = case["version"].as_i64().expect("a number");
        let progress = format!(r#"task: 1, note: "已拨付一半", evidence: ["{DIGEST}"]"#);
        assert_eq!(story.refused(&story.agency, "reportProgress", the_case, "task: 1").await, "NEEDS_NOTE");
        let third = r#"task: 3, note: "无此项""#;
        assert_eq!(story.refused(&story.agency, "reportProgress", the_case, third).await, "NO_TASK");
        let stranger = Who(Role::Agency, "440600", Some(made::uscc("11", "440600", 4)));
        assert_eq!(story.refused(&stranger, "reportProgress", the_case, &progress).await, "NOT_FOUND");
        story.hub.it_is("2026-05-11");
        let case = story.done(&story.agency, "reportProgress", the_case, &progress).await;
        assert_eq!((&case["version"], &case["stage"]), (&json!(before + 1), &json!("RECTIFYING")));
        let query = format!(
            r#"{{ node(id: "{case_id}") {{ ... on Case {{ rectifications {{ submittedOn acceptedOn refused }} events(after: {before}) {{ act on party note evidence body {{ name }} }} }} }} }}"#
        );
        let data = story.data(&story.authority, &query).await;
        let open = json!({ "submittedOn": null, "acceptedOn": null, "refused": false });
        let expected = json!({
            "rectifications": [open, open],
            "events": [{
                "act": "REPORT_PROGRESS", "on": "2026-05-11", "party": "CONCERNED", "note": "已拨付一半",
                "evidence": [DIGEST], "body": { "name": BUREAU },
            }],
        });
        assert_eq!(data["node"], expected, "it is dated, and settles nothing");

        // Handed in, given back for more, handed in again; what is accepted needs no more of it.
        story.says_it_did(the_case).await;
        let more = r#"task: 1, refused: false, note: "缺拨款凭证""#;
        story.done(&development(), "returnRectification", the_case, more).await;
        assert_eq!(story.refused(&development(), "acceptRectification", the_case, "task: 1").await, "NOT_SUBMITTED");
        story.says_it_did(the_case).await;
        let case = story.sees_it_did(&development(), the_case).await;
        assert_eq!(case["stage"], "RECTIFYING", "the second is still owed");
        assert_eq!(story.refused(&story.agency, "reportProgress", the_case, &progress).await, "ACCEPTED_BEFORE");
    })
    .await;
}

#[tokio::test]
async fn an_objection_is_taken_back_by_who_filed_it() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let led = story.confirmed().await;
        let objects = r#"note: "事实有误""#;
        let case = story
            .done(&story.agency, "fileObjection", led.the_record(), objects)
            .await;
        assert_eq!(case["record"]["underObjection"], true);
        let objection = id(&case["objections"][0]);
        let the_objection = ("objectionId", objection.as_str());
        let stranger = Who(Role::Agency, "440600", Some(made::uscc("11", "440600", 4)));
        assert_eq!(
            story
                .refused(&stranger, "withdrawObjection", the_objection, "")
                .await,
            "NOT_FOUND"
        );
        let case = story
            .done(&story.agency, "withdrawObjection", the_objection, "")
            .await;
        let objection = &case["objections"][0];
        assert_eq!(
            (&objection["state"], &objection["dueOn"]),
            (&json!("WITHDRAWN"), &json!(null))
        );
        let record = &case["record"];
        assert_eq!(
            (&record["underObjection"], &record["status"]),
            (&json!(false), &json!("ACTIVE"))
        );
        // It is over: taken back once, decided by nobody, and another may follow.
        assert_eq!(
            story
                .refused(&story.agency, "withdrawObjection", the_objection, "")
                .await,
            "WRONG_STATE"
        );
        let dismissed = r#"upheld: false, basis: "事实清楚""#;
        assert_eq!(
            story
                .refused(&development(), "decideObjection", the_objection, dismissed)
                .await,
            "WRONG_STATE"
        );
        let case = story
            .done(&story.agency, "fileObjection", led.the_record(), objects)
            .await;
        assert_eq!(case["objections"].as_array().map(Vec::len), Some(2));
        assert_eq!(case["record"]["underObjection"], true);
    })
    .await;
}

#[tokio::test]
async fn arrears_are_extended_once_to_ninety_days() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let development = development();
        story.hub.it_is("2026-09-01");
        let complaint = rows::file(&[rows::complaint(1, BUREAU)]);
        story
            .hub
            .ingest("arrears", &[("a.csv", &complaint)], |_| {})
            .await;
        let data = story
            .data(
                &story.authority,
                "{ clues(first: 5) { edges { node { id } } } }",
            )
            .await;
        let lead = id(&data["clues"]["edges"][0]["node"]);
        let clue = ("clueId", lead.as_str());
        let to = format!(r#"to: "{}""#, story.id_of(DEVELOPMENT).await);
        let done = story.step(&development, "transferClue", clue, &to).await;
        assert_eq!(done["clue"]["dueOn"], "2026-10-08", "{done}");
        let case = story.done(&development, "acceptClue", clue, "").await;
        let case_id = id(&case);
        let the_case = ("caseId", case_id.as_str());
        let note = r#"note: "案情复杂""#;
        assert_eq!(
            story
                .refused(&development, "extendDeadline", the_case, "")
                .await,
            "NEEDS_NOTE"
        );
        story.hub.it_is("2026-10-09");
        assert_eq!(
            story
                .refused(&development, "extendDeadline", the_case, note)
                .await,
            "TOO_LATE"
        );
        // On its last day there is still time; the ninety days are counted from its beginning.
        story.hub.it_is("2026-10-08");
        let case = story
            .done(&development, "extendDeadline", the_case, note)
            .await;
        assert_eq!(case["dueOn"], "2026-11-30");
        assert_eq!(
            story
                .refused(&development, "extendDeadline", the_case, note)
                .await,
            "EXTENDED_BEFORE"
        );
        for (day, overdue) in [("2026-11-30", 0), ("2026-12-01", 1)] {
            story.hub.it_is(day);
            assert_eq!(
                story.count(&story.authority, "overdue: true").await,
                overdue,
                "on {day}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn who_leads_in_a_place_and_who_is_competent_is_told() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let query = r#"{ division(code: "440600") { leadingGroup { title legalBasis verified lead { key title verified agencies { name } } members { key agencies { name } } } } }"#;
        let data = story.data(&story.authority, query).await;
        let group = &data["division"]["leadingGroup"];
        assert_eq!((&group["title"], &group["verified"]), (&json!("政务诚信建设工作领导小组"), &json!(false)));
        assert!(group["legalBasis"].as_str().is_some_and(|basis| basis.contains("国发〔2016〕76号")));
        let lead = json!({
            "key": "development_reform", "title": "发展和改革部门（信用牵头部门）", "verified": true,
            "agencies": [{ "name": DEVELOPMENT }],
        });
        assert_eq!(group["lead"], lead);
        let members = group["members"].as_array().expect("a list");
        assert!(members.iter().any(|member| member["key"] == "court"), "{members:?}");
        assert!(members.iter().all(|member| member["agencies"] == json!([])), "none of them is here");
        // Above the city there is none, and the public sees no body of which nothing is published.
        let above = query.replace("440600", "440000");
        let data = story.data(&story.superior, &above).await;
        assert_eq!(data["division"]["leadingGroup"]["lead"]["agencies"], json!([]));
        let data = story.hub.data(None, query).await;
        assert_eq!(data["division"]["leadingGroup"]["lead"]["agencies"], json!([]));

        // Of a lead the superior is competent, of a record whom the list says.
        let (_, case) = story.rectifying().await;
        assert_eq!(story.competent(&case).await, json!([{ "name": CITY }]));
    })
    .await;
}

#[tokio::test]
async fn for_a_record_whom_the_list_names_is_competent() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let led = story.confirmed().await;
        assert_eq!(
            story.competent(&led.case).await,
            json!([{ "name": DEVELOPMENT }])
        );
    })
    .await;
}

impl Story {
    async fn competent(&self, case: &str) -> Value {
        let query =
            format!(r#"{{ node(id: "{case}") {{ ... on Case {{ competent {{ name }} }} }} }}"#);
        self.data(&self.authority, &query).await["node"]["competent"].clone()
    }
}
