//! Filters and orders of the contract, translated into the graph's predicates. A field that the
//! viewer can't read can't be filtered or ordered by either.

mod casework;
mod clue;
mod warning;

use async_graphql::{Enum, InputObject};
use domain::{assess::GradeCode, division::DivisionCode, viewer::Role};

use crate::graph::{
    AgencyOrder as AgencyBy, AgencyPredicate, DateTest, DecimalTest, DivisionTest,
    MentionPredicate, RecordOrder as RecordBy, RecordPredicate, TextTest,
};

use super::{
    agency::{AgencyKind, AgencyOrderField},
    ask::Ask,
    credit_record::{CreditRecordKind, CreditRecordOrderField, CreditRecordStatus, Tier},
    error::{ApiError, Code, Result},
    resolution::ResolutionOutcome,
    scalars::{Date, Decimal},
};

pub(super) use casework::{
    CaseFilter, CaseOrder, SanctionFilter, SanctionOrder, case_order, case_predicate,
    sanction_order, sanction_predicate,
};
pub(super) use clue::{ClueFilter, ClueOrder, clue_order, clue_predicate};
pub(super) use warning::{WarningFilter, WarningOrder, warning_order, warning_predicate};

/// Values in one list of a filter.
const VALUES_MAX: usize = 200;
/// Tests in one filter: each is asked of every row.
const TESTS_MAX: usize = 50;
/// Fields in one order.
const ORDER_FIELDS_MAX: usize = 5;

/// 文本条件。 / Tests of a text.
#[derive(InputObject)]
pub struct StringOps {
    /// 等于。 / Is.
    eq: Option<String>,
    /// 属于。 / Is one of.
    #[graphql(name = "in")]
    is_in: Option<Vec<String>>,
    /// 包含。 / Contains.
    contains: Option<String>,
    /// 以…开头。 / Starts with.
    starts_with: Option<String>,
}

/// 日期条件。 / Tests of a day.
#[derive(InputObject)]
pub struct DateOps {
    /// 等于。 / Is.
    eq: Option<Date>,
    /// 不早于。 / Is this day or later.
    gte: Option<Date>,
    /// 不晚于。 / Is this day or earlier.
    lte: Option<Date>,
    /// 晚于。 / Is later.
    gt: Option<Date>,
    /// 早于。 / Is earlier.
    lt: Option<Date>,
}

/// 数值条件。 / Tests of an amount.
#[derive(InputObject)]
pub struct DecimalOps {
    /// 等于。 / Is.
    eq: Option<Decimal>,
    /// 不小于。 / Is at least.
    gte: Option<Decimal>,
    /// 不大于。 / Is at most.
    lte: Option<Decimal>,
    /// 大于。 / Is more.
    gt: Option<Decimal>,
    /// 小于。 / Is less.
    lt: Option<Decimal>,
}

/// 区划条件（按今日区划）。 / Tests of a division, by today's tree.
#[derive(InputObject)]
pub struct DivisionOps {
    /// 等于。 / Is.
    eq: Option<String>,
    /// 属于。 / Is one of.
    #[graphql(name = "in")]
    is_in: Option<Vec<String>>,
    /// 该区划及以下。 / Is this division or lies below it.
    within: Option<String>,
}

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

/// 提及条件；并列各项须同时满足。 / Tests of a mention; all that are given must hold.
#[derive(InputObject)]
pub struct MentionFilter {
    /// 均满足。 / All hold.
    and: Option<Vec<MentionFilter>>,
    /// 任一满足。 / One holds.
    or: Option<Vec<MentionFilter>>,
    /// 不满足。 / Does not hold.
    not: Option<Box<MentionFilter>>,
    /// 归一结果类型。 / The resolver's outcome.
    outcome: Option<Vec<ResolutionOutcome>>,
    /// 数据源的键。 / Its source's key.
    source: Option<StringOps>,
    /// 指向的区划。 / The division that its row points to.
    division: Option<DivisionOps>,
    /// 已有人工判定。 / A decision holds of it.
    decided: Option<bool>,
}

/// 排序方向。 / Direction of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum Direction {
    /// 升序。 / Ascending.
    Asc,
    /// 降序。 / Descending.
    Desc,
}

/// 单位的排序。 / An order of agencies.
#[derive(InputObject)]
pub struct AgencyOrder {
    /// 字段。 / By what.
    field: AgencyOrderField,
    /// 方向。 / In which direction.
    direction: Direction,
}

