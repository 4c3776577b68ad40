//! How much is given as arguments and variables: each value is read, coerced and often asked of many
//! rows.

use std::collections::HashMap;

use async_graphql::{Name, Value as Given, Variables};
use async_graphql_value::Value;

use super::{Refused, limit};

/// Values in all variables of a request.
const GIVEN_MAX: u64 = 5_000;
/// Lists and objects in one another, in variables; those in the text are bounded with its brackets.
const NESTING_MAX: u64 = 32;
/// So many bytes of text count as one more value.
const TEXT_BYTES: u64 = 64;

/// The sizes of variables, by name.
#[derive(Debug, Default)]
pub(super) struct Sizes<'a>(HashMap<&'a str, u64>);

impl<'a> Sizes<'a> {
    /// Of those that a request gives.
    pub(super) fn of(variables: Option<&'a Variables>) -> Result<Self, Refused> {
        let mut sizes = HashMap::new();
        let mut sum = 0;
        for (name, value) in variables.into_iter().flat_map(|given| given.iter()) {
            let before = sum;
            count(value, 0, &mut sum)?;
            sizes.insert(name.as_str(), sum - before);
        }
        Ok(Self(sizes))
    }

    /// That of a value in the text; a variable that is not given counts as one.
    pub(super) fn size(&self, value: &Value) -> u64 {
        match value {
            Value::Variable(name) => self.given(name),
            Value::String(text) => of_text(text),
            Value::List(items) => items
                .iter()
                .fold(1, |sum: u64, item| sum.saturating_add(self.size(item))),
            Value::Object(members) => members
                .values()
                .fold(1, |sum: u64, value| sum.saturating_add(self.size(value))),
            _ => 1,
        }
    }

    fn given(&self, name: &Name) -> u64 {
        self.0.get(name.as_str()).copied().unwrap_or(1)
    }
}

fn of_text(text: &str) -> u64 {
    1 + text.len() as u64 / TEXT_BYTES
}

fn count(value: &Given, level: u64, sum: &mut u64) -> Result<(), Refused> {
    limit("nested values", level, NESTING_MAX)?;
    *sum = sum.saturating_add(match value {
        Given::String(text) => of_text(text),
        _ => 1,
    });
    limit("values given", *sum, GIVEN_MAX)?;
    match value {
        Given::List(items) => items
            .iter()
            .try_for_each(|item| count(item, level + 1, sum)),
        Given::Object(members) => members
            .values()
            .try_for_each(|value| count(value, level + 1, sum)),
        _ => Ok(()),
    }
}
