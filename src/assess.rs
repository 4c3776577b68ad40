//! Grading and warning: every body is scored by the default rule pack and held against the red lines, as a
//! whole each day and by each change; and each year it is assessed in a campaign (`docs/assessment.md`).

mod annual;
mod look;

use std::{collections::HashMap, sync::Arc};

use chrono::NaiveDate;
use domain::{
    assess::{WarningAct, WarningEvent, WarningRefused},
    uscc::Uscc,
};

use crate::{
    casework::Casework,
    catalogue::Catalogue,
    clock::Clock,
    graph::{Live, View},
    store::{self, Assessed, AssessedBy, AssessedRows, Judged, Store},
};

use look::Looked;

pub use annual::{CampaignDone, Decided, Opening, Replayed, Results, refusal_told};
pub use look::Crossings;

/// Bodies whose scores and warnings are written at once.
const BODIES_PER_WRITE: usize = 5_000;
/// How often a batch is reckoned anew that another process was quicker with.
const TRIES_MAX: usize = 5;

/// What grades and warns.
#[derive(Clone)]
pub struct Assessing {
    pub store: Store,
    pub live: Arc<Live>,
    pub catalogue: Arc<Catalogue>,
    pub clock: Clock,
    /// Results of annual assessments that were read lately.
    pub results: Results,
}

/// What came of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Assessment {
    /// Bodies that were looked at.
    pub bodies: usize,
    /// Of these the ones whose score is another now.
    pub scored: usize,
    /// Warnings that were raised.
    pub raised: usize,
    /// Warnings whose cause is gone.
    pub cleared: usize,
    /// Warnings to which something else happened.
    pub moved: usize,
}

/// Why nobody can be graded.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("no such rule pack holds on {0}")]
    NoPack(NaiveDate),
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error(
        "on a later day, or by newer rules, bodies are graded and warned already; `zhengxin assess --take-over` does it by these all the same"
    )]
    Behind,
    /// Others kept changing the same warnings and scores.
    #[error("other processes kept changing scores and warnings")]
    Busy,
    #[error("the frozen inputs of the assessment are not what was frozen")]
    Altered,
    #[error("the rule pack by which the assessment was made is not kept as it was")]
    PackLost,
}

/// How many bodies have which grade on a day, without anything being written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distribution {
    /// The pack's key, version and digest.
    pub pack: [String; 3],
    /// Code of each grade, the best first, with how many bodies have it.
    pub grades: Vec<(String, usize)>,
}

/// What came of somebody's doing something about a warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acted {
    /// It is in the log.
    Done,
    /// The viewer sees no such warning.
    Gone,
    /// It is for others to do.
    NotYours,
    /// Another version stands.
    Changed(i64),
    Refused(WarningRefused),
}

impl Assessing {
    /// Looks at all bodies.
    pub async fn assess_all(&self) -> Result<Assessment, Error> {
        self.live.catch_up().await?;
        let bodies: Vec<i64> = self.live.now().all_agencies().collect();
        self.assess(&bodies).await
    }

    /// Has these rules and this day judge, whatever newer ones did by mistake.
    pub async fn take_over(&self) -> Result<(), Error> {
        Ok(self.store.forget_bases().await?)
    }

    /// Looks at these bodies: their scores, and where they stand to the red lines. Twice over the same facts
    /// on one day it does nothing more.
    pub async fn assess(&self, bodies: &[i64]) -> Result<Assessment, Error> {
        let on = self.clock.today();
        if self.catalogue.assess.pack(None, on).is_none() {
            return Err(Error::NoPack(on));
        }
        tracing::debug!(bodies = bodies.len(), "looking at bodies");
        let mut sum = Assessment {
            bodies: bodies.len(),
            ..Assessment::default()
        };
        let mut batches = bodies.chunks(BODIES_PER_WRITE);
        let mut next = batches
            .next()
            .map(|bodies| (bodies, self.looking(bodies, on)));
        while let Some((bodies, found)) = next {
            let found = found.await.expect("looking does not panic");
            // While one batch is written the next is looked at.
            next = batches
                .next()
                .map(|bodies| (bodies, self.looking(bodies, on)));
            sum.add(self.write(bodies, found, on).await?);
        }
        self.live.catch_up().await?;
        Ok(sum)
    }

