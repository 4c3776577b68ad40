//! Third parties' assessments: beside ours, and made public.

use domain::{assessment::AssessmentLine, viewer::Role};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{BUREAU, Year, number};
use crate::support::{made, on_both};

impl Year {
    /// A third party tells of the bureau: indicator, points, points at most.
    async fn told(&self, lines: &[[&str; 3]]) {
        self.told_of([self.bureau.as_str(), ""], lines).await;
    }

    /// The same of a body or of a division.
    async fn told_of(&self, [body, division]: [&str; 2], lines: &[[&str; 3]]) {
        let line = |[indicator, score, full]: &[&str; 3]| {
            let when = ["2025-01-01", "2025-12-31"];
            let cells = [
                "样例评估院",
                when[0],
                when[1],
                body,
                division,
                indicator,
                score,
                full,
                "良",
                "",
            ];
            cells.map(str::to_owned)
        };
        let file = made::scores(lines.iter().map(line));
        let done = self
            .hub
            .ingest("third_party", &[("t.csv", &file)], |_| {})
            .await;
        assert_eq!((done.state.as_str(), done.counts.rejected), ("DONE", 0));
    }

    /// The third party's assessment as a role sees it; null where it does not.
    async fn theirs(&self, role: Role, fields: &str) -> Value {
        let query = format!(
            r#"{{ agency(uscc: "{}") {{ assessments(kind: [THIRD_PARTY]) {{ totalCount edges {{ node {{ id {fields} }} }} }} }} }}"#,
            self.bureau
        );
        self.data(role, &query).await["agency"]["assessments"]["edges"][0]["node"].clone()
    }
}

#[tokio::test]
async fn a_third_party_s_indicators_stand_beside_ours() {
    on_both(async |db| {
        let year = Year::on(&db).await;
        year.listed(&[(1, BUREAU, "2025-06-02")]).await;
        year.told(&[["", "86.5", "100"], ["政务服务", "9", "10"], ["我们没有的", "1", "2"]]).await;
        let fields = "comparison { indicator heading title theirs theirShare ours ourShare difference }";
        let told = year.theirs(Role::Authority, fields).await;
        let lines = told["comparison"].as_array().expect("a list");
        let line = |indicator: Value| {
            lines.iter().find(|line| line["indicator"] == indicator).expect("a line")
        };
        // The whole: our score of the same body, as of the last day of the same period.
        let query = format!(
            r#"{{ agency(uscc: "{}") {{ assessment(asOf: "2025-12-31", rulePack: "general") {{ score }} }} }}"#,
            year.bureau
        );
        // The pack holds from 2026 on; what it makes of the year before is what an annual assessment makes of it.
        assert_eq!(year.data(Role::Authority, &query).await["agency"]["assessment"], Value::Null);
        let opened = year.opened(2025).await;
        let ours = &super::row(&opened, BUREAU)["score"];
        let whole = line(Value::Null);
        assert_eq!((&whole["theirs"], &whole["theirShare"], &whole["ours"]), (&json!("86.5"), &json!("86.5"), ours));
        assert!(whole["difference"].is_string(), "{whole}");
        // A heading that answers: five points can be lost there and one be earned, and neither was.
        let service = line(json!("政务服务"));
        assert_eq!((&service["heading"], &service["title"]), (&json!("3"), &json!("政务服务")));
        assert_eq!(
            (&service["theirShare"], &service["ourShare"], &service["difference"]),
            (&json!("90"), &json!("83.33"), &json!("6.67"))
        );
        // What nobody declared is set beside nothing.
        let unknown = line(json!("我们没有的"));
        assert_eq!((&unknown["theirShare"], &unknown["heading"], &unknown["ours"]), (&json!("50"), &Value::Null, &Value::Null));
        assert_eq!(unknown["difference"], Value::Null);
    })
    .await;
}

