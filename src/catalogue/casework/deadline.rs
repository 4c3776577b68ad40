//! `deadlines.toml`: periods, and when is reminded of what is due.

use chrono::NaiveDate;
use domain::{
    casework::{DeadlineRule, Deadlines, DueKind, Party, Reminding, SetDayRule},
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

const FILE: &str = "deadlines.toml";
/// Days that a period may have: ten years.
const DAYS_MAX: u32 = 3_660;
/// Reminders of a kind that a rule may have.
const REMINDERS_MAX: usize = 10;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeadlineFile {
    version: Spanned<String>,
    deadline: Vec<Entry>,
    #[serde(default)]
    reminder: Vec<SetDayEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    key: Spanned<String>,
    title: Spanned<String>,
    days: Spanned<u32>,
    unit: Spanned<String>,
    cap: Option<Spanned<u32>>,
    #[serde(default)]
    rolls_forward: bool,
    owed_by: Option<Spanned<Vec<Spanned<String>>>>,
    reminders: Option<Spanned<Vec<u32>>>,
    overdue_reminders: Option<Spanned<Vec<u32>>>,
    escalates: Option<Spanned<Vec<u32>>>,
    #[serde(default)]
    tells: Vec<Spanned<String>>,
    division: Option<Spanned<String>>,
    legal_basis: Spanned<String>,
    verified: bool,
    from: Spanned<NaiveDate>,
    to: Option<Spanned<NaiveDate>>,
}

/// What somebody sets a day for: it has no length, and is only reminded of.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetDayEntry {
    of: Spanned<String>,
    unit: Spanned<String>,
    owed_by: Option<Spanned<Vec<Spanned<String>>>>,
    reminders: Option<Spanned<Vec<u32>>>,
    overdue_reminders: Option<Spanned<Vec<u32>>>,
    escalates: Option<Spanned<Vec<u32>>>,
    division: Option<Spanned<String>>,
    legal_basis: Spanned<String>,
    verified: bool,
    from: Spanned<NaiveDate>,
    to: Option<Spanned<NaiveDate>>,
}

pub(super) fn load(files: &Files, tree: Option<&DivisionTree>) -> Result<Deadlines, Vec<Error>> {
    let text = files.text(FILE).map_err(|error| vec![error])?;
    let file: DeadlineFile = parse(FILE, text).map_err(|error| vec![error])?;
    let at = At { file: FILE, text };
    at.said(file.version, "version")
        .map_err(|error| vec![error])?;
    let (mut held, mut held_days) = (Held::new(), Held::new());
    let twice = |at_key: &Spanned<String>, key: &str, from: Option<NaiveDate>| match from {
        Some(from) => {
            let reason = format!(
                "of {:?} there is a rule already, from {from}",
                at_key.get_ref()
            );
            Err(at.error(at_key, key, reason))
        }
        None => Ok(()),
    };
    let periods = all(file.deadline.into_iter().map(|entry| {
        let key = entry.key.clone();
        let rule = rule(at, entry, tree)?;
        let met = held.take((rule.key.clone(), rule.division), (rule.from, rule.to));
        twice(&key, "deadline.key", met).map(|()| rule)
    }));
    let set_days = all(file.reminder.into_iter().map(|entry| {
        let of = entry.of.clone();
        let rule = set_day(at, entry, tree)?;
        let met = held_days.take((rule.of, rule.division), (rule.from, rule.to));
        twice(&of, "reminder.of", met).map(|()| rule)
    }));
    match (periods, set_days) {
        (Ok(periods), Ok(set_days)) => Ok(Deadlines { periods, set_days }),
        (periods, set_days) => {
            let errors = [periods.err(), set_days.err()];
            Err(errors.into_iter().flatten().flatten().collect())
        }
    }
}

