//! Filters and orders of the contract, translated into the graph's predicates. A field that the
//! viewer can't read can't be filtered or ordered by either.

mod agency;
mod casework;
mod clue;
mod credit_record;
mod mention;
mod ops;
mod warning;

use async_graphql::Enum;
use domain::viewer::Role;

use super::{
    ask::Ask,
    error::{ApiError, Code, Result},
};

use agency::agency_parts;
pub(super) use agency::{AgencyFilter, AgencyOrder, agency_order, agency_predicate};
pub(super) use casework::{
    CaseFilter, CaseOrder, SanctionFilter, SanctionOrder, case_order, case_predicate,
    sanction_order, sanction_predicate,
};
pub(super) use clue::{ClueFilter, ClueOrder, clue_order, clue_predicate};
pub(super) use credit_record::{
    CreditRecordFilter, CreditRecordOrder, record_order, record_predicate,
};
pub(super) use mention::{MentionFilter, mention_predicate};
pub(super) use ops::division_code;
use ops::{
    DateOps, DecimalOps, DivisionOps, StringOps, date_tests, decimal_tests, division_tests,
    text_tests,
};
pub(super) use warning::{WarningFilter, WarningOrder, warning_order, warning_predicate};

/// Values in one list of a filter.
const VALUES_MAX: usize = 200;
/// Tests in one filter: each is asked of every row.
const TESTS_MAX: usize = 50;
/// Fields in one order.
const ORDER_FIELDS_MAX: usize = 5;

/// 排序方向。 / Direction of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum Direction {
    /// 升序。 / Ascending.
    Asc,
    /// 降序。 / Descending.
    Desc,
}

/// Refuses what the viewer may not read.
pub(super) fn readable(ask: &Ask, type_name: &str, field: &str) -> Result<()> {
    let role: Role = ask.view.viewer().role;
    if ask.app.catalogue.access.may_read(role, type_name, field) {
        return Ok(());
    }
    let message = format!(
        "{type_name}.{field} may not be read, so it can't be filtered, ordered or grouped by / 无权读取，不能作为条件"
    );
    Err(ApiError {
        code: Code::Forbidden,
        reason: None,
        message,
    })
}

fn small(tests: usize) -> Result<()> {
    if tests > TESTS_MAX {
        let message = format!("a filter of {tests} tests, expected at most {TESTS_MAX}");
        return Err(ApiError {
            code: Code::Limited,
            reason: None,
            message,
        });
    }
    Ok(())
}

fn bounded<T>(values: Vec<T>) -> Result<Vec<T>> {
    if values.len() > VALUES_MAX {
        return Err(ApiError::invalid(format!(
            "a list of {} values, expected at most {VALUES_MAX}",
            values.len()
        )));
    }
    Ok(values)
}

fn ordered<T, F>(
    order: Option<Vec<T>>,
    each: impl Fn(T) -> Result<(F, bool)>,
) -> Result<Vec<(F, bool)>> {
    let order = order.unwrap_or_default();
    if order.len() > ORDER_FIELDS_MAX {
        return Err(ApiError::invalid(format!(
            "an order of {} fields, expected at most {ORDER_FIELDS_MAX}",
            order.len()
        )));
    }
    order.into_iter().map(each).collect()
}

/// Collects what holds together: the parts of a filter, each behind its right to be read.
macro_rules! parts {
    ($ask:ident, $filter:ident, $predicate:ident, $translate:ident) => {{
        let mut parts = Vec::new();
        for part in $filter.and.into_iter().flatten() {
            parts.push($translate($ask, Some(part))?);
        }
        if let Some(any) = $filter.or {
            let any = any.into_iter().map(|part| $translate($ask, Some(part)));
            parts.push($predicate::Any(any.collect::<Result<_>>()?));
        }
        if let Some(not) = $filter.not {
            parts.push($predicate::Not(Box::new($translate($ask, Some(*not))?)));
        }
        parts
    }};
}
use parts;
