//! `publicity.toml`: how long records are shown.

use chrono::NaiveDate;
use domain::{
    casework::{PublicityRule, PublicityRules},
    division::DivisionTree,
};
use serde::Deserialize;
use toml::Spanned;

use super::{
    super::{
        Error,
        files::{Files, parse},
    },
    At, Held, all,
};

const FILE: &str = "publicity.toml";
/// Months that a term may have: a hundred years.
const MONTHS_MAX: u32 = 1_200;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PublicityFile {
    version: Spanned<String>,
    publicity: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    kinds: Spanned<Vec<Spanned<String>>>,
    tier: Option<Spanned<String>>,
    public: bool,
    min_months: Spanned<u32>,
    max_months: Option<Spanned<u32>>,
    #[serde(default)]
    mirrored: bool,
    division: Option<Spanned<String>>,
    legal_basis: Spanned<String>,
    verified: bool,
    from: Spanned<NaiveDate>,
    to: Option<Spanned<NaiveDate>>,
}

pub(super) fn load(
    files: &Files,
    tree: Option<&DivisionTree>,
) -> Result<PublicityRules, Vec<Error>> {
    let text = files.text(FILE).map_err(|error| vec![error])?;
    let file: PublicityFile = parse(FILE, text).map_err(|error| vec![error])?;
    let at = At { file: FILE, text };
    at.said(file.version, "version")
        .map_err(|error| vec![error])?;
    let mut held = Held::new();
    let rules = file.publicity.into_iter().map(|entry| {
        let kinds = entry.kinds.clone();
        let rule = rule(at, entry, tree)?;
        for kind in &rule.kinds {
            let key = (*kind, rule.tier, rule.division);
            if let Some(from) = held.take(key, (rule.from, rule.to)) {
                let reason = format!("of {kind} there is a rule already, from {from}");
                return Err(at.error(&kinds, "publicity.kinds", reason));
            }
        }
        Ok(rule)
    });
    all(rules).map(PublicityRules)
}

fn rule(at: At<'_>, entry: Entry, tree: Option<&DivisionTree>) -> Result<PublicityRule, Error> {
    let least = *entry.min_months.get_ref();
    if least > MONTHS_MAX {
        let reason = format!("{least}, expected at most {MONTHS_MAX}");
        return Err(at.error(&entry.min_months, "publicity.min_months", reason));
    }
    if let Some(most) = &entry.max_months
        && !(least..=MONTHS_MAX).contains(most.get_ref())
    {
        let reason = format!("{}, expected {least} to {MONTHS_MAX}", most.get_ref());
        return Err(at.error(most, "publicity.max_months", reason));
    }
    let tier = entry.tier.as_ref();
    let (from, to) = at.time(&entry.from, entry.to.as_ref())?;
    Ok(PublicityRule {
        kinds: at.some_words(&entry.kinds, "publicity.kinds")?,
        tier: tier
            .map(|tier| at.word(tier, "publicity.tier"))
            .transpose()?,
        is_public: entry.public,
        min_months: least,
        max_months: entry.max_months.map(Spanned::into_inner),
        is_mirrored: entry.mirrored,
        division: at.division(entry.division.as_ref(), tree)?,
        legal_basis: at.said(entry.legal_basis, "publicity.legal_basis")?,
        verified: entry.verified,
        from,
        to,
    })
}
