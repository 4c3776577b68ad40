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
    casework::{Deadlines, Measures, PublicityRules, Workflow, narrowest},
    division::{DivisionCode, DivisionTree},
};
use toml::Spanned;

use super::{Error, Lists, files::Files, list::Beside};

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
        let all = self.workflows.iter();
        let then = all.filter(|workflow| is_meant(workflow) && workflow.is_in_force(on));
        narrowest(then, |workflow| workflow.division, place, tree)
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
    let publicity = super::keep(publicity::load(files, tree), &mut errors);
    let competence = super::keep(competence::load(files), &mut errors);
    let measures = competence
        .as_ref()
        .and_then(|competence| super::keep(measure::load(files, competence, tree), &mut errors));
    let workflows = deadlines
        .as_ref()
        .and_then(|deadlines| super::keep(workflow::load(files, deadlines, tree), &mut errors));
    if let (Some(lists), Some(measures), Some(competence), Some(tree)) =
        (lists, &measures, &competence, tree)
    {
        let beside = Beside {
            lists,
            measures,
            competence,
            tree,
        };
        errors.extend(super::list::check(files, &beside));
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

    /// Words of a closed list, at least one and none twice.
    pub fn some_words<T>(
        &self,
        words: &Spanned<Vec<Spanned<String>>>,
        key: &str,
    ) -> Result<Vec<T>, Error>
    where
        T: FromStr<Err = UnknownValue> + PartialEq,
    {
        if words.get_ref().is_empty() {
            return Err(self.error(words, key, "is empty"));
        }
        self.each_once(words.get_ref(), key)
    }

    /// Words of a closed list, none twice.
    pub fn each_once<T>(&self, words: &[Spanned<String>], key: &str) -> Result<Vec<T>, Error>
    where
        T: FromStr<Err = UnknownValue> + PartialEq,
    {
        let read = self.words(words, key)?;
        let again = (1..read.len()).find(|nth| read[..*nth].contains(&read[*nth]));
        match again {
            Some(nth) => {
                let reason = format!("{:?} is there already", words[nth].get_ref());
                Err(self.error(&words[nth], key, reason))
            }
            None => Ok(read),
        }
    }

    /// Texts that must say something, none twice.
    pub fn each_said(&self, texts: Vec<Spanned<String>>, key: &str) -> Result<Vec<String>, Error> {
        let mut seen = HashSet::new();
        let each = texts.into_iter().map(|text| {
            if !seen.insert(text.get_ref().clone()) {
                let reason = format!("{:?} is there already", text.get_ref());
                return Err(self.error(&text, key, reason));
            }
            self.said(text, key)
        });
        each.collect()
    }

    /// A division of the tree.
    pub fn division(
        &self,
        code: Option<&Spanned<String>>,
        tree: Option<&DivisionTree>,
    ) -> Result<Option<DivisionCode>, Error> {
        super::list::place(self.file, self.text, code, tree)
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

/// From the first to the last day, if there is a last.
pub(super) type Time = (NaiveDate, Option<NaiveDate>);

/// Whether two times have a day in common.
pub(super) fn meet(one: Time, other: Time) -> bool {
    let begins_within =
        |first: NaiveDate, last: Option<NaiveDate>| last.is_none_or(|last| first <= last);
    begins_within(one.0, other.1) && begins_within(other.0, one.1)
}

/// What holds in which time: of two that hold at once for the same, none could be told to be the rule.
struct Held<K>(Vec<(K, Time)>);

impl<K: PartialEq> Held<K> {
    /// Takes one more; the first day of what holds at the same time, where something does.
    fn take(&mut self, key: K, time: Time) -> Option<NaiveDate> {
        let mut known = self.0.iter();
        let met = known.find(|(known, then)| *known == key && meet(*then, time));
        let from = met.map(|(_, (from, _))| *from);
        self.0.push((key, time));
        from
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
