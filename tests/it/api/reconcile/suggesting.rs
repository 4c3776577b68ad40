//! Suggestions, previews, and how much of the register one question looks at.

use std::{collections::BTreeSet, sync::Arc};

use chrono::NaiveDate;
use domain::{
    access::{RowRule, RowRules},
    agency::{Agency, AgencyKind},
    viewer::{Role, Viewer},
};
use zhengxin::{
    catalogue::Catalogue,
    graph::{Graph, NAMES_LOOKED_AT_MAX},
};

use super::{SCHOOL, Town, WATER, each, shape};
use crate::support::made;

#[tokio::test]
async fn bodies_are_suggested_by_beginning_code_and_meaning() {
    let town = Town::new().await;
    let token = town.hub.token(Role::Government, &["440000"], None);
    let client = town.with(&token);
    let water = town.code(1);
    for (prefix, expected) in [
        ("佛山市禅城区水", vec![WATER]),
        (WATER, vec![WATER]),
        (" 佛山市 禅城区水", vec![WATER]),
        (water, vec![WATER]),
        (&water[8..17], vec![WATER]),
        ("佛山市禅城区水利局", vec![WATER]),
        ("佛山市顺德区", vec![]),
        ("佛山市禅城区第", vec![SCHOOL]),
    ] {
        let suggested = client.suggest(prefix).await;
        assert_eq!(each(&suggested, "name"), expected, "{prefix}");
    }
    let all = client.suggest("").await;
    let names = each(&all, "name");
    assert_eq!(names.len(), town.bodies.len());
    assert!(names.is_sorted(), "{names:?}");
    assert_eq!(all[0]["description"], "广东省佛山市禅城区");
    let get = |cursor: &'static str| {
        let fields = [("prefix", "佛山"), ("cursor", cursor)];
        let client = town.with(&token);
        async move { client.get("/reconcile/suggest/entity", &fields).await }
    };
    let rest = get("3").await.json();
    assert_eq!(rest["result"].as_array().map(Vec::len), Some(1), "{rest}");
    for wrong in ["-1", "x", "1001"] {
        let reply = get(wrong).await;
        assert_eq!((reply.status, reply.code().as_str()), (400, "INVALID"));
    }
}

#[tokio::test]
async fn types_and_properties_are_suggested_and_proposed() {
    let town = Town::new().await;
    let client = town.as_public();
    for (path, prefix, expected) in [
        (
            "type",
            "",
            vec![
                "Agency",
                "ORGAN",
                "INSTITUTION",
                "MASS_ORGANISATION",
                "OTHER",
            ],
        ),
        ("type", "事业", vec!["INSTITUTION"]),
        ("type", "organ", vec!["ORGAN", "MASS_ORGANISATION"]),
        ("property", "曾用名", vec!["formerNames"]),
        ("property", "USCC", vec!["uscc"]),
        ("property", "没有", vec![]),
    ] {
        let path = format!("/reconcile/suggest/{path}");
        let reply = client.get(&path, &[("prefix", prefix)]).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        let answer = reply.json();
        shape::assert_suggestions(&answer);
        let result = answer["result"].as_array().expect("a list");
        assert_eq!(each(result, "id"), expected, "{path} {prefix}");
    }
    let proposed = |fields: &'static [(&'static str, &'static str)]| {
        let client = town.as_public();
        async move { client.get("/reconcile/properties", fields).await }
    };
    let answer = proposed(&[("type", "ORGAN"), ("limit", "2")]).await.json();
    assert_eq!(answer["type"], "ORGAN");
    assert_eq!(answer["limit"], 2);
    let properties = answer["properties"].as_array().expect("a list");
    assert_eq!(each(properties, "id"), ["uscc", "orgCode"]);
    let answer = proposed(&[("type", "Agency")]).await.json();
    assert_eq!(answer["properties"].as_array().map(Vec::len), Some(14));
    let reply = proposed(&[("type", "Q5")]).await;
    assert_eq!((reply.status, reply.code().as_str()), (400, "INVALID"));
}

