//! What becomes of subjects: each kind with its cause, once, in the order of the log, whoever comes back when.

use std::collections::BTreeSet;

use domain::viewer::Role;
use serde_json::{Value, json};

use super::{
    super::{CASE, ELSEWHERE, GONE, HEIR, LISTED, SOUND},
    Client, Scene, deliver, text,
};
use crate::{
    api::catalogue_with,
    support::{Db, Hub, made, on_both, rows},
};

/// Court listings may be followed by measures.
const WITH_MEASURES: (&str, &str, &str) = (
    "lists/base.toml",
    "code = \"court.judgment_debtor\"\n",
    "code = \"court.judgment_debtor\"\nmeasures = [\"internal.honours\", \"internal.pilots\"]\n",
);

pub(in crate::check) async fn scene_on(db: &Db) -> Scene {
    let folder = db.folder().join("catalogue");
    if !folder.exists() {
        catalogue_with(&folder, &[WITH_MEASURES]);
    }
    Scene::of(hub_on(db).await).await
}

pub(super) async fn hub_on(db: &Db) -> Hub {
    let folder = db.folder().join("catalogue");
    Hub::with(db, |config| config.catalogue.dir = Some(folder)).await
}

/// Takes a step of casework on a thing as it stands: the case.
pub(in crate::check) async fn work(
    hub: &Hub,
    name: &str,
    (argument, id): (&str, &str),
    more: &str,
) -> Value {
    let token = hub.token(Role::Authority, &["440600"], None);
    let version = "... on CreditRecord { version } ... on Sanction { version }";
    let query = format!(r#"{{ node(id: "{id}") {{ {version} }} }}"#);
    let data = hub.data(Some(&token), &query).await;
    let version = data["node"]["version"].as_i64().expect("a number");
    let digest = "0".repeat(64);
    let query = format!(
        r#"mutation {{ {name}(input: {{ key: "{name} {id} {version}", {argument}: "{id}", version: {version}, basis: "清单", evidence: ["{digest}"], {more} }}) {{ ... on CaseSuccess {{ case {{ sanctions {{ id }} }} }} ... on Refusal {{ code message }} }} }}"#
    );
    let data = hub.data(Some(&token), &query).await;
    let case = data[name]["case"].clone();
    assert!(case.is_object(), "{name}: {data}");
    case
}

fn listings() -> [made::Listing; 3] {
    [
        made::listing(1, LISTED).case(CASE),
        made::listing(2, GONE).published("2025-06-01"),
        made::listing(3, ELSEWHERE),
    ]
}

/// Everything that can become of subjects, step after step, and what is told of each.
async fn story(scene: &Scene) -> Vec<&'static str> {
    let hub = &scene.hub;
    let [listed, gone, elsewhere] = listings();
    // A source lists another one, changes a word, and drops a predecessor's.
    let sound = made::listing(4, SOUND).case("（2026）粤0604执90004号");
    let twins = made::listing(5, "水务局");
    deliver(
        hub,
        &[
            listed.clone(),
            gone.clone(),
            elsewhere.clone(),
            sound.clone(),
            twins.clone(),
        ],
    )
    .await;
    let changed = listed.clone().published("2025年03月05日");
    deliver(
        hub,
        &[
            changed.clone(),
            gone,
            elsewhere.clone(),
            sound.clone(),
            twins.clone(),
        ],
    )
    .await;
    deliver(
        hub,
        &[
            changed.clone(),
            elsewhere.clone(),
            sound.clone(),
            twins.clone(),
        ],
    )
    .await;
    // Somebody decides whom a listing means.
    let operator = hub.token(Role::Operator, &[], None);
    let mentions = "{ mentions(first: 5) { edges { node { id version } } } }";
    let data = hub.data(Some(&operator), mentions).await;
    let mention = &data["mentions"]["edges"][0]["node"];
    let decide = format!(
        r#"mutation {{ decideMention(input: {{ key: "d", mentionId: {}, version: {}, judgement: POSITIVE, uscc: "{}", reason: "看过卷宗" }}) {{ __typename }} }}"#,
        mention["id"], mention["version"], scene.sound
    );
    let token = hub.token(Role::Authority, &["440600"], None);
    let decided = hub.data(Some(&token), &decide).await;
    assert_eq!(
        decided["decideMention"]["__typename"],
        "DecideMentionSuccess"
    );
    // People impose a measure, which does not run, runs again and ends with its term.
    let query = format!(
        r#"{{ creditRecords(first: 5, filter: {{ agency: {{ name: {{ eq: "{SOUND}" }} }}, source: {{ eq: "court_debtors" }} }}) {{ edges {{ node {{ id caseNumber }} }} }} }}"#
    );
    let data = hub.data(Some(&token), &query).await;
    let edges = data["creditRecords"]["edges"].as_array().expect("a list");
    let of_sound = edges
        .iter()
        .find(|edge| edge["node"]["caseNumber"] == sound.case.as_str());
    let record = text(&of_sound.expect("it was delivered")["node"]["id"]);
    let the_record = ("recordId", record.as_str());
    hub.it_is("2026-04-22");
    work(hub, "gradeRecord", the_record, "tier: SERIOUS").await;
    let measure = r#"measure: "internal.honours", endsOn: "2026-04-30""#;
    work(hub, "proposeSanction", the_record, measure).await;
    let case = work(hub, "imposeSanction", the_record, measure).await;
    let sanction = text(&case["sanctions"][0]["id"]);
    let the_sanction = ("sanctionId", sanction.as_str());
    work(hub, "suspendSanction", the_sanction, "").await;
    work(hub, "resumeSanction", the_sanction, "").await;
    hub.it_is("2026-05-01");
    let turned = hub.app.casework().turn().await.expect("the day turns");
    assert_eq!(turned.expired, 1);
    let open_end = r#"measure: "internal.honours""#;
    let case = work(hub, "imposeSanction", the_record, open_end).await;
    let sanctions = case["sanctions"].as_array().expect("a list");
    let sanction = text(&sanctions.last().expect("it was imposed")["id"]);
    work(hub, "liftSanction", ("sanctionId", &sanction), "").await;
    // The register renames one, dissolves it, and has it merged into another.
    let superior = made::body(1, "佛山市人民政府", "440600");
    let body = |n, name| made::body(n, name, "440600");
    let rest = [
        body(2, LISTED).superior(&superior.uscc),
        body(4, HEIR),
        body(5, GONE).abolished("2026-01-01"),
        made::body(6, ELSEWHERE, "441900"),
        made::body(7, "佛山市禅城区水务局", "440604"),
        made::body(8, "佛山市南海区水务局", "440605"),
        superior,
    ];
    let register = async |sound: made::Body, more: Option<Vec<u8>>| {
        let file = made::register(&[&[sound][..], &rest].concat());
        let files: Vec<(&str, &[u8])> = std::iter::once(("a.csv", &*file))
            .chain(more.as_deref().map(|events| ("s.csv", events)))
            .collect();
        let report = hub.ingest("agency_register", &files, |_| {}).await;
        assert!(report.change.is_some(), "{report:#?}");
    };
    let gone_by = body(5, GONE).uscc;
    let renamed = body(3, "佛山市样例艺术馆").former(SOUND);
    register(renamed.clone(), None).await;
    let events = made::successions(&[
        (
            (Some(&scene.sound), "佛山市样例艺术馆"),
            (Some(&scene.listed), LISTED),
            "合并",
            "2026-05-01",
            "样发〔2026〕2号",
        ),
        (
            (Some(&gone_by), GONE),
            (Some(&scene.heir), HEIR),
            "合并",
            "2026-01-01",
            "样发〔2026〕1号",
        ),
    ]);
    register(renamed.abolished("2026-05-01"), Some(events)).await;
    vec![
        "RECORD_ADDED SOURCE 佛山市样例艺术馆",
        "RECORD_CHANGED SOURCE 佛山市样例承诺局",
        "RECORD_ENDED SOURCE 佛山市样例统筹局 < 佛山市样例招商局",
        "RECORD_ADDED RESOLUTION 佛山市样例艺术馆",
        "RECORD_CHANGED CASEWORK 佛山市样例艺术馆",
        "MEASURE_IMPOSED CASEWORK 佛山市样例艺术馆",
        "MEASURE_SUSPENDED CASEWORK 佛山市样例艺术馆",
        "MEASURE_IMPOSED CASEWORK 佛山市样例艺术馆",
        "MEASURE_ENDED TIME 佛山市样例艺术馆",
        "MEASURE_IMPOSED CASEWORK 佛山市样例艺术馆",
        "MEASURE_LIFTED CASEWORK 佛山市样例艺术馆",
        "RENAMED SOURCE 佛山市样例艺术馆",
    ]
}

