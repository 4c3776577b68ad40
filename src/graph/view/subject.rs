//! Whom a sanction check means: a body by codes and names, whoever is listed under a case number, or a person as
//! the register of officials tells him.

use std::collections::BTreeSet;

use domain::{
    access::RowRule,
    case_number::CaseNumber,
    check::{Standing, Verdict, is_code_of_others, is_name_of_others, verdict},
    division::DivisionCode,
    official::{Number, Told, tell},
    post::official_id,
    resolution::{Candidate, EVENT_STEP, Outcome, Resolution, Subject, resolve_all},
};

use super::{STANDING_MAX, View};

/// How a step begins that tells of a listing.
const LISTING_STEP: &str = "案号";

/// Who is asked about.
#[derive(Debug, Clone, Default)]
pub struct CheckQuestion<'a> {
    /// A body, as it was written.
    pub body: Subject<'a>,
    /// The listing under this number.
    pub case: Option<CaseNumber>,
    pub person: Option<AskedPerson<'a>>,
    /// What of the question could not be read, as steps of the answer.
    pub unread: Vec<&'static str>,
    /// Bodies that are not meant, where codes and names leave it in doubt: somebody reviewed it.
    pub excluded: Vec<i64>,
}

/// A person who is asked about.
#[derive(Debug, Clone)]
pub enum AskedPerson<'a> {
    /// By a name and a number.
    Written { name: &'a str, number: &'a Number },
    /// The official with this number, as he was told before.
    Official(i64),
    /// By nothing that tells a person.
    Untold,
}

/// Who is meant.
pub(super) struct ToldSubject {
    pub(super) resolution: Resolution,
    pub(super) official: Option<i64>,
    /// The official whose number was asked for beside another name.
    pub(super) doubted: Option<i64>,
    /// How many bodies were left out that somebody reviewed.
    pub(super) excluded: usize,
}

impl View {
    pub(super) fn told_subject(&self, asked: &CheckQuestion<'_>) -> ToldSubject {
        let (mut resolution, [official, doubted], excluded) = match &asked.person {
            Some(person) => {
                let (told, official) = self.told_person(person);
                (told, official, 0)
            }
            None => {
                let (told, excluded) = self.told_body(asked);
                (told, [None; 2], excluded)
            }
        };
        let unread = asked.unread.iter().map(ToString::to_string);
        resolution.steps.extend(unread);
        ToldSubject {
            resolution,
            official,
            doubted,
            excluded,
        }
    }

    /// Who is meant, with all candidates, and how many were left out.
    fn told_body(&self, asked: &CheckQuestion<'_>) -> (Resolution, usize) {
        let body = Subject {
            as_of: asked.body.as_of.or(Some(self.day())),
            ..asked.body
        };
        let is_asked = body.code.is_some() || body.org_code.is_some() || body.name.is_some();
        let told = match is_asked || asked.case.is_none() {
            true => resolve_all(&self.graph.directory, &body),
            false => nobody(),
        };
        let (mut told, is_listed) = match &asked.case {
            // Whoever is asked about and is none of ours may be another party of the same case.
            Some(case) => match self.verdict_of_nobody(asked, &told) {
                Verdict::NotCovered if is_asked => (told, false),
                _ => self.with_listing(told, case, is_asked),
            },
            None => (told, false),
        };
        // Who reviewed a name did not look at who is listed under a number.
        let excluded = match is_listed {
            true => 0,
            false => leave_out(&mut told, &asked.excluded),
        };
        (told, excluded)
    }

    /// An official is told to who may check a body in which he holds or held a post; to others he is nobody. Beside the
    /// official whom it is the one whose number it is, though not his name.
    fn told_person(&self, person: &AskedPerson<'_>) -> (Resolution, [Option<i64>; 2]) {
        let told = match person {
            AskedPerson::Official(number) => Told::Official(*number),
            AskedPerson::Written { name, number } => {
                let may_doubt = match number {
                    Number::Digest(digest) => self.may_check_official(official_id(digest)),
                    Number::Masked => self.rules.check == RowRule::All,
                };
                match may_doubt {
                    true => tell(&*self.graph, name, number),
                    false => Told::Nobody,
                }
            }
            AskedPerson::Untold => Told::Nobody,
        };
        match told {
            Told::Official(number) if self.may_check_official(number) => {
                let step = "证件号码与姓名均与公职人员名册一致 / number and name are an official's";
                let told = Resolution {
                    outcome: Outcome::ExactCode,
                    score: 1.0,
                    ..said(step)
                };
                (told, [Some(number), None])
            }
            Told::Doubtful(told) => (told, [None, whose(person)]),
            Told::Official(_) | Told::Nobody => {
                let step =
                    "公职人员名册中没有此人 / the register of officials knows nobody by this";
                (said(step), [None; 2])
            }
        }
    }

    fn may_check_official(&self, number: i64) -> bool {
        let posts = self.present.officials.posts_of(number);
        let bodies = posts.iter();
        let mut rows = bodies.filter_map(|post| self.present.agency_by_uscc.get(&post.fact.agency));
        rows.any(|row| self.passes_now(self.rules.check, *row))
    }

