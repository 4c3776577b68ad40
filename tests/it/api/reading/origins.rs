//! Divisions, sources, evidence and ids.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::World;
use crate::api::{Wire, each, nodes, quoted, text};
use crate::support::{Db, Hub, made, on_both};

/// The divisions of the catalogue's files: code, name, level, parent.
fn divisions() -> BTreeMap<String, [String; 4]> {
    let mut divisions = BTreeMap::new();
    for name in ["divisions.csv", "divisions_former.csv"] {
        let path = format!("{}/catalogue/{name}", env!("CARGO_MANIFEST_DIR"));
        let mut rows = csv::Reader::from_path(path).expect("the catalogue has divisions");
        for row in rows.records() {
            let row = row.expect("a row");
            divisions.insert(row[0].to_owned(), [0, 1, 2, 3].map(|at| row[at].to_owned()));
        }
    }
    divisions
}

#[tokio::test]
async fn the_division_tree_is_that_of_the_catalogue() {
    let db = Db::sqlite();
    let hub = Hub::on(&db).await;
    let wire = Wire::to(&hub).await;
    let known = divisions();
    let ask = async |code: &str| {
        let query = format!(
            "{{ division(code: \"{code}\") {{ id code name fullName level parent {{ code }} validFrom validTo successors {{ code }} children {{ code name level parent {{ code }} }} }} }}"
        );
        wire.data(None, &query).await["division"].take()
    };
    for code in [
        "100000",
        "440000",
        "440600",
        "440604",
        "440604010",
        "441900",
        "442000",
        "441900121",
        "460400",
        "810000",
        "440681",
    ] {
        let [_, name, level, parent] = &known[code];
        let answer = ask(code).await;
        assert_eq!(
            (text(&answer["name"]), text(&answer["level"])),
            (name.as_str(), level.as_str()),
            "{code}"
        );
        assert_eq!(text(&answer["parent"]["code"]), parent, "{code}");
        let wanted: BTreeSet<&str> = known
            .values()
            .filter(|row| row[3] == code)
            .map(|row| row[0].as_str())
            .collect();
        let children = answer["children"].as_array().expect("a list");
        let told: BTreeSet<&str> = children.iter().map(|child| text(&child["code"])).collect();
        assert_eq!(told, wanted, "below {code}");
        assert_eq!(children.len(), wanted.len(), "each once, below {code}");
        for child in children {
            let [_, name, level, _] = &known[text(&child["code"])];
            assert_eq!(
                (text(&child["name"]), text(&child["level"])),
                (name.as_str(), level.as_str())
            );
            assert_eq!(child["parent"]["code"], code);
        }
        let again = wire
            .data(
                None,
                &format!(
                    "{{ node(id: {}) {{ ... on Division {{ code }} }} }}",
                    answer["id"]
                ),
            )
            .await;
        assert_eq!(again["node"]["code"], code);
    }
    let dongguan = ask("441900").await;
    let levels: BTreeSet<&str> = dongguan["children"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|child| text(&child["level"]))
        .collect();
    assert_eq!(
        levels,
        BTreeSet::from(["TOWNSHIP"]),
        "no counties in between"
    );
    assert_eq!(ask("440604").await["fullName"], "广东省佛山市禅城区");
    assert_eq!(ask("441900121").await["fullName"], "广东省东莞市虎门镇");
    assert_eq!(ask("100000").await["parent"], Value::Null);
    assert_eq!(
        ask("440604010000").await["code"],
        "440604010",
        "twelve digits of a township are its nine"
    );

    let former = ask("440681").await;
    assert_eq!(
        (text(&former["name"]), text(&former["validTo"])),
        ("顺德市", "2002-12-07")
    );
    assert_eq!(former["successors"], json!([{ "code": "440606" }]));
    let today = ask("440606").await;
    assert_eq!(
        (&today["validFrom"], &today["validTo"]),
        (&json!("2002-12-08"), &Value::Null)
    );
    assert_eq!(today["successors"], json!([]));
    let merged = ask("440602").await;
    assert_eq!(merged["successors"], json!([{ "code": "440604" }]));

    for unknown in [
        "999999",
        "440699",
        "",
        "x",
        "4406",
        "440600 OR 1=1",
        "４４０６００",
    ] {
        assert_eq!(ask(unknown).await, Value::Null, "{unknown:?}");
    }
}

