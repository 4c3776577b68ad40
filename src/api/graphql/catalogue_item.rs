use async_graphql::{Context, Object};

use crate::catalogue;

use super::{
    ask::{Ask, ask},
    credit_record::Tier,
    scalars::Date,
};

/// 目录清单条目。 / An entry of the list.
pub struct CatalogueItem {
    code: String,
}

impl CatalogueItem {
    pub(super) fn find(ask: &Ask, code: &str) -> Option<Self> {
        ask.app.catalogue.lists.item(code).map(|item| Self {
            code: item.code.clone(),
        })
    }

    fn item<'a>(&self, ctx: &Context<'a>) -> &'a catalogue::CatalogueItem {
        ask(ctx)
            .app
            .catalogue
            .lists
            .item(&self.code)
            .expect("an entry that was found stays as long as the hub runs")
    }
}

/// 目录清单条目。 / An entry of the list.
#[Object(serial)]
impl CatalogueItem {
    /// 编码。 / Its code.
    async fn code(&self) -> &str {
        &self.code
    }

    /// 层级：1 领域、2 事项、3 行为。 / 1 domain, 2 matter, 3 behaviour.
    async fn level(&self, ctx: &Context<'_>) -> i32 {
        i32::try_from(self.item(ctx).level).unwrap_or(3)
    }

    /// 名称。 / Its title.
    async fn title<'ctx>(&self, ctx: &Context<'ctx>) -> &'ctx str {
        &self.item(ctx).title
    }

    /// 等级。 / The tier that it fixes.
    async fn tier(&self, ctx: &Context<'_>) -> Option<Tier> {
        self.item(ctx).tier.map(Into::into)
    }

    /// 依据。 / Its legal basis.
    async fn legal_basis<'ctx>(&self, ctx: &Context<'ctx>) -> &'ctx str {
        &self.item(ctx).legal_basis
    }

    /// 依据条文是否已核对原文。 / Whether the article's text was at hand.
    async fn verified(&self, ctx: &Context<'_>) -> bool {
        self.item(ctx).verified
    }

    /// 所属清单。 / Its list.
    async fn list<'ctx>(&self, ctx: &Context<'ctx>) -> &'ctx str {
        &self.item(ctx).list
    }

    /// 清单版本。 / The list's version.
    async fn version<'ctx>(&self, ctx: &Context<'ctx>) -> &'ctx str {
        &self.item(ctx).version
    }

    /// 生效日。 / The first day on which it is in force.
    #[graphql(name = "from")]
    async fn valid_from(&self, ctx: &Context<'_>) -> Date {
        Date(self.item(ctx).from)
    }

    /// 失效日。 / The last day on which it is in force.
    #[graphql(name = "to")]
    async fn valid_to(&self, ctx: &Context<'_>) -> Option<Date> {
        self.item(ctx).to.map(Date)
    }
}
