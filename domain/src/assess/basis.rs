//! By what bodies are graded and warned. Detection only goes forward: who has an older day, or older rules, than
//! somebody who has judged already changes nothing, so that two processes never undo each other's work in turn.

use chrono::NaiveDate;

/// By what bodies are graded and warned on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basis {
    /// What the red lines call their version: of two the greater is newer.
    pub version: String,
    /// What tells its rules from others of the same version.
    pub fingerprint: String,
    /// The day, of those who judged the newest.
    pub day: NaiveDate,
}

impl Basis {
    /// Whether it may judge after those that have, which stand in the order in which their rules first did: on none
    /// of their days or a later one, and by rules as new as the newest of them.
    pub fn may_follow(&self, judged: &[Self]) -> bool {
        let is_same = |other: &Self| other.fingerprint == self.fingerprint;
        let place = judged.iter().position(is_same).unwrap_or(judged.len());
        let own = (version_numbers(&self.version), place);
        let mut others = judged.iter().enumerate();
        others.all(|(place, other)| {
            other.day <= self.day && (version_numbers(&other.version), place) <= own
        })
    }
}

/// The numbers of a version such as `2026.1`; none where it is no such text.
pub fn version_numbers(version: &str) -> Option<Vec<u32>> {
    version.split('.').map(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests;
