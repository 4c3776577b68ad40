//! Two times: the day of which facts are told, and the moment at which they were known.

use serde_json::Value;

use crate::api::{Wire, each, nodes, text};
use crate::support::{Hub, made, on_both};

/// Nine in the morning of a day and an hour later.
fn after(day: &str) -> String {
    format!("{day}T10:00:00+08:00")
}

#[tokio::test]
async fn what_was_known_at_a_moment_is_told_as_it_was_known() {
    on_both(async |db| {
        let hub = Hub::on(&db).await;
        let town = |n: u32, name: &str, place: &str| made::body(n, name, place);
        let codes = [1, 2, 3].map(|n| made::uscc("11", "440604", n));
        let first = [town(1, "禅城区甲局", "440604"), town(2, "禅城区乙局", "440604")];
        hub.it_is("2026-11-01");
        hub.ingest("agency_register", &[("a.csv", &made::register(&first))], |_| {})
            .await;
        let listed = [
            made::listing(1, "名单").code(codes[0]).published("2025年01月02日"),
            made::listing(2, "名单").code(codes[1]).published("2025年03月04日"),
        ];
        hub.it_is("2026-11-05");
        hub.ingest("court_debtors", &[("b.jsonl", &made::court_jsonl(&listed))], |_| {})
            .await;
        let second = [
            town(1, "禅城区丙局", "440604").former("禅城区甲局"),
            town(2, "禅城区乙局", "440604"),
            town(3, "禅城区新局", "440604"),
        ];
        hub.it_is("2026-11-10");
        hub.ingest("agency_register", &[("a.csv", &made::register(&second))], |_| {})
            .await;
        hub.it_is("2026-11-15");
        hub.ingest("court_debtors", &[("b.jsonl", &made::court_jsonl(&listed[..1]))], |_| {})
            .await;
        hub.it_is("2026-11-20");
        let wire = Wire::to(&hub).await;
        let token = hub.everything();
        let ask = async |query: &str| wire.data(Some(&token), query).await;

        let known = async |moment: &str| {
            let query = format!(
                "{{ agencies(knownAt: \"{moment}\", orderBy: [{{ field: NAME, direction: ASC }}]) {{ totalCount edges {{ node {{ name \
                 creditRecords(first: 5) {{ edges {{ node {{ status agency {{ name }} evidence {{ withdrawnAt }} }} }} }} }} }} }} \
                 creditRecordStats(groupBy: [STATUS], knownAt: \"{moment}\") {{ keys count }} }}"
            );
            let data = ask(&query).await;
            let agencies = nodes(&data["agencies"]).map(|agency| {
                let records = nodes(&agency["creditRecords"]).map(|record| {
                    assert_eq!(record["agency"]["name"], agency["name"]);
                    let withdrawn = record["evidence"][0]["withdrawnAt"].is_string();
                    format!(" {}{}", text(&record["status"]), if withdrawn { "!" } else { "" })
                });
                format!("{}{}", text(&agency["name"]), records.collect::<String>())
            });
            (agencies.collect::<Vec<_>>(), data["creditRecordStats"].clone())
        };
        let (agencies, stats) = known("2026-10-31T00:00:00+08:00").await;
        assert!(agencies.is_empty() && stats == serde_json::json!([]));
        let (agencies, _) = known(&after("2026-11-01")).await;
        assert_eq!(agencies, ["禅城区乙局", "禅城区甲局"]);
        let (agencies, stats) = known(&after("2026-11-05")).await;
        assert_eq!(agencies, ["禅城区乙局 ACTIVE", "禅城区甲局 ACTIVE"]);
        assert_eq!(stats, serde_json::json!([{ "keys": ["ACTIVE"], "count": 2 }]));
        let (agencies, _) = known(&after("2026-11-10")).await;
        assert_eq!(agencies, ["禅城区丙局 ACTIVE", "禅城区乙局 ACTIVE", "禅城区新局"]);
        let now = ["禅城区丙局 ACTIVE", "禅城区乙局 DELISTED!", "禅城区新局"];
        for moment in [after("2026-11-15"), after("2026-11-20"), after("2999-01-01")] {
            let (agencies, stats) = known(&moment).await;
            assert_eq!(agencies, now, "{moment}");
            assert_eq!(stats.as_array().map(Vec::len), Some(2));
        }
        // By code, and the new one was not known then.
        let named = async |code: &str, moment: &str| {
            let data = ask(&format!("{{ agency(uscc: \"{code}\", knownAt: \"{moment}\") {{ name formerNames {{ name }} division {{ agencies {{ totalCount }} }} }} }}")).await;
            data["agency"].clone()
        };
        let agency = named(codes[0].as_str(), &after("2026-11-05")).await;
        assert_eq!(agency["name"], "禅城区甲局");
        assert_eq!(agency["division"]["agencies"]["totalCount"], 2);
        assert_eq!(named(codes[0].as_str(), &after("2026-11-12")).await["formerNames"][0]["name"], "禅城区甲局");
        assert_eq!(named(codes[2].as_str(), &after("2026-11-05")).await, Value::Null);

        // Rights are those of today: what is published no longer does not come back.
        let published = async |moment: &str| {
            let query = format!("{{ creditRecords(knownAt: \"{moment}\") {{ totalCount edges {{ node {{ caseNumber }} }} }} creditRecordStats(groupBy: [STATUS], knownAt: \"{moment}\") {{ count }} }}");
            let data = wire.data(None, &query).await;
            (each(&data["creditRecords"], "caseNumber").len(), data["creditRecordStats"][0]["count"].clone())
        };
        assert_eq!(published(&after("2026-11-05")).await, (1, serde_json::json!(1)));
        assert_eq!(published(&after("2026-11-20")).await, (1, serde_json::json!(1)));

        // A cursor is good for its own moment alone.
        let page = ask(&format!("{{ agencies(first: 1, knownAt: \"{}\") {{ pageInfo {{ endCursor }} }} }}", after("2026-11-05"))).await;
        let cursor = text(&page["agencies"]["pageInfo"]["endCursor"]).to_owned();
        let next = |moment: &str| format!("{{ agencies(first: 1, after: \"{cursor}\"{moment}) {{ edges {{ node {{ uscc }} }} }} }}");
        let same = next(&format!(", knownAt: \"{}\"", after("2026-11-05")));
        assert_eq!(each(&ask(&same).await["agencies"], "uscc").len(), 1);
        assert_eq!(wire.ask(Some(&token), &next("")).await.code(), "INVALID");
    })
    .await;
}

