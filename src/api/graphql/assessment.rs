use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use chrono::NaiveDate;
use domain::{
    assess::{Campaign, Ranked, RulePack, Scored, beside, changes},
    assessment::{self, AssessmentLine},
};

use crate::{
    catalogue::Catalogue,
    graph::{SeenAssessment, View},
    store::Known,
};

use super::{
    agency::Agency,
    annual::{Annual, AnnualCampaign, Publication},
    ask::{Ask, ask},
    beside::AssessmentComparison,
    connection::connection,
    contribution::{Contribution, ContributionChange},
    division::Division,
    error::{ApiError, Result},
    node::{self, NodeKind},
    scalars::{Date, Decimal, api_enum},
};

/// Records that one question may think repaired.
const THOUGHT_REPAIRED_MAX: usize = 100;

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
    made: Made,
}

/// How an assessment came about.
enum Made {
    /// A third party told it.
    Told {
        seen: SeenAssessment,
        /// What all its lines have in common.
        common: AssessmentLine,
    },
    /// The rules make it of what is known.
    Scored(Score),
    /// It is a year's, of what was frozen.
    Annual(Box<Annual>),
}

/// A score by our rules.
struct Score {
    catalogue: Arc<Catalogue>,
    /// Position of the pack in the catalogue.
    pack: usize,
    /// Row of the body.
    row: u32,
    on: NaiveDate,
    /// Numbers of the records that are thought repaired, rising.
    repaired: Vec<i64>,
    scored: Scored,
}

connection!(
    AssessmentConnection,
    AssessmentEdge,
    Assessment,
    "评估",
    "assessments"
);

impl Score {
    /// How the body in this row is graded as of a day, if the viewer may know it.
    fn reckon(
        ask: &Ask,
        view: &View,
        row: u32,
        pack: Option<&str>,
        on: NaiveDate,
        mut repaired: Vec<i64>,
    ) -> Option<Self> {
        let catalogue = Arc::clone(&ask.app.catalogue);
        let pack = catalogue.assess.position(pack, on)?;
        let mut facts = view.facts(row)?;
        facts.records.retain(|(id, _)| !repaired.contains(id));
        repaired.sort_unstable();
        repaired.dedup();
        Some(Self {
            scored: catalogue.assess.packs[pack].evaluate(&facts, on),
            catalogue,
            pack,
            row,
            on,
            repaired,
        })
    }

    fn pack(&self) -> &RulePack {
        &self.catalogue.assess.packs[self.pack]
    }
}

impl Assessment {
    /// What a third party told, by its row.
    pub(super) fn at(view: &Arc<View>, row: u32) -> Option<Self> {
        let seen = view.assessment_at(row)?;
        Some(Self {
            view: Arc::clone(view),
            made: Made::Told {
                common: seen.common()?.clone(),
                seen,
            },
        })
    }

    /// How the body in this row is graded as of a day by a pack, or the default one.
    pub(super) fn of(
        ask: &Ask,
        view: &Arc<View>,
        row: u32,
        pack: Option<&str>,
        on: NaiveDate,
    ) -> Option<Self> {
        let score = Score::reckon(ask, view, row, pack, on, Vec::new())?;
        Some(Self {
            view: Arc::clone(view),
            made: Made::Scored(score),
        })
    }

    /// The one with this key of an id: a number of what was told; or body, pack and day, and behind a tilde the
    /// records that are thought repaired; or `y`, campaign and body.
    pub(super) async fn find(ask: &Ask, view: &Arc<View>, key: &str) -> Result<Option<Self>> {
        match key.strip_prefix('y') {
            Some(key) => Self::find_annual(ask, view, key).await,
            None => Ok(Self::find_other(ask, view, key)),
        }
    }

