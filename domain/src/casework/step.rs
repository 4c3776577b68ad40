//! From a command to an event, or to the reason why not.

use chrono::NaiveDate;

use super::{
    Act, Actor, Case, Command, Deadlines, Event, Measure, Measures, Party, PublicityRules,
    Sanction, Shown, StepRule, What, Workflow,
};
use crate::{
    calendar::Calendar,
    credit_record::{CreditRecordKind, Tier},
    division::{DivisionCode, DivisionTree},
    privacy::mask_numbers,
};

mod carrying;
mod ending;
mod facts;
mod needs;
mod objection;
mod period;
mod record;
mod reminding;
mod repair;
mod sanction;
mod task;
#[cfg(test)]
mod tests;

pub use facts::{Clerk, Facts, Item, Refused, Told};

/// What the machine goes by.
#[derive(Clone, Copy)]
pub struct Rules<'a> {
    /// The case's track.
    pub workflow: &'a Workflow,
    /// Working days.
    pub calendar: &'a Calendar,
    /// The division tree, for rules of a place.
    pub divisions: &'a DivisionTree,
    /// Periods.
    pub deadlines: &'a Deadlines,
    /// How long records are shown.
    pub publicity: &'a PublicityRules,
    /// Measures.
    pub measures: &'a Measures,
}

/// A command on its way to an event.
struct Step<'a> {
    rules: &'a Rules<'a>,
    case: &'a Case,
    facts: &'a Facts,
    clerk: &'a Clerk,
    rule: &'a StepRule,
    command: &'a Command,
    what: Vec<What>,
    /// Whether the stage stays as it is, whatever the rule says.
    stays: bool,
}

