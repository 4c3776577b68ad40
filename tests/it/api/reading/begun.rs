//! Of a day that is over nothing is told that began after it, whatever kind of thing it is.

use chrono::NaiveDate;
use domain::{
    clue::{Clue, ClueStage},
    indicator::Indicator,
};
use serde_json::json;
use zhengxin::store::Fact;

use crate::api::{
    Wire,
    allegations::{agency_id, stage},
};
use crate::support::{
    Db, Hub, made,
    rows::{self, post},
};

/// A made-up number, of a division that is none.
const NUMBER: &str = "000000199001010018";

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

#[tokio::test]
async fn of_a_past_day_nothing_is_told_that_began_after_it() {
    let db = Db::sqlite();
    let hub = Hub::with_person_key(&db).await;
    let bodies = [
        made::body(1, "禅城区甲局", "440604"),
        made::body(2, "禅城区乙局", "440604").abolished("2026-03-01"),
    ];
    let [new, old] = [&bodies[0].uscc, &bodies[1].uscc];
    let ends = (Some(old), "禅城区乙局");
    let event = (ends, (Some(new), "禅城区甲局"), "合并", "2026-03-01", "");
    hub.ingest(
        "agency_register",
        &[("a.csv", &made::register(&bodies))],
        |_| {},
    )
    .await;
    let events = made::successions(&[event]);
    hub.ingest("agency_register", &[("s.csv", &events)], |_| {})
        .await;
    let held = |title: &str, from: &str, to: &str| {
        let post = post("甲某乙", NUMBER, new.as_str(), title);
        post.with("任职起", from).with("任职止", to)
    };
    let posts = [
        held("样例科长", "2024-01-01", "2026-03-01"),
        held("样例处长", "2026-03-01", ""),
    ];
    let posts = rows::file(&posts);
    hub.ingest("official_register", &[("p.csv", &posts)], |_| {})
        .await;
    let clue = |key: &str, received: &str| {
        let clue = Clue {
            agency_ids: vec![agency_id(new)],
            channel: "HOTLINE".to_owned(),
            category: None,
            title: key.to_owned(),
            content: None,
            stage: ClueStage::Received,
            due_on: None,
            due_is_provisional: false,
            passed_on: None,
            ended_on: None,
            received_at: received.parse().expect("a moment"),
            amount: None,
        };
        (key.to_owned(), Fact::Clue(clue))
    };
    // The second came in on the next day, as China counts days.
    let clues = vec![
        clue("一", "2026-02-28T15:59:59Z"),
        clue("二", "2026-02-28T16:00:00Z"),
    ];
    stage(&hub, "clue", clues).await;
    let indicator = |key: &str, from: &str, to: &str| {
        let indicator = Indicator {
            agency_id: agency_id(new),
            code: format!("made.{key}"),
            title: key.to_owned(),
            period_from: day(from),
            period_to: day(to),
            value: 3.into(),
        };
        (key.to_owned(), Fact::Indicator(indicator))
    };
    let indicators = vec![
        indicator("over", "2026-01-01", "2026-02-28"),
        indicator("open", "2026-02-01", "2026-03-01"),
    ];
    stage(&hub, "disclosure", indicators).await;

    let wire = Wire::to(&hub).await.stating(Some("supervision"));
    let on = async |day: &str| {
        let query = format!(
            "{{ agency(uscc: \"{new}\", asOf: \"{day}\") {{ predecessors {{ effectiveOn }} clues {{ totalCount }} \
             indicators {{ totalCount edges {{ node {{ title }} }} }} \
             officials {{ edges {{ node {{ maskedName posts {{ title to }} }} }} }} }} \
             old: agency(uscc: \"{old}\", asOf: \"{day}\") {{ abolishedOn successors {{ effectiveOn }} }} }}"
        );
        wire.data(Some(&hub.everything()), &query).await
    };
    let before = on("2026-02-28").await;
    assert_eq!(
        before,
        json!({
            "agency": {
                "predecessors": [], "clues": { "totalCount": 1 },
                "indicators": { "totalCount": 1, "edges": [{ "node": { "title": "over" } }] },
                "officials": { "edges": [{ "node": {
                    "maskedName": "甲**", "posts": [{ "title": "样例科长", "to": null }],
                } }] },
            },
            "old": { "abolishedOn": null, "successors": [] },
        })
    );
    let after = on("2026-03-01").await;
    let happened = json!([{ "effectiveOn": "2026-03-01" }]);
    assert_eq!(after["agency"]["predecessors"], happened);
    assert_eq!(after["old"]["successors"], happened);
    assert_eq!(after["old"]["abolishedOn"], "2026-03-01");
    assert_eq!(after["agency"]["clues"]["totalCount"], 2);
    assert_eq!(after["agency"]["indicators"]["totalCount"], 2);
    assert_eq!(
        after["agency"]["officials"]["edges"][0]["node"]["posts"],
        json!([{ "title": "样例处长", "to": null }, { "title": "样例科长", "to": "2026-03-01" }])
    );
}
