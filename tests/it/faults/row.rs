//! A listing on its way out of the source: as it will be written, and what must become of it.

use serde_json::{Map, Value};

use super::world::{Form, Listed, Meant, World};

/// What a reader must make of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It goes in as it is.
    Good,
    /// It is rejected; what it lists is known, so nothing is withdrawn for it.
    Rejected,
    /// It is rejected, and which listing it was can't be told.
    Keyless,
    /// It says that it is listed no longer.
    Ended,
    /// It is a test row, and says nothing.
    Counted,
}

/// A row of a delivery.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// What identifies it.
    pub(crate) key: String,
    pub(crate) meant: Meant,
    pub(crate) name: String,
    pub(crate) case: String,
    pub(crate) day: String,
    pub(crate) form: Form,
    pub(crate) object: Map<String, Value>,
    /// The row's JSON text, where it is not that of the object.
    pub(crate) text: Option<String>,
    pub(crate) fate: Fate,
}

impl Row {
    pub(crate) fn of(listed: &Listed, form: Form) -> Self {
        Self {
            key: listed.listing.id.to_string(),
            meant: listed.meant,
            name: listed.listing.name.clone(),
            case: listed.listing.case.clone(),
            day: listed.day.clone(),
            form,
            object: form.object(&listed.listing),
            text: None,
            fate: Fate::Good,
        }
    }

    /// It as JSON.
    pub(crate) fn json(&self) -> String {
        match &self.text {
            Some(text) => text.clone(),
            None => Value::Object(self.object.clone()).to_string(),
        }
    }

    /// What must stand in its evidence, by columns.
    pub(crate) fn content(&self) -> Map<String, Value> {
        let kept = |(column, value): (&String, &Value)| {
            let text = match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            let is_kept = !text.is_empty() && !self.form.dropped().contains(&column.as_str());
            is_kept.then(|| (column.clone(), Value::String(text)))
        };
        self.object.iter().filter_map(kept).collect()
    }

    /// Puts another value under a column.
    pub(crate) fn put(&mut self, column: &str, value: impl Into<Value>) {
        self.object.insert(column.to_owned(), value.into());
    }
}

/// The list as rows of a form.
pub(crate) fn rows_of(world: &World, form: Form) -> Vec<Row> {
    let listed = world.list.values();
    listed.map(|listed| Row::of(listed, form)).collect()
}
