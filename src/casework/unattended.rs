//! What time does to what only sources tell of and nobody here has in hand: a record ends with its longest term, and
//! the days of a lead run from its receipt.

use std::{collections::HashSet, sync::Arc};

use chrono::NaiveDate;
use domain::{
    casework::{Act, Party, StepRule, Workflow},
    credit_record::{CreditRecord, CreditRecordStatus},
};

use super::{Casework, Outcome, Target, turn::ENDED_PER_TURN};
use crate::{graph::Graph, store};

/// Leads that one turn takes up at most; the next goes on with the rest.
pub(super) const TAKEN_UP_PER_TURN: usize = 1_000;

impl Casework {
    /// Ends the records without a case whose longest term is over; how many.
    pub(super) async fn expire_told(&self) -> Result<usize, store::Error> {
        let graph = self.live.now();
        let (casework, looked_at) = (self.clone(), Arc::clone(&graph));
        let looking = tokio::task::spawn_blocking(move || casework.told_and_over(&looked_at));
        // A look that failed is taken again with the next turn.
        let over = looking.await.unwrap_or_default();
        let mut expired = 0;
        for record in over {
            let done = self.by_clock(Target::Record(record), Act::Expire).await?;
            expired += usize::from(matches!(done, Outcome::Done(_)));
        }
        if expired > 0 {
            self.live.catch_up().await?;
        }
        Ok(expired)
    }

    fn told_and_over(&self, graph: &Graph) -> Vec<i64> {
        let today = self.clock.today();
        let over = graph.all_records().filter(|known| {
            let record = &known.fact.fact;
            record.status == CreditRecordStatus::Active
                && self
                    .last_day(graph, record)
                    .is_some_and(|last| last < today)
                && graph.case_of_record(known.id).is_none()
        });
        over.take(ENDED_PER_TURN).map(|known| known.id).collect()
    }

    /// The last day of a record by the rules of its day of determination; none where only its source ends it, it must
    /// be set right first, or no track is there by which time could.
    fn last_day(&self, graph: &Graph, record: &CreditRecord) -> Option<NaiveDate> {
        let casework = &self.catalogue.casework;
        let body = record.subject.agency().and_then(|id| graph.agency(id));
        let place = body.map(|body| body.fact.division);
        let (kind, tier, on) = (record.kind, record.tier, record.identified_on);
        let tree = &self.catalogue.divisions;
        let rule = casework.publicity.rule(kind, tier, on, place, tree)?;
        let ends = !rule.is_mirrored && !rule.needs_correction;
        let last = rule.window(on).maximum.filter(|_| ends)?;
        let is_its = |workflow: &Workflow| workflow.kinds.contains(&kind);
        self.workflow_for(place, is_its)?;
        Some(last)
    }

    /// Takes up the leads that nobody has, where their track says that their days run all the same: otherwise
    /// nobody would be late with a complaint that lies untouched.
    pub(super) async fn take_up_all(&self) -> Result<usize, store::Error> {
        let graph = self.live.now();
        let takes_up = |step: &StepRule| step.by.contains(&Party::Clock);
        let tracks = self.catalogue.casework.workflows.iter();
        let tracks = tracks.filter(|track| track.steps_of(Act::Accept).any(takes_up));
        let channels: HashSet<&String> = tracks.flat_map(|track| &track.channels).collect();
        let untouched = graph.untouched_clues().filter(|clue| {
            let clue = &clue.fact.fact;
            clue.ended_on.is_none() && channels.contains(&clue.channel)
        });
        let mut taken_up = 0;
        for clue in untouched {
            if taken_up >= TAKEN_UP_PER_TURN {
                break;
            }
            // Where the track of its place says nothing of it, this is refused.
            let done = self.by_clock(Target::Clue(clue.id), Act::Accept).await?;
            taken_up += usize::from(matches!(done, Outcome::Done(_)));
        }
        if taken_up > 0 {
            self.live.catch_up().await?;
        }
        Ok(taken_up)
    }
}
