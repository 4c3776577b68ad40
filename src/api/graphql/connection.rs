//! Relay connections, without shortcuts: `edges`, `pageInfo`, `totalCount`.
//!
//! What there are many of in an answer resolves its fields one after another (`serial`): few of them
//! ever wait for anything, and to run them side by side costs more than most of them do. The items of a
//! list still wait together.

use std::borrow::Cow;

use async_graphql::{
    Context, ContextSelectionSet, OutputType, Positioned, ServerResult, SimpleObject, Value,
    parser::types::Field, registry::Registry,
};

use crate::graph::{Cursor, Found, PageRequest};

/// A position in a list. Its text is made where somebody asks for it, which few do for each entry.
#[derive(Debug, Clone)]
pub enum Position {
    Row(Cursor),
    Text(String),
}

impl OutputType for Position {
    fn type_name() -> Cow<'static, str> {
        <String as OutputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <String as OutputType>::create_type_info(registry)
    }

    async fn resolve(
        &self,
        _: &ContextSelectionSet<'_>,
        _: &Positioned<Field>,
    ) -> ServerResult<Value> {
        Ok(Value::String(match self {
            Position::Row(cursor) => cursor.text(),
            Position::Text(text) => text.clone(),
        }))
    }
}

/// 分页信息。 / Where a page lies in its list.
#[derive(Debug, Clone, Default, SimpleObject)]
#[graphql(serial)]
pub struct PageInfo {
    /// 后面还有。 / There is more behind.
    pub(super) has_next_page: bool,
    /// 前面还有。 / There is more before.
    pub(super) has_previous_page: bool,
    /// 本页首条的游标；空页为 null。 / Cursor of the first edge; null on an empty page.
    pub(super) start_cursor: Option<Position>,
    /// 本页末条的游标；空页为 null。 / Cursor of the last edge; null on an empty page.
    pub(super) end_cursor: Option<Position>,
}

/// A connection over a node type.
macro_rules! connection {
    ($connection:ident, $edge:ident, $node:ty, $what_zh:literal, $what_en:literal) => {
        #[doc = concat!($what_zh, "的分页列表。 / A page of ", $what_en, ".")]
        #[derive(async_graphql::SimpleObject)]
        #[graphql(serial)]
        pub struct $connection {
            /// 条目。 / The entries.
            edges: Vec<$edge>,
            /// 分页信息。 / Where this page lies in its list.
            page_info: $crate::api::graphql::connection::PageInfo,
            /// 总数。 / How many there are in all.
            total_count: i32,
        }

        #[doc = concat!($what_zh, "列表的一个条目。 / One entry of a list of ", $what_en, ".")]
        #[derive(async_graphql::SimpleObject)]
        #[graphql(serial)]
        pub struct $edge {
            /// 游标。 / Its position in the list.
            cursor: $crate::api::graphql::connection::Position,
            /// 节点。 / What stands there.
            node: $node,
        }

        impl $connection {
            /// From a page of rows; a row that is gone meanwhile can't be, the version is one.
            pub(in crate::api::graphql) fn new(
                found: $crate::graph::Found,
                node: impl Fn(u32) -> Option<$node>,
            ) -> Self {
                let (page_info, total_count) = $crate::api::graphql::connection::parts(&found);
                let edges = found.page.rows.into_iter();
                let edge = |(row, cursor)| {
                    Some($edge {
                        cursor: $crate::api::graphql::connection::Position::Row(cursor),
                        node: node(row)?,
                    })
                };
                Self {
                    edges: edges.filter_map(edge).collect(),
                    page_info,
                    total_count,
                }
            }
        }
    };
}
pub(super) use connection;

pub(super) fn parts(found: &Found) -> (PageInfo, i32) {
    let rows = &found.page.rows;
    let position = |(_, cursor): &(u32, Cursor)| Position::Row(cursor.clone());
    let info = PageInfo {
        has_next_page: found.page.has_next,
        has_previous_page: found.page.has_previous,
        start_cursor: rows.first().map(position),
        end_cursor: rows.last().map(position),
    };
    (
        info,
        found
            .total
            .map_or(0, |total| i32::try_from(total).unwrap_or(i32::MAX)),
    )
}

/// Whether the field that is being resolved is asked for its `totalCount`: counting is only done then.
pub(super) fn wants_total(ctx: &Context<'_>) -> bool {
    ctx.look_ahead().field("totalCount").exists()
}

pub(super) fn request(
    first: Option<i32>,
    after: Option<String>,
    last: Option<i32>,
    before: Option<String>,
) -> PageRequest {
    PageRequest {
        first: first.map(i64::from),
        last: last.map(i64::from),
        after,
        before,
    }
}
