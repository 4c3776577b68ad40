//! What the readers of casework's files have in common: texts with their place, times, and what holds twice.

use std::{collections::HashSet, ops::Range, str::FromStr};

use chrono::NaiveDate;
use domain::{
    UnknownValue,
    division::{DivisionCode, DivisionTree},
};
use toml::Spanned;

use super::super::{Error, list};

/// A file that is being read, for errors with their place.
#[derive(Clone, Copy)]
pub(in super::super) struct At<'a> {
    pub file: &'a str,
    pub text: &'a str,
}

impl At<'_> {
    pub fn error<T>(&self, at: &Spanned<T>, key: &str, reason: impl Into<String>) -> Error {
        Error::at(self.file, self.text, at.span(), key, reason)
    }

    /// A mistake at a place that was noted before.
    pub fn place(&self, place: &Range<usize>, key: &str, reason: impl Into<String>) -> Error {
        Error::at(self.file, self.text, place.clone(), key, reason)
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
        list::place(self.file, self.text, code, tree)
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

/// From the first to the last day, if there is a last.
pub(in super::super) type Time = (NaiveDate, Option<NaiveDate>);

/// Whether two times have a day in common.
pub(in super::super) fn meet(one: Time, other: Time) -> bool {
    let begins_within =
        |first: NaiveDate, last: Option<NaiveDate>| last.is_none_or(|last| first <= last);
    begins_within(one.0, other.1) && begins_within(other.0, one.1)
}

/// What holds in which time: of two that hold at once for the same, none could be told to be the rule.
pub(super) struct Held<K>(Vec<(K, Time)>);

impl<K: PartialEq> Held<K> {
    pub fn new() -> Self {
        Self(Vec::new())
    }

    /// Takes one more; the first day of what holds at the same time, where something does.
    pub fn take(&mut self, key: K, time: Time) -> Option<NaiveDate> {
        let mut known = self.0.iter();
        let met = known.find(|(known, then)| *known == key && meet(*then, time));
        let from = met.map(|(_, (from, _))| *from);
        self.0.push((key, time));
        from
    }
}

/// All of what was read, or all mistakes.
pub(in super::super) fn all<T>(
    read: impl Iterator<Item = Result<T, Error>>,
) -> Result<Vec<T>, Vec<Error>> {
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
