//! Reviewed false matches at the API.

mod list;
mod mutations;

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use domain::exclusion::Exclusion;

use crate::graph::Findings;

use super::{
    agency::Agency,
    ask::{Ask, ask},
    error::Result,
    node::{self, NodeKind},
    scalars::{Date, DateTime, Uscc},
};

pub use list::CheckExclusionConnection;
pub(super) use list::check_exclusions;
pub use mutations::ExclusionMutation;

/// 误匹配复核：该名称所指并非该单位，其后核查不再列出。 / A reviewed false match: the name does not mean the body, which checks do not show again.
pub struct CheckExclusion(Exclusion);

impl CheckExclusion {
    pub(super) async fn find(ask: &Ask, id: i64) -> Result<Option<Self>> {
        ask.note_loaded();
        let found = ask.app.checking().exclusion(ask.view.viewer(), id).await?;
        Ok(found.map(Self))
    }
}

/// 误匹配复核。 / A reviewed false match.
#[Object]
impl CheckExclusion {
    /// 全局 id。 / Global id.
    pub(in crate::api::graphql) async fn id(&self, ctx: &Context<'_>) -> ID {
        node::id(ask(ctx), NodeKind::CheckExclusion, self.0.id)
    }

    /// 规范化的名称。 / The name, as the resolver reads it.
    async fn name(&self) -> &str {
        &self.0.asked.name
    }

    /// 所限区划代码；未限定时为 null。 / The code of the division to which it is limited; null where there is none.
    async fn division(&self) -> Option<&str> {
        let code = self.0.asked.division.as_str();
        (!code.is_empty()).then_some(code)
    }

    /// 被排除单位的统一社会信用代码。 / The code of the body that is not meant.
    async fn uscc(&self) -> Option<Uscc> {
        self.0.uscc.parse().ok().map(Uscc)
    }

    /// 被排除的单位；现已无权核查时为 null。 / The body that is not meant; null where it may be checked no longer.
    async fn agency(&self, ctx: &Context<'_>) -> Option<Agency> {
        let view = &ask(ctx).view;
        let agency = self.0.agency;
        view.may_check(agency).then_some(())?;
        let view = view.finding(Findings {
            bodies: vec![agency],
            ..Findings::default()
        });
        Agency::by_id(&Arc::new(view), agency)
    }

    /// 理由。 / Why.
    async fn reason(&self, ctx: &Context<'_>) -> &str {
        ask(ctx).note_audited([self.0.agency]);
        &self.0.reason
    }

    /// 文书或案件编号。 / The case or document that it rests on.
    async fn reference(&self) -> Option<&str> {
        self.0.reference.as_deref()
    }

    /// 复核人标识。 / Who reviewed it.
    async fn by(&self) -> &str {
        &self.0.by
    }

    /// 复核时间。 / When.
    async fn made_at(&self) -> DateTime {
        self.0.made_at.into()
    }

    /// 有效期末日。 / The last day on which it holds.
    async fn expires_on(&self) -> Date {
        Date(self.0.expires_on)
    }

    /// 现是否有效。 / Whether it holds today.
    async fn in_force(&self, ctx: &Context<'_>) -> bool {
        self.0.holds_on(ask(ctx).app.clock.today())
    }

    /// 撤销时间。 / When it was revoked.
    async fn revoked_at(&self) -> Option<DateTime> {
        self.0.revoked.as_ref().map(|(at, ..)| (*at).into())
    }

    /// 撤销人标识。 / Who revoked it.
    async fn revoked_by(&self) -> Option<&str> {
        self.0.revoked.as_ref().map(|(_, by, _)| by.as_str())
    }

    /// 撤销理由。 / Why it was revoked.
    async fn revoke_reason(&self, ctx: &Context<'_>) -> Option<&str> {
        ask(ctx).note_audited([self.0.agency]);
        self.0.revoked.as_ref().map(|(.., reason)| reason.as_str())
    }
}
