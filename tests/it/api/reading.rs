//! What answers say: filters, orders, pages, the resolver, divisions, sources and evidence.

use std::collections::{BTreeMap, BTreeSet};

use domain::uscc::Uscc;
use serde_json::{Value, json};

use super::{Wire, catalogue_with, each, nodes, province::RICHER, quoted, text};
use crate::support::{Db, Hub, made, on_both};

/// A body: a letter that its name holds, prefix of its code, division, name, day on which it ended.
#[rustfmt::skip]
const BODIES: [(char, &str, &str, &str, &str); 15] = [
    ('A', "11", "440000",    "广东省A厅",             ""),
    ('B', "11", "440600",    "佛山市B局",             ""),
    ('C', "11", "440604",    "佛山市禅城区C局",       ""),
    ('D', "11", "440604010", "石湾镇街道D办事处",     ""),
    ('E', "12", "440606",    "佛山市顺德区E学校",     ""),
    ('F', "11", "441900",    "东莞市F局",             ""),
    ('G', "11", "441900121", "东莞市虎门镇G人民政府", ""),
    ('H', "13", "441900",    "东莞市H联合会",         ""),
    ('I', "11", "440600",    "佛山市I局",             "2020-01-01"),
    ('J', "11", "440600",    "佛山市J局",             "2027-01-01"),
    ('K', "11", "440600",    "佛山市K局",             "2026-11-20"),
    ('L', "19", "440604",    "禅城区L单位",           ""),
    // Namesakes, so that orders have ties.
    ('M', "11", "440604",    "同名M局",               ""),
    ('N', "11", "440606",    "同名M局",               ""),
    ('O', "11", "440100",    "同名M局",               ""),
];

/// A record: a digit, the body, day, amount, domain.
const RECORDS: [(u32, char, &str, &str, &str); 6] = [
    (1, 'C', "2025-01-01", "100.50", "甲类"),
    (2, 'C', "2025-06-15", "200", "乙类"),
    (3, 'B', "2024-12-31", "0.10", "甲类"),
    (4, 'F', "2025-06-15", "暂无", "暂无"),
    (5, 'G', "2026-01-01", "1,000,000元", "甲乙类"),
    (7, 'D', "2025-02-02", "50", "丙类"),
];
/// That of another kind, which the platform's form brings.
const ARREARS: (u32, char, &str) = (6, 'E', "2025-03-01");

struct World {
    hub: Hub,
    wire: Wire,
    token: String,
    _db: Db,
}

fn uscc(letter: char) -> Uscc {
    let at = BODIES
        .iter()
        .position(|body| body.0 == letter)
        .expect("a letter of the table");
    let (_, prefix, division, ..) = BODIES[at];
    made::uscc(
        prefix,
        &division[..6],
        1 + u32::try_from(at).expect("there are few"),
    )
}

fn register() -> Vec<made::Body> {
    let body = |(letter, _, division, name, end): (char, &str, &str, &str, &str)| {
        let body = made::body_of(uscc(letter), name, division)
            .former(&format!("曾用名{letter}一;曾用名{letter}二"))
            .alias(&format!("别名{letter}"));
        if end.is_empty() {
            body
        } else {
            body.abolished(end)
        }
    };
    BODIES.into_iter().map(body).collect()
}

fn listing(number: u32, letter: char, day: &str) -> made::Listing {
    made::listing(i64::from(8_800_000 + number), "名单所写")
        .code(uscc(letter))
        .case(&format!("(2024)粤0604执900{number}号"))
        .published(day)
}

impl World {
    async fn new() -> Self {
        let db = Db::sqlite();
        let folder = db.folder().join("catalogue");
        catalogue_with(&folder, &RICHER);
        let hub = Hub::with(&db, |config| config.catalogue.dir = Some(folder)).await;
        hub.ingest(
            "agency_register",
            &[("a.csv", &made::register(&register()))],
            |_| {},
        )
        .await;
        let detail = |(number, letter, day, amount, domain): &(u32, char, &str, &str, &str)| {
            let mut detail = made::listing(i64::from(8_800_000 + number), &name(*letter)).detail();
            let row = listing(*number, *letter, day).detail();
            for key in ["id", "cardNum", "caseCode", "publishDate"] {
                detail[key] = row[key].clone();
            }
            detail["unperformPart"] = json!(amount);
            detail["disruptTypeName"] = json!(domain);
            format!("{detail}\n")
        };
        let whole: String = RECORDS.iter().map(detail).collect();
        let without: String = RECORDS
            .iter()
            .filter(|record| record.0 != 7)
            .map(detail)
            .collect();
        for (day, file) in [("2026-11-18", whole), ("2026-11-19", without)] {
            hub.it_is(day);
            let report = hub
                .ingest("court_debtors", &[("b.jsonl", file.as_bytes())], |_| {})
                .await;
            assert_eq!(report.state, "DONE", "{report:?}");
        }
        let mut row = made::listing(8_800_000 + i64::from(ARREARS.0), &name(ARREARS.1));
        row = row
            .code(uscc(ARREARS.1))
            .case("(2024)粤0604执9006号")
            .published(ARREARS.2);
        let platform = made::court_platform(&[row]);
        hub.ingest("court_debtors", &[("c.csv", &platform)], |order| {
            order.feed = Some("p".to_owned())
        })
        .await;
        hub.it_is("2026-11-20");
        let wire = Wire::to(&hub).await;
        let token = hub.everything();
        Self {
            hub,
            wire,
            token,
            _db: db,
        }
    }

