//! Filters of warnings.

use domain::assess::{Warning, WarningLevel, WarningState};

use super::{super::View, AgencyPredicate, DateTest, TextTest};

/// A predicate over warnings.
#[derive(Debug, Clone)]
pub enum WarningPredicate {
    All(Vec<WarningPredicate>),
    Any(Vec<WarningPredicate>),
    Not(Box<WarningPredicate>),
    State(Vec<WarningState>),
    Level(Vec<WarningLevel>),
    RedLine(TextTest),
    DueOn(DateTest),
    /// Its day is over.
    Overdue(bool),
    /// Its body is one that the viewer may see and of which this holds.
    Agency(AgencyPredicate),
}

impl WarningPredicate {
    /// How many tests it is made of.
    pub fn parts(&self) -> usize {
        match self {
            Self::All(parts) | Self::Any(parts) => 1 + parts.iter().map(Self::parts).sum::<usize>(),
            Self::Not(part) => 1 + part.parts(),
            Self::Agency(predicate) => 1 + predicate.parts(),
            _ => 1,
        }
    }

    pub(in crate::graph) fn holds(&self, view: &View, row: u32) -> bool {
        let warning = view.warning_at(row);
        warning.is_some_and(|warning| self.fits(view, &warning.fact))
    }

    /// Whether it holds of a warning that the viewer may see.
    pub(in crate::graph) fn fits(&self, view: &View, fact: &Warning) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.fits(view, fact)),
            Self::Any(parts) => parts.iter().any(|part| part.fits(view, fact)),
            Self::Not(part) => !part.fits(view, fact),
            Self::State(states) => states.contains(&fact.state),
            Self::Level(levels) => levels.contains(&fact.level),
            Self::RedLine(test) => test.passes(&fact.red_line),
            Self::DueOn(test) => fact.due_on.is_some_and(|day| test.passes(day)),
            Self::Overdue(wanted) => fact.is_late(view.day()) == *wanted,
            Self::Agency(predicate) => {
                let agency = view.agency_row(fact.agency);
                agency.is_some_and(|agency| predicate.holds(view, agency))
            }
        }
    }
}
