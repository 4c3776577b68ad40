//! Annual assessments: campaigns, their results and the data of the yearly report.

mod assessed;
mod mutations;
mod objection;
mod report;
mod result;

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Context, ID, Object, SimpleObject};
use domain::assess::{self, AnnualRule, Campaign, Window, groups};

use crate::{graph::View, store::Known};

use super::{
    agency::AgencyKind,
    ask::ask,
    connection::{connection, request, wants_total},
    division::{Division, DivisionLevel},
    error::{ApiError, Code, Result},
    node::{self, NodeKind},
    scalars::{Date, DateTime, api_enum},
};

pub(super) use assessed::Annual;
pub use mutations::AnnualMutation;
pub use objection::AnnualObjection;
use report::AnnualReport;
use result::AnnualGroup;
pub(super) use result::ranked;
pub use result::{AnnualResult, AnnualResultConnection};

/// Objections that are told at once.
const OBJECTIONS_MAX: u64 = 200;

api_enum! {
    /// 年度评估状态。 / Where an annual assessment stands.
    AnnualState = assess::CampaignState {
        /// 初评完成，异议期未开始。 / Scored; bodies may not object yet.
        Preliminary,
        /// 异议期及异议处理。 / Bodies may object, or their objections are being decided.
        Objections,
        /// 已确认。 / Confirmed.
        Confirmed,
        /// 已公布。 / Anybody may read it.
        Published,
    }
}

/// 公布决定。 / A decision to make something public.
#[derive(SimpleObject)]
pub struct Publication {
    /// 决定文号或内容。 / The decision, by its number or in words.
    decision: String,
    /// 自该日起公开。 / The first day on which anybody may read it.
    from: Date,
    /// 作出决定的时间。 / When it was decided.
    at: DateTime,
}

/// 年度评估：某年某区划及以下各单位，以冻结数据评分。 / An annual assessment: the bodies of a division and of all below it are scored for a year, from frozen inputs.
pub struct AnnualCampaign {
    view: Arc<View>,
    known: Arc<Known<Campaign>>,
}

connection!(
    AnnualCampaignConnection,
    AnnualCampaignEdge,
    AnnualCampaign,
    "年度评估",
    "annual assessments"
);

impl From<crate::assess::Error> for ApiError {
    fn from(error: crate::assess::Error) -> Self {
        match error {
            crate::assess::Error::Store(error) => error.into(),
            crate::assess::Error::Busy => Self::new(
                Code::Unavailable,
                "others change the same at the moment; ask again / 他人正在办理同一事项，请稍后再试",
            ),
            error => {
                tracing::error!(error = %error, "assessing");
                Self::new(Code::Internal, error.to_string())
            }
        }
    }
}

impl From<&assess::Publication> for Publication {
    fn from(public: &assess::Publication) -> Self {
        Self {
            decision: public.decision.clone(),
            from: Date(public.from),
            at: public.at.into(),
        }
    }
}

impl AnnualCampaign {
    pub(super) fn at(view: &Arc<View>, row: u32) -> Option<Self> {
        view.campaign_at(row).map(|known| Self::of(view, &known))
    }

    pub(super) fn of(view: &Arc<View>, known: &Arc<Known<Campaign>>) -> Self {
        Self {
            view: Arc::clone(view),
            known: Arc::clone(known),
        }
    }

    pub(super) fn by_number(view: &Arc<View>, id: i64) -> Option<Self> {
        Self::at(view, view.campaign_row(id)?)
    }

    fn fact(&self) -> &Campaign {
        &self.known.fact
    }

    fn window(&self, ctx: &Context<'_>) -> Window {
        self.fact().window(&ask(ctx).app.catalogue.calendar)
    }

    fn rule<'a>(&self, ctx: &Context<'a>) -> Option<&'a AnnualRule> {
        ask(ctx).app.catalogue.assess.annual_rule(self.fact().year)
    }
}

/// 年度评估：某年某区划及以下各单位，以冻结数据评分。 / An annual assessment: the bodies of a division and of all below it are scored for a year, from frozen inputs.
#[Object]
impl AnnualCampaign {
    /// 全局 id。 / Global id.
    pub(super) async fn id(&self, ctx: &Context<'_>) -> ID {
        node::id(ask(ctx), NodeKind::AnnualCampaign, self.known.id)
    }

