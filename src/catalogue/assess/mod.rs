//! What bodies are graded and warned by: rule packs (`rules/`), red lines (`redlines.toml`), and by which calendar
//! they are assessed for a year (`annual.toml`).

mod annual;
mod case;
mod condition;
mod pack;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod random_packs;
mod red_line;
mod rule;
#[cfg(test)]
mod shares;

use std::collections::HashMap;

use chrono::NaiveDate;
use domain::assess::{AnnualRule, Answering, Basis, EVALUATION_VERSION, RedLine, RulePack};
use rust_decimal::Decimal;
use toml::Spanned;

use super::{Error, Lists, casework::At, files::Files, fingerprint, keep};

/// All of it.
#[derive(Debug, Default)]
pub struct Assess {
    /// The packs, by key, then by the day from which they hold.
    pub packs: Vec<RulePack>,
    /// Their files' texts, by digest.
    pub texts: HashMap<String, String>,
    /// The red lines, by code, then by the day from which they are drawn.
    pub red_lines: Vec<RedLine>,
    /// The version of the red lines' file.
    pub version: String,
    /// Over all by which bodies are graded and warned, the program's way of reckoning among it.
    pub fingerprint: String,
    /// By which calendar bodies are assessed for a year, by its first year.
    pub annual: Vec<AnnualRule>,
    /// Which heading of a pack answers to a third party's indicator.
    pub answering: Vec<Answering>,
}

impl Assess {
    /// The pack by which a day is graded: the one that is named, or the day's default, of which there is one at most.
    pub fn pack(&self, key: Option<&str>, on: NaiveDate) -> Option<&RulePack> {
        self.position(key, on).map(|at| &self.packs[at])
    }

    /// Its position among the packs. `KEY@VERSION` names one version, whatever day it is for: one that is to come is
    /// tried so, and two are compared on one day.
    pub fn position(&self, key: Option<&str>, on: NaiveDate) -> Option<usize> {
        let is_meant = |pack: &RulePack| match key {
            Some(key) if key.contains('@') => is_named(key, &pack.key, &pack.version),
            Some(key) => pack.key == key && pack.is_in_force(on),
            None => pack.is_default && pack.is_in_force(on),
        };
        self.packs.iter().rposition(is_meant)
    }

    /// How the pack in this position is named of a day: by its key where that means it, and else with its version.
    pub fn name(&self, at: usize, on: NaiveDate) -> String {
        let pack = &self.packs[at];
        match self.position(Some(&pack.key), on) == Some(at) {
            true => pack.key.clone(),
            false => format!("{}@{}", pack.key, pack.version),
        }
    }

    /// By which calendar a year is assessed.
    pub fn annual_rule(&self, year: i32) -> Option<&AnnualRule> {
        self.annual.iter().rev().find(|rule| rule.is_for(year))
    }

    /// By what bodies are graded and warned on a day.
    pub fn basis(&self, day: NaiveDate) -> Basis {
        Basis {
            version: self.version.clone(),
            fingerprint: self.fingerprint.clone(),
            day,
        }
    }

    /// The red line with this code on a day, or the last one that was drawn before.
    pub fn red_line(&self, code: &str, on: NaiveDate) -> Option<&RedLine> {
        let mut lines = self.red_lines.iter().filter(|line| line.code == code);
        let begun = lines.clone().rfind(|line| line.from <= on);
        begun.or_else(|| lines.next())
    }

    /// The red lines that are drawn on a day.
    pub fn red_lines_on(&self, on: NaiveDate) -> Vec<&RedLine> {
        let lines = self.red_lines.iter();
        lines.filter(|line| line.is_in_force(on)).collect()
    }
}

/// Whether a pack is named so: by its key, or by key and version.
pub fn is_named(name: &str, key: &str, version: &str) -> bool {
    match name.split_once('@') {
        Some((of, one)) => of == key && one == version,
        None => name == key,
    }
}

pub(super) fn load(files: &Files, lists: Option<&Lists>) -> Result<Assess, Vec<Error>> {
    let Some(lists) = lists else {
        return Ok(Assess::default());
    };
    let mut errors = Vec::new();
    let packs = keep(pack::load(files, lists), &mut errors);
    let red_lines = packs
        .as_ref()
        .and_then(|packs| keep(red_line::load(files, lists, packs), &mut errors));
    let annual = packs
        .as_ref()
        .and_then(|packs| keep(annual::load(files, packs), &mut errors));
    match (packs, red_lines, annual) {
        (Some(packs), Some((version, red_lines)), Some((annual, answering)))
            if errors.is_empty() =>
        {
            let texts = files.in_folder("rules");
            let texts = texts.map(|(_, text)| (pack::digest_of(text), text.to_owned()));
            Ok(Assess {
                packs,
                texts: texts.collect(),
                red_lines,
                version,
                fingerprint: fingerprint(files, |name| {
                    name == red_line::FILE
                        || name.starts_with("rules/")
                        || name.starts_with("calendar/")
                        // Where a case stands tells whether an order can still be answered.
                        || name.starts_with("workflows/")
                }) + &format!(" {EVALUATION_VERSION}"),
                annual,
                answering,
            })
        }
        _ => Err(errors),
    }
}

/// The pack of a text that was kept: as it was, whatever the lists and the evaluation say by now.
pub fn kept_pack(text: &str) -> Result<RulePack, Vec<Error>> {
    pack::kept(text)
}

/// Decimal places of a number in a rule at most, and what it is below.
const PLACES_MAX: u32 = 4;
const NUMBER_MAX: i64 = 1_000_000_000_000;
/// What points and weights are below: a decimal has 28 digits, and so many rules as a pack may have over as many records
/// as a body may have lose none of them.
const POINTS_MAX: i64 = 1_000_000;
const WEIGHT_MAX: i64 = 1_000;

/// A decimal number, written as a text.
fn decimal(at: At<'_>, text: &Spanned<String>, key: &str) -> Result<Decimal, Error> {
    below(at, text, key, NUMBER_MAX)
}

/// The same of points.
fn points(at: At<'_>, text: &Spanned<String>, key: &str) -> Result<Decimal, Error> {
    below(at, text, key, POINTS_MAX)
}

fn below(at: At<'_>, text: &Spanned<String>, key: &str, limit: i64) -> Result<Decimal, Error> {
    let number = Decimal::from_str_exact(text.get_ref()).ok();
    let fits =
        |number: &Decimal| number.scale() <= PLACES_MAX && number.abs() < Decimal::from(limit);
    number.filter(fits).ok_or_else(|| {
        let reason = format!(
            "{:?}, expected a number below {limit} with at most {PLACES_MAX} decimals, such as \"-2.5\"",
            text.get_ref()
        );
        at.error(text, key, reason)
    })
}
