//! The data of the yearly report on government integrity (年度政务诚信报告) to the standing committee.

use chrono::NaiveDate;
use serde::Serialize;

use super::{
    annual_rule::AnnualRule,
    campaign::{Campaign, ObjectionCounts},
    ranking::{Group, Moves, Ranked, groups, moves},
};

/// Bodies that are named at either end.
const NAMED: usize = 10;

/// What is reported of a year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AnnualReport {
    /// The year.
    pub year: i32,
    /// The division's code.
    pub division: String,
    /// The pack's key, version and digest.
    pub pack: [String; 3],
    /// Of the frozen inputs.
    pub inputs_digest: String,
    /// Of the results that stand.
    pub results_digest: String,
    /// How many bodies it tells of.
    pub bodies: usize,
    /// By level and kind.
    pub groups: Vec<Group>,
    /// Against the year before; none where that was not assessed.
    pub moves: Option<Moves>,
    /// Objections.
    pub objections: ObjectionCounts,
    /// The first ones.
    pub best: Vec<Ranked>,
    /// The last ones, the last first.
    pub worst: Vec<Ranked>,
    /// The day on which the standing committee meets.
    pub meeting: NaiveDate,
    /// What is due before it, the first first.
    pub calendar: Vec<ReportDue>,
}

/// What is due before the meeting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReportDue {
    /// Its key.
    pub key: String,
    /// What is to be done.
    pub title: String,
    /// The last day on which it is done in time.
    pub due_on: NaiveDate,
    /// What it rests on.
    pub legal_basis: String,
    /// Whether the article was read.
    pub verified: bool,
}

impl AnnualReport {
    /// Of these results, which stand in the order of their places, and those of the year before.
    pub fn of(
        campaign: &Campaign,
        grades: &[String],
        now: &[&Ranked],
        before: Option<&[&Ranked]>,
        rule: &AnnualRule,
        meeting: NaiveDate,
    ) -> Self {
        let bodies = || now.iter().copied();
        let due = rule.steps.iter().map(|step| ReportDue {
            key: step.key.clone(),
            title: step.title.clone(),
            due_on: step.due_on(meeting),
            legal_basis: step.legal_basis.clone(),
            verified: step.verified,
        });
        Self {
            year: campaign.year,
            division: campaign.division.to_string(),
            pack: campaign.pack.clone(),
            inputs_digest: campaign.inputs.digest.clone(),
            results_digest: campaign.standing().digest.clone(),
            bodies: now.len(),
            groups: groups(bodies(), before.into_iter().flatten().copied(), grades),
            moves: before.map(|before| moves(bodies(), before.iter().copied())),
            objections: campaign.objections,
            best: bodies().take(NAMED).cloned().collect(),
            worst: bodies().rev().take(NAMED).cloned().collect(),
            meeting,
            calendar: due.collect(),
        }
    }
}
