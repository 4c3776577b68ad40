//! A made-up province with bodies on all levels, each with marks of its own: texts that stand
//! nowhere else, so that a single one in an answer tells that a row was shown.

use std::collections::{BTreeMap, BTreeSet};

use domain::{uscc::Uscc, viewer::Role};
use serde_json::Value;

use super::{
    Wire,
    access::Table,
    allegations::{self, Told},
    catalogue_with, nodes, text,
};
use crate::support::{
    Db, Hub, TODAY, made,
    rows::{self, post},
};

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

impl Province {
    pub(super) async fn new() -> Self {
        Self::with(&[]).await
    }

    /// With further changes to the catalogue.
    pub(super) async fn with(changes: &[(&str, &str, &str)]) -> Self {
        let db = Db::sqlite();
        let catalogue = db.folder().join("catalogue");
        catalogue_with(&catalogue, &[&RICHER[..], changes].concat());
        let table = std::fs::read_to_string(catalogue.join("access.toml")).expect("it was copied");
        let key = db.file(
            "person.key",
            b"a key for the numbers of made-up persons alone",
        );
        let hub = Hub::with(&db, |config| {
            config.catalogue.dir = Some(catalogue);
            config.hub.person_key_file = Some(key);
        })
        .await;
        let wire = Wire::to(&hub).await;
        let mut province = Self {
            bodies: bodies(),
            records: Vec::new(),
            mentions: Vec::new(),
            clues: Vec::new(),
            indicators: Vec::new(),
            officials: Vec::new(),
            runs: Vec::new(),
            events: Vec::new(),
            parents: parents(),
            table: Table::of(&table),
            hub,
            wire,
            _db: db,
        };
        province.bring_in_register().await;
        province.bring_in_officials().await;
        province.bring_in_listings().await;
        (province.clues, province.indicators) =
            allegations::bring_in(&province.hub, &province.bodies).await;
        province.look_up().await;
        province
    }

    async fn bring_in_register(&mut self) {
        let bodies = &self.bodies;
        let row = |at: usize| {
            let body = &bodies[at];
            let mut row = made::body_of(body.uscc, &body.name, body.division)
                .former(&format!("曾用名F{at:02}Z处"))
                .alias(&format!("别名A{at:02}Z办"));
            if let Some(superior) = body.superior {
                row = row.superior(&bodies[superior].uscc);
            }
            if let Some(competent) = body.competent {
                row = row.competent(&bodies[competent].uscc);
            }
            if at == GONE {
                row.abolished("2002-12-08")
            } else {
                row
            }
        };
        let rows: Vec<made::Body> = (0..bodies.len()).map(row).collect();
        let end = |at: usize| (Some(&bodies[at].uscc), bodies[at].name.as_str());
        let events: [made::Event<'_>; 6] = [
            (end(21), end(11), "更名", "2002-12-08", "依据B00Z号"),
            (
                (None, "无码单位X01Z处"),
                end(7),
                "合并",
                "2019-03-01",
                "依据B01Z号",
            ),
            (end(4), end(14), "职能划转", "2020-01-01", "依据B02Z号"),
            (end(0), end(19), "分立", "2021-01-01", "依据B03Z号"),
            (
                end(9),
                (None, bodies[16].name.as_str()),
                "合并",
                "2022-01-01",
                "依据B04Z号",
            ),
            (end(12), (None, ""), "撤销", "2023-01-01", "依据B05Z号"),
        ];
        let event = |ends: &[usize], marks: &[&str]| Event {
            ends: ends.to_vec(),
            marks: marks.iter().map(|mark| (*mark).to_owned()).collect(),
        };
        let files = [
            ("a.csv", made::register(&rows)),
            ("b.csv", made::successions(&events)),
        ];
        let told = [
            event(&[21, 11], &["B00Z", "N21Z", "N11Z"]),
            event(&[7], &["B01Z", "X01Z", "N07Z"]),
            event(&[4, 14], &["B02Z", "N04Z", "N14Z"]),
            event(&[0, 19], &["B03Z", "N00Z", "N19Z"]),
            event(&[9, 16], &["B04Z", "N09Z", "N16Z"]),
            event(&[12], &["B05Z", "N12Z"]),
        ];
        let files = files
            .each_ref()
            .map(|(name, bytes)| (*name, bytes.as_slice()));
        let report = self.hub.ingest("agency_register", &files, |_| {}).await;
        assert_eq!(
            (report.state.as_str(), report.counts.stored),
            ("DONE", 31),
            "{report:?}"
        );
        self.events = told.into();
    }

