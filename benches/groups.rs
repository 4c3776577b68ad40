//! Grouped counts of a million made-up records on the resident graph, without HTTP:
//! `cargo bench --bench groups`.
#![expect(clippy::print_stdout, reason = "a bench reports")]

use std::{collections::HashMap, sync::Arc, time::Instant};

use domain::{
    access::{RowRule, RowRules},
    agency::{Agency, AgencyKind},
    credit_record::{CreditRecord, CreditRecordKind, CreditRecordStatus, RecordSubject, Tier},
    division::DivisionLevel,
    money::Money,
    org_code::OrgCode,
    uscc::Uscc,
    viewer::{Role, Viewer},
};
use zhengxin::{
    catalogue::Catalogue,
    graph::{Graph, Grouping, RecordDimension as By, RecordPredicate, View},
    store::{Known, Listing, Resident},
};

const AGENCIES: u32 = 100_000;
const RECORDS: u32 = 1_000_000;
const ROUNDS: usize = 50;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> anyhow::Result<()> {
    let catalogue = Catalogue::load(None).map_err(|errors| anyhow::anyhow!("{errors:?}"))?;
    let tree = &catalogue.divisions;
    let province = tree.subtree("440000".parse()?).unwrap_or_default();
    let places: Vec<_> = province.map(|place| tree.at(place).code).collect();
    let empty = Graph::empty(Arc::clone(&catalogue.knowledge), None, HashMap::new());
    let agencies = (0..AGENCIES).map(|n| agency(n, places[n as usize % places.len()]));
    let agencies: Vec<Resident> = agencies.collect::<anyhow::Result<_>>()?;
    let records = (0..RECORDS).map(record);
    let started = Instant::now();
    let graph = Arc::new(empty.with(agencies.into_iter().chain(records)));
    println!(
        "graph of {RECORDS} records in {:.1} s",
        started.elapsed().as_secs_f64()
    );
    let started = Instant::now();
    graph.warm();
    println!(
        "columns and indexes in {:.2} s",
        started.elapsed().as_secs_f64()
    );

    let view = view(&graph)?;
    let all = RecordPredicate::All(Vec::new());
    let active = RecordPredicate::Status(vec![CreditRecordStatus::Active]);
    let one_source = RecordPredicate::Source(zhengxin::graph::TextTest::Is("a".to_owned()));
    for (name, predicate, by, level) in [
        ("division, tier", &all, &[By::Division, By::Tier][..], None),
        (
            "division by prefecture, tier",
            &all,
            &[By::Division, By::Tier],
            Some(DivisionLevel::Prefecture),
        ),
        (
            "division, tier, of those that hold",
            &active,
            &[By::Division, By::Tier],
            None,
        ),
        ("month", &all, &[By::Month], None),
        (
            "kind, tier, status, year",
            &all,
            &[By::Kind, By::Tier, By::Status, By::Year],
            None,
        ),
        ("agency", &all, &[By::Agency], None),
        (
            "division, of one source",
            &one_source,
            &[By::Division],
            None,
        ),
    ] {
        let grouping = Grouping {
            by: by.to_vec(),
            level,
            first: 200,
        };
        let mut times: Vec<f64> = Vec::new();
        let mut groups = 0;
        for _ in 0..ROUNDS {
            let started = Instant::now();
            groups = view.record_groups(predicate, &grouping)?.len();
            times.push(started.elapsed().as_secs_f64() * 1e3);
        }
        times.sort_by(f64::total_cmp);
        println!(
            "{name:<36} {groups:>4} groups   best {:>7.2} ms   median {:>7.2} ms",
            times[0],
            times[ROUNDS / 2]
        );
    }
    Ok(())
}

fn view(graph: &Arc<Graph>) -> anyhow::Result<View> {
    let rules = RowRules {
        agency: RowRule::Subtree,
        credit_record: RowRule::Subtree,
        mention: RowRule::Nothing,
        clue: RowRule::Nothing,
        indicator: RowRule::Nothing,
        assessment: RowRule::Nothing,
        official: RowRule::Nothing,
        case: RowRule::Nothing,
        source: RowRule::All,
        check: RowRule::Nothing,
    };
    let viewer = Viewer {
        role: Role::Government,
        divisions: vec!["440000".parse()?],
        ..Viewer::public()
    };
    Ok(graph.view(Arc::new(viewer), rules, "2026-11-20".parse()?))
}

fn agency(n: u32, division: domain::division::DivisionCode) -> anyhow::Result<Resident> {
    let org = OrgCode::from_body(&format!("B{n:07}"))?;
    let uscc = Uscc::from_parts("11", &division.to_string()[..6], org)?;
    Ok(Resident::Agency(known(
        n,
        Agency {
            uscc,
            kind: AgencyKind::Organ,
            name: format!("第{n}局"),
            division,
            established_on: None,
            abolished_on: None,
            superior: None,
            competent: Vec::new(),
            names: Vec::new(),
        },
    )))
}

/// Records come in no order of their bodies, as they do.
fn record(n: u32) -> Resident {
    let mixed = n.wrapping_mul(2_654_435_761);
    let day = chrono::NaiveDate::from_ymd_opt(2015, 1, 1).unwrap_or_default()
        + chrono::TimeDelta::days(i64::from(mixed % 4_000));
    let fact = CreditRecord {
        tier: Some(Tier::ALL[(mixed >> 5) as usize % 3]).filter(|_| !mixed.is_multiple_of(7)),
        status: CreditRecordStatus::ALL[(mixed >> 7) as usize % 5],
        amount: (mixed.is_multiple_of(2)).then(|| Money::from_cents(i64::from(mixed))),
        identified_by: "某法院".to_owned(),
        ..CreditRecord::new(
            RecordSubject::Agency(i64::from(mixed % AGENCIES)),
            CreditRecordKind::ALL[(mixed >> 3) as usize % 3],
            "court.judgment_debtor",
            day,
        )
    };
    let source = if n.is_multiple_of(3) { "a" } else { "b" };
    Resident::Record(known(
        n,
        Listing {
            source: source.to_owned(),
            fact,
        },
    ))
}

fn known<T>(n: u32, fact: T) -> Known<T> {
    Known {
        id: i64::from(n),
        row_id: i64::from(n),
        version: 1,
        fact,
    }
}
