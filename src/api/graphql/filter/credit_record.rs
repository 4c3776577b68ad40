use async_graphql::InputObject;

use crate::graph::{RecordOrder as By, RecordPredicate};

use super::{
    super::{
        ask::Ask,
        credit_record::{CreditRecordKind, CreditRecordOrderField, CreditRecordStatus, Tier},
        error::Result,
    },
    AgencyFilter, DateOps, DecimalOps, Direction, StringOps, agency_parts, bounded, date_tests,
    decimal_tests, ordered, parts, readable, small, text_tests,
};

/// 记录条件；并列各项须同时满足。 / Tests of a record; all that are given must hold.
#[derive(InputObject)]
pub struct CreditRecordFilter {
    /// 均满足。 / All hold.
    and: Option<Vec<CreditRecordFilter>>,
    /// 任一满足。 / One holds.
    or: Option<Vec<CreditRecordFilter>>,
    /// 不满足。 / Does not hold.
    not: Option<Box<CreditRecordFilter>>,
    /// 类别。 / Its kind.
    kind: Option<Vec<CreditRecordKind>>,
    /// 等级。 / Its tier.
    tier: Option<Vec<Tier>>,
    /// 状态。 / Where it stands.
    status: Option<Vec<CreditRecordStatus>>,
    /// 是否有未决异议。 / Whether an objection waits to be decided.
    under_objection: Option<bool>,
    /// 领域。 / Its domain.
    domain: Option<StringOps>,
    /// 金额（元）。 / Its amount in yuan.
    amount: Option<DecimalOps>,
    /// 认定日期。 / The day of determination.
    identified_on: Option<DateOps>,
    /// 案号。 / Its case number.
    case_number: Option<StringOps>,
    /// 数据源的键。 / Its source's key.
    source: Option<StringOps>,
    /// 责任单位。 / Its agency.
    agency: Option<AgencyFilter>,
}

/// 记录的排序。 / An order of records.
#[derive(InputObject)]
pub struct CreditRecordOrder {
    /// 字段。 / By what.
    field: CreditRecordOrderField,
    /// 方向。 / In which direction.
    direction: Direction,
}

pub(in crate::api::graphql) fn record_predicate(
    ask: &Ask,
    filter: Option<CreditRecordFilter>,
) -> Result<RecordPredicate> {
    let predicate = record_parts(ask, filter)?;
    small(predicate.parts())?;
    Ok(predicate)
}

fn record_parts(ask: &Ask, filter: Option<CreditRecordFilter>) -> Result<RecordPredicate> {
    use RecordPredicate as P;
    let Some(filter) = filter else {
        return Ok(P::All(Vec::new()));
    };
    let may = |field| readable(ask, "CreditRecord", field);
    let mut parts = parts!(ask, filter, P, record_parts);
    if let Some(kinds) = filter.kind {
        may("kind")?;
        parts.push(P::Kind(
            bounded(kinds)?.into_iter().map(Into::into).collect(),
        ));
    }
    if let Some(tiers) = filter.tier {
        may("tier")?;
        parts.push(P::Tier(
            bounded(tiers)?.into_iter().map(Into::into).collect(),
        ));
    }
    if let Some(all) = filter.status {
        may("status")?;
        parts.push(P::Status(
            bounded(all)?.into_iter().map(Into::into).collect(),
        ));
    }
    if let Some(wanted) = filter.under_objection {
        may("underObjection")?;
        parts.push(P::UnderObjection(wanted));
    }
    if let Some(ops) = filter.domain {
        may("domain")?;
        parts.extend(text_tests(ops)?.into_iter().map(P::Domain));
    }
    if let Some(ops) = filter.amount {
        may("amount")?;
        parts.extend(decimal_tests(ops).map(P::Amount));
    }
    if let Some(ops) = filter.identified_on {
        may("identifiedOn")?;
        parts.extend(date_tests(ops).map(P::IdentifiedOn));
    }
    if let Some(ops) = filter.case_number {
        may("caseNumber")?;
        parts.extend(text_tests(ops)?.into_iter().map(P::CaseNumber));
    }
    if let Some(ops) = filter.source {
        may("evidence")?;
        readable(ask, "Evidence", "source")?;
        readable(ask, "Source", "key")?;
        parts.extend(text_tests(ops)?.into_iter().map(P::Source));
    }
    if let Some(agency) = filter.agency {
        may("agency")?;
        parts.push(P::Agency(agency_parts(ask, Some(agency))?));
    }
    Ok(P::All(parts))
}

pub(in crate::api::graphql) fn record_order(
    ask: &Ask,
    order: Option<Vec<CreditRecordOrder>>,
) -> Result<Vec<(By, bool)>> {
    ordered(order, |order| {
        let field = match order.field {
            CreditRecordOrderField::IdentifiedOn => "identifiedOn",
            CreditRecordOrderField::Amount => "amount",
            CreditRecordOrderField::Tier => "tier",
        };
        readable(ask, "CreditRecord", field)?;
        Ok((order.field.into(), order.direction == Direction::Desc))
    })
}
