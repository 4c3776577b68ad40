//! Rectification, 督办书 and matters of oversight: what somebody owes by a day.

use chrono::NaiveDate;

use super::{
    super::{Act, Order, Running, Task, What},
    Refused, Step,
};
use crate::privacy::mask_numbers;

impl Step<'_> {
    pub(super) fn set_task(
        &mut self,
        owner: i64,
        title: &str,
        due_on: NaiveDate,
    ) -> Result<(), Refused> {
        self.is_ahead(due_on)?;
        let number = self.case.tasks.len() as u32 + 1;
        self.what.push(What::TaskSet(Task {
            number,
            owner,
            title: mask_numbers(title).into_owned(),
            set_on: self.clerk.on,
            since: self.case.events + 1,
            due_on,
            submitted_on: None,
            accepted_on: None,
            accepted_by: 0,
            is_refused: false,
        }));
        Ok(())
    }

    pub(super) fn task(&mut self, act: Act, task: u32) -> Result<(), Refused> {
        let known = self.open_task(task)?;
        let what = match act {
            Act::ReportProgress => What::TaskProgress { task },
            Act::SubmitRectification => What::TaskSubmitted { task },
            _ if known.submitted_on.is_none() => {
                let message = "整改尚未提交 / the task was not handed in";
                return Err(Refused::new("NOT_SUBMITTED", message));
            }
            _ => What::TaskAccepted { task },
        };
        // Rectified is who owes nothing more.
        let owes = |other: &Task| other.number != task && other.is_owed();
        if act == Act::AcceptRectification && self.case.tasks.iter().any(owes) {
            self.stays = true;
        }
        self.what.push(what);
        Ok(())
    }

    pub(super) fn return_task(&mut self, task: u32, is_refused: bool) -> Result<(), Refused> {
        let known = self.open_task(task)?;
        if is_refused && known.submitted_on.is_none() && known.due_on >= self.clerk.on {
            let message = format!(
                "整改期限 {} 未过，不能认定拒不整改 / the task is due on {}",
                known.due_on, known.due_on
            );
            return Err(Refused::new("TOO_EARLY", message).by(&self.rule.legal_basis));
        }
        self.what.push(What::TaskReturned { task, is_refused });
        Ok(())
    }

    fn open_task(&self, number: u32) -> Result<Task, Refused> {
        let mut tasks = self.case.tasks.iter();
        let task = tasks.find(|task| task.number == number);
        let task = task.ok_or_else(|| {
            Refused::new(
                "NO_TASK",
                format!("没有第 {number} 项整改 / there is no task {number}"),
            )
        })?;
        if task.accepted_on.is_some() {
            let message = "该项整改已验收 / the task was accepted before";
            return Err(Refused::new("ACCEPTED_BEFORE", message));
        }
        Ok(task.clone())
    }

    pub(super) fn issue_order(&mut self, due_on: NaiveDate) -> Result<(), Refused> {
        self.is_ahead(due_on)?;
        // 督办书 follows silence: 条例 Article 25 has the period run out first.
        let running = self.case.running.as_ref();
        if let Some(running) = running.filter(|running| !running.is_over(self.clerk.on)) {
            let message = format!(
                "办理期限 {} 未过 / the running period ends on {}",
                running.on, running.on
            );
            return Err(Refused::new("TOO_EARLY", message).by(&self.rule.legal_basis));
        }
        self.what.push(What::OrderIssued(Order {
            number: self.case.orders.len() as u32 + 1,
            issued_on: self.clerk.on,
            due_on,
            answered_on: None,
        }));
        Ok(())
    }

    pub(super) fn answer_order(&mut self, order: u32) -> Result<(), Refused> {
        let mut orders = self.case.orders.iter();
        let known = orders.find(|known| known.number == order);
        match known {
            Some(known) if known.answered_on.is_none() => {
                self.what.push(What::OrderAnswered { order });
                Ok(())
            }
            Some(_) => {
                let message = "该督办书已答复 / the order was answered before";
                Err(Refused::new("ANSWERED_BEFORE", message))
            }
            None => {
                let message = format!("没有第 {order} 号督办书 / there is no order {order}");
                Err(Refused::new("NO_ORDER", message))
            }
        }
    }

    /// A matter is opened, or pressed on, with a day of its own.
    pub(super) fn matter(&mut self, act: Act, due_on: NaiveDate) -> Result<(), Refused> {
        self.is_ahead(due_on)?;
        self.what.push(What::Runs(Running {
            rule: act.as_str().to_owned(),
            since: self.clerk.on,
            on: due_on,
            is_provisional: false,
            is_extended: false,
        }));
        Ok(())
    }

    fn is_ahead(&self, due_on: NaiveDate) -> Result<(), Refused> {
        if due_on < self.clerk.on {
            let message = format!("期限 {due_on} 已过 / {due_on} is over");
            return Err(Refused::new("PAST_DAY", message));
        }
        Ok(())
    }
}
