//! Sanction checks: whom a question means, wherever he belongs, and what stands against him.

use std::{collections::VecDeque, sync::Arc};

use domain::{
    access::{RowRule, RowRules},
    case_number::CaseNumber,
    casework::SanctionStatus,
    check::{Standing, Verdict, is_code_of_others, is_name_of_others, verdict},
    credit_record::CreditRecordStatus,
    division::DivisionCode,
    official::Told,
    resolution::{CANDIDATES_MAX, Candidate, Outcome, Resolution, Subject, resolve},
    succession::Succession,
};
use serde::{Deserialize, Serialize};

use crate::store::Known;

use super::View;

/// Records, measures and inherited records that one answer tells, the newest of each.
pub const STANDING_MAX: usize = 200;
/// Bodies from which one may inherit.
const PREDECESSORS_MAX: usize = 64;

/// Who is asked about.
#[derive(Debug, Clone, Default)]
pub struct CheckQuestion<'a> {
    /// A body, as it was written.
    pub body: Subject<'a>,
    /// The listing under this number.
    pub case: Option<CaseNumber>,
    /// A person, as the register of officials tells him.
    pub person: Option<Told>,
    /// Bodies that are not meant, as somebody decided who looked at it.
    pub but: Vec<i64>,
    /// What of the question could not be read, as steps of the answer.
    pub unread: Vec<&'static str>,
}

/// What was found.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The asker's part, widened by those whom the check found.
    pub view: Arc<View>,
    pub verdict: Verdict,
    pub resolution: Resolution,
    /// The official's number, where a person was asked about.
    pub official: Option<i64>,
    /// Rows of records that hold.
    pub records: Vec<u32>,
    /// Rows of measures that are in force.
    pub sanctions: Vec<u32>,
    /// Rows of predecessors' records that hold, each with the event by which it comes.
    pub inherited: Vec<(u32, Arc<Known<Succession>>)>,
    /// How many there are of each.
    pub of: StandingCounts,
}

/// How many records, measures and inherited records there are, where not all are told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandingCounts {
    pub records: usize,
    pub sanctions: usize,
    pub inherited: usize,
}

impl View {
    /// Whom a question means and what stands against him on the day of which is told. `restricts` says of a
    /// measure's code whether it is one against its subject.
    pub fn check(&self, asked: &CheckQuestion<'_>, restricts: &dyn Fn(&str) -> bool) -> Checked {
        let whole = self.unbounded();
        let (resolution, official) = whole.told_subject(asked);
        let subject = official.or(resolution.agency);
        let may_check = |id: &i64| match official {
            Some(number) => self.may_check_official(number),
            None => self.agency_id_passes(self.rules.check, *id),
        };
        let mut checked = Checked {
            view: Arc::new(self.clone()),
            verdict: self.verdict_of_nobody(asked, &resolution),
            resolution: self.hide_unchecked(resolution),
            official: official.filter(|number| self.may_check_official(*number)),
            records: Vec::new(),
            sanctions: Vec::new(),
            inherited: Vec::new(),
            of: StandingCounts::default(),
        };
        let mut reached: Vec<i64> = checked.resolution.agency.into_iter().collect();
        reached.extend(
            checked
                .resolution
                .candidates
                .iter()
                .map(|candidate| candidate.agency),
        );
        match subject.filter(may_check) {
            Some(subject) => {
                let mut inherited = whole.inherited(subject);
                inherited.retain(|(from, ..)| may_check(from));
                checked.records = whole.holding_records(subject);
                checked.sanctions = whole.restrictions(subject, restricts);
                checked.of = StandingCounts {
                    records: checked.records.len(),
                    sanctions: checked.sanctions.len(),
                    inherited: inherited.len(),
                };
                checked.records.truncate(STANDING_MAX);
                checked.sanctions.truncate(STANDING_MAX);
                for (from, record, event) in inherited.into_iter().take(STANDING_MAX) {
                    reached.push(from);
                    checked.inherited.push((record, event));
                }
                checked.verdict = verdict(checked.resolution.outcome, checked.standing());
            }
            None if subject.is_some() => checked.verdict = Verdict::NotCovered,
            None => {}
        }
        checked.view = Arc::new(self.reaching(&reached, checked.official));
        checked
    }

    /// What nobody's rules hide: for deciding, never for telling.
    fn unbounded(&self) -> Self {
        self.under(RowRules {
            agency: RowRule::All,
            credit_record: RowRule::All,
            official: RowRule::All,
            case: RowRule::All,
            ..self.rules
        })
    }

