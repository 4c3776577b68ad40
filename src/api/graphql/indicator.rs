use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use domain::indicator;

use crate::{
    graph::View,
    store::{Known, Listing},
};

use super::{
    agency::Agency,
    ask::ask,
    connection::connection,
    error::{ApiError, Result},
    evidence::Evidence,
    node::{self, NodeKind},
    scalars::{Date, Decimal},
};

/// 指标：有凭证的量度，既非线索也非记录。 / An evidenced measurement about an agency that is neither a clue nor a record.
pub struct Indicator {
    view: Arc<View>,
    known: Arc<Known<Listing<indicator::Indicator>>>,
}

connection!(
    IndicatorConnection,
    IndicatorEdge,
    Indicator,
    "指标",
    "indicators"
);

impl Indicator {
    pub(super) fn at(view: &Arc<View>, row: u32) -> Option<Self> {
        view.indicator_at(row).map(|known| Self {
            view: Arc::clone(view),
            known: Arc::clone(known),
        })
    }

    fn fact(&self) -> &indicator::Indicator {
        &self.known.fact.fact
    }
}

/// 指标：有凭证的量度，既非线索也非记录。 / An evidenced measurement about an agency that is neither a clue nor a record.
#[Object]
impl Indicator {
    /// 全局 id。 / Global id.
    pub(super) async fn id(&self, ctx: &Context<'_>) -> ID {
        node::id(ask(ctx), NodeKind::Indicator, self.known.id)
    }

    /// 单位。 / The measured body.
    async fn agency(&self) -> Result<Agency> {
        let hidden = || ApiError::invalid("the graph has no such agency");
        Agency::by_id(&self.view, self.fact().agency_id).ok_or_else(hidden)
    }

    /// 编码，如 disclosure.late。 / What is measured, such as disclosure.late.
    async fn code(&self) -> &str {
        &self.fact().code
    }

    /// 名称。 / What that is called.
    async fn title(&self) -> &str {
        &self.fact().title
    }

    /// 所涉期间的首日。 / The first day that it is about.
    async fn period_from(&self) -> Date {
        Date(self.fact().period_from)
    }

    /// 所涉期间的末日。 / The last day that it is about.
    async fn period_to(&self) -> Date {
        Date(self.fact().period_to)
    }

    /// 数值，单位见名称。 / What was measured, in the unit that the title says.
    async fn value(&self) -> Decimal {
        Decimal(self.fact().value)
    }

    /// 凭证。 / Where and since when it is known.
    async fn evidence(&self, ctx: &Context<'_>) -> Result<Vec<Evidence>> {
        Evidence::of_row(ask(ctx), &self.view, self.known.row_id).await
    }
}
