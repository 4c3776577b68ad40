//! Reviewed false matches: what is left out of a check, for whom, for how long, and what a receipt keeps of it.

use domain::viewer::Role;
use serde_json::{Value, json};

use super::{CASE, ELSEWHERE, LISTED, SOUND, Scene, name};
use crate::support::{Db, made, on_both, zhengxin};

const DONE: &str = "__typename ... on CheckExclusionSuccess { exclusion { id name division uscc agency { name } reason reference by \
     expiresOn inForce revokedAt revokedBy revokeReason } } ... on Refusal { code }";

/// What came of excluding a body of a name.
async fn exclude(scene: &Scene, token: &str, key: &str, more: &str) -> Value {
    let query = format!(
        r#"mutation {{ excludeFalseMatch(input: {{ key: "{key}", reason: "案卷所列为镇水务所", reference: "样函1号", {more} }}) {{ {DONE} }} }}"#
    );
    scene.hub.data(Some(token), &query).await["excludeFalseMatch"].clone()
}

async fn revoke(scene: &Scene, token: &str, key: &str, id: &Value) -> Value {
    let query = format!(
        r#"mutation {{ revokeExclusion(input: {{ key: "{key}", exclusionId: {id}, reason: "复核有误" }}) {{ {DONE} }} }}"#
    );
    scene.hub.data(Some(token), &query).await["revokeExclusion"].clone()
}

/// The bodies of the two namesakes in the scene.
fn twins() -> [domain::uscc::Uscc; 2] {
    [
        made::body(7, "佛山市禅城区水务局", "440604").uscc,
        made::body(8, "佛山市南海区水务局", "440605").uscc,
    ]
}

