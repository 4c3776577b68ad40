//! Decisions about whom a text means, over the API: who may take them, what hangs on them, and how
//! they are undone.

use domain::viewer::Role;
use serde_json::{Value, json};

use super::{Wire, each, known_roles, nodes, text};
use crate::support::{Db, Hub, count, leftovers, made, on_both, rows, state};

const DECIDE: &str = "mutation ($input: DecideMentionInput!) { decideMention(input: $input) { __typename \
     ... on DecideMentionSuccess { mentionId mention { id version resolution { outcome candidates { agency { name } } } } \
       decision { judgement agency { name } by role reason at version mentionId text code source { key } reach { code } } } \
     ... on Refusal { code } ... on VersionConflict { current } } }";
const UNDO: &str = "mutation ($input: UndoMentionDecisionInput!) { undoMentionDecision(input: $input) { __typename \
     ... on UndoMentionDecisionSuccess { mentionId mention { id resolution { outcome } } } \
     ... on Refusal { code } ... on VersionConflict { current } } }";
const QUEUE: &str = "{ mentions(first: 10) { edges { node { id version text division { code } source { key } \
     resolution { outcome steps candidates { agency { id name } } } decision { judgement reason version } \
     context { name text } } } } }";

/// A bureau of the city, two of one of its districts that bear the same second name, and one of
/// another district.
fn town() -> Vec<made::Body> {
    vec![
        made::body(1, "佛山市样例局", "440600"),
        made::body(2, CHANCHENG, "440604").alias(SHARED),
        made::body(3, "佛山市禅城区别样局", "440604").alias(SHARED),
        made::body(4, NANHAI, "440605"),
    ]
}

const SHARED: &str = "样例共用局";
const CHANCHENG: &str = "佛山市禅城区样例局";
const NANHAI: &str = "佛山市南海区样例局";

/// A served hub that knows the town and two listings of whom nobody can tell.
async fn hub_with_queue(db: &Db) -> (Hub, Wire) {
    let hub = Hub::on(db).await;
    hub.it_is("2026-11-17");
    let register = made::register(&town());
    hub.ingest("agency_register", &[("a.csv", &register)], |_| {})
        .await;
    hub.it_is("2026-11-18");
    let list = made::court_jsonl(&[
        made::listing(1, SHARED),
        made::listing(2, SHARED),
        made::listing(3, CHANCHENG),
    ]);
    hub.ingest("court_debtors", &[("c.jsonl", &list)], |_| {})
        .await;
    hub.it_is("2026-11-20");
    let wire = Wire::to(&hub).await;
    (hub, wire)
}

async fn queue(hub: &Hub, wire: &Wire) -> Vec<Value> {
    let operator = hub.token(Role::Operator, &[], None);
    let data = wire.data(Some(&operator), QUEUE).await;
    nodes(&data["mentions"]).cloned().collect()
}

/// A decision on a mention as it stands in the queue.
fn on(mention: &Value, judgement: &str) -> Value {
    json!({
        "key": format!("{judgement} of {}", text(&mention["id"])),
        "mentionId": mention["id"],
        "version": mention["version"],
        "judgement": judgement,
        "reason": "看过卷宗",
    })
}

fn with(mut input: Value, name: &str, value: impl Into<Value>) -> Value {
    input[name] = value.into();
    input
}

fn code_of(n: usize) -> String {
    town()[n - 1].uscc.to_string()
}

async fn decide(wire: &Wire, token: &str, input: &Value) -> Value {
    let reply = wire
        .ask_with(Some(token), DECIDE, &json!({ "input": input }))
        .await;
    assert!(reply.codes().is_empty(), "{}", reply.text);
    reply.json()["data"]["decideMention"].clone()
}

async fn undo(wire: &Wire, token: &str, input: &Value) -> Value {
    let reply = wire
        .ask_with(Some(token), UNDO, &json!({ "input": input }))
        .await;
    assert!(reply.codes().is_empty(), "{}", reply.text);
    reply.json()["data"]["undoMentionDecision"].clone()
}

