//! Mentions: rows of a source that name someone who is not resolved to a subject of ours.

use crate::{division::DivisionCode, resolution::Resolution};

/// What a row says about its subject, and what became of the attempt to tell who that is.
#[derive(Debug, Clone, PartialEq)]
pub struct Mention {
    /// The subject's name as the source writes it.
    pub text: String,
    /// The subject's code as the source writes it, where it gives one.
    pub code: Option<String>,
    /// The division that the row itself points to, such as that of the court.
    pub division: Option<DivisionCode>,
    /// The resolver's answer.
    pub resolution: Resolution,
}
