use async_graphql::{Context, ID, Object};

use crate::graph::{SeenPost, View};

use super::{
    agency::Agency,
    ask::ask,
    connection::{connection, request, wants_total},
    credit_record::{CreditRecord, CreditRecordConnection},
    error::{ApiError, Result},
    node::{self, NodeKind},
    scalars::Date,
};

/// 公职人员：仅对有权角色按所述用途可见，证件号码从不显示。 / A public official: only for roles and purposes that may; his number never.
pub struct Official {
    row: u32,
    number: i64,
}

connection!(
    OfficialConnection,
    OfficialEdge,
    Official,
    "公职人员",
    "officials"
);

/// 任职。 / A post of an official.
pub struct Post(SeenPost);

impl Official {
    pub(super) fn at(view: &View, row: u32) -> Option<Self> {
        let number = view.official_at(row)?;
        Some(Self { row, number })
    }

    /// The official with this number, if the viewer may see him.
    pub(super) fn by_number(view: &View, number: i64) -> Option<Self> {
        let row = view.official_row(number)?;
        Some(Self { row, number })
    }
}

/// 公职人员：仅对有权角色按所述用途可见，证件号码从不显示。 / A public official: only for roles and purposes that may; his number never.
#[Object]
impl Official {
    /// 全局 id。 / Global id.
    pub(super) async fn id(&self, ctx: &Context<'_>) -> ID {
        node::id(ask(ctx), NodeKind::Official, self.number)
    }

    /// 姓名，仅存姓，其余以 * 代。 / Name: the family name, and a * for each further character.
    async fn masked_name(&self, ctx: &Context<'_>) -> String {
        let name = ask(ctx).view.official_name(self.row);
        name.unwrap_or_default()
    }

    /// 任职，新者在前，至多 50 项；不可见单位的不列。 / Posts in bodies that may be seen, latest first, at most 50.
    async fn posts(&self, ctx: &Context<'_>) -> Vec<Post> {
        let posts = ask(ctx).view.posts_of(self.row);
        posts.into_iter().map(Post).collect()
    }

    /// 政务失信记录，新者在前。 / His records, newest first.
    async fn credit_records(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Option<CreditRecordConnection>> {
        let view = &ask(ctx).view;
        let request = request(first, after, None, None);
        let found = view.records_of_official(self.row, &request, wants_total(ctx))?;
        Ok(Some(CreditRecordConnection::new(found, |row| {
            CreditRecord::at(view, row)
        })))
    }
}

/// 任职。 / A post of an official.
#[Object]
impl Post {
    /// 任职单位。 / The body.
    async fn agency(&self, ctx: &Context<'_>) -> Result<Agency> {
        let hidden = || ApiError::invalid("the graph has no such agency");
        Agency::at(&ask(ctx).view, self.0.agency).ok_or_else(hidden)
    }

    /// 职务。 / What the post is called.
    async fn title(&self) -> &str {
        &self.0.title
    }

    /// 任职起始日。 / The first day in it.
    async fn from(&self) -> Option<Date> {
        self.0.from.map(Date)
    }

    /// 任职截止日。 / The last day in it.
    async fn to(&self) -> Option<Date> {
        self.0.to.map(Date)
    }
}
