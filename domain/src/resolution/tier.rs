//! How near an answer is. A nearer tier decides before a farther one, and its score orders answers;
//! within a tier the score falls a little with each thing that had to be supplied or repaired.

use super::Outcome;

/// From this score on an answer is the register's own word: a code, or a name that it has.
pub const SETTLED: f64 = 0.9;
/// What each thing costs that was supplied (a division from the context) or repaired (a character
/// of a code).
pub(super) const SUPPLIED: f64 = 0.01;
/// The score of each of several that fit.
pub(super) const ONE_OF_SEVERAL: f64 = 0.5;
/// The score of what is only the nearest of all that do not fit, at most.
pub(super) const NEAREST: f64 = 0.3;

/// By what a body was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// By a code.
    Code,
    /// By its official name.
    Name,
    /// By a former or second name that the register has.
    Registered,
    /// By a short form of the alias table, or of its division.
    Alias,
    /// By a succession event or a wave of reform.
    Succession,
    /// A unit inside it was named.
    Unit,
    /// A unit inside a body was named that it followed.
    FollowedUnit,
    /// By an abbreviation that only its name can be read into.
    Subsequence,
    /// By a name that differs in one character.
    Edit,
    /// By a name that sounds alike.
    Pinyin,
    /// By a name without a division, looked for everywhere.
    Global,
}

impl Tier {
    /// The tier where a unit of the body was named.
    pub(super) fn of_unit(self) -> Self {
        match self {
            Self::Succession => Self::FollowedUnit,
            other => other.max(Self::Unit),
        }
    }

    /// The outcome where exactly one body fits.
    pub(super) fn outcome(self) -> Outcome {
        match self {
            Self::Code => Outcome::ExactCode,
            Self::Name => Outcome::ExactName,
            Self::Registered | Self::Alias | Self::Unit | Self::Subsequence => Outcome::Alias,
            Self::Succession | Self::FollowedUnit => Outcome::Successor,
            Self::Edit | Self::Pinyin | Self::Global => Outcome::Fuzzy,
        }
    }

    /// The score where exactly one body fits.
    pub(super) fn score(self) -> f64 {
        match self {
            Self::Code => 1.0,
            Self::Name => 0.95,
            Self::Registered => 0.92,
            Self::Alias => 0.88,
            Self::Succession => 0.86,
            Self::Unit | Self::FollowedUnit => 0.84,
            Self::Subsequence => 0.82,
            Self::Edit => 0.7,
            Self::Pinyin => 0.65,
            Self::Global => 0.6,
        }
    }
}
