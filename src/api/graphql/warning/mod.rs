//! Warnings, and what is done about them.

mod mutations;

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use domain::assess;

use crate::{
    graph::{View, WarningOrder as By},
    store::Known,
};

use super::{
    agency::Agency,
    ask::ask,
    casework::Case,
    connection::{connection, request, wants_total},
    credit_record::{CreditRecord, CreditRecordConnection},
    error::{ApiError, Result},
    node::{self, NodeKind},
    scalars::{Date, DateTime, Decimal, api_enum},
};

pub use mutations::WarningMutation;

/// Events of a warning that are told at once.
const EVENTS_MAX: u64 = 200;

api_enum! {
    /// 预警级别：蓝、黄、橙、红。 / How serious a warning is.
    WarningLevel = assess::WarningLevel {
        /// 蓝色。 / Blue.
        Blue,
        /// 黄色。 / Yellow.
        Yellow,
        /// 橙色。 / Orange.
        Orange,
        /// 红色。 / Red.
        Red,
    }
}

api_enum! {
    /// 预警状态（可能增加）。 / Where a warning stands. Open: more may come.
    WarningState = assess::WarningState {
        /// 新预警，待签收。 / Nobody has taken it up.
        New,
        /// 已签收。 / Somebody has.
        Acknowledged,
        /// 整改中。 / It is being set right.
        Rectifying,
        /// 已解除：起因消失，或监督方认定已解决。 / Its cause is gone, or who supervises says that it is settled.
        Resolved,
        /// 已排除，附理由。 / It was none, with a reason.
        Dismissed,
    }
}

api_enum! {
    /// 预警的排序字段。 / By what warnings can be ordered.
    WarningOrderField = By {
        /// 发出时间。 / When it was raised.
        RaisedAt,
        /// 级别。 / How serious it is.
        Level,
        /// 办理期限。 / The day by which the next thing is to be done.
        DueOn,
    }
}

/// 预警：单位触碰红线。 / A warning: a body stands across a red line.
pub struct Warning {
    view: Arc<View>,
    known: Arc<Known<assess::Warning>>,
}

connection!(WarningConnection, WarningEdge, Warning, "预警", "warnings");

/// 预警中发生的一件事。 / Something that happened to a warning.
pub struct WarningEvent(assess::WarningEvent);

impl Warning {
    pub(super) fn at(view: &Arc<View>, row: u32) -> Option<Self> {
        view.warning_at(row).map(|known| Self {
            view: Arc::clone(view),
            known: Arc::clone(known),
        })
    }

    pub(super) fn by_number(view: &Arc<View>, id: i64) -> Option<Self> {
        Self::at(view, view.warning_row(id)?)
    }

    fn fact(&self) -> &assess::Warning {
        &self.known.fact
    }

    /// The red line as it was drawn when the term began.
    fn line<'a>(&self, ctx: &Context<'a>) -> Option<&'a assess::RedLine> {
        let (assess, fact) = (&ask(ctx).app.catalogue.assess, self.fact());
        assess.red_line(&fact.red_line, fact.since)
    }
}

/// 预警：单位触碰红线。 / A warning: a body stands across a red line.
#[Object]
impl Warning {
    /// 全局 id。 / Global id.
    pub(super) async fn id(&self, ctx: &Context<'_>) -> ID {
        node::id(ask(ctx), NodeKind::Warning, self.known.id)
    }

    /// 版本号，每发生一事加一。 / Its version: how many things happened to it.
    async fn version(&self) -> i32 {
        i32::try_from(self.known.version).unwrap_or(i32::MAX)
    }

    /// 所涉单位。 / The body that it is about.
    async fn agency(&self) -> Result<Agency> {
        let hidden = || ApiError::invalid("the graph has no such agency");
        Agency::by_id(&self.view, self.fact().agency).ok_or_else(hidden)
    }

    /// 红线代码。 / Code of the red line.
    async fn red_line(&self) -> &str {
        &self.fact().red_line
    }

    /// 红线名称。 / What the red line is called.
    async fn title(&self, ctx: &Context<'_>) -> Option<String> {
        self.line(ctx).map(|line| line.title.clone())
    }

    /// 依据。 / What the red line rests on.
    async fn legal_basis(&self, ctx: &Context<'_>) -> Option<String> {
        self.line(ctx).map(|line| line.legal_basis.clone())
    }

    /// 依据条文是否核对原文；红线已不在用者为 null。 / Whether the article's text was at hand; null of a line that is no longer drawn.
    async fn verified(&self, ctx: &Context<'_>) -> Option<bool> {
        self.line(ctx).map(|line| line.verified)
    }

    /// 据以形成现状的红线版本。 / The version of the red lines by which it came to be what it is.
    async fn red_line_version(&self) -> &str {
        &self.fact().edition.version
    }

    /// 该版本文件的摘要（SHA-256）。 / The digest of that version's file (SHA-256).
    async fn red_line_digest(&self) -> &str {
        &self.fact().edition.digest
    }

    /// 级别。 / How serious it is.
    async fn level(&self) -> WarningLevel {
        self.fact().level.into()
    }

    /// 状态。 / Where it stands.
    async fn state(&self) -> WarningState {
        self.fact().state.into()
    }

    /// 内容。 / What it says.
    async fn message(&self) -> &str {
        &self.fact().message
    }

