//! What a campaign played, counted.

use std::collections::BTreeMap;

/// What was played.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) stored: u64,
    pub(crate) held: u64,
    pub(crate) refused: u64,
    pub(crate) faults: BTreeMap<&'static str, u64>,
    /// Points at which something was made to fail.
    pub(crate) points: BTreeMap<&'static str, u64>,
    /// Deliveries that were brought in twice at once.
    pub(crate) at_once: u64,
    /// Deliveries that went on with an interrupted one.
    pub(crate) gone_on: u64,
}

impl Told {
    /// Adds what another scenario told.
    pub(crate) fn add(&mut self, other: Self) {
        self.stored += other.stored;
        self.held += other.held;
        self.refused += other.refused;
        self.at_once += other.at_once;
        self.gone_on += other.gone_on;
        for (name, times) in other.faults {
            *self.faults.entry(name).or_default() += times;
        }
        for (name, times) in other.points {
            *self.points.entry(name).or_default() += times;
        }
    }
}
