use std::sync::Arc;

use async_graphql::{Context, ID, Object, SimpleObject};
use domain::{decision::Decision, mention, privacy::without_digests};

use crate::{
    catalogue,
    graph::View,
    store::{KeptRow, Known, Listing},
};

use super::{
    ask::ask,
    connection::connection,
    division::Division,
    error::{ApiError, Result},
    evidence::Evidence,
    mention_decision::MentionDecision,
    node::{self, NodeKind},
    resolution::Resolution,
    source::Source,
};

/// 提及：数据源的一行，所指主体未能确定。 / A row of a source whose subject is not resolved.
pub struct Mention {
    known: Arc<Known<Listing<mention::Mention>>>,
    decision: Option<Arc<Known<Decision>>>,
}

connection!(MentionConnection, MentionEdge, Mention, "提及", "mentions");

impl Mention {
    pub(super) fn at(view: &View, row: u32) -> Option<Self> {
        view.mention_at(row).map(|known| Self {
            known: Arc::clone(known),
            decision: view.decision_of(known).cloned(),
        })
    }
}

/// 提及：数据源的一行，所指主体未能确定。 / A row of a source whose subject is not resolved.
#[Object]
impl Mention {
    /// 全局 id。 / Global id.
    pub(super) async fn id(&self, ctx: &Context<'_>) -> ID {
        node::id(ask(ctx), NodeKind::Mention, self.known.id)
    }

    /// 版本号，自 1 起；判定时须给出。 / Its version, from 1; who decides names it.
    async fn version(&self) -> i32 {
        i32::try_from(self.known.version).unwrap_or(i32::MAX)
    }

    /// 原文所写的主体名称。 / The subject's name as the source writes it.
    async fn text(&self) -> &str {
        &self.known.fact.fact.text
    }

    /// 数据源。 / The source.
    async fn source(&self, ctx: &Context<'_>) -> Result<Source> {
        let key = &self.known.fact.source;
        Source::find(ask(ctx), key).ok_or_else(|| {
            ApiError::invalid(format!(
                "the catalogue has no source {key} that you may see"
            ))
        })
    }

    /// 该行指向的区划，如执行法院所在地。 / The division that the row points to, such as the court's.
    async fn division(&self, ctx: &Context<'_>) -> Option<Division> {
        Division::find(&ask(ctx).view, self.known.fact.fact.division?)
    }

    /// 归一结果。 / The resolver's answer.
    async fn resolution(&self, ctx: &Context<'_>) -> Resolution {
        let view = &ask(ctx).view;
        Resolution::new(view, view.hide(self.known.fact.fact.resolution.clone()))
    }

    /// 凭证。 / Where and since when it is known.
    async fn evidence(&self, ctx: &Context<'_>) -> Result<Vec<Evidence>> {
        Evidence::of_row(ask(ctx), &ask(ctx).view, self.known.row_id).await
    }

    /// 人工判定。 / What was decided of its text.
    async fn decision(&self) -> Option<MentionDecision> {
        self.decision.clone().map(MentionDecision::standing)
    }

    /// 该行留存的字段，正文与个人号码除外；至多 50 个，每个至多 500 字。 / What is kept of the row itself, but for its long text and what stands for a person's number: at most 50 fields of 500 characters.
    async fn context(&self, ctx: &Context<'_>) -> Result<Vec<MentionContext>> {
        let ask = ask(ctx);
        let kept = ask.kept_of(self.known.row_id).await?;
        let source = ask.app.catalogue.sources.get(&self.known.fact.source);
        Ok(kept
            .zip(source)
            .map(|(kept, source)| MentionContext::of(source, &kept))
            .unwrap_or_default())
    }
}

/// Fields of a mention's row that are told.
const CONTEXT_FIELDS_MAX: usize = 50;
/// Characters of each.
const CONTEXT_CHARS_MAX: usize = 500;

/// 提及所在行的一个字段。 / One field of a mention's row.
#[derive(SimpleObject)]
pub struct MentionContext {
    /// 数据源的列名。 / The source's name for it.
    name: String,
    /// 所写内容。 / What it says.
    text: String,
}

impl MentionContext {
    /// The fields of a kept row; what is alleged at length is for those who deal with it.
    fn of(source: &catalogue::Source, kept: &KeptRow) -> Vec<Self> {
        let form = source
            .form
            .iter()
            .find(|form| Some(&form.name) == kept.form.as_ref());
        let long = form.and_then(|form| form.fields.get("content"));
        let is_long = |name: &String| long.is_some_and(|field| field.from.contains(name));
        let fields: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(&kept.content).unwrap_or_default();
        let fields = fields.into_iter().filter(|(name, _)| !is_long(name));
        let field = |(name, text): (String, serde_json::Value)| Self {
            name,
            // Cut first, a digest would be none any more.
            text: short(&without_digests(text.as_str().unwrap_or_default())),
        };
        fields.take(CONTEXT_FIELDS_MAX).map(field).collect()
    }
}

fn short(text: &str) -> String {
    text.chars().take(CONTEXT_CHARS_MAX).collect()
}
