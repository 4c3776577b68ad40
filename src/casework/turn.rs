//! What time does: terms that are over end records and sanctions, and what a court removed is closed.

use domain::{
    casework::{Act, Clerk, Command, Deed, Party},
    credit_record::CreditRecordStatus,
};

use super::{Asked, Casework, Outcome, Target};
use crate::{graph::Graph, store};

/// Cases that one turn moves at most; the next goes on with the rest.
const ENDED_PER_TURN: usize = 1_000;

/// What a turn of the day came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Turned {
    /// Cases in which a term ended.
    pub expired: usize,
    /// Cases that were closed, opened again or counted anew.
    pub closed: usize,
}

impl Casework {
    /// Ends what is over by today. Twice on one day it does nothing more.
    pub async fn turn(&self) -> Result<Turned, store::Error> {
        self.live.catch_up().await?;
        let graph = self.live.now();
        let mut turned = Turned::default();
        for (target, act) in self.due(&graph) {
            if turned.expired + turned.closed >= ENDED_PER_TURN {
                break;
            }
            let done = self.by_clock(target, act).await?;
            match (act, done) {
                (Act::Expire, Outcome::Done(_)) => turned.expired += 1,
                (_, Outcome::Done(_)) => turned.closed += 1,
                _ => {}
            }
        }
        self.live.catch_up().await?;
        Ok(turned)
    }

    fn due(&self, graph: &Graph) -> Vec<(Target, Act)> {
        let today = self.clock.today();
        let mut due = Vec::new();
        for case in graph.all_cases() {
            let fact = &case.fact;
            let record = fact.about.record.and_then(|id| graph.record(id));
            // A record that is there no more was taken back.
            let holds = fact.about.record.map(|_| {
                let status = record.map(|record| record.fact.fact.status);
                status == Some(CreditRecordStatus::Active)
            });
            let said = fact.record.as_ref().map(|said| said.status);
            let is_open = !graph.is_final(fact);
            if holds == Some(false) && fact.is_live() {
                due.push((Target::Case(case.id), Act::Close));
            } else if holds == Some(true) && said == Some(CreditRecordStatus::Delisted) {
                due.push((Target::Case(case.id), Act::Relist));
            } else if is_open && fact.running.as_ref().is_some_and(|r| r.is_provisional) {
                due.push((Target::Case(case.id), Act::Recount));
            } else if is_open && fact.is_term_over(today) {
                due.push((Target::Case(case.id), Act::Expire));
            }
        }
        due
    }

    async fn by_clock(&self, target: Target, act: Act) -> Result<Outcome, store::Error> {
        let graph = self.live.now();
        let Target::Case(id) = target else {
            return Ok(Outcome::Gone);
        };
        let Some(found) = self.standing(&graph, id, 0) else {
            return Ok(Outcome::Gone);
        };
        let asked = Asked {
            target,
            version: 0,
            command: Command {
                deed: Deed::Plain(act),
                basis: None,
                note: None,
                evidence: Vec::new(),
            },
            identified_by: None,
        };
        let clerk = Clerk {
            subject: "hub".to_owned(),
            parties: vec![Party::Clock],
            body: None,
            at: self.clock.now(),
            on: self.clock.today(),
        };
        self.take(&graph, found, asked, &clerk).await
    }
}
