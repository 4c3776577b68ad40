//! Who is meant: from codes and an exact name to one agency, or to an honest "cannot tell".
//!
//! Codes decide before names, a code and a name that disagree are a conflict and never averaged,
//! and a name that several bodies bear is ambiguous. Nothing is guessed.

use crate::{division::DivisionCode, name, org_code::OrgCode, uscc::Uscc};

/// How a subject was told, or why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// By a known code whose name agrees or is absent.
    ExactCode,
    /// One body bears exactly this name.
    ExactName,
    /// One body bears this as a former or second name.
    Alias,
    /// The body that was named is gone and has a successor.
    Successor,
    /// One candidate, with a repaired error.
    Fuzzy,
    /// Several bodies fit.
    Ambiguous,
    /// The code says one body and the name another.
    Conflict,
    /// Nobody fits. Never to be read as "nothing against him".
    None,
}

crate::text_enum!(Outcome {
    ExactCode => "EXACT_CODE",
    ExactName => "EXACT_NAME",
    Alias => "ALIAS",
    Successor => "SUCCESSOR",
    Fuzzy => "FUZZY",
    Ambiguous => "AMBIGUOUS",
    Conflict => "CONFLICT",
    None => "NONE",
});

/// What is known of the subject. Codes come as written: a broken one is noted, and the name decides.
#[derive(Debug, Clone, Copy, Default)]
pub struct Subject<'a> {
    /// A code of 18 or 9 characters, as written.
    pub code: Option<&'a str>,
    /// A further organisation code, as written.
    pub org_code: Option<&'a str>,
    /// A name, as written.
    pub name: Option<&'a str>,
    /// Only bodies in this division or below it are meant.
    pub within: Option<DivisionCode>,
}

/// The answer. `agency` is set for the outcomes that tell exactly one.
#[derive(Debug, Clone, PartialEq)]
pub struct Resolution {
    /// How it was told, or why not.
    pub outcome: Outcome,
    /// The agency's stable number.
    pub agency: Option<i64>,
    /// From 0 to 1; orders answers, is no probability.
    pub score: f64,
    /// What was tried and found, in order, readable.
    pub steps: Vec<String>,
    /// Bodies that fit, where not exactly one does, best first.
    pub candidates: Vec<Candidate>,
}

/// A body that could be meant.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The agency's stable number.
    pub agency: i64,
    /// From 0 to 1.
    pub score: f64,
    /// Why it fits.
    pub reason: String,
}

/// A body that bears a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named {
    /// The agency's stable number.
    pub agency: i64,
    /// Whether this is its official name today.
    pub official: bool,
}

/// Codes and names of all bodies of the register.
pub trait Directory {
    /// The body with this code.
    fn by_uscc(&self, code: &Uscc) -> Option<i64>;
    /// All bodies whose code embeds this organisation code.
    fn by_org_code(&self, code: &OrgCode) -> Vec<i64>;
    /// All bodies that bear this normalised name, today or formerly, or as a second name.
    fn by_name(&self, normalised: &str) -> Vec<Named>;
    /// Whether the body's division is this one or lies below it.
    fn is_within(&self, agency: i64, division: DivisionCode) -> bool;
}

/// At most so many candidates are told.
pub const CANDIDATES_MAX: usize = 20;

/// Tells who is meant.
pub fn resolve(directory: &impl Directory, subject: &Subject<'_>) -> Resolution {
    let mut steps = Vec::new();
    let coded = by_codes(directory, subject, &mut steps);
    let named = by_name(directory, subject, &mut steps);
    decide(coded, named, steps)
}

/// What the codes say.
#[derive(Default)]
struct Coded {
    agencies: Vec<i64>,
    /// A code whose check character is right belongs to somebody who is not in the register.
    is_foreign: bool,
}

fn by_codes(directory: &impl Directory, subject: &Subject<'_>, steps: &mut Vec<String>) -> Coded {
    let mut coded = Coded::default();
    for written in [subject.code, subject.org_code].into_iter().flatten() {
        let written = written.trim();
        if written.is_empty() {
            continue;
        }
        let found = match (written.parse::<Uscc>(), written.parse::<OrgCode>()) {
            (Ok(code), _) => match directory.by_uscc(&code) {
                Some(agency) => {
                    steps.push(format!("统一社会信用代码 {code}: known / 已登记"));
                    vec![agency]
                }
                None => {
                    steps.push(format!(
                        "统一社会信用代码 {code}: not in the register / 未登记"
                    ));
                    coded.is_foreign = true;
                    Vec::new()
                }
            },
            (_, Ok(code)) => {
                let found = directory.by_org_code(&code);
                steps.push(format!("组织机构代码 {code}: {}", how_many(found.len())));
                found
            }
            (Err(error), Err(_)) => {
                steps.push(format!("code {written:?} not used / 代码未采用: {error}"));
                Vec::new()
            }
        };
        if !found.is_empty() {
            return Coded {
                agencies: found,
                is_foreign: false,
            };
        }
    }
    coded
}

