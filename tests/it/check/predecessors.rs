//! What stands against bodies from which a subject came: from the day of the event on, measures too, and as far back as is
//! said.

use domain::viewer::Role;
use serde_json::{Value, json};

use super::{
    CASE, ELSEWHERE, GONE, HEIR, LISTED, SOUND, Scene, name,
    watch::{
        Client, deliver,
        feed::{scene_on, work},
    },
};
use crate::support::{Hub, made, on_both};

/// The bodies of the scene.
fn bodies() -> Vec<made::Body> {
    let superior = made::body(1, "佛山市人民政府", "440600");
    vec![
        made::body(2, LISTED, "440600").superior(&superior.uscc),
        made::body(3, SOUND, "440600"),
        made::body(4, HEIR, "440600"),
        made::body(5, GONE, "440600").abolished("2026-01-01"),
        made::body(6, ELSEWHERE, "441900"),
        made::body(7, "佛山市禅城区水务局", "440604"),
        made::body(8, "佛山市南海区水务局", "440605"),
        superior,
    ]
}

async fn register(hub: &Hub, bodies: &[made::Body], events: &[made::Event<'_>]) {
    let files = [
        ("a.csv", made::register(bodies)),
        ("s.csv", made::successions(events)),
    ];
    let files: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(name, file)| (*name, &file[..]))
        .collect();
    let report = hub.ingest("agency_register", &files, |_| {}).await;
    assert!(report.change.is_some(), "{report:#?}");
}

impl Scene {
    /// Of a check what is told of predecessors.
    async fn predecessors(&self, input: &str) -> Value {
        let query = format!(
            "{{ sanctionCheck(input: {{ {input} }}, purpose: \"联合惩戒\") {{ id verdict notice predecessorsCut inherited {{ agency {{ name }} }} \
             sanctions {{ measure {{ code }} }} inheritedSanctions {{ status measure {{ code }} agency {{ name }} }} }} }}"
        );
        self.hub.data(Some(&self.court()), &query).await["sanctionCheck"].clone()
    }
}

#[tokio::test]
async fn what_is_announced_is_inherited_from_its_day_on() {
    on_both(async |db| {
        let scene = Scene::on(&db).await;
        let hub = &scene.hub;
        let list = Client::court(hub).list(hub, "1").await;
        Client::court(hub).add(hub, &list, json!([{ "name": SOUND }])).await;
        let bodies = bodies();
        let (gone, elsewhere) = (bodies[3].uscc, bodies[4].uscc);
        let events = [
            ((Some(&gone), GONE), (Some(&scene.heir), HEIR), "合并", "2026-01-01", "样发〔2026〕1号"),
            ((Some(&elsewhere), ELSEWHERE), (Some(&scene.sound), SOUND), "合并", "2026-05-01", "样发〔2026〕3号"),
        ];
        register(hub, &bodies, &events).await;
        let listing = |day: &str| {
            let gone = made::listing(2, GONE).published("2025-06-01");
            [made::listing(1, LISTED).case(CASE), gone, made::listing(3, ELSEWHERE).published(day)]
        };
        let told = async || {
            let page = Client::court(hub).page(hub, &list, None, 200).await;
            page.lines()
        };
        let merged = format!("MERGED SOURCE {SOUND}");
        assert_eq!(scene.verdict(&name(SOUND)).await, "CLEAR");
        hub.it_is("2026-04-30");
        deliver(hub, &listing("2025年03月05日")).await;
        assert_eq!(scene.verdict(&name(SOUND)).await, "CLEAR");
        assert_eq!(told().await, std::slice::from_ref(&merged));
        // It has come: the records are its own from now on, and what became of them before is not.
        hub.it_is("2026-05-01");
        let check = scene.predecessors(&name(SOUND)).await;
        assert_eq!((&check["verdict"], &check["inherited"][0]["agency"]["name"]), (&json!("POSSIBLE"), &json!(ELSEWHERE)));
        assert_eq!(told().await, std::slice::from_ref(&merged));
        deliver(hub, &listing("2025年03月06日")).await;
        let inherited = format!("RECORD_CHANGED SOURCE {SOUND} < {ELSEWHERE}");
        assert_eq!(told().await, [merged, inherited]);
        // Of the day before it is told as it was.
        let before = format!(
            r#"{{ sanctionCheck(input: {{ {} }}, asOf: "2026-04-30", purpose: "x") {{ verdict inherited {{ id }} }} }}"#,
            name(SOUND)
        );
        let before = hub.data(Some(&scene.court()), &before).await;
        assert_eq!(before["sanctionCheck"], json!({ "verdict": "CLEAR", "inherited": [] }));
    })
    .await;
}

