//! What time does: terms that are over end records and sanctions, and what a court removed is closed.

use domain::{
    casework::{Act, Clerk, Command, Deed, Party},
    credit_record::CreditRecordStatus,
};

use super::{Asked, Casework, Found, Outcome, Target};
use crate::{graph::Graph, store};

/// Cases and records that one turn ends at most; the next goes on with the rest.
const ENDED_PER_TURN: usize = 1_000;

/// What a turn of the day came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Turned {
    /// Cases in which a term ended.
    pub expired: usize,
    /// Cases that were closed.
    pub closed: usize,
}

impl Casework {
    /// Ends what is over by today. Twice on one day it does nothing more.
    pub async fn turn(&self) -> Result<Turned, store::Error> {
        self.live.catch_up().await?;
        let graph = self.live.now();
        let mut turned = Turned::default();
        for (target, act) in self.due(&graph) {
            let done = self.by_clock(target, act).await?;
            match (act, done) {
                (Act::Expire, Outcome::Done(_)) => turned.expired += 1,
                (_, Outcome::Done(_)) => turned.closed += 1,
                _ => {}
            }
        }
        Ok(turned)
    }

    fn due(&self, graph: &Graph) -> Vec<(Target, Act)> {
        let today = self.clock.today();
        let mut due = Vec::new();
        for case in graph.all_cases() {
            let fact = &case.fact;
            let record = fact.about.record.and_then(|id| graph.record(id));
            let is_removed = fact.record.as_ref().is_some_and(|said| said.is_mirrored)
                && record
                    .is_some_and(|record| record.fact.fact.status != CreditRecordStatus::Active);
            let is_open = !graph.is_final(fact);
            if is_removed && is_open {
                due.push((Target::Case(case.id), Act::Close));
            } else if is_open && fact.is_term_over(today) {
                due.push((Target::Case(case.id), Act::Expire));
            }
        }
        let rules = &self.catalogue.casework.publicity;
        for record in graph.all_records() {
            let fact = &record.fact.fact;
            if fact.status != CreditRecordStatus::Active
                || graph.case_of_record(record.id).is_some()
            {
                continue;
            }
            let rule = rules.rule(fact.kind, fact.tier, fact.identified_on);
            let window = rule.filter(|rule| !rule.is_mirrored);
            let window = window.map(|rule| rule.window(fact.identified_on));
            if window
                .and_then(|window| window.maximum)
                .is_some_and(|last| last < today)
            {
                due.push((Target::Record(record.id), Act::Expire));
            }
        }
        due.truncate(ENDED_PER_TURN);
        due
    }

    async fn by_clock(&self, target: Target, act: Act) -> Result<Outcome, store::Error> {
        let graph = self.live.now();
        let found: Option<Found> = match target {
            Target::Record(id) => {
                let case = domain::id::derived_id(domain::id::Kind::Case, id, "");
                self.of_record(&graph, case, id)
            }
            Target::Case(id) => self.standing(&graph, id, 0),
            _ => None,
        };
        let Some(found) = found else {
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
