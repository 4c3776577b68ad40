use std::sync::Arc;

use async_graphql::{Context, ID, Object, SimpleObject};
use domain::{
    agency::{self, NameRelation},
    succession,
};

use crate::{
    graph::{AgencyOrder as By, View},
    store::Known,
};

use super::{
    ask::ask,
    clue::{Clue, ClueConnection},
    connection::{connection, request, wants_total},
    credit_record::{CreditRecord, CreditRecordConnection},
    division::Division,
    error::Result,
    filter::{ClueFilter, CreditRecordFilter, clue_predicate, record_predicate},
    indicator::{Indicator, IndicatorConnection},
    node::{self, NodeKind},
    official::{Official, OfficialConnection},
    scalars::{Date, Uscc, api_enum},
};

api_enum! {
    /// 单位类别（统一社会信用代码前两位）。 / Kind, by the code's prefix.
    AgencyKind = agency::AgencyKind {
        /// 11 机关。 / Organ.
        Organ,
        /// 12 事业单位。 / Institution.
        Institution,
        /// 13 编办直管群众团体。 / Mass organisation.
        MassOrganisation,
        /// 19 机构编制其他。 / Other.
        Other,
    }
}

api_enum! {
    /// 沿革类型。 / What happened to a body.
    SuccessionKind = succession::SuccessionKind {
        /// 更名（换码）。 / Renamed, under a new code.
        Renamed,
        /// 合并。 / Merged.
        Merged,
        /// 分立。 / Split.
        Split,
        /// 职能划转。 / Duties transferred.
        Transferred,
        /// 撤销。 / Abolished.
        Abolished,
    }
}

api_enum! {
    /// 单位的排序字段。 / What agencies can be ordered by.
    AgencyOrderField = By {
        /// 名称。 / Name.
        Name,
        /// 区划。 / Division.
        Division,
        /// 有效记录数。 / Number of records that hold.
        ActiveRecords,
    }
}

/// 单位：机关、事业单位等法人机构。 / A body of the register.
pub struct Agency {
    row: u32,
    known: Arc<Known<agency::Agency>>,
}

connection!(AgencyConnection, AgencyEdge, Agency, "单位", "agencies");

/// 带起止日期的名称。 / A dated name.
#[derive(SimpleObject)]
pub struct AgencyName {
    /// 名称。 / The name.
    name: String,
    /// 启用日。 / The first day, where that is known.
    from: Option<Date>,
    /// 停用日。 / The last day, where that is known.
    to: Option<Date>,
}

/// 机构沿革事件。 / A succession event. An end that is unknown or hidden is null, its name stays.
pub struct Succession(Arc<Known<succession::Succession>>);

impl Agency {
    pub(super) fn at(view: &View, row: u32) -> Option<Self> {
        view.agency_at(row).map(|known| Self {
            row,
            known: Arc::clone(known),
        })
    }

    /// The agency with this number, if the viewer may see it.
    pub(super) fn by_id(view: &View, id: i64) -> Option<Self> {
        view.agency_row(id).and_then(|row| Self::at(view, row))
    }

    pub(super) fn by_uscc(view: &View, code: &domain::uscc::Uscc) -> Option<Self> {
        view.agency_row_by_uscc(code)
            .and_then(|row| Self::at(view, row))
    }

    fn names(&self, relation: NameRelation) -> Vec<AgencyName> {
        let names = self
            .known
            .fact
            .names
            .iter()
            .filter(|name| name.relation == relation);
        names
            .map(|name| AgencyName {
                name: name.name.clone(),
                from: name.from.map(Date),
                to: name.to.map(Date),
            })
            .collect()
    }
}

/// 单位：机关、事业单位等法人机构。 / A body of the register.
#[Object(serial)]
impl Agency {
    /// 全局 id。 / Global id.
    pub(super) async fn id(&self, ctx: &Context<'_>) -> ID {
        node::id(ask(ctx), NodeKind::Agency, self.known.id)
    }

    /// 统一社会信用代码。 / Unified social credit code.
    async fn uscc(&self) -> Option<Uscc> {
        Some(Uscc(self.known.fact.uscc))
    }

    /// 组织机构代码（代码第 9–17 位）。 / Organisation code, positions 9 to 17 of the code.
    async fn org_code(&self) -> Option<String> {
        Some(self.known.fact.uscc.org_code().to_string())
    }

    /// 现用名称。 / Its official name today.
    async fn name(&self) -> &str {
        &self.known.fact.name
    }

    /// 曾用名。 / Names that it bore.
    async fn former_names(&self) -> Vec<AgencyName> {
        self.names(NameRelation::Former)
    }

    /// 别名。 / Second names that it bears.
    async fn aliases(&self) -> Vec<AgencyName> {
        self.names(NameRelation::Alias)
    }

    /// 类别。 / Its kind.
    async fn kind(&self) -> AgencyKind {
        self.known.fact.kind.into()
    }

    /// 所属区划。 / The division whose body it is.
    async fn division(&self, ctx: &Context<'_>) -> Result<Division> {
        let unknown = || super::error::ApiError::invalid("unknown division");
        Division::find(&ask(ctx).view, self.known.fact.division).ok_or_else(unknown)
    }

    /// 成立日期。 / The day it was founded.
    async fn established_on(&self) -> Option<Date> {
        self.known.fact.established_on.map(Date)
    }

    /// 撤销日期。 / The day from which it is gone.
    async fn abolished_on(&self) -> Option<Date> {
        self.known.fact.abolished_on.map(Date)
    }

    /// 上级机构；不可见时为 null。 / Its superior; null where hidden.
    async fn superior(&self, ctx: &Context<'_>) -> Option<Agency> {
        Agency::by_uscc(&ask(ctx).view, &self.known.fact.superior?)
    }