async fn resolutions(hub: &Hub) -> i64 {
    let sql = "SELECT COUNT(*) FROM change WHERE cause = 'resolution' AND seq IS NOT NULL";
    count(hub, sql).await
}

#[tokio::test]
async fn a_positive_decision_tells_all_that_write_the_same_now_and_later() {
    on_both(async |db| {
        let (hub, wire) = hub_with_queue(&db).await;
        let authority = hub.token(Role::Authority, &["440600"], None);
        let waiting = queue(&hub, &wire).await;
        assert_eq!(waiting.len(), 2);
        let first = &waiting[0];
        assert_eq!(first["resolution"]["outcome"], "AMBIGUOUS");
        assert_eq!(first["division"]["code"], "440604");
        let candidates = first["resolution"]["candidates"].as_array().expect("a list");
        assert_eq!(candidates.len(), 2);
        let context = first["context"].as_array().expect("a list");
        let field = context.iter().find(|field| field["name"] == "courtName");
        assert_eq!(field.expect("the row's own")["text"], "佛山市禅城区人民法院");

        let input = with(on(first, "POSITIVE"), "uscc", code_of(2));
        let done = decide(&wire, &authority, &input).await;
        assert_eq!(done["__typename"], "DecideMentionSuccess", "{done}");
        assert_eq!(done["mention"], Value::Null, "it is told");
        let decision = &done["decision"];
        let expected = json!({
            "judgement": "POSITIVE", "agency": { "name": CHANCHENG }, "by": "test", "role": "AUTHORITY",
            "reason": "看过卷宗", "at": "2026-11-20T09:00:00+08:00", "version": 1, "mentionId": first["id"],
            "text": SHARED, "code": null, "source": { "key": "court_debtors" }, "reach": { "code": "440600" },
        });
        assert_eq!(decision, &expected);
        assert!(queue(&hub, &wire).await.is_empty());
        let told = vec![format!("{CHANCHENG} ACTIVE 2025-03-04 -"); 3];
        assert_eq!(hub.records().await, told);
        assert_eq!(resolutions(&hub).await, 1, "one change for the decision and all its rows");
        assert_eq!(decide(&wire, &authority, &input).await, done, "the same again");
        let other = with(input.clone(), "reason", "另一理由");
        assert_eq!(decide(&wire, &authority, &other).await["code"], "KEY_REUSED");
        let late = with(input.clone(), "key", "late");
        assert_eq!(decide(&wire, &authority, &late).await["code"], "NOT_FOUND", "it is told already");
        assert_eq!(resolutions(&hub).await, 1);

        // A later row of this source; one of another source, of which nothing was decided.
        let list = made::court_jsonl(&[made::listing(4, " 样例共用局。")]);
        let report = hub
            .ingest("court_debtors", &[("d.jsonl", &list)], |order| order.partial = true)
            .await;
        assert_eq!(report.counts.unresolved, 0, "{report:?}");
        let complaints = rows::file(&[rows::established(1, SHARED)]);
        let report = hub.ingest("arrears", &[("a.csv", &complaints)], |_| {}).await;
        assert_eq!(report.counts.unresolved, 1, "{report:?}");
        assert_eq!(hub.records().await.len(), 4);

        let listed = wire
            .data(Some(&authority), "{ mentionDecisions { totalCount edges { node { id mentionId version } } } }")
            .await;
        assert_eq!(listed["mentionDecisions"]["totalCount"], 1);
        let standing = nodes(&listed["mentionDecisions"]).next().expect("it stands");
        let by_id = format!("{{ node(id: {}) {{ id ... on MentionDecision {{ mentionId version }} }} }}", standing["id"]);
        assert_eq!(&wire.data(Some(&authority), &by_id).await["node"], standing);
        let undoing = json!({ "key": "u", "mentionId": standing["mentionId"], "version": 7, "reason": "判定有误" });
        let conflict = undo(&wire, &authority, &undoing).await;
        assert_eq!((&conflict["__typename"], &conflict["current"]), (&json!("VersionConflict"), &json!(1)));
        let undoing = with(undoing, "version", standing["version"].clone());
        let undone = undo(&wire, &authority, &undoing).await;
        assert_eq!(undone["__typename"], "UndoMentionDecisionSuccess", "{undone}");
        assert_eq!(undone["mention"]["resolution"]["outcome"], "AMBIGUOUS");
        assert_eq!(undo(&wire, &authority, &undoing).await, undone, "the same again");
        assert_eq!(hub.records().await, [told[0].clone()]);
        assert_eq!(queue(&hub, &wire).await.len(), 4);
        assert_eq!(resolutions(&hub).await, 2);
        let again = with(undoing, "key", "u2");
        assert_eq!(undo(&wire, &authority, &again).await["code"], "NOT_FOUND");
        assert_eq!(leftovers(&hub).await, "");

        // Another process, which loads what this one stored, sees the same.
        let other = Hub::on(&db).await;
        assert_eq!(other.told().await, hub.told().await);
    })
    .await;
}

