//! The order of an answer's members is the order of the query. The library puts members in the
//! order in which their resolvers finish, so what had to wait for the database comes last; here
//! they are put back, as the specification's response format asks.

use async_graphql::{
    Name, Value,
    indexmap::IndexMap,
    parser::types::{ExecutableDocument, Selection, SelectionSet},
};

/// Puts an executed operation's data in the order of its document.
pub(super) fn as_asked(
    document: &ExecutableDocument,
    operation: Option<&str>,
    data: Value,
) -> Value {
    let mut operations = document.operations.iter();
    let asked = operations.find(|(name, _)| match (name, operation) {
        (Some(name), Some(wanted)) => name.as_str() == wanted,
        (_, None) => true,
        (None, Some(_)) => false,
    });
    match asked {
        Some((_, operation)) => value(document, &[&operation.node.selection_set.node], data),
        None => data,
    }
}

/// Members in their order, each with the selections that are merged under its key.
type Plan<'a> = IndexMap<&'a Name, Vec<&'a SelectionSet>>;

fn value(document: &ExecutableDocument, sets: &[&SelectionSet], data: Value) -> Value {
    match data {
        Value::List(items) => Value::List(
            items
                .into_iter()
                .map(|item| value(document, sets, item))
                .collect(),
        ),
        Value::Object(mut members) => {
            let mut plan = Plan::new();
            sets.iter().for_each(|set| gather(document, set, &mut plan));
            let ordered = plan.into_iter().filter_map(|(key, sets)| {
                // What another type's fragment asks for is not there.
                let member = members.swap_remove(key)?;
                Some((key.clone(), value(document, &sets, member)))
            });
            Value::Object(ordered.collect())
        }
        scalar => scalar,
    }
}

fn gather<'a>(document: &'a ExecutableDocument, set: &'a SelectionSet, plan: &mut Plan<'a>) {
    for item in &set.items {
        match &item.node {
            Selection::Field(field) => {
                let field = &field.node;
                plan.entry(&field.response_key().node)
                    .or_default()
                    .push(&field.selection_set.node);
            }
            Selection::InlineFragment(inline) => {
                gather(document, &inline.node.selection_set.node, plan)
            }
            Selection::FragmentSpread(spread) => {
                if let Some(fragment) = document.fragments.get(&spread.node.fragment_name.node) {
                    gather(document, &fragment.node.selection_set.node, plan);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{parser::parse_query, value};

    use super::*;

    #[test]
    fn members_come_in_the_order_of_the_query() {
        let query = "query q { b a { y ...f ... on T { z } } } fragment f on T { x y { n m } } query other { a }";
        let document = parse_query(query).expect("it parses");
        let data = value!({ "a": [{ "z": 1, "x": 2, "y": { "m": 3, "n": 4 } }, null], "b": 5 });
        let ordered = as_asked(&document, Some("q"), data);
        let text = serde_json::to_string(&ordered).expect("it serialises");
        assert_eq!(
            text,
            r#"{"b":5,"a":[{"y":{"n":4,"m":3},"x":2,"z":1},null]}"#
        );
    }
}
