//! The same inputs give the same bytes: on either database, in whatever order they came, and later again.

use domain::{assess::Campaign, viewer::Role};
use serde_json::Value;
use zhengxin::assess::Replayed;

use super::{BUREAU, DISTRICT, Year};
use crate::support::{CatalogueCopy, Db, Hub, made, on_both, zhengxin};

impl Year {
    pub(super) async fn replayed(&self) -> Replayed {
        let app = &self.hub.app;
        app.live.catch_up().await.expect("the graph moves on");
        let id = Campaign::number_of(2025, "440600".parse().expect("a code"));
        let campaign = app.live.now().campaign(id).cloned().expect("it is open");
        let replayed = app.assessing().replay_annual(&campaign.fact).await;
        replayed.expect("it can be replayed")
    }

    /// An objection of the bureau is upheld, and all is confirmed.
    async fn confirmed_with_a_correction(&self) {
        let opened = self.opened(2025).await;
        let input = format!(r#"campaignId: {}, text: "有误""#, opened["id"]);
        let filed = self.act(Role::Agency, "objectToAssessment", &input).await;
        let wrong = self.record_behind(&opened, BUREAU, "court.listed").await;
        let input = format!(
            r#"objectionId: {}, version: 1, upheld: true, reason: "误列", records: [{{ recordId: {wrong}, exclude: true }}]"#,
            filed["objection"]["id"]
        );
        self.act(Role::Authority, "decideAssessmentObjection", &input)
            .await;
        self.hub.it_is("2026-03-17");
        let standing = self.campaign(Role::Authority, 2025).await;
        let done = self.confirm(&standing).await;
        assert_eq!(done["campaign"]["state"], "CONFIRMED", "{done}");
    }
}

#[tokio::test]
async fn no_database_and_no_order_of_deliveries_shows() {
    let one = (1, BUREAU, "2025-06-02");
    let two = (2, DISTRICT, "2025-06-02");
    let mut digests = Vec::new();
    for db in [Some(Db::sqlite()), Db::postgres()].into_iter().flatten() {
        for order in [
            vec![vec![one, two]],
            vec![vec![two, one]],
            vec![vec![two], vec![one, two]],
            vec![vec![one, two], vec![one], vec![one, two]],
        ] {
            let fresh = db.another();
            let year = Year::on(&fresh).await;
            // What came again was listed all the time, as far as its last delivery says.
            for list in &order {
                year.listed(list).await;
            }
            let opened = year.opened(2025).await;
            let digest = |key: &str| opened[key].as_str().expect("a digest").to_owned();
            let preliminary = year.replayed().await.preliminary;
            digests.push((digest("inputsDigest"), preliminary));
        }
    }
    assert!(digests.len() >= 4);
    // The bytes themselves: whoever comes to others raises EVALUATION_VERSION, or what was frozen is worth nothing.
    assert_eq!(
        digests[0].0,
        "6657b5d1c55a12957b547d7150112e9c01162689fbfbab765c57b9115c449bc8"
    );
    assert!(
        digests.windows(2).all(|pair| pair[0] == pair[1]),
        "{digests:#?}"
    );
}

#[tokio::test]
async fn what_becomes_of_records_later_does_not_show() {
    on_both(async |db| {
        let year = Year::on(&db).await;
        year.listed(&[(1, BUREAU, "2025-06-02"), (2, DISTRICT, "2025-06-02")])
            .await;
        year.confirmed_with_a_correction().await;
        let before = year.campaign(Role::Authority, 2025).await;
        let first = year.replayed().await;
        assert!(first.agrees && first.results.is_some(), "{first:?}");
        // Records come and go, and a body has another name.
        year.hub.it_is("2026-05-06");
        year.listed(&[(3, BUREAU, "2025-01-03"), (4, DISTRICT, "2025-02-03")])
            .await;
        let renamed = made::register(&[made::body(2, "佛山市样例守信局", "440600")]);
        year.hub
            .ingest("agency_register", &[("b.csv", &renamed)], |order| {
                order.partial = true
            })
            .await;
        let second = year.replayed().await;
        assert_eq!(second, first);
        let after = year.campaign(Role::Authority, 2025).await;
        let scores = |campaign: &Value| {
            let edges = campaign["ranking"]["edges"].as_array().expect("a list");
            let score =
                |edge: &Value| (edge["node"]["name"].clone(), edge["node"]["score"].clone());
            edges.iter().map(score).collect::<Vec<_>>()
        };
        assert_eq!(scores(&after), scores(&before));
    })
    .await;
}

#[tokio::test]
async fn a_pack_that_is_gone_is_read_as_it_was_kept() {
    let db = Db::sqlite();
    let year = Year::on(&db).await;
    year.listed(&[(1, BUREAU, "2025-06-02"), (2, DISTRICT, "2025-06-02")])
        .await;
    year.confirmed_with_a_correction().await;
    let first = year.replayed().await;
    // Another catalogue has another pack, and its rules another word for what they look at.
    let copy = CatalogueCopy::make();
    copy.spoil(
        "rules/general.toml",
        "version = \"2026.1\"",
        "version = \"2026.9\"",
    );
    let folder = copy.path().to_owned();
    let hub = Hub::with(&db, |config| config.catalogue.dir = Some(folder)).await;
    let packs = &hub.app.catalogue.assess.packs;
    assert!(packs.iter().all(|pack| pack.digest != first.pack));
    let later = Year {
        hub,
        keys: Default::default(),
        ..year
    };
    later.hub.it_is("2026-06-01");
    assert_eq!(later.replayed().await, first);
    let told = later.campaign(Role::Authority, 2025).await;
    assert_eq!(told["rulePackDigest"], first.pack.as_str());
    assert!(
        !super::row(&told, DISTRICT)["assessment"]["contributions"]
            .as_array()
            .expect("a list")
            .is_empty()
    );
}

#[tokio::test]
async fn whatever_is_altered_is_told() {
    let statements = [
        "UPDATE annual_result SET score = '99' WHERE place = 3",
        "UPDATE annual_result SET grade = 'A' WHERE place = 3",
        "DELETE FROM annual_result WHERE place = 2",
        // What was frozen is no longer there.
        "UPDATE annual_input SET batch = 1",
        "UPDATE annual_objection SET objection = replace(objection, '\"upheld\":true', '\"upheld\":false')",
    ];
    for statement in statements {
        let db = Db::sqlite();
        let year = Year::on(&db).await;
        year.listed(&[(1, BUREAU, "2025-06-02"), (2, DISTRICT, "2025-06-02")])
            .await;
        year.confirmed_with_a_correction().await;
        assert!(year.replayed().await.agrees);
        let database = sea_orm::Database::connect(db.url())
            .await
            .expect("it is there");
        let done = sea_orm::ConnectionTrait::execute_unprepared(&database, statement).await;
        assert!(done.expect("it is SQL").rows_affected() > 0, "{statement}");
        let replayed = year.replayed().await;
        assert!(!replayed.agrees, "{statement}: {replayed:?}");
    }
}

#[tokio::test]
async fn the_command_line_replays_and_reports() {
    let db = Db::sqlite();
    let year = Year::on(&db).await;
    year.listed(&[(1, BUREAU, "2025-06-02")]).await;
    let opened = year.opened(2025).await;
    let data = db.folder().display().to_string();
    let url = db.url();
    let run = |command: &str, more: &[&str]| {
        let whole = [
            "--data",
            &data,
            "--database-url",
            &url,
            "-o",
            "json",
            "assess",
            "annual",
            command,
        ];
        let which = ["--year", "2025", "--division", "440600"];
        zhengxin(whole.iter().chain(&which).chain(more)).run()
    };
    let replayed = run("replay", &[]);
    assert_eq!(replayed.code, Some(0), "{}", replayed.err);
    let told: Value = serde_json::from_str(&replayed.out).expect("JSON");
    assert_eq!(
        (&told["agrees"], &told["bodies"]),
        (&true.into(), &3.into())
    );
    assert_eq!(told["inputs"][0], opened["inputsDigest"]);
    let report = run("report", &["--meeting", "2026-06-30"]);
    let told: Value = serde_json::from_str(&report.out).expect("JSON");
    assert_eq!(
        (&told["bodies"], &told["calendar"][0]["due_on"]),
        (&3.into(), &"2026-06-10".into())
    );
    assert_eq!(told["inputs_digest"], opened["inputsDigest"]);
    let again = run("open", &[]);
    assert_eq!(again.code, Some(1));
    assert!(again.err.contains("ALREADY_OPEN"), "{}", again.err);
    let statement = "UPDATE annual_result SET score = '99' WHERE place = 3";
    let database = sea_orm::Database::connect(db.url())
        .await
        .expect("it is there");
    sea_orm::ConnectionTrait::execute_unprepared(&database, statement)
        .await
        .expect("it is SQL");
    let altered = run("replay", &[]);
    assert_eq!(altered.code, Some(1), "{}", altered.out);
}
