//! Ranking (排名) and distribution of an annual assessment, and how they moved against the year before.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap},
};

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{
    agency::AgencyKind,
    division::{DivisionCode, DivisionLevel},
};

use super::{
    evaluate::Scored,
    frozen::{FrozenBody, LineDigest},
};

/// Where a body stands in an annual assessment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ranked {
    /// Its place in the list, from 1: no two have the same.
    pub place: u32,
    /// Its rank among all: those with one score share it.
    pub rank: u32,
    /// Its rank among those of its level and kind.
    pub group_rank: u32,
    /// Its stable number.
    pub agency: i64,
    /// Its code.
    pub uscc: String,
    /// What it was called on the day.
    pub name: String,
    /// Its division.
    pub division: DivisionCode,
    /// How high that stands.
    pub level: DivisionLevel,
    /// Its kind.
    pub kind: AgencyKind,
    /// Its score.
    pub score: Decimal,
    /// Its grade.
    pub grade: String,
}

/// The bodies of one level and kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Group {
    /// How high their divisions stand.
    pub level: DivisionLevel,
    /// Their kind.
    pub kind: AgencyKind,
    /// How many there are.
    pub bodies: usize,
    /// How many have which grade, the best grade first; those that nobody has, too.
    pub grades: Vec<(String, usize)>,
    /// The mean score, to two decimals.
    pub mean: Decimal,
    /// The score in the middle; of two the lower one.
    pub median: Decimal,
    /// The highest score.
    pub best: Decimal,
    /// The lowest one.
    pub worst: Decimal,
    /// The bodies of this level and kind the year before; none where none of them was assessed then.
    pub before: Option<GroupBefore>,
}

/// The bodies of one level and kind the year before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GroupBefore {
    /// How many there were.
    pub bodies: usize,
    /// How many had which grade: those of this year first, then what only the pack of then has.
    pub grades: Vec<(String, usize)>,
    /// The mean score, to two decimals.
    pub mean: Decimal,
    /// The score in the middle; of two the lower one.
    pub median: Decimal,
}

/// How bodies moved against the year before.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Moves {
    /// Their score is higher.
    pub better: usize,
    /// It is the same.
    pub same: usize,
    /// It is lower.
    pub worse: usize,
    /// They were not assessed then.
    pub new: usize,
    /// They were assessed then and are not now.
    pub gone: usize,
    /// How many had which grade then and have which now.
    pub grades: Vec<(String, String, usize)>,
}

/// Of a body that was scored, before it has its place.
pub fn unranked(body: &FrozenBody, scored: &Scored) -> Ranked {
    Ranked {
        place: 0,
        rank: 0,
        group_rank: 0,
        agency: body.agency,
        uscc: body.uscc.clone(),
        name: body.name.clone(),
        division: body.division,
        level: body.level,
        kind: body.kind,
        score: scored.score,
        grade: scored.grade.clone(),
    }
}

/// Puts bodies into their places: the higher score first, of one score the lower code.
pub fn rank(bodies: &mut [Ranked]) {
    bodies.sort_unstable_by(|a, b| (Reverse(a.score), &a.uscc).cmp(&(Reverse(b.score), &b.uscc)));
    // Of each group how many came, the last one's score and its rank.
    let mut groups: HashMap<(DivisionLevel, AgencyKind), (u32, Decimal, u32)> = HashMap::new();
    let mut last: Option<(Decimal, u32)> = None;
    for (body, place) in bodies.iter_mut().zip(1..) {
        body.place = place;
        body.rank = match last {
            Some((score, rank)) if score == body.score => rank,
            _ => place,
        };
        last = Some((body.score, body.rank));
        let group = groups.entry((body.level, body.kind)).or_default();
        group.0 += 1;
        if group.0 == 1 || group.1 != body.score {
            (group.1, group.2) = (body.score, group.0);
        }
        body.group_rank = group.2;
    }
}

/// What proves a ranking: over the score of each body with all its parts, in the order of their codes, and
/// then over their places.
pub fn results_digest(scores: LineDigest, ranked: &[Ranked]) -> String {
    let mut digest = scores;
    for body in ranked {
        let line = serde_json::to_string(body).expect("a rank is plain data");
        digest.add(&line);
    }
    digest.finish()
}

