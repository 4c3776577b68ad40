//! Watch lists at the API: a client's own lists, their subjects, and what became of these.

mod change;
mod mutations;

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, ID, Object, SimpleObject};

use crate::{
    graph::{Findings, page_size},
    store::{self, Watched},
};

use super::{
    agency::Agency,
    ask::{Ask, ask},
    connection::{PageInfo, Position, wants_total},
    error::{ApiError, Result},
    node::{self, NodeKind, number_of},
    scalars::{DateTime, Uscc},
};

pub(super) use change::watch_changes;
pub use change::{WatchChange, WatchChangePage};
pub use mutations::WatchMutation;

/// 关注名单：登记的主体有变动时告知。 / A watch list: its client is told what becomes of the subjects in it.
pub struct WatchList(store::WatchList);

/// 关注名单的分页列表。 / A page of watch lists.
#[derive(SimpleObject)]
pub struct WatchListConnection {
    /// 条目。 / The entries.
    edges: Vec<WatchListEdge>,
    /// 分页信息。 / Where this page lies in its list.
    page_info: PageInfo,
    /// 总数。 / How many there are in all.
    total_count: i32,
}

/// 关注名单列表的一个条目。 / One entry of a list of watch lists.
#[derive(SimpleObject)]
pub struct WatchListEdge {
    /// 游标。 / Its position in the list.
    cursor: Position,
    /// 节点。 / What stands there.
    node: WatchList,
}

/// 名单中的主体。 / A subject of a watch list.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct WatchSubject {
    #[graphql(skip)]
    id: ID,
    /// 登记时的统一社会信用代码。 / Its code, as it was registered.
    uscc: Uscc,
    /// 单位；现已无权核查时为 null。 / The body; null where it may be checked no longer.
    agency: Option<Agency>,
    /// 登记时间。 / When it was registered.
    added_at: DateTime,
}

/// 名单中主体的分页列表。 / A page of a watch list's subjects.
#[derive(SimpleObject)]
pub struct WatchSubjectConnection {
    /// 条目。 / The entries.
    edges: Vec<WatchSubjectEdge>,
    /// 分页信息。 / Where this page lies in its list.
    page_info: PageInfo,
    /// 总数。 / How many there are in all.
    total_count: i32,
}

/// 名单中主体列表的一个条目。 / One entry of a list of a watch list's subjects.
#[derive(SimpleObject)]
pub struct WatchSubjectEdge {
    /// 游标。 / Its position in the list.
    cursor: Position,
    /// 节点。 / What stands there.
    node: WatchSubject,
}

impl WatchList {
    pub(super) async fn find(ask: &Ask, id: i64) -> Result<Option<Self>> {
        ask.note_loaded();
        let found = ask.app.watching().find(ask.view.viewer(), id).await?;
        Ok(found.map(Self))
    }
}

/// 关注名单。 / A watch list.
#[Object]
impl WatchList {
    /// 全局 id。 / Global id.
    pub(super) async fn id(&self, ctx: &Context<'_>) -> ID {
        node::id(ask(ctx), NodeKind::WatchList, self.0.id)
    }

    /// 名称。 / What it is called.
    async fn title(&self) -> &str {
        &self.0.title
    }

    /// 用途。 / What for.
    async fn purpose(&self) -> &str {
        &self.0.purpose
    }

    /// 文书或案件编号。 / The case or document that is its occasion.
    async fn reference(&self) -> Option<&str> {
        self.0.reference.as_deref()
    }

    /// 建立时间。 / When it was made.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// 终止时间；未终止者为 null。 / When it ended; null where it has not.
    async fn ended_at(&self) -> Option<DateTime> {
        self.0.ended_at.map(Into::into)
    }

