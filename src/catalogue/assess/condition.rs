//! Conditions as they are written in rule packs and red lines.

use domain::{
    UnknownValue,
    assess::{Condition, Number, Word},
    credit_record::{CreditRecordKind, CreditRecordStatus, Tier},
};
use serde::Deserialize;
use toml::Spanned;

use super::{
    super::{Error, Lists, casework::At},
    decimal,
};

/// How deeply conditions may stand in each other.
const DEPTH_MAX: usize = 8;
/// The one field that is neither word nor number.
const UNDER_OBJECTION: &str = "under_objection";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCondition {
    field: Option<Spanned<String>>,
    #[serde(rename = "in")]
    words: Option<Vec<Spanned<String>>>,
    at_least: Option<Spanned<String>>,
    below: Option<Spanned<String>>,
    given: Option<bool>,
    any: Option<Vec<Spanned<RawCondition>>>,
    not: Option<Box<Spanned<RawCondition>>>,
}

/// Which facts conditions are about, and what words they may name.
#[derive(Clone, Copy)]
pub(super) struct About<'a> {
    pub at: At<'a>,
    /// None of a pack that was kept.
    pub lists: Option<&'a Lists>,
    /// Records, or measurements.
    pub is_records: bool,
}

impl About<'_> {
    /// All of these.
    pub(super) fn all(self, raw: Vec<Spanned<RawCondition>>) -> Result<Condition, Error> {
        self.several(raw, 1).map(Condition::All)
    }

    fn several(
        self,
        raw: Vec<Spanned<RawCondition>>,
        depth: usize,
    ) -> Result<Vec<Condition>, Error> {
        raw.into_iter().map(|one| self.one(one, depth)).collect()
    }

    fn one(self, raw: Spanned<RawCondition>, depth: usize) -> Result<Condition, Error> {
        let span = raw.span();
        let wrong =
            |reason: String| Error::at(self.at.file, self.at.text, span.clone(), "when", reason);
        if depth > DEPTH_MAX {
            return Err(wrong(format!("lies deeper than {DEPTH_MAX} conditions")));
        }
        let raw = raw.into_inner();
        match raw {
            RawCondition {
                field: Some(field),
                any: None,
                not: None,
                words,
                at_least,
                below,
                given,
            } => match (words, at_least, below, given) {
                (Some(words), None, None, None) => self.words(field, words),
                (None, None, None, Some(given)) => self.given(field, given),
                (None, at_least, below, None) if at_least.is_some() || below.is_some() => {
                    let bound = |bound: Option<Spanned<String>>| {
                        bound
                            .map(|bound| decimal(self.at, &bound, "when"))
                            .transpose()
                    };
                    Ok(Condition::Within {
                        field: self.number(&field)?,
                        at_least: bound(at_least)?,
                        below: bound(below)?,
                    })
                }
                _ => Err(wrong(
                    "expected one of: in; at_least or below; given".to_owned(),
                )),
            },
            RawCondition {
                field: None,
                words: None,
                at_least: None,
                below: None,
                given: None,
                any: Some(any),
                not: None,
            } if !any.is_empty() => self.several(any, depth + 1).map(Condition::Any),
            RawCondition {
                field: None,
                words: None,
                at_least: None,
                below: None,
                given: None,
                any: None,
                not: Some(not),
            } => Ok(Condition::Not(Box::new(self.one(*not, depth + 1)?))),
            _ => Err(wrong(
                "expected one of: field with a test; any; not".to_owned(),
            )),
        }
    }

    fn words(
        self,
        field: Spanned<String>,
        words: Vec<Spanned<String>>,
    ) -> Result<Condition, Error> {
        let word = self.word(&field)?;
        for given in &words {
            let text = given.get_ref();
            let wrong: Option<UnknownValue> = match word {
                Word::Kind => text.parse::<CreditRecordKind>().err(),
                Word::Tier => text.parse::<Tier>().err(),
                Word::Status => text.parse::<CreditRecordStatus>().err(),
                Word::Item | Word::Domain | Word::Code => None,
            };
            if let Some(wrong) = wrong {
                return Err(self.at.error(given, "when.in", wrong.to_string()));
            }
            if word == Word::Item && !self.has_item(text) {
                let reason = format!("{text:?} is in no list of catalogue/lists");
                return Err(self.at.error(given, "when.in", reason));
            }
        }
        if words.is_empty() {
            return Err(self.at.error(&field, "when.in", "names no word"));
        }
        let words = words.into_iter().map(Spanned::into_inner).collect();
        Ok(Condition::In { field: word, words })
    }

    fn has_item(self, code: &str) -> bool {
        let below = format!("{code}.");
        let is_meant = |code_of: &str| code_of == code || code_of.starts_with(&below);
        self.lists
            .is_none_or(|lists| lists.iter().any(|item| is_meant(&item.code)))
    }

    fn given(self, field: Spanned<String>, given: bool) -> Result<Condition, Error> {
        if self.is_records && field.get_ref() == UNDER_OBJECTION {
            return Ok(Condition::UnderObjection(given));
        }
        if field.get_ref().parse::<Number>().is_ok() {
            return Ok(Condition::HasNumber(self.number(&field)?, given));
        }
        Ok(Condition::HasWord(self.word(&field)?, given))
    }

    fn word(self, field: &Spanned<String>) -> Result<Word, Error> {
        let word: Word = self.at.word(field, "when.field")?;
        self.of_these(field, (word != Word::Code) == self.is_records)?;
        Ok(word)
    }

    fn number(self, field: &Spanned<String>) -> Result<Number, Error> {
        let number: Number = self.at.word(field, "when.field")?;
        let is_of_records = match number {
            Number::AgeDays => self.is_records,
            Number::Amount | Number::OverdueDays | Number::CorrectedDays | Number::EndedDays => {
                true
            }
            Number::Value | Number::YearsAgo => false,
        };
        self.of_these(field, is_of_records == self.is_records)?;
        Ok(number)
    }

    fn of_these(self, field: &Spanned<String>, is_theirs: bool) -> Result<(), Error> {
        let whose = if self.is_records {
            "records"
        } else {
            "indicators"
        };
        match is_theirs {
            true => Ok(()),
            false => {
                let reason = format!("{:?} is no field of {whose}", field.get_ref());
                Err(self.at.error(field, "when.field", reason))
            }
        }
    }
}
