//! `successions.toml`: waves of institutional reform.

use std::collections::HashSet;

use chrono::NaiveDate;
use domain::{
    division::{DivisionCode, DivisionLevel, DivisionTree},
    reform::{Reform, Reforms},
};
use serde::Deserialize;
use toml::Spanned;

use super::{
    Error,
    files::{Files, parse},
    form,
};

const FILE: &str = "successions.toml";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReformFile {
    reform: Vec<ReformEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReformEntry {
    key: Spanned<String>,
    kind: Spanned<String>,
    from: Spanned<Vec<String>>,
    to: Spanned<Vec<String>>,
    #[serde(default)]
    levels: Vec<Spanned<String>>,
    within: Option<Spanned<DivisionCode>>,
    starts_on: NaiveDate,
    ends_on: Spanned<NaiveDate>,
    basis: Spanned<String>,
    verified: bool,
}

pub(super) fn load(files: &Files, tree: Option<&DivisionTree>) -> Result<Reforms, Vec<Error>> {
    let text = files.text(FILE).map_err(|error| vec![error])?;
    let file: ReformFile = parse(FILE, text).map_err(|error| vec![error])?;
    let mut rows = Vec::new();
    let mut errors = Vec::new();
    let mut keys = HashSet::new();
    for entry in file.reform {
        if !keys.insert(entry.key.get_ref().clone()) {
            let reason = format!("{:?} is there already", entry.key.get_ref());
            errors.push(Error::at(
                FILE,
                text,
                entry.key.span(),
                "reform.key",
                reason,
            ));
        }
        match reform(text, entry, tree) {
            Ok(row) => rows.push(row),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() {
        Ok(Reforms::new(rows))
    } else {
        Err(errors)
    }
}

fn reform(text: &str, entry: ReformEntry, tree: Option<&DivisionTree>) -> Result<Reform, Error> {
    form::check(FILE, text, "reform.from", &entry.from)?;
    form::check(FILE, text, "reform.to", &entry.to)?;
    if *entry.ends_on.get_ref() < entry.starts_on {
        let reason = format!("{} lies before starts_on", entry.ends_on.get_ref());
        return Err(Error::at(
            FILE,
            text,
            entry.ends_on.span(),
            "reform.ends_on",
            reason,
        ));
    }
    if entry.basis.get_ref().trim().is_empty() {
        let (span, reason) = (entry.basis.span(), "no reform without a basis");
        return Err(Error::at(FILE, text, span, "reform.basis", reason));
    }
    let kind = entry.kind.get_ref().parse();
    let kind = kind.map_err(|error: domain::UnknownValue| {
        Error::at(
            FILE,
            text,
            entry.kind.span(),
            "reform.kind",
            error.to_string(),
        )
    })?;
    let level = |level: Spanned<String>| -> Result<DivisionLevel, Error> {
        let read = level.get_ref().parse();
        read.map_err(|error: domain::UnknownValue| {
            Error::at(FILE, text, level.span(), "reform.levels", error.to_string())
        })
    };
    Ok(Reform {
        levels: entry
            .levels
            .into_iter()
            .map(level)
            .collect::<Result<_, _>>()?,
        key: entry.key.into_inner(),
        kind,
        from: entry.from.into_inner(),
        to: entry.to.into_inner(),
        within: form::division(FILE, text, "reform.within", entry.within, tree)?,
        starts_on: entry.starts_on,
        ends_on: entry.ends_on.into_inner(),
        basis: entry.basis.into_inner(),
        verified: entry.verified,
    })
}
