//! The query guard: how big a query is and whether its fields may be read, in one linear pass over
//! the parsed document before anything is executed.
//!
//! The library's own checks expand fragments wherever they are spread, so a few hundred bytes can
//! keep a core busy for minutes. Here each fragment is measured once and its sum is added at each
//! spread; every sum saturates, so a bomb ends at "too much" instead of wrapping to little.

mod audited;
mod budget;
mod facts;
mod inputs;
mod introspection;
mod looks;
mod refused;
mod sum;
mod tokens;

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Name, Variables,
    parser::types::{
        ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet,
    },
};
use async_graphql_value::Value;
use domain::viewer::Viewer;

use crate::catalogue::Access;

use super::graphql::ROOTS;

pub(super) use audited::audited;
pub(super) use budget::Reviewed;
pub(super) use facts::Facts;
pub(super) use refused::Refused;
pub(super) use tokens::{check_length, scan};

use budget::Budget;
use facts::Size;
use inputs::Sizes;
use sum::Sum;

/// Selections in one another, those of fragments too.
const NESTING_MAX: u64 = 20;
/// What asking for what was earlier costs: it may have to be read from the database.
const PAST_COST: u64 = 400;
const OPERATIONS_MAX: usize = 10;
const FRAGMENTS_MAX: usize = 50;
const VARIABLES_MAX: usize = 100;
const DIRECTIVES_PER_FIELD_MAX: usize = 5;

/// Whether all variables are given without which the selected operation can't be executed.
pub(super) fn check_variables(
    document: &ExecutableDocument,
    selected: Option<&str>,
    variables: &Variables,
) -> Result<(), Refused> {
    let is_selected =
        |name: Option<&Name>| selected.is_none() || name.map(Name::as_str) == selected;
    let operations = document
        .operations
        .iter()
        .filter(|(name, _)| is_selected(*name));
    for (_, operation) in operations {
        for definition in &operation.node.variable_definitions {
            let definition = &definition.node;
            let is_needed =
                !definition.var_type.node.nullable && definition.default_value.is_none();
            let is_given = variables
                .get(&definition.name.node)
                .is_some_and(|value| *value != async_graphql::Value::Null);
            if is_needed && !is_given {
                return Err(Refused::Variable);
            }
        }
    }
    Ok(())
}

/// With what a document is measured.
#[derive(Debug, Clone, Copy)]
pub(super) struct Measure<'a> {
    pub(super) facts: &'a Facts,
    /// None where nobody asks yet: what they might say is then reckoned at its most.
    pub(super) variables: Option<&'a Variables>,
    /// Whose fields these must be; none where nobody asks yet.
    pub(super) reader: Option<Reader<'a>>,
    pub(super) reviewed: &'a Reviewed,
}

/// Who asks, and by which table he may.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a> {
    pub(super) access: &'a Access,
    pub(super) viewer: &'a Viewer,
    /// The purpose that he states.
    pub(super) purpose: Option<&'a str>,
}

/// Measures a document and checks its fields; returns its cost.
pub(super) fn check(document: &ExecutableDocument, measure: Measure<'_>) -> Result<u64, Refused> {
    let operations: Vec<&OperationDefinition> =
        document.operations.iter().map(|(_, op)| &op.node).collect();
    let fragments = &document.fragments;
    limit("operations", operations.len() as u64, OPERATIONS_MAX as u64)?;
    limit("fragments", fragments.len() as u64, FRAGMENTS_MAX as u64)?;
    // No directive that is known stands elsewhere than in selections.
    if fragments
        .values()
        .any(|one| !one.node.directives.is_empty())
    {
        return Err(Refused::Directive);
    }
    let sizes = Sizes::of(measure.variables)?;
    let mut worst = 0;
    let mut spread = HashSet::new();
    // All operations, not only the selected one: the library's validation walks them all.
    for operation in &operations {
        check_head(operation)?;
        let mut guard = Guard::new(document, operation, measure, &sizes);
        let (set, root) = (&operation.selection_set.node, root_of(operation.ty));
        worst = worst.max(guard.set(set, root, 0)?.cost);
        spread.extend(guard.done.into_keys());
    }
    // Those fragments too that nobody spreads.
    if let Some(operation) = operations.first() {
        let mut guard = Guard::new(document, operation, measure, &sizes);
        for name in fragments
            .keys()
            .filter(|name| !spread.contains(name.as_str()))
        {
            guard.fragment(name, 0)?;
        }
    }
    Ok(worst)
}

/// What stands before an operation's selections.
fn check_head(operation: &OperationDefinition) -> Result<(), Refused> {
    let variables = &operation.variable_definitions;
    limit("variables", variables.len() as u64, VARIABLES_MAX as u64)?;
    let mut variables = variables.iter();
    match operation.directives.is_empty() && variables.all(|one| one.node.directives.is_empty()) {
        true => Ok(()),
        false => Err(Refused::Directive),
    }
}

