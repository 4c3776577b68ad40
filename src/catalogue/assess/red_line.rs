//! `redlines.toml`: what bodies are warned about.

use std::collections::HashSet;

use domain::{
    agency::AgencyKind,
    assess::{CaseTrouble, RedLine, RulePack, Trigger, WarningLevel, Worse},
};
use rust_decimal::Decimal;
use serde::Deserialize;
use toml::Spanned;

use super::{
    super::{
        Error, Lists,
        casework::{At, all},
        files::{Files, parse},
    },
    condition::{About, RawCondition},
    decimal, rule,
};

const FILE: &str = "redlines.toml";

/// Days back at most that a red line looks.
const DAYS_MAX: u32 = 3_660;
/// Working days of a term at most.
const TERM_MAX: u32 = 250;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RedLineFile {
    #[serde(rename = "version")]
    _version: String,
    redline: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    code: Spanned<String>,
    title: Spanned<String>,
    message: Spanned<String>,
    legal_basis: Spanned<String>,
    verified: bool,
    level: Spanned<String>,
    #[serde(default)]
    bodies: Vec<Spanned<String>>,
    answer_within: Spanned<u32>,
    escalates_after: Spanned<u32>,
    warns: Vec<Spanned<String>>,
    when: RawTrigger,
    #[serde(default)]
    worse: Vec<RawWorse>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTrigger {
    records: Option<RawRecords>,
    indicators: Option<RawIndicators>,
    clues: Option<RawClues>,
    cases: Option<RawCases>,
    grade: Option<RawGrade>,
    fall: Option<RawFall>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRecords {
    status: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    when: Vec<Spanned<RawCondition>>,
    at_least: Spanned<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawIndicators {
    #[serde(default)]
    when: Vec<Spanned<RawCondition>>,
    at_least: Spanned<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawClues {
    #[serde(default)]
    channels: Vec<String>,
    days: Spanned<u32>,
    at_least: Spanned<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCases {
    what: Spanned<String>,
    #[serde(default)]
    workflows: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawGrade {
    at_most: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFall {
    points: Spanned<String>,
    days: Spanned<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawWorse {
    at_least: Spanned<String>,
    level: Spanned<String>,
}

pub(super) fn load(
    files: &Files,
    lists: &Lists,
    packs: &[RulePack],
) -> Result<Vec<RedLine>, Vec<Error>> {
    let text = files.text(FILE).map_err(|error| vec![error])?;
    let file: RedLineFile = parse(FILE, text).map_err(|error| vec![error])?;
    let at = At { file: FILE, text };
    let mut codes = HashSet::new();
    let mut lines = all(file.redline.into_iter().map(|entry| {
        if !codes.insert(entry.code.get_ref().clone()) {
            let reason = format!("{:?} is there already", entry.code.get_ref());
            return Err(at.error(&entry.code, "redline.code", reason));
        }
        line(at, lists, packs, entry)
    }))?;
    lines.sort_by(|a, b| a.code.cmp(&b.code));
    Ok(lines)
}

fn line(at: At<'_>, lists: &Lists, packs: &[RulePack], entry: Entry) -> Result<RedLine, Error> {
    let level: WarningLevel = at.word(&entry.level, "redline.level")?;
    let trigger = trigger(at, lists, packs, entry.when, &entry.code)?;
    let worse = worse(at, entry.worse, level)?;
    let most = worse.iter().map(|worse| worse.level).max().unwrap_or(level);
    if matches!(trigger, Trigger::Clues { .. }) && most > WarningLevel::Yellow {
        let reason = "leads are unconfirmed: expected BLUE or YELLOW at most";
        return Err(at.error(&entry.level, "redline.level", reason));
    }
    Ok(RedLine {
        title: at.said(entry.title, "redline.title")?,
        message: at.said(entry.message, "redline.message")?,
        legal_basis: at.said(entry.legal_basis, "redline.legal_basis")?,
        verified: entry.verified,
        level,
        bodies: at.words::<AgencyKind>(&entry.bodies, "redline.bodies")?,
        answer_within: term(at, &entry.answer_within, "redline.answer_within")?,
        escalates_after: term(at, &entry.escalates_after, "redline.escalates_after")?,
        warns: at.words(&entry.warns, "redline.warns")?,
        trigger,
        worse,
        code: at.said(entry.code, "redline.code")?,
    })
}

fn term(at: At<'_>, days: &Spanned<u32>, key: &str) -> Result<u32, Error> {
    bounded(at, days, key, TERM_MAX)
}

fn bounded(at: At<'_>, days: &Spanned<u32>, key: &str, most: u32) -> Result<u32, Error> {
    match *days.get_ref() {
        found if (1..=most).contains(&found) => Ok(found),
        found => Err(at.error(days, key, format!("{found}, expected 1 to {most}"))),
    }
}

fn enough(at: At<'_>, count: &Spanned<usize>) -> Result<usize, Error> {
    match *count.get_ref() {
        0 => Err(at.error(count, "redline.when.at_least", "0, expected 1 or more")),
        count => Ok(count),
    }
}

fn trigger(
    at: At<'_>,
    lists: &Lists,
    packs: &[RulePack],
    raw: RawTrigger,
    code: &Spanned<String>,
) -> Result<Trigger, Error> {
    let about = |is_records| About {
        at,
        lists: Some(lists),
        is_records,
    };
    let given = [
        raw.records.is_some(),
        raw.indicators.is_some(),
        raw.clues.is_some(),
        raw.cases.is_some(),
        raw.grade.is_some(),
        raw.fall.is_some(),
    ];
    if given.iter().filter(|given| **given).count() != 1 {
        let reason = "expected exactly one of records, indicators, clues, cases, grade, fall";
        return Err(at.error(code, "redline.when", reason));
    }
    if let Some(records) = raw.records {
        let kind = Spanned::new(code.span(), "RECORDS".to_owned());
        return Ok(Trigger::Records {
            of: rule::of(at, &kind, records.status.as_deref())?,
            when: about(true).all(records.when)?,
            at_least: enough(at, &records.at_least)?,
        });
    }
    if let Some(indicators) = raw.indicators {
        return Ok(Trigger::Indicators {
            when: about(false).all(indicators.when)?,
            at_least: enough(at, &indicators.at_least)?,
        });
    }
    if let Some(clues) = raw.clues {
        return Ok(Trigger::Clues {
            channels: clues.channels,
            days: bounded(at, &clues.days, "redline.when.clues.days", DAYS_MAX)?,
            at_least: enough(at, &clues.at_least)?,
        });
    }
    if let Some(cases) = raw.cases {
        return Ok(Trigger::Cases {
            trouble: at.word::<CaseTrouble>(&cases.what, "redline.when.cases.what")?,
            workflows: cases.workflows,
        });
    }
    if let Some(grade) = raw.grade {
        let code = grade.at_most.get_ref();
        let mut defaults = packs.iter().filter(|pack| pack.is_default);
        if !defaults.all(|pack| pack.grade(code).is_some()) {
            let reason = "is no grade of the default pack";
            return Err(at.error(&grade.at_most, "redline.when.grade.at_most", reason));
        }
        return Ok(Trigger::Grade(code.clone()));
    }
    let fall = raw.fall.expect("one of them is given");
    let points = decimal(at, &fall.points, "redline.when.fall.points")?;
    if points <= Decimal::ZERO {
        let reason = "expected more than 0";
        return Err(at.error(&fall.points, "redline.when.fall.points", reason));
    }
    Ok(Trigger::Fall {
        points,
        days: bounded(at, &fall.days, "redline.when.fall.days", DAYS_MAX)?,
    })
}

fn worse(at: At<'_>, raw: Vec<RawWorse>, level: WarningLevel) -> Result<Vec<Worse>, Error> {
    let mut worse: Vec<Worse> = Vec::new();
    for one in raw {
        let step = Worse {
            at_least: decimal(at, &one.at_least, "redline.worse.at_least")?,
            level: at.word(&one.level, "redline.worse.level")?,
        };
        let (count, before) = worse
            .last()
            .map_or((Decimal::ZERO, level), |last| (last.at_least, last.level));
        if step.at_least <= count || step.level <= before {
            return Err(at.error(&one.at_least, "redline.worse", "counts and levels rise"));
        }
        worse.push(step);
    }
    Ok(worse)
}