    /// 版本号，每办一事加一。 / Its version: how many steps it took.
    async fn version(&self) -> i32 {
        i32::try_from(self.known.version).unwrap_or(i32::MAX)
    }

    /// 年度。 / The year.
    async fn year(&self) -> i32 {
        self.fact().year
    }

    /// 区划。 / The division.
    async fn division(&self) -> Option<Division> {
        Division::find(&self.view, self.fact().division)
    }

    /// 评分所及之日，即年度末日。 / The day as of which bodies are scored: the last one of the year.
    async fn as_of(&self) -> Date {
        Date(self.fact().on)
    }

    /// 状态。 / Where it stands.
    async fn state(&self) -> AnnualState {
        self.fact().state_on(self.view.day()).into()
    }

    /// 开展时间，亦即数据冻结之时。 / When it was opened, and its inputs were frozen.
    async fn opened_at(&self) -> DateTime {
        self.fact().opened_at.into()
    }

    /// 异议期首日。 / The day on which bodies may begin to object.
    async fn objections_from(&self) -> Date {
        Date(self.fact().objections_from)
    }

    /// 异议期末日。 / The last day on which they may.
    async fn objections_until(&self, ctx: &Context<'_>) -> Date {
        Date(self.window(ctx).last.date())
    }

    /// 该日是否可能变动（当年放假安排未公布）。 / Whether that day may still move, the year's working days not being known.
    async fn objections_until_is_provisional(&self, ctx: &Context<'_>) -> bool {
        self.window(ctx).last.is_provisional()
    }

    /// 规则包。 / The rule pack.
    async fn rule_pack(&self) -> &str {
        &self.fact().pack[0]
    }

    /// 规则包版本。 / Its version.
    async fn rule_pack_version(&self) -> &str {
        &self.fact().pack[1]
    }

    /// 规则包摘要（SHA-256），其文本随评估保存。 / Its digest (SHA-256); its text is kept with the assessment.
    async fn rule_pack_digest(&self) -> &str {
        &self.fact().pack[2]
    }

    /// 冻结数据摘要（SHA-256）。 / Digest (SHA-256) of the frozen inputs.
    async fn inputs_digest(&self) -> &str {
        &self.fact().inputs.digest
    }

    /// 初评结果摘要。 / Digest of the preliminary results.
    async fn preliminary_digest(&self) -> &str {
        &self.fact().preliminary.digest
    }

    /// 确认结果摘要；未确认者为 null。 / Digest of the confirmed results; null before that.
    async fn results_digest(&self) -> Option<&str> {
        let results = self.fact().results.as_ref();
        results.map(|results| &*results.digest)
    }

    /// 确认时间。 / When it was confirmed.
    async fn confirmed_at(&self) -> Option<DateTime> {
        self.fact().confirmed_at.map(Into::into)
    }

    /// 公布决定。 / The decision to make it public.
    async fn publication(&self) -> Option<Publication> {
        self.fact().publication.as_ref().map(Into::into)
    }

    /// 依据。 / What it rests on.
    async fn legal_basis(&self, ctx: &Context<'_>) -> Option<String> {
        self.rule(ctx).map(|rule| rule.legal_basis.clone())
    }

    /// 依据是否已核对；日数为示例者为否。 / Whether the texts named were read; false where days are examples.
    async fn verified(&self, ctx: &Context<'_>) -> bool {
        self.rule(ctx).is_some_and(|rule| rule.verified)
    }

    /// 同一区划上一年度的评估。 / The same division's assessment for the year before.
    async fn previous(&self) -> Option<AnnualCampaign> {
        let before = self.view.campaign_before(self.fact())?;
        Some(Self::of(&self.view, &before))
    }

    /// 按层级和类别的分布，并列上一年度，以可见者为限。 / Distribution by level and kind beside that of the year before, of the bodies that may be seen.
    async fn distribution(&self, ctx: &Context<'_>) -> Result<Vec<AnnualGroup>> {
        let ask = ask(ctx);
        ask.note_loaded();
        let assessing = ask.app.assessing();
        let results = assessing.results(self.fact().standing().set).await?;
        let before = match self.view.campaign_before(self.fact()) {
            Some(before) => assessing.results(before.fact.standing().set).await?,
            None => Arc::default(),
        };
        let pack = assessing.kept_pack(&self.fact().pack[2]).await?;
        let codes = pack.grades.iter().map(|grade| grade.code.clone());
        let codes: Vec<String> = codes.collect();
        let seen = |results| self.view.seen_results(results);
        let groups = groups(seen(&results), seen(&before), &codes);
        Ok(groups
            .into_iter()
            .map(|group| AnnualGroup::of(&pack, group))
            .collect())
    }

