//! Public officials: whom a role sees for a purpose, and that nobody else learns that they exist.

use domain::viewer::Role;
use serde_json::{Value, json};

use super::{Reply, Wire, access::Table, each, known_roles, nodes, quoted, text};
use crate::support::{
    CatalogueCopy, Db, Hub,
    made::{self, Body},
    on_both,
    rows::{self, post},
};

/// Made-up numbers, of a division that is none, with right check characters.
const NUMBERS: [&str; 3] = [
    "000000199001010018",
    "000000199001020013",
    "000000199001030019",
];
const NAMES: [&str; 3] = ["甲某乙", "欧阳某", "丙某丁"];

/// Bodies of a city, of two of its districts and of another city.
fn bodies() -> [Body; 4] {
    [
        made::body(1, "佛山市样例局", "440600"),
        made::body(2, "佛山市禅城区样例局", "440604"),
        made::body(3, "佛山市南海区样例局", "440605"),
        made::body(4, "东莞市样例局", "441900"),
    ]
}

/// The first holds a post in one district and in the other city, the second held one in the city
/// before he came to the other district, the third held one and holds none.
async fn hub(db: &Db) -> (Hub, Wire) {
    filled(Hub::with_person_key(db).await).await
}

async fn filled(hub: Hub) -> (Hub, Wire) {
    let codes = bodies().map(|body| body.uscc.to_string());
    let register = made::register(&bodies());
    hub.ingest("agency_register", &[("a.csv", &register)], |_| {})
        .await;
    let posts = [
        post(NAMES[0], NUMBERS[0], &codes[1], "样例局长"),
        post(NAMES[0], NUMBERS[0], &codes[3], "样例顾问"),
        post(NAMES[1], NUMBERS[1], &codes[0], "样例科长").with("任职止", "2025-12-31"),
        post(NAMES[1], NUMBERS[1], &codes[2], "样例处长").with("任职起", "2026-01-01"),
        post(NAMES[2], NUMBERS[2], &codes[0], "样例主任").with("任职止", "2026-05-31"),
    ];
    hub.ingest(
        "official_register",
        &[("p.csv", &rows::file(&posts))],
        |_| {},
    )
    .await;
    let persons = (1..).zip(NAMES.iter().zip(NUMBERS));
    let mut listings: Vec<made::Listing> = persons
        .map(|(id, (name, number))| made::listing(id, name).code(number))
        .collect();
    listings.push(made::listing(4, "佛山市禅城区样例局"));
    let list = made::court_jsonl(&listings);
    let report = hub
        .ingest("court_debtors", &[("c.jsonl", &list)], |_| {})
        .await;
    assert_eq!(report.counts.stored, 4, "{report:#?}");
    let wire = Wire::to(&hub).await;
    (hub, wire)
}

/// The cases under which the officials are listed.
fn cases() -> [String; 3] {
    [1, 2, 3].map(|id| format!("（2025）粤0604执9{id:04}号"))
}

/// Nothing in an answer gives a number or a name away.
fn is_clean(reply: &Reply) {
    for secret in NUMBERS.iter().chain(&NAMES) {
        assert!(!reply.text.contains(secret), "{secret}: {}", reply.text);
    }
}