    /// 上级机构名称。 / Its superior's name.
    async fn superior_name(&self, ctx: &Context<'_>) -> Option<String> {
        ask(ctx).view.name_by_uscc(&self.known.fact.superior?)
    }

    /// 主管部门。 / Its competent departments.
    async fn competent_departments(&self, ctx: &Context<'_>) -> Vec<Agency> {
        let view = &ask(ctx).view;
        self.known
            .fact
            .competent
            .iter()
            .filter_map(|code| Agency::by_uscc(view, code))
            .collect()
    }

    /// 下属单位。 / The bodies whose superior it is.
    async fn subordinates(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Option<AgencyConnection>> {
        let view = &ask(ctx).view;
        let found = view.subordinates(
            self.row,
            &request(first, after, None, None),
            wants_total(ctx),
        )?;
        Ok(Some(AgencyConnection::new(found, |row| {
            Agency::at(view, row)
        })))
    }

    /// 由何单位而来。 / The events from which it came.
    async fn predecessors(&self, ctx: &Context<'_>) -> Vec<Succession> {
        ask(ctx)
            .view
            .successions(self.row, false)
            .into_iter()
            .map(Succession)
            .collect()
    }

    /// 由何单位承继。 / The events in which others took over from it.
    async fn successors(&self, ctx: &Context<'_>) -> Vec<Succession> {
        ask(ctx)
            .view
            .successions(self.row, true)
            .into_iter()
            .map(Succession)
            .collect()
    }

    /// 现任公职人员。 / The officials who hold a post in it today.
    async fn officials(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Option<OfficialConnection>> {
        let view = &ask(ctx).view;
        let request = request(first, after, None, None);
        let found = view.officials_of(self.row, &request, wants_total(ctx))?;
        Ok(Some(OfficialConnection::new(found, |row| {
            Official::at(view, row)
        })))
    }

    /// 有关线索，新者在前。 / The clues about it, newest first.
    async fn clues(
        &self,
        ctx: &Context<'_>,
        filter: Option<ClueFilter>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Option<ClueConnection>> {
        let ask = ask(ctx);
        let predicate = clue_predicate(ask, filter)?;
        let request = request(first, after, None, None);
        let found = ask
            .view
            .clues_of(self.row, &predicate, &request, wants_total(ctx))?;
        Ok(Some(ClueConnection::new(found, |row| {
            Clue::at(&ask.view, row)
        })))
    }

    /// 指标，期间最近者在前。 / Its indicators, those of the latest period first.
    async fn indicators(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Option<IndicatorConnection>> {
        let view = &ask(ctx).view;
        let request = request(first, after, None, None);
        let found = view.indicators_of(self.row, &request, wants_total(ctx))?;
        Ok(Some(IndicatorConnection::new(found, |row| {
            Indicator::at(view, row)
        })))
    }

    /// 政务失信记录，新者在前。 / Its records, newest first.
    async fn credit_records(
        &self,
        ctx: &Context<'_>,
        filter: Option<CreditRecordFilter>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Option<CreditRecordConnection>> {
        let ask = ask(ctx);
        let predicate = record_predicate(ask, filter)?;
        let request = request(first, after, None, None);
        let found = ask
            .view
            .records_of(self.row, &predicate, &request, wants_total(ctx))?;
        Ok(Some(CreditRecordConnection::new(found, |row| {
            CreditRecord::at(&ask.view, row)
        })))
    }
}

/// 机构沿革事件。 / A succession event. An end that is unknown or hidden is null, its name stays.
#[Object(serial)]
impl Succession {
    /// 前身；未知或不可见时为 null。 / The predecessor; null where unknown or hidden.
    #[graphql(name = "from")]
    async fn predecessor(&self, ctx: &Context<'_>) -> Option<Agency> {
        let (view, event) = (&ask(ctx).view, &self.0.fact);
        Agency::at(
            view,
            view.end_of_succession(event.from, Some(&event.from_name))?,
        )
    }

    /// 前身名称。 / The predecessor's name.
    #[graphql(name = "fromName")]
    async fn predecessor_name(&self, ctx: &Context<'_>) -> String {
        let event = &self.0.fact;
        let given = Some(&event.from_name)
            .filter(|name| !name.is_empty())
            .cloned();
        let (view, code) = (&ask(ctx).view, event.from);
        given
            .or_else(|| view.name_by_uscc(&code?))
            .or_else(|| code.map(|code| code.to_string()))
            .unwrap_or_default()
    }

    /// 后继；未知或不可见时为 null。 / The successor; null where unknown or hidden.
    #[graphql(name = "to")]
    async fn successor(&self, ctx: &Context<'_>) -> Option<Agency> {
        let (view, event) = (&ask(ctx).view, &self.0.fact);
        Agency::at(
            view,
            view.end_of_succession(event.to, event.to_name.as_deref())?,
        )
    }

    /// 后继名称。 / The successor's name.
    async fn to_name(&self, ctx: &Context<'_>) -> Option<String> {
        let event = &self.0.fact;
        let looked_up = || ask(ctx).view.name_by_uscc(&event.to?);
        event.to_name.clone().or_else(looked_up)
    }

    /// 类型。 / What happened.
    async fn kind(&self) -> SuccessionKind {
        self.0.fact.kind.into()
    }

    /// 生效日。 / The day from which it holds.
    async fn effective_on(&self) -> Date {
        Date(self.0.fact.effective_on)
    }

    /// 依据文件。 / The document that ordered it.
    async fn basis(&self) -> Option<&str> {
        self.0.fact.basis.as_deref()
    }
}
