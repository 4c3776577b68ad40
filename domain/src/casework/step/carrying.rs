//! A deed is carried out.

use super::{
    super::{Act, Deed, What},
    Refused, Step,
};

impl Step<'_> {
    pub(super) fn carry_out(&mut self) -> Result<(), Refused> {
        match &self.command.deed {
            Deed::Plain(act) => self.plain(*act),
            Deed::Transfer { to } => {
                self.what.push(What::Handed { to: *to });
                Ok(())
            }
            Deed::Extend { part } => self.extend(*part),
            Deed::Find { finding } => {
                self.what.push(What::Found { finding: *finding });
                Ok(())
            }
            Deed::AskRectification {
                owner,
                title,
                due_on,
            } => self.set_task(*owner, title, *due_on),
            Deed::Task { act, task } => self.task(*act, *task),
            Deed::ReturnRectification { task, is_refused } => self.return_task(*task, *is_refused),
            Deed::IssueOrder { due_on } => self.issue_order(*due_on),
            Deed::AnswerOrder { order } => self.answer_order(*order),
            Deed::Matter { act, due_on, .. } => self.matter(*act, *due_on),
            Deed::Confirm(confirmation) => self.confirm(confirmation),
            Deed::Grade { tier } => self.grade(*tier),
            Deed::Sanction {
                act,
                measure,
                starts_on,
                ends_on,
            } => self.sanction(*act, measure, (*starts_on, *ends_on)),
            Deed::SanctionMove { act, sanction } => self.move_sanction(*act, *sanction),
            Deed::ApplyRepair { commitment } => self.apply_repair(commitment.as_deref()),
            Deed::Repair { act, repair } => self.decide_repair(*act, *repair),
            Deed::Objection { act, objection } => self.decide_objection(*act, *objection),
        }
    }

    fn plain(&mut self, act: Act) -> Result<(), Refused> {
        match act {
            Act::Publish => self.publish(),
            Act::FileObjection => self.file_objection(),
            Act::Withdraw => self.withdraw(),
            Act::Expire => self.expire(),
            Act::EndIncentive => self.end_incentive(),
            Act::Close => self.close(),
            Act::Relist => self.relist(),
            _ => Ok(()),
        }
    }
}
