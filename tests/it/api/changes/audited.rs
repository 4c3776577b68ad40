//! Each change that is told with an audited field has an entry of its own, before it is told.

use domain::{
    audit::{Action, Entry},
    viewer::Role,
};
use serde_json::json;

use super::{hub_on, register};
use crate::api::{Wire, streams::Events};
use crate::support::{made, on_both, rows};

#[tokio::test(flavor = "multi_thread")]
async fn what_a_subscriber_reads_is_written_down_change_by_change() {
    on_both(async |db| {
        let hub = hub_on(&db).await;
        register(&hub, &super::bodies()).await;
        let wire = Wire::to(&hub).await;
        let authority = hub.token(Role::Authority, &["440000"], None);
        let follow = |fields: &str| {
            let query = format!(
                "subscription {{ creditRecordChanged {{ cursor record {{ {fields} }} }} }}"
            );
            json!({ "query": query })
        };
        let body = follow("id clues { content }");
        let mut audited = Events::of(&wire, Some(&authority), &body).await;
        let mut others = Events::of(&wire, Some(&authority), &follow("id status")).await;
        let complaint = |nth| rows::established(nth, super::CHANCHENG);
        for nth in 1..=2 {
            let file = rows::file(&[complaint(nth)]);
            let report = hub
                .ingest("arrears", &[("a.csv", &file)], |order| order.partial = true)
                .await;
            assert!(report.change.is_some(), "{report:#?}");
            for events in [&mut audited, &mut others] {
                let event = events.next().await.expect("a change");
                assert!(event.data.get("errors").is_none(), "{}", event.data);
            }
            hub.app.audit.integrate().await.expect("it is put together");
            let rows = hub.app.store.list_audit(0, 100).await.expect("it is read");
            let entries: Vec<Entry> = rows
                .iter()
                .map(|row| Entry::decode(&row.record).expect("an entry"))
                .collect();
            assert_eq!(
                entries.len(),
                nth as usize,
                "one a change, and none for others: {entries:#?}"
            );
            let last = entries.last().expect("one");
            assert_eq!(
                (last.action, last.object.as_str()),
                (Action::Read, "Clue.content")
            );
            assert_eq!(
                (last.actor.role, last.actor.areas.clone()),
                (Role::Authority, vec!["440000".to_owned()])
            );
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_subscriber_is_refused_is_written_down_once() {
    on_both(async |db| {
        let hub = hub_on(&db).await;
        register(&hub, &super::bodies()).await;
        let wire = Wire::to(&hub).await;
        let assessor = hub.token(Role::Assessor, &["440000"], None);
        // Only executing refuses the filter.
        let refused = "cases(filter: { reminded: { active: true } }) { totalCount }";
        let query = format!(
            "subscription {{ creditRecordChanged {{ cursor record {{ agency {{ {refused} }} }} }} }}"
        );
        let body = json!({ "query": query });
        let mut events = Events::of(&wire, Some(&assessor), &body).await;
        for nth in 1..=2 {
            // The public reads of the court's list.
            let listings: Vec<_> = (1..=nth)
                .map(|nth| made::listing(nth, super::CHANCHENG))
                .collect();
            let list = made::court_jsonl(&listings);
            hub.ingest("court_debtors", &[("c.jsonl", &list)], |_| {})
                .await;
            let event = events.next().await.expect("a change");
            assert_eq!(
                event.data["errors"][0]["extensions"]["code"], "FORBIDDEN",
                "{}",
                event.data
            );
        }
        hub.app.audit.integrate().await.expect("it is put together");
        let rows = hub.app.store.list_audit(0, 100).await.expect("it is read");
        let entries = rows
            .iter()
            .map(|row| Entry::decode(&row.record).expect("an entry"));
        let denied = entries.filter(|entry| entry.action == Action::Denied);
        assert_eq!(denied.count(), 1);
    })
    .await;
}
