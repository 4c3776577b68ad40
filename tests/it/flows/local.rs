//! A province's and a city's own lists, tracks, periods, publicity and measures, beside the general ones.

use domain::viewer::Role;
use serde_json::{Value, json};

use super::{DIGEST, Story, Who, id, led::development};
use crate::support::{CatalogueCopy, Db, Hub, made, on_both, rows};

/// A list of the city with an entry that was made graver on 2026-06-01.
const LIST: &str = r#"
list = "foshan"
version = "2026.1"
division = "440600"

[[item]]
code = "foshan.award"
level = 3
kind = "BREACH"
title = "示例：未按期兑现样例奖补"
tier = "GENERAL"
legal_basis = "示例：佛山市样例规定"
verified = false
published = true
responsible = "development_reform"
measures = ["foshan.hold"]
from = "2026-01-01"
to = "2026-05-31"

[[item]]
code = "foshan.award"
level = 3
kind = "BREACH"
title = "示例：未兑现样例奖补"
tier = "SERIOUS"
legal_basis = "示例：佛山市样例规定（2026 年修订）"
verified = false
published = false
responsible = "development_reform"
measures = ["internal.central_budget"]
from = "2026-06-01"
"#;

/// Periods, publicity and measures of the city.
const RULES: [(&str, &str); 3] = [
    (
        "deadlines.toml",
        r#"
[[deadline]]
key = "breach.acceptance"
title = "启动核实违约失信投诉"
days = 2
unit = "WORKING"
division = "440600"
legal_basis = "示例：佛山市样例规定"
verified = false
from = "2023-08-05"
"#,
    ),
    (
        "publicity.toml",
        r#"
[[publicity]]
kinds = ["BREACH"]
tier = "GENERAL"
public = true
min_months = 1
max_months = 6
division = "440600"
legal_basis = "示例：佛山市样例规定"
verified = false
from = "2026-04-01"
"#,
    ),
    (
        "measures.toml",
        r#"
[[measure]]
code = "internal.honours"
title = "示例：一个月内限制评先评优"
scope = "INTERNAL"
legal_basis = "示例：佛山市样例规定"
verified = false
example = true
imposed_by = "personnel"
tiers = ["GENERAL"]
subjects = ["AGENCY"]
months = 1
suspended_by_objection = false
division = "440600"
from = "2026-01-01"

[[measure]]
code = "foshan.hold"
title = "示例：暂缓样例奖补"
scope = "INTERNAL"
legal_basis = "示例：佛山市样例规定"
verified = false
example = true
imposed_by = "development_reform"
tiers = ["GENERAL"]
subjects = ["AGENCY"]
suspended_by_objection = false
division = "440600"
from = "2026-01-01"
"#,
    ),
];

const GUANGZHOU: &str = "广州市样例承诺局";
const CHANGSHA: &str = "长沙市样例承诺局";

fn catalogue() -> CatalogueCopy {
    let copy = CatalogueCopy::make();
    copy.append("lists/foshan.toml", LIST);
    for (file, more) in RULES {
        copy.append(file, more);
    }
    // In the province a lead is turned down with evidence only.
    let track = copy.text("workflows/breach.toml");
    let version = "version = \"2026.1\"\n";
    let own = format!(
        "{}division = \"440000\"\n",
        version.replace("2026.1", "gd.1")
    );
    let reject = "act = \"REJECT\"\nfrom = [\"RECEIVED\"]\nto = \"REJECTED\"\nby = [\"AUTHORITY\"]\nneeds = [\"NOTE\", \"EVIDENCE\"]";
    assert!(track.contains(version) && track.contains(reject));
    let track = track.replacen(version, &own, 1);
    let track = track.replacen(
        reject,
        &reject.replace("\"NOTE\"", "\"NOTE\", \"BASIS\""),
        1,
    );
    copy.append("workflows/breach.440000.toml", &track);
    // A general entry with a measure, so that the same record may be answered here and there.
    let entry = "code = \"breach.confirmed\"\n";
    copy.spoil(
        "lists/base.toml",
        entry,
        &format!("{entry}measures = [\"internal.honours\"]\n"),
    );
    copy
}

async fn story(db: &Db) -> Story {
    let folder = catalogue();
    let dir = folder.path().to_owned();
    let hub = Hub::with(db, |config| config.catalogue.dir = Some(dir)).await;
    let story = Story::of(hub).await;
    let others = [
        made::body(11, GUANGZHOU, "440100"),
        made::body(12, "广州市发展和改革委员会", "440100"),
        made::body(13, CHANGSHA, "430100"),
        made::body(14, "长沙市发展和改革委员会", "430100"),
    ];
    let register = made::register(&others);
    story
        .hub
        .ingest("agency_register", &[("b.csv", &register)], |order| {
            order.partial = true
        })
        .await;
    story
}

