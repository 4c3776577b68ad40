use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use domain::division::{self, DivisionCode};

use crate::graph::View;

use super::{
    agency::{Agency, AgencyConnection},
    ask::ask,
    assessment::{Assessment, AssessmentConnection},
    casework::LeadingGroup,
    connection::{request, wants_total},
    error::Result,
    filter::{AgencyFilter, agency_predicate},
    node::{self, NodeKind},
    overview::Overview,
    scalars::{Date, api_enum},
};

api_enum! {
    /// 区划层级。 / Level of a division.
    DivisionLevel = division::DivisionLevel {
        /// 国家。 / The nation.
        Nation,
        /// 省级。 / Province.
        Province,
        /// 地级。 / Prefecture.
        Prefecture,
        /// 县级。 / County.
        County,
        /// 乡级。 / Township.
        Township,
    }
}

/// 行政区划（GB/T 2260）。 / A division: 6 digits down to counties, 9 for townships.
pub struct Division {
    view: Arc<View>,
    code: DivisionCode,
}

impl Division {
    pub(super) fn find(view: &Arc<View>, code: DivisionCode) -> Option<Self> {
        view.divisions().get(code).map(|division| Self {
            view: Arc::clone(view),
            code: division.code,
        })
    }

    fn fact(&self) -> &division::Division {
        let tree = self.view.divisions();
        tree.get(self.code).unwrap_or_else(|| tree.at(0))
    }

    /// Another division of the same tree.
    fn other(&self, code: DivisionCode) -> Self {
        Self {
            view: Arc::clone(&self.view),
            code,
        }
    }
}

/// 行政区划（GB/T 2260）。 / A division: 6 digits down to counties, 9 for townships.
#[Object(serial)]
impl Division {
    /// 全局 id。 / Global id.
    pub(super) async fn id(&self, ctx: &Context<'_>) -> ID {
        node::id(ask(ctx), NodeKind::Division, self.code)
    }

    /// 区划代码；100000 为全国。 / Its code; 100000 is the nation.
    async fn code(&self) -> String {
        self.code.to_string()
    }

    /// 名称。 / Its name.
    async fn name(&self) -> &str {
        &self.fact().name
    }

    /// 全称，如广东省佛山市禅城区。 / Its name with those of all above it.
    async fn full_name(&self) -> String {
        let tree = self.view.divisions();
        tree.full_name(self.code).unwrap_or_default()
    }

    /// 层级。 / Its level.
    async fn level(&self) -> DivisionLevel {
        self.fact().level.into()
    }

    /// 上级区划。 / The division above.
    async fn parent(&self) -> Option<Division> {
        self.fact().parent.map(|code| self.other(code))
    }

    /// 下级区划，含已撤销的。 / The divisions below, former ones included.
    async fn children(&self) -> Vec<Division> {
        let below = self.view.divisions().children(self.code);
        below.map(|division| self.other(division.code)).collect()
    }

    /// 生效日。 / The first day on which it was in force, where that is known.
    async fn valid_from(&self) -> Option<Date> {
        self.fact().valid_from.map(Date)
    }

    /// 失效日（最后一天）。 / The last day on which it was in force; null for today's.
    async fn valid_to(&self) -> Option<Date> {
        self.fact().valid_to.map(Date)
    }

    /// 撤销后的承继区划。 / What became of it.
    async fn successors(&self) -> Vec<Division> {
        let successors = self.fact().successors.iter();
        successors.map(|code| self.other(*code)).collect()
    }

    /// 监督总览，以可见者为限；往日之等级、预警、办件以该日终了时为准。 / What it and all below it look like to who supervises them, as far as he may see it; of a day that is over grades, warnings and cases are those that stood when it ended.
    async fn overview(&self, ctx: &Context<'_>) -> Result<Overview> {
        Overview::of(ask(ctx), &self.view, self.code).await
    }

    /// 对本区划自身的第三方评估，期间最近者在前。 / Assessments of the division itself by third parties, those of the latest period first.
    async fn assessments(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Option<AssessmentConnection>> {
        let view = &self.view;
        let request = request(first, after, None, None);
        let found = view.assessments_in(self.code, &request, wants_total(ctx))?;
        Ok(Some(AssessmentConnection::new(found, |row| {
            Assessment::at(view, row)
        })))
    }

    /// 政务诚信建设领导小组及其成员单位。 / The group that leads there, and the bodies that belong to it.
    async fn leading_group(&self) -> LeadingGroup {
        LeadingGroup::of(&self.view, self.code)
    }

    /// 本区划及以下的单位。 / The agencies of it and of all below it.
    async fn agencies(
        &self,
        ctx: &Context<'_>,
        filter: Option<AgencyFilter>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Option<AgencyConnection>> {
        let view = &self.view;
        let predicate = agency_predicate(ask(ctx), filter)?;
        let request = request(first, after, None, None);
        let found = view.agencies_within(self.code, predicate, &request, wants_total(ctx))?;
        Ok(Some(AgencyConnection::new(found, |row| {
            Agency::at(view, row)
        })))
    }
}
