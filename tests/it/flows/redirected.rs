//! A record that turns out to be another body's: what was done to the one before it is over.

use domain::viewer::Role;
use serde_json::{Value, json};

use super::{
    DIGEST, Story, Who, id,
    relisted::{ONE, OTHER, Shared},
};
use crate::support::{CatalogueCopy, Db, Hub, on_both};

/// A story in which a listing may be followed by a measure.
async fn story(db: &Db) -> (Story, CatalogueCopy) {
    let copy = CatalogueCopy::make();
    let entry = "code = \"court.judgment_debtor\"\n";
    let measured = format!("{entry}measures = [\"internal.honours\"]\n");
    copy.spoil("lists/base.toml", entry, &measured);
    let dir = copy.path().to_owned();
    let hub = Hub::with(db, |config| config.catalogue.dir = Some(dir)).await;
    (Story::of(hub).await, copy)
}

impl Story {
    /// How the case of the only record stands.
    async fn standing(&self) -> Value {
        let query = "{ creditRecords(first: 5) { edges { node { agency { name } case { open \
             sanctions { status } rectifications { number overdue droppedOn } events { act party } } } } } }";
        let mut data = self.data(&self.superior, query).await;
        data["creditRecords"]["edges"][0]["node"].take()
    }
}

#[tokio::test]
async fn measures_and_tasks_do_not_follow_a_record_to_another_body() {
    on_both(async |db| goes_to_another(&db, false).await).await;
}

#[tokio::test]
async fn nor_do_they_where_it_was_told_of_nobody_meanwhile() {
    on_both(async |db| goes_to_another(&db, true).await).await;
}

async fn goes_to_another(db: &Db, is_told_of_nobody_between: bool) {
    let (story, _catalogue) = story(db).await;
    let shared = Shared::on(&story).await;
    shared.means(0, "a").await;
    let record = shared.graded().await;
    let authority = Who(Role::Authority, "440604", None);
    let act = async |who: &Who, name: &str, on: (&str, &str), more: &str| {
        let version = story.version_for(&story.superior, on.1).await;
        story.step_at(who, name, on, version, more).await
    };
    let measure = r#"measure: "internal.honours", basis: "清单""#;
    let the_record = ("recordId", record.as_str());
    let imposed = act(&authority, "imposeSanction", the_record, measure).await;
    let case = id(&imposed["case"]);
    let the_case = ("caseId", case.as_str());
    let owner = story.id_for(&story.superior, ONE).await;
    let task = format!(r#"owner: "{owner}", title: "履行", dueOn: "2026-04-25", note: "限期""#);
    let asked = act(&authority, "askRectification", the_case, &task).await;
    assert_eq!(asked["case"]["rectifications"][0]["number"], 1, "{asked}");

    shared.takes_back().await;
    if is_told_of_nobody_between {
        assert_eq!(story.turn_on("2026-04-21").await.closed, 1);
    }
    shared.means(1, "b").await;
    // A measure that was another's is told of nobody, before anybody has noted it either.
    let check = format!(
        r#"{{ sanctionCheck(input: {{ name: "{OTHER}" }}, purpose: "联合惩戒") {{ sanctions {{ status }} records {{ id }} }} }}"#
    );
    let told = &story.data(&story.court, &check).await["sanctionCheck"];
    assert_eq!(told["sanctions"], json!([]), "{told}");
    assert_eq!(told["records"].as_array().map(Vec::len), Some(1), "{told}");

    while story.turn_on("2026-04-27").await.closed > 0 {}
    let stands = story.standing().await;
    assert_eq!(stands["agency"]["name"], OTHER);
    let told = &stands["case"];
    let over = if is_told_of_nobody_between {
        "LIFTED"
    } else {
        "REVOKED"
    };
    assert_eq!(
        (&told["open"], &told["sanctions"], &told["rectifications"]),
        (
            &json!(true),
            &json!([{ "status": over }]),
            &json!([{ "number": 1, "overdue": false, "droppedOn": "2026-04-27" }])
        )
    );
    let events = told["events"].as_array().expect("a list");
    let noted = json!({ "act": "REDIRECT", "party": "CLOCK" });
    assert!(events.contains(&noted), "{told}");
    // It may be imposed anew, and nothing is left to hand in.
    act(&authority, "imposeSanction", the_record, measure).await;
    let stands = story.standing().await;
    assert_eq!(
        stands["case"]["sanctions"][1]["status"], "ACTIVE",
        "{stands}"
    );
    let agency = Who(Role::Agency, "440604", Some(shared.bodies[1].uscc));
    let submit = format!(r#"task: 1, note: "已履行", evidence: ["{DIGEST}"]"#);
    let refused = act(&agency, "submitRectification", the_case, &submit).await;
    assert_eq!(refused["code"], "DROPPED_BEFORE", "{refused}");
}
