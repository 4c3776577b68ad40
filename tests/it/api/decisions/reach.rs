//! Who may decide, and how far it reaches.

use domain::viewer::Role;
use serde_json::{Value, json};

use super::{
    super::{known_roles, text},
    CHANCHENG, DECIDE, NANHAI, SHARED, UNDO, code_of, decide, hub_with_queue, on, queue,
    resolutions, undo, with,
};
use crate::support::{Db, leftovers, made, on_both};

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
