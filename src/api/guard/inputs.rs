//! How much is given as arguments and variables: each value is read and coerced, and each test of a
//! filter is asked of many rows.

use std::collections::HashMap;

use async_graphql::{Name, Value as Given, Variables, parser::types::OperationDefinition};
use async_graphql_value::Value;

use super::{Refused, limit};

/// Values in all variables of a request.
const GIVEN_MAX: u64 = 5_000;
/// Lists and objects in one another, in variables; those in the text are bounded with its brackets.
const NESTING_MAX: u64 = 32;
/// So many bytes of text count as one more value.
const TEXT_BYTES: u64 = 64;
/// What one value among many costs, in parts of a test: it is compared and no more.
const VALUES_OF_A_TEST: u64 = 16;

/// How big a value is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) values: u64,
    /// What is asked of a row, if it is a filter, in sixteenths of a test.
    asked: u64,
}

/// The sizes of variables that a request gives, by name.
#[derive(Debug, Default)]
pub(super) struct Sizes<'a> {
    by_name: HashMap<&'a str, Size>,
    /// Somebody asks, so that what is not there is not given.
    is_asked: bool,
}

impl Size {
    fn scalar(values: u64) -> Self {
        Self {
            values,
            asked: VALUES_OF_A_TEST,
        }
    }

    /// Of a list or an object around these.
    fn around(inner: impl Iterator<Item = Size>, is_list: bool) -> Self {
        let mut sum = Self {
            values: 1,
            // An empty list is a test too.
            asked: if is_list { VALUES_OF_A_TEST } else { 1 },
        };
        for one in inner {
            sum.values = sum.values.saturating_add(one.values);
            // Of plain values in a list each is only compared.
            let asked = match is_list && one.asked == VALUES_OF_A_TEST {
                true => 1,
                false => one.asked,
            };
            sum.asked = sum.asked.saturating_add(asked);
        }
        sum
    }

    fn of_text(text: &str) -> Self {
        Self::scalar(1 + text.len() as u64 / TEXT_BYTES)
    }

    /// Tests of a filter.
    pub(super) fn tests(self) -> u64 {
        self.asked / VALUES_OF_A_TEST
    }
}

impl<'a> Sizes<'a> {
    /// Of those that a request gives.
    pub(super) fn of(variables: Option<&'a Variables>) -> Result<Self, Refused> {
        let mut by_name = HashMap::new();
        let mut left = GIVEN_MAX;
        for (name, value) in variables.into_iter().flat_map(|given| given.iter()) {
            by_name.insert(name.as_str(), given(value, 0, &mut left)?);
        }
        Ok(Self {
            by_name,
            is_asked: variables.is_some(),
        })
    }

    /// That of a value in the text of an operation.
    pub(super) fn size(&self, value: &Value, operation: &OperationDefinition) -> Size {
        match value {
            Value::Variable(name) => self.variable(name, operation),
            Value::String(text) => Size::of_text(text),
            Value::List(items) => {
                Size::around(items.iter().map(|item| self.size(item, operation)), true)
            }
            Value::Object(members) => {
                let members = members.values();
                Size::around(members.map(|value| self.size(value, operation)), false)
            }
            Value::Null => Size::default(),
            _ => Size::scalar(1),
        }
    }

    /// What the request gives, else the default, else nothing; one where nobody asks yet.
    fn variable(&self, name: &Name, operation: &OperationDefinition) -> Size {
        if let Some(size) = self.by_name.get(name.as_str()) {
            return *size;
        }
        let definitions = &operation.variable_definitions;
        let mut of_name = definitions.iter().filter(|one| one.node.name.node == *name);
        let default = of_name
            .next()
            .and_then(|one| one.node.default_value.as_ref());
        // The text's own bounds hold for a default.
        let mut left = u64::MAX;
        let default = default.and_then(|value| given(&value.node, 0, &mut left).ok());
        default.unwrap_or_else(|| match self.is_asked {
            true => Size::default(),
            false => Size::scalar(1),
        })
    }
}

fn given(value: &Given, level: u64, left: &mut u64) -> Result<Size, Refused> {
    limit("nested values", level, NESTING_MAX)?;
    let own = match value {
        Given::String(text) => Size::of_text(text),
        Given::Null => Size::default(),
        _ => Size::scalar(1),
    };
    let too_many = || Refused::TooMany {
        what: "values given",
        limit: GIVEN_MAX,
    };
    *left = left.checked_sub(own.values).ok_or_else(too_many)?;
    let inner = |inner: &mut dyn Iterator<Item = &Given>, left: &mut u64| {
        let sizes: Result<Vec<Size>, Refused> =
            inner.map(|value| given(value, level + 1, left)).collect();
        sizes
    };
    match value {
        Given::List(items) => Ok(Size::around(
            inner(&mut items.iter(), left)?.into_iter(),
            true,
        )),
        Given::Object(members) => Ok(Size::around(
            inner(&mut members.values(), left)?.into_iter(),
            false,
        )),
        _ => Ok(own),
    }
}
