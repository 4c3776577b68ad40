//! How a body is graded by the default pack, as it is kept.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::id::{Kind, derived_id};

/// A body's grading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Graded {
    /// The body's number.
    pub agency: i64,
    /// The day as of which it came to be so.
    pub day: NaiveDate,
    /// Points.
    pub score: Decimal,
    /// Code of the grade.
    pub grade: Box<str>,
    /// Of pack and contributions: equal hashes, equal scores.
    pub content_hash: i64,
}

impl Graded {
    /// The stable number of a body's score by a pack.
    pub fn number(agency: i64, pack: &str) -> i64 {
        derived_id(Kind::Score, agency, pack)
    }
}
