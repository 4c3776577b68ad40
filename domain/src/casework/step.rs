//! From a command to an event, or to the reason why not.

use chrono::{DateTime, NaiveDate, Utc};

use super::{
    About, Act, Actor, Case, Command, Deadlines, Deed, Event, Measure, Measures, Need, Party,
    PublicityRules, Running, Shown, Stage, StepRule, What, Workflow,
};
use crate::{
    calendar::Calendar,
    credit_record::{CreditRecordKind, CreditRecordStatus, Tier},
    division::{DivisionCode, DivisionTree},
};

mod record;
mod sanction;
mod task;

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

/// An entry of the list, as far as casework goes by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its code.
    pub code: String,
    /// The kind of record that it makes.
    pub kind: CreditRecordKind,
    /// The grade that the list gives it.
    pub tier: Option<Tier>,
    /// The measures that it names.
    pub measures: Vec<String>,
    /// Whether its records may be shown.
    pub is_public: bool,
    /// Whether it is in force on the day of determination.
    pub is_in_force: bool,
}

/// What is known beside the case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// What it is about, where it begins with this command.
    pub about: About,
    /// The stage in which it begins then.
    pub stage: Option<Stage>,
    /// Where it lies: the division of the body that it is about.
    pub place: Option<DivisionCode>,
    /// The item that a command names, or that the record has.
    pub item: Option<Item>,
    /// What a source told of the record, where casework has not dealt with it before.
    pub told: Option<Told>,
    /// How the record ended, where it holds no longer, whoever ended it.
    pub record_ended: Option<CreditRecordStatus>,
    /// Whether the record is about an official.
    pub is_official: bool,
}

/// A record that a source told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// Its number.
    pub record: i64,
    /// Its kind.
    pub kind: CreditRecordKind,
    /// Its grade.
    pub tier: Option<Tier>,
    /// The day of determination.
    pub identified_on: NaiveDate,
}

/// Who wants it, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clerk {
    /// The token's subject.
    pub subject: String,
    /// As what he may act in this case.
    pub parties: Vec<Party>,
    /// The body that he acts for.
    pub body: Option<i64>,
    /// When.
    pub at: DateTime<Utc>,
    /// The day in China.
    pub on: NaiveDate,
}

/// Why it is not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The reason as one word.
    pub code: &'static str,
    /// The reason as a sentence, Chinese first.
    pub message: String,
    /// What it rests on.
    pub basis: Option<String>,
}

