//! Objections to scores of a year.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use domain::assess::{Campaign, CampaignObjection, Correction};

use crate::{graph::View, store::Known};

use super::{
    super::{
        agency::Agency,
        ask::{Ask, ask},
        error::Result,
        node::{self, NodeKind},
        scalars::DateTime,
    },
    AnnualCampaign,
};

/// 对年度评估得分的异议。 / A body's objection to its own score of a year.
pub struct AnnualObjection {
    view: Arc<View>,
    campaign: Arc<Known<Campaign>>,
    known: Known<CampaignObjection>,
}

impl AnnualObjection {
    /// Those of a campaign that the viewer sees, behind a number.
    pub(super) async fn of(
        ask: &Ask,
        view: &Arc<View>,
        campaign: &Arc<Known<Campaign>>,
        mut after: i64,
        limit: u64,
    ) -> Result<Vec<Self>> {
        let mut seen = Vec::new();
        loop {
            let page = ask
                .store()
                .campaign_objections(campaign.id, after, limit)
                .await?;
            let Some(last) = page.last() else {
                return Ok(seen);
            };
            after = i64::from(last.fact.number);
            for known in page.into_iter().filter_map(|known| view.objection(known)) {
                seen.push(Self {
                    view: Arc::clone(view),
                    campaign: Arc::clone(campaign),
                    known,
                });
                if seen.len() as u64 == limit {
                    return Ok(seen);
                }
            }
        }
    }

    pub(in super::super) async fn find(
        ask: &Ask,
        view: &Arc<View>,
        id: i64,
    ) -> Result<Option<Self>> {
        let Some(known) = ask.store().campaign_objection(id).await? else {
            return Ok(None);
        };
        let row = view.campaign_row(known.fact.campaign);
        let campaign = row.and_then(|row| view.campaign_at(row));
        let known = view.objection(known);
        Ok(campaign.zip(known).map(|(campaign, known)| Self {
            view: Arc::clone(view),
            campaign,
            known,
        }))
    }

    fn fact(&self) -> &CampaignObjection {
        &self.known.fact
    }
}

/// 对年度评估得分的异议。 / A body's objection to its own score of a year.
#[Object]
impl AnnualObjection {
    /// 全局 id。 / Global id.
    pub(in super::super) async fn id(&self, ctx: &Context<'_>) -> ID {
        node::id(ask(ctx), NodeKind::AnnualObjection, self.known.id)
    }

    /// 版本号：1 待处理，2 已处理。 / Its version: 1 as filed, 2 as decided.
    async fn version(&self) -> i32 {
        i32::try_from(self.known.version).unwrap_or(i32::MAX)
    }

    /// 年度评估。 / The annual assessment.
    async fn campaign(&self) -> AnnualCampaign {
        AnnualCampaign::of(&self.view, &self.campaign)
    }

    /// 序号，自 1 起。 / Its number, from 1.
    async fn number(&self) -> i32 {
        i32::try_from(self.fact().number).unwrap_or(i32::MAX)
    }

    /// 提出单位。 / The body.
    async fn agency(&self) -> Option<Agency> {
        Agency::by_id(&self.view, self.fact().agency)
    }

    /// 内容。 / What it says.
    async fn text(&self, ctx: &Context<'_>) -> &str {
        ask(ctx).note_audited([self.fact().agency]);
        &self.fact().text
    }

    /// 提出时间。 / When it was filed.
    async fn filed_at(&self) -> DateTime {
        self.fact().filed_at.into()
    }

    /// 是否成立；未处理者为 null。 / Whether it is upheld; null before it is decided.
    async fn upheld(&self) -> Option<bool> {
        let decision = self.fact().decision.as_ref();
        decision.map(|decision| decision.upheld)
    }

    /// 处理理由。 / Why.
    async fn reason(&self, ctx: &Context<'_>) -> Option<&str> {
        ask(ctx).note_audited([self.fact().agency]);
        let decision = self.fact().decision.as_ref();
        decision.map(|decision| &*decision.reason)
    }

    /// 处理时间。 / When it was decided.
    async fn decided_at(&self) -> Option<DateTime> {
        let decision = self.fact().decision.as_ref();
        decision.map(|decision| decision.at.into())
    }

    /// 更正件数：冻结数据不变，更正另存。 / How many corrections it led to: what is frozen stays, they are kept beside it.
    async fn corrections(&self) -> i32 {
        let decision = self.fact().decision.as_ref();
        let corrections: &[Correction] = decision.map_or(&[], |one| &one.corrections);
        i32::try_from(corrections.len()).unwrap_or(i32::MAX)
    }
}
