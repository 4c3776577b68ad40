//! Who owes something by a day is reminded before and after it, and his superiors are told when he is
//! late; by the clock, each once.

use serde_json::{Value, json};

use super::{BUREAU, CITY, DEVELOPMENT, DIGEST, PROVINCE, Story, id};
use crate::support::{Hub, on_both, rows};

const REMINDERS: &str =
    "reminders { of number dueOn on days level owedBy { name } to { name } standing }";

impl Story {
    async fn reminders(&self, case: &str) -> Vec<Value> {
        let query = format!(r#"{{ node(id: "{case}") {{ ... on Case {{ {REMINDERS} }} }} }}"#);
        let data = self.data(&self.superior, &query).await;
        let list = data["node"]["reminders"].as_array();
        list.expect("a list").clone()
    }

    /// A lead that the development bureau verifies from a day on: its id and its case's.
    async fn verified_from(&self, day: &str) -> (String, String) {
        let lead = self.lead().await;
        self.hub.it_is(day);
        let to = format!(r#"to: "{}""#, self.id_of(DEVELOPMENT).await);
        let clue = ("clueId", lead.as_str());
        self.step(&self.authority, "transferClue", clue, &to).await;
        let case = self.done(&self.authority, "acceptClue", clue, "").await;
        (lead, id(&case))
    }
}

fn to(name: &str) -> String {
    format!(r#"name: {{ eq: "{name}" }}"#)
}

#[tokio::test]
async fn the_handler_is_reminded_over_the_spring_festival_and_his_superiors_told() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        // Ten working days: the 14th is a Saturday that is worked, the 15th to the 23rd are off.
        let (lead, case) = story.verified_from("2026-02-04").await;
        let city = to(CITY);
        let mut seen = 0;
        for (day, made, days, level, told) in [
            ("2026-02-12", 0, 0, 0, ""),
            ("2026-02-13", 1, -3, 0, DEVELOPMENT),
            ("2026-02-14", 0, 0, 0, ""),
            ("2026-02-20", 0, 0, 0, ""),
            ("2026-02-24", 1, -1, 0, DEVELOPMENT),
            ("2026-02-25", 0, 0, 0, ""),
            ("2026-02-26", 1, 1, 0, DEVELOPMENT),
            ("2026-03-02", 0, 0, 0, ""),
            ("2026-03-03", 1, 5, 1, CITY),
            ("2026-03-16", 0, 0, 0, ""),
            ("2026-03-17", 1, 15, 2, PROVINCE),
        ] {
            assert_eq!(story.turn_on(day).await.reminded, made, "on {day}");
            assert_eq!(story.turn_on(day).await.reminded, 0, "once, on {day}");
            let reminders = story.reminders(&case).await;
            seen += made;
            assert_eq!(reminders.len(), seen, "on {day}");
            if made == 1 {
                let expected = json!({
                    "of": "PERIOD", "number": null, "dueOn": "2026-02-25", "on": day, "days": days,
                    "level": level, "owedBy": { "name": DEVELOPMENT }, "to": { "name": told },
                    "standing": true,
                });
                assert_eq!(reminders[seen - 1], expected, "on {day}");
            }
        }
        // What am I reminded of, and what am I told that others are late with?
        for (filter, count) in [
            (format!("reminded: {{ {} }}", to(DEVELOPMENT)), 1),
            (format!("reminded: {{ {city} }}"), 0),
            (format!("escalatedTo: {{ {city} }}"), 1),
            (format!("escalatedTo: {{ {} }}", to(PROVINCE)), 1),
            (format!("escalatedTo: {{ {} }}", to(DEVELOPMENT)), 0),
        ] {
            assert_eq!(story.count(&story.superior, &filter).await, count, "{filter}");
        }
        // Each is an event by the hub, on the basis of its rule; the lead's version stays.
        let query = format!(
            r#"{{ node(id: "{case}") {{ ... on Case {{ version events {{ act by party basis }} }} }} }}"#
        );
        let data = story.data(&story.superior, &query).await;
        let events = data["node"]["events"].as_array().expect("a list");
        let acts: Vec<&str> = events.iter().filter_map(|event| event["act"].as_str()).collect();
        let expected = ["TRANSFER", "ACCEPT", "REMIND", "REMIND", "REMIND", "ESCALATE", "ESCALATE"];
        assert_eq!(acts, expected);
        assert_eq!((&events[6]["by"], &events[6]["party"]), (&json!("hub"), &json!("CLOCK")));
        assert!(events[6]["basis"].as_str().is_some_and(|basis| basis.contains("1103号")));
        assert_eq!(data["node"]["version"], 7);
        assert_eq!(story.version(&lead).await, 3, "nothing was said of the lead");

        // What is settled stops both.
        let found = format!(r#"finding: FOUNDED, note: "已核实", evidence: ["{DIGEST}"]"#);
        let clue = ("clueId", lead.as_str());
        story.done(&story.authority, "verifyClue", clue, &found).await;
        let own = story.id_of(BUREAU).await;
        let task = format!(
            r#"owner: "{own}", title: "兑现奖补", dueOn: "2026-06-30", note: "限期兑现""#
        );
        story.done(&story.authority, "askRectification", ("caseId", &case), &task).await;
        let filter = format!("escalatedTo: {{ {city} }}");
        assert_eq!(story.count(&story.authority, &filter).await, 0);
        assert_eq!(story.turn_on("2026-04-20").await.reminded, 0);
        let reminders = story.reminders(&case).await;
        assert!(reminders.iter().all(|reminder| reminder["standing"] == false));
    })
    .await;
}

#[tokio::test]
async fn what_was_missed_is_not_made_up_for_and_two_processes_remind_once() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let (_, case) = story.verified_from("2026-02-04").await;
        let other = Hub::on(&db).await;
        // Of three reminders whose days have come the latest is made; superiors hear of it one by one, a day apart.
        for hub in [&story.hub, &other] {
            hub.it_is("2026-03-18");
        }
        let (one, another) = (story.hub.app.casework(), other.app.casework());
        let (one, another) = tokio::join!(one.turn(), another.turn());
        let made = one.expect("it turns").reminded + another.expect("it turns").reminded;
        assert_eq!(made, 2);
        assert_eq!(story.turn_on("2026-03-18").await.reminded, 0);
        assert_eq!(story.turn_on("2026-03-19").await.reminded, 1);
        assert_eq!(story.turn_on("2026-03-20").await.reminded, 0);
        let reminders = story.reminders(&case).await;
        let told: Vec<(&Value, &Value)> = reminders
            .iter()
            .map(|one| (&one["days"], &one["to"]["name"]))
            .collect();
        let expected = [
            (json!(1), json!(DEVELOPMENT)),
            (json!(5), json!(CITY)),
            (json!(15), json!(PROVINCE)),
        ];
        assert_eq!(
            told,
            expected
                .iter()
                .map(|(days, to)| (days, to))
                .collect::<Vec<_>>()
        );
    })
    .await;
}

