use domain::casework::{Case, SanctionStatus};

use super::{super::View, AgencyPredicate, DateTest, TextTest};

/// A predicate over cases.
#[derive(Debug, Clone)]
pub enum CasePredicate {
    All(Vec<CasePredicate>),
    Any(Vec<CasePredicate>),
    Not(Box<CasePredicate>),
    Workflow(Vec<String>),
    Stage(Vec<String>),
    OpenedOn(DateTest),
    DueOn(DateTest),
    /// Its period is over.
    Overdue(bool),
    /// Its stage is no last one.
    Open(bool),
    UnderObjection(bool),
    /// Among the bodies that it is about is one that the viewer may see and of which this holds.
    Agency(AgencyPredicate),
    /// The body that has it in hand is one that the viewer may see and of which this holds.
    Handler(AgencyPredicate),
    /// A body that the viewer may see and of which this holds is reminded of what it still owes, or was told of it as its
    /// period began.
    Reminded(AgencyPredicate),
    /// Such a body is told that another is late.
    EscalatedTo(AgencyPredicate),
}

/// A predicate over sanctions.
#[derive(Debug, Clone)]
pub enum SanctionPredicate {
    All(Vec<SanctionPredicate>),
    Any(Vec<SanctionPredicate>),
    Not(Box<SanctionPredicate>),
    Status(Vec<SanctionStatus>),
    Measure(TextTest),
    StartsOn(DateTest),
    EndsOn(DateTest),
    /// Its body is one that the viewer may see and of which this holds.
    Agency(AgencyPredicate),
}

impl CasePredicate {
    /// How many tests it is made of.
    pub fn parts(&self) -> usize {
        match self {
            Self::All(parts) | Self::Any(parts) => 1 + parts.iter().map(Self::parts).sum::<usize>(),
            Self::Not(part) => 1 + part.parts(),
            Self::Agency(predicate)
            | Self::Handler(predicate)
            | Self::Reminded(predicate)
            | Self::EscalatedTo(predicate) => 1 + predicate.parts(),
            _ => 1,
        }
    }

    pub(in crate::graph) fn holds(&self, view: &View, row: u32) -> bool {
        let Some(case) = view.any_case_at(row) else {
            return false;
        };
        let case = &case.fact;
        // What the case itself says is asked first, then who may see it, then what it is about.
        self.says(view, row, case) && view.case_at(row).is_some() && self.fits(view, row, case)
    }

    /// Whether it may fit, by the parts that look no bodies up.
    fn says(&self, view: &View, row: u32, fact: &Case) -> bool {
        let says = |part: &Self| part.is_costly() || part.fits(view, row, fact);
        match self {
            Self::All(parts) => parts.iter().all(says),
            part => says(part),
        }
    }

    /// Whether it looks bodies up.
    fn is_costly(&self) -> bool {
        matches!(
            self,
            Self::Agency(_) | Self::Handler(_) | Self::Reminded(_) | Self::EscalatedTo(_)
        )
    }

    fn fits(&self, view: &View, row: u32, fact: &Case) -> bool {
        let fits = |part: &Self| part.fits(view, row, fact);
        match self {
            Self::All(parts) => {
                let mut costly = parts.iter().filter(|part| part.is_costly());
                self.says(view, row, fact) && costly.all(fits)
            }
            Self::Any(parts) => parts.iter().any(fits),
            Self::Not(part) => !fits(part),
            Self::Workflow(keys) => keys.contains(&fact.workflow),
            Self::Stage(stages) => stages.contains(&fact.stage),
            Self::OpenedOn(test) => test.passes(fact.opened_on),
            Self::DueOn(test) => {
                let running = fact.running.as_ref();
                running.is_some_and(|running| test.passes(running.on))
            }
            Self::Overdue(wanted) => fact.is_overdue(view.day()) == *wanted,
            Self::Open(wanted) => view.is_case_open(row) == *wanted,
            Self::UnderObjection(wanted) => fact.is_under_objection() == *wanted,
            Self::Agency(predicate) => {
                let mut bodies = view.case_agencies(fact).into_iter();
                bodies.any(|agency| predicate.holds(view, agency))
            }
            Self::Handler(predicate) => {
                let handler = fact.handler.and_then(|id| view.agency_row(id));
                handler.is_some_and(|agency| predicate.holds(view, agency))
            }
            Self::Reminded(predicate) => told(view, fact, predicate, |level| level == 0),
            Self::EscalatedTo(predicate) => told(view, fact, predicate, |level| level > 0),
        }
    }
}

/// Whether a reminder of what is still owed, of a level, goes to a body of which this holds.
fn told(
    view: &View,
    case: &Case,
    predicate: &AgencyPredicate,
    is_meant: impl Fn(u32) -> bool,
) -> bool {
    let mut standing = case.standing_reminders();
    standing.any(|reminder| {
        let to = reminder.to.filter(|_| is_meant(reminder.level));
        let row = to.and_then(|id| view.agency_row(id));
        row.is_some_and(|row| predicate.holds(view, row))
    })
}

impl SanctionPredicate {
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
        let Some((case, sanction)) = view.sanction_at(row) else {
            return false;
        };
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(view, row)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(view, row)),
            Self::Not(part) => !part.holds(view, row),
            Self::Status(statuses) => statuses.contains(&view.sanction_status(sanction)),
            Self::Measure(test) => test.passes(&sanction.measure),
            Self::StartsOn(test) => sanction.starts_on.is_some_and(|day| test.passes(day)),
            Self::EndsOn(test) => sanction.ends_on.is_some_and(|day| test.passes(day)),
            Self::Agency(predicate) => {
                let mut bodies = view.case_agencies(&case.fact).into_iter();
                bodies.any(|agency| predicate.holds(view, agency))
            }
        }
    }
}
