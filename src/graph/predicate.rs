//! Filters as plain predicates over one version of the graph: what the client asked for, in the
//! graph's terms, evaluated row by row inside the viewer's scope.

mod casework;
mod clue;
mod warning;

use std::ops::Range;

use chrono::NaiveDate;
use domain::{
    agency::AgencyKind,
    assess::GradeCode,
    credit_record::{CreditRecord, CreditRecordKind, CreditRecordStatus, Tier},
    division::DivisionCode,
    resolution::Outcome,
};
use rust_decimal::Decimal;

use crate::store::{Known, Listing};

use super::View;

pub use casework::{CasePredicate, SanctionPredicate};
pub use clue::CluePredicate;
pub use warning::WarningPredicate;

/// A test of a text.
#[derive(Debug, Clone)]
pub enum TextTest {
    Is(String),
    IsIn(Vec<String>),
    Contains(String),
    StartsWith(String),
}

/// A test of a day; `None` never passes.
#[derive(Debug, Clone, Copy)]
pub enum DateTest {
    Is(NaiveDate),
    From(NaiveDate),
    To(NaiveDate),
    After(NaiveDate),
    Before(NaiveDate),
}

/// A test of an amount; `None` never passes.
#[derive(Debug, Clone, Copy)]
pub enum DecimalTest {
    Is(Decimal),
    AtLeast(Decimal),
    AtMost(Decimal),
    MoreThan(Decimal),
    LessThan(Decimal),
}

/// A test of a division, by today's tree.
#[derive(Debug, Clone)]
pub enum DivisionTest {
    IsIn(Vec<DivisionCode>),
    Within(DivisionCode),
}

/// A predicate over agencies. An empty `All` holds, an empty `Any` does not.
#[derive(Debug, Clone)]
pub enum AgencyPredicate {
    All(Vec<AgencyPredicate>),
    Any(Vec<AgencyPredicate>),
    Not(Box<AgencyPredicate>),
    Uscc(TextTest),
    Name(TextTest),
    Kind(Vec<AgencyKind>),
    Division(DivisionTest),
    /// Not abolished by the day of which is told.
    Active(bool),
    /// Has a record that holds and that the viewer may see.
    HasActiveRecord(bool),
    /// Its grade by the default pack, which the viewer may know, is one of these.
    Grade(Vec<GradeCode>),
}

/// A predicate over records.
#[derive(Debug, Clone)]
pub enum RecordPredicate {
    All(Vec<RecordPredicate>),
    Any(Vec<RecordPredicate>),
    Not(Box<RecordPredicate>),
    Kind(Vec<CreditRecordKind>),
    Tier(Vec<Tier>),
    Status(Vec<CreditRecordStatus>),
    UnderObjection(bool),
    Domain(TextTest),
    Amount(DecimalTest),
    IdentifiedOn(DateTest),
    CaseNumber(TextTest),
    Source(TextTest),
    /// It has an agency that the viewer may see and of which this holds.
    Agency(AgencyPredicate),
}

/// A predicate over mentions.
#[derive(Debug, Clone)]
pub enum MentionPredicate {
    All(Vec<MentionPredicate>),
    Any(Vec<MentionPredicate>),
    Not(Box<MentionPredicate>),
    Outcome(Vec<Outcome>),
    /// Whether a decision holds of it.
    Decided(bool),
    Source(TextTest),
    Division(DivisionTest),
}

impl TextTest {
    pub(super) fn passes(&self, text: &str) -> bool {
        match self {
            TextTest::Is(wanted) => text == wanted,
            TextTest::IsIn(wanted) => wanted.iter().any(|wanted| text == wanted),
            TextTest::Contains(part) => text.contains(part.as_str()),
            TextTest::StartsWith(start) => text.starts_with(start.as_str()),
        }
    }
}

impl DateTest {
    pub(super) fn passes(self, day: NaiveDate) -> bool {
        match self {
            DateTest::Is(wanted) => day == wanted,
            DateTest::From(wanted) => day >= wanted,
            DateTest::To(wanted) => day <= wanted,
            DateTest::After(wanted) => day > wanted,
            DateTest::Before(wanted) => day < wanted,
        }
    }
}

impl DecimalTest {
    fn passes(self, amount: Decimal) -> bool {
        match self {
            DecimalTest::Is(wanted) => amount == wanted,
            DecimalTest::AtLeast(wanted) => amount >= wanted,
            DecimalTest::AtMost(wanted) => amount <= wanted,
            DecimalTest::MoreThan(wanted) => amount > wanted,
            DecimalTest::LessThan(wanted) => amount < wanted,
        }
    }
}

impl DivisionTest {
    fn passes(&self, view: &View, code: DivisionCode) -> bool {
        match self {
            DivisionTest::IsIn(wanted) => wanted.contains(&code),
            DivisionTest::Within(ancestor) => view.divisions().contains(*ancestor, code),
        }
    }
}

impl AgencyPredicate {
    /// How many tests it is made of.
    pub fn parts(&self) -> usize {
        match self {
            AgencyPredicate::All(parts) | AgencyPredicate::Any(parts) => {
                1 + parts.iter().map(Self::parts).sum::<usize>()
            }
            AgencyPredicate::Not(part) => 1 + part.parts(),
            _ => 1,
        }
    }

