//! What a document may come to.

use async_graphql::parser::types::{OperationType, Selection, SelectionSet};
use serde::Deserialize;

/// What an operation may come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Budget {
    pub(super) depth: u64,
    pub(super) aliases: u64,
    pub(super) root_fields: u64,
    pub(super) directives: u64,
    pub(super) nodes: u64,
    pub(super) cost: u64,
    /// Values in the answer.
    pub(super) values: u64,
    /// Values that resolvers are given, each as often as it is.
    pub(super) inputs: u64,
}

const ORDINARY: Budget = Budget {
    depth: 10,
    aliases: 15,
    root_fields: 10,
    directives: 20,
    nodes: 1_000,
    cost: 5_000,
    values: 50_000,
    inputs: 10_000,
};
/// The usual introspection query nests deeply and costs nothing but the schema's own size.
const INTROSPECTION: Budget = Budget {
    depth: 15,
    cost: 100_000,
    values: 500_000,
    ..ORDINARY
};
/// One change a request: what came of it is clear, and a batch does not outlast the deadline.
const MUTATION: Budget = Budget {
    root_fields: 1,
    ..ORDINARY
};
/// What nobody's review may exceed: from here on the library's own limits and the deadline would
/// refuse what was said to be good.
const HIGHEST: Budget = Budget {
    depth: 15,
    aliases: 200,
    root_fields: 50,
    directives: 100,
    nodes: 5_000,
    cost: 50_000,
    values: 500_000,
    inputs: 100_000,
};

/// Higher numbers for one document, which somebody has looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::api) struct Reviewed {
    depth: Option<u64>,
    aliases: Option<u64>,
    root_fields: Option<u64>,
    directives: Option<u64>,
    nodes: Option<u64>,
    cost: Option<u64>,
    values: Option<u64>,
    inputs: Option<u64>,
}

impl Reviewed {
    /// The number that is higher than any review may make it, with the highest that it may be.
    pub(in crate::api) fn too_high(&self) -> Option<(&'static str, u64)> {
        let numbers = [
            ("depth", self.depth, HIGHEST.depth),
            ("aliases", self.aliases, HIGHEST.aliases),
            ("root_fields", self.root_fields, HIGHEST.root_fields),
            ("directives", self.directives, HIGHEST.directives),
            ("nodes", self.nodes, HIGHEST.nodes),
            ("cost", self.cost, HIGHEST.cost),
            ("values", self.values, HIGHEST.values),
            ("inputs", self.inputs, HIGHEST.inputs),
        ];
        let mut above = numbers
            .into_iter()
            .filter(|(_, number, highest)| number.is_some_and(|number| number > *highest));
        above.next().map(|(name, _, highest)| (name, highest))
    }
}

impl Budget {
    /// That of an operation. A mutation's is never raised: one change a request holds for all.
    pub(super) fn of(kind: OperationType, set: &SelectionSet, reviewed: &Reviewed) -> Self {
        match kind {
            OperationType::Mutation => MUTATION,
            _ if is_introspection(set) => INTROSPECTION,
            _ => Self {
                depth: reviewed.depth.unwrap_or(ORDINARY.depth),
                aliases: reviewed.aliases.unwrap_or(ORDINARY.aliases),
                root_fields: reviewed.root_fields.unwrap_or(ORDINARY.root_fields),
                directives: reviewed.directives.unwrap_or(ORDINARY.directives),
                nodes: reviewed.nodes.unwrap_or(ORDINARY.nodes),
                cost: reviewed.cost.unwrap_or(ORDINARY.cost),
                values: reviewed.values.unwrap_or(ORDINARY.values),
                inputs: reviewed.inputs.unwrap_or(ORDINARY.inputs),
            },
        }
    }
}

fn is_introspection(set: &SelectionSet) -> bool {
    set.items.iter().all(|item| match &item.node {
        Selection::Field(field) => field.node.name.node.starts_with("__"),
        Selection::FragmentSpread(_) | Selection::InlineFragment(_) => false,
    })
}
