//! Mistakes in rule packs and red lines are refused with file, line and key; and the command line.

use std::fs;

use serde_json::{Value, json};
use zhengxin::catalogue::Catalogue;

use super::Scene;
use crate::support::{CatalogueCopy, Db, assessed, made, zhengxin};

#[test]
fn every_kind_of_mistake_is_named_with_its_place() {
    const PACK: &str = "rules/general.toml";
    const OTHER: &str = "rules/db12t1407.toml";
    const LINES: &str = "redlines.toml";
    for (file, old, new, told) in [
        (
            PACK,
            "default = true",
            "default = false",
            "key default: no pack is the default, expected one",
        ),
        (
            PACK,
            "version = \"2026.1\"",
            "version = \"2026-1\"",
            "version",
        ),
        (
            PACK,
            "sources = [\"",
            "sources = [\"nobody\", \"",
            "indicator.sources",
        ),
        (
            PACK,
            "\nsources = [\"",
            "\n# sources = [\"",
            "indicator.sources",
        ),
        (
            PACK,
            "code = \"1.1\"",
            "code = \"1.1\"\nsources = [\"court_debtors\"]",
            "indicator.sources",
        ),
        // On each day one pack is the default, whatever the keys: neither two nor none.
        (OTHER, "version = ", "default = true\nversion = ", "default"),
        (
            OTHER,
            "from = \"2026-01-01\"",
            "from = \"2027-02-01\"\ndefault = true",
            "default",
        ),
        (PACK, "base = \"85\"", "base = \"1000000\"", "base"),
        (
            OTHER,
            "weight = \"0.",
            "weight = \"1000.",
            "indicator.weight",
        ),
        (PACK, "base = \"85\"", "base = \"500\"", "base"),
        (PACK, "base = \"85\"", "base = \"85.12345\"", "base"),
        (PACK, "base = \"85\"", "base = 85", "base"),
        (
            PACK,
            "code = \"D\"",
            "code = \"D\"\nat_least = \"10\"",
            "grade.at_least",
        ),
        (PACK, "of = \"RECORDS\"", "of = \"LUCK\"", "of"),
        (PACK, "how = \"EACH\"", "how = \"SOMETIMES\"", "rule.how"),
        (PACK, "points = \"-15\"", "points = \"15\"", "rule.points"),
        (PACK, "points = \"-15\"", "", "rule.points"),
        (PACK, "points = \"-15\"", "points = \"-16\"", "case.fires"),
        (PACK, "veto = \"D\"", "veto = \"Z\"", "rule.veto"),
        (PACK, "field = \"tier\"", "field = \"tear\"", "when.field"),
        (PACK, "field = \"tier\"", "field = \"value\"", "when.field"),
        (PACK, "in = [\"SERIOUS\"]", "in = [\"GRAVE\"]", "when.in"),
        (
            PACK,
            "indicator = \"1.1.1\"",
            "indicator = \"1.1\"",
            "rule.indicator",
        ),
        (
            PACK,
            "status = [\"EXPIRED\"]",
            "status = [\"REPAIRED\"]",
            "status",
        ),
        (
            PACK,
            "code = \"breach.serious\"",
            "code = \"breach.general\"",
            "rule.code",
        ),
        (PACK, "title = \"优秀\"", "titel = \"优秀\"", "titel"),
        (
            LINES,
            "level = \"RED\"",
            "level = \"PURPLE\"",
            "redline.level",
        ),
        (
            LINES,
            "code = \"RL-COURT\"",
            "code = \"RL-OVERDUE\"",
            "redline.code",
        ),
        (
            LINES,
            "answer_within = ",
            "answer_within = 99",
            "redline.answer_within",
        ),
        (
            LINES,
            "begin_within = ",
            "begin_within = 99",
            "redline.begin_within",
        ),
        (
            LINES,
            "rectify_within = ",
            "rectify_within = 99",
            "redline.rectify_within",
        ),
        (
            LINES,
            "version = \"2026.2\"",
            "version = \"new\"",
            "version",
        ),
        (
            LINES,
            "from = \"2026-01-01\"",
            "from = \"2026-01-01\"\nto = \"2025-12-31\"",
            "lies before from",
        ),
        (
            LINES,
            "from = \"04-01\"",
            "from = \"13-01\"",
            "redline.when.missing.from",
        ),
        (
            LINES,
            "years_ago = 1",
            "years_ago = 0",
            "redline.when.missing.years_ago",
        ),
        // Each test of the file's own holds, and by its place.
        (
            LINES,
            "crosses = { RL-BUDGET = \"RED\" }",
            "crosses = { RL-BUDGET = \"BLUE\" }",
            "case.crosses: RL-BUDGET is crossed as RED, expected BLUE",
        ),
        (
            LINES,
            "crosses = { RL-BUDGET = \"RED\" }",
            "crosses = {}",
            "case.crosses: RL-BUDGET is crossed as RED, expected not to be",
        ),
        (
            LINES,
            "crosses = { RL-BUDGET = \"RED\" }",
            "crosses = { RL-BUDGET = \"RED\", RL-COURT = \"RED\" }",
            "case.crosses: RL-COURT is not crossed, expected RED",
        ),
        // A record is of the kind that the list says of its entry.
        (
            LINES,
            "kind = \"ARREARS\", tier = \"SERIOUS\", status = \"ACTIVE\", item = \"debts.sme.excuse\"",
            "kind = \"BREACH\", tier = \"SERIOUS\", status = \"ACTIVE\", item = \"debts.sme.excuse\"",
            "case.records.kind: debts.sme.excuse is ARREARS by the list",
        ),
        (
            PACK,
            "kind = \"ARREARS\", tier = \"SERIOUS\", item = \"debts.sme.excuse\"",
            "kind = \"BREACH\", tier = \"SERIOUS\", item = \"debts.sme.excuse\"",
            "case.records.kind: debts.sme.excuse is ARREARS by the list",
        ),
        (
            LINES,
            "amount = \"100000\"",
            "amount = \"-0.01\"",
            "case.records.amount: is below zero",
        ),
        (LINES, "warns = [\"SELF\"", "warns = [\"MAYOR\"", "warns"),
        (
            LINES,
            "what = \"ORDER_UNANSWERED\"",
            "what = \"LOST\"",
            "redline.when.cases.what",
        ),
        (
            LINES,
            "at_most = \"D\"",
            "at_most = \"Z\"",
            "redline.when.grade.at_most",
        ),
    ] {
        let copy = CatalogueCopy::make();
        copy.spoil(file, old, new);
        let ran = copy.check();
        let said = format!("{}{}", ran.out, ran.err);
        assert_eq!(ran.code, Some(1), "{old} -> {new}: {said}");
        assert!(said.contains(told), "{old} -> {new}: {told} in {said}");
        let names_file = said.contains(file) || said.contains("rules");
        assert!(names_file, "{old} -> {new}: {said}");
    }
}

