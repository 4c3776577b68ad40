//! Nothing is told of a subject without a durable entry: neither by a check, nor of a list, nor of what is watched.

use serde_json::{Value, json};

use super::{LISTED, Scene, name, watch::Client};
use crate::support::on_both;

/// What is refused because nothing can be written down.
fn unavailable(told: &Value) {
    let extensions = &told["errors"][0]["extensions"];
    let told_of = (&extensions["code"], &extensions["reason"]);
    assert_eq!(
        told_of,
        (&json!("UNAVAILABLE"), &json!("AUDIT_UNAVAILABLE")),
        "{told}"
    );
    let data = told["data"].as_object();
    assert!(
        data.is_none_or(|data| data.values().all(Value::is_null)),
        "{told}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_durable_entry_nothing_is_told_of_a_subject() {
    on_both(async |db| {
        let scene = Scene::on(&db).await;
        let (hub, court) = (&scene.hub, scene.court());
        let client = Client::court(hub);
        let watched = client.list(hub, "one").await;
        client.add(hub, &watched, json!([{ "uscc": scene.listed.to_string() }])).await;
        let check = scene.check(&name(LISTED)).await;
        let base = hub.serve().await;
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        let file = format!("单位名称\n{LISTED}\n");
        let hand = |reference: &str| {
            let place = format!("{base}/check/lists?purpose=x&reference={reference}");
            http.post(place).bearer_auth(&court).body(file.clone())
        };
        let said = async |request: reqwest::RequestBuilder| {
            let reply = request.send().await.expect("it answers");
            let status = reply.status().as_u16();
            (status, reply.json::<Value>().await.expect("JSON"))
        };
        let id = |told: &Value| told["id"].as_str().expect("an id").to_owned();
        let (status, told) = said(hand("1")).await;
        assert_eq!(status, 202, "{told}");
        let done = id(&told);
        assert!(hub.app.lists().work(&done, || false).await.expect("it is answered"));

        db.audit_log(false).await;
        let page = format!("{{ watchChanges(list: {}) {{ upTo changes {{ cursor }} }} }}", json!(watched));
        for query in [
            format!(r#"{{ sanctionCheck(input: {{ {} }}, purpose: "x") {{ verdict }} }}"#, name(LISTED)),
            format!(r#"{{ sanctionChecks(inputs: [{{ {} }}], purpose: "x") {{ verdict }} }}"#, name(LISTED)),
            // What was told before is told again as little.
            format!("{{ sanctionCheckReceipt(id: {}) {{ verdict }} }}", check["id"]),
            // What is refused has an entry, too.
            format!(r#"{{ sanctionCheck(input: {{ {} }}, purpose: " ") {{ verdict }} }}"#, name(LISTED)),
            format!(
                r#"mutation {{ excludeFalseMatch(input: {{ key: "k", name: "水务局", uscc: "{}", reason: "x", expiresOn: "2026-12-31" }}) {{ __typename }} }}"#,
                scene.sound
            ),
        ] {
            unavailable(&hub.query(Some(&court), &query).await);
        }
        for query in [
            page.clone(),
            r#"mutation { createWatchList(input: { key: "two", title: "x", purpose: "x" }) { __typename } }"#.to_owned(),
            format!(
                r#"mutation {{ addWatchSubjects(input: {{ key: "more", listId: {}, subjects: [{{ {} }}] }}) {{ __typename }} }}"#,
                json!(watched),
                name(super::SOUND)
            ),
            format!(r#"mutation {{ endWatchList(input: {{ key: "end", listId: {} }}) {{ __typename }} }}"#, json!(watched)),
        ] {
            unavailable(&hub.query(Some(&client.token), &query).await);
        }
        // A list may be handed over; it is not answered, and what was answered is not given out.
        let (status, told) = said(hand("2")).await;
        assert_eq!((status, &told["state"]), (202, &json!("RUNNING")), "{told}");
        let waiting = id(&told);
        let refused = hub.app.lists().work(&waiting, || false).await;
        refused.expect_err("there is nowhere to write it down");
        for file in ["answers.csv", "answers.xlsx"] {
            let request = http.get(format!("{base}/check/lists/{done}/{file}"));
            let (status, told) = said(request.bearer_auth(&court)).await;
            assert_eq!(status, 503, "{told}");
            assert_eq!(told["errors"][0]["extensions"]["code"], "UNAVAILABLE", "{told}");
        }

        // Once there is a log again nothing of it had happened, and all of it can be done.
        db.audit_log(true).await;
        let (status, told) = said(http.get(format!("{base}/check/lists/{waiting}")).bearer_auth(&court)).await;
        assert_eq!((status, &told["answered"], &told["state"]), (200, &json!(0), &json!("RUNNING")), "{told}");
        assert!(hub.app.lists().work(&waiting, || false).await.expect("it is answered"));
        let again = scene.check(&name(LISTED)).await;
        assert_eq!(again["answerDigest"], check["answerDigest"]);
        let lists = "{ watchLists(first: 5) { totalCount edges { node { endedAt subjects(first: 5) { totalCount } } } } }";
        let told = hub.data(Some(&client.token), lists).await;
        let expected = json!({ "totalCount": 1, "edges": [{ "node": { "endedAt": null, "subjects": { "totalCount": 1 } } }] });
        assert_eq!(told["watchLists"], expected);
        assert!(hub.query(Some(&client.token), &page).await.get("errors").is_none());
    })
    .await;
}
