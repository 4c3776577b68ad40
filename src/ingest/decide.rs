//! Decisions by people about whom a text means: kept, and what hangs on them resolved anew, in one
//! change.

use std::sync::Arc;

use domain::{
    decision::{Decision, Judgement},
    division::DivisionCode,
    mention::{Mention, SubjectText},
    viewer::Role,
};

use crate::{
    catalogue::Source,
    graph::Graph,
    store::{self, Known, Listing, Reresolution, Resident},
};

use super::{Ingest, reresolve::Which};

/// What somebody found about a mention.
#[derive(Debug, Clone)]
pub struct NewDecision {
    pub judgement: Judgement,
    /// The body that it is about.
    pub agency: Option<i64>,
    /// The division of whose rows it holds; everywhere where there is none.
    pub reach: Option<DivisionCode>,
    /// The token's subject.
    pub by: String,
    pub role: Role,
    pub reason: String,
}

/// What came of deciding or undoing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is done: the decision's number and version.
    Done { decision: i64, version: i64 },
    /// What was to be decided or undone is gone, or of no text that can be found again.
    Gone,
    /// It is another version by now.
    Changed { current: i64 },
    /// A delivery of the source is coming in.
    Busy,
}

impl Ingest {
    /// Decides whom a mention's text means in its source.
    pub async fn decide(
        &self,
        mention: &Known<Listing<Mention>>,
        version: i64,
        new: NewDecision,
    ) -> Result<Outcome, store::Error> {
        let id = mention.id;
        self.alone(&mention.fact.source, async |source, graph, into| {
            let standing = graph.mention(id);
            let Some((standing, subject)) =
                standing.and_then(|known| Some((known, known.fact.fact.subject()?)))
            else {
                return Ok(Outcome::Gone);
            };
            if standing.version != version {
                return Ok(Outcome::Changed {
                    current: standing.version,
                });
            }
            let key = source.key.get_ref();
            let (row_id, mention) = (standing.row_id, &standing.fact.fact);
            let before = graph.decision_on(key, &subject, mention.division);
            let excludes = |known: &Arc<Known<Decision>>| known.fact.excluded.clone();
            let excluded = before.map(excludes).unwrap_or_default();
            let decision = decision(key, mention, &subject, excluded, new, self.clock.now());
            let reach = decision.reach;
            let decided = into.decide(row_id, decision).await?;
            let mut facts = vec![Resident::Decision(decided.clone())];
            // A narrower one that held of this mention gives way, or the new one would not.
            let tree = graph.divisions();
            let narrower = before.filter(|before| {
                let inner = before.fact.reach;
                let is_within = |inner| reach.is_none_or(|outer| tree.contains(outer, inner));
                before.id != decided.id && inner.is_some_and(is_within)
            });
            if let Some(narrower) = narrower {
                into.undo(narrower.id).await?;
                facts.push(Resident::DecisionEnded(narrower.id));
            }
            let graph = Arc::new(graph.with(facts));
            self.reresolve(source, &graph, &Which::About(&subject), into)
                .await?;
            Ok(Outcome::Done {
                decision: decided.id,
                version: decided.version,
            })
        })
        .await
    }

    /// Undoes the decision that holds of a mention's text, whether or not the mention stands.
    pub async fn undo_decision(
        &self,
        mention: &Known<Listing<Mention>>,
        version: i64,
    ) -> Result<Outcome, store::Error> {
        let Listing { source, fact } = &mention.fact;
        let Some(subject) = fact.subject() else {
            return Ok(Outcome::Gone);
        };
        let division = fact.division;
        self.alone(source, async |source, graph, into| {
            let key = source.key.get_ref();
            let Some(standing) = graph.decision_on(key, &subject, division) else {
                return Ok(Outcome::Gone);
            };
            let current = standing.version;
            if current != version {
                return Ok(Outcome::Changed { current });
            }
            let decision = standing.id;
            into.undo(decision).await?;
            let graph = Arc::new(graph.with([Resident::DecisionEnded(decision)]));
            self.reresolve(source, &graph, &Which::About(&subject), into)
                .await?;
            Ok(Outcome::Done { decision, version })
        })
        .await
    }

    /// Does something to a source's decisions while nobody else writes its rows; what does not come
    /// to be done leaves no trace.
    async fn alone(
        &self,
        source: &str,
        work: impl AsyncFnOnce(&Source, &Arc<Graph>, &mut Reresolution) -> Result<Outcome, store::Error>,
    ) -> Result<Outcome, store::Error> {
        let Some(source) = self.catalogue.sources.get(source) else {
            return Ok(Outcome::Gone);
        };
        let key = source.key.get_ref();
        let mut into = match self.store.begin_reresolution(key, self.clock.now()).await {
            Ok(into) => into,
            Err(store::Error::Busy { .. }) => return Ok(Outcome::Busy),
            Err(error) => return Err(error),
        };
        // The source's rows stand still from here on, so what is checked now holds at the end.
        let done = match self.live.catch_up().await {
            Ok(_) => work(source, &self.live.now(), &mut into).await,
            Err(error) => Err(error),
        };
        match done {
            Ok(done @ Outcome::Done { .. }) => {
                into.close(None, self.clock.now()).await?;
                self.live.wake();
                self.live.catch_up().await?;
                Ok(done)
            }
            Ok(outcome) => {
                into.take_back().await?;
                Ok(outcome)
            }
            Err(error) => {
                // If the database is away, who holds the source next takes it back.
                let _ = into.take_back().await;
                Err(error)
            }
        }
    }
}

fn decision(
    source: &str,
    mention: &Mention,
    subject: &SubjectText,
    excluded_before: Vec<i64>,
    new: NewDecision,
    now: chrono::DateTime<chrono::Utc>,
) -> Decision {
    let candidates = mention.resolution.candidates.iter();
    let mut excluded = match (new.judgement, new.agency) {
        (Judgement::Negative, Some(agency)) => [excluded_before, vec![agency]].concat(),
        (Judgement::Unsure, _) => excluded_before,
        (Judgement::Positive | Judgement::Negative, _) => Vec::new(),
    };
    // Whoever was excluded was seen before that.
    let seen = candidates.map(|candidate| candidate.agency);
    let mut seen: Vec<i64> = seen.chain(new.agency).chain(excluded.clone()).collect();
    for list in [&mut excluded, &mut seen] {
        list.sort_unstable();
        list.dedup();
    }
    Decision {
        source: source.to_owned(),
        subject: subject.clone(),
        reach: new.reach,
        judgement: new.judgement,
        agency: new.agency,
        excluded,
        seen,
        division: mention.division,
        by: new.by,
        role: new.role,
        reason: new.reason,
        at: now,
    }
}
