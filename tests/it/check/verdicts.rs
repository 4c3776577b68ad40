//! Each verdict, and what is said beside it.

use serde_json::{Value, json};

use super::{CASE, ELSEWHERE, GONE, HEIR, LISTED, SOUND, Scene, name};
use crate::support::{made, on_both};

#[tokio::test]
async fn each_subject_has_the_verdict_that_the_table_gives() {
    on_both(async |db| {
        let scene = Scene::on(&db).await;
        let other_province = made::uscc("11", "330100", 90);
        let enterprise = made::uscc("91", "440600", 91);
        let unknown = made::uscc("11", "440600", 92);
        let broken = made::broken(&scene.sound);
        for (input, verdict) in [
            (format!("uscc: \"{}\"", scene.listed), "LISTED"),
            (
                format!("orgCode: \"{}\"", scene.listed.org_code()),
                "LISTED",
            ),
            (name(LISTED), "LISTED"),
            (format!("caseNumber: \"{CASE}\""), "LISTED"),
            (format!("uscc: \"{}\"", scene.sound), "CLEAR"),
            (name(SOUND), "CLEAR"),
            (name(HEIR), "POSSIBLE"),
            (name("水务局"), "AMBIGUOUS"),
            (format!("{}, division: \"440604\"", name("水务局")), "CLEAR"),
            (
                format!("uscc: \"{}\", {}", scene.sound, name(LISTED)),
                "AMBIGUOUS",
            ),
            // Two codes of two bodies, and of one.
            (
                format!(
                    "uscc: \"{}\", orgCode: \"{}\"",
                    scene.sound,
                    scene.listed.org_code()
                ),
                "AMBIGUOUS",
            ),
            (
                format!(
                    "uscc: \"{enterprise}\", orgCode: \"{}\"",
                    scene.listed.org_code()
                ),
                "AMBIGUOUS",
            ),
            (
                format!(
                    "uscc: \"{}\", orgCode: \"{}\"",
                    scene.sound,
                    enterprise.org_code()
                ),
                "AMBIGUOUS",
            ),
            (
                format!(
                    "uscc: \"{broken}\", orgCode: \"{}\"",
                    scene.sound.org_code()
                ),
                "CLEAR",
            ),
            (
                format!(
                    "uscc: \"{}\", orgCode: \"{}\"",
                    scene.sound,
                    scene.sound.org_code()
                ),
                "CLEAR",
            ),
            (
                format!("{}, caseNumber: \"{CASE}\"", name(SOUND)),
                "AMBIGUOUS",
            ),
            (
                format!("{}, caseNumber: \"{CASE}\"", name(LISTED)),
                "LISTED",
            ),
            // Code and name contradict each other: a number does not say which is wrong.
            (
                format!(
                    "uscc: \"{}\", {}, caseNumber: \"{CASE}\"",
                    scene.sound,
                    name(LISTED)
                ),
                "AMBIGUOUS",
            ),
            (
                format!(
                    "uscc: \"{enterprise}\", {}, caseNumber: \"{CASE}\"",
                    name(LISTED)
                ),
                "AMBIGUOUS",
            ),
            // Nobody bears the name, and somebody is listed under the number.
            (
                format!("{}, caseNumber: \"{CASE}\"", name("佛山市不存局")),
                "AMBIGUOUS",
            ),
            (
                format!("{}, caseNumber: \"{CASE}\"", name("佛山市样例建设有限公司")),
                "NOT_COVERED",
            ),
            (format!("uscc: \"{unknown}\""), "UNKNOWN_SUBJECT"),
            (format!("uscc: \"{broken}\""), "UNKNOWN_SUBJECT"),
            (name("佛山市不存局"), "UNKNOWN_SUBJECT"),
            (
                "caseNumber: \"（2020）粤0604执1号\"".to_owned(),
                "UNKNOWN_SUBJECT",
            ),
            ("caseNumber: \"没有\"".to_owned(), "UNKNOWN_SUBJECT"),
            (String::new(), "UNKNOWN_SUBJECT"),
            (format!("uscc: \"{other_province}\""), "NOT_COVERED"),
            (format!("uscc: \"{enterprise}\""), "NOT_COVERED"),
            (name("佛山市样例建设有限公司"), "NOT_COVERED"),
            (name("杭州市样例局"), "NOT_COVERED"),
            // A court's checks reach beyond its area.
            (name(ELSEWHERE), "LISTED"),
        ] {
            assert_eq!(scene.verdict(&input).await, verdict, "{input}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_answer_tells_what_stands_and_that_no_hit_is_no_clean_bill() {
    on_both(async |db| {
        let scene = Scene::on(&db).await;
        let hit = scene.check(&format!("uscc: \"{}\"", scene.listed)).await;
        assert_eq!(hit["resolution"]["outcome"], "EXACT_CODE");
        assert_eq!(hit["records"].as_array().map(Vec::len), Some(1));
        assert_eq!(hit["records"][0]["caseNumber"], CASE);
        assert_eq!(hit["records"][0]["agency"]["name"], LISTED);
        assert_eq!((&hit["purpose"], &hit["reference"]), (&json!("联合惩戒"), &json!("样函1号")));
        assert!(says(&hit, "命中（标识一致），需人工核实记录原文"), "{hit}");
        let by_name = scene.check(&name(LISTED)).await;
        assert!(says(&by_name, "疑似匹配，需人工核实"), "{by_name}");
        let clear = scene.check(&name(SOUND)).await;
        assert!(says(&clear, "未命中≠无失信记录（数据截至 2026-04-20 09:00，来源 "), "{clear}");
        assert!(!says(&clear, "信用良好"));
        let heir = scene.check(&name(HEIR)).await;
        assert_eq!((&heir["records"], &heir["inherited"][0]["agency"]["name"]), (&json!([]), &json!(GONE)));
        assert!(says(&heir, "前身单位的记录另列"), "{heir}");
        let twins = scene.check(&name("水务局")).await;
        assert!(says(&twins, "2 个同名机构，请选择地区或输入统一社会信用代码"), "{twins}");
        let placed = scene.check(&format!("{}, division: \"440600\"", name("水务局"))).await;
        assert!(says(&placed, "2 个同名机构，请选择更小的地区或输入统一社会信用代码"), "{placed}");
        assert!(says(&placed, "name a smaller division"), "{placed}");
        // Before it was listed, nothing stood against it.
        let before = format!(
            r#"{{ sanctionCheck(input: {{ uscc: "{}" }}, asOf: "2020-01-01", purpose: "x") {{ verdict asOf }} }}"#,
            scene.listed
        );
        let before = scene.hub.data(Some(&scene.court()), &before).await;
        assert_eq!(before["sanctionCheck"], json!({ "verdict": "CLEAR", "asOf": "2020-01-01" }));
    })
    .await;
}

#[tokio::test]
async fn many_are_answered_in_their_order_and_too_many_are_refused() {
    on_both(async |db| {
        let scene = Scene::on(&db).await;
        let query = "query ($inputs: [SanctionCheckInput!]!) { sanctionChecks(inputs: $inputs, purpose: \"批量\") \
             { id verdict input { name } records { caseNumber } } }";
        let inputs: Vec<Value> = (0..500)
            .map(|at| json!({ "name": if at % 2 == 0 { LISTED } else { SOUND } }))
            .collect();
        let token = scene.court();
        let answer = scene.hub.query_with(Some(&token), query, &json!({ "inputs": inputs })).await;
        let checks = answer["data"]["sanctionChecks"].as_array().expect("answers").clone();
        assert_eq!(checks.len(), 500, "{answer:#}");
        for (at, check) in checks.iter().enumerate() {
            let expected = if at % 2 == 0 { "LISTED" } else { "CLEAR" };
            assert_eq!(check["verdict"], expected, "{at}");
            assert_eq!(check["input"]["name"], inputs[at]["name"]);
        }
        let ids: std::collections::BTreeSet<&str> = checks.iter().filter_map(|check| check["id"].as_str()).collect();
        assert_eq!(ids.len(), 500);
        let more: Vec<Value> = (0..501).map(|_| json!({ "name": SOUND })).collect();
        let refused = scene.hub.query_with(Some(&token), query, &json!({ "inputs": more })).await;
        assert_eq!(refused["errors"][0]["extensions"]["code"], "LIMITED", "{refused}");
        for wrong in [
            r#"{ sanctionCheck(input: { name: "x" }, purpose: " ") { verdict } }"#,
            r#"{ sanctionCheck(input: { name: "x" }, purpose: "x", asOf: "2027-01-01") { verdict } }"#,
        ] {
            let refused = scene.hub.query(Some(&token), wrong).await;
            assert_eq!(refused["errors"][0]["extensions"]["code"], "INVALID", "{refused}");
        }
    })
    .await;
}

fn says(check: &Value, text: &str) -> bool {
    check["notice"]
        .as_str()
        .is_some_and(|notice| notice.contains(text))
}
