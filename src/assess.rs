//! Grading and warning: every body is scored by the default rule pack and held against the red lines, as a
//! whole each day and by each change; and each year it is assessed in a campaign (`docs/assessment.md`).

mod annual;

use std::{
    num::NonZero,
    sync::Arc,
    thread::{self, available_parallelism},
};

use chrono::NaiveDate;
use domain::{
    assess::{
        Facts, RedLine, RulePack, Scored, Standing, WINDOW_DAYS, Warning, WarningAct, WarningEvent,
        WarningRefused,
    },
    id::{Kind, stable_id},
};

use rust_decimal::Decimal;
use tokio::task::JoinHandle;

use crate::{
    catalogue::Catalogue,
    clock::Clock,
    graph::{Graph, Live, View},
    store::{self, Assessed, AssessedBy, AssessedRows, Known, NextScore, Store},
};

pub use annual::{CampaignDone, Decided, Opening, Replayed, Results};

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

/// What came of looking at a batch, and the rows that are to be written.
type Looked = (Assessment, AssessedRows);

/// By what bodies are graded on a day.
struct Measure<'a> {
    pack: &'a RulePack,
    lines: &'a [RedLine],
    on: NaiveDate,
}

impl Assessing {
    /// Looks at all bodies.
    pub async fn assess_all(&self) -> Result<Assessment, Error> {
        self.live.catch_up().await?;
        let bodies: Vec<i64> = self.live.now().all_agencies().collect();
        self.assess(&bodies).await
    }

