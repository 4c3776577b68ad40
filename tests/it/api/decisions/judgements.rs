//! What a decision says, and how it is told, repeated, replaced and undone.

use std::collections::BTreeSet;

use domain::viewer::Role;
use serde_json::{Value, json};

use super::{
    super::{nodes, text},
    CHANCHENG, SHARED, UNDO, code_of, decide, hub_with_queue, on, queue, resolutions, town, undo,
    with,
};
use crate::support::{Hub, leftovers, made, on_both, rows, state};

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
        // The body that is found to be meant can see who decided so.
        hub.app.audit.integrate().await.expect("it is put together");
        let body = hub.token(Role::Agency, &[], Some(&town()[1].uscc));
        let looked = format!(r#"{{ agency(uscc: "{}") {{ accesses(first: 3) {{ edges {{ node {{ role action }} }} }} }} }}"#, code_of(2));
        let looked = hub.data(Some(&body), &looked).await;
        let actions = nodes(&looked["agency"]["accesses"]).map(|node| text(&node["action"]));
        // The answer told who was meant, too.
        assert_eq!(actions.collect::<BTreeSet<_>>(), BTreeSet::from(["CHANGE", "READ"]), "{looked}");
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
async fn a_decision_in_the_place_of_another_is_about_the_body_of_that_too() {
    on_both(async |db| {
        let (hub, wire) = hub_with_queue(&db).await;
        let authority = hub.token(Role::Authority, &["440604"], None);
        let waiting = queue(&hub, &wire).await;
        let not_him = with(on(&waiting[0], "NEGATIVE"), "uscc", code_of(2));
        let done = decide(&wire, &authority, &not_him).await;
        assert_eq!(done["__typename"], "DecideMentionSuccess", "{done}");
        let waiting = queue(&hub, &wire).await;
        let done = decide(&wire, &authority, &on(&waiting[0], "UNSURE")).await;
        assert_eq!(done["__typename"], "DecideMentionSuccess", "{done}");
        hub.app.audit.integrate().await.expect("it is put together");
        let body = hub.token(Role::Agency, &[], Some(&town()[1].uscc));
        let looked = format!(r#"{{ agency(uscc: "{}") {{ accesses(first: 9) {{ edges {{ node {{ action }} }} }} }} }}"#, code_of(2));
        let looked = hub.data(Some(&body), &looked).await;
        let changes = nodes(&looked["agency"]["accesses"]).filter(|node| node["action"] == "CHANGE");
        assert_eq!(changes.count(), 2, "{looked}");
    })
    .await;
}
