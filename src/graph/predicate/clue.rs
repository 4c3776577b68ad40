use domain::clue::ClueStage;

use super::{super::View, AgencyPredicate, DateTest, TextTest};

/// A predicate over clues.
#[derive(Debug, Clone)]
pub enum CluePredicate {
    All(Vec<CluePredicate>),
    Any(Vec<CluePredicate>),
    Not(Box<CluePredicate>),
    Stage(Vec<ClueStage>),
    Channel(TextTest),
    DueOn(DateTest),
    /// Among its agencies is one that the viewer may see and of which this holds.
    Agency(AgencyPredicate),
}

impl CluePredicate {
    /// How many tests it is made of.
    pub fn parts(&self) -> usize {
        match self {
            CluePredicate::All(parts) | CluePredicate::Any(parts) => {
                1 + parts.iter().map(Self::parts).sum::<usize>()
            }
            CluePredicate::Not(part) => 1 + part.parts(),
            CluePredicate::Agency(predicate) => 1 + predicate.parts(),
            _ => 1,
        }
    }

    pub(in crate::graph) fn holds(&self, view: &View, row: u32) -> bool {
        let Some(clue) = view.clue_at(row) else {
            return false;
        };
        let fact = &clue.fact.fact;
        match self {
            CluePredicate::All(parts) => parts.iter().all(|part| part.holds(view, row)),
            CluePredicate::Any(parts) => parts.iter().any(|part| part.holds(view, row)),
            CluePredicate::Not(part) => !part.holds(view, row),
            CluePredicate::Stage(stages) => stages.contains(&fact.stage),
            CluePredicate::Channel(test) => test.passes(&fact.channel),
            CluePredicate::DueOn(test) => fact.due_on.is_some_and(|day| test.passes(day)),
            CluePredicate::Agency(predicate) => fact
                .agency_ids
                .iter()
                .filter_map(|id| view.agency_row(*id))
                .any(|agency| predicate.holds(view, agency)),
        }
    }
}