#[tokio::test]
async fn of_a_day_only_that_is_told_which_held_on_it() {
    let db = crate::support::Db::sqlite();
    let hub = Hub::on(&db).await;
    let bodies = [
        made::body(1, "禅城区甲局", "440604").with("成立日期", "2001-01-01"),
        made::body(2, "禅城区乙局", "440604").with("成立日期", "2024-06-01"),
        made::body(3, "禅城区丙局", "440604").abolished("2025-06-01"),
    ];
    hub.it_is("2026-11-01");
    hub.ingest(
        "agency_register",
        &[("a.csv", &made::register(&bodies))],
        |_| {},
    )
    .await;
    let listing = |id: i64, body: usize, day: &str| {
        made::listing(id, "名单")
            .code(bodies[body].uscc)
            .published(day)
    };
    let listed = [
        listing(1, 0, "2024年01月02日"),
        listing(2, 0, "2025年03月04日"),
        listing(3, 1, "2026年05月06日"),
    ];
    hub.it_is("2026-11-02");
    hub.ingest(
        "court_debtors",
        &[("b.jsonl", &made::court_jsonl(&listed))],
        |_| {},
    )
    .await;
    // The first is listed no longer from the tenth of November on.
    hub.it_is("2026-11-10");
    hub.ingest(
        "court_debtors",
        &[("b.jsonl", &made::court_jsonl(&listed[1..]))],
        |_| {},
    )
    .await;
    hub.it_is("2026-11-20");
    let wire = Wire::to(&hub).await;
    let token = hub.everything();
    let on = async |day: &str| {
        let query = format!(
            "{{ agencies(asOf: \"{day}\", filter: {{ active: true }}) {{ edges {{ node {{ name creditRecords {{ totalCount }} }} }} }} \
             creditRecords(asOf: \"{day}\") {{ totalCount edges {{ node {{ status endedOn }} }} }} \
             active: creditRecords(asOf: \"{day}\", filter: {{ status: [ACTIVE] }}) {{ totalCount }} \
             creditRecordStats(asOf: \"{day}\", groupBy: [STATUS]) {{ keys count }} }}"
        );
        let data = wire.data(Some(&token), &query).await;
        let mut agencies: Vec<char> = each(&data["agencies"], "name")
            .iter()
            .filter_map(|name| name.chars().nth(3))
            .collect();
        agencies.sort_unstable_by_key(|name| "甲乙丙".find(*name));
        let agencies: String = agencies.into_iter().collect();
        let statuses = each(&data["creditRecords"], "status");
        let counted: u64 = data["creditRecordStats"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|group| group["count"].as_u64().unwrap_or_default())
            .sum();
        assert_eq!(
            counted,
            data["creditRecords"]["totalCount"]
                .as_u64()
                .expect("a number")
        );
        let active = statuses
            .iter()
            .filter(|status| **status == "ACTIVE")
            .count();
        assert_eq!(data["active"]["totalCount"], active, "{day}");
        (agencies, statuses.join(" "))
    };
    let told = |agencies: &str, statuses: &str| (agencies.to_owned(), statuses.to_owned());
    assert_eq!(on("1999-01-01").await, told("", ""));
    assert_eq!(on("2024-05-31").await, told("甲丙", "ACTIVE"));
    assert_eq!(on("2024-06-01").await, told("甲乙丙", "ACTIVE"));
    assert_eq!(on("2025-06-01").await, told("甲乙", "ACTIVE ACTIVE"));
    assert_eq!(on("2026-11-09").await, told("甲乙", "ACTIVE ACTIVE ACTIVE"));
    assert_eq!(
        on("2026-11-10").await,
        told("甲乙", "ACTIVE ACTIVE DELISTED")
    );
    assert_eq!(on("2026-11-20").await, on("2027-01-01").await);
    // The same below a division, where each day has its own.
    let below = |day: &str| {
        let division = "division { agencies(first: 1) { totalCount pageInfo { hasNextPage } edges { node { name } } } }";
        format!("agencies(asOf: \"{day}\", first: 1) {{ edges {{ node {{ {division} }} }} }}")
    };
    let (first, second) = (below("2024-05-31"), below("2024-06-01"));
    let data = wire
        .data(Some(&token), &format!("{{ a: {first} b: {second} }}"))
        .await;
    for (day, total) in [("a", 2), ("b", 3)] {
        let agencies = &data[day]["edges"][0]["node"]["division"]["agencies"];
        assert_eq!(agencies["totalCount"], total, "{agencies}");
        assert_eq!(agencies["pageInfo"]["hasNextPage"], true);
        assert!(agencies["edges"][0]["node"]["name"].is_string());
    }
    let record = "{ creditRecords(asOf: \"2026-11-01\", last: 1) { edges { node { status endedOn endGround agency { name } } } } }";
    let data = wire.data(Some(&token), record).await;
    let record = nodes(&data["creditRecords"]).next().expect("one");
    assert_eq!(record["status"], "ACTIVE");
    assert_eq!(record["endedOn"], Value::Null);
    assert_eq!(record["endGround"], Value::Null);
}

#[tokio::test]
async fn who_asks_for_many_moments_at_once_keeps_nobody_else_waiting() {
    let db = crate::support::Db::sqlite();
    let hub = Hub::on(&db).await;
    let days: Vec<String> = (10..20).map(|day| format!("2026-11-{day}")).collect();
    for (n, day) in (1..).zip(&days) {
        hub.it_is(day);
        let bodies: Vec<_> = (1..=n)
            .map(|n| made::body(n, &format!("禅城区{n}局"), "440604"))
            .collect();
        let register = made::register(&bodies);
        hub.ingest("agency_register", &[("a.csv", &register)], |_| {})
            .await;
    }
    let live = &hub.app.live;
    let newest = live.now();
    let known = async |caller: &str, day: &str| {
        let moment = after(day).parse().expect("a moment");
        live.known_at(caller, moment, &newest).await.is_ok()
    };
    let (last, rest) = days[..9].split_last().expect("days");
    let greedy = futures_util::future::join_all(rest.iter().map(|day| known("one", day)));
    let (found, other) = tokio::join!(greedy, known("another", last));
    let read = found.iter().filter(|is_read| **is_read).count();
    assert!((2..rest.len()).contains(&read), "{found:?}");
    assert!(other, "the places of one are not another's");
}