    async fn data(&self, query: &str) -> Value {
        self.wire.data(Some(&self.token), query).await
    }

    /// The letters of the bodies in an answer's list.
    fn letters(connection: &Value) -> String {
        let of = |code: &str| {
            BODIES
                .iter()
                .find(|body| uscc(body.0).as_str() == code)
                .map_or('?', |body| body.0)
        };
        each(connection, "uscc").into_iter().map(of).collect()
    }

    /// The digits of the records in an answer's list.
    fn digits(connection: &Value) -> String {
        let digit = |case: &str| case.chars().rev().nth(1).unwrap_or('?');
        each(connection, "caseNumber")
            .into_iter()
            .map(digit)
            .collect()
    }
}

fn name(letter: char) -> String {
    BODIES
        .iter()
        .find(|body| body.0 == letter)
        .map(|body| body.3.to_owned())
        .unwrap_or_default()
}

fn sorted(text: &str) -> String {
    let mut all: Vec<char> = text.chars().collect();
    all.sort_unstable();
    all.into_iter().collect()
}

#[tokio::test]
async fn agencies_are_filtered_by_all_that_can_be_said_of_them() {
    let world = World::new().await;
    let all = "ABCDEFGHIJKLMNO";
    let code = |letter| uscc(letter).to_string();
    let cases = [
        ("{}".to_owned(), all),
        (format!("{{ uscc: {{ eq: \"{}\" }} }}", code('C')), "C"),
        (format!("{{ uscc: {{ in: [\"{}\", \"{}\", \"x\"] }} }}", code('C'), code('F')), "CF"),
        ("{ uscc: { in: [] } }".to_owned(), ""),
        ("{ uscc: { startsWith: \"12\" } }".to_owned(), "E"),
        (format!("{{ uscc: {{ contains: \"{}\" }} }}", uscc('A').org_code()), "A"),
        ("{ uscc: { startsWith: \"11\", contains: \"441900\" } }".to_owned(), "FG"),
        ("{ name: { eq: \"同名M局\" } }".to_owned(), "MNO"),
        ("{ name: { eq: \"同名\" } }".to_owned(), ""),
        ("{ name: { in: [\"东莞市F局\", \"佛山市B局\"] } }".to_owned(), "BF"),
        ("{ name: { startsWith: \"佛山市\" } }".to_owned(), "BCEIJK"),
        ("{ name: { startsWith: \"佛山市\", contains: \"区\" } }".to_owned(), "CE"),
        ("{ name: { contains: \"曾用名\" } }".to_owned(), ""),
        ("{ name: {} }".to_owned(), all),
        ("{ name: { contains: \"\" } }".to_owned(), all),
        ("{ kind: [ORGAN] }".to_owned(), "ABCDFGIJKMNO"),
        ("{ kind: [INSTITUTION, MASS_ORGANISATION, OTHER] }".to_owned(), "EHL"),
        ("{ kind: [] }".to_owned(), ""),
        ("{ kind: null }".to_owned(), all),
        ("{ division: { eq: \"440600\" } }".to_owned(), "BIJK"),
        ("{ division: { in: [\"440604010\", \"440100\"] } }".to_owned(), "DO"),
        ("{ division: { in: [] } }".to_owned(), ""),
        ("{ division: { within: \"440600\" } }".to_owned(), "BCDEIJKLMN"),
        ("{ division: { within: \"440604\" } }".to_owned(), "CDLM"),
        // Dongguan has no counties: its towns are directly below it.
        ("{ division: { within: \"441900\" } }".to_owned(), "FGH"),
        ("{ division: { within: \"441900121\" } }".to_owned(), "G"),
        ("{ division: { within: \"100000\" } }".to_owned(), all),
        ("{ division: { within: \"450000\" } }".to_owned(), ""),
        ("{ division: { within: \"999999\" } }".to_owned(), ""),
        ("{ division: { eq: \"440604\", within: \"440600\" } }".to_owned(), "CLM"),
        ("{ division: { eq: \"440604\", within: \"441900\" } }".to_owned(), ""),
        ("{ active: true }".to_owned(), "ABCDEFGHJLMNO"),
        // On the day on which it ends it is gone.
        ("{ active: false }".to_owned(), "IK"),
        ("{ hasActiveRecord: true }".to_owned(), "BCEFG"),
        ("{ hasActiveRecord: false }".to_owned(), "ADHIJKLMNO"),
        ("{ not: { kind: [ORGAN] } }".to_owned(), "EHL"),
        ("{ not: { not: { kind: [INSTITUTION] } } }".to_owned(), "E"),
        ("{ not: {} }".to_owned(), ""),
        ("{ or: [{ kind: [INSTITUTION] }, { division: { eq: \"440100\" } }] }".to_owned(), "EO"),
        ("{ or: [] }".to_owned(), ""),
        ("{ and: [] }".to_owned(), all),
        ("{ and: [{ kind: [ORGAN] }, { division: { within: \"441900\" } }] }".to_owned(), "FG"),
        ("{ kind: [ORGAN], hasActiveRecord: true, not: { division: { within: \"440600\" } } }".to_owned(), "FG"),
        ("{ and: [{ or: [{ active: false }, { hasActiveRecord: true }] }, { not: { or: [{ kind: [INSTITUTION] }, { division: { within: \"441900\" } }] } }] }".to_owned(), "BCIK"),
        ("{ or: [{ kind: [OTHER] }], active: true, and: [{ name: { contains: \"L\" } }] }".to_owned(), "L"),
        ("{ division: { within: \"440604\" }, and: [{ division: { within: \"440600\" } }], or: [{ kind: [ORGAN] }, { kind: [OTHER] }] }".to_owned(), "CDLM"),
    ];
    for (filter, wanted) in cases {
        let data = world
            .data(&format!(
                "{{ agencies(filter: {filter}) {{ totalCount edges {{ node {{ uscc }} }} }} }}"
            ))
            .await;
        assert_eq!(
            sorted(&World::letters(&data["agencies"])),
            wanted,
            "{filter}"
        );
        assert_eq!(data["agencies"]["totalCount"], wanted.len(), "{filter}");
        // The same in a variable, and below a division that holds all of them.
        let query = format!(
            "{{ division(code: \"440000\") {{ agencies(filter: {filter}) {{ totalCount }} }} }}"
        );
        assert_eq!(
            world.data(&query).await["division"]["agencies"]["totalCount"],
            wanted.len(),
            "{filter}"
        );
    }
    world.hub.it_is("2027-01-02");
    let data = world
        .wire
        .data(
            Some(&world.hub.everything()),
            "{ agencies(filter: { active: false }) { edges { node { uscc } } } }",
        )
        .await;
    assert_eq!(
        sorted(&World::letters(&data["agencies"])),
        "IJK",
        "as the days go by"
    );
}

