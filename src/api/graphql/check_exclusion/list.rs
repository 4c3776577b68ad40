//! The list of reviews, read page by page from the store.

use async_graphql::{Context, SimpleObject};
use domain::exclusion::Exclusion;

use crate::graph::page_size;

use super::{
    super::{
        ask::ask,
        connection::{PageInfo, Position, wants_total},
        error::{ApiError, Result},
    },
    CheckExclusion,
};

/// What stands before a place in a cursor.
const CURSOR: &str = "exclusion:";

/// 误匹配复核的分页列表。 / A page of reviewed false matches.
#[derive(SimpleObject)]
pub struct CheckExclusionConnection {
    /// 条目。 / The entries.
    edges: Vec<CheckExclusionEdge>,
    /// 分页信息。 / Where this page lies in its list.
    page_info: PageInfo,
    /// 总数。 / How many there are in all.
    total_count: i32,
}

/// 误匹配复核列表的一个条目。 / One entry of a list of reviewed false matches.
#[derive(SimpleObject)]
pub struct CheckExclusionEdge {
    /// 游标。 / Its position in the list.
    cursor: Position,
    /// 节点。 / What stands there.
    node: CheckExclusion,
}

/// The reviews that hold for the viewer's place, or have held, the newest first.
pub(in crate::api::graphql) async fn check_exclusions(
    ctx: &Context<'_>,
    in_force: bool,
    first: Option<i32>,
    after: Option<String>,
) -> Result<CheckExclusionConnection> {
    let ask = ask(ctx);
    ask.note_loaded();
    let first = page_size("first", first.map(i64::from))?;
    let place = |cursor: &String| {
        let place = cursor
            .strip_prefix(CURSOR)
            .and_then(|place| place.parse().ok());
        place.ok_or_else(|| ApiError::invalid("after is no cursor of this list / 游标无效"))
    };
    let before = after.as_ref().map(place).transpose()?;
    let (checking, viewer) = (ask.app.checking(), ask.view.viewer());
    let mut found = checking
        .exclusions(viewer, in_force, before, first as u64 + 1)
        .await?;
    let has_next_page = found.len() > first;
    found.truncate(first);
    let total = match wants_total(ctx) {
        true => checking.count_exclusions(viewer, in_force).await?,
        false => 0,
    };
    let cursor = |one: &Exclusion| Position::Text(format!("{CURSOR}{}", one.id));
    let page_info = PageInfo {
        has_next_page,
        has_previous_page: before.is_some(),
        start_cursor: found.first().map(cursor),
        end_cursor: found.last().map(cursor),
    };
    let edges = found.into_iter().map(|one| CheckExclusionEdge {
        cursor: cursor(&one),
        node: CheckExclusion(one),
    });
    Ok(CheckExclusionConnection {
        edges: edges.collect(),
        page_info,
        total_count: i32::try_from(total).unwrap_or(i32::MAX),
    })
}