    async fn bring_in_officials(&mut self) {
        let mut posts = Vec::new();
        for (at, held) in OFFICIALS.into_iter().enumerate() {
            let name = format!("官O{at:02}Z");
            let number = made::citizen_number(at as u32);
            let mut marks = Vec::new();
            for (turn, (body, is_held)) in held.iter().enumerate() {
                let mark = format!("U{at}{turn}Z");
                let uscc = &self.bodies[*body].uscc;
                let post = post(&name, &number, uscc.as_str(), &format!("职务{mark}"));
                posts.push(match is_held {
                    true => post,
                    false => post.with("任职止", "2025-12-31"),
                });
                marks.push(mark);
            }
            self.officials.push(Official {
                posts: held,
                id: String::new(),
                marks,
                secrets: [format!("O{at:02}Z"), number],
            });
        }
        let file = rows::file(&posts);
        let files = [("o.csv", file.as_slice())];
        let report = self.hub.ingest("official_register", &files, |_| {}).await;
        assert_eq!(report.state, "DONE", "{report:?}");
    }

    async fn bring_in_listings(&mut self) {
        let mut number = 0;
        let mut next = |name: &str, court: &str, case_court: &str| {
            number += 1;
            let mut listing = made::listing((FIRST_LISTING + number) as i64, name)
                .case(&format!("(2025)粤{case_court}执9{number:04}号"))
                .published(&format!(
                    "2025-{:02}-{:02}",
                    1 + number % 12,
                    1 + number % 28
                ));
            court.clone_into(&mut listing.court);
            listing
        };
        let (mut listed, mut gone, mut platform) = (Vec::new(), Vec::new(), Vec::new());
        for (at, body) in self.bodies.iter().enumerate() {
            let mut listing = || {
                let court = match at % 3 {
                    2 => format!("东莞市C{at:02}Z人民法院"),
                    which => self.bodies[COURTS[which]].name.clone(),
                };
                let mut listing = next(&body.name, &court, "0604").code(body.uscc);
                // Bodies of other provinces are listed like any other.
                listing.court.clone_from(&court);
                (listing, court)
            };
            let mut kinds = Vec::new();
            if !BLANK.contains(&at) {
                if ONLY_DELISTED.contains(&at) || ALSO_DELISTED.contains(&at) {
                    kinds.push((false, true));
                }
                if !ONLY_DELISTED.contains(&at) {
                    kinds.push((true, true));
                }
                if UNPUBLISHED.contains(&at) {
                    kinds.push((true, false));
                }
            }
            for (is_active, is_published) in kinds {
                let (listing, court) = listing();
                self.records.push(Record {
                    agency: at,
                    official: None,
                    case: listing.case.replace('(', "（").replace(')', "）"),
                    is_active,
                    is_published,
                    identified_by: court,
                    id: String::new(),
                    evidence: Vec::new(),
                    marks: vec![
                        listing.case[listing.case.find('执').expect("it is there")..].to_owned(),
                        format!("\"{}\"", listing.id),
                    ],
                });
                match (is_active, is_published) {
                    (true, true) => listed.push(listing),
                    (true, false) => platform.push(listing),
                    (false, _) => gone.push(listing),
                }
            }
        }
        for (at, official) in self.officials.iter().enumerate() {
            let [name, number] = &official.secrets;
            let court = self.bodies[COURTS[at % 2]].name.clone();
            let listing = next(&format!("官{name}"), &court, "0604").code(number);
            self.records.push(Record {
                agency: NOBODY,
                official: Some(at),
                case: listing.case.replace('(', "（").replace(')', "）"),
                is_active: true,
                is_published: true,
                identified_by: court,
                id: String::new(),
                evidence: Vec::new(),
                marks: vec![
                    listing.case[listing.case.find('执').expect("it is there")..].to_owned(),
                    format!("\"{}\"", listing.id),
                ],
            });
            listed.push(listing);
        }
        let namesake = self.bodies[NAMESAKES[0]].name.clone();
        let stranger = |at: usize| format!("佛山市M{at:02}Z局");
        let eight = self.bodies[8].name.clone();
        let rows: [Named<'_>; 7] = [
            (
                &namesake,
                None,
                "0604",
                Some("440604"),
                "AMBIGUOUS",
                &NAMESAKES,
            ),
            (
                &namesake,
                None,
                "1971",
                Some("441900"),
                "AMBIGUOUS",
                &NAMESAKES,
            ),
            (
                &eight,
                Some(18),
                "0605",
                Some("440605"),
                "CONFLICT",
                &[8, 18],
            ),
            (&stranger(3), None, "06", Some("440600"), "NONE", &[]),
            (&stranger(4), None, "", None, "NONE", &[]),
            (&stranger(5), None, "0106", Some("440106"), "NONE", &[]),
            (&stranger(6), None, "01", Some("440100"), "NONE", &[]),
        ];
        for (name, code, court, division, outcome, candidates) in rows {
            let mut listing = next(name, "佛山市禅城区人民法院", court);
            if court.is_empty() {
                // The older form names no court by its code.
                listing.case = format!("(2014)禅法执字第{}号", listing.id);
            }
            if let Some(code) = code {
                listing = listing.code(self.bodies[code].uscc);
            }
            self.mentions.push(Mention {
                text: name.to_owned(),
                code,
                division,
                outcome,
                candidates: candidates.to_vec(),
                id: String::new(),
                evidence: Vec::new(),
                marks: vec![format!("\"{}\"", listing.id)],
            });
            listed.push(listing);
        }
        let all = [listed.clone(), gone].concat();
        for (day, rows) in [("2026-11-18", &all), ("2026-11-19", &listed)] {
            self.hub.it_is(day);
            let report = self
                .hub
                .ingest(
                    "court_debtors",
                    &[("c.jsonl", &made::court_jsonl(rows))],
                    |_| {},
                )
                .await;
            assert_eq!(report.state, "DONE", "{report:?}");
        }
        self.hub.it_is(TODAY);
        let file = made::court_platform(&platform);
        let report = self
            .hub
            .ingest("court_debtors", &[("d.csv", &file)], |order| {
                order.feed = Some("platform".to_owned())
            })
            .await;
        assert_eq!(
            (report.state.as_str(), report.counts.stored),
            ("DONE", platform.len() as i64),
            "{report:?}"
        );
    }