#[tokio::test]
async fn what_was_decided_stands_after_a_restart_and_survives_repeated_deliveries() {
    on_both(async |db| {
        let (hub, wire) = hub_with_queue(&db).await;
        let operator = hub.token(Role::Operator, &[], None);
        let waiting = queue(&hub, &wire).await;
        let input = with(on(&waiting[0], "NEGATIVE"), "uscc", code_of(3));
        decide(&wire, &operator, &input).await;
        let (before, told) = (state(&hub).await, hub.told().await);
        let again = Hub::on(&db).await;
        let list = made::court_jsonl(&[
            made::listing(1, SHARED),
            made::listing(2, SHARED),
            made::listing(3, CHANCHENG),
        ]);
        let report = again
            .ingest("court_debtors", &[("c.jsonl", &list)], |_| {})
            .await;
        assert_eq!(
            (report.counts.stored, report.counts.unresolved),
            (0, 2),
            "{report:?}"
        );
        assert_eq!(state(&again).await, before);
        assert_eq!(again.told().await, told);
    })
    .await;
}

#[tokio::test]
async fn a_negative_one_takes_a_candidate_out_and_an_unsure_one_nothing() {
    on_both(async |db| {
        let (hub, wire) = hub_with_queue(&db).await;
        let operator = hub.token(Role::Operator, &[], None);
        let names = |mention: &Value| -> Vec<String> {
            let candidates = mention["resolution"]["candidates"].as_array().cloned();
            let candidates = candidates.unwrap_or_default();
            let name = |candidate: &Value| text(&candidate["agency"]["name"]).to_owned();
            candidates.iter().map(name).collect()
        };
        let waiting = queue(&hub, &wire).await;
        let unsure = decide(&wire, &operator, &on(&waiting[0], "UNSURE")).await;
        assert_eq!(unsure["decision"]["judgement"], "UNSURE", "{unsure}");
        assert_eq!(names(&unsure["mention"]).len(), 2);
        // Whoever saw it without that decision decides about something else.
        let stale = with(on(&waiting[1], "NEGATIVE"), "uscc", code_of(3));
        let conflict = decide(&wire, &operator, &stale).await;
        assert_eq!((&conflict["__typename"], &conflict["current"]), (&json!("VersionConflict"), &json!(2)));

        let waiting = queue(&hub, &wire).await;
        let not_the_other = with(on(&waiting[1], "NEGATIVE"), "uscc", code_of(3));
        let done = decide(&wire, &operator, &not_the_other).await;
        assert_eq!(done["mention"]["resolution"]["outcome"], "AMBIGUOUS", "{done}");
        assert_eq!(names(&done["mention"]), [CHANCHENG], "who is left alone is not told by that");
        let waiting = queue(&hub, &wire).await;
        assert_eq!(waiting.len(), 2);
        assert!(waiting.iter().all(|mention| names(mention) == [CHANCHENG]));
        // One after another.
        let not_chancheng = with(on(&waiting[0], "NEGATIVE"), "uscc", code_of(2));
        let done = decide(&wire, &operator, &not_chancheng).await;
        assert_eq!(names(&done["mention"]), Vec::<String>::new(), "{done}");

        let waiting = queue(&hub, &wire).await;
        let nobody = with(on(&waiting[0], "NEGATIVE"), "key", "nobody");
        let done = decide(&wire, &operator, &nobody).await;
        assert_eq!(done["mention"]["resolution"]["outcome"], "NONE", "{done}");
        let filter = "{ decided: mentions(filter: { decided: true }) { totalCount } \
                      open: mentions(filter: { decided: false }) { totalCount } \
                      both: mentions(filter: { decided: true, not: { outcome: [AMBIGUOUS] }, source: { eq: \"court_debtors\" }, division: { within: \"440600\" } }) { totalCount } }";
        let data = wire.data(Some(&operator), filter).await;
        let totals = ["decided", "open", "both"].map(|list| data[list]["totalCount"].as_i64());
        assert_eq!(totals, [Some(2), Some(0), Some(2)]);

        let version = done["decision"]["version"].clone();
        let undoing = json!({ "key": "u", "mentionId": waiting[0]["id"], "version": version, "reason": "判定有误" });
        let undone = undo(&wire, &operator, &undoing).await;
        assert_eq!(undone["mention"]["resolution"]["outcome"], "AMBIGUOUS", "{undone}");
        let waiting = queue(&hub, &wire).await;
        assert!(waiting.iter().all(|mention| names(mention).len() == 2 && mention["decision"] == Value::Null));
    })
    .await;
}

