//! What a pack makes of a body on a day: the score, the grade, and where every point comes from.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{
    agency::AgencyKind,
    credit_record::{CreditRecord, CreditRecordStatus},
    indicator::Indicator,
};

use super::{
    condition::Fact,
    pack::{Band, Counting, Decay, Measured, Of, Rule, RulePack},
};

/// What there is of a body, each with its stable number. The order means nothing.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    /// Its kind.
    pub body: AgencyKind,
    /// Its records, whatever became of them.
    pub records: Vec<(i64, &'a CreditRecord)>,
    /// Its measurements.
    pub indicators: Vec<(i64, &'a Indicator)>,
}

/// Where points come from.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Ground {
    /// 基准分: what every body begins with.
    Base,
    /// A rule, by its code.
    Rule(String),
    /// What a heading's bounds give back or take away, by its code.
    Bounds(String),
    /// What the pack's own bounds do.
    Limits,
}

/// One part of a score; all of them add up to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contribution {
    /// Where it comes from.
    pub ground: Ground,
    /// Points, after caps and weights.
    pub points: Decimal,
    /// Numbers of the records that were counted, rising.
    pub records: Vec<i64>,
    /// Numbers of the measurements that were counted, rising.
    pub indicators: Vec<i64>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scored {
    /// The sum of all contributions.
    pub score: Decimal,
    /// Code of the grade.
    pub grade: String,
    /// Codes of the rules that keep the grade down, in the order of their codes.
    pub vetoes: Vec<String>,
    /// The base first, then rules by code, then what bounds do.
    pub contributions: Vec<Contribution>,
}

/// What one rule found.
struct Found {
    points: Decimal,
    records: Vec<i64>,
    indicators: Vec<i64>,
}

impl RulePack {
    /// Grades a body as of a day. What began after the day, and records that are repaired or withdrawn by
    /// then, count nothing.
    pub fn evaluate(&self, facts: &Facts<'_>, on: NaiveDate) -> Scored {
        let mut sums = vec![Decimal::ZERO; self.headings.len()];
        let mut parts = Vec::new();
        let mut vetoes = Vec::new();
        let mut best = 0;
        for rule in &self.rules {
            let Some(found) = rule.find(facts, on) else {
                continue;
            };
            sums[rule.heading] += found.points;
            if let Some(veto) = rule.veto {
                best = best.max(veto);
                vetoes.push(rule.code.clone());
            }
            parts.push(Contribution {
                ground: Ground::Rule(rule.code.clone()),
                points: (found.points * self.headings[rule.heading].weight).normalize(),
                records: found.records,
                indicators: found.indicators,
            });
        }
        vetoes.sort_unstable();
        self.keep_within(&mut sums, &mut parts);
        parts.push(plain(Ground::Base, self.base));
        let sum: Decimal = parts.iter().map(|part| part.points).sum();
        let score = sum.clamp(self.least, self.most);
        if score != sum {
            parts.push(plain(Ground::Limits, score - sum));
        }
        parts.sort_unstable_by(|a, b| a.ground.cmp(&b.ground));
        let reached = |grade: &super::Grade| grade.at_least.is_none_or(|least| score >= least);
        let grade = self.grades.iter().position(reached).unwrap_or(0).max(best);
        Scored {
            score: score.normalize(),
            grade: self.grades[grade].code.clone(),
            vetoes,
            contributions: parts,
        }
    }

    /// Keeps each heading's sum within its bounds, from below, and tells what that gave or took.
    fn keep_within(&self, sums: &mut [Decimal], parts: &mut Vec<Contribution>) {
        for at in (0..self.headings.len()).rev() {
            let heading = &self.headings[at];
            let mut kept = sums[at];
            if let Some(least) = heading.least {
                kept = kept.max(least);
            }
            if let Some(most) = heading.most {
                kept = kept.min(most);
            }
            if kept != sums[at] {
                let points = (kept - sums[at]) * heading.weight;
                parts.push(plain(Ground::Bounds(heading.code.clone()), points));
            }
            if let Some(parent) = heading.parent {
                sums[parent] += kept;
            }
        }
    }
}

fn plain(ground: Ground, points: Decimal) -> Contribution {
    Contribution {
        ground,
        points: points.normalize(),
        records: Vec::new(),
        indicators: Vec::new(),
    }
}

impl Of {
    /// Whether a record may be counted on a day as far as its course goes.
    pub(super) fn takes(&self, record: &CreditRecord, on: NaiveDate) -> bool {
        let Self::Records(statuses) = self else {
            return false;
        };
        let status = record.status_on(on);
        let is_over = matches!(
            status,
            CreditRecordStatus::Repaired | CreditRecordStatus::Withdrawn
        );
        record.identified_on <= on && !is_over && statuses.contains(&status)
    }
}