/// The type on which an operation begins.
pub(super) fn root_of(operation: OperationType) -> &'static str {
    match operation {
        OperationType::Query => "Query",
        OperationType::Mutation => "Mutation",
        OperationType::Subscription => "Subscription",
    }
}

fn limit(what: &'static str, found: u64, limit: u64) -> Result<(), Refused> {
    if found > limit {
        Err(Refused::TooMany { what, limit })
    } else {
        Ok(())
    }
}

struct Guard<'a> {
    document: &'a ExecutableDocument,
    operation: &'a OperationDefinition,
    measure: Measure<'a>,
    budget: Budget,
    /// How big the variables are that are given.
    sizes: &'a Sizes<'a>,
    /// Fragments that are measured.
    done: HashMap<&'a str, Sum>,
    /// Fragments that are being measured: to meet one again is a cycle.
    open: Vec<&'a str>,
}

impl<'a> Guard<'a> {
    fn new(
        document: &'a ExecutableDocument,
        operation: &'a OperationDefinition,
        measure: Measure<'a>,
        sizes: &'a Sizes<'a>,
    ) -> Self {
        let set = &operation.selection_set.node;
        Self {
            document,
            operation,
            measure,
            budget: Budget::of(operation.ty, set, measure.reviewed),
            sizes,
            done: HashMap::new(),
            open: Vec::new(),
        }
    }

    fn set(&mut self, set: &'a SelectionSet, parent: &str, level: u64) -> Result<Sum, Refused> {
        // Bounds our own recursion; fragments nest here too, though they are no levels of the answer.
        limit("nested selections", level, NESTING_MAX)?;
        let mut sum = Sum::default();
        for item in &set.items {
            let directives = match &item.node {
                Selection::Field(field) => &field.node.directives,
                Selection::FragmentSpread(spread) => &spread.node.directives,
                Selection::InlineFragment(inline) => &inline.node.directives,
            };
            if !directives
                .iter()
                .all(|used| ["skip", "include"].contains(&used.node.name.node.as_str()))
            {
                return Err(Refused::Directive);
            }
            let directives = directives.len();
            limit(
                "directives on a field",
                directives as u64,
                DIRECTIVES_PER_FIELD_MAX as u64,
            )?;
            let mut part = match &item.node {
                Selection::Field(field) => self.field(&field.node, parent, level)?,
                Selection::FragmentSpread(spread) => {
                    self.fragment(&spread.node.fragment_name.node, level)?
                }
                Selection::InlineFragment(inline) => {
                    let inline = &inline.node;
                    let on = inline
                        .type_condition
                        .as_ref()
                        .map_or(parent, |on| on.node.on.node.as_str());
                    self.set(&inline.selection_set.node, on, level + 1)?
                }
            };
            part.directives = part.directives.saturating_add(directives as u64);
            sum.add(part);
            self.within_budget(&sum)?;
        }
        Ok(sum)
    }

    /// A part never exceeds the whole, so a part over the budget ends the measuring.
    fn within_budget(&self, sum: &Sum) -> Result<(), Refused> {
        limit("levels", sum.depth, self.budget.depth)?;
        limit("aliases", sum.aliases, self.budget.aliases)?;
        limit("root fields", sum.roots, self.budget.root_fields)?;
        limit("directives", sum.directives, self.budget.directives)?;
        limit("fields", sum.nodes, self.budget.nodes)?;
        limit("rows (cost)", sum.cost, self.budget.cost)?;
        limit("values in its answer", sum.values, self.budget.values)?;
        limit("values in its arguments", sum.inputs, self.budget.inputs)
    }

    fn fragment(&mut self, name: &'a Name, level: u64) -> Result<Sum, Refused> {
        let name = name.as_str();
        if let Some(sum) = self.done.get(name) {
            return Ok(*sum);
        }
        let unknown = || Refused::Fragment;
        if self.open.contains(&name) {
            return Err(unknown());
        }
        let fragment = &self.document.fragments.get(name).ok_or_else(unknown)?.node;
        self.open.push(name);
        let sum = self.set(
            &fragment.selection_set.node,
            fragment.type_condition.node.on.node.as_str(),
            level + 1,
        )?;
        self.open.pop();
        self.done.insert(name, sum);
        Ok(sum)
    }