    /// What a check tells through: what the asker sees of bodies, records and cases, and these subjects whole.
    pub fn reaching(&self, bodies: &[i64], official: Option<i64>) -> Self {
        let rows = bodies
            .iter()
            .filter_map(|id| self.present.agency_by_id.get(id).copied());
        Self {
            reached: rows.collect(),
            reached_official: official,
            ..self.under(RowRules {
                mention: RowRule::Nothing,
                clue: RowRule::Nothing,
                indicator: RowRule::Nothing,
                assessment: RowRule::Nothing,
                official: RowRule::Nothing,
                ..self.rules
            })
        }
    }

    fn told_subject(&self, asked: &CheckQuestion<'_>) -> (Resolution, Option<i64>) {
        if let Some(person) = &asked.person {
            return told_person(person);
        }
        let body = Subject {
            as_of: asked.body.as_of.or(Some(self.day())),
            ..asked.body
        };
        let is_asked = body.code.is_some() || body.org_code.is_some() || body.name.is_some();
        let mut told = match is_asked || asked.case.is_none() {
            true => resolve(&self.graph.directory, &body),
            false => nobody(Vec::new()),
        };
        told.steps
            .extend(asked.unread.iter().map(ToString::to_string));
        told.candidates
            .retain(|candidate| !asked.but.contains(&candidate.agency));
        if told.outcome == Outcome::Fuzzy && told.agency.is_some_and(|id| asked.but.contains(&id)) {
            told.steps
                .push("此前经人工核实并非该单位 / reviewed before: not this body".to_owned());
            told = Resolution {
                candidates: told.candidates,
                ..nobody(told.steps)
            };
        }
        match &asked.case {
            Some(case) => (self.with_listing(told, case, is_asked), None),
            None => (told, None),
        }
    }

    /// Whom the listing under a case number is about, held against who was told by code and name.
    fn with_listing(&self, mut told: Resolution, case: &CaseNumber, is_told: bool) -> Resolution {
        let rows = self.records_of_case(case, STANDING_MAX);
        let records = rows.iter().filter_map(|row| self.record_at(*row));
        let mut subjects: Vec<i64> = records
            .filter_map(|record| record.fact.fact.subject.agency())
            .collect();
        subjects.sort_unstable();
        subjects.dedup();
        if subjects.is_empty() {
            told.steps.push(format!(
                "没有案号为{case}的记录 / no listing under this case number"
            ));
            return told;
        }
        let holds = rows.iter().any(|row| self.holds(*row));
        told.steps.push(match holds {
            true => format!("案号{case}的列入有效 / the listing under this case number holds"),
            false => format!(
                "案号{case}的列入已不再有效 / the listing under this case number holds no longer"
            ),
        });
        match (is_told, told.agency, subjects.as_slice()) {
            (true, Some(agency), listed) if listed.contains(&agency) => told,
            (true, ..) if told.outcome == Outcome::None => told,
            (true, agency, listed) => {
                let both = agency.into_iter().chain(listed.iter().copied());
                Resolution {
                    outcome: Outcome::Conflict,
                    agency: None,
                    score: 0.0,
                    candidates: candidates(
                        both,
                        "案号与所列主体不一致 / case number and subject disagree",
                    ),
                    ..told
                }
            }
            (false, _, &[agency]) => Resolution {
                outcome: Outcome::ExactCode,
                agency: Some(agency),
                score: 1.0,
                ..told
            },
            (false, _, listed) => Resolution {
                outcome: Outcome::Ambiguous,
                candidates: candidates(listed.iter().copied(), "同一案号 / the same case number"),
                ..told
            },
        }
    }

    /// What is said where nobody is told, or several are.
    fn verdict_of_nobody(&self, asked: &CheckQuestion<'_>, told: &Resolution) -> Verdict {
        let of_none = verdict(told.outcome, Standing::Nothing);
        let (Verdict::UnknownSubject, Some(place)) = (of_none, self.present.province) else {
            return of_none;
        };
        let province = self.divisions().at(place as usize).code;
        let body = &asked.body;
        let code = body.code.and_then(|code| code.parse().ok());
        let gazetteer = &self.graph.directory.knowledge().gazetteer;
        let is_of_others = code.is_some_and(|code| is_code_of_others(&code, province))
            || body
                .name
                .is_some_and(|name| is_name_of_others(gazetteer, name, province))
            || body
                .within
                .is_some_and(|within| !self.is_ours(province, within));
        match is_of_others {
            true => Verdict::NotCovered,
            false => of_none,
        }
    }

    fn is_ours(&self, province: DivisionCode, within: DivisionCode) -> bool {
        let tree = self.divisions();
        tree.contains(province, within) || tree.contains(within, province)
    }

