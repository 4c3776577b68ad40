use async_graphql::SimpleObject;
use domain::casework;

use super::super::scalars::{Date, api_enum};

api_enum! {
    /// 期限单位。 / What a period is counted in.
    DayUnit = casework::DayUnit {
        /// 工作日。 / Working days.
        Working,
        /// 日。 / Calendar days.
        Calendar,
    }
}

/// 期限规则。 / The rule of a period.
#[derive(SimpleObject)]
pub struct DeadlineRule {
    /// 键。 / Its key.
    key: String,
    /// 名称。 / What it is called.
    title: String,
    /// 日数。 / Its length.
    days: i32,
    /// 单位。 / What it is counted in.
    unit: DayUnit,
    /// 连同延长的日数；不可延长为 null。 / Its length with all extensions; null where it can't be extended.
    cap: Option<i32>,
    /// 依据。 / What it rests on.
    legal_basis: String,
    /// 依据的条文是否已核对。 / Whether the article's text was at hand.
    verified: bool,
    /// 自何日起适用。 / The first day on which it may begin.
    from: Date,
    /// 至何日适用。 / The last one.
    to: Option<Date>,
}

impl From<&casework::DeadlineRule> for DeadlineRule {
    fn from(rule: &casework::DeadlineRule) -> Self {
        Self {
            key: rule.key.clone(),
            title: rule.title.clone(),
            days: count(rule.days),
            unit: rule.unit.into(),
            cap: rule.cap.map(count),
            legal_basis: rule.legal_basis.clone(),
            verified: rule.verified,
            from: Date(rule.from),
            to: rule.to.map(Date),
        }
    }
}

/// 公示规则：按类别、等级和认定日期适用。 / The rule by which a record is shown and ends: by kind, grade and day of determination.
#[derive(SimpleObject)]
pub struct PublicityRule {
    /// 是否可公示。 / Whether such records may be shown.
    public: bool,
    /// 满几个月方可修复。 / Months before which it may not be repaired.
    min_months: i32,
    /// 满几个月终止；不因期满终止为 null。 / Months after which it ends; null where it does not end by time.
    max_months: Option<i32>,
    /// 修复是否须附公开信用承诺。 / Whether repair needs a public commitment.
    commitment: bool,
    /// 期满是否须先整改到位方终止。 / Whether it ends by time only once it was set right.
    correction: bool,
    /// 是否仅由来源终止。 / Whether only its source ends it.
    mirrored: bool,
    /// 依据。 / What it rests on.
    legal_basis: String,
    /// 依据的条文是否已核对。 / Whether the article's text was at hand.
    verified: bool,
    /// 自何日起认定的适用。 / The first day of determination that it is about.
    from: Date,
    /// 至何日认定的适用。 / The last one.
    to: Option<Date>,
}

impl From<&casework::PublicityRule> for PublicityRule {
    fn from(rule: &casework::PublicityRule) -> Self {
        Self {
            public: rule.is_public,
            min_months: count(rule.min_months),
            max_months: rule.max_months.map(count),
            commitment: rule.needs_commitment,
            correction: rule.needs_correction,
            mirrored: rule.is_mirrored,
            legal_basis: rule.legal_basis.clone(),
            verified: rule.verified,
            from: Date(rule.from),
            to: rule.to.map(Date),
        }
    }
}

fn count(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
