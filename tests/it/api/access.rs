//! `access.toml`, read for itself: what the tests hold the hub against.

use std::collections::{BTreeMap, BTreeSet};

use domain::viewer::Role;
use serde::Deserialize;

/// The table.
#[derive(Debug, Deserialize)]
pub(super) struct Table {
    sets: BTreeMap<String, BTreeSet<String>>,
    purposes: BTreeMap<String, String>,
    rows: BTreeMap<String, BTreeMap<String, String>>,
    fields: BTreeMap<String, BTreeMap<String, String>>,
}

impl Table {
    /// The one that the hub is shipped with.
    pub(super) fn shipped() -> Self {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/catalogue/access.toml");
        Self::of(&std::fs::read_to_string(path).expect("the catalogue has a table"))
    }

    pub(super) fn of(text: &str) -> Self {
        toml::from_str(text).expect("it is a table")
    }

    /// Whether the role may read the field.
    pub(super) fn may_read(&self, role: Role, type_name: &str, field: &str) -> bool {
        let set = self
            .fields
            .get(type_name)
            .and_then(|fields| fields.get(field));
        set.is_some_and(|set| self.sets[set].contains(role.as_str()))
    }

    /// The purposes that there are.
    pub(super) fn purposes(&self) -> impl Iterator<Item = &str> {
        self.purposes.keys().map(String::as_str)
    }

    /// Whether the role may state the purpose.
    pub(super) fn may_state(&self, role: Role, purpose: &str) -> bool {
        let set = self.purposes.get(purpose);
        set.is_some_and(|set| self.sets[set].contains(role.as_str()))
    }

    /// The row rule of a role for a kind of thing.
    pub(super) fn rule(&self, role: Role, thing: &str) -> &str {
        &self.rows[role.as_str()][thing]
    }
}
