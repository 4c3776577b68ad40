//! A record that turns out to be another body's: what was done to the one before it is over.

use domain::viewer::Role;
use serde_json::{Value, json};

use super::{
    BUREAU, Story, Who, id,
    relisted::{ONE, OTHER, SHARED, Shared},
};
use crate::support::{CatalogueCopy, Db, Hub, made, on_both, rows};

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

#[tokio::test]
async fn what_was_done_to_a_body_does_not_follow_a_record_to_another() {
    on_both(async |db| goes_to_another(&db, false).await).await;
}

/// What one body's handler withdrew holds of the other that its source meant.
#[tokio::test]
async fn how_its_case_ended_it_does_not_follow_it_either() {
    on_both(async |db| ended_of_another(&db, true).await).await;
}

#[tokio::test]
async fn nor_does_it_come_back_to_life_of_another_where_nobody_lists_it_any_more() {
    on_both(async |db| ended_of_another(&db, false).await).await;
}

async fn ended_of_another(db: &Db, is_listed: bool) {
    let story = Story::on(db).await;
    story.hub.it_is("2026-10-10");
    let bodies = || {
        [
            made::body(11, ONE, "440604"),
            made::body(12, OTHER, "440604"),
        ]
    };
    let register = async |bodies: &[made::Body]| {
        let told = made::register(bodies);
        let files: [(&str, &[u8]); 1] = [("b.csv", &told)];
        let hub = &story.hub;
        hub.ingest("agency_register", &files, |order| order.partial = true)
            .await;
    };
    let [one, other] = bodies();
    register(&[one.alias(SHARED), other]).await;
    let debts = rows::file(&[rows::established(1, SHARED)]);
    story
        .hub
        .ingest("arrears", &[("a.csv", &debts)], |_| {})
        .await;
    let query =
        "{ creditRecords(first: 5) { edges { node { id status version agency { name } } } } }";
    let told = async || {
        let data = story.data(&story.superior, query).await;
        data["creditRecords"]["edges"][0]["node"].clone()
    };
    let authority = Who(Role::Authority, "440604", None);
    let record = id(&told().await);
    let act = async |name: &str, more: &str| {
        let version = story.version_for(&story.superior, &record).await;
        let on = ("recordId", record.as_str());
        story.step_at(&authority, name, on, version, more).await
    };
    act("gradeRecord", r#"tier: GENERAL, basis: "条例""#).await;
    act("withdrawRecord", r#"basis: "认定有误", note: "不是该局""#).await;
    let stands = |node: &Value| (node["status"].clone(), node["agency"]["name"].clone());
    assert_eq!(stands(&told().await), (json!("WITHDRAWN"), json!(ONE)));
    if !is_listed {
        let others = rows::file(&[rows::complaint(2, BUREAU)]);
        story
            .hub
            .ingest("arrears", &[("b.csv", &others)], |_| {})
            .await;
    }
    // The register says that the name is another's.
    let [one, other] = bodies();
    register(&[one, other.alias(SHARED)]).await;
    let expected = match is_listed {
        true => (json!("ACTIVE"), json!(OTHER)),
        false => (json!("DELISTED"), json!(OTHER)),
    };
    assert_eq!(stands(&told().await), expected);
}

#[tokio::test]
async fn nor_where_it_was_told_of_nobody_meanwhile() {
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
    let first = id(&imposed["case"]);
    let the_first = ("caseId", first.as_str());
    let owner = story.id_for(&story.superior, ONE).await;
    let task = format!(r#"owner: "{owner}", title: "履行", dueOn: "2026-04-25", note: "限期""#);
    let asked = act(&authority, "askRectification", the_first, &task).await;
    assert_eq!(asked["case"]["rectifications"][0]["number"], 1, "{asked}");

    shared.takes_back("undo").await;
    if is_told_of_nobody_between {
        assert_eq!(story.turn_on("2026-04-21").await.closed, 1);
    }
    shared.means(1, "b").await;
    // What sanctions the other body had on a day, as a check tells it.
    let checked = async |day: &str| {
        let check = format!(
            r#"{{ sanctionCheck(input: {{ name: "{OTHER}" }}, purpose: "联合惩戒", asOf: "{day}") {{ sanctions {{ status }} records {{ id }} }} }}"#
        );
        let told = story.data(&story.court, &check).await["sanctionCheck"].take();
        assert_eq!(told["records"].as_array().map(Vec::len), Some(1), "{told}");
        told["sanctions"].clone()
    };
    let told = async |who: &Who, case: &str| {
        let query = format!(
            r#"{{ node(id: "{case}") {{ ... on Case {{ open agencies {{ name }} record {{ id }} sanctions {{ status }} }} }} }}"#
        );
        story.data(who, &query).await["node"].take()
    };
    // Before anybody has noted it, and afterwards.
    story.hub.it_is("2026-04-22");
    assert_eq!(checked("2026-04-22").await, json!([]));
    story.turn_on("2026-04-22").await;
    story.turn_on("2026-04-23").await;
    for day in ["2026-04-20", "2026-04-21", "2026-04-23"] {
        assert_eq!(checked(day).await, json!([]), "{day}");
    }
    let over = json!({ "open": false, "agencies": [{ "name": ONE }], "record": null, "sanctions": [{ "status": "LIFTED" }] });
    assert_eq!(told(&story.superior, &first).await, over);
    let body = |n: usize| Who(Role::Agency, "440604", Some(shared.bodies[n].uscc));
    assert_eq!(told(&body(0), &first).await, over, "it is told of its own");
    assert_eq!(
        told(&body(1), &first).await,
        json!(null),
        "which is not for another"
    );

    // The other body has a case of its own, from the beginning.
    let query =
        "{ creditRecords(first: 5) { edges { node { id tier agency { name } case { id } } } } }";
    let data = story.data(&story.superior, query).await;
    assert_eq!(
        data["creditRecords"]["edges"][0]["node"],
        json!({ "id": record, "tier": null, "agency": { "name": OTHER }, "case": null })
    );
    let grade = r#"tier: SERIOUS, basis: "列入名单""#;
    let graded = act(&authority, "gradeRecord", the_record, grade).await;
    let second = id(&graded["case"]);
    assert_ne!(second, first);
    act(&authority, "imposeSanction", the_record, measure).await;
    let runs = json!({ "open": true, "agencies": [{ "name": OTHER }], "record": { "id": record }, "sanctions": [{ "status": "ACTIVE" }] });
    assert_eq!(told(&body(1), &second).await, runs);
    assert_eq!(told(&body(0), &second).await, json!(null));
    assert_eq!(checked("2026-04-23").await, json!([{ "status": "ACTIVE" }]));
    assert_eq!(checked("2026-04-22").await, json!([]));

    // Said to be the first one's after all, that one's case goes on, and the other's is over.
    shared.takes_back("undo again").await;
    shared.means(0, "c").await;
    while story.turn_on("2026-04-24").await.closed > 0 {}
    assert_eq!(told(&body(0), &first).await["open"], true);
    assert_eq!(
        told(&body(1), &second).await["sanctions"],
        json!([{ "status": "LIFTED" }])
    );
}