#[tokio::test]
async fn only_deciders_decide_and_only_where_they_see() {
    let db = Db::sqlite();
    let (hub, wire) = hub_with_queue(&db).await;
    let waiting = queue(&hub, &wire).await;
    let input = with(on(&waiting[0], "POSITIVE"), "uscc", code_of(2));
    let undoing =
        json!({ "key": "u", "mentionId": waiting[0]["id"], "version": 1, "reason": "判定有误" });
    let may = [Role::Authority, Role::Operator];
    for role in known_roles().filter(|role| !may.contains(role)) {
        let token = hub.token(role, &["440000"], None);
        for (mutation, input) in [(DECIDE, &input), (UNDO, &undoing)] {
            let reply = wire
                .ask_with(Some(&token), mutation, &json!({ "input": input }))
                .await;
            assert!(reply.is_refusal(), "{role}: {}", reply.text);
            assert_eq!(reply.code(), "FORBIDDEN", "{role}");
        }
    }
    // Of another city, the mention does not exist; of the district, the other district's body.
    let elsewhere = hub.token(Role::Authority, &["440100"], None);
    assert_eq!(decide(&wire, &elsewhere, &input).await["code"], "NOT_FOUND");
    assert_eq!(undo(&wire, &elsewhere, &undoing).await["code"], "NOT_FOUND");
    let district = hub.token(Role::Authority, &["440604"], None);
    let hidden = with(on(&waiting[0], "POSITIVE"), "uscc", code_of(4));
    let absent = made::uscc("11", "440604", 77).to_string();
    let absent = with(on(&waiting[0], "POSITIVE"), "uscc", absent);
    let answers = [
        decide(&wire, &district, &hidden).await,
        decide(&wire, &district, &absent).await,
    ];
    assert_eq!(answers[0]["code"], "AGENCY_NOT_FOUND");
    assert_eq!(answers[0], answers[1], "nothing tells that it is there");
    for (name, value) in [
        ("mentionId", json!("mnt_440000_999")),
        ("mentionId", json!("agc_440000_1")),
        ("agency", json!("agc_440000_1")),
    ] {
        let mut input = on(&waiting[0], "NEGATIVE");
        input[name] = value;
        let refused = decide(&wire, &district, &input).await;
        assert!(text(&refused["code"]).ends_with("NOT_FOUND"), "{refused}");
    }
    for bad in [
        with(input.clone(), "reason", "  "),
        with(input.clone(), "reason", "理".repeat(501)),
        with(input.clone(), "uscc", Value::Null),
        with(input.clone(), "agency", "agc_440000_1"),
        with(input.clone(), "judgement", "UNSURE"),
        with(input.clone(), "key", ""),
    ] {
        let reply = wire
            .ask_with(Some(&district), DECIDE, &json!({ "input": bad }))
            .await;
        assert_eq!(reply.code(), "INVALID", "{bad}: {}", reply.text);
    }
    assert_eq!(resolutions(&hub).await, 0);
    assert_eq!(leftovers(&hub).await, "");

    // A person's number in a reason is kept masked.
    let told = with(input, "reason", "联系电话13000000000");
    let done = decide(&wire, &district, &told).await;
    assert!(
        !text(&done["decision"]["reason"]).contains("13000000000"),
        "{done}"
    );
}

