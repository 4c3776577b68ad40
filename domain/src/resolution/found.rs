//! Bodies that fit, and how well.

use super::tier::{self, Tier};
use crate::{
    directory::{Body, Hit},
    gazetteer::Place,
};

/// A body that fits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Match<'a> {
    pub body: &'a Body,
    /// The division in which it was found; orders equals.
    pub place: Place,
    pub score: f64,
    pub reason: &'static str,
}

impl<'a> Match<'a> {
    pub fn of(hit: &Hit<'a>, reason: &'static str) -> Self {
        Self {
            body: hit.body,
            place: hit.entry.place,
            score: tier::ONE_OF_SEVERAL,
            reason,
        }
    }
}

/// What the name says.
#[derive(Debug)]
pub(super) struct Found<'a> {
    pub tier: Tier,
    /// Each body once.
    pub matches: Vec<Match<'a>>,
    /// Whether even a single body is no more than a suggestion.
    pub is_doubtful: bool,
    /// How many things were supplied or repaired.
    pub supplied: u32,
    /// The bodies that were named, where the matches followed them.
    pub followed: Vec<&'a Body>,
    /// Whether the matches fit at all, or are only the nearest that there are.
    pub fits: bool,
}

impl<'a> Found<'a> {
    pub fn new(tier: Tier, mut matches: Vec<Match<'a>>) -> Self {
        // The same body by two of its names counts once, by the better one.
        matches.sort_by(|a, b| {
            let by_agency = a.body.id.cmp(&b.body.id);
            by_agency.then(b.score.total_cmp(&a.score))
        });
        matches.dedup_by_key(|found| found.body.id);
        Self {
            tier,
            matches,
            is_doubtful: false,
            supplied: 0,
            followed: Vec::new(),
            fits: true,
        }
    }

    pub fn nobody() -> Self {
        Self {
            fits: false,
            ..Self::new(Tier::Global, Vec::new())
        }
    }

    /// Who is called so lies outside the question's bounds: nobody, and no farther tier is asked.
    pub fn outside() -> Self {
        Self::new(Tier::Name, Vec::new())
    }

    /// The nearest of those that do not fit.
    pub fn nearest(matches: Vec<Match<'a>>) -> Self {
        Self {
            fits: false,
            ..Self::new(Tier::Global, matches)
        }
    }

    /// The next tier's answer where this one has none.
    pub fn or_else(self, next: impl FnOnce() -> Self) -> Self {
        if self.fits { self } else { next() }
    }

    /// The bodies of both answers.
    pub fn and(self, other: Self) -> Self {
        let mut both = Self::new(self.tier, [self.matches, other.matches].concat());
        both.is_doubtful = self.is_doubtful || other.is_doubtful;
        both.followed = [self.followed, other.followed].concat();
        both
    }

    pub fn doubtful(self, is_doubtful: bool) -> Self {
        Self {
            is_doubtful: self.is_doubtful || is_doubtful,
            ..self
        }
    }

    /// Whether several fit.
    pub fn is_several(&self) -> bool {
        self.fits && self.matches.len() > 1
    }
}