#[tokio::test]
async fn each_change_is_told_once_with_its_cause_whoever_comes_back_when() {
    on_both(async |db| {
        let scene = scene_on(&db).await;
        let (hub, court) = (&scene.hub, Client::court(&scene.hub));
        let list = court.list(hub, "1").await;
        let subjects = json!([{ "name": LISTED }, { "name": SOUND }, { "name": HEIR }]);
        assert_eq!(court.add(hub, &list, subjects).await["count"], 3);
        assert_eq!(court.told(hub, &list, None).await, [""; 0]);
        let expected = story(&scene).await;
        // Tokens live a few hours, and days have gone by.
        let court = Client::court(hub);
        let whole = court.page(hub, &list, None, 200).await;
        assert!(!whole.has_more);
        assert_eq!(whole.lines()[..expected.len()], expected);
        // What is merged is told to both, and that the one is dissolved.
        let last: BTreeSet<String> = whole.lines()[expected.len()..].iter().cloned().collect();
        let wanted = [
            "DISSOLVED SOURCE 佛山市样例艺术馆",
            "MERGED SOURCE 佛山市样例承诺局",
            "MERGED SOURCE 佛山市样例艺术馆",
        ];
        for one in wanted {
            assert!(last.contains(one), "{one}: {last:#?}");
        }
        let cursors: BTreeSet<String> = whole
            .changes
            .iter()
            .map(|one| text(&one["cursor"]))
            .collect();
        assert_eq!(
            cursors.len(),
            whole.changes.len(),
            "each has a place of its own"
        );

        // One by one, with the hub started anew in between, it is the same without a gap and nothing twice.
        let (mut told, mut after) = (Vec::new(), None::<String>);
        for at in 0.. {
            let anew;
            let hub = match at == whole.changes.len() / 2 {
                true => {
                    anew = hub_on(&db).await;
                    anew.it_is("2026-05-01");
                    &anew
                }
                false => hub,
            };
            let page = court.page(hub, &list, after.as_deref(), 1).await;
            told.extend(page.changes);
            after = Some(page.up_to);
            if !page.has_more {
                break;
            }
        }
        assert_eq!(told, whole.changes);
        // From each of its cursors the rest.
        for (at, change) in whole.changes.iter().enumerate() {
            let rest = court.page(hub, &list, change["cursor"].as_str(), 200).await;
            assert_eq!(rest.changes, whole.changes[at + 1..], "after {at}");
        }
        // What a check no longer tells is not told with an event either.
        for change in &whole.changes {
            if change["kind"] == "RECORD_ADDED" {
                let about = &change["record"]["agency"]["name"];
                assert_eq!(about, &change["about"]["name"], "{change}");
            }
            if change["kind"] == "RECORD_ENDED" {
                assert!(
                    change["recordId"].is_string() && change["record"].is_null(),
                    "{change}"
                );
            }
            if text(&change["kind"]).starts_with("MEASURE") {
                assert!(
                    change["sanctionId"].is_string() && change["sanction"].is_null(),
                    "{change}"
                );
            }
        }
        // Where nothing happens, the cursor moves on all the same.
        let quiet = court.page(hub, &list, Some(&whole.up_to), 200).await;
        assert_eq!((quiet.lines().len(), quiet.up_to), (0, whole.up_to));
    })
    .await;
}

