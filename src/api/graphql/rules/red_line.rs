//! Red lines as the catalogue draws them.

use async_graphql::SimpleObject;
use chrono::NaiveDate;
use domain::assess;

use super::super::{
    agency::AgencyKind,
    ask::Ask,
    scalars::{Date, Decimal, api_enum},
    warning::WarningLevel,
};

api_enum! {
    /// 红线所定的应予告知者。 / Who is to hear of a crossed red line.
    RedLineHearer = assess::Warned {
        /// 本单位。 / The body itself.
        SelfBody,
        /// 上级。 / Its superior.
        Superior,
        /// 主管部门。 / Its competent departments.
        Competent,
        /// 涉及办件的承办单位。 / Who has in hand the cases by which it is crossed.
        Handler,
    }
}

/// 红线的加重。 / Another level of a red line, from so many on.
#[derive(SimpleObject)]
pub struct RedLineStep {
    /// 自此数起：件数，或下降的分数。 / From this number on: of facts, or of points that were lost.
    at_least: Decimal,
    /// 级别。 / The level.
    level: WarningLevel,
}

/// 红线：触碰即预警。 / A red line: who crosses it is warned about.
#[derive(SimpleObject)]
pub struct RedLine {
    /// 红线代码。 / Its code.
    code: String,
    /// 名称。 / What it is called.
    title: String,
    /// 预警内容的写法。 / What the warning says, with places for what differs.
    message: String,
    /// 所属版本。 / The version of the red lines.
    version: String,
    /// 该版本文件的摘要（SHA-256）。 / The digest of that version's file (SHA-256).
    digest: String,
    /// 生效日。 / The first day on which it is drawn.
    #[graphql(name = "from")]
    valid_from: Date,
    /// 失效日。 / The last day on which it is drawn.
    #[graphql(name = "to")]
    valid_to: Option<Date>,
    /// 依据。 / What it rests on.
    legal_basis: String,
    /// 依据条文是否核对原文。 / Whether the article's text was at hand.
    verified: bool,
    /// 所适用的单位性质；空为全部。 / Kinds of bodies that it is drawn for; all where none is named.
    bodies: Vec<AgencyKind>,
    /// 触碰的条件。 / What crosses it.
    condition: String,
    /// 级别。 / How serious it is.
    level: WarningLevel,
    /// 加重的级别，由轻到重。 / More serious levels, rising.
    worse: Vec<RedLineStep>,
    /// 应予告知者。 / Who is to hear of it.
    warns: Vec<RedLineHearer>,
    /// 签收期限（工作日）。 / Working days to acknowledge a warning.
    answer_within: i32,
    /// 着手整改期限（工作日）。 / Working days to begin to set it right.
    begin_within: i32,
    /// 整改期限（工作日）。 / Working days to have it set right.
    rectify_within: i32,
    /// 逾期后每隔多少工作日升级。 / Working days after which it goes a step further up.
    escalates_after: i32,
}

impl RedLine {
    /// Those that are drawn on a day.
    pub(in crate::api::graphql) fn in_force(ask: &Ask, on: NaiveDate) -> Vec<Self> {
        let lines = ask.app.catalogue.assess.red_lines_on(on);
        lines.into_iter().map(Self::of).collect()
    }

    fn of(line: &assess::RedLine) -> Self {
        let days = |days: u32| i32::try_from(days).unwrap_or(i32::MAX);
        let worse = line.worse.iter().map(|worse| RedLineStep {
            at_least: Decimal(worse.at_least),
            level: worse.level.into(),
        });
        Self {
            code: line.code.clone(),
            title: line.title.clone(),
            message: line.message.clone(),
            version: line.edition.version.clone(),
            digest: line.edition.digest.clone(),
            valid_from: Date(line.from),
            valid_to: line.to.map(Date),
            legal_basis: line.legal_basis.clone(),
            verified: line.verified,
            bodies: line.bodies.iter().map(|body| (*body).into()).collect(),
            condition: line.trigger.to_string(),
            level: line.level.into(),
            worse: worse.collect(),
            warns: line.warns.iter().map(|who| (*who).into()).collect(),
            answer_within: days(line.terms.answer_within),
            begin_within: days(line.terms.begin_within),
            rectify_within: days(line.terms.rectify_within),
            escalates_after: days(line.terms.escalates_after),
        }
    }
}
