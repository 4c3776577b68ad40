//! What is wrong with documents that are to be trusted.

/// One that is not good.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("trusted document {place}: {reason}")]
pub struct Wrong {
    /// Its file, with the line where there is one.
    pub place: String,
    /// What is wrong with it.
    pub reason: String,
}

/// All that are not good: a hub does not start with any.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct WrongDocuments(pub Vec<Wrong>);

impl Wrong {
    pub(super) fn at(place: impl std::fmt::Display, reason: String) -> Self {
        Self {
            place: place.to_string(),
            reason,
        }
    }
}
