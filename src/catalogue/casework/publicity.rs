//! `publicity.toml`: how long records are shown.

use chrono::NaiveDate;
use domain::casework::{PublicityRule, PublicityRules};
use serde::Deserialize;
use toml::Spanned;

use super::{
    super::{
        Error,
        files::{Files, parse},
    },
    At, all,
};

const FILE: &str = "publicity.toml";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PublicityFile {
    #[serde(rename = "version")]
    _version: String,
    publicity: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    kinds: Vec<Spanned<String>>,
    tier: Option<Spanned<String>>,
    public: bool,
    min_months: u32,
    max_months: Option<Spanned<u32>>,
    #[serde(default)]
    mirrored: bool,
    legal_basis: Spanned<String>,
    verified: bool,
    from: Spanned<NaiveDate>,
    to: Option<Spanned<NaiveDate>>,
}

pub(super) fn load(files: &Files) -> Result<PublicityRules, Vec<Error>> {
    let text = files.text(FILE).map_err(|error| vec![error])?;
    let file: PublicityFile = parse(FILE, text).map_err(|error| vec![error])?;
    let at = At { file: FILE, text };
    all(file.publicity.into_iter().map(|entry| rule(at, entry))).map(PublicityRules)
}

fn rule(at: At<'_>, entry: Entry) -> Result<PublicityRule, Error> {
    if let Some(most) = &entry.max_months
        && *most.get_ref() < entry.min_months
    {
        let reason = format!(
            "{} is below min_months, {}",
            most.get_ref(),
            entry.min_months
        );
        return Err(at.error(most, "publicity.max_months", reason));
    }
    let tier = entry.tier.as_ref();
    let (from, to) = at.time(&entry.from, entry.to.as_ref())?;
    Ok(PublicityRule {
        kinds: at.words(&entry.kinds, "publicity.kinds")?,
        tier: tier
            .map(|tier| at.word(tier, "publicity.tier"))
            .transpose()?,
        is_public: entry.public,
        min_months: entry.min_months,
        max_months: entry.max_months.map(Spanned::into_inner),
        is_mirrored: entry.mirrored,
        legal_basis: at.said(entry.legal_basis, "publicity.legal_basis")?,
        verified: entry.verified,
        from,
        to,
    })
}
