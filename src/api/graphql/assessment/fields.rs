//! What a client sees of an assessment.

use async_graphql::{Context, ID, Object};
use chrono::NaiveDate;
use domain::assess::{RulePack, Scored};

use super::{
    super::{
        agency::Agency,
        annual::{AnnualCampaign, Publication},
        ask::ask,
        beside::AssessmentComparison,
        contribution::{Contribution, ContributionChange},
        division::Division,
        error::Result,
        node::{self, NodeKind},
        scalars::{Date, Decimal},
    },
    Assessment, AssessmentKind, Made,
};

/// 评估。 / An assessment of a body or of a division.
#[Object]
impl Assessment {
    /// 全局 id。 / Global id.
    pub(in crate::api::graphql) async fn id(&self, ctx: &Context<'_>) -> ID {
        node::id(ask(ctx), NodeKind::Assessment, self.key())
    }

    /// 类别。 / Its kind.
    async fn kind(&self) -> AssessmentKind {
        match self.made {
            Made::Told(_) => AssessmentKind::ThirdParty,
            Made::Scored(_) => AssessmentKind::Continuous,
            Made::Annual(_) => AssessmentKind::Annual,
        }
    }

    /// 状态：第三方评估一经交付即为 FINAL；持续评分为 CURRENT；年度评估同其整体状态。 / Where it stands: what a third party delivers is FINAL, a score by the rules CURRENT, a year's stands where all of it does.
    async fn state(&self) -> &str {
        match &self.made {
            Made::Told(_) => "FINAL",
            Made::Scored(_) => "CURRENT",
            Made::Annual(annual) => annual.campaign.fact.state_on(self.view.day()).as_str(),
        }
    }

    /// 被评估单位。 / The assessed body.
    async fn agency(&self) -> Option<Agency> {
        match &self.made {
            Made::Told(told) => Agency::by_uscc(&self.view, &told.common.uscc?),
            Made::Scored(score) => Agency::at(&self.view, score.row),
            Made::Annual(annual) => Agency::by_id(&self.view, annual.body.agency),
        }
    }

    /// 被评估区划；评估单位时为来源所写的区划。 / The assessed division; of a body the one that the source names.
    async fn division(&self) -> Option<Division> {
        match &self.made {
            Made::Annual(annual) => Division::find(&self.view, annual.body.division),
            _ => Division::find(&self.view, self.told()?.common.division?),
        }
    }

    /// 评估所及之日。 / The day up to which it tells.
    async fn as_of(&self) -> Date {
        match &self.made {
            Made::Told(told) => Date(told.common.period_to),
            Made::Scored(score) => Date(score.on),
            Made::Annual(annual) => Date(annual.campaign.fact.on),
        }
    }

    /// 评估期首日；持续评分为 null。 / The first day that it is about; null of a score by the rules.
    async fn period_from(&self) -> Option<Date> {
        if let Some(annual) = self.annual_of() {
            return NaiveDate::from_ymd_opt(annual.campaign.fact.year, 1, 1).map(Date);
        }
        self.told().map(|told| Date(told.common.period_from))
    }

    /// 评估期末日；持续评分为 null。 / The last day that it is about; null of a score by the rules.
    async fn period_to(&self) -> Option<Date> {
        if let Some(annual) = self.annual_of() {
            return Some(Date(annual.campaign.fact.on));
        }
        self.told().map(|told| Date(told.common.period_to))
    }

    /// 规则包；第三方评估为 null。 / The rule pack; null of a third party's.
    async fn rule_pack(&self) -> Option<&str> {
        self.pack().map(|[key, ..]| key)
    }

    /// 规则包版本；第三方评估为 null。 / Its version; null of a third party's.
    async fn rule_pack_version(&self) -> Option<&str> {
        self.pack().map(|[_, version, _]| version)
    }

    /// 规则包摘要（SHA-256）；第三方评估为 null。 / Its digest (SHA-256); null of a third party's.
    async fn rule_pack_digest(&self) -> Option<&str> {
        self.pack().map(|[.., digest]| digest)
    }

    /// 规则包是否为示例、非法定；第三方评估为 null。 / Whether the pack is an example without force of law; null of a third party's.
    async fn illustrative(&self, ctx: &Context<'_>) -> Result<Option<bool>> {
        if let Some(annual) = self.annual_of() {
            let parts = annual.parts(ask(ctx)).await?;
            return Ok(parts.map(|(pack, _)| pack.is_illustrative));
        }
        Ok(self.score_of().map(|score| score.pack().is_illustrative))
    }

    /// 评估机构；持续评分为 null。 / Who assessed; null of a score by the rules.
    async fn assessor(&self) -> Option<&str> {
        self.told().map(|told| &*told.common.assessor)
    }

    /// 总分；评估机构未给总分时为 null。 / The score as a whole, where the assessor gives one.
    async fn score(&self) -> Option<Decimal> {
        match &self.made {
            Made::Told(told) => told.whole()?.score.map(Decimal),
            Made::Scored(score) => Some(Decimal(score.scored.score)),
            Made::Annual(annual) => Some(Decimal(annual.body.score)),
        }
    }

    /// 总分满分；各评估机构量程不同，不可混算。 / The score at most: scales differ and are never merged.
    async fn full_score(&self, ctx: &Context<'_>) -> Result<Option<Decimal>> {
        Ok(match &self.made {
            Made::Told(told) => told.whole().and_then(|whole| whole.full_score).map(Decimal),
            Made::Scored(score) => Some(Decimal(score.pack().most)),
            Made::Annual(annual) => {
                let parts = annual.parts(ask(ctx)).await?;
                parts.map(|(pack, _)| Decimal(pack.most))
            }
        })
    }

