//! Clues and indicators: from a made-up hotline to those for whom they are, and to nobody else.

use chrono::{NaiveDate, TimeDelta};
use domain::{
    clue::{Clue, ClueStage},
    viewer::Role,
};
use serde_json::{Value, json};
use zhengxin::store::Fact;

use super::{
    Wire,
    allegations::{agency_id, stage},
    catalogue_with, each, nodes, quoted, text,
};
use crate::support::{
    Db, Hub,
    made::{self, Body},
    on_both,
};

/// A hotline that tells of complaints, of which some are established, and a list of decisions.
const HOTLINE: &str = r#"
key = "made_hotline"
title = "样例热线"
publisher = "样例热线中心"
cadence = "P1D"
extent = "delta"
channel = "HOTLINE"

[bounds]
rows_min_share = 0.8
withdrawn_max_share = 0.05
slack_rows = 10
rows_max = 1_000
file_bytes_max = 1_000_000

[[form]]
name = "order"
yields = "clue"
told_by = ["orderNo", "unit"]
key = [["orderNo"]]

[form.fields]
title = { from = ["title"], as = "text", required = true }
received_at = { from = ["receivedAt"], as = "moment", required = true }
subject_name = { from = ["unit"], as = "text" }
category = { from = ["category"], as = "text" }
content = { from = ["content"], as = "text" }
due_on = { from = ["dueOn"], as = "date" }
amount = { from = ["owed"], as = "yuan" }
identified_on = { from = ["closedOn"], as = "date" }
identified_by = { from = ["closedBy"], as = "text" }

[form.record]
item = "arrears.established"

[form.record.when]
result = ["属实"]

[[form]]
name = "decision"
yields = "disclosure"
told_by = ["decisionNo"]
key = [["decisionNo"]]

[form.fields]
subject_name = { from = ["organ"], as = "text", required = true }
decided_on = { from = ["decidedOn"], as = "date", required = true }
reported_on = { from = ["reportedOn"], as = "date" }

[form.term]
working_days = 7
basis = "样例办法"
verified = false
published = "已公示"
in_time = "按期公示（工作日）"
late = "逾期公示（工作日）"
revoked = "已撤销"
"#;

const HEADINGS: [&str; 11] = [
    "orderNo",
    "unit",
    "title",
    "category",
    "content",
    "receivedAt",
    "dueOn",
    "owed",
    "result",
    "closedOn",
    "closedBy",
];

/// A number of eleven digits in the form of a phone's, which is nobody's.
const PHONE: &str = "13900000000";

fn town() -> [Body; 3] {
    let city = made::body(1, "佛山市样例局", "440600");
    let district = made::body(2, "佛山市禅城区样例局", "440604");
    let other = made::body(3, "东莞市样例局", "441900");
    [city, district, other]
}

async fn hub(db: &Db) -> (Hub, Wire) {
    let folder = db.folder().join("catalogue");
    catalogue_with(&folder, &[]);
    std::fs::write(folder.join("sources/made_hotline.toml"), HOTLINE).expect("the folder is ours");
    let hub = Hub::with(db, |config| config.catalogue.dir = Some(folder)).await;
    let register = made::register(&town());
    hub.ingest("agency_register", &[("a.csv", &register)], |_| {})
        .await;
    let wire = Wire::to(&hub).await;
    (hub, wire)
}

/// A complaint: number, body, text, result.
type Complaint<'a> = (&'a str, &'a str, &'a str, &'a str);

