use async_graphql::InputObject;

use crate::graph::{
    CaseOrder as CaseBy, CasePredicate, SanctionOrder as SanctionBy, SanctionPredicate,
};

use super::{
    super::{
        ask::Ask,
        casework::{CaseOrderField, SanctionOrderField, SanctionStatus},
        error::Result,
    },
    AgencyFilter, DateOps, Direction, StringOps, agency_parts, bounded, date_tests, ordered, parts,
    readable, small, text_tests,
};

/// 办件条件；并列各项须同时满足。 / Tests of a case; all that are given must hold.
#[derive(InputObject)]
pub struct CaseFilter {
    /// 均满足。 / All hold.
    and: Option<Vec<CaseFilter>>,
    /// 任一满足。 / One holds.
    or: Option<Vec<CaseFilter>>,
    /// 不满足。 / Does not hold.
    not: Option<Box<CaseFilter>>,
    /// 流程。 / Its track.
    workflow: Option<Vec<String>>,
    /// 所处环节。 / Where it stands.
    stage: Option<Vec<String>>,
    /// 开始日期。 / When it began.
    opened_on: Option<DateOps>,
    /// 办理期限。 / The day by which the next step is due.
    due_on: Option<DateOps>,
    /// 是否逾期。 / Whether it is overdue.
    overdue: Option<bool>,
    /// 是否未办结。 / Whether it is not over.
    open: Option<bool>,
    /// 是否有未决异议。 / Whether an objection waits to be decided.
    under_objection: Option<bool>,
    /// 所涉单位之一。 / One of the bodies that it is about.
    agency: Option<AgencyFilter>,
    /// 承办单位。 / The body that has it in hand.
    handler: Option<AgencyFilter>,
    /// 就未办之事被催办、或期限起算时被告知的单位。 / A body that is reminded of what it still owes, or was told of it as the period began.
    reminded: Option<AgencyFilter>,
    /// 就他人逾期之事被告知的上级单位。 / A body that is told that one below it is late.
    escalated_to: Option<AgencyFilter>,
}

/// 办件的排序。 / An order of cases.
#[derive(InputObject)]
pub struct CaseOrder {
    /// 字段。 / By what.
    field: CaseOrderField,
    /// 方向。 / In which direction.
    direction: Direction,
}

/// 惩戒条件；并列各项须同时满足。 / Tests of a sanction; all that are given must hold.
#[derive(InputObject)]
pub struct SanctionFilter {
    /// 均满足。 / All hold.
    and: Option<Vec<SanctionFilter>>,
    /// 任一满足。 / One holds.
    or: Option<Vec<SanctionFilter>>,
    /// 不满足。 / Does not hold.
    not: Option<Box<SanctionFilter>>,
    /// 状态。 / Where it stands.
    status: Option<Vec<SanctionStatus>>,
    /// 措施编码。 / The measure's code.
    measure: Option<StringOps>,
    /// 开始日期。 / The first day.
    starts_on: Option<DateOps>,
    /// 结束日期。 / The last day.
    ends_on: Option<DateOps>,
    /// 对象单位。 / The body that it is about.
    agency: Option<AgencyFilter>,
}

/// 惩戒的排序。 / An order of sanctions.
#[derive(InputObject)]
pub struct SanctionOrder {
    /// 字段。 / By what.
    field: SanctionOrderField,
    /// 方向。 / In which direction.
    direction: Direction,
}

pub(in crate::api::graphql) fn case_predicate(
    ask: &Ask,
    filter: Option<CaseFilter>,
) -> Result<CasePredicate> {
    let predicate = case_parts(ask, filter)?;
    small(predicate.parts())?;
    Ok(predicate)
}

