//! Which of a document's operations is asked for, and a subscription's one field.

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned,
    parser::types::{
        DocumentOperations, ExecutableDocument, Field, FragmentDefinition, OperationType,
        Selection, SelectionSet,
    },
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
        let mut root = Root::default();
        let set = &operation.node.selection_set.node;
        let is_plain = root.gather(set, &document.fragments);
        let Some(field) = root
            .fields
            .pop()
            .filter(|_| is_plain && root.fields.is_empty())
        else {
            let message = "a subscription has one field, and no directives on it";
            return Err(No::at(Stage::Document, message));
        };
        if !root.spreads.is_empty() || !is_field(set) {
            rewritten = Some(Box::new(rewrite(document, key, field, root.spreads)));
        }
    }
    Ok(Operation {
        kind: operation.node.ty,
        rewritten,
    })
}

/// The fields at the root of the operation that is asked for, those in fragments too.
pub(super) fn roots(document: &ExecutableDocument, name: Option<&str>) -> Vec<Field> {
    let mut operations = document.operations.iter();
    let found = match name {
        Some(name) => operations.find(|(known, _)| known.is_some_and(|known| known == name)),
        None => operations.next(),
    };
    let mut root = Root::default();
    if let Some((_, operation)) = found {
        root.gather(&operation.node.selection_set.node, &document.fragments);
    }
    let fields = root.fields.into_iter();
    let fields = fields.filter_map(|item| match item.node {
        Selection::Field(field) => Some(field.node),
        _ => None,
    });
    fields.collect()
}

/// Whether a root is one field and nothing around it.
fn is_field(set: &SelectionSet) -> bool {
    set.items
        .iter()
        .all(|item| matches!(item.node, Selection::Field(_)))
}

/// The document with one operation's field right below its root. Fragments that stood between, and that
/// no other operation spreads, would be unused now, which the library refuses.
fn rewrite(
    document: &ExecutableDocument,
    key: Option<&Name>,
    field: Item,
    between: Vec<Name>,
) -> ExecutableDocument {
    let mut document = document.clone();
    let mut others = Root::default();
    for (name, operation) in document.operations.iter() {
        if name != key {
            others.gather(&operation.node.selection_set.node, &document.fragments);
        }
    }
    for name in between {
        if !others.spreads.contains(&name) {
            document.fragments.remove(&name);
        }
    }
    let operation = match (&mut document.operations, key) {
        (DocumentOperations::Single(single), _) => Some(single),
        (DocumentOperations::Multiple(all), Some(name)) => all.get_mut(name),
        (DocumentOperations::Multiple(_), None) => None,
    };
    if let Some(operation) = operation {
        operation.node.selection_set.node.items = vec![field];
    }
    document
}

type Fragments = HashMap<Name, Positioned<FragmentDefinition>>;
type Item = Positioned<Selection>;

/// What stands at a root, also in fragments.
#[derive(Default)]
struct Root {
    fields: Vec<Item>,
    /// The fragments that are spread there.
    spreads: Vec<Name>,
}

impl Root {
    /// False where a field may be left out or is no stream. The guard has seen that fragments end.
    fn gather(&mut self, set: &SelectionSet, fragments: &Fragments) -> bool {
        let mut is_plain = true;
        for item in &set.items {
            is_plain &= match &item.node {
                Selection::Field(field) => {
                    self.fields.push(item.clone());
                    field.node.directives.is_empty() && !field.node.name.node.starts_with("__")
                }
                Selection::InlineFragment(inline) => {
                    let inline = &inline.node;
                    self.gather(&inline.selection_set.node, fragments)
                        && inline.directives.is_empty()
                }
                Selection::FragmentSpread(spread) => {
                    let spread = &spread.node;
                    let name = &spread.fragment_name.node;
                    // Twice the same is the same twice, and once is enough to know that it is too much.
                    let is_new = !self.spreads.contains(name);
                    self.spreads.push(name.clone());
                    is_new
                        && spread.directives.is_empty()
                        && fragments.get(name).is_some_and(|fragment| {
                            self.gather(&fragment.node.selection_set.node, fragments)
                        })
                }
            };
        }
        is_plain
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    fn settled(text: &str, name: Option<&str>) -> Result<Operation, No> {
        settle(&parse_query(text).expect("it parses"), name)
    }

    #[test]
    fn a_subscriptions_field_is_put_right_below_its_root() {
        let plain = settled("subscription { a { b } }", None).expect("it is good");
        assert!(plain.kind == OperationType::Subscription && plain.rewritten.is_none());
        for (text, name, fragments) in [
            (
                "subscription { ...F } fragment F on S { a { ...G } } fragment G on A { b }",
                None,
                1,
            ),
            (
                "subscription { ... on S { ...F } } fragment F on S { a { b } }",
                None,
                0,
            ),
            (
                "subscription X { ...F } subscription Y { ...F } fragment F on S { a { b } }",
                Some("X"),
                1,
            ),
        ] {
            let operation = settled(text, name).expect("it is good");
            let document = operation.rewritten.expect("it was not there before");
            assert_eq!(document.fragments.len(), fragments, "{text}");
            let mut operations = document.operations.iter();
            let found = operations.find(|(key, _)| key.map(Name::as_str) == name);
            let set = &found.expect("it is still there").1.node.selection_set.node;
            assert!(is_field(set) && set.items.len() == 1, "{text}");
        }
    }

    #[test]
    fn a_subscription_has_one_field_and_a_document_an_operation_that_is_meant() {
        for (text, name) in [
            ("subscription { a b }", None),
            ("subscription { __typename }", None),
            ("subscription { a @skip(if: true) }", None),
            ("subscription { ...F ...F } fragment F on S { a }", None),
            (
                "subscription { ...F @include(if: true) } fragment F on S { a }",
                None,
            ),
            ("{ a }", Some("X")),
            ("query X { a } query Y { a }", None),
            ("query X { a } query Y { a }", Some("Z")),
        ] {
            assert!(settled(text, name).is_err(), "{text}");
        }
    }
}
