//! Answers as the specification has them. The library puts members in the order in which their
//! resolvers finish and leaves out what failed; here members are put in the order of the query, and
//! what failed becomes null, up to the nearest place that may be null.

use async_graphql::{
    Name, PathSegment, Response, Value,
    indexmap::IndexMap,
    parser::types::{ExecutableDocument, Selection, SelectionSet},
};

use super::guard::{Facts, root_of};

/// Puts the data of an executed operation in the order of its document.
pub(super) fn as_asked(
    document: &ExecutableDocument,
    facts: &Facts,
    operation: Option<&str>,
    executed: &mut Response,
) {
    let data = std::mem::take(&mut executed.data);
    let mut operations = document.operations.iter();
    let asked = operations.find(|(name, _)| match (name, operation) {
        (Some(name), Some(wanted)) => name.as_str() == wanted,
        (_, None) => true,
        (None, Some(_)) => false,
    });
    // Where all root fields failed there is no object left to put their nulls in.
    let data = match data {
        Value::Null => Value::Object(IndexMap::new()),
        data => data,
    };
    let failed = executed
        .errors
        .iter()
        .map(|error| error.path.as_slice())
        .collect();
    let order = Order {
        document,
        facts,
        failed,
    };
    let ordered = asked.and_then(|(_, operation)| {
        let root = root_of(operation.node.ty);
        let sets = vec![(root, &operation.node.selection_set.node)];
        order.object(root, &sets, data, &mut Vec::new())
    });
    executed.data = ordered.unwrap_or(Value::Null);
}

struct Order<'a> {
    document: &'a ExecutableDocument,
    facts: &'a Facts,
    /// The paths of what failed.
    failed: Vec<&'a [PathSegment]>,
}

/// Selections with the type that they are made on.
type Sets<'a> = Vec<(&'a str, &'a SelectionSet)>;

/// What is asked for under one key.
struct Asked<'a> {
    on: &'a str,
    field: &'a str,
    sets: Vec<&'a SelectionSet>,
}

impl<'a> Order<'a> {
    /// An object in order; none where it must be null because a part of it must not.
    fn object(
        &self,
        type_name: &str,
        sets: &Sets<'a>,
        data: Value,
        path: &mut Vec<PathSegment>,
    ) -> Option<Value> {
        let Value::Object(mut members) = data else {
            return Some(data);
        };
        let mut plan = IndexMap::new();
        sets.iter()
            .for_each(|(on, set)| self.gather(on, set, &mut plan));
        let mut ordered = IndexMap::with_capacity(plan.len());
        for (key, asked) in plan {
            path.push(PathSegment::Field(key.to_string()));
            let fact = self.facts.field(asked.on, asked.field);
            let value = match (members.swap_remove(key), fact) {
                (Some(value), Some(fact)) => {
                    let sets: Sets<'a> = asked
                        .sets
                        .iter()
                        .map(|set| (fact.result.as_str(), *set))
                        .collect();
                    self.value(&fact.result, &sets, value, fact.has_nullable_items, path)
                }
                (Some(value), None) => Some(value),
                // It failed, unless it belongs to another type than this object's.
                (None, Some(_)) if asked.on == type_name || self.has_failed(path) => None,
                (None, _) => {
                    path.pop();
                    continue;
                }
            };
            path.pop();
            match value {
                Some(value) => drop(ordered.insert(key.clone(), value)),
                None if fact.is_none_or(|fact| fact.is_nullable) => {
                    ordered.insert(key.clone(), Value::Null);
                }
                None => return None,
            }
        }
        Some(Value::Object(ordered))
    }

    /// Whether this place or something below it failed.
    fn has_failed(&self, path: &[PathSegment]) -> bool {
        self.failed.iter().any(|failed| failed.starts_with(path))
    }

    /// Whether something below this place failed: then a null here is the library's way of saying
    /// that an object has no member left.
    fn has_failed_below(&self, path: &[PathSegment]) -> bool {
        self.failed
            .iter()
            .any(|failed| failed.len() > path.len() && failed.starts_with(path))
    }

    fn value(
        &self,
        type_name: &str,
        sets: &Sets<'a>,
        data: Value,
        nullable_items: bool,
        path: &mut Vec<PathSegment>,
    ) -> Option<Value> {
        let data = match data {
            Value::Null if self.has_failed_below(path) => Value::Object(IndexMap::new()),
            data => data,
        };
        match data {
            Value::List(items) => {
                let mut ordered = Vec::with_capacity(items.len());
                for (at, item) in items.into_iter().enumerate() {
                    path.push(PathSegment::Index(at));
                    let item = self.value(type_name, sets, item, nullable_items, path);
                    path.pop();
                    match item {
                        Some(item) => ordered.push(item),
                        None if nullable_items => ordered.push(Value::Null),
                        None => return None,
                    }
                }
                Some(Value::List(ordered))
            }
            object @ Value::Object(_) => self.object(type_name, sets, object, path),
            scalar => Some(scalar),
        }
    }