/// No number: it would tell how many bodies there are that the reader may not see.
fn how_many(found: usize) -> &'static str {
    match found {
        0 => "not found / 未命中",
        1 => "found / 命中",
        _ => "several found / 命中多个",
    }
}

fn by_name(
    directory: &impl Directory,
    subject: &Subject<'_>,
    steps: &mut Vec<String>,
) -> Vec<Named> {
    let Some(written) = subject.name else {
        return Vec::new();
    };
    let normalised = name::normalise(written);
    if normalised.is_empty() {
        return Vec::new();
    }
    let mut found = directory.by_name(&normalised);
    steps.push(format!("名称 {normalised}: {}", how_many(found.len())));
    if let Some(division) = subject.within {
        found.retain(|named| directory.is_within(named.agency, division));
        steps.push(format!(
            "within {division} / 区划内: {}",
            how_many(found.len())
        ));
    }
    // Who bears the name today goes before who once did.
    if found.iter().any(|named| named.official) {
        found.retain(|named| named.official);
    }
    found
}

fn decide(coded: Coded, named: Vec<Named>, mut steps: Vec<String>) -> Resolution {
    let told = |outcome, agency, score, steps| Resolution {
        outcome,
        agency: Some(agency),
        score,
        steps,
        candidates: Vec::new(),
    };
    let bears = |agency: i64| named.iter().any(|named| named.agency == agency);
    let disagree = "code and name mean different bodies / 代码与名称指向不同机构";
    let by_name = || {
        named
            .iter()
            .map(|named| candidate(named.agency, 0.5, "by its name / 按名称"))
    };
    match (coded.agencies.as_slice(), named.as_slice()) {
        (&[agency], []) => told(Outcome::ExactCode, agency, 1.0, steps),
        (&[agency], _) if bears(agency) => told(Outcome::ExactCode, agency, 1.0, steps),
        (&[agency], _) => {
            steps.push(disagree.to_owned());
            let by_code = candidate(agency, 0.5, "by its code / 按代码");
            let candidates = std::iter::once(by_code).chain(by_name()).collect();
            untold(Outcome::Conflict, candidates, steps)
        }
        // The name is a body's, but the code is somebody else's whom the register does not know.
        ([], [_, ..]) if coded.is_foreign => {
            steps.push(disagree.to_owned());
            untold(Outcome::Conflict, by_name().collect(), steps)
        }
        ([], []) => untold(Outcome::None, Vec::new(), steps),
        ([], &[one]) if one.official => told(Outcome::ExactName, one.agency, 0.95, steps),
        ([], &[one]) => told(Outcome::Alias, one.agency, 0.85, steps),
        ([], several) => {
            let candidates = several
                .iter()
                .map(|named| candidate(named.agency, 0.5, "bears the name / 同名"))
                .collect();
            untold(Outcome::Ambiguous, candidates, steps)
        }
        (several, _) => {
            // Several bodies share an organisation code: a name may tell which one is meant.
            let mut fitting = several.iter().filter(|agency| bears(**agency));
            if let (Some(&agency), None) = (fitting.next(), fitting.next()) {
                steps.push("the name tells which one / 名称确定其一".to_owned());
                return told(Outcome::ExactCode, agency, 1.0, steps);
            }
            let sharing = several
                .iter()
                .map(|agency| candidate(*agency, 0.5, "shares the code / 同码"));
            if named.is_empty() || several.iter().any(|agency| bears(*agency)) {
                return untold(Outcome::Ambiguous, sharing.collect(), steps);
            }
            steps.push(disagree.to_owned());
            untold(Outcome::Conflict, sharing.chain(by_name()).collect(), steps)
        }
    }
}

fn candidate(agency: i64, score: f64, reason: &str) -> Candidate {
    Candidate {
        agency,
        score,
        reason: reason.to_owned(),
    }
}