    fn field(&mut self, field: &'a Field, parent: &str, level: u64) -> Result<Sum, Refused> {
        let name = field.name.node.as_str();
        let aliases = u64::from(field.alias.is_some());
        let roots = u64::from(ROOTS.contains(&parent) && name != "__typename");
        let fact = self.measure.facts.field(parent, name);
        // Else: `__typename`, introspection's own fields, or a field that validation will refuse.
        let (result, rows, weight) = match fact {
            Some(fact) => {
                self.may_read(parent, name)?;
                let (rows, weight) = match fact.size {
                    Size::Given {
                        argument,
                        max,
                        each,
                    } => {
                        let given = self.given(field, argument, max)?;
                        (given, given.saturating_mul(each))
                    }
                    size => (self.rows(size, field), fact.weight),
                };
                (fact.result.as_str(), rows, weight)
            }
            None => {
                self.may_introspect(parent, name)?;
                let (result, rows) = introspection::field(parent, name).unwrap_or(("", 1));
                (result, rows, u64::from(!result.is_empty()))
            }
        };
        let child = self.set(&field.selection_set.node, result, level + 1)?;
        // Subscriptions too are read from there where they go on from an earlier change.
        // Cases of a day that is over are those of the version that stood when it ended.
        let has = |argument| field.get_argument(argument).is_some();
        let is_past = has("knownAt")
            || (parent == "Subscription" && has("after"))
            || ((parent, name) == ("Query", "cases") && has("asOf"));
        let past = if is_past { PAST_COST } else { 0 };
        let given = field.arguments.iter();
        let given = given.map(|(_, value)| self.sizes.size(&value.node, self.operation).values);
        let looks = looks::cost(parent, field, |argument| self.tests(field, argument));
        let of_rows = |each: u64| rows.saturating_mul(each);
        Ok(Sum {
            nodes: child.nodes.saturating_add(1),
            aliases: child.aliases.saturating_add(aliases),
            directives: child.directives,
            roots,
            depth: child.depth.saturating_add(1),
            cost: weight
                .saturating_add(past)
                .saturating_add(looks)
                .saturating_add(of_rows(child.cost)),
            values: of_rows(child.values.saturating_add(1)),
            inputs: given.fold(of_rows(child.inputs), u64::saturating_add),
        })
    }

    fn may_introspect(&self, parent: &str, name: &str) -> Result<(), Refused> {
        match name {
            "__schema" | "__type" => self
                .may_read("Query", name)
                .map_err(|_| Refused::field(parent, name)),
            _ => Ok(()),
        }
    }

    /// Whether who asks may read the field: by his role, by his token's rights where it needs one, and for the purpose that he
    /// states.
    fn may_read(&self, parent: &str, name: &str) -> Result<(), Refused> {
        let Some(reader) = self.measure.reader else {
            return Ok(());
        };
        let (access, role) = (reader.access, reader.viewer.role);
        let mut right = access.right(parent, name).into_iter();
        let has_right = right.all(|right| reader.viewer.scopes.contains(&right));
        if !has_right || !access.may_read(role, parent, name) {
            return Err(Refused::field(parent, name));
        }
        // Without a purpose of his there are no persons to read of.
        let purpose = reader
            .purpose
            .filter(|purpose| access.may_state(role, purpose));
        match purpose.is_none_or(|purpose| access.is_open(purpose, parent, name)) {
            true => Ok(()),
            false => Err(Refused::purpose(parent, name)),
        }
    }

    /// How many rows a field yields: what it is asked for, never more than there can be.
    fn rows(&self, size: Size, field: &Field) -> u64 {
        match size {
            Size::One => 1,
            Size::Assumed(rows) | Size::Given { max: rows, .. } => rows,
            Size::Page { default, max } => ["first", "last"]
                .iter()
                .filter_map(|argument| field.get_argument(argument))
                .filter_map(|value| self.number(&value.node, max))
                .max()
                .map_or(default, |asked| asked.min(max)),
        }
    }

    /// How many things a list argument asks for; the most where nobody has said yet.
    fn given(&self, field: &Field, argument: &'static str, max: u64) -> Result<u64, Refused> {
        let given = field.get_argument(argument);
        let given = match (given.map(|value| &value.node), self.measure.variables) {
            (Some(Value::List(items)), _) => items.len() as u64,
            (Some(Value::Variable(_)), None) => max,
            (Some(Value::Variable(name)), Some(variables)) => {
                match variables.get(name).or_else(|| self.default_of(name)) {
                    Some(async_graphql::Value::List(items)) => items.len() as u64,
                    _ => 1,
                }
            }
            _ => 1,
        };
        limit(argument, given, max)?;
        Ok(given)
    }

    /// How many tests a filter has, if there is one.
    fn tests(&self, field: &Field, argument: &str) -> Option<u64> {
        let value = field.get_argument(argument)?;
        match self.sizes.size(&value.node, self.operation) {
            size if size.values == 0 => None,
            size => Some(size.tests()),
        }
    }

    /// What a variable is when the request does not say.
    fn default_of(&self, name: &Name) -> Option<&async_graphql::Value> {
        let definitions = self.operation.variable_definitions.iter();
        let mut of_name = definitions.filter(|definition| definition.node.name.node == *name);
        Some(&of_name.next()?.node.default_value.as_ref()?.node)
    }

    /// The number that stands here; the most where nobody has said yet.
    fn number(&self, value: &Value, most: u64) -> Option<u64> {
        match value {
            Value::Number(number) => number.as_u64(),
            Value::Variable(name) => {
                let Some(variables) = self.measure.variables else {
                    return Some(most);
                };
                match variables.get(name).or_else(|| self.default_of(name)) {
                    Some(async_graphql::Value::Number(number)) => number.as_u64(),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