#[tokio::test]
async fn a_decision_reaches_as_far_as_its_decider() {
    on_both(async |db| {
        let (hub, wire) = hub_with_queue(&db).await;
        let chancheng = hub.token(Role::Authority, &["440604"], None);
        let nanhai = hub.token(Role::Authority, &["440605"], None);
        let operator = hub.token(Role::Operator, &[], None);
        let list = made::court_jsonl(&[
            made::listing(8, SHARED).case("(2025)粤0605执90008号"),
            made::listing(9, SHARED).case("(2025)粤0605执90009号"),
        ]);
        hub.ingest("court_debtors", &[("n.jsonl", &list)], |order| {
            order.partial = true
        })
        .await;
        let waiting = queue(&hub, &wire).await;
        let in_division = |code: &str| {
            let found = waiting
                .iter()
                .find(|mention| mention["division"]["code"] == code);
            found.expect("one of each").clone()
        };
        let (there, here) = (in_division("440604"), in_division("440605"));
        decide(
            &wire,
            &chancheng,
            &with(on(&there, "POSITIVE"), "uscc", code_of(2)),
        )
        .await;
        assert_eq!(
            queue(&hub, &wire).await.len(),
            2,
            "the other district's rows are its own"
        );
        let done = decide(
            &wire,
            &nanhai,
            &with(on(&here, "POSITIVE"), "uscc", code_of(4)),
        )
        .await;
        assert_eq!(done["__typename"], "DecideMentionSuccess", "{done}");
        assert!(queue(&hub, &wire).await.is_empty());
        let records = hub.records().await;
        let of = |name: &str| {
            records
                .iter()
                .filter(|record| record.starts_with(name))
                .count()
        };
        assert_eq!((of(CHANCHENG), of(NANHAI)), (3, 2));

        // What reaches everywhere gives way to what was decided nearer, and is not theirs to undo.
        let undoing = json!({ "key": "u", "mentionId": here["id"], "version": 1, "reason": "判定有误" });
        undo(&wire, &nanhai, &undoing).await;
        let waiting = queue(&hub, &wire).await;
        let everywhere = with(on(&waiting[0], "NEGATIVE"), "key", "everywhere");
        decide(&wire, &operator, &everywhere).await;
        let undoing = json!({ "key": "u2", "mentionId": waiting[0]["id"], "version": 1, "reason": "判定有误" });
        assert_eq!(undo(&wire, &nanhai, &undoing).await["code"], "OUT_OF_REACH");
        let records = hub.records().await;
        let of = |name: &str| {
            records
                .iter()
                .filter(|record| record.starts_with(name))
                .count()
        };
        assert_eq!((of(CHANCHENG), of(NANHAI)), (3, 0));
    })
    .await;
}

