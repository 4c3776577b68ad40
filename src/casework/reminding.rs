//! Who is reminded of what is due, by the clock; and whose superior is told that it is late.

use std::sync::Arc;

use domain::{
    casework::{Beside, Case, Clerk, Party, Reminder, ToRemind},
    division::DivisionCode,
};

use super::{Casework, Found};
use crate::{
    graph::Graph,
    store::{self, CaseStep, Written},
};

impl Casework {
    /// Makes the reminders of a case whose days have come, each an event of its own; how many. Another
    /// process that is quicker has made them.
    pub(super) async fn remind(
        &self,
        graph: &Graph,
        found: Found,
        clerk: &Clerk,
    ) -> Result<usize, store::Error> {
        let Found {
            id,
            mut case,
            facts,
            workflow,
            ..
        } = found;
        let rules = self.rules(&workflow);
        let mut made = 0;
        for mut due in rules.to_remind(&case, facts.place, clerk.on) {
            if !self.address(graph, &case, facts.place, &mut due) {
                continue;
            }
            let event = rules.reminded(&case, due.reminder, due.basis, clerk);
            case.apply(&event);
            let step = CaseStep {
                id,
                case: case.clone(),
                event,
                record: None,
                is_by_time: true,
            };
            match self.store.write_step(step, self.clock.now()).await? {
                Written::Done => made += 1,
                Written::Changed { .. } | Written::Busy => break,
            }
        }
        Ok(made)
    }

    /// The cases that have reminders to be made, at most so many. All that is owed is looked at, aside from
    /// what is answered meanwhile.
    pub(super) async fn to_be_reminded(&self, graph: &Arc<Graph>, most: usize) -> Vec<i64> {
        let (casework, graph) = (self.clone(), Arc::clone(graph));
        let looking = tokio::task::spawn_blocking(move || {
            let open = graph.all_cases().filter(|case| !graph.is_final(&case.fact));
            let due = open.filter(|case| casework.is_to_be_reminded(&graph, &case.fact));
            due.take(most).map(|case| case.id).collect()
        });
        // A look that failed is taken again with the next turn.
        looking.await.unwrap_or_default()
    }

    fn is_to_be_reminded(&self, graph: &Graph, case: &Case) -> bool {
        if case.owed().next().is_none() {
            return false;
        }
        let casework = &self.catalogue.casework;
        let Some(workflow) = casework.workflow(&case.workflow, &case.workflow_version) else {
            return false;
        };
        let place = graph.place_of(case);
        let rules = self.rules(workflow);
        let mut due = rules.to_remind(case, place, self.clock.today()).into_iter();
        due.any(|mut due| self.address(graph, case, place, &mut due))
    }

    /// Finds to whom a reminder goes. What is nobody's in particular is told to nobody in particular; above
    /// whom nobody is known, nobody is told that he is late, and nobody beside him.
    fn address(
        &self,
        graph: &Graph,
        case: &Case,
        place: Option<DivisionCode>,
        due: &mut ToRemind<'_>,
    ) -> bool {
        let reminder = &mut due.reminder;
        reminder.owed_by = reminder
            .owed_by
            .or_else(|| self.who_owes(graph, case, place, due.owed_by));
        if let Some(beside) = reminder.beside {
            reminder.to = match beside {
                Beside::Leader => place
                    .and_then(|place| self.leader(graph, place))
                    .map(|leader| leader.id),
                Beside::Superior => reminder.owed_by.and_then(|body| superior(graph, body)),
            };
            // One who is both is told once.
            let is_told = |made: &Reminder| {
                let is_same = (made.of, made.number, made.since)
                    == (reminder.of, reminder.number, reminder.since);
                is_same
                    && made.due_on == reminder.due_on
                    && made.beside.is_some()
                    && made.to == reminder.to
            };
            let is_own = reminder.to == reminder.owed_by;
            return reminder.to.is_some() && !is_own && !case.reminders.iter().any(is_told);
        }
        let mut to = reminder.owed_by;
        for _ in 0..reminder.level {
            to = to.and_then(|body| superior(graph, body));
        }
        reminder.to = to;
        let is_own = reminder.level > 0 && to == reminder.owed_by;
        reminder.level == 0 || to.is_some() && !is_own
    }

    /// Of these parties the first that the case has. What nobody has in hand is for who leads there.
    fn who_owes(
        &self,
        graph: &Graph,
        case: &Case,
        place: Option<DivisionCode>,
        parties: &[Party],
    ) -> Option<i64> {
        let of = |party: &Party| match party {
            Party::Handler => case.handler,
            Party::Concerned => graph.subjects_of(case).first().copied(),
            _ => None,
        };
        let subjects = graph.subjects_of(case);
        let leader = || {
            let leader = self.leader(graph, place?)?;
            (!subjects.contains(&leader.id)).then_some(leader.id)
        };
        parties.iter().find_map(of).or_else(leader)
    }
}

/// The body above another.
fn superior(graph: &Graph, body: i64) -> Option<i64> {
    let superior = graph.agency(body)?.fact.superior?;
    Some(graph.agency_by_code(&superior)?.id)
}
