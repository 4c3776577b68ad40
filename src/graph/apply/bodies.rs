//! What is laid anew where bodies, their names or successions moved.

use std::{collections::BTreeSet, sync::Arc};

use domain::{directory::FRESH_MAX, name, succession::Succession};

use super::Graph;

impl Graph {
    pub(super) fn unindex_agency(&mut self, row: u32) {
        let Some(old) = self.agencies.get(row).cloned() else {
            return;
        };
        if let Some(superior) = old.fact.superior {
            self.subordinates.remove(&superior, row);
        }
    }

    /// Lets the directory know of bodies that came or changed: beside the others as long as they
    /// are few, else all are laid anew.
    pub(super) fn learn_names(&mut self, mut changed: BTreeSet<i64>) {
        changed.extend(self.directory.fresh());
        let known = |row: u32| {
            let agency = self.agencies.get(row)?;
            Some((agency.id, &agency.fact))
        };
        self.directory = if changed.len() > FRESH_MAX {
            let rows = 0..self.agencies.len() as u32;
            self.directory.rebuilt(rows.filter_map(known))
        } else {
            let rows = changed.iter().filter_map(|id| self.agency_by_id.get(id));
            self.directory.patched(rows.filter_map(|row| known(*row)))
        };
    }

    pub(super) fn unindex_succession(&mut self, row: u32) {
        let Some(old) = self.successions.get(row).cloned().flatten() else {
            return;
        };
        for end in ends_of(&old.fact) {
            self.successions_by_end.remove(&*end, row);
        }
    }

    pub(super) fn order_agencies(&mut self) {
        let mut order: Vec<u32> = (0..self.agencies.len() as u32).collect();
        let key = |row: &u32| {
            let id = self.agencies.get(*row).map(|agency| agency.id);
            (self.agency_division.get(*row).copied(), id)
        };
        order.sort_unstable_by_key(key);
        let mut starts = vec![0_u32; self.divisions.len() + 1];
        for division in self.agency_division.iter() {
            starts[*division as usize + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        self.order.agencies = Arc::new(order);
        self.order.division_starts = Arc::new(starts);
    }

    pub(super) fn order_names(&mut self) {
        let mut order = Vec::clone(&self.order.names);
        order.extend(order.len() as u32..self.agencies.len() as u32);
        let key = |row: &u32| {
            let agency = self.agencies.get(*row);
            agency.map(|agency| (agency.fact.name.as_str(), agency.id))
        };
        // A stable sort is quick where nearly all stand in order already.
        order.sort_by(|a, b| key(a).cmp(&key(b)));
        self.order.names = Arc::new(order);
    }
}

/// What both ends of an event are found by: a code, or a name where there is none.
pub(super) fn ends_of(event: &Succession) -> Vec<Box<str>> {
    let from = match &event.from {
        Some(code) => code.to_string(),
        None => name::normalise(&event.from_name),
    };
    let to = match (&event.to, &event.to_name) {
        (Some(code), _) => Some(code.to_string()),
        (None, Some(to)) => Some(name::normalise(to)),
        (None, None) => None,
    };
    std::iter::once(from)
        .chain(to)
        .map(String::into_boxed_str)
        .collect()
}
