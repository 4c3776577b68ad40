//! Workflows as data: which acts lead from which stage to which, and who may do them.

use chrono::{Datelike, NaiveDate};

use super::{Act, Need, Party};
use crate::{
    credit_record::CreditRecordKind,
    division::{DivisionCode, DivisionLevel},
};

/// A stage's code, as its workflow names it; those of leads are the contract's.
pub type Stage = String;

/// A stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageRule {
    /// Its code.
    pub code: Stage,
    /// What it is called.
    pub title: String,
    /// Whether the case is over in it.
    pub is_final: bool,
}

/// One way from stage to stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepRule {
    /// What is done.
    pub act: Act,
    /// In which stages it may be done; of the act that begins a case none.
    pub from: Vec<Stage>,
    /// The stage that follows; the same one where none is said.
    pub to: Option<Stage>,
    /// Who may do it.
    pub by: Vec<Party>,
    /// What it needs.
    pub needs: Vec<Need>,
    /// The period that begins with it: of an objection or an application its own, else the case's, which
    /// ends with any step that moves the stage.
    pub starts: Option<String>,
    /// Whether that period is counted from the day on which its source received the lead, not from the step's.
    pub from_receipt: bool,
    /// Whether the period that runs goes on though the stage moves.
    pub keeps: bool,
    /// Whether the step's words are for everybody who sees the case, as an answer to the public.
    pub is_public: bool,
    /// What it rests on.
    pub legal_basis: String,
}

/// Days of each year on which divisions say, too, that there is nothing to say (零报告).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZeroReporting {
    /// Its first month and day.
    pub from: (u32, u32),
    /// Its last one, in the next year where it comes before the first.
    pub to: (u32, u32),
    /// The levels of the divisions that report, each for itself.
    pub levels: Vec<DivisionLevel>,
    /// What it rests on.
    pub legal_basis: String,
    /// Whether the article's text was at hand.
    pub verified: bool,
}

impl ZeroReporting {
    /// Whether it holds on a day.
    pub fn holds(&self, on: NaiveDate) -> bool {
        let day = (on.month(), on.day());
        match self.from <= self.to {
            true => self.from <= day && day <= self.to,
            false => self.from <= day || day <= self.to,
        }
    }
}

/// A track.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workflow {
    /// Its key, the file's name.
    pub key: String,
    /// The file's version.
    pub version: String,
    /// What it is called.
    pub title: String,
    /// Kinds of records that it leads to or begins with.
    pub kinds: Vec<CreditRecordKind>,
    /// Channels whose leads take it.
    pub channels: Vec<String>,
    /// Where it holds, with all below; everywhere where none is said.
    pub division: Option<DivisionCode>,
    /// The first day on which cases begin by it.
    pub from: NaiveDate,
    /// The last one.
    pub to: Option<NaiveDate>,
    /// Whether cases begin by it only where somebody names it: of several that begin with the same act.
    pub is_named: bool,
    /// The stage in which a case begins that is about a record which a source told.
    pub record_stage: Option<Stage>,
    /// When zero reports are owed.
    pub zero_reporting: Vec<ZeroReporting>,
    /// Its stages, the first of which a case begins in otherwise.
    pub stages: Vec<StageRule>,
    /// Its steps.
    pub steps: Vec<StepRule>,
}

impl Workflow {
    /// The stage in which cases begin.
    pub fn first(&self) -> &str {
        self.stages.first().map_or("", |stage| &stage.code)
    }

    /// Whether a case about a body begins by it with an act, where this track is named, or none is.
    pub fn opens_with(&self, act: Act, track: Option<&str>) -> bool {
        let is_meant = track.map_or(!self.is_named, |track| track == self.key);
        is_meant && self.steps_of(act).any(|step| step.from.is_empty())
    }

    /// Whether a lead of a channel takes it.
    pub fn begins_with(&self, channel: &str) -> bool {
        self.channels.iter().any(|known| known == channel)
    }

