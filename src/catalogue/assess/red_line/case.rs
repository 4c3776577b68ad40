//! The red lines' own tests: `[[case]]`.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use chrono::NaiveDate;
use domain::{
    agency::AgencyKind,
    assess::{Facts, RedLine, RulePack, Scored, Standing},
    casework::{Case, Order, Running},
    clue::{Clue, ClueStage},
};
use rust_decimal::Decimal;
use serde::Deserialize;
use toml::Spanned;

use super::super::{
    super::{Error, Lists, casework::At},
    case::{RawIndicator, RawRecord, indicator, record},
    decimal,
};

/// Leads that a case may count at most.
const CLUES_MAX: usize = 1_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCase {
    what: Spanned<String>,
    on: NaiveDate,
    body: Spanned<String>,
    established_on: Option<NaiveDate>,
    #[serde(default)]
    records: Vec<RawRecord>,
    #[serde(default)]
    indicators: Vec<RawIndicator>,
    #[serde(default)]
    clues: Vec<RawClues>,
    #[serde(default)]
    cases: Vec<RawWork>,
    /// The grade by the default pack; the best one where it does not say.
    grade: Option<Spanned<String>>,
    /// Points by which the score fell within the days that a line looks back.
    fell: Option<Spanned<String>>,
    /// Measurements that were told of others.
    #[serde(default)]
    told: Vec<Told>,
    crosses: BTreeMap<String, Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawClues {
    channel: String,
    stage: Spanned<String>,
    received_on: NaiveDate,
    count: Spanned<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawWork {
    workflow: String,
    due_on: Option<NaiveDate>,
    #[serde(default)]
    due_is_provisional: bool,
    #[serde(default)]
    orders: Vec<RawOrder>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawOrder {
    issued_on: NaiveDate,
    due_on: NaiveDate,
    answered_on: Option<NaiveDate>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    code: String,
    year: i32,
}

/// Whether the lines are crossed as the cases say, each by one and not by another one of its days.
pub(super) fn check(
    at: At<'_>,
    lists: &Lists,
    packs: &[RulePack],
    lines: &[(Spanned<String>, RedLine)],
    cases: Vec<RawCase>,
) -> Result<(), Vec<Error>> {
    let mut errors = Vec::new();
    let (mut crossed, mut spared) = (HashSet::new(), HashSet::new());
    for case in cases {
        match run(at, lists, packs, lines, &case) {
            Ok(found) => {
                for (place, (_, line)) in lines.iter().enumerate() {
                    if found.contains(&place) {
                        crossed.insert(place);
                    } else if line.is_in_force(case.on) {
                        spared.insert(place);
                    }
                }
            }
            Err(error) => errors.push(error),
        }
    }
    for (place, (code, _)) in lines.iter().enumerate() {
        for (set, what) in [(&crossed, "crossed"), (&spared, "spared")] {
            if !set.contains(&place) {
                let reason = format!("{} is {what} by no [[case]]", code.get_ref());
                errors.push(at.error(code, "redline.code", reason));
            }
        }
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(errors)
    }
}

/// The places of the lines that a case crosses.
fn run(
    at: At<'_>,
    lists: &Lists,
    packs: &[RulePack],
    lines: &[(Spanned<String>, RedLine)],
    case: &RawCase,
) -> Result<BTreeSet<usize>, Error> {
    let on = case.on;
    let mut defaults = packs.iter().filter(|pack| pack.is_default);
    let Some(pack) = defaults.find(|pack| pack.is_in_force(on)) else {
        return Err(at.error(&case.what, "case.on", format!("no rule pack holds on {on}")));
    };
    let records = case.records.iter().map(|raw| record(at, lists, raw));
    let records: Vec<_> = records.collect::<Result<_, _>>()?;
    let indicators = case.indicators.iter().map(|raw| indicator(at, raw));
    let indicators: Vec<_> = indicators.collect::<Result<_, _>>()?;
    let clues = case.clues.iter().map(|raw| leads(at, raw));
    let clues: Vec<Clue> = clues.collect::<Result<Vec<_>, _>>()?.concat();
    let cases: Vec<Case> = case.cases.iter().map(work).collect();
    let facts = Facts {
        body: at.word::<AgencyKind>(&case.body, "case.body")?,
        records: (1..).zip(&records).collect(),
        indicators: (1..).zip(&indicators).collect(),
    };
    let clues: Vec<&Clue> = clues.iter().collect();
    let cases: Vec<(i64, &Case)> = (1..).zip(&cases).collect();
    let grade = case.grade.as_ref();
    if let Some(grade) = grade.filter(|grade| pack.grade(grade.get_ref()).is_none()) {
        return Err(at.error(grade, "case.grade", "is no grade of the default pack"));
    }
    let fell = case.fell.as_ref();
    let fell = fell
        .map(|fell| decimal(at, fell, "case.fell"))
        .transpose()?;
    let best = || pack.grades.first().map(|grade| grade.code.clone());
    let scored = Scored {
        score: Decimal::ZERO,
        grade: grade
            .map(|grade| grade.get_ref().clone())
            .or_else(best)
            .unwrap_or_default(),
        vetoes: Vec::new(),
        contributions: Vec::new(),
    };
    let is_told = |code: &str, year: i32| {
        let mut told = case.told.iter();
        told.any(|told| told.code == code && told.year == year)
    };
    let standing = Standing {
        facts: &facts,
        established_on: case.established_on,
        is_told: &is_told,
        clues: &clues,
        cases: &cases,
        // Lines are tried here, and not the stages of tracks.
        may_answer: &|_| true,
        pack,
        scored: &scored,
        score_before: &|_| fell.unwrap_or_default(),
    };
    let mut crossed = BTreeSet::new();
    let mut expected = case.crosses.clone();
    for (place, (_, line)) in lines.iter().enumerate() {
        let alarm = line
            .is_in_force(on)
            .then(|| line.look(&standing, on))
            .flatten();
        let Some(alarm) = alarm else { continue };
        crossed.insert(place);
        let found = format!("{} is crossed as {}", line.code, alarm.level);
        match expected.remove(&line.code) {
            Some(level) if *level.get_ref() == alarm.level.as_str() => {}
            Some(level) => {
                let reason = format!("{found}, expected {}", level.get_ref());
                return Err(at.error(&level, "case.crosses", reason));
            }
            None => {
                let reason = format!("{found}, expected not to be");
                return Err(at.error(&case.what, "case.crosses", reason));
            }
        }
    }
    match expected.pop_first() {
        Some((code, level)) => {
            let reason = format!("{code} is not crossed, expected {}", level.get_ref());
            Err(at.error(&level, "case.crosses", reason))
        }
        None => Ok(crossed),
    }
}

fn leads(at: At<'_>, raw: &RawClues) -> Result<Vec<Clue>, Error> {
    let count = *raw.count.get_ref();
    if count > CLUES_MAX {
        let reason = format!("{count}, expected at most {CLUES_MAX}");
        return Err(at.error(&raw.count, "case.clues.count", reason));
    }
    let noon = raw.received_on.and_hms_opt(4, 0, 0);
    let clue = Clue {
        agency_ids: Vec::new(),
        channel: raw.channel.clone(),
        category: None,
        title: String::new(),
        content: None,
        stage: at.word::<ClueStage>(&raw.stage, "case.clues.stage")?,
        due_on: None,
        due_is_provisional: false,
        passed_on: None,
        ended_on: None,
        received_at: noon.unwrap_or_default().and_utc(),
        amount: None,
    };
    Ok(vec![clue; count])
}

fn work(raw: &RawWork) -> Case {
    let running = raw.due_on.map(|on| Running {
        rule: raw.workflow.clone(),
        since: on,
        on,
        is_provisional: raw.due_is_provisional,
        is_extended: false,
    });
    let orders = (1..).zip(&raw.orders).map(|(number, order)| Order {
        number,
        issued_on: order.issued_on,
        due_on: order.due_on,
        answered_on: order.answered_on,
    });
    Case {
        workflow: raw.workflow.clone(),
        running,
        orders: orders.collect(),
        ..Case::default()
    }
}