impl Rules<'_> {
    /// The event that a command makes of a case; of one that has no events yet the first.
    pub fn step(
        &self,
        case: &Case,
        facts: &Facts,
        command: &Command,
        clerk: &Clerk,
    ) -> Result<Event, Refused> {
        let act = command.deed.act();
        let is_new = case.events == 0;
        // What a source has established of a lead that is dealt with goes on in the lead's case.
        let established = facts.told.filter(|_| !is_new && case.record.is_none());
        let begins = facts.stage.as_deref().unwrap_or(self.workflow.first());
        let stage = match is_new || established.is_some() {
            true => begins,
            false => &case.stage,
        };
        self.is_for_others(act, case, facts)?;
        // What a source told has its own stage to begin at.
        let rule = self.rule(act, stage, is_new && facts.told.is_none())?;
        let party = rule.by.iter().find(|party| clerk.parties.contains(party));
        let Some(party) = party else {
            return Err(self.wrong_party(rule));
        };
        let mut event = event(act, case.events + 1, clerk, *party, command);
        // Whoever names no basis acts on the step's own.
        event.basis.get_or_insert_with(|| rule.legal_basis.clone());
        let begun;
        let case = if is_new {
            event.stage = Some(stage.to_owned());
            event.what = self.opening(facts);
            begun = Case::replay([&event]);
            &begun
        } else if let Some(told) = established {
            event.stage = Some(stage.to_owned());
            event.what = case.running.iter().map(|_| What::Settled).collect();
            event.what.extend(self.recorded(facts, told));
            begun = case.after(&event);
            &begun
        } else {
            case
        };
        if let Some(refused) = other_opener(case, act, *party, clerk, rule) {
            return Err(refused);
        }
        let mut step = Step {
            rules: self,
            case,
            facts,
            clerk,
            rule,
            command,
            what: Vec::new(),
            stays: false,
        };
        step.meets_needs()?;
        step.carry_out()?;
        step.run_period();
        let moves = rule.to.clone().filter(|_| !step.stays);
        let what = step.what;
        event.what.extend(what);
        event.stage = moves.or(event.stage);
        Ok(event)
    }

    /// What every case begins with.
    fn opening(&self, facts: &Facts) -> Vec<What> {
        let opened = What::Opened {
            workflow: self.workflow.key.clone(),
            version: self.workflow.version.clone(),
            about: facts.about,
            promised_on: facts.promised_on,
        };
        let told = facts.told.map(|told| self.recorded(facts, told));
        [opened]
            .into_iter()
            .chain(told.into_iter().flatten())
            .collect()
    }

    /// What a court lists is objected to, repaired and withdrawn at that court alone, whatever the track.
    fn is_for_others(&self, act: Act, case: &Case, facts: &Facts) -> Result<(), Refused> {
        use Act as A;
        if !matches!(act, A::FileObjection | A::ApplyRepair | A::Withdraw) {
            return Ok(());
        }
        let recorded = case.record.as_ref();
        let recorded = recorded.map(|one| (one.kind, one.tier, one.identified_on));
        let told = facts
            .told
            .map(|told| (told.kind, told.tier, told.identified_on));
        let rule = recorded.or(told).and_then(|(kind, tier, on)| {
            self.publicity
                .rule(kind, tier, on, facts.place, self.divisions)
        });
        let Some(rule) = rule.filter(|rule| rule.is_mirrored) else {
            return Ok(());
        };
        let message = "法院名单的异议、修复与撤销由列入的法院办理 / objections to a court's list, repair and \
                       withdrawal are for the court that listed it";
        Err(Refused::new("ONLY_BY_COURT", message).by(&rule.legal_basis))
    }

    /// The step of an act from a stage. A case begins with an act that says so, or with one from the
    /// first stage.
    fn rule(&self, act: Act, stage: &str, opens: bool) -> Result<&StepRule, Refused> {
        let mut opening = self.workflow.steps_of(act);
        let opening = opening.find(|step| opens && step.from.is_empty());
        if let Some(rule) = opening.or_else(|| self.workflow.step(act, stage)) {
            return Ok(rule);
        }
        let title = self.workflow.stage(stage).map_or(stage, |s| &s.title);
        let may: Vec<&str> = self
            .workflow
            .acts_in(stage)
            .map(|step| step.act.as_str())
            .collect();
        Err(Refused::new(
            "WRONG_STATE",
            format!(
                "{act} 不适用于阶段「{title}」；可办：{} / {act} does not follow {stage}",
                may.join("、")
            ),
        ))
    }

    fn wrong_party(&self, rule: &StepRule) -> Refused {
        let by: Vec<&str> = rule.by.iter().map(|party| party.as_str()).collect();
        let message = format!(
            "{act} 须由 {by} 办理 / {act} is for {by}",
            act = rule.act,
            by = by.join("、"),
        );
        Refused::new("WRONG_BODY", message).by(&rule.legal_basis)
    }

    /// The measure of a sanction in a place.
    pub fn measure_of(&self, sanction: &Sanction, place: Option<DivisionCode>) -> Option<&Measure> {
        let on = sanction.measured_on();
        self.measures
            .rule(&sanction.measure, on, place, self.divisions)
    }

    /// How a record of a kind, grade and day is shown, and whether only its source ends it. Nothing about an
    /// official is ever shown.
    fn shown(
        &self,
        kind: CreditRecordKind,
        tier: Option<Tier>,
        on: NaiveDate,
        facts: &Facts,
    ) -> (Shown, bool) {
        let rule = self
            .publicity
            .rule(kind, tier, on, facts.place, self.divisions);
        let window = rule.map(|rule| rule.window(on));
        let is_public = facts.item.as_ref().is_some_and(|item| item.is_public);
        let shown = Shown {
            is_public: is_public && !facts.is_official && rule.is_none_or(|rule| rule.is_public),
            minimum: window.map_or(on, |window| window.minimum),
            maximum: window.and_then(|window| window.maximum),
            needs_correction: rule.is_some_and(|rule| rule.needs_correction),
        };
        (shown, rule.is_some_and(|rule| rule.is_mirrored))
    }
}

fn event(act: Act, number: u32, clerk: &Clerk, party: Party, command: &Command) -> Event {
    let masked = |words: &Option<String>| {
        let words = words.as_deref();
        words.map(|words| mask_numbers(words).into_owned())
    };
    Event {
        number,
        act,
        at: clerk.at,
        on: clerk.on,
        by: Actor {
            subject: clerk.subject.clone(),
            party,
            body: clerk.body,
            areas: clerk.areas.clone(),
        },
        basis: masked(&command.basis),
        note: masked(&command.note),
        evidence: command.evidence.clone(),
        stage: None,
        what: Vec::new(),
    }
}

/// What somebody asked a body about is for him to press on, to settle and to close: for who acts for the same
/// body or, where none was named, for the same divisions.
fn other_opener(
    case: &Case,
    act: Act,
    party: Party,
    clerk: &Clerk,
    rule: &StepRule,
) -> Option<Refused> {
    let is_its = matches!(act, Act::PressMatter | Act::SettleMatter | Act::Close);
    // What time does it does for nobody.
    let is_its = is_its && party != Party::Clock;
    let opener = case.opened_by.as_ref();
    let opener = opener.filter(|_| is_its && case.about.agency.is_some())?;
    let is_same = opener.party == party
        && match opener.body {
            Some(body) => clerk.body == Some(body),
            None => opener.areas.iter().all(|area| clerk.areas.contains(area)),
        };
    let message = "由提出者办理 / it is for who opened it";
    (!is_same).then(|| Refused::new("WRONG_BODY", message).by(&rule.legal_basis))
}
