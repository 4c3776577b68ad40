//! How bodies came off: ranks, and their distribution.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, SimpleObject};
use domain::assess::{Campaign, Group, Ranked, RulePack};

use crate::{graph::View, store::Known};

use super::super::{
    agency::{Agency, AgencyKind},
    ask::{Ask, ask},
    assessment::Assessment,
    connection::connection,
    division::{Division, DivisionLevel},
    error::Result,
    node::{self, NodeKind},
    overview::GradeCount,
    scalars::Decimal,
};

/// 单位在年度评估中的结果。 / How a body came off in an annual assessment.
pub struct AnnualResult {
    view: Arc<View>,
    campaign: Arc<Known<Campaign>>,
    body: Ranked,
    before: Option<Ranked>,
}

connection!(
    AnnualResultConnection,
    AnnualResultEdge,
    AnnualResult,
    "年度评估结果",
    "results of an annual assessment"
);

/// 同一层级同一类别的单位。 / The bodies of one level and kind.
#[derive(SimpleObject)]
pub struct AnnualGroup {
    /// 区划层级。 / Level of their divisions.
    level: DivisionLevel,
    /// 单位类别。 / Their kind.
    kind: AgencyKind,
    /// 单位数。 / How many there are.
    bodies: i32,
    /// 等级分布，优者在前。 / By grade, the best first.
    grades: Vec<GradeCount>,
    /// 平均分，两位小数。 / The mean score, to two decimals.
    mean: Decimal,
    /// 中位分。 / The score in the middle; of two the lower one.
    median: Decimal,
    /// 最高分。 / The highest score.
    best: Decimal,
    /// 最低分。 / The lowest score.
    worst: Decimal,
    /// 上一年度同层级同类别的单位；未评者为 null。 / The bodies of this level and kind the year before; null where none was assessed then.
    before: Option<AnnualGroupBefore>,
}

/// 上一年度同层级同类别的单位。 / The bodies of one level and kind the year before.
#[derive(SimpleObject)]
pub struct AnnualGroupBefore {
    /// 单位数。 / How many there were.
    bodies: i32,
    /// 等级分布，本年等级在前。 / By grade: those of this year first.
    grades: Vec<GradeCount>,
    /// 平均分，两位小数。 / The mean score, to two decimals.
    mean: Decimal,
    /// 中位分。 / The score in the middle; of two the lower one.
    median: Decimal,
    /// 平均分之差，本年减上年。 / This year's mean less that one.
    change: Decimal,
}

/// 上一年度的结果。 / How it came off the year before.
#[derive(SimpleObject)]
pub struct AnnualBefore {
    /// 得分。 / Its score.
    score: Decimal,
    /// 等级。 / Its grade.
    grade: String,
    /// 同层级同类别中的名次。 / Its rank among those of its level and kind.
    group_rank: i32,
    /// 得分之差，本年减上年。 / This year's score less that one.
    change: Decimal,
}

impl AnnualGroup {
    pub(super) fn of(pack: &RulePack, group: Group) -> Self {
        let title = |code: &str| Some(pack.grades[pack.grade(code)?].title.clone());
        let grades = |grades: Vec<(String, usize)>| {
            let grades = grades.into_iter();
            grades
                .map(|(code, bodies)| GradeCount::new(title(&code), code, bodies))
                .collect()
        };
        let before = group.before.map(|before| AnnualGroupBefore {
            bodies: count(before.bodies),
            grades: grades(before.grades),
            mean: Decimal(before.mean),
            median: Decimal(before.median),
            change: Decimal((group.mean - before.mean).normalize()),
        });
        Self {
            level: group.level.into(),
            kind: group.kind.into(),
            bodies: count(group.bodies),
            grades: grades(group.grades),
            before,
            mean: Decimal(group.mean),
            median: Decimal(group.median),
            best: Decimal(group.best),
            worst: Decimal(group.worst),
        }
    }
}

