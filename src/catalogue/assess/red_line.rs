//! `redlines.toml`: what bodies are warned about.

use chrono::NaiveDate;
use domain::{
    agency::AgencyKind,
    assess::{Edition, RedLine, RulePack, Terms, Trigger, WarningLevel, Worse, version_numbers},
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
    decimal, pack,
};

mod case;
mod trigger;

use case::RawCase;
use trigger::{RawTrigger, bounded, trigger};

pub(super) const FILE: &str = "redlines.toml";

/// Working days of a term at most.
const TERM_MAX: u32 = 250;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RedLineFile {
    version: Spanned<String>,
    redline: Vec<Entry>,
    #[serde(default)]
    case: Vec<RawCase>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    code: Spanned<String>,
    title: Spanned<String>,
    message: Spanned<String>,
    legal_basis: Spanned<String>,
    verified: bool,
    from: Spanned<NaiveDate>,
    to: Option<Spanned<NaiveDate>>,
    level: Spanned<String>,
    #[serde(default)]
    bodies: Vec<Spanned<String>>,
    answer_within: Spanned<u32>,
    begin_within: Spanned<u32>,
    rectify_within: Spanned<u32>,
    escalates_after: Spanned<u32>,
    warns: Vec<Spanned<String>>,
    when: RawTrigger,
    #[serde(default)]
    worse: Vec<RawWorse>,
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
) -> Result<(String, Vec<RedLine>), Vec<Error>> {
    let text = files.text(FILE).map_err(|error| vec![error])?;
    let file: RedLineFile = parse(FILE, text).map_err(|error| vec![error])?;
    let at = At { file: FILE, text };
    let edition = Edition {
        digest: pack::digest_of(text),
        version: file.version.get_ref().clone(),
    };
    if version_numbers(&edition.version).is_none() {
        let reason =
            "expected numbers with full stops, such as \"2026.1\": of two the greater is newer";
        return Err(vec![at.error(&file.version, "version", reason)]);
    }
    let entries = file.redline.into_iter();
    let mut lines = all(entries.map(|entry| {
        let code = entry.code.clone();
        line(at, lists, packs, &edition, entry).map(|line| (code, line))
    }))?;
    lines.sort_by(|(_, a), (_, b)| (&a.code, a.from).cmp(&(&b.code, b.from)));
    let twice = lines.windows(2).find(|pair| {
        let (before, after) = (&pair[0].1, &pair[1].1);
        before.code == after.code && before.to.is_none_or(|to| to >= after.from)
    });
    if let Some([(_, before), (code, after)]) = twice {
        let reason = format!(
            "{:?} is there already on {}, from {} on",
            after.code, after.from, before.from
        );
        return Err(vec![at.error(code, "redline.code", reason)]);
    }
    case::check(at, lists, packs, &lines, file.case)?;
    let lines = lines.into_iter().map(|(_, line)| line);
    Ok((edition.version, lines.collect()))
}

fn line(
    at: At<'_>,
    lists: &Lists,
    packs: &[RulePack],
    edition: &Edition,
    entry: Entry,
) -> Result<RedLine, Error> {
    let (from, to) = at.time(&entry.from, entry.to.as_ref())?;
    let term = |days: &Spanned<u32>, key: &str| bounded(at, days, key, TERM_MAX);
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
        from,
        to,
        edition: edition.clone(),
        level,
        bodies: at.words::<AgencyKind>(&entry.bodies, "redline.bodies")?,
        terms: Terms {
            answer_within: term(&entry.answer_within, "redline.answer_within")?,
            begin_within: term(&entry.begin_within, "redline.begin_within")?,
            rectify_within: term(&entry.rectify_within, "redline.rectify_within")?,
            escalates_after: term(&entry.escalates_after, "redline.escalates_after")?,
        },
        warns: at.words(&entry.warns, "redline.warns")?,
        trigger,
        worse,
        code: at.said(entry.code, "redline.code")?,
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
