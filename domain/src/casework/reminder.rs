//! Who is reminded of what is due, and whose superior is told that it is late.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Act, Beside, Case, Party, Running};

/// What is due by a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DueKind {
    /// 办理期限：the case's own.
    Period,
    /// 异议
    Objection,
    /// 信用修复
    Repair,
    /// 整改任务
    Task,
    /// 督办书
    Order,
    /// 监督事项
    Matter,
}

crate::text_enum!(DueKind {
    Period => "PERIOD",
    Objection => "OBJECTION",
    Repair => "REPAIR",
    Task => "TASK",
    Order => "ORDER",
    Matter => "MATTER",
});
crate::text_serde!(DueKind);

/// Something that is owed by a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owed<'a> {
    /// What it is.
    pub of: DueKind,
    /// Its number in the case, where there are several.
    pub number: i64,
    /// The rule of a period that is counted.
    pub(super) rule: Option<&'a str>,
    /// The day before its first.
    pub since: NaiveDate,
    /// Its last day.
    pub due_on: NaiveDate,
    /// Whether that day may still move: of it nobody is reminded, and by it nobody is late.
    pub is_provisional: bool,
    /// The body that owes it, where it has one of its own.
    pub(super) owner: Option<i64>,
}

/// A reminder that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reminder {
    /// Of what.
    pub of: DueKind,
    /// Its number in the case, where there are several.
    pub number: i64,
    /// The day before its first.
    pub since: NaiveDate,
    /// Its last day.
    pub due_on: NaiveDate,
    /// How many days after that it belongs to, in the rule's unit; before it below 0.
    pub days: i32,
    /// 0 before anybody is told that another is late, 1 for the superior of who is, 2 for that one's, and so on.
    pub level: u32,
    /// As what somebody is told beside who owes it, as it begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beside: Option<Beside>,
    /// When it was made.
    pub on: NaiveDate,
    /// The body that owes it; none where it is nobody's in particular.
    pub owed_by: Option<i64>,
    /// The body that is told.
    pub to: Option<i64>,
}

/// A reminder that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToRemind<'a> {
    /// What it will be, but for bodies that the case does not name.
    pub reminder: Reminder,
    /// Who owes it: the first of these that the case has.
    pub owed_by: &'a [Party],
    /// What the rule rests on.
    pub basis: &'a str,
}

impl Reminder {
    /// The act by which it is made.
    pub fn act(&self) -> Act {
        match self.level {
            0 => Act::Remind,
            _ => Act::Escalate,
        }
    }

    /// Whether it is about this.
    pub(super) fn is_of(&self, owed: &Owed<'_>) -> bool {
        let is_same = self.of == owed.of && self.number == owed.number;
        is_same && self.since == owed.since && self.due_on == owed.due_on
    }
}

impl Case {
    /// What is owed: periods that run, tasks that were not handed in, orders without an answer.
    pub fn owed(&self) -> impl Iterator<Item = Owed<'_>> {
        let own = self.running.as_ref().map(|running| {
            let of = match running.rule.parse::<Act>() {
                Ok(Act::OpenMatter | Act::PressMatter) => DueKind::Matter,
                _ => DueKind::Period,
            };
            (of, 0, running)
        });
        let is_objection = |id: i64| self.objections.iter().any(|one| one.id == id);
        let parts = self.part_periods().map(move |(id, running)| {
            let of = match is_objection(id) {
                true => DueKind::Objection,
                false => DueKind::Repair,
            };
            (of, id, running)
        });
        let periods = own.into_iter().chain(parts);
        let periods = periods.map(|(of, number, running)| Owed::period(of, number, running));
        let tasks = self.tasks.iter();
        let tasks =
            tasks.filter(|task| task.submitted_on.is_none() && task.is_owed() && !task.is_refused);
        let tasks = tasks.map(|task| Owed {
            of: DueKind::Task,
            number: i64::from(task.number),
            rule: None,
            since: task.set_on,
            due_on: task.due_on,
            is_provisional: false,
            owner: Some(task.owner),
        });
        let orders = self
            .orders
            .iter()
            .filter(|order| order.answered_on.is_none());
        let orders = orders.map(|order| Owed {
            of: DueKind::Order,
            number: i64::from(order.number),
            rule: None,
            since: order.issued_on,
            due_on: order.due_on,
            is_provisional: false,
            owner: None,
        });
        periods.chain(tasks).chain(orders)
    }

    /// The reminders of what is still owed.
    pub fn standing_reminders(&self) -> impl Iterator<Item = &Reminder> {
        let owed: Vec<Owed<'_>> = self.owed().collect();
        let reminders = self.reminders.iter();
        reminders.filter(move |reminder| owed.iter().any(|owed| reminder.is_of(owed)))
    }
}

impl<'a> Owed<'a> {
    fn period(of: DueKind, number: i64, running: &'a Running) -> Self {
        Self {
            of,
            number,
            rule: Some(&running.rule),
            since: running.since,
            due_on: running.on,
            is_provisional: running.is_provisional,
            owner: None,
        }
    }
}
