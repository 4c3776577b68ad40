//! What a record, an agency and a succession say.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{World, uscc};
use crate::api::{Wire, each};
use crate::support::{Db, Hub, made};

#[tokio::test]
async fn a_record_says_what_its_row_said() {
    let world = World::new().await;
    let query = "{ creditRecords(filter: { caseNumber: { contains: \"9001\" } }) { edges { node { version kind tier status domain amount \
         identifiedOn identifiedBy caseNumber endedOn endGround identifiedByAgency { name } agency { uscc name } \
         catalogueItem { code level title tier legalBasis verified list version from to } } } } }";
    let data = world.data(query).await;
    let record = &data["creditRecords"]["edges"][0]["node"];
    let wanted = json!({
        "version": 1, "kind": "JUDGMENT_DEBTOR", "tier": "SERIOUS", "status": "ACTIVE", "domain": "甲类", "amount": "100.50",
        "identifiedOn": "2025-01-01", "identifiedBy": "佛山市禅城区人民法院", "caseNumber": "（2024）粤0604执9001号",
        "endedOn": null, "endGround": null, "identifiedByAgency": null,
        "agency": { "uscc": uscc('C').as_str(), "name": "佛山市禅城区C局" },
        "catalogueItem": {
            "code": "court.judgment_debtor", "level": 3, "title": "被人民法院列入失信被执行人名单", "tier": "SERIOUS",
            "legalBasis": "《最高人民法院关于公布失信被执行人名单信息的若干规定》（法释〔2013〕17号，法释〔2017〕7号修正）",
            "verified": false, "list": "base", "version": "2026.1", "from": "2013-10-01", "to": null,
        },
    });
    assert_eq!(*record, wanted);
    let query = "{ creditRecords(filter: { status: [DELISTED] }) { edges { node { version status endedOn } } } }";
    let data = world.data(query).await;
    let wanted = json!({ "version": 2, "status": "DELISTED", "endedOn": "2026-11-19" });
    assert_eq!(data["creditRecords"]["edges"][0]["node"], wanted);
}

#[tokio::test]
async fn an_agency_says_what_the_register_said() {
    let db = Db::sqlite();
    let hub = Hub::on(&db).await;
    let head = made::body(1, "佛山市人民政府", "440600");
    let department = made::body(2, "佛山市水利局", "440600").superior(&head.uscc);
    let bureau = made::body(3, "佛山市禅城区水务局", "440604")
        .superior(&head.uscc)
        .competent(&department.uscc)
        .former("禅城区水利所; 石湾区水利局")
        .alias("禅城水务")
        .abolished("2030-05-06");
    let bodies = [head.clone(), department.clone(), bureau.clone()];
    hub.ingest(
        "agency_register",
        &[("a.csv", &made::register(&bodies))],
        |_| {},
    )
    .await;
    let wire = Wire::to(&hub).await;
    let query = format!(
        "{{ agency(uscc: \"{}\") {{ uscc orgCode name formerNames {{ name from to }} aliases {{ name }} kind division {{ code fullName }} \
         establishedOn abolishedOn superior {{ name }} superiorName competentDepartments {{ name }} subordinates {{ totalCount }} \
         predecessors {{ kind }} successors {{ kind }} creditRecords {{ totalCount }} }} }}",
        bureau.uscc.to_string().to_lowercase()
    );
    let data = wire.data(Some(&hub.everything()), &query).await;
    let named = |name: &str| json!({ "name": name, "from": null, "to": null });
    let wanted = json!({
        "uscc": bureau.uscc.as_str(), "orgCode": bureau.uscc.org_code().as_str(), "name": "佛山市禅城区水务局",
        "formerNames": [named("禅城区水利所"), named("石湾区水利局")], "aliases": [{ "name": "禅城水务" }], "kind": "ORGAN",
        "division": { "code": "440604", "fullName": "广东省佛山市禅城区" }, "establishedOn": "2000-01-02", "abolishedOn": "2030-05-06",
        "superior": { "name": "佛山市人民政府" }, "superiorName": "佛山市人民政府", "competentDepartments": [{ "name": "佛山市水利局" }],
        "subordinates": { "totalCount": 0 }, "predecessors": [], "successors": [], "creditRecords": { "totalCount": 0 },
    });
    assert_eq!(data["agency"], wanted);
    let query = format!(
        "{{ agency(uscc: \"{}\") {{ subordinates {{ totalCount edges {{ node {{ name }} }} }} }} }}",
        head.uscc
    );
    let data = wire.data(Some(&hub.everything()), &query).await;
    let below: BTreeSet<&str> = each(&data["agency"]["subordinates"], "name")
        .into_iter()
        .collect();
    assert_eq!(
        below,
        BTreeSet::from(["佛山市水利局", "佛山市禅城区水务局"])
    );
    assert_eq!(data["agency"]["subordinates"]["totalCount"], 2);
}

