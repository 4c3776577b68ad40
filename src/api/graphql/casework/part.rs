use std::sync::Arc;

use async_graphql::{Context, ID, Object, SimpleObject};
use domain::casework;

use crate::{graph::View, store::Known};

use super::{
    super::{
        agency::Agency,
        ask::ask,
        credit_record::CreditRecord,
        node::{self, NodeKind},
        scalars::{Date, api_enum},
    },
    rule::DeadlineRule,
    rule_of,
};

api_enum! {
    /// 修复申请的状态。 / Where an application for repair stands.
    RepairState = casework::RepairState {
        /// 已申请。 / Applied for.
        Applied,
        /// 准予。 / Granted.
        Accepted,
        /// 不予。 / Refused.
        Refused,
        /// 撤销。 / Revoked.
        Revoked,
    }
}

api_enum! {
    /// 异议的状态。 / Where an objection stands.
    ObjectionState = casework::ObjectionState {
        /// 已提出。 / Filed.
        Filed,
        /// 成立。 / Upheld.
        Upheld,
        /// 不成立。 / Dismissed.
        Dismissed,
        /// 撤回。 / Withdrawn.
        Withdrawn,
    }
}

/// A part of a case that is told under an id of its own.
macro_rules! part {
    ($name:ident, $list:ident, $kind:ident, $state:ident, $began:ident, $doc:literal, $when:literal, { $($more:tt)* }) => {
        #[doc = $doc]
        pub struct $name {
            view: Arc<View>,
            case: Arc<Known<casework::Case>>,
            at: usize,
        }

        impl $name {
            /// All of a case.
            pub(in super::super) fn all(
                view: &Arc<View>,
                case: &Arc<Known<casework::Case>>,
            ) -> Vec<Self> {
                let part = |at| Self {
                    view: Arc::clone(view),
                    case: Arc::clone(case),
                    at,
                };
                (0..case.fact.$list.len()).map(part).collect()
            }

            /// The one with this number, if the viewer may see its case.
            pub(in super::super) fn by_number(view: &Arc<View>, id: i64) -> Option<Self> {
                let case = view.case_at(view.case_of_part(id)?)?;
                let at = case.fact.$list.iter().position(|part| part.id == id)?;
                Some(Self {
                    view: Arc::clone(view),
                    case: Arc::clone(case),
                    at,
                })
            }

            /// The case with its number and how many events it has, and this part's version.
            pub(super) fn standing(&self) -> (i64, i64, i64) {
                let case = &self.case;
                (case.id, i64::from(case.fact.events), self.fact().version)
            }

            /// The period in which it is decided, while it waits.
            fn running(&self) -> Option<&casework::Running> {
                let mut periods = self.case.fact.part_periods();
                let own = periods.find(|(id, _)| *id == self.fact().id);
                own.map(|(_, running)| running)
            }

            fn fact(&self) -> &casework::$name {
                &self.case.fact.$list[self.at]
            }
        }

        #[doc = $doc]
        #[Object(serial)]
        impl $name {
            /// 全局 id。 / Global id.
            pub(in super::super) async fn id(&self, ctx: &Context<'_>) -> ID {
                node::id(ask(ctx), NodeKind::$name, self.fact().id)
            }

            /// 版本号，自 1 起。 / Its version, from 1.
            async fn version(&self) -> i32 {
                i32::try_from(self.fact().version).unwrap_or(i32::MAX)
            }

            /// 所涉记录。 / The record that it is about.
            async fn record(&self) -> Option<CreditRecord> {
                let row = self.view.record_row_of(&self.case.fact)?;
                CreditRecord::at(&self.view, row)
            }

            /// 状态。 / Where it stands.
            async fn state(&self) -> $state {
                self.fact().state.into()
            }

            #[doc = $when]
            async fn $began(&self) -> Date {
                Date(self.fact().$began)
            }

            /// 决定日期。 / When it was decided on.
            async fn decided_on(&self) -> Option<Date> {
                self.fact().decided_on.map(Date)
            }

            /// 决定期限；已决定的为 null。 / The day by which it is to be decided on; null once it is.
            async fn due_on(&self) -> Option<Date> {
                self.running().map(|running| Date(running.on))
            }

            /// 期限是否因当年节假日安排未公布而暂定。 / Whether that day was reckoned without the year's calendar of holidays.
            async fn due_is_provisional(&self) -> bool {
                self.running().is_some_and(|running| running.is_provisional)
            }

            /// 是否逾期；暂定期限不算。 / Whether it is overdue; by a provisional day nothing is.
            async fn overdue(&self) -> bool {
                let day = self.view.day();
                self.running().is_some_and(|running| running.is_over(day))
            }

            /// 期限规则。 / The rule of that period.
            async fn deadline_rule(&self, ctx: &Context<'_>) -> Option<DeadlineRule> {
                rule_of(ask(ctx), &self.view, &self.case.fact, self.running()?)
            }

            $($more)*
        }
    };
}