#[tokio::test]
async fn records_are_filtered_by_all_that_can_be_said_of_them() {
    let world = World::new().await;
    for (filter, wanted) in [
        ("{}", "1234567"),
        ("{ kind: [JUDGMENT_DEBTOR] }", "123457"),
        ("{ kind: [ARREARS, BREACH] }", "6"),
        ("{ kind: [] }", ""),
        ("{ tier: [SERIOUS] }", "123457"),
        ("{ tier: [GENERAL, MINOR] }", "6"),
        ("{ status: [ACTIVE] }", "123456"),
        ("{ status: [DELISTED] }", "7"),
        ("{ status: [REPAIRED, EXPIRED, WITHDRAWN] }", ""),
        ("{ domain: { eq: \"甲类\" } }", "13"),
        ("{ domain: { contains: \"乙\" } }", "25"),
        ("{ domain: { startsWith: \"甲\" } }", "135"),
        ("{ domain: { in: [\"丙类\", \"丁类\"] } }", "7"),
        // What has no domain or amount fits no test of it, and so fits the opposite.
        ("{ not: { domain: { contains: \"类\" } } }", "46"),
        ("{ amount: { eq: \"100.5\" } }", "1"),
        ("{ amount: { eq: \"100.50\" } }", "1"),
        ("{ amount: { gte: \"100.50\" } }", "125"),
        ("{ amount: { gt: \"100.50\" } }", "25"),
        ("{ amount: { lte: \"50\" } }", "37"),
        ("{ amount: { lt: \"50\" } }", "3"),
        ("{ amount: { gt: \"0.10\", lt: \"200\" } }", "17"),
        ("{ amount: { gte: \"-1\" } }", "12357"),
        ("{ not: { amount: { gte: \"-1\" } } }", "46"),
        ("{ identifiedOn: { eq: \"2025-06-15\" } }", "24"),
        ("{ identifiedOn: { gte: \"2025-06-15\" } }", "245"),
        ("{ identifiedOn: { gt: \"2025-06-15\" } }", "5"),
        ("{ identifiedOn: { lte: \"2025-01-01\" } }", "13"),
        ("{ identifiedOn: { lt: \"2025-01-01\" } }", "3"),
        (
            "{ identifiedOn: { gte: \"2025-01-01\", lt: \"2025-03-01\" } }",
            "17",
        ),
        (
            "{ identifiedOn: { gt: \"2025-06-15\", lt: \"2025-06-15\" } }",
            "",
        ),
        ("{ caseNumber: { eq: \"（2024）粤0604执9003号\" } }", "3"),
        ("{ caseNumber: { contains: \"执900\" } }", "1234567"),
        ("{ caseNumber: { startsWith: \"（2023）\" } }", ""),
        (
            "{ caseNumber: { in: [\"（2024）粤0604执9001号\", \"（2024）粤0604执9007号\"] } }",
            "17",
        ),
        ("{ source: { eq: \"court_debtors\" } }", "1234567"),
        ("{ source: { eq: \"agency_register\" } }", ""),
        ("{ agency: {} }", "1234567"),
        ("{ agency: { division: { within: \"440600\" } } }", "12367"),
        ("{ agency: { kind: [INSTITUTION] } }", "6"),
        ("{ agency: { hasActiveRecord: false } }", "7"),
        (
            "{ not: { agency: { division: { within: \"440600\" } } } }",
            "45",
        ),
        (
            "{ or: [{ amount: { gt: \"1000\" } }, { status: [DELISTED] }] }",
            "57",
        ),
        ("{ or: [] }", ""),
        (
            "{ and: [{ status: [ACTIVE] }, { agency: { name: { contains: \"C\" } } }], not: { amount: { lt: \"150\" } } }",
            "2",
        ),
    ] {
        let query = format!(
            "{{ creditRecords(filter: {filter}) {{ totalCount edges {{ node {{ caseNumber }} }} }} }}"
        );
        let data = world.data(&query).await;
        assert_eq!(
            sorted(&World::digits(&data["creditRecords"])),
            wanted,
            "{filter}"
        );
        assert_eq!(
            data["creditRecords"]["totalCount"],
            wanted.len(),
            "{filter}"
        );
        // An agency's own list takes the same filter.
        let query = format!(
            "{{ agency(uscc: \"{}\") {{ creditRecords(filter: {filter}) {{ totalCount edges {{ node {{ caseNumber }} }} }} }} }}",
            uscc('C')
        );
        let of_c: String = wanted
            .chars()
            .filter(|digit| matches!(digit, '1' | '2'))
            .collect();
        let records = &world.data(&query).await["agency"]["creditRecords"];
        assert_eq!(sorted(&World::digits(records)), of_c, "{filter}");
        assert_eq!(records["totalCount"], of_c.len(), "{filter}");
    }
}

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

