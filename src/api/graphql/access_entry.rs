//! Who looked at a body's records: told to the body itself, and never by whom.

use async_graphql::{ComplexObject, Context, ID, SimpleObject};
use domain::audit::{Entry, EntryId};

use crate::store::AuditFilter;

use super::{
    ask::{Ask, ask},
    audit::{AuditAction, Page, cursor},
    connection::{PageInfo, Position, wants_total},
    error::Result,
    filter::readable,
    node::{self, NodeKind},
    scalars::DateTime,
    viewer::Role,
};

/// 对本单位记录的一次受审计访问；不显示经办人。 / An audited access to a body's records; never by which person.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct RecordAccess {
    #[graphql(skip)]
    id: ID,
    /// 时间。 / When.
    at: DateTime,
    /// 事项。 / What kind of thing.
    action: AuditAction,
    /// 角色。 / In which role.
    role: Role,
    /// 所代表单位的统一社会信用代码。 / The code of the body on whose behalf.
    body: Option<String>,
    /// 管辖区划代码。 / Codes of the areas for which he acted.
    areas: Vec<String>,
    /// 所述用途。 / The purpose that was stated.
    purpose: Option<String>,
}

/// 访问的分页列表。 / A page of accesses.
#[derive(SimpleObject)]
pub struct RecordAccessConnection {
    /// 条目。 / The entries.
    edges: Vec<RecordAccessEdge>,
    /// 分页信息。 / Where this page lies in its list.
    page_info: PageInfo,
    /// 总数。 / How many there are in all.
    total_count: i32,
}

/// 访问列表的一个条目。 / One entry of a list of accesses.
#[derive(SimpleObject)]
pub struct RecordAccessEdge {
    /// 游标。 / Its position in the list.
    cursor: Position,
    /// 节点。 / What stands there.
    node: RecordAccess,
}

#[ComplexObject]
impl RecordAccess {
    /// 全局 id。 / Global id.
    pub(super) async fn id(&self) -> ID {
        self.id.clone()
    }
}

impl RecordAccess {
    /// The access with this key of an id: entry and body.
    pub(super) async fn find(ask: &Ask, key: &str) -> Result<Option<Self>> {
        let parts = key.split_once('.');
        let parts = parts.and_then(|(entry, body)| {
            let body = body
                .parse::<i64>()
                .ok()
                .filter(|id| id.to_string() == body)?;
            Some((entry.parse::<EntryId>().ok()?, body))
        });
        let Some((entry, body)) = parts.filter(|(_, body)| ask.view.agency_row(*body).is_some())
        else {
            return Ok(None);
        };
        if readable(ask, "RecordAccess", "id").is_err() {
            return Ok(None);
        }
        let logged = ask.store().find_logged(entry).await?;
        Ok(logged.and_then(|logged| Self::of(ask, &logged.record, body)))
    }

    /// As the entry's own bytes tell it; none of bytes that nobody can read, or that are about others.
    fn of(ask: &Ask, record: &[u8], agency: i64) -> Option<Self> {
        let entry = Entry::decode(record).ok()?;
        let is_about = entry.agencies.contains(&agency);
        let key = format!("{}.{agency}", entry.id);
        is_about.then(|| Self {
            id: node::id(ask, NodeKind::RecordAccess, key),
            at: entry.at.into(),
            action: entry.action.into(),
            role: entry.actor.role.into(),
            body: entry.actor.agency,
            areas: entry.actor.areas,
            purpose: entry.purpose,
        })
    }
}

impl RecordAccessConnection {
    /// A page of the readings of a body's records, the newest first.
    pub(super) async fn of_agency(
        ctx: &Context<'_>,
        agency: i64,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Self> {
        let wanted = AuditFilter {
            agency: Some(agency),
            ..AuditFilter::default()
        };
        let ask = ask(ctx);
        let page = Page::of(ask, &wanted, (first, after), wants_total(ctx)).await?;
        let page_info = page.info();
        let edges = page.entries.iter().filter_map(|entry| {
            Some(RecordAccessEdge {
                cursor: cursor(entry),
                node: RecordAccess::of(ask, &entry.record, agency)?,
            })
        });
        Ok(Self {
            edges: edges.collect(),
            page_info,
            total_count: page.total,
        })
    }
}
