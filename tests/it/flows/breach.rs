//! From a lead of the hotline to a record, its measures and its repair.

use serde_json::json;

use super::{CITY, DEVELOPMENT, DIGEST, Story, id};
use crate::support::on_both;

const ITEM: &str = "breach.confirmed";

#[tokio::test]
async fn a_lead_that_nobody_sets_right_becomes_a_record_and_is_repaired() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let (authority, agency) = (&story.authority, &story.agency);
        let lead = story.lead().await;
        let clue = ("clueId", lead.as_str());
        story.hub.it_is("2026-04-29");

        // Before it is passed on nobody verifies it.
        let early = story.refused(authority, "verifyClue", clue, "finding: FOUNDED").await;
        assert_eq!(early, "WRONG_STATE");
        let own = story.id_of(super::BUREAU).await;
        let culture = story.id_of("佛山市样例文化馆").await;
        for wrong in [&own, &culture] {
            let to = format!(r#"to: "{wrong}""#);
            let refused = story.step(authority, "transferClue", clue, &to).await;
            assert_eq!(refused["code"], "NOT_COMPETENT", "{refused}");
        }
        let to = format!(r#"to: "{}""#, story.id_of(DEVELOPMENT).await);
        let done = story.step(authority, "transferClue", clue, &to).await;
        assert_eq!(done["__typename"], "TransferClueSuccess", "{done}");
        assert_eq!(done["clue"]["stage"], "TRANSFERRED");

        // Who saw an older version is told so, and the same key does nothing twice.
        let late = story.step_at(authority, "acceptClue", clue, 1, "").await;
        assert_eq!(late["__typename"], "VersionConflict");
        assert_eq!(late["current"], done["clue"]["version"]);

        // Ten working days from 2026-04-29, over Labour Day: 2026-05-09 is a Saturday that is worked.
        let case = story.done(authority, "acceptClue", clue, "").await;
        assert_eq!((&case["stage"], &case["dueOn"]), (&json!("VERIFYING"), &json!("2026-05-15")));
        assert_eq!(case["handler"]["name"], DEVELOPMENT);
        let case_id = id(&case);
        let the_case = ("caseId", case_id.as_str());
        for (day, overdue) in [("2026-05-15", false), ("2026-05-16", true)] {
            story.hub.it_is(day);
            let query = format!(r#"{{ node(id: "{case_id}") {{ ... on Case {{ overdue }} }} }}"#);
            let data = story.data(authority, &query).await;
            assert_eq!(data["node"]["overdue"], overdue, "on {day}");
        }
        assert_eq!(story.refused(authority, "extendDeadline", the_case, r#"note: "案情复杂""#).await, "TOO_LATE");
        story.hub.it_is("2026-05-15");
        let case = story.done(authority, "extendDeadline", the_case, r#"note: "案情复杂""#).await;
        assert_eq!(case["dueOn"], "2026-05-29", "twenty working days at most");
        assert_eq!(story.refused(authority, "extendDeadline", the_case, r#"note: "再延""#).await, "EXTENDED_BEFORE");

        // Whom it is about has his say before it is decided, and reads it himself.
        assert_eq!(story.refused(agency, "makeStatement", the_case, "").await, "NEEDS_NOTE");
        story.done(agency, "makeStatement", the_case, r#"note: "资金已列入预算""#).await;
        let query = format!(r#"{{ node(id: "{case_id}") {{ ... on Case {{ events {{ act note }} }} }} }}"#);
        for who in [agency, authority] {
            let data = story.data(who, &query).await;
            let events = data["node"]["events"].as_array().expect("a list");
            let said = json!({ "act": "STATE", "note": "资金已列入预算" });
            assert_eq!(events.last(), Some(&said));
        }

        let task = format!(r#"owner: "{own}", title: "兑现奖补", dueOn: "2026-06-01", note: "限期兑现""#);
        assert_eq!(story.refused(authority, "askRectification", the_case, &task).await, "NOT_FOUNDED");
        let found = format!(r#"finding: FOUNDED, note: "已核实", evidence: ["{DIGEST}"]"#);
        assert_eq!(story.refused(authority, "verifyClue", clue, r#"finding: FOUNDED, note: "已核实""#).await, "NEEDS_EVIDENCE");
        story.done(authority, "verifyClue", clue, &found).await;
        let case = story.done(authority, "askRectification", the_case, &task).await;
        assert_eq!((&case["stage"], &case["dueOn"]), (&json!("RECTIFYING"), &json!(null)));

        // Nobody is said to refuse before the day is over, and nothing is recorded before that.
        let refuse = r#"task: 1, refused: true, note: "拒不兑现""#;
        story.hub.it_is("2026-06-01");
        assert_eq!(story.refused(authority, "returnRectification", the_case, refuse).await, "TOO_EARLY");
        let confirm = format!(
            r#"item: "{ITEM}", identifiedOn: "2026-06-02", tier: GENERAL, basis: "发改财金〔2023〕1103号", evidence: ["{DIGEST}"], amount: "100000""#
        );
        assert_eq!(story.refused(authority, "confirmRecord", clue, &confirm).await, "NOT_REFUSED");
        story.hub.it_is("2026-06-02");
        let case = story.done(authority, "returnRectification", the_case, refuse).await;
        assert_eq!(case["rectifications"][0]["refused"], true);
        // Nobody owes less than nothing.
        let query = format!(
            r#"mutation {{ confirmRecord(input: {{ key: "less", clueId: "{}", version: 1, {} }}) {{ __typename }} }}"#,
            clue.1,
            confirm.replace("100000", "-0.01")
        );
        let answer = story.hub.query(Some(&story.token(authority)), &query).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "INVALID", "{answer}");
        let case = story.done(authority, "confirmRecord", clue, &confirm).await;
        assert_eq!(case["stage"], "CONFIRMED");
        let record = id(&case["record"]);
        let the_record = ("recordId", record.as_str());
        assert_eq!(case["record"]["tier"], "GENERAL");

        // The body itself sees it; the public does not, for this list's entry is not a public one.
        let query = format!(r#"{{ node(id: "{record}") {{ ... on CreditRecord {{ identifiedBy amount clues {{ id stage }} evidence {{ digest source {{ key }} }} }} }} }}"#);
        let data = story.data(agency, &query).await;
        assert_eq!(data["node"]["identifiedBy"], DEVELOPMENT);
        assert_eq!(data["node"]["amount"], "100000.00");
        assert_eq!(data["node"]["clues"][0]["stage"], "CONFIRMED");
        assert_eq!(data["node"]["evidence"][0], json!({ "digest": DIGEST, "source": null }));
        let public = format!(r#"{{ node(id: "{record}") {{ id }} }}"#);
        assert_eq!(story.hub.data(None, &public).await["node"], json!(null));
        assert_eq!(story.refused(authority, "publishRecord", the_record, "").await, "NOT_PUBLIC");

        // A breach is repaired as soon as it is set right, and not before.
        let apply = format!(r#"note: "已兑现", evidence: ["{DIGEST}"]"#);
        story.hub.it_is("2026-06-03");
        let early = story.refused(agency, "applyForRepair", the_record, &apply).await;
        assert_eq!(early, "UNCORRECTED");
        story.says_it_did(the_case).await;
        story.sees_it_did(authority, the_case).await;
        let case = story.done(agency, "applyForRepair", the_record, &apply).await;
        let repair = id(&case["repairs"][0]);
        let the_repair = ("repairId", repair.as_str());
        let case = story
            .done(authority, "decideRepair", the_repair, r#"accepted: true, basis: "履行完毕""#)
            .await;
        assert_eq!((&case["stage"], &case["record"]["status"]), (&json!("REPAIRED"), &json!("REPAIRED")));
        assert_eq!(case["record"]["endGround"], "REPAIR");
        let case = story
            .done(authority, "revokeRepair", the_repair, r#"basis: "再次违约", note: "弄虚作假""#)
            .await;
        assert_eq!((&case["stage"], &case["record"]["status"]), (&json!("CONFIRMED"), &json!("ACTIVE")));

        // At the maximum it ends by itself: a year after it was determined.
        for (day, status, expired) in [("2027-06-02", "ACTIVE", 0), ("2027-06-03", "EXPIRED", 1)] {
            story.hub.it_is(day);
            let turned = story.hub.app.casework().turn().await.expect("the day turns");
            assert_eq!(turned.expired, expired, "on {day}");
            let query = format!(r#"{{ node(id: "{record}") {{ ... on CreditRecord {{ status case {{ stage open }} }} }} }}"#);
            let data = story.data(authority, &query).await;
            assert_eq!(data["node"]["status"], status, "on {day}");
        }
        assert_eq!(story.hub.app.casework().turn().await.expect("again").expired, 0);
    })
    .await;
}

#[tokio::test]
async fn a_lead_that_is_passed_on_is_due_until_somebody_verifies_it() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let (lead, to) = (story.lead().await, story.id_of(DEVELOPMENT).await);
        let to = format!(r#"to: "{to}""#);
        let clue = ("clueId", lead.as_str());
        let query = format!(r#"{{ node(id: "{lead}") {{ ... on Clue {{ dueOn case {{ id dueOn overdue deadlineRule {{ key verified }} }} }} }} }}"#);
        let before = story.data(&story.authority, &query).await;
        assert_eq!(before["node"]["dueOn"], "2026-04-15", "as the hotline promised");
        // Five working days; what was promised is over by now.
        let done = story.step(&story.authority, "transferClue", clue, &to).await;
        assert_eq!(done["clue"]["dueOn"], "2026-04-27", "{done}");
        for (day, overdue, reminded) in [
            ("2026-04-23", false, 0),
            ("2026-04-24", false, 1),
            ("2026-04-27", false, 0),
            ("2026-04-28", true, 1),
            ("2026-05-07", true, 1),
        ] {
            assert_eq!(story.turn_on(day).await.reminded, reminded, "on {day}");
            let told = story.data(&story.authority, &query).await;
            let case = &told["node"]["case"];
            assert_eq!(case["overdue"], overdue, "on {day}");
            let rule = json!({ "key": "breach.acceptance", "verified": false });
            assert_eq!((&case["dueOn"], &case["deadlineRule"]), (&json!("2026-04-27"), &rule));
        }
        let told = story.data(&story.authority, &query).await;
        let case = id(&told["node"]["case"]);
        let reminders = format!(r#"{{ node(id: "{case}") {{ ... on Case {{ reminders {{ days level to {{ name }} }} }} }} }}"#);
        let told = story.data(&story.authority, &reminders).await;
        let expected = json!([
            { "days": -1, "level": 0, "to": { "name": DEVELOPMENT } },
            { "days": 1, "level": 0, "to": { "name": DEVELOPMENT } },
            { "days": 5, "level": 1, "to": { "name": CITY } },
        ]);
        assert_eq!(told["node"]["reminders"], expected);
        // Then the period of verification runs.
        let case = story.done(&story.authority, "acceptClue", clue, "").await;
        assert_eq!((&case["stage"], &case["dueOn"]), (&json!("VERIFYING"), &json!("2026-05-20")));
    })
    .await;
}

#[tokio::test]
async fn a_day_that_its_source_promised_stands_when_a_lead_is_passed_on_before_it() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let order = super::order().with("承诺完成时间", "2026-04-22 18:00:00");
        let order = crate::support::rows::file(&[order]);
        story
            .hub
            .ingest("hotline", &[("orders.csv", &order)], |_| {})
            .await;
        let query = "{ clues(first: 5) { edges { node { id } } } }";
        let data = story.data(&story.authority, query).await;
        let lead = id(&data["clues"]["edges"][0]["node"]);
        let to = format!(r#"to: "{}""#, story.id_of(DEVELOPMENT).await);
        let done = story
            .step(&story.authority, "transferClue", ("clueId", &lead), &to)
            .await;
        assert_eq!(done["clue"]["dueOn"], "2026-04-22", "{done}");
        assert_eq!(done["clue"]["dueIsProvisional"], false);
    })
    .await;
}

#[tokio::test]
async fn what_its_source_says_again_does_not_undo_what_people_did() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let lead = story.lead().await;
        let to = format!(r#"to: "{}""#, story.id_of(DEVELOPMENT).await);
        story
            .step(&story.authority, "transferClue", ("clueId", &lead), &to)
            .await;
        let query =
            format!(r#"{{ node(id: "{lead}") {{ ... on Clue {{ version stage title }} }} }}"#);
        let before = story.data(&story.authority, &query).await;
        assert_eq!(before["node"]["stage"], "TRANSFERRED");
        story.lead().await;
        let again = story.data(&story.authority, &query).await;
        assert_eq!(again, before, "the same again changes nothing");
        let order = super::order().with("诉求主题", "另一说法");
        let order = crate::support::rows::file(&[order]);
        story
            .hub
            .ingest("hotline", &[("orders.csv", &order)], |_| {})
            .await;
        let told = story.data(&story.authority, &query).await;
        assert_eq!(told["node"]["title"], "另一说法");
        assert_eq!(told["node"]["stage"], "TRANSFERRED");
    })
    .await;
}
