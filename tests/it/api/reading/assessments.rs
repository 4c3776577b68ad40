//! Third parties' assessments, put together of their lines.

use domain::{uscc::Uscc, viewer::Role};
use serde_json::{Value, json};

use crate::api::{Wire, each, nodes, text};
use crate::support::{Hub, made, on_both};

/// A line about a body: assessor, year, code, indicator, score, grade, report.
fn line(assessor: &str, year: u32, uscc: &Uscc, rest: [&str; 4]) -> [String; 10] {
    let [indicator, score, grade, report] = rest;
    let full = if indicator.is_empty() { "100" } else { "20" };
    [
        assessor.to_owned(),
        format!("{year}-01-01"),
        format!("{year}-12-31"),
        uscc.to_string(),
        String::new(),
        indicator.to_owned(),
        score.to_owned(),
        full.to_owned(),
        grade.to_owned(),
        report.to_owned(),
    ]
}

#[tokio::test]
async fn a_third_party_s_lines_make_one_assessment() {
    on_both(async |db| {
        let hub = Hub::on(&db).await;
        let (one, other) = (made::uscc("11", "440604", 1), made::uscc("11", "441900", 2));
        let bodies = [
            made::body_of(one, "禅城区甲局", "440604"),
            made::body_of(other, "东莞市乙局", "441900"),
        ];
        hub.it_is("2026-11-01");
        hub.ingest("agency_register", &[("a.csv", &made::register(&bodies))], |_| {})
            .await;
        let first = [
            line("甲评估院", 2024, &one, ["", "80.5", "良", "评〔2025〕1号"]),
            line("甲评估院", 2024, &one, ["履约践诺", "18.5", "", "评〔2025〕1号"]),
            line("甲评估院", 2024, &one, ["公开", "12", "", ""]),
            line("乙评估院", 2025, &one, ["公开", "3", "", ""]),
            line("甲评估院", 2025, &other, ["", "60", "中", ""]),
        ];
        let report = hub
            .ingest("third_party", &[("t.csv", &made::scores(first))], |_| {})
            .await;
        assert_eq!((report.state.as_str(), report.counts.rejected), ("DONE", 0));
        let wire = Wire::to(&hub).await;
        let token = hub.everything();
        let ask = async |query: &str| wire.data(Some(&token), query).await;

        let fields = "kind state asOf periodFrom periodTo rulePack assessor score fullScore grade agency { uscc } \
                      contributions { rule title points fullPoints legalBasis }";
        let query = format!("{{ agency(uscc: \"{one}\") {{ assessments(kind: [THIRD_PARTY]) {{ totalCount edges {{ node {{ id {fields} }} }} }} }} }}");
        let data = ask(&query).await;
        let list = &data["agency"]["assessments"];
        assert_eq!(list["totalCount"], 2);
        assert_eq!(each(list, "assessor"), ["乙评估院", "甲评估院"]);
        let mut whole = nodes(list).nth(1).expect("two").clone();
        let id = whole["id"].take();
        whole.as_object_mut().expect("an object").remove("id");
        assert_eq!(
            whole,
            json!({
                "kind": "THIRD_PARTY", "state": "FINAL",
                "asOf": "2024-12-31", "periodFrom": "2024-01-01", "periodTo": "2024-12-31",
                "rulePack": null, "assessor": "甲评估院", "score": "80.5", "fullScore": "100", "grade": "良",
                "agency": { "uscc": one.to_string() },
                "contributions": [
                    { "rule": "公开", "title": "公开", "points": "12", "fullPoints": "20", "legalBasis": "甲评估院" },
                    { "rule": "履约践诺", "title": "履约践诺", "points": "18.5", "fullPoints": "20", "legalBasis": "评〔2025〕1号" },
                ],
            })
        );
        // One whose assessor gives no total has none.
        assert_eq!(nodes(list).next().expect("two")["score"], Value::Null);

        let some = async |arguments: &str, what: &str| {
            let query = format!("{{ agency(uscc: \"{one}\"{arguments}) {{ {what} }} }}");
            ask(&query).await["agency"].clone()
        };
        let third = "assessments(kind: [THIRD_PARTY]) { totalCount edges { node { assessor } } }";
        let then = some(", asOf: \"2025-06-01\"", third).await;
        assert_eq!(each(&then["assessments"], "assessor"), ["甲评估院"]);
        let counted = some("", "all: assessments(kind: [THIRD_PARTY]) { totalCount } none: assessments(kind: [ANNUAL]) { totalCount } own: assessments(kind: [CONTINUOUS]) { totalCount edges { node { kind rulePack } } }").await;
        assert_eq!((&counted["all"]["totalCount"], &counted["none"]["totalCount"]), (&json!(2), &json!(0)));
        assert_eq!((&counted["own"]["totalCount"], each(&counted["own"], "rulePack")), (&json!(1), vec!["general"]));
        let page = some("", "assessments(kind: [THIRD_PARTY], first: 1) { pageInfo { hasNextPage endCursor } }").await;
        let cursor = text(&page["assessments"]["pageInfo"]["endCursor"]).to_owned();
        let next = some("", &format!("assessments(kind: [THIRD_PARTY], first: 1, after: \"{cursor}\") {{ edges {{ node {{ assessor }} }} }}")).await;
        assert_eq!(each(&next["assessments"], "assessor"), ["甲评估院"]);

        // By its id, for those who may see the body.
        let node = format!("{{ node(id: {id}) {{ ... on Assessment {{ assessor }} }} }}");
        for (role, areas, own, is_seen) in [
            (Role::Government, &["440600"][..], None, true),
            (Role::Government, &["441900"], None, false),
            (Role::Congress, &["440604"], None, true),
            (Role::Congress, &["440600"], None, false),
            (Role::Agency, &[], Some(&one), true),
            (Role::Agency, &[], Some(&other), false),
        ] {
            let token = hub.token(role, areas, own);
            let found = wire.data(Some(&token), &node).await;
            assert_eq!(found["node"].is_object(), is_seen, "{role} {areas:?}: {found}");
        }
        // Nobody published it, and to who runs the sources it is nothing.
        for role in [Role::Court, Role::Assessor, Role::Operator] {
            let token = hub.token(role, &["440000"], None);
            let found = wire.data(Some(&token), &node).await;
            assert_eq!(found["node"], Value::Null, "{role}");
        }

        // A corrected line takes the place of the old one, and what was known stays known.
        let second = [line("甲评估院", 2024, &one, ["", "81", "优", ""])];
        hub.it_is("2026-11-10");
        // The first token is over by then.
        let token = hub.everything();
        let some = async |arguments: &str, what: &str| {
            let query = format!("{{ agency(uscc: \"{one}\"{arguments}) {{ {what} }} }}");
            wire.data(Some(&token), &query).await["agency"].clone()
        };
        hub.ingest("third_party", &[("t.csv", &made::scores(second))], |_| {})
            .await;
        let score = "assessments(kind: [THIRD_PARTY]) { edges { node { score grade contributions { rule } } } }";
        let older = |body: &Value| nodes(&body["assessments"]).nth(1).expect("two").clone();
        let now = older(&some("", score).await);
        assert_eq!((text(&now["score"]), text(&now["grade"])), ("81", "优"));
        assert_eq!(now["contributions"].as_array().map(Vec::len), Some(2));
        let then = older(&some(", knownAt: \"2026-11-05T00:00:00+08:00\"", score).await);
        assert_eq!(text(&then["score"]), "80.5");
    })
    .await;
}