impl Refused {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            basis: None,
        }
    }

    fn by(self, basis: &str) -> Self {
        Self {
            basis: Some(basis.to_owned()),
            ..self
        }
    }
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
        let begins = facts.stage.as_deref().unwrap_or(self.workflow.first());
        let stage = if is_new { begins } else { &case.stage };
        let rule = self.rule(act, stage, is_new)?;
        let party = rule.by.iter().find(|party| clerk.parties.contains(party));
        let Some(party) = party else {
            return Err(self.wrong_party(rule));
        };
        let mut event = event(act, case.events + 1, clerk, *party, command);
        let opened;
        let case = if is_new {
            event.stage = Some(stage.to_owned());
            event.what = self.opening(facts);
            opened = Case::replay([&event]);
            &opened
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
        step.run_period()?;
        let moves = rule.to.clone().filter(|_| !step.stays);
        let what = step.what;
        event.what.extend(what);
        event.stage = moves.or(event.stage);
        Ok(event)
    }

    /// The event by which a provisional day is counted anew; none where it comes out as it was.
    pub fn recount(&self, case: &Case, facts: &Facts, clerk: &Clerk) -> Option<Event> {
        let running = case
            .running
            .as_ref()
            .filter(|running| running.is_provisional)?;
        let rules = self.deadlines;
        let rule = rules.rule(&running.rule, running.since, facts.place, self.divisions)?;
        let due = match running.is_extended {
            true => rule.extended(self.calendar, running.since)?,
            false => rule.due(self.calendar, running.since),
        };
        let counted = Running {
            on: due.date(),
            is_provisional: due.is_provisional(),
            ..running.clone()
        };
        if counted == *running {
            return None;
        }
        let nothing = Command {
            deed: Deed::Plain(Act::Recount),
            basis: Some(rule.legal_basis.clone()),
            note: None,
            evidence: Vec::new(),
        };
        let number = case.events + 1;
        let mut event = event(Act::Recount, number, clerk, Party::Clock, &nothing);
        event.what = vec![What::Runs(counted)];
        Some(event)
    }

    /// What every case begins with.
    fn opening(&self, facts: &Facts) -> Vec<What> {
        let opened = What::Opened {
            workflow: self.workflow.key.clone(),
            version: self.workflow.version.clone(),
            about: facts.about,
        };
        let told = facts.told.map(|told| self.recorded(facts, told));
        [opened]
            .into_iter()
            .chain(told.into_iter().flatten())
            .collect()
    }

    /// The step of an act from a stage. A case begins with an act that says so, or with one from the
    /// first stage.
    fn rule(&self, act: Act, stage: &str, is_new: bool) -> Result<&StepRule, Refused> {
        let mut opening = self.workflow.steps_of(act);
        let opening = opening.find(|step| is_new && step.from.is_empty());
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

    /// How a record of a kind, grade and day is shown, and whether only its source ends it.
    fn shown(
        &self,
        kind: CreditRecordKind,
        tier: Option<Tier>,
        on: NaiveDate,
        is_public: bool,
    ) -> (Shown, bool) {
        let rule = self.publicity.rule(kind, tier, on);
        let window = rule.map(|rule| rule.window(on));
        let shown = Shown {
            is_public: is_public && rule.is_none_or(|rule| rule.is_public),
            minimum: window.map_or(on, |window| window.minimum),
            maximum: window.and_then(|window| window.maximum),
        };
        (shown, rule.is_some_and(|rule| rule.is_mirrored))
    }
}

