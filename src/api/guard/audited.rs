//! Which audited fields a document reads: one linear pass, each fragment once.

use std::collections::BTreeSet;

use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};

use crate::catalogue::Access;

use super::{Facts, root_of};

/// The audited fields that a document names, as `Type.field`, in all of its operations.
pub(in crate::api) fn audited(
    document: &ExecutableDocument,
    facts: &Facts,
    access: &Access,
) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (_, operation) in document.operations.iter() {
        let root = root_of(operation.node.ty);
        gather(
            &operation.node.selection_set.node,
            root,
            (facts, access),
            &mut found,
        );
    }
    for fragment in document.fragments.values() {
        let on = fragment.node.type_condition.node.on.node.as_str();
        gather(
            &fragment.node.selection_set.node,
            on,
            (facts, access),
            &mut found,
        );
    }
    found
}

fn gather(set: &SelectionSet, on: &str, known: (&Facts, &Access), found: &mut BTreeSet<String>) {
    for item in &set.items {
        match &item.node {
            Selection::Field(field) => {
                let name = field.node.name.node.as_str();
                if known.1.is_audited(on, name) {
                    found.insert(format!("{on}.{name}"));
                }
                if let Some(fact) = known.0.field(on, name) {
                    gather(&field.node.selection_set.node, &fact.result, known, found);
                }
            }
            Selection::InlineFragment(inline) => {
                let condition = inline.node.type_condition.as_ref();
                let on = condition.map_or(on, |on| on.node.on.node.as_str());
                gather(&inline.node.selection_set.node, on, known, found);
            }
            // Each fragment is looked at by itself.
            Selection::FragmentSpread(_) => {}
        }
    }
}