    fn find_other(ask: &Ask, view: &Arc<View>, key: &str) -> Option<Self> {
        let (key, repaired) = match key.split_once('~') {
            Some((key, repaired)) => (key, Some(repaired)),
            None => (key, None),
        };
        let number = |text: &str| text.parse::<i64>().ok().filter(|n| n.to_string() == text);
        let mut parts = key.splitn(3, '-');
        let first = number(parts.next()?)?;
        let (Some(pack), Some(day)) = (parts.next(), parts.next()) else {
            return Self::at(
                view,
                view.assessment_row(first).filter(|_| repaired.is_none())?,
            );
        };
        let day = day
            .parse::<NaiveDate>()
            .ok()
            .filter(|on| on.to_string() == day)?;
        let repaired = repaired.into_iter().flat_map(|text| text.split('.'));
        let repaired = repaired.take(THOUGHT_REPAIRED_MAX).filter_map(number);
        let repaired = repaired
            .filter(|id| view.record_row(*id).is_some())
            .collect();
        let row = view.agency_row(first)?;
        let score = Score::reckon(ask, view, row, Some(pack), day, repaired)?;
        Some(Self {
            view: Arc::clone(view),
            made: Made::Scored(score),
        })
    }

    /// How a body came off in a year.
    pub(super) fn annual(view: &Arc<View>, campaign: &Arc<Known<Campaign>>, body: Ranked) -> Self {
        Self {
            view: Arc::clone(view),
            made: Made::Annual(Box::new(Annual::new(campaign, body))),
        }
    }

    /// The one with this key of an id: campaign and body.
    async fn find_annual(ask: &Ask, view: &Arc<View>, key: &str) -> Result<Option<Self>> {
        let found = super::annual::ranked(ask, view, key).await?;
        Ok(found.map(|(campaign, body)| Self::annual(view, &campaign, body)))
    }

    fn told(&self) -> Option<&AssessmentLine> {
        match &self.made {
            Made::Told { common, .. } => Some(common),
            Made::Scored(_) | Made::Annual(_) => None,
        }
    }

    fn score_of(&self) -> Option<&Score> {
        match &self.made {
            Made::Scored(score) => Some(score),
            Made::Told { .. } | Made::Annual(_) => None,
        }
    }

    fn annual_of(&self) -> Option<&Annual> {
        match &self.made {
            Made::Annual(annual) => Some(annual),
            Made::Told { .. } | Made::Scored(_) => None,
        }
    }

    /// Key, version and digest of the pack; none of a third party's.
    fn pack(&self) -> Option<[&str; 3]> {
        match &self.made {
            Made::Told { .. } => None,
            Made::Scored(score) => {
                let pack = score.pack();
                Some([&*pack.key, &*pack.version, &*pack.digest])
            }
            Made::Annual(annual) => {
                let [key, version, digest] = &annual.campaign.fact.pack;
                Some([key, version, digest])
            }
        }
    }

    /// The line of the whole, where a third party gives one.
    fn whole(&self) -> Option<&AssessmentLine> {
        let Made::Told { seen, .. } = &self.made else {
            return None;
        };
        let line = &seen.lines.first()?.fact.fact;
        Some(line).filter(|line| line.indicator.is_none())
    }
}

/// 评估。 / An assessment of a body or of a division.
#[Object]
impl Assessment {
    /// 全局 id。 / Global id.
    pub(super) async fn id(&self, ctx: &Context<'_>) -> ID {
        let key = match &self.made {
            Made::Told { seen, .. } => seen.number.to_string(),
            Made::Annual(annual) => format!("y{}-{}", annual.campaign.id, annual.body.agency),
            Made::Scored(score) => {
                let agency = self.view.agency_at(score.row).map_or(0, |agency| agency.id);
                let mut key = format!("{agency}-{}-{}", score.pack().key, score.on);
                // What would be is another thing than what is.
                for (at, record) in score.repaired.iter().enumerate() {
                    key.push(if at == 0 { '~' } else { '.' });
                    key.push_str(&record.to_string());
                }
                key
            }
        };
        node::id(ask(ctx), NodeKind::Assessment, key)
    }

    /// 类别。 / Its kind.
    async fn kind(&self) -> AssessmentKind {
        match self.made {
            Made::Told { .. } => AssessmentKind::ThirdParty,
            Made::Scored(_) => AssessmentKind::Continuous,
            Made::Annual(_) => AssessmentKind::Annual,
        }
    }