#[test]
fn each_day_has_the_default_pack_that_the_files_name() {
    let copy = CatalogueCopy::make();
    let other = "rules/db12t1407.toml";
    copy.spoil(
        "rules/general.toml",
        "default = true",
        "to = \"2026-12-31\"\ndefault = true",
    );
    copy.spoil(
        other,
        "from = \"2026-01-01\"",
        "from = \"2027-01-01\"\ndefault = true",
    );
    let catalogue = Catalogue::load(Some(copy.path())).expect("it is right");
    for (day, key) in [
        ("2025-12-31", None),
        ("2026-01-01", Some("general")),
        ("2026-12-31", Some("general")),
        ("2027-01-01", Some("db12t1407")),
        ("2040-01-01", Some("db12t1407")),
    ] {
        let pack = catalogue.assess.pack(None, day.parse().expect("a day"));
        assert_eq!(pack.map(|pack| &*pack.key), key, "{day}");
    }
    // A day between them would have none, and nobody could be graded.
    let line = copy.spoil(other, "from = \"2027-01-01\"", "from = \"2027-02-01\"");
    let ran = copy.check();
    let said = format!("{}{}", ran.out, ran.err);
    assert_eq!(ran.code, Some(1), "{said}");
    for told in [
        other,
        &(line + 1).to_string(),
        "default",
        "2027-01-01",
        "2027-02-01",
    ] {
        assert!(said.contains(told), "{told} in {said}");
    }
}

#[test]
fn a_veto_that_a_repair_would_begin_is_refused() {
    let copy = CatalogueCopy::make();
    let text = fs::read_to_string(copy.path().join("rules/general.toml")).expect("it is there");
    // The rule over records whose absence earns something.
    let mut rules = text.split("[[rule]]").skip(1);
    let rule = rules.find(|rule| rule.contains("\"NONE\"") && rule.contains("\"RECORDS\""));
    let code = rule.and_then(|rule| rule.lines().find(|line| line.starts_with("code = ")));
    let code = code.expect("there is one");
    let line = copy.spoil("rules/general.toml", code, &format!("veto = \"C\"\n{code}"));
    let ran = copy.check();
    let said = format!("{}{}", ran.out, ran.err);
    assert_eq!(ran.code, Some(1), "{said}");
    for told in [
        "rules/general.toml",
        &line.to_string(),
        "rule.veto",
        "repair",
    ] {
        assert!(said.contains(told), "{told} in {said}");
    }
}

