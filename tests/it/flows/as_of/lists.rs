//! The lists of cases and of measures on an earlier day, and as they were known at an earlier moment: what they
//! have, what their filters, orders and totals go by.

use serde_json::{Value, json};

use super::super::{BUREAU, Story, Who, id, led::development};
use crate::support::on_both;

const BUDGET: &str = "internal.central_budget";

/// Noon of a day, in China.
fn noon(day: &str) -> String {
    format!(r#"knownAt: "{day}T12:00:00+08:00""#)
}

fn on(day: &str) -> String {
    format!(r#"asOf: "{day}""#)
}

impl Story {
    /// The cases that a list tells of with these arguments, as `stage version` with `!` where one is overdue, and
    /// their total.
    async fn listed(&self, who: &Who, arguments: &str) -> (Vec<String>, i64) {
        let fields = "edges { node { stage version overdue events { number } } }";
        let query = format!("{{ cases(first: 5, {arguments}) {{ totalCount {fields} }} }}");
        let data = self.data(who, &query).await;
        let edges = data["cases"]["edges"].as_array().expect("a list").iter();
        let told = edges.map(|edge| {
            let case = &edge["node"];
            let events = case["events"].as_array().map_or(0, Vec::len);
            assert_eq!(case["version"], events, "{arguments}: {case}");
            let mark = if case["overdue"] == true { "!" } else { "" };
            format!(
                "{} {events}{mark}",
                case["stage"].as_str().unwrap_or_default()
            )
        });
        let total = data["cases"]["totalCount"].as_i64();
        (told.collect(), total.expect("a number"))
    }

    /// A lead that is to be set right from 2026-04-29 on, and a matter that is asked about on 2026-05-06, due by the
    /// 20th, answered on the 28th and settled on 2026-06-05. It is 2026-06-10.
    async fn a_lead_and_a_matter(&self) {
        self.rectifying().await;
        self.hub.it_is("2026-05-06");
        let body = self.id_of(BUREAU).await;
        let asked = r#"dueOn: "2026-05-20", note: "请说明""#;
        let asked = self
            .done(&self.congress, "openMatter", ("agencyId", &body), asked)
            .await;
        let matter = id(&asked);
        let the_matter = ("caseId", matter.as_str());
        self.hub.it_is("2026-05-28");
        self.done(
            &self.agency,
            "answerMatter",
            the_matter,
            r#"note: "已兑现""#,
        )
        .await;
        self.hub.it_is("2026-06-05");
        self.done(
            &self.congress,
            "settleMatter",
            the_matter,
            r#"note: "属实""#,
        )
        .await;
        self.hub.it_is("2026-06-10");
    }
}

#[tokio::test]
async fn cases_are_chosen_counted_and_told_as_they_stood_on_a_day() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        story.a_lead_and_a_matter().await;
        let lead = "RECTIFYING 4";
        for (day, filter, expected) in [
            ("2026-04-28", "", vec![]),
            ("2026-04-29", "", vec![lead]),
            ("2026-05-05", "", vec![lead]),
            ("2026-05-06", "", vec!["OPEN 1", lead]),
            ("2026-05-20", "overdue: true", vec![]),
            ("2026-05-21", "overdue: true", vec!["OPEN 1!"]),
            ("2026-05-27", r#"stage: ["OPEN"]"#, vec!["OPEN 1!"]),
            ("2026-05-28", r#"stage: ["OPEN"]"#, vec![]),
            ("2026-05-28", "overdue: true", vec![]),
            ("2026-05-28", r#"stage: ["ANSWERED"]"#, vec!["ANSWERED 2"]),
            ("2026-06-04", "open: true", vec!["ANSWERED 2", lead]),
            ("2026-06-04", "open: false", vec![]),
            ("2026-06-05", "open: true", vec![lead]),
            ("2026-06-05", "open: false", vec!["SETTLED 3"]),
            // Today, and a day to come, by which what runs will be over.
            ("2026-06-10", "", vec!["SETTLED 3", lead]),
            ("2026-06-10", "open: true", vec![lead]),
        ] {
            let arguments = format!("{}, filter: {{ {filter} }}", on(day));
            let (told, total) = story.listed(&story.authority, &arguments).await;
            assert_eq!(told, expected, "{day} {filter}");
            assert_eq!(usize::try_from(total), Ok(expected.len()), "{day} {filter}");
        }
        // In the order of the day's own periods; the lead has none.
        let order = "orderBy: [{ field: DUE_ON, direction: ASC }]";
        let (told, _) = story
            .listed(&story.authority, &format!("{}, {order}", on("2026-05-10")))
            .await;
        assert_eq!(told, [lead, "OPEN 1"]);
        // Who sees nothing of the city today sees nothing of what it was.
        let stranger = Who(domain::viewer::Role::Authority, "440100", None);
        let (told, total) = story.listed(&stranger, &on("2026-05-10")).await;
        assert_eq!((told.len(), total), (0, 0));
    })
    .await;
}

#[tokio::test]
async fn cases_are_told_as_they_were_known_at_a_moment() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        story.a_lead_and_a_matter().await;
        let lead = "RECTIFYING 4";
        for (arguments, expected) in [
            (noon("2026-04-28"), vec![]),
            (noon("2026-05-05"), vec![lead]),
            // Of today, by what was known then: that it would not be answered in time nobody knew.
            (noon("2026-05-10"), vec!["OPEN 1!", lead]),
            (
                format!("{}, {}", on("2026-05-10"), noon("2026-05-10")),
                vec!["OPEN 1", lead],
            ),
            (
                format!("{}, {}", on("2026-05-30"), noon("2026-05-10")),
                vec!["OPEN 1!", lead],
            ),
            // What became known later says nothing of a day before.
            (
                format!("{}, {}", on("2026-05-10"), noon("2026-06-09")),
                vec!["OPEN 1", lead],
            ),
            (
                format!(
                    r#"{}, filter: {{ stage: ["ANSWERED"] }}"#,
                    noon("2026-06-01")
                ),
                vec!["ANSWERED 2"],
            ),
            (
                format!("{}, filter: {{ open: false }}", noon("2026-06-01")),
                vec![],
            ),
            (
                format!("{}, filter: {{ open: false }}", noon("2026-06-06")),
                vec!["SETTLED 3"],
            ),
        ] {
            let (told, total) = story.listed(&story.authority, &arguments).await;
            assert_eq!(told, expected, "{arguments}");
            assert_eq!(usize::try_from(total), Ok(expected.len()), "{arguments}");
        }
        // A page goes on by the same times, and by no others.
        let page = async |arguments: &str| {
            let query = format!(
                "{{ cases(first: 1, {arguments}) {{ edges {{ cursor node {{ stage }} }} }} }}"
            );
            story
                .hub
                .query(Some(&story.token(&story.authority)), &query)
                .await
        };
        let first = page(&on("2026-05-10")).await;
        let edge = &first["data"]["cases"]["edges"][0];
        assert_eq!(edge["node"]["stage"], "OPEN", "{first}");
        let after = format!("after: {}", edge["cursor"]);
        let next = page(&format!("{}, {after}", on("2026-05-10"))).await;
        assert_eq!(
            next["data"]["cases"]["edges"][0]["node"]["stage"], "RECTIFYING",
            "{next}"
        );
        let other = page(&after).await;
        assert_eq!(other["data"]["cases"], json!(null), "{other}");
        assert_eq!(other["errors"].as_array().map(Vec::len), Some(1), "{other}");
    })
    .await;
}

