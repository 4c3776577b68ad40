//! What nobody here has in hand: the days of a complaint about arrears run from its receipt all the same, and a
//! record that only its source tells of ends with its longest term.

use serde_json::{Value, json};

use super::{BUREAU, CITY, DEVELOPMENT, PROVINCE, Story, id};
use crate::support::{CatalogueCopy, Hub, made, on_both, rows};

const LEAD: &str = "id stage dueOn case { id stage dueOn overdue handler { name } events { act party by } \
     reminders { days level owedBy { name } to { name } } }";

/// A complaint of which the registry says when it was received, passed on and dealt with.
fn complaint(received: &str, passed: &str, ended: &str) -> rows::Row {
    rows::complaint(1, BUREAU)
        .with("受理日期", received)
        .with("转交日期", passed)
        .with("办结日期", ended)
}

async fn bring(hub: &Hub, row: rows::Row) {
    let file = rows::file(&[row]);
    hub.ingest("arrears", &[("a.csv", &file)], |_| {}).await;
}

impl Story {
    async fn the_lead(&self) -> Value {
        let query = format!("{{ clues(first: 5) {{ edges {{ node {{ {LEAD} }} }} }} }}");
        let mut data = self.data(&self.superior, &query).await;
        let leads = data["clues"]["edges"].as_array().map_or(0, Vec::len);
        assert_eq!(leads, 1);
        data["clues"]["edges"][0]["node"].take()
    }
}

#[tokio::test]
async fn its_ten_days_run_and_those_above_hear_that_it_lies_there() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        story.hub.it_is("2026-09-22");
        bring(&story.hub, complaint("2026-09-22", "", "")).await;
        assert_eq!(story.the_lead().await["case"], json!(null));

        let turned = story.turn_on("2026-09-24").await;
        assert_eq!((turned.taken_up, turned.reminded), (1, 0));
        let again = story.turn_on("2026-09-24").await;
        assert_eq!((again.taken_up, again.closed), (0, 0), "once");
        let lead = story.the_lead().await;
        // Ten working days over Mid-Autumn and the National Day.
        assert_eq!(
            (&lead["stage"], &lead["dueOn"]),
            (&json!("RECEIVED"), &json!("2026-10-13"))
        );
        let events = &lead["case"]["events"];
        let first = json!([{ "act": "ACCEPT", "party": "CLOCK", "by": "hub" }]);
        assert_eq!((events, &lead["case"]["handler"]), (&first, &json!(null)));

        story.turn_on("2026-10-13").await;
        assert_eq!(story.count(&story.superior, "overdue: true").await, 0);
        story.turn_on("2026-10-14").await;
        assert_eq!(story.count(&story.superior, "overdue: true").await, 1);
        // Who leads in the city has it to pass on; five working days later his superior hears of it.
        for day in ["2026-10-20", "2026-11-03"] {
            story.turn_on(day).await;
        }
        let lead = story.the_lead().await;
        let told: Vec<_> = lead["case"]["reminders"]
            .as_array()
            .expect("a list")
            .iter()
            .collect();
        let of = |days: i64, level: i64| {
            let mut same = told
                .iter()
                .filter(|one| one["days"] == days && one["level"] == level);
            let one = same.next().expect("it was made");
            (one["owedBy"]["name"].clone(), one["to"]["name"].clone())
        };
        assert_eq!(of(1, 0), (json!(DEVELOPMENT), json!(DEVELOPMENT)));
        assert_eq!(of(5, 1), (json!(DEVELOPMENT), json!(CITY)));
        assert_eq!(of(15, 2), (json!(DEVELOPMENT), json!(PROVINCE)));

        // It can still be passed on, and its thirty days begin then.
        let lead = id(&lead);
        let to = format!(r#"to: "{}""#, story.id_of(DEVELOPMENT).await);
        let done = story
            .step(&story.authority, "transferClue", ("clueId", &lead), &to)
            .await;
        assert_eq!(
            (&done["clue"]["stage"], &done["clue"]["dueOn"]),
            (&json!("TRANSFERRED"), &json!("2026-12-03")),
            "{done}"
        );
    })
    .await;
}

#[tokio::test]
async fn what_the_registry_passed_on_itself_has_the_days_of_that_until_it_is_dealt_with() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        story.hub.it_is("2026-09-22");
        bring(&story.hub, complaint("2026-09-22", "", "")).await;
        story.turn_on("2026-09-23").await;

        story.hub.it_is("2026-09-25");
        bring(&story.hub, complaint("2026-09-22", "2026-09-24", "")).await;
        assert_eq!(story.turn_on("2026-09-25").await.closed, 1);
        assert_eq!(story.turn_on("2026-09-25").await.closed, 0, "once");
        let lead = story.the_lead().await;
        // Thirty days from then: the last one is a Saturday.
        assert_eq!(
            (&lead["stage"], &lead["dueOn"]),
            (&json!("TRANSFERRED"), &json!("2026-10-26"))
        );
        story.turn_on("2026-10-27").await;
        assert_eq!(story.count(&story.superior, "overdue: true").await, 1);

        bring(
            &story.hub,
            complaint("2026-09-22", "2026-09-24", "2026-10-27"),
        )
        .await;
        assert_eq!(story.turn_on("2026-10-28").await.closed, 1);
        let lead = story.the_lead().await;
        let case = &lead["case"];
        let last = case["events"].as_array().and_then(|events| events.last());
        let last = last.expect("something was done");
        assert_eq!(
            (&lead["dueOn"], &case["overdue"], &last["act"]),
            (&json!(null), &json!(false), &json!("RECOUNT"))
        );
        let next = story.turn_on("2026-10-29").await;
        assert_eq!((next.closed, next.taken_up), (0, 0));
    })
    .await;
}

