//! What a division looks like to who supervises it.

use domain::viewer::Role;
use serde_json::{Value, json};

use super::{BUREAU, Scene};
use crate::support::on_both;

const OVERVIEW: &str = "overview { totals { agencies graded grades { grade count } warnings { level count } openCases \
     overdueCases overdueRectifications } trend(months: 3) { month added holding } \
     fallers { agency { name } before after } risers { after } \
     heat { redLine division { code } warnings level } }";

impl Scene {
    async fn overview(&self, token: &str, division: &str) -> Value {
        let query = format!(r#"{{ division(code: "{division}") {{ {OVERVIEW} }} }}"#);
        self.hub.data(Some(token), &query).await["division"]["overview"].clone()
    }
}

#[tokio::test]
async fn counts_are_of_what_the_viewer_may_see() {
    on_both(async |db| {
        let scene = Scene::on(&db).await;
        scene.listed(&[1]).await;
        scene.assess().await;
        let province = scene.hub.token(Role::Government, &["440000"], None);
        let seen = scene.overview(&province, "440000").await;
        let totals = &seen["totals"];
        assert_eq!(
            (&totals["agencies"], &totals["graded"]),
            (&json!(3), &json!(3))
        );
        let grades =
            [("B", 2), ("D", 1)].map(|(grade, count)| json!({ "grade": grade, "count": count }));
        assert_eq!(totals["grades"], json!(grades));
        assert_eq!(totals["warnings"][0]["level"], "RED");
        let trend = [("2026-02", 0), ("2026-03", 1), ("2026-04", 0)];
        let trend =
            trend.map(|(month, added)| json!({ "month": month, "added": added, "holding": added }));
        assert_eq!(seen["trend"], json!(trend));
        assert_eq!(seen["fallers"][0]["agency"]["name"], BUREAU);
        assert_eq!(seen["risers"], json!([]));
        let heat = seen["heat"].as_array().expect("a list");
        let court = heat
            .iter()
            .find(|one| one["redLine"] == "RL-COURT")
            .expect("it is red");
        assert_eq!(
            (&court["division"]["code"], &court["warnings"]),
            (&json!("440600"), &json!(1))
        );
        // Another city's government sees nothing of it, and a congress its own level alone.
        let elsewhere = scene.hub.token(Role::Government, &["440400"], None);
        let other = scene.overview(&elsewhere, "440000").await;
        assert_eq!(
            (&other["totals"]["agencies"], &other["heat"]),
            (&json!(1), &json!([]))
        );
        assert_eq!(other["trend"][1]["added"], 0);
        let congress = scene.hub.token(Role::Congress, &["440000"], None);
        assert_eq!(
            scene.overview(&congress, "440000").await["totals"]["agencies"],
            0
        );
        let congress = scene.hub.token(Role::Congress, &["440600"], None);
        let level = scene.overview(&congress, "440600").await;
        assert_eq!(
            (
                &level["totals"]["agencies"],
                &level["totals"]["grades"][1]["count"]
            ),
            (&json!(2), &json!(1))
        );
        // A body sees itself.
        let own = scene.overview(&scene.token(Role::Agency), "440600").await;
        assert_eq!(own["totals"]["agencies"], 1);
        let query = r#"{ division(code: "440600") { overview { trend(months: 61) { month } } } }"#;
        let answer = scene.hub.query(Some(&province), query).await;
        assert_eq!(
            answer["errors"][0]["extensions"]["code"], "INVALID",
            "{answer}"
        );
    })
    .await;
}
