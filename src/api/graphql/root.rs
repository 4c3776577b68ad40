use async_graphql::{Context, ID, Object};
use domain::resolution::Subject;

use crate::graph::Grouping;

use super::{
    agency::{Agency, AgencyConnection},
    annual::{AnnualCampaign, AnnualCampaignConnection},
    ask::ask,
    audit::{AuditEntryConnection, AuditProof, AuditSelection, audit_entries, audit_proof},
    casework::{Case, CaseConnection, Sanction, SanctionConnection},
    catalogue_item::CatalogueItem,
    check::{SanctionCheck, SanctionCheckInput, sanction_check_receipt, sanction_checks},
    check_exclusion::{CheckExclusionConnection, check_exclusions},
    clue::{Clue, ClueConnection},
    connection::{request, wants_total},
    credit_record::{CreditRecord, CreditRecordConnection},
    division::{Division, DivisionLevel},
    error::{ApiError, Result},
    filter::{
        AgencyFilter, AgencyOrder, CaseFilter, CaseOrder, ClueFilter, ClueOrder,
        CreditRecordFilter, CreditRecordOrder, MentionFilter, SanctionFilter, SanctionOrder,
        WarningFilter, WarningOrder, agency_order, agency_predicate, case_order, case_predicate,
        clue_order, clue_predicate, division_code, mention_predicate, record_order,
        record_predicate, sanction_order, sanction_predicate, warning_order, warning_predicate,
    },
    mention::{Mention, MentionConnection},
    mention_decision::{ENDED_MAX, MentionDecision, MentionDecisionConnection},
    node::{self, Node},
    resolution::{Resolution, ResolveInput},
    rules::{RedLine, RulePack},
    scalars::{Date, DateTime, Uscc},
    search::{SearchHit, SearchKind, search},
    source::Source,
    stats::{CreditRecordDimension, CreditRecordGroup, first_of, record_groups},
    times::{as_it_stood, told},
    viewer::Viewer,
    warning::{Warning, WarningConnection},
    watch::{WatchChangePage, WatchListConnection, watch_changes, watch_lists},
    zero_report::{ZeroReport, ZeroReportDue, zero_reports, zero_reports_due},
};

/// Characters of a name that is to be resolved.
pub(in crate::api) const NAME_CHARS_MAX: usize = 200;

/// 查询。 / Queries.
pub struct Query;

/// 查询。 / Queries.
#[Object(name = "Queries")]
impl Query {
    /// 当前访问者。 / Who asks.
    async fn viewer(&self) -> Viewer {
        Viewer
    }

