//! Cases, and what stands in them: measures, applications, objections, tasks.

mod event;
mod input;
mod leading;
mod mutations;
mod outcome;
mod part;
mod reminder;
mod rule;
mod sanction;
mod steps;

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use domain::casework::{self, Regarding};

use crate::{
    graph::{CaseOrder as By, View},
    store::Known,
};

use super::{
    agency::Agency,
    ask::{Ask, ask},
    clue::Clue,
    connection::connection,
    credit_record::CreditRecord,
    error::Result,
    evidence::Evidence,
    node::{self, NodeKind},
    scalars::{Date, api_enum},
    warning::Warning,
};

pub use event::{CaseEvent, PublicAnswer};
pub(super) use input::{digests, words};
pub use leading::LeadingGroup;
pub use mutations::CaseMutation;
pub use part::{Objection, Rectification, Repair, SupervisionOrder};
pub use reminder::Reminder;
pub use rule::{DeadlineRule, PublicityRule};
pub use sanction::{Measure, Sanction, SanctionConnection, SanctionOrderField, SanctionStatus};

/// Events that one look at a case tells.
pub(super) const EVENTS_MAX: u32 = 200;

api_enum! {
    /// 办件的排序字段。 / What cases can be ordered by.
    CaseOrderField = By {
        /// 开始日期。 / When it began.
        OpenedOn,
        /// 办理期限。 / The day by which the next step is due.
        DueOn,
    }
}

api_enum! {
    /// 核实结论。 / What verification found.
    Finding = casework::Finding {
        /// 属实。 / It is so.
        Founded,
        /// 不属实。 / It is not.
        Unfounded,
    }
}

/// 办件：一件线索、记录或监督事项从开始到办结。 / A case: a lead, a record or a matter of oversight from beginning to end.
#[derive(Clone)]
pub struct Case {
    view: Arc<View>,
    known: Arc<Known<casework::Case>>,
}

connection!(CaseConnection, CaseEdge, Case, "办件", "cases");

/// The rule of a period of a case.
fn rule_of(
    ask: &Ask,
    view: &View,
    case: &casework::Case,
    running: &casework::Running,
) -> Option<DeadlineRule> {
    let casework = ask.app.casework();
    let rule = casework.deadline_rule(view.present(), case, running);
    rule.map(Into::into)
}

impl Case {
    pub(super) fn at(view: &Arc<View>, row: u32) -> Option<Self> {
        view.case_at(row).map(|known| Self {
            view: Arc::clone(view),
            known: Arc::clone(known),
        })
    }

    /// The case with this number, if the viewer may see it.
    pub(super) fn by_number(view: &Arc<View>, id: i64) -> Option<Self> {
        Self::at(view, view.case_row(id)?)
    }

    /// The cases in these rows that the viewer may see, each as it stood on the day of which is told.
    pub(super) async fn told(
        ctx: &Context<'_>,
        view: &Arc<View>,
        rows: impl IntoIterator<Item = u32>,
    ) -> Result<Vec<(u32, Self)>> {
        let rows = rows.into_iter();
        let seen = rows.filter_map(|row| Some((row, Self::at(view, row)?)));
        let mut seen: Vec<(u32, Self)> = seen.collect();
        if let Some(day) = view.past_day() {
            let cases = seen.iter().map(|(_, case)| case.known.as_ref());
            let mut then = ask(ctx).cases_on(day, cases).await?;
            seen.retain_mut(|(_, case)| {
                let Known {
                    id,
                    row_id,
                    version,
                    ..
                } = *case.known;
                // What can't be told as of the day is not told as of today.
                let Some(fact) = then.remove(&id) else {
                    return false;
                };
                // Before its record stood it was its lead's, and is for whom that is for.
                let lead = fact.about.clue;
                let was_lead = fact.about.record.is_none() && case.fact().about.record.is_some();
                let is_seen = lead.is_some_and(|clue| view.clue_row(clue).is_some());
                case.known = Arc::new(Known {
                    id,
                    row_id,
                    version,
                    fact,
                });
                !was_lead || is_seen
            });
        }
        Ok(seen)
    }

    /// The case in this row, as [`Self::told`].
    pub(super) async fn told_at(
        ctx: &Context<'_>,
        view: &Arc<View>,
        row: Option<u32>,
    ) -> Result<Option<Self>> {
        let told = Self::told(ctx, view, row).await?;
        Ok(told.into_iter().next().map(|(_, case)| case))
    }

    pub(super) fn is_under_objection(&self) -> bool {
        self.fact().is_under_objection()
    }

    pub(super) fn all_repairs(&self) -> Vec<Repair> {
        Repair::all(&self.view, &self.known)
    }

    pub(super) fn all_objections(&self) -> Vec<Objection> {
        Objection::all(&self.view, &self.known)
    }

    fn fact(&self) -> &casework::Case {
        &self.known.fact
    }

