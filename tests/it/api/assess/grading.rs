//! Scores: where every point comes from, what would be, and what was.

use domain::viewer::Role;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{BUREAU, Scene};
use crate::{
    api::catalogue_with,
    support::{Db, Hub, on_both},
};

const SCORE: &str = "id kind state asOf rulePack rulePackVersion rulePackDigest illustrative score fullScore grade vetoes \
     contributions { rule title indicator points legalBasis illustrative records(first: 5) { totalCount \
     edges { node { id } } } indicators { code } }";

fn number(value: &Value) -> Decimal {
    value
        .as_str()
        .expect("a decimal")
        .parse()
        .expect("a decimal")
}

fn sum(assessment: &Value) -> Decimal {
    let parts = assessment["contributions"].as_array().expect("a list");
    parts.iter().map(|part| number(&part["points"])).sum()
}

fn points(assessment: &Value, rule: &str) -> Option<Decimal> {
    let parts = assessment["contributions"].as_array().expect("a list");
    let part = parts.iter().find(|part| part["rule"] == rule)?;
    Some(number(&part["points"]))
}

impl Scene {
    async fn score(&self, role: Role, arguments: &str) -> Value {
        let query = format!(
            r#"{{ agency(uscc: "{}") {{ assessment{arguments} {{ {SCORE} }} }} }}"#,
            self.bureau
        );
        self.data(role, &query).await["agency"]["assessment"].clone()
    }
}

