//! What casework goes by: workflows, periods, publicity, measures, and who is competent.

mod competence;
mod deadline;
mod measure;
mod publicity;
mod workflow;

use std::{
    collections::{HashMap, HashSet},
    str::FromStr,
};

use chrono::NaiveDate;
use domain::{
    UnknownValue,
    casework::{Deadlines, Measures, PublicityRules, Workflow},
    division::{DivisionCode, DivisionTree},
};
use toml::Spanned;

use super::{Error, Lists, files::Files};

pub use competence::{Body, Competence, SUPERIOR};

/// All of it.
#[derive(Debug, Default)]
pub struct Casework {
    /// The tracks, by key and then by the day from which they hold.
    pub workflows: Vec<Workflow>,
    /// Periods.
    pub deadlines: Deadlines,
    /// How long records are shown.
    pub publicity: PublicityRules,
    /// Measures.
    pub measures: Measures,
    /// Who is competent.
    pub competence: Competence,
}

impl Casework {
    /// The track in which cases of a kind begin on a day in a place: the narrowest that holds.
    pub fn workflow_for(
        &self,
        is_meant: impl Fn(&Workflow) -> bool,
        on: NaiveDate,
        place: Option<DivisionCode>,
        tree: &DivisionTree,
    ) -> Option<&Workflow> {
        let holds = |workflow: &&Workflow| {
            let within = workflow.division;
            let is_there =
                within.is_none_or(|within| place.is_some_and(|place| tree.contains(within, place)));
            is_meant(workflow) && is_there && workflow.is_in_force(on)
        };
        let depth = |workflow: &&Workflow| {
            let within = workflow.division;
            within.map_or(0, |code| 1 + tree.ancestors(code).count())
        };
        self.workflows.iter().filter(holds).max_by_key(depth)
    }

    /// The stages that end cases, by workflow.
    pub fn final_stages(&self) -> HashMap<String, HashSet<String>> {
        let mut stages: HashMap<String, HashSet<String>> = HashMap::new();
        for workflow in &self.workflows {
            let last = workflow.stages.iter().filter(|stage| stage.is_final);
            let of_track = stages.entry(workflow.key.clone()).or_default();
            of_track.extend(last.map(|stage| stage.code.clone()));
        }
        stages
    }

    /// The track by which a case goes.
    pub fn workflow(&self, key: &str, version: &str) -> Option<&Workflow> {
        let named = |workflow: &&Workflow| workflow.key == key;
        let mut same = self.workflows.iter().filter(named);
        let exact = same.clone().find(|workflow| workflow.version == version);
        // A version that is here no longer is followed by the newest.
        exact.or_else(|| same.next_back())
    }
}

pub(super) fn load(
    files: &Files,
    lists: Option<&Lists>,
    tree: Option<&DivisionTree>,
) -> Result<Casework, Vec<Error>> {
    let mut errors = Vec::new();
    let deadlines = super::keep(deadline::load(files, tree), &mut errors);
    let publicity = super::keep(publicity::load(files), &mut errors);
    let competence = super::keep(competence::load(files), &mut errors);
    let measures = competence
        .as_ref()
        .and_then(|competence| super::keep(measure::load(files, competence), &mut errors));
    let workflows = deadlines
        .as_ref()
        .and_then(|deadlines| super::keep(workflow::load(files, deadlines, tree), &mut errors));
    if let (Some(lists), Some(measures), Some(competence)) = (lists, &measures, &competence) {
        errors.extend(super::list::check(files, lists, measures, competence));
    }
    match (workflows, deadlines, publicity, measures, competence) {
        (Some(workflows), Some(deadlines), Some(publicity), Some(measures), Some(competence))
            if errors.is_empty() =>
        {
            Ok(Casework {
                workflows,
                deadlines,
                publicity,
                measures,
                competence,
            })
        }
        _ => Err(errors),
    }
}

/// A file that is being read, for errors with their place.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    pub file: &'a str,
    pub text: &'a str,
}

impl At<'_> {
    pub fn error<T>(&self, at: &Spanned<T>, key: &str, reason: impl Into<String>) -> Error {
        Error::at(self.file, self.text, at.span(), key, reason)
    }

    /// A word of a closed list.
    pub fn word<T>(&self, word: &Spanned<String>, key: &str) -> Result<T, Error>
    where
        T: FromStr<Err = UnknownValue>,
    {
        let read = word.get_ref().parse();
        read.map_err(|error: UnknownValue| self.error(word, key, error.to_string()))
    }

    /// Several of them.
    pub fn words<T>(&self, words: &[Spanned<String>], key: &str) -> Result<Vec<T>, Error>
    where
        T: FromStr<Err = UnknownValue>,
    {
        words.iter().map(|word| self.word(word, key)).collect()
    }

    /// A text that must say something.
    pub fn said(&self, text: Spanned<String>, key: &str) -> Result<String, Error> {
        match text.get_ref().trim() {
            "" => Err(self.error(&text, key, "is empty")),
            _ => Ok(text.into_inner()),
        }
    }

    /// A division of the tree.
    pub fn division(
        &self,
        code: Option<&Spanned<String>>,
        tree: Option<&DivisionTree>,
    ) -> Result<Option<DivisionCode>, Error> {
        super::list::place(self.file, self.text, code, tree)
    }

    /// A day of each year, as `06-30`: its month and day.
    pub fn month_day(&self, text: &Spanned<String>, key: &str) -> Result<(u32, u32), Error> {
        let wrong = || {
            let reason = format!("{:?} is no day, expected one such as 06-30", text.get_ref());
            self.error(text, key, reason)
        };
        let (month, day) = text.get_ref().split_once('-').ok_or_else(wrong)?;
        let (Ok(month), Ok(day)) = (month.parse(), day.parse()) else {
            return Err(wrong());
        };
        // A year that is no leap year: each year has the day.
        let exists = NaiveDate::from_ymd_opt(2001, month, day).is_some();
        exists.then_some((month, day)).ok_or_else(wrong)
    }

    /// Whether a time is one.
    pub fn time(
        &self,
        from: &Spanned<NaiveDate>,
        to: Option<&Spanned<NaiveDate>>,
    ) -> Result<(NaiveDate, Option<NaiveDate>), Error> {
        match to {
            Some(to) if to.get_ref() < from.get_ref() => {
                Err(self.error(to, "to", format!("lies before from, {}", from.get_ref())))
            }
            to => Ok((*from.get_ref(), to.map(|to| *to.get_ref()))),
        }
    }
}

/// All of what was read, or all mistakes.
pub(super) fn all<T>(read: impl Iterator<Item = Result<T, Error>>) -> Result<Vec<T>, Vec<Error>> {
    let (mut good, mut errors) = (Vec::new(), Vec::new());
    for one in read {
        match one {
            Ok(one) => good.push(one),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() {
        Ok(good)
    } else {
        Err(errors)
    }
}
