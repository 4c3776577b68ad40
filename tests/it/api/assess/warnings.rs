//! Warnings: raised once, following their cause, acknowledged in time or passed on.

use domain::viewer::Role;
use serde_json::json;

use super::{BUREAU, CITY, Scene};
use crate::api::catalogue_with;
use crate::support::{Db, Hub, made, on_both};

#[tokio::test]
async fn a_warning_is_raised_once_follows_its_cause_and_ends_with_it() {
    on_both(async |db| {
        let scene = Scene::on(&db).await;
        assert_eq!(scene.assess().await.raised, 0);
        scene.listed(&[1]).await;
        // The listing, and the grade that comes of it, and the fall to it.
        let raised = scene.assess().await.raised;
        assert!(raised >= 2, "{raised}");
        let court = scene.warning("RL-COURT").await;
        assert_eq!(
            [
                &court["level"],
                &court["state"],
                &court["caused"],
                &court["episode"]
            ],
            [&json!("RED"), &json!("NEW"), &json!(true), &json!(1)]
        );
        assert!(
            court["message"]
                .as_str()
                .is_some_and(|text| text.contains(BUREAU)),
            "{court}"
        );
        assert_eq!(court["records"]["totalCount"], 1);
        let query = format!(
            "{{ node(id: {}) {{ ... on Warning {{ warned {{ name }} }} }} }}",
            court["id"]
        );
        let warned = |data: serde_json::Value| data["node"]["warned"].clone();
        let all = warned(scene.data(Role::Authority, &query).await);
        assert_eq!(
            (&all[0]["name"], &all[1]["name"]),
            (&json!(BUREAU), &json!(CITY)),
            "{all}"
        );
        assert_eq!(scene.assess().await.raised, 0);
        // A second listing is another cause, and the same warning.
        scene.listed(&[1, 2]).await;
        let done = scene.assess().await;
        assert_eq!(done.raised, 0);
        let court = scene.warning("RL-COURT").await;
        assert_eq!(
            (&court["count"], &court["version"]),
            (&json!("2"), &json!(2))
        );
        // The court removes both.
        scene.listed(&[]).await;
        assert!(scene.assess().await.cleared >= 1);
        let court = scene.warning("RL-COURT").await;
        assert_eq!(
            (&court["state"], &court["caused"]),
            (&json!("RESOLVED"), &json!(false))
        );
        // Listed again, it is another warning.
        scene.hub.it_is("2026-04-22");
        scene.listed(&[3]).await;
        assert!(scene.assess().await.raised >= 1);
        let all = scene.warnings(Role::Congress).await;
        let court: Vec<_> = all
            .iter()
            .filter(|one| one["redLine"] == "RL-COURT")
            .collect();
        assert_eq!(court.len(), 2);
        assert_eq!(
            (&court[0]["episode"], &court[0]["state"]),
            (&json!(2), &json!("NEW"))
        );
    })
    .await;
}