impl Rule {
    /// Points that it gives a body on a day, before bounds and weight; none where it says nothing.
    pub fn points(&self, facts: &Facts<'_>, on: NaiveDate) -> Option<Decimal> {
        self.find(facts, on).map(|found| found.points)
    }

    /// What it gives a body on a day; none where it says nothing.
    fn find(&self, facts: &Facts<'_>, on: NaiveDate) -> Option<Found> {
        if !self.bodies.is_empty() && !self.bodies.contains(&facts.body) {
            return None;
        }
        let mut found: Vec<(i64, Fact<'_>)> = match self.of {
            Of::Records(_) => {
                let taken = facts.records.iter();
                let taken = taken.filter(|(_, record)| self.of.takes(record, on));
                taken
                    .map(|(id, record)| (*id, Fact::Record(record)))
                    .collect()
            }
            Of::Indicators => {
                let begun = facts.indicators.iter();
                let begun = begun.filter(|(_, indicator)| indicator.period_to <= on);
                begun.map(|(id, one)| (*id, Fact::Indicator(one))).collect()
            }
        };
        found.retain(|(_, fact)| self.when.holds(*fact, on));
        found.sort_unstable_by_key(|(id, _)| *id);
        let points = self.counting.points(&found, on)?;
        let points = match self.cap {
            Some(cap) if cap < Decimal::ZERO => points.max(cap),
            Some(cap) => points.min(cap),
            None => points,
        };
        if points.is_zero() {
            return None;
        }
        let ids: Vec<i64> = found.iter().map(|(id, _)| *id).collect();
        let (records, indicators) = match self.of {
            Of::Records(_) => (ids, Vec::new()),
            Of::Indicators => (Vec::new(), ids),
        };
        Some(Found {
            points,
            records,
            indicators,
        })
    }
}

impl Counting {
    /// Whether its points are lost; none where some are lost and some earned, or none given.
    pub fn sign(&self) -> Option<bool> {
        let loses = |points: &Decimal| points.is_sign_negative();
        match self {
            Self::Each(points, _) | Self::Once(points, _) | Self::None(points) => {
                (!points.is_zero()).then(|| loses(points))
            }
            Self::Bands(_, bands) => {
                let first = bands.first().map(|band| loses(&band.points))?;
                let same = |band: &Band| loses(&band.points) == first;
                bands.iter().all(same).then_some(first)
            }
        }
    }

    fn points(&self, found: &[(i64, Fact<'_>)], on: NaiveDate) -> Option<Decimal> {
        match self {
            Self::Each(points, decay) => {
                let share = |(_, fact): &(i64, Fact<'_>)| factor(decay, fact.age_days(on));
                Some(found.iter().map(|fact| *points * share(fact)).sum())
            }
            Self::Once(points, at_least) => (found.len() >= *at_least).then_some(*points),
            Self::None(points) => found.is_empty().then_some(*points),
            Self::Bands(measured, bands) => band(bands, measured.of(found)?),
        }
    }
}

fn factor(decay: &[Decay], age_days: i64) -> Decimal {
    let reached = |decay: &&Decay| age_days >= i64::from(decay.after_days);
    let last = decay.iter().rev().find(reached);
    last.map_or(Decimal::ONE, |decay| decay.factor)
}

fn band(bands: &[Band], measure: Decimal) -> Option<Decimal> {
    let reached = |band: &&Band| measure >= band.at_least;
    bands.iter().rev().find(reached).map(|band| band.points)
}

impl Measured {
    /// None where nothing is measured.
    fn of(self, found: &[(i64, Fact<'_>)]) -> Option<Decimal> {
        let amount = |fact: &Fact<'_>| match fact {
            // Nobody owes less than nothing: the repair of such a record would raise the sum.
            Fact::Record(record) => {
                let amount = record.amount.map(|money| money.to_decimal());
                amount.map(|amount| amount.max(Decimal::ZERO))
            }
            Fact::Indicator(_) => None,
        };
        let value = |fact: &Fact<'_>| match fact {
            Fact::Indicator(indicator) => Some(indicator.value),
            Fact::Record(_) => None,
        };
        let facts = found.iter().map(|(_, fact)| fact);
        if found.is_empty() {
            return None;
        }
        match self {
            Self::Amount => Some(facts.filter_map(amount).sum()),
            Self::Value => Some(facts.filter_map(value).sum()),
            Self::Count => Some(found.len().into()),
            // Of one day the one with the greater number, so that no order of delivery shows.
            Self::Latest => found
                .iter()
                .filter_map(|(id, fact)| match fact {
                    Fact::Indicator(indicator) => Some((indicator.period_to, *id, indicator.value)),
                    Fact::Record(_) => None,
                })
                .max_by_key(|(to, id, _)| (*to, *id))
                .map(|(.., value)| value),
        }
    }
}

#[cfg(test)]
mod tests;
