//! How a body is graded by the default pack, as it is kept.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::id::{Kind, derived_id};

/// Bytes of a grade's code at most.
const CODE_BYTES_MAX: usize = 8;

/// A grade's code, such as `A`: at most eight bytes, so that hundreds of thousands lie side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GradeCode([u8; CODE_BYTES_MAX]);

impl GradeCode {
    /// The code of this text; none of a longer one, or one with a NUL.
    pub fn of(text: &str) -> Option<Self> {
        let mut bytes = [0; CODE_BYTES_MAX];
        bytes
            .get_mut(..text.len())?
            .copy_from_slice(text.as_bytes());
        (!text.as_bytes().contains(&0)).then_some(Self(bytes))
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        let end = self.0.iter().position(|byte| *byte == 0);
        let text = &self.0[..end.unwrap_or(CODE_BYTES_MAX)];
        std::str::from_utf8(text).unwrap_or_default()
    }
}

/// Days over which it is told whose score rises and whose falls.
pub const WINDOW_DAYS: u32 = 90;

/// A body's grading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Graded {
    /// The body's number.
    pub agency: i64,
    /// The day as of which it came to be so.
    pub day: NaiveDate,
    /// Points.
    pub score: Decimal,
    /// Points by the same facts so many days before, as [`WINDOW_DAYS`] says.
    pub before: Decimal,
    /// The grade.
    pub grade: GradeCode,
    /// Of pack and contributions: equal hashes, equal scores.
    pub content_hash: i64,
}

impl Graded {
    /// The stable number of a body's score, whichever pack is the default.
    pub fn number(agency: i64) -> i64 {
        derived_id(Kind::Score, agency, "")
    }
}