#[tokio::test]
async fn measures_against_predecessors_stand_apart() {
    on_both(async |db| {
        let scene = scene_on(&db).await;
        let (hub, court) = (&scene.hub, Client::court(&scene.hub));
        let list = court.list(hub, "1").await;
        court.add(hub, &list, json!([{ "name": HEIR }])).await;
        let query = format!(
            r#"{{ creditRecords(first: 1, filter: {{ agency: {{ name: {{ eq: "{GONE}" }} }} }}) {{ edges {{ node {{ id }} }} }} }}"#
        );
        let data = hub.data(Some(&hub.everything()), &query).await;
        let record = data["creditRecords"]["edges"][0]["node"]["id"].as_str().expect("an id").to_owned();
        let the_record = ("recordId", record.as_str());
        let before = scene.predecessors(&name(HEIR)).await;
        assert_eq!((&before["verdict"], &before["inheritedSanctions"]), (&json!("POSSIBLE"), &json!([])));
        work(hub, "gradeRecord", the_record, "tier: SERIOUS").await;
        let measure = r#"measure: "internal.honours", endsOn: "2026-04-30""#;
        work(hub, "imposeSanction", the_record, measure).await;
        let check = scene.predecessors(&name(HEIR)).await;
        let expected = json!([{ "status": "ACTIVE", "measure": { "code": "internal.honours" }, "agency": { "name": GONE } }]);
        assert_eq!((&check["verdict"], &check["inheritedSanctions"]), (&json!("POSSIBLE"), &expected));
        assert_eq!((&check["sanctions"], &check["predecessorsCut"]), (&json!([]), &json!(false)));
        let notice = check["notice"].as_str().expect("a text");
        assert!(notice.contains("前身单位的记录、惩戒措施另列"), "{notice}");
        // The receipt tells the same, and the log whose records it told.
        let query = format!(
            "{{ sanctionCheckReceipt(id: {}) {{ inheritedSanctions {{ measure {{ code }} agency {{ name }} }} answer }} }}",
            check["id"]
        );
        let again = hub.data(Some(&scene.court()), &query).await["sanctionCheckReceipt"].clone();
        assert_eq!(again["inheritedSanctions"][0]["agency"], expected[0]["agency"]);
        let answer: Value = serde_json::from_str(again["answer"].as_str().expect("a text")).expect("JSON");
        let line = &answer["inherited_sanctions"][0];
        assert_eq!((&line["from"]["name"], &line["sanction"]["measure"]), (&json!(GONE), &json!("internal.honours")));
        // Who watches the heir is told of it, and that it is over.
        hub.it_is("2026-05-01");
        hub.app.casework().turn().await.expect("the day turns");
        let court = Client::court(hub);
        let told = court.page(hub, &list, None, 200).await.lines();
        let line = |kind: &str| format!("{kind} {HEIR} < {GONE}");
        let expected = ["RECORD_CHANGED CASEWORK", "MEASURE_IMPOSED CASEWORK", "MEASURE_ENDED TIME"].map(line);
        assert_eq!(told, expected);
        assert_eq!(scene.predecessors(&name(HEIR)).await["inheritedSanctions"], json!([]));
    })
    .await;
}

