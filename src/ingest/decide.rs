//! Decisions by people about whom a text means: kept, and what hangs on them resolved anew, in one
//! change.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::{
    decision::{Decision, Ending, Judgement},
    division::DivisionCode,
    mention::{Mention, SubjectText},
    viewer::Role,
};

use crate::{
    catalogue::Source,
    graph::Graph,
    store::{self, Known, Listing, Reresolution, Resident},
};

use super::{Ingest, identify::by_codes, reresolve::Which};

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
    /// It is about a person, whom a number tells and nothing else.
    OnlyByNumber,
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
        let Some(source) = self.catalogue.sources.get(&mention.fact.source) else {
            return Ok(Outcome::Gone);
        };
        let Some(mut into) = self.hold(source).await? else {
            return Ok(Outcome::Busy);
        };
        let seen = (mention.id, version);
        let done = self.decide_into(source, seen, new, &mut into).await;
        self.end(into, done).await
    }

    /// Undoes the decision that holds of a mention's text, whether or not the mention stands.
    pub async fn undo_decision(
        &self,
        mention: &Known<Listing<Mention>>,
        version: i64,
        (by, reason): (String, String),
    ) -> Result<Outcome, store::Error> {
        let Some(source) = self.catalogue.sources.get(&mention.fact.source) else {
            return Ok(Outcome::Gone);
        };
        let Some(mut into) = self.hold(source).await? else {
            return Ok(Outcome::Busy);
        };
        let ending = Ending {
            by,
            reason,
            at: self.clock.now(),
        };
        let seen = (mention, version);
        let done = self.undo_into(source, seen, ending, &mut into).await;
        self.end(into, done).await
    }

    async fn decide_into(
        &self,
        source: &Source,
        (mention, version): (i64, i64),
        new: NewDecision,
        into: &mut Reresolution,
    ) -> Result<Outcome, store::Error> {
        let graph = self.still().await?;
        let standing = graph.mention(mention);
        let subject = standing.and_then(|standing| standing.fact.fact.subject(standing.row_id));
        let Some((standing, subject)) = standing.zip(subject) else {
            return Ok(Outcome::Gone);
        };
        if standing.version != version {
            let current = standing.version;
            return Ok(Outcome::Changed { current });
        }
        // A person is told by his number and by nothing else, least of all by somebody's opinion.
        if subject.row().is_some() && (new.agency.is_some() || new.judgement == Judgement::Positive)
        {
            return Ok(Outcome::OnlyByNumber);
        }
        let (key, mention) = (source.key.get_ref().as_str(), &standing.fact.fact);
        let before = graph.decision_on(key, &subject, mention.division);
        let about = (key, mention, &subject);
        let decision = decision(&graph, about, before, new, self.clock.now());
        let reach = decision.reach;
        let ending = Ending {
            by: decision.by.clone(),
            reason: decision.reason.clone(),
            at: decision.at,
        };
        let decided = into
            .decide(standing.row_id, decision, before.map(Arc::as_ref))
            .await?;
        let mut facts = vec![Resident::Decision(decided.clone())];
        // A narrower one that held of this mention gives way, or the new one would not hold of it.
        let tree = graph.divisions();
        let is_within = |inner| reach.is_none_or(|outer| tree.contains(outer, inner));
        let narrower = before
            .filter(|before| before.id != decided.id && before.fact.reach.is_some_and(is_within));
        if let Some(narrower) = narrower {
            into.undo(narrower, ending).await?;
            facts.push(Resident::DecisionEnded(narrower.id));
        }
        let graph = Arc::new(graph.with(facts));
        self.reresolve(source, &graph, &Which::About(&subject), into)
            .await?;
        Ok(Outcome::Done {
            decision: decided.id,
            version: decided.version,
        })
    }

    async fn undo_into(
        &self,
        source: &Source,
        (mention, version): (&Known<Listing<Mention>>, i64),
        ending: Ending,
        into: &mut Reresolution,
    ) -> Result<Outcome, store::Error> {
        let graph = self.still().await?;
        let key = source.key.get_ref();
        let (row_id, mention) = (mention.row_id, &mention.fact.fact);
        let subject = mention.subject(row_id);
        let standing = subject
            .as_ref()
            .and_then(|subject| graph.decision_on(key, subject, mention.division));
        let Some((standing, subject)) = standing.zip(subject.as_ref()) else {
            return Ok(Outcome::Gone);
        };
        let (decision, current) = (standing.id, standing.version);
        if current != version {
            return Ok(Outcome::Changed { current });
        }
        into.undo(standing, ending).await?;
        let graph = Arc::new(graph.with([Resident::DecisionEnded(decision)]));
        self.reresolve(source, &graph, &Which::About(subject), into)
            .await?;
        Ok(Outcome::Done { decision, version })
    }

    /// Keeps everybody else from a source's rows; none while a delivery of it comes in.
    pub(super) async fn hold(&self, source: &Source) -> Result<Option<Reresolution>, store::Error> {
        let key = source.key.get_ref();
        match self.store.begin_reresolution(key, self.clock.now()).await {
            Ok(into) => Ok(Some(into)),
            Err(store::Error::Busy { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The newest version, in which a source's rows stand still while it is held: what is checked in
    /// it holds at the end.
    async fn still(&self) -> Result<Arc<Graph>, store::Error> {
        self.live.catch_up().await?;
        Ok(self.live.now())
    }

    /// Closes what was done; what did not come to be done leaves no trace.
    async fn end(
        &self,
        into: Reresolution,
        done: Result<Outcome, store::Error>,
    ) -> Result<Outcome, store::Error> {
        match done {
            Ok(Outcome::Done { .. }) => {
                into.close(None, self.clock.now()).await?;
                self.live.wake();
                self.live.catch_up().await?;
            }
            Ok(_) => into.take_back().await?,
            Err(_) => {
                // If the database is away, who holds the source next takes it back.
                let _ = into.take_back().await;
            }
        }
        done
    }
}

fn decision(
    graph: &Graph,
    (source, mention, subject): (&str, &Mention, &SubjectText),
    before: Option<&Arc<Known<Decision>>>,
    new: NewDecision,
    now: DateTime<Utc>,
) -> Decision {
    let mut excluded = match (new.judgement, new.agency) {
        (Judgement::Positive, _) | (Judgement::Negative, None) => Vec::new(),
        (Judgement::Negative | Judgement::Unsure, _) => {
            before.map_or_else(Vec::new, |before| before.fact.excluded.clone())
        }
    };
    excluded.extend(new.agency.filter(|_| new.judgement == Judgement::Negative));
    excluded.sort_unstable();
    excluded.dedup();
    Decision {
        source: source.to_owned(),
        subject: subject.clone(),
        reach: new.reach,
        judgement: new.judgement,
        agency: new.agency,
        excluded,
        coded: by_codes(graph, subject.codes()),
        division: mention.division,
        by: new.by,
        role: new.role,
        reason: new.reason,
        at: now,
    }
}