#[tokio::test]
async fn an_operator_of_some_divisions_decides_for_those_alone() {
    on_both(async |db| {
        let (hub, wire) = hub_with_queue(&db).await;
        let list = made::court_jsonl(&[made::listing(8, SHARED).case("(2025)粤0605执90008号")]);
        hub.ingest("court_debtors", &[("n.jsonl", &list)], |order| {
            order.partial = true
        })
        .await;
        let waiting = queue(&hub, &wire).await;
        let in_division = |code: &str| {
            let mut found = waiting.iter();
            found
                .find(|mention| mention["division"]["code"] == code)
                .expect("one of each")
                .clone()
        };
        let (here, there) = (in_division("440604"), in_division("440605"));
        let chancheng = hub.token(Role::Operator, &["440604"], None);
        let beyond = decide(&wire, &chancheng, &on(&there, "UNSURE")).await;
        assert_eq!(beyond["code"], "OUT_OF_REACH", "{beyond}");
        let input = with(on(&here, "POSITIVE"), "uscc", code_of(2));
        let done = decide(&wire, &chancheng, &input).await;
        assert_eq!(done["decision"]["reach"]["code"], "440604", "{done}");
        let left = queue(&hub, &wire).await;
        assert_eq!(left.len(), 1, "the other district's row waits on");
        assert_eq!(left[0]["division"]["code"], "440605");

        // What reaches everywhere is not his to undo.
        let everywhere = hub.token(Role::Operator, &[], None);
        decide(
            &wire,
            &everywhere,
            &with(on(&left[0], "UNSURE"), "key", "all"),
        )
        .await;
        let undoing =
            json!({ "key": "u", "mentionId": there["id"], "version": 1, "reason": "判定有误" });
        let nanhai = hub.token(Role::Operator, &["440605"], None);
        assert_eq!(undo(&wire, &nanhai, &undoing).await["code"], "OUT_OF_REACH");
        let undone = undo(&wire, &everywhere, &with(undoing, "key", "u2")).await;
        assert_eq!(
            undone["__typename"], "UndoMentionDecisionSuccess",
            "{undone}"
        );
    })
    .await;
}

#[tokio::test]
async fn what_was_replaced_or_undone_is_listed_with_who_why_and_when() {
    on_both(async |db| {
        let (hub, wire) = hub_with_queue(&db).await;
        let authority = hub.token(Role::Authority, &["440604"], None);
        let waiting = queue(&hub, &wire).await;
        decide(&wire, &authority, &on(&waiting[0], "UNSURE")).await;
        hub.later(60);
        let waiting = queue(&hub, &wire).await;
        let second = with(on(&waiting[0], "NEGATIVE"), "reason", "查无此单位");
        decide(&wire, &authority, &second).await;
        hub.later(60);
        let undoing = json!({ "key": "u", "mentionId": waiting[0]["id"], "version": 2, "reason": "联系电话13000000000" });
        for bad in ["", "  "] {
            let input = with(undoing.clone(), "reason", bad);
            let reply = wire.ask_with(Some(&authority), UNDO, &json!({ "input": input })).await;
            assert_eq!(reply.code(), "INVALID", "{}", reply.text);
        }
        undo(&wire, &authority, &undoing).await;
        let query = |page: &str| {
            format!("{{ mentionDecisions(ended: true{page}) {{ totalCount pageInfo {{ endCursor hasNextPage }} \
                     edges {{ node {{ judgement version reason endedAt endedBy endReason }} }} }} \
                     standing: mentionDecisions {{ totalCount }} }}")
        };
        let all = wire.data(Some(&authority), &query("")).await;
        assert_eq!(all["standing"]["totalCount"], 0);
        let expected = [
            json!({ "judgement": "NEGATIVE", "version": 2, "reason": "查无此单位",
                    "endedAt": "2026-11-20T09:02:00+08:00", "endedBy": "test", "endReason": all["mentionDecisions"]["edges"][0]["node"]["endReason"] }),
            json!({ "judgement": "UNSURE", "version": 1, "reason": "看过卷宗",
                    "endedAt": "2026-11-20T09:01:00+08:00", "endedBy": "test", "endReason": "查无此单位" }),
        ];
        let listed: Vec<_> = nodes(&all["mentionDecisions"]).cloned().collect();
        assert_eq!(listed, expected);
        assert!(!text(&listed[0]["endReason"]).contains("13000000000"), "{listed:?}");
        let first = wire.data(Some(&authority), &query(", first: 1")).await;
        let end = &first["mentionDecisions"]["pageInfo"];
        assert_eq!(end["hasNextPage"], true);
        let rest = query(&format!(", first: 5, after: {}", end["endCursor"]));
        let rest = wire.data(Some(&authority), &rest).await;
        assert_eq!(nodes(&rest["mentionDecisions"]).collect::<Vec<_>>(), [&expected[1]]);
        let elsewhere = hub.token(Role::Authority, &["440605"], None);
        let hidden = wire.data(Some(&elsewhere), &query("")).await;
        assert_eq!(hidden["mentionDecisions"]["totalCount"], 0);
        // Each has an id of its own, though the two are versions of one decision.
        let ids = "{ mentionDecisions(ended: true) { edges { node { id version } } } }";
        let ids = wire.data(Some(&authority), ids).await;
        assert_eq!(nodes(&ids["mentionDecisions"]).count(), 2);
        for ended in nodes(&ids["mentionDecisions"]) {
            let id = &ended["id"];
            let query = format!("{{ node(id: {id}) {{ id ... on MentionDecision {{ version }} }} }}");
            let found = wire.data(Some(&authority), &query).await;
            assert_eq!(&found["node"], ended);
            assert!(wire.data(Some(&elsewhere), &query).await["node"].is_null());
            assert!(wire.data(None, &format!("{{ node(id: {id}) {{ id }} }}")).await["node"].is_null());
        }
    })
    .await;
}