/// Goes through a list page by page, forwards and backwards; the ids in the order of the list.
async fn through(
    world: &World,
    list: &str,
    arguments: &str,
    size: usize,
    forwards: bool,
) -> Vec<String> {
    let (mut ids, mut cursor): (Vec<String>, Option<String>) = (Vec::new(), None);
    for page in 0.. {
        assert!(page < 100, "{list}({arguments}) by {size} does not end");
        let from = match (&cursor, forwards) {
            (None, _) => String::new(),
            (Some(cursor), true) => format!(", after: \"{cursor}\""),
            (Some(cursor), false) => format!(", before: \"{cursor}\""),
        };
        let direction = if forwards { "first" } else { "last" };
        let query = format!(
            "{{ {list}({arguments}{direction}: {size}{from}) {{ totalCount pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} edges {{ cursor node {{ id }} }} }} }}"
        );
        let data = world.data(&query).await;
        let info = &data[list]["pageInfo"];
        let some: Vec<String> = each(&data[list], "id")
            .into_iter()
            .map(str::to_owned)
            .collect();
        let edges = data[list]["edges"].as_array().expect("a list");
        assert!(!some.is_empty() && some.len() <= size, "{query}: {data}");
        assert_eq!(
            edges.first().map(|edge| &edge["cursor"]),
            Some(&info["startCursor"])
        );
        assert_eq!(
            edges.last().map(|edge| &edge["cursor"]),
            Some(&info["endCursor"])
        );
        let (more, back) = if forwards {
            ("hasNextPage", "hasPreviousPage")
        } else {
            ("hasPreviousPage", "hasNextPage")
        };
        assert_eq!(info[back], page > 0, "{query}: {data}");
        let is_last =
            ids.len() + some.len() == data[list]["totalCount"].as_u64().expect("a number") as usize;
        assert_eq!(info[more], !is_last, "{query}: {data}");
        ids = if forwards {
            [ids, some].concat()
        } else {
            [some, ids].concat()
        };
        if is_last {
            break;
        }
        let end = if forwards { "endCursor" } else { "startCursor" };
        cursor = Some(text(&info[end]).to_owned());
    }
    ids
}

