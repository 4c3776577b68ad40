use std::sync::Arc;

use async_graphql::SimpleObject;
use domain::casework;

use crate::graph::View;

use super::super::{
    agency::Agency,
    scalars::{Date, api_enum},
};

api_enum! {
    /// 到期之事。 / What is due by a day.
    DueKind = casework::DueKind {
        /// 办理期限。 / The case's own period.
        Period,
        /// 异议。 / A decision on an objection.
        Objection,
        /// 信用修复。 / A decision on an application for repair.
        Repair,
        /// 整改任务。 / A task of rectification.
        Task,
        /// 督办书。 / An answer to a supervision order.
        Order,
        /// 监督事项。 / An answer in a matter of oversight.
        Matter,
    }
}

/// 催办或升级：由时间作出，每次只作一次。 / A reminder, or word to the superior of who is late: made by time, each once.
#[derive(SimpleObject)]
pub struct Reminder {
    /// 作出日期。 / When it was made.
    on: Date,
    /// 何事到期。 / What is due.
    of: DueKind,
    /// 任务或督办书的序号；其他为 null。 / The number of the task or the order; null of anything else.
    number: Option<i32>,
    /// 期限。 / Its last day.
    due_on: Date,
    /// 距期限的日数，按期限规则计；期限之前为负。 / Days from the last one, in the rule's unit; below 0 before it.
    days: i32,
    /// 层级：0 为责任单位，或期限起算时一并告知的牵头部门、上级；1 为逾期后其上级，依次类推。 / 0 for who owes it and whom the rule tells as the period begins; once he is late 1 for his superior, and so on.
    level: i32,
    /// 责任单位。 / The body that owes it.
    owed_by: Option<Agency>,
    /// 送达单位；无特定单位为 null。 / The body that is told; null where it is nobody's in particular.
    to: Option<Agency>,
    /// 所催之事是否仍未办。 / Whether what it is about is still owed.
    standing: bool,
}

impl Reminder {
    /// All of a case, the oldest first.
    pub(super) fn all(view: &Arc<View>, case: &casework::Case) -> Vec<Self> {
        let standing: Vec<&casework::Reminder> = case.standing_reminders().collect();
        let is_counted = |of| matches!(of, casework::DueKind::Task | casework::DueKind::Order);
        let agency = |id: Option<i64>| Agency::by_id(view, id?);
        let told = case.reminders.iter().map(|reminder| {
            let number = Some(reminder.number).filter(|_| is_counted(reminder.of));
            Self {
                on: Date(reminder.on),
                of: reminder.of.into(),
                number: number.and_then(|number| i32::try_from(number).ok()),
                due_on: Date(reminder.due_on),
                days: reminder.days,
                level: i32::try_from(reminder.level).unwrap_or(i32::MAX),
                owed_by: agency(reminder.owed_by),
                to: agency(reminder.to),
                standing: standing.contains(&reminder),
            }
        });
        told.collect()
    }
}
