//! The province is made: register and listings come in, and what they are known by is asked for.

use domain::viewer::Role;

use super::{
    ALSO_DELISTED, BLANK, COURTS, Event, FIRST_LISTING, GONE, Mention, NAMESAKES, NOBODY, Named,
    OFFICIALS, ONLY_DELISTED, Official, Province, RICHER, Record, UNPUBLISHED, bodies, evidence_of,
    parents,
};
use crate::api::{Wire, access::Table, allegations, catalogue_with, nodes, text};
use crate::support::{
    Db, Hub, TODAY, made,
    rows::{self, post},
};

impl Province {
    pub(in crate::api) async fn new() -> Self {
        Self::with(&[]).await
    }

    /// With further changes to the catalogue.
    pub(in crate::api) async fn with(changes: &[(&str, &str, &str)]) -> Self {
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
            warnings: Vec::new(),
            cases: Vec::new(),
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
        let assessing = province.hub.app.assessing();
        assessing.assess_all().await.expect("everybody is graded");
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
            // To come, so that names still mean who is there.
            (end(0), end(19), "分立", "2027-01-03", "依据B03Z号"),
            (
                end(9),
                (None, bodies[16].name.as_str()),
                "合并",
                "2027-01-04",
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
                if at == GONE {
                    listing = listing.published("2002-06-01");
                }
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
        let stranger = |at: usize| format!("佛山市陌生机构M{at:02}Z局");
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
             warnings(first: 200) {{ edges {{ node {{ id }} }} }} \
             creditRecords(first: 200) {{ edges {{ node {{ id caseNumber status tier official {{ id }} {evidence} }} }} }} }}"
        );
        let wire = self.wire.stating(Some("supervision"));
        let data = wire.data(Some(&all), &query).await;
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
        let warnings = nodes(&data["warnings"]).map(|node| text(&node["id"]).to_owned());
        self.warnings = warnings.collect();
        assert!(self.warnings.len() > 10, "{:?}", self.warnings);
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
}
