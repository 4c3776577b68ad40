//! Decisions by people: whom a source's text means, where the resolver alone does not tell.
//!
//! A decision holds of a text and its codes in one source, as far as its decider's area reaches. It
//! beats what names say, and never a code that has come to be known since and says otherwise.

use chrono::{DateTime, Utc};

use crate::{
    division::DivisionCode,
    id::{Kind, stable_id},
    mention::SubjectText,
    resolution::{Candidate, Outcome, Resolution},
    viewer::Role,
};

/// What a person found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Judgement {
    /// It is this body.
    Positive,
    /// It is not this body, or nobody of ours.
    Negative,
    /// It can't be said.
    Unsure,
}

crate::text_enum!(Judgement {
    Positive => "POSITIVE",
    Negative => "NEGATIVE",
    Unsure => "UNSURE",
});

/// One decision as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The source of whose texts it holds.
    pub source: String,
    /// The text and codes of which it holds.
    pub subject: SubjectText,
    /// It holds of rows that point into this division; everywhere where there is none.
    pub reach: Option<DivisionCode>,
    /// What was found.
    pub judgement: Judgement,
    /// The body that it is about.
    pub agency: Option<i64>,
    /// All bodies that were found not to be meant.
    pub excluded: Vec<i64>,
    /// The bodies that the text's codes led to when it was taken.
    pub coded: Vec<i64>,
    /// The division of the mention on which it was taken.
    pub division: Option<DivisionCode>,
    /// Who decided: the token's subject.
    pub by: String,
    /// In which role.
    pub role: Role,
    /// Why.
    pub reason: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// How a decision came to hold no longer: it was undone, or another one took its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Ending {
    /// Who undid it, or decided anew: the token's subject.
    pub by: String,
    /// Why.
    pub reason: String,
    /// When.
    pub at: DateTime<Utc>,
}

impl Decision {
    /// Its stable number: of one text in one source and one reach, one decision stands.
    pub fn id(&self) -> i64 {
        let reach = self.reach.map(|code| code.to_string()).unwrap_or_default();
        let SubjectText { name, code } = &self.subject;
        stable_id(Kind::Decision, &[&self.source, name, code, &reach])
    }

    /// The number of the text that it holds of, whatever its reach.
    pub fn text_id(source: &str, subject: &SubjectText) -> i64 {
        stable_id(Kind::Decision, &[source, &subject.name, &subject.code])
    }
}

/// What a decision makes of the resolver's answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Decided {
    /// This body is meant.
    Told(i64),
    /// Nobody is told; this is what is known.
    Untold(Resolution),
    /// The resolver's answer stands.
    Open(Resolution),
}

/// Takes a decision into account. `by_code` are the bodies that the row's codes alone lead to.
pub fn decide(decision: &Decision, by_code: &[i64], mut resolution: Resolution) -> Decided {
    let is_news = by_code
        .iter()
        .any(|agency| !decision.coded.contains(agency));
    match (decision.judgement, decision.agency) {
        (Judgement::Positive, Some(agency)) => {
            if !is_news || by_code.contains(&agency) {
                return Decided::Told(agency);
            }
            let coded = by_code.iter().map(|agency| candidate(*agency, BY_CODE));
            let decided = candidate(agency, "by decision / 按人工判定");
            conflict(resolution, coded.chain([decided]).collect())
        }
        (Judgement::Negative, None) if !is_news => {
            resolution
                .steps
                .push("decided: nobody of ours / 人工判定：非本库单位".to_owned());
            Decided::Untold(Resolution {
                outcome: Outcome::None,
                agency: None,
                score: 0.0,
                candidates: Vec::new(),
                ..resolution
            })
        }
        _ => without_excluded(decision, is_news, resolution),
    }
}

/// Takes out of the answer who is not meant. Whoever is left alone is not told by that: nobody said
/// that it is he.
fn without_excluded(decision: &Decision, is_news: bool, mut resolution: Resolution) -> Decided {
    let is_excluded = |agency: &i64| decision.excluded.contains(agency);
    let told = resolution.agency.filter(is_excluded);
    if let (Some(agency), Outcome::ExactCode, true) = (told, resolution.outcome, is_news) {
        return conflict(resolution, vec![candidate(agency, BY_CODE)]);
    }
    let before = resolution.candidates.len();
    resolution
        .candidates
        .retain(|candidate| !is_excluded(&candidate.agency));
    if told.is_none() && resolution.candidates.len() == before {
        return Decided::Open(resolution);
    }
    resolution
        .steps
        .push("decided: who was excluded is left out / 人工判定：已排除者不列".to_owned());
    if told.is_some() {
        resolution.agency = None;
        resolution.outcome = match resolution.candidates.is_empty() {
            true => Outcome::None,
            false => Outcome::Ambiguous,
        };
    }
    resolution.score = resolution.candidates.first().map_or(0.0, |best| best.score);
    Decided::Untold(resolution)
}

const BY_CODE: &str = "by its code / 按代码";

fn candidate(agency: i64, reason: &str) -> Candidate {
    Candidate {
        agency,
        score: 0.5,
        reason: reason.to_owned(),
    }
}

fn conflict(mut resolution: Resolution, candidates: Vec<Candidate>) -> Decided {
    let step = "a code that is known now contradicts the decision / 代码与人工判定矛盾";
    resolution.steps.push(step.to_owned());
    Decided::Untold(Resolution {
        outcome: Outcome::Conflict,
        agency: None,
        score: 0.5,
        candidates,
        ..resolution
    })
}

#[cfg(test)]
mod tests;