/// 记录的排序。 / An order of records.
#[derive(InputObject)]
pub struct CreditRecordOrder {
    /// 字段。 / By what.
    field: CreditRecordOrderField,
    /// 方向。 / In which direction.
    direction: Direction,
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

fn text_tests(ops: StringOps) -> Result<Vec<TextTest>> {
    let is_in = ops.is_in.map(bounded).transpose()?;
    Ok([
        ops.eq.map(TextTest::Is),
        is_in.map(TextTest::IsIn),
        ops.contains.map(TextTest::Contains),
        ops.starts_with.map(TextTest::StartsWith),
    ]
    .into_iter()
    .flatten()
    .collect())
}

fn date_tests(ops: DateOps) -> impl Iterator<Item = DateTest> {
    [
        ops.eq.map(|day| DateTest::Is(day.0)),
        ops.gte.map(|day| DateTest::From(day.0)),
        ops.lte.map(|day| DateTest::To(day.0)),
        ops.gt.map(|day| DateTest::After(day.0)),
        ops.lt.map(|day| DateTest::Before(day.0)),
    ]
    .into_iter()
    .flatten()
}

fn decimal_tests(ops: DecimalOps) -> impl Iterator<Item = DecimalTest> {
    [
        ops.eq.map(|sum| DecimalTest::Is(sum.0)),
        ops.gte.map(|sum| DecimalTest::AtLeast(sum.0)),
        ops.lte.map(|sum| DecimalTest::AtMost(sum.0)),
        ops.gt.map(|sum| DecimalTest::MoreThan(sum.0)),
        ops.lt.map(|sum| DecimalTest::LessThan(sum.0)),
    ]
    .into_iter()
    .flatten()
}

fn division_tests(ops: DivisionOps) -> Result<Vec<DivisionTest>> {
    let is_in = ops.is_in.map(bounded).transpose()?;
    let mut tests = Vec::new();
    if let Some(eq) = ops.eq {
        tests.push(DivisionTest::IsIn(vec![division_code(&eq)?]));
    }
    if let Some(is_in) = is_in {
        let codes = is_in.iter().map(|code| division_code(code));
        tests.push(DivisionTest::IsIn(codes.collect::<Result<_>>()?));
    }
    if let Some(within) = ops.within {
        tests.push(DivisionTest::Within(division_code(&within)?));
    }
    Ok(tests)
}

pub(super) fn division_code(text: &str) -> Result<DivisionCode> {
    let expected = "a division code has 6 or 9 digits / 区划代码为 6 或 9 位";
    text.parse().map_err(|_| ApiError::invalid(expected))
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

pub(super) fn agency_predicate(ask: &Ask, filter: Option<AgencyFilter>) -> Result<AgencyPredicate> {
    let predicate = agency_parts(ask, filter)?;
    small(predicate.parts())?;
    Ok(predicate)
}

fn agency_parts(ask: &Ask, filter: Option<AgencyFilter>) -> Result<AgencyPredicate> {
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

pub(super) fn record_predicate(
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

pub(super) fn mention_predicate(
    ask: &Ask,
    filter: Option<MentionFilter>,
) -> Result<MentionPredicate> {
    let predicate = mention_parts(ask, filter)?;
    small(predicate.parts())?;
    Ok(predicate)
}

fn mention_parts(ask: &Ask, filter: Option<MentionFilter>) -> Result<MentionPredicate> {
    use MentionPredicate as P;
    let Some(filter) = filter else {
        return Ok(P::All(Vec::new()));
    };
    let may = |field| readable(ask, "Mention", field);
    let mut parts = parts!(ask, filter, P, mention_parts);
    if let Some(outcomes) = filter.outcome {
        may("resolution")?;
        readable(ask, "Resolution", "outcome")?;
        parts.push(P::Outcome(
            bounded(outcomes)?.into_iter().map(Into::into).collect(),
        ));
    }
    if let Some(ops) = filter.source {
        may("source")?;
        readable(ask, "Source", "key")?;
        parts.extend(text_tests(ops)?.into_iter().map(P::Source));
    }
    if let Some(ops) = filter.division {
        may("division")?;
        parts.extend(division_tests(ops)?.into_iter().map(P::Division));
    }
    if let Some(wanted) = filter.decided {
        may("decision")?;
        parts.push(P::Decided(wanted));
    }
    Ok(P::All(parts))
}

pub(super) fn agency_order(
    ask: &Ask,
    order: Option<Vec<AgencyOrder>>,
) -> Result<Vec<(AgencyBy, bool)>> {
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

pub(super) fn record_order(
    ask: &Ask,
    order: Option<Vec<CreditRecordOrder>>,
) -> Result<Vec<(RecordBy, bool)>> {
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