#[tokio::test]
async fn a_provisional_day_reminds_nobody() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let (_, case) = story.verified_from("2026-12-24").await;
        for day in ["2027-01-05", "2027-01-08", "2027-01-11", "2027-03-01"] {
            assert_eq!(story.turn_on(day).await.reminded, 0, "on {day}");
        }
        assert_eq!(story.reminders(&case).await, Vec::<Value>::new());
    })
    .await;
}

#[tokio::test]
async fn tasks_remind_their_owner_until_they_are_handed_in() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let (lead, case) = story.verified_from("2026-04-20").await;
        let clue = ("clueId", lead.as_str());
        let found = format!(r#"finding: FOUNDED, note: "已核实", evidence: ["{DIGEST}"]"#);
        story
            .done(&story.authority, "verifyClue", clue, &found)
            .await;
        let own = story.id_of(BUREAU).await;
        let the_case = ("caseId", case.as_str());
        // One that is due too soon for the first reminder, which would have come before it was set.
        for due_on in ["2026-04-23", "2026-05-08"] {
            let task = format!(
                r#"owner: "{own}", title: "兑现奖补", dueOn: "{due_on}", note: "限期兑现""#
            );
            story
                .done(&story.authority, "askRectification", the_case, &task)
                .await;
        }
        assert_eq!(story.turn_on("2026-04-21").await.reminded, 0);
        assert_eq!(story.turn_on("2026-04-22").await.reminded, 1);
        let reminders = story.reminders(&case).await;
        assert_eq!(
            (&reminders[0]["of"], &reminders[0]["number"]),
            (&json!("TASK"), &json!(1))
        );
        assert_eq!(reminders[0]["to"]["name"], BUREAU);
        // The body itself asks what it is reminded of.
        let filter = format!("reminded: {{ {} }}", to(BUREAU));
        assert_eq!(story.count(&story.agency, &filter).await, 1);
        story.says_it_did(the_case).await;
        assert_eq!(story.count(&story.agency, &filter).await, 0);
        // Five working days before the second's, over Labour Day.
        assert_eq!(story.turn_on("2026-04-27").await.reminded, 0);
        assert_eq!(story.turn_on("2026-04-28").await.reminded, 1);
        assert_eq!(story.turn_on("2026-05-07").await.reminded, 1);
        // Late: the 9th is a Saturday that is worked.
        assert_eq!(story.turn_on("2026-05-09").await.reminded, 1);
        assert_eq!(story.turn_on("2026-05-13").await.reminded, 0);
        assert_eq!(story.turn_on("2026-05-14").await.reminded, 1);
        let reminders = story.reminders(&case).await;
        let last = reminders.last().expect("there are some");
        assert_eq!(
            (&last["level"], &last["to"]["name"]),
            (&json!(1), &json!(CITY))
        );
        let filter = format!("escalatedTo: {{ {} }}", to(CITY));
        assert_eq!(story.count(&story.authority, &filter).await, 1);
    })
    .await;
}

