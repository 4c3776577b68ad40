//! What the made-up province promises.

use std::collections::{HashMap, HashSet};

use domain::division::{Division, DivisionLevel, DivisionTree};
use domain::uscc::Uscc;

use super::files::{
    court_detail, court_jsonl, court_page, court_platform_csv, register_csv, successions_csv,
};
use super::{ListingKind, Scale, World};

/// A few divisions of each shape: districts, towns right below a city, counties.
fn tree() -> DivisionTree {
    const DIVISIONS: &[(&str, &str, &str)] = &[
        ("440000", "广东省", ""),
        ("440600", "佛山市", "440000"),
        ("440604", "禅城区", "440600"),
        ("440606", "顺德区", "440600"),
        ("440606005", "大良街道", "440606"),
        ("440606101", "陈村镇", "440606"),
        ("441200", "肇庆市", "440000"),
        ("441202", "端州区", "441200"),
        ("441202001", "端州区城东街道", "441202"),
        ("441223", "广宁县", "441200"),
        ("441284", "四会市", "441200"),
        ("441900", "东莞市", "440000"),
        ("441900003", "东城街道办事处", "441900"),
        ("441900119", "中堂镇", "441900"),
        ("441900900", "某某监狱", "441900"),
    ];
    let division = |&(code, name, parent): &(&str, &str, &str)| Division {
        code: code.parse().expect("codes are well formed"),
        name: name.to_owned(),
        level: match code.len() {
            9 => DivisionLevel::Township,
            _ if code.ends_with("0000") => DivisionLevel::Province,
            _ if code.ends_with("00") => DivisionLevel::Prefecture,
            _ => DivisionLevel::County,
        },
        parent: parent.parse().ok(),
        valid_from: None,
        valid_to: None,
        successors: Vec::new(),
    };
    DivisionTree::new(DIVISIONS.iter().map(division).collect()).expect("the divisions form a tree")
}

fn small() -> World {
    World::make(7, &Scale::SMALL, &tree())
}

fn court_list(world: &World) -> Vec<u8> {
    let mut list = Vec::new();
    court_jsonl(&mut list, world.listings.iter()).expect("memory takes everything");
    list
}

#[test]
fn same_seed_same_bytes() {
    let (one, two) = (small(), small());
    assert_eq!(register_csv(&one), register_csv(&two));
    assert_eq!(successions_csv(&one), successions_csv(&two));
    assert_eq!(court_list(&one), court_list(&two));
    let other = World::make(8, &Scale::SMALL, &tree());
    assert_ne!(register_csv(&one), register_csv(&other));
    assert_ne!(court_list(&one), court_list(&other));
}

#[test]
fn the_register_is_as_long_as_asked_and_its_codes_and_names_differ() {
    for count in [5, 2_000, 9_000] {
        let scale = Scale {
            agencies: count,
            ..Scale::SMALL
        };
        let world = World::make(1, &scale, &tree());
        assert_eq!(world.agencies.len(), count);
        let codes: HashSet<&str> = world
            .agencies
            .iter()
            .map(|agency| agency.uscc.as_str())
            .collect();
        assert_eq!(codes.len(), count);
        let names: HashSet<_> = world
            .agencies
            .iter()
            .map(|agency| (&agency.division, &agency.name))
            .collect();
        assert_eq!(names.len(), count);
        for agency in &world.agencies {
            agency
                .uscc
                .as_str()
                .parse::<Uscc>()
                .expect("codes have valid check characters");
            assert!(agency.uscc.as_str()[2..].starts_with(&agency.division[..6]));
            for other in agency.superior.iter().chain(&agency.competent) {
                assert!(codes.contains(other.as_str()) && other != &agency.uscc);
            }
        }
    }
}

#[test]
fn names_are_those_of_their_places() {
    let world = small();
    let names: HashSet<&str> = world
        .agencies
        .iter()
        .map(|agency| agency.name.as_str())
        .collect();
    for name in [
        "广东省人民政府",
        "广东省财政厅",
        "佛山市顺德区住房和城乡建设局",
        "佛山市顺德区大良街道办事处",
        "肇庆市端州区城东街道办事处",
        "广宁县图书馆",
        "四会市人民法院",
        "东莞市第三人民法院",
        "东莞市东城街道办事处",
        "东莞市中堂镇人民政府",
    ] {
        assert!(names.contains(name), "{name}");
    }
    assert!(!names.iter().any(|name| name.contains("监狱")));
}

