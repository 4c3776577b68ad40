//! What its source takes from its list and puts there again.

use super::{BUREAU, Story, id};
use crate::support::{made, on_both};

#[tokio::test]
async fn what_its_source_lists_again_is_shown_again() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        for (day, listed, found) in [
            ("2026-04-20", 1, 1),
            ("2026-04-21", 2, 1),
            ("2026-04-22", 1, 1),
        ] {
            story.hub.it_is(day);
            let list = made::court_jsonl(&[made::listing(listed, BUREAU)]);
            story
                .hub
                .ingest("court_debtors", &[("c.jsonl", &list)], |_| {})
                .await;
            if day == "2026-04-20" {
                let query = "{ creditRecords(first: 5) { edges { node { id } } } }";
                let data = story.data(&story.authority, query).await;
                let record = id(&data["creditRecords"]["edges"][0]["node"]);
                let grade = r#"tier: SERIOUS, basis: "列入名单""#;
                story
                    .done(
                        &story.authority,
                        "gradeRecord",
                        ("recordId", &record),
                        grade,
                    )
                    .await;
            }
            story.turn_on(day).await;
            let query = "{ creditRecords(first: 5) { totalCount } }";
            let data = story.hub.data(None, query).await;
            assert_eq!(data["creditRecords"]["totalCount"], found, "on {day}");
        }
    })
    .await;
}