#[tokio::test]
async fn an_official_is_shown_with_masked_name_posts_and_records() {
    on_both(async |db| {
        let (hub, wire) = hub(&db).await;
        let wire = wire.stating(Some("supervision"));
        let token = hub.everything();
        let query = "{ creditRecords(orderBy: [{ field: TIER, direction: ASC }]) { totalCount edges { node { \
             kind status caseNumber identifiedOn catalogueItem { code } agency { name } evidence { sourceKey location digest } \
             official { id maskedName posts { title from to agency { name } } \
             creditRecords { totalCount edges { node { caseNumber } } } } } } } }";
        let reply = wire.ask(Some(&token), query).await;
        is_clean(&reply);
        let json = reply.json();
        let records = &json["data"]["creditRecords"];
        assert_eq!(records["totalCount"], 4, "{}", reply.text);
        let of = |case: &str| {
            let found = nodes(records).find(|node| node["caseNumber"] == case);
            found.unwrap_or_else(|| panic!("{case} is missing: {}", reply.text)).clone()
        };
        let [first, second, third] = cases().map(|case| of(&case));
        for (record, name) in [(&first, "甲**"), (&second, "欧阳*"), (&third, "丙**")] {
            assert_eq!(record["agency"], Value::Null);
            assert_eq!((&record["kind"], &record["status"]), (&json!("JUDGMENT_DEBTOR"), &json!("ACTIVE")));
            assert_eq!(record["official"]["maskedName"], name);
            assert_eq!(record["official"]["creditRecords"]["totalCount"], 1);
            assert_eq!(record["official"]["creditRecords"]["edges"][0]["node"]["caseNumber"], record["caseNumber"]);
            assert_ne!(record["evidence"], json!([]));
        }
        let mut posts = first["official"]["posts"].as_array().expect("posts").clone();
        posts.sort_by_key(|post| post["title"].to_string());
        assert_eq!(
            posts,
            [
                json!({ "title": "样例局长", "from": "2024-03-01", "to": null, "agency": { "name": "佛山市禅城区样例局" } }),
                json!({ "title": "样例顾问", "from": "2024-03-01", "to": null, "agency": { "name": "东莞市样例局" } }),
            ]
        );
        // The latest first.
        assert_eq!(
            second["official"]["posts"],
            json!([
                { "title": "样例处长", "from": "2026-01-01", "to": null, "agency": { "name": "佛山市南海区样例局" } },
                { "title": "样例科长", "from": "2024-03-01", "to": "2025-12-31", "agency": { "name": "佛山市样例局" } },
            ])
        );

        // Of the body, by its node, and of a record of a body there is none.
        let id = text(&first["official"]["id"]);
        let query = format!(
            "{{ node(id: {}) {{ __typename ... on Official {{ maskedName }} }} \
             agency(uscc: \"{}\") {{ officials {{ totalCount edges {{ node {{ id }} }} }} creditRecords {{ edges {{ node {{ official {{ id }} agency {{ name }} }} }} }} }} }}",
            quoted(id),
            bodies()[1].uscc
        );
        let data = wire.data(Some(&token), &query).await;
        assert_eq!(data["node"], json!({ "__typename": "Official", "maskedName": "甲**" }));
        assert_eq!(each(&data["agency"]["officials"], "id"), [id]);
        assert_eq!(data["agency"]["officials"]["totalCount"], 1);
        assert_eq!(
            data["agency"]["creditRecords"]["edges"],
            json!([{ "node": { "official": null, "agency": { "name": "佛山市禅城区样例局" } } }])
        );

        // A filter by the agency is none of an official's record.
        let query = "{ with: creditRecords(filter: { agency: {} }) { totalCount } \
             without: creditRecords(filter: { not: { agency: {} } }) { totalCount } \
             kind: creditRecords(filter: { kind: [JUDGMENT_DEBTOR] }) { totalCount } }";
        let data = wire.data(Some(&token), query).await;
        let counts = ["with", "without", "kind"].map(|name| data[name]["totalCount"].clone());
        assert_eq!(counts, [json!(1), json!(3), json!(4)]);
    })
    .await;
}

