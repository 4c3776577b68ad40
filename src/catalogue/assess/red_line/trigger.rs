//! What crosses a red line, as `redlines.toml` has it.

use domain::assess::{CaseTrouble, RulePack, Trigger};
use rust_decimal::Decimal;
use serde::Deserialize;
use toml::Spanned;

use super::super::{
    super::{Error, Lists, casework::At},
    condition::{About, RawCondition},
    decimal, rule,
};

/// Days back at most that a red line looks.
const DAYS_MAX: u32 = 3_660;
/// Years back at most that something is missed.
const YEARS_MAX: u32 = 10;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTrigger {
    records: Option<RawRecords>,
    indicators: Option<RawIndicators>,
    missing: Option<RawMissing>,
    clues: Option<RawClues>,
    cases: Option<RawCases>,
    grade: Option<RawGrade>,
    fall: Option<RawFall>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRecords {
    status: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    when: Vec<Spanned<RawCondition>>,
    at_least: Spanned<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawIndicators {
    #[serde(default)]
    when: Vec<Spanned<RawCondition>>,
    at_least: Spanned<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawMissing {
    code: Spanned<String>,
    #[serde(default)]
    when: Vec<Spanned<RawCondition>>,
    years_ago: Spanned<u32>,
    from: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawClues {
    #[serde(default)]
    channels: Vec<String>,
    days: Spanned<u32>,
    at_least: Spanned<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCases {
    what: Spanned<String>,
    #[serde(default)]
    workflows: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawGrade {
    at_most: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFall {
    points: Spanned<String>,
    days: Spanned<u32>,
}

pub(super) fn bounded(at: At<'_>, days: &Spanned<u32>, key: &str, most: u32) -> Result<u32, Error> {
    match *days.get_ref() {
        found if (1..=most).contains(&found) => Ok(found),
        found => Err(at.error(days, key, format!("{found}, expected 1 to {most}"))),
    }
}

fn enough(at: At<'_>, count: &Spanned<usize>) -> Result<usize, Error> {
    match *count.get_ref() {
        0 => Err(at.error(count, "redline.when.at_least", "0, expected 1 or more")),
        count => Ok(count),
    }
}

pub(super) fn trigger(
    at: At<'_>,
    lists: &Lists,
    packs: &[RulePack],
    raw: RawTrigger,
    code: &Spanned<String>,
) -> Result<Trigger, Error> {
    let about = |is_records| About {
        at,
        lists: Some(lists),
        is_records,
    };
    let given = [
        raw.records.is_some(),
        raw.indicators.is_some(),
        raw.missing.is_some(),
        raw.clues.is_some(),
        raw.cases.is_some(),
        raw.grade.is_some(),
        raw.fall.is_some(),
    ];
    if given.iter().filter(|given| **given).count() != 1 {
        let reason =
            "expected exactly one of records, indicators, missing, clues, cases, grade, fall";
        return Err(at.error(code, "redline.when", reason));
    }
    if let Some(records) = raw.records {
        let kind = Spanned::new(code.span(), "RECORDS".to_owned());
        return Ok(Trigger::Records {
            of: rule::of(at, &kind, records.status.as_deref())?,
            when: about(true).all(records.when)?,
            at_least: enough(at, &records.at_least)?,
        });
    }
    if let Some(indicators) = raw.indicators {
        return Ok(Trigger::Indicators {
            when: about(false).all(indicators.when)?,
            at_least: enough(at, &indicators.at_least)?,
        });
    }
    if let Some(missing) = raw.missing {
        let years = bounded(
            at,
            &missing.years_ago,
            "redline.when.missing.years_ago",
            YEARS_MAX,
        )?;
        return Ok(Trigger::Missing {
            when: about(false).all(missing.when)?,
            years_ago: i32::try_from(years).unwrap_or(i32::MAX),
            from: at.month_day(&missing.from, "redline.when.missing.from")?,
            code: at.said(missing.code, "redline.when.missing.code")?,
        });
    }
    if let Some(clues) = raw.clues {
        return Ok(Trigger::Clues {
            channels: clues.channels,
            days: bounded(at, &clues.days, "redline.when.clues.days", DAYS_MAX)?,
            at_least: enough(at, &clues.at_least)?,
        });
    }
    if let Some(cases) = raw.cases {
        return Ok(Trigger::Cases {
            trouble: at.word::<CaseTrouble>(&cases.what, "redline.when.cases.what")?,
            workflows: cases.workflows,
        });
    }
    if let Some(grade) = raw.grade {
        let code = grade.at_most.get_ref();
        let mut defaults = packs.iter().filter(|pack| pack.is_default);
        if !defaults.all(|pack| pack.grade(code).is_some()) {
            let reason = "is no grade of the default pack";
            return Err(at.error(&grade.at_most, "redline.when.grade.at_most", reason));
        }
        return Ok(Trigger::Grade(code.clone()));
    }
    let fall = raw.fall.expect("one of them is given");
    let points = decimal(at, &fall.points, "redline.when.fall.points")?;
    if points <= Decimal::ZERO {
        let reason = "expected more than 0";
        return Err(at.error(&fall.points, "redline.when.fall.points", reason));
    }
    Ok(Trigger::Fall {
        points,
        days: bounded(at, &fall.days, "redline.when.fall.days", DAYS_MAX)?,
    })
}