#[tokio::test]
async fn matters_and_orders_remind_whoever_has_to_answer() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let own = story.id_of(BUREAU).await;
        let asked = r#"dueOn: "2026-05-12", note: "请说明""#;
        let case = story
            .done(&story.congress, "openMatter", ("agencyId", &own), asked)
            .await;
        let matter = id(&case);
        assert_eq!(story.turn_on("2026-05-11").await.reminded, 1);
        let reminders = story.reminders(&matter).await;
        assert_eq!(
            (&reminders[0]["of"], &reminders[0]["to"]["name"]),
            (&json!("MATTER"), &json!(BUREAU))
        );
        assert_eq!(
            story.turn_on("2026-05-19").await.reminded,
            2,
            "late, and its superior told"
        );
        let answer = r#"note: "正在兑现""#;
        story
            .done(&story.agency, "answerMatter", ("caseId", &matter), answer)
            .await;
        assert_eq!(story.turn_on("2026-06-30").await.reminded, 0);

        // 督办书 to who has the case in hand, once the period is over.
        let (_, case) = story.verified_from("2026-07-01").await;
        story.turn_on("2026-07-16").await;
        let order = r#"dueOn: "2026-07-20", basis: "催办""#;
        story
            .done(
                &story.authority,
                "issueSupervisionOrder",
                ("caseId", &case),
                order,
            )
            .await;
        let before = story.reminders(&case).await.len();
        assert_eq!(story.turn_on("2026-07-17").await.reminded, 1);
        let reminders = story.reminders(&case).await;
        let last = &reminders[before];
        assert_eq!((&last["of"], &last["number"]), (&json!("ORDER"), &json!(1)));
        assert_eq!(last["to"]["name"], DEVELOPMENT);
    })
    .await;
}

#[tokio::test]
async fn what_nobody_has_in_hand_is_for_who_leads() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let accepted = rows::complaint(1, BUREAU)
            .with("受理日期", "2026-09-22")
            .with("转交日期", "");
        let complaint = rows::file(&[accepted]);
        story.hub.it_is("2026-09-22");
        story
            .hub
            .ingest("arrears", &[("a.csv", &complaint)], |_| {})
            .await;
        let query = "{ clues(first: 5) { edges { node { id } } } }";
        let data = story.data(&story.authority, query).await;
        let lead = id(&data["clues"]["edges"][0]["node"]);
        let case = story
            .done(&story.authority, "acceptClue", ("clueId", &lead), "")
            .await;
        assert_eq!(
            (&case["handler"], &case["dueOn"]),
            (&json!(null), &json!("2026-10-13"))
        );
        // Three working days before, of which one is a Saturday.
        assert_eq!(story.turn_on("2026-10-08").await.reminded, 0);
        assert_eq!(story.turn_on("2026-10-09").await.reminded, 1);
        let reminders = story.reminders(&id(&case)).await;
        assert_eq!(reminders[0]["to"]["name"], DEVELOPMENT);
    })
    .await;
}
