//! The same inputs give the same bytes: on either database, in whatever order they came, and later again.

use std::collections::BTreeSet;

use domain::{assess::Campaign, viewer::Role};
use serde_json::Value;
use zhengxin::assess::Replayed;

use super::{BUREAU, CITY, DISTRICT, Year};
use crate::support::{CatalogueCopy, Db, Hub, made, on_both, rows, zhengxin};

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

/// What comes of facts of all kinds by the shipped pack. It is another one where the pack is (raise its `version`) or
/// where the evaluation is: raise EVALUATION_VERSION, or the years that were assessed replay to other bytes unexplained.
const RESULTS: &str = "dd608c28dcc14524ea5f7614f02ee3ff275aeeee2ce95f2a8f2f1e7f373f2551";

#[tokio::test]
async fn the_bytes_of_results_are_those_of_this_evaluation() {
    on_both(async |db| {
        let year = Year::on(&db).await;
        year.listed(&[(1, DISTRICT, "2025-06-02")]).await;
        let breaches = [(1, BUREAU, "2025-02-03"), (2, BUREAU, "2025-11-03"), (3, CITY, "2025-06-02")];
        let breaches = breaches.map(|(n, body, on)| rows::breach(n, body).with("rdrq", on));
        let debts = [(1, BUREAU, "900000"), (2, BUREAU, "200000.50"), (3, CITY, "99999.99")];
        let debts = debts.map(|(n, body, amount)| {
            let debt = rows::established(n, body).with("拖欠金额", amount);
            let debt = debt.with("受理日期", "2025-09-01").with("转交日期", "2025-09-03");
            debt.with("办结日期", "2025-10-09")
        });
        let measured = [
            ("ZB1", CITY, "表彰奖励", "3"),
            ("ZB2", CITY, "热线按时办结率", "97.5"),
            ("ZB3", BUREAU, "热线满意率", "71.25"),
            ("ZB4", DISTRICT, "行政诉讼败诉", "2"),
            ("ZB5", DISTRICT, "年度账款披露", "0"),
        ];
        let measured: String = measured
            .iter()
            .map(|(number, body, kind, value)| {
                format!("{number},{body},,{kind},样例指标,{value},2025-03-02,2025-06-30,,样例厅,有效,I\n")
            })
            .collect();
        let measured =
            format!("zbbh,ztmc,tyshxydm,zblx,zbmc,zbz,tjqq,tjqz,zbyj,tgdw,zt,opt_type\n{measured}");
        for (source, file) in [
            ("credit_platform", rows::file(&breaches)),
            ("arrears", rows::file(&debts)),
            ("credit_platform", measured.into_bytes()),
        ] {
            let report = year.hub.ingest(source, &[("rows.csv", &file)], |_| {}).await;
            assert_eq!(report.counts.rejected + report.counts.unresolved, 0, "{report:#?}");
        }
        let opened = year.opened(2025).await;
        let ranking = opened["ranking"]["edges"].as_array().expect("a list");
        let parts = ranking.iter().flat_map(|edge| {
            let parts = edge["node"]["assessment"]["contributions"].as_array();
            parts.into_iter().flatten().map(|part| part["rule"].as_str().unwrap_or("").to_owned())
        });
        let rules: BTreeSet<String> = parts.collect();
        for rule in ["arrears.amount", "court.listed", "commendation"] {
            assert!(rules.contains(rule), "{rule} is among {rules:?}");
        }
        let [kept, anew] = year.replayed().await.preliminary;
        assert_eq!((&*kept, &*anew), (RESULTS, RESULTS));
    })
    .await;
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
        // What does not make up a score does not explain it, as after another evaluation.
        if statement.contains("score") {
            let query = r#"{ annualCampaigns(year: 2025, division: "440600", first: 1) { edges { node {
                ranking(first: 10) { edges { node { assessment { contributions { rule } } } } } } } } }"#;
            let token = year.hub.token(Role::Authority, &["440600"], None);
            let told = year.hub.query(Some(&token), query).await;
            let error = &told["errors"][0]["extensions"];
            assert_eq!(
                (&error["code"], &error["reason"]),
                (&"UNAVAILABLE".into(), &"OTHER_EVALUATION".into()),
                "{told}"
            );
        }
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
