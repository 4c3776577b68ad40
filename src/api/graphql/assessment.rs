use std::sync::Arc;

use async_graphql::{Context, ID, Object, SimpleObject};
use domain::assessment::{self, AssessmentLine};

use crate::graph::{SeenAssessment, View};

use super::{
    agency::Agency,
    ask::ask,
    connection::connection,
    division::Division,
    node::{self, NodeKind},
    scalars::{Date, Decimal, api_enum},
};

api_enum! {
    /// 评估类别。 / Kinds of assessments.
    AssessmentKind = assessment::AssessmentKind {
        /// 持续评分。 / By the rules, day by day.
        Continuous,
        /// 年度评估。 / Of a year.
        Annual,
        /// 第三方评估。 / By a third party, on a scale of its own.
        ThirdParty,
    }
}

/// 评估。 / An assessment of a body or of a division.
pub struct Assessment {
    view: Arc<View>,
    seen: SeenAssessment,
    /// What all its lines have in common.
    common: AssessmentLine,
}

connection!(
    AssessmentConnection,
    AssessmentEdge,
    Assessment,
    "评估",
    "assessments"
);

/// 评估的一项得分。 / What one rule or indicator adds to an assessment.
#[derive(SimpleObject)]
pub struct Contribution {
    /// 规则或指标。 / The rule, or a third party's own indicator.
    rule: String,
    /// 名称。 / What it is called.
    title: String,
    /// 得分。 / Points.
    points: Decimal,
    /// 满分。 / Points at most, where they are told.
    full_points: Option<Decimal>,
    /// 依据；第三方评估为其报告文号，无文号者为评估机构。 / What it rests on; of a third party its report, or itself where that has no number.
    legal_basis: String,
}

impl Assessment {
    pub(super) fn at(view: &Arc<View>, row: u32) -> Option<Self> {
        let seen = view.assessment_at(row)?;
        Some(Self {
            view: Arc::clone(view),
            common: seen.common()?.clone(),
            seen,
        })
    }

    /// The line of the whole, where the assessor gives one.
    fn whole(&self) -> Option<&AssessmentLine> {
        let line = &self.seen.lines.first()?.fact.fact;
        Some(line).filter(|line| line.indicator.is_none())
    }
}

/// 评估。 / An assessment of a body or of a division.
#[Object]
impl Assessment {
    /// 全局 id。 / Global id.
    pub(super) async fn id(&self, ctx: &Context<'_>) -> ID {
        node::id(ask(ctx), NodeKind::Assessment, self.seen.number)
    }

    /// 类别。 / Its kind.
    async fn kind(&self) -> AssessmentKind {
        AssessmentKind::ThirdParty
    }

    /// 状态；第三方评估一经交付即为 FINAL。 / Where it stands; what a third party delivers is FINAL.
    async fn state(&self) -> &str {
        "FINAL"
    }

    /// 被评估单位。 / The assessed body.
    async fn agency(&self) -> Option<Agency> {
        Agency::by_uscc(&self.view, &self.common.uscc?)
    }

    /// 被评估区划；评估单位时为来源所写的区划。 / The assessed division; of a body the one that the source names.
    async fn division(&self) -> Option<Division> {
        Division::find(&self.view, self.common.division?)
    }

    /// 评估所及之日。 / The day up to which it tells.
    async fn as_of(&self) -> Date {
        Date(self.common.period_to)
    }

    /// 评估期首日。 / The first day that it is about.
    async fn period_from(&self) -> Option<Date> {
        Some(Date(self.common.period_from))
    }

    /// 评估期末日。 / The last day that it is about.
    async fn period_to(&self) -> Option<Date> {
        Some(Date(self.common.period_to))
    }

    /// 规则包；第三方评估为 null。 / The rule pack; null of a third party's.
    async fn rule_pack(&self) -> Option<&str> {
        None
    }

    /// 规则包摘要；第三方评估为 null。 / Its digest; null of a third party's.
    async fn rule_pack_digest(&self) -> Option<&str> {
        None
    }

    /// 评估机构。 / Who assessed.
    async fn assessor(&self) -> Option<&str> {
        Some(&self.common.assessor)
    }

    /// 总分；评估机构未给总分时为 null。 / The score as a whole, where the assessor gives one.
    async fn score(&self) -> Option<Decimal> {
        self.whole()?.score.map(Decimal)
    }

    /// 总分满分；各评估机构量程不同，不可混算。 / The score at most: scales differ and are never merged.
    async fn full_score(&self) -> Option<Decimal> {
        self.whole()?.full_score.map(Decimal)
    }

    /// 等级。 / The assessor's grade.
    async fn grade(&self) -> Option<&str> {
        self.whole()?.grade.as_deref()
    }

    /// 各项得分。 / What the score is made of.
    async fn contributions(&self) -> Vec<Contribution> {
        let lines = self.seen.lines.iter().map(|line| &line.fact.fact);
        let each = lines.filter_map(|line| {
            let indicator = line.indicator.as_ref()?;
            Some(Contribution {
                rule: indicator.clone(),
                title: indicator.clone(),
                points: Decimal(line.score?),
                full_points: line.full_score.map(Decimal),
                legal_basis: line.report.as_ref().unwrap_or(&line.assessor).clone(),
            })
        });
        each.collect()
    }
}
