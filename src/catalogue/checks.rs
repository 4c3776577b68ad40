//! `checks.toml`: by which headings the columns of a list of subjects are told.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::{
    Error,
    files::{Files, parse},
};

const FILE: &str = "checks.toml";

/// What a column of a list says of a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CheckColumn {
    Uscc,
    OrgCode,
    Name,
    Division,
    CaseNumber,
}

domain::text_enum!(CheckColumn {
    Uscc => "uscc",
    OrgCode => "org_code",
    Name => "name",
    Division => "division",
    CaseNumber => "case_number",
});

/// What checks go by.
#[derive(Debug, Clone, Default)]
pub struct Checks {
    headings: BTreeMap<String, CheckColumn>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CheckFile {
    headings: BTreeMap<Spanned<String>, Vec<Spanned<String>>>,
}

impl Checks {
    /// What a column with this heading says, if anything.
    pub fn column(&self, heading: &str) -> Option<CheckColumn> {
        self.headings.get(&plain(heading)).copied()
    }

    /// The headings that are known, for a list that has none of them.
    pub fn headings(&self) -> impl Iterator<Item = &str> {
        self.headings.keys().map(String::as_str)
    }
}

fn plain(heading: &str) -> String {
    let heading = heading.trim_start_matches('\u{feff}').chars();
    heading
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect()
}

pub(super) fn load(files: &Files) -> Result<Checks, Vec<Error>> {
    let text = files.text(FILE).map_err(|error| vec![error])?;
    let file: CheckFile = parse(FILE, text).map_err(|error| vec![error])?;
    let (mut headings, mut errors) = (BTreeMap::new(), Vec::new());
    for (name, known) in file.headings {
        let key = format!("headings.{}", name.get_ref());
        let column = match name.get_ref().parse::<CheckColumn>() {
            Ok(column) => column,
            Err(error) => {
                errors.push(Error::at(FILE, text, name.span(), key, error.to_string()));
                continue;
            }
        };
        for heading in known {
            let written = plain(heading.get_ref());
            let before = headings.insert(written.clone(), column);
            if written.is_empty() || before.is_some() {
                let reason = format!("{written:?} is empty or stands there twice");
                errors.push(Error::at(FILE, text, heading.span(), key.clone(), reason));
            }
        }
    }
    match errors.is_empty() {
        true => Ok(Checks { headings }),
        false => Err(errors),
    }
}
