//! Who looked at a body's records: told to the body itself, and never by whom.

use async_graphql::{Context, SimpleObject};
use domain::audit::Entry;

use crate::store::AuditFilter;

use super::{
    ask::ask,
    audit::{AuditAction, Page, cursor},
    connection::{PageInfo, Position, wants_total},
    error::Result,
    scalars::DateTime,
    viewer::Role,
};

/// 对本单位记录的一次受审计访问；不显示经办人。 / An audited access to a body's records; never by which person.
#[derive(SimpleObject)]
pub struct RecordAccess {
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

impl RecordAccess {
    /// As the entry's own bytes tell it; none of bytes that nobody can read.
    fn of(record: &[u8]) -> Option<Self> {
        let entry = Entry::decode(record).ok()?;
        Some(Self {
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
        let page = Page::of(ask(ctx), &wanted, (first, after), wants_total(ctx)).await?;
        let page_info = page.info();
        let edges = page.entries.iter().filter_map(|entry| {
            Some(RecordAccessEdge {
                cursor: cursor(entry),
                node: RecordAccess::of(&entry.record)?,
            })
        });
        Ok(Self {
            edges: edges.collect(),
            page_info,
            total_count: page.total,
        })
    }
}