#[tokio::test]
async fn every_point_is_explained_and_a_repair_is_thought_through() {
    on_both(async |db| {
        let scene = Scene::on(&db).await;
        let clean = scene.score(Role::Authority, "").await;
        assert_eq!((&clean["grade"], &clean["kind"]), (&json!("B"), &json!("CONTINUOUS")));
        assert_eq!(sum(&clean), number(&clean["score"]));
        scene.listed(&[1]).await;
        let listed = scene.score(Role::Authority, "").await;
        assert_eq!(listed["grade"], "D");
        assert!(listed["vetoes"].as_array().is_some_and(|all| all.contains(&json!("court.listed"))));
        assert_eq!(sum(&listed), number(&listed["score"]));
        assert!(points(&listed, "court.listed").is_some_and(|points| points < Decimal::ZERO));
        assert!(points(&listed, "base").is_some());
        let counted = listed["contributions"].as_array().expect("a list");
        let by_court = counted.iter().find(|part| part["rule"] == "court.listed").expect("it counts");
        assert_eq!(by_court["records"]["totalCount"], 1);
        assert!(by_court["legalBasis"].as_str().is_some_and(|basis| !basis.is_empty()));
        // What would be without the listing is what was.
        let record = by_court["records"]["edges"][0]["node"]["id"].as_str().expect("an id");
        let query = format!(
            r#"{{ agency(uscc: "{}") {{ assessment {{ score ifRepaired(records: ["{record}"]) {{ score grade }}
                changesFrom(asOf: "2026-01-01") {{ rule before after }} }} }} }}"#,
            scene.bureau
        );
        let data = scene.data(Role::Authority, &query).await;
        let assessment = &data["agency"]["assessment"];
        assert_eq!(assessment["ifRepaired"], json!({ "score": clean["score"], "grade": clean["grade"] }));
        // What would be has an id of its own, by which it is the same again.
        let query = format!(
            r#"{{ agency(uscc: "{}") {{ assessment {{ ifRepaired(records: ["{record}"]) {{ id score }} }} }} }}"#,
            scene.bureau
        );
        let thought = scene.data(Role::Authority, &query).await["agency"]["assessment"]["ifRepaired"].clone();
        assert_ne!(thought["id"], listed["id"]);
        let query = format!("{{ node(id: {}) {{ ... on Assessment {{ id score }} }} }}", thought["id"]);
        assert_eq!(scene.data(Role::Authority, &query).await["node"], thought);
        let changes = assessment["changesFrom"].as_array().expect("a list");
        assert!(changes.iter().any(|one| one["rule"] == "court.listed"), "{changes:?}");
        // By its id it is the same again, and by another pack it is another.
        let id = listed["id"].as_str().expect("an id");
        let query = format!(r#"{{ node(id: "{id}") {{ ... on Assessment {{ {SCORE} }} }} }}"#);
        assert_eq!(scene.data(Role::Authority, &query).await["node"], listed);
        let other = scene.score(Role::Authority, r#"(rulePack: "db12t1407")"#).await;
        assert_eq!((&other["rulePack"], sum(&other)), (&json!("db12t1407"), number(&other["score"])));
        assert_eq!(scene.score(Role::Authority, r#"(rulePack: "nobody")"#).await, Value::Null);
        // What one pack takes and gives otherwise than the other adds up to the difference of their scores.
        let query = format!(
            r#"{{ agency(uscc: "{}") {{ assessment {{ changesFrom(rulePack: "db12t1407") {{ before after }} }} }} }}"#,
            scene.bureau
        );
        let data = scene.data(Role::Authority, &query).await;
        let changes = data["agency"]["assessment"]["changesFrom"].as_array().expect("a list");
        let moved = changes.iter().map(|one| number(&one["after"]) - number(&one["before"]));
        let between = number(&listed["score"]) - number(&other["score"]);
        assert_eq!(moved.sum::<Decimal>(), between, "{changes:?}");
        // Before it was listed the body was as good as ever.
        let before = scene.score(Role::Authority, r#"(asOf: "2026-01-05")"#).await;
        assert_eq!(points(&before, "court.listed"), None);
    })
    .await;
}

#[tokio::test]
async fn one_repair_after_another_is_both_and_no_more_than_there_may_be() {
    on_both(async |db| {
        let scene = Scene::on(&db).await;
        let clean = scene.score(Role::Authority, "").await;
        scene.listed(&[1, 2]).await;
        let listed = scene.score(Role::Authority, "").await;
        let counted = listed["contributions"].as_array().expect("a list");
        let by_court = counted.iter().find(|part| part["rule"] == "court.listed");
        let by_court = by_court.expect("it counts");
        let record = |at: usize| by_court["records"]["edges"][at]["node"]["id"].to_string();
        let (one, two) = (record(0), record(1));
        let assessed = |asked: &str| {
            format!(r#"{{ agency(uscc: "{}") {{ assessment {{ {asked} }} }} }}"#, scene.bureau)
        };
        let query = assessed(&format!(
            "one: ifRepaired(records: [{one}]) {{ score then: ifRepaired(records: [{two}]) {{ id score grade }} again: ifRepaired(records: [{one}]) {{ score }} }}
             both: ifRepaired(records: [{one}, {two}]) {{ id score grade }}"
        ));
        let data = scene.data(Role::Authority, &query).await;
        let thought = &data["agency"]["assessment"];
        assert_eq!(thought["one"]["then"], thought["both"]);
        assert_eq!(thought["both"]["score"], clean["score"]);
        assert_ne!(thought["one"]["score"], clean["score"]);
        assert_eq!(thought["one"]["again"]["score"], thought["one"]["score"]);
        let many = |id: &str| vec![id; 101].join(", ");
        let refused = async |asked: &str| {
            let token = scene.token(Role::Authority);
            let answer = scene.hub.query(Some(&token), &assessed(asked)).await;
            let told = answer["errors"][0].clone();
            assert_eq!(told["extensions"]["code"], "INVALID", "{asked}: {answer}");
            told["message"].as_str().expect("a text").to_owned()
        };
        let said = refused(&format!("ifRepaired(records: [{}]) {{ score }}", many(&one))).await;
        assert!(said.contains("100"), "{said}");
        for nothing in ["foo", "crd_440000_1"] {
            let said = refused(&format!("ifRepaired(records: [\"{nothing}\"]) {{ score }}")).await;
            assert!(said.contains("number 1 is no record"), "{said}");
        }
        // Nothing to compare with is not the same as no change.
        for other in [r#"rulePack: "nobody""#, r#"asOf: "1999-01-01""#] {
            let said = refused(&format!("changesFrom({other}) {{ rule }}")).await;
            assert!(said.contains("nothing to compare with"), "{other}: {said}");
        }
        let data = scene.data(Role::Authority, &assessed("changesFrom { rule }")).await;
        assert_eq!(data["agency"]["assessment"]["changesFrom"], json!([]));
    })
    .await;
}

#[tokio::test]
async fn a_hundred_repairs_are_thought_through_one_after_another_and_no_more() {
    let db = Db::sqlite();
    let scene = Scene::on(&db).await;
    let listings: Vec<i64> = (1..=101).collect();
    scene.listed(&listings).await;
    let query = format!(
        r#"{{ agency(uscc: "{}") {{ creditRecords(first: 100) {{ edges {{ node {{ id }} }} pageInfo {{ endCursor }} }} }} }}"#,
        scene.bureau
    );
    let page = scene.data(Role::Authority, &query).await["agency"]["creditRecords"].clone();
    let ids = |page: &Value| -> Vec<String> {
        let edges = page["edges"].as_array().expect("a list");
        edges
            .iter()
            .map(|edge| edge["node"]["id"].to_string())
            .collect()
    };
    let first = ids(&page);
    assert_eq!(first.len(), 100);
    let query = format!(
        r#"{{ agency(uscc: "{}") {{ creditRecords(first: 1, after: {}) {{ edges {{ node {{ id }} }} }} }} }}"#,
        scene.bureau, page["pageInfo"]["endCursor"]
    );
    let last = ids(&scene.data(Role::Authority, &query).await["agency"]["creditRecords"]);
    let token = scene.token(Role::Authority);
    for (then, is_many) in [(&first[0], false), (&last[0], true)] {
        let query = format!(
            r#"{{ agency(uscc: "{}") {{ assessment {{ ifRepaired(records: [{}]) {{ ifRepaired(records: [{then}]) {{ score }} }} }} }} }}"#,
            scene.bureau,
            first.join(", ")
        );
        let answer = scene.hub.query(Some(&token), &query).await;
        let code = &answer["errors"][0]["extensions"]["code"];
        assert_eq!(code == "INVALID", is_many, "{answer}");
    }
}

/// What the platform says of the bureau: number, kind, value, last day, and whether it stands.
fn measured(lines: &[(&str, &str, &str, &str, &str)]) -> String {
    let header = "zbbh,ztmc,tyshxydm,zblx,zbmc,zbz,tjqq,tjqz,zbyj,tgdw,zt,opt_type";
    let line = |(number, kind, value, until, state): &(&str, &str, &str, &str, &str)| {
        format!(
            "{number},{BUREAU},,{kind},样例{kind},{value},2026-03-02,{until},,广东省样例厅,{state},I\n"
        )
    };
    let lines: String = lines.iter().map(line).collect();
    format!("{header}\n{lines}")
}

#[tokio::test]
async fn points_are_earned_by_commendations_that_stand() {
    on_both(async |db| {
        let scene = Scene::on(&db).await;
        let plain = scene.score(Role::Authority, "").await;
        let told = measured(&[
            ("ZB1", "表彰奖励", "3", "2026-03-02", "有效"),
            ("ZB2", "表彰奖励", "3", "2027-03-02", "有效"),
            ("ZB3", "表彰奖励", "3", "2026-03-01", "有效"),
            (
                "ZB4",
                "表彰奖励",
                "50000000000000000000000000000",
                "2026-03-02",
                "有效",
            ),
            (
                "ZB5",
                "表彰奖励",
                "50000000000000000000000000000",
                "2026-03-02",
                "有效",
            ),
        ]);
        let files = [("i.csv", told.as_bytes())];
        scene.hub.ingest("credit_platform", &files, |_| {}).await;
        // One lies in the future, one ends before it begins, and no points can be summed up of two so big.
        let praised = scene.score(Role::Authority, "").await;
        assert_eq!(
            points(&praised, "commendation"),
            Some(Decimal::from(3)),
            "{praised}"
        );
        assert_eq!(
            number(&praised["score"]),
            number(&plain["score"]) + Decimal::from(3)
        );
        let part = praised["contributions"].as_array().expect("a list");
        let part = part
            .iter()
            .find(|part| part["rule"] == "commendation")
            .expect("it counts");
        assert_eq!(part["indicators"], json!([{ "code": "commendation" }]));
        // Taken back it counts no more.
        let told = measured(&[("ZB1", "表彰奖励", "3", "2026-03-02", "撤销")]);
        let files = [("i.csv", told.as_bytes())];
        scene.hub.ingest("credit_platform", &files, |_| {}).await;
        assert_eq!(
            scene.score(Role::Authority, "").await["score"],
            plain["score"]
        );
    })
    .await;
}

#[tokio::test]
async fn bodies_are_filtered_and_ordered_by_what_they_are_graded() {
    on_both(async |db| {
        let scene = Scene::on(&db).await;
        scene.listed(&[1]).await;
        let done = scene.assess().await;
        assert_eq!((done.bodies, done.scored), (3, 3));
        let query = r#"{ bad: agencies(filter: { grade: ["D"] }) { totalCount edges { node { name } } }
            order: agencies(orderBy: [{ field: SCORE, direction: ASC }], first: 1) { edges { node { name } } } }"#;
        let data = scene.data(Role::Authority, query).await;
        assert_eq!(data["bad"]["totalCount"], 1);
        assert_eq!(data["bad"]["edges"][0]["node"]["name"], BUREAU);
        assert_eq!(data["order"]["edges"][0]["node"]["name"], BUREAU);
        // A second time over the same there is nothing to write.
        let again = scene.assess().await;
        assert_eq!((again.scored, again.raised + again.cleared + again.moved), (0, 0));
        // To whom assessments are nothing, grades are nothing, too.
        for role in [Role::Court, Role::Public] {
            let token = (role != Role::Public).then(|| scene.token(role));
            let answer = scene.hub.query(token.as_deref(), query).await;
            assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{role} {answer}");
        }
        assert_eq!(scene.score(Role::Agency, "").await["grade"], "D");
    })
    .await;
}

#[tokio::test]
async fn a_version_of_a_pack_is_named_and_stays_in_what_is_asked_of_it() {
    let db = Db::sqlite();
    let folder = db.folder().join("versions");
    let ends = "to = \"2026-12-31\"\ndefault = true";
    catalogue_with(&folder, &[("rules/general.toml", "default = true", ends)]);
    let file = |name: &str| folder.join("rules").join(name);
    let next = std::fs::read_to_string(file("general.toml")).expect("it is there");
    let next = next.replacen("version = \"2026.1\"", "version = \"2027.1\"", 1);
    let next = next.replacen(
        "from = \"2026-01-01\"\nto = \"2026-12-31\"",
        "from = \"2027-01-01\"",
        1,
    );
    std::fs::write(file("general27.toml"), next).expect("the folder is ours");
    let hub = Hub::with(&db, |config| config.catalogue.dir = Some(folder.clone())).await;
    let scene = Scene::of(hub).await;
    scene.listed(&[1]).await;
    let query = format!(
        r#"{{ agency(uscc: "{}") {{ now: assessment {{ id rulePackVersion }} same: assessment(rulePack: "general@2026.1") {{ id }}
            next: assessment(rulePack: "general@2027.1") {{ id rulePackVersion ifRepaired {{ rulePackVersion }}
                changesFrom(rulePack: "general") {{ rule }} since: changesFrom(asOf: "2026-01-05") {{ rule }} }} }} }}"#,
        scene.bureau
    );
    let data = scene.data(Role::Authority, &query).await;
    let told = &data["agency"];
    assert_eq!(
        told["now"]["id"], told["same"]["id"],
        "the one that holds needs no version"
    );
    assert_ne!(told["now"]["id"], told["next"]["id"], "{told}");
    assert_eq!(told["next"]["rulePackVersion"], "2027.1");
    assert_eq!(told["next"]["ifRepaired"]["rulePackVersion"], "2027.1");
    assert_eq!(told["next"]["changesFrom"], json!([]), "they are alike");
    assert_eq!(told["next"]["since"][0]["rule"], "court.listed", "{told}");
    let node = format!(
        "{{ node(id: {}) {{ ... on Assessment {{ rulePackVersion }} }} }}",
        told["next"]["id"]
    );
    assert_eq!(
        scene.data(Role::Authority, &node).await["node"]["rulePackVersion"],
        "2027.1"
    );
    // A year is not assessed by one that held neither then nor holds now.
    let open = r#"mutation { openAnnualAssessment(input: { key: "k", year: 2025, division: "440600", rulePack: "general@2027.1" })
        { __typename ... on Refusal { code } } }"#;
    let done = scene.data(Role::Authority, open).await;
    assert_eq!(done["openAnnualAssessment"]["code"], "NO_RULE", "{done}");
}