fn of_twin(code: &domain::uscc::Uscc) -> String {
    format!(r#"name: "水务局", uscc: "{code}", expiresOn: "2026-12-31""#)
}

fn candidates(check: &Value) -> Vec<String> {
    let told = check["resolution"]["candidates"].as_array().cloned();
    let names = told.into_iter().flatten();
    let mut names: Vec<String> = names
        .map(|one| {
            one["agency"]["name"]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        })
        .collect();
    names.sort_unstable();
    names
}

fn replayed(db: &Db, id: &Value) -> bool {
    let data = db.folder().display().to_string();
    let id = id.as_str().expect("an id");
    let ran = zhengxin([
        "check",
        "--replay",
        id,
        "-o",
        "json",
        "--database-url",
        &db.url(),
        "--data",
        &data,
    ])
    .run();
    ran.json()["agrees"] == true
}

#[tokio::test]
async fn what_was_reviewed_is_left_out_and_who_remains_is_no_surer() {
    on_both(async |db| {
        let scene = Scene::on(&db).await;
        let court = scene.court();
        let [chancheng, nanhai] = twins();
        let before = scene.check(&name("水务局")).await;
        assert_eq!(
            candidates(&before),
            ["佛山市南海区水务局", "佛山市禅城区水务局"]
        );
        let done = exclude(&scene, &court, "1", &of_twin(&chancheng)).await;
        let review = &done["exclusion"];
        assert_eq!(
            (
                &review["name"],
                &review["uscc"],
                &review["inForce"],
                &review["by"]
            ),
            (
                &json!("水务局"),
                &json!(chancheng.as_str()),
                &json!(true),
                &json!("test")
            )
        );
        assert_eq!(
            exclude(&scene, &court, "1", &of_twin(&chancheng)).await,
            done,
            "under one key once"
        );
        let again = exclude(&scene, &court, "2", &of_twin(&chancheng)).await;
        assert_eq!(again["code"], "ALREADY_EXCLUDED");

        let one = scene.check(&name("水务局")).await;
        assert_eq!(
            (&one["verdict"], candidates(&one)),
            (&json!("AMBIGUOUS"), vec!["佛山市南海区水务局".to_owned()])
        );
        assert!(
            one["notice"]
                .as_str()
                .is_some_and(|notice| notice.contains("经人工复核已排除 1 个机构")
                    && notice.contains("reviewed and left out: 1")),
            "{one}"
        );
        assert!(
            one["resolution"]["steps"]
                .to_string()
                .contains("已排除 1 个机构"),
            "{one}"
        );
        assert_eq!(scene.receipt(&court, &one["id"]).await, one);
        // The same name limited to another place is another question, and a settled one is no question of reviews.
        let limited = format!("{}, division: \"440604\"", name("水务局"));
        assert_eq!(scene.verdict(&limited).await, "CLEAR");
        assert_eq!(
            scene.verdict(&format!("uscc: \"{chancheng}\"")).await,
            "CLEAR"
        );
        // A wider place is not the one that was reviewed.
        let city = scene
            .check(&format!("{}, division: \"440600\"", name("水务局")))
            .await;
        assert_eq!(candidates(&city).len(), 2, "{city}");

        exclude(&scene, &court, "3", &of_twin(&nanhai)).await;
        let none = scene.check(&name("水务局")).await;
        assert_eq!(
            (&none["verdict"], candidates(&none).len()),
            (&json!("UNKNOWN_SUBJECT"), 0)
        );
        // What was told stays as it was told, whatever becomes of the reviews.
        let id = review["id"].clone();
        let revoked = revoke(&scene, &court, "4", &id).await;
        assert_eq!(
            (
                &revoked["exclusion"]["inForce"],
                &revoked["exclusion"]["revokeReason"]
            ),
            (&json!(false), &json!("复核有误"))
        );
        assert_eq!(
            revoke(&scene, &court, "5", &id).await["code"],
            "ALREADY_REVOKED"
        );
        let after = scene.check(&name("水务局")).await;
        assert_eq!(candidates(&after), ["佛山市禅城区水务局"]);
        for told in [&before, &one, &none, &after] {
            assert!(replayed(&db, &told["id"]), "{told}");
            assert_eq!(&scene.receipt(&court, &told["id"]).await, told);
        }
        let bytes = |check: &Value| check["answer"].clone();
        assert_ne!(bytes(&one), bytes(&before));
    })
    .await;
}

#[tokio::test]
async fn a_repaired_error_that_was_reviewed_is_nobody() {
    on_both(async |db| {
        let scene = Scene::on(&db).await;
        let court = scene.court();
        let slip = "佛山市样例承若局";
        let before = scene.check(&name(slip)).await;
        assert_eq!(
            (&before["verdict"], &before["resolution"]["outcome"]),
            (&json!("POSSIBLE"), &json!("FUZZY"))
        );
        let more = format!(
            r#"name: "{slip}", uscc: "{}", expiresOn: "2026-12-31""#,
            scene.listed
        );
        assert_eq!(
            exclude(&scene, &court, "1", &more).await["__typename"],
            "CheckExclusionSuccess"
        );
        let after = scene.check(&name(slip)).await;
        assert_eq!(
            (
                &after["verdict"],
                &after["resolution"]["agency"],
                &after["records"]
            ),
            (&json!("UNKNOWN_SUBJECT"), &Value::Null, &json!([]))
        );
        assert_eq!(scene.verdict(&name(LISTED)).await, "LISTED");
        // Who looked at the name did not look at what a code says beside it, however it is written.
        let coded = format!(r#"{}, uscc: "1""#, name(slip));
        assert_eq!(scene.verdict(&coded).await, "POSSIBLE");
        // Its case number proves that it is meant, and nothing is left to be reviewed.
        let proved = format!("{}, caseNumber: \"{CASE}\"", name(slip));
        let proved = scene.check(&proved).await;
        assert_eq!(
            (
                &proved["verdict"],
                &proved["resolution"]["outcome"],
                &proved["resolution"]["agency"]["name"]
            ),
            (&json!("LISTED"), &json!("EXACT_CODE"), &json!(LISTED))
        );
        // It holds up to its last day, and no longer.
        for (day, verdict) in [
            ("2026-12-31", "UNKNOWN_SUBJECT"),
            ("2027-01-01", "POSSIBLE"),
        ] {
            scene.hub.it_is(day);
            assert_eq!(scene.verdict(&name(slip)).await, verdict, "on {day}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_review_is_for_who_made_it_and_needs_a_doubt_a_right_and_a_term() {
    on_both(async |db| {
        let scene = Scene::on(&db).await;
        let hub = &scene.hub;
        let court = scene.court();
        let [chancheng, _] = twins();
        let sound = scene.sound;
        for (more, code) in [
            (format!(r#"name: "水务局", uscc: "{chancheng}", expiresOn: "2026-04-19""#), "BAD_TERM"),
            (format!(r#"name: "水务局", uscc: "{chancheng}", expiresOn: "2029-04-21""#), "BAD_TERM"),
            // Whom no check of that name puts forward, and who is told without doubt.
            (format!(r#"name: "水务局", uscc: "{sound}", expiresOn: "2026-12-31""#), "NOT_IN_DOUBT"),
            (format!(r#"name: "{SOUND}", uscc: "{sound}", expiresOn: "2026-12-31""#), "NOT_IN_DOUBT"),
            (format!(r#"name: "水务局", division: "440604", uscc: "{chancheng}", expiresOn: "2026-12-31""#), "NOT_IN_DOUBT"),
        ] {
            assert_eq!(exclude(&scene, &court, &more.replace('"', ""), &more).await["code"], code, "{more}");
        }
        // A government excludes what lies below it, and nothing else.
        let nanhai = hub.token(Role::Government, &["440605"], None);
        let refused = exclude(&scene, &nanhai, "g", &of_twin(&chancheng)).await;
        assert_eq!(refused["code"], "NOT_IN_DOUBT");
        let done = exclude(&scene, &court, "1", &of_twin(&chancheng)).await;
        let id = &done["exclusion"]["id"];
        let list = "{ checkExclusions { totalCount edges { node { name uscc reason } } } }";
        let own = hub.data(Some(&court), list).await;
        assert_eq!(own["checkExclusions"]["totalCount"], 1, "{own}");
        for other in [
            hub.token(Role::Authority, &["440600"], None),
            hub.token(Role::Court, &["440100"], None),
            hub.token(Role::Government, &["440600"], None),
        ] {
            let check = scene.check_by(&other, &name("水务局")).await;
            assert_eq!(candidates(&check).len(), 2, "{check}");
            let data = hub.data(Some(&other), list).await;
            assert_eq!(data["checkExclusions"]["totalCount"], 0);
            let node = format!("{{ node(id: {id}) {{ id }} }}");
            assert_eq!(hub.data(Some(&other), &node).await["node"], Value::Null);
            assert_eq!(revoke(&scene, &other, "r", id).await["code"], "NOT_FOUND");
        }
        for role in [Role::Congress, Role::Operator, Role::Auditor] {
            let answer = hub.query(Some(&hub.token(role, &["440600"], None)), list).await;
            assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{role}");
        }
        // Who lost the body revokes nothing, and is told its code and no more.
        let city = hub.token(Role::Government, &["440600"], None);
        let done = exclude(&scene, &city, "c", &of_twin(&chancheng)).await;
        let id = &done["exclusion"]["id"];
        let moved = made::body_of(chancheng, "佛山市禅城区水务局", "441900");
        let file = made::register(&[moved]);
        hub.ingest("agency_register", &[("m.csv", &file)], |order| order.partial = true).await;
        assert_eq!(revoke(&scene, &city, "cr", id).await["code"], "NOT_FOUND");
        let data = hub.data(Some(&city), "{ checkExclusions { edges { node { uscc agency { name } } } } }").await;
        let node = &data["checkExclusions"]["edges"][0]["node"];
        assert_eq!(node, &json!({ "uscc": chancheng.as_str(), "agency": null }));
        // Its making stands in the audit log with the body that it is about.
        hub.app.audit.integrate().await.expect("it is put together");
        let auditor = hub.token(Role::Auditor, &[], None);
        let query = "{ auditEntries(first: 50, filter: { action: CHANGE }) { edges { node { object outcome agencies } } } }";
        let data = hub.data(Some(&auditor), query).await;
        let edges = data["auditEntries"]["edges"].as_array().cloned().unwrap_or_default();
        let made = edges.iter().find(|edge| {
            let node = &edge["node"];
            node["object"].as_str().is_some_and(|object| object.starts_with("excludeFalseMatch")) && node["outcome"] == "ALLOWED"
        });
        let made = made.expect("it is written down");
        assert_eq!(made["node"]["agencies"].as_array().map(Vec::len), Some(1), "{made}");
        assert_eq!(scene.verdict(&name(ELSEWHERE)).await, "LISTED");
    })
    .await;
}

#[tokio::test]
async fn of_more_namesakes_than_are_told_the_others_come_up_as_some_are_reviewed() {
    on_both(async |db| {
        let scene = Scene::on(&db).await;
        let court = scene.court();
        let places = [
            "440604", "440605", "440606", "440607", "440608", "440103", "440104", "440105",
            "440106", "440111", "440112", "440113", "440114", "440115", "440117", "440118",
            "440303", "440304", "440305", "440306", "440307", "440308",
        ];
        let tree = &scene.hub.app.catalogue.divisions;
        let bodies = (100..).zip(places).map(|(n, place)| {
            let code = place.parse().expect("a code");
            let name = format!(
                "{}样例鉴定所",
                tree.full_name(code)
                    .expect("it is there")
                    .trim_start_matches("广东省")
            );
            made::body(n, &name, place)
        });
        let bodies: Vec<made::Body> = bodies.collect();
        let files: [(&str, &[u8]); 1] = [("b.csv", &made::register(&bodies))];
        let report = scene
            .hub
            .ingest("agency_register", &files, |order| order.partial = true)
            .await;
        assert!(report.change.is_some(), "{report:#?}");
        let first = scene.check(&name("样例鉴定所")).await;
        let told = candidates(&first);
        assert_eq!(
            (&first["verdict"], told.len()),
            (&json!("AMBIGUOUS"), 20),
            "{first}"
        );
        let notice = |check: &Value| check["notice"].as_str().expect("a text").to_owned();
        let said = notice(&first);
        assert!(
            said.contains("22 个同名机构") && said.contains("候选机构仅显示前 20 条，共 22 条"),
            "{said}"
        );
        for (n, body) in bodies
            .iter()
            .filter(|body| told.contains(&body.cells[1]))
            .enumerate()
        {
            let of = format!(
                r#"name: "样例鉴定所", uscc: "{}", expiresOn: "2026-12-31""#,
                body.uscc
            );
            let done = exclude(&scene, &court, &format!("n{n}"), &of).await;
            assert!(done.get("exclusion").is_some(), "{done}");
        }
        // Those that nobody looked at are left, and can be looked at.
        let left = scene.check(&name("样例鉴定所")).await;
        assert_eq!(
            (&left["verdict"], candidates(&left).len()),
            (&json!("AMBIGUOUS"), 2),
            "{left}"
        );
        assert!(notice(&left).contains("已排除 20 个机构"), "{left}");
        assert!(replayed(&db, &left["id"]));
        let other = bodies
            .iter()
            .find(|body| !told.contains(&body.cells[1]))
            .expect("there are two");
        let of = format!(
            r#"name: "样例鉴定所", uscc: "{}", expiresOn: "2026-12-31""#,
            other.uscc
        );
        let done = exclude(&scene, &court, "other", &of).await;
        assert!(done.get("exclusion").is_some(), "{done}");
        assert_eq!(candidates(&scene.check(&name("样例鉴定所")).await).len(), 1);
    })
    .await;
}

#[tokio::test]
async fn who_reviewed_a_name_did_not_look_at_who_is_listed_under_a_number() {
    on_both(async |db| {
        let scene = Scene::on(&db).await;
        let court = scene.court();
        let case = "（2026）粤0604执90077号";
        let list = made::court_jsonl(&[
            made::listing(1, LISTED).case(CASE),
            made::listing(7, "佛山市禅城区水务局").case(case),
            made::listing(8, "佛山市南海区水务局").case(case),
        ]);
        scene
            .hub
            .ingest("court_debtors", &[("c.jsonl", &list)], |order| {
                order.partial = true
            })
            .await;
        let [chancheng, nanhai] = twins();
        for (key, twin) in [("a", &chancheng), ("b", &nanhai)] {
            let done = exclude(&scene, &court, key, &of_twin(twin)).await;
            assert!(done.get("exclusion").is_some(), "{done}");
        }
        assert_eq!(scene.verdict(&name("水务局")).await, "UNKNOWN_SUBJECT");
        let both = format!("{}, caseNumber: \"{case}\"", name("水务局"));
        let told = scene.check(&both).await;
        assert_eq!(
            (&told["verdict"], candidates(&told).len()),
            (&json!("AMBIGUOUS"), 2),
            "{told}"
        );
    })
    .await;
}