#[tokio::test]
async fn an_answer_says_that_not_all_predecessors_were_looked_at() {
    on_both(async |db| {
        let scene = Scene::on(&db).await;
        let chain: Vec<made::Body> = (0..67)
            .map(|n| made::body(100 + n, &format!("佛山市样例第{n}署"), "440600"))
            .collect();
        let names: Vec<String> = (0..67).map(|n| format!("佛山市样例第{n}署")).collect();
        let pairs = chain.windows(2).zip(names.windows(2));
        let events: Vec<made::Event<'_>> = pairs
            .map(|(bodies, names)| {
                let [from, to] = [0, 1].map(|at: usize| (Some(&bodies[at].uscc), &*names[at]));
                (from, to, "合并", "2026-01-01", "样发〔2026〕1号")
            })
            .collect();
        register(&scene.hub, &[&bodies()[..], &chain].concat(), &events).await;
        for (at, verdict, is_cut) in [
            (64, "CLEAR", false),
            (65, "POSSIBLE", true),
            (66, "POSSIBLE", true),
        ] {
            let check = scene
                .predecessors(&format!("uscc: \"{}\"", chain[at].uscc))
                .await;
            assert_eq!(
                (&check["verdict"], &check["predecessorsCut"]),
                (&json!(verdict), &json!(is_cut)),
                "{at}: {check}"
            );
            let notice = check["notice"].as_str().expect("a text");
            assert_eq!(
                notice.contains("前身单位仅追溯 64 个，其余未作核查"),
                is_cut,
                "{notice}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_predecessor_that_is_told_by_a_name_alone_is_found_or_said_to_be_in_doubt() {
    on_both(async |db| {
        let scene = Scene::on(&db).await;
        let hub = &scene.hub;
        // Who came of it bears the old name as a former one.
        let mut bodies = bodies();
        bodies[1] = made::body(3, SOUND, "440600").former(ELSEWHERE);
        let by_name = [(
            (None, ELSEWHERE),
            (None, SOUND),
            "合并",
            "2026-01-01",
            "样发〔2026〕1号",
        )];
        register(hub, &bodies, &by_name).await;
        let told = scene.predecessors(&name(SOUND)).await;
        assert_eq!(
            (&told["verdict"], &told["predecessorsCut"]),
            (&json!("POSSIBLE"), &json!(false)),
            "{told}"
        );
        assert_eq!(told["inherited"][0]["agency"]["name"], ELSEWHERE);
        // Who was founded after it was none of them.
        bodies[5] = made::body(7, "佛山市禅城区水务局", "440604")
            .former(ELSEWHERE)
            .with("成立日期", "2026-02-01");
        register(hub, &bodies, &by_name).await;
        let told = scene.predecessors(&name(SOUND)).await;
        assert_eq!(
            (
                &told["predecessorsCut"],
                &told["inherited"][0]["agency"]["name"]
            ),
            (&json!(false), &json!(ELSEWHERE))
        );
        let event = format!(
            "{{ agency(uscc: \"{}\") {{ predecessors {{ from {{ name }} to {{ name }} }} }} }}",
            scene.sound
        );
        let viewer = hub.token(Role::Government, &["440600", "441900"], None);
        let ends = json!([{ "from": { "name": ELSEWHERE }, "to": { "name": SOUND } }]);
        for viewer in [hub.everything(), viewer] {
            let seen = hub.data(Some(&viewer), &event).await;
            assert_eq!(seen["agency"]["predecessors"], ends);
        }
        // A third one bears it, too: nobody can say which one it was, and nobody is cleared.
        bodies[5] = made::body(7, "广州市样例水务局", "440100").former(ELSEWHERE);
        register(hub, &bodies, &by_name).await;
        // Also where one of them alone is anybody's to see.
        let viewer = hub.token(Role::Government, &["440600", "441900"], None);
        let seen = hub.data(Some(&viewer), &event).await;
        let ends = json!([{ "from": null, "to": { "name": SOUND } }]);
        assert_eq!(seen["agency"]["predecessors"], ends);
        let told = scene.predecessors(&name(SOUND)).await;
        assert_eq!(
            (&told["verdict"], &told["predecessorsCut"]),
            (&json!("POSSIBLE"), &json!(true)),
            "{told}"
        );
        assert_eq!(told["inherited"], json!([]));
        let notice = told["notice"].as_str().expect("a text");
        assert!(notice.contains("有前身单位同名而未能确定"), "{notice}");
        assert!(!notice.contains("64"), "{notice}");
    })
    .await;
}