#[tokio::test]
async fn pages_go_through_every_row_once_in_every_order_and_both_directions() {
    let world = World::new().await;
    let mut lists = vec![
        ("agencies", String::new()),
        (
            "agencies",
            "filter: { not: { kind: [INSTITUTION] } }, ".to_owned(),
        ),
        ("creditRecords", String::new()),
        (
            "creditRecords",
            "filter: { or: [{ amount: { gt: \"0\" } }, { tier: [GENERAL] }] }, ".to_owned(),
        ),
    ];
    for direction in ["ASC", "DESC"] {
        for (list, fields) in [
            ("agencies", ["NAME", "DIVISION", "ACTIVE_RECORDS"]),
            ("creditRecords", ["IDENTIFIED_ON", "AMOUNT", "TIER"]),
        ] {
            for field in fields {
                lists.push((
                    list,
                    format!("orderBy: [{{ field: {field}, direction: {direction} }}], "),
                ));
                let other =
                    fields[(fields.iter().position(|known| *known == field).unwrap_or(0) + 1) % 3];
                lists.push((list, format!("orderBy: [{{ field: {field}, direction: {direction} }}, {{ field: {other}, direction: DESC }}], ")));
            }
        }
    }
    for (list, arguments) in &lists {
        let whole = world
            .data(&format!(
                "{{ {list}({arguments}first: 200) {{ edges {{ node {{ id }} }} }} }}"
            ))
            .await;
        let whole: Vec<String> = each(&whole[*list], "id")
            .into_iter()
            .map(str::to_owned)
            .collect();
        assert_eq!(whole.iter().collect::<BTreeSet<_>>().len(), whole.len());
        for size in [1, 2, 3, 7, 200] {
            for forwards in [true, false] {
                let ids = through(&world, list, arguments, size, forwards).await;
                assert_eq!(
                    ids, whole,
                    "{list}({arguments}) by {size}, forwards {forwards}"
                );
            }
        }
    }
}

#[tokio::test]
async fn lists_come_in_the_order_that_is_asked_for() {
    let world = World::new().await;
    let order = async |list: &str, order: &str| {
        let data = world.data(&format!("{{ {list}(orderBy: [{order}]) {{ edges {{ node {{ ... on Agency {{ uscc }} ... on CreditRecord {{ caseNumber }} }} }} }} }}")
            .replace(if list == "agencies" { "... on CreditRecord { caseNumber }" } else { "... on Agency { uscc }" }, "")).await;
        if list == "agencies" {
            World::letters(&data[list])
        } else {
            World::digits(&data[list])
        }
    };
    let by = |field: &str, direction: &str| format!("{{ field: {field}, direction: {direction} }}");
    // Records: by day and then by amount there are no ties.
    let day_amount = format!("{}, {}", by("IDENTIFIED_ON", "ASC"), by("AMOUNT", "ASC"));
    assert_eq!(order("creditRecords", &day_amount).await, "3176425");
    let day_amount = format!("{}, {}", by("IDENTIFIED_ON", "DESC"), by("AMOUNT", "DESC"));
    assert_eq!(order("creditRecords", &day_amount).await, "5246713");
    let amount = format!("{}, {}", by("AMOUNT", "DESC"), by("IDENTIFIED_ON", "ASC"));
    assert_eq!(order("creditRecords", &amount).await, "5217364");
    let tier = format!(
        "{}, {}, {}",
        by("TIER", "ASC"),
        by("AMOUNT", "ASC"),
        by("IDENTIFIED_ON", "ASC")
    );
    assert_eq!(order("creditRecords", &tier).await, "6437125");
    let default = world
        .data("{ creditRecords { edges { node { caseNumber identifiedOn } } } }")
        .await;
    let days = each(&default["creditRecords"], "identifiedOn");
    assert!(days.is_sorted_by(|a, b| a >= b), "newest first: {days:?}");

    let counts = order(
        "agencies",
        &format!("{}, {}", by("ACTIVE_RECORDS", "DESC"), by("NAME", "ASC")),
    )
    .await;
    assert_eq!(
        &counts[..1],
        "C",
        "the one with two records that hold: {counts}"
    );
    assert_eq!(sorted(&counts[1..5]), "BEFG", "{counts}");
    let divisions = order(
        "agencies",
        &format!("{}, {}", by("DIVISION", "ASC"), by("NAME", "ASC")),
    )
    .await;
    assert_eq!(divisions, "AOBIJKCMLDENFHG");
    let names = order(
        "agencies",
        &format!("{}, {}", by("NAME", "ASC"), by("DIVISION", "ASC")),
    )
    .await;
    let mut wanted: Vec<_> = BODIES.iter().map(|body| (body.3, body.2, body.0)).collect();
    wanted.sort_unstable();
    assert_eq!(names, wanted.iter().map(|body| body.2).collect::<String>());
    let names = order(
        "agencies",
        &format!("{}, {}", by("NAME", "DESC"), by("DIVISION", "ASC")),
    )
    .await;
    wanted.sort_by(|a, b| b.0.cmp(a.0).then(a.1.cmp(b.1)));
    assert_eq!(names, wanted.iter().map(|body| body.2).collect::<String>());

    let data = world
        .data("{ agencies { edges { node { division { code } } } } }")
        .await;
    let codes: Vec<&str> = nodes(&data["agencies"])
        .map(|node| text(&node["division"]["code"]))
        .collect();
    assert!(
        codes.is_sorted(),
        "in the order of the division tree by default: {codes:?}"
    );
}

