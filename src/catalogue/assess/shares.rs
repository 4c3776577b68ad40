//! What the general pack makes of a population like the one that is known best: 4,072 departments of Zhejiang in 2018, of
//! which 5.4 % were 优秀, 93.2 % 良好, 0.5 % 中等 and 0.9 % 较差.

use chrono::{Days, NaiveDate};
use domain::{
    agency::AgencyKind,
    assess::Facts,
    credit_record::{CreditRecord, CreditRecordKind, CreditRecordStatus, RecordSubject, Tier},
    indicator::Indicator,
};

use super::properties::{catalogue, day};

const DEPARTMENTS: u64 = 4_072;
/// Of ten thousand departments so many …
const LISTED: u64 = 90;
/// … stand with a grave breach and on no court's list …
const GRAVE: u64 = 50;
/// … were repaired, are objected to in vain or have a minor matter: what is usual …
const MINOR: u64 = 600;
/// … were commended in the prefecture or above …
const COMMENDED: u64 = 900;
/// … and do all that is merely due.
const DUTIFUL: u64 = 6_000;

/// The share that each grade may have, in hundredths of a per cent: around that of 2018.
const SHARES: [(&str, u64, u64); 4] = [
    ("A", 340, 740),
    ("B", 9_100, 9_540),
    ("C", 20, 100),
    ("D", 60, 130),
];

/// A number below ten thousand for a department's matter, the same in each run.
fn drawn(department: u64, matter: u64) -> u64 {
    let mixed = (department * 4 + matter + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 31)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (mixed ^ (mixed >> 29)) % 10_000
}

fn record(kind: CreditRecordKind, tier: Tier, status: CreditRecordStatus) -> CreditRecord {
    let item = match kind {
        CreditRecordKind::JudgmentDebtor => "court.judgment_debtor",
        _ => "breach.confirmed",
    };
    CreditRecord {
        tier: Some(tier),
        status,
        identified_by: "样例认定局".to_owned(),
        ended_on: (status != CreditRecordStatus::Active).then(|| day() - Days::new(100)),
        ..CreditRecord::new(RecordSubject::Agency(1), kind, item, day() - Days::new(200))
    }
}

fn records(department: u64) -> Vec<CreditRecord> {
    use CreditRecordKind::{Breach, JudgmentDebtor};
    use CreditRecordStatus::{Active, Repaired};
    let drawn = drawn(department, 0);
    let (grave, minor) = (LISTED + GRAVE, LISTED + GRAVE + MINOR);
    match drawn {
        _ if drawn < LISTED => vec![record(JudgmentDebtor, Tier::Serious, Active)],
        _ if drawn < grave => vec![record(Breach, Tier::Serious, Active)],
        _ if drawn < minor && drawn.is_multiple_of(2) => {
            vec![record(Breach, Tier::General, Repaired)]
        }
        _ if drawn < minor => vec![record(Breach, Tier::Minor, Active)],
        _ => Vec::new(),
    }
}

fn indicators(department: u64) -> Vec<Indicator> {
    let said = |code: &str, value: i64, from: NaiveDate, to: NaiveDate| Indicator {
        agency_id: 1,
        code: code.to_owned(),
        title: String::new(),
        period_from: from,
        period_to: to,
        value: value.into(),
    };
    let date = |text: &str| text.parse::<NaiveDate>().expect("a day");
    let year = (date("2025-01-01"), date("2025-12-31"));
    let quarter = (date("2026-04-01"), date("2026-06-30"));
    let mut told = Vec::new();
    if drawn(department, 1) < COMMENDED {
        let level = 2 + (drawn(department, 2) % 2) as i64;
        told.push(said("commendation", level, year.0, year.1));
    }
    let is_dutiful = drawn(department, 3) < DUTIFUL;
    for (code, done, else_done, (from, to)) in [
        ("arrears.disclosure", 1, 1, year),
        ("training.integrity", 1, 0, year),
        ("hotline.on_time_rate", 99, 93, quarter),
        ("hotline.satisfaction_rate", 97, 88, quarter),
        ("disclosure.in_time", 1, 1, quarter),
    ] {
        let value = if is_dutiful { done } else { else_done };
        told.push(said(code, value, from, to));
    }
    told
}

#[test]
fn grades_fall_as_they_did_where_they_are_known() {
    let pack = catalogue().assess.pack(Some("general"), day());
    let pack = pack.expect("it is shipped");
    let mut counts = SHARES.map(|(grade, ..)| (grade, 0_u64));
    for department in 0..DEPARTMENTS {
        let (records, indicators) = (records(department), indicators(department));
        let facts = Facts {
            body: AgencyKind::Organ,
            records: (1..).zip(&records).collect(),
            indicators: (1..).zip(&indicators).collect(),
        };
        let grade = pack.evaluate(&facts, day()).grade;
        let is_it = |(known, _): &&mut (&str, u64)| *known == grade;
        let count = counts.iter_mut().find(is_it);
        count.expect("it is one of four").1 += 1;
    }
    for ((grade, count), (_, least, most)) in counts.into_iter().zip(SHARES) {
        let share = count * 10_000 / DEPARTMENTS;
        assert!(
            (least..=most).contains(&share),
            "{grade}: {share} of {counts:?}"
        );
    }
}