    /// Looks at these bodies: their scores, and where they stand to the red lines. Twice over the same facts
    /// on one day it does nothing more.
    pub async fn assess(&self, bodies: &[i64]) -> Result<Assessment, Error> {
        let on = self.clock.today();
        if self.catalogue.assess.pack(None, on).is_none() {
            return Err(Error::NoPack(on));
        }
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
        let own = viewer
            .agency
            .and_then(|code| view.present().agency_by_code(&code));
        let is_own = own.is_some_and(|own| own.id == known.fact.agency);
        // Nobody decides about himself.
        let supervises = matches!(act, WarningAct::Resolve | WarningAct::Dismiss);
        if !act.is_for(viewer.role) || is_own && supervises {
            return Ok(Acted::NotYours);
        }
        let now = self.clock.now();
        let event = match known.fact.act(act, &viewer.subject, note, now) {
            Ok(event) => event,
            Err(refused) => return Ok(Acted::Refused(refused)),
        };
        let batch = Assessed {
            warnings: vec![event],
            ..Assessed::default()
        };
        let rows = AssessedRows::of(batch, None);
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
            true => Acted::Done,
            false => Acted::Changed(standing()),
        })
    }

    /// How bodies are graded as of a day by what is known now, by a pack or the default one.
    pub fn distribution(&self, pack: Option<&str>, on: NaiveDate) -> Result<Distribution, Error> {
        let pack = self
            .catalogue
            .assess
            .pack(pack, on)
            .ok_or(Error::NoPack(on))?;
        let graph = self.live.now();
        let mut counts = vec![0; pack.grades.len()];
        for body in graph.all_agencies() {
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

    fn looking(&self, bodies: &[i64], on: NaiveDate) -> JoinHandle<Looked> {
        let (this, bodies) = (self.clone(), bodies.to_vec());
        tokio::task::spawn_blocking(move || {
            let found = this.look(&bodies, on);
            let sum = Assessment::of(&found);
            let pack = this.catalogue.assess.pack(None, on);
            (sum, AssessedRows::of(found, pack.map(|pack| (pack, on))))
        })
    }

    /// Writes what was found of a batch; where others were quicker it is looked at anew.
    async fn write(
        &self,
        bodies: &[i64],
        mut looked: Looked,
        on: NaiveDate,
    ) -> Result<Assessment, Error> {
        for _ in 0..TRIES_MAX {
            let (sum, rows) = looked;
            let now = self.clock.now();
            if rows.is_empty()
                || self
                    .store
                    .write_assessed(AssessedBy::Rules, rows, now)
                    .await?
            {
                return Ok(sum);
            }
            self.live.catch_up().await?;
            let looking = self.looking(bodies, on);
            looked = looking.await.expect("looking does not panic");
        }
        Err(Error::Busy)
    }

    /// What is to change, over the newest version.
    fn look(&self, bodies: &[i64], on: NaiveDate) -> Assessed {
        let graph = self.live.now();
        let Some(pack) = self.catalogue.assess.pack(None, on) else {
            return Assessed::default();
        };
        let lines = &self.catalogue.assess.red_lines;
        let measure = Measure { pack, lines, on };
        let cores = available_parallelism().map_or(1, NonZero::get);
        let share = bodies.len().div_ceil(cores).max(1);
        thread::scope(|scope| {
            let parts: Vec<_> = bodies
                .chunks(share)
                .map(|part| scope.spawn(|| self.look_at(&graph, part, &measure)))
                .collect();
            let mut all = Assessed::default();
            for part in parts {
                let mut part = part.join().expect("looking does not panic");
                all.scores.append(&mut part.scores);
                all.warnings.append(&mut part.warnings);
            }
            all
        })
    }

    fn look_at(&self, graph: &Graph, bodies: &[i64], measure: &Measure<'_>) -> Assessed {
        let mut found = Assessed::default();
        for body in bodies {
            let Some(facts) = graph.facts_of(*body) else {
                continue;
            };
            let scored = measure.pack.evaluate(&facts, measure.on);
            let before = score_before(measure, &facts, WINDOW_DAYS);
            let known = (&facts, &scored, before);
            self.warn(graph, *body, known, measure, &mut found.warnings);
            let next = next_score(graph, *body, scored, before, measure.pack);
            found.scores.extend(next);
        }
        found
    }

    fn warn(
        &self,
        graph: &Graph,
        body: i64,
        (facts, scored, before): (&Facts<'_>, &Scored, Decimal),
        measure: &Measure<'_>,
        events: &mut Vec<WarningEvent>,
    ) {
        let (clues, cases) = (graph.clues_about(body), graph.open_cases_about(body));
        let score_before = |days: u32| match days {
            WINDOW_DAYS => before,
            days => score_before(measure, facts, days),
        };
        let standing = Standing {
            facts,
            clues: &clues,
            cases: &cases,
            pack: measure.pack,
            grade: &scored.grade,
            score: scored.score,
            score_before: &score_before,
        };
        let agency = graph.agency(body).map(|agency| &agency.fact);
        let name = agency.map_or("", |agency| &*agency.name);
        let is_gone = agency
            .and_then(|agency| agency.abolished_on)
            .is_some_and(|on| on <= measure.on);
        for line in measure.lines {
            // Nobody acts for a body that is abolished.
            let alarm = line.look(&standing, measure.on).filter(|_| !is_gone);
            let last = graph.last_warning(body, &line.code);
            events.extend(Warning::next(
                last.map(|last| &last.fact),
                alarm.as_ref(),
                line,
                (body, name, &scored.grade),
                &self.catalogue.calendar,
                (self.clock.now(), measure.on),
            ));
        }
        // A line may be drawn no longer, and of several by one line the cause is the newest one's alone.
        let is_drawn = |code: &str| measure.lines.iter().any(|line| line.code == code);
        let is_last = |warning: &Known<Warning>| {
            let last = graph.last_warning(body, &warning.fact.red_line);
            last.is_none_or(|last| last.id == warning.id)
        };
        let lost = graph.caused_warnings(body);
        let lost = lost.filter(|known| !is_drawn(&known.fact.red_line) || !is_last(known));
        events.extend(lost.map(|warning| warning.fact.cleared(self.clock.now())));
    }
}

/// The score of the same facts so many days before.
fn score_before(measure: &Measure<'_>, facts: &Facts<'_>, days: u32) -> Decimal {
    let before = measure
        .on
        .checked_sub_days(chrono::Days::new(u64::from(days)));
    measure
        .pack
        .evaluate(facts, before.unwrap_or(measure.on))
        .score
}

/// A body's score, where it is another than the one that stands.
fn next_score(
    graph: &Graph,
    body: i64,
    scored: Scored,
    before: Decimal,
    pack: &RulePack,
) -> Option<NextScore> {
    let contributions = serde_json::to_string(&scored).expect("a score is plain data");
    let content_hash = stable_id(
        Kind::Score,
        &[&pack.digest, &contributions, &before.to_string()],
    );
    let standing = graph.graded(body);
    if standing.is_some_and(|standing| standing.fact.content_hash == content_hash) {
        return None;
    }
    Some(NextScore {
        agency: body,
        version: standing.map_or(0, |standing| standing.version),
        score: scored.score,
        before,
        grade: scored.grade,
        contributions,
        content_hash,
    })
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

    fn add(&mut self, other: Self) {
        self.bodies += other.bodies;
        self.scored += other.scored;
        self.raised += other.raised;
        self.cleared += other.cleared;
        self.moved += other.moved;
    }
}
