//! How a record ends: withdrawn, by its term, or by its source's word, which may come back.

use super::{
    super::{SanctionStatus, What},
    Refused, Step,
};
use crate::credit_record::CreditRecordStatus;

impl Step<'_> {
    pub(super) fn withdraw(&mut self) -> Result<(), Refused> {
        self.live()?;
        self.what.push(What::Ended {
            status: CreditRecordStatus::Withdrawn,
            ground: "WITHDRAWN".to_owned(),
        });
        Ok(())
    }

    /// At the maximum it ends by itself, but for what is still uncorrected ([`Case::outlasts_its_term`]). So do
    /// sanctions at theirs.
    pub(super) fn expire(&mut self) -> Result<(), Refused> {
        let on = self.clerk.on;
        let record = self.live().ok().filter(|record| !record.is_mirrored);
        let last = record.and_then(|record| record.shown.maximum);
        let is_over = last.is_some_and(|last| last < on);
        if is_over && !self.case.outlasts_its_term() {
            self.what.push(What::Ended {
                status: CreditRecordStatus::Expired,
                ground: "TERM".to_owned(),
            });
            return Ok(());
        }
        // An incentive is all that its case is about.
        self.stays = self.case.record.is_some();
        let over = self
            .case
            .sanctions_over(on)
            .map(|sanction| What::SanctionMoved {
                sanction: sanction.id,
                status: SanctionStatus::Expired,
                by_objection: false,
            });
        let over: Vec<What> = over.collect();
        match (over.is_empty(), is_over) {
            (false, _) => {
                self.what.extend(over);
                Ok(())
            }
            (true, true) => {
                let message =
                    "整改尚未验收，期满不自动终止 / what is uncorrected does not end by time";
                Err(Refused::new("UNCORRECTED", message))
            }
            (true, false) => Err(Refused::new("TOO_EARLY", "期限未届满 / no term is over")),
        }
    }

    /// What its source ended ends here, with all that hung on it.
    pub(super) fn close(&mut self) -> Result<(), Refused> {
        if let Some(status) = self.facts.record_ended.filter(|_| self.case.is_live()) {
            self.what.push(What::Ended {
                status,
                ground: "SOURCE".to_owned(),
            });
        }
        Ok(())
    }

    /// What its source lists again holds again.
    pub(super) fn relist(&mut self) -> Result<(), Refused> {
        let record = self.case.record.as_ref();
        let was = record.is_some_and(|record| record.status == CreditRecordStatus::Delisted);
        if !was || self.facts.record_ended.is_some() {
            let message = "来源未重新列入 / its source does not list it again";
            return Err(Refused::new("NOT_LISTED", message));
        }
        let is_public = record.is_some_and(|record| record.shown.is_public);
        self.what.push(What::Revived);
        if is_public {
            // Its end took it from the public.
            self.what.push(What::Published);
        }
        Ok(())
    }
}
