//! Which cases a ledger is to have: by the names that `cases(filter:)` has, as far as they go into an address.

use chrono::NaiveDate;
use domain::{division::DivisionCode, privacy::mask_numbers, uscc::Uscc};

use crate::graph::{AgencyPredicate, CasePredicate, DateTest, DivisionTest, TextTest};

/// Which cases are wanted; all where nothing is said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LedgerFilter {
    /// Tracks.
    pub workflow: Vec<String>,
    /// Stages.
    pub stage: Vec<String>,
    /// Bodies of this division and of all below it.
    pub division: Option<DivisionCode>,
    /// One of the bodies that they are about.
    pub agency: Option<Uscc>,
    /// The body that has them in hand.
    pub handler: Option<Uscc>,
    /// Whether they are not over.
    pub open: Option<bool>,
    /// Whether they are overdue.
    pub overdue: Option<bool>,
    /// Whether an objection waits to be decided.
    pub under_objection: Option<bool>,
    /// Begun on this day or later.
    pub opened_from: Option<NaiveDate>,
    /// Begun before this day.
    pub opened_before: Option<NaiveDate>,
    /// With a period of their own that ends on this day or later.
    pub due_from: Option<NaiveDate>,
    /// With one that ends before this day.
    pub due_before: Option<NaiveDate>,
}

impl LedgerFilter {
    pub(super) fn predicate(&self) -> CasePredicate {
        use CasePredicate as P;
        let mut parts = Vec::new();
        if !self.workflow.is_empty() {
            parts.push(P::Workflow(self.workflow.clone()));
        }
        if !self.stage.is_empty() {
            parts.push(P::Stage(self.stage.clone()));
        }
        let is = |code: &Uscc| AgencyPredicate::Uscc(TextTest::Is(code.to_string()));
        let within = |code| AgencyPredicate::Division(DivisionTest::Within(code));
        let one_of = [
            self.division.map(within).map(P::Agency),
            self.agency.as_ref().map(is).map(P::Agency),
            self.handler.as_ref().map(is).map(P::Handler),
            self.open.map(P::Open),
            self.overdue.map(P::Overdue),
            self.under_objection.map(P::UnderObjection),
            self.opened_from.map(DateTest::From).map(P::OpenedOn),
            self.opened_before.map(DateTest::Before).map(P::OpenedOn),
            self.due_from.map(DateTest::From).map(P::DueOn),
            self.due_before.map(DateTest::Before).map(P::DueOn),
        ];
        parts.extend(one_of.into_iter().flatten());
        P::All(parts)
    }

    /// The filter in words, for the file's head.
    pub(super) fn words(&self) -> String {
        let some = |what: &str, all: &[String]| {
            (!all.is_empty()).then(|| format!("{what}={}", all.join("、")))
        };
        let yes = |what: &str, is_so: Option<bool>| {
            let word = is_so.map(|is_so| if is_so { "是" } else { "否" });
            word.map(|word| format!("{what}={word}"))
        };
        let day = |what: &str, day: Option<NaiveDate>| day.map(|day| format!("{what}{day}"));
        let body = |what: &str, code: Option<&Uscc>| code.map(|code| format!("{what}={code}"));
        let place = self.division.map(|code| format!("区划={code}及以下"));
        let words = [
            some("流程", &self.workflow),
            some("环节", &self.stage),
            place,
            body("单位", self.agency.as_ref()),
            body("承办单位", self.handler.as_ref()),
            yes("未办结", self.open),
            yes("逾期", self.overdue),
            yes("异议未决", self.under_objection),
            day("开始日期不早于", self.opened_from),
            day("开始日期早于", self.opened_before),
            day("办理期限不早于", self.due_from),
            day("办理期限早于", self.due_before),
        ];
        let words: Vec<String> = words.into_iter().flatten().collect();
        match words.is_empty() {
            true => "无".to_owned(),
            // Whoever asks may have written anything.
            false => mask_numbers(&words.join("；")).into_owned(),
        }
    }
}
