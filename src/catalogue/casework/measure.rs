//! `measures.toml`: what may follow a record, and what those get who keep faith.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::{
    casework::{Measure, MeasureScope, Measures},
    division::DivisionTree,
};
use serde::Deserialize;
use toml::Spanned;

use super::{
    super::{
        Error,
        files::{Files, parse},
    },
    At, Competence, Held, all,
};

const FILE: &str = "measures.toml";
/// Months that a term may have: a hundred years.
const MONTHS_MAX: u32 = 1_200;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MeasureFile {
    version: Spanned<String>,
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
    subjects: Spanned<Vec<Spanned<String>>>,
    months: Option<Spanned<u32>>,
    suspended_by_objection: bool,
    ends_with_record: Option<Spanned<bool>>,
    division: Option<Spanned<String>>,
    from: Spanned<NaiveDate>,
    to: Option<Spanned<NaiveDate>>,
}

pub(super) fn load(
    files: &Files,
    competence: &Competence,
    tree: Option<&DivisionTree>,
) -> Result<Measures, Vec<Error>> {
    let text = files.text(FILE).map_err(|error| vec![error])?;
    let file: MeasureFile = parse(FILE, text).map_err(|error| vec![error])?;
    let at = At { file: FILE, text };
    at.said(file.version, "version")
        .map_err(|error| vec![error])?;
    let mut held = Held::new();
    let mut scopes = BTreeMap::new();
    let measures = file.measure.into_iter().map(|entry| {
        let (code, scope) = (entry.code.clone(), entry.scope.clone());
        let measure = measure(at, entry, competence, tree)?;
        let key = (measure.code.clone(), measure.division);
        if let Some(from) = held.take(key, (measure.from, measure.to)) {
            let reason = format!("{:?} is there already, in force from {from}", measure.code);
            return Err(at.error(&code, "measure.code", reason));
        }
        // What is against somebody in one place is no reward in another.
        let known = *scopes.entry(measure.code.clone()).or_insert(measure.scope);
        if known != measure.scope {
            let reason = format!("{:?} is {known} elsewhere in this file", measure.code);
            return Err(at.error(&scope, "measure.scope", reason));
        }
        Ok(measure)
    });
    all(measures).map(Measures)
}

fn measure(
    at: At<'_>,
    entry: Entry,
    competence: &Competence,
    tree: Option<&DivisionTree>,
) -> Result<Measure, Error> {
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
    if let Some(months) = &entry.months
        && !(1..=MONTHS_MAX).contains(months.get_ref())
    {
        let reason = format!("{}, expected 1 to {MONTHS_MAX}", months.get_ref());
        return Err(at.error(months, "measure.months", reason));
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
        tiers: at.each_once(&entry.tiers, "measure.tiers")?,
        subjects: at.some_words(&entry.subjects, "measure.subjects")?,
        months: entry.months.map(Spanned::into_inner),
        suspended_by_objection: entry.suspended_by_objection,
        ends_with_record: entry.ends_with_record.is_some_and(Spanned::into_inner),
        division: at.division(entry.division.as_ref(), tree)?,
        from,
        to,
    })
}