/// Who followed all along has in mind whom each change concerns; who just started asks the database about all subjects.
/// Both tell the same, from any place on and in pages of any size.
#[tokio::test]
async fn it_is_the_same_whether_or_not_a_process_followed_what_happened() {
    on_both(async |db| {
        let scene = scene_on(&db).await;
        let hub = &scene.hub;
        let court = Client::court(hub);
        let all = [LISTED, SOUND, HEIR, GONE, ELSEWHERE, "佛山市人民政府"];
        let lists = [&all[..], &[HEIR], &["佛山市人民政府"], &[]];
        let mut made = Vec::new();
        for (at, subjects) in lists.iter().enumerate() {
            let list = court.list(hub, &format!("{at}")).await;
            let names: Vec<Value> = subjects
                .iter()
                .map(|name| json!({ "name": name }))
                .collect();
            if !names.is_empty() {
                court.add(hub, &list, names.into()).await;
            }
            made.push(list);
        }
        story(&scene).await;
        let cold = hub_on(&db).await;
        cold.it_is("2026-05-01");
        let court = Client::court(hub);
        for list in &made {
            let whole = court.page(hub, list, None, 200).await;
            let cursors = whole
                .changes
                .iter()
                .map(|change| Some(text(&change["cursor"])));
            let versions = (1..=hub.app.live.now().seq()).map(|seq| Some(seq.to_string()));
            let places: Vec<_> = std::iter::once(None)
                .chain(cursors)
                .chain(versions)
                .collect();
            for after in &places {
                for size in [1, 3, 200] {
                    let [warm, cold] =
                        [hub, &cold].map(|hub| court.page(hub, list, after.as_deref(), size));
                    let (warm, cold) = (warm.await, cold.await);
                    assert_eq!(warm.changes, cold.changes, "{list} {after:?} {size}");
                    assert_eq!(
                        (&warm.up_to, warm.has_more),
                        (&cold.up_to, cold.has_more),
                        "{list} {after:?} {size}"
                    );
                }
            }
        }
        // Of the city's government nothing became, and of nobody nothing can.
        for list in &made[2..] {
            assert_eq!(
                court.page(hub, list, None, 200).await.changes,
                [] as [Value; 0]
            );
        }
    })
    .await;
}