    pub(super) fn holds(&self, view: &View, row: u32) -> bool {
        let Some(agency) = view.agency_at(row) else {
            return false;
        };
        let fact = &agency.fact;
        match self {
            AgencyPredicate::All(parts) => parts.iter().all(|part| part.holds(view, row)),
            AgencyPredicate::Any(parts) => parts.iter().any(|part| part.holds(view, row)),
            AgencyPredicate::Not(part) => !part.holds(view, row),
            AgencyPredicate::Uscc(test) => test.passes(fact.uscc.as_str()),
            AgencyPredicate::Name(test) => test.passes(view.name_of(fact)),
            AgencyPredicate::Kind(kinds) => kinds.contains(&fact.kind),
            AgencyPredicate::Division(test) => test.passes(view, fact.division),
            AgencyPredicate::Active(wanted) => {
                let is_active = fact.abolished_on.is_none_or(|on| on > view.day());
                is_active == *wanted
            }
            AgencyPredicate::HasActiveRecord(wanted) => view.has_active_record(row) == *wanted,
            AgencyPredicate::Grade(grades) => {
                let graded = view.graded(row);
                graded.is_some_and(|graded| grades.contains(&graded.fact.grade))
            }
        }
    }

    /// Whether it holds of all that its bounds leave.
    pub(super) fn is_bounds(&self) -> bool {
        match self {
            AgencyPredicate::Division(DivisionTest::Within(_)) => true,
            AgencyPredicate::All(parts) => parts.iter().all(Self::is_bounds),
            _ => false,
        }
    }

    /// The part of the division tree outside of which it can't hold: a subtree to look through
    /// instead of everything.
    pub(super) fn bounds(&self, view: &View) -> Option<Range<usize>> {
        match self {
            AgencyPredicate::Division(DivisionTest::Within(code)) => {
                // An unknown division holds nothing.
                Some(view.divisions().subtree(*code).unwrap_or(0..0))
            }
            AgencyPredicate::All(parts) => parts
                .iter()
                .filter_map(|part| part.bounds(view))
                .reduce(|a, b| a.start.max(b.start)..a.end.min(b.end)),
            _ => None,
        }
    }
}

impl RecordPredicate {
    /// How many tests it is made of.
    pub fn parts(&self) -> usize {
        match self {
            RecordPredicate::All(parts) | RecordPredicate::Any(parts) => {
                1 + parts.iter().map(Self::parts).sum::<usize>()
            }
            RecordPredicate::Not(part) => 1 + part.parts(),
            RecordPredicate::Agency(predicate) => 1 + predicate.parts(),
            _ => 1,
        }
    }

    pub(super) fn holds(&self, view: &View, row: u32) -> bool {
        let record = view.record_at(row);
        record.is_some_and(|record| self.fits(view, record))
    }

    /// Whether it holds of a record that the viewer may see.
    pub(super) fn fits(&self, view: &View, record: &Known<Listing<CreditRecord>>) -> bool {
        let fact = &record.fact.fact;
        match self {
            RecordPredicate::All(parts) => parts.iter().all(|part| part.fits(view, record)),
            RecordPredicate::Any(parts) => parts.iter().any(|part| part.fits(view, record)),
            RecordPredicate::Not(part) => !part.fits(view, record),
            RecordPredicate::Kind(kinds) => kinds.contains(&fact.kind),
            RecordPredicate::Tier(tiers) => fact.tier.is_some_and(|tier| tiers.contains(&tier)),
            RecordPredicate::Status(all) => all.contains(&view.status_of(fact)),
            RecordPredicate::UnderObjection(wanted) => fact.under_objection == *wanted,
            RecordPredicate::Domain(test) => {
                fact.domain.as_deref().is_some_and(|text| test.passes(text))
            }
            RecordPredicate::Amount(test) => {
                fact.amount.is_some_and(|sum| test.passes(sum.to_decimal()))
            }
            RecordPredicate::IdentifiedOn(test) => test.passes(fact.identified_on),
            RecordPredicate::CaseNumber(test) => fact
                .case_number
                .as_ref()
                .is_some_and(|number| test.passes(number.as_str())),
            RecordPredicate::Source(test) => test.passes(&record.fact.source),
            RecordPredicate::Agency(predicate) => fact
                .subject
                .agency()
                .and_then(|id| view.agency_row(id))
                .is_some_and(|agency| predicate.holds(view, agency)),
        }
    }
}

impl MentionPredicate {
    /// How many tests it is made of.
    pub fn parts(&self) -> usize {
        match self {
            MentionPredicate::All(parts) | MentionPredicate::Any(parts) => {
                1 + parts.iter().map(Self::parts).sum::<usize>()
            }
            MentionPredicate::Not(part) => 1 + part.parts(),
            _ => 1,
        }
    }

    pub(super) fn holds(&self, view: &View, row: u32) -> bool {
        let Some(mention) = view.mention_at(row) else {
            return false;
        };
        let fact = &mention.fact.fact;
        match self {
            MentionPredicate::All(parts) => parts.iter().all(|part| part.holds(view, row)),
            MentionPredicate::Any(parts) => parts.iter().any(|part| part.holds(view, row)),
            MentionPredicate::Not(part) => !part.holds(view, row),
            MentionPredicate::Outcome(outcomes) => outcomes.contains(&fact.resolution.outcome),
            MentionPredicate::Decided(wanted) => fact.decision_version.is_some() == *wanted,
            MentionPredicate::Source(test) => test.passes(&mention.fact.source),
            MentionPredicate::Division(test) => {
                fact.division.is_some_and(|code| test.passes(view, code))
            }
        }
    }
}
