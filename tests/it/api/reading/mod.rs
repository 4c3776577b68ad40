//! What answers say: filters, orders, pages, the resolver, divisions, sources and evidence.

mod assessments;
mod begun;
mod facts;
mod filters;
mod origins;
mod pages;
mod resolving;
mod search;
mod stats;
mod times;

use domain::uscc::Uscc;
use serde_json::{Value, json};

use crate::api::{Wire, catalogue_with, each, province::RICHER};
use crate::support::{Db, Hub, made};

/// A body: a letter that its name holds, prefix of its code, division, name, day on which it ended.
#[rustfmt::skip]
const BODIES: [(char, &str, &str, &str, &str); 15] = [
    ('A', "11", "440000",    "广东省A厅",             ""),
    ('B', "11", "440600",    "佛山市B局",             ""),
    ('C', "11", "440604",    "佛山市禅城区C局",       ""),
    ('D', "11", "440604010", "石湾镇街道D办事处",     ""),
    ('E', "12", "440606",    "佛山市顺德区E学校",     ""),
    ('F', "11", "441900",    "东莞市F局",             ""),
    ('G', "11", "441900121", "东莞市虎门镇G人民政府", ""),
    ('H', "13", "441900",    "东莞市H联合会",         ""),
    ('I', "11", "440600",    "佛山市I局",             "2020-01-01"),
    ('J', "11", "440600",    "佛山市J局",             "2027-01-01"),
    ('K', "11", "440600",    "佛山市K局",             "2026-11-20"),
    ('L', "19", "440604",    "禅城区L单位",           ""),
    // Namesakes, so that orders have ties.
    ('M', "11", "440604",    "同名M局",               ""),
    ('N', "11", "440606",    "同名M局",               ""),
    ('O', "11", "440100",    "同名M局",               ""),
];

/// A record: a digit, the body, day, amount, domain.
const RECORDS: [(u32, char, &str, &str, &str); 6] = [
    (1, 'C', "2025-01-01", "100.50", "甲类"),
    (2, 'C', "2025-06-15", "200", "乙类"),
    (3, 'B', "2024-12-31", "0.10", "甲类"),
    (4, 'F', "2025-06-15", "暂无", "暂无"),
    (5, 'G', "2026-01-01", "1,000,000元", "甲乙类"),
    (7, 'D', "2025-02-02", "50", "丙类"),
];
/// That of another kind, which the platform's form brings.
const ARREARS: (u32, char, &str) = (6, 'E', "2025-03-01");

struct World {
    hub: Hub,
    wire: Wire,
    token: String,
    _db: Db,
}

fn uscc(letter: char) -> Uscc {
    let at = BODIES
        .iter()
        .position(|body| body.0 == letter)
        .expect("a letter of the table");
    let (_, prefix, division, ..) = BODIES[at];
    made::uscc(
        prefix,
        &division[..6],
        1 + u32::try_from(at).expect("there are few"),
    )
}

fn register() -> Vec<made::Body> {
    let body = |(letter, _, division, name, end): (char, &str, &str, &str, &str)| {
        let body = made::body_of(uscc(letter), name, division)
            .former(&format!("曾用名{letter}一;曾用名{letter}二"))
            .alias(&format!("别名{letter}"));
        if end.is_empty() {
            body
        } else {
            body.abolished(end)
        }
    };
    BODIES.into_iter().map(body).collect()
}

fn listing(number: u32, letter: char, day: &str) -> made::Listing {
    made::listing(i64::from(8_800_000 + number), "名单所写")
        .code(uscc(letter))
        .case(&format!("(2024)粤0604执900{number}号"))
        .published(day)
}

impl World {
    async fn new() -> Self {
        let db = Db::sqlite();
        let folder = db.folder().join("catalogue");
        catalogue_with(&folder, &RICHER);
        let hub = Hub::with(&db, |config| config.catalogue.dir = Some(folder)).await;
        hub.ingest(
            "agency_register",
            &[("a.csv", &made::register(&register()))],
            |_| {},
        )
        .await;
        let detail = |(number, letter, day, amount, domain): &(u32, char, &str, &str, &str)| {
            let mut detail = made::listing(i64::from(8_800_000 + number), &name(*letter)).detail();
            let row = listing(*number, *letter, day).detail();
            for key in ["id", "cardNum", "caseCode", "publishDate"] {
                detail[key] = row[key].clone();
            }
            detail["unperformPart"] = json!(amount);
            detail["disruptTypeName"] = json!(domain);
            format!("{detail}\n")
        };
        let whole: String = RECORDS.iter().map(detail).collect();
        let without: String = RECORDS
            .iter()
            .filter(|record| record.0 != 7)
            .map(detail)
            .collect();
        for (day, file) in [("2026-11-18", whole), ("2026-11-19", without)] {
            hub.it_is(day);
            let report = hub
                .ingest("court_debtors", &[("b.jsonl", file.as_bytes())], |_| {})
                .await;
            assert_eq!(report.state, "DONE", "{report:?}");
        }
        let mut row = made::listing(8_800_000 + i64::from(ARREARS.0), &name(ARREARS.1));
        row = row
            .code(uscc(ARREARS.1))
            .case("(2024)粤0604执9006号")
            .published(ARREARS.2);
        let platform = made::court_platform(&[row]);
        hub.ingest("court_debtors", &[("c.csv", &platform)], |order| {
            order.feed = Some("p".to_owned())
        })
        .await;
        hub.it_is("2026-11-20");
        let wire = Wire::to(&hub).await;
        let token = hub.everything();
        Self {
            hub,
            wire,
            token,
            _db: db,
        }
    }

    async fn data(&self, query: &str) -> Value {
        self.wire.data(Some(&self.token), query).await
    }

    /// The letters of the bodies in an answer's list.
    fn letters(connection: &Value) -> String {
        let of = |code: &str| {
            BODIES
                .iter()
                .find(|body| uscc(body.0).as_str() == code)
                .map_or('?', |body| body.0)
        };
        each(connection, "uscc").into_iter().map(of).collect()
    }

    /// The digits of the records in an answer's list.
    fn digits(connection: &Value) -> String {
        let digit = |case: &str| case.chars().rev().nth(1).unwrap_or('?');
        each(connection, "caseNumber")
            .into_iter()
            .map(digit)
            .collect()
    }
}

fn name(letter: char) -> String {
    BODIES
        .iter()
        .find(|body| body.0 == letter)
        .map(|body| body.3.to_owned())
        .unwrap_or_default()
}

fn sorted(text: &str) -> String {
    let mut all: Vec<char> = text.chars().collect();
    all.sort_unstable();
    all.into_iter().collect()
}
