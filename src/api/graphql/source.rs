use async_graphql::{Context, ID, Object};
use domain::run;

use crate::{
    catalogue,
    graph::{PageError, page_size},
    store::Run,
};

use super::{
    ask::{Ask, RunsOf, ask},
    connection::{PageInfo, Position, wants_total},
    error::{ApiError, Result},
    node::{self, NodeKind},
    reject::RejectConnection,
    scalars::{DateTime, api_enum},
};

api_enum! {
    /// 接入批次的状态。 / How a run stands.
    RunState = run::RunState {
        /// 进行中。 / It is being read.
        Running,
        /// 超出范围，待放行。 / Outside its bounds, waiting to be let in.
        Held,
        /// 全部入库。 / All of it is in.
        Done,
        /// 部分行被拒。 / It is in, but for rejected rows.
        Partly,
        /// 未入库。 / Nothing of it is in.
        Failed,
    }
}

/// 数据源。 / A source.
pub struct Source {
    key: String,
}

/// 一次接入。 / One attempt to bring a delivery in.
pub struct SourceRun(Run);

/// 接入批次的分页列表。 / A page of runs.
#[derive(async_graphql::SimpleObject)]
pub struct SourceRunConnection {
    /// 条目。 / The entries.
    edges: Vec<SourceRunEdge>,
    /// 分页信息。 / Where this page lies in its list.
    page_info: PageInfo,
    /// 总数。 / How many there are in all.
    total_count: i32,
}

/// 接入批次列表的一个条目。 / One entry of a list of runs.
#[derive(async_graphql::SimpleObject)]
pub struct SourceRunEdge {
    /// 游标。 / Its position in the list.
    cursor: Position,
    /// 节点。 / What stands there.
    node: SourceRun,
}

impl Source {
    pub(super) fn find(ask: &Ask, key: &str) -> Option<Self> {
        let is_known = ask.view.sees_sources() && ask.app.catalogue.sources.contains_key(key);
        is_known.then(|| Self {
            key: key.to_owned(),
        })
    }

    pub(super) fn all(ask: &Ask) -> Vec<Self> {
        ask.app
            .catalogue
            .sources
            .keys()
            .filter_map(|key| Self::find(ask, key))
            .collect()
    }

    fn described<'a>(&self, ctx: &Context<'a>) -> &'a catalogue::Source {
        &ask(ctx).app.catalogue.sources[&self.key]
    }
}

impl SourceRun {
    pub(super) async fn find(ask: &Ask, id: i64) -> Result<Option<Self>> {
        if !ask.view.sees_sources()
            || !ask
                .app
                .catalogue
                .access
                .may_read(ask.view.viewer().role, "Source", "runs")
        {
            return Ok(None);
        }
        Ok(ask.run(id).await?.map(Self))
    }

    pub(super) async fn of_evidence(ask: &Ask, id: i64) -> Result<Option<Self>> {
        Self::find(ask, id).await
    }
}

/// 数据源。 / A source.
#[Object]
impl Source {
    /// 全局 id。 / Global id.
    pub(super) async fn id(&self, ctx: &Context<'_>) -> ID {
        node::id(ask(ctx), NodeKind::Source, &self.key)
    }

    /// 键，如 court_debtors。 / Its key.
    async fn key(&self) -> &str {
        &self.key
    }

