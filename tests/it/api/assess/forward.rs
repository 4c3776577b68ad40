//! Detection only goes forward: whoever has an older day, or older rules, undoes nothing of what newer ones did.

use domain::viewer::Role;
use serde_json::{Value, json};
use zhengxin::assess::Error;

use super::{BUREAU, CITY, Scene, lines::disclosures};
use crate::{
    api::catalogue_with,
    support::{Db, Hub, on_both, zhengxin},
};

/// How often two processes look in turn.
const TURNS: usize = 3;

/// What happened to the bureau's warnings by a red line, the newest warning first.
async fn acts(hub: &Hub, line: &str) -> Value {
    let token = hub.token(Role::Authority, &["440600"], None);
    let query = format!(
        r#"{{ warnings(filter: {{ redLine: {{ eq: "{line}" }}, agency: {{ name: {{ eq: "{BUREAU}" }} }} }}) {{
            edges {{ node {{ events {{ act }} }} }} }} }}"#
    );
    let data = hub.data(Some(&token), &query).await;
    let edges = data["warnings"]["edges"].as_array().expect("a list");
    let acts = |edge: &Value| {
        let events = edge["node"]["events"].as_array().expect("a list").iter();
        events.map(|event| event["act"].clone()).collect::<Value>()
    };
    edges.iter().map(acts).collect()
}

/// Looks; false where newer rules, or a later day, judged already.
async fn looked(hub: &Hub) -> bool {
    match hub.app.assessing().assess_all().await {
        Ok(_) => true,
        Err(Error::Behind) => false,
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn over_midnight_the_older_day_undoes_nothing() {
    on_both(async |db: Db| {
        let scene = Scene::on(&db).await;
        let ahead = Hub::on(&db).await;
        scene.hub.it_is("2026-03-31");
        ahead.it_is("2026-04-01");
        let told = disclosures(&[("PL1", CITY, 2025, 1)]);
        let files = [("i.csv", told.as_bytes())];
        scene.hub.ingest("credit_platform", &files, |_| {}).await;
        assert!(looked(&scene.hub).await, "nobody was quicker");
        for _ in 0..TURNS {
            assert!(looked(&ahead).await);
            assert!(!looked(&scene.hub).await, "there was something to undo");
        }
        assert_eq!(acts(&ahead, "RL-DISCLOSE").await, json!([["RAISE"]]));
        // When midnight has come here, too, both come to the same.
        scene.hub.it_is("2026-04-01");
        let done = scene.assess().await;
        assert_eq!((done.scored, done.raised, done.cleared), (0, 0, 0));
    })
    .await;
}

/// A hub whose red line about court listings has another code, in an edition of its own.
async fn with_rules(db: &Db, code: &str, version: &str) -> Hub {
    let folder = db.folder().join(code);
    let quoted = (format!("\"{code}\""), format!("{code} ="));
    let version = format!("version = \"{version}\"");
    catalogue_with(
        &folder,
        &[
            ("redlines.toml", "\"RL-COURT\"", &quoted.0),
            ("redlines.toml", "RL-COURT =", &quoted.1),
            ("redlines.toml", "version = \"2026.2\"", &version),
        ],
    );
    let hub = Hub::with(db, |config| config.catalogue.dir = Some(folder)).await;
    hub.it_is("2026-04-20");
    hub
}

#[tokio::test]
async fn older_rules_undo_nothing_whoever_comes_first() {
    on_both(async |db: Db| {
        let scene = Scene::on(&db).await;
        scene.listed(&[1]).await;
        // Nobody has seen the older edition when the newer one judges first.
        let newer = with_rules(&db, "RL-NEWER", "2026.3").await;
        for _ in 0..TURNS {
            assert!(looked(&newer).await);
            assert!(!looked(&scene.hub).await);
        }
        assert_eq!(acts(&newer, "RL-NEWER").await, json!([["RAISE"]]));
        assert_eq!(acts(&newer, "RL-COURT").await, json!([]));
        // Of two editions of one version the one that is seen later is the newer one.
        let later = with_rules(&db, "RL-LATER", "2026.3").await;
        for _ in 0..TURNS {
            assert!(looked(&later).await);
            assert!(!looked(&newer).await);
        }
        assert_eq!(acts(&later, "RL-LATER").await, json!([["RAISE"]]));
        assert_eq!(acts(&later, "RL-NEWER").await, json!([["RAISE", "CLEAR"]]));
        // Who goes back to the older rules says so.
        let assessing = scene.hub.app.assessing();
        assessing.take_over().await.expect("it is ours to say");
        assert!(looked(&scene.hub).await);
        assert_eq!(acts(&scene.hub, "RL-COURT").await, json!([["RAISE"]]));
    })
    .await;
}

#[tokio::test]
async fn the_command_line_says_so_and_takes_over_where_it_is_told_to() {
    on_both(async |db: Db| {
        let scene = Scene::on(&db).await;
        // Somebody's clock was wrong.
        scene.hub.it_is("2099-01-05");
        scene.listed(&[1]).await;
        scene
            .hub
            .app
            .assessing()
            .take_over()
            .await
            .expect("nothing is known yet");
        assert!(looked(&scene.hub).await);
        scene.listed(&[1, 2]).await;
        let (data, url) = (db.folder().display().to_string(), db.url());
        let run = |more: &[&str]| {
            let whole = ["--data", &data, "--database-url", &url, "assess"];
            zhengxin(whole.iter().chain(more)).run()
        };
        let refused = run(&[]);
        assert_eq!(refused.code, Some(1), "{}", refused.out);
        assert!(refused.err.contains("--take-over"), "{}", refused.err);
        let warns = || {
            let ran = zhengxin([
                "--data",
                &*data,
                "--database-url",
                &*url,
                "doctor",
                "-o",
                "json",
            ]);
            let told = ran.run().json();
            let mut findings = told.as_array().into_iter().flatten();
            let finding = findings.find(|one| one["what"] == "warnings").cloned();
            finding.expect("it is looked at")
        };
        let told = warns();
        assert_eq!(told["ok"], false, "{told}");
        assert!(told.to_string().contains("on 2099-01-05"), "{told}");
        let done = run(&["--take-over"]);
        assert_eq!(done.code, Some(0), "{}", done.err);
        assert_eq!(warns()["ok"], true);
        let again = run(&[]);
        assert_eq!(again.code, Some(0), "{}", again.err);
    })
    .await;
}
