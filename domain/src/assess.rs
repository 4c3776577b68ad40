//! Grading (政务诚信评价) and warning (监测预警): what published rules make of a body's records and
//! indicators. The rules are data (`catalogue/rules/`, `redlines.toml`); there is no scripting, and numbers
//! are exact decimals.
//!
//! A body is graded as of a day, from records and indicators alone. What is unconfirmed gives no point: leads
//! may raise attention by a red line.

mod annual_report;
mod annual_rule;
mod basis;
mod beside;
mod campaign;
mod compare;
mod condition;
mod evaluate;
mod frozen;
mod graded;
mod pack;
mod ranking;
mod red_line;
mod warning;
mod wording;

pub use annual_report::{AnnualReport, ReportDue};
pub use annual_rule::{AnnualRule, ReportStep, Window};
pub use basis::{Basis, version_numbers};
pub use beside::{Answering, Beside, Points, beside};
pub use campaign::{
    Campaign, CampaignAct, CampaignObjection, CampaignRefused, CampaignState, EVALUATION_VERSION,
    ObjectionCounts, ObjectionDecision, Publication, Sealed, UNDECIDED_MAX,
};
pub use compare::{RuleChange, changes};
pub use condition::{Condition, Fact, Number, Word};
pub use evaluate::{Contribution, Facts, Ground, Scored};
pub use frozen::{
    Amendment, Correction, FrozenBody, FrozenIndicator, FrozenRecord, LineDigest, Thawed,
};
pub use graded::{GradeCode, Graded, WINDOW_DAYS};
pub use pack::{Band, Counting, Decay, Grade, Heading, Measured, Of, Rule, RulePack};
pub use ranking::{
    Group, GroupBefore, Moves, Ranked, groups, mean, moves, rank, results_digest, unranked,
};
pub use red_line::{Alarm, CaseTrouble, Edition, RedLine, Standing, Trigger, Warned, Worse};
pub use warning::{
    Terms, Warning, WarningAct, WarningEvent, WarningLevel, WarningRefused, WarningState,
};
