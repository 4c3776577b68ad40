//! What its source takes from its list and puts there again.

use domain::viewer::Role;
use serde_json::json;

use super::{BUREAU, Story, Who, id};
use crate::support::{made, on_both};

#[tokio::test]
async fn what_its_source_lists_again_is_shown_again() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        for (day, listed, found) in [
            ("2026-04-20", 1, 1),
            ("2026-04-21", 2, 1),
            ("2026-04-22", 1, 1),
        ] {
            story.hub.it_is(day);
            let list = made::court_jsonl(&[made::listing(listed, BUREAU)]);
            story
                .hub
                .ingest("court_debtors", &[("c.jsonl", &list)], |_| {})
                .await;
            if day == "2026-04-20" {
                let query = "{ creditRecords(first: 5) { edges { node { id } } } }";
                let data = story.data(&story.authority, query).await;
                let record = id(&data["creditRecords"]["edges"][0]["node"]);
                let grade = r#"tier: SERIOUS, basis: "列入名单""#;
                story
                    .done(
                        &story.authority,
                        "gradeRecord",
                        ("recordId", &record),
                        grade,
                    )
                    .await;
            }
            story.turn_on(day).await;
            let query = "{ creditRecords(first: 5) { totalCount } }";
            let data = story.hub.data(None, query).await;
            assert_eq!(data["creditRecords"]["totalCount"], found, "on {day}");
        }
    })
    .await;
}

/// A record that is there no more because it is not known who is meant comes back when that is known again.
#[tokio::test]
async fn what_is_not_told_of_anybody_for_a_while_holds_again() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let shared = "样例共用局";
        let bodies = [
            made::body(11, "佛山市禅城区样例局", "440604").alias(shared),
            made::body(12, "佛山市禅城区别样局", "440604").alias(shared),
        ];
        let register = made::register(&bodies);
        let files: [(&str, &[u8]); 1] = [("b.csv", &register)];
        story
            .hub
            .ingest("agency_register", &files, |order| order.partial = true)
            .await;
        let list = made::court_jsonl(&[made::listing(1, shared)]);
        story
            .hub
            .ingest("court_debtors", &[("c.jsonl", &list)], |_| {})
            .await;
        let operator = Who(Role::Operator, "440000", None);
        let query = "{ mentions(first: 5) { edges { node { id version } } } }";
        let data = story.data(&operator, query).await;
        let mention = id(&data["mentions"]["edges"][0]["node"]);
        let decide = async |key: &str, version: i64| {
            let query = format!(
                r#"mutation {{ decideMention(input: {{ key: "{key}", mentionId: "{mention}", version: {version}, judgement: POSITIVE, uscc: "{}", reason: "看过卷宗" }}) {{ ... on DecideMentionSuccess {{ mention {{ decision {{ version }} }} }} ... on Refusal {{ code }} ... on VersionConflict {{ current }} }} }}"#,
                bodies[0].uscc
            );
            story.data(&operator, &query).await["decideMention"].clone()
        };
        let version = data["mentions"]["edges"][0]["node"]["version"].as_i64();
        let decided = decide("a", version.expect("a number")).await;
        let query = "{ creditRecords(first: 5) { edges { node { id status case { stage open } } } } }";
        let data = story.data(&story.superior, query).await;
        let record = id(&data["creditRecords"]["edges"][0]["node"]);
        let grade = r#"tier: SERIOUS, basis: "列入名单""#;
        let authority = Who(Role::Authority, "440604", None);
        let version = story.version_for(&story.superior, &record).await;
        let graded = story
            .step_at(&authority, "gradeRecord", ("recordId", &record), version, grade)
            .await;
        assert_eq!(graded["case"]["stage"], "LISTED", "{graded}");

        let decision = decided["mention"]["decision"]["version"].as_i64();
        let undo = format!(
            r#"mutation {{ undoMentionDecision(input: {{ key: "u", mentionId: "{mention}", version: {}, reason: "看错了" }}) {{ __typename }} }}"#,
            decision.unwrap_or(1)
        );
        let undone = story.data(&operator, &undo).await;
        assert_eq!(undone["undoMentionDecision"]["__typename"], "UndoMentionDecisionSuccess");
        assert_eq!(story.turn_on("2026-04-21").await.closed, 1);
        let query_mention = "{ mentions(first: 5) { edges { node { version } } } }";
        let data = story.data(&operator, query_mention).await;
        let version = data["mentions"]["edges"][0]["node"]["version"].as_i64();
        decide("b", version.expect("a number")).await;
        assert_eq!(story.turn_on("2026-04-22").await.closed, 1);
        let data = story.data(&story.superior, query).await;
        assert_eq!(
            data["creditRecords"]["edges"][0]["node"],
            json!({ "id": record, "status": "ACTIVE", "case": { "stage": "LISTED", "open": true } })
        );
    })
    .await;
}