#[tokio::test]
async fn a_conflict_that_was_seen_is_settled_and_one_that_comes_later_is_not() {
    on_both(async |db| {
        let (hub, wire) = hub_with_queue(&db).await;
        let operator = hub.token(Role::Operator, &[], None);
        let unknown = made::uscc("11", "440604", 9);
        let list = made::court_jsonl(&[
            made::listing(5, NANHAI).code(code_of(2)),
            made::listing(6, SHARED).code(unknown),
        ]);
        hub.ingest("court_debtors", &[("k.jsonl", &list)], |order| {
            order.partial = true
        })
        .await;
        let waiting = queue(&hub, &wire).await;
        let conflicts: Vec<_> = waiting
            .iter()
            .filter(|mention| mention["resolution"]["outcome"] == "CONFLICT")
            .collect();
        assert_eq!(conflicts.len(), 2);
        for conflict in conflicts {
            let chosen = if conflict["text"] == NANHAI { 4 } else { 2 };
            let done = decide(
                &wire,
                &operator,
                &with(on(conflict, "POSITIVE"), "uscc", code_of(chosen)),
            )
            .await;
            assert_eq!(done["__typename"], "DecideMentionSuccess", "{done}");
        }
        assert_eq!(hub.records().await.len(), 3);
        // The register comes to know whose the other code is: nobody had that before him.
        let mut bodies = town();
        bodies.push(made::body_of(unknown, "佛山市禅城区新样局", "440604"));
        let register = made::register(&bodies);
        let report = hub
            .ingest("agency_register", &[("b.csv", &register)], |_| {})
            .await;
        assert_eq!(report.reresolved, 1, "{report:?}");
        assert_eq!(hub.records().await.len(), 2);
        let waiting = queue(&hub, &wire).await;
        let conflict = waiting
            .iter()
            .find(|mention| mention["resolution"]["outcome"] == "CONFLICT");
        let conflict = conflict.expect("it waits again");
        assert_eq!(
            conflict["decision"]["judgement"], "POSITIVE",
            "what was decided is shown"
        );
        let input = with(on(conflict, "POSITIVE"), "uscc", code_of(2));
        let input = with(input, "key", "again");
        let done = decide(&wire, &operator, &input).await;
        assert_eq!(done["decision"]["version"], 2, "{done}");
        assert_eq!(hub.records().await.len(), 3, "now both were seen");
    })
    .await;
}

