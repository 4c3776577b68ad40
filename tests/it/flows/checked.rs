//! A check as of an earlier day tells what stood then, and nothing of what became of it.

use serde_json::{Value, json};

use super::{BUREAU, Story, id, led::development};
use crate::support::{made, on_both};

const BUDGET: &str = "internal.central_budget";
/// One that no objection suspends.
const CITY_CREDIT: &str = "internal.city_credit";
/// The last day of a record that is SERIOUS: 36 months.
const MAXIMUM: &str = "2029-06-02";

#[tokio::test]
async fn of_an_earlier_day_a_check_tells_what_stood_then() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let (led, development) = (story.confirmed().await, development());
        let budget = story.imposed(&led, BUDGET, "").await;
        story.imposed(&led, CITY_CREDIT, "").await;
        story.hub.it_is("2026-06-05");
        let objects = r#"note: "事实有误""#;
        let case = story.done(&story.agency, "fileObjection", led.the_record(), objects).await;
        let objection = id(&case["objections"][0]);
        story.hub.it_is("2026-06-09");
        let dismissed = r#"upheld: false, basis: "事实清楚""#;
        story.done(&development, "decideObjection", ("objectionId", &objection), dismissed).await;
        story.hub.it_is("2026-06-16");
        let lift = r#"basis: "清单""#;
        story.done(&development, "liftSanction", ("sanctionId", &budget), lift).await;
        story.hub.it_is("2026-06-20");

        let both = |version: i64| vec![(BUDGET, MAXIMUM, version), (CITY_CREDIT, MAXIMUM, 1)];
        let one = || vec![(CITY_CREDIT, MAXIMUM, 1)];
        for (day, is_objected, measures) in [
            ("2026-06-04", false, both(1)),
            ("2026-06-05", true, one()),
            ("2026-06-08", true, one()),
            ("2026-06-09", false, both(3)),
            ("2026-06-15", false, both(3)),
            ("2026-06-16", false, one()),
            ("2026-06-20", false, one()),
        ] {
            let query = format!(
                r#"{{ sanctionCheck(input: {{ uscc: "{}" }}, purpose: "x", asOf: "{day}") {{ verdict answer notice }} }}"#,
                story.bureau
            );
            let check = story.data(&story.court, &query).await["sanctionCheck"].clone();
            assert_eq!(check["verdict"], "RESTRICTED", "{day}: {check}");
            let answer: Value = serde_json::from_str(check["answer"].as_str().expect("a text")).expect("JSON");
            assert_eq!(answer["records"][0]["under_objection"], json!(is_objected), "{day}: {answer}");
            let notice = check["notice"].as_str().expect("a text");
            assert_eq!(notice.contains("异议处理中"), is_objected, "{day}: {notice}");
            let told = answer["sanctions"].as_array().expect("a list").iter();
            let mut told: Vec<(&str, &str, i64)> = told
                .map(|one| {
                    let text = |key: &str| one[key].as_str().expect("a text");
                    (text("measure"), text("ends_on"), one["version"].as_i64().expect("a number"))
                })
                .collect();
            told.sort_unstable();
            assert_eq!(told, measures, "{day}");
        }
    })
    .await;
}

/// What a check of a day says of the bureau, by its code.
async fn verdict(story: &Story, day: &str) -> Value {
    let query = format!(
        r#"{{ sanctionCheck(input: {{ uscc: "{}" }}, purpose: "x", asOf: "{day}") {{ verdict }} }}"#,
        story.bureau
    );
    let told = story.data(&story.court, &query).await;
    told["sanctionCheck"]["verdict"].clone()
}

#[tokio::test]
async fn a_day_on_which_a_record_did_not_hold_stays_so_when_it_holds_again() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        for (day, listed) in [
            ("2026-04-20", 1),
            ("2026-04-23", 2),
            ("2026-04-27", 1),
            ("2026-04-29", 2),
            ("2026-04-30", 1),
        ] {
            story.hub.it_is(day);
            let name = if listed == 1 {
                BUREAU
            } else {
                "云上样例大队"
            };
            let list = made::court_jsonl(&[made::listing(listed, name).published("2026-04-20")]);
            story
                .hub
                .ingest("court_debtors", &[("c.jsonl", &list)], |_| {})
                .await;
        }
        for (day, told) in [
            ("2026-04-20", "LISTED"),
            ("2026-04-22", "LISTED"),
            ("2026-04-23", "CLEAR"),
            ("2026-04-26", "CLEAR"),
            ("2026-04-27", "LISTED"),
            ("2026-04-28", "LISTED"),
            ("2026-04-29", "CLEAR"),
            ("2026-04-30", "LISTED"),
        ] {
            assert_eq!(verdict(&story, day).await, told, "{day}");
        }
        let query = "{ creditRecords(asOf: \"2026-04-24\", first: 1) { edges { node { status endedOn } } } }";
        let data = story.data(&story.authority, query).await;
        let then = json!({ "status": "DELISTED", "endedOn": "2026-04-23" });
        assert_eq!(data["creditRecords"]["edges"][0]["node"], then);
    })
    .await;
}

#[tokio::test]
async fn while_it_was_repaired_nothing_stood_though_the_repair_was_revoked() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let led = story.confirmed().await;
        story.hub.it_is("2026-07-01");
        story.set_right(&led).await;
        let query = format!(
            r#"{{ node(id: "{}") {{ ... on CreditRecord {{ correctedOn }} }} }}"#,
            led.record
        );
        let corrected =
            async || story.data(&story.authority, &query).await["node"]["correctedOn"].clone();
        assert_eq!(corrected().await, "2026-07-01");
        let (repair, _) = story.repaired(&led).await;
        story.hub.it_is("2026-08-01");
        let revoke = r#"basis: "骗取修复", note: "材料虚假""#;
        story
            .done(
                &story.authority,
                "revokeRepair",
                ("repairId", &repair),
                revoke,
            )
            .await;
        assert_eq!(corrected().await, json!(null), "it was not so");
        // Repaired once more: of the first time it is not said why the second one ended it.
        story.hub.it_is("2026-09-01");
        story.repaired(&led).await;
        let repaired = |on: &str, ground| ("REPAIRED", json!(on), ground);
        for (day, told, (status, ended_on, ground)) in [
            ("2026-06-30", "LISTED", ("ACTIVE", json!(null), json!(null))),
            ("2026-07-01", "CLEAR", repaired("2026-07-01", json!(null))),
            ("2026-07-31", "CLEAR", repaired("2026-07-01", json!(null))),
            ("2026-08-01", "LISTED", ("ACTIVE", json!(null), json!(null))),
            (
                "2026-09-01",
                "CLEAR",
                repaired("2026-09-01", json!("REPAIR")),
            ),
        ] {
            assert_eq!(verdict(&story, day).await, told, "{day}");
            let query = format!(
                r#"{{ creditRecords(asOf: "{day}", first: 1) {{ edges {{ node {{ status endedOn endGround }} }} }}
                    creditRecordStats(asOf: "{day}", groupBy: [STATUS]) {{ keys count }} }}"#
            );
            let data = story.data(&story.authority, &query).await;
            let node = &data["creditRecords"]["edges"][0]["node"];
            let expected = json!({ "status": status, "endedOn": ended_on, "endGround": ground });
            assert_eq!(node, &expected, "{day}");
            let counted = &data["creditRecordStats"];
            assert_eq!(counted, &json!([{ "keys": [status], "count": 1 }]), "{day}");
        }
    })
    .await;
}
