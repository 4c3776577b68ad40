//! What a people's congress asks a body about.

use domain::viewer::Role;
use serde_json::json;

use super::{BUREAU, Story, Who, id};
use crate::support::{made, on_both};

#[tokio::test]
async fn a_congress_asks_is_answered_presses_on_and_settles() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let body = story.id_of(BUREAU).await;
        let the_body = ("agencyId", body.as_str());
        let asked = r#"dueOn: "2026-05-06", note: "请说明奖补未兑现的原因""#;
        let past = r#"dueOn: "2026-04-19", note: "已过之日""#;
        assert_eq!(story.refused(&story.congress, "openMatter", the_body, past).await, "PAST_DAY");
        let case = story.done(&story.congress, "openMatter", the_body, asked).await;
        assert_eq!((&case["stage"], &case["dueOn"]), (&json!("OPEN"), &json!("2026-05-06")));
        let case_id = id(&case);
        let the_case = ("caseId", case_id.as_str());
        story.done(&story.agency, "answerMatter", the_case, r#"note: "正在兑现""#).await;
        let pressed = r#"dueOn: "2026-05-20", note: "请报告结果""#;
        let case = story.done(&story.congress, "pressMatter", the_case, pressed).await;
        assert_eq!((&case["stage"], &case["dueOn"]), (&json!("OPEN"), &json!("2026-05-20")));
        story.done(&story.agency, "answerMatter", the_case, r#"note: "已兑现""#).await;
        let case = story.done(&story.congress, "settleMatter", the_case, r#"note: "属实""#).await;
        assert_eq!((&case["stage"], &case["open"]), (&json!("SETTLED"), &json!(false)));

        // Its whole course is told, and open and settled ones are counted.
        let query = format!(r#"{{ node(id: "{case_id}") {{ ... on Case {{ events {{ number act party stage note }} }} }} }}"#);
        let data = story.data(&story.congress, &query).await;
        let events = data["node"]["events"].as_array().expect("a list");
        let acts: Vec<_> = events.iter().map(|event| event["act"].as_str().expect("a word")).collect();
        assert_eq!(acts, ["OPEN_MATTER", "ANSWER_MATTER", "PRESS_MATTER", "ANSWER_MATTER", "SETTLE_MATTER"]);
        for (open, count) in [("true", 0), ("false", 1)] {
            let query = format!(r#"{{ cases(filter: {{ workflow: ["oversight"], open: {open} }}, first: 1) {{ totalCount }} }}"#);
            let data = story.data(&story.congress, &query).await;
            assert_eq!(data["cases"]["totalCount"], count, "open: {open}");
        }
    })
    .await;
}

/// 询问, 督办 and 代表建议 are tracks of their own, of which a congress names one.
#[tokio::test]
async fn each_kind_of_matter_is_asked_and_counted_by_itself() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let body = story.id_of(BUREAU).await;
        let the_body = ("agencyId", body.as_str());
        let asked =
            |kind: &str| format!(r#"dueOn: "2026-07-20", note: "请答复", workflow: "{kind}""#);
        assert_eq!(
            story
                .refused(&story.congress, "openMatter", the_body, &asked("motion"))
                .await,
            "NO_TRACK"
        );
        assert_eq!(
            story
                .refused(&story.congress, "openMatter", the_body, &asked("breach"))
                .await,
            "NO_TRACK"
        );
        for kind in ["inquiry", "proposal"] {
            let refused = story
                .refused(&story.superior, "openMatter", the_body, &asked(kind))
                .await;
            assert_eq!(refused, "WRONG_BODY", "{kind} is for a congress");
        }
        for kind in ["inquiry", "proposal", "proposal", "oversight"] {
            story
                .done(&story.congress, "openMatter", the_body, &asked(kind))
                .await;
        }
        let query =
            r#"{ cases(filter: { workflow: ["proposal"] }, first: 1) { edges { node { id } } } }"#;
        let data = story.data(&story.congress, query).await;
        let proposal = id(&data["cases"]["edges"][0]["node"]);
        let the_case = ("caseId", proposal.as_str());
        story
            .done(&story.agency, "answerMatter", the_case, r#"note: "已研究""#)
            .await;
        story
            .done(&story.congress, "settleMatter", the_case, r#"note: "满意""#)
            .await;
        for (kind, open, settled) in [("inquiry", 1, 0), ("proposal", 1, 1), ("oversight", 1, 0)] {
            for (is_open, count) in [(true, open), (false, settled)] {
                let filter = format!(r#"workflow: ["{kind}"], open: {is_open}"#);
                assert_eq!(
                    story.count(&story.congress, &filter).await,
                    count,
                    "{filter}"
                );
            }
        }
    })
    .await;
}

#[tokio::test]
async fn what_an_upper_government_asks_is_not_settled_below_it() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let body = story.id_of(BUREAU).await;
        let asked = r#"dueOn: "2026-05-06", note: "请说明奖补未兑现的原因""#;
        let matter = story
            .done(&story.superior, "openMatter", ("agencyId", &body), asked)
            .await;
        let warned = r#"basis: "（2026）粤0604执90001号""#;
        let warned = story
            .done(&story.court, "prewarnAgency", ("agencyId", &body), warned)
            .await;
        let (matter, warned) = (id(&matter), id(&warned));
        let note = r#"note: "已办结""#;
        // The government that the body belongs to sees what was asked, and so does a higher court.
        let city = Who(Role::Government, "440600", None);
        assert_eq!(
            story
                .refused(&city, "pressMatter", ("caseId", &matter), asked)
                .await,
            "WRONG_BODY"
        );
        assert_eq!(
            story
                .refused(&city, "settleMatter", ("caseId", &matter), note)
                .await,
            "WRONG_BODY"
        );
        let other = Who(Role::Court, "440000", None);
        assert_eq!(
            story
                .refused(&other, "closeCase", ("caseId", &warned), note)
                .await,
            "WRONG_BODY"
        );
        let case = story
            .done(&story.superior, "settleMatter", ("caseId", &matter), note)
            .await;
        assert_eq!(case["stage"], "SETTLED");
        let case = story
            .done(&story.court, "closeCase", ("caseId", &warned), note)
            .await;
        assert_eq!(case["stage"], "CLOSED");
    })
    .await;
}

