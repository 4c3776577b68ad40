use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use chrono::NaiveDate;
use domain::{casework, division::DivisionCode};

use crate::{
    graph::{SanctionOrder as By, View},
    store::Known,
};

use super::super::{
    agency::Agency,
    ask::ask,
    connection::connection,
    credit_record::CreditRecord,
    node::{self, NodeKind},
    official::Official,
    scalars::{Date, api_enum},
};

api_enum! {
    /// 惩戒的状态。 / Where a sanction stands.
    SanctionStatus = casework::SanctionStatus {
        /// 拟实施。 / Proposed.
        Proposed,
        /// 实施中。 / In place.
        Active,
        /// 中止。 / Suspended.
        Suspended,
        /// 解除。 / Lifted.
        Lifted,
        /// 撤销。 / Revoked.
        Revoked,
        /// 届满。 / Its term is over.
        Expired,
    }
}

api_enum! {
    /// 措施范围。 / What kind of measure it is.
    MeasureScope = casework::MeasureScope {
        /// 内部联合惩戒。 / Among government bodies.
        Internal,
        /// 外部（司法）惩戒。 / Judicial.
        Judicial,
        /// 守信激励。 / For those who keep faith.
        Incentive,
    }
}

api_enum! {
    /// 惩戒的排序字段。 / What sanctions can be ordered by.
    SanctionOrderField = By {
        /// 开始日期。 / The first day.
        StartsOn,
        /// 结束日期。 / The last day.
        EndsOn,
    }
}

/// 措施清单条目。 / An entry of the list of measures.
pub struct Measure {
    pub(in super::super) code: String,
    /// The day and the place for which it is looked up.
    pub(in super::super) on: NaiveDate,
    pub(in super::super) place: Option<DivisionCode>,
}

impl Measure {
    fn entry<'a>(&self, ctx: &Context<'a>) -> Option<&'a casework::Measure> {
        ask(ctx)
            .app
            .catalogue
            .measure(&self.code, self.on, self.place)
    }
}

/// 措施清单条目。 / An entry of the list of measures.
#[Object(serial)]
impl Measure {
    /// 编码。 / Its code.
    async fn code(&self) -> &str {
        &self.code
    }

    /// 名称。 / What it is called; its code where the list has it no longer.
    async fn title(&self, ctx: &Context<'_>) -> String {
        let entry = self.entry(ctx);
        entry.map_or_else(|| self.code.clone(), |entry| entry.title.clone())
    }

    /// 依据。 / What it rests on.
    async fn legal_basis(&self, ctx: &Context<'_>) -> String {
        let entry = self.entry(ctx);
        entry.map_or_else(String::new, |entry| entry.legal_basis.clone())
    }

    /// 范围。 / Its kind.
    async fn scope(&self, ctx: &Context<'_>) -> MeasureScope {
        let scope = self.entry(ctx).map(|entry| entry.scope);
        scope.unwrap_or(casework::MeasureScope::Internal).into()
    }

    /// 依据的条文是否已核对。 / Whether the article's text was at hand.
    async fn verified(&self, ctx: &Context<'_>) -> bool {
        self.entry(ctx).is_some_and(|entry| entry.verified)
    }

    /// 是否示例：无法规定此措施。 / Whether it is an example: no rule fixes it.
    async fn example(&self, ctx: &Context<'_>) -> bool {
        self.entry(ctx).is_some_and(|entry| entry.is_example)
    }
}

/// 惩戒：对一个对象实施的一项措施。 / A sanction: one measure on one subject.
pub struct Sanction {
    view: Arc<View>,
    case: Arc<Known<casework::Case>>,
    sanction: casework::Sanction,
}

connection!(
    SanctionConnection,
    SanctionEdge,
    Sanction,
    "惩戒",
    "sanctions"
);

impl Sanction {
    pub(in super::super) fn at(view: &Arc<View>, row: u32) -> Option<Self> {
        let (case, sanction) = view.sanction_at(row)?;
        Some(Self {
            view: Arc::clone(view),
            case: Arc::clone(case),
            sanction: sanction.clone(),
        })
    }

    /// The sanction with this number, if the viewer may see it.
    pub(in super::super) fn by_number(view: &Arc<View>, id: i64) -> Option<Self> {
        Self::at(view, view.sanction_row(id)?)
    }

    /// Those of a record.
    pub(in super::super) fn of_record(view: &Arc<View>, record: i64) -> Vec<Self> {
        let case = view
            .case_of_record(record)
            .and_then(|row| view.case_at(row));
        let sanctions = case.iter().flat_map(|case| &case.fact.sanctions);
        let found = sanctions.filter_map(|sanction| Self::by_number(view, sanction.id));
        found.collect()
    }

    /// The case with its number and how many events it has, and the sanction's version.
    pub(super) fn standing(&self) -> (i64, i64, i64) {
        let case = &self.case;
        (case.id, i64::from(case.fact.events), self.sanction.version)
    }

    fn its_record(&self) -> Option<CreditRecord> {
        let row = self.view.record_row_of(&self.case.fact)?;
        CreditRecord::at(&self.view, row)
    }
}

/// 惩戒：对一个对象实施的一项措施。 / A sanction: one measure on one subject.
#[Object(serial)]
impl Sanction {
    /// 全局 id。 / Global id.
    pub(in super::super) async fn id(&self, ctx: &Context<'_>) -> ID {
        node::id(ask(ctx), NodeKind::Sanction, self.sanction.id)
    }

    /// 版本号，自 1 起。 / Its version, from 1.
    async fn version(&self) -> i32 {
        i32::try_from(self.view.sanction_version(&self.sanction)).unwrap_or(i32::MAX)
    }

    /// 对象单位。 / The body that it is about.
    async fn agency(&self) -> Option<Agency> {
        let rows = self.view.case_agencies(&self.case.fact);
        Agency::at(&self.view, *rows.first()?)
    }

    /// 对象公职人员；仅为 access.toml 所列目的可见。 / The official that it is about, for purposes that access.toml names.
    async fn official(&self) -> Option<Official> {
        self.its_record()?.subject_official()
    }

    /// 所据记录；守信激励为 null。 / The record that it follows; null of an incentive.
    async fn record(&self) -> Option<CreditRecord> {
        self.its_record()
    }

    /// 措施。 / The measure.
    async fn measure(&self) -> Measure {
        Measure {
            code: self.sanction.measure.clone(),
            on: self.sanction.measured_on(),
            place: self.view.present().place_of(&self.case.fact),
        }
    }

    /// 状态。 / Where it stands.
    async fn status(&self) -> SanctionStatus {
        self.view.sanction_status(&self.sanction).into()
    }

    /// 实施单位名称。 / The body that imposed it, by name.
    async fn imposed_by(&self) -> Option<String> {
        let body = self.view.present().agency(self.sanction.imposed_by?)?;
        Some(body.fact.name.clone())
    }

    /// 实施单位，可见时。 / The same as an agency, where it may be seen.
    async fn imposed_by_agency(&self) -> Option<Agency> {
        Agency::by_id(&self.view, self.sanction.imposed_by?)
    }

    /// 开始日期。 / The first day on which it runs.
    async fn starts_on(&self) -> Option<Date> {
        self.sanction.starts_on.map(Date)
    }

    /// 结束日期。 / The last one.
    async fn ends_on(&self) -> Option<Date> {
        self.view.sanction_ends_on(&self.sanction).map(Date)
    }
}
