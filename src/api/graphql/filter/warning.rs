use async_graphql::InputObject;

use crate::graph::{WarningOrder as By, WarningPredicate};

use super::{
    super::{
        ask::Ask,
        error::Result,
        warning::{WarningLevel, WarningOrderField, WarningState},
    },
    AgencyFilter, DateOps, Direction, StringOps, agency_parts, bounded, date_tests, ordered, parts,
    readable, small, text_tests,
};

/// 预警条件；并列各项须同时满足。 / Tests of a warning; all that are given must hold.
#[derive(InputObject)]
pub struct WarningFilter {
    /// 均满足。 / All hold.
    and: Option<Vec<WarningFilter>>,
    /// 任一满足。 / One holds.
    or: Option<Vec<WarningFilter>>,
    /// 不满足。 / Does not hold.
    not: Option<Box<WarningFilter>>,
    /// 状态。 / Where it stands.
    state: Option<Vec<WarningState>>,
    /// 级别。 / How serious it is.
    level: Option<Vec<WarningLevel>>,
    /// 红线代码。 / Code of its red line.
    red_line: Option<StringOps>,
    /// 办理期限。 / The day by which the next thing is to be done.
    due_on: Option<DateOps>,
    /// 是否逾期：应办之日已过，升级后另有期限者亦然。 / Whether what is to be done is late, also where it has another day since it went up.
    overdue: Option<bool>,
    /// 所涉单位。 / The body that it is about.
    agency: Option<AgencyFilter>,
}

/// 预警的排序。 / An order of warnings.
#[derive(InputObject)]
pub struct WarningOrder {
    /// 字段。 / By what.
    field: WarningOrderField,
    /// 方向。 / In which direction.
    direction: Direction,
}

pub(in crate::api::graphql) fn warning_predicate(
    ask: &Ask,
    filter: Option<WarningFilter>,
) -> Result<WarningPredicate> {
    let predicate = warning_parts(ask, filter)?;
    small(predicate.parts())?;
    Ok(predicate)
}

fn warning_parts(ask: &Ask, filter: Option<WarningFilter>) -> Result<WarningPredicate> {
    use WarningPredicate as P;
    let Some(filter) = filter else {
        return Ok(P::All(Vec::new()));
    };
    let may = |field| readable(ask, "Warning", field);
    let mut parts = parts!(ask, filter, P, warning_parts);
    if let Some(states) = filter.state {
        may("state")?;
        let states = bounded(states)?.into_iter().map(Into::into);
        parts.push(P::State(states.collect()));
    }
    if let Some(levels) = filter.level {
        may("level")?;
        let levels = bounded(levels)?.into_iter().map(Into::into);
        parts.push(P::Level(levels.collect()));
    }
    if let Some(ops) = filter.red_line {
        may("redLine")?;
        parts.extend(text_tests(ops)?.into_iter().map(P::RedLine));
    }
    if let Some(ops) = filter.due_on {
        may("dueOn")?;
        parts.extend(date_tests(ops).map(P::DueOn));
    }
    if let Some(wanted) = filter.overdue {
        may("dueOn")?;
        parts.push(P::Overdue(wanted));
    }
    if let Some(agency) = filter.agency {
        may("agency")?;
        parts.push(P::Agency(agency_parts(ask, Some(agency))?));
    }
    Ok(P::All(parts))
}

pub(in crate::api::graphql) fn warning_order(
    ask: &Ask,
    order: Option<Vec<WarningOrder>>,
) -> Result<Vec<(By, bool)>> {
    ordered(order, |order| {
        let field = match order.field {
            WarningOrderField::RaisedAt => "raisedAt",
            WarningOrderField::Level => "level",
            WarningOrderField::DueOn => "dueOn",
        };
        readable(ask, "Warning", field)?;
        Ok((order.field.into(), order.direction == Direction::Desc))
    })
}