fn case_parts(ask: &Ask, filter: Option<CaseFilter>) -> Result<CasePredicate> {
    use CasePredicate as P;
    let Some(filter) = filter else {
        return Ok(P::All(Vec::new()));
    };
    let may = |field| readable(ask, "Case", field);
    let mut parts = parts!(ask, filter, P, case_parts);
    if let Some(keys) = filter.workflow {
        may("workflow")?;
        parts.push(P::Workflow(bounded(keys)?));
    }
    if let Some(stages) = filter.stage {
        may("stage")?;
        parts.push(P::Stage(bounded(stages)?));
    }
    if let Some(ops) = filter.opened_on {
        may("openedOn")?;
        parts.extend(date_tests(ops).map(P::OpenedOn));
    }
    if let Some(ops) = filter.due_on {
        may("dueOn")?;
        parts.extend(date_tests(ops).map(P::DueOn));
    }
    if let Some(wanted) = filter.overdue {
        may("overdue")?;
        parts.push(P::Overdue(wanted));
    }
    if let Some(wanted) = filter.open {
        may("open")?;
        parts.push(P::Open(wanted));
    }
    if let Some(wanted) = filter.under_objection {
        may("objections")?;
        parts.push(P::UnderObjection(wanted));
    }
    if let Some(agency) = filter.agency {
        may("agencies")?;
        parts.push(P::Agency(agency_parts(ask, Some(agency))?));
    }
    if let Some(agency) = filter.handler {
        may("handler")?;
        parts.push(P::Handler(agency_parts(ask, Some(agency))?));
    }
    if let Some(agency) = filter.reminded {
        may("reminders")?;
        parts.push(P::Reminded(agency_parts(ask, Some(agency))?));
    }
    if let Some(agency) = filter.escalated_to {
        may("reminders")?;
        parts.push(P::EscalatedTo(agency_parts(ask, Some(agency))?));
    }
    Ok(P::All(parts))
}

pub(in crate::api::graphql) fn case_order(
    ask: &Ask,
    order: Option<Vec<CaseOrder>>,
) -> Result<Vec<(CaseBy, bool)>> {
    ordered(order, |order| {
        let field = match order.field {
            CaseOrderField::OpenedOn => "openedOn",
            CaseOrderField::DueOn => "dueOn",
        };
        readable(ask, "Case", field)?;
        Ok((order.field.into(), order.direction == Direction::Desc))
    })
}

pub(in crate::api::graphql) fn sanction_predicate(
    ask: &Ask,
    filter: Option<SanctionFilter>,
) -> Result<SanctionPredicate> {
    let predicate = sanction_parts(ask, filter)?;
    small(predicate.parts())?;
    Ok(predicate)
}

fn sanction_parts(ask: &Ask, filter: Option<SanctionFilter>) -> Result<SanctionPredicate> {
    use SanctionPredicate as P;
    let Some(filter) = filter else {
        return Ok(P::All(Vec::new()));
    };
    let may = |field| readable(ask, "Sanction", field);
    let mut parts = parts!(ask, filter, P, sanction_parts);
    if let Some(statuses) = filter.status {
        may("status")?;
        let statuses = bounded(statuses)?.into_iter().map(Into::into);
        parts.push(P::Status(statuses.collect()));
    }
    if let Some(ops) = filter.measure {
        may("measure")?;
        parts.extend(text_tests(ops)?.into_iter().map(P::Measure));
    }
    if let Some(ops) = filter.starts_on {
        may("startsOn")?;
        parts.extend(date_tests(ops).map(P::StartsOn));
    }
    if let Some(ops) = filter.ends_on {
        may("endsOn")?;
        parts.extend(date_tests(ops).map(P::EndsOn));
    }
    if let Some(agency) = filter.agency {
        may("agency")?;
        parts.push(P::Agency(agency_parts(ask, Some(agency))?));
    }
    Ok(P::All(parts))
}

pub(in crate::api::graphql) fn sanction_order(
    ask: &Ask,
    order: Option<Vec<SanctionOrder>>,
) -> Result<Vec<(SanctionBy, bool)>> {
    ordered(order, |order| {
        let field = match order.field {
            SanctionOrderField::StartsOn => "startsOn",
            SanctionOrderField::EndsOn => "endsOn",
        };
        readable(ask, "Sanction", field)?;
        Ok((order.field.into(), order.direction == Direction::Desc))
    })
}