#[tokio::test]
async fn a_preview_is_a_page_in_which_nothing_runs() {
    let town = Town::new().await;
    let token = town.hub.token(Role::Government, &["440604"], None);
    let client = town.with(&token);
    let page = client
        .get("/reconcile/preview", &[("id", town.code(1))])
        .await;
    assert_eq!(page.status, 200);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none';"), "{policy}");
    for told in [
        WATER,
        town.code(1),
        "佛山市禅城区水利局",
        "440604",
        "2000-01-02",
        "佛山市禅城区人民政府",
    ] {
        assert!(page.text.contains(told), "{told}: {}", page.text);
    }
    let page = client
        .get("/reconcile/preview", &[("id", town.code(5))])
        .await;
    assert!(!page.text.contains("<b>"), "{}", page.text);
    assert!(page.text.contains("&lt;b&gt;&amp;"), "{}", page.text);
    // Hidden, unknown and no code at all are the same.
    let hidden = client
        .get("/reconcile/preview", &[("id", town.code(3))])
        .await;
    let unknown = made::uscc("11", "440604", 99);
    for id in [unknown.as_str(), "<script>", ""] {
        let page = client.get("/reconcile/preview", &[("id", id)]).await;
        assert_eq!((page.status, &page.text), (404, &hidden.text));
    }
    assert_eq!(hidden.status, 404);
}

/// 15,000 bodies in Guangzhou, then 24,999 in Foshan, then the last by name that begins like those
/// of Guangzhou.
#[test]
fn of_forty_thousand_bodies_a_bounded_part_is_looked_at() {
    let catalogue = Catalogue::load(None).expect("the built-in catalogue is right");
    let body = |n: u32| {
        let (division, name) = match n {
            0..15_000 => ("440100", format!("广州市第{n:05}局")),
            39_999 => ("440600", "广州市驻佛山办事处".to_owned()),
            _ => ("440600", format!("佛山市第{n:05}局")),
        };
        Agency {
            uscc: made::uscc("11", division, n),
            kind: AgencyKind::Organ,
            name,
            division: division.parse().expect("a code"),
            established_on: None,
            abolished_on: None,
            superior: None,
            competent: Vec::new(),
            names: Vec::new(),
        }
    };
    let bodies: Vec<Agency> = (0..40_000).map(body).collect();
    let graph = Arc::new(Graph::of(Arc::clone(&catalogue.knowledge), bodies));
    let view = |area: &str| {
        let viewer = Viewer {
            role: Role::Government,
            divisions: vec![area.parse().expect("a code")],
            ..Viewer::public()
        };
        let rules = RowRules {
            agency: RowRule::Subtree,
            ..catalogue.access.row_rules(Role::Government, None)
        };
        let today = NaiveDate::from_ymd_opt(2026, 11, 20).expect("a day");
        graph.view(Arc::new(viewer), rules, today)
    };
    let names = |area: &str, prefix: &str| -> Vec<String> {
        let view = view(area);
        let rows = view.agencies_by_prefix(prefix, 3);
        rows.iter()
            .map(|row| view.agency_at(*row).expect("it is seen").fact.name.clone())
            .collect()
    };
    const { assert!(NAMES_LOOKED_AT_MAX < 15_000) };
    // Foshan sees none of the first 15,000 that begin so, and nobody looks at more than the bound.
    assert!(names("440600", "广").is_empty());
    assert_eq!(names("440600", "广州市驻"), ["广州市驻佛山办事处"]);
    assert_eq!(names("440600", "佛")[0], "佛山市第15000局");
    assert_eq!(names("440000", "广")[2], "广州市第00002局");
    // A small area is looked at instead of a long list of names.
    assert!(names("440604", "广").is_empty());
    // The bound is on names that are looked at, not on those that are there.
    let all: BTreeSet<u32> = view("440000")
        .agencies_by_prefix("", 40_000)
        .into_iter()
        .collect();
    assert_eq!(all.len(), NAMES_LOOKED_AT_MAX);
}
