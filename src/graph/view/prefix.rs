//! Agencies by how their names begin, for people who are still typing.

use super::View;

/// How many names one question looks at, whoever asks and however short the prefix is.
pub const NAMES_LOOKED_AT_MAX: usize = 10_000;

impl View {
    /// The first of the agencies that the viewer may see whose official name begins so, in the order
    /// of their names. Where more than [`NAMES_LOOKED_AT_MAX`] would have to be looked at, those
    /// behind are not found: a longer prefix finds them.
    pub fn agencies_by_prefix(&self, prefix: &str, limit: usize) -> Vec<u32> {
        let begins = |row: &u32| self.name_at(*row).starts_with(prefix);
        let names = &self.graph.order.names;
        let from = names.partition_point(|row| self.name_at(*row) < prefix);
        let bearers = names[from..].partition_point(begins);
        let bearers = &names[from..from + bearers];
        let candidates = self.agency_candidates(None);
        if bearers.len() <= candidates.len() {
            let looked_at = bearers.iter().copied().take(NAMES_LOOKED_AT_MAX);
            let seen = looked_at.filter(|row| self.sees_agency(*row));
            return seen.take(limit).collect();
        }
        // The viewer's own part is the smaller one.
        let looked_at = candidates.iter().copied().take(NAMES_LOOKED_AT_MAX);
        let mut rows: Vec<u32> = looked_at.filter(begins).collect();
        rows.sort_by(|a, b| self.name_at(*a).cmp(self.name_at(*b)));
        rows.truncate(limit);
        rows
    }

    fn name_at(&self, row: u32) -> &str {
        let agency = self.graph.agencies.get(row);
        agency.map_or("", |agency| agency.fact.name.as_str())
    }
}