#[tokio::test]
async fn sources_say_how_fresh_they_are_and_what_came_of_their_runs() {
    on_both(async |db| {
        let hub = Hub::on(&db).await;
        let wire = Wire::to(&hub).await;
        let sources = async || {
            let token = hub.everything();
            let query = "{ sources { id key title publisher cadence lastSuccessAt dataAsOf stale runs { totalCount \
                 pageInfo { hasNextPage hasPreviousPage } edges { node { id state startedAt endedAt received stored unchanged rejected \
                 unresolved outOfScope withdrawn message source { key } } } } } }";
            let mut data = wire.data(Some(&token), query).await;
            let list = data["sources"].take();
            let of = |key: &str| list.as_array().into_iter().flatten().find(|source| source["key"] == key).cloned().expect("a source");
            assert_eq!(list.as_array().map(Vec::len), Some(9));
            (of("agency_register"), of("court_debtors"))
        };
        let (register, court) = sources().await;
        for (source, cadence, title) in [(&register, "P7D", "机构编制赋码清单与机构沿革"), (&court, "P1D", "失信被执行人名单")] {
            assert_eq!((text(&source["cadence"]), text(&source["title"])), (cadence, title));
            assert!(!text(&source["publisher"]).is_empty());
            assert_eq!((&source["lastSuccessAt"], &source["dataAsOf"], &source["stale"]), (&Value::Null, &Value::Null, &json!(true)));
            assert_eq!((&source["runs"]["totalCount"], &source["runs"]["edges"]), (&json!(0), &json!([])));
        }

        let body = made::body(1, "佛山市水务局", "440600");
        hub.it_is("2026-11-19");
        hub.ingest("agency_register", &[("a.csv", &made::register(std::slice::from_ref(&body)))], |_| {}).await;
        hub.it_is("2026-11-20");
        let rows = [
            made::listing(1, "佛山市水务局").code(body.uscc),
            made::listing(2, "佛山市没有的局"),
            made::listing(3, "佛山市某某贸易有限公司"),
            made::listing(4, "佛山市水务局").published("2025年02月30日"),
        ];
        let at = crate::support::moment("2026-11-19");
        hub.ingest("court_debtors", &[("b.jsonl", &made::court_jsonl(&rows))], |order| order.as_of = Some(at)).await;
        let (register, court) = sources().await;
        assert_eq!(text(&register["dataAsOf"]), "2026-11-19T09:00:00+08:00");
        assert_eq!(text(&court["lastSuccessAt"]), "2026-11-20T09:00:00+08:00");
        assert_eq!(text(&court["dataAsOf"]), "2026-11-19T09:00:00+08:00");
        // A day to the minute is not more than a day.
        assert_eq!((&register["stale"], &court["stale"]), (&json!(false), &json!(false)));
        let run = &court["runs"]["edges"][0]["node"];
        let counts: Vec<i64> = ["received", "stored", "unchanged", "rejected", "unresolved", "outOfScope", "withdrawn"]
            .iter()
            .map(|count| run[*count].as_i64().unwrap_or(-1))
            .collect();
        assert_eq!((text(&run["state"]), counts), ("PARTLY", vec![4, 1, 0, 1, 1, 1, 0]), "{run}");
        assert_eq!(text(&run["startedAt"]), "2026-11-20T09:00:00+08:00");
        assert_eq!(text(&run["endedAt"]), "2026-11-20T09:00:00+08:00");
        assert_eq!(run["source"]["key"], "court_debtors");

        hub.it_is("2026-11-21");
        let (register, court) = sources().await;
        assert_eq!((&register["stale"], &court["stale"]), (&json!(false), &json!(true)), "a day is over");
        hub.it_is("2026-11-27");
        assert_eq!(sources().await.0["stale"], true, "a week is over");

        // A delivery that can't be read leaves its run and does not make the source fresh.
        let broken = b"{\"iname\": \"x\", \"caseCode\": ";
        hub.ingest("court_debtors", &[("c.jsonl", broken)], |_| {}).await;
        let (_, court) = sources().await;
        assert_eq!(court["runs"]["totalCount"], 2);
        let run = &court["runs"]["edges"][0]["node"];
        assert_eq!((text(&run["state"]), &run["stored"]), ("FAILED", &json!(0)), "newest first: {run}");
        assert!(!text(&run["message"]).is_empty());
        assert_eq!((text(&court["lastSuccessAt"]), &court["stale"]), ("2026-11-20T09:00:00+08:00", &json!(true)));
        hub.ingest("court_debtors", &[("b.jsonl", &made::court_jsonl(&rows))], |_| {}).await;
        assert_eq!(sources().await.1["stale"], false);

        let ids: Vec<String> = nodes(&sources().await.1["runs"]).map(|run| text(&run["id"]).to_owned()).collect();
        assert_eq!(ids.len(), 3);
        let (mut found, mut after) = (Vec::new(), String::new());
        for page in 0..3 {
            let query = format!("{{ node(id: \"src_440000_court_debtors\") {{ ... on Source {{ runs(first: 1{after}) {{ totalCount pageInfo {{ hasNextPage hasPreviousPage endCursor }} edges {{ cursor node {{ id }} }} }} }} }} }}");
            let data = wire.data(Some(&hub.everything()), &query).await;
            let runs = &data["node"]["runs"];
            assert_eq!(runs["totalCount"], 3);
            assert_eq!((&runs["pageInfo"]["hasNextPage"], &runs["pageInfo"]["hasPreviousPage"]), (&json!(page < 2), &json!(page > 0)));
            found.extend(each(runs, "id").into_iter().map(str::to_owned));
            after = format!(", after: \"{}\"", text(&runs["pageInfo"]["endCursor"]));
        }
        assert_eq!(found, ids);
        let data = wire.data(Some(&hub.everything()), &format!("{{ node(id: \"{}\") {{ ... on SourceRun {{ state source {{ key }} }} }} }}", ids[1])).await;
        assert_eq!(data["node"], json!({ "state": "FAILED", "source": { "key": "court_debtors" } }));

        // One who delivers does not hide another who fell silent.
        hub.it_is("2026-11-30");
        let change = [made::listing(5, "佛山市水务局")];
        hub.ingest("court_debtors", &[("d.jsonl", &made::court_jsonl(&change))], |order| {
            order.feed = Some("one_prefecture".to_owned());
            order.partial = true;
        })
        .await;
        let (_, court) = sources().await;
        assert_eq!((text(&court["lastSuccessAt"]), text(&court["dataAsOf"])), ("2026-11-30T09:00:00+08:00", "2026-11-27T09:00:00+08:00"));
        assert_eq!(court["stale"], true);
        hub.ingest("court_debtors", &[("b.jsonl", &made::court_jsonl(&rows))], |_| {}).await;
        assert_eq!(sources().await.1["stale"], false);

        // A feed that is given up ends by a list without rows.
        let of_another = |order: &mut zhengxin::ingest::Order| {
            order.feed = Some("another".to_owned());
            order.as_of = Some(crate::support::moment("2026-11-25"));
        };
        hub.ingest("court_debtors", &[("e.csv", &made::court_platform(&change))], of_another).await;
        assert_eq!(text(&sources().await.1["dataAsOf"]), "2026-11-25T09:00:00+08:00");
        let mut ended = hub.ingest("court_debtors", &[("e.csv", &made::court_platform(&[]))], of_another).await;
        if ended.state == "HELD" {
            ended = hub.ingest("court_debtors", &[], |order| order.from = zhengxin::ingest::From::Approved(ended.run)).await;
        }
        assert_eq!(ended.state, "DONE", "{ended:#?}");
        assert_eq!(text(&sources().await.1["dataAsOf"]), "2026-11-30T09:00:00+08:00");
    })
    .await;
}

