use std::sync::Arc;

use async_graphql::{Context, ID, Object};

use crate::graph::{SeenPost, View};

use super::{
    agency::Agency,
    ask::{Ask, ask},
    connection::{connection, request, wants_total},
    credit_record::{CreditRecord, CreditRecordConnection},
    error::{ApiError, Result},
    node::{self, NodeKind},
    scalars::Date,
};

/// 公职人员：仅对有权角色按所述用途可见，证件号码从不显示。 / A public official: only for roles and purposes that may; his number never.
pub struct Official {
    view: Arc<View>,
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
pub struct Post {
    view: Arc<View>,
    seen: SeenPost,
}

impl Official {
    /// Notes for the audit log in which bodies he holds posts.
    pub(super) fn note(&self, ask: &Ask) {
        let posts = self.view.posts_of(self.row).into_iter();
        let bodies = posts.filter_map(|post| Some(self.view.agency_at(post.agency)?.id));
        ask.note_audited(bodies);
    }

    pub(super) fn at(view: &Arc<View>, row: u32) -> Option<Self> {
        let number = view.official_at(row)?;
        let view = Arc::clone(view);
        Some(Self { view, row, number })
    }

    /// The official with this number, if the viewer may see him.
    pub(super) fn by_number(view: &Arc<View>, number: i64) -> Option<Self> {
        let row = view.official_row(number)?;
        let view = Arc::clone(view);
        Some(Self { view, row, number })
    }
}

/// 公职人员：仅对有权角色按所述用途可见，证件号码从不显示。 / A public official: only for roles and purposes that may; his number never.
#[Object]
impl Official {
    /// 全局 id。 / Global id.
    pub(super) async fn id(&self, ctx: &Context<'_>) -> ID {
        self.note(ask(ctx));
        node::id(ask(ctx), NodeKind::Official, self.number)
    }

    /// 姓名，仅存姓，其余以 * 代。 / Name: the family name, and a * for each further character.
    async fn masked_name(&self, ctx: &Context<'_>) -> String {
        self.note(ask(ctx));
        let name = self.view.official_name(self.row);
        name.unwrap_or_default()
    }

    /// 任职，新者在前，至多 50 项；不可见单位的不列。 / Posts in bodies that may be seen, latest first, at most 50.
    async fn posts(&self, ctx: &Context<'_>) -> Vec<Post> {
        self.note(ask(ctx));
        let posts = self.view.posts_of(self.row).into_iter();
        let post = |seen| Post {
            view: Arc::clone(&self.view),
            seen,
        };
        posts.map(post).collect()
    }

    /// 政务失信记录，新者在前。 / His records, newest first.
    async fn credit_records(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Option<CreditRecordConnection>> {
        self.note(ask(ctx));
        let view = &self.view;
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
    async fn agency(&self) -> Result<Agency> {
        let hidden = || ApiError::invalid("the graph has no such agency");
        Agency::at(&self.view, self.seen.agency).ok_or_else(hidden)
    }

    /// 职务。 / What the post is called.
    async fn title(&self) -> &str {
        &self.seen.title
    }

    /// 任职起始日。 / The first day in it.
    async fn from(&self) -> Option<Date> {
        self.seen.from.map(Date)
    }

    /// 任职截止日。 / The last day in it.
    async fn to(&self) -> Option<Date> {
        self.seen.to.map(Date)
    }
}
