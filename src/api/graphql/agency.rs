use std::{collections::HashMap, sync::Arc};

use async_graphql::{Context, ID, Object, SimpleObject};
use domain::{
    agency::{self, NameRelation},
    assess::{Campaign, Ranked},
    assessment,
};

use crate::{
    graph::{AgencyOrder as By, CONTINUOUS, View},
    store::Known,
};

use super::{
    access_entry::RecordAccessConnection,
    ask::ask,
    assessment::{Assessment, AssessmentConnection, AssessmentKind},
    casework::{Case, CaseConnection, Sanction, SanctionConnection},
    clue::{Clue, ClueConnection},
    connection::{connection, request, wants_total},
    credit_record::{CreditRecord, CreditRecordConnection},
    division::Division,
    error::Result,
    filter::{
        CaseFilter, ClueFilter, CreditRecordFilter, SanctionFilter, WarningFilter, case_predicate,
        clue_predicate, record_predicate, sanction_predicate, warning_predicate,
    },
    indicator::{Indicator, IndicatorConnection},
    node::{self, NodeKind},
    official::{Official, OfficialConnection},
    scalars::{Date, Uscc, api_enum},
    succession::Succession,
    warning::{Warning, WarningConnection},
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
    /// 单位的排序字段。 / What agencies can be ordered by.
    AgencyOrderField = By {
        /// 名称。 / Name.
        Name,
        /// 区划。 / Division.
        Division,
        /// 评分（缺省规则包）。 / Score by the default rule pack.
        Score,
        /// 有效记录数。 / Number of records that hold.
        ActiveRecords,
    }
}

/// 单位：机关、事业单位等法人机构。 / A body of the register.
pub struct Agency {
    view: Arc<View>,
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

impl Agency {
    /// How it came off in the annual assessments that the viewer sees, where they are asked for.
    async fn annual(
        &self,
        ctx: &Context<'_>,
        kinds: Option<&[assessment::AssessmentKind]>,
    ) -> Result<Vec<(Arc<Known<Campaign>>, Ranked)>> {
        let is_wanted = |kinds: &[_]| kinds.contains(&assessment::AssessmentKind::Annual);
        let Some(id) = self.view.agency_at(self.row).map(|agency| agency.id) else {
            return Ok(Vec::new());
        };
        if !kinds.is_none_or(is_wanted) || !self.view.sees_result(id) {
            return Ok(Vec::new());
        }
        let campaigns = self.view.campaigns_about(self.row);
        let sets: Vec<i64> = campaigns
            .iter()
            .map(|known| known.fact.standing().set)
            .collect();
        // Without one there is nothing to load, and the answer may be kept.
        let mut found = match sets.is_empty() {
            true => Vec::new(),
            false => ask(ctx).annual_results_of(id, &sets).await?,
        };
        let of_set = |known: &Arc<Known<Campaign>>| {
            let set = known.fact.standing().set;
            let at = found.iter().position(|(other, _)| *other == set)?;
            Some((Arc::clone(known), found.swap_remove(at).1))
        };
        Ok(campaigns.iter().filter_map(of_set).collect())
    }

    pub(super) fn at(view: &Arc<View>, row: u32) -> Option<Self> {
        view.agency_at(row).map(|known| Self {
            view: Arc::clone(view),
            row,
            known: Arc::clone(known),
        })
    }

    /// The agency with this number, if the viewer may see it.
    pub(super) fn by_id(view: &Arc<View>, id: i64) -> Option<Self> {
        view.agency_row(id).and_then(|row| Self::at(view, row))
    }

    pub(super) fn by_uscc(view: &Arc<View>, code: &domain::uscc::Uscc) -> Option<Self> {
        view.agency_row_by_uscc(code)
            .and_then(|row| Self::at(view, row))
    }

    fn successions(&self, as_predecessor: bool) -> Vec<Succession> {
        let events = self.view.successions(self.row, as_predecessor);
        let event = |known| Succession {
            view: Arc::clone(&self.view),
            known,
        };
        events.into_iter().map(event).collect()
    }