part!(
    Repair,
    repairs,
    Repair,
    RepairState,
    applied_on,
    "信用修复申请。 / An application for repair.",
    "申请日期。 / When it was applied for.",
    {
        /// 公开信用承诺书的 SHA-256。 / SHA-256 of the public commitment.
        async fn commitment(&self) -> Option<&str> {
            self.fact().commitment.as_deref()
        }
    }
);
part!(
    Objection,
    objections,
    Objection,
    ObjectionState,
    filed_on,
    "异议。 / An objection.",
    "提出日期。 / When it was filed.",
    {}
);

/// 整改任务。 / A task of rectification.
#[derive(SimpleObject)]
pub struct Rectification {
    /// 序号，自 1 起。 / Its number, from 1.
    number: i32,
    /// 责任单位。 / The body that owes it.
    owner: Option<Agency>,
    /// 任务；记录成立之前所定的，对不能查看线索者为 null。 / What is to be done; null where it was set before the record stood, to who may not see the lead.
    title: Option<String>,
    /// 期限。 / By when.
    due_on: Date,
    /// 提交日期。 / When it was handed in last.
    submitted_on: Option<Date>,
    /// 验收日期。 / When it was accepted.
    accepted_on: Option<Date>,
    /// 是否拒不整改。 / Whether it was refused.
    refused: bool,
    /// 是否逾期。 / Whether it is overdue.
    overdue: bool,
}

impl Rectification {
    /// As it is told to who is told of a case from an event on.
    pub(super) fn of(view: &Arc<View>, task: &casework::Task, since: u32) -> Self {
        Self {
            number: i32::try_from(task.number).unwrap_or(i32::MAX),
            owner: Agency::by_id(view, task.owner),
            title: Some(task.title.clone()).filter(|_| task.since >= since),
            due_on: Date(task.due_on),
            submitted_on: task.submitted_on.map(Date),
            accepted_on: task.accepted_on.map(Date),
            refused: task.is_refused,
            overdue: task.is_owed() && task.due_on < view.day(),
        }
    }
}

/// 督办书。 / A supervision order.
#[derive(SimpleObject)]
pub struct SupervisionOrder {
    /// 序号，自 1 起。 / Its number, from 1.
    number: i32,
    /// 发出日期。 / The day of issue.
    issued_on: Date,
    /// 答复期限。 / By when an answer is due.
    due_on: Date,
    /// 答复日期。 / When it was answered.
    answered_on: Option<Date>,
    /// 是否逾期未答复。 / Whether its answer is overdue.
    overdue: bool,
}

impl SupervisionOrder {
    pub(super) fn of(view: &View, order: &casework::Order) -> Self {
        Self {
            number: i32::try_from(order.number).unwrap_or(i32::MAX),
            issued_on: Date(order.issued_on),
            due_on: Date(order.due_on),
            answered_on: order.answered_on.map(Date),
            overdue: order.is_overdue(view.day()),
        }
    }
}
