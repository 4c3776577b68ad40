use async_graphql::InputObject;
use domain::assess::GradeCode;

use crate::graph::{AgencyOrder as By, AgencyPredicate};

use super::{
    super::{
        agency::{AgencyKind, AgencyOrderField},
        ask::Ask,
        error::Result,
    },
    Direction, DivisionOps, StringOps, bounded, division_tests, ordered, parts, readable, small,
    text_tests,
};

/// 单位条件；并列各项须同时满足。 / Tests of an agency; all that are given must hold.
#[derive(InputObject)]
pub struct AgencyFilter {
    /// 均满足。 / All hold.
    and: Option<Vec<AgencyFilter>>,
    /// 任一满足。 / One holds.
    or: Option<Vec<AgencyFilter>>,
    /// 不满足。 / Does not hold.
    not: Option<Box<AgencyFilter>>,
    /// 统一社会信用代码。 / Its code.
    uscc: Option<StringOps>,
    /// 名称。 / Its name.
    name: Option<StringOps>,
    /// 类别。 / Its kind.
    kind: Option<Vec<AgencyKind>>,
    /// 区划。 / Its division.
    division: Option<DivisionOps>,
    /// 未撤销。 / Is not abolished.
    active: Option<bool>,
    /// 有有效记录。 / Has a record that holds.
    has_active_record: Option<bool>,
    /// 等级（缺省规则包）。 / Its grade by the default rule pack.
    grade: Option<Vec<String>>,
}

/// 单位的排序。 / An order of agencies.
#[derive(InputObject)]
pub struct AgencyOrder {
    /// 字段。 / By what.
    field: AgencyOrderField,
    /// 方向。 / In which direction.
    direction: Direction,
}

pub(in crate::api::graphql) fn agency_predicate(
    ask: &Ask,
    filter: Option<AgencyFilter>,
) -> Result<AgencyPredicate> {
    let predicate = agency_parts(ask, filter)?;
    small(predicate.parts())?;
    Ok(predicate)
}

pub(super) fn agency_parts(ask: &Ask, filter: Option<AgencyFilter>) -> Result<AgencyPredicate> {
    use AgencyPredicate as P;
    let Some(filter) = filter else {
        return Ok(P::All(Vec::new()));
    };
    let may = |field| readable(ask, "Agency", field);
    let mut parts = parts!(ask, filter, P, agency_parts);
    if let Some(ops) = filter.uscc {
        may("uscc")?;
        parts.extend(text_tests(ops)?.into_iter().map(P::Uscc));
    }
    if let Some(ops) = filter.name {
        may("name")?;
        parts.extend(text_tests(ops)?.into_iter().map(P::Name));
    }
    if let Some(kinds) = filter.kind {
        may("kind")?;
        parts.push(P::Kind(
            bounded(kinds)?.into_iter().map(Into::into).collect(),
        ));
    }
    if let Some(ops) = filter.division {
        may("division")?;
        parts.extend(division_tests(ops)?.into_iter().map(P::Division));
    }
    if let Some(wanted) = filter.active {
        may("abolishedOn")?;
        parts.push(P::Active(wanted));
    }
    if let Some(wanted) = filter.has_active_record {
        may("creditRecords")?;
        readable(ask, "CreditRecord", "status")?;
        parts.push(P::HasActiveRecord(wanted));
    }
    if let Some(grades) = filter.grade {
        may("assessment")?;
        readable(ask, "Assessment", "grade")?;
        // What is no code is nobody's grade.
        let grades = bounded(grades)?;
        let codes = grades.iter().filter_map(|grade| GradeCode::of(grade));
        parts.push(P::Grade(codes.collect()));
    }
    Ok(P::All(parts))
}

pub(in crate::api::graphql) fn agency_order(
    ask: &Ask,
    order: Option<Vec<AgencyOrder>>,
) -> Result<Vec<(By, bool)>> {
    ordered(order, |order| {
        let field = match order.field {
            AgencyOrderField::Name => "name",
            AgencyOrderField::Division => "division",
            AgencyOrderField::ActiveRecords => "creditRecords",
            AgencyOrderField::Score => "assessment",
        };
        readable(ask, "Agency", field)?;
        if order.field == AgencyOrderField::Score {
            readable(ask, "Assessment", "score")?;
        }
        if order.field == AgencyOrderField::ActiveRecords {
            readable(ask, "CreditRecord", "status")?;
        }
        Ok((order.field.into(), order.direction == Direction::Desc))
    })
}