#[tokio::test]
async fn what_is_done_about_one_follows_where_it_stands_and_who_may() {
    on_both(async |db| {
        let scene = Scene::on(&db).await;
        scene.listed(&[1]).await;
        scene.assess().await;
        let court = scene.warning("RL-COURT").await;
        // A congress looks on; a body does not decide about itself.
        assert_eq!(scene.act(Role::Congress, "acknowledgeWarning", &court, None).await, "FORBIDDEN");
        assert_eq!(scene.act(Role::Agency, "dismissWarning", &court, Some("误报")).await, "FORBIDDEN");
        let done = scene.act(Role::Agency, "acknowledgeWarning", &court, None).await;
        assert_eq!(done["warning"], json!({ "version": 2, "state": "ACKNOWLEDGED", "dueOn": "2026-04-23" }));
        // Another version by now.
        let late = scene.act(Role::Agency, "rectifyWarning", &court, Some("已筹款")).await;
        assert_eq!((&late["__typename"], &late["current"]), (&json!("VersionConflict"), &json!(2)));
        let court = scene.warning("RL-COURT").await;
        let again = scene.act(Role::Agency, "acknowledgeWarning", &court, None).await;
        assert_eq!(again["code"], "WRONG_STATE");
        let silent = scene.act(Role::Agency, "rectifyWarning", &court, None).await;
        assert_eq!(silent["code"], "NEEDS_NOTE");
        let done = scene.act(Role::Agency, "rectifyWarning", &court, Some("已筹款")).await;
        assert_eq!(done["warning"]["state"], "RECTIFYING");
        let court = scene.warning("RL-COURT").await;
        let done = scene.act(Role::Government, "resolveWarning", &court, Some("已履行，待法院移出")).await;
        assert_eq!(done["warning"]["state"], "RESOLVED");
        // The cause stands, and is warned about no second time; a worse one is.
        assert_eq!(scene.assess().await.raised, 0);
        // What happened is told, and to whom.
        for (role, who) in [(Role::Agency, ""), (Role::Authority, "by")] {
            let query = format!(
                "{{ node(id: {}) {{ ... on Warning {{ events {{ number act note state {who} }} }} }} }}",
                court["id"]
            );
            let events = scene.data(role, &query).await["node"]["events"].clone();
            let acts: Vec<_> = events.as_array().into_iter().flatten().map(|one| &one["act"]).collect();
            assert_eq!(acts, ["RAISE", "ACKNOWLEDGE", "RECTIFY", "RESOLVE"]);
            assert_eq!(events[0].get("by"), (who == "by").then_some(&json!("hub")));
        }
        // Others' warnings are nobody's here.
        let elsewhere = scene.hub.token(Role::Government, &["440400"], None);
        let query = format!(r#"{{ warnings {{ totalCount }} node(id: {}) {{ id }} }}"#, court["id"]);
        let data = scene.hub.data(Some(&elsewhere), &query).await;
        assert_eq!(data, json!({ "warnings": { "totalCount": 0 }, "node": null }));
    })
    .await;
}

#[tokio::test]
async fn who_does_not_answer_is_passed_on_at_the_day_and_not_by_a_provisional_one() {
    on_both(async |db| {
        let scene = Scene::on(&db).await;
        // Five working days over the May holiday: from 28 April, with Saturday 9 May worked.
        scene.hub.it_is("2026-04-28");
        scene.listed(&[1]).await;
        scene.assess().await;
        let court = scene.warning("RL-COURT").await;
        let due = court["dueOn"].as_str().expect("a day").to_owned();
        let (within, calendar) = {
            let line = scene
                .hub
                .app
                .catalogue
                .assess
                .red_line("RL-COURT", "2026-04-28".parse().expect("a day"))
                .expect("shipped");
            (line.terms.answer_within, &scene.hub.app.catalogue.calendar)
        };
        let from = "2026-04-28".parse().expect("a day");
        assert_eq!(
            due,
            calendar.add_working_days(from, within).date().to_string()
        );
        scene.hub.it_is(&due);
        scene.assess().await;
        assert_eq!(scene.warning("RL-COURT").await["escalations"], 0);
        let late = "{ warnings(filter: { overdue: true }) { edges { node { redLine } } } }";
        let is_late = async || {
            let told = scene.data(Role::Authority, late).await["warnings"].to_string();
            told.contains("RL-COURT")
        };
        assert!(!is_late().await);
        let day: chrono::NaiveDate = due.parse().expect("a day");
        scene.hub.it_is(&day.succ_opt().expect("a day").to_string());
        for _ in 0..2 {
            scene.assess().await;
            let court = scene.warning("RL-COURT").await;
            assert_eq!(court["escalations"], 1);
            assert!(
                court["dueOn"].as_str().is_some_and(|next| *next > *due),
                "{court}"
            );
            assert!(is_late().await, "another day makes it no less late");
        }
        // What is acknowledged is to be begun in time, and what is begun to be set right; each goes up, too.
        for (act, on, due, late, escalations) in [
            (
                "acknowledgeWarning",
                "2026-05-07",
                "2026-05-11",
                "2026-05-12",
                2,
            ),
            (
                "rectifyWarning",
                "2026-05-12",
                "2026-06-02",
                "2026-06-03",
                3,
            ),
        ] {
            scene.hub.it_is(on);
            let court = scene.warning("RL-COURT").await;
            scene
                .act(Role::Authority, act, &court, Some("样例措施"))
                .await;
            let court = scene.warning("RL-COURT").await;
            assert_eq!(court["dueOn"], due, "{act}");
            let from = on.parse().expect("a day");
            let left = calendar.working_days_after(from, due.parse().expect("a day"));
            assert!(left.is_some_and(|left| left > 0));
            assert_eq!(court["workingDaysLeft"], json!(left), "{act}");
            scene.hub.it_is(due);
            scene.assess().await;
            let court = scene.warning("RL-COURT").await;
            assert_eq!(
                (&court["escalations"], &court["workingDaysLeft"]),
                (&json!(escalations - 1), &json!(0))
            );
            scene.hub.it_is(late);
            scene.assess().await;
            assert_eq!(
                scene.warning("RL-COURT").await["escalations"],
                escalations,
                "{act}"
            );
        }
        let court = scene.warning("RL-COURT").await;
        scene
            .act(Role::Authority, "resolveWarning", &court, Some("已履行"))
            .await;
        let court = scene.warning("RL-COURT").await;
        assert_eq!(
            (&court["dueOn"], &court["workingDaysLeft"]),
            (&json!(null), &json!(null))
        );
    })
    .await;
}

#[tokio::test]
async fn by_a_provisional_day_nobody_is_late() {
    on_both(async |db| {
        let scene = Scene::on(&db).await;
        scene.hub.it_is("2026-12-29");
        scene.listed(&[1]).await;
        scene.assess().await;
        let court = scene.warning("RL-COURT").await;
        assert_eq!(court["dueIsProvisional"], true, "{court}");
        assert_eq!(court["workingDaysLeft"], json!(null), "{court}");
        scene.hub.it_is("2027-03-01");
        scene.assess().await;
        assert_eq!(scene.warning("RL-COURT").await["escalations"], 0);
    })
    .await;
}

#[tokio::test]
async fn two_processes_and_a_restart_raise_it_once() {
    for seed in 0..4_i64 {
        on_both(async |db: Db| {
            let scene = Scene::on(&db).await;
            let other = Hub::on(&db).await;
            other.it_is("2026-04-20");
            scene.listed(&[1 + seed]).await;
            let (one, two) = (scene.hub.app.assessing(), other.app.assessing());
            let both = tokio::join!(one.assess_all(), two.assess_all());
            let raised = both.0.expect("assessed").raised + both.1.expect("assessed").raised;
            let all = scene.warnings(Role::Authority).await;
            assert_eq!(all.len(), raised, "each was raised by one of them");
            let mut lines: Vec<_> = all.iter().map(|one| one["redLine"].to_string()).collect();
            lines.sort_unstable();
            lines.dedup();
            assert_eq!(lines.len(), all.len(), "and none twice");
            // Whoever starts anew finds all done.
            drop(other);
            let again = Hub::on(&db).await;
            again.it_is("2026-04-20");
            let done = again.app.assessing().assess_all().await.expect("assessed");
            assert_eq!((done.raised, done.scored), (0, 0));
        })
        .await;
    }
}

#[tokio::test]
async fn another_default_pack_grades_anew_and_a_line_that_is_gone_warns_no_more() {
    on_both(async |db: Db| {
        let scene = Scene::on(&db).await;
        scene.listed(&[1]).await;
        scene.assess().await;
        let open = async |hub: &Hub| {
            let token = hub.token(Role::Authority, &["440600"], None);
            let query = r#"{ warnings(filter: { redLine: { startsWith: "RL-COURT" } }) {
                edges { node { redLine state caused verified } } } }"#;
            hub.data(Some(&token), query).await["warnings"]["edges"].clone()
        };
        let folder = db.folder().join("catalogue");
        catalogue_with(
            &folder,
            &[
                ("rules/general.toml", "default = true", "default = false"),
                ("rules/db12t1407.toml", "pack = \"db12t1407\"", "pack = \"db12t1407\"\ndefault = true"),
                ("redlines.toml", "\"RL-COURT\"", "\"RL-COURTS\""),
                ("redlines.toml", "RL-COURT =", "RL-COURTS ="),
            ],
        );
        let hub = Hub::with(&db, |config| config.catalogue.dir = Some(folder)).await;
        hub.it_is("2026-04-21");
        let done = hub.app.assessing().assess_all().await.expect("assessed by the other pack");
        assert_eq!(done.scored, 3);
        let told = open(&hub).await;
        let state = |line: &str| {
            let mut edges = told.as_array().into_iter().flatten();
            let edge = edges.find(|edge| edge["node"]["redLine"] == line).expect("it is told");
            edge["node"]["state"].clone()
        };
        assert_eq!((state("RL-COURT"), state("RL-COURTS")), (json!("RESOLVED"), json!("NEW")));
        // Who starts anew reads the scores of the pack that is the default.
        let again = hub.app.assessing().assess_all().await.expect("assessed");
        assert_eq!((again.scored, again.raised), (0, 0));
        let token = hub.token(Role::Authority, &["440600"], None);
        let query = format!(
            r#"{{ agency(uscc: "{}") {{ assessment {{ rulePack }} }} worst: agencies(orderBy: [{{ field: SCORE, direction: ASC }}], first: 1) {{ edges {{ node {{ name }} }} }} }}"#,
            scene.bureau
        );
        let data = hub.data(Some(&token), &query).await;
        assert_eq!(data["agency"]["assessment"]["rulePack"], "db12t1407");
        assert_eq!(data["worst"]["edges"][0]["node"]["name"], BUREAU);
    })
    .await;
}