    /// 状态：第三方评估一经交付即为 FINAL；持续评分为 CURRENT；年度评估同其整体状态。 / Where it stands: what a third party delivers is FINAL, a score by the rules CURRENT, a year's stands where all of it does.
    async fn state(&self) -> &str {
        match &self.made {
            Made::Told { .. } => "FINAL",
            Made::Scored(_) => "CURRENT",
            Made::Annual(annual) => annual.campaign.fact.state_on(self.view.day()).as_str(),
        }
    }

    /// 被评估单位。 / The assessed body.
    async fn agency(&self) -> Option<Agency> {
        match &self.made {
            Made::Told { common, .. } => Agency::by_uscc(&self.view, &common.uscc?),
            Made::Scored(score) => Agency::at(&self.view, score.row),
            Made::Annual(annual) => Agency::by_id(&self.view, annual.body.agency),
        }
    }

    /// 被评估区划；评估单位时为来源所写的区划。 / The assessed division; of a body the one that the source names.
    async fn division(&self) -> Option<Division> {
        match &self.made {
            Made::Annual(annual) => Division::find(&self.view, annual.body.division),
            _ => Division::find(&self.view, self.told()?.division?),
        }
    }

    /// 评估所及之日。 / The day up to which it tells.
    async fn as_of(&self) -> Date {
        match &self.made {
            Made::Told { common, .. } => Date(common.period_to),
            Made::Scored(score) => Date(score.on),
            Made::Annual(annual) => Date(annual.campaign.fact.on),
        }
    }

    /// 评估期首日；持续评分为 null。 / The first day that it is about; null of a score by the rules.
    async fn period_from(&self) -> Option<Date> {
        if let Some(annual) = self.annual_of() {
            return NaiveDate::from_ymd_opt(annual.campaign.fact.year, 1, 1).map(Date);
        }
        self.told().map(|told| Date(told.period_from))
    }

    /// 评估期末日；持续评分为 null。 / The last day that it is about; null of a score by the rules.
    async fn period_to(&self) -> Option<Date> {
        if let Some(annual) = self.annual_of() {
            return Some(Date(annual.campaign.fact.on));
        }
        self.told().map(|told| Date(told.period_to))
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
        self.told().map(|told| &*told.assessor)
    }

    /// 总分；评估机构未给总分时为 null。 / The score as a whole, where the assessor gives one.
    async fn score(&self) -> Option<Decimal> {
        match &self.made {
            Made::Told { .. } => self.whole()?.score.map(Decimal),
            Made::Scored(score) => Some(Decimal(score.scored.score)),
            Made::Annual(annual) => Some(Decimal(annual.body.score)),
        }
    }

    /// 总分满分；各评估机构量程不同，不可混算。 / The score at most: scales differ and are never merged.
    async fn full_score(&self, ctx: &Context<'_>) -> Result<Option<Decimal>> {
        Ok(match &self.made {
            Made::Told { .. } => self.whole().and_then(|whole| whole.full_score).map(Decimal),
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
            Made::Told { .. } => self.whole()?.grade.as_deref(),
            Made::Scored(score) => Some(&score.scored.grade),
            Made::Annual(annual) => Some(&annual.body.grade),
        }
    }

    /// 压低等级的规则（一票否决）。 / The rules that keep the grade down whatever the score.
    async fn vetoes(&self, ctx: &Context<'_>) -> Result<&[String]> {
        if let Some(annual) = self.annual_of() {
            let parts = annual.parts(ask(ctx)).await?;
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
            Made::Told { seen, .. } => {
                let lines = seen.lines.iter().map(|line| &line.fact.fact);
                lines.filter_map(Contribution::of_line).collect()
            }
            Made::Scored(score) => of(score.pack(), &score.scored),
            Made::Annual(annual) => {
                let parts = annual.parts(ask(ctx)).await?;
                parts.map_or_else(Vec::new, |(pack, scored)| of(pack, scored))
            }
        })
    }

