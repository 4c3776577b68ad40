use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use domain::{
    credit_record::{self, Lapse},
    division::DivisionCode,
    id::{Kind, derived_id},
    resolution::Subject,
};

use crate::{
    graph::{RecordChange, RecordOrder as By, View},
    store::{Known, Listing},
};

use super::{
    agency::Agency,
    ask::ask,
    casework::{Case, Objection, PublicityRule, Repair, Sanction},
    catalogue_item::CatalogueItem,
    clue::Clue,
    connection::connection,
    error::{ApiError, Result},
    evidence::Evidence,
    node::{self, NodeKind},
    official::Official,
    scalars::{CaseNumber, Date, Decimal, api_enum},
};

api_enum! {
    /// 记录类别：政务失信记录的三个法定来源。 / The three legal feeds of a record.
    CreditRecordKind = credit_record::CreditRecordKind {
        /// 经认定的违约失信。 / A confirmed breach.
        Breach,
        /// 经确认的拖欠账款。 / Established arrears.
        Arrears,
        /// 失信被执行人。 / An entry in the courts' list.
        JudgmentDebtor,
    }
}

api_enum! {
    /// 失信等级。 / Tier.
    Tier = credit_record::Tier {
        /// 轻微。 / Minor.
        Minor,
        /// 一般。 / General.
        General,
        /// 严重。 / Serious.
        Serious,
    }
}

api_enum! {
    /// 记录状态。 / Where a record stands.
    CreditRecordStatus = credit_record::CreditRecordStatus {
        /// 有效。 / It holds.
        Active,
        /// 已修复。 / Repaired.
        Repaired,
        /// 已届满。 / Its term is over.
        Expired,
        /// 来源不再列入（不等于已履行）。 / Its source lists it no longer, which is not performance.
        Delisted,
        /// 自始错误而撤回。 / It was wrong from the start.
        Withdrawn,
    }
}

api_enum! {
    /// 记录的排序字段。 / What records can be ordered by.
    CreditRecordOrderField = By {
        /// 认定（发布）日期。 / Day of determination.
        IdentifiedOn,
        /// 金额。 / Amount.
        Amount,
        /// 等级。 / Tier.
        Tier,
    }
}

impl CreditRecordKind {
    /// What it is called.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Breach => "违约失信",
            Self::Arrears => "拖欠账款",
            Self::JudgmentDebtor => "失信被执行人",
        }
    }
}

impl Tier {
    /// What it is called.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Minor => "轻微",
            Self::General => "一般",
            Self::Serious => "严重",
        }
    }
}

impl CreditRecordStatus {
    /// What it is called.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Active => "有效",
            Self::Repaired => "已修复",
            Self::Expired => "已届满",
            Self::Delisted => "不再列入",
            Self::Withdrawn => "已撤回",
        }
    }
}

/// 政务失信记录：经认定、法院列入或经确认的拖欠。 / A government-integrity record.
pub struct CreditRecord {
    view: Arc<View>,
    known: Arc<Known<Listing<credit_record::CreditRecord>>>,
}

connection!(
    CreditRecordConnection,
    CreditRecordEdge,
    CreditRecord,
    "政务失信记录",
    "credit records"
);

impl CreditRecord {
    pub(super) fn at(view: &Arc<View>, row: u32) -> Option<Self> {
        view.record_at(row).map(|known| Self {
            view: Arc::clone(view),
            known: Arc::clone(known),
        })
    }

    /// The record that this row of a source told, if the viewer may see it.
    pub(super) fn of_row(view: &Arc<View>, row_id: i64) -> Option<Self> {
        let row = view.record_row(derived_id(Kind::CreditRecord, row_id, ""))?;
        Self::at(view, row)
    }

    /// What it is called where there is but a line for it.
    pub(super) fn title(&self) -> String {
        let fact = self.fact();
        let kind = CreditRecordKind::from(fact.kind).label();
        match &fact.case_number {
            Some(number) => format!("{kind} {number}"),
            None => format!("{kind} {}", fact.identified_on),
        }
    }

    /// The official that it is about, if the viewer may see him.
    pub(super) fn subject_official(&self) -> Option<Official> {
        Official::by_number(&self.view, self.fact().subject.official()?)
    }

    /// Whether it is told of as ended: on an earlier day it may have held still.
    fn has_ended(&self) -> bool {
        let fact = self.fact();
        self.lapse().is_none() && self.view.status_of(fact) == fact.status
    }

    /// The time within which it did not hold, and later held again, that the day of which is told lies in.
    fn lapse(&self) -> Option<&Lapse> {
        self.view
            .past_day()
            .and_then(|day| self.fact().lapse_on(day))
    }