    /// When divisions of a level owe zero reports.
    pub fn zero_reporting_of(&self, level: DivisionLevel) -> impl Iterator<Item = &ZeroReporting> {
        let windows = self.zero_reporting.iter();
        windows.filter(move |window| window.levels.contains(&level))
    }

    /// Whether it tells bodies beforehand that they may be listed.
    pub fn prewarns(&self) -> Option<&StepRule> {
        self.steps_of(Act::Prewarn).next()
    }

    /// The stage with this code.
    pub fn stage(&self, code: &str) -> Option<&StageRule> {
        self.stages.iter().find(|stage| stage.code == code)
    }

    /// The steps of an act, whatever the stage.
    pub fn steps_of(&self, act: Act) -> impl Iterator<Item = &StepRule> {
        self.steps.iter().filter(move |step| step.act == act)
    }

    /// The step of an act from a stage.
    pub fn step(&self, act: Act, stage: &str) -> Option<&StepRule> {
        self.steps_of(act)
            .find(|step| step.from.iter().any(|from| from == stage))
    }

    /// What may be done in a stage.
    pub fn acts_in(&self, stage: &str) -> impl Iterator<Item = &StepRule> {
        self.steps
            .iter()
            .filter(move |step| step.from.iter().any(|from| from == stage))
    }

    /// Whether cases begin by it on a day.
    pub fn is_in_force(&self, on: NaiveDate) -> bool {
        self.from <= on && self.to.is_none_or(|to| on <= to)
    }

    /// Stages that no step leads to from the first one, and those from which none leads to an end: both
    /// must be empty.
    pub fn unreachable_or_stuck(&self) -> (Vec<&str>, Vec<&str>) {
        let edges: Vec<(&str, &str)> = self
            .steps
            .iter()
            .filter_map(|step| Some((step, step.to.as_deref()?)))
            .flat_map(|(step, to)| step.from.iter().map(move |from| (from.as_str(), to)))
            .collect();
        // A case may begin in any stage that an opening act leads to.
        let begins = self.steps.iter().filter(|step| step.from.is_empty());
        let begins = begins.filter_map(|step| step.to.as_deref());
        let begins = begins.chain(self.record_stage.as_deref());
        let reached = spread(&edges, begins.chain([self.first()]).collect());
        let ends = self.stages.iter().filter(|stage| stage.is_final);
        let back: Vec<(&str, &str)> = edges.iter().map(|(from, to)| (*to, *from)).collect();
        let ending = spread(&back, ends.map(|stage| stage.code.as_str()).collect());
        let codes = || self.stages.iter().map(|stage| stage.code.as_str());
        (
            codes().filter(|code| !reached.contains(code)).collect(),
            codes().filter(|code| !ending.contains(code)).collect(),
        )
    }
}

/// All that edges lead to from what is known.
fn spread<'a>(edges: &[(&'a str, &'a str)], mut known: Vec<&'a str>) -> Vec<&'a str> {
    let next = |known: &[&'a str]| {
        let mut edges = edges.iter();
        let next = edges.find(|(from, to)| known.contains(from) && !known.contains(to));
        next.map(|(_, to)| *to)
    };
    while let Some(more) = next(&known) {
        known.push(more);
    }
    known
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_of_zero_reports_may_lie_over_a_years_end() {
        let window = |from, to| ZeroReporting {
            from,
            to,
            levels: vec![DivisionLevel::County],
            legal_basis: "示例".to_owned(),
            verified: false,
        };
        let day = |month, day| NaiveDate::from_ymd_opt(2026, month, day).expect("a day");
        let (within, over) = (window((12, 15), (12, 31)), window((12, 20), (1, 10)));
        for (on, is_within, is_over) in [
            (day(12, 14), false, false),
            (day(12, 15), true, false),
            (day(12, 20), true, true),
            (day(12, 31), true, true),
            (day(1, 1), false, true),
            (day(1, 10), false, true),
            (day(1, 11), false, false),
        ] {
            assert_eq!(
                (within.holds(on), over.holds(on)),
                (is_within, is_over),
                "{on}"
            );
        }
    }
}