/// Bodies by level and kind, the highest level first, each beside those of the same level and kind the year before.
pub fn groups<'a>(
    bodies: impl IntoIterator<Item = &'a Ranked>,
    before: impl IntoIterator<Item = &'a Ranked>,
    grades: &[String],
) -> Vec<Group> {
    let (now, before) = (grouped(bodies), grouped(before));
    let group = |((level, kind), bodies): (_, Vec<&Ranked>)| {
        let scores = scores(&bodies);
        let before = before.get(&(level, kind));
        Some(Group {
            level,
            kind,
            bodies: bodies.len(),
            grades: counted(&bodies, grades.iter().map(String::as_str)),
            mean: mean(bodies.iter().copied())?,
            median: scores[(scores.len() - 1) / 2],
            best: *scores.last()?,
            worst: *scores.first()?,
            before: before.and_then(|bodies| as_before(bodies, grades)),
        })
    };
    now.into_iter().filter_map(group).collect()
}

/// The mean score of bodies, to two decimals; none of nobody.
pub fn mean<'a>(bodies: impl IntoIterator<Item = &'a Ranked>) -> Option<Decimal> {
    let (sum, count) = bodies
        .into_iter()
        .fold((Decimal::ZERO, 0_u32), |(sum, count), body| {
            (sum + body.score, count + 1)
        });
    (count > 0).then(|| (sum / Decimal::from(count)).round_dp(2).normalize())
}

fn as_before(bodies: &[&Ranked], grades: &[String]) -> Option<GroupBefore> {
    let scores = scores(bodies);
    let other: BTreeSet<&str> = bodies.iter().map(|body| &*body.grade).collect();
    let other = other
        .into_iter()
        .filter(|code| !grades.iter().any(|known| known == code));
    Some(GroupBefore {
        bodies: bodies.len(),
        grades: counted(bodies, grades.iter().map(String::as_str).chain(other)),
        mean: mean(bodies.iter().copied())?,
        median: scores[(scores.len() - 1) / 2],
    })
}

fn grouped<'a>(
    bodies: impl IntoIterator<Item = &'a Ranked>,
) -> BTreeMap<(DivisionLevel, AgencyKind), Vec<&'a Ranked>> {
    let mut groups: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for body in bodies {
        groups
            .entry((body.level, body.kind))
            .or_default()
            .push(body);
    }
    groups
}

/// The scores of bodies, rising.
fn scores(bodies: &[&Ranked]) -> Vec<Decimal> {
    let mut scores: Vec<Decimal> = bodies.iter().map(|body| body.score).collect();
    scores.sort_unstable();
    scores
}

/// How many have which of these grades.
fn counted<'a>(bodies: &[&Ranked], grades: impl Iterator<Item = &'a str>) -> Vec<(String, usize)> {
    let has = |code: &str| bodies.iter().filter(|body| body.grade == code).count();
    grades.map(|code| (code.to_owned(), has(code))).collect()
}

/// How bodies moved against the year before.
pub fn moves<'a>(
    now: impl IntoIterator<Item = &'a Ranked>,
    before: impl IntoIterator<Item = &'a Ranked>,
) -> Moves {
    let before = before.into_iter().map(|body| (body.agency, body));
    let mut before: HashMap<i64, &Ranked> = before.collect();
    let mut moves = Moves::default();
    let mut grades: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for body in now {
        let Some(then) = before.remove(&body.agency) else {
            moves.new += 1;
            continue;
        };
        match body.score.cmp(&then.score) {
            std::cmp::Ordering::Greater => moves.better += 1,
            std::cmp::Ordering::Equal => moves.same += 1,
            std::cmp::Ordering::Less => moves.worse += 1,
        }
        *grades.entry((&then.grade, &body.grade)).or_default() += 1;
    }
    moves.gone = before.len();
    let grade = |((then, now), count): ((&str, &str), usize)| (then.into(), now.into(), count);
    moves.grades = grades.into_iter().map(grade).collect();
    moves
}

#[cfg(test)]
mod tests;
