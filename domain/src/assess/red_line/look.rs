//! Whether a body stands across a red line on a day, how seriously, and by what.

use std::collections::HashSet;

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};
use rust_decimal::Decimal;

use crate::{
    casework::Case,
    clue::{Clue, ClueStage},
    date::china_day,
    id::{Kind, derived_id},
    indicator::Indicator,
};

use super::{
    super::{
        condition::Fact,
        evaluate::{Facts, Scored},
    },
    Alarm, CaseTrouble, RedLine, Standing, Trigger, Worse,
};

impl RedLine {
    /// Whether the body stands across the line on a day, and how seriously.
    pub fn look(&self, standing: &Standing<'_>, on: NaiveDate) -> Option<Alarm> {
        if !self.bodies.is_empty() && !self.bodies.contains(&standing.facts.body) {
            return None;
        }
        let mut alarm = self.trigger.find(standing, on)?;
        let reached = |worse: &&Worse| alarm.count >= worse.at_least;
        let worse = self.worse.iter().rev().find(reached);
        alarm.level = worse.map_or(self.level, |worse| worse.level);
        alarm.count = alarm.count.normalize();
        alarm.records.sort_unstable();
        alarm.causes.sort_unstable();
        alarm.handlers.sort_unstable();
        alarm.handlers.dedup();
        Some(alarm)
    }
}

impl Trigger {
    /// What crosses the line, whatever its level is.
    fn find(&self, standing: &Standing<'_>, on: NaiveDate) -> Option<Alarm> {
        let facts = standing.facts;
        match self {
            Self::Records { of, when, at_least } => {
                let crossing = facts.records.iter().filter(|(_, record)| {
                    of.takes(record, on) && when.holds(Fact::Record(record), on)
                });
                let records: Vec<i64> = crossing.map(|(id, _)| *id).collect();
                Some(Alarm {
                    count: enough(records.len(), *at_least)?,
                    records,
                    ..Alarm::default()
                })
            }
            Self::Indicators { when, at_least } => {
                let crossing = facts
                    .indicators
                    .iter()
                    .filter(|(_, one)| one.period_to <= on && when.holds(Fact::Indicator(one), on));
                let causes: Vec<i64> = crossing.map(|(id, _)| *id).collect();
                Some(Alarm {
                    count: enough(causes.len(), *at_least)?,
                    causes,
                    ..Alarm::default()
                })
            }
            Self::Missing {
                code,
                when,
                years_ago,
                from,
            } => {
                let year = on.year() - years_ago;
                let is_it = |one: &Indicator| {
                    let is_meant = one.code == *code && one.period_to.year() == year;
                    is_meant && when.holds(Fact::Indicator(one), on)
                };
                let was_there = standing.established_on.is_none_or(|day| day.year() <= year);
                let is_missing = (on.month(), on.day()) >= *from
                    && was_there
                    && (standing.is_told)(code, year)
                    && !facts.indicators.iter().any(|(_, one)| is_it(one));
                is_missing.then(|| Alarm {
                    count: Decimal::ONE,
                    causes: vec![year.into()],
                    ..Alarm::default()
                })
            }
            Self::Clues {
                channels,
                days,
                at_least,
            } => {
                let since = on.checked_sub_days(Days::new(u64::from(*days)))?;
                let meant = |clue: &&&Clue| {
                    let day = china_day(clue.received_at);
                    let is_of = channels.is_empty() || channels.contains(&clue.channel);
                    is_of && waits(clue) && since < day && day <= on
                };
                let recent = standing.clues.iter().filter(meant);
                let mut recent: Vec<DateTime<Utc>> = recent.map(|clue| clue.received_at).collect();
                recent.sort_unstable();
                let since = recent.iter().rev().nth(at_least - 1);
                Some(Alarm {
                    count: enough(recent.len(), *at_least)?,
                    enough: since.map(|since| ((*at_least).into(), *since)),
                    ..Alarm::default()
                })
            }
            Self::Cases { trouble, workflows } => {
                let meant = standing
                    .cases
                    .iter()
                    .filter(|(_, case)| workflows.is_empty() || workflows.contains(&case.workflow));
                let mut alarm = Alarm::default();
                for (id, case) in meant {
                    let causes = trouble.causes(*id, case, standing.may_answer, on);
                    if !causes.is_empty() {
                        alarm.count += Decimal::from(causes.len());
                        alarm.records.extend(case.about.record);
                        alarm.handlers.extend(case.handler);
                        alarm.causes.extend(causes);
                    }
                }
                (!alarm.causes.is_empty()).then_some(alarm)
            }
            Self::Grade(at_most) => {
                let place = |code: &str| standing.pack.grade(code);
                let grade = place(&standing.scored.grade);
                place(at_most)
                    .is_some_and(|most| grade >= Some(most))
                    .then(|| Alarm {
                        count: Decimal::ONE,
                        causes: losing(standing.scored, |_| true),
                        ..Alarm::default()
                    })
            }
            Self::Fall { points, days } => {
                let fell = (standing.score_before)(*days) - standing.scored.score;
                if fell < *points {
                    return None;
                }
                let recent = facts_within(facts, *days, on);
                Some(Alarm {
                    count: fell,
                    causes: losing(standing.scored, |id| recent.contains(&id)),
                    ..Alarm::default()
                })
            }
        }
    }
}

