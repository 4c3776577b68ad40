//! A third party's indicators beside ours. Scales differ and are never merged: where a table declares which
//! heading of a pack an indicator answers to, both are set beside each other as shares of what can be had.

use rust_decimal::Decimal;

use crate::assessment::AssessmentLine;

use super::{
    evaluate::{Ground, Scored},
    pack::{Counting, Rule, RulePack},
};

/// Which heading of a pack answers to a third party's indicator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answering {
    /// Whose indicator; anybody's where none is named.
    pub assessor: Option<String>,
    /// What he calls it.
    pub indicator: String,
    /// Key of the pack.
    pub pack: String,
    /// Code of the heading.
    pub heading: String,
}

/// Points on a scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Points {
    /// How many.
    pub points: Decimal,
    /// The least and the most that there are; none where the scale has no end.
    pub scale: Option<(Decimal, Decimal)>,
}

/// One line of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beside {
    /// The third party's indicator; none of the whole.
    pub indicator: Option<String>,
    /// Code of our heading; none of the whole, and where none answers to it.
    pub heading: Option<String>,
    /// Theirs.
    pub theirs: Option<Points>,
    /// Ours.
    pub ours: Option<Points>,
}

impl Points {
    /// What share of what can be had it is, in per cent to two decimals.
    pub fn share(&self) -> Option<Decimal> {
        let (least, most) = self.scale?;
        let width = most - least;
        let share = (self.points - least).checked_mul(Decimal::ONE_HUNDRED)?;
        (!width.is_zero()).then(|| (share / width).round_dp(2).normalize())
    }
}

impl Beside {
    /// Theirs less ours, in points of per cent; none unless both have a scale.
    pub fn difference(&self) -> Option<Decimal> {
        let (theirs, ours) = (self.theirs?.share()?, self.ours?.share()?);
        Some((theirs - ours).normalize())
    }
}

/// A third party's lines beside a score of the same body, in their order.
pub fn beside(
    lines: &[&AssessmentLine],
    pack: &RulePack,
    scored: &Scored,
    table: &[Answering],
) -> Vec<Beside> {
    let theirs = |line: &AssessmentLine| {
        Some(Points {
            points: line.score?,
            scale: line.full_score.map(|full| (Decimal::ZERO, full)),
        })
    };
    let line = |line: &&AssessmentLine| match &line.indicator {
        None => Beside {
            indicator: None,
            heading: None,
            theirs: theirs(line),
            ours: Some(Points {
                points: scored.score,
                scale: Some((pack.least, pack.most)),
            }),
        },
        Some(indicator) => {
            let answers = |one: &&Answering| {
                let is_his = one
                    .assessor
                    .as_ref()
                    .is_none_or(|his| *his == line.assessor);
                is_his && one.indicator == *indicator && one.pack == pack.key
            };
            // What is said of one assessor goes before what is said of all.
            let found = table.iter().filter(answers);
            let found = found.max_by_key(|one| one.assessor.is_some());
            Beside {
                indicator: Some(indicator.clone()),
                heading: found.map(|one| one.heading.clone()),
                theirs: theirs(line),
                ours: found.and_then(|one| below(pack, scored, &one.heading)),
            }
        }
    };
    lines.iter().map(line).collect()
}

/// The points below a heading, with what bounds gave or took there.
fn below(pack: &RulePack, scored: &Scored, code: &str) -> Option<Points> {
    let heading = pack.heading(code)?;
    let is_below = |at: &str| {
        let rest = at.strip_prefix(code);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let counts = |ground: &Ground| match ground {
        Ground::Rule(rule) => pack
            .rule(rule)
            .is_some_and(|rule| is_below(&pack.headings[rule.heading].code)),
        Ground::Bounds(at) => is_below(at),
        Ground::Base | Ground::Limits => false,
    };
    let parts = scored.contributions.iter();
    let points = parts
        .filter(|part| counts(&part.ground))
        .map(|part| part.points);
    let points: Decimal = points.sum();
    // What its rules can come to at most, and no more than its bounds leave.
    let end = |bound: Option<Decimal>, loses: bool| {
        let at_heading = |rule: &&Rule| is_below(&pack.headings[rule.heading].code);
        let rules = pack.rules.iter().filter(at_heading);
        let reached: Option<Decimal> = rules.map(|rule| rule.end(loses)).sum();
        match (bound, reached) {
            (Some(bound), Some(reached)) if loses => Some(bound.max(reached)),
            (Some(bound), Some(reached)) => Some(bound.min(reached)),
            (bound, reached) => bound.or(reached),
        }
    };
    let scale = end(heading.least, true).zip(end(heading.most, false));
    Some(Points {
        points: points.normalize(),
        scale: scale.map(|(least, most)| (least * heading.weight, most * heading.weight)),
    })
}

impl Rule {
    /// The most points that it can take, or give; none where there is no end.
    fn end(&self, loses: bool) -> Option<Decimal> {
        let of_side = |points: Decimal| match points.is_sign_negative() == loses {
            true => points,
            false => Decimal::ZERO,
        };
        let reached = match &self.counting {
            Counting::Each(points, _) if of_side(*points).is_zero() => Some(Decimal::ZERO),
            Counting::Each(..) => self.cap,
            Counting::Once(points, _) | Counting::None(points) => Some(of_side(*points)),
            Counting::Bands(_, bands) => {
                let points = bands.iter().map(|band| of_side(band.points));
                points
                    .max_by_key(|points| points.abs())
                    .or(Some(Decimal::ZERO))
            }
        };
        let cap = self.cap.filter(|cap| cap.is_sign_negative() == loses);
        match (reached, cap) {
            (Some(reached), Some(cap)) if reached.abs() > cap.abs() => Some(cap),
            (reached, _) => reached,
        }
    }
}

#[cfg(test)]
mod tests;
