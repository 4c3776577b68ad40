//! What casework has said stands in whatever a source tells.

use super::Case;
use crate::{
    clue::{Clue, ClueStage},
    credit_record::{CreditRecord, CreditRecordStatus},
};

impl Case {
    /// What casework has said of a lead stands in whatever its source tells of it.
    pub fn write_clue(&self, clue: &mut Clue) {
        // The stages of a record go on where those of leads end.
        let stage = self.stage.parse();
        clue.stage = stage.unwrap_or(match self.record {
            Some(_) => ClueStage::Confirmed,
            None => clue.stage,
        });
        // Until it is verified, the day that its source promised stands where casework counts none.
        let waits = matches!(clue.stage, ClueStage::Received | ClueStage::Transferred);
        let running = self.running.as_ref().map(|running| running.on);
        clue.due_on = running.or(self.promised_on.filter(|_| waits));
        clue.due_is_provisional = self
            .running
            .as_ref()
            .is_some_and(|running| running.is_provisional);
    }

    /// The same of a record. What its source ended stays ended.
    pub fn write_record(&self, record: &mut CreditRecord) {
        record.under_objection = self.is_under_objection();
        record.corrected_on = self.corrected_on();
        let Some(said) = &self.record else { return };
        record.tier = said.tier;
        record.is_withheld = said.published_on.is_none();
        // A repair that was revoked: no source says these words.
        let was_ours = matches!(
            record.status,
            CreditRecordStatus::Repaired
                | CreditRecordStatus::Expired
                | CreditRecordStatus::Withdrawn
        );
        if said.status == CreditRecordStatus::Active && was_ours {
            record.status = CreditRecordStatus::Active;
            record.ended_on = None;
            record.end_ground = None;
        }
        // That its source lists it no longer is the source's own word, which it may take back.
        let is_ours = !matches!(
            said.status,
            CreditRecordStatus::Active | CreditRecordStatus::Delisted
        );
        if is_ours {
            record.status = said.status;
            record.ended_on = said.ended_on;
            record.end_ground = said.end_ground.clone();
        }
        record.public_until = match record.status {
            CreditRecordStatus::Active => said.published_on.and(said.shown.maximum),
            _ => None,
        };
    }
}
