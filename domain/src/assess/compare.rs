//! What lies between two scores of one body: of two days, of two packs, or of what is and what would be.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::evaluate::{Ground, Scored};

/// One ground whose points are others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleChange {
    /// Where the points come from.
    pub ground: Ground,
    /// Points before.
    pub before: Decimal,
    /// Points after.
    pub after: Decimal,
}

/// The grounds whose points differ, in their order. The differences add up to that of the scores.
pub fn changes(before: &Scored, after: &Scored) -> Vec<RuleChange> {
    let mut points: BTreeMap<&Ground, (Decimal, Decimal)> = BTreeMap::new();
    for part in &before.contributions {
        points.entry(&part.ground).or_default().0 += part.points;
    }
    for part in &after.contributions {
        points.entry(&part.ground).or_default().1 += part.points;
    }
    let differ = points
        .into_iter()
        .filter(|(_, (before, after))| before != after);
    let change = |(ground, (before, after)): (&Ground, _)| RuleChange {
        ground: ground.clone(),
        before,
        after,
    };
    differ.map(change).collect()
}