fn authority(place: &'static str) -> Who {
    Who(Role::Authority, place, None)
}

/// Takes a step in a place, in which the authority sees what it is about.
async fn take(
    story: &Story,
    (place, who): (&'static str, &Who),
    name: &str,
    on: (&str, &str),
    more: &str,
) -> Value {
    let version = story.version_for(&authority(place), on.1).await;
    let taken = story.step_at(who, name, on, version, more).await;
    match taken["__typename"].as_str() {
        Some("CaseSuccess") => taken["case"].clone(),
        _ => taken,
    }
}

/// The leads about some bodies: their ids, in this order.
async fn leads(story: &Story, bodies: &[&str]) -> Vec<String> {
    let orders: Vec<_> = bodies
        .iter()
        .zip(1..)
        .map(|(body, n)| {
            let order = rows::order(n, body, "政务诚信");
            order
                .with("派发时间", "2026-04-01 09:00:00")
                .with("承诺完成时间", "2026-04-15 18:00:00")
        })
        .collect();
    let orders = rows::file(&orders);
    let report = story
        .hub
        .ingest("hotline", &[("o.csv", &orders)], |_| {})
        .await;
    assert_eq!(report.counts.rejected, 0, "{report:?}");
    let nation = authority("100000");
    let query = "{ clues(first: 10) { edges { node { id agencies { name } } } } }";
    let data = story.data(&nation, query).await;
    let edges = data["clues"]["edges"].as_array().expect("a list");
    let of = |body: &&str| {
        let mut nodes = edges.iter().map(|edge| &edge["node"]);
        let node = nodes.find(|node| node["agencies"][0]["name"] == **body);
        id(node.unwrap_or_else(|| panic!("no lead about {body}: {data}")))
    };
    bodies.iter().map(of).collect()
}

#[tokio::test]
async fn a_case_goes_by_the_track_and_the_periods_of_its_place() {
    on_both(async |db| {
        let story = story(&db).await;
        let places = [
            ("440600", super::BUREAU, super::DEVELOPMENT, "2026-04-22"),
            ("440100", GUANGZHOU, "广州市发展和改革委员会", "2026-04-27"),
            ("430100", CHANGSHA, "长沙市发展和改革委员会", "2026-04-27"),
        ];
        let leads = leads(&story, &places.map(|(_, body, ..)| body)).await;
        for ((place, _, development, due), lead) in places.into_iter().zip(&leads) {
            let who = authority(place);
            let clue = ("clueId", lead.as_str());
            // The track is the province's.
            let reject = r#"note: "不属实""#;
            let rejected = take(&story, (place, &who), "rejectClue", clue, reject).await;
            if place == "430100" {
                assert_eq!(rejected["stage"], "REJECTED", "{rejected}");
                continue;
            }
            assert_eq!(rejected["code"], "NEEDS_BASIS", "{place}");
            // The period is the city's.
            let to = format!(r#"to: "{}""#, story.id_for(&who, development).await);
            let done = take(&story, (place, &who), "transferClue", clue, &to).await;
            assert_eq!(done["clue"]["dueOn"], due, "{place}: {done}");
        }
        let query = "{ cases(first: 10) { edges { node { workflow workflowVersion agencies { name } } } } }";
        let data = story.data(&authority("100000"), query).await;
        let edges = data["cases"]["edges"].as_array().expect("a list");
        let mut versions: Vec<[&Value; 2]> = edges
            .iter()
            .map(|edge| [&edge["node"]["agencies"][0]["name"], &edge["node"]["workflowVersion"]])
            .collect();
        versions.sort_by_key(|pair| pair[0].to_string());
        assert_eq!(
            json!(versions),
            json!([[super::BUREAU, "gd.1"], [GUANGZHOU, "gd.1"], [CHANGSHA, "2026.1"]])
        );
    })
    .await;
}

#[tokio::test]
async fn a_record_is_shown_and_answered_by_the_rules_of_its_place() {
    on_both(async |db| {
        let story = story(&db).await;
        let told = [(1, super::BUREAU), (2, GUANGZHOU)];
        let breaches = told.map(|(n, body)| rows::breach(n, body));
        story.hub.it_is("2026-05-20");
        let file = rows::file(&breaches);
        story.hub.ingest("credit_platform", &[("b.csv", &file)], |_| {}).await;
        for (place, months, minimum, ends, title, basis) in [
            ("440600", 6, 1, "2026-06-20", "示例：一个月内限制评先评优", "示例：佛山市样例规定"),
            ("440100", 12, 0, "2027-05-06", "限制评先评优", "《信用修复管理办法》（国家发展改革委令第36号）"),
        ] {
            let who = authority(place);
            let rule = "publicityRule { minMonths maxMonths legalBasis }";
            let query = format!(
                "{{ creditRecords(first: 5) {{ edges {{ node {{ id {rule} catalogueItem {{ measures {{ code title }} }} }} }} }} }}"
            );
            let data = story.data(&who, &query).await;
            let record = id(&data["creditRecords"]["edges"][0]["node"]);
            let the_record = ("recordId", record.as_str());
            let grade = r#"tier: GENERAL, basis: "清单""#;
            take(&story, (place, &who), "gradeRecord", the_record, grade).await;
            let data = story.data(&who, &query).await;
            let node = &data["creditRecords"]["edges"][0]["node"];
            assert_eq!(
                node["publicityRule"],
                json!({ "minMonths": minimum, "maxMonths": months, "legalBasis": basis }),
                "{place}"
            );
            let measures = json!([{ "code": "internal.honours", "title": title }]);
            assert_eq!(node["catalogueItem"]["measures"], measures, "{place}");
            let impose = r#"measure: "internal.honours", basis: "清单""#;
            let case = take(&story, (place, &who), "imposeSanction", the_record, impose).await;
            assert_eq!(case["sanctions"][0]["endsOn"], ends, "{place}");
            let hold = r#"measure: "foshan.hold", basis: "清单""#;
            let refused = take(&story, (place, &who), "imposeSanction", the_record, hold).await;
            let why = if place == "440600" { "MEASURE_NOT_LISTED" } else { "NO_MEASURE" };
            assert_eq!(refused["code"], why, "{place}: {refused}");
            // Whether an objection suspends it is the place's, too.
            let objects = r#"note: "事实有误""#;
            let body = if place == "440600" { story.bureau } else { made::uscc("11", "440100", 11) };
            let concerned = Who(Role::Agency, place, Some(body));
            let case = take(&story, (place, &concerned), "fileObjection", the_record, objects).await;
            let status = if place == "440600" { "ACTIVE" } else { "SUSPENDED" };
            assert_eq!(case["sanctions"][0]["status"], status, "{place}");
            let query = format!(
                r#"{{ node(id: "{}") {{ ... on Case {{ sanctions {{ measure {{ title }} }} }} }} }}"#,
                id(&case)
            );
            let data = story.data(&who, &query).await;
            assert_eq!(data["node"]["sanctions"][0]["measure"]["title"], title, "{place}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_record_is_judged_by_the_version_of_its_entry_on_the_day_of_determination() {
    on_both(async |db| {
        let story = story(&db).await;
        let fields = "id code title tier from to legalBasis measures { code }";
        let catalogue = async |day: &str, division: &str| {
            let query = format!(
                r#"{{ catalogue(asOf: "{day}", division: "{division}") {{ {fields} }} }}"#
            );
            let data = story.data(&story.authority, &query).await;
            let items = data["catalogue"].as_array().expect("a list").iter();
            let own = items.filter(|item| item["code"] == "foshan.award");
            own.cloned().collect::<Vec<_>>()
        };
        let first = json!({
            "id": "cat_440000_foshan.award", "code": "foshan.award", "title": "示例：未按期兑现样例奖补",
            "tier": "GENERAL", "from": "2026-01-01", "to": "2026-05-31",
            "legalBasis": "示例：佛山市样例规定", "measures": [{ "code": "foshan.hold" }],
        });
        let second = json!({
            "id": "cat_440000_foshan.award@2026-06-01", "code": "foshan.award", "title": "示例：未兑现样例奖补",
            "tier": "SERIOUS", "from": "2026-06-01", "to": null,
            "legalBasis": "示例：佛山市样例规定（2026 年修订）", "measures": [{ "code": "internal.central_budget" }],
        });
        for (day, division, told) in [
            ("2025-12-31", "440600", vec![]),
            ("2026-05-31", "440600", vec![first.clone()]),
            ("2026-06-01", "440600", vec![second.clone()]),
            ("2026-06-01", "440605", vec![second.clone()]),
            ("2026-06-01", "440100", vec![]),
        ] {
            assert_eq!(catalogue(day, division).await, told, "{day} {division}");
        }
        // Each version is found by its id, and another day has none.
        for (key, told) in [
            ("foshan.award", first.clone()),
            ("foshan.award@2026-06-01", second.clone()),
            ("foshan.award@2026-01-01", json!(null)),
            ("foshan.award@2026-07-01", json!(null)),
        ] {
            let query = format!(r#"{{ node(id: "cat_440000_{key}") {{ ... on CatalogueItem {{ {fields} }} }} }}"#);
            let data = story.data(&story.authority, &query).await;
            assert_eq!(data["node"], told, "{key}");
        }

        // Confirmed in June, of a day in May: the entry of May grades, shows and answers it.
        let development = development();
        let (clue, case) = story.rectifying().await;
        story.hub.it_is("2026-06-02");
        let refuse = r#"task: 1, refused: true, note: "拒不兑现""#;
        story.done(&development, "returnRectification", ("caseId", &case), refuse).await;
        let confirm = |item: &str, day: &str| format!(
            r#"item: "{item}", identifiedOn: "{day}", basis: "示例", evidence: ["{DIGEST}"]"#
        );
        let before = story
            .refused(&development, "confirmRecord", ("clueId", &clue), &confirm("foshan.award", "2025-12-31"))
            .await;
        assert_eq!(before, "NOT_IN_FORCE");
        let done = story
            .done(&development, "confirmRecord", ("clueId", &clue), &confirm("foshan.award", "2026-05-31"))
            .await;
        assert_eq!(done["record"]["tier"], "GENERAL");
        let record = id(&done["record"]);
        let the_record = ("recordId", record.as_str());
        let query = format!(
            r#"{{ node(id: "{record}") {{ ... on CreditRecord {{ catalogueItem {{ {fields} }} publicityRule {{ maxMonths }} }} }} }}"#
        );
        let data = story.data(&story.authority, &query).await;
        assert_eq!(data["node"]["catalogueItem"], first);
        assert_eq!(data["node"]["publicityRule"]["maxMonths"], 6);
        let done = story.done(&development, "publishRecord", the_record, "").await;
        assert_eq!(done["record"]["publicUntil"], "2026-11-30");
        let public = format!(r#"{{ node(id: "{record}") {{ id }} }}"#);
        assert_eq!(story.hub.data(None, &public).await["node"]["id"], record);
        let later = r#"measure: "internal.central_budget", basis: "清单""#;
        let refused = story.refused(&development, "imposeSanction", the_record, later).await;
        assert_eq!(refused, "MEASURE_NOT_LISTED");
        let hold = r#"measure: "foshan.hold", basis: "清单""#;
        let done = story.done(&development, "imposeSanction", the_record, hold).await;
        assert_eq!(done["sanctions"][0]["endsOn"], "2026-11-30");
    })
    .await;
}

#[tokio::test]
async fn what_a_source_tells_is_graded_and_shown_by_the_entry_of_its_day() {
    on_both(async |db| {
        let copy = CatalogueCopy::make();
        let list = "lists/base.toml";
        let first = "published = false\nfrom = \"2023-08-05\"\n";
        let ended = "published = true\nfrom = \"2023-08-05\"\nto = \"2026-05-31\"\n";
        copy.spoil(list, first, ended);
        copy.spoil(list, "kind = \"BREACH\"\n", "kind = \"BREACH\"\ntier = \"GENERAL\"\n");
        copy.append(
            list,
            "\n[[item]]\ncode = \"breach.confirmed\"\nlevel = 3\nkind = \"BREACH\"\ntier = \"SERIOUS\"\ntitle = \"示例\"\n\
             legal_basis = \"示例\"\nverified = false\npublished = false\nfrom = \"2026-06-01\"\n",
        );
        let dir = copy.path().to_owned();
        let hub = Hub::with(&db, |config| config.catalogue.dir = Some(dir)).await;
        let story = Story::of(hub).await;
        story.hub.it_is("2026-06-20");
        let days = [(1, "2026-05-31"), (2, "2026-06-01")];
        let rows = days.map(|(n, day)| rows::breach(n, super::BUREAU).with("rdrq", day));
        let file = rows::file(&rows);
        story
            .hub
            .ingest("credit_platform", &[("b.csv", &file)], |_| {})
            .await;
        let query = "{ creditRecords(first: 5) { edges { node { identifiedOn tier catalogueItem { from } } } } }";
        let told = |on: &str, tier: &str, from: &str| {
            json!({ "node": { "identifiedOn": on, "tier": tier, "catalogueItem": { "from": from } } })
        };
        let (may, june) = (
            told("2026-05-31", "GENERAL", "2023-08-05"),
            told("2026-06-01", "SERIOUS", "2026-06-01"),
        );
        let data = story.data(&story.authority, query).await;
        assert_eq!(data["creditRecords"]["edges"], json!([june, may]));
        let public = story.hub.data(None, query).await;
        assert_eq!(public["creditRecords"]["edges"], json!([may]));
    })
    .await;
}
