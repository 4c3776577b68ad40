//! What a court lists: told before, mirrored while it is, ended by the court alone; and what
//! follows it.

use serde_json::json;

use super::{BUREAU, CITY, DEVELOPMENT, DIGEST, PROVINCE, Story, id};
use crate::support::{made, on_both};

#[tokio::test]
async fn a_court_tells_before_it_lists_and_is_told_of_performance() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let body = story.id_of(BUREAU).await;
        let the_body = ("agencyId", body.as_str());
        // Five working days over the Spring Festival, and into a year whose calendar is not out.
        for (day, due, provisional) in [
            ("2026-02-09", "2026-02-14", false),
            ("2026-12-28", "2027-01-05", true),
        ] {
            story.hub.it_is(day);
            let basis = r#"basis: "（2026）粤0604执90001号""#;
            let case = story
                .done(&story.court, "prewarnAgency", the_body, basis)
                .await;
            assert_eq!(case["stage"], "PREWARNED");
            assert_eq!(
                (&case["dueOn"], &case["dueIsProvisional"]),
                (&json!(due), &json!(provisional))
            );
            let case_id = id(&case);
            let the_case = ("caseId", case_id.as_str());
            let performed = format!(r#"note: "已履行", evidence: ["{DIGEST}"]"#);
            let case = story
                .done(&story.agency, "reportPerformance", the_case, &performed)
                .await;
            assert_eq!(case["stage"], "PERFORMED");
            let case = story
                .done(&story.court, "closeCase", the_case, r#"note: "履行完毕""#)
                .await;
            assert_eq!(
                (&case["stage"], &case["open"]),
                (&json!("CLOSED"), &json!(false))
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_listing_is_held_against_the_prewarning_before_it() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let body = story.id_of(BUREAU).await;
        for (day, basis) in [
            ("2026-02-09", "（2026）粤0604执90001号拟列入"),
            ("2026-02-10", "协调机制"),
        ] {
            story.hub.it_is(day);
            let basis = format!(r#"basis: "{basis}""#);
            story
                .done(&story.court, "prewarnAgency", ("agencyId", &body), &basis)
                .await;
        }
        story.hub.it_is("2026-04-20");
        let listing = |n, day: &str| made::listing(n, BUREAU).published(day);
        let named = |n, day: &str| listing(n, day).case("(2026)粤0604执90001号");
        let listings = [
            listing(1, "2022年12月30日"),
            listing(2, "2026年02月06日"),
            // On the last of the five working days, a Saturday that is worked, and after the five of the other.
            named(3, "2026年02月14日"),
            listing(4, "2026年02月24日"),
            listing(5, "2026年02月25日"),
        ];
        let file = made::court_jsonl(&listings);
        story
            .hub
            .ingest("court_debtors", &[("c.jsonl", &file)], |_| {})
            .await;
        story.breach("2026-05-18", "GENERAL").await;
        let query = "{ creditRecords(first: 9) { edges { node { kind identifiedOn \
                     prewarnedInTime prewarning { openedOn workflow } } } } }";
        let data = story.data(&story.authority, query).await;
        let records = data["creditRecords"]["edges"].as_array().expect("a list");
        let told = |on: &str| {
            let record = records
                .iter()
                .find(|edge| edge["node"]["identifiedOn"] == on);
            let record = &record.unwrap_or_else(|| panic!("{on}: {data}"))["node"];
            (
                record["prewarnedInTime"].clone(),
                record["prewarning"]["openedOn"].clone(),
            )
        };
        assert_eq!(
            told("2022-12-30"),
            (json!(null), json!(null)),
            "nobody was told beforehand then"
        );
        assert_eq!(told("2026-02-06"), (json!(false), json!(null)));
        assert_eq!(
            told("2026-02-14"),
            (json!(false), json!("2026-02-09")),
            "its number is named"
        );
        assert_eq!(told("2026-02-24"), (json!(false), json!("2026-02-10")));
        assert_eq!(told("2026-02-25"), (json!(true), json!("2026-02-10")));
        let breach = records
            .iter()
            .find(|edge| edge["node"]["kind"] == "BREACH")
            .expect("a breach");
        assert_eq!(
            (
                &breach["node"]["prewarnedInTime"],
                &breach["node"]["prewarning"]
            ),
            (&json!(null), &json!(null))
        );
    })
    .await;
}

#[tokio::test]
async fn a_prewarning_is_over_once_the_body_is_listed() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let body = story.id_of(BUREAU).await;
        let warned = async |number: u32| {
            let basis = format!(r#"basis: "（2026）粤0604执{number}号""#);
            let the_body = ("agencyId", body.as_str());
            id(&story
                .done(&story.court, "prewarnAgency", the_body, &basis)
                .await)
        };
        let stage = async |case: &str| {
            let query =
                format!(r#"{{ node(id: "{case}") {{ ... on Case {{ stage overdue }} }} }}"#);
            story.data(&story.superior, &query).await["node"].clone()
        };
        let (its, other) = (warned(90001).await, warned(90002).await);
        story.hub.it_is("2026-05-06");
        let listing = made::listing(1, BUREAU)
            .case("（2026）粤0604执90001号")
            .published("2026年05月06日");
        let listed = made::court_jsonl(&[listing]);
        story
            .hub
            .ingest("court_debtors", &[("c.jsonl", &listed)], |_| {})
            .await;
        assert_eq!(
            stage(&its).await,
            json!({ "stage": "PREWARNED", "overdue": true })
        );
        assert_eq!(story.turn_on("2026-05-06").await.closed, 1);
        assert_eq!(
            stage(&its).await,
            json!({ "stage": "CLOSED", "overdue": false })
        );
        // One about another case goes on.
        assert_eq!(
            stage(&other).await,
            json!({ "stage": "PREWARNED", "overdue": true })
        );
        let query =
            "{ creditRecords(first: 5) { edges { node { prewarning { id } prewarnedInTime } } } }";
        let data = story.data(&story.superior, query).await;
        let told = &data["creditRecords"]["edges"][0]["node"];
        assert_eq!(
            *told,
            json!({ "prewarning": { "id": its }, "prewarnedInTime": true })
        );
    })
    .await;
}

#[tokio::test]
async fn only_the_court_ends_its_listing() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let list = |names: &[i64]| {
            let listings = names.iter().map(|n| made::listing(*n, BUREAU));
            made::court_jsonl(&listings.collect::<Vec<_>>())
        };
        story.hub.ingest("court_debtors", &[("c.jsonl", &list(&[1]))], |_| {}).await;
        let query = "{ creditRecords(first: 5) { edges { node { id status } } } }";
        let data = story.data(&story.authority, query).await;
        let record = id(&data["creditRecords"]["edges"][0]["node"]);
        let the_record = ("recordId", record.as_str());
        let graded = story.done(&story.authority, "gradeRecord", the_record, r#"tier: SERIOUS, basis: "列入名单""#).await;
        assert_eq!(graded["stage"], "LISTED");
        let (note, basis) = (r#"note: "说明""#, r#"basis: "依据", note: "说明""#);
        let apply = format!(r#"note: "已履行", evidence: ["{DIGEST}"]"#);
        for (who, act, more) in [
            (&story.agency, "applyForRepair", apply.as_str()),
            (&story.agency, "fileObjection", note),
            (&story.authority, "withdrawRecord", basis),
        ] {
            assert_eq!(story.refused(who, act, the_record, more).await, "ONLY_BY_COURT", "{act}");
        }
        // Whoever reports that he performed waits for the court: its list is looked at sooner.
        let is_awaited = || story.hub.app.live.now().awaits_removal("court_debtors");
        assert!(!is_awaited());
        let case = id(&graded);
        let reported = story.done(&story.agency, "reportPerformance", ("caseId", &case), &apply).await;
        assert_eq!((&reported["stage"], is_awaited()), (&json!("LISTED"), true));
        // The list is asked for again without it: what hung on it is closed with the next turn.
        story.hub.it_is("2026-04-21");
        story.hub.ingest("court_debtors", &[("c.jsonl", &list(&[2]))], |_| {}).await;
        let turned = story.hub.app.casework().turn().await.expect("the day turns");
        assert_eq!((turned.closed, turned.expired, is_awaited()), (1, 0, false));
        let query = format!(r#"{{ node(id: "{record}") {{ ... on CreditRecord {{ status tier case {{ stage }} }} }} }}"#);
        let data = story.data(&story.authority, &query).await;
        let expected = json!({ "status": "DELISTED", "tier": "SERIOUS", "case": { "stage": "CLOSED" } });
        assert_eq!(data["node"], expected);
        // Listed again, it holds again.
        story.hub.it_is("2026-04-22");
        story
            .hub
            .ingest("court_debtors", &[("c.jsonl", &list(&[1]))], |_| {})
            .await;
        let turned = story.hub.app.casework().turn().await;
        assert_eq!(turned.expect("the day turns").closed, 1);
        assert!(!is_awaited(), "what is listed again was not performed yet");
        let data = story.data(&story.authority, &query).await;
        let expected =
            json!({ "status": "ACTIVE", "tier": "SERIOUS", "case": { "stage": "LISTED" } });
        assert_eq!(data["node"], expected);
    })
    .await;
}

#[tokio::test]
async fn the_leading_department_and_the_superior_are_told_of_a_prewarning_with_its_days() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let body = story.id_of(BUREAU).await;
        let prewarn = async |number: u32| {
            let basis = format!(r#"basis: "（2026）粤0604执{number}号""#);
            let the_body = ("agencyId", body.as_str());
            id(&story.done(&story.court, "prewarnAgency", the_body, &basis).await)
        };
        let told = async |case: &str| {
            let query = format!(
                r#"{{ node(id: "{case}") {{ ... on Case {{ reminders {{ of dueOn on days level owedBy {{ name }} to {{ name }} standing }} }} }} }}"#
            );
            story.data(&story.superior, &query).await["node"]["reminders"].clone()
        };
        let line = |due: &str, on: &str, days: i32, to: &str, standing: bool| {
            json!({
                "of": "PERIOD", "dueOn": due, "on": on, "days": days, "level": 0, "owedBy": { "name": BUREAU },
                "to": { "name": to }, "standing": standing,
            })
        };
        // Five working days over the Spring Festival: the 14th is a Saturday that is worked.
        story.hub.it_is("2026-02-09");
        let case = prewarn(90001).await;
        assert_eq!(story.turn_on("2026-02-09").await.reminded, 2);
        assert_eq!(story.turn_on("2026-02-10").await.reminded, 0, "each is told once");
        let (due, on) = ("2026-02-14", "2026-02-09");
        let both = [line(due, on, -5, DEVELOPMENT, true), line(due, on, -5, CITY, true)];
        assert_eq!(told(&case).await, json!(both));
        // Both find it by what they are told; nobody is late.
        for (name, count) in [(DEVELOPMENT, 1), (CITY, 1), (BUREAU, 0), (PROVINCE, 0)] {
            let filter = format!(r#"reminded: {{ name: {{ eq: "{name}" }} }}"#);
            assert_eq!(story.count(&story.superior, &filter).await, count, "{name}");
            let filter = format!(r#"escalatedTo: {{ name: {{ eq: "{name}" }} }}"#);
            assert_eq!(story.count(&story.superior, &filter).await, 0, "{name}");
        }
        // The body itself is reminded as before; what is reported is owed no longer.
        assert_eq!(story.turn_on("2026-02-12").await.reminded, 1);
        assert_eq!(told(&case).await[2], line(due, "2026-02-12", -2, BUREAU, true));
        let performed = format!(r#"note: "已履行", evidence: ["{DIGEST}"]"#);
        story.done(&story.agency, "reportPerformance", ("caseId", &case), &performed).await;
        let lines = told(&case).await;
        let lines = lines.as_array().expect("a list");
        assert!(lines.iter().all(|line| line["standing"] == false), "{lines:?}");

        // Once the days are over nobody is told that they will be.
        story.hub.it_is("2026-04-20");
        let case = prewarn(90003).await;
        assert_eq!(story.turn_on("2026-04-28").await.reminded, 0);
        assert_eq!(told(&case).await, json!([]));
        // A day that may still move is told, too: that nobody can be late by it changes nothing of the warning.
        story.hub.it_is("2026-12-28");
        let case = prewarn(90002).await;
        assert_eq!(story.turn_on("2026-12-29").await.reminded, 2);
        let (due, on) = ("2027-01-05", "2026-12-29");
        let both = [line(due, on, -5, DEVELOPMENT, true), line(due, on, -5, CITY, true)];
        assert_eq!(told(&case).await, json!(both));
    })
    .await;
}