#[tokio::test]
async fn measures_are_told_as_they_stood_on_a_day_and_were_known_at_a_moment() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        // Imposed on 2026-06-02, suspended on the 8th, resumed on the 12th, lifted on the 16th.
        let led = story.confirmed().await;
        let sanction = story.imposed(&led, BUDGET, "").await;
        let the_sanction = ("sanctionId", sanction.as_str());
        for (day, step) in [
            ("2026-06-08", "suspendSanction"),
            ("2026-06-12", "resumeSanction"),
            ("2026-06-16", "liftSanction"),
        ] {
            story.hub.it_is(day);
            story.done(&development(), step, the_sanction, r#"basis: "清单""#).await;
        }
        story.hub.it_is("2026-07-01");
        let told = async |arguments: &str| {
            let query = format!("{{ sanctions(first: 5, {arguments}) {{ totalCount edges {{ node {{ id status }} }} }} }}");
            let data = story.data(&story.authority, &query).await;
            let edges = data["sanctions"]["edges"].as_array().expect("a list").iter();
            let statuses: Vec<Value> = edges.map(|edge| edge["node"]["status"].clone()).collect();
            assert_eq!(data["sanctions"]["totalCount"], statuses.len(), "{arguments}");
            json!(statuses)
        };
        for (arguments, expected) in [
            (on("2026-06-01"), json!([])),
            (on("2026-06-02"), json!(["ACTIVE"])),
            (on("2026-06-07"), json!(["ACTIVE"])),
            (on("2026-06-08"), json!(["SUSPENDED"])),
            (on("2026-06-11"), json!(["SUSPENDED"])),
            (on("2026-06-12"), json!(["ACTIVE"])),
            (on("2026-06-16"), json!(["LIFTED"])),
            (on("2026-07-01"), json!(["LIFTED"])),
            (noon("2026-06-01"), json!([])),
            (noon("2026-06-07"), json!(["ACTIVE"])),
            (noon("2026-06-09"), json!(["SUSPENDED"])),
            (noon("2026-06-20"), json!(["LIFTED"])),
            // Of a day, by what was known before and after it.
            (format!("{}, {}", on("2026-06-09"), noon("2026-06-07")), json!(["ACTIVE"])),
            (format!("{}, {}", on("2026-06-07"), noon("2026-06-20")), json!(["ACTIVE"])),
            (format!("{}, {}", on("2026-06-01"), noon("2026-06-20")), json!([])),
        ] {
            assert_eq!(told(&arguments).await, expected, "{arguments}");
            // The filter goes by the same status.
            for status in ["ACTIVE", "SUSPENDED", "LIFTED"] {
                let arguments = format!("{arguments}, filter: {{ status: [{status}] }}");
                let is_it = expected[0] == status;
                let expected = if is_it { expected.clone() } else { json!([]) };
                assert_eq!(told(&arguments).await, expected, "{arguments}");
            }
        }
    })
    .await;
}