fn rule(at: At<'_>, entry: Entry, tree: Option<&DivisionTree>) -> Result<DeadlineRule, Error> {
    let days = *entry.days.get_ref();
    if !(1..=DAYS_MAX).contains(&days) {
        let reason = format!("{days}, expected 1 to {DAYS_MAX}");
        return Err(at.error(&entry.days, "deadline.days", reason));
    }
    if let Some(cap) = &entry.cap
        && !(days + 1..=DAYS_MAX).contains(cap.get_ref())
    {
        let reason = format!("{}, expected {} to {DAYS_MAX}", cap.get_ref(), days + 1);
        return Err(at.error(cap, "deadline.cap", reason));
    }
    let (from, to) = at.time(&entry.from, entry.to.as_ref())?;
    let (before, after) = (entry.reminders, entry.overdue_reminders);
    let reminding = Reminding {
        tells: at.words(&entry.tells, "deadline.tells")?,
        ..reminding(
            at,
            "deadline",
            entry.owed_by,
            (before, after),
            entry.escalates,
        )?
    };
    if let Some(first) = reminding.before.first().filter(|first| **first >= days) {
        let reason = format!("a reminder {first} days before the end of {days}");
        return Err(at.error(&entry.days, "deadline.reminders", reason));
    }
    Ok(DeadlineRule {
        days,
        unit: at.word(&entry.unit, "deadline.unit")?,
        cap: entry.cap.map(Spanned::into_inner),
        rolls_forward: entry.rolls_forward,
        reminding,
        division: at.division(entry.division.as_ref(), tree)?,
        key: at.said(entry.key, "deadline.key")?,
        title: at.said(entry.title, "deadline.title")?,
        legal_basis: at.said(entry.legal_basis, "deadline.legal_basis")?,
        verified: entry.verified,
        from,
        to,
    })
}

fn set_day(
    at: At<'_>,
    entry: SetDayEntry,
    tree: Option<&DivisionTree>,
) -> Result<SetDayRule, Error> {
    let of = at.word(&entry.of, "reminder.of")?;
    if !matches!(of, DueKind::Task | DueKind::Order | DueKind::Matter) {
        let reason = "a period that is counted has its reminders in its own rule";
        return Err(at.error(&entry.of, "reminder.of", reason));
    }
    let (from, to) = at.time(&entry.from, entry.to.as_ref())?;
    let (before, after) = (entry.reminders, entry.overdue_reminders);
    Ok(SetDayRule {
        of,
        unit: at.word(&entry.unit, "reminder.unit")?,
        reminding: reminding(
            at,
            "reminder",
            entry.owed_by,
            (before, after),
            entry.escalates,
        )?,
        division: at.division(entry.division.as_ref(), tree)?,
        legal_basis: at.said(entry.legal_basis, "reminder.legal_basis")?,
        verified: entry.verified,
        from,
        to,
    })
}

type DayList = Option<Spanned<Vec<u32>>>;

/// When is reminded: days before the last one, most first; days after it, fewest first.
fn reminding(
    at: At<'_>,
    table: &str,
    owed_by: Option<Spanned<Vec<Spanned<String>>>>,
    (before, after): (DayList, DayList),
    escalates: DayList,
) -> Result<Reminding, Error> {
    let owed_by: Vec<Party> = match &owed_by {
        Some(words) => {
            let key = format!("{table}.owed_by");
            let parties: Vec<Party> = at.words(words.get_ref(), &key)?;
            let is_body = |party: &Party| matches!(party, Party::Handler | Party::Concerned);
            if parties.is_empty() || !parties.iter().all(is_body) {
                return Err(at.error(words, &key, "expected HANDLER, CONCERNED or both"));
            }
            parties
        }
        None => vec![Party::Handler],
    };
    let list = |days: DayList, key: &str, fits: fn(u32, u32) -> bool, least: u32| {
        let Some(days) = days else {
            return Ok(Vec::new());
        };
        let said = days.get_ref();
        let is_in_order = said.windows(2).all(|pair| fits(pair[0], pair[1]));
        let is_in_range = said.iter().all(|day| (least..=DAYS_MAX).contains(day));
        if said.len() > REMINDERS_MAX || !is_in_order || !is_in_range {
            let reason = format!(
                "expected at most {REMINDERS_MAX} days from {least} to {DAYS_MAX}, in the order of time"
            );
            return Err(at.error(&days, &format!("{table}.{key}"), reason));
        }
        Ok(days.into_inner())
    };
    Ok(Reminding {
        before: list(before, "reminders", |a, b| a > b, 0)?,
        after: list(after, "overdue_reminders", |a, b| a < b, 1)?,
        escalates: list(escalates, "escalates", |a, b| a < b, 1)?,
        tells: Vec::new(),
        owed_by,
    })
}