    /// The record as a change left it, if the viewer may see it.
    pub(super) fn after(view: &Arc<View>, change: &RecordChange) -> Option<Self> {
        view.record_after(change).map(|known| Self {
            view: Arc::clone(view),
            known: Arc::clone(known),
        })
    }

    fn fact(&self) -> &credit_record::CreditRecord {
        &self.known.fact.fact
    }

    /// Where the body lies that it is about; an official's lies nowhere.
    fn place(&self) -> Option<DivisionCode> {
        let body = self.fact().subject.agency();
        let body = body.and_then(|id| self.view.present().agency(id));
        body.map(|body| body.fact.division)
    }
}

/// 政务失信记录：经认定、法院列入或经确认的拖欠。 / A government-integrity record.
#[Object(serial)]
impl CreditRecord {
    /// 全局 id。 / Global id.
    pub(super) async fn id(&self, ctx: &Context<'_>) -> ID {
        node::id(ask(ctx), NodeKind::CreditRecord, self.known.id)
    }

    /// 版本号，自 1 起。 / Its version, from 1.
    async fn version(&self) -> i32 {
        i32::try_from(self.known.version).unwrap_or(i32::MAX)
    }

    /// 责任单位；不可见或属公职人员的记录时为 null。 / The agency; null where hidden, or of an official's record.
    async fn agency(&self) -> Option<Agency> {
        Agency::by_id(&self.view, self.fact().subject.agency()?)
    }

    /// 责任人；单位的记录为 null。 / The official; null of an agency's record.
    async fn official(&self) -> Option<Official> {
        self.subject_official()
    }

    /// 类别。 / Which legal feed.
    async fn kind(&self) -> CreditRecordKind {
        self.fact().kind.into()
    }

    /// 等级；未定级时为 null。 / Tier; null until graded.
    async fn tier(&self) -> Option<Tier> {
        self.fact().tier.map(Into::into)
    }

    /// 状态。 / Where it stands.
    async fn status(&self) -> CreditRecordStatus {
        self.view.status_of(self.fact()).into()
    }

    /// 目录清单条目。 / The entry of the list that makes it recordable.
    async fn catalogue_item(&self, ctx: &Context<'_>) -> Result<CatalogueItem> {
        let (code, on) = (&self.fact().catalogue_item, self.fact().identified_on);
        CatalogueItem::of_day(ask(ctx), code, on, self.place())
            .ok_or_else(|| ApiError::invalid(format!("the catalogue has no item {code} any more")))
    }

    /// 领域，如政府采购。 / Domain.
    async fn domain(&self) -> Option<&str> {
        self.fact().domain.as_deref()
    }

    /// 金额（元）。 / Amount in yuan.
    async fn amount(&self) -> Option<Decimal> {
        self.fact().amount.map(Into::into)
    }

    /// 逾期起算日，来源所载；拖欠账款以外者为 null。 / The day from which the debt is overdue, where its source tells it; of arrears only.
    async fn overdue_since(&self) -> Option<Date> {
        self.fact().overdue_since.map(Date)
    }

    /// 整改到位日：最后一项整改验收之日；尚有未验收的、未要求整改的为 null。 / The day on which it was seen to be set right: when the last task was accepted; null where one is not, or none was asked for.
    async fn corrected_on(&self) -> Option<Date> {
        let corrected = self.fact().corrected_on;
        corrected
            .filter(|_| self.view.has_begun(corrected))
            .map(Date)
    }

    /// 认定日期；法院名单为发布日期。 / Day of determination; of a listing the day it was published.
    async fn identified_on(&self) -> Date {
        Date(self.fact().identified_on)
    }

    /// 认定单位，如执行法院。 / Who determined it, as the source names it.
    async fn identified_by(&self) -> &str {
        &self.fact().identified_by
    }

    /// 认定单位在本库中的对应单位。 / The same as an agency, where it is one that the viewer may see.
    async fn identified_by_agency(&self) -> Option<Agency> {
        let view = &self.view;
        let subject = Subject {
            name: Some(&self.fact().identified_by),
            ..Subject::default()
        };
        let resolution = view.resolve(&subject);
        Agency::by_id(view, resolution.agency.filter(|_| resolution.is_settled())?)
    }

    /// 执行案号。 / Case number.
    async fn case_number(&self) -> Option<CaseNumber> {
        self.fact().case_number.clone().map(CaseNumber)
    }

    /// 终止日期。 / The day it stopped holding.
    async fn ended_on(&self) -> Option<Date> {
        let ended = || self.fact().ended_on.filter(|_| self.has_ended());
        let lapsed = self.lapse().map(|lapse| lapse.from);
        lapsed.or_else(ended).map(Date)
    }