    /// The number of the event from which on the viewer is told in which words things were done: to who may not see the
    /// lead that by which the record stands.
    fn told_since(&self) -> u32 {
        let lead = self.fact().about.clue;
        let sees_lead = lead.is_none_or(|lead| self.view.clue_row(lead).is_some());
        let record = self.fact().record.as_ref().filter(|_| !sees_lead);
        record.map_or(0, |record| record.since)
    }
}

/// 办件：一件线索、记录或监督事项从开始到办结。 / A case: a lead, a record or a matter of oversight from beginning to end.
#[Object(serial)]
impl Case {
    /// 全局 id。 / Global id.
    pub(super) async fn id(&self, ctx: &Context<'_>) -> ID {
        node::id(ask(ctx), NodeKind::Case, self.known.id)
    }

    /// 版本号，即已有事件数。 / Its version: how many events it has.
    async fn version(&self) -> i32 {
        i32::try_from(self.fact().events).unwrap_or(i32::MAX)
    }

    /// 流程。 / Its track.
    async fn workflow(&self) -> &str {
        &self.fact().workflow
    }

    /// 流程版本。 / The track's version.
    async fn workflow_version(&self) -> &str {
        &self.fact().workflow_version
    }

    /// 所处环节。 / Where it stands.
    async fn stage(&self) -> &str {
        &self.fact().stage
    }

    /// 环节名称。 / What that stage is called.
    async fn stage_title(&self, ctx: &Context<'_>) -> String {
        let fact = self.fact();
        let casework = &ask(ctx).app.catalogue.casework;
        let workflow = casework.workflow(&fact.workflow, &fact.workflow_version);
        let stage = workflow.and_then(|workflow| workflow.stage(&fact.stage));
        stage.map_or_else(|| fact.stage.clone(), |stage| stage.title.clone())
    }

    /// 是否未办结。 / Whether it is not over.
    async fn open(&self) -> bool {
        !self.view.present().is_final(self.fact())
    }

    /// 现在可办的步骤，不论由谁。 / What may be done next, whoever does it.
    async fn next_acts(&self, ctx: &Context<'_>) -> Vec<String> {
        let fact = self.fact();
        let casework = &ask(ctx).app.catalogue.casework;
        let workflow = casework.workflow(&fact.workflow, &fact.workflow_version);
        let acts = workflow
            .iter()
            .flat_map(|workflow| workflow.acts_in(&fact.stage));
        acts.map(|step| step.act.as_str().to_owned()).collect()
    }

    /// 开始日期。 / When it began.
    async fn opened_on(&self) -> Date {
        Date(self.fact().opened_on)
    }

    /// 所涉单位中可见者。 / Those of the bodies that it is about that may be seen.
    async fn agencies(&self) -> Vec<Agency> {
        let rows = self.view.case_agencies(self.fact()).into_iter();
        rows.filter_map(|row| Agency::at(&self.view, row)).collect()
    }

    /// 承办单位。 / The body that has it in hand.
    async fn handler(&self) -> Option<Agency> {
        Agency::by_id(&self.view, self.fact().handler?)
    }

    /// 线索。 / The lead.
    async fn clue(&self) -> Option<Clue> {
        let row = self.view.clue_row(self.fact().about.clue?)?;
        Clue::at(&self.view, row)
    }

    /// 失信记录；监督事项为所由提出的记录。 / The record; of a matter of oversight the one that gave occasion to it.
    async fn record(&self) -> Option<CreditRecord> {
        let row = match self.fact().about.regarding {
            Some(Regarding::Record(id)) => self.view.record_row(id),
            _ => self.view.record_row_of(self.fact()),
        };
        CreditRecord::at(&self.view, row?)
    }

    /// 监督事项所由提出的预警。 / The warning that gave occasion to a matter of oversight.
    async fn warning(&self) -> Option<Warning> {
        match self.fact().about.regarding? {
            Regarding::Warning(id) => Warning::by_number(&self.view, id),
            Regarding::Record(_) => None,
        }
    }

    /// 本步办理期限。 / The day by which the next step is due.
    async fn due_on(&self) -> Option<Date> {
        self.fact().running.as_ref().map(|running| Date(running.on))
    }

    /// 期限是否因当年节假日安排未公布而暂定。 / Whether that day was reckoned without the year's calendar of holidays.
    async fn due_is_provisional(&self) -> bool {
        let running = self.fact().running.as_ref();
        running.is_some_and(|running| running.is_provisional)
    }

    /// 期限规则。 / The rule of that period.
    async fn deadline(&self) -> Option<&str> {
        self.fact()
            .running
            .as_ref()
            .map(|running| running.rule.as_str())
    }

    /// 期限规则全文；由经办人自定期限的为 null。 / That rule itself; null where somebody set the day.
    async fn deadline_rule(&self, ctx: &Context<'_>) -> Option<DeadlineRule> {
        let running = self.fact().running.as_ref()?;
        rule_of(ask(ctx), &self.view, self.fact(), running)
    }

    /// 催办与升级，自先至后。 / Reminders, and words to superiors, the oldest first.
    async fn reminders(&self) -> Vec<Reminder> {
        Reminder::all(&self.view, self.fact())
    }

