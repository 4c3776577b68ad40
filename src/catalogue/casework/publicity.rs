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
    commitment: bool,
    #[serde(default)]
    corrected: bool,
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
        needs_commitment: entry.commitment,
        needs_correction: entry.corrected,
        is_mirrored: entry.mirrored,
        division: at.division(entry.division.as_ref(), tree)?,
        legal_basis: at.said(entry.legal_basis, "publicity.legal_basis")?,
        verified: entry.verified,
        from,
        to,
    })
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use domain::credit_record::{CreditRecordKind, Tier};

    use crate::catalogue::Catalogue;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect(text)
    }

    #[test]
    fn a_record_is_judged_by_the_rules_of_its_day() {
        let catalogue = Catalogue::load(None).expect("the shipped catalogue is sound");
        let (rules, tree) = (&catalogue.casework.publicity, &catalogue.divisions);
        let (breach, arrears) = (CreditRecordKind::Breach, CreditRecordKind::Arrears);
        let (minor, general, serious) = (Tier::Minor, Tier::General, Tier::Serious);
        // 发改办财金〔2019〕527号, 第58号, 第36号: months before it may be repaired, and at most.
        for (on, kind, tier, months) in [
            ("2019-06-30", arrears, general, (0, None)),
            ("2019-07-01", arrears, general, (3, Some(12))),
            ("2023-04-30", arrears, serious, (6, Some(36))),
            ("2023-05-01", arrears, serious, (12, Some(36))),
            ("2023-05-01", arrears, general, (3, Some(36))),
            ("2026-03-31", arrears, general, (3, Some(36))),
            ("2026-04-01", arrears, general, (3, Some(12))),
            ("2026-03-31", breach, general, (0, Some(36))),
            ("2026-04-01", breach, general, (0, Some(12))),
            ("2026-03-31", breach, minor, (0, Some(3))),
            ("2026-04-01", breach, serious, (0, Some(36))),
        ] {
            let rule = rules.rule(kind, Some(tier), day(on), None, tree);
            let found = rule.map(|rule| (rule.min_months, rule.max_months));
            assert_eq!(found, Some(months), "{on} {kind} {tier}");
        }
    }

    #[test]
    fn months_end_on_the_same_day_or_the_months_last() {
        let catalogue = Catalogue::load(None).expect("the shipped catalogue is sound");
        let rule = catalogue
            .casework
            .publicity
            .0
            .first()
            .expect("there are rules");
        for (start, months, end) in [
            ("2026-11-30", 3, "2027-02-28"),
            ("2027-12-31", 2, "2028-02-29"),
            ("2028-02-29", 12, "2029-02-28"),
        ] {
            let mut rule = rule.clone();
            rule.max_months = Some(months);
            assert_eq!(rule.window(day(start)).maximum, Some(day(end)), "{start}");
        }
    }
}