#[tokio::test]
async fn evidence_says_since_when_and_until_when_a_row_was_seen() {
    on_both(async |db| {
        let hub = Hub::on(&db).await;
        let body = made::body(1, "佛山市水务局", "440600");
        hub.ingest("agency_register", &[("a.csv", &made::register(std::slice::from_ref(&body)))], |_| {}).await;
        let wire = Wire::to(&hub).await;
        let row = made::listing(1, "佛山市水务局").code(body.uscc);
        let other = made::listing(2, "佛山市水务局").code(body.uscc);
        let record = async || {
            let query = "{ creditRecords(filter: { caseNumber: { contains: \"执90001\" } }) { totalCount edges { node { id version status endedOn evidence { \
                 id digest receivedAt firstSeenAt lastSeenAt withdrawnAt sourceKey location source { key } run { state startedAt } } } } } }";
            let mut data = wire.data(Some(&hub.everything()), query).await;
            assert_eq!(data["creditRecords"]["totalCount"], 1, "{data}");
            data["creditRecords"]["edges"][0]["node"].take()
        };
        let on = |day: &str| json!(format!("2026-11-{day}T09:00:00+08:00"));
        let bring = async |day: &str, rows: &[made::Listing]| {
            hub.it_is(&format!("2026-11-{day}"));
            let report = hub.ingest("court_debtors", &[("b.jsonl", &made::court_jsonl(rows))], |_| {}).await;
            assert_eq!(report.state, "DONE", "{report:?}");
        };
        bring("10", &[row.clone(), other.clone()]).await;
        let first = record().await;
        let evidence = &first["evidence"][0];
        assert_eq!((&first["status"], &first["version"], &first["endedOn"]), (&json!("ACTIVE"), &json!(1), &Value::Null));
        assert_eq!(first["evidence"].as_array().map(Vec::len), Some(1));
        for seen in ["receivedAt", "firstSeenAt", "lastSeenAt"] {
            assert_eq!(evidence[seen], on("10"), "{seen}");
        }
        assert_eq!((&evidence["withdrawnAt"], &evidence["source"]["key"]), (&Value::Null, &json!("court_debtors")));
        assert_eq!((text(&evidence["sourceKey"]), text(&evidence["location"])), ("1", "b.jsonl:1"));
        assert_eq!(evidence["run"], json!({ "state": "DONE", "startedAt": "2026-11-10T09:00:00+08:00" }));
        let digest = text(&evidence["digest"]);
        assert!(digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()), "{digest}");

        // Seen again, unchanged.
        bring("12", &[row.clone(), other.clone()]).await;
        let again = record().await;
        assert_eq!((&again["id"], &again["version"], &again["evidence"][0]["id"]), (&first["id"], &json!(1), &evidence["id"]));
        assert_eq!((&again["evidence"][0]["firstSeenAt"], &again["evidence"][0]["lastSeenAt"]), (&on("10"), &on("12")));
        assert_eq!(again["evidence"][0]["withdrawnAt"], Value::Null);

        // No longer listed: the record stays, and says so.
        bring("14", std::slice::from_ref(&other)).await;
        let gone = record().await;
        assert_eq!((&gone["id"], &gone["status"], &gone["endedOn"]), (&first["id"], &json!("DELISTED"), &json!("2026-11-14")));
        assert_eq!(gone["version"], 2);
        assert_eq!(gone["evidence"].as_array().map(Vec::len), Some(1));
        let told = &gone["evidence"][0];
        assert_eq!((&told["id"], &told["firstSeenAt"], &told["lastSeenAt"], &told["withdrawnAt"]), (&evidence["id"], &on("10"), &on("12"), &on("14")));
        let data = wire.data(None, "{ creditRecords { totalCount } }").await;
        assert_eq!(data["creditRecords"]["totalCount"], 1, "what is not listed is not published");

        // Listed again.
        bring("16", &[row.clone(), other.clone()]).await;
        let back = record().await;
        assert_eq!((&back["id"], &back["status"], &back["endedOn"], &back["version"]), (&first["id"], &json!("ACTIVE"), &Value::Null, &json!(3)));
        let all = back["evidence"].as_array().expect("a list");
        assert_eq!(all.len(), 2, "each time that it stood there is told: {back}");
        assert_eq!((&all[0]["firstSeenAt"], &all[0]["lastSeenAt"], &all[0]["withdrawnAt"]), (&on("16"), &on("16"), &Value::Null));
        assert_eq!(all[1], *told, "what was told of the first time stands");

        // With another content: all stand, the newest first.
        bring("18", &[row.clone().duty("另有义务"), other.clone()]).await;
        let changed = record().await;
        let all = changed["evidence"].as_array().expect("a list");
        assert_eq!(all.len(), 3, "{changed}");
        assert_eq!((&all[0]["firstSeenAt"], &all[0]["lastSeenAt"]), (&on("18"), &on("18")));
        assert_eq!((&all[1]["firstSeenAt"], &all[1]["lastSeenAt"]), (&on("16"), &on("16")));
        assert_eq!(all[2], *told);
        assert_ne!(all[0]["digest"], all[1]["digest"]);

        let query = format!("{{ node(id: {}) {{ ... on Evidence {{ digest withdrawnAt }} }} }}", evidence["id"]);
        let data = wire.data(Some(&hub.everything()), &query).await;
        assert_eq!(data["node"]["digest"], evidence["digest"]);
    })
    .await;
}

