//! Which of a document's operations is asked for, and a subscription's one field.

use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, OperationType, Selection, SelectionSet,
};

use super::refusal::{No, Stage};

/// The operation that is asked for.
pub(super) struct Operation {
    pub(super) kind: OperationType,
    /// The document with a subscription's field where the library looks for it: right below the root,
    /// and in no fragment.
    pub(super) rewritten: Option<Box<ExecutableDocument>>,
}

/// Finds it by its name; a document of one operation needs none.
pub(super) fn settle(document: &ExecutableDocument, name: Option<&str>) -> Result<Operation, No> {
    let mut operations = document.operations.iter();
    let found = match name {
        Some(name) => operations.find(|(known, _)| known.is_some_and(|known| known == name)),
        None => operations.next().filter(|_| operations.next().is_none()),
    };
    let Some((key, operation)) = found else {
        let message = "which operation is meant can't be told";
        return Err(No::at(Stage::Document, message));
    };
    let mut rewritten = None;
    if operation.node.ty == OperationType::Subscription {
        let mut fields = Vec::new();
        let set = &operation.node.selection_set.node;
        let is_plain = gather(set, &document.fragments, &mut fields);
        let Some(field) = fields.pop().filter(|_| is_plain && fields.is_empty()) else {
            let message = "a subscription has one field, and no directives on it";
            return Err(No::at(Stage::Document, message));
        };
        let mut operation = operation.clone();
        operation.node.selection_set.node.items = vec![field];
        let mut document = document.clone();
        match &mut document.operations {
            DocumentOperations::Single(single) => *single = operation,
            DocumentOperations::Multiple(all) => {
                if let Some(name) = key {
                    all.insert(name.clone(), operation);
                }
            }
        }
        rewritten = Some(Box::new(document));
    }
    Ok(Operation {
        kind: operation.node.ty,
        rewritten,
    })
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
