//! Rules of a place: of several that hold, the narrowest place decides.

use std::cmp::Reverse;

use crate::division::{DivisionCode, DivisionTree};

/// Of rules the one whose place is the narrowest around another; of several with one place the first. A rule
/// without a place holds everywhere.
pub fn narrowest<'a, T>(
    rules: impl Iterator<Item = &'a T>,
    division: impl Fn(&T) -> Option<DivisionCode>,
    place: Option<DivisionCode>,
    tree: &DivisionTree,
) -> Option<&'a T> {
    let is_there = |rule: &&T| {
        division(rule).is_none_or(|within| place.is_some_and(|place| tree.contains(within, place)))
    };
    let depth = |rule: &&T| division(rule).map_or(0, |code| 1 + tree.ancestors(code).count());
    rules
        .filter(is_there)
        .min_by_key(|rule| Reverse(depth(rule)))
}
