//! What a division looks like to who supervises it.

use domain::viewer::Role;
use serde_json::{Value, json};

use super::{BUREAU, CITY, Scene};
use crate::support::on_both;

const OVERVIEW: &str = "overview { totals { agencies graded grades { grade count } warnings { level count } openCases \
     overdueCases overdueRectifications } trend(months: 3) { month added holding } \
     fallers { agency { name } before after } risers { agency { name } before after } \
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

#[tokio::test]
async fn warnings_that_are_not_set_right_in_time_are_counted_from_the_day_after_on() {
    on_both(async |db| {
        let scene = Scene::on(&db).await;
        scene.listed(&[1]).await;
        scene.assess().await;
        let count = async |day: &str| {
            scene.hub.it_is(day);
            let token = scene.hub.token(Role::Government, &["440000"], None);
            let query = r#"{ division(code: "440000") { overview { totals { overdueWarnings warnings { level count } } } } }"#;
            let data = scene.hub.data(Some(&token), query).await;
            data["division"]["overview"]["totals"].clone()
        };
        let court = scene.warning("RL-COURT").await;
        scene.act(Role::Authority, "rectifyWarning", &court, Some("已筹款")).await;
        let court = scene.warning("RL-COURT").await;
        let due: chrono::NaiveDate =
            court["dueOn"].as_str().and_then(|day| day.parse().ok()).expect("a day");
        let late = due.succ_opt().expect("a day");
        assert_eq!(count(&due.to_string()).await["overdueWarnings"], 0);
        // Before the day's look and after it, when it has gone up and has another day; so far nobody began the others.
        assert_eq!(count(&late.to_string()).await["overdueWarnings"], 1);
        scene.assess().await;
        let up = scene.warning("RL-COURT").await;
        assert_eq!((&up["state"], &up["escalations"]), (&json!("RECTIFYING"), &json!(1)));
        assert_eq!(count(&late.to_string()).await["overdueWarnings"], 1);
        // What is settled waits no more.
        scene.act(Role::Authority, "resolveWarning", &up, Some("已履行")).await;
        assert_eq!(count(&late.to_string()).await["overdueWarnings"], 0);
    })
    .await;
}

const OTHER: &str = "珠海市样例承诺局";

/// Names of those whose scores moved, with the scores of before and now.
fn movers(told: &Value) -> Vec<[String; 3]> {
    let told = told.as_array().expect("a list").iter();
    let parts = told.map(|one| [&one["agency"]["name"], &one["before"], &one["after"]]);
    let texts = parts.map(|parts| parts.map(|part| part.as_str().expect("a text").to_owned()));
    texts.collect()
}

#[tokio::test]
async fn who_rises_and_who_falls_is_told_with_figures_while_the_ninety_days_last() {
    on_both(async |db| {
        let scene = Scene::on(&db).await;
        // All of it is of 2026-03-02. A place on the court's list takes 25 points and the one for having no record, a
        // commendation of a province gives three, and an innovation two.
        scene.listed(&[1]).await;
        let line = |(number, body, kind, value): (&str, &str, &str, i32)| {
            format!("{number},{body},,{kind},样例指标,{value},2026-03-02,2026-03-02,,样例厅,有效,I\n")
        };
        let praised = [("ZB1", CITY, "表彰奖励", 3), ("ZB2", OTHER, "信用创新", 1)];
        let praised: String = praised.into_iter().map(line).collect();
        let told = format!("zbbh,ztmc,tyshxydm,zblx,zbmc,zbz,tjqq,tjqz,zbyj,tgdw,zt,opt_type\n{praised}");
        let files = [("i.csv", told.as_bytes())];
        scene.hub.ingest("credit_platform", &files, |_| {}).await;

        let of = |name: &str, before: &str, after: &str| [name, before, after].map(str::to_owned);
        let fallers = [of(BUREAU, "86", "60")];
        let risers = [of(CITY, "86", "89"), of(OTHER, "86", "88")];
        // On 2026-05-31 what was told is ninety days old: it was so then, too.
        for (day, moves) in [("2026-04-20", true), ("2026-05-30", true), ("2026-05-31", false)] {
            scene.hub.it_is(day);
            scene.assess().await;
            let everywhere = scene.hub.token(Role::Government, &["440000"], None);
            let city = scene.hub.token(Role::Government, &["440600"], None);
            let told = |seen: Value| (movers(&seen["fallers"]), movers(&seen["risers"]));
            let count = |all: &[[String; 3]], seen: usize| match moves {
                true => all[..seen].to_vec(),
                false => Vec::new(),
            };
            let seen = told(scene.overview(&everywhere, "440000").await);
            assert_eq!(seen, (count(&fallers, 1), count(&risers, 2)), "{day}");
            let seen = told(scene.overview(&city, "440000").await);
            assert_eq!(seen, (count(&fallers, 1), count(&risers, 1)), "{day}, from the city");
            let query = r#"{ division(code: "440000") { overview { risers(first: 1) { agency { name } before after } } } }"#;
            let data = scene.hub.data(Some(&everywhere), query).await;
            let most = movers(&data["division"]["overview"]["risers"]);
            assert_eq!(most, count(&risers, 1), "{day}, the first one");
        }
    })
    .await;
}