    /// 终止事由。 / Why it stopped.
    async fn end_ground(&self) -> Option<&str> {
        let ground = self.fact().end_ground.as_deref();
        ground.filter(|_| self.has_ended())
    }

    /// 是否有未决异议。 / Whether an objection waits to be decided.
    async fn under_objection(&self, ctx: &Context<'_>) -> Result<bool> {
        if self.view.past_day().is_none() {
            return Ok(self.fact().under_objection);
        }
        let row = self.view.case_of_record(self.known.id);
        let case = Case::told_at(ctx, &self.view, row).await?;
        Ok(case.is_some_and(|case| case.is_under_objection()))
    }

    /// 公示至何日，尚未整改到位的至其到位；不公示或无期限为 null。 / The last day on which it is shown, or longer, until it is set right; null where it is not shown or ends by no day.
    async fn public_until(&self) -> Option<Date> {
        self.fact().public_until.map(Date)
    }

    /// 形成该记录的线索中可见者。 / The clues of which it came and that may be seen.
    async fn clues(&self) -> Vec<Clue> {
        let view = &self.view;
        let case = view.case_of_record(self.known.id);
        let case = case.and_then(|row| view.case_at(row));
        let lead = case.and_then(|case| view.clue_row(case.fact.about.clue?));
        let lead = lead.and_then(|row| Clue::at(view, row));
        let told = Clue::of_row(view, self.known.row_id);
        lead.or(told).into_iter().collect()
    }

    /// 办件；尚未办理为 null。 / Its case; null where nobody dealt with it.
    async fn case(&self, ctx: &Context<'_>) -> Result<Option<Case>> {
        Case::told_at(ctx, &self.view, self.view.case_of_record(self.known.id)).await
    }

    /// 列入之前一年内对该单位的最近一次预警，案号不同的除外；无预警或该类记录不预警的为 null。 / The last prewarning of the body within the year before it was listed, unless it names another case number; null where there was none, or of records that are not told beforehand.
    async fn prewarning(&self, ctx: &Context<'_>) -> Result<Option<Case>> {
        let prewarned = ask(ctx).app.casework().prewarned(&self.view, self.fact());
        Case::told_at(ctx, &self.view, prewarned.and_then(|found| found.case)).await
    }

    /// 列入之前是否已按期预警：预警期满后方列入；依当时当地规则不预警的记录，或期限为暂定的为 null。 / Whether the body was told in time: it was listed after the prewarning's term; null of records that by the rules of the day and the place are not told beforehand, or where that day is provisional.
    async fn prewarned_in_time(&self, ctx: &Context<'_>) -> Option<bool> {
        let prewarned = ask(ctx).app.casework().prewarned(&self.view, self.fact());
        prewarned?.in_time
    }

    /// 由该记录提出的监督事项。 / Matters of oversight to which it gave occasion.
    async fn matters(&self, ctx: &Context<'_>) -> Result<Vec<Case>> {
        let told = Case::told(ctx, &self.view, self.view.matters_of(self.known.id)).await?;
        Ok(told.into_iter().map(|(_, case)| case).collect())
    }

    /// 公示规则：按类别、等级和认定日期适用；无规则为 null。 / The rule by which it is shown and ends; null where there is none.
    async fn publicity_rule(&self, ctx: &Context<'_>) -> Option<PublicityRule> {
        let rule = ask(ctx)
            .app
            .catalogue
            .publicity_rule(self.fact(), self.place());
        rule.map(Into::into)
    }

    /// 惩戒。 / Measures that follow it.
    async fn sanctions(&self) -> Vec<Sanction> {
        Sanction::of_record(&self.view, self.known.id)
    }

    /// 修复申请。 / Applications for repair.
    async fn repairs(&self, ctx: &Context<'_>) -> Result<Vec<Repair>> {
        let row = self.view.case_of_record(self.known.id);
        let case = Case::told_at(ctx, &self.view, row).await?;
        Ok(case.map_or_else(Vec::new, |case| case.all_repairs()))
    }

    /// 异议。 / Objections to it.
    async fn objections(&self, ctx: &Context<'_>) -> Result<Vec<Objection>> {
        let row = self.view.case_of_record(self.known.id);
        let case = Case::told_at(ctx, &self.view, row).await?;
        Ok(case.map_or_else(Vec::new, |case| case.all_objections()))
    }

    /// 凭证：从何处、何时得知。 / Where and since when it is known.
    async fn evidence(&self, ctx: &Context<'_>) -> Result<Vec<Evidence>> {
        Evidence::of_row(ask(ctx), &self.view, self.known.row_id).await
    }
}
