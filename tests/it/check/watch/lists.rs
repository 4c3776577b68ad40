//! Making lists, taking subjects in and out, and the bounds of both.

use chrono::Utc;
use domain::viewer::Role;
use serde_json::{Value, json};
use zhengxin::store::Watched;

use super::{
    super::{ELSEWHERE, HEIR, LISTED, SOUND},
    Client, Scene, text,
};
use crate::support::on_both;

#[tokio::test]
async fn a_subject_is_taken_in_where_a_check_settles_it_and_else_it_is_said_why_not() {
    on_both(async |db| {
        let scene = Scene::on(&db).await;
        let (hub, court) = (&scene.hub, Client::court(&scene.hub));
        let list = court.list(hub, "1").await;
        assert_eq!(court.list(hub, "1").await, list, "under one key there is one list");
        let subjects = json!([
            { "uscc": scene.listed.as_str() },
            { "name": SOUND },
            { "name": "水务局" },
            { "name": "水务局", "division": "440604" },
            { "name": "佛山市不存局" },
            { "name": "佛山市样例建设有限公司" },
            { "uscc": scene.listed.as_str(), "name": SOUND },
            // A court watches beyond its area, as it checks.
            { "name": ELSEWHERE },
        ]);
        let done = court.add(hub, &list, subjects.clone()).await;
        assert_eq!(done["count"], 4, "{done:#}");
        let refused: Vec<_> = done["refused"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|one| (one["place"].as_i64(), text(&one["verdict"])))
            .collect();
        assert_eq!(
            refused,
            [
                (Some(3), "AMBIGUOUS".to_owned()),
                (Some(5), "UNKNOWN_SUBJECT".to_owned()),
                (Some(6), "NOT_COVERED".to_owned()),
                (Some(7), "AMBIGUOUS".to_owned()),
            ]
        );
        assert!(!text(&done["refused"][0]["reason"]).is_empty());
        let names = |done: &Value| {
            let edges = done["list"]["subjects"]["edges"].as_array().cloned();
            let mut names: Vec<String> = edges
                .into_iter()
                .flatten()
                .map(|edge| text(&edge["node"]["agency"]["name"]))
                .collect();
            names.sort_unstable();
            names
        };
        let mut all = vec![LISTED.to_owned(), SOUND.to_owned(), ELSEWHERE.to_owned()];
        all.push("佛山市禅城区水务局".to_owned());
        all.sort_unstable();
        assert_eq!(names(&done), all);
        // Under the same key the same is told and nothing done; asked otherwise, the key is taken.
        assert_eq!(court.add(hub, &list, subjects.clone()).await, done);
        let other = json!({ "key": "1", "listId": list, "subjects": [{ "name": HEIR }] });
        let taken = court.step(hub, "addWatchSubjects", other).await;
        assert_eq!(taken["code"], "KEY_REUSED");
        // What is in already stays as it is.
        let again = json!({ "key": "again", "listId": list, "subjects": subjects });
        assert_eq!(court.step(hub, "addWatchSubjects", again).await["count"], 0);

        let remove = json!({ "key": "2", "listId": list, "usccs": [scene.elsewhere.as_str(), scene.heir.as_str()] });
        let done = court.step(hub, "removeWatchSubjects", remove).await;
        assert_eq!((&done["count"], &done["list"]["subjects"]["totalCount"]), (&json!(1), &json!(3)));

        let end = json!({ "key": "3", "listId": list });
        let done = court.step(hub, "endWatchList", end).await;
        assert!(done["list"]["endedAt"].is_string(), "{done}");
        let after = court.add(hub, &list, json!([{ "name": HEIR }])).await;
        assert_eq!(after["code"], "ENDED");
        assert_eq!(court.refused(hub, &list, "1").await, "WATCH_LIST_ENDED");
    })
    .await;
}

#[tokio::test]
async fn lists_and_their_subjects_stand_in_pages_and_within_bounds() {
    on_both(async |db| {
        let scene = Scene::on(&db).await;
        let (hub, court) = (&scene.hub, Client::court(&scene.hub));
        let mut made = Vec::new();
        for at in 0..50 {
            made.push(court.list(hub, &format!("list {at}")).await);
        }
        let more = json!({ "key": "one more", "title": "x", "purpose": "x" });
        let refused = court.step(hub, "createWatchList", more.clone()).await;
        assert_eq!(refused["code"], "TOO_MANY");
        // Each client counts for himself, and a list that has ended no longer.
        let other = Client::of(hub, "another", Role::Court, "440600");
        assert_eq!(other.step(hub, "createWatchList", more.clone()).await["__typename"], "WatchListSuccess");
        let end = json!({ "key": "end", "listId": made[0] });
        court.step(hub, "endWatchList", end).await;
        let done = court.step(hub, "createWatchList", more).await;
        made.push(text(&done["list"]["id"]));
        made.reverse();
        let (mut seen, mut after) = (Vec::new(), Value::Null);
        loop {
            let query = "query ($after: String) { watchLists(first: 20, after: $after) { totalCount \
                 pageInfo { hasNextPage endCursor } edges { node { id } } } }";
            let answer = hub.query_with(Some(&court.token), query, &json!({ "after": after })).await;
            let page = &answer["data"]["watchLists"];
            assert_eq!(page["totalCount"], 51, "{answer}");
            seen.extend(page["edges"].as_array().into_iter().flatten().map(|edge| text(&edge["node"]["id"])));
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
            after = page["pageInfo"]["endCursor"].clone();
        }
        assert_eq!(seen, made);

        // Ten thousand subjects, and not one more.
        let number: i64 = made[0].rsplit('_').next().and_then(|number| number.parse().ok()).expect("a number");
        let watched = |agency| Watched {
            agency,
            uscc: format!("{agency}"),
            since: 0,
            added_at: Utc::now(),
        };
        let many: Vec<Watched> = (1..=9_999).map(watched).collect();
        hub.app.store.add_watched(number, &many, Utc::now()).await.expect("they fit");
        let two = json!([{ "name": SOUND }, { "name": LISTED }]);
        assert_eq!(court.add(hub, &made[0], two).await["code"], "TOO_MANY");
        assert_eq!(court.add(hub, &made[0], json!([{ "name": SOUND }])).await["count"], 1);
        assert_eq!(court.told(hub, &made[0], None).await, [""; 0]);

        for (subjects, says) in [(0, "INVALID"), (501, "INVALID")] {
            let subjects: Vec<_> = (0..subjects).map(|_| json!({ "name": SOUND })).collect();
            let query = "mutation ($input: AddWatchSubjectsInput!) { addWatchSubjects(input: $input) { __typename } }";
            let input = json!({ "key": "many", "listId": made[1], "subjects": subjects });
            let answer = hub.query_with(Some(&court.token), query, &json!({ "input": input })).await;
            assert_eq!(answer["errors"][0]["extensions"]["code"], says, "{answer}");
        }
        let query = r#"mutation { createWatchList(input: { key: "k", title: " ", purpose: "x" }) { __typename } }"#;
        let answer = hub.query(Some(&other.token), query).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "INVALID", "{answer}");
    })
    .await;
}
