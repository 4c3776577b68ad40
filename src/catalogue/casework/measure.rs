//! `measures.toml`: what may follow a record, and what those get who keep faith.

use chrono::NaiveDate;
use domain::casework::{Measure, MeasureScope, Measures};
use serde::Deserialize;
use toml::Spanned;

use super::{
    super::{
        Error,
        files::{Files, parse},
    },
    At, Competence, all,
};

const FILE: &str = "measures.toml";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MeasureFile {
    #[serde(rename = "version")]
    _version: String,
    measure: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    code: Spanned<String>,
    title: Spanned<String>,
    scope: Spanned<String>,
    legal_basis: Spanned<String>,
    verified: bool,
    example: bool,
    imposed_by: Spanned<String>,
    #[serde(default)]
    tiers: Vec<Spanned<String>>,
    subjects: Vec<Spanned<String>>,
    months: Option<Spanned<u32>>,
    suspended_by_objection: bool,
    ends_with_record: Option<Spanned<bool>>,
    from: Spanned<NaiveDate>,
    to: Option<Spanned<NaiveDate>>,
}

pub(super) fn load(files: &Files, competence: &Competence) -> Result<Measures, Vec<Error>> {
    let text = files.text(FILE).map_err(|error| vec![error])?;
    let file: MeasureFile = parse(FILE, text).map_err(|error| vec![error])?;
    let at = At { file: FILE, text };
    let mut codes = std::collections::BTreeSet::new();
    all(file.measure.into_iter().map(|entry| {
        if !codes.insert(entry.code.get_ref().clone()) {
            let reason = format!("{:?} is there already", entry.code.get_ref());
            return Err(at.error(&entry.code, "measure.code", reason));
        }
        measure(at, entry, competence)
    }))
    .map(Measures)
}

fn measure(at: At<'_>, entry: Entry, competence: &Competence) -> Result<Measure, Error> {
    let scope = at.word(&entry.scope, "measure.scope")?;
    let by = entry.imposed_by.get_ref();
    if competence.body(by).is_none() {
        let reason = format!("{by:?} is no body of competence.toml");
        return Err(at.error(&entry.imposed_by, "measure.imposed_by", reason));
    }
    if (scope == MeasureScope::Incentive) != entry.tiers.is_empty() {
        let reason = "a measure follows grades of records, an incentive none";
        return Err(at.error(&entry.scope, "measure.tiers", reason));
    }
    if let Some(ends) = &entry.ends_with_record
        && scope != MeasureScope::Incentive
    {
        let reason = "a measure follows its record, only an incentive ends with one";
        return Err(at.error(ends, "measure.ends_with_record", reason));
    }
    if let Some(months) = entry
        .months
        .as_ref()
        .filter(|months| *months.get_ref() == 0)
    {
        return Err(at.error(months, "measure.months", "0, expected 1 or more"));
    }
    let (from, to) = at.time(&entry.from, entry.to.as_ref())?;
    Ok(Measure {
        code: at.said(entry.code, "measure.code")?,
        title: at.said(entry.title, "measure.title")?,
        scope,
        legal_basis: at.said(entry.legal_basis, "measure.legal_basis")?,
        verified: entry.verified,
        is_example: entry.example,
        imposed_by: entry.imposed_by.into_inner(),
        tiers: at.words(&entry.tiers, "measure.tiers")?,
        subjects: at.words(&entry.subjects, "measure.subjects")?,
        months: entry.months.map(Spanned::into_inner),
        suspended_by_objection: entry.suspended_by_objection,
        ends_with_record: entry.ends_with_record.is_some_and(Spanned::into_inner),
        from,
        to,
    })
}
