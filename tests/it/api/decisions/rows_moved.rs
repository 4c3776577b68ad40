//! What becomes of the rows behind a mention when it is decided.

use domain::viewer::Role;
use serde_json::json;

use super::{
    super::{Wire, each, nodes},
    CHANCHENG, NANHAI, SHARED, code_of, decide, hub_with_queue, on, queue, town, undo, with,
};
use crate::support::{Hub, made, on_both, rows};

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
