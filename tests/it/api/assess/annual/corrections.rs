//! Within which bounds days and corrections may be, and what becomes of a correction upon a correction.

use domain::viewer::Role;
use serde_json::{Value, json};

use super::{BUREAU, Year, row};
use crate::support::on_both;

const WRONG: &str = "WRONG_CORRECTIONS";

#[tokio::test]
async fn days_are_within_their_bounds() {
    on_both(async |db| {
        let year = Year::on(&db).await;
        for (from, outcome) in [
            ("2026-03-01", json!("BACKDATED")),
            ("2027-01-01", json!("INVALID")),
            ("9999-12-31", json!("INVALID")),
        ] {
            let input = format!(r#"year: 2025, division: "440600", objectionsFrom: "{from}""#);
            let told = year
                .act(Role::Authority, "openAnnualAssessment", &input)
                .await;
            assert_eq!(told.get("code").unwrap_or(&told), &outcome, "{from}");
        }
        for input in [
            r#"year: 2147483647, division: "440600""#,
            r#"year: -2147483648, division: "440600", objectionsFrom: "2026-03-02""#,
        ] {
            let told = year
                .act(Role::Authority, "openAnnualAssessment", input)
                .await;
            assert!(told["code"] == "NO_RULE" || told == "INVALID", "{told}");
        }
        // The last day that may be said: nobody can object before it.
        let input = r#"year: 2024, division: "440600", objectionsFrom: "2026-03-02""#;
        assert_eq!(
            year.act(Role::Authority, "openAnnualAssessment", input)
                .await,
            "INVALID"
        );
        let input = r#"year: 2025, division: "440600", objectionsFrom: "2026-12-31""#;
        let done = year
            .act(Role::Authority, "openAnnualAssessment", input)
            .await;
        assert_eq!(done["campaign"]["state"], "PRELIMINARY", "{done}");

        // Made public it is from today on at the earliest, and within 366 days.
        year.opened(2024).await;
        year.hub.it_is("2026-03-17");
        let confirmed = year.confirmed(2024).await;
        for (from, outcome) in [
            ("2026-03-16", json!("BACKDATED")),
            ("2027-03-19", json!("INVALID")),
            ("9999-12-31", json!("INVALID")),
        ] {
            let told = year.publish(&confirmed, from).await;
            assert_eq!(told.get("code").unwrap_or(&told), &outcome, "{from}");
        }
        let done = year.publish(&confirmed, "2027-03-18").await;
        assert_eq!(done["campaign"]["state"], "CONFIRMED", "{done}");
    })
    .await;
}

#[tokio::test]
async fn corrections_are_within_their_bounds() {
    on_both(async |db| {
        let year = Year::on(&db).await;
        year.listed(&[(1, BUREAU, "2025-06-02")]).await;
        let opened = year.opened(2025).await;
        let objection = year.objected(&opened).await;
        let own = year.record_behind(&opened, BUREAU, "court.listed").await;
        let record = |said: &str| format!("records: [{{ recordId: {own}, {said} }}]");
        let indicator =
            |value: &str| format!(r#"indicators: [{{ indicatorId: {own}, value: "{value}" }}]"#);
        let many = |count: usize| {
            let one = format!("{{ recordId: {own}, exclude: true }}");
            format!("records: [{}]", vec![one; count].join(", "))
        };
        for (corrections, outcome) in [
            // Values: at the bound they are read, and then found to be of nothing that was frozen.
            (indicator("1000000000000"), WRONG),
            (indicator("0.0000"), WRONG),
            (indicator("1000000000000.0001"), "INVALID"),
            (indicator("-0.01"), "INVALID"),
            (indicator("0.00001"), "INVALID"),
            (record(r#"amount: "0.001""#), "INVALID"),
            (record(r#"amount: "92233720368547758.08""#), "INVALID"),
            (record(r#"amount: "-0.01""#), "INVALID"),
            (many(101), "INVALID"),
            // A record that is excluded is not there to be excluded again.
            (many(2), WRONG),
            // Days: an end is no earlier than its beginning, has come, and is said of what ended and of nothing else.
            (record(r#"status: DELISTED"#), WRONG),
            (record(r#"status: DELISTED, endedOn: "2025-06-01""#), WRONG),
            (record(r#"status: DELISTED, endedOn: "2026-03-03""#), WRONG),
            (record(r#"status: ACTIVE, endedOn: "2025-09-01""#), WRONG),
            (record(r#"endedOn: "2025-09-01""#), "INVALID"),
            // What changes nothing corrects nothing.
            (record(r#"status: ACTIVE"#), WRONG),
            (record(r#"exclude: false"#), WRONG),
            (record(r#"exclude: true, tier: SERIOUS"#), "INVALID"),
        ] {
            let told = year.uphold(&objection, &corrections).await;
            assert_eq!(told.get("code").unwrap_or(&told), outcome, "{corrections}");
        }
        let last =
            record(r#"status: DELISTED, endedOn: "2026-03-02", amount: "92233720368547758.07""#);
        assert_eq!(
            year.uphold(&objection, &last).await["objection"]["corrections"],
            1
        );
    })
    .await;
}

#[tokio::test]
async fn a_correction_upon_a_correction_keeps_what_was_corrected_before() {
    on_both(async |db| {
        let year = Year::on(&db).await;
        year.listed(&[(1, BUREAU, "2025-06-02"), (2, BUREAU, "2025-07-02")]).await;
        let opened = year.opened(2025).await;
        let parts = &row(&opened, BUREAU)["assessment"];
        let query = format!(
            "{{ node(id: {}) {{ ... on Assessment {{ contributions {{ rule records(first: 5) {{ edges {{ node {{ id }} }} }} }} }} }} }}",
            parts["id"]
        );
        let data = year.data(Role::Authority, &query).await;
        let listed = data["node"]["contributions"].as_array().expect("a list").clone();
        let listed = listed.iter().find(|part| part["rule"] == "court.listed").expect("it counts");
        let [one, other] = [0, 1].map(|at| listed["records"]["edges"][at]["node"]["id"].clone());
        assert!(one.is_string() && other.is_string(), "{listed}");
        let [first, second, third] = [year.objected(&opened).await, year.objected(&opened).await, year.objected(&opened).await];
        // Two corrections of one record in one decision: the second is one of what the first left.
        let ended = |record: &Value| format!(r#"{{ recordId: {record}, status: DELISTED, endedOn: "2025-09-01" }}"#);
        let owed = |record: &Value| format!(r#"{{ recordId: {record}, amount: "123.45" }}"#);
        let both = format!("records: [{}, {}]", ended(&one), owed(&one));
        assert_eq!(year.uphold(&first, &both).await["objection"]["corrections"], 2);
        // The same by two decisions.
        let only = format!("records: [{}]", ended(&other));
        assert_eq!(year.uphold(&second, &only).await["objection"]["corrections"], 1);
        let only = format!("records: [{}, {{ recordId: {one}, exclude: true }}]", owed(&other));
        assert_eq!(year.uphold(&third, &only).await["objection"]["corrections"], 2);
        // What no longer counts is no longer there to be corrected.
        let last = year.objected(&opened).await;
        let again = format!(r#"records: [{{ recordId: {one}, amount: "1" }}]"#);
        assert_eq!(year.uphold(&last, &again).await["code"], WRONG);
        let rest = format!(r#"records: [{{ recordId: {other}, amount: "1" }}]"#);
        assert_eq!(year.uphold(&last, &rest).await["objection"]["corrections"], 1);
        year.hub.it_is("2026-03-17");
        let confirmed = year.confirmed(2025).await;
        // Both had ended, whatever else was corrected of them.
        let parts = row(&confirmed, BUREAU)["assessment"]["contributions"].to_string();
        assert!(!parts.contains("court.listed"), "{parts}");
    })
    .await;
}