    /// Asks, as those who see all, for the ids by which things are known.
    async fn look_up(&mut self) {
        let all = self.hub.token(Role::Government, &["100000"], None);
        let operator = self.hub.token(Role::Operator, &[], None);
        let evidence = "evidence { id digest sourceKey }";
        let query = format!(
            "{{ agencies(first: 200) {{ edges {{ node {{ id uscc }} }} }} \
             creditRecords(first: 200) {{ edges {{ node {{ id caseNumber status tier official {{ id }} {evidence} }} }} }} }}"
        );
        let data = self
            .wire
            .stating(Some("supervision"))
            .data(Some(&all), &query)
            .await;
        for node in nodes(&data["agencies"]) {
            let body = self
                .bodies
                .iter_mut()
                .find(|body| body.uscc.as_str() == node["uscc"])
                .expect("it was made");
            body.id = text(&node["id"]).to_owned();
            let marks = [
                body.uscc.org_code().to_string(),
                body.uscc.to_string(),
                format!("\"{}\"", body.id),
            ];
            body.marks.extend(marks);
        }
        for node in nodes(&data["creditRecords"]) {
            let record = self
                .records
                .iter_mut()
                .find(|record| record.case == node["caseNumber"])
                .expect("it was made");
            let status = if record.is_active {
                "ACTIVE"
            } else {
                "DELISTED"
            };
            assert_eq!(node["status"], status, "{node}");
            assert_eq!(
                node["tier"],
                if record.is_published {
                    "SERIOUS"
                } else {
                    "GENERAL"
                }
            );
            if let Some(official) = record.official.map(|at| &mut self.officials[at]) {
                official.id = text(&node["official"]["id"]).to_owned();
                official.marks.push(format!("\"{}\"", official.id));
            }
            record.id = text(&node["id"]).to_owned();
            record.marks.push(format!("\"{}\"", record.id));
            evidence_of(node, &mut record.evidence, &mut record.marks);
        }
        let query = format!(
            "{{ mentions(first: 200) {{ edges {{ node {{ id text division {{ code }} resolution {{ outcome }} {evidence} }} }} }} \
             sources {{ runs {{ edges {{ node {{ id }} }} }} }} }}"
        );
        let data = self.wire.data(Some(&operator), &query).await;
        for node in nodes(&data["mentions"]) {
            let key = format!("\"{}\"", text(&node["evidence"][0]["sourceKey"]));
            let mention = self
                .mentions
                .iter_mut()
                .find(|mention| mention.marks[0] == key)
                .expect("it was made");
            assert_eq!(
                node["division"]["code"].as_str(),
                mention.division,
                "{node}"
            );
            assert_eq!(node["resolution"]["outcome"], mention.outcome, "{node}");
            mention.id = text(&node["id"]).to_owned();
            mention.marks.push(format!("\"{}\"", mention.id));
            if mention.text.contains('M') {
                let at = mention.text.find('M').expect("it is there");
                mention.marks.push(mention.text[at..at + 4].to_owned());
            }
            evidence_of(node, &mut mention.evidence, &mut mention.marks);
        }
        for source in data["sources"].as_array().into_iter().flatten() {
            self.runs
                .extend(nodes(&source["runs"]).map(|run| text(&run["id"]).to_owned()));
        }
        let ids = self.bodies.iter().map(|body| &body.id);
        let ids = ids.chain(self.records.iter().map(|record| &record.id));
        assert!(
            ids.chain(self.mentions.iter().map(|mention| &mention.id))
                .all(|id| !id.is_empty())
        );
    }

