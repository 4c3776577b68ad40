//! What the public reads of a record, from its publication to its end, and what it never reads.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use zhengxin::config::{Channel, Outbound, Place};

use super::{
    BUREAU, DEVELOPMENT, DIGEST, Story,
    led::{ITEM, Led, development},
};
use crate::{
    outbound::{last_row, round},
    support::{CatalogueCopy, Hub, on_both},
};

const TOLD: &str = "status tier identifiedBy publicUntil underObjection agency { name } catalogueItem { code } \
    sanctions { status measure { code } } repairs { state } objections { state } publicityRule { public maxMonths } \
    case { stage open answers { act } rectifications { number owner { name } dueOn submittedOn acceptedOn refused overdue } }";
const GENERAL: &str = r#"tier: GENERAL, basis: "清单""#;

impl Story {
    /// What somebody reads of the record; null where it is none for him.
    async fn told_of(&self, token: Option<&str>, led: &Led) -> Value {
        let id = &led.record;
        let query = format!(r#"{{ node(id: "{id}") {{ ... on CreditRecord {{ {TOLD} }} }} }}"#);
        let mut data = self.hub.data(token, &query).await;
        data["node"].take()
    }

    /// How many records, cases, measures and bodies the public finds.
    async fn found_by_the_public(&self) -> [i64; 4] {
        let query = "{ creditRecords(first: 5) { totalCount } cases(first: 5) { totalCount } \
                     sanctions(first: 5) { totalCount } agencies(first: 5) { totalCount } }";
        let data = self.hub.data(None, query).await;
        let lists = ["creditRecords", "cases", "sanctions", "agencies"];
        lists.map(|list| data[list]["totalCount"].as_i64().expect("a number"))
    }

    async fn published(&self, led: &Led) {
        let development = development();
        self.done(&development, "gradeRecord", led.the_record(), GENERAL)
            .await;
        let case = self
            .done(&development, "publishRecord", led.the_record(), "")
            .await;
        assert_eq!(case["record"]["publicUntil"], "2027-06-02", "twelve months");
    }
}

#[tokio::test]
async fn the_public_reads_a_published_record_until_its_repair_which_is_told_downstream() {
    on_both(async |db| {
        let folder = db.folder().join("platform");
        std::fs::create_dir_all(&folder).expect("the folder is ours");
        let place = Place { folder: Some(folder.clone()), ..Place::default() };
        let hub = Hub::with(&db, |config| {
            let channel = Some(Channel::Package);
            config.outbound.insert("credit_platform".to_owned(), Outbound { channel, place });
        });
        let story = Story::of(hub.await).await;
        let led = story.confirmed().await;
        let mut seen = BTreeSet::new();
        let headings = ["opt_type", "jlzt", "zzyy", "cscs"];
        round(&story.hub).await;
        let row = last_row(&folder, &mut seen, headings);
        assert_eq!(row, ["I", "有效", "", ""], "the platform hears of what is confirmed");

        // Before it is published it is nothing for the public, and nobody else says when it ends.
        assert_eq!(story.told_of(None, &led).await, json!(null));
        let token = story.token(&story.authority);
        assert_eq!(story.told_of(Some(&token), &led).await["publicUntil"], json!(null));
        assert_eq!(story.found_by_the_public().await, [0; 4]);
        story.published(&led).await;
        let again = story.refused(&development(), "publishRecord", led.the_record(), "").await;
        assert_eq!(again, "PUBLISHED_BEFORE");
        story.imposed(&led, "internal.central_budget", "").await;

        let mut told = json!({
            "status": "ACTIVE", "tier": "GENERAL", "identifiedBy": DEVELOPMENT, "publicUntil": "2027-06-02",
            "underObjection": false, "agency": { "name": BUREAU }, "catalogueItem": { "code": ITEM },
            "sanctions": [{ "status": "ACTIVE", "measure": { "code": "internal.central_budget" } }],
            "repairs": [], "objections": [], "publicityRule": { "public": true, "maxMonths": 12 },
            "case": { "stage": "CONFIRMED", "open": true, "answers": [], "rectifications": [{
                "number": 1, "owner": { "name": BUREAU }, "dueOn": "2026-06-01", "submittedOn": null,
                "acceptedOn": null, "refused": true, "overdue": true,
            }] },
        });
        assert_eq!(story.told_of(None, &led).await, told);
        assert_eq!(story.found_by_the_public().await, [1; 4]);
        round(&story.hub).await;
        let row = last_row(&folder, &mut seen, headings);
        assert_eq!(row, ["U", "有效", "", "internal.central_budget=ACTIVE 2026-06-02/2027-06-02"]);

        // The state of rectification is public as it changes.
        story.hub.it_is("2026-06-10");
        story.set_right(&led).await;
        let task = &mut told["case"]["rectifications"][0];
        for (field, value) in [
            ("submittedOn", json!("2026-06-10")),
            ("acceptedOn", json!("2026-06-10")),
            ("refused", json!(false)),
            ("overdue", json!(false)),
        ] {
            task[field] = value;
        }
        assert_eq!(story.told_of(None, &led).await, told);
        round(&story.hub).await;
        last_row(&folder, &mut seen, headings);

        // Repair ends publicity and measures at once, and the platform is told.
        story.hub.it_is("2026-06-11");
        let (_, case) = story.repaired(&led).await;
        assert_eq!((&case["stage"], &case["record"]["publicUntil"]), (&json!("REPAIRED"), &json!(null)));
        assert_eq!(story.measures(&led).await, ["internal.central_budget LIFTED 2026-06-11"]);
        assert_eq!(story.told_of(None, &led).await, json!(null));
        assert_eq!(story.found_by_the_public().await, [0; 4]);
        round(&story.hub).await;
        let row = last_row(&folder, &mut seen, headings);
        assert_eq!(row, ["U", "已修复", "REPAIR", "internal.central_budget=LIFTED 2026-06-02/2026-06-11"]);
    })
    .await;
}

#[tokio::test]
async fn nothing_of_who_complained_is_for_the_public() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let led = story.confirmed().await;
        story.published(&led).await;
        for of_record in [
            "clues { id }",
            "matters { id }",
            "official { id }",
            "case { clue { id } }",
            "case { events { by note } }",
            "case { evidence { digest } }",
            "case { nextActs }",
            "case { reminders { on } }",
            "case { rectifications { title } }",
            "evidence { location }",
        ] {
            let query = format!(
                r#"{{ node(id: "{}") {{ ... on CreditRecord {{ {of_record} }} }} }}"#,
                led.record
            );
            let refused = story.hub.query(None, &query).await;
            assert_eq!(refused["errors"][0]["extensions"]["code"], "FORBIDDEN", "{of_record}");
        }
        // What is attached is for those who deal with it, and the lead is none for the public.
        let query = format!(
            r#"{{ record: node(id: "{}") {{ ... on CreditRecord {{ evidence {{ digest }} }} }} lead: node(id: "{}") {{ id }} }}"#,
            led.record, led.clue
        );
        let data = story.hub.data(None, &query).await;
        assert_eq!(data, json!({ "record": { "evidence": [] }, "lead": null }));
        let data = story.data(&story.authority, &query).await;
        let attached = data["record"]["evidence"].as_array().cloned().unwrap_or_default();
        let is_ours = |one: &Value| one["digest"] == DIGEST;
        assert!(!attached.is_empty() && attached.iter().all(is_ours), "{data}");
        // Who is complained of reads the lead that led here, and not whose it was.
        let query = format!(
            r#"{{ node(id: "{}") {{ ... on Clue {{ title content category channel agencies {{ name }} evidence {{ digest }} }} }} }}"#,
            led.clue
        );
        let told = story.data(&story.agency, &query).await;
        let lead = &told["node"];
        assert_eq!((&lead["title"], &lead["content"]), (&lead["category"], &Value::Null), "{lead}");
        let told = told.to_string();
        for personal in ["甲某诉", "10000000001", "13000000000"] {
            assert!(!told.contains(personal), "{told}");
        }
    })
    .await;
}

