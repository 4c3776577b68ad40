//! Who is meant: from codes and names to one agency, or to an honest "cannot tell".
//!
//! Codes decide before names; a code and a name that disagree are a conflict and never averaged. A
//! name is parted into division and core; what is nearer goes before what is farther ([`tier`]), a
//! name that several bodies fit is ambiguous, and nothing is guessed across divisions, types of
//! bodies or numerals.

mod alias;
mod bracket;
mod close;
mod codes;
mod compare;
mod decide;
mod exact;
mod find;
mod forms;
mod found;
mod kept;
mod question;
mod search;
mod steps;
mod successor;
pub mod tier;
mod unit;
mod wave;

use chrono::NaiveDate;

use crate::{directory::Directory, division::DivisionCode};

pub(crate) use codes::org_code_of;

/// How a subject was told, or why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// By a known code whose name agrees or is absent.
    ExactCode,
    /// One body bears exactly this name.
    ExactName,
    /// One body bears this as a former or second name, or is called so for short.
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
    /// A code of 18, 9 or 31 characters, as written.
    pub code: Option<&'a str>,
    /// A further organisation code, as written.
    pub org_code: Option<&'a str>,
    /// A name, as written.
    pub name: Option<&'a str>,
    /// Only bodies in this division or below it are meant.
    pub within: Option<DivisionCode>,
    /// Where it was written, such as the court's division: tells namesakes apart, excludes nobody.
    pub context: Option<DivisionCode>,
    /// The day of the document; without one names are taken as they stand today.
    pub as_of: Option<NaiveDate>,
}

/// The answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Resolution {
    /// How it was told, or why not.
    pub outcome: Outcome,
    /// The agency's stable number, for the outcomes that tell one.
    pub agency: Option<i64>,
    /// From 0 to 1; orders answers, is no probability.
    pub score: f64,
    /// What was tried and found, in order, readable.
    pub steps: Vec<String>,
    /// Bodies that fit, best first, wherever a person has to look: all but the
    /// [settled](Self::is_settled) answers.
    pub candidates: Vec<Candidate>,
}

impl Resolution {
    /// Whether the answer may make a record by itself: a code or a name of the register's own says
    /// who it is. A short form, a successor and a repaired error wait for a person, as does
    /// everything that tells nobody.
    pub fn is_settled(&self) -> bool {
        self.agency.is_some() && self.score >= tier::SETTLED
    }

    /// Leaves the best candidates, of more than are told; how many there were.
    pub fn cut(&mut self) -> usize {
        let fitting = self.candidates.len();
        if fitting > CANDIDATES_MAX {
            self.steps.push(format!(
                "{CANDIDATES_MAX} of those that fit are told / 仅列前 {CANDIDATES_MAX} 个"
            ));
            self.candidates.truncate(CANDIDATES_MAX);
        }
        fitting
    }
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

/// How a step begins that tells of an event of the register: for those who may see its bodies.
pub const EVENT_STEP: &str = "沿革 / succession";

/// At most so many candidates are told.
pub const CANDIDATES_MAX: usize = 20;

/// Tells who is meant.
pub fn resolve(directory: &Directory, subject: &Subject<'_>) -> Resolution {
    let mut told = resolve_all(directory, subject);
    told.cut();
    told
}

/// The same with all candidates, however many they are.
pub fn resolve_all(directory: &Directory, subject: &Subject<'_>) -> Resolution {
    let mut search = search::Search::new(directory, subject);
    let coded = codes::read(&mut search);
    search.coded.clone_from(&coded.bodies);
    let named = find::by_name(&mut search);
    if search.steps.is_empty() {
        search
            .steps
            .add("名称与代码均无内容 / neither a name nor a code says anything");
    }
    decide::decide(search, coded, named)
}

#[cfg(test)]
mod tests;