    /// 所据之数：件数，或下降的分数。 / The number behind it: of facts, or of points that were lost.
    async fn count(&self) -> Decimal {
        Decimal(self.fact().count)
    }

    /// 起因是否仍在。 / Whether its cause still stands.
    async fn caused(&self) -> bool {
        self.fact().is_caused
    }

    /// 第几次触碰此红线。 / The how-manieth time the body stands across this line.
    async fn episode(&self) -> i32 {
        i32::try_from(self.fact().episode).unwrap_or(i32::MAX)
    }

    /// 已升级的次数。 / How many steps up it went, because what was to be done was not done in time.
    async fn escalations(&self) -> i32 {
        i32::try_from(self.fact().escalations).unwrap_or(i32::MAX)
    }

    /// 发出时间。 / When it was raised.
    async fn raised_at(&self) -> DateTime {
        self.fact().raised_at.into()
    }

    /// 办理期限：待签收者为签收期限，已签收者为着手整改期限，整改中者为整改期限；已终止者为 null。 / The day by which the next thing is to be done: to acknowledge it, to begin to set it right, to have it set right; null once it is closed.
    async fn due_on(&self) -> Option<Date> {
        self.fact().due_on.map(Date)
    }

    /// 距办理期限的剩余工作日，期限当日及逾期为 0；无期限、期限为暂定或者所述为已过之日者为 null。 / Working days that are left until that day, 0 on it and after it; null where there is none, where it may still move, and of a day that is over.
    async fn working_days_left(&self, ctx: &Context<'_>) -> Option<i32> {
        let view = &self.view;
        let on = view.past_day().is_none().then(|| view.day())?;
        let left = self
            .fact()
            .days_left(&ask(ctx).app.catalogue.calendar, on)?;
        i32::try_from(left).ok()
    }

    /// 期限是否为暂定（次年工作日尚未公布）。 / Whether that day may still move: the year's working days are not out.
    async fn due_is_provisional(&self) -> bool {
        self.fact().due_is_provisional
    }

    /// 所据记录中可见者，新者在前。 / Of the records behind it those that may be seen, newest first.
    async fn records(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Option<CreditRecordConnection>> {
        let (view, fact) = (&self.view, self.fact());
        let request = request(first, after, None, None);
        let found =
            view.records_among(&fact.red_line, &fact.records, &request, wants_total(ctx))?;
        Ok(Some(CreditRecordConnection::new(found, |row| {
            CreditRecord::at(view, row)
        })))
    }

    /// 由该预警提出的监督事项。 / Matters of oversight to which it gave occasion.
    async fn matters(&self, ctx: &Context<'_>) -> Result<Vec<Case>> {
        let told = Case::told(ctx, &self.view, self.view.matters_of(self.known.id)).await?;
        Ok(told.into_iter().map(|(_, case)| case).collect())
    }

    /// 应予告知的单位中可见者：本单位、上级及已升级到的各级上级、主管部门、所涉办件的承办单位，依红线所定。 / Who is warned, as far as he may be seen: the body itself, its superior and those further up that it went to, its competent departments, and who has the cases behind it in hand, as the red line says.
    async fn warned(&self, ctx: &Context<'_>) -> Vec<Agency> {
        let casework = ask(ctx).app.casework();
        let warned = casework
            .warned(self.view.present(), self.fact())
            .into_iter();
        let warned = warned.filter_map(|id| Agency::by_id(&self.view, id));
        warned.collect()
    }

    /// 经过，旧者在前，每次至多 200 件；`after` 为上次末件的序号。 / What happened to it, the oldest first, at most 200 at once; `after` is the number of the last one that was told.
    async fn events(
        &self,
        ctx: &Context<'_>,
        after: Option<i32>,
    ) -> Result<Option<Vec<WarningEvent>>> {
        let ask = ask(ctx);
        let after = i64::from(after.unwrap_or(0));
        let events = ask
            .store()
            .list_warning_events(self.known.id, after, EVENTS_MAX);
        // The version that is told has so many and no more.
        let upto = i64::from(self.fact().events);
        let told = events.await?.into_iter();
        let told = told.filter(|event| i64::from(event.number) <= upto);
        Ok(Some(told.map(WarningEvent).collect()))
    }
}

/// 预警中发生的一件事。 / Something that happened to a warning.
#[Object(serial)]
impl WarningEvent {
    /// 序号，自 1 起。 / Its number, from 1.
    async fn number(&self) -> i32 {
        i32::try_from(self.0.number).unwrap_or(i32::MAX)
    }

    /// 所办之事。 / What was done.
    async fn act(&self) -> &str {
        self.0.act.as_str()
    }

    /// 时间。 / When.
    async fn at(&self) -> DateTime {
        self.0.at.into()
    }

    /// 何人所办；系统自办者为 hub。 / By whom; `hub` where nobody did it.
    async fn by(&self) -> &str {
        &self.0.by
    }

    /// 说明。 / In which words.
    async fn note(&self, ctx: &Context<'_>) -> Option<&str> {
        ask(ctx).note_audited([self.0.after.agency]);
        self.0.note.as_deref()
    }

    /// 其后的状态。 / Where it stood afterwards.
    async fn state(&self) -> WarningState {
        self.0.after.state.into()
    }

    /// 其后的级别。 / How serious it was afterwards.
    async fn level(&self) -> WarningLevel {
        self.0.after.level.into()
    }
}
