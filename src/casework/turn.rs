//! What time does: terms that are over end records and sanctions, those whose first day came begin, what a court
//! removed, or what turned out to be another body's, is closed, leads whose days run are taken up, and who owes something is reminded of it.

use domain::{
    casework::{Act, Case, Clerk, Command, Deed, Party},
    credit_record::CreditRecordStatus,
};

use super::{Asked, Casework, Outcome, Target, unattended::TAKEN_UP_PER_TURN};
use crate::{graph::Graph, store};

/// Cases that one turn moves at most; the next goes on with the rest.
pub(super) const ENDED_PER_TURN: usize = 1_000;
/// In which words the clock closes a case.
const CLOSED_BY_SOURCE: &str = "依来源办结 / closed by what its source says";
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
    /// Leads that nobody had taken up and whose days run from receipt.
    pub taken_up: usize,
    /// Reminders that were made.
    pub reminded: usize,
}

impl Turned {
    /// Whether a bound was reached, so that the next turn has more to do.
    pub fn goes_on(&self) -> bool {
        let Self {
            begun,
            expired,
            closed,
            taken_up,
            reminded,
        } = *self;
        begun >= BEGUN_PER_TURN
            || expired.max(closed) >= ENDED_PER_TURN
            || taken_up >= TAKEN_UP_PER_TURN
            || reminded >= REMINDED_PER_TURN
    }
}

impl Casework {
    /// Ends what is over by today, begins what runs from today on, and reminds of what is due. Twice on one day it does
    /// nothing more.
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
        turned.expired += self.expire_told().await?;
        turned.begun = self.begin_all().await?;
        turned.taken_up = self.take_up_all().await?;
        turned.reminded = self.remind_all().await?;
        Ok(turned)
    }

    /// Begins the measures whose first day has come, once all that is over has ended. What ought to have ended and
    /// could not begins nothing: nobody is told of a measure that never was to run.
    async fn begin_all(&self) -> Result<usize, store::Error> {
        let (graph, today) = (self.live.now(), self.clock.today());
        let cases = graph.all_cases();
        let due = cases.filter(|case| {
            let begins = case.fact.sanctions_to_begin(today).next().is_some();
            begins && self.stands(&graph, &case.fact)
        });
        let mut begun = 0;
        for case in due {
            if begun >= BEGUN_PER_TURN {
                break;
            }
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
        let cases = graph.all_cases();
        let due = cases.filter_map(|case| {
            let act = self.due_of(graph, &case.fact)?;
            Some((Target::Case(case.id), act))
        });
        due.collect()
    }

    /// What time is to do to a case, but for what begins and whom it reminds.
    fn due_of(&self, graph: &Graph, case: &Case) -> Option<Act> {
        let today = self.clock.today();
        let holds = record_holds(graph, case);
        let said = case.record.as_ref().map(|said| said.status);
        let is_open = !graph.is_final(case);
        let is_ended = holds == Some(false) && case.is_live();
        if is_ended || is_open && self.was_listed_after(graph, case) {
            Some(Act::Close)
        } else if holds == Some(true) && said == Some(CreditRecordStatus::Delisted) {
            Some(Act::Relist)
        } else if is_open && case.is_term_over(today) {
            Some(Act::Expire)
        } else if is_open && self.ends_incentive(graph, case) {
            Some(Act::EndIncentive)
        } else if is_open && self.recounts(graph, case) {
            Some(Act::Recount)
        } else {
            None
        }
    }

    /// Whether days are to be counted anew. Only provisional ones are, and those of a lead that nobody here has in hand.
    fn recounts(&self, graph: &Graph, case: &Case) -> bool {
        let is_untouched = case.about.clue.is_some() && case.handler.is_none();
        let may = case.periods().any(|running| running.is_provisional)
            || is_untouched && case.running.is_some();
        let casework = &self.catalogue.casework;
        let workflow = casework.workflow(&case.workflow, &case.workflow_version);
        workflow.filter(|_| may).is_some_and(|workflow| {
            let facts = self.facts(graph, case);
            let counted = self
                .rules(workflow)
                .recount(case, &facts, &self.clerk_of_time());
            counted.is_some()
        })
    }

    /// Whether a case's record, where it has one, holds, and nothing of the case ought to have ended.
    fn stands(&self, graph: &Graph, case: &Case) -> bool {
        let holds = record_holds(graph, case) != Some(false);
        holds && matches!(self.due_of(graph, case), None | Some(Act::Recount))
    }

    pub(super) async fn by_clock(&self, target: Target, act: Act) -> Result<Outcome, store::Error> {
        let graph = self.live.now();
        let found = match target {
            Target::Case(id) => self.standing(&graph, id, 0),
            Target::Clue(id) => self.of_clue(&graph, id),
            Target::Record(id) => {
                let led = self.of_lead(&graph, id);
                led.or_else(|| self.of_record(&graph, id))
            }
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
                note: (act == Act::Close).then(|| CLOSED_BY_SOURCE.to_owned()),
                evidence: Vec::new(),
            },
            identified_by: None,
        };
        self.take(&graph, found, asked, &self.clerk_of_time()).await
    }

    /// Whether a case holds an incentive that ends because a record about its body holds.
    fn ends_incentive(&self, graph: &Graph, case: &Case) -> bool {
        let place = graph.place_of(case);
        let mut running = case.sanctions.iter().filter(|one| !one.status.is_over());
        let ends = running.any(|one| {
            let measure = self.catalogue.measure_of(one, place);
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

/// Whether the record of a case holds; none where it is about none. One that is there no more does not, nor one that
/// turned out to be another body's.
fn record_holds(graph: &Graph, case: &Case) -> Option<bool> {
    case.about.record?;
    let record = graph.record_of_case(case);
    Some(record.is_some_and(|known| known.fact.fact.status == CreditRecordStatus::Active))
}