#[tokio::test]
async fn what_was_dealt_with_before_or_is_in_somebodys_hand_is_left_to_them() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        story.hub.it_is("2026-10-12");
        bring(
            &story.hub,
            complaint("2026-09-22", "2026-09-24", "2026-10-10"),
        )
        .await;
        assert_eq!(story.turn_on("2026-10-12").await.taken_up, 0);
        let lead = id(&story.the_lead().await);
        let to = format!(r#"to: "{}""#, story.id_of(DEVELOPMENT).await);
        story
            .step(&story.authority, "transferClue", ("clueId", &lead), &to)
            .await;
        let turned = story.turn_on("2026-10-13").await;
        assert_eq!((turned.taken_up, turned.closed), (0, 0));
        assert_eq!(
            story.the_lead().await["dueOn"],
            "2026-11-11",
            "who has it in hand owes it"
        );
        // An order of the hotline has no such days.
        story.lead().await;
        assert_eq!(story.turn_on("2026-10-14").await.taken_up, 0);
    })
    .await;
}

#[tokio::test]
async fn a_record_that_only_its_source_tells_of_ends_with_its_longest_term() {
    on_both(async |db| {
        // A local list that grades what the platform tells: twelve months are the longest of its grade.
        let lists = CatalogueCopy::make();
        let entry = "code = \"breach.confirmed\"\n";
        lists.spoil("lists/base.toml", entry, &format!("{entry}tier = \"GENERAL\"\n"));
        let entry = "code = \"arrears.established\"\n";
        lists.spoil("lists/base.toml", entry, &format!("{entry}tier = \"GENERAL\"\n"));
        let dir = lists.path().to_owned();
        let story = Story::of(Hub::with(&db, |config| config.catalogue.dir = Some(dir)).await).await;
        story.hub.it_is("2026-05-20");
        let listed = made::court_jsonl(&[made::listing(1, BUREAU).published("2020-01-06")]);
        story.hub.ingest("court_debtors", &[("c.jsonl", &listed)], |_| {}).await;
        let file = rows::file(&[rows::breach(1, BUREAU)]);
        story.hub.ingest("credit_platform", &[("b.csv", &file)], |_| {}).await;
        let debt = rows::established(1, BUREAU).with("受理日期", "2026-03-05").with("转交日期", "2026-03-08");
        let debt = rows::file(&[debt.with("办结日期", "2026-05-06")]);
        story.hub.ingest("arrears", &[("d.csv", &debt)], |_| {}).await;
        let query = "{ creditRecords(first: 5) { edges { node { kind status endedOn endGround identifiedOn case { stage open } } } } }";
        let told = async || {
            let data = story.data(&story.superior, query).await;
            let records = data["creditRecords"]["edges"].as_array().expect("a list").iter();
            let records = records.map(|edge| edge["node"].clone());
            let records: Vec<_> = records.collect();
            ["BREACH", "JUDGMENT_DEBTOR", "ARREARS"].map(|kind| {
                let it = records.iter().find(|one| one["kind"] == kind);
                it.expect("it is told").clone()
            })
        };
        assert_eq!(told().await[0]["identifiedOn"], "2026-05-06");
        assert_eq!(told().await[2]["identifiedOn"], "2026-05-06");
        assert_eq!(story.turn_on("2027-05-06").await.expired, 0, "its last day");
        assert_eq!(told().await[0]["status"], "ACTIVE");
        assert_eq!(story.turn_on("2027-05-07").await.expired, 1);
        assert_eq!(story.turn_on("2027-05-07").await.expired, 0, "once");
        let [breach, listed, debt] = told().await;
        assert_eq!(
            (&breach["status"], &breach["endedOn"], &breach["endGround"]),
            (&json!("EXPIRED"), &json!("2027-05-07"), &json!("TERM"))
        );
        assert_eq!(breach["case"], json!({ "stage": "CLOSED", "open": false }));
        assert_eq!(listed["status"], "ACTIVE", "a court's listing ends by the court's word alone");
        assert_eq!(debt["status"], "ACTIVE", "nobody has seen the debt paid");
        // Its source may say what it said: it has ended.
        story.hub.ingest("credit_platform", &[("b.csv", &file)], |_| {}).await;
        assert_eq!(told().await[0]["status"], "EXPIRED");
    })
    .await;
}