    /// Does something about a warning, for who sees it and knows its version.
    pub async fn act(
        &self,
        view: &View,
        warning: i64,
        version: i64,
        act: WarningAct,
        note: Option<String>,
    ) -> Result<Acted, Error> {
        self.live.catch_up().await?;
        let view = view.of(self.live.now());
        let Some(known) = view
            .warning_row(warning)
            .and_then(|row| view.warning_at(row))
        else {
            return Ok(Acted::Gone);
        };
        if known.version != version {
            return Ok(Acted::Changed(known.version));
        }
        let viewer = view.viewer();
        // Whoever is warned sets it right; closing it is for others.
        let supervises = matches!(act, WarningAct::Resolve | WarningAct::Dismiss);
        let body = view.present().agency(known.fact.agency);
        let is_own = || body.is_some_and(|body| self.decides_about_himself(&view, &body.fact.uscc));
        if !act.is_for(viewer.role) || supervises && is_own() {
            return Ok(Acted::NotYours);
        }
        let now = self.clock.now();
        let event = match known
            .fact
            .act(act, &viewer.subject, note, now, &self.catalogue.calendar)
        {
            Ok(event) => event,
            Err(refused) => return Ok(Acted::Refused(refused)),
        };
        let batch = Assessed {
            warnings: vec![event],
            ..Assessed::default()
        };
        let warned = self.warned(&batch.warnings);
        let rows = AssessedRows::of(batch, None).warning(warned);
        let done = self
            .store
            .write_assessed(AssessedBy::Person, rows, now)
            .await?;
        self.live.catch_up().await?;
        let standing = || {
            self.live
                .now()
                .warning(warning)
                .map_or(0, |known| known.version)
        };
        Ok(match done {
            Judged::Done => Acted::Done,
            Judged::Changed | Judged::Behind => Acted::Changed(standing()),
        })
    }

    /// How the bodies that are there on a day are graded as of it by what is known now, by a pack or the default one.
    pub fn distribution(&self, pack: Option<&str>, on: NaiveDate) -> Result<Distribution, Error> {
        let pack = self
            .catalogue
            .assess
            .pack(pack, on)
            .ok_or(Error::NoPack(on))?;
        let graph = self.live.now();
        let mut counts = vec![0; pack.grades.len()];
        let is_there = |body: &i64| {
            let known = graph.agency(*body);
            known.is_some_and(|known| known.fact.is_there(on))
        };
        for body in graph.all_agencies().filter(is_there) {
            let facts = graph.facts_of(body);
            let scored = facts.map(|facts| pack.evaluate(&facts, on));
            if let Some(place) = scored.and_then(|scored| pack.grade(&scored.grade)) {
                counts[place] += 1;
            }
        }
        let codes = pack.grades.iter().map(|grade| grade.code.clone());
        Ok(Distribution {
            pack: [pack.key.clone(), pack.version.clone(), pack.digest.clone()],
            grades: codes.zip(counts).collect(),
        })
    }

    fn casework(&self) -> Casework {
        Casework {
            store: self.store.clone(),
            live: Arc::clone(&self.live),
            catalogue: Arc::clone(&self.catalogue),
            clock: self.clock.clone(),
        }
    }

    /// Whether the viewer would decide about himself, where he decides about a body.
    fn decides_about_himself(&self, view: &View, body: &Uscc) -> bool {
        let casework = self.casework();
        casework.decides_about_himself(view.present(), view.viewer(), body)
    }

    /// The codes of those who are to hear of warnings, by their numbers, where a subscriber is told by that.
    fn warned(&self, events: &[WarningEvent]) -> HashMap<i64, Vec<String>> {
        if !self.store.asks_who_is_warned() {
            return HashMap::new();
        }
        let casework = self.casework();
        let graph = self.live.now();
        let code = |id: &i64| Some(graph.agency(*id)?.fact.uscc.to_string());
        let of = |event: &WarningEvent| {
            let warned = casework.warned(&graph, &event.after);
            (
                event.after.number(),
                warned.iter().filter_map(code).collect(),
            )
        };
        events.iter().map(of).collect()
    }

    /// Writes what was found of a batch; where others were quicker it is looked at anew.
    async fn write(
        &self,
        bodies: &[i64],
        mut looked: Looked,
        on: NaiveDate,
    ) -> Result<Assessment, Error> {
        let basis = self.catalogue.assess.basis(on);
        for _ in 0..TRIES_MAX {
            let (sum, rows) = looked;
            if rows.is_empty() {
                return Ok(sum);
            }
            let (by, now) = (AssessedBy::Rules(&basis), self.clock.now());
            match self.store.write_assessed(by, rows, now).await? {
                Judged::Done => return Ok(sum),
                Judged::Behind => return Err(Error::Behind),
                Judged::Changed => {}
            }
            self.live.catch_up().await?;
            let looking = self.looking(bodies, on);
            looked = looking.await.expect("looking does not panic");
        }
        Err(Error::Busy)
    }
}

impl Assessment {
    fn of(batch: &Assessed) -> Self {
        let count = |act: WarningAct| {
            let events = batch.warnings.iter();
            events.filter(|event| event.act == act).count()
        };
        let (raised, cleared) = (count(WarningAct::Raise), count(WarningAct::Clear));
        Self {
            bodies: 0,
            scored: batch.scores.len(),
            raised,
            cleared,
            moved: batch.warnings.len() - raised - cleared,
        }
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.bodies += other.bodies;
        self.scored += other.scored;
        self.raised += other.raised;
        self.cleared += other.cleared;
        self.moved += other.moved;
    }
}