async fn deliver(hub: &Hub, day: &str, complaints: &[Complaint<'_>]) {
    hub.it_is(day);
    let rows = complaints.iter().map(|(number, unit, content, result)| {
        let is_closed = !result.is_empty();
        HEADINGS.map(|heading| {
            match heading {
                "orderNo" => number,
                "unit" => unit,
                "title" => "样例工程款未付",
                "category" => "拖欠账款",
                "content" => content,
                "receivedAt" => "2026-11-10 08:30:00",
                "dueOn" => "2026-12-01",
                "owed" => "120000.50",
                "result" => result,
                "closedOn" if is_closed => "2026-11-18",
                "closedBy" if is_closed => "佛山市样例局",
                _ => "",
            }
            .to_owned()
        })
    });
    let file = made::csv(&HEADINGS, rows);
    let report = hub
        .ingest("made_hotline", &[("orders.csv", &file)], |_| {})
        .await;
    assert_eq!(report.state, "DONE", "{report:?}");
}

#[tokio::test]
async fn a_complaint_is_read_by_those_for_whom_it_is() {
    on_both(async |db| {
        let (hub, wire) = hub(&db).await;
        let said = format!("工程款未付，联系{PHONE}，请回复。");
        deliver(
            &hub,
            "2026-11-11",
            &[("A1", "佛山市禅城区样例局", &said, ""), ("A2", "", "无名来信", "")],
        )
        .await;
        let [_, district, other] = town();
        let query = "{ clues { totalCount edges { node { id version channel category title content stage dueOn \
             dueIsProvisional receivedAt amount agencies { name } evidence { source { key } sourceKey } records { id } } } } }";
        let government = hub.token(Role::Government, &["440604"], None);
        let data = wire.data(Some(&government), query).await;
        assert_eq!(data["clues"]["totalCount"], 1);
        let clue = nodes(&data["clues"]).next().expect("one").clone();
        let id = text(&clue["id"]).to_owned();
        let content = text(&clue["content"]);
        assert!(content.starts_with("工程款未付，联系") && !content.contains(PHONE), "{content}");
        let mut rest = clue.clone();
        for field in ["id", "content"] {
            rest.as_object_mut().expect("an object").remove(field);
        }
        assert_eq!(
            rest,
            json!({
                "version": 1, "channel": "HOTLINE", "category": "拖欠账款", "title": "样例工程款未付",
                "stage": "RECEIVED", "dueOn": "2026-12-01", "dueIsProvisional": false,
                "receivedAt": "2026-11-10T08:30:00+08:00", "amount": "120000.50",
                "agencies": [{ "name": "佛山市禅城区样例局" }],
                "evidence": [{ "source": { "key": "made_hotline" }, "sourceKey": "A1" }], "records": [],
            })
        );

        // By each role, as clues that are listed, of the body, and by id.
        let list = format!(
            "{{ clues {{ totalCount }} agency(uscc: \"{}\") {{ clues {{ totalCount }} }} node(id: {}) {{ id }} }}",
            district.uscc,
            quoted(&id)
        );
        let own = Some(&district.uscc);
        for (role, areas, own, listed, of_body) in [
            (Role::Government, &["440000"][..], None, 2, Some(1)),
            (Role::Government, &["441900"], None, 0, None),
            (Role::Authority, &["440600"], None, 1, Some(1)),
            (Role::Congress, &["440604"], None, 1, Some(1)),
            (Role::Congress, &["440600"], None, 0, None),
            // What names nobody belongs to the province.
            (Role::Congress, &["440000"], None, 1, None),
            (Role::Agency, &[], own, 1, Some(1)),
            (Role::Agency, &["440600"], Some(&other.uscc), 0, None),
        ] {
            let token = hub.token(role, areas, own);
            let data = wire.data(Some(&token), &list).await;
            let seen = |is_seen: bool| if is_seen { json!(id) } else { Value::Null };
            assert_eq!(data["clues"]["totalCount"], listed, "{role} {areas:?}");
            assert_eq!(data["agency"]["clues"]["totalCount"].as_i64(), of_body, "{role} {areas:?}");
            assert_eq!(data["node"]["id"], seen(of_body.is_some()), "{role} {areas:?}");
        }
        for role in [Role::Court, Role::Assessor, Role::Operator, Role::Security, Role::Auditor] {
            let token = hub.token(role, &["440000"], None);
            let node = format!("{{ node(id: {}) {{ id }} }}", quoted(&id));
            assert_eq!(wire.data(Some(&token), &node).await["node"], Value::Null, "{role}");
            for query in [
                "{ clues { totalCount } }",
                "{ agencies { edges { node { clues { totalCount } } } } }",
                "{ creditRecords { edges { node { clues { id } } } } }",
            ] {
                assert_eq!(wire.ask(Some(&token), query).await.code(), "FORBIDDEN", "{role} {query}");
            }
        }
        assert_eq!(wire.ask(None, "{ clues { totalCount } }").await.code(), "FORBIDDEN");
        // A congress oversees; the letters themselves are for those who deal with them.
        let congress = hub.token(Role::Congress, &["440604"], None);
        let query = "{ clues { edges { node { content } } } }";
        assert_eq!(wire.ask(Some(&congress), query).await.code(), "FORBIDDEN");
        // Nor are they for whom they complain of, in whatever role he comes: they may name their author.
        let query = "{ clues { edges { node { title category content } } } }";
        for role in [Role::Agency, Role::Authority] {
            let concerned = hub.token(role, &["440600"], own);
            let data = wire.data(Some(&concerned), query).await;
            let told = &data["clues"]["edges"][0]["node"];
            assert_eq!(told["content"], Value::Null, "{role} {told}");
            assert_eq!(told["title"], told["category"], "{role}");
        }
        let handler = hub.token(Role::Authority, &["440600"], None);
        let data = wire.data(Some(&handler), query).await;
        assert_eq!(each(&data["clues"], "content"), [content]);
    })
    .await;
}

#[tokio::test]
async fn a_complaint_that_is_established_keeps_its_clue_beside_the_record() {
    on_both(async |db| {
        let (hub, wire) = hub(&db).await;
        let body = "佛山市禅城区样例局";
        deliver(&hub, "2026-11-11", &[("A1", body, "初稿", "")]).await;
        deliver(&hub, "2026-11-12", &[("A1", body, "补充稿", "")]).await;
        let query = "{ clues { edges { node { id version stage content records { kind clues { id } } } } } }";
        let token = |hub: &Hub| hub.token(Role::Government, &["440600"], None);
        let before = wire.data(Some(&token(&hub)), query).await;
        let clue = nodes(&before["clues"]).next().expect("one");
        assert_eq!((&clue["content"], &clue["version"]), (&json!("补充稿"), &json!(2)));
        assert_eq!(clue["stage"], "RECEIVED");

        deliver(&hub, "2026-11-19", &[("A1", body, "补充稿", "属实")]).await;
        let after = wire.data(Some(&token(&hub)), query).await;
        let confirmed = nodes(&after["clues"]).next().expect("one");
        assert_eq!(
            *confirmed,
            json!({
                "id": clue["id"], "version": 3, "stage": "CONFIRMED", "content": "补充稿",
                "records": [{ "kind": "ARREARS", "clues": [{ "id": clue["id"] }] }],
            })
        );
        // A court sees the record, and nothing of what was alleged.
        let court = hub.token(Role::Court, &["440600"], None);
        let data = wire.data(Some(&court), "{ creditRecords { totalCount } }").await;
        assert_eq!(data["creditRecords"]["totalCount"], 1);
        // A hub that starts now holds the same.
        let other = Hub::with(&db, |config| config.catalogue.dir = Some(db.folder().join("catalogue"))).await;
        assert_eq!(other.data(Some(&token(&other)), query).await, after);
    })
    .await;
}

/// Hours since received, days until due, channel, stage, bodies by their places.
type Made = (i64, Option<i64>, &'static str, ClueStage, &'static [usize]);

/// Six clues.
const MADE: [Made; 6] = [
    (1, Some(5), "HOTLINE", ClueStage::Received, &[1]),
    (2, None, "HOTLINE", ClueStage::Verifying, &[1, 2]),
    (3, Some(1), "MAILBOX", ClueStage::Received, &[0]),
    (4, Some(5), "MAILBOX", ClueStage::Verifying, &[2]),
    (5, Some(3), "INSPECTION", ClueStage::Confirmed, &[1]),
    (6, None, "HOTLINE", ClueStage::Received, &[]),
];

async fn with_made(db: &Db) -> (Hub, Wire) {
    let (hub, wire) = hub(db).await;
    let (now, bodies) = (hub.app.clock.now(), town());
    let today = NaiveDate::from_ymd_opt(2026, 11, 20).expect("a day");
    let fact = |(at, (hours, due, channel, stage, places)): (usize, &Made)| {
        let clue = Clue {
            agency_ids: places
                .iter()
                .map(|at| agency_id(&bodies[*at].uscc))
                .collect(),
            channel: (*channel).to_owned(),
            category: None,
            title: format!("C{at}"),
            content: None,
            stage: *stage,
            due_on: due.map(|days| today + TimeDelta::days(days)),
            due_is_provisional: false,
            passed_on: None,
            ended_on: None,
            received_at: now - TimeDelta::hours(*hours),
            amount: None,
        };
        (format!("M{at}"), Fact::Clue(clue))
    };
    stage(&hub, "clue", MADE.iter().enumerate().map(fact).collect()).await;
    (hub, wire)
}

#[tokio::test]
async fn clues_are_filtered_ordered_and_counted_among_those_that_are_seen() {
    let db = Db::sqlite();
    let (hub, wire) = with_made(&db).await;
    let province = hub.token(Role::Government, &["440000"], None);
    let foshan = hub.token(Role::Government, &["440600"], None);
    let due = |direction: &str| {
        format!(
            "orderBy: [{{ field: DUE_ON, direction: {direction} }}, {{ field: RECEIVED_AT, direction: ASC }}]"
        )
    };
    for (token, arguments, wanted) in [
        (&province, "first: 10".to_owned(), "C0 C1 C2 C3 C4 C5"),
        (&foshan, "first: 10".to_owned(), "C0 C1 C2 C4"),
        (&province, "orderBy: [{ field: RECEIVED_AT, direction: ASC }]".to_owned(), "C5 C4 C3 C2 C1 C0"),
        // Without a day they come before all others.
        (&province, due("ASC"), "C5 C1 C2 C4 C3 C0"),
        (&province, due("DESC"), "C3 C0 C4 C2 C5 C1"),
        (&province, "filter: { stage: [VERIFYING, CONFIRMED] }".to_owned(), "C1 C3 C4"),
        (&foshan, "filter: { channel: { eq: \"MAILBOX\" } }".to_owned(), "C2"),
        (&foshan, "filter: { not: { channel: { eq: \"MAILBOX\" } } }".to_owned(), "C0 C1 C4"),
        (&province, "filter: { dueOn: { lte: \"2026-11-23\" } }".to_owned(), "C2 C4"),
        (&province, "filter: { not: { dueOn: { gt: \"2000-01-01\" } } }".to_owned(), "C1 C5"),
        (&province, "filter: { agency: { name: { startsWith: \"东莞\" } } }".to_owned(), "C1 C3"),
        // The hidden body of C1 is none for him.
        (&foshan, "filter: { agency: { name: { startsWith: \"东莞\" } } }".to_owned(), ""),
        (&foshan, "filter: { or: [{ stage: [CONFIRMED] }, { and: [{ stage: [RECEIVED] }, { agency: { division: { eq: \"440600\" } } }] }] }".to_owned(), "C2 C4"),
    ] {
        let query = format!("{{ clues({arguments}) {{ totalCount edges {{ node {{ title }} }} }} }}");
        let data = wire.data(Some(token), &query).await;
        let titles = each(&data["clues"], "title");
        assert_eq!(titles.join(" "), wanted, "{arguments}");
        assert_eq!(data["clues"]["totalCount"], titles.len(), "{arguments}");
    }
    let query = "{ clues(filter: { channel: { eq: \"HOTLINE\" } }) { edges { node { title agencies { name } } } } }";
    let data = wire.data(Some(&foshan), query).await;
    let shared = nodes(&data["clues"])
        .find(|node| node["title"] == "C1")
        .expect("it is seen");
    assert_eq!(
        shared["agencies"],
        json!([{ "name": "佛山市禅城区样例局" }]),
        "its other body is hidden"
    );
    let reply = wire
        .ask(
            Some(&foshan),
            &format!(
                "{{ clues(filter: {{ or: [{}] }}) {{ totalCount }} }}",
                "{}, ".repeat(60)
            ),
        )
        .await;
    assert_eq!(reply.code(), "LIMITED");
}

#[tokio::test]
async fn pages_of_clues_run_through_all_of_them_in_both_directions() {
    let db = Db::sqlite();
    let (hub, wire) = with_made(&db).await;
    let token = hub.token(Role::Government, &["440000"], None);
    let body = town()[1].uscc;
    let page = "edges { cursor node { title } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }";
    for order in ["", "orderBy: [{ field: DUE_ON, direction: DESC }], "] {
        let all = format!("{{ clues({order}first: 100) {{ edges {{ node {{ title }} }} }} }}");
        let all = wire.data(Some(&token), &all).await;
        let all = each(&all["clues"], "title");
        for (size, place, cursor) in [
            ("first", "after", "endCursor"),
            ("last", "before", "startCursor"),
        ] {
            let (mut found, mut at) = (Vec::new(), String::new());
            loop {
                let query = format!("{{ clues({order}{size}: 2{at}) {{ {page} }} }}");
                let data = wire.data(Some(&token), &query).await;
                let titles: Vec<String> = each(&data["clues"], "title")
                    .iter()
                    .map(|title| (*title).to_owned())
                    .collect();
                let info = &data["clues"]["pageInfo"];
                let (ahead, behind) = if size == "first" {
                    found.extend(titles);
                    ("hasNextPage", "hasPreviousPage")
                } else {
                    found.splice(0..0, titles);
                    ("hasPreviousPage", "hasNextPage")
                };
                assert_eq!(info[behind], !at.is_empty(), "{query}");
                if info[ahead] != true {
                    break;
                }
                at = format!(", {place}: {}", info[cursor]);
            }
            assert_eq!(found, all, "{order}{size}");
        }
        // A cursor belongs to its order.
        let query = format!("{{ clues({order}first: 1) {{ {page} }} }}");
        let data = wire.data(Some(&token), &query).await;
        let cursor = &data["clues"]["pageInfo"]["endCursor"];
        let other = format!(
            "{{ clues(orderBy: [{{ field: DUE_ON, direction: ASC }}], after: {cursor}) {{ totalCount }} }}"
        );
        assert_eq!(wire.ask(Some(&token), &other).await.code(), "INVALID");
        let of_body =
            format!("{{ agency(uscc: \"{body}\") {{ clues(first: 2) {{ totalCount {page} }} }} }}");
        let data = wire.data(Some(&token), &of_body).await;
        let clues = &data["agency"]["clues"];
        assert_eq!(
            (each(clues, "title").join(" "), &clues["totalCount"]),
            ("C0 C1".to_owned(), &json!(3))
        );
        let after = &clues["pageInfo"]["endCursor"];
        let rest =
            format!("{{ agency(uscc: \"{body}\") {{ clues(after: {after}) {{ {page} }} }} }}");
        let data = wire.data(Some(&token), &rest).await;
        assert_eq!(each(&data["agency"]["clues"], "title"), ["C4"]);
    }
}

#[tokio::test]
async fn decisions_are_indicators_of_the_body_that_made_them() {
    on_both(async |db| {
        let (hub, wire) = hub(&db).await;
        let headings = ["decisionNo", "organ", "decidedOn", "reportedOn"];
        let row = |number: &str, decided: &str, reported: &str| {
            [number, "佛山市禅城区样例局", decided, reported].map(str::to_owned)
        };
        let rows = [
            row("D1", "2026-03-02", "2026-03-04"),
            row("D2", "2026-03-02", "2026-03-12"),
            row("D3", "2026-05-06", ""),
        ];
        let file = made::csv(&headings, rows.into_iter());
        let report = hub.ingest("made_hotline", &[("d.csv", &file)], |_| {}).await;
        assert_eq!((report.state.as_str(), report.counts.stored), ("DONE", 3), "{report:?}");

        let body = town()[1].uscc;
        let fields = "id code title periodFrom periodTo value agency { uscc } evidence { sourceKey }";
        let query = |arguments: &str| {
            format!(
                "{{ agency(uscc: \"{body}\") {{ indicators({arguments}) {{ totalCount pageInfo {{ hasNextPage endCursor }} edges {{ node {{ {fields} }} }} }} }} }}"
            )
        };
        let token = hub.token(Role::Congress, &["440604"], None);
        let data = wire.data(Some(&token), &query("first: 2")).await;
        let page = &data["agency"]["indicators"];
        assert_eq!((&page["totalCount"], &page["pageInfo"]["hasNextPage"]), (&json!(3), &json!(true)));
        assert_eq!(each(page, "code"), ["disclosure.published", "disclosure.late"]);
        let late = nodes(page).nth(1).expect("two");
        assert_eq!(
            (&late["title"], &late["value"], &late["periodFrom"], &late["periodTo"]),
            (&json!("逾期公示（工作日）"), &json!("1"), &json!("2026-03-02"), &json!("2026-03-12"))
        );
        assert_eq!(late["evidence"], json!([{ "sourceKey": "D2" }]));
        assert_eq!(late["agency"]["uscc"], body.as_str());
        let after = format!("after: {}", page["pageInfo"]["endCursor"]);
        let data = wire.data(Some(&token), &query(&after)).await;
        assert_eq!(each(&data["agency"]["indicators"], "code"), ["disclosure.in_time"]);

        // As visible as the body is, by its id too.
        let node = format!("{{ node(id: {}) {{ ... on Indicator {{ code }} }} }}", late["id"]);
        for (role, areas, is_seen) in [
            (Role::Government, &["440600"][..], true),
            (Role::Government, &["441900"], false),
            (Role::Congress, &["440600"], false),
            (Role::Operator, &[], true),
            (Role::Assessor, &[], false),
            (Role::Auditor, &[], false),
        ] {
            let token = hub.token(role, areas, None);
            let found = wire.data(Some(&token), &node).await;
            assert_eq!(found["node"]["code"] == "disclosure.late", is_seen, "{role} {areas:?}");
        }
        assert_eq!(wire.data(None, &node).await["node"], Value::Null);
    })
    .await;
}
