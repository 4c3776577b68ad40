//! Complaints about arrears: ten working days to pass on, thirty days to deal with, ninety at most,
//! and what follows silence.

use serde_json::json;

use super::{BUREAU, DEVELOPMENT, DIGEST, Story, Who, id};
use crate::support::{made, on_both, rows};
use domain::viewer::Role;

#[tokio::test]
async fn silence_is_followed_by_an_order_a_summons_and_a_circular() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let authority = &story.authority;
        let government = Who(Role::Government, "440600", None);
        story.hub.it_is("2026-09-22");
        let accepted = rows::complaint(1, BUREAU).with("受理日期", "2026-09-22");
        let complaint = rows::file(&[accepted]);
        story
            .hub
            .ingest("arrears", &[("a.csv", &complaint)], |_| {})
            .await;
        let data = story
            .data(
                authority,
                "{ clues(first: 5) { edges { node { id stage } } } }",
            )
            .await;
        let lead = id(&data["clues"]["edges"][0]["node"]);
        let clue = ("clueId", lead.as_str());

        // Ten working days over Mid-Autumn and the National Day, of which one Saturday is worked, from the
        // formal acceptance that the registry tells, whenever that is noted here.
        story.hub.it_is("2026-09-28");
        let case = story.done(authority, "acceptClue", clue, "").await;
        assert_eq!(
            (&case["stage"], &case["dueOn"]),
            (&json!("RECEIVED"), &json!("2026-10-13"))
        );
        // Thirty days from the next, and the last one rolls over a holiday.
        story.hub.it_is("2026-09-01");
        let to = format!(r#"to: "{}""#, story.id_of(DEVELOPMENT).await);
        let done = story.step(authority, "transferClue", clue, &to).await;
        assert_eq!(done["clue"]["dueOn"], "2026-10-08", "{done}");
        let the_case = id(&case);
        let the_case = ("caseId", the_case.as_str());

        // While the period runs there is no silence.
        let order = r#"dueOn: "2026-10-20", basis: "条例第二十五条""#;
        story.hub.it_is("2026-10-08");
        for (step, more) in [
            ("issueSupervisionOrder", order),
            ("summonResponsible", r#"note: "约谈主要负责人""#),
            ("circulateCase", r#"note: "通报""#),
        ] {
            let early = story.refused(&government, step, the_case, more).await;
            assert_eq!(early, "TOO_EARLY", "{step}");
        }
        story.hub.it_is("2026-10-09");
        let case = story
            .done(&government, "issueSupervisionOrder", the_case, order)
            .await;
        assert_eq!(case["orders"][0]["answeredOn"], json!(null));
        // The order has its days.
        let summons = r#"note: "约谈主要负责人""#;
        story.hub.it_is("2026-10-20");
        let early = story
            .refused(&government, "summonResponsible", the_case, summons)
            .await;
        assert_eq!(early, "TOO_EARLY");
        story.hub.it_is("2026-10-21");
        story
            .done(&government, "summonResponsible", the_case, summons)
            .await;
        story
            .done(&government, "circulateCase", the_case, r#"note: "通报""#)
            .await;
        let answer = r#"order: 1, note: "已安排资金""#;
        let case = story
            .done(&story.agency, "answerSupervisionOrder", the_case, answer)
            .await;
        assert_eq!(case["orders"][0]["answeredOn"], "2026-10-21");
        let again = story
            .refused(&story.agency, "answerSupervisionOrder", the_case, answer)
            .await;
        assert_eq!(again, "ANSWERED_BEFORE");

        // What is unfounded is told to who complained, and closed.
        story.done(authority, "acceptClue", clue, "").await;
        let found = format!(r#"finding: UNFOUNDED, note: "已付清", evidence: ["{DIGEST}"]"#);
        story.done(authority, "verifyClue", clue, &found).await;
        let told = r#"note: "款项已于九月付清""#;
        let case = story.done(authority, "answerClue", clue, told).await;
        assert_eq!(case["stage"], "UNFOUNDED");
        let closed = r#"note: "办结""#;
        let case = story.done(authority, "closeCase", the_case, closed).await;
        assert_eq!(
            (&case["stage"], &case["open"]),
            (&json!("CLOSED"), &json!(false))
        );
    })
    .await;
}

#[tokio::test]
async fn thirty_days_run_for_each_body_and_on_until_what_is_owed_is_dealt_with() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let authority = &story.authority;
        let finance = made::body(6, "佛山市财政局", "440600");
        let register = made::register(&[finance]);
        let files: [(&str, &[u8]); 1] = [("b.csv", &register)];
        story
            .hub
            .ingest("agency_register", &files, |order| order.partial = true)
            .await;
        story.hub.it_is("2026-10-12");
        let complaint = rows::file(&[rows::complaint(1, BUREAU)]);
        story
            .hub
            .ingest("arrears", &[("a.csv", &complaint)], |_| {})
            .await;
        let query = "{ clues(first: 5) { edges { node { id } } } }";
        let data = story.data(authority, query).await;
        let lead = id(&data["clues"]["edges"][0]["node"]);
        let clue = ("clueId", lead.as_str());
        for (day, to, due) in [
            ("2026-10-12", DEVELOPMENT, "2026-11-11"),
            ("2026-10-19", DEVELOPMENT, "2026-11-11"),
            ("2026-10-20", "佛山市财政局", "2026-11-19"),
        ] {
            story.hub.it_is(day);
            let to = format!(r#"to: "{}""#, story.id_of(to).await);
            let done = story.step(authority, "transferClue", clue, &to).await;
            assert_eq!(done["clue"]["dueOn"], due, "{done}");
        }
        let case = story.done(authority, "acceptClue", clue, "").await;
        let case = id(&case);
        let the_case = ("caseId", case.as_str());
        let found = format!(r#"finding: FOUNDED, note: "已核实", evidence: ["{DIGEST}"]"#);
        story.done(authority, "verifyClue", clue, &found).await;
        let case = story.asks_to_pay(the_case, "2026-12-01").await;
        assert_eq!(
            (&case["stage"], &case["dueOn"]),
            (&json!("RECTIFYING"), &json!("2026-11-19"))
        );
        // Ninety days at most, from when the body was passed it: the last one is a Monday.
        let extended = story
            .done(authority, "extendDeadline", the_case, r#"note: "案情复杂""#)
            .await;
        assert_eq!(
            (&extended["dueOn"], &extended["dueIsProvisional"]),
            (&json!("2027-01-18"), &json!(true))
        );
        story.says_it_did(the_case).await;
        let case = story.sees_it_did(authority, the_case).await;
        assert_eq!(
            (&case["stage"], &case["dueOn"]),
            (&json!("RECTIFIED"), &json!(null))
        );
    })
    .await;
}

#[tokio::test]
async fn established_arrears_are_repaired_after_the_minimum_and_end_when_paid_and_delisted() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let authority = &story.authority;
        let record = story.debt().await;
        let the_record = ("recordId", record.as_str());
        let grade = r#"tier: GENERAL, basis: "条例第二十六条""#;
        let graded = story.done(authority, "gradeRecord", the_record, grade).await;
        assert_eq!(graded["stage"], "CONFIRMED");
        // Determined on 2026-10-09: three months end with 2027-01-09.
        let apply = format!(r#"note: "已付清", evidence: ["{DIGEST}"]"#);
        story.hub.it_is("2027-01-09");
        let early = story
            .refused(&story.agency, "applyForRepair", the_record, &apply)
            .await;
        assert_eq!(early, "TOO_EARLY");
        story.hub.it_is("2027-01-10");
        // Who wants it repaired commits himself in public.
        let silent = story
            .refused(&story.agency, "applyForRepair", the_record, &apply)
            .await;
        assert_eq!(silent, "NEEDS_COMMITMENT");
        let apply = format!(r#"{apply}, commitment: "{DIGEST}""#);
        let case = story
            .done(&story.agency, "applyForRepair", the_record, &apply)
            .await;
        let query = format!(
            r#"{{ node(id: "{record}") {{ ... on CreditRecord {{ publicityRule {{ commitment }} repairs {{ commitment }} }} }} }}"#
        );
        let data = story.data(authority, &query).await;
        assert_eq!(
            data["node"],
            json!({ "publicityRule": { "commitment": true }, "repairs": [{ "commitment": DIGEST }] })
        );
        let repair = &case["repairs"][0];
        assert_eq!(repair["dueIsProvisional"], true, "no calendar of 2027 is out");
        let repair = id(&case["repairs"][0]);
        // A retry of the same is told the same.
        let refuse = format!(
            r#"mutation {{ decideRepair(input: {{ key: "once", repairId: "{repair}", version: 1, accepted: false, basis: "未付清", evidence: ["{DIGEST}"] }}) {{ ... on CaseSuccess {{ case {{ repairs {{ state }} }} }} ... on Refusal {{ code }} }} }}"#
        );
        let first = story.data(authority, &refuse).await;
        assert_eq!(first["decideRepair"]["case"]["repairs"][0]["state"], "REFUSED");
        assert_eq!(story.data(authority, &refuse).await, first);
    })
    .await;
}

#[tokio::test]
async fn what_its_source_establishes_goes_on_in_the_case_of_its_lead() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let authority = &story.authority;
        story.hub.it_is("2026-10-08");
        let bring = async |row: rows::Row| {
            let file = rows::file(&[row]);
            story.hub.ingest("arrears", &[("a.csv", &file)], |_| {}).await;
            let query = "{ clues(first: 5) { edges { node { id } } } creditRecords(first: 5) { edges { node { id } } } }";
            story.data(authority, query).await
        };
        let data = bring(rows::complaint(1, BUREAU)).await;
        let lead = id(&data["clues"]["edges"][0]["node"]);
        let clue = ("clueId", lead.as_str());
        let case = story.done(authority, "acceptClue", clue, "").await;
        assert_ne!(case["dueOn"], json!(null));
        story.hub.it_is("2026-10-12");
        let data = bring(rows::established(1, BUREAU)).await;
        let record = id(&data["creditRecords"]["edges"][0]["node"]);
        let grade = r#"tier: GENERAL, basis: "条例第二十六条""#;
        let graded = story.done(authority, "gradeRecord", ("recordId", &record), grade).await;
        assert_eq!(graded["id"], case["id"], "one case");
        assert_eq!((&graded["stage"], &graded["dueOn"]), (&json!("CONFIRMED"), &json!(null)));
        assert_eq!(graded["record"]["tier"], "GENERAL");
        let query = format!(
            r#"{{ lead: node(id: "{lead}") {{ ... on Clue {{ stage case {{ id }} records {{ id }} }} }} record: node(id: "{record}") {{ ... on CreditRecord {{ case {{ id }} clues {{ id }} }} }} cases(first: 5) {{ totalCount }} }}"#
        );
        let data = story.data(authority, &query).await;
        let expected = json!({
            "lead": { "stage": "CONFIRMED", "case": { "id": case["id"] }, "records": [{ "id": record }] },
            "record": { "case": { "id": case["id"] }, "clues": [{ "id": lead }] },
            "cases": { "totalCount": 1 },
        });
        assert_eq!(data, expected);
        // As a lead it is done with.
        assert_eq!(story.refused(authority, "acceptClue", clue, "").await, "WRONG_STATE");

        // One that was established before anybody dealt with its lead begins so.
        for row in [rows::complaint(2, BUREAU), rows::established(2, BUREAU)] {
            let file = rows::file(&[row]);
            let files: [(&str, &[u8]); 1] = [("b.csv", &file)];
            story.hub.ingest("arrears", &files, |order| order.partial = true).await;
        }
        let query = "{ creditRecords(first: 5) { edges { node { id clues { id } case { id } } } } }";
        let data = story.data(authority, query).await;
        let records = data["creditRecords"]["edges"].as_array().expect("a list");
        let fresh = records.iter().find(|edge| edge["node"]["case"].is_null());
        let fresh = &fresh.expect("nobody has dealt with it")["node"];
        let case = story.done(authority, "gradeRecord", ("recordId", &id(fresh)), grade).await;
        let lead = id(&fresh["clues"][0]);
        let query = format!(r#"{{ node(id: "{lead}") {{ ... on Clue {{ stage case {{ id }} }} }} }}"#);
        let data = story.data(authority, &query).await;
        assert_eq!(data["node"], json!({ "stage": "CONFIRMED", "case": { "id": case["id"] } }));
    })
    .await;
}