impl Step<'_> {
    fn meets_needs(&self) -> Result<(), Refused> {
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
                    self.case.finding == Some(super::Finding::Founded),
                    "NOT_FOUNDED",
                    "尚未核实属实 / it was not found to be so",
                ),
                Need::Unfounded => (
                    self.case.finding == Some(super::Finding::Unfounded),
                    "NOT_UNFOUNDED",
                    "尚未核实为不属实 / it was not found unfounded",
                ),
                Need::Refusal => (
                    self.case.is_refused(),
                    "NOT_REFUSED",
                    "未拒不整改 / rectification was not refused",
                ),
            };
            if !is_met {
                return Err(Refused::new(code, message).by(&self.rule.legal_basis));
            }
        }
        Ok(())
    }

    fn carry_out(&mut self) -> Result<(), Refused> {
        match &self.command.deed {
            Deed::Plain(act) => self.plain(*act),
            Deed::Transfer { to } => {
                self.what.push(What::Handed { to: *to });
                Ok(())
            }
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
            Deed::Matter { act, due_on } => self.matter(*act, *due_on),
            Deed::Confirm(confirmation) => self.confirm(confirmation),
            Deed::Grade { tier } => self.grade(*tier),
            Deed::Sanction {
                act,
                measure,
                starts_on,
                ends_on,
            } => self.sanction(*act, measure, (*starts_on, *ends_on)),
            Deed::SanctionMove { act, sanction } => self.move_sanction(*act, *sanction),
            Deed::Repair { act, repair } => self.decide_repair(*act, *repair),
            Deed::Objection { act, objection } => self.decide_objection(*act, *objection),
        }
    }

    fn plain(&mut self, act: Act) -> Result<(), Refused> {
        match act {
            Act::Extend => self.extend(),
            Act::Publish => self.publish(),
            Act::ApplyRepair => self.apply_repair(),
            Act::FileObjection => self.file_objection(),
            Act::Withdraw => self.withdraw(),
            Act::Expire => self.expire(),
            Act::Close => self.close(),
            Act::Relist => self.relist(),
            _ => Ok(()),
        }
    }

    /// The period that the step begins; one that runs is over where the stage moves.
    fn run_period(&mut self) -> Result<(), Refused> {
        let sets = |what: &What| matches!(what, What::Runs(_));
        if self.rule.keeps || self.what.iter().any(sets) {
            return Ok(());
        }
        let moves = self.rule.to.as_ref();
        let moves = moves.is_some_and(|to| *to != self.case.stage && !self.stays);
        // What runs already does not begin anew by being done again.
        let runs = |key: &String| {
            let running = self.case.running.as_ref();
            !moves && running.is_some_and(|running| running.rule == *key)
        };
        let Some(key) = self.rule.starts.as_ref().filter(|key| !runs(key)) else {
            let ends = moves || self.rule.settles;
            if ends && self.case.running.is_some() {
                self.what.push(What::Settled);
            }
            return Ok(());
        };
        let on = self.clerk.on;
        let (deadlines, tree) = (self.rules.deadlines, self.rules.divisions);
        let Some(rule) = deadlines.rule(key, on, self.facts.place, tree) else {
            // A province may have set none: then nothing runs, and nobody is late.
            self.what
                .extend(self.case.running.as_ref().map(|_| What::Settled));
            return Ok(());
        };
        let due = rule.due(self.rules.calendar, on);
        self.what.push(What::Runs(Running {
            rule: key.clone(),
            since: on,
            on: due.date(),
            is_provisional: due.is_provisional(),
            is_extended: false,
        }));
        Ok(())
    }

    fn extend(&mut self) -> Result<(), Refused> {
        let none = || {
            Refused::new(
                "NOT_EXTENDABLE",
                "没有可延长的期限 / no period can be extended",
            )
        };
        let running = self.case.running.as_ref().ok_or_else(none)?;
        let (deadlines, tree) = (self.rules.deadlines, self.rules.divisions);
        let rule = deadlines.rule(&running.rule, running.since, self.facts.place, tree);
        let rule = rule.ok_or_else(none)?;
        if running.is_extended {
            let message = "期限已延长过 / the period was extended before";
            return Err(Refused::new("EXTENDED_BEFORE", message).by(&rule.legal_basis));
        }
        if !running.is_provisional && running.on < self.clerk.on {
            let message = "期限已过，不能再延长 / the period is over";
            return Err(Refused::new("TOO_LATE", message).by(&rule.legal_basis));
        }
        let due = rule.extended(self.rules.calendar, running.since);
        let due = due.ok_or_else(|| none().by(&rule.legal_basis))?;
        self.what.push(What::Runs(Running {
            on: due.date(),
            is_provisional: due.is_provisional(),
            is_extended: true,
            ..running.clone()
        }));
        Ok(())
    }

    fn measure(&self, code: &str) -> Option<&Measure> {
        self.rules.measures.get(code)
    }
}

fn event(act: Act, number: u32, clerk: &Clerk, party: Party, command: &Command) -> Event {
    Event {
        number,
        act,
        at: clerk.at,
        on: clerk.on,
        by: Actor {
            subject: clerk.subject.clone(),
            party,
            body: clerk.body,
        },
        basis: command.basis.clone(),
        note: command.note.clone(),
        evidence: command.evidence.clone(),
        stage: None,
        what: Vec::new(),
    }
}

/// What somebody asked a body about is for him to press on, to settle and to close.
fn other_opener(
    case: &Case,
    act: Act,
    party: Party,
    clerk: &Clerk,
    rule: &StepRule,
) -> Option<Refused> {
    let is_its = matches!(act, Act::PressMatter | Act::SettleMatter | Act::Close);
    let opener = case.opened_by.as_ref();
    let opener = opener.filter(|_| is_its && case.about.agency.is_some())?;
    let is_same = opener.party == party && (opener.body.is_none() || opener.body == clerk.body);
    let message = "由提出者办理 / it is for who opened it";
    (!is_same).then(|| Refused::new("WRONG_BODY", message).by(&rule.legal_basis))
}