    /// An official may be checked by who may check a body in which he holds or held a post.
    fn may_check_official(&self, number: i64) -> bool {
        let posts = self.present.officials.posts_of(number);
        let mut bodies = posts
            .iter()
            .filter_map(|post| self.present.agency_by_uscc.get(&post.fact.agency));
        bodies.any(|row| self.passes_now(self.rules.check, *row))
    }

    /// Bodies that the asker may not check are taken out; the outcome stands.
    fn hide_unchecked(&self, mut told: Resolution) -> Resolution {
        let may_check = |id: &i64| self.agency_id_passes(self.rules.check, *id);
        told.agency = told.agency.filter(may_check);
        told.candidates
            .retain(|candidate| may_check(&candidate.agency));
        told
    }

    fn holds(&self, row: u32) -> bool {
        let record = self.record_at(row);
        record.is_some_and(|record| self.status_of(&record.fact.fact) == CreditRecordStatus::Active)
    }

    fn holding_records(&self, subject: i64) -> Vec<u32> {
        let rows = self.graph.records_of.rows(&subject).iter().copied();
        self.newest(rows.filter(|row| self.holds(*row)).collect(), usize::MAX)
    }

    /// Measures in force that restrict the subject. Incentives stand in no case of a record.
    fn restrictions(&self, subject: i64, restricts: &dyn Fn(&str) -> bool) -> Vec<u32> {
        let records = self.graph.records_of.rows(&subject).iter();
        let ids = records
            .filter_map(|row| self.record_at(*row))
            .map(|record| record.id);
        let cases = ids.filter_map(|id| self.case_at(self.case_of_record(id)?));
        let sanctions = cases.flat_map(|case| &case.fact.sanctions);
        let in_force = sanctions.filter(|sanction| {
            self.sanction_status(sanction) == SanctionStatus::Active && restricts(&sanction.measure)
        });
        in_force
            .filter_map(|sanction| self.sanction_row(sanction.id))
            .collect()
    }

    /// Records that hold of bodies from which this one came, with whose they are and the event.
    fn inherited(&self, subject: i64) -> Vec<(i64, u32, Arc<Known<Succession>>)> {
        let mut found = Vec::new();
        let mut seen = vec![subject];
        let mut open = VecDeque::from([subject]);
        while let Some(body) = open.pop_front() {
            let events = self
                .agency_row(body)
                .map(|row| self.successions(row, false));
            for event in events.into_iter().flatten() {
                let from = self.end_of_succession(event.fact.from, Some(&event.fact.from_name));
                let from = from
                    .and_then(|row| self.agency_at(row))
                    .map(|agency| agency.id);
                let Some(from) =
                    from.filter(|from| !seen.contains(from) && seen.len() <= PREDECESSORS_MAX)
                else {
                    continue;
                };
                seen.push(from);
                open.push_back(from);
                let records = self.holding_records(from).into_iter();
                found.extend(records.map(|record| (from, record, Arc::clone(&event))));
            }
        }
        found
    }
}

impl Checked {
    fn standing(&self) -> Standing {
        match (
            self.sanctions.is_empty(),
            self.records.is_empty(),
            self.inherited.is_empty(),
        ) {
            (false, ..) => Standing::Sanctioned,
            (_, false, _) => Standing::Listed,
            (.., false) => Standing::Inherited,
            _ => Standing::Nothing,
        }
    }
}

fn nobody(steps: Vec<String>) -> Resolution {
    Resolution {
        outcome: Outcome::None,
        agency: None,
        score: 0.0,
        steps,
        candidates: Vec::new(),
    }
}

fn told_person(person: &Told) -> (Resolution, Option<i64>) {
    match person {
        Told::Nobody => {
            let step = "公职人员名册中没有此证件号码 / no official of the register has this number";
            (nobody(vec![step.to_owned()]), None)
        }
        Told::Official(number) => {
            let step = "证件号码与姓名均与公职人员名册一致 / number and name are an official's";
            let told = Resolution {
                outcome: Outcome::ExactCode,
                score: 1.0,
                ..nobody(vec![step.to_owned()])
            };
            (told, Some(*number))
        }
        Told::Doubtful(told) => (told.clone(), None),
    }
}

fn candidates(bodies: impl Iterator<Item = i64>, reason: &str) -> Vec<Candidate> {
    let candidate = |agency| Candidate {
        agency,
        score: 0.5,
        reason: reason.to_owned(),
    };
    bodies.take(CANDIDATES_MAX).map(candidate).collect()
}
