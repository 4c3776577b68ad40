//! Grouped counts, held against what the list of records itself says.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::World;
use crate::api::{nodes, text};

const DIMENSIONS: [&str; 9] = [
    "DIVISION", "AGENCY", "KIND", "TIER", "STATUS", "DOMAIN", "SOURCE", "MONTH", "YEAR",
];

/// What a record of the list has as its key.
fn key(record: &Value, dimension: &str) -> Option<String> {
    let day = text(&record["identifiedOn"]);
    let value = match dimension {
        "DIVISION" => &record["agency"]["division"]["code"],
        "AGENCY" => &record["agency"]["uscc"],
        "KIND" => &record["kind"],
        "TIER" => &record["tier"],
        "STATUS" => &record["status"],
        "DOMAIN" => &record["domain"],
        "SOURCE" => &record["evidence"][0]["source"]["key"],
        "MONTH" => return Some(day[..7].to_owned()),
        _ => return Some(day[..4].to_owned()),
    };
    value.as_str().map(str::to_owned)
}

/// The groups of these records, the biggest first and those of one size by their keys, none last.
fn grouped(records: &[Value], by: &[&str]) -> Vec<Value> {
    #[derive(Default)]
    struct Group {
        count: usize,
        agencies: BTreeSet<String>,
        amount: Option<Decimal>,
    }
    let mut groups: BTreeMap<Vec<(bool, Option<String>)>, Group> = BTreeMap::new();
    for record in records {
        let keys = by.iter().map(|dimension| {
            let key = key(record, dimension);
            (key.is_none(), key)
        });
        let group = groups.entry(keys.collect()).or_default();
        group.count += 1;
        group
            .agencies
            .insert(text(&record["agency"]["uscc"]).to_owned());
        if let Some(amount) = record["amount"].as_str() {
            let amount: Decimal = amount.parse().expect("a number");
            group.amount = Some(group.amount.unwrap_or_default() + amount);
        }
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|(_, group)| std::cmp::Reverse(group.count));
    let told = groups.into_iter().map(|(keys, group)| {
        let keys: Vec<_> = keys.into_iter().map(|(_, key)| key).collect();
        json!({
            "keys": keys,
            "count": group.count,
            "agencies": group.agencies.len(),
            "amount": group.amount.map(|amount| format!("{amount:.2}")),
        })
    });
    told.collect()
}

impl World {
    async fn list(&self, arguments: &str) -> Vec<Value> {
        let query = format!(
            "{{ creditRecords(first: 200{arguments}) {{ edges {{ node {{ kind tier status domain amount identifiedOn \
             agency {{ uscc division {{ code }} }} evidence {{ source {{ key }} }} }} }} }} }}"
        );
        nodes(&self.data(&query).await["creditRecords"])
            .cloned()
            .collect()
    }

    async fn stats(&self, arguments: &str) -> Vec<Value> {
        let query =
            format!("{{ creditRecordStats({arguments}) {{ keys count agencies amount }} }}");
        let data = self.data(&query).await;
        data["creditRecordStats"]
            .as_array()
            .cloned()
            .expect("a list")
    }
}

#[tokio::test]
async fn groups_say_what_the_list_says_by_all_dimensions_and_filters() {
    let world = World::new().await;
    let filters = [
        "",
        ", filter: { status: [ACTIVE] }",
        ", filter: { tier: [SERIOUS], kind: [JUDGMENT_DEBTOR] }",
        ", filter: { agency: { division: { within: \"440600\" } } }",
        ", filter: { not: { agency: { division: { within: \"440600\" } } } }",
        ", filter: { or: [{ amount: { gte: \"100\" } }, { kind: [ARREARS] }] }",
        ", filter: { domain: { contains: \"甲\" }, identifiedOn: { lt: \"2025-12-01\" } }",
        ", filter: { agency: { name: { eq: \"谁也不叫这个\" } } }",
    ];
    for filter in filters {
        let records = world.list(filter).await;
        for first in DIMENSIONS {
            let by = format!("groupBy: [{first}]{filter}");
            assert_eq!(world.stats(&by).await, grouped(&records, &[first]), "{by}");
            for second in DIMENSIONS.iter().filter(|second| **second != first) {
                let by = format!("groupBy: [{first}, {second}]{filter}");
                let wanted = grouped(&records, &[first, second]);
                assert_eq!(world.stats(&by).await, wanted, "{by}");
            }
        }
        let all = format!("groupBy: [{}]{filter}", DIMENSIONS.join(", "));
        assert_eq!(world.stats(&all).await, grouped(&records, &DIMENSIONS));
    }
    // Without a dimension all are one group.
    assert_eq!(world.stats("groupBy: []").await[0]["count"], 7);
}

#[tokio::test]
async fn divisions_are_lifted_and_groups_are_cut() {
    let world = World::new().await;
    let keys = async |arguments: &str| {
        let groups = world.stats(arguments).await;
        let each = groups.iter().map(|group| {
            let key = text(&group["keys"][0]);
            format!("{key} {} {}", group["count"], group["agencies"])
        });
        each.collect::<Vec<_>>()
    };
    let by = |level: &str| format!("groupBy: [DIVISION], divisionLevel: {level}");
    assert_eq!(keys(&by("PROVINCE")).await, ["440000 7 6"]);
    assert_eq!(keys(&by("PREFECTURE")).await, ["440600 5 4", "441900 2 2"]);
    // What stands above the level stays, and towns without a county count for the city.
    assert_eq!(
        keys(&by("COUNTY")).await,
        ["440604 3 2", "441900 2 2", "440600 1 1", "440606 1 1"]
    );
    assert_eq!(
        keys(&by("TOWNSHIP")).await,
        [
            "440604 2 1",
            "440600 1 1",
            "440604010 1 1",
            "440606 1 1",
            "441900 1 1",
            "441900121 1 1"
        ]
    );
    let cut = format!("{}, first: 2", by("COUNTY"));
    assert_eq!(keys(&cut).await, ["440604 3 2", "441900 2 2"]);
    assert!(keys("groupBy: [KIND], first: 0").await.is_empty());
    for arguments in [
        "groupBy: [KIND], first: 1001",
        "groupBy: [KIND], first: -1",
        "groupBy: [KIND, TIER, KIND]",
    ] {
        let query = format!("{{ creditRecordStats({arguments}) {{ count }} }}");
        let reply = world.wire.ask(Some(&world.token), &query).await;
        assert_eq!(reply.code(), "INVALID", "{arguments}");
    }
}

#[tokio::test]
async fn groups_have_names() {
    let world = World::new().await;
    let labels = async |by: &str| {
        let query = format!("{{ creditRecordStats(groupBy: [{by}]) {{ labels }} }}");
        let data = world.data(&query).await;
        let groups = data["creditRecordStats"].as_array().cloned();
        let each = groups.into_iter().flatten();
        each.map(|group| text(&group["labels"][0]).to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(labels("KIND").await, ["失信被执行人", "拖欠账款"]);
    assert_eq!(labels("TIER").await, ["严重", "一般"]);
    assert_eq!(labels("STATUS").await, ["有效", "不再列入"]);
    assert_eq!(labels("DIVISION").await[0], "禅城区");
    assert_eq!(labels("AGENCY").await[0], "佛山市禅城区C局");
    assert_eq!(labels("DOMAIN").await[0], "甲类");
    assert!(labels("MONTH").await.contains(&"2024年12月".to_owned()));
    assert_eq!(labels("YEAR").await[0], "2025年");
}
