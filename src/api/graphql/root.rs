use async_graphql::{Context, ID, Object};
use domain::resolution::Subject;

use super::{
    agency::{Agency, AgencyConnection},
    ask::ask,
    clue::{Clue, ClueConnection},
    connection::{request, wants_total},
    credit_record::{CreditRecord, CreditRecordConnection},
    division::Division,
    error::{ApiError, Result},
    filter::{
        AgencyFilter, AgencyOrder, ClueFilter, ClueOrder, CreditRecordFilter, CreditRecordOrder,
        MentionFilter, agency_order, agency_predicate, clue_order, clue_predicate, division_code,
        mention_predicate, record_order, record_predicate,
    },
    mention::{Mention, MentionConnection},
    mention_decision::{MentionDecision, MentionDecisionConnection},
    node::{self, Node},
    resolution::{Resolution, ResolveInput},
    scalars::Uscc,
    source::Source,
    viewer::Viewer,
};

/// Characters of a name that is to be resolved.
pub(in crate::api) const NAME_CHARS_MAX: usize = 200;

/// Decisions that hold no longer among which a list looks.
const ENDED_MAX: u64 = 10_000;

/// 查询。 / Queries.
pub struct Query;

/// 查询。 / Queries.
#[Object]
impl Query {
    /// 当前访问者。 / Who asks.
    async fn viewer(&self) -> Viewer {
        Viewer
    }

    /// 按全局 id 取对象；不可见与不存在同为 null。 / By global id; hidden and absent are both null.
    async fn node(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Node>> {
        node::find(ask(ctx), &id).await
    }

    /// 行政区划。 / A division.
    async fn division(&self, ctx: &Context<'_>, code: String) -> Option<Division> {
        Division::find(&ask(ctx).view, code.parse().ok()?)
    }

    /// 按统一社会信用代码取单位。 / An agency by its code.
    async fn agency(&self, ctx: &Context<'_>, uscc: Uscc) -> Option<Agency> {
        Agency::by_uscc(&ask(ctx).view, &uscc.0)
    }

    /// 单位列表，默认按区划排序。 / Agencies, in the order of the division tree by default.
    #[expect(clippy::too_many_arguments, reason = "the contract's arguments")]
    async fn agencies(
        &self,
        ctx: &Context<'_>,
        filter: Option<AgencyFilter>,
        order_by: Option<Vec<AgencyOrder>>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<AgencyConnection>> {
        let ask = ask(ctx);
        let predicate = agency_predicate(ask, filter)?;
        let order = agency_order(ask, order_by)?;
        let request = request(first, after, last, before);
        let found = ask
            .view
            .agencies(&predicate, &order, &request, wants_total(ctx))?;
        Ok(Some(AgencyConnection::new(found, |row| {
            Agency::at(&ask.view, row)
        })))
    }

    /// 主体未能确定的来源行。 / Rows of sources whose subject is not resolved.
    async fn mentions(
        &self,
        ctx: &Context<'_>,
        filter: Option<MentionFilter>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<MentionConnection>> {
        let ask = ask(ctx);
        let predicate = mention_predicate(ask, filter)?;
        let request = request(first, after, last, before);
        let found = ask.view.mentions(&predicate, &request, wants_total(ctx))?;
        Ok(Some(MentionConnection::new(found, |row| {
            Mention::at(&ask.view, row)
        })))
    }

    /// 现行的人工判定，新者在前；`ended` 为真时列出已被撤销或取代者，失效晚者在前，至多最近 10,000 件。 / Decisions that stand, newest first; with `ended` those that were undone or replaced, the last ended first, of the last 10,000.
    async fn mention_decisions(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = false)] ended: bool,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<MentionDecisionConnection>> {
        let ask = ask(ctx);
        let request = request(first, after, last, before);
        if ended {
            let ended = ask.store().list_ended_decisions(ENDED_MAX).await?;
            let found = ask
                .view
                .ended_decisions(&ended, &request, wants_total(ctx))?;
            return Ok(Some(MentionDecisionConnection::new(found, |row| {
                ended.get(row as usize).cloned().map(MentionDecision::ended)
            })));
        }
        let found = ask.view.decisions(&request, wants_total(ctx))?;
        Ok(Some(MentionDecisionConnection::new(found, |row| {
            MentionDecision::in_row(&ask.view, row)
        })))
    }

    /// 线索，默认新者在前。 / Clues, newest first by default.
    #[expect(clippy::too_many_arguments, reason = "the contract's arguments")]
    async fn clues(
        &self,
        ctx: &Context<'_>,
        filter: Option<ClueFilter>,
        order_by: Option<Vec<ClueOrder>>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<ClueConnection>> {
        let ask = ask(ctx);
        let predicate = clue_predicate(ask, filter)?;
        let order = clue_order(ask, order_by)?;
        let request = request(first, after, last, before);
        let found = ask
            .view
            .clues(&predicate, &order, &request, wants_total(ctx))?;
        Ok(Some(ClueConnection::new(found, |row| {
            Clue::at(&ask.view, row)
        })))
    }

    /// 政务失信记录，默认新者在前。 / Records, newest first by default.
    #[expect(clippy::too_many_arguments, reason = "the contract's arguments")]
    async fn credit_records(
        &self,
        ctx: &Context<'_>,
        filter: Option<CreditRecordFilter>,
        order_by: Option<Vec<CreditRecordOrder>>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<CreditRecordConnection>> {
        let ask = ask(ctx);
        let predicate = record_predicate(ask, filter)?;
        let order = record_order(ask, order_by)?;
        let request = request(first, after, last, before);
        let found = ask
            .view
            .records(&predicate, &order, &request, wants_total(ctx))?;
        Ok(Some(CreditRecordConnection::new(found, |row| {
            CreditRecord::at(&ask.view, row)
        })))
    }

    /// 数据源。 / Sources.
    async fn sources(&self, ctx: &Context<'_>) -> Option<Vec<Source>> {
        Some(Source::all(ask(ctx)))
    }

    /// 该代码或名称所指何单位；不确定时如实回答。 / Who does this code or name mean?
    async fn resolve(&self, ctx: &Context<'_>, input: ResolveInput) -> Result<Option<Resolution>> {
        if input.uscc.is_none() && input.org_code.is_none() && input.name.is_none() {
            return Err(ApiError::invalid("one of uscc, orgCode and name is needed"));
        }
        let texts = [&input.uscc, &input.org_code, &input.name];
        if texts
            .into_iter()
            .flatten()
            .any(|text| text.chars().count() > NAME_CHARS_MAX)
        {
            return Err(ApiError::invalid(format!(
                "at most {NAME_CHARS_MAX} characters each"
            )));
        }
        let subject = Subject {
            code: input.uscc.as_deref(),
            org_code: input.org_code.as_deref(),
            name: input.name.as_deref(),
            within: input.division.as_deref().map(division_code).transpose()?,
            as_of: input.as_of.map(|day| day.0),
            ..Subject::default()
        };
        Ok(Some(Resolution(ask(ctx).view.resolve(&subject))))
    }
}