#[tokio::test]
async fn at_the_maximum_publicity_and_measures_end_by_the_clock() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let led = story.confirmed().await;
        story.published(&led).await;
        story.imposed(&led, "internal.central_budget", "").await;
        story.hub.it_is("2026-09-01");
        story.set_right(&led).await;
        for (day, expired, measure, found) in [
            (
                "2027-06-02",
                0,
                "internal.central_budget ACTIVE 2027-06-02",
                1,
            ),
            (
                "2027-06-03",
                1,
                "internal.central_budget EXPIRED 2027-06-02",
                0,
            ),
        ] {
            assert_eq!(story.turn_on(day).await.expired, expired, "on {day}");
            assert_eq!(story.measures(&led).await, [measure], "on {day}");
            assert_eq!(story.found_by_the_public().await, [found; 4], "on {day}");
        }
        let token = story.token(&story.authority);
        let told = story.told_of(Some(&token), &led).await;
        let stands = [
            &told["status"],
            &told["publicUntil"],
            &told["case"]["stage"],
            &told["case"]["open"],
        ];
        assert_eq!(
            stands,
            [
                &json!("EXPIRED"),
                &json!(null),
                &json!("CLOSED"),
                &json!(false)
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn what_is_not_set_right_does_not_end_by_the_clock_alone() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let led = story.confirmed().await;
        story.published(&led).await;
        assert_eq!(story.turn_on("2027-06-03").await.expired, 0);
        assert_eq!(story.told_of(None, &led).await["status"], "ACTIVE");
        story.set_right(&led).await;
        assert_eq!(story.turn_on("2027-06-03").await.expired, 1);
        assert_eq!(story.told_of(None, &led).await, json!(null));
    })
    .await;
}

#[tokio::test]
async fn the_public_reads_those_answers_that_the_track_makes_public() {
    on_both(async |db| {
        let copy = CatalogueCopy::make();
        let path = copy.path().join("workflows/breach.toml");
        let text = std::fs::read_to_string(&path).expect("the track");
        let step = "act = \"FIND\"\n";
        assert!(text.contains(step));
        std::fs::write(&path, text.replacen(step, &format!("{step}public = true\n"), 1)).expect("the folder is ours");
        let folder = copy.path().to_owned();
        let hub = Hub::with(&db, |config| config.catalogue.dir = Some(folder)).await;
        let story = Story::of(hub).await;
        let led = story.confirmed().await;
        let answers = async || {
            let query = format!(r#"{{ node(id: "{}") {{ ... on CreditRecord {{ case {{ finding answers {{ on act text }} }} }} }} }}"#, led.record);
            story.hub.data(None, &query).await["node"].take()
        };
        assert_eq!(answers().await, json!(null), "nothing is published yet");
        let own = story.token(&story.agency);
        let query = format!(r#"{{ node(id: "{}") {{ ... on Case {{ answers {{ text }} }} }} }}"#, led.case);
        let data = story.hub.data(Some(&own), &query).await;
        assert_eq!(data["node"]["answers"], json!([]), "nor is it for whom it is about");
        story.published(&led).await;
        let told = json!({ "case": { "finding": "FOUNDED", "answers": [{ "on": "2026-04-29", "act": "FIND", "text": "已核实" }] } });
        assert_eq!(answers().await, told);
    })
    .await;
}
