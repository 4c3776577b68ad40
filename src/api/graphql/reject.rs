use async_graphql::{ComplexObject, Context, ID, SimpleObject};

use crate::{
    graph::{PageError, page_size},
    store,
};

use super::{
    ask::{Ask, RejectsOf, ask},
    connection::{PageInfo, Position, wants_total},
    error::Result,
    node::{self, NodeKind},
    source::SourceRun,
};

/// 被拒的一行。 / A row that could not be read.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Reject {
    /// Its run and its place among what that run could not read.
    #[graphql(skip)]
    key: (i64, i64),
    /// 文件。 / The file.
    file: String,
    /// 行号。 / The line.
    line: i32,
    /// 列。 / The column, where one is to blame.
    column: Option<String>,
    /// 原因。 / What was wrong with it.
    reason: String,
}

/// 被拒行的分页列表。 / A page of rejected rows.
#[derive(SimpleObject)]
pub struct RejectConnection {
    /// 条目。 / The entries.
    edges: Vec<RejectEdge>,
    /// 分页信息。 / Where this page lies in its list.
    page_info: PageInfo,
    /// 留存的行数；拒收过多时只留前一部分。 / How many are kept; of very many only the first ones are.
    total_count: i32,
}

/// 被拒行列表的一个条目。 / One entry of a list of rejected rows.
#[derive(SimpleObject)]
pub struct RejectEdge {
    /// 游标。 / Its position in the list.
    cursor: Position,
    /// 节点。 / What stands there.
    node: Reject,
}

#[ComplexObject]
impl Reject {
    /// 全局 id。 / Global id.
    pub(super) async fn id(&self, ctx: &Context<'_>) -> ID {
        let (run, ordinal) = self.key;
        node::id(ask(ctx), NodeKind::Reject, format!("{run}-{ordinal}"))
    }
}

impl Reject {
    /// A row of a run, if the viewer may see what that run could not read.
    pub(super) async fn find(ask: &Ask, run: i64, ordinal: i64) -> Result<Option<Self>> {
        let (access, role) = (&ask.app.catalogue.access, ask.view.viewer().role);
        if !access.may_read(role, "SourceRun", "rejects")
            || SourceRun::find(ask, run).await?.is_none()
        {
            return Ok(None);
        }
        let after = ordinal.checked_sub(1);
        let found = ask
            .rejects_of(RejectsOf {
                run,
                after,
                limit: 1,
            })
            .await?;
        let mut found = found.into_iter().filter(|(at, _)| *at == ordinal);
        Ok(found.next().map(|(at, reject)| Self::of(run, at, reject)))
    }

    fn of(run: i64, ordinal: i64, reject: store::Reject) -> Self {
        Self {
            key: (run, ordinal),
            file: reject.file,
            line: i32::try_from(reject.line).unwrap_or(i32::MAX),
            column: reject.column,
            reason: reject.reason,
        }
    }
}

impl RejectConnection {
    /// A page of a run's rejected rows, in the order in which they were met.
    pub(super) async fn of_run(
        ctx: &Context<'_>,
        run: i64,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Self> {
        let ask = ask(ctx);
        let first = page_size("first", first.map(i64::from))?;
        let after = match &after {
            None => None,
            Some(cursor) => Some(ordinal(cursor).ok_or(PageError::Cursor { name: "after" })?),
        };
        let limit = first as u64 + 1;
        let mut rejects = ask.rejects_of(RejectsOf { run, after, limit }).await?;
        let has_next_page = rejects.len() > first;
        rejects.truncate(first);
        let total = if wants_total(ctx) {
            ask.count_rejects(run).await?
        } else {
            0
        };
        let cursor =
            |(ordinal, _): &(i64, store::Reject)| Position::Text(format!("reject:{ordinal}"));
        let page_info = PageInfo {
            has_next_page,
            has_previous_page: after.is_some(),
            start_cursor: rejects.first().map(cursor),
            end_cursor: rejects.last().map(cursor),
        };
        let edges = rejects.into_iter().map(|entry| RejectEdge {
            cursor: cursor(&entry),
            node: Reject::of(run, entry.0, entry.1),
        });
        Ok(Self {
            edges: edges.collect(),
            page_info,
            total_count: i32::try_from(total).unwrap_or(i32::MAX),
        })
    }
}

fn ordinal(cursor: &str) -> Option<i64> {
    cursor.strip_prefix("reject:")?.parse().ok()
}