/// The officials that rules and posts give to a viewer for a purpose that he may state.
fn seen(rule: &str, areas: &[&str], own: Option<usize>) -> Vec<usize> {
    // The places of the bodies in which each holds a post, or held his when he holds none.
    let posts = [&[1, 3][..], &[2], &[0]];
    let places = ["440600", "440604", "440605", "441900"];
    let is_within = |place: &str| {
        let above = ["440000", "440600"];
        areas.contains(&place)
            || areas.contains(&above[0])
            || place.starts_with("4406") && areas.contains(&above[1])
    };
    let reaches = |body: &usize| match rule {
        "subtree" => is_within(places[*body]),
        "level" => areas.contains(&places[*body]),
        "own" => own == Some(*body),
        _ => false,
    };
    (0..3).filter(|at| posts[*at].iter().any(reaches)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_purpose_that_the_role_may_state_there_are_no_officials() {
    let db = Db::sqlite();
    let (hub, wire) = hub(&db).await;
    let table = Table::shipped();
    let all = wire.stating(Some("supervision"));
    let query =
        "{ creditRecords { edges { node { id caseNumber official { id } evidence { id } } } } }";
    let data = all.data(Some(&hub.everything()), query).await;
    let of = |case: &String| nodes(&data["creditRecords"]).find(|node| node["caseNumber"] == *case);
    let records = cases().map(|case| of(&case).expect("it is listed").clone());

    let purposes: Vec<Option<&str>> = table
        .purposes()
        .map(Some)
        .chain([None, Some("curiosity"), Some("")])
        .collect();
    let (mut shown, mut hidden) = (0, 0);
    for role in known_roles().map(Some).chain([None]) {
        let rule = table.rule(role.unwrap_or(Role::Public), "official");
        let may_ask = table.may_read(role.unwrap_or(Role::Public), "CreditRecord", "official");
        for (areas, own) in [
            (&["440000"][..], None),
            (&["440600"], None),
            (&["440604"], None),
            (&["440605"], Some(2)),
            (&["441900"], Some(1)),
            (&[], Some(0)),
        ] {
            let body = own.map(|at: usize| bodies()[at].uscc);
            let token = role.map(|role| hub.token(role, areas, body.as_ref()));
            for purpose in &purposes {
                let may_state = role
                    .zip(*purpose)
                    .is_some_and(|(role, purpose)| table.may_state(role, purpose));
                let seen = if may_state {
                    seen(rule, areas, own)
                } else {
                    Vec::new()
                };
                let who = format!("{role:?} over {areas:?} of {own:?} for {purpose:?}");
                let wire = wire.stating(*purpose);
                let ask = async |query: &str| {
                    let reply = wire.ask(token.as_deref(), query).await;
                    is_clean(&reply);
                    assert!(reply.codes().is_empty(), "{who}: {query}: {}", reply.text);
                    let mut json = reply.json();
                    json["data"].take()
                };
                // By id: the record, its evidence, the official.
                for (at, record) in records.iter().enumerate() {
                    let ids = [
                        &record["id"],
                        &record["evidence"][0]["id"],
                        &record["official"]["id"],
                    ];
                    let [record, evidence, official] =
                        ids.map(|id| format!("node(id: {id}) {{ id }}"));
                    let data = ask(&format!("{{ a: {record} b: {evidence} c: {official} }}")).await;
                    let is_there = ["a", "b", "c"].map(|name| data[name] != Value::Null);
                    assert_eq!(is_there, [seen.contains(&at); 3], "{who}: {at}");
                }
                // In lists, counts, filters and orders.
                let cases = cases().map(|case| quoted(&case)).join(", ");
                let one = quoted(&self::cases()[0]);
                let data = ask(&format!(
                    "{{ list: creditRecords(filter: {{ caseNumber: {{ in: [{cases}] }} }}) {{ totalCount edges {{ node {{ caseNumber }} }} }} \
                     one: creditRecords(filter: {{ caseNumber: {{ eq: {one} }} }}, first: 0) {{ totalCount pageInfo {{ hasNextPage }} }} \
                     none: creditRecords(filter: {{ not: {{ agency: {{}} }} }}) {{ totalCount }} \
                     last: creditRecords(orderBy: [{{ field: IDENTIFIED_ON, direction: ASC }}], last: 3) {{ edges {{ node {{ caseNumber }} }} }} }}"
                ))
                .await;
                let listed: Vec<usize> = (0..3)
                    .filter(|at| {
                        each(&data["list"], "caseNumber").contains(&self::cases()[*at].as_str())
                    })
                    .collect();
                assert_eq!(listed, seen, "{who}");
                assert_eq!(data["list"]["totalCount"], seen.len(), "{who}");
                assert_eq!(data["none"]["totalCount"], seen.len(), "{who}");
                assert_eq!(
                    data["one"]["totalCount"],
                    usize::from(seen.contains(&0)),
                    "{who}"
                );
                assert_eq!(
                    data["one"]["pageInfo"]["hasNextPage"],
                    seen.contains(&0),
                    "{who}"
                );
                let last = each(&data["last"], "caseNumber");
                let is_seen = |case: &&str| seen.iter().any(|at| self::cases()[*at] == **case);
                assert!(
                    last.iter()
                        .filter(|case| self::cases().contains(&(**case).to_owned()))
                        .all(is_seen),
                    "{who}"
                );
                shown += seen.len();
                hidden += 3 - seen.len();

                // Of the bodies that he sees; those who may not ask at all are told so.
                let query = "{ agencies { edges { node { name officials { totalCount edges { node { id maskedName posts { agency { name } } } } } } } } }";
                if !may_ask {
                    let reply = wire.ask(token.as_deref(), query).await;
                    assert_eq!(reply.code(), "FORBIDDEN", "{who}");
                    continue;
                }
                let data = ask(query).await;
                let visible: Vec<&str> = nodes(&data["agencies"])
                    .map(|node| text(&node["name"]))
                    .collect();
                for node in nodes(&data["agencies"]) {
                    let at = bodies()
                        .iter()
                        .position(|body| body.cells[1] == text(&node["name"]));
                    let in_office = match at {
                        Some(1 | 3) => &[0][..],
                        Some(2) => &[1],
                        _ => &[],
                    };
                    let wanted: Vec<&str> = in_office
                        .iter()
                        .filter(|at| seen.contains(*at))
                        .map(|at| text(&records[*at]["official"]["id"]))
                        .collect();
                    assert_eq!(each(&node["officials"], "id"), wanted, "{who}: {node}");
                    assert_eq!(node["officials"]["totalCount"], wanted.len(), "{who}");
                    // A post in a body that is hidden is, too.
                    for post in nodes(&node["officials"])
                        .flat_map(|official| official["posts"].as_array().into_iter().flatten())
                    {
                        assert!(
                            visible.contains(&text(&post["agency"]["name"])),
                            "{who}: {post}"
                        );
                    }
                }
            }
        }
    }
    assert!(shown > 20 && hidden > 500, "{shown} {hidden}");
}

#[tokio::test]
async fn two_purposes_at_once_are_none() {
    let db = Db::sqlite();
    let (hub, wire) = hub(&db).await;
    let token = hub.everything();
    let query = json!({ "query": "{ creditRecords { totalCount } }" }).to_string();
    let ask = async |purposes: &[&str]| {
        let mut request = wire.post().bearer_auth(&token).body(query.clone());
        for purpose in purposes {
            request = request.header("x-purpose", *purpose);
        }
        let reply = Reply::to(request).await;
        reply.json()["data"]["creditRecords"]["totalCount"].as_i64()
    };
    assert_eq!(ask(&["supervision"]).await, Some(4));
    assert_eq!(ask(&[" supervision "]).await, Some(4));
    assert_eq!(ask(&["supervision", "supervision"]).await, Some(1));
    assert_eq!(ask(&["supervision, sanction"]).await, Some(1));
    assert_eq!(ask(&["SUPERVISION"]).await, Some(1));
}

#[tokio::test]
async fn whoever_looks_an_official_up_by_his_id_is_written_down_whatever_he_asks() {
    on_both(async |db| {
        let (hub, wire) = hub(&db).await;
        let token = hub.everything();
        let stating = wire.stating(Some("supervision"));
        let ids = "{ creditRecords(first: 9) { edges { node { official { id } } } } }";
        let data = stating.data(Some(&token), ids).await;
        let id = nodes(&data["creditRecords"]).find_map(|node| node["official"]["id"].as_str());
        let id = id.expect("an official").to_owned();
        let mut seen = 0;
        let mut entries = async || {
            hub.app.audit.integrate().await.expect("it is put together");
            let rows = hub
                .app
                .store
                .list_audit(seen, 100)
                .await
                .expect("it is read");
            seen += rows.len() as i64;
            let entry = |row: &zhengxin::store::LoggedEntry| {
                domain::audit::Entry::decode(&row.record).expect("an entry")
            };
            rows.iter().map(entry).collect::<Vec<_>>()
        };
        entries().await;
        for fields in ["id", "__typename"] {
            let query = format!("{{ node(id: {}) {{ {fields} }} }}", quoted(&id));
            // The second time from a kept answer.
            for _ in 0..2 {
                let data = stating.data(Some(&token), &query).await;
                assert!(data["node"][fields].is_string(), "{data}");
                let [entry] = &entries().await[..] else {
                    panic!("one entry a request")
                };
                assert_eq!(entry.object, "Query.node Official");
                assert_eq!(entry.purpose.as_deref(), Some("supervision"));
                assert!(!entry.agencies.is_empty());
            }
            // Without a purpose there is nobody, and nothing to write down.
            let data = wire.data(Some(&token), &query).await;
            assert_eq!(data["node"], Value::Null);
            assert!(entries().await.is_empty());
        }
        let agency = "{ agencies(first: 1) { edges { node { id } } } }";
        let data = wire.data(Some(&token), agency).await;
        let agency = quoted(text(&data["agencies"]["edges"][0]["node"]["id"]));
        stating
            .data(Some(&token), &format!("{{ node(id: {agency}) {{ id }} }}"))
            .await;
        assert!(entries().await.is_empty(), "bodies are no persons");
    })
    .await;
}

const OPENS_ALL: &str = r#"[opens.correction]
Agency = ["officials"]
CreditRecord = ["official"]
Sanction = ["official"]
SanctionCheck = ["official"]
Official = ["id", "maskedName", "posts", "creditRecords"]"#;
const OPENS_LITTLE: &str = r#"[opens.correction]
CreditRecord = ["official"]
Official = ["id", "maskedName"]"#;

#[tokio::test]
async fn a_purpose_opens_what_the_table_says_and_no_more() {
    on_both(async |db| {
        let folder = db.folder().join("catalogue");
        super::catalogue_with(&folder, &[("access.toml", OPENS_ALL, OPENS_LITTLE)]);
        let key = db.file(
            "person.key",
            b"a key for the numbers of made-up persons alone",
        );
        let hub = Hub::with(&db, |config| {
            config.catalogue.dir = Some(folder);
            config.hub.person_key_file = Some(key);
        });
        let (hub, wire) = filled(hub.await).await;
        let token = hub.everything();
        let of_records = |fields: &str| {
            format!(
                "{{ creditRecords(first: 9) {{ edges {{ node {{ official {{ {fields} }} }} }} }} }}"
            )
        };
        let of_bodies =
            "{ agencies(first: 9) { edges { node { officials { totalCount } } } } }".to_owned();
        let check = format!(
            r#"sanctionCheck(input: {{ personName: "{}", identityNumber: "{}" }}, purpose:"#,
            NAMES[0], NUMBERS[0]
        );
        for purpose in Table::shipped().purposes() {
            let wire = wire.stating(Some(purpose));
            let is_little = purpose == "correction";
            for (field, query, is_always) in [
                ("Official.maskedName", of_records("id maskedName"), true),
                ("Official.posts", of_records("posts { title }"), false),
                (
                    "Official.creditRecords",
                    of_records("... { creditRecords { totalCount } }"),
                    false,
                ),
                ("Agency.officials", of_bodies.clone(), false),
            ] {
                let reply = wire.ask(Some(&token), &query).await;
                let told = reply.json();
                if is_always || !is_little {
                    assert!(
                        told.get("errors").is_none(),
                        "{purpose} {field}: {}",
                        reply.text
                    );
                    continue;
                }
                let error = &told["errors"][0];
                assert_eq!(
                    error["extensions"]["code"], "FORBIDDEN",
                    "{purpose} {field}: {}",
                    reply.text
                );
                assert!(text(&error["message"]).starts_with(field), "{}", reply.text);
                assert!(told.get("data").is_none(), "{}", reply.text);
            }
            let query = format!("{{ {check} {}) {{ verdict }} }}", quoted(purpose));
            let told = wire.ask(Some(&token), &query).await.json();
            match is_little {
                true => assert_eq!(told["errors"][0]["extensions"]["code"], "INVALID", "{told}"),
                false => assert_eq!(told["data"]["sanctionCheck"]["verdict"], "LISTED", "{told}"),
            }
        }
        // Without a purpose there is nobody, and nothing to refuse.
        let data = wire
            .data(Some(&token), &of_records("posts { title }"))
            .await;
        assert!(
            nodes(&data["creditRecords"]).all(|node| node["official"] == Value::Null),
            "{data}"
        );
    })
    .await;
}

#[test]
fn what_a_purpose_opens_is_checked_where_it_is_read() {
    for (from, to, says) in [
        (
            "[opens.correction]",
            "[opens.curiosity]",
            &["no such purpose", "opens.correction", "is missing"][..],
        ),
        (
            OPENS_ALL,
            "[opens.correction]\nOfficial = [\"number\"]",
            &["opens.correction.Official", "\"number\""],
        ),
    ] {
        let copy = CatalogueCopy::make();
        copy.spoil("access.toml", from, to);
        let ran = copy.check().ended(1);
        let said = format!("{}{}", ran.out, ran.err);
        assert!(says.iter().all(|word| said.contains(word)), "{said}");
    }
}