#[tokio::test]
async fn successions_are_told_from_both_ends() {
    let db = Db::sqlite();
    let hub = Hub::on(&db).await;
    let (old, new) = (
        made::body(1, "佛山市环境保护局", "440600"),
        made::body(2, "佛山市生态环境局", "440600"),
    );
    let small = made::body(3, "佛山市排污监理所", "440600");
    let events = made::successions(&[
        (
            (Some(&old.uscc), "佛山市环境保护局"),
            (Some(&new.uscc), "佛山市生态环境局"),
            "合并",
            "2019-01-10",
            "粤机编〔2019〕1号",
        ),
        (
            (None, "佛山市排污监理所"),
            (Some(&new.uscc), "佛山市生态环境局"),
            "合并",
            "2019-01-10",
            "",
        ),
        (
            (None, "佛山市旧环保办"),
            (Some(&old.uscc), "佛山市环境保护局"),
            "更名",
            "1995-03-01",
            "",
        ),
        (
            (Some(&small.uscc), "佛山市排污监理所"),
            (None, ""),
            "撤销",
            "2020-02-02",
            "",
        ),
    ]);
    let register = made::register(&[old.clone(), new.clone(), small.clone()]);
    hub.ingest(
        "agency_register",
        &[("a.csv", &register), ("b.csv", &events)],
        |_| {},
    )
    .await;
    let wire = Wire::to(&hub).await;
    let ask = async |body: &made::Body, side: &str| {
        let query = format!(
            "{{ agency(uscc: \"{}\") {{ {side} {{ kind effectiveOn basis fromName toName from {{ uscc }} to {{ uscc }} }} }} }}",
            body.uscc
        );
        let mut data = wire.data(Some(&hub.everything()), &query).await;
        let mut events = data["agency"][side].take();
        let events = events.as_array_mut().expect("a list");
        events.sort_by_key(ToString::to_string);
        std::mem::take(events)
    };
    let event = |kind: &str,
                 day: &str,
                 basis: Option<&str>,
                 from: (&str, Option<&made::Body>),
                 to: (Option<&str>, Option<&made::Body>)| {
        let end = |body: Option<&made::Body>| {
            body.map_or(Value::Null, |body| json!({ "uscc": body.uscc.as_str() }))
        };
        json!({ "kind": kind, "effectiveOn": day, "basis": basis, "fromName": from.0, "toName": to.0, "from": end(from.1), "to": end(to.1) })
    };
    let merged = event(
        "MERGED",
        "2019-01-10",
        Some("粤机编〔2019〕1号"),
        ("佛山市环境保护局", Some(&old)),
        (Some("佛山市生态环境局"), Some(&new)),
    );
    // An end without a code is told by its name, where one body bears it.
    let joined = event(
        "MERGED",
        "2019-01-10",
        None,
        ("佛山市排污监理所", Some(&small)),
        (Some("佛山市生态环境局"), Some(&new)),
    );
    let renamed = event(
        "RENAMED",
        "1995-03-01",
        None,
        ("佛山市旧环保办", None),
        (Some("佛山市环境保护局"), Some(&old)),
    );
    let gone = event(
        "ABOLISHED",
        "2020-02-02",
        None,
        ("佛山市排污监理所", Some(&small)),
        (None, None),
    );
    let all = |mut events: Vec<Value>| {
        events.sort_by_key(ToString::to_string);
        events
    };
    assert_eq!(ask(&old, "successors").await, all(vec![merged.clone()]));
    assert_eq!(ask(&old, "predecessors").await, all(vec![renamed]));
    assert_eq!(
        ask(&new, "predecessors").await,
        all(vec![merged, joined.clone()])
    );
    assert_eq!(ask(&new, "successors").await, all(vec![]));
    assert_eq!(ask(&small, "successors").await, all(vec![joined, gone]));
    assert_eq!(ask(&small, "predecessors").await, all(vec![]));
}
