//! Tests of one value: a text, a day, an amount, a division.

use async_graphql::InputObject;
use domain::division::DivisionCode;

use crate::graph::{DateTest, DecimalTest, DivisionTest, TextTest};

use super::{
    super::{
        error::{ApiError, Result},
        scalars::{Date, Decimal},
    },
    bounded,
};

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

pub(super) fn text_tests(ops: StringOps) -> Result<Vec<TextTest>> {
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

pub(super) fn date_tests(ops: DateOps) -> impl Iterator<Item = DateTest> {
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

pub(super) fn decimal_tests(ops: DecimalOps) -> impl Iterator<Item = DecimalTest> {
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

pub(super) fn division_tests(ops: DivisionOps) -> Result<Vec<DivisionTest>> {
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

pub(in crate::api::graphql) fn division_code(text: &str) -> Result<DivisionCode> {
    let expected = "a division code has 6 or 9 digits / 区划代码为 6 或 9 位";
    text.parse().map_err(|_| ApiError::invalid(expected))
}
