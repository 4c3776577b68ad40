use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use domain::decision;

use crate::{
    graph::{PageRequest, View},
    store::{EndedDecision, Known, id_of_row},
};

use super::{
    agency::Agency,
    ask::{Ask, ask},
    connection::connection,
    division::Division,
    error::Result,
    node::{self, NodeKind},
    scalars::{DateTime, api_enum},
    source::Source,
    viewer::Role,
};

api_enum! {
    /// 人工判定的结论。 / What a person found.
    Judgement = decision::Judgement {
        /// 是该单位。 / It is this body.
        Positive,
        /// 不是该单位，或非本库单位。 / It is not this body, or nobody of ours.
        Negative,
        /// 不能确定。 / It can't be said.
        Unsure,
    }
}

/// Decisions that hold no longer among which a list looks.
pub(super) const ENDED_MAX: u64 = 10_000;

/// 对某数据源某一写法所指何单位的人工判定，适用于其后同一写法。 / A decision about whom a source's text means; it holds of all that write the same.
pub struct MentionDecision {
    known: Arc<Known<decision::Decision>>,
    ending: Option<decision::Ending>,
}

connection!(
    MentionDecisionConnection,
    MentionDecisionEdge,
    MentionDecision,
    "人工判定",
    "decisions"
);

impl MentionDecision {
    pub(super) fn in_row(view: &View, row: u32) -> Option<Self> {
        view.decision_at(row).cloned().map(Self::standing)
    }

    pub(super) fn standing(known: Arc<Known<decision::Decision>>) -> Self {
        Self {
            known,
            ending: None,
        }
    }

    pub(super) fn ended((known, ending): EndedDecision) -> Self {
        Self {
            known: Arc::new(known),
            ending,
        }
    }

    /// This version of a decision, standing or ended, if the viewer may see it.
    pub(super) async fn find(ask: &Ask, id: i64, version: i64) -> Result<Option<Self>> {
        let view = &ask.view;
        let access = &ask.app.catalogue.access;
        if !access.may_read(view.viewer().role, "Query", "mentionDecisions") {
            return Ok(None);
        }
        let standing = view.decision_row(id).and_then(|row| view.decision_at(row));
        if let Some(standing) = standing.filter(|known| known.version == version) {
            return Ok(Some(Self::standing(Arc::clone(standing))));
        }
        let ended = ask.store().find_ended_decision(id, version).await?;
        let ended: Vec<_> = ended.into_iter().collect();
        let seen = view.ended_decisions(&ended, &PageRequest::default(), false)?;
        let row = seen.page.rows.first().map(|(row, _)| *row as usize);
        Ok(row
            .and_then(|row| ended.into_iter().nth(row))
            .map(Self::ended))
    }

    fn fact(&self) -> &decision::Decision {
        &self.known.fact
    }
}

/// 对某数据源某一写法所指何单位的人工判定，适用于其后同一写法。 / A decision about whom a source's text means; it holds of all that write the same.
#[Object]
impl MentionDecision {
    /// 全局 id。 / Global id.
    pub(super) async fn id(&self, ctx: &Context<'_>) -> ID {
        let key = format!("{}-{}", self.known.id, self.known.version);
        node::id(ask(ctx), NodeKind::MentionDecision, key)
    }

    /// 结论。 / What was found.
    async fn judgement(&self) -> Judgement {
        self.fact().judgement.into()
    }

    /// 所判定的单位；不可见时为 null。 / The body that it is about; null where hidden, or nobody of ours is meant.
    async fn agency(&self, ctx: &Context<'_>) -> Option<Agency> {
        Agency::by_id(&ask(ctx).view, self.fact().agency?)
    }

    /// 判定人（令牌主体）。 / Who decided: the token's subject.
    async fn by(&self) -> &str {
        &self.fact().by
    }

    /// 判定人的角色。 / In which role he decided.
    async fn role(&self) -> Role {
        self.fact().role.into()
    }

    /// 理由。 / Why.
    async fn reason(&self, ctx: &Context<'_>) -> &str {
        ask(ctx).note_audited(self.fact().agency);
        &self.fact().reason
    }

    /// 判定时间。 / When.
    async fn at(&self) -> DateTime {
        self.fact().at.into()
    }

    /// 版本号，自 1 起；撤销判定时须给出。 / Its version, from 1; who undoes it names it.
    async fn version(&self) -> i32 {
        i32::try_from(self.known.version).unwrap_or(i32::MAX)
    }

    /// 据以判定的提及的全局 id，该提及可能已不再列出。 / Global id of the mention on which it was taken, which may be listed no longer.
    async fn mention_id(&self, ctx: &Context<'_>) -> Option<ID> {
        let mention = id_of_row("mention", self.known.row_id)?;
        Some(node::id(ask(ctx), NodeKind::Mention, mention))
    }

    /// 所适用的写法（规范化后）。 / The text of which it holds, normalised.
    async fn text(&self, ctx: &Context<'_>) -> &str {
        ask(ctx).note_audited(self.fact().agency);
        &self.fact().subject.name
    }

    /// 所适用的代码写法；原文未给代码时为 null。 / The codes of which it holds; null where the text gives none.
    async fn code(&self) -> Option<&str> {
        let code = self.fact().subject.codes();
        (!code.is_empty()).then_some(code)
    }

    /// 失效时间：被撤销或被后来的判定取代；现行判定为 null。 / When it was undone or another one took its place; null where it stands.
    async fn ended_at(&self) -> Option<DateTime> {
        self.ending.as_ref().map(|ending| ending.at.into())
    }

    /// 撤销人或后来的判定人（令牌主体）。 / Who undid it or decided anew: the token's subject.
    async fn ended_by(&self) -> Option<&str> {
        self.ending.as_ref().map(|ending| ending.by.as_str())
    }

    /// 撤销或另行判定的理由。 / Why it was undone or decided anew.
    async fn end_reason(&self, ctx: &Context<'_>) -> Option<&str> {
        ask(ctx).note_audited(self.fact().agency);
        self.ending.as_ref().map(|ending| ending.reason.as_str())
    }

    /// 是否只适用于据以判定的那一行：写法为自然人遮盖姓名。 / Whether it holds of the one row alone: what that writes is a person's masked name.
    async fn is_of_row(&self) -> bool {
        self.fact().subject.row().is_some()
    }

    /// 所适用的数据源。 / The source of whose texts it holds.
    async fn source(&self, ctx: &Context<'_>) -> Option<Source> {
        Source::find(ask(ctx), &self.fact().source)
    }

    /// 所适用的区划（含以下）；不限区划时为 null。 / It holds of rows that point into this division; null where it holds everywhere.
    async fn reach(&self, ctx: &Context<'_>) -> Option<Division> {
        Division::find(&ask(ctx).view, self.fact().reach?)
    }
}
