//! What its source takes from its list and puts there again.

use domain::viewer::Role;
use serde_json::json;

use super::{BUREAU, Story, Who, id};
use crate::support::{made, on_both};

/// Two bodies that bear a name together.
pub(super) const ONE: &str = "佛山市禅城区样例局";
pub(super) const OTHER: &str = "佛山市禅城区别样局";
/// The name.
pub(super) const SHARED: &str = "样例共用局";

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

/// A listing of a name that two bodies bear, and who says which of them is meant.
pub(super) struct Shared<'a> {
    story: &'a Story,
    operator: Who,
    mention: String,
    pub(super) bodies: [made::Body; 2],
}

impl<'a> Shared<'a> {
    pub(super) async fn on(story: &'a Story) -> Self {
        let bodies = [
            made::body(11, ONE, "440604").alias(SHARED),
            made::body(12, OTHER, "440604").alias(SHARED),
        ];
        let register = made::register(&bodies);
        let files: [(&str, &[u8]); 1] = [("b.csv", &register)];
        story
            .hub
            .ingest("agency_register", &files, |order| order.partial = true)
            .await;
        let list = made::court_jsonl(&[made::listing(1, SHARED)]);
        story
            .hub
            .ingest("court_debtors", &[("c.jsonl", &list)], |_| {})
            .await;
        let operator = Who(Role::Operator, "440000", None);
        let query = "{ mentions(first: 5) { edges { node { id } } } }";
        let data = story.data(&operator, query).await;
        let mention = id(&data["mentions"]["edges"][0]["node"]);
        Self {
            story,
            operator,
            mention,
            bodies,
        }
    }

    /// It is the body with this place among the two that is meant.
    pub(super) async fn means(&self, body: usize, key: &str) {
        let query = "{ mentions(first: 5) { edges { node { version } } } }";
        let data = self.story.data(&self.operator, query).await;
        let version = &data["mentions"]["edges"][0]["node"]["version"];
        let query = format!(
            r#"mutation {{ decideMention(input: {{ key: "{key}", mentionId: "{}", version: {version}, judgement: POSITIVE, uscc: "{}", reason: "看过卷宗" }}) {{ __typename ... on Refusal {{ code }} ... on VersionConflict {{ current }} }} }}"#,
            self.mention, self.bodies[body].uscc
        );
        let decided = self.story.data(&self.operator, &query).await;
        assert_eq!(
            decided["decideMention"]["__typename"], "DecideMentionSuccess",
            "{decided}"
        );
    }

    /// What was decided was a mistake.
    pub(super) async fn takes_back(&self, key: &str) {
        let query = "{ mentionDecisions(first: 1) { edges { node { version } } } }";
        let data = self.story.data(&self.operator, query).await;
        let version = &data["mentionDecisions"]["edges"][0]["node"]["version"];
        let undo = format!(
            r#"mutation {{ undoMentionDecision(input: {{ key: "{key}", mentionId: "{}", version: {version}, reason: "看错了" }}) {{ __typename ... on VersionConflict {{ current }} }} }}"#,
            self.mention
        );
        let undone = self.story.data(&self.operator, &undo).await;
        assert_eq!(
            undone["undoMentionDecision"]["__typename"], "UndoMentionDecisionSuccess",
            "{undone}"
        );
    }

    /// The record that came of it, graded by who is competent.
    pub(super) async fn graded(&self) -> String {
        let query = "{ creditRecords(first: 5) { edges { node { id } } } }";
        let data = self.story.data(&self.story.superior, query).await;
        let record = id(&data["creditRecords"]["edges"][0]["node"]);
        let grade = r#"tier: SERIOUS, basis: "列入名单""#;
        let version = self.story.version_for(&self.story.superior, &record).await;
        let authority = Who(Role::Authority, "440604", None);
        let on = ("recordId", record.as_str());
        let graded = self
            .story
            .step_at(&authority, "gradeRecord", on, version, grade)
            .await;
        assert_eq!(graded["case"]["stage"], "LISTED", "{graded}");
        record
    }
}

/// A record that is there no more because it is not known who is meant comes back when that is known again.
#[tokio::test]
async fn what_is_not_told_of_anybody_for_a_while_holds_again() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let shared = Shared::on(&story).await;
        shared.means(0, "a").await;
        let record = shared.graded().await;
        shared.takes_back("undo").await;
        assert_eq!(story.turn_on("2026-04-21").await.closed, 1);
        shared.means(0, "b").await;
        assert_eq!(story.turn_on("2026-04-22").await.closed, 1);
        let query =
            "{ creditRecords(first: 5) { edges { node { id status case { stage open } } } } }";
        let data = story.data(&story.superior, query).await;
        assert_eq!(
            data["creditRecords"]["edges"][0]["node"],
            json!({ "id": record, "status": "ACTIVE", "case": { "stage": "LISTED", "open": true } })
        );
    })
    .await;
}
