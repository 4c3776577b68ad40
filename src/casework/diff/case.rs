//! What a catalogue says of an open case: its periods, and the steps of its stage.

use chrono::NaiveDate;
use domain::{
    casework::{Case, Running, StepRule},
    division::DivisionCode,
};

use super::{Both, Changes, day};
use crate::catalogue::Catalogue;

impl Both<'_> {
    pub(super) fn case(&self, case: &Case, changes: &mut Changes) {
        let place = self.graph.place_of(case);
        for running in case.periods() {
            let what = format!("period {} since {}", running.rule, running.since);
            let due = |catalogue| day(due(catalogue, running, place));
            changes.differs(&what, &due(self.now), &due(self.other));
        }
        self.steps(case, changes);
    }

    /// The steps of its stage. A case goes on by the version with which it began: another version of its track
    /// changes nothing, as long as its own is there.
    fn steps(&self, case: &Case, changes: &mut Changes) {
        let track = |catalogue: &'_ Catalogue| {
            let casework = &catalogue.casework;
            let track = casework.workflow(&case.workflow, &case.workflow_version);
            track.cloned()
        };
        let (Some(is), would) = (track(self.now), track(self.other)) else {
            return;
        };
        let Some(would) = would else {
            changes.say(format!(
                "track {}: none -> the case would stand still",
                is.key
            ));
            return;
        };
        if is == would {
            return;
        }
        let (key, stage) = (&is.key, &case.stage);
        changes.differs(&format!("track {key}"), &is.version, &would.version);
        if is.stage(stage).is_some() && would.stage(stage).is_none() {
            changes.say(format!("stage {stage}: missing"));
            return;
        }
        let find = |steps: &[&StepRule], act| steps.iter().any(|step| step.act == act);
        let before: Vec<&StepRule> = is.acts_in(stage).collect();
        let after: Vec<&StepRule> = would.acts_in(stage).collect();
        for step in &before {
            match after.iter().find(|one| one.act == step.act) {
                None => changes.say(format!("step {}: missing", step.act)),
                Some(other) if is_otherwise(step, other) => {
                    changes.say(format!("step {}: otherwise", step.act));
                }
                Some(_) => {}
            }
        }
        let new = after.iter().filter(|step| !find(&before, step.act));
        new.for_each(|step| changes.say(format!("step {}: new", step.act)));
    }
}

/// Whether a step leads elsewhere, is for others, needs something else or begins another period.
fn is_otherwise(is: &StepRule, would: &StepRule) -> bool {
    let told = |step: &StepRule| {
        let step = step.clone();
        (step.to, step.by, step.needs, step.starts, step.keeps)
    };
    told(is) != told(would)
}

/// The last day of a period that runs; none where no rule of its key holds in the place.
fn due(catalogue: &Catalogue, running: &Running, place: Option<DivisionCode>) -> Option<NaiveDate> {
    let (deadlines, tree) = (&catalogue.casework.deadlines, &catalogue.divisions);
    let rule = deadlines.rule(&running.rule, running.since, place, tree)?;
    let due = match running.is_extended {
        true => rule.extended(&catalogue.calendar, running.since)?,
        false => rule.due(&catalogue.calendar, running.since),
    };
    Some(due.date())
}