#[tokio::test]
async fn of_several_by_one_line_the_newest_alone_has_a_cause() {
    on_both(async |db: Db| {
        let scene = Scene::on(&db).await;
        for listings in [&[1][..], &[], &[2]] {
            scene.listed(listings).await;
            scene.assess().await;
        }
        // As it was kept where the older one did not lose its cause to the newer one.
        let database = sea_orm::Database::connect(db.url())
            .await
            .expect("it is there");
        let kept = r#"UPDATE warning SET warning = replace(warning, '"is_caused":false', '"is_caused":true') WHERE change_to IS NULL"#;
        sea_orm::ConnectionTrait::execute_unprepared(&database, kept)
            .await
            .expect("it is SQL");
        let hub = Hub::on(&db).await;
        hub.it_is("2026-04-20");
        let caused = || {
            let graph = hub.app.live.now();
            let caused = graph.all_agencies().flat_map(|body| {
                let of_body = graph.caused_warnings(body);
                of_body.filter(|one| one.fact.red_line == "RL-COURT").map(|one| one.fact.episode)
            });
            caused.collect::<Vec<_>>()
        };
        let mut before = caused();
        before.sort_unstable();
        assert_eq!(before, [1, 2]);
        let done = hub.app.assessing().assess_all().await.expect("assessed");
        assert!(done.cleared >= 1 && done.raised == 0, "{done:?}");
        hub.app.live.catch_up().await.expect("the graph moves on");
        assert_eq!(caused(), [2]);
        let again = hub.app.assessing().assess_all().await.expect("assessed");
        assert_eq!((again.cleared, again.raised), (0, 0));
    })
    .await;
}

