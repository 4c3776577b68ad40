use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use domain::mention;

use crate::{
    graph::View,
    store::{Known, Listing},
};

use super::{
    ask::ask,
    connection::connection,
    division::Division,
    error::{ApiError, Result},
    evidence::Evidence,
    node::{self, NodeKind},
    resolution::Resolution,
    source::Source,
};

/// 提及：数据源的一行，所指主体未能确定。 / A row of a source whose subject is not resolved.
pub struct Mention(Arc<Known<Listing<mention::Mention>>>);

connection!(MentionConnection, MentionEdge, Mention, "提及", "mentions");

impl Mention {
    pub(super) fn at(view: &View, row: u32) -> Option<Self> {
        view.mention_at(row).map(|known| Self(Arc::clone(known)))
    }
}

/// 提及：数据源的一行，所指主体未能确定。 / A row of a source whose subject is not resolved.
#[Object]
impl Mention {
    /// 全局 id。 / Global id.
    pub(super) async fn id(&self, ctx: &Context<'_>) -> ID {
        node::id(ask(ctx), NodeKind::Mention, self.0.id)
    }

    /// 原文所写的主体名称。 / The subject's name as the source writes it.
    async fn text(&self) -> &str {
        &self.0.fact.fact.text
    }

    /// 数据源。 / The source.
    async fn source(&self, ctx: &Context<'_>) -> Result<Source> {
        let key = &self.0.fact.source;
        Source::find(ask(ctx), key).ok_or_else(|| {
            ApiError::invalid(format!(
                "the catalogue has no source {key} that you may see"
            ))
        })
    }

    /// 该行指向的区划，如执行法院所在地。 / The division that the row points to, such as the court's.
    async fn division(&self, ctx: &Context<'_>) -> Option<Division> {
        Division::find(&ask(ctx).view, self.0.fact.fact.division?)
    }

    /// 归一结果。 / The resolver's answer.
    async fn resolution(&self, ctx: &Context<'_>) -> Resolution {
        Resolution(ask(ctx).view.hide(self.0.fact.fact.resolution.clone()))
    }

    /// 凭证。 / Where and since when it is known.
    async fn evidence(&self, ctx: &Context<'_>) -> Result<Vec<Evidence>> {
        Evidence::of_row(ask(ctx), self.0.row_id).await
    }
}
