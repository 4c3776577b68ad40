//! Listings of persons who may be officials, waiting for people: seen for a purpose only, decided by
//! the row and never into a match.

use domain::viewer::Role;
use serde_json::{Value, json};

use super::{Wire, nodes, text};
use crate::support::{
    Db, Hub, count, leftovers,
    made::{self, Body},
    on_both,
    rows::{self, post},
};

/// Made-up numbers, of a division that is none, with right check characters.
const NUMBER: &str = "000000199001010018";
const MASKED: &str = "0000001990****0018";
const NAME: &str = "甲某乙";
const OTHER: &str = "丙某丁";

const DECIDE: &str = "mutation ($input: DecideMentionInput!) { decideMention(input: $input) { __typename \
     ... on DecideMentionSuccess { mention { id version resolution { outcome steps } } \
       decision { judgement agency { name } by reason version mentionId text code isOfRow reach { code } endedAt } } \
     ... on Refusal { code } ... on VersionConflict { current } } }";
const UNDO: &str = "mutation ($input: UndoMentionDecisionInput!) { undoMentionDecision(input: $input) { __typename \
     ... on UndoMentionDecisionSuccess { mention { id version resolution { outcome } decision { version } } } \
     ... on Refusal { code } ... on VersionConflict { current } } }";
const QUEUE: &str = "{ mentions(first: 10) { totalCount edges { node { id version text division { code } \
     resolution { outcome steps } decision { judgement reason } evidence { id } } } } \
     mentionDecisions { totalCount } }";

fn bureau() -> Body {
    made::body(2, "佛山市禅城区样例局", "440604")
}

/// A served hub that knows one official, and lists with his number beside another name and with his
/// name, whole and in part, beside masked numbers.
async fn hub(db: &Db) -> (Hub, Wire) {
    let hub = Hub::with_person_key(db).await;
    let register = made::register(&[made::body(1, "佛山市样例局", "440600"), bureau()]);
    hub.ingest("agency_register", &[("a.csv", &register)], |_| {})
        .await;
    let posts = rows::file(&[post(NAME, NUMBER, bureau().uscc.as_str(), "样例局长")]);
    hub.ingest("official_register", &[("p.csv", &posts)], |_| {})
        .await;
    let said = format!("责令被执行人{OTHER}（身份证{NUMBER}）支付样例款");
    let list = made::court_jsonl(&[
        made::listing(1, OTHER).code(NUMBER).duty(&said),
        made::listing(2, NAME).code(MASKED),
        made::listing(3, NAME).code(MASKED),
        made::listing(4, "甲*乙").code(MASKED),
        made::listing(5, "佛山市不存局"),
    ]);
    let report = hub
        .ingest("court_debtors", &[("c.jsonl", &list)], |_| {})
        .await;
    assert_eq!(report.counts.unresolved, 5, "{report:#?}");
    let wire = Wire::to(&hub).await;
    (hub, wire)
}

async fn queue(wire: &Wire, token: &str) -> Vec<Value> {
    let data = wire.data(Some(token), QUEUE).await;
    let found: Vec<Value> = nodes(&data["mentions"]).cloned().collect();
    assert_eq!(data["mentions"]["totalCount"], found.len());
    found
}

fn persons(queue: &[Value]) -> Vec<Value> {
    let is_masked = |mention: &&Value| text(&mention["text"]).ends_with('*');
    queue.iter().filter(is_masked).cloned().collect()
}

async fn act(wire: &Wire, token: &str, mutation: &str, input: Value) -> Value {
    let reply = wire
        .ask_with(Some(token), mutation, &json!({ "input": input }))
        .await;
    assert!(reply.codes().is_empty(), "{}", reply.text);
    let json = reply.json();
    let data = json["data"].as_object().expect("data").clone();
    data.into_iter().next().expect("one field").1
}

fn on(mention: &Value, judgement: &str, key: &str) -> Value {
    json!({
        "key": key, "mentionId": mention["id"], "version": mention["version"],
        "judgement": judgement, "reason": "已向法院核实",
    })
}