fn enough(count: usize, at_least: usize) -> Option<Decimal> {
    (count >= at_least).then(|| count.into())
}

/// Whether a lead waits for its verification.
fn waits(clue: &Clue) -> bool {
    matches!(
        clue.stage,
        ClueStage::Received | ClueStage::Transferred | ClueStage::Verifying
    )
}

/// Those of the facts by which points are lost that are meant.
fn losing(scored: &Scored, is_meant: impl Fn(i64) -> bool) -> Vec<i64> {
    let parts = scored.contributions.iter();
    let lost = parts.filter(|part| part.points.is_sign_negative());
    let facts = lost.flat_map(|part| part.records.iter().chain(&part.indicators));
    let mut facts: Vec<i64> = facts.copied().filter(|id| is_meant(*id)).collect();
    facts.sort_unstable();
    facts.dedup();
    facts
}

/// The numbers of a body's facts of the last so many days.
fn facts_within(facts: &Facts<'_>, days: u32, on: NaiveDate) -> HashSet<i64> {
    let records = facts.records.iter();
    let records = records.map(|(id, record)| (*id, Fact::Record(record)));
    let indicators = facts.indicators.iter();
    let indicators = indicators.map(|(id, one)| (*id, Fact::Indicator(one)));
    records
        .chain(indicators)
        .filter(|(_, fact)| fact.age_days(on) < i64::from(days))
        .map(|(id, _)| id)
        .collect()
}

impl CaseTrouble {
    /// What of it a case has on a day: numbers of periods that are over, or of orders without an answer.
    fn causes(
        self,
        id: i64,
        case: &Case,
        may_answer: &dyn Fn(&Case) -> bool,
        on: NaiveDate,
    ) -> Vec<i64> {
        match self {
            Self::Overdue => {
                // Whoever decides late on an objection or a repair is not the body that it is about.
                let over = case.running.iter().filter(|running| running.is_over(on));
                over.map(|running| cause(id, &format!("{} {}", running.rule, running.on)))
                    .collect()
            }
            // What nobody can answer any more was overtaken by what the case came to.
            Self::OrderUnanswered if !may_answer(case) => Vec::new(),
            Self::OrderUnanswered => {
                let orders = case.orders.iter();
                let late = orders.filter(|order| order.answered_on.is_none() && order.due_on < on);
                late.map(|order| cause(id, &format!("order {}", order.number)))
                    .collect()
            }
        }
    }
}

/// The number of something in a case.
fn cause(case: i64, what: &str) -> i64 {
    derived_id(Kind::Case, case, what)
}