    /// 按全局 id 取对象；不可见与不存在同为 null。 / By global id; hidden and absent are both null.
    async fn node(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Node>> {
        node::find(ask(ctx), &id).await
    }

    /// 行政区划；asOf 为其单位与总览所及之日，knownAt 为所知时点，缺省均为现在。 / A division; asOf is the day of which its bodies and its overview are told, knownAt the moment of our knowledge, both now by default.
    async fn division(
        &self,
        ctx: &Context<'_>,
        code: String,
        as_of: Option<Date>,
        known_at: Option<DateTime>,
    ) -> Result<Option<Division>> {
        let view = told(ask(ctx), as_of, known_at).await?;
        Ok(code
            .parse()
            .ok()
            .and_then(|code| Division::find(&view, code)))
    }

    /// 按统一社会信用代码取单位；asOf 为事实所在之日，knownAt 为所知时点，缺省均为现在。 / An agency by its code; asOf is the day of which facts are told, knownAt the moment of our knowledge, both now by default.
    async fn agency(
        &self,
        ctx: &Context<'_>,
        uscc: Uscc,
        as_of: Option<Date>,
        known_at: Option<DateTime>,
    ) -> Result<Option<Agency>> {
        let view = told(ask(ctx), as_of, known_at).await?;
        Ok(Agency::by_uscc(&view, &uscc.0))
    }

    /// 单位列表，默认按区划排序。 / Agencies, in the order of the division tree by default.
    #[expect(clippy::too_many_arguments, reason = "the contract's arguments")]
    async fn agencies(
        &self,
        ctx: &Context<'_>,
        filter: Option<AgencyFilter>,
        order_by: Option<Vec<AgencyOrder>>,
        as_of: Option<Date>,
        known_at: Option<DateTime>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<AgencyConnection>> {
        let ask = ask(ctx);
        let predicate = agency_predicate(ask, filter)?;
        let order = agency_order(ask, order_by)?;
        let request = request(first, after, last, before);
        let view = told(ask, as_of, known_at).await?;
        let found = view.agencies(&predicate, &order, &request, wants_total(ctx))?;
        Ok(Some(AgencyConnection::new(found, |row| {
            Agency::at(&view, row)
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
        as_of: Option<Date>,
        known_at: Option<DateTime>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<CreditRecordConnection>> {
        let ask = ask(ctx);
        let predicate = record_predicate(ask, filter)?;
        let order = record_order(ask, order_by)?;
        let request = request(first, after, last, before);
        let view = told(ask, as_of, known_at).await?;
        let found = view.records(&predicate, &order, &request, wants_total(ctx))?;
        Ok(Some(CreditRecordConnection::new(found, |row| {
            CreditRecord::at(&view, row)
        })))
    }

    /// 惩戒，默认按编号。 / Sanctions, by number by default.
    #[expect(clippy::too_many_arguments, reason = "the contract's arguments")]
    async fn sanctions(
        &self,
        ctx: &Context<'_>,
        filter: Option<SanctionFilter>,
        order_by: Option<Vec<SanctionOrder>>,
        as_of: Option<Date>,
        known_at: Option<DateTime>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<SanctionConnection>> {
        let ask = ask(ctx);
        let predicate = sanction_predicate(ask, filter)?;
        let order = sanction_order(ask, order_by)?;
        let request = request(first, after, last, before);
        let view = told(ask, as_of, known_at).await?;
        let found = view.sanctions(&predicate, &order, &request, wants_total(ctx))?;
        Ok(Some(SanctionConnection::new(found, |row| {
            Sanction::at(&view, row)
        })))
    }

    /// 台账：办件，默认新者在前；asOf 为过去之日的，各办件为其当日终了所处，filter、排序与总数亦然。 / The ledger: cases, newest first by default; of a day that is over each as it stood when it ended, by which filter, order and total go, too.
    #[expect(clippy::too_many_arguments, reason = "like the contract's lists")]
    async fn cases(
        &self,
        ctx: &Context<'_>,
        filter: Option<CaseFilter>,
        order_by: Option<Vec<CaseOrder>>,
        as_of: Option<Date>,
        known_at: Option<DateTime>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<CaseConnection>> {
        let ask = ask(ctx);
        let predicate = case_predicate(ask, filter)?;
        let order = case_order(ask, order_by)?;
        let request = request(first, after, last, before);
        let view = told(ask, as_of, known_at).await?;
        let view = as_it_stood(ask, &view).await?;
        let found = view.cases(&predicate, &order, &request, wants_total(ctx))?;
        Ok(Some(CaseConnection::new(found, |row| Case::at(&view, row))))
    }

    /// 预警，默认新者在前。 / Warnings, newest first by default.
    #[expect(clippy::too_many_arguments, reason = "the contract's arguments")]
    async fn warnings(
        &self,
        ctx: &Context<'_>,
        filter: Option<WarningFilter>,
        order_by: Option<Vec<WarningOrder>>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<WarningConnection>> {
        let ask = ask(ctx);
        let predicate = warning_predicate(ask, filter)?;
        let order = warning_order(ask, order_by)?;
        let request = request(first, after, last, before);
        let view = &ask.view;
        let found = view.warnings(&predicate, &order, &request, wants_total(ctx))?;
        Ok(Some(WarningConnection::new(found, |row| {
            Warning::at(view, row)
        })))
    }

    /// 同一角色、区划和单位所作的误匹配复核，新者在前；`inForce` 为假时含已失效与已撤销者。 / Reviewed false matches of those who act in the same role, for the same areas and body, newest first; with `inForce` false those that are over, too.
    async fn check_exclusions(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = true)] in_force: bool,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Option<CheckExclusionConnection>> {
        check_exclusions(ctx, in_force, first, after)
            .await
            .map(Some)
    }

    /// 本人的关注名单，新者在前。 / The caller's own watch lists, newest first.
    async fn watch_lists(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Option<WatchListConnection>> {
        watch_lists(ctx, first, after).await.map(Some)
    }

    /// 关注名单中主体的变动，按变更日志的次序；`after` 缺省为名单建立之时，以 `upTo` 续读；非本人名单为 null。 / What became of the subjects of one's own watch list, in the order of the change log: behind `after`, or since the list was made; `upTo` is the next `after`. Null where there is no such list.
    async fn watch_changes(
        &self,
        ctx: &Context<'_>,
        list: ID,
        after: Option<String>,
        first: Option<i32>,
    ) -> Result<Option<WatchChangePage>> {
        watch_changes(ask(ctx), &list, after.as_deref(), first).await
    }

    /// 辖区内某流程的零报告，新者在前，至多 400 件。 / Zero reports of a track in the caller's areas, newest first, at most 400.
    async fn zero_reports(
        &self,
        ctx: &Context<'_>,
        workflow: String,
        division: Option<String>,
    ) -> Result<Option<Vec<ZeroReport>>> {
        let reports = zero_reports(ctx, &workflow, division.as_deref()).await?;
        Ok(Some(reports))
    }

    /// 某日某流程应报零报告的区划及是否已报，缺省为今日，至多 400 个；不在零报告期内为空。 / Which divisions of the caller's areas owe a zero report of a day in a track, today's by default, and which made it, at most 400; none outside the days of zero reports.
    async fn zero_reports_due(
        &self,
        ctx: &Context<'_>,
        workflow: String,
        day: Option<Date>,
        division: Option<String>,
    ) -> Result<Option<Vec<ZeroReportDue>>> {
        let due = zero_reports_due(ctx, &workflow, day, division.as_deref()).await?;
        Ok(Some(due))
    }

    /// 政务失信记录分组计数，多者在前；`first` 缺省 200、至多 1,000；divisionLevel 将区划归并到该级，高于该级者不变。 / Records counted by what they have in common, the biggest groups first; `first` is 200 by default and at most 1,000; divisionLevel lifts divisions below that level to it, those above stay.
    #[expect(clippy::too_many_arguments, reason = "the contract's arguments")]
    async fn credit_record_stats(
        &self,
        ctx: &Context<'_>,
        filter: Option<CreditRecordFilter>,
        group_by: Vec<CreditRecordDimension>,
        division_level: Option<DivisionLevel>,
        as_of: Option<Date>,
        known_at: Option<DateTime>,
        first: Option<i32>,
    ) -> Result<Option<Vec<CreditRecordGroup>>> {
        let ask = ask(ctx);
        let grouping = Grouping {
            by: group_by.into_iter().map(Into::into).collect(),
            level: division_level.map(Into::into),
            first: first_of(first)?,
        };
        let view = told(ask, as_of, known_at).await?;
        record_groups(ask, &view, filter, grouping).map(Some)
    }

    /// 年度评估，年度近者在前。 / Annual assessments, the latest year first.
    async fn annual_campaigns(
        &self,
        ctx: &Context<'_>,
        year: Option<i32>,
        division: Option<String>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Option<AnnualCampaignConnection>> {
        let ask = ask(ctx);
        let division = division.as_deref().map(division_code).transpose()?;
        let request = request(first, after, None, None);
        let found = ask
            .view
            .campaigns(year, division, &request, wants_total(ctx))?;
        Ok(Some(AnnualCampaignConnection::new(found, |row| {
            AnnualCampaign::at(&ask.view, row)
        })))
    }

    /// 检索：代码（可只写开头）、案号、名称、曾用名、别名、拼音首字母、区划、目录条目；全同者在前，其次开头相同，再次包含。 / Search by code or its beginning, case number, name, former and second name, pinyin initials, division and entry of the list: whole before beginning before within.
    async fn search(
        &self,
        ctx: &Context<'_>,
        text: String,
        kinds: Option<Vec<SearchKind>>,
        first: Option<i32>,
    ) -> Result<Option<Vec<SearchHit>>> {
        search(ask(ctx), &text, kinds, first).map(Some)
    }

    /// 当日当地有效的目录清单条目，缺省为今日；不写区划则含各地清单。 / The entries of the list in force there and then, today by default; without a division those of all lists.
    async fn catalogue(
        &self,
        ctx: &Context<'_>,
        as_of: Option<Date>,
        division: Option<String>,
    ) -> Result<Option<Vec<CatalogueItem>>> {
        let ask = ask(ctx);
        let division = division.as_deref().map(division_code).transpose()?;
        let on = as_of.map_or_else(|| ask.view.day(), |day| day.0);
        Ok(Some(CatalogueItem::in_force(ask, on, division)))
    }

    /// 当日可据以评分的规则包，缺省为今日。 / The rule packs by which a day may be graded, today by default.
    async fn rule_packs(&self, ctx: &Context<'_>, as_of: Option<Date>) -> Vec<RulePack> {
        let ask = ask(ctx);
        let on = as_of.map_or_else(|| ask.view.day(), |day| day.0);
        RulePack::in_force(ask, on)
    }

    /// 当日所划的红线，缺省为今日。 / The red lines that are drawn on a day, today by default.
    async fn red_lines(&self, ctx: &Context<'_>, as_of: Option<Date>) -> Vec<RedLine> {
        let ask = ask(ctx);
        let on = as_of.map_or_else(|| ask.view.day(), |day| day.0);
        RedLine::in_force(ask, on)
    }

    /// 审计日志，新者在前。 / The audit log, newest first.
    async fn audit_entries(
        &self,
        ctx: &Context<'_>,
        filter: Option<AuditSelection>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Option<AuditEntryConnection>> {
        audit_entries(ctx, filter, first, after).await.map(Some)
    }

    /// 证明条目在日志之中；尚无检查点涵盖时为 null。 / The proof that an entry is in the log; null until a checkpoint covers it.
    async fn audit_proof(&self, ctx: &Context<'_>, entry: ID) -> Result<Option<AuditProof>> {
        audit_proof(ask(ctx), &entry).await
    }

    /// 数据源。 / Sources.
    async fn sources(&self, ctx: &Context<'_>) -> Option<Vec<Source>> {
        Some(Source::all(ask(ctx)))
    }

    /// 该代码或名称所指何单位；不确定时如实回答。 / Who does this code or name mean?
    async fn resolve(&self, ctx: &Context<'_>, input: ResolveInput) -> Result<Option<Resolution>> {
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
        let view = &ask(ctx).view;
        Ok(Some(Resolution::new(view, view.resolve(&subject))))
    }

    /// 核查一个主体；答复即回执。用途必填并留存。 / Checks one subject; the answer is a receipt. The purpose is required and kept.
    async fn sanction_check(
        &self,
        ctx: &Context<'_>,
        input: SanctionCheckInput,
        as_of: Option<Date>,
        purpose: String,
        reference: Option<String>,
    ) -> Result<Option<SanctionCheck>> {
        let told = sanction_checks(ask(ctx), vec![input], as_of, purpose, reference).await?;
        Ok(told.into_iter().next())
    }

    /// 批量核查，至多 500 个；逐一按序答复，代码有误亦是答复。 / Checks of up to 500 subjects, answered one by one in their order; a bad code is an answer.
    async fn sanction_checks(
        &self,
        ctx: &Context<'_>,
        inputs: Vec<SanctionCheckInput>,
        as_of: Option<Date>,
        purpose: String,
        reference: Option<String>,
    ) -> Result<Option<Vec<SanctionCheck>>> {
        sanction_checks(ask(ctx), inputs, as_of, purpose, reference)
            .await
            .map(Some)
    }

    /// 按回执编号取回同一答复；限于当时的核查者及同一职权者。 / The same answer by its receipt, for who asked it and whoever acts for the same body.
    async fn sanction_check_receipt(
        &self,
        ctx: &Context<'_>,
        id: ID,
    ) -> Result<Option<SanctionCheck>> {
        sanction_check_receipt(ask(ctx), &id).await
    }
}