    /// The names of a kind that it had borne by the day of which is told.
    fn names(&self, relation: NameRelation) -> Vec<AgencyName> {
        let fact = &self.known.fact;
        let today = self.view.name_of(fact);
        let names = fact.names.iter().filter(|name| {
            name.relation == relation && name.name != today && self.view.has_begun(name.from)
        });
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

    /// 名称（所问之日）。 / Its official name, on the day that is asked for.
    async fn name(&self) -> &str {
        self.view.name_of(&self.known.fact)
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
    async fn division(&self) -> Result<Division> {
        let unknown = || super::error::ApiError::invalid("unknown division");
        Division::find(&self.view, self.known.fact.division).ok_or_else(unknown)
    }

    /// 成立日期。 / The day it was founded.
    async fn established_on(&self) -> Option<Date> {
        self.known.fact.established_on.map(Date)
    }

    /// 撤销日期。 / The day from which it is gone.
    async fn abolished_on(&self) -> Option<Date> {
        let on = self.known.fact.abolished_on;
        on.filter(|on| self.view.has_begun(Some(*on))).map(Date)
    }

    /// 上级机构；不可见时为 null。 / Its superior; null where hidden.
    async fn superior(&self) -> Option<Agency> {
        Agency::by_uscc(&self.view, &self.known.fact.superior?)
    }

    /// 上级机构名称。 / Its superior's name.
    async fn superior_name(&self) -> Option<String> {
        self.view.name_by_uscc(&self.known.fact.superior?)
    }

    /// 主管部门。 / Its competent departments.
    async fn competent_departments(&self) -> Vec<Agency> {
        let view = &self.view;
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
        let view = &self.view;
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
    async fn predecessors(&self) -> Vec<Succession> {
        self.successions(false)
    }

    /// 由何单位承继。 / The events in which others took over from it.
    async fn successors(&self) -> Vec<Succession> {
        self.successions(true)
    }

    /// 公职人员（所问之日在任）。 / The officials who hold a post in it on the day that is asked for.
    async fn officials(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Option<OfficialConnection>> {
        let view = &self.view;
        ask(ctx).note_audited(view.agency_at(self.row).map(|known| known.id));
        let request = request(first, after, None, None);
        let found = view.officials_of(self.row, &request, wants_total(ctx))?;
        Ok(Some(OfficialConnection::new(found, |row| {
            Official::at(view, row)
        })))
    }

    /// 对本单位记录的受审计访问，新者在前；不显示经办人。 / The audited accesses to its records, newest first; never by which person.
    async fn accesses(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Option<RecordAccessConnection>> {
        // A check finds bodies beyond the asker's own; who looked at them is not for him.
        let is_seen = |id: &i64| ask(ctx).view.agency_row(*id).is_some();
        let known = self.view.agency_at(self.row).map(|known| known.id);
        let Some(id) = known.filter(is_seen) else {
            return Ok(None);
        };
        let accesses = RecordAccessConnection::of_agency(ctx, id, first, after);
        accesses.await.map(Some)
    }

    /// 有关线索，新者在前。 / The clues about it, newest first.
    async fn clues(
        &self,
        ctx: &Context<'_>,
        filter: Option<ClueFilter>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Option<ClueConnection>> {
        let view = &self.view;
        let predicate = clue_predicate(ask(ctx), filter)?;
        let request = request(first, after, None, None);
        let found = view.clues_of(self.row, &predicate, &request, wants_total(ctx))?;
        Ok(Some(ClueConnection::new(found, |row| Clue::at(view, row))))
    }

    /// 指标，期间最近者在前。 / Its indicators, those of the latest period first.
    async fn indicators(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Option<IndicatorConnection>> {
        let view = &self.view;
        let request = request(first, after, None, None);
        let found = view.indicators_of(self.row, &request, wants_total(ctx))?;
        Ok(Some(IndicatorConnection::new(found, |row| {
            Indicator::at(view, row)
        })))
    }

    /// 评估，期间最近者在前。 / Its assessments, those of the latest period first.
    async fn assessments(
        &self,
        ctx: &Context<'_>,
        kind: Option<Vec<AssessmentKind>>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Option<AssessmentConnection>> {
        let view = &self.view;
        let kinds = kind.map(|kinds| kinds.into_iter().map(Into::into).collect::<Vec<_>>());
        let request = request(first, after, None, None);
        let annual = self.annual(ctx, kinds.as_deref()).await?;
        let periods: Vec<_> = annual
            .iter()
            .map(|(campaign, _)| (campaign.fact.on, campaign.id))
            .collect();
        let kinds = kinds.as_deref();
        let found = view.assessments_of(self.row, kinds, &periods, &request, wants_total(ctx))?;
        Ok(Some(AssessmentConnection::new(found, |row| match row {
            CONTINUOUS => Assessment::of(ask(ctx), view, self.row, None, view.day()),
            row => match annual.get((CONTINUOUS - 1 - row) as usize) {
                Some((campaign, body)) => Some(Assessment::annual(view, campaign, body.clone())),
                None => Assessment::at(view, row),
            },
        })))
    }

    /// 按规则包对其评分（持续评分）：截至该日（缺省为所问之日），按指定或缺省的规则包；无可用规则包者为 null。 / How it is graded by the rules as of a day, by default the one that is asked for, by a pack or the default one; null where no such pack holds.
    async fn assessment(
        &self,
        ctx: &Context<'_>,
        as_of: Option<Date>,
        rule_pack: Option<String>,
    ) -> Option<Assessment> {
        let on = as_of.map_or_else(|| self.view.day(), |day| day.0);
        Assessment::of(ask(ctx), &self.view, self.row, rule_pack.as_deref(), on)
    }

    /// 预警，新者在前；往日所见为截至该日已发出者的现状。 / Warnings about it, newest first; of an earlier day those that were raised by then, as they stand now.
    async fn warnings(
        &self,
        ctx: &Context<'_>,
        filter: Option<WarningFilter>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Option<WarningConnection>> {
        let view = &self.view;
        let predicate = warning_predicate(ask(ctx), filter)?;
        let request = request(first, after, None, None);
        let found = view.warnings_of(self.row, &predicate, &request, wants_total(ctx))?;
        Ok(Some(WarningConnection::new(found, |row| {
            Warning::at(view, row)
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
        let view = &self.view;
        let predicate = record_predicate(ask(ctx), filter)?;
        let request = request(first, after, None, None);
        let found = view.records_of(self.row, &predicate, &request, wants_total(ctx))?;
        Ok(Some(CreditRecordConnection::new(found, |row| {
            CreditRecord::at(view, row)
        })))
    }

    /// 惩戒。 / Measures against it.
    async fn sanctions(
        &self,
        ctx: &Context<'_>,
        filter: Option<SanctionFilter>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Option<SanctionConnection>> {
        let view = &self.view;
        let predicate = sanction_predicate(ask(ctx), filter)?;
        let request = request(first, after, None, None);
        let found = view.sanctions_of(self.row, &predicate, &request, wants_total(ctx))?;
        Ok(Some(SanctionConnection::new(found, |row| {
            Sanction::at(view, row)
        })))
    }

    /// 办件，新者在前；asOf 为过去之日的，各办件为其当日所处，filter 按现状。 / Cases about it, newest first; of an earlier day each as it stood then, the filter goes by how they stand now.
    async fn cases(
        &self,
        ctx: &Context<'_>,
        filter: Option<CaseFilter>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Option<CaseConnection>> {
        let view = &self.view;
        let predicate = case_predicate(ask(ctx), filter)?;
        let request = request(first, after, None, None);
        let found = view.cases_of(self.row, &predicate, &request, wants_total(ctx))?;
        let rows = found.page.rows.iter().map(|(row, _)| *row);
        let told: HashMap<u32, Case> = Case::told(ctx, view, rows).await?.into_iter().collect();
        Ok(Some(CaseConnection::new(found, |row| {
            told.get(&row).cloned()
        })))
    }
}
