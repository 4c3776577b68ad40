//! Days into a year whose calendar is not out: provisional, nobody late by them, counted anew once it is.

use std::fs;

use serde_json::{Value, json};

use super::{DEVELOPMENT, Story, id, led::development};
use crate::support::{CatalogueCopy, Hub, on_both};

/// A made-up notice: five days off, of which three are none of a weekend, and a Saturday that is worked.
pub(super) const NOTICE: &str = r#"year = 2027
days_off = ["2027-01-01", "2027-01-02", "2027-01-03", "2027-01-04", "2027-01-05"]
workdays = ["2027-01-09"]
"#;

impl Story {
    /// How the period of a case, and that of its lead or its objection, stand.
    async fn due(&self, case: &str) -> Value {
        let fields = "dueOn dueIsProvisional";
        let query = format!(
            r#"{{ node(id: "{case}") {{ ... on Case {{ {fields} overdue clue {{ {fields} }} objections {{ {fields} overdue }} }} }} }}"#
        );
        let mut data = self.data(&self.authority, &query).await;
        data["node"].take()
    }
}

/// A verification and an objection that are due on these days.
fn expected(days: [&str; 2], is_provisional: bool, overdue: bool) -> [Value; 2] {
    let period = |day: &str| json!({ "dueOn": day, "dueIsProvisional": is_provisional });
    let with = |mut one: Value, more: Value| {
        let fields = one.as_object_mut().expect("an object");
        fields.extend(more.as_object().expect("an object").clone());
        one
    };
    let objection = with(period(days[1]), json!({ "overdue": overdue }));
    [
        with(
            period(days[0]),
            json!({ "overdue": overdue, "clue": period(days[0]), "objections": [] }),
        ),
        json!({
            "dueOn": null, "dueIsProvisional": false, "overdue": overdue, "clue": null, "objections": [objection],
        }),
    ]
}

#[tokio::test]
async fn a_provisional_day_says_so_and_is_counted_anew_with_the_years_calendar() {
    on_both(async |db| {
        let mut story = Story::on(&db).await;
        let lead = story.lead().await;
        let clue = ("clueId", lead.as_str());
        story.hub.it_is("2026-12-28");
        let to = format!(r#"to: "{}""#, story.id_of(DEVELOPMENT).await);
        story.step(&development(), "transferClue", clue, &to).await;
        let verified = id(&story.done(&development(), "acceptClue", clue, "").await);
        let record = story.breach("2026-12-31", "GENERAL").await;
        let objects = r#"note: "事实有误""#;
        let case = story.done(&story.agency, "fileObjection", ("recordId", &record), objects).await;
        let objected = id(&case);
        let stand = async |story: &Story| [story.due(&verified).await, story.due(&objected).await];

        // Ten and two working days, with New Year's Day off and nothing else known.
        let provisional = expected(["2027-01-12", "2027-01-05"], true, false);
        assert_eq!(stand(&story).await, provisional);
        let turned = story.turn_on("2027-01-20").await;
        assert_eq!((turned.closed, turned.reminded), (0, 0), "there is nothing to count it by");
        assert_eq!(stand(&story).await, provisional, "nobody is late by such a day");
        assert_eq!(story.count(&story.authority, "overdue: true").await, 0);

        // The notice is out, and the hub is started with it.
        let copy = CatalogueCopy::make();
        fs::write(copy.path().join("calendar/2027.toml"), NOTICE).expect("the folder is ours");
        let folder = copy.path().to_owned();
        story.hub = Hub::with(&db, |config| config.catalogue.dir = Some(folder)).await;
        assert_eq!(story.turn_on("2027-01-07").await.closed, 2, "both are counted anew");
        let days = ["2027-01-13", "2027-01-07"];
        assert_eq!(stand(&story).await, expected(days, false, false));
        assert_eq!(story.turn_on("2027-01-07").await.closed, 0, "once");
        for (day, overdue) in [("2027-01-07", 0), ("2027-01-08", 1), ("2027-01-13", 1), ("2027-01-14", 2)] {
            story.hub.it_is(day);
            assert_eq!(story.count(&story.authority, "overdue: true").await, overdue, "on {day}");
        }
        assert_eq!(stand(&story).await, expected(days, false, true));
        // It is an event of the hub's, on the basis of the rule by which it counted.
        for (case, basis) in [(&verified, "1103号"), (&objected, "深圳")] {
            let query = format!(
                r#"{{ node(id: "{case}") {{ ... on Case {{ events {{ act on by party basis }} }} }} }}"#
            );
            let data = story.data(&story.authority, &query).await;
            let events = data["node"]["events"].as_array().expect("a list");
            let counted: Vec<&Value> = events.iter().filter(|event| event["act"] == "RECOUNT").collect();
            let [event] = counted[..] else { panic!("{events:?}") };
            let by = [&event["on"], &event["by"], &event["party"]];
            assert_eq!(by, [&json!("2027-01-07"), &json!("hub"), &json!("CLOCK")]);
            assert!(event["basis"].as_str().is_some_and(|told| told.contains(basis)), "{event}");
        }
    })
    .await;
}
