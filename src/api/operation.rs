//! Which of a document's operations is asked for, and a subscription's one field.

use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, OperationDefinition, OperationType, Selection,
    SelectionSet,
};

use super::refusal::{No, Stage};

/// What kind of operation is asked for. A subscription's field is put where the library looks for it:
/// right below the root, and in no fragment.
pub(super) fn settle(
    document: &mut ExecutableDocument,
    name: Option<&str>,
) -> Result<OperationType, No> {
    let fragments = &document.fragments;
    let operation = match (&mut document.operations, name) {
        (DocumentOperations::Single(operation), None) => Some(operation),
        (DocumentOperations::Multiple(all), Some(name)) => all.get_mut(name),
        (DocumentOperations::Multiple(all), None) if all.len() == 1 => all.values_mut().next(),
        _ => None,
    };
    let operation: &mut OperationDefinition = match operation {
        Some(operation) => &mut operation.node,
        None => {
            let message = "which operation is meant can't be told";
            return Err(No::at(Stage::Document, message));
        }
    };
    if operation.ty == OperationType::Subscription {
        let mut fields = Vec::new();
        let is_plain = gather(&operation.selection_set.node, fragments, &mut fields);
        match fields.pop() {
            Some(field) if is_plain && fields.is_empty() => {
                operation.selection_set.node.items = vec![field];
            }
            _ => {
                let message = "a subscription has one field, and no directives on it";
                return Err(No::at(Stage::Document, message));
            }
        }
    }
    Ok(operation.ty)
}

type Fragments = std::collections::HashMap<
    async_graphql::Name,
    async_graphql::Positioned<async_graphql::parser::types::FragmentDefinition>,
>;
type Item = async_graphql::Positioned<Selection>;

/// The fields of a root, also those in fragments; false where one may be left out or is no stream. The
/// guard has seen that fragments end.
fn gather(set: &SelectionSet, fragments: &Fragments, fields: &mut Vec<Item>) -> bool {
    set.items.iter().all(|item| match &item.node {
        Selection::Field(field) => {
            fields.push(item.clone());
            field.node.directives.is_empty() && !field.node.name.node.starts_with("__")
        }
        Selection::InlineFragment(inline) => {
            inline.node.directives.is_empty()
                && gather(&inline.node.selection_set.node, fragments, fields)
        }
        Selection::FragmentSpread(spread) => {
            let fragment = fragments.get(&spread.node.fragment_name.node);
            spread.node.directives.is_empty()
                && fragment.is_some_and(|fragment| {
                    gather(&fragment.node.selection_set.node, fragments, fields)
                })
        }
    })
}
