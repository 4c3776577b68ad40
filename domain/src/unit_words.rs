//! Words by which units inside bodies (内设机构) are told from bodies of their own, as data.

use hashbrown::HashMap;

/// Words of units, and of what looks like one.
#[derive(Debug, Default)]
pub struct UnitWords {
    /// What units end in.
    pub units: Endings,
    /// What bodies of their own end in that look like those.
    pub bodies: Endings,
    /// What stations (所) end in that are bodies of their own.
    pub stations: Endings,
    /// Words that are divisions somewhere and parts of a town everywhere else.
    pub quarters: Vec<String>,
}

/// Endings by their last character: most names have few that could fit.
#[derive(Debug, Default)]
pub struct Endings(HashMap<char, Vec<String>>);

impl Endings {
    /// Puts endings in order.
    pub fn new(endings: Vec<String>) -> Self {
        let mut by_last: HashMap<char, Vec<String>> = HashMap::new();
        for ending in endings {
            if let Some(last) = ending.chars().next_back() {
                by_last.entry(last).or_default().push(ending);
            }
        }
        Self(by_last)
    }

    /// Whether a text ends in one of them.
    pub fn end(&self, text: &str) -> bool {
        let last = text.chars().next_back();
        let endings = last.and_then(|last| self.0.get(&last));
        let mut endings = endings.into_iter().flatten();
        endings.any(|ending| text.ends_with(ending.as_str()))
    }
}