#[tokio::test]
async fn a_division_stands_beside_the_mean_of_its_year() {
    on_both(async |db| {
        let year = Year::on(&db).await;
        year.listed(&[(1, BUREAU, "2025-06-02")]).await;
        year.told_of(["", "440600"], &[["", "81", "90"], ["政务服务", "9", "10"]]).await;
        let line = AssessmentLine {
            assessor: "样例评估院".to_owned(),
            period_from: "2025-01-01".parse().expect("a day"),
            period_to: "2025-12-31".parse().expect("a day"),
            uscc: None,
            division: Some("440600".parse().expect("a code")),
            indicator: None,
            score: None,
            full_score: None,
            grade: None,
            report: None,
        };
        let id = format!("asm_440000_{}", line.assessment_id("third_party"));
        let fields = "indicator heading theirs theirShare ours ourShare difference";
        let beside = async |role: Role, pack: &str| {
            let query = format!("{{ node(id: \"{id}\") {{ ... on Assessment {{ division {{ code }} comparison{pack} {{ {fields} }} }} }} }}");
            let told = year.data(role, &query).await["node"].clone();
            assert_eq!(told["division"]["code"], "440600", "{told}");
            told["comparison"].clone()
        };
        assert_eq!(beside(Role::Authority, "").await, json!([]), "no year was assessed");
        let opened = year.opened(2025).await;
        let edges = opened["ranking"]["edges"].as_array().expect("a list");
        let scores: Vec<Decimal> = edges.iter().map(|edge| number(&edge["node"]["score"])).collect();
        let mean = |scores: &[Decimal]| {
            let sum: Decimal = scores.iter().sum();
            (sum / Decimal::from(scores.len())).round_dp(2).normalize()
        };
        let told = beside(Role::Authority, "").await;
        let whole = &told[0];
        assert_eq!((&whole["theirShare"], number(&whole["ours"])), (&json!("90"), mean(&scores)), "{told}");
        assert_eq!(number(&whole["difference"]), Decimal::from(90) - mean(&scores));
        // What its bodies earned below a heading is told of each by itself.
        let expected = json!({
            "indicator": "政务服务", "heading": null, "theirs": "9", "theirShare": "90", "ours": null, "ourShare": null,
            "difference": null,
        });
        assert_eq!(told[1], expected);
        assert_eq!(beside(Role::Authority, "(rulePack: \"general\")").await, told);
        assert_eq!(beside(Role::Authority, "(rulePack: \"db12t1407\")").await, json!([]));
    })
    .await;
}

#[tokio::test]
async fn one_of_a_division_is_found_there_and_published() {
    on_both(async |db| {
        let year = Year::on(&db).await;
        year.told_of(["", "440600"], &[["", "81", "90"], ["政务服务", "9", "10"]]).await;
        let found = async |role: Role| {
            let version = if role == Role::Public { "" } else { "version" };
            let query = format!(
                "{{ division(code: \"440600\") {{ assessments {{ totalCount edges {{ node {{ id {version} score publication {{ from }} \
                 division {{ code }} contributions {{ rule points }} }} }} }} }} }}"
            );
            let told = year.data(role, &query).await["division"]["assessments"].clone();
            let nodes = told["edges"].as_array().expect("a list");
            assert_eq!(told["totalCount"], nodes.len());
            nodes.first().map(|edge| edge["node"].clone())
        };
        assert_eq!(found(Role::Public).await, None);
        let seen = found(Role::Authority).await.expect("it lies there");
        assert_eq!((&seen["score"], &seen["division"]["code"]), (&json!("81"), &json!("440600")));
        assert_eq!(seen["contributions"], json!([{ "rule": "政务服务", "points": "9" }]));
        let elsewhere = "{ division(code: \"440604\") { assessments { totalCount } } }";
        assert_eq!(year.data(Role::Authority, elsewhere).await["division"]["assessments"]["totalCount"], 0);
        let done = year.publish(&seen, "2026-03-05").await;
        assert_eq!(done["assessment"]["publication"]["from"], "2026-03-05", "{done}");
        year.hub.it_is("2026-03-04");
        assert_eq!(found(Role::Public).await, None);
        year.hub.it_is("2026-03-05");
        let public = found(Role::Public).await.expect("it is public");
        assert_eq!((&public["score"], &public["publication"]["from"]), (&json!("81"), &json!("2026-03-05")));
        // What is told otherwise later was not decided on.
        year.told_of(["", "440600"], &[["", "99", "100"]]).await;
        assert_eq!(found(Role::Public).await, None);
        assert_eq!(found(Role::Authority).await.expect("it is told")["score"], "99");
    })
    .await;
}