#[test]
fn a_rule_that_no_case_fires_is_refused() {
    let copy = CatalogueCopy::make();
    let path = copy.path().join("rules/general.toml");
    let text = fs::read_to_string(&path).expect("it is there");
    let cases = text.find("[[case]]").expect("it has cases");
    fs::write(&path, &text[..cases]).expect("the copy is ours");
    let ran = copy.check();
    assert!(ran.err.contains("gives no point"), "{}", ran.err);
    let code = text[..text.find("code = \"breach.serious\"").expect("a rule")]
        .lines()
        .count()
        + 1;
    let place = format!("rules/general.toml, line {code}, key rule breach.serious");
    assert!(ran.err.contains(&place), "{place} in {}", ran.err);
}

#[test]
fn a_red_line_that_no_case_crosses_is_refused() {
    let copy = CatalogueCopy::make();
    let path = copy.path().join("redlines.toml");
    let text = fs::read_to_string(&path).expect("it is there");
    let case = text.find("[[case]]").expect("it has cases");
    let place = text.find("code = \"RL-BUDGET\"").expect("it is drawn");
    let line = 1 + text[..place].matches('\n').count();
    fs::write(&path, &text[..case]).expect("the copy is ours");
    let said = copy.check().err;
    for what in ["crossed", "spared"] {
        let told = format!(
            "redlines.toml, line {line}, key redline.code: RL-BUDGET is {what} by no [[case]]"
        );
        assert!(said.contains(&told), "{told} in {said}");
    }
}

#[tokio::test]
async fn the_command_line_grades_and_tells_of_a_day() {
    let db = Db::sqlite();
    let scene = Scene::on(&db).await;
    scene.listed(&[1]).await;
    let data = db.folder().display().to_string();
    let run = |more: &[&str]| {
        let whole = ["--data", &data, "-o", "json", "assess"];
        let ran = zhengxin(whole.iter().chain(more)).run();
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        serde_json::from_str::<Value>(&ran.out).expect("one JSON object")
    };
    let told = run(&[]);
    assert_eq!(
        (&told["written"], &told["bodies"]),
        (&true.into(), &3.into())
    );
    assert_eq!(told["grades"]["D"], 1);
    assert!(told["raised"].as_u64().is_some_and(|raised| raised >= 1));
    let again = run(&[]);
    assert_eq!((&again["scored"], &again["raised"]), (&0.into(), &0.into()));
    assert_eq!(
        again.get("crossed"),
        None,
        "what is crossed is warned about"
    );
    let other = run(&["--pack", "db12t1407"]);
    assert_eq!(
        (&other["written"], &other["pack"]),
        (&false.into(), &"db12t1407".into())
    );
    // Red lines are detected as of the day, and nobody is warned by that.
    let written = assessed(&scene.hub).await;
    for (day, court) in [
        ("2026-03-01", Value::Null),
        ("2026-03-02", json!({ "RED": 1 })),
    ] {
        let then = run(&["--as-of", day]);
        assert_eq!(
            (&then["written"], &then["as_of"]),
            (&false.into(), &day.into())
        );
        assert_eq!(then["crossed"]["RL-COURT"], court, "{day}: {then}");
        assert_eq!(
            then["crossed"].get("RL-GRADE").is_some(),
            court != Value::Null,
            "{day}"
        );
    }
    assert_eq!(assessed(&scene.hub).await, written);
    // Who is not there yet or any more is not counted.
    let gone = made::body(9, "佛山市旧样例局", "440600").abolished("2026-03-01");
    let gone = gone.with("成立日期", "2026-02-27");
    let register = made::register(&[gone]);
    let files: [(&str, &[u8]); 1] = [("b.csv", &register)];
    scene
        .hub
        .ingest("agency_register", &files, |order| order.partial = true)
        .await;
    for (day, bodies) in [("2026-02-26", 3), ("2026-02-27", 4), ("2026-03-01", 3)] {
        let then = run(&["--as-of", day]);
        let grades = then["grades"].as_object().expect("by grade");
        let counted: u64 = grades.values().filter_map(Value::as_u64).sum();
        assert_eq!(counted, bodies, "{day}: {then}");
    }
    let ran = zhengxin(["--data", &data, "assess", "--as-of", "1999-01-01"]).run();
    assert!(
        ran.code == Some(1) && ran.err.contains("1999-01-01"),
        "{}",
        ran.err
    );
}