#[tokio::test]
async fn whom_only_people_can_tell_is_seen_for_a_purpose_only() {
    on_both(async |db| {
        let (hub, wire) = hub(&db).await;
        let authority = hub.token(Role::Authority, &["440604"], None);
        let elsewhere = hub.token(Role::Authority, &["440605"], None);
        let operator = hub.token(Role::Operator, &[], None);
        let sanction = wire.stating(Some("sanction"));
        let seen = persons(&queue(&sanction, &authority).await);
        assert_eq!(seen.len(), 4);
        let (id, evidence) = (
            seen[0]["id"].to_string(),
            seen[0]["evidence"][0]["id"].to_string(),
        );
        let by_id = format!("{{ a: node(id: {id}) {{ id }} b: node(id: {evidence}) {{ id }} }}");
        assert_ne!(
            sanction.data(Some(&authority), &by_id).await["a"],
            Value::Null
        );
        for (wire, token) in [
            (&wire, &authority),
            (&wire.stating(Some("curiosity")), &authority),
            // His own is no purpose of theirs, and an operator has none.
            (&wire.stating(Some("supervision")), &authority),
            (&sanction, &elsewhere),
            (&sanction, &operator),
            (&wire, &operator),
        ] {
            assert_eq!(persons(&queue(wire, token).await), Vec::<Value>::new());
            let data = wire.data(Some(token), &by_id).await;
            assert_eq!(data, json!({ "a": null, "b": null }));
            let refused = act(wire, token, DECIDE, on(&seen[0], "UNSURE", "hidden")).await;
            assert_eq!(refused["code"], "NOT_FOUND", "{refused}");
        }
        // Texts of bodies need no purpose.
        assert_eq!(queue(&wire, &operator).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn the_row_is_shown_without_what_stands_for_the_number() {
    let db = Db::sqlite();
    let (hub, wire) = hub(&db).await;
    let wire = wire.stating(Some("sanction"));
    let authority = hub.token(Role::Authority, &["440604"], None);
    let query = "{ mentions(filter: { outcome: [CONFLICT] }) { edges { node { context { name text } } } } }";
    let reply = wire.ask(Some(&authority), query).await;
    let json = reply.json();
    let mention = nodes(&json["data"]["mentions"]).next().expect("it waits");
    let context = mention["context"].as_array().expect("a list");
    let of = |name: &str| {
        let field = context.iter().find(|field| field["name"] == name);
        text(&field.unwrap_or_else(|| panic!("{name}: {}", reply.text))["text"]).to_owned()
    };
    assert_eq!(
        (of("cardNum"), of("iname")),
        (String::new(), "丙**".to_owned())
    );
    assert_eq!(of("duty"), "责令被执行人丙**（身份证）支付样例款");
    let digits = reply.text.split(|c: char| !c.is_ascii_hexdigit());
    assert!(digits.map(str::len).all(|run| run < 64), "{}", reply.text);
    for secret in [NUMBER, NAME, OTHER] {
        assert!(!reply.text.contains(secret), "{}", reply.text);
    }
}

#[tokio::test]
async fn a_persons_row_is_decided_by_itself_never_into_a_match_and_undone() {
    on_both(async |db| {
        let (hub, wire) = hub(&db).await;
        let wire = wire.stating(Some("sanction"));
        let authority = hub.token(Role::Authority, &["440604"], None);
        let waiting = persons(&queue(&wire, &authority).await);
        let alike: Vec<&Value> = waiting
            .iter()
            .filter(|mention| mention["resolution"]["outcome"] == "AMBIGUOUS")
            .collect();
        assert_eq!(alike.len(), 3, "a masked name beside a masked number is one of them");

        // By opinion nobody becomes an official, nor a body.
        for (judgement, key) in [("POSITIVE", "p"), ("NEGATIVE", "n")] {
            let mut input = on(alike[0], judgement, key);
            input["uscc"] = bureau().uscc.to_string().into();
            assert_eq!(act(&wire, &authority, DECIDE, input).await["code"], "ONLY_BY_NUMBER");
        }
        let done = act(&wire, &authority, DECIDE, on(alike[0], "NEGATIVE", "k")).await;
        assert_eq!(done["mention"]["resolution"]["outcome"], "NONE", "{done}");
        let expected = json!({
            "judgement": "NEGATIVE", "agency": null, "by": "test", "reason": "已向法院核实", "version": 1,
            "mentionId": alike[0]["id"], "text": "甲**", "code": null, "isOfRow": true,
            "reach": { "code": "440604" }, "endedAt": null,
        });
        assert_eq!(done["decision"], expected);
        let unsure = act(&wire, &authority, DECIDE, on(alike[1], "UNSURE", "u")).await;
        assert_eq!(unsure["mention"]["resolution"]["outcome"], "AMBIGUOUS", "{unsure}");

        let outcomes = async || -> Vec<String> {
            let queue = persons(&queue(&wire, &authority).await);
            let told = |mention: &Value| {
                let parts = [&mention["resolution"]["outcome"], &mention["decision"]["judgement"]];
                parts.map(|part| part.as_str().unwrap_or("-").to_owned()).join(" ")
            };
            let mut all: Vec<String> = queue.iter().map(told).collect();
            all.sort();
            all
        };
        let decided = ["AMBIGUOUS -", "AMBIGUOUS UNSURE", "CONFLICT -", "NONE NEGATIVE"];
        assert_eq!(outcomes().await, decided, "others of the same masked name wait on");
        // Delivered again, it stays as it was decided.
        let list = made::court_jsonl(&[
            made::listing(2, NAME).code(MASKED),
            made::listing(3, NAME).code(MASKED),
            made::listing(4, "甲*乙").code(MASKED),
        ]);
        hub.ingest("court_debtors", &[("d.jsonl", &list)], |order| order.partial = true)
            .await;
        assert_eq!(outcomes().await, decided);
        // Another hub, which loads what this one stored, sees the same, and an operator nothing.
        let operator = hub.token(Role::Operator, &[], None);
        let data = wire.data(Some(&operator), QUEUE).await;
        assert_eq!(data["mentionDecisions"]["totalCount"], 0);

        let undoing = json!({
            "key": "x", "mentionId": alike[0]["id"], "version": 1, "reason": "核实有误",
        });
        let undone = act(&wire, &authority, UNDO, undoing).await;
        let mention = &undone["mention"];
        assert_eq!((&mention["resolution"]["outcome"], &mention["decision"]), (&json!("AMBIGUOUS"), &Value::Null));
        assert_eq!(outcomes().await, ["AMBIGUOUS -", "AMBIGUOUS -", "AMBIGUOUS UNSURE", "CONFLICT -"]);
        let query = "{ mentionDecisions(ended: true) { totalCount edges { node { judgement reason endedBy endReason } } } }";
        let ended = wire.data(Some(&authority), query).await;
        let expected = json!({ "judgement": "NEGATIVE", "reason": "已向法院核实", "endedBy": "test", "endReason": "核实有误" });
        assert_eq!(ended["mentionDecisions"]["edges"], json!([{ "node": expected }]));
        let hidden = wire.stating(None).data(Some(&authority), query).await;
        assert_eq!(hidden["mentionDecisions"], json!({ "totalCount": 0, "edges": [] }));
        let records = "SELECT COUNT(*) FROM credit_record WHERE official_id IS NOT NULL";
        assert_eq!(count(&hub, records).await, 0);
        assert_eq!(leftovers(&hub).await, "");
    })
    .await;
}
