//! `deadlines.toml`: periods.

use chrono::NaiveDate;
use domain::{
    casework::{DeadlineRule, Deadlines},
    division::DivisionTree,
};
use serde::Deserialize;
use toml::Spanned;

use super::{
    super::{
        Error,
        files::{Files, parse},
    },
    At, all,
};

const FILE: &str = "deadlines.toml";
/// Days that a period may have: ten years.
const DAYS_MAX: u32 = 3_660;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeadlineFile {
    #[serde(rename = "version")]
    _version: String,
    deadline: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    key: Spanned<String>,
    title: Spanned<String>,
    days: Spanned<u32>,
    unit: Spanned<String>,
    cap: Option<Spanned<u32>>,
    #[serde(default)]
    rolls_forward: bool,
    #[serde(default)]
    reminders: Vec<u32>,
    division: Option<Spanned<String>>,
    legal_basis: Spanned<String>,
    verified: bool,
    from: Spanned<NaiveDate>,
    to: Option<Spanned<NaiveDate>>,
}

pub(super) fn load(files: &Files, tree: Option<&DivisionTree>) -> Result<Deadlines, Vec<Error>> {
    let text = files.text(FILE).map_err(|error| vec![error])?;
    let file: DeadlineFile = parse(FILE, text).map_err(|error| vec![error])?;
    let at = At { file: FILE, text };
    all(file.deadline.into_iter().map(|entry| rule(at, entry, tree))).map(Deadlines)
}

fn rule(at: At<'_>, entry: Entry, tree: Option<&DivisionTree>) -> Result<DeadlineRule, Error> {
    let days = *entry.days.get_ref();
    if !(1..=DAYS_MAX).contains(&days) {
        let reason = format!("{days}, expected 1 to {DAYS_MAX}");
        return Err(at.error(&entry.days, "deadline.days", reason));
    }
    if let Some(cap) = &entry.cap
        && !(days + 1..=DAYS_MAX).contains(cap.get_ref())
    {
        let reason = format!("{}, expected {} to {DAYS_MAX}", cap.get_ref(), days + 1);
        return Err(at.error(cap, "deadline.cap", reason));
    }
    let (from, to) = at.time(&entry.from, entry.to.as_ref())?;
    Ok(DeadlineRule {
        days,
        unit: at.word(&entry.unit, "deadline.unit")?,
        cap: entry.cap.map(Spanned::into_inner),
        rolls_forward: entry.rolls_forward,
        reminders: entry.reminders,
        division: at.division(entry.division.as_ref(), tree)?,
        key: at.said(entry.key, "deadline.key")?,
        title: at.said(entry.title, "deadline.title")?,
        legal_basis: at.said(entry.legal_basis, "deadline.legal_basis")?,
        verified: entry.verified,
        from,
        to,
    })
}
