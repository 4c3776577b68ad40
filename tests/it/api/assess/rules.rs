//! Rule packs and red lines as anybody reads them.

use domain::viewer::Role;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Scene;
use crate::support::{Db, Hub};

fn list(data: &Value) -> &Vec<Value> {
    data.as_array().expect("a list")
}

#[tokio::test]
async fn packs_are_told_rule_by_rule_with_the_file_that_their_digest_is_of() {
    let db = Db::sqlite();
    let hub = Hub::on(&db).await;
    hub.it_is("2026-04-20");
    let query = "{ rulePacks { key version title digest source from to default legalBasis illustrative base least most
        grades { code title atLeast } headings { code title parent weight least most sources
            rules { code title facts bodies condition formula cap veto legalBasis illustrative } } } }";
    // Nobody has to say who he is: the rules are published.
    let data = hub.data(None, query).await;
    let packs = list(&data["rulePacks"]);
    let known = &hub.app.catalogue.assess.packs;
    assert_eq!(packs.len(), known.len());
    for (told, pack) in packs.iter().zip(known) {
        assert_eq!(told["key"], pack.key);
        let source = told["source"].as_str().expect("a text");
        let digest: String = Sha256::digest(source)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(told["digest"], digest);
        // What is told is what the file says.
        let file: toml::Table = source.parse().expect("it is TOML");
        let said = |key: &str| file[key].as_array().expect("a list").clone();
        assert_eq!(told["version"].as_str(), file["version"].as_str());
        let (headings, grades) = (list(&told["headings"]), list(&told["grades"]));
        assert_eq!(
            (headings.len(), grades.len()),
            (said("indicator").len(), said("grade").len())
        );
        for heading in headings {
            let code = heading["code"].as_str().expect("a code");
            let is_leaf = code.split('.').count() == 3;
            assert_eq!(list(&heading["sources"]).is_empty(), !is_leaf, "{code}");
        }
        let rules: Vec<&Value> = headings
            .iter()
            .flat_map(|heading| list(&heading["rules"]))
            .collect();
        assert_eq!(rules.len(), said("rule").len());
        for rule in said("rule") {
            let code = rule["code"].as_str().expect("a code");
            let told = rules.iter().find(|told| told["code"] == code);
            let told = told.unwrap_or_else(|| panic!("{code} is not told"));
            assert_eq!(told["title"].as_str(), rule["title"].as_str(), "{code}");
            assert_eq!(
                told["legalBasis"].as_str(),
                rule["legal_basis"].as_str(),
                "{code}"
            );
            assert_eq!(
                told["veto"].as_str(),
                rule.get("veto").and_then(|veto| veto.as_str()),
                "{code}"
            );
            let has_when = rule
                .get("when")
                .and_then(|when| when.as_array())
                .is_some_and(|when| !when.is_empty());
            assert_eq!(told["condition"] != "", has_when, "{code}");
            assert_ne!(told["formula"], "", "{code}");
        }
    }
    let general = packs
        .iter()
        .find(|pack| pack["default"] == true)
        .expect("one is the default");
    let rules = list(&general["headings"])
        .iter()
        .flat_map(|heading| list(&heading["rules"]));
    let old_debt = rules.clone().find(|rule| rule["code"] == "breach.old_debt");
    let old_debt = old_debt.expect("it is there");
    assert_eq!(
        [&old_debt["facts"], &old_debt["formula"], &old_debt["cap"]],
        [
            &json!("records in (ACTIVE)"),
            &json!("each -5"),
            &json!("-10")
        ]
    );
    assert_eq!(
        old_debt["condition"],
        "item in (continuity.succession.personnel, continuity.succession.restructured, debts.sme.excuse)"
    );
}

#[tokio::test]
async fn red_lines_are_told_with_what_crosses_them_and_by_the_day() {
    let db = Db::sqlite();
    let scene = Scene::on(&db).await;
    let query = "{ redLines { code title message version digest from to legalBasis verified bodies condition level
        worse { atLeast level } warns answerWithin beginWithin rectifyWithin escalatesAfter } }";
    let data = scene.hub.data(None, query).await;
    let lines = list(&data["redLines"]);
    let today = "2026-04-20".parse().expect("a day");
    let drawn = scene.hub.app.catalogue.assess.red_lines_on(today);
    let codes: Vec<&str> = drawn.iter().map(|line| &*line.code).collect();
    let told: Vec<&str> = lines
        .iter()
        .filter_map(|line| line["code"].as_str())
        .collect();
    assert_eq!(told, codes);
    let line = |code: &str| {
        lines
            .iter()
            .find(|line| line["code"] == code)
            .expect("it is drawn")
    };
    for (code, condition) in [
        (
            "RL-COURT",
            "count >= 1 of records in (ACTIVE) where kind in (JUDGMENT_DEBTOR)",
        ),
        (
            "RL-OVERDUE",
            "count >= 1 of records in (ACTIVE) where kind in (ARREARS) and not (tier in (MINOR)) and corrected_days not given and overdue_days >= 61",
        ),
        ("RL-GRADE", "grade D or worse"),
        ("RL-FALL", "score fell by >= 15 within 90 days"),
        ("RL-SILENT", "OVERDUE of cases in (breach, arrears)"),
    ] {
        assert_eq!(line(code)["condition"], condition);
    }
    assert_eq!(
        line("RL-OVERDUE")["worse"],
        json!([{ "atLeast": "3", "level": "RED" }])
    );
    assert_eq!(line("RL-CLUES")["warns"], json!(["SELF_BODY", "COMPETENT"]));
    assert_eq!(line("RL-COURT")["bodies"], json!(["ORGAN", "INSTITUTION"]));
    // A warning says by which edition it came to be.
    scene.listed(&[1]).await;
    scene.assess().await;
    let court = scene.warning("RL-COURT").await;
    assert_eq!(
        [&court["redLineVersion"], &court["redLineDigest"]],
        [&line("RL-COURT")["version"], &line("RL-COURT")["digest"]]
    );
    // Of a day before the first one there are none.
    let query =
        r#"{ redLines(asOf: "2025-12-31") { code } rulePacks(asOf: "2025-12-31") { key } }"#;
    let data = scene.data(Role::Agency, query).await;
    assert_eq!(data, json!({ "redLines": [], "rulePacks": [] }));
}
