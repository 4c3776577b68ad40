//! An assessment as it stood on a day that is over.

use domain::viewer::Role;
use serde_json::{Value, json};

use super::{BUREAU, Year};
use crate::support::on_both;

const ALL: &str = r#"contributions { rule } publication { from } campaign { state resultsDigest confirmedAt
    publication { from } objections { version upheld corrections } ranking(first: 10) { edges { node { name grade } } }
    report(meetingOn: "2026-06-30") { resultsDigest objections { filed upheld } } }"#;

impl Year {
    /// What a role is told of the bureau's assessment as of a day; null where there is none.
    async fn stood(&self, role: Role, day: &str, fields: &str) -> Value {
        let query = format!(
            r#"{{ agency(uscc: "{}", asOf: "{day}") {{ assessments(kind: [ANNUAL], first: 1) {{ totalCount edges {{ node {{
                state grade {fields} }} }} }} }} }}"#,
            self.bureau
        );
        let data = self.data(role, &query).await;
        let found = &data["agency"]["assessments"];
        let edges = found["edges"].as_array().expect("a list");
        assert_eq!(found["totalCount"], edges.len());
        found["edges"][0]["node"].clone()
    }
}

#[tokio::test]
async fn a_day_that_is_over_is_told_as_it_was() {
    on_both(async |db| {
        let year = Year::on(&db).await;
        year.listed(&[(1, BUREAU, "2025-06-02")]).await;
        let input = r#"year: 2025, division: "440600", objectionsFrom: "2026-03-04""#;
        year.act(Role::Authority, "openAnnualAssessment", input)
            .await;
        let opened = year.campaign(Role::Authority, 2025).await;
        year.hub.it_is("2026-03-05");
        let objection = year.objected(&opened).await;
        year.hub.it_is("2026-03-06");
        let wrong = year.record_behind(&opened, BUREAU, "court.listed").await;
        let records = format!("records: [{{ recordId: {wrong}, exclude: true }}]");
        assert_eq!(
            year.uphold(&objection, &records).await["objection"]["corrections"],
            1
        );
        year.hub.it_is("2026-03-19");
        let confirmed = year.confirmed(2025).await;
        year.hub.it_is("2026-03-20");
        year.publish(&confirmed, "2026-04-01").await;
        year.hub.it_is("2026-04-02");

        let today = year.stood(Role::Authority, "2026-04-02", "").await;
        let good = today["grade"].clone();
        assert_ne!(good, "D");
        let (none, filed) = (
            json!([]),
            json!([{ "version": 1, "upheld": null, "corrections": 0 }]),
        );
        let decided = json!([{ "version": 2, "upheld": true, "corrections": 1 }]);
        let public = json!({ "from": "2026-04-01" });
        for (day, state, grade, objections, publication) in [
            (
                "2026-03-02",
                "PRELIMINARY",
                &json!("D"),
                &none,
                &Value::Null,
            ),
            (
                "2026-03-03",
                "PRELIMINARY",
                &json!("D"),
                &none,
                &Value::Null,
            ),
            ("2026-03-04", "OBJECTIONS", &json!("D"), &none, &Value::Null),
            (
                "2026-03-05",
                "OBJECTIONS",
                &json!("D"),
                &filed,
                &Value::Null,
            ),
            (
                "2026-03-06",
                "OBJECTIONS",
                &json!("D"),
                &decided,
                &Value::Null,
            ),
            (
                "2026-03-18",
                "OBJECTIONS",
                &json!("D"),
                &decided,
                &Value::Null,
            ),
            ("2026-03-19", "CONFIRMED", &good, &decided, &Value::Null),
            ("2026-03-20", "CONFIRMED", &good, &decided, &public),
            ("2026-03-31", "CONFIRMED", &good, &decided, &public),
            ("2026-04-01", "PUBLISHED", &good, &decided, &public),
            ("2026-04-02", "PUBLISHED", &good, &decided, &public),
        ] {
            let told = year.stood(Role::Authority, day, ALL).await;
            let campaign = &told["campaign"];
            assert_eq!(
                (&told["state"], &campaign["state"]),
                (&json!(state), &json!(state)),
                "{day}"
            );
            assert_eq!(
                (&told["grade"], &campaign["objections"]),
                (grade, objections),
                "{day}"
            );
            assert_eq!(
                (&told["publication"], &campaign["publication"]),
                (publication, publication),
                "{day}"
            );
            let is_confirmed = grade == &good;
            let results = if is_confirmed {
                &confirmed["resultsDigest"]
            } else {
                &Value::Null
            };
            assert_eq!(&campaign["resultsDigest"], results, "{day}");
            assert_eq!(campaign["confirmedAt"].is_null(), !is_confirmed, "{day}");
            // Parts, ranking and report are of the same round.
            let is_counted = told["contributions"].to_string().contains("court.listed");
            assert_eq!(is_counted, !is_confirmed, "{day}");
            let ranked = json!({ "node": { "name": BUREAU, "grade": grade } });
            let ranking = campaign["ranking"]["edges"].as_array().expect("a list");
            assert!(ranking.contains(&ranked), "{day}: {campaign}");
            let report = &campaign["report"];
            assert_eq!(
                report["resultsDigest"] == confirmed["resultsDigest"],
                is_confirmed,
                "{day}"
            );
            let upheld = usize::from(objections == &decided);
            let counts = json!({ "filed": objections.as_array().map(Vec::len), "upheld": upheld });
            assert_eq!(report["objections"], counts, "{day}");
        }
        // Before it was opened there was none.
        assert_eq!(
            year.stood(Role::Authority, "2026-03-01", "").await,
            Value::Null
        );

        // Nobody reads by asking for an earlier day what was not for him then.
        for (role, before, from) in [
            (Role::Agency, "2026-03-03", "2026-03-04"),
            (Role::Congress, "2026-03-18", "2026-03-19"),
            (Role::Court, "2026-03-31", "2026-04-01"),
            (Role::Public, "2026-03-31", "2026-04-01"),
        ] {
            assert_eq!(
                year.stood(role, before, "").await,
                Value::Null,
                "{role} {before}"
            );
            assert_ne!(
                year.stood(role, from, "").await,
                Value::Null,
                "{role} {from}"
            );
        }
        assert_eq!(
            year.stood(Role::Agency, "2026-03-18", "").await["grade"],
            "D"
        );
    })
    .await;
}