#[tokio::test]
async fn an_allegation_gets_its_body_and_an_established_one_becomes_a_record() {
    on_both(async |db| {
        let hub = Hub::on(&db).await;
        let register = made::register(&town());
        hub.ingest("agency_register", &[("a.csv", &register)], |_| {})
            .await;
        let complaints = rows::file(&[
            rows::complaint(1, SHARED)
                .with("处理结果", "")
                .with("办结日期", ""),
            rows::established(2, SHARED),
        ]);
        hub.ingest("arrears", &[("a.csv", &complaints)], |_| {})
            .await;
        let wire = Wire::to(&hub).await;
        let operator = hub.token(Role::Operator, &[], None);
        let waiting = queue(&hub, &wire).await;
        assert_eq!(waiting.len(), 2);
        let input = with(on(&waiting[0], "POSITIVE"), "uscc", code_of(4));
        let done = decide(&wire, &operator, &input).await;
        assert_eq!(done["__typename"], "DecideMentionSuccess", "{done}");
        assert_eq!(hub.records().await.len(), 1);
        let query = "{ clues { edges { node { stage agencies { name } } } } }";
        let data = wire.data(Some(&hub.everything()), query).await;
        let clues: Vec<_> = nodes(&data["clues"]).collect();
        assert_eq!(
            clues,
            [&json!({ "stage": "RECEIVED", "agencies": [{ "name": NANHAI }] })]
        );
        let again = hub
            .ingest("arrears", &[("a.csv", &complaints)], |_| {})
            .await;
        assert_eq!(
            (again.counts.stored, again.counts.unresolved),
            (0, 0),
            "{again:?}"
        );
        let undoing = json!({ "key": "u", "mentionId": waiting[0]["id"], "version": 1, "reason": "判定有误" });
        undo(&wire, &operator, &undoing).await;
        assert_eq!(queue(&hub, &wire).await.len(), 2);
        let data = wire.data(Some(&hub.everything()), query).await;
        assert!(each(&data["clues"], "stage").is_empty(), "{data}");
        assert!(hub.records().await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn what_is_listed_no_longer_keeps_its_status_and_loses_what_was_undone() {
    on_both(async |db| {
        let (hub, wire) = hub_with_queue(&db).await;
        let operator = hub.token(Role::Operator, &[], None);
        let waiting = queue(&hub, &wire).await;
        decide(
            &wire,
            &operator,
            &with(on(&waiting[0], "POSITIVE"), "uscc", code_of(2)),
        )
        .await;
        let list = made::court_jsonl(&[made::listing(2, SHARED), made::listing(3, CHANCHENG)]);
        let report = hub
            .ingest("court_debtors", &[("e.jsonl", &list)], |_| {})
            .await;
        assert_eq!(report.counts.withdrawn, 1, "{report:?}");
        let undoing = json!({ "key": "u", "mentionId": waiting[0]["id"], "version": 1, "reason": "判定有误" });
        undo(&wire, &operator, &undoing).await;
        let active = format!("{CHANCHENG} ACTIVE 2025-03-04 -");
        assert_eq!(
            hub.records().await,
            [active],
            "nobody is accused of the one that was delisted either"
        );
        let left = queue(&hub, &wire).await;
        assert_eq!(
            left.len(),
            1,
            "what is listed no longer does not wait for anybody"
        );
        // Another body for both: the delisted one stays as it is, since nobody waits for it.
        let input = with(
            with(on(&left[0], "POSITIVE"), "uscc", code_of(3)),
            "key",
            "other",
        );
        decide(&wire, &operator, &input).await;
        assert_eq!(hub.records().await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn while_a_delivery_comes_in_nothing_is_decided() {
    on_both(async |db| {
        let (hub, wire) = hub_with_queue(&db).await;
        let operator = hub.token(Role::Operator, &[], None);
        let waiting = queue(&hub, &wire).await;
        let input = with(on(&waiting[0], "POSITIVE"), "uscc", code_of(2));
        let new = zhengxin::store::NewRun {
            reread_of: None,
            source: "court_debtors".to_owned(),
            feed: "default".to_owned(),
            is_full: false,
            data_as_of: crate::support::moment("2026-11-20"),
            started_at: crate::support::moment("2026-11-20"),
            place: None,
            files: Vec::new(),
        };
        let other = Hub::on(&db).await;
        let delivery = other
            .app
            .store
            .begin_delivery(&new)
            .await
            .expect("nobody holds it");
        assert_eq!(
            decide(&wire, &operator, &input).await["code"],
            "SOURCE_BUSY"
        );
        let failed = domain::run::RunState::Failed;
        delivery
            .take_back(
                failed,
                domain::run::RunCounts::default(),
                "given up",
                new.started_at,
            )
            .await
            .expect("the database answers");
        let done = decide(&wire, &operator, &input).await;
        assert_eq!(
            done["__typename"], "DecideMentionSuccess",
            "a refusal is not kept: {done}"
        );
    })
    .await;
}
