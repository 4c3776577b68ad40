//! Whose lists are whose, whom a client may watch, and what is written down of it.

use domain::viewer::Role;
use serde_json::{Value, json};

use super::{
    super::{ELSEWHERE, LISTED, SOUND},
    Client, Scene, deliver, text,
};
use crate::support::{made, on_both};

#[tokio::test]
async fn a_list_is_its_clients_alone_and_for_those_who_check() {
    on_both(async |db| {
        let scene = Scene::on(&db).await;
        let (hub, court) = (&scene.hub, Client::court(&scene.hub));
        let list = court.list(hub, "1").await;
        let done = court.add(hub, &list, json!([{ "name": LISTED }])).await;
        let subject = &done["list"]["subjects"]["edges"][0]["node"]["id"];
        for other in [
            Client::of(hub, "another", Role::Court, "440600"),
            Client::of(hub, "court client", Role::Authority, "440600"),
            Client::of(hub, "court client", Role::Court, "440100"),
        ] {
            let data = hub.data(Some(&other.token), &format!(
                "{{ watchLists {{ totalCount }} node(id: {}) {{ id }} subject: node(id: {subject}) {{ id }} }}", json!(list)
            )).await;
            assert_eq!(data, json!({ "watchLists": { "totalCount": 0 }, "node": null, "subject": null }));
            assert_eq!(other.nothing(hub, &list).await, json!({ "watchChanges": null }));
            assert_eq!(other.add(hub, &list, json!([{ "name": SOUND }])).await["code"], "NOT_FOUND");
            for (name, more) in [("removeWatchSubjects", json!([scene.listed.as_str()])), ("endWatchList", Value::Null)] {
                let mut input = json!({ "key": name, "listId": list });
                if name == "removeWatchSubjects" {
                    input["usccs"] = more;
                }
                assert_eq!(other.step(hub, name, input).await["code"], "NOT_FOUND");
            }
        }
        let own = hub.data(Some(&court.token), &format!(
            "{{ node(id: {}) {{ ... on WatchList {{ purpose reference subjects {{ totalCount }} }} }} }}", json!(list)
        )).await;
        let expected = json!({ "purpose": "执行协助", "reference": "样函1号", "subjects": { "totalCount": 1 } });
        assert_eq!(own["node"], expected);
        let own = hub.data(Some(&court.token), &format!(
            "{{ node(id: {subject}) {{ id ... on WatchSubject {{ uscc agency {{ name }} }} }} }}"
        )).await;
        let expected = json!({ "id": subject, "uscc": scene.listed.as_str(), "agency": { "name": LISTED } });
        assert_eq!(own["node"], expected);
        // Under one's own key nobody is told what he did in another role.
        let authority = Client::of(hub, "court client", Role::Authority, "440600");
        let again = json!({ "key": "1", "title": "执行案件", "purpose": "执行协助", "reference": "样函1号" });
        assert_eq!(authority.step(hub, "createWatchList", again).await["code"], "KEY_REUSED");
        for role in [Role::Congress, Role::Assessor, Role::Operator, Role::Security, Role::Auditor] {
            let client = Client::of(hub, "x", role, "440600");
            for query in [
                "{ watchLists { totalCount } }",
                r#"{ watchChanges(list: "wch_440000_1") { upTo } }"#,
                r#"mutation { createWatchList(input: { key: "k", title: "x", purpose: "x" }) { __typename } }"#,
            ] {
                let answer = hub.query(Some(&client.token), query).await;
                assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{role} {query}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn who_may_no_longer_check_a_subject_is_told_nothing_more_of_it() {
    on_both(async |db| {
        let scene = Scene::on(&db).await;
        let hub = &scene.hub;
        let city = Client::of(hub, "city", Role::Government, "440600");
        let list = city.list(hub, "1").await;
        let done = city
            .add(hub, &list, json!([{ "name": SOUND }, { "name": ELSEWHERE }]))
            .await;
        assert_eq!(done["count"], 1);
        assert_eq!(done["refused"][0]["verdict"], "NOT_COVERED", "{done}");
        let others = [made::listing(1, LISTED), made::listing(3, ELSEWHERE)];
        let with = |id| [&others[..], &[made::listing(id, SOUND)]].concat();
        deliver(hub, &with(4)).await;
        let first = city.page(hub, &list, None, 200).await;
        assert_eq!(first.lines(), ["RECORD_ADDED SOURCE 佛山市样例文化馆"]);
        // The body goes to another city, and with it the right to check it.
        let moved = made::body_of(scene.sound, SOUND, "441900");
        let file = made::register(&[moved]);
        hub.ingest("agency_register", &[("a.csv", &file)], |order| order.partial = true).await;
        deliver(hub, &with(5)).await;
        assert_eq!(city.told(hub, &list, Some(&first.up_to)).await, [""; 0]);
        assert_eq!(city.told(hub, &list, None).await, [""; 0], "nor of what was");
        let query = format!(
            "{{ node(id: {}) {{ ... on WatchList {{ subjects {{ edges {{ node {{ uscc agency {{ name }} }} }} }} }} }} }}",
            json!(list)
        );
        let data = hub.data(Some(&city.token), &query).await;
        let subject = &data["node"]["subjects"]["edges"][0]["node"];
        assert_eq!(subject, &json!({ "uscc": scene.sound.as_str(), "agency": null }));
    })
    .await;
}

#[tokio::test]
async fn a_cursor_that_is_none_or_too_old_is_refused() {
    on_both(async |db| {
        let scene = Scene::on(&db).await;
        let (hub, court) = (&scene.hub, Client::court(&scene.hub));
        let list = court.list(hub, "1").await;
        let start = court.page(hub, &list, None, 1).await.up_to;
        for wrong in ["", "x", "-1", "999999"] {
            assert_eq!(
                court.refused(hub, &list, wrong).await,
                "CURSOR_INVALID",
                "{wrong}"
            );
        }
        for unknown in ["wch_440000_99", "agc_440000_1", "x"] {
            assert_eq!(
                court.nothing(hub, unknown).await,
                json!({ "watchChanges": null })
            );
        }
        deliver(hub, &[made::listing(1, LISTED), made::listing(4, SOUND)]).await;
        hub.it_is("2026-05-19");
        let court = Client::court(hub);
        assert_eq!(court.told(hub, &list, Some(&start)).await, [""; 0]);
        hub.it_is("2026-05-21");
        let court = Client::court(hub);
        assert_eq!(court.refused(hub, &list, &start).await, "CURSOR_EXPIRED");
    })
    .await;
}

#[tokio::test]
async fn what_is_done_and_what_is_told_is_written_down_with_its_purpose() {
    on_both(async |db| {
        let scene = Scene::on(&db).await;
        let (hub, court) = (&scene.hub, Client::court(&scene.hub));
        let list = court.list(hub, "1").await;
        court.add(hub, &list, json!([{ "name": SOUND }])).await;
        deliver(hub, &[made::listing(4, SOUND)]).await;
        assert_eq!(court.told(hub, &list, None).await.len(), 1);
        hub.app.audit.integrate().await.expect("it is put together");
        let token = hub.token(Role::Auditor, &[], None);
        let query = "{ auditEntries(first: 9) { edges { node { action outcome role purpose reference object agencies } } } }";
        let data = hub.data(Some(&token), query).await;
        let entries: Vec<&Value> = data["auditEntries"]["edges"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|edge| &edge["node"])
            .collect();
        let of = |object: &str| {
            let found = entries.iter().find(|entry| text(&entry["object"]).starts_with(object));
            (*found.unwrap_or_else(|| panic!("{object}: {entries:#?}"))).clone()
        };
        let agency = |name: &str| {
            let query = format!(r#"{{ agencies(filter: {{ name: {{ eq: "{name}" }} }}) {{ edges {{ node {{ id }} }} }} }}"#);
            async move {
                let data = hub.data(Some(&hub.everything()), &query).await;
                data["agencies"]["edges"][0]["node"]["id"].clone()
            }
        };
        let sound = agency(SOUND).await;
        let read = of("Query.watchChanges");
        assert_eq!(
            read,
            json!({ "action": "READ", "outcome": "ALLOWED", "role": "COURT", "purpose": "执行协助",
                "reference": "样函1号", "object": "Query.watchChanges", "agencies": [sound] })
        );
        let added = of("addWatchSubjects");
        assert_eq!((&added["action"], &added["outcome"]), (&json!("CHANGE"), &json!("ALLOWED")));
        assert_eq!(added["agencies"], json!([sound]));
        assert!(text(&added["object"]).contains(&list), "{added}");
        assert_eq!(of("createWatchList")["outcome"], "ALLOWED");
    })
    .await;
}