#[test]
fn predecessors_end_on_the_day_of_the_event() {
    let world = small();
    let agencies: HashMap<&str, _> = world
        .agencies
        .iter()
        .map(|agency| (agency.uscc.as_str(), agency))
        .collect();
    let mut kinds = HashSet::new();
    for event in &world.successions {
        kinds.insert(event.kind);
        assert!(event.basis.contains("示例"));
        if let Some(from) = &event.from_code {
            let from = agencies[from.as_str()];
            assert_eq!(from.name, event.from_name);
            let gone = (event.kind != "职能划转").then(|| event.effective.to_string());
            assert_eq!(from.abolished, gone);
            assert!(from.established < Some(event.effective.to_string()));
        }
        if let Some(to) = &event.to_code {
            let to = agencies[to.as_str()];
            assert_eq!((&to.name, &to.abolished), (&event.to_name, &None));
        }
    }
    assert_eq!(
        kinds,
        HashSet::from(["更名", "合并", "分立", "职能划转", "撤销"])
    );
}

#[test]
fn listings_differ_and_say_what_they_claim_to_say() {
    let world = World::make(
        3,
        &Scale {
            listings: 8_000,
            ..Scale::SMALL
        },
        &tree(),
    );
    let ids: HashSet<i64> = world.listings.iter().map(|listing| listing.id).collect();
    assert_eq!(ids.len(), 8_000);
    let parties: HashSet<_> = world
        .listings
        .iter()
        .map(|listing| (&listing.case_code, listing.debtor_no))
        .collect();
    assert_eq!(parties.len(), 8_000);

    let mut count: HashMap<ListingKind, usize> = HashMap::new();
    for listing in &world.listings {
        *count.entry(listing.kind).or_default() += 1;
        let valid = listing.card.parse::<Uscc>();
        match listing.kind {
            ListingKind::AgencyByUscc => assert_eq!(valid.ok(), listing.about),
            ListingKind::AgencyByOrgCode => {
                let meant = listing
                    .about
                    .as_ref()
                    .expect("the register has it")
                    .as_str();
                assert_eq!(listing.card.replace('-', ""), meant[8..17]);
            }
            ListingKind::Enterprise | ListingKind::Village | ListingKind::Cooperative => {
                assert!(valid.is_ok())
            }
            ListingKind::Person => {
                assert!(listing.card.starts_with("000000") && listing.card.contains("****"));
                assert!(listing.business_entity.is_empty() && listing.age >= 18);
            }
            _ => assert!(valid.is_err()),
        }
        assert_eq!(listing.party_type == 0, listing.kind == ListingKind::Person);
        assert!(listing.reg_date < listing.publish_date);
        assert!(listing.publish_date.to_string().as_str() < "2026-11-01");
    }
    for (kind, share) in [
        (ListingKind::AgencyByUscc, 400),
        (ListingKind::AgencyByOrgCode, 200),
        (ListingKind::AgencyByName, 250),
        (ListingKind::AgencyByFormerName, 50),
        (ListingKind::AgencyByBrokenCode, 50),
        (ListingKind::Unresolvable, 50),
    ] {
        assert_eq!(count.get(&kind), Some(&share), "{kind:?} of 1,000");
    }
}

#[test]
fn a_site_page_carries_details_as_strings() {
    let world = small();
    let page = court_page(&world.listings[..2], 1, 2, world.listings.len());
    let row = &page[0]["result"][1];
    let inner = row["jsonObject"].as_str().expect("a string");
    let inner: serde_json::Value = serde_json::from_str(inner).expect("of JSON");
    assert_eq!(inner, court_detail(&world.listings[1]));
    assert_eq!(page[0]["totalSize"], world.listings.len());
    assert_eq!(row["id"], inner["id"]);
}

#[test]
fn the_platform_table_has_its_columns() {
    let world = small();
    let bytes = court_platform_csv(world.listings.iter().take(50));
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    assert_eq!(
        reader
            .headers()
            .expect("headings")
            .iter()
            .collect::<Vec<_>>(),
        super::files::PLATFORM
    );
    for (row, listing) in reader.records().zip(&world.listings) {
        let row = row.expect("as many cells as headings");
        assert!(
            listing.case_code.contains(&row[13])
                && listing.case_code.ends_with(&format!("{}号", &row[14]))
        );
    }
}