#[tokio::test]
async fn totals_are_told_however_they_are_asked() {
    let world = World::new().await;
    for query in [
        "{ agencies { totalCount } }",
        "{ agencies(first: 0) { n: totalCount } }",
        "{ agencies { ...F } } fragment F on AgencyConnection { totalCount }",
        "{ agencies { ... { ... on AgencyConnection { totalCount } } } }",
        "{ a: agencies { edges { cursor } totalCount } }",
        "{ agencies { edges { cursor } } agencies { totalCount } }",
        "{ agencies { totalCount @include(if: true) } }",
        "query ($yes: Boolean!) { agencies { totalCount @include(if: $yes) } }",
        "{ ...F } fragment F on Query { agencies(last: 1) { totalCount } }",
    ] {
        let reply = world
            .wire
            .ask_with(Some(&world.token), query, &json!({ "yes": true }))
            .await;
        let json = reply.json();
        let list = json["data"]
            .as_object()
            .and_then(|data| data.values().next())
            .cloned()
            .unwrap_or_default();
        let total = list.get("totalCount").or_else(|| list.get("n"));
        assert_eq!(total, Some(&json!(BODIES.len())), "{query}: {}", reply.text);
    }
}

#[tokio::test]
async fn a_cursor_that_was_given_is_taken_back_however_long_what_it_holds() {
    let db = Db::sqlite();
    let hub = Hub::on(&db).await;
    let long: Vec<made::Body> = (1..=6)
        .map(|n| {
            made::body(
                n,
                &format!("佛山市{}{n}局", "\u{20BB7}".repeat(150)),
                "440600",
            )
        })
        .collect();
    hub.ingest(
        "agency_register",
        &[("a.csv", &made::register(&long))],
        |_| {},
    )
    .await;
    let wire = Wire::to(&hub).await;
    let token = hub.everything();
    let fields = ["NAME", "DIVISION", "ACTIVE_RECORDS", "NAME", "NAME"];
    for count in 1..=5 {
        let order: String = fields[..count]
            .iter()
            .map(|field| format!("{{ field: {field}, direction: ASC }} "))
            .collect();
        let (mut seen, mut after) = (0, String::new());
        for _ in 0..6 {
            let query = format!(
                "{{ agencies(first: 1, orderBy: [{order}]{after}) {{ edges {{ cursor node {{ name }} }} }} }}"
            );
            let reply = wire.ask(Some(&token), &query).await;
            assert!(reply.codes().is_empty(), "{count} fields: {}", reply.text);
            let edge = &reply.json()["data"]["agencies"]["edges"][0];
            seen += usize::from(edge.is_object());
            after = format!(", after: {}", quoted(text(&edge["cursor"])));
        }
        assert_eq!(seen, 6);
    }
}

#[tokio::test]
async fn pages_are_stable_while_rows_come_in() {
    on_both(async |db| {
        let hub = Hub::on(&db).await;
        let bodies = |numbers: std::ops::Range<u32>| -> Vec<made::Body> {
            let divisions = ["440100", "440600", "440604", "441900"];
            numbers.map(|n| made::body(n, &format!("第{:03}局", n * 37 % 101), divisions[n as usize % 4])).collect()
        };
        let listings = |numbers: std::ops::Range<u32>| -> Vec<made::Listing> {
            let listing = |n: u32| {
                let body = made::uscc("11", ["440100", "440600", "440604", "441900"][n as usize % 4], n);
                made::listing(i64::from(n), "名单").code(body).published(&format!("2025-{:02}-{:02}", 1 + n % 12, 1 + n % 28))
            };
            numbers.map(listing).collect()
        };
        let bring = async |numbers: std::ops::Range<u32>| {
            let partial = |order: &mut zhengxin::ingest::Order| order.partial = true;
            let (register, court) = (made::register(&bodies(numbers.clone())), made::court_jsonl(&listings(numbers)));
            hub.ingest("agency_register", &[("a.csv", &register)], partial).await;
            hub.ingest("court_debtors", &[("b.jsonl", &court)], partial).await;
        };
        bring(1..31).await;
        let wire = Wire::to(&hub).await;
        let token = hub.everything();
        let mut next = 31;
        for (list, order) in [
            ("agencies", ""),
            ("agencies", "orderBy: [{ field: NAME, direction: ASC }], "),
            ("agencies", "orderBy: [{ field: DIVISION, direction: DESC }], "),
            ("creditRecords", ""),
            ("creditRecords", "orderBy: [{ field: IDENTIFIED_ON, direction: ASC }], "),
        ] {
            let whole = wire.data(Some(&token), &format!("{{ {list}({order}first: 200) {{ edges {{ node {{ id }} }} }} }}")).await;
            let whole: Vec<String> = each(&whole[list], "id").into_iter().map(str::to_owned).collect();
            let (mut ids, mut after, mut more) = (Vec::new(), String::new(), true);
            while more {
                let query = format!("{{ {list}({order}first: 11{after}) {{ pageInfo {{ hasNextPage endCursor }} edges {{ node {{ id }} }} }} }}");
                let data = wire.data(Some(&token), &query).await;
                ids.extend(each(&data[list], "id").into_iter().map(str::to_owned));
                more = data[list]["pageInfo"]["hasNextPage"] == true;
                after = format!(", after: \"{}\"", text(&data[list]["pageInfo"]["endCursor"]));
                if next < 60 {
                    bring(next..next + 2).await;
                    next += 2;
                }
            }
            let told: BTreeSet<&String> = ids.iter().collect();
            assert_eq!(told.len(), ids.len(), "{list}({order}): a row came twice");
            let known: Vec<&String> = ids.iter().filter(|id| whole.contains(id)).collect();
            assert_eq!(known, whole.iter().collect::<Vec<_>>(), "{list}({order}): a row was left out or moved");
        }
    })
    .await;
}