fn untold(outcome: Outcome, mut candidates: Vec<Candidate>, mut steps: Vec<String>) -> Resolution {
    candidates.sort_by_key(|candidate| candidate.agency);
    candidates.dedup_by_key(|candidate| candidate.agency);
    if candidates.len() > CANDIDATES_MAX {
        steps.push(format!(
            "{CANDIDATES_MAX} of those that fit are told / 仅列前 {CANDIDATES_MAX} 个"
        ));
        candidates.truncate(CANDIDATES_MAX);
    }
    let score = candidates.first().map_or(0.0, |best| best.score);
    Resolution {
        outcome,
        agency: None,
        score,
        steps,
        candidates,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Number, code, names (the first is the official one), division.
    struct Book(Vec<(i64, &'static str, Vec<&'static str>, &'static str)>);

    impl Directory for Book {
        fn by_uscc(&self, code: &Uscc) -> Option<i64> {
            self.0
                .iter()
                .find(|body| body.1 == code.as_str())
                .map(|body| body.0)
        }

        fn by_org_code(&self, code: &OrgCode) -> Vec<i64> {
            self.0
                .iter()
                .filter(|body| &body.1[8..17] == code.as_str())
                .map(|body| body.0)
                .collect()
        }

        fn by_name(&self, normalised: &str) -> Vec<Named> {
            let bears = |names: &[&str]| names.iter().position(|name| *name == normalised);
            let named = |agency, place| Named {
                agency,
                official: place == 0,
            };
            self.0
                .iter()
                .filter_map(|body| Some(named(body.0, bears(&body.2)?)))
                .collect()
        }

        fn is_within(&self, agency: i64, division: DivisionCode) -> bool {
            let place = self
                .0
                .iter()
                .find(|body| body.0 == agency)
                .map(|body| body.3);
            place.is_some_and(|place| place.starts_with(division.to_string().trim_end_matches('0')))
        }
    }

    fn book() -> Book {
        Book(vec![
            (
                1,
                "11440100007482575H",
                vec!["广州市某某局", "广州市旧某局"],
                "440100",
            ),
            (2, "11440600007039565U", vec!["佛山市某某局"], "440600"),
            (
                3,
                "114403006939513773",
                vec!["同名局", "佛山市旧某局"],
                "440300",
            ),
            (
                4,
                "11440300MB2D072246",
                vec!["同名局", "佛山市某某局"],
                "440300",
            ),
        ])
    }

    fn outcome(code: &str, name: &str, within: Option<&str>) -> (Outcome, Option<i64>, usize) {
        let subject = Subject {
            code: Some(code),
            org_code: None,
            name: Some(name),
            within: within.map(|code| code.parse().expect("a division")),
        };
        let answer = resolve(&book(), &subject);
        assert!(
            !answer.steps.is_empty(),
            "each answer says how it came about"
        );
        (answer.outcome, answer.agency, answer.candidates.len())
    }

    #[test]
    fn codes_go_before_names_and_nothing_is_guessed() {
        for (code, name, within, expected) in [
            (
                "11440100007482575H",
                "",
                None,
                (Outcome::ExactCode, Some(1), 0),
            ),
            (
                "11440100007482575H",
                "谁也不知道的名称",
                None,
                (Outcome::ExactCode, Some(1), 0),
            ),
            (
                "11440100007482575H",
                "广州市旧某局",
                None,
                (Outcome::ExactCode, Some(1), 0),
            ),
            (
                "11440100007482575H",
                "佛山市某某局",
                None,
                (Outcome::Conflict, None, 2),
            ),
            (
                "007039565",
                "佛山市某某局",
                None,
                (Outcome::ExactCode, Some(2), 0),
            ),
            ("00703956-5", "", None, (Outcome::ExactCode, Some(2), 0)),
            // A good code of somebody whom the register does not know is no body's of ours.
            (
                "91350100M000100Y43",
                "广州市某某局",
                None,
                (Outcome::Conflict, None, 1),
            ),
            (
                "91350100M000100Y43",
                "某某局",
                None,
                (Outcome::None, None, 0),
            ),
            // A broken code is noted, and the name decides.
            (
                "11440100007482575X",
                "广州市某某局",
                None,
                (Outcome::ExactName, Some(1), 0),
            ),
            (
                "",
                "广州市　某某局 ",
                None,
                (Outcome::ExactName, Some(1), 0),
            ),
            ("", "广州市旧某局", None, (Outcome::Alias, Some(1), 0)),
            // Who bears the name today goes before who bears it as a second one.
            ("", "佛山市某某局", None, (Outcome::ExactName, Some(2), 0)),
            ("", "同名局", None, (Outcome::Ambiguous, None, 2)),
            ("", "广州市某某局", Some("440600"), (Outcome::None, None, 0)),
            (
                "",
                "广州市某某局",
                Some("440000"),
                (Outcome::ExactName, Some(1), 0),
            ),
            ("", "某某局", None, (Outcome::None, None, 0)),
        ] {
            assert_eq!(
                outcome(code, name, within),
                expected,
                "{code:?} {name:?} {within:?}"
            );
        }
    }

    #[test]
    fn an_empty_subject_is_nobody() {
        assert_eq!(resolve(&book(), &Subject::default()).outcome, Outcome::None);
    }
}