    /// 等级。 / The grade.
    async fn grade(&self) -> Option<&str> {
        match &self.made {
            Made::Told(told) => told.whole()?.grade.as_deref(),
            Made::Scored(score) => Some(&score.scored.grade),
            Made::Annual(annual) => Some(&annual.body.grade),
        }
    }

    /// 压低等级的规则（一票否决）。 / The rules that keep the grade down whatever the score.
    async fn vetoes(&self, ctx: &Context<'_>) -> Result<&[String]> {
        if let Some(annual) = self.annual_of() {
            let parts = annual.explained(ask(ctx)).await?;
            return Ok(parts.map_or(&[], |(_, scored)| &scored.vetoes));
        }
        Ok(self.score_of().map_or(&[], |score| &score.scored.vetoes))
    }

    /// 各项得分，合计即总分。 / What the score is made of; it is their sum.
    async fn contributions(&self, ctx: &Context<'_>) -> Result<Vec<Contribution>> {
        let of = |pack: &RulePack, scored: &Scored| {
            let parts = scored.contributions.iter();
            parts
                .map(|part| Contribution::of(&self.view, pack, part))
                .collect()
        };
        Ok(match &self.made {
            Made::Told(told) => told.lines().filter_map(Contribution::of_line).collect(),
            Made::Scored(score) => of(score.pack(), &score.scored),
            Made::Annual(annual) => {
                let parts = annual.explained(ask(ctx)).await?;
                parts.map_or_else(Vec::new, |(pack, scored)| of(pack, scored))
            }
        })
    }

    /// 版本号，公布第三方评估时写明；其他为 null。 / The version to name when a third party's is made public; null of others.
    async fn version(&self) -> Option<i32> {
        i32::try_from(self.told()?.seen.stamp()).ok()
    }

    /// 公布决定；未公布者为 null。 / The decision to make it public; null before that.
    async fn publication(&self) -> Option<Publication> {
        match &self.made {
            Made::Told(told) => {
                let known = self.view.publication_of(told.seen.number)?;
                Some((&known.fact.publication).into())
            }
            Made::Annual(annual) => annual.campaign.fact.publication.as_ref().map(Into::into),
            Made::Scored(_) => None,
        }
    }

    /// 年度评估中的名次（全体）；其他为 null。 / Its rank among all in a year; null of others.
    async fn rank(&self) -> Option<i32> {
        let rank = self.annual_of()?.body.rank;
        i32::try_from(rank).ok()
    }

    /// 年度评估中同层级同类别的名次；其他为 null。 / Its rank among those of its level and kind in a year; null of others.
    async fn group_rank(&self) -> Option<i32> {
        let rank = self.annual_of()?.body.group_rank;
        i32::try_from(rank).ok()
    }

    /// 所属年度评估；其他为 null。 / The annual assessment that it belongs to; null of others.
    async fn campaign(&self) -> Option<AnnualCampaign> {
        let annual = self.annual_of()?;
        Some(AnnualCampaign::of(&self.view, &annual.campaign))
    }

    /// 第三方评估与本系统同一单位、截至同日的评分逐项并列（缺省规则包）；评估区划时，总分与该区划截至同日的年度评估平均分并列，以可见者为限；其他为空。 / A third party's lines beside our score of the same body as of the last day of the same period (by the default pack); of a division the whole beside the mean score of its annual assessment as of the same day, of the bodies that may be seen; empty of others.
    async fn comparison(
        &self,
        ctx: &Context<'_>,
        rule_pack: Option<String>,
    ) -> Result<Vec<AssessmentComparison>> {
        let (ask, pack) = (ask(ctx), rule_pack.as_deref());
        let lines = match self.told() {
            Some(told) if told.common.uscc.is_some() => told.beside_ours(ask, &self.view, pack),
            Some(told) => told.beside_a_year(ask, &self.view, pack).await?,
            None => None,
        };
        Ok(lines.unwrap_or_default())
    }

    /// 假如这些记录（连同已作此假设者）已修复，评分当如何；合计至多 100 条，第三方评估和年度评估为 null。 / What it would be if these records were repaired, beside those that it thinks repaired already; at most 100 in all, null of a third party's and of a year's.
    async fn if_repaired(
        &self,
        ctx: &Context<'_>,
        #[graphql(default)] records: Vec<ID>,
    ) -> Result<Option<Assessment>> {
        let Some(score) = self.score_of() else {
            return Ok(None);
        };
        let score = score.if_repaired(ask(ctx), &self.view, &records)?;
        Ok(score.map(|score| Self::scored(&self.view, score)))
    }

    /// 与另一日（缺省同日）或另一规则包（缺省同包）相比，逐项之差；该日无此规则包者为错误；第三方评估和年度评估为空。 / Rule by rule, what is other than on another day (by default the same) or by another pack (by default the same); an error where there is no such pack on that day; empty of a third party's and of a year's.
    async fn changes_from(
        &self,
        ctx: &Context<'_>,
        as_of: Option<Date>,
        rule_pack: Option<String>,
    ) -> Result<Vec<ContributionChange>> {
        let (on, pack) = (as_of.map(|day| day.0), rule_pack.as_deref());
        match self.score_of() {
            Some(score) => score.changes_from(ask(ctx), &self.view, on, pack),
            None => Ok(Vec::new()),
        }
    }
}
