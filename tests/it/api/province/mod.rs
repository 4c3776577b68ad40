//! A made-up province with bodies on all levels, each with marks of its own: texts that stand
//! nowhere else, so that a single one in an answer tells that a row was shown.

mod making;
mod sight;
mod worked;

use std::collections::{BTreeMap, BTreeSet};

use domain::{uscc::Uscc, viewer::Role};
use serde_json::Value;

use crate::api::{Wire, access::Table, allegations::Told, text};
use crate::support::{Db, Hub, made};
use worked::Worked;

/// A body: prefix of its code, division, what its name begins with, superior, competent department.
type Row = (
    &'static str,
    &'static str,
    &'static str,
    Option<usize>,
    Option<usize>,
);

#[rustfmt::skip]
const BODIES: [Row; 25] = [
    ("11", "100000",    "全国",           None,     None),
    ("11", "440000",    "广东省",         Some(0),  None),
    ("11", "440000",    "广东省",         Some(1),  None),
    ("11", "440600",    "佛山市",         Some(1),  None),
    ("11", "440600",    "佛山市",         Some(3),  Some(2)),
    ("11", "440600",    "佛山市",         None,     None),
    ("11", "440604",    "佛山市禅城区",   Some(3),  None),
    ("11", "440604",    "佛山市禅城区",   Some(6),  Some(4)),
    ("11", "440604010", "禅城区石湾镇街道", Some(6), None),
    ("11", "440604012", "禅城区祖庙街道", Some(6),  None),
    ("11", "440604",    "佛山市禅城区",   Some(5),  None),
    ("11", "440606",    "佛山市顺德区",   Some(3),  None),
    ("11", "440606101", "顺德区陈村镇",   Some(11), None),
    ("11", "441900",    "东莞市",         Some(1),  None),
    ("11", "441900",    "东莞市",         Some(13), Some(2)),
    ("11", "441900003", "东莞市东城街道", Some(13), None),
    ("11", "441900121", "东莞市虎门镇",   Some(13), None),
    ("11", "440100",    "广州市",         Some(1),  None),
    ("11", "440106",    "广州市天河区",   Some(17), None),
    ("11", "430000",    "湖南省",         Some(0),  None),
    ("11", "430100",    "长沙市",         Some(19), None),
    ("11", "440681",    "顺德市",         None,     None),
    ("12", "440604",    "佛山市禅城区",   Some(7),  Some(7)),
    ("12", "440604",    "",               Some(22), None),
    ("12", "441900",    "",               Some(14), None),
];
/// The two that bear the same name.
pub(super) const NAMESAKES: [usize; 2] = [23, 24];
/// Abolished, in a division that is gone, too.
pub(super) const GONE: usize = 21;
/// Who stands in its place.
pub(super) const HEIR: usize = 11;
/// Courts, whose names stand in listings.
const COURTS: [usize; 2] = [5, 10];
/// Without any record.
const BLANK: [usize; 2] = [10, 20];
/// With nothing but a listing that is no longer listed.
const ONLY_DELISTED: [usize; 3] = [9, 12, 15];
/// With a listing that is no longer listed beside one that is.
const ALSO_DELISTED: [usize; 2] = [7, 17];
/// With a record that is not made public.
const UNPUBLISHED: [usize; 8] = [2, 6, 8, 9, 13, 16, 18, 19];

/// The posts of each official: in which body, and whether it is held today.
const OFFICIALS: [&[(usize, bool)]; 9] = [
    &[(8, true)],
    &[(7, true)],
    &[(16, true)],
    &[(3, true)],
    &[(0, true)],
    &[(19, true)],
    &[(8, true), (14, true)],
    // He is where he is now,
    &[(9, false), (13, true)],
    // and once he is nowhere where he was.
    &[(12, false)],
];
/// The body of a record that has none.
pub(super) const NOBODY: usize = usize::MAX;

/// A listing that names somebody who can't be told: name, whose code, the court's code, the court's
/// division, the resolver's outcome, candidates.
type Named<'a> = (
    &'a str,
    Option<usize>,
    &'a str,
    Option<&'static str>,
    &'static str,
    &'a [usize],
);

/// A body.
#[derive(Debug)]
pub(super) struct Body {
    pub(super) uscc: Uscc,
    pub(super) division: &'static str,
    pub(super) name: String,
    pub(super) superior: Option<usize>,
    pub(super) competent: Option<usize>,
    pub(super) id: String,
    name_mark: String,
    marks: Vec<String>,
}

/// A record, of a body or of an official.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) agency: usize,
    official: Option<usize>,
    pub(super) case: String,
    pub(super) is_active: bool,
    pub(super) is_published: bool,
    pub(super) identified_by: String,
    pub(super) id: String,
    pub(super) evidence: Vec<String>,
    marks: Vec<String>,
}

/// A row that names somebody who could not be told.
#[derive(Debug)]
pub(super) struct Mention {
    pub(super) text: String,
    pub(super) code: Option<usize>,
    pub(super) division: Option<&'static str>,
    pub(super) outcome: &'static str,
    pub(super) candidates: Vec<usize>,
    pub(super) id: String,
    pub(super) evidence: Vec<String>,
    marks: Vec<String>,
}