    fn gather(&self, on: &'a str, set: &'a SelectionSet, plan: &mut IndexMap<&'a Name, Asked<'a>>) {
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    let asked = plan
                        .entry(&field.response_key().node)
                        .or_insert_with(|| Asked {
                            on,
                            field: field.name.node.as_str(),
                            sets: Vec::new(),
                        });
                    // `@skip` and `@include` may have left it out, which is no failure.
                    if !field.directives.is_empty() {
                        asked.on = "";
                    }
                    asked.sets.push(&field.selection_set.node);
                }
                Selection::InlineFragment(inline) => {
                    let inline = &inline.node;
                    let condition = inline.type_condition.as_ref();
                    let on = condition.map_or(on, |on| on.node.on.node.as_str());
                    let on = if inline.directives.is_empty() { on } else { "" };
                    self.gather(on, &inline.selection_set.node, plan);
                }
                Selection::FragmentSpread(spread) => {
                    let spread = &spread.node;
                    if let Some(fragment) = self.document.fragments.get(&spread.fragment_name.node)
                    {
                        let on = fragment.node.type_condition.node.on.node.as_str();
                        let on = if spread.directives.is_empty() { on } else { "" };
                        self.gather(on, &fragment.node.selection_set.node, plan);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{ServerError, parser::parse_query, value};

    use super::*;

    const SCHEMA: &str = "type Query { b: Int a: [T] c: T! d: T u: U } \
         type T { x: Int y: T z: Int! } union U = T";

    fn ordered(query: &str, data: Value) -> String {
        let document = parse_query(query).expect("it parses");
        let facts = Facts::with_lists(SCHEMA, |_, _| Some(1)).expect("a schema");
        let mut executed = Response::new(data);
        as_asked(&document, &facts, Some("q"), &mut executed);
        serde_json::to_string(&executed.data).expect("it serialises")
    }

    #[test]
    fn members_come_in_the_order_of_the_query() {
        let query = "query q { b a { y { x } ...f ... on T { z } } }\
                     fragment f on T { x y { z } } query other { a { x } }";
        let data = value!({ "a": [{ "z": 1, "x": 2, "y": { "z": 3, "x": 4 } }, null], "b": 5 });
        assert_eq!(
            ordered(query, data),
            r#"{"b":5,"a":[{"y":{"x":4,"z":3},"x":2,"z":1},null]}"#
        );
    }

    #[test]
    fn what_failed_in_a_fragment_is_no_empty_object() {
        for (query, failed, expected) in [
            ("query q { u { ... on T { z } } }", "z", r#"{"u":null}"#),
            (
                "query q { u { ... on T { x } } }",
                "x",
                r#"{"u":{"x":null}}"#,
            ),
        ] {
            let document = parse_query(query).expect("it parses");
            let facts = Facts::with_lists(SCHEMA, |_, _| Some(1)).expect("a schema");
            let mut error = ServerError::new("made up", None);
            error.path = ["u", failed]
                .map(|name| PathSegment::Field(name.to_owned()))
                .into();
            let mut executed = Response::new(value!({ "u": null }));
            executed.errors.push(error);
            as_asked(&document, &facts, Some("q"), &mut executed);
            let found = serde_json::to_string(&executed.data).expect("it serialises");
            assert_eq!(found, expected, "{query}");
        }
    }

    #[test]
    fn what_failed_is_null_up_to_the_nearest_place_that_may_be() {
        for (query, data, expected) in [
            (
                "query q { b a { x } }",
                value!({ "b": 1 }),
                r#"{"b":1,"a":null}"#,
            ),
            ("query q { a { x } }", Value::Null, r#"{"a":null}"#),
            (
                "query q { a { x z } }",
                value!({ "a": [{ "x": 1 }] }),
                r#"{"a":[null]}"#,
            ),
            (
                "query q { d { y { z } } }",
                value!({ "d": { "y": {} } }),
                r#"{"d":{"y":null}}"#,
            ),
            ("query q { c { x z } }", value!({ "c": { "x": 1 } }), "null"),
            (
                "query q { b @skip(if: true) a { x } }",
                value!({ "a": [] }),
                r#"{"a":[]}"#,
            ),
        ] {
            assert_eq!(ordered(query, data), expected, "{query}");
        }
    }
}