    /// Whom the listing under a case number is about, held against who was told by code and name; and whether there is
    /// one.
    fn with_listing(
        &self,
        mut told: Resolution,
        case: &CaseNumber,
        is_told: bool,
    ) -> (Resolution, bool) {
        let about = |row: &u32| self.record_at(*row)?.fact.fact.subject.agency();
        let rows = self.records_of_case(case, STANDING_MAX).into_iter();
        let rows: Vec<u32> = rows
            .filter(|row| about(row).is_some_and(|id| self.may_check(id)))
            .collect();
        let mut listed: Vec<i64> = rows.iter().filter_map(about).collect();
        listed.sort_unstable();
        listed.dedup();
        let step = match (listed.is_empty(), rows.iter().any(|row| self.holds(*row))) {
            (true, _) => {
                format!(
                    "{LISTING_STEP}{case}没有可告知的单位记录 / no listing of a body that may be told under this number"
                )
            }
            (_, true) => format!("{LISTING_STEP}{case}的列入有效 / the listing under it holds"),
            (_, false) => format!(
                "{LISTING_STEP}{case}的列入已不再有效 / the listing under it holds no longer"
            ),
        };
        told.steps.push(step);
        let named = |id: &i64| {
            let mut candidates = told.candidates.iter();
            told.agency == Some(*id) || candidates.any(|candidate| candidate.agency == *id)
        };
        let meant: Vec<i64> = listed
            .iter()
            .copied()
            .filter(|id| !is_told || named(id))
            .collect();
        let told = match (meant.as_slice(), listed.as_slice()) {
            (_, []) => return (told, false),
            // A number says nothing of which of two that contradict each other is wrong.
            _ if told.outcome == Outcome::Conflict => told,
            // One that was told by a repaired error is proved by the number: nothing of it is in doubt any more.
            (meant, _)
                if told.outcome != Outcome::Fuzzy
                    && told.agency.is_some_and(|id| meant.contains(&id)) =>
            {
                told
            }
            (&[agency], _) => Resolution {
                outcome: Outcome::ExactCode,
                agency: Some(agency),
                score: 1.0,
                candidates: Vec::new(),
                ..told
            },
            ([_, ..], _) => Resolution {
                outcome: Outcome::Ambiguous,
                candidates: candidates(meant.iter(), "同一案号 / the same case number"),
                ..told
            },
            ([], listed) => Resolution {
                outcome: Outcome::Conflict,
                agency: None,
                score: 0.0,
                candidates: candidates(
                    told.agency.iter().chain(listed),
                    "案号与所列主体不一致 / case number and subject disagree",
                ),
                ..told
            },
        };
        (told, true)
    }

    /// What is said where nobody is told, or several are.
    pub(super) fn verdict_of_nobody(
        &self,
        asked: &CheckQuestion<'_>,
        told: &Resolution,
    ) -> Verdict {
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

    /// Bodies that the asker may not check are taken out, and steps that tell of their events or listings; the
    /// outcome stands. Of those that are left the best are told; beside it how many they are.
    pub(super) fn hide_unchecked(&self, mut told: Resolution) -> (Resolution, usize) {
        let count = |told: &Resolution| told.agency.iter().len() + told.candidates.len();
        let before = count(&told);
        told.agency = told.agency.filter(|id| self.may_check(*id));
        told.candidates
            .retain(|candidate| self.may_check(candidate.agency));
        if count(&told) < before {
            let tells =
                |step: &String| step.starts_with(EVENT_STEP) || step.starts_with(LISTING_STEP);
            told.steps.retain(|step| !tells(step));
        }
        let fitting = told.cut();
        (told, fitting)
    }
}

/// Takes bodies out that somebody reviewed, where codes and names leave it in doubt; how many. Who remains is meant
/// no more surely than before: one that was told by a repaired error and is out leaves others ambiguous.
fn leave_out(told: &mut Resolution, excluded: &[i64]) -> usize {
    if !matches!(told.outcome, Outcome::Fuzzy | Outcome::Ambiguous) {
        return 0;
    }
    let is_out = |id: &i64| excluded.contains(id);
    let named: BTreeSet<i64> = told
        .candidates
        .iter()
        .map(|one| one.agency)
        .chain(told.agency)
        .filter(is_out)
        .collect();
    if named.is_empty() {
        return 0;
    }
    told.candidates.retain(|one| !is_out(&one.agency));
    if told.agency.is_some_and(|id| is_out(&id)) {
        (told.agency, told.score) = (None, 0.0);
        told.outcome = Outcome::Ambiguous;
    }
    if told.agency.is_none() && told.candidates.is_empty() {
        told.outcome = Outcome::None;
    }
    told.steps.push(format!(
        "经人工复核已排除 {} 个机构 / {} reviewed and excluded",
        named.len(),
        named.len()
    ));
    named.len()
}

fn nobody() -> Resolution {
    Resolution {
        outcome: Outcome::None,
        agency: None,
        score: 0.0,
        steps: Vec::new(),
        candidates: Vec::new(),
    }
}

fn said(step: &str) -> Resolution {
    Resolution {
        steps: vec![step.to_owned()],
        ..nobody()
    }
}

fn candidates<'a>(bodies: impl Iterator<Item = &'a i64>, reason: &str) -> Vec<Candidate> {
    let candidate = |agency: &i64| Candidate {
        agency: *agency,
        score: 0.5,
        reason: reason.to_owned(),
    };
    bodies.map(candidate).collect()
}

/// The official whose number it would be.
fn whose(person: &AskedPerson<'_>) -> Option<i64> {
    match person {
        AskedPerson::Written {
            number: Number::Digest(digest),
            ..
        } => Some(official_id(digest)),
        _ => None,
    }
}