    pub(super) fn asker(&self, role: Role, areas: &[&'static str], own: Option<Uscc>) -> Asker {
        let token = (role != Role::Public).then(|| self.hub.token(role, areas, own.as_ref()));
        Asker {
            role,
            areas: areas.to_vec(),
            own,
            token,
            purpose: None,
            wire: self.wire.clone(),
        }
    }

    /// The same one with a purpose.
    pub(super) fn stating(&self, asker: Asker, purpose: &'static str) -> Asker {
        Asker {
            purpose: Some(purpose),
            wire: self.wire.stating(Some(purpose)),
            ..asker
        }
    }

    /// Every role over many areas.
    pub(super) fn askers(&self) -> Vec<Asker> {
        let areas: [&[&'static str]; 13] = [
            &["100000"],
            &["440000"],
            &["440600"],
            &["440604"],
            &["440604010"],
            &["441900"],
            &["441900003"],
            &["440100"],
            &["430000"],
            &["440604", "441900"],
            &["440600", "440604"],
            &["440681"],
            &[],
        ];
        let mut askers = vec![self.asker(Role::Public, &[], None)];
        for role in Role::ALL
            .iter()
            .copied()
            .filter(|role| *role != Role::Public && *role != Role::Agency)
        {
            let reaches = |rule: &str| matches!(rule, "subtree" | "level");
            let is_bound = ["agency", "credit_record", "mention", "clue", "indicator"]
                .iter()
                .any(|thing| reaches(self.table.rule(role, thing)));
            let areas = if is_bound { &areas[..] } else { &areas[1..2] };
            askers.extend(areas.iter().map(|areas| self.asker(role, areas, None)));
        }
        // Acting for a body, whatever areas the token names besides.
        for (own, areas) in [
            (8, &[][..]),
            (7, &["440000"]),
            (9, &["440604"]),
            (19, &[]),
            (GONE, &[]),
            (24, &["441900"]),
        ] {
            askers.push(self.asker(Role::Agency, areas, Some(self.bodies[own].uscc)));
        }
        askers.push(self.asker(Role::Agency, &["440600"], None));
        askers.push(self.asker(
            Role::Agency,
            &["440600"],
            Some(made::uscc("11", "440600", 999)),
        ));
        // A body in the token widens no other role.
        askers.push(self.asker(Role::Government, &["441900"], Some(self.bodies[8].uscc)));
        askers.extend(self.askers_for_purposes());
        askers
    }

    /// With purposes, of which some may not be stated.
    fn askers_for_purposes(&self) -> Vec<Asker> {
        let mut askers = Vec::new();
        for (role, purpose, areas) in [
            (Role::Public, "supervision", &[][..]),
            (
                Role::Congress,
                "supervision",
                &[&["440600"][..], &["440604"], &["440604010"]][..],
            ),
            (Role::Congress, "sanction", &[&["440600"]]),
            (
                Role::Government,
                "supervision",
                &[&["100000"], &["440604"], &["440604", "441900"]],
            ),
            (Role::Government, "curiosity", &[&["100000"]]),
            (Role::Court, "sanction", &[&["441900"], &["430000"]]),
            (Role::Court, "appointment", &[&["440000"]]),
            (Role::Authority, "correction", &[&["440604"]]),
            (Role::Assessor, "supervision", &[&["440000"]]),
            (Role::Operator, "sanction", &[&["440000"]]),
            (Role::Auditor, "supervision", &[&["100000"]]),
        ] {
            let some = match role {
                Role::Public => &[&[][..]][..],
                _ => areas,
            };
            let each = some.iter().map(|areas| self.asker(role, areas, None));
            askers.extend(each.map(|asker| self.stating(asker, purpose)));
        }
        for own in [8, 14, 12] {
            let asker = self.asker(Role::Agency, &[], Some(self.bodies[own].uscc));
            askers.push(self.stating(asker, "appointment"));
        }
        askers
    }

    /// Whether a division is one of the areas or lies below one.
    fn is_within(&self, division: &str, areas: &[&str]) -> bool {
        let mut at = Some(division);
        while let Some(code) = at {
            if areas.contains(&code) {
                return true;
            }
            at = self.parents.get(code).map(String::as_str);
        }
        false
    }

    fn sees_body(&self, asker: &Asker, rule: &str, at: usize) -> bool {
        let body = &self.bodies[at];
        match rule {
            "all" => true,
            "subtree" => self.is_within(body.division, &asker.areas),
            "level" => asker.areas.contains(&body.division),
            "own" => asker.own == Some(body.uscc),
            "published" => self
                .records
                .iter()
                .any(|record| record.agency == at && record.is_active && record.is_published),
            "nothing" => false,
            other => panic!("the rule {other} is not known here"),
        }
    }

    /// What the row rules give to this viewer, reckoned from the tables and the rows that were made.
    pub(super) fn sight(&self, asker: &Asker) -> Sight {
        let rule = |thing| self.table.rule(asker.role, thing);
        let bodies: BTreeSet<usize> = (0..self.bodies.len())
            .filter(|at| self.sees_body(asker, rule("agency"), *at))
            .collect();
        let may_state = |purpose| self.table.may_state(asker.role, purpose);
        let officials = (0..self.officials.len()).filter(|at| {
            let posts = self.officials[*at].posts;
            let holds_one = posts.iter().any(|(_, is_held)| *is_held);
            let counting = posts.iter().filter(|(_, is_held)| *is_held == holds_one);
            asker.purpose.is_some_and(may_state)
                && counting
                    .into_iter()
                    .any(|(at, _)| self.sees_body(asker, rule("official"), *at))
        });
        let officials: BTreeSet<usize> = officials.collect();
        let records = (0..self.records.len()).filter(|at| {
            let record = &self.records[*at];
            if let Some(official) = &record.official {
                return rule("credit_record") != "nothing" && officials.contains(official);
            }
            match rule("credit_record") {
                "published" => record.is_active && record.is_published,
                rule => self.sees_body(asker, rule, record.agency),
            }
        });
        let records: BTreeSet<usize> = records.collect();
        let mentions = (0..self.mentions.len()).filter(|at| {
            match (rule("mention"), self.mentions[*at].division) {
                ("all", _) => true,
                ("subtree", Some(division)) => self.is_within(division, &asker.areas),
                ("level", Some(division)) => asker.areas.contains(&division),
                _ => false,
            }
        });
        let mentions: BTreeSet<usize> = mentions.collect();

        let clues = (0..self.clues.len()).filter(|at| {
            let agencies = &self.clues[*at].agencies;
            match rule("clue") {
                "published" => false,
                // What names nobody belongs to the province.
                "subtree" if agencies.is_empty() => self.is_within("440000", &asker.areas),
                "level" if agencies.is_empty() => asker.areas.contains(&"440000"),
                rule => agencies.iter().any(|at| self.sees_body(asker, rule, *at)),
            }
        });
        let clues: BTreeSet<usize> = clues.collect();
        let indicators = (0..self.indicators.len()).filter(|at| {
            let agency = self.indicators[*at].agencies[0];
            bodies.contains(&agency) && self.sees_body(asker, rule("indicator"), agency)
        });
        let indicators: BTreeSet<usize> = indicators.collect();

        let mut allowed: BTreeSet<&str> = BTreeSet::new();
        let told = clues.iter().map(|at| &self.clues[*at]);
        for told in told.chain(indicators.iter().map(|at| &self.indicators[*at])) {
            allowed.extend(told.marks.iter().map(String::as_str));
        }
        for at in &officials {
            let official = &self.officials[*at];
            let id = format!("\"{}\"", official.id);
            for mark in &official.marks {
                // A post in a body that is hidden is, too.
                let of_post = (0..).zip(official.posts);
                let mut of_post = of_post.filter(|(turn, _)| *mark == format!("U{at}{turn}Z"));
                let is_seen = match of_post.next() {
                    Some((_, (body, _))) => bodies.contains(body),
                    None => *mark == id,
                };
                if is_seen {
                    allowed.insert(mark);
                }
            }
        }
        for at in &bodies {
            let body = &self.bodies[*at];
            allowed.insert(&body.name_mark);
            allowed.extend(body.marks.iter().map(String::as_str));
            // A superior's name is told of those below it.
            allowed.extend(
                body.superior
                    .map(|superior| self.bodies[superior].name_mark.as_str()),
            );
        }
        for event in self
            .events
            .iter()
            .filter(|event| event.ends.iter().any(|end| bodies.contains(end)))
        {
            allowed.extend(event.marks.iter().map(String::as_str));
        }
        for at in &records {
            let record = &self.records[*at];
            allowed.extend(record.marks.iter().map(String::as_str));
            // Who determined it is told as the source writes it.
            let told = |mark: &&str| record.identified_by.contains(*mark);
            allowed.extend(self.name_marks().filter(told));
        }
        for at in &mentions {
            let mention = &self.mentions[*at];
            allowed.extend(mention.marks.iter().map(String::as_str));
            // The row's own text and code, which the resolver's steps repeat.
            allowed.extend(
                self.name_marks()
                    .filter(|mark| mention.text.contains(*mark)),
            );
            if let Some(code) = mention.code {
                let code = &self.bodies[code].uscc;
                let told = |mark: &&str| code.as_str().contains(*mark);
                allowed.extend(self.marks().filter(told));
            }
        }
        let forbidden = self
            .marks()
            .filter(|mark| !allowed.contains(mark))
            .map(str::to_owned)
            .collect();
        Sight {
            bodies,
            records,
            mentions,
            clues,
            indicators,
            officials,
            forbidden,
        }
    }

    fn name_marks(&self) -> impl Iterator<Item = &str> {
        self.bodies.iter().map(|body| body.name_mark.as_str())
    }

    /// All marks of all things.
    pub(super) fn marks(&self) -> impl Iterator<Item = &str> {
        let bodies = self
            .bodies
            .iter()
            .flat_map(|body| &body.marks)
            .chain(self.bodies.iter().map(|body| &body.name_mark));
        let records = self.records.iter().flat_map(|record| &record.marks);
        let mentions = self.mentions.iter().flat_map(|mention| &mention.marks);
        let events = self.events.iter().flat_map(|event| &event.marks);
        let told = self.clues.iter().chain(&self.indicators);
        let officials = self
            .officials
            .iter()
            .flat_map(|official| official.marks.iter().chain(&official.secrets));
        bodies
            .chain(records)
            .chain(mentions)
            .chain(events)
            .chain(told.flat_map(|told| &told.marks))
            .chain(officials)
            .map(String::as_str)
    }
}

impl Sight {
    /// The marks in a text that must not be there.
    pub(super) fn leaks<'a>(&'a self, text: &str) -> Vec<&'a str> {
        self.forbidden
            .iter()
            .map(String::as_str)
            .filter(|mark| text.contains(*mark))
            .collect()
    }
}

impl std::fmt::Display for Asker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} over {:?}", self.role, self.areas)?;
        if let Some(purpose) = self.purpose {
            write!(f, " for {purpose}")?;
        }
        match self.own {
            Some(own) => write!(f, " for {own}"),
            None => Ok(()),
        }
    }
}

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