#[tokio::test]
async fn the_resolver_tells_who_is_meant_or_says_that_it_can_not() {
    let world = World::new().await;
    let code = |letter| uscc(letter).to_string();
    let org = |letter| made::hyphenated(&uscc(letter));
    let unknown = made::uscc("11", "440600", 4_711);
    let cases: Vec<(String, &str, &str, &str)> = vec![
        (format!("uscc: \"{}\"", code('C')), "EXACT_CODE", "C", ""),
        (
            format!("uscc: \" {} \"", code('C').to_lowercase()),
            "EXACT_CODE",
            "C",
            "",
        ),
        (format!("orgCode: \"{}\"", org('C')), "EXACT_CODE", "C", ""),
        (
            format!("orgCode: \"{}\"", org('C').replace('-', "")),
            "EXACT_CODE",
            "C",
            "",
        ),
        // Either field takes either code.
        (format!("uscc: \"{}\"", org('C')), "EXACT_CODE", "C", ""),
        (
            format!("uscc: \"{}\", name: \"{}\"", code('C'), name('C')),
            "EXACT_CODE",
            "C",
            "",
        ),
        (
            format!("uscc: \"{}\", name: \"曾用名C一\"", code('C')),
            "EXACT_CODE",
            "C",
            "",
        ),
        (
            format!("uscc: \"{}\", name: \"没有这个局\"", code('C')),
            "EXACT_CODE",
            "C",
            "",
        ),
        (
            format!("uscc: \"{}\", name: \"{}\"", code('C'), name('F')),
            "CONFLICT",
            "",
            "CF",
        ),
        (format!("uscc: \"{unknown}\""), "NONE", "", ""),
        // A good code of somebody else whom the register does not know.
        (
            format!("uscc: \"{unknown}\", name: \"{}\"", name('F')),
            "CONFLICT",
            "",
            "F",
        ),
        // A broken code is noted, and the name decides.
        (
            format!(
                "uscc: \"{}\", name: \"{}\"",
                made::broken(&uscc('C')),
                name('C')
            ),
            "EXACT_NAME",
            "C",
            "",
        ),
        (
            format!("uscc: \"{}\"", made::broken(&uscc('C'))),
            "NONE",
            "",
            "",
        ),
        (format!("name: \"{}\"", name('B')), "EXACT_NAME", "B", ""),
        ("name: \" 佛山市　B局 \"".to_owned(), "EXACT_NAME", "B", ""),
        ("name: \"佛山市Ｂ局\"".to_owned(), "EXACT_NAME", "B", ""),
        ("name: \"曾用名G二\"".to_owned(), "ALIAS", "G", ""),
        ("name: \"别名H\"".to_owned(), "ALIAS", "H", ""),
        ("name: \"同名M局\"".to_owned(), "AMBIGUOUS", "", "MNO"),
        (
            "name: \"同名M局\", division: \"440600\"".to_owned(),
            "AMBIGUOUS",
            "",
            "MN",
        ),
        (
            "name: \"同名M局\", division: \"440604\"".to_owned(),
            "EXACT_NAME",
            "M",
            "",
        ),
        (
            "name: \"同名M局\", division: \"440100\"".to_owned(),
            "EXACT_NAME",
            "O",
            "",
        ),
        (
            "name: \"同名M局\", division: \"441900\"".to_owned(),
            "NONE",
            "",
            "",
        ),
        (
            format!("name: \"{}\", division: \"441900\"", name('G')),
            "EXACT_NAME",
            "G",
            "",
        ),
        ("name: \"佛山市B\"".to_owned(), "NONE", "", ""),
        ("name: \"没有这个局\"".to_owned(), "NONE", "", ""),
    ];
    let letter = |body: &Value| {
        BODIES
            .iter()
            .find(|known| uscc(known.0).as_str() == body["uscc"])
            .map(|known| known.0)
    };
    for (input, outcome, told, candidates) in cases {
        let query = format!(
            "{{ resolve(input: {{ {input} }}) {{ outcome score steps agency {{ uscc }} candidates {{ score reason agency {{ uscc }} }} }} }}"
        );
        let data = world.data(&query).await;
        let answer = &data["resolve"];
        assert_eq!(answer["outcome"], outcome, "{input}: {answer}");
        assert_eq!(
            letter(&answer["agency"]),
            told.chars().next(),
            "{input}: {answer}"
        );
        let all = answer["candidates"].as_array().expect("a list");
        let found: String = all
            .iter()
            .filter_map(|each| letter(&each["agency"]))
            .collect();
        assert_eq!(sorted(&found), candidates, "{input}: {answer}");
        assert!(all.iter().all(|each| !text(&each["reason"]).is_empty()));
        let score = answer["score"].as_f64().expect("a number");
        assert!((0.0..=1.0).contains(&score), "{input}: {score}");
        assert_eq!(score > 0.8, !told.is_empty(), "{input}: {score}");
        assert!(
            !answer["steps"].as_array().expect("a list").is_empty(),
            "{input}: it says what it did"
        );
        assert_eq!(world.data(&query).await, data, "the same again");
    }
}

