//! A pack's own tests: `[[case]]`.

use std::collections::{BTreeMap, HashSet};

use chrono::NaiveDate;
use domain::{
    agency::AgencyKind,
    assess::{Facts, Ground, RulePack, Scored},
    credit_record::{CreditRecord, CreditRecordKind, CreditRecordStatus, RecordSubject},
    indicator::Indicator,
    money::{Money, MoneyUnit},
};
use serde::Deserialize;
use toml::Spanned;

use super::{
    super::{Error, Lists, casework::At},
    decimal,
    pack::Places,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCase {
    what: Spanned<String>,
    on: NaiveDate,
    body: Spanned<String>,
    #[serde(default)]
    records: Vec<RawRecord>,
    #[serde(default)]
    indicators: Vec<RawIndicator>,
    fires: BTreeMap<String, Spanned<String>>,
    score: Spanned<String>,
    grade: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRecord {
    kind: Spanned<String>,
    tier: Option<Spanned<String>>,
    status: Spanned<String>,
    item: String,
    domain: Option<String>,
    amount: Option<Spanned<String>>,
    overdue_since: Option<NaiveDate>,
    identified_on: NaiveDate,
    corrected_on: Option<NaiveDate>,
    ended_on: Option<NaiveDate>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawIndicator {
    code: String,
    value: Spanned<String>,
    from: NaiveDate,
    to: NaiveDate,
}

/// Whether the pack does what its cases say, each rule being fired by one and not by another.
pub(super) fn check(
    at: At<'_>,
    lists: &Lists,
    pack: &RulePack,
    cases: Vec<RawCase>,
    places: &Places,
) -> Result<(), Vec<Error>> {
    let mut errors = Vec::new();
    let (mut fired, mut spared) = (HashSet::new(), HashSet::new());
    for case in cases {
        match run(at, lists, pack, &case) {
            Ok(scored) => {
                let gave = |code: &str| {
                    let mut parts = scored.contributions.iter();
                    parts.any(|part| part.ground == Ground::Rule(code.to_owned()))
                };
                for rule in &pack.rules {
                    let set = if gave(&rule.code) {
                        &mut fired
                    } else {
                        &mut spared
                    };
                    set.insert(rule.code.as_str());
                }
            }
            Err(error) => errors.push(error),
        }
    }
    for (rule, place) in pack.rules.iter().zip(&places.rules) {
        for (set, what) in [(&fired, "gives no point"), (&spared, "gives points")] {
            if !set.contains(rule.code.as_str()) {
                let reason = format!("{what} in every [[case]] of the pack");
                errors.push(at.place(place, &format!("rule {}", rule.code), reason));
            }
        }
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(errors)
    }
}

fn run(at: At<'_>, lists: &Lists, pack: &RulePack, case: &RawCase) -> Result<Scored, Error> {
    let records: Vec<_> = case
        .records
        .iter()
        .map(|raw| record(at, lists, raw))
        .collect::<Result<_, _>>()?;
    let indicators: Vec<_> = case
        .indicators
        .iter()
        .map(|raw| indicator(at, raw))
        .collect::<Result<_, _>>()?;
    let facts = Facts {
        body: at.word::<AgencyKind>(&case.body, "case.body")?,
        records: (1..).zip(&records).collect(),
        indicators: (1..).zip(&indicators).collect(),
    };
    let scored = pack.evaluate(&facts, case.on);
    // Told before weights: what the rule itself says.
    let mut found: BTreeMap<&str, _> = BTreeMap::new();
    for rule in &pack.rules {
        if let Some(points) = rule.points(&facts, case.on) {
            found.insert(&rule.code, points);
        }
    }
    for (code, points) in &case.fires {
        let expected = decimal(at, points, "case.fires")?;
        if found.get(code.as_str()) != Some(&expected) {
            let gave = found
                .get(code.as_str())
                .map_or("nothing".to_owned(), ToString::to_string);
            let reason = format!("{code} gives {gave}, expected {expected}");
            return Err(at.error(points, "case.fires", reason));
        }
    }
    let other = found
        .iter()
        .find(|(code, _)| !case.fires.contains_key(**code));
    if let Some((code, points)) = other {
        let reason = format!("{code} gives {points}, expected nothing");
        return Err(at.error(&case.what, "case.fires", reason));
    }
    if scored.score != decimal(at, &case.score, "case.score")? {
        let reason = format!("comes to {}", scored.score);
        return Err(at.error(&case.score, "case.score", reason));
    }
    if scored.grade != *case.grade.get_ref() {
        let reason = format!("comes to {}", scored.grade);
        return Err(at.error(&case.grade, "case.grade", reason));
    }
    Ok(scored)
}

pub(super) fn record(at: At<'_>, lists: &Lists, raw: &RawRecord) -> Result<CreditRecord, Error> {
    let kind: CreditRecordKind = at.word(&raw.kind, "case.records.kind")?;
    // A test of what can't be proves nothing.
    if let Some(own) = lists.kind(&raw.item).filter(|own| *own != kind) {
        let reason = format!("{} is {own} by the list", raw.item);
        return Err(at.error(&raw.kind, "case.records.kind", reason));
    }
    let amount = raw.amount.as_ref().map(|amount| {
        let read = Money::parse(amount.get_ref(), MoneyUnit::Yuan);
        let read =
            read.map_err(|error| at.error(amount, "case.records.amount", error.to_string()))?;
        match read.cents() < 0 {
            true => Err(at.error(amount, "case.records.amount", "is below zero")),
            false => Ok(read),
        }
    });
    let tier = raw
        .tier
        .as_ref()
        .map(|tier| at.word(tier, "case.records.tier"));
    Ok(CreditRecord {
        tier: tier.transpose()?,
        status: at.word::<CreditRecordStatus>(&raw.status, "case.records.status")?,
        domain: raw.domain.clone(),
        amount: amount.transpose()?,
        overdue_since: raw.overdue_since,
        ended_on: raw.ended_on,
        corrected_on: raw.corrected_on,
        ..CreditRecord::new(
            RecordSubject::Agency(0),
            kind,
            raw.item.clone(),
            raw.identified_on,
        )
    })
}

pub(super) fn indicator(at: At<'_>, raw: &RawIndicator) -> Result<Indicator, Error> {
    Ok(Indicator {
        agency_id: 0,
        code: raw.code.clone(),
        title: String::new(),
        period_from: raw.from,
        period_to: raw.to,
        value: decimal(at, &raw.value, "case.indicators.value")?,
    })
}