#[tokio::test]
async fn ids_are_names_of_this_hub_and_of_one_kind() {
    let world = World::new().await;
    let data = world
        .data("{ agencies(first: 1) { edges { node { id } } } creditRecords(first: 1) { edges { node { id evidence { id } } } } sources { id runs(first: 1) { edges { node { id } } } } division(code: \"440600\") { id } }")
        .await;
    let ids = [
        ("Agency", text(&data["agencies"]["edges"][0]["node"]["id"])),
        (
            "CreditRecord",
            text(&data["creditRecords"]["edges"][0]["node"]["id"]),
        ),
        (
            "Evidence",
            text(&data["creditRecords"]["edges"][0]["node"]["evidence"][0]["id"]),
        ),
        ("Source", text(&data["sources"][0]["id"])),
        (
            "SourceRun",
            text(&data["sources"][0]["runs"]["edges"][0]["node"]["id"]),
        ),
        ("Division", text(&data["division"]["id"])),
    ];
    let node = async |id: &str| {
        let query = format!("{{ node(id: {}) {{ __typename id }} }}", quoted(id));
        world.data(&query).await["node"].take()
    };
    for (kind, id) in ids {
        assert!(id.contains("_440000_"), "it carries the province: {id}");
        assert_eq!(node(id).await, json!({ "__typename": kind, "id": id }));
        for wrong in [
            id.replace("_440000_", "_430000_"),
            id.replace("_440000_", "__"),
            id.to_uppercase(),
            format!("{id} "),
            format!(" {id}"),
            format!("{id}x"),
            id.replacen(&id[..3], "xxx", 1),
            id.rsplit('_').next().unwrap_or_default().to_owned(),
        ] {
            assert_eq!(node(&wrong).await, Value::Null, "{wrong:?}");
        }
    }
    let number = ids[0].1.rsplit('_').next().unwrap_or_default();
    for odd in [
        "",
        "_",
        "__",
        "agc",
        "agc_",
        "agc_440000",
        "agc_440000_",
        "agc_440000_-1",
        "agc_440000_99999999999999999999",
        "agc_440000_1.0",
        "agc_440000_1_2",
        &format!("agc_440000_0{number}"),
        &format!("agc_440000_+{number}"),
        &format!("crd_440000_{number}"),
        &format!("mnt_440000_{number}"),
        &format!("evd_440000_{number}"),
        &format!("run_440000_{number}"),
        &format!("div_440000_{number}"),
        "src_440000_nothing",
        "src_440000_../access",
    ] {
        assert_eq!(node(odd).await, Value::Null, "{odd:?}");
    }
}