#[tokio::test]
async fn a_row_whose_subject_is_not_told_is_a_mention() {
    on_both(async |db| {
        let hub = Hub::on(&db).await;
        let bodies = [made::body(1, "第一小学", "440604"), made::body(2, "第一小学", "441900"), made::body(3, "佛山市水务局", "440600")];
        hub.ingest("agency_register", &[("a.csv", &made::register(&bodies))], |_| {}).await;
        let rows = [
            made::listing(1, "第一小学"),
            made::listing(2, "第一小学").case("(2025)粤1971执90002号"),
            made::listing(3, "佛山市没有的局").case("(2025)粤06执90003号"),
            made::listing(4, "佛山市水务局").code(bodies[0].uscc).case("(2014)禅法执字第90004号"),
            made::listing(5, "佛山市某某贸易有限公司"),
            made::listing(6, "佛山市水务局"),
        ];
        hub.ingest("court_debtors", &[("b.jsonl", &made::court_jsonl(&rows))], |_| {}).await;
        let wire = Wire::to(&hub).await;
        let token = hub.token(domain::viewer::Role::Operator, &[], None);
        let query = "{ mentions { totalCount edges { node { text source { key } division { code } resolution { outcome agency { uscc } candidates { agency { uscc } } } evidence { sourceKey location } } } } }";
        let data = wire.data(Some(&token), query).await;
        let mut told: Vec<Value> = nodes(&data["mentions"]).cloned().collect();
        told.sort_by_key(|node| text(&node["evidence"][0]["sourceKey"]).to_owned());
        let mention = |line: usize, text: &str, division: Option<&str>, outcome: &str, candidates: &[usize]| {
            let mut codes: Vec<&str> = candidates.iter().map(|at| bodies[*at].uscc.as_str()).collect();
            codes.sort_unstable();
            let candidates: Vec<Value> = codes.iter().map(|code| json!({ "agency": { "uscc": code } })).collect();
            json!({
                "text": text, "source": { "key": "court_debtors" }, "division": division.map(|code| json!({ "code": code })),
                "resolution": { "outcome": outcome, "agency": null, "candidates": candidates },
                "evidence": [{ "sourceKey": line.to_string(), "location": format!("b.jsonl:{line}") }],
            })
        };
        for node in &mut told {
            let candidates = node["resolution"]["candidates"].as_array_mut().expect("a list");
            candidates.sort_by_key(ToString::to_string);
        }
        let wanted = [
            mention(1, "第一小学", Some("440604"), "AMBIGUOUS", &[0, 1]),
            mention(2, "第一小学", Some("441900"), "AMBIGUOUS", &[0, 1]),
            mention(3, "佛山市没有的局", Some("440600"), "NONE", &[]),
            mention(4, "佛山市水务局", None, "CONFLICT", &[0, 2]),
        ];
        assert_eq!(told, wanted);
        assert_eq!(data["mentions"]["totalCount"], 4);
        for (filter, wanted) in [
            ("{ outcome: [AMBIGUOUS] }", 2),
            ("{ outcome: [NONE, CONFLICT] }", 2),
            ("{ outcome: [] }", 0),
            ("{ source: { eq: \"court_debtors\" } }", 4),
            ("{ source: { startsWith: \"agency\" } }", 0),
            ("{ division: { within: \"440600\" } }", 2),
            ("{ division: { eq: \"440600\" } }", 1),
            ("{ division: { in: [\"441900\", \"440600\"] } }", 2),
            ("{ not: { division: { within: \"100000\" } } }", 1),
            ("{ or: [{ outcome: [CONFLICT] }, { division: { eq: \"441900\" } }] }", 2),
            ("{ and: [{ outcome: [AMBIGUOUS] }, { division: { eq: \"441900\" } }] }", 1),
        ] {
            let data = wire.data(Some(&token), &format!("{{ mentions(filter: {filter}) {{ totalCount edges {{ cursor }} }} }}")).await;
            assert_eq!(data["mentions"]["totalCount"], wanted, "{filter}");
            assert_eq!(nodes(&data["mentions"]).count(), wanted, "{filter}");
        }
    })
    .await;
}

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
