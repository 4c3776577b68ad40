//! What time does: terms that are over end records and sanctions, those whose first day came begin, what a court
//! removed is closed, and who owes something is reminded of it.

use domain::{
    casework::{Act, Case, Clerk, Command, Deed, Party},
    credit_record::CreditRecordStatus,
};

use super::{Asked, Casework, Outcome, Target};
use crate::{graph::Graph, store};

/// Cases that one turn moves at most; the next goes on with the rest.
const ENDED_PER_TURN: usize = 1_000;
/// Cases in which one turn begins measures at most, likewise.
const BEGUN_PER_TURN: usize = 1_000;
/// Cases in which one turn reminds somebody at most, likewise.
const REMINDED_PER_TURN: usize = 1_000;

/// What a turn of the day came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Turned {
    /// Cases in which a measure's first day came.
    pub begun: usize,
    /// Cases in which a term ended.
    pub expired: usize,
    /// Cases that were closed, opened again or counted anew.
    pub closed: usize,
    /// Reminders that were made.
    pub reminded: usize,
}

impl Casework {
    /// Ends what is over by today, begins what runs from today on, and reminds of what is due. Twice on one day it does nothing more.
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
        turned.begun = self.begin_all().await?;
        turned.reminded = self.remind_all().await?;
        Ok(turned)
    }

    /// Begins the measures whose first day has come, once all that is over has ended.
    async fn begin_all(&self) -> Result<usize, store::Error> {
        let (graph, today) = (self.live.now(), self.clock.today());
        let cases = graph.all_cases();
        let due = cases.filter(|case| case.fact.sanctions_to_begin(today).next().is_some());
        let mut begun = 0;
        for case in due.take(BEGUN_PER_TURN) {
            let done = self.by_clock(Target::Case(case.id), Act::Begin).await?;
            begun += usize::from(matches!(done, Outcome::Done(_)));
        }
        if begun > 0 {
            self.live.catch_up().await?;
        }
        Ok(begun)
    }

    /// Reminds whoever owes something, once all that is over has ended.
    async fn remind_all(&self) -> Result<usize, store::Error> {
        let graph = self.live.now();
        let due = self.to_be_reminded(&graph, REMINDED_PER_TURN).await;
        let clerk = self.clerk_of_time();
        let mut made = 0;
        for case in due {
            if let Some(found) = self.standing(&graph, case, 0) {
                made += self.remind(&graph, found, &clerk).await?;
            }
        }
        if made > 0 {
            self.live.catch_up().await?;
        }
        Ok(made)
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
            } else if is_open && fact.is_term_over(today) {
                due.push((Target::Case(case.id), Act::Expire));
            } else if is_open && self.ends_incentive(graph, fact) {
                due.push((Target::Case(case.id), Act::EndIncentive));
            } else if is_open && fact.periods().any(|running| running.is_provisional) {
                due.push((Target::Case(case.id), Act::Recount));
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
        self.take(&graph, found, asked, &self.clerk_of_time()).await
    }

    /// Whether a case holds an incentive that ends because a record about its body holds.
    fn ends_incentive(&self, graph: &Graph, case: &Case) -> bool {
        let measures = &self.catalogue.casework.measures;
        let mut running = case.sanctions.iter().filter(|one| !one.status.is_over());
        let ends = running.any(|one| {
            let measure = measures.get(&one.measure);
            measure.is_some_and(|measure| measure.ends_with_record)
        });
        let body = case.about.agency.filter(|_| ends);
        body.is_some_and(|body| graph.is_discredited(body))
    }

    fn clerk_of_time(&self) -> Clerk {
        Clerk {
            subject: "hub".to_owned(),
            parties: vec![Party::Clock],
            body: None,
            areas: Vec::new(),
            at: self.clock.now(),
            on: self.clock.today(),
        }
    }
}