impl AnnualResult {
    /// The one with this key of an id: campaign and body.
    pub(in super::super) async fn find(
        ask: &Ask,
        view: &Arc<View>,
        key: &str,
    ) -> Result<Option<Self>> {
        let Some((campaign, body)) = ranked(ask, view, key).await? else {
            return Ok(None);
        };
        let before = match view.campaign_before(&campaign.fact) {
            Some(before) => {
                let sets = [before.fact.standing().set];
                let found = ask.annual_results_of(body.agency, &sets).await?;
                found.into_iter().next().map(|(_, body)| body)
            }
            None => None,
        };
        Ok(Some(Self::new(view, &campaign, body, before)))
    }

    pub(super) fn new(
        view: &Arc<View>,
        campaign: &Arc<Known<Campaign>>,
        body: Ranked,
        before: Option<Ranked>,
    ) -> Self {
        Self {
            view: Arc::clone(view),
            campaign: Arc::clone(campaign),
            body,
            before,
        }
    }
}

/// How the body that a key names came off in the campaign that it names, if the viewer may see it: the
/// campaign's number and the body's.
pub(in super::super) async fn ranked(
    ask: &Ask,
    view: &View,
    key: &str,
) -> Result<Option<(Arc<Known<Campaign>>, Ranked)>> {
    let Some((id, agency)) = node::pair(key) else {
        return Ok(None);
    };
    let campaign = view.campaign_row(id).and_then(|row| view.campaign_at(row));
    let Some(campaign) = campaign.filter(|_| view.sees_result(agency)) else {
        return Ok(None);
    };
    let set = campaign.fact.standing().set;
    let found = ask.annual_results_of(agency, &[set]).await?;
    let body = found.into_iter().next().map(|(_, body)| body);
    Ok(body.map(|body| (campaign, body)))
}

/// 单位在年度评估中的结果。 / How a body came off in an annual assessment.
#[Object(serial)]
impl AnnualResult {
    /// 全局 id。 / Global id.
    pub(in super::super) async fn id(&self, ctx: &Context<'_>) -> ID {
        let key = format!("{}-{}", self.campaign.id, self.body.agency);
        node::id(ask(ctx), NodeKind::AnnualResult, key)
    }

    /// 单位。 / The body.
    async fn agency(&self) -> Option<Agency> {
        Agency::by_id(&self.view, self.body.agency)
    }

    /// 当时的名称。 / What it was called on the day.
    async fn name(&self) -> &str {
        &self.body.name
    }

    /// 当时的区划。 / Its division then.
    async fn division(&self) -> Option<Division> {
        Division::find(&self.view, self.body.division)
    }

    /// 区划层级。 / Level of that.
    async fn level(&self) -> DivisionLevel {
        self.body.level.into()
    }

    /// 单位类别。 / Its kind.
    async fn kind(&self) -> AgencyKind {
        self.body.kind.into()
    }

    /// 得分。 / Its score.
    async fn score(&self) -> Decimal {
        Decimal(self.body.score)
    }

    /// 等级。 / Its grade.
    async fn grade(&self) -> &str {
        &self.body.grade
    }

    /// 全体中的名次，同分同名次。 / Its rank among all; those with one score share it.
    async fn rank(&self) -> i32 {
        number(self.body.rank)
    }

    /// 同层级同类别中的名次。 / Its rank among those of its level and kind.
    async fn group_rank(&self) -> i32 {
        number(self.body.group_rank)
    }

    /// 上一年度的结果；未评者为 null。 / How it came off the year before; null where it was not assessed.
    async fn before(&self) -> Option<AnnualBefore> {
        let before = self.before.as_ref()?;
        Some(AnnualBefore {
            score: Decimal(before.score),
            grade: before.grade.clone(),
            group_rank: number(before.group_rank),
            change: Decimal((self.body.score - before.score).normalize()),
        })
    }

    /// 评估全文。 / The assessment itself.
    async fn assessment(&self) -> Assessment {
        Assessment::annual(&self.view, &self.campaign, self.body.clone())
    }
}

pub(super) fn number(rank: u32) -> i32 {
    i32::try_from(rank).unwrap_or(i32::MAX)
}

pub(super) fn count(bodies: usize) -> i32 {
    i32::try_from(bodies).unwrap_or(i32::MAX)
}