#[tokio::test]
async fn leads_scores_and_warnings_are_no_events() {
    on_both(async |db| {
        let scene = Scene::on(&db).await;
        let (hub, court) = (&scene.hub, Client::court(&scene.hub));
        let list = court.list(hub, "1").await;
        court.add(hub, &list, json!([{ "name": LISTED }])).await;
        let order = rows::order(1, LISTED, "政务诚信")
            .with("派发时间", "2026-04-01 09:00:00")
            .with("承诺完成时间", "2026-04-15 18:00:00");
        let report = hub
            .ingest("hotline", &[("o.csv", &rows::file(&[order]))], |_| {})
            .await;
        assert!(report.change.is_some(), "{report:#?}");
        hub.app
            .assessing()
            .assess_all()
            .await
            .expect("it is assessed");
        let everything = hub.everything();
        let data = hub
            .data(
                Some(&everything),
                "{ warnings { totalCount } clues { totalCount } }",
            )
            .await;
        assert!(data["warnings"]["totalCount"].as_i64() > Some(0), "{data}");
        assert!(data["clues"]["totalCount"].as_i64() > Some(0), "{data}");
        assert_eq!(court.told(hub, &list, None).await, [""; 0]);
        // Who comes in later is told of what comes later.
        deliver(hub, &[made::listing(4, SOUND)]).await;
        court.add(hub, &list, json!([{ "name": SOUND }])).await;
        assert_eq!(
            court.told(hub, &list, None).await,
            ["RECORD_ENDED SOURCE 佛山市样例承诺局"]
        );
        deliver(hub, &listings()).await;
        let told: BTreeSet<String> = court.told(hub, &list, None).await.into_iter().collect();
        let wanted = [
            "RECORD_ENDED SOURCE 佛山市样例承诺局",
            "RECORD_ADDED SOURCE 佛山市样例承诺局",
            "RECORD_ENDED SOURCE 佛山市样例文化馆",
        ];
        assert_eq!(told, wanted.map(str::to_owned).into());
    })
    .await;
}
