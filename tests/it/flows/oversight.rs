//! What a people's congress asks a body about.

use serde_json::json;

use super::{BUREAU, Story, id};
use crate::support::on_both;

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
