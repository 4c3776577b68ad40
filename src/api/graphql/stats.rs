//! Grouped counts of records.

use async_graphql::SimpleObject;

use crate::graph::{
    GROUPS_MAX, GroupError, GroupKey, Grouping, RecordDimension, RecordGroup, View,
};

use super::{
    ask::Ask,
    credit_record::{CreditRecordKind, CreditRecordStatus, Tier},
    error::{ApiError, Code, Result},
    filter::{CreditRecordFilter, readable, record_predicate},
    scalars::{Decimal, api_enum},
};

/// Groups in an answer when the client names no number.
const GROUPS_DEFAULT: usize = 200;

api_enum! {
    /// 记录的分组维度。 / What records can be grouped by.
    CreditRecordDimension = RecordDimension {
        /// 责任单位所属区划。 / The division of the agency.
        Division,
        /// 责任单位。 / The agency.
        Agency,
        /// 类别。 / Kind.
        Kind,
        /// 等级。 / Tier.
        Tier,
        /// 状态。 / Status.
        Status,
        /// 领域。 / Domain.
        Domain,
        /// 数据源。 / The source.
        Source,
        /// 认定月份。 / Month of determination.
        Month,
        /// 认定年份。 / Year of determination.
        Year,
    }
}

/// 一组记录的计数。 / What records with the same keys come to.
#[derive(SimpleObject)]
pub struct CreditRecordGroup {
    /// 各维度的键，次序同 groupBy；无值者为 null。 / One key for each dimension, in the order of groupBy; null where the value is. MONTH is 2026-11, YEAR 2026, an agency its code.
    keys: Vec<Option<String>>,
    /// 各键的显示名；无值者为 null。 / What each key is called; null where the key is.
    labels: Vec<Option<String>>,
    /// 记录数。 / How many records.
    count: i32,
    /// 涉及的单位数，不重复计；不可见者不计。 / How many distinct agencies that may be seen.
    agencies: i32,
    /// 金额合计（元）；均无金额时为 null。 / Sum of the amounts in yuan; null where none has one.
    amount: Option<Decimal>,
}

impl CreditRecordGroup {
    fn of(ask: &Ask, told: &View, group: RecordGroup<'_>) -> Self {
        let keys = group.keys.iter().map(|key| key.map(|key| text(told, key)));
        let labels = group.keys.iter();
        let labels = labels.map(|key| key.map(|key| label(ask, told, key)));
        Self {
            keys: keys.collect(),
            labels: labels.collect(),
            count: i32::try_from(group.count).unwrap_or(i32::MAX),
            agencies: i32::try_from(group.agencies).unwrap_or(i32::MAX),
            amount: group.amount.map(Decimal),
        }
    }
}

/// The groups that are asked for, as the view that is told counts them.
pub(super) fn record_groups(
    ask: &Ask,
    told: &View,
    filter: Option<CreditRecordFilter>,
    grouping: Grouping,
) -> Result<Vec<CreditRecordGroup>> {
    for dimension in &grouping.by {
        for (type_name, field) in fields(*dimension) {
            readable(ask, type_name, field)?;
        }
    }
    let predicate = record_predicate(ask, filter)?;
    let groups = told.record_groups(&predicate, &grouping).map_err(refused)?;
    let group = |group| CreditRecordGroup::of(ask, told, group);
    Ok(groups.into_iter().map(group).collect())
}

/// How many groups are asked for.
pub(super) fn first_of(asked: Option<i32>) -> Result<usize> {
    match asked.map(usize::try_from) {
        None => Ok(GROUPS_DEFAULT),
        Some(Ok(first)) if first <= GROUPS_MAX => Ok(first),
        Some(_) => Err(ApiError::invalid(format!(
            "`first` is out of its bounds, expected 0 to {GROUPS_MAX}"
        ))),
    }
}

/// What who groups by a dimension reads.
fn fields(dimension: RecordDimension) -> &'static [(&'static str, &'static str)] {
    match dimension {
        RecordDimension::Division => &[
            ("CreditRecord", "agency"),
            ("Agency", "division"),
            ("Division", "code"),
        ],
        RecordDimension::Agency => &[
            ("CreditRecord", "agency"),
            ("Agency", "uscc"),
            ("Agency", "name"),
        ],
        RecordDimension::Kind => &[("CreditRecord", "kind")],
        RecordDimension::Tier => &[("CreditRecord", "tier")],
        RecordDimension::Status => &[("CreditRecord", "status")],
        RecordDimension::Domain => &[("CreditRecord", "domain")],
        RecordDimension::Source => &[
            ("CreditRecord", "evidence"),
            ("Evidence", "source"),
            ("Source", "key"),
        ],
        RecordDimension::Month | RecordDimension::Year => &[("CreditRecord", "identifiedOn")],
    }
}

fn refused(error: GroupError) -> ApiError {
    let code = match error {
        GroupError::Twice => Code::Invalid,
        GroupError::TooMany => Code::Limited,
    };
    ApiError::new(code, error.to_string())
}

fn text(told: &View, key: GroupKey<'_>) -> String {
    match key {
        GroupKey::Division(code) => code.to_string(),
        GroupKey::Agency(row) => told
            .agency_at(row)
            .map(|agency| agency.fact.uscc.to_string())
            .unwrap_or_default(),
        GroupKey::Kind(kind) => kind.to_string(),
        GroupKey::Tier(tier) => tier.to_string(),
        GroupKey::Status(status) => status.to_string(),
        GroupKey::Domain(text) | GroupKey::Source(text) => text.to_owned(),
        GroupKey::Month(year, month) => format!("{year:04}-{month:02}"),
        GroupKey::Year(year) => format!("{year:04}"),
    }
}

fn label(ask: &Ask, told: &View, key: GroupKey<'_>) -> String {
    match key {
        GroupKey::Division(code) => {
            let division = told.divisions().get(code);
            division.map_or_else(String::new, |division| division.name.clone())
        }
        GroupKey::Agency(row) => {
            let agency = told.agency_at(row);
            agency.map_or_else(String::new, |agency| told.name_of(&agency.fact).to_owned())
        }
        GroupKey::Kind(kind) => CreditRecordKind::from(kind).label().to_owned(),
        GroupKey::Tier(tier) => Tier::from(tier).label().to_owned(),
        GroupKey::Status(status) => CreditRecordStatus::from(status).label().to_owned(),
        GroupKey::Source(source) => {
            let known = ask.app.catalogue.sources.get(source);
            known.map_or(source, |known| &known.title).to_owned()
        }
        GroupKey::Domain(text) => text.to_owned(),
        GroupKey::Month(year, month) => format!("{year}年{month}月"),
        GroupKey::Year(year) => format!("{year}年"),
    }
}