#[tokio::test]
async fn a_third_party_s_assessment_is_public_by_a_decision_from_a_day_on() {
    on_both(async |db| {
        let year = Year::on(&db).await;
        year.told(&[["", "86.5", "100"], ["政务服务", "9", "10"]]).await;
        let fields = "score publication { decision from } contributions { rule points }";
        for role in [Role::Public, Role::Court, Role::Assessor] {
            assert_eq!(year.theirs(role, fields).await, Value::Null, "{role}");
        }
        let seen = year.theirs(Role::Authority, "version").await;
        let input = format!(r#"id: {}, version: {}, decision: "决定", from: "2026-03-05""#, seen["id"], seen["version"]);
        for role in [Role::Government, Role::Congress, Role::Agency, Role::Assessor] {
            assert_eq!(year.act(role, "publishAssessment", &input).await, "FORBIDDEN", "{role}");
        }
        let elsewhere = year.hub.token(Role::Authority, &["440400"], None);
        let hidden = year.act_as(Some(&elsewhere), "publishAssessment", &input).await;
        assert_eq!(hidden["code"], "NOT_FOUND");
        assert_eq!(year.publish(&seen, "2026-03-01").await["code"], "BACKDATED");
        let stale = json!({ "id": seen["id"], "version": 17 });
        assert_eq!(year.publish(&stale, "2026-03-05").await["current"], seen["version"]);

        let done = year.publish(&seen, "2026-03-05").await;
        assert_eq!(done["assessment"]["publication"]["from"], "2026-03-05", "{done}");
        assert_eq!(year.publish(&seen, "2026-03-05").await["code"], "WRONG_STATE");
        // The body can see who decided so.
        year.hub.app.audit.integrate().await.expect("it is put together");
        let query = format!(r#"{{ agency(uscc: "{}") {{ accesses(first: 3) {{ edges {{ node {{ role action }} }} }} }} }}"#, year.bureau);
        let looked = year.data(Role::Agency, &query).await;
        assert_eq!(looked["agency"]["accesses"]["edges"], json!([{ "node": { "role": "AUTHORITY", "action": "CHANGE" } }]));
        year.hub.it_is("2026-03-04");
        assert_eq!(year.theirs(Role::Public, fields).await, Value::Null);
        year.hub.it_is("2026-03-05");
        let public = year.theirs(Role::Public, fields).await;
        assert_eq!((&public["score"], &public["publication"]["from"]), (&json!("86.5"), &json!("2026-03-05")));
        assert_eq!(public["contributions"], json!([{ "rule": "政务服务", "points": "9" }]));
        let node = format!("{{ node(id: {}) {{ ... on Assessment {{ score }} }} }}", seen["id"]);
        assert_eq!(year.data(Role::Public, &node).await["node"]["score"], "86.5");
        // Nothing but that is public of the body: neither a score of ours nor another year.
        let query = format!(r#"{{ agency(uscc: "{}") {{ name assessments {{ totalCount }} creditRecords {{ totalCount }} }} }}"#, year.bureau);
        let body = year.data(Role::Public, &query).await;
        assert_eq!((&body["agency"]["name"], &body["agency"]["assessments"]["totalCount"]), (&json!(BUREAU), &json!(1)));
        let query = format!(r#"{{ agency(uscc: "{}") {{ name }} }}"#, year.city);
        assert_eq!(year.data(Role::Public, &query).await["agency"], Value::Null);

        // What is told otherwise later was not what was decided on.
        year.told(&[["", "99", "100"]]).await;
        assert_eq!(year.theirs(Role::Public, fields).await, Value::Null);
        let seen = year.theirs(Role::Authority, "version publication { decision }").await;
        assert_eq!(seen["publication"], Value::Null);
        assert_eq!(year.publish(&seen, "2026-03-05").await["__typename"], "AnnualAssessmentSuccess");
        assert_eq!(year.theirs(Role::Public, fields).await["score"], "99");
        // Nor is what it told before, to who asks for what was known then.
        let query = format!(
            r#"{{ agency(uscc: "{}", knownAt: "2026-03-04T12:00:00+08:00") {{ assessments(kind: [THIRD_PARTY]) {{ edges {{ node {{ score }} }} }} }} }}"#,
            year.bureau
        );
        let then = year.data(Role::Public, &query).await.to_string();
        assert!(!then.contains("86.5"), "{then}");
        let known = year.data(Role::Authority, &query).await.to_string();
        assert!(known.contains("86.5"), "{known}");
    })
    .await;
}