    /// 是否有期限已过，异议与修复的期限在内；暂定期限不算。 / Whether a period is over, those of objections and repairs among them; by a provisional day nothing is.
    async fn overdue(&self) -> bool {
        self.fact().is_overdue(self.view.day())
    }

    /// 核实结论。 / What verification found.
    async fn finding(&self) -> Option<Finding> {
        self.fact().finding.map(Into::into)
    }

    /// 整改任务。 / Tasks of rectification.
    async fn rectifications(&self) -> Vec<Rectification> {
        let tasks = self.fact().tasks.iter();
        tasks
            .map(|task| Rectification::of(&self.view, task, self.told_since()))
            .collect()
    }

    /// 督办书。 / Supervision orders.
    async fn orders(&self) -> Vec<SupervisionOrder> {
        let orders = self.fact().orders.iter();
        orders
            .map(|order| SupervisionOrder::of(&self.view, order))
            .collect()
    }

    /// 惩戒。 / Measures.
    async fn sanctions(&self) -> Vec<Sanction> {
        let sanctions = self.fact().sanctions.iter();
        let rows = sanctions.filter_map(|sanction| self.view.sanction_row(sanction.id));
        rows.filter_map(|row| Sanction::at(&self.view, row))
            .collect()
    }

    /// 修复申请。 / Applications for repair.
    async fn repairs(&self) -> Vec<Repair> {
        self.all_repairs()
    }

    /// 异议。 / Objections.
    async fn objections(&self) -> Vec<Objection> {
        self.all_objections()
    }

    /// 对该事项负责的部门。 / The bodies that are competent for it, as list and division say.
    async fn competent(&self, ctx: &Context<'_>) -> Vec<Agency> {
        let ask = ask(ctx);
        let view = &self.view;
        let item = self
            .fact()
            .record
            .as_ref()
            .map(|record| (record.item.as_str(), record.identified_on));
        let bodies = view.case_agencies(self.fact());
        let subject = bodies.first().and_then(|row| view.agency_at(*row));
        let competent = subject.map(|subject| {
            let casework = ask.app.casework();
            casework.competent(view.present(), &subject.fact, item)
        });
        let ids = competent.into_iter().flatten();
        ids.filter_map(|id| Agency::by_id(view, id)).collect()
    }

    /// 经过，自先至后，至多 200 件；after 为其后的事件号。 / What happened, oldest first, at most 200; after names the event behind which to go on.
    async fn events(&self, ctx: &Context<'_>, after: Option<i32>) -> Result<Vec<CaseEvent>> {
        let after = u32::try_from(after.unwrap_or(0)).unwrap_or(0);
        // Of an earlier case that is told which it had come to.
        let last = self.fact().events.min(after.saturating_add(EVENTS_MAX));
        let events = ask(ctx).events_of(self.known.id, after, last).await?;
        let bodies = self.view.case_agencies(self.fact()).into_iter();
        let bodies = bodies.filter_map(|row| Some(self.view.agency_at(row)?.id));
        let (about, events) = (bodies.collect(), events.into_iter());
        let since = self.told_since();
        let told = |event: casework::Event| {
            let is_of_lead = event.number < since;
            CaseEvent::of(&self.view, event, &about, is_of_lead)
        };
        Ok(events.map(told).collect())
    }

    /// 向社会公开的答复：记录公示期间，流程所定公开的步骤的说明，自先至后，限前 200 件事之内。 / Answers to the public: while the record is published, the words of the steps that the track makes public, oldest first, of the first 200 events.
    async fn answers(&self, ctx: &Context<'_>) -> Result<Vec<PublicAnswer>> {
        let fact = self.fact();
        let casework = &ask(ctx).app.catalogue.casework;
        let workflow = casework.workflow(&fact.workflow, &fact.workflow_version);
        let workflow = workflow.filter(|workflow| workflow.steps.iter().any(|step| step.is_public));
        let Some(workflow) = workflow.filter(|_| self.view.is_published(fact)) else {
            return Ok(Vec::new());
        };
        let last = fact.events.min(EVENTS_MAX);
        let events = ask(ctx).events_of(self.known.id, 0, last).await?;
        let mut stage = workflow.first().to_owned();
        let mut answers = Vec::new();
        for event in events {
            let step = workflow.step(event.act, &stage);
            let is_public = step.is_some_and(|step| step.is_public);
            if let Some(next) = &event.stage {
                stage.clone_from(next);
            }
            answers.extend(PublicAnswer::of(event).filter(|_| is_public));
        }
        Ok(answers)
    }

    /// 附件。 / What was attached.
    async fn evidence(&self, ctx: &Context<'_>) -> Result<Vec<Evidence>> {
        let mut evidence = Evidence::of_row(ask(ctx), &self.view, self.known.id).await?;
        if let Some(day) = self.view.past_day() {
            evidence.retain(|attached| attached.was_there_on(day));
        }
        Ok(evidence)
    }
}
