//! What a step can't do without.

use super::{
    super::{Finding, Need},
    Refused, Step,
};

impl Step<'_> {
    pub(super) fn meets_needs(&self) -> Result<(), Refused> {
        for need in &self.rule.needs {
            let command = self.command;
            let (is_met, code, message) = match need {
                Need::Basis => (
                    command.basis.is_some(),
                    "NEEDS_BASIS",
                    "须写明依据 / a basis is needed",
                ),
                Need::Note => (
                    command.note.is_some(),
                    "NEEDS_NOTE",
                    "须作说明 / a note is needed",
                ),
                Need::Evidence => (
                    !command.evidence.is_empty(),
                    "NEEDS_EVIDENCE",
                    "须附证据 / evidence is needed",
                ),
                Need::Founded => (
                    self.case.finding == Some(Finding::Founded),
                    "NOT_FOUNDED",
                    "尚未核实属实 / it was not found to be so",
                ),
                Need::Unfounded => (
                    self.case.finding == Some(Finding::Unfounded),
                    "NOT_UNFOUNDED",
                    "尚未核实为不属实 / it was not found unfounded",
                ),
                Need::Refusal => (
                    self.case.is_refused(self.facts.body),
                    "NOT_REFUSED",
                    "未拒不整改 / rectification was not refused",
                ),
                Need::Silence => (
                    self.case.is_silent(self.clerk.on),
                    "TOO_EARLY",
                    "办理期限或督办书的答复期限未过 / the period, or that of the order, is not over",
                ),
            };
            if !is_met {
                return Err(Refused::new(code, message).by(&self.rule.legal_basis));
            }
        }
        Ok(())
    }
}
