//! What casework goes by: workflows, periods, publicity, measures, and who is competent.

mod at;
mod competence;
mod deadline;
mod measure;
mod publicity;
mod workflow;

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use domain::{
    casework::{Act, Case, Deadlines, Measures, PublicityRules, Workflow, narrowest},
    division::{DivisionCode, DivisionTree},
};

use super::{Error, Lists, files::Files, list::Beside};

use at::Held;
pub(super) use at::{At, all, meet};
pub use competence::{Body, Competence, SUPERIOR};

/// All of it.
#[derive(Debug, Default)]
pub struct Casework {
    /// The tracks, by key and then by the day from which they hold.
    pub workflows: Vec<Workflow>,
    /// Periods.
    pub deadlines: Deadlines,
    /// How long records are shown.
    pub publicity: PublicityRules,
    /// Measures.
    pub measures: Measures,
    /// Who is competent.
    pub competence: Competence,
}

impl Casework {
    /// The track in which cases of a kind begin on a day in a place: the narrowest that holds.
    pub fn workflow_for(
        &self,
        is_meant: impl Fn(&Workflow) -> bool,
        on: NaiveDate,
        place: Option<DivisionCode>,
        tree: &DivisionTree,
    ) -> Option<&Workflow> {
        let all = self.workflows.iter();
        let then = all.filter(|workflow| is_meant(workflow) && workflow.is_in_force(on));
        narrowest(then, |workflow| workflow.division, place, tree)
    }

    /// The stages that end cases, by workflow.
    pub fn final_stages(&self) -> HashMap<String, HashSet<String>> {
        let mut stages: HashMap<String, HashSet<String>> = HashMap::new();
        for workflow in &self.workflows {
            let last = workflow.stages.iter().filter(|stage| stage.is_final);
            let of_track = stages.entry(workflow.key.clone()).or_default();
            of_track.extend(last.map(|stage| stage.code.clone()));
        }
        stages
    }

    /// The track by which a case goes.
    pub fn workflow(&self, key: &str, version: &str) -> Option<&Workflow> {
        let named = |workflow: &&Workflow| workflow.key == key;
        let mut same = self.workflows.iter().filter(named);
        let exact = same.clone().find(|workflow| workflow.version == version);
        // A version that is here no longer is followed by the newest.
        exact.or_else(|| same.next_back())
    }

    /// Whether an order (督办书) can be answered where a case stands.
    pub fn may_answer_order(&self, case: &Case) -> bool {
        let workflow = self.workflow(&case.workflow, &case.workflow_version);
        workflow.is_some_and(|workflow| workflow.step(Act::AnswerOrder, &case.stage).is_some())
    }
}

pub(super) fn load(
    files: &Files,
    lists: Option<&Lists>,
    tree: Option<&DivisionTree>,
) -> Result<Casework, Vec<Error>> {
    let mut errors = Vec::new();
    let deadlines = super::keep(deadline::load(files, tree), &mut errors);
    let publicity = super::keep(publicity::load(files, tree), &mut errors);
    let competence = super::keep(competence::load(files), &mut errors);
    let measures = competence
        .as_ref()
        .and_then(|competence| super::keep(measure::load(files, competence, tree), &mut errors));
    let workflows = deadlines
        .as_ref()
        .and_then(|deadlines| super::keep(workflow::load(files, deadlines, tree), &mut errors));
    if let (Some(lists), Some(measures), Some(competence), Some(tree)) =
        (lists, &measures, &competence, tree)
    {
        let beside = Beside {
            lists,
            measures,
            competence,
            tree,
        };
        errors.extend(super::list::check(files, &beside));
    }
    match (workflows, deadlines, publicity, measures, competence) {
        (Some(workflows), Some(deadlines), Some(publicity), Some(measures), Some(competence))
            if errors.is_empty() =>
        {
            Ok(Casework {
                workflows,
                deadlines,
                publicity,
                measures,
                competence,
            })
        }
        _ => Err(errors),
    }
}