    /// 排名，以可见者为限；可限层级、类别、等级。 / Ranking of the bodies that may be seen; of a level, a kind, a grade where they are said.
    async fn ranking(
        &self,
        ctx: &Context<'_>,
        level: Option<DivisionLevel>,
        kind: Option<AgencyKind>,
        grade: Option<String>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Option<AnnualResultConnection>> {
        let ask = ask(ctx);
        ask.note_loaded();
        let results = ask
            .app
            .assessing()
            .results(self.fact().standing().set)
            .await?;
        let (level, kind) = (level.map(Into::into), kind.map(Into::into));
        let wanted = |body: &assess::Ranked| {
            level.is_none_or(|level| body.level == level)
                && kind.is_none_or(|kind| body.kind == kind)
                && grade.as_ref().is_none_or(|grade| body.grade == *grade)
        };
        let tag = format!("{level:?} {kind:?} {grade:?}");
        let found = self.view.ranking(
            self.known.id,
            &results,
            (&tag, &wanted),
            &request(first, after, None, None),
            wants_total(ctx),
        )?;
        let bodies = found.page.rows.iter();
        let bodies: Vec<i64> = bodies
            .map(|(row, _)| results[*row as usize].agency)
            .collect();
        let before = self.before(ctx, &bodies).await?;
        Ok(Some(AnnualResultConnection::new(found, |row| {
            let body = results.get(row as usize)?;
            let before = before.get(&body.agency).cloned();
            Some(AnnualResult::new(
                &self.view,
                &self.known,
                body.clone(),
                before,
            ))
        })))
    }

    /// 异议，以可见者为限，先提出者在前，每次至多 200 件；`after` 为上次末件的序号。 / Objections that may be seen, the first filed first, at most 200 at once; `after` is the number of the last one that was told.
    async fn objections(
        &self,
        ctx: &Context<'_>,
        after: Option<i32>,
    ) -> Result<Vec<AnnualObjection>> {
        let after = i64::from(after.unwrap_or(0));
        let found = AnnualObjection::of(ask(ctx), &self.view, &self.known, after, OBJECTIONS_MAX);
        found.await
    }

    /// 向本级人大常委会报告的数据，以可见者为限；`meetingOn` 为会议日，缺省依规则。 / The data of the report to the standing committee, of what may be seen; `meetingOn` is the day on which it meets, by default that of the rules.
    async fn report(
        &self,
        ctx: &Context<'_>,
        meeting_on: Option<Date>,
    ) -> Result<Option<AnnualReport>> {
        let ask = ask(ctx);
        ask.note_loaded();
        let assessing = ask.app.assessing();
        let meeting = meeting_on.map(|day| day.0);
        let report = assessing.annual_report(Some(&self.view), self.fact(), meeting);
        let Some(report) = report.await? else {
            return Ok(None);
        };
        let pack = assessing.kept_pack(&self.fact().pack[2]).await?;
        Ok(Some(AnnualReport::of(
            &self.view,
            &self.known,
            &pack,
            report,
        )))
    }
}

impl AnnualCampaign {
    /// How bodies came off the year before.
    async fn before(
        &self,
        ctx: &Context<'_>,
        bodies: &[i64],
    ) -> Result<HashMap<i64, assess::Ranked>> {
        let Some(before) = self.view.campaign_before(self.fact()) else {
            return Ok(HashMap::new());
        };
        let sets = [before.fact.standing().set];
        let found = ask(ctx).store().annual_results_of(bodies, &sets).await?;
        let results = found.into_iter();
        Ok(results.map(|(_, body)| (body.agency, body)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_only_came_at_a_busy_moment_is_told_to_ask_again() {
        let error = ApiError::from(crate::assess::Error::Busy);
        assert_eq!(error.code, Code::Unavailable);
        assert!(error.message.contains("ask again"), "{}", error.message);
    }
}