#[tokio::test]
async fn at_the_years_end_it_is_told_who_owes_a_zero_report() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let court = &story.court;
        let due = async |who: &Who, day: &str| {
            let query = format!(
                r#"{{ zeroReportsDue(workflow: "court", day: "{day}") {{ division {{ code level }} told missing report {{ day }} legalBasis }} }}"#
            );
            let mut data = story.data(who, &query).await;
            serde_json::from_value::<Vec<serde_json::Value>>(data["zeroReportsDue"].take()).expect("a list")
        };
        for outside in ["2026-12-14", "2027-01-01"] {
            assert!(due(court, outside).await.is_empty(), "{outside}");
        }
        story.hub.it_is("2026-12-15");
        let body = story.id_of(BUREAU).await;
        let basis = r#"basis: "（2026）粤0604执90001号""#;
        story.done(court, "prewarnAgency", ("agencyId", &body), basis).await;
        let report = r#"mutation { recordZeroReport(input: { key: "z", division: "440604", workflow: "court", day: "2026-12-15" }) { __typename } }"#;
        story.data(court, report).await;
        let told = due(court, "2026-12-15").await;
        let of = |code: &str| {
            let one = told.iter().find(|one| one["division"]["code"] == code);
            let one = one.expect("it owes one");
            (one["told"].clone(), one["missing"].clone(), one["report"]["day"].clone())
        };
        assert_eq!(of("440600"), (json!(1), json!(false), json!(null)), "there was something to tell");
        assert_eq!(of("440604"), (json!(0), json!(false), json!("2026-12-15")), "it told that there was nothing");
        assert_eq!(of("440605"), (json!(0), json!(true), json!(null)));
        let levels = ["PREFECTURE", "COUNTY"];
        assert!(told.iter().all(|one| levels.contains(&one["division"]["level"].as_str().unwrap_or_default())));
        // What is told of a township is its county's, and a listing is told though nobody has dealt with it.
        let code = made::uscc("11", "440604", 7);
        let township = made::body_of(code, "佛山市禅城区石湾镇街道办事处", "440604010");
        let files: [(&str, &[u8]); 1] = [("t.csv", &made::register(&[township]))];
        story.hub.ingest("agency_register", &files, |order| order.partial = true).await;
        story.hub.it_is("2026-12-16");
        let office = story.id_of("佛山市禅城区石湾镇街道办事处").await;
        story.done(court, "prewarnAgency", ("agencyId", &office), basis).await;
        let listed = made::court_jsonl(&[made::listing(1, BUREAU).published("2026年12月16日")]);
        story.hub.ingest("court_debtors", &[("c.jsonl", &listed)], |_| {}).await;
        let told = due(court, "2026-12-16").await;
        for code in ["440600", "440604"] {
            let one = told.iter().find(|one| one["division"]["code"] == code);
            assert_eq!(one.map(|one| (&one["told"], &one["missing"])), Some((&json!(1), &json!(false))), "{code}");
        }
        // Who sees less is told of less, and of nobody that he was silent who was not.
        let county = due(&story.congress, "2026-12-16").await;
        let codes = |told: &[serde_json::Value]| -> Vec<String> {
            let codes = told.iter().map(|one| one["division"]["code"].as_str().unwrap_or_default());
            codes.map(str::to_owned).collect()
        };
        assert_eq!(codes(&county), ["440600"]);
        assert!(due(&story.agency, "2026-12-16").await.is_empty());
        let both = story.hub.token(Role::Court, &["440600", "440604"], None);
        let query = r#"{ zeroReportsDue(workflow: "court", day: "2026-12-16") { division { code } } }"#;
        let data = story.hub.data(Some(&both), query).await;
        let both = data["zeroReportsDue"].as_array().expect("a list");
        assert_eq!(codes(both), codes(&told), "each is told once");
        // Of a day that has not come nothing is missing yet.
        assert!(due(court, "2026-12-31").await.iter().all(|one| one["missing"] == false));
        let stranger = Who(Role::Court, "440100", None);
        let others = due(&stranger, "2026-12-15").await;
        assert!(others.iter().all(|one| one["division"]["code"].as_str().is_some_and(|code| code.starts_with("4401"))));
    })
    .await;
}

