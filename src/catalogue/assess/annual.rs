//! `annual.toml`: by which calendar bodies are assessed for a year, and third parties' indicators beside ours.

use domain::assess::{AnnualRule, Answering, ReportStep, RulePack};
use serde::Deserialize;
use toml::Spanned;

use super::super::{
    Error,
    casework::{At, all},
    files::{Files, parse},
};

const FILE: &str = "annual.toml";
/// Days of a window, and before a meeting, at most.
const DAYS_MAX: u32 = 366;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AnnualFile {
    #[serde(rename = "version")]
    _version: String,
    annual: Vec<RawRule>,
    #[serde(default)]
    answering: Vec<RawAnswering>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRule {
    from_year: Spanned<i32>,
    to_year: Option<Spanned<i32>>,
    opens: Spanned<String>,
    objection_days: Spanned<u32>,
    meets: Spanned<String>,
    legal_basis: Spanned<String>,
    verified: bool,
    step: Vec<RawStep>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawStep {
    key: Spanned<String>,
    title: Spanned<String>,
    days_before: Spanned<u32>,
    legal_basis: Spanned<String>,
    verified: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAnswering {
    assessor: Option<Spanned<String>>,
    indicator: Spanned<String>,
    pack: Spanned<String>,
    heading: Spanned<String>,
}

pub(super) fn load(
    files: &Files,
    packs: &[RulePack],
) -> Result<(Vec<AnnualRule>, Vec<Answering>), Vec<Error>> {
    let text = files.text(FILE).map_err(|error| vec![error])?;
    let file: AnnualFile = parse(FILE, text).map_err(|error| vec![error])?;
    let at = At { file: FILE, text };
    let mut last: Option<AnnualRule> = None;
    let rules = all(file.annual.into_iter().map(|raw| {
        let from = raw.from_year.clone();
        let rule = rule(at, raw)?;
        if let Some(before) = &last
            && before.to_year.is_none_or(|to| to >= rule.from_year)
        {
            let reason = format!("{} is in the one before, too", rule.from_year);
            return Err(at.error(&from, "annual.from_year", reason));
        }
        last = Some(rule.clone());
        Ok(rule)
    }));
    let answering = file.answering.into_iter();
    let answering = all(answering.map(|raw| answers(at, raw, packs)));
    match (rules, answering) {
        (Ok(rules), Ok(answering)) => Ok((rules, answering)),
        (rules, answering) => {
            let errors = [rules.err(), answering.err()];
            Err(errors.into_iter().flatten().flatten().collect())
        }
    }
}

fn rule(at: At<'_>, raw: RawRule) -> Result<AnnualRule, Error> {
    if let Some(to) = &raw.to_year
        && to.get_ref() < raw.from_year.get_ref()
    {
        let reason = format!("lies before from_year, {}", raw.from_year.get_ref());
        return Err(at.error(to, "annual.to_year", reason));
    }
    Ok(AnnualRule {
        from_year: *raw.from_year.get_ref(),
        to_year: raw.to_year.map(Spanned::into_inner),
        opens: at.month_day(&raw.opens, "annual.opens")?,
        objection_days: days(at, &raw.objection_days, "annual.objection_days")?,
        meets: at.month_day(&raw.meets, "annual.meets")?,
        legal_basis: at.said(raw.legal_basis, "annual.legal_basis")?,
        verified: raw.verified,
        steps: raw
            .step
            .into_iter()
            .map(|raw| step(at, raw))
            .collect::<Result<_, _>>()?,
    })
}

fn step(at: At<'_>, raw: RawStep) -> Result<ReportStep, Error> {
    Ok(ReportStep {
        key: at.said(raw.key, "annual.step.key")?,
        title: at.said(raw.title, "annual.step.title")?,
        days_before: days(at, &raw.days_before, "annual.step.days_before")?,
        legal_basis: at.said(raw.legal_basis, "annual.step.legal_basis")?,
        verified: raw.verified,
    })
}

fn answers(at: At<'_>, raw: RawAnswering, packs: &[RulePack]) -> Result<Answering, Error> {
    let key = raw.pack.get_ref();
    let mut named = packs.iter().filter(|pack| pack.key == *key).peekable();
    if named.peek().is_none() {
        let reason = format!("{key:?} is no rule pack");
        return Err(at.error(&raw.pack, "answering.pack", reason));
    }
    let heading = raw.heading.get_ref();
    if !named.any(|pack| pack.heading(heading).is_some()) {
        let reason = format!("{heading:?} is no heading of {key}");
        return Err(at.error(&raw.heading, "answering.heading", reason));
    }
    let said = |text, key| at.said(text, key);
    Ok(Answering {
        assessor: raw
            .assessor
            .map(|text| said(text, "answering.assessor"))
            .transpose()?,
        indicator: said(raw.indicator, "answering.indicator")?,
        pack: said(raw.pack, "answering.pack")?,
        heading: said(raw.heading, "answering.heading")?,
    })
}

fn days(at: At<'_>, days: &Spanned<u32>, key: &str) -> Result<u32, Error> {
    match *days.get_ref() {
        number @ 1..=DAYS_MAX => Ok(number),
        number => {
            let reason = format!("{number}, expected 1 to {DAYS_MAX}");
            Err(at.error(days, key, reason))
        }
    }
}