/// A public official.
#[derive(Debug)]
pub(super) struct Official {
    pub(super) posts: &'static [(usize, bool)],
    pub(super) id: String,
    marks: Vec<String>,
    /// What nobody ever sees.
    secrets: [String; 2],
}

/// An event: the bodies at its ends, and the marks in its texts.
#[derive(Debug)]
struct Event {
    ends: Vec<usize>,
    marks: Vec<String>,
}

/// The province, served.
pub(super) struct Province {
    pub(super) hub: Hub,
    pub(super) wire: Wire,
    pub(super) bodies: Vec<Body>,
    pub(super) records: Vec<Record>,
    pub(super) mentions: Vec<Mention>,
    pub(super) clues: Vec<Told>,
    pub(super) indicators: Vec<Told>,
    pub(super) officials: Vec<Official>,
    pub(super) runs: Vec<String>,
    /// Warnings, whose messages name their bodies.
    pub(super) warnings: Vec<String>,
    /// Cases, where there are any.
    pub(super) cases: Vec<Worked>,
    events: Vec<Event>,
    /// The division above each.
    parents: BTreeMap<String, String>,
    pub(super) table: Table,
    _db: Db,
}

/// Who asks.
#[derive(Debug, Clone)]
pub(super) struct Asker {
    pub(super) role: Role,
    pub(super) areas: Vec<&'static str>,
    pub(super) own: Option<Uscc>,
    pub(super) token: Option<String>,
    purpose: Option<&'static str>,
    /// His client, which states his purpose.
    pub(super) wire: Wire,
}

/// What he may see, by its places, and the marks that he must not.
#[derive(Debug)]
pub(super) struct Sight {
    pub(super) bodies: BTreeSet<usize>,
    pub(super) records: BTreeSet<usize>,
    pub(super) mentions: BTreeSet<usize>,
    pub(super) clues: BTreeSet<usize>,
    pub(super) indicators: BTreeSet<usize>,
    pub(super) officials: BTreeSet<usize>,
    pub(super) forbidden: BTreeSet<String>,
}

/// Changes to the catalogue that make records of two kinds and tiers, with amounts and domains, of
/// which one kind is not made public.
pub(super) const RICHER: [(&str, &str, &str); 4] = [
    (
        "lists/base.toml",
        "code = \"arrears.established\"\n",
        "code = \"arrears.established\"\ntier = \"GENERAL\"\n",
    ),
    (
        "lists/base.toml",
        "code = \"court.judgment_debtor\"\n",
        "code = \"court.judgment_debtor\"\ntier = \"SERIOUS\"\n",
    ),
    (
        "sources/court_debtors.toml",
        "name = \"platform\"\nyields = \"credit_record\"\nitem = \"court.judgment_debtor\"",
        "name = \"platform\"\nyields = \"credit_record\"\nitem = \"arrears.established\"",
    ),
    (
        "sources/court_debtors.toml",
        "subject_name = { from = [\"iname\"]",
        "amount = { from = [\"unperformPart\"], as = \"yuan\", column_optional = true }\n\
         domain = { from = [\"disruptTypeName\"], as = \"text\", column_optional = true }\n\
         subject_name = { from = [\"iname\"]",
    ),
];

/// The first number of the listings; keys and case numbers count on from it.
const FIRST_LISTING: usize = 8_800_000;

fn bodies() -> Vec<Body> {
    let body = |(at, (prefix, division, place, superior, competent)): (usize, Row)| {
        let number = u32::try_from(at).expect("there are few") + 1;
        // Namesakes share their mark with their name.
        let marked = if NAMESAKES.contains(&at) {
            NAMESAKES[0]
        } else {
            at
        };
        let ending = match at {
            _ if NAMESAKES.contains(&at) => "中心",
            _ if COURTS.contains(&at) => "人民法院",
            22 => "学校",
            _ => "局",
        };
        let place = if NAMESAKES.contains(&at) {
            "联合"
        } else {
            place
        };
        Body {
            uscc: made::uscc(prefix, &division[..6], number),
            division,
            name: format!("{place}N{marked:02}Z{ending}"),
            superior,
            competent,
            id: String::new(),
            name_mark: format!("N{marked:02}Z"),
            marks: vec![format!("F{at:02}Z"), format!("A{at:02}Z")],
        }
    };
    BODIES.into_iter().enumerate().map(body).collect()
}

pub(super) fn evidence_of(node: &Value, ids: &mut Vec<String>, marks: &mut Vec<String>) {
    for evidence in node["evidence"].as_array().into_iter().flatten() {
        ids.push(text(&evidence["id"]).to_owned());
        marks.push(format!("\"{}\"", text(&evidence["id"])));
        marks.push(text(&evidence["digest"]).to_owned());
    }
    assert!(!ids.is_empty(), "{node}");
}

/// The division above each, read from the catalogue's own files.
fn parents() -> BTreeMap<String, String> {
    let mut parents = BTreeMap::new();
    for name in ["divisions.csv", "divisions_former.csv"] {
        let path = format!("{}/catalogue/{name}", env!("CARGO_MANIFEST_DIR"));
        let mut rows = csv::Reader::from_path(path).expect("the catalogue has divisions");
        for row in rows.records() {
            let row = row.expect("a row");
            parents.insert(row[0].to_owned(), row[3].to_owned());
        }
    }
    parents
}