#[tokio::test]
async fn a_zero_report_is_kept_once_a_day() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let report = |key: &str, day: &str, division: &str| {
            format!(
                r#"mutation {{ recordZeroReport(input: {{ key: "{key}", division: "{division}", workflow: "court", day: "{day}", note: "无", evidence: ["{DIGEST}"] }}) {{ ... on RecordZeroReportSuccess {{ report {{ day at workflow basis evidence division {{ code }} }} }} ... on Refusal {{ code }} }} }}"#
            )
        };
        let court = &story.court;
        let first = story.data(court, &report("a", "2026-04-20", "440600")).await;
        let told = &first["recordZeroReport"]["report"];
        assert_eq!(told["at"], "2026-04-20T09:00:00+08:00", "{first}");
        assert_eq!(
            (&told["basis"], &told["evidence"]),
            (&json!("赣州市政务诚信诉讼执行协调机制（2023年）"), &json!([DIGEST]))
        );
        story.hub.later(60);
        let again = story.data(court, &report("b", "2026-04-20", "440600")).await;
        assert_eq!(again["recordZeroReport"]["report"]["at"], told["at"], "the first stands");
        for (day, division, code) in [
            ("2026-04-21", "440600", "FUTURE_DAY"),
            ("2026-04-20", "440100", "OUT_OF_REACH"),
            // Towns report with their counties.
            ("2026-04-20", "440604011", "NOT_OWED"),
        ] {
            let refused = story.data(court, &report(code, day, division)).await;
            assert_eq!(refused["recordZeroReport"]["code"], code);
        }
        let list = r#"{ zeroReports(workflow: "court") { day } }"#;
        assert_eq!(story.data(court, list).await["zeroReports"], json!([{ "day": "2026-04-20" }]));
        let stranger = Who(Role::Court, "440100", None);
        assert_eq!(story.data(&stranger, list).await["zeroReports"], json!([]));
    })
    .await;
}