    /// 版本号，公布第三方评估时写明；其他为 null。 / The version to name when a third party's is made public; null of others.
    async fn version(&self) -> Option<i32> {
        match &self.made {
            Made::Told { seen, .. } => i32::try_from(seen.stamp()).ok(),
            Made::Scored(_) | Made::Annual(_) => None,
        }
    }

    /// 公布决定；未公布者为 null。 / The decision to make it public; null before that.
    async fn publication(&self) -> Option<Publication> {
        match &self.made {
            Made::Told { seen, .. } => {
                let known = self.view.publication_of(seen.number)?;
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

    /// 第三方评估与本系统同一单位、截至同日的评分逐项并列（缺省规则包）；其他为空。 / A third party's lines beside our score of the same body as of the last day of the same period (by the default pack); empty of others.
    async fn comparison(
        &self,
        ctx: &Context<'_>,
        rule_pack: Option<String>,
    ) -> Vec<AssessmentComparison> {
        let Made::Told { seen, common } = &self.made else {
            return Vec::new();
        };
        let ask = ask(ctx);
        let row = common
            .uscc
            .and_then(|uscc| self.view.agency_row_by_uscc(&uscc));
        let today = self.view.day();
        let assess = &ask.app.catalogue.assess;
        // As in an annual assessment: a period may be older than the pack.
        let on = common.period_to;
        let key = rule_pack.as_deref();
        let pack = assess.pack(key, on).or_else(|| assess.pack(key, today));
        let facts = row.and_then(|row| self.view.facts(row));
        let (Some(pack), Some(facts)) = (pack, facts) else {
            return Vec::new();
        };
        let lines: Vec<_> = seen.lines.iter().map(|line| &line.fact.fact).collect();
        let scored = pack.evaluate(&facts, on);
        let lines = beside(&lines, pack, &scored, &assess.answering).into_iter();
        lines
            .map(|line| AssessmentComparison::of(pack, line))
            .collect()
    }

    /// 假如这些记录已修复，评分当如何；至多 100 条，第三方评估为 null。 / What it would be if these records were repaired; at most 100, null of a third party's.
    async fn if_repaired(
        &self,
        ctx: &Context<'_>,
        #[graphql(default)] records: Vec<ID>,
    ) -> Result<Option<Assessment>> {
        if records.len() > THOUGHT_REPAIRED_MAX {
            let message = format!("at most {THOUGHT_REPAIRED_MAX} records");
            return Err(ApiError::invalid(message));
        }
        let ask = ask(ctx);
        let Some(score) = self.score_of() else {
            return Ok(None);
        };
        let seen = |id: &ID| {
            let number = node::number_of(ask, NodeKind::CreditRecord, id)?;
            self.view.record_row(number).map(|_| number)
        };
        let repaired: Vec<i64> = records.iter().filter_map(seen).collect();
        let pack = &*score.pack().key;
        let score = Score::reckon(ask, &self.view, score.row, Some(pack), score.on, repaired);
        Ok(score.map(|score| Self {
            view: Arc::clone(&self.view),
            made: Made::Scored(score),
        }))
    }

    /// 与另一日（缺省同日）或另一规则包（缺省同包）相比，逐项之差；第三方评估为空。 / Rule by rule, what is other than on another day (by default the same) or by another pack (by default the same); empty of a third party's.
    async fn changes_from(
        &self,
        ctx: &Context<'_>,
        as_of: Option<Date>,
        rule_pack: Option<String>,
    ) -> Vec<ContributionChange> {
        let Some(score) = self.score_of() else {
            return Vec::new();
        };
        let on = as_of.map_or(score.on, |day| day.0);
        let pack = rule_pack.as_deref().unwrap_or(&score.pack().key);
        let Some(other) = Score::reckon(
            ask(ctx),
            &self.view,
            score.row,
            Some(pack),
            on,
            score.repaired.clone(),
        ) else {
            return Vec::new();
        };
        let differ = changes(&other.scored, &score.scored);
        let packs = [score.pack(), other.pack()];
        let change = |change| ContributionChange::of(&packs, &change);
        differ.into_iter().map(change).collect()
    }
}