    /// 名单中的主体。 / Its subjects.
    async fn subjects(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<WatchSubjectConnection> {
        let ask = ask(ctx);
        let first = page_size("first", first.map(i64::from))?;
        let place = place(SUBJECT_CURSOR, after.as_deref())?;
        let (store, list) = (ask.store(), self.0.id);
        let watched = store.watched(list, place.unwrap_or(-1), first as u64 + 1);
        let mut watched = watched.await?;
        let has_next_page = watched.len() > first;
        watched.truncate(first);
        let total = match wants_total(ctx) {
            true => store.count_watched(list).await?,
            false => 0,
        };
        let cursor = |one: &Watched| position(SUBJECT_CURSOR, one.agency);
        let page_info = PageInfo {
            has_next_page,
            has_previous_page: place.is_some(),
            start_cursor: watched.first().map(cursor),
            end_cursor: watched.last().map(cursor),
        };
        let edges = watched.into_iter().filter_map(|one| {
            Some(WatchSubjectEdge {
                cursor: cursor(&one),
                node: WatchSubject::of(ask, list, &one)?,
            })
        });
        Ok(WatchSubjectConnection {
            edges: edges.collect(),
            page_info,
            total_count: i32::try_from(total).unwrap_or(i32::MAX),
        })
    }
}

#[ComplexObject]
impl WatchSubject {
    /// 全局 id。 / Global id.
    pub(super) async fn id(&self) -> ID {
        self.id.clone()
    }
}

impl WatchSubject {
    /// The one with this key of an id: list and body.
    pub(super) async fn find(ask: &Ask, key: &str) -> Result<Option<Self>> {
        let Some((list, agency)) = node::pair(key) else {
            return Ok(None);
        };
        if WatchList::find(ask, list).await?.is_none() {
            return Ok(None);
        }
        let watched = ask.store().watched(list, agency - 1, 1).await?;
        let watched = watched.iter().find(|one| one.agency == agency);
        Ok(watched.and_then(|one| Self::of(ask, list, one)))
    }

    fn of(ask: &Ask, list: i64, watched: &Watched) -> Option<Self> {
        let view = &ask.view;
        let told = view.may_check(watched.agency).then(|| {
            Arc::new(view.finding(Findings {
                bodies: vec![watched.agency],
                ..Findings::default()
            }))
        });
        let key = format!("{list}-{}", watched.agency);
        Some(Self {
            id: node::id(ask, NodeKind::WatchSubject, key),
            uscc: Uscc(watched.uscc.parse().ok()?),
            agency: told.and_then(|view| Agency::by_id(&view, watched.agency)),
            added_at: watched.added_at.into(),
        })
    }
}

/// The viewer's lists, the newest first.
pub(super) async fn watch_lists(
    ctx: &Context<'_>,
    first: Option<i32>,
    after: Option<String>,
) -> Result<WatchListConnection> {
    let ask = ask(ctx);
    ask.note_loaded();
    let first = page_size("first", first.map(i64::from))?;
    let place = place(LIST_CURSOR, after.as_deref())?;
    let (watching, viewer) = (ask.app.watching(), ask.view.viewer());
    let mut lists = watching.lists(viewer, place, first as u64 + 1).await?;
    let has_next_page = lists.len() > first;
    lists.truncate(first);
    let total = match wants_total(ctx) {
        true => watching.count(viewer).await?,
        false => 0,
    };
    let cursor = |list: &store::WatchList| position(LIST_CURSOR, list.id);
    let page_info = PageInfo {
        has_next_page,
        has_previous_page: place.is_some(),
        start_cursor: lists.first().map(cursor),
        end_cursor: lists.last().map(cursor),
    };
    let edges = lists.into_iter().map(|list| WatchListEdge {
        cursor: cursor(&list),
        node: WatchList(list),
    });
    Ok(WatchListConnection {
        edges: edges.collect(),
        page_info,
        total_count: i32::try_from(total).unwrap_or(i32::MAX),
    })
}

/// The viewer's list with this id.
pub(super) async fn list_of(ask: &Ask, id: &ID) -> Result<Option<store::WatchList>> {
    let found = match number_of(ask, NodeKind::WatchList, id) {
        Some(number) => WatchList::find(ask, number).await?,
        None => None,
    };
    Ok(found.map(|list| list.0))
}

/// What stands before a place in a cursor of these lists.
const LIST_CURSOR: &str = "watch:";
const SUBJECT_CURSOR: &str = "watched:";

fn position(kind: &str, place: i64) -> Position {
    Position::Text(format!("{kind}{place}"))
}

fn place(kind: &str, cursor: Option<&str>) -> Result<Option<i64>> {
    let place = |cursor: &str| {
        let place = cursor
            .strip_prefix(kind)
            .and_then(|place| place.parse().ok());
        place.ok_or_else(|| ApiError::invalid("after is no cursor of this list / 游标无效"))
    };
    cursor.map(place).transpose()
}