#[tokio::test]
async fn a_record_gives_occasion_to_a_matter_and_keeps_its_own_case() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let listing = made::court_jsonl(&[made::listing(1, BUREAU)]);
        story.hub.ingest("court_debtors", &[("c.jsonl", &listing)], |_| {}).await;
        let query = "{ creditRecords(first: 5) { edges { node { id } } } }";
        let data = story.data(&story.authority, query).await;
        let record = id(&data["creditRecords"]["edges"][0]["node"]);
        let body = story.id_of(BUREAU).await;
        let asked = r#"dueOn: "2026-05-06", note: "请说明何时履行""#;
        let both = format!(r#"agencyId: "{body}", {asked}"#);
        let refused = story.refused(&story.congress, "openMatter", ("recordId", &record), &both).await;
        assert_eq!(refused, "NEEDS_SUBJECT");
        let matter = story.done(&story.congress, "openMatter", ("recordId", &record), asked).await;
        assert_eq!((&matter["stage"], &matter["record"]["id"]), (&json!("OPEN"), &json!(record)));
        // The record's own case is another, and so is what becomes of it.
        let grade = r#"tier: SERIOUS, basis: "列入名单""#;
        let case = story.done(&story.authority, "gradeRecord", ("recordId", &record), grade).await;
        assert_ne!(case["id"], matter["id"]);
        let query = format!(
            r#"{{ node(id: "{record}") {{ ... on CreditRecord {{ underObjection case {{ id }} matters {{ id stage agencies {{ name }} }} }} }} }}"#
        );
        let data = story.data(&story.congress, &query).await;
        let expected = json!({
            "underObjection": false,
            "case": { "id": case["id"] },
            "matters": [{ "id": matter["id"], "stage": "OPEN", "agencies": [{ "name": BUREAU }] }],
        });
        assert_eq!(data["node"], expected);
        // Counted by their states: open, answered, settled; and overdue.
        let the_matter = id(&matter);
        let the_matter = ("caseId", the_matter.as_str());
        story.done(&story.congress, "openMatter", ("agencyId", &body), asked).await;
        story.done(&story.agency, "answerMatter", the_matter, r#"note: "五月履行""#).await;
        story.done(&story.congress, "openMatter", ("recordId", &record), asked).await;
        story.hub.it_is("2026-05-07");
        story.done(&story.congress, "settleMatter", the_matter, r#"note: "属实""#).await;
        for (filter, count) in [
            ("open: true", 2),
            ("open: false", 1),
            (r#"stage: ["OPEN"]"#, 2),
            (r#"stage: ["ANSWERED"]"#, 0),
            (r#"stage: ["SETTLED"]"#, 1),
            ("open: true, overdue: true", 2),
        ] {
            let filter = format!(r#"workflow: ["oversight"], {filter}"#);
            assert_eq!(story.count(&story.congress, &filter).await, count, "{filter}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_warning_gives_occasion_to_a_matter() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let listing = made::court_jsonl(&[made::listing(1, BUREAU)]);
        story.hub.ingest("court_debtors", &[("c.jsonl", &listing)], |_| {}).await;
        story.hub.app.assessing().assess_all().await.expect("everybody is graded");
        let query = r#"{ warnings(filter: { redLine: { eq: "RL-COURT" } }) { edges { node { id } } } }"#;
        let data = story.data(&story.congress, query).await;
        let warning = id(&data["warnings"]["edges"][0]["node"]);
        let asked = r#"dueOn: "2026-05-06", note: "请说明何时履行""#;
        let matter = story.done(&story.congress, "openMatter", ("warningId", &warning), asked).await;
        assert_eq!(matter["stage"], "OPEN");
        let query = format!(
            r#"{{ node(id: "{warning}") {{ ... on Warning {{ matters {{ id agencies {{ name }} record {{ id }} warning {{ id }} }} }} }} }}"#
        );
        let data = story.data(&story.congress, &query).await;
        let expected = json!({
            "id": matter["id"], "agencies": [{ "name": BUREAU }], "record": null, "warning": { "id": warning },
        });
        assert_eq!(data["node"]["matters"], json!([expected]));
        let nobody = story.refused(&story.congress, "openMatter", ("warningId", "wrn_440000_17"), asked).await;
        assert_eq!(nobody, "NOT_FOUND");
    })
    .await;
}
