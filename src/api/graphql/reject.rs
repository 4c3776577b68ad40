use async_graphql::{Context, SimpleObject};

use crate::{
    graph::{PageError, page_size},
    store,
};

use super::{
    ask::{RejectsOf, ask},
    connection::{PageInfo, Position, wants_total},
    error::Result,
};

/// 被拒的一行。 / A row that could not be read.
#[derive(SimpleObject)]
pub struct Reject {
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

impl From<store::Reject> for Reject {
    fn from(reject: store::Reject) -> Self {
        Self {
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
            node: entry.1.into(),
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