    /// 本库所属省份的区划代码；与键合起来在各省之间唯一。 / The hub's province: with it the key is unique among provinces.
    async fn province<'ctx>(&self, ctx: &Context<'ctx>) -> &'ctx str {
        &ask(ctx).app.config.hub.province
    }

    /// 名称。 / Its title.
    async fn title<'ctx>(&self, ctx: &Context<'ctx>) -> &'ctx str {
        &self.described(ctx).title
    }

    /// 发布单位。 / Who publishes it.
    async fn publisher<'ctx>(&self, ctx: &Context<'ctx>) -> &'ctx str {
        &self.described(ctx).publisher
    }

    /// 更新周期（ISO 8601）。 / How often it delivers.
    async fn cadence<'ctx>(&self, ctx: &Context<'ctx>) -> Option<&'ctx str> {
        Some(self.described(ctx).cadence.get_ref())
    }

    /// 最近一次成功接入。 / When it last delivered.
    async fn last_success_at(&self, ctx: &Context<'_>) -> Result<Option<DateTime>> {
        let freshness = ask(ctx).freshness(&self.key).await?;
        Ok(freshness.last_success_at.map(Into::into))
    }

    /// 数据截至时间。 / Of when its data speak.
    async fn data_as_of(&self, ctx: &Context<'_>) -> Result<Option<DateTime>> {
        Ok(ask(ctx)
            .freshness(&self.key)
            .await?
            .data_as_of
            .map(Into::into))
    }

    /// 是否已超过更新周期。 / Whether its data are older than its cadence.
    async fn stale(&self, ctx: &Context<'_>) -> Result<bool> {
        let ask = ask(ctx);
        let hours = self.described(ctx).cadence_h;
        let data_as_of = ask.freshness(&self.key).await?.data_as_of;
        Ok(data_as_of.is_none_or(|at| ask.app.clock.now() - at > chrono::TimeDelta::hours(hours)))
    }

    /// 接入批次，新者在前。 / Its runs, newest first.
    async fn runs(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Option<SourceRunConnection>> {
        let ask = ask(ctx);
        let first = page_size("first", first.map(i64::from))?;
        let before = match &after {
            None => None,
            Some(cursor) => Some(
                cursor
                    .strip_prefix("run:")
                    .and_then(|id| id.parse().ok())
                    .ok_or(PageError::Cursor { name: "after" })?,
            ),
        };
        let mut runs = ask
            .runs_of(RunsOf {
                source: self.key.clone(),
                before,
                limit: first as u64 + 1,
            })
            .await?;
        let has_next_page = runs.len() > first;
        runs.truncate(first);
        let total = if wants_total(ctx) {
            ask.count_runs(&self.key).await?
        } else {
            0
        };
        let cursor = |run: &Run| Position::Text(format!("run:{}", run.id));
        let page_info = PageInfo {
            has_next_page,
            has_previous_page: before.is_some(),
            start_cursor: runs.first().map(cursor),
            end_cursor: runs.last().map(cursor),
        };
        let edges = runs.into_iter().map(|run| SourceRunEdge {
            cursor: cursor(&run),
            node: SourceRun(run),
        });
        Ok(Some(SourceRunConnection {
            edges: edges.collect(),
            page_info,
            total_count: i32::try_from(total).unwrap_or(i32::MAX),
        }))
    }
}

/// A count as GraphQL's Int.
fn int(count: i64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// 一次接入。 / One attempt to bring a delivery in.
#[Object]
impl SourceRun {
    /// 全局 id。 / Global id.
    pub(super) async fn id(&self, ctx: &Context<'_>) -> ID {
        node::id(ask(ctx), NodeKind::SourceRun, self.0.id)
    }

    /// 数据源。 / The source.
    async fn source(&self, ctx: &Context<'_>) -> Result<Source> {
        Source::find(ask(ctx), &self.0.source)
            .ok_or_else(|| ApiError::invalid("the catalogue has no such source any more"))
    }

    /// 供数方；多方供数的来源由此区分。 / Who delivered, where a source has several deliverers.
    async fn feed(&self) -> &str {
        &self.0.feed
    }

    /// 数据截至时间。 / Of when it speaks.
    async fn data_as_of(&self) -> DateTime {
        self.0.data_as_of.into()
    }

    /// 是否全量。 / Whether it says all that its feed holds.
    async fn is_full(&self) -> bool {
        self.0.is_full
    }

    /// 状态。 / How it stands.
    async fn state(&self) -> RunState {
        self.0.state.into()
    }

    /// 开始时间。 / When it began.
    async fn started_at(&self) -> DateTime {
        self.0.started_at.into()
    }

    /// 结束时间。 / When it ended.
    async fn ended_at(&self) -> Option<DateTime> {
        self.0.ended_at.map(Into::into)
    }

    /// 读到的行数。 / Rows that were read.
    async fn received(&self) -> i32 {
        int(self.0.counts.received)
    }

    /// 新增或变更的行数。 / Rows that brought something new.
    async fn stored(&self) -> i32 {
        int(self.0.counts.stored)
    }

    /// 未变的行数。 / Rows that were there already.
    async fn unchanged(&self) -> i32 {
        int(self.0.counts.unchanged)
    }

    /// 被拒的行数。 / Rows that could not be read.
    async fn rejected(&self) -> i32 {
        int(self.0.counts.rejected)
    }

    /// 主体未能确定的行数。 / Rows whose subject could not be told.
    async fn unresolved(&self) -> i32 {
        int(self.0.counts.unresolved)
    }

    /// 不属于本库范围的行数。 / Rows about somebody who is no government body.
    async fn out_of_scope(&self) -> i32 {
        int(self.0.counts.out_of_scope)
    }

    /// 不再列出的行数。 / What is listed no longer.
    async fn withdrawn(&self) -> i32 {
        int(self.0.counts.withdrawn)
    }

    /// 被拒的行及原因。 / The rows that could not be read, and why.
    async fn rejects(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Option<RejectConnection>> {
        Ok(Some(
            RejectConnection::of_run(ctx, self.0.id, first, after).await?,
        ))
    }

    /// 说明。 / Why it ended as it did.
    async fn message(&self) -> Option<&str> {
        self.0.message.as_deref()
    }
}