#[tokio::test]
async fn what_was_raised_later_is_not_told_of_an_earlier_day_and_the_abolished_are_left_alone() {
    on_both(async |db: Db| {
        let scene = Scene::on(&db).await;
        scene.listed(&[1]).await;
        scene.assess().await;
        for (day, count) in [("2026-04-19", 0), ("2026-04-20", 1)] {
            let query = format!(
                r#"{{ agency(uscc: "{}", asOf: "{day}") {{ warnings(filter: {{ redLine: {{ eq: "RL-COURT" }} }}) {{ totalCount }} }} }}"#,
                scene.bureau
            );
            let data = scene.data(Role::Authority, &query).await;
            assert_eq!(data["agency"]["warnings"]["totalCount"], count, "{day}");
        }
        let abolished = made::body_of(scene.bureau, BUREAU, "440600").abolished("2026-04-21");
        let register = made::register(&[abolished]);
        scene.hub.it_is("2026-04-22");
        scene.hub.ingest("agency_register", &[("a.csv", &register)], |order| order.partial = true).await;
        scene.assess().await;
        let left = scene.warnings(Role::Authority).await;
        assert!(left.iter().all(|one| one["state"] == "RESOLVED"), "{left:?}");
    })
    .await;
}

#[tokio::test]
async fn a_job_looks_at_whom_a_change_concerns() {
    on_both(async |db: Db| {
        let scene = Scene::on(&db).await;
        let live = std::sync::Arc::clone(&scene.hub.app.live);
        let stopping = tokio_util::sync::CancellationToken::new();
        let follower = tokio::spawn(std::sync::Arc::clone(&live).follow());
        let assessing = scene.hub.app.assessing();
        let job = tokio::spawn(zhengxin::jobs::assess_changes(assessing, stopping.clone()));
        let mut versions = live.committed();
        scene.listed(&[1]).await;
        let raised = async {
            while scene.warnings(Role::Authority).await.is_empty() {
                versions.changed().await.expect("the graph goes on");
            }
        };
        let patience = std::time::Duration::from_secs(30);
        tokio::time::timeout(patience, raised)
            .await
            .expect("it is warned about in time");
        stopping.cancel();
        job.await.expect("it ends by itself");
        follower.abort();
    })
    .await;
}

#[tokio::test]
async fn nobody_closes_a_warning_about_himself_or_about_whom_he_is_under() {
    on_both(async |db| {
        let scene = Scene::on(&db).await;
        let hub = &scene.hub;
        let list = made::court_jsonl(&[made::listing(1, CITY).published("2026-03-02")]);
        hub.ingest("court_debtors", &[("c.jsonl", &list)], |_| {})
            .await;
        scene.assess().await;
        let warning = scene.warning("RL-COURT").await;
        let (bureau, nobody) = (scene.bureau, made::uscc("11", "440600", 77));
        let act = async |role, area: &str, agency, name: &str| {
            let token = hub.token(role, &[area], agency);
            scene.act_with(&token, name, &warning, Some("已核")).await
        };
        use Role::{Authority, Government};
        for (role, area, agency) in [
            (Government, "440600", None),
            (Authority, "440600", None),
            (Authority, "440600", Some(&bureau)),
            (Authority, "440000", Some(&nobody)),
        ] {
            for name in ["dismissWarning", "resolveWarning"] {
                let told = act(role, area, agency, name).await;
                assert_eq!(
                    told["code"], "WRONG_BODY",
                    "{role} {area} {agency:?}: {told}"
                );
            }
        }
        let told = act(Government, "440000", None, "dismissWarning").await;
        assert_eq!(told["warning"]["state"], "DISMISSED", "{told}");
    })
    .await;
}
